import Foundation

/// A Swift file of the project.
struct SourceFile: Sendable {
    /// The target it belongs to, named like its folder.
    let target: String
    /// The path below the root of the project.
    let path: String
    /// The lines, from the first, without the white space around them.
    let lines: [String]

    /// Returns `path:line` for every line the test holds for.
    func places(where isHit: (_ trimmedLine: String) -> Bool) -> [String] {
        lines.enumerated().compactMap { index, line in
            isHit(line) ? "\(path):\(index + 1)" : nil
        }
    }

    /// The modules it imports, with the line of each, from 1.
    var imports: [(module: String, line: Int)] {
        lines.enumerated().compactMap { index, line in
            let words = line.split(separator: " ")
            guard let position = words.firstIndex(of: "import"), position + 1 < words.count,
                words[..<position].allSatisfy(SourceFile.isImportModifier)
            else { return nil }
            return (String(words[position + 1].prefix { $0 != "." }), index + 1)
        }
    }

    private static func isImportModifier(_ word: Substring) -> Bool {
        word.hasPrefix("@")
            || ["package", "public", "private", "fileprivate", "internal"].contains(word)
    }
}

/// The files of the project, read once.
enum SourceTree {
    /// The root of the project.
    static let root = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    private static let sources = Result { try read("Sources") }
    private static let tests = Result { try read("Tests") }

    /// Returns all Swift files of the folder `Sources` or `Tests`, sorted by path.
    static func files(in folder: String) throws -> [SourceFile] {
        try (folder == "Sources" ? sources : tests).get()
    }

    private static func read(_ folder: String) throws -> [SourceFile] {
        let base = root.appending(path: folder)
        guard let walk = FileManager.default.enumerator(atPath: base.path) else {
            throw CocoaError(.fileNoSuchFile)
        }
        let paths = walk.compactMap { $0 as? String }.filter { $0.hasSuffix(".swift") }.sorted()
        return try paths.compactMap { path in
            guard let target = path.split(separator: "/").first else { return nil }
            let text = try String(contentsOf: base.appending(path: path), encoding: .utf8)
            return SourceFile(
                target: String(target), path: "\(folder)/\(path)",
                lines: text.components(separatedBy: "\n").map {
                    $0.trimmingCharacters(in: .whitespaces)
                })
        }
    }
}

/// What `Package.swift` says of its targets, read as text.
struct Manifest {
    /// The modules a target may import: its own targets and products, by its name.
    let dependencies: [String: Set<String>]

    /// Reads the manifest of the project.
    init() throws {
        let url = SourceTree.root.appending(path: "Package.swift")
        let text = try String(contentsOf: url, encoding: .utf8)
        var products = [Substring: Substring]()
        let product = #/let (\w+): Target\.Dependency = \.product\(\s*name: "(\w+)"/#
        for match in text.matches(of: product) { products[match.1] = match.2 }
        var dependencies = [String: Set<String>]()
        let target =
            #/(?:layer|program|tests)\(\s*"([\w-]+)"(?:,\s*\[([^\]]*)\])?(?:,\s*exclude: \[[^\]]*\])?(?:,\s*(?:linkerS|s)ettings: \w+)?\s*\)|\.(?:executableT|t)arget\(\s*name: "(\w+)",\s*dependencies: \[([^\]]*)\]/#
        for match in text.matches(of: target) {
            guard let name = match.1 ?? match.3 else { continue }
            let list = match.2 ?? match.4 ?? ""
            let names = list.split { $0 == "," || $0.isWhitespace }.map { word in
                word.hasPrefix("\"")
                    ? String(word.dropFirst().dropLast()) : String(products[word] ?? word)
            }
            dependencies[String(name)] = Set(names)
        }
        self.dependencies = dependencies
    }
}
