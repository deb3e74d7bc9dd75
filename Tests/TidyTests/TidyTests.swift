import Testing

/// The rules of STYLE.md that a machine can read off the sources.
struct TidyTests {
    private static let pureTargets: Set<String> = [
        "LedgerCore", "HealthRecords", "NodeAPI", "SyncCore", "TerminalCore", "Screens",
        "StudyImport",
    ]
    /// Modules of the toolchain that need no line in the manifest.
    private static let system: Set<String> = [
        "CryptoKit", "Dispatch", "Foundation", "FoundationEssentials", "FoundationNetworking",
        "FoundationXML", "Glibc", "RegexBuilder", "Synchronization", "Testing",
    ]
    /// What pure targets may take of them; these two read formats Foundation has parsers for.
    private static func systemOfPure(_ target: String) -> Set<String> {
        let parsers: Set<String> = ["Foundation", "FoundationEssentials", "FoundationXML"]
        switch target {
        // libxml2 and zlib work on the bytes they are given, and on nothing else.
        case "HealthRecords": return parsers.union(["CXML2", "CZlib"])
        case "StudyImport": return parsers
        // libqrencode turns a text into modules.
        case "Screens": return ["FoundationEssentials", "CQREncode"]
        default: return ["FoundationEssentials"]
        }
    }

    @Test func `the manifest is understood`() throws {
        let dependencies = try Manifest().dependencies
        let targets = Set(try SourceTree.files(in: "Sources").map(\.target))
        let system: Set<String> = [
            "CKeyring", "CProcess", "CNcursesw", "CQREncode", "CXML2", "CZip", "CZlib",
        ]
        #expect(targets.subtracting(system).isSubset(of: dependencies.keys))
        #expect(dependencies["StudyImport"] == ["LedgerCore"])
        #expect(dependencies["ClientStore"]?.contains("GRDB") == true)
        #expect(dependencies["TestSupport"]?.contains("Screens") == true)
    }

    @Test func `imports and declarations are found at all`() throws {
        let files = try SourceTree.files(in: "Sources")
        #expect(files.reduce(0) { $0 + $1.imports.count } > files.count / 4)
        #expect(files.reduce(0) { $0 + $1.places(where: isPackageDeclaration).count } > 300)
        let bare = SourceFile(
            target: "T", path: "T.swift",
            lines: ["/// Text.", "@A", "package var a", "package let b"])
        #expect(undocumented(bare) == ["T.swift:4"])
    }

    @Test(arguments: ["Sources", "Tests"])
    func `every import is a dependency of its target`(folder: String) throws {
        let dependencies = try Manifest().dependencies
        for file in try SourceTree.files(in: folder) {
            let allowed = dependencies[file.target, default: []]
            for (module, line) in file.imports where !Self.system.contains(module) {
                #expect(allowed.contains(module), "\(file.path):\(line) imports \(module)")
            }
        }
    }

    @Test func `pure targets import pure targets, cryptography and FoundationEssentials`() throws {
        for file in try SourceTree.files(in: "Sources") where Self.pureTargets.contains(file.target)
        {
            let allowed = Self.pureTargets.union(Self.systemOfPure(file.target)).union(["Crypto"])
            for (module, line) in file.imports {
                #expect(allowed.contains(module), "\(file.path):\(line) imports \(module)")
            }
        }
    }

    @Test func `adapters know each other only through the node's sequencer`() throws {
        let adapters: Set<String> = [
            "ClientStore", "NodeStore", "NodeClient", "CursesTerminal", "NodeServer",
        ]
        for (target, modules) in try Manifest().dependencies
        where adapters.contains(target) || ["SyncEngine", "NodeSequencer"].contains(target) {
            #expect(modules.isDisjoint(with: adapters), "\(target)")
        }
    }

    @Test(arguments: [
        "Date()", "Date.now", "Task.sleep", "SystemRandomNumberGenerator", ".random(",
        ".shuffled()", "Clock().now", "Clock.now", "UUID()",
    ])
    func `pure targets have no clock and no randomness`(call: String) throws {
        for file in try SourceTree.files(in: "Sources") where Self.pureTargets.contains(file.target)
        {
            let places = file.places { !$0.hasPrefix("//") && $0.contains(call) }
            #expect(places.isEmpty, "\(call) at \(places)")
        }
    }

    @Test(arguments: ["fatal" + "Error(", "try" + "!", "TO" + "DO", "FIX" + "ME"])
    func `nothing is left for later and nothing crashes on purpose`(word: String) throws {
        for file in try SourceTree.files(in: "Sources") + SourceTree.files(in: "Tests") {
            let places = file.places { $0.contains(word) }
            #expect(places.isEmpty, "\(word) at \(places)")
        }
    }

    @Test func `unchecked concurrency stays in the terminal adapter`() throws {
        for file in try SourceTree.files(in: "Sources") where file.target != "CursesTerminal" {
            let places = file.places {
                $0.contains("@unchecked Sendable") || $0.contains("nonisolated(unsafe)")
            }
            #expect(places.isEmpty, "\(places)")
        }
    }

    @Test func `every package declaration has a doc comment`() throws {
        for file in try SourceTree.files(in: "Sources") {
            let places = undocumented(file)
            #expect(places.isEmpty, "\(places)")
        }
    }

    /// Left to itself, SQLite takes the index of chains for these and reads a whole one.
    @Test func `entries of several kinds are looked for by the index of kinds`() throws {
        let queries = try SourceTree.files(in: "Sources").filter { $0.target == "ClientStore" }
            .flatMap { file in
                file.lines.joined(separator: " ").matches(
                    of: /FROM entry( +INDEXED BY \w+)? +WHERE chain = 1 AND kind IN/
                ).map { (path: file.path, index: $0.output.1) }
            }
        #expect(queries.count > 1)
        for query in queries {
            #expect(query.index?.hasSuffix(" entry_of_account_by_kind") == true, "\(query.path)")
        }
    }

    /// The places of package declarations without `///` above them and their attributes.
    private func undocumented(_ file: SourceFile) -> [String] {
        let lines = file.lines
        return lines.indices.compactMap { index in
            guard isPackageDeclaration(lines[index]) else { return nil }
            var above = index - 1
            while above >= 0, lines[above].hasPrefix("@") || lines[above].hasPrefix("#") {
                above -= 1
            }
            let isDocumented = above >= 0 && lines[above].hasPrefix("///")
            return isDocumented ? nil : "\(file.path):\(index + 1)"
        }
    }

    private func isPackageDeclaration(_ line: String) -> Bool {
        let words = line.split(separator: " ")
        guard let position = words.firstIndex(of: "package"),
            words[..<position].allSatisfy({ word in
                word.hasPrefix("@")
                    || ["final", "static", "nonisolated", "indirect", "mutating"]
                        .contains(word)
            })
        else { return false }
        let rest = words[(position + 1)...]
        return !rest.contains("import") && rest.first != "extension"
            && !rest.contains("override") && !line.hasPrefix("//")
    }
}
