import Foundation
import LedgerCore
import TestSupport
import Testing

/// What commands print, and how they end.
struct CommandOutputTests {
    private static let commands: [[String]] = [
        ["join"], ["sync"], ["status"], ["projects", "list"], ["projects", "show"], ["signup"],
        ["leave"], ["records", "import"], ["records", "list"], ["records", "show"],
        ["records", "erase"], ["contribute"], ["grant"], ["pause"], ["resume"], ["revoke"],
        ["authorizations"], ["points"], ["redeem"], ["activity"], ["receipt"], ["verify"],
        ["export"],
        ["devices", "list"], ["devices", "add"], ["devices", "remove"], ["devices", "compare"],
        ["witnesses"], ["study", "witnesses"],
        ["study", "keys"], ["study", "import"], ["study", "publish"],
        ["study", "amend"], ["study", "close"], ["study", "correct"], ["study", "split"],
        ["study", "list"], ["study", "review"], ["study", "use"], ["study", "run"],
    ]

    @Test(arguments: [
        ("en_US.UTF-8", "no node runs at", "try again"), ("zh_CN.UTF-8", "上没有运行节点", "稍后重试"),
    ])
    func `a node that does not run is named in a sentence with what to do next`(
        locale: String, why: String, next: String
    ) throws {
        let node = try TestNode()
        let member = try node.member("member")
        node.stop()
        let result = try member.run(["sync"], locale: locale)
        #expect(result.status == 3)
        for words in [why, next, String(node.address.dropFirst("http://".count))] {
            #expect(result.errors.contains(words), "\(result.errors)")
        }
        #expect(!result.errors.contains("errno"))
        // Scripts read English.
        let printed = try member.run(["sync", "--json"], locale: locale).json()
        #expect(printed["why"]?.string?.contains("no node runs at") == true, "\(printed)")
    }

    @Test(arguments: commands) func `every command has help and JSON`(command: [String]) throws {
        let result = try Programs.run("accord", command + ["--help"])
        #expect(result.status == 0)
        #expect(result.text.contains("USAGE: accord \(command.joined(separator: " "))"))
        #expect(result.text.contains("--json"))
        #expect(result.errors.isEmpty)
    }

    private static let endings: [(arguments: [String], status: Int32)] = [
        (["frobnicate"], 2), (["signup"], 2), (["grant", "x", "--kinds", "clinical"], 2),
        (["contribute", "x", "--records", "1", "--strike", "5-3"], 2), (["status"], 2),
        (["projects", "list"], 2), (["revoke", "x", "--erase", "--keep-anonymised"], 2),
        (["join", "short", "--node", "http://127.0.0.1:1"], 2),
        (["join", "QAYM-TSQ4-VHB4M", "--node", "no address"], 2),
        (["join", "QAYM-TSQ4-VHB4M", "--node", "http://127.0.0.1:1"], 3),
        (["verify", "/nowhere"], 2), (["study", "list"], 2),
        (["study", "run", "--every", "often"], 2),
    ]

    @Test(arguments: endings)
    func `wrong use and an unreachable node end differently`(arguments: [String], status: Int32)
        throws
    {
        let scratch = try Scratch()
        let result = try Programs.run(
            "accord", arguments, environment: ["ACCORD_HOME": scratch.file("home").path])
        #expect(result.status == status, "\(arguments): \(result.errors)")
        #expect(result.output.isEmpty)
        #expect(!result.errors.isEmpty)
    }

    @Test func `output that does not arrive fails, and a reader that went away does not`() throws {
        let scratch = try Scratch()
        let accord = Programs.folder.appending(path: "accord").path
        let home = ["ACCORD_HOME": scratch.file("home").path]
        for command in ["study new \"$1\"", "study new \"$1\" --json"] {
            let file = scratch.file("\(command.count).toml").path
            let full = try Programs.run(
                "/bin/sh", ["-c", "exec \"$0\" \(command) > /dev/full", accord, file],
                environment: home)
            #expect(full.status == 2)
            #expect(full.errors.contains("the output could not be written"), "\(full.errors)")
            #expect(FileManager.default.fileExists(atPath: file))
        }
        let node = Programs.folder.appending(path: "accord-node").path
        for (program, command) in [
            (accord, "--help"), (accord, "--version"), (accord, "grant --help"), (node, "--help"),
        ] {
            let full = try Programs.run(
                "/bin/sh", ["-c", "exec \"$0\" \(command) > /dev/full", program],
                environment: home)
            #expect(full.status == 2, "\(command)")
            #expect(full.errors.contains("output"), "\(full.errors)")
        }
        let unheard = try Programs.run(
            "/bin/sh", ["-c", "exec \"$0\" serve > /dev/full 2> /dev/full", node],
            environment: home)
        #expect(unheard.status == 2)
        for arguments in [["study", "new", scratch.file("gone.toml").path], ["--help"]] {
            let pipe = Pipe()
            try pipe.fileHandleForReading.close()
            let process = Process()
            process.executableURL = URL(filePath: accord)
            process.arguments = arguments
            process.environment = home.merging(["LANG": "en_US.UTF-8"]) { first, _ in first }
            process.standardOutput = pipe.fileHandleForWriting
            try process.run()
            process.waitUntilExit()
            #expect(process.terminationReason == .exit && process.terminationStatus == 0)
        }
    }

    @Test func `the keys of an institution are not written over another file`() throws {
        let scratch = try Scratch()
        let home = ["ACCORD_HOME": scratch.file("home").path]
        let file = try scratch.write("precious", to: "notes.txt")
        let keys = ["study", "keys", "--out"]
        #expect(try Programs.run("accord", keys + [file], environment: home).status == 2)
        #expect(try String(contentsOfFile: file, encoding: .utf8) == "precious")
        // The same keys again are no loss.
        let own = scratch.file("keys.json").path
        for _ in 0..<2 {
            #expect(try Programs.run("accord", keys + [own], environment: home).status == 0)
        }
    }

    @Test func `scripts read what is wrong with a key file in English in any language`() throws {
        let scratch = try Scratch()
        let config = scratch.file("home/config")
        try FileManager.default.createDirectory(
            at: config, withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700])
        try Data("nonsense = 5\n".utf8).write(to: config.appending(path: "keys.toml"))
        let home = scratch.file("home").path
        let said = try ["en_US.UTF-8", "zh_CN.UTF-8"].map { locale in
            try Programs.run(
                "accord", ["keys", "check", "--json"],
                environment: ["ACCORD_HOME": home, "LANG": locale]
            ).text
        }
        #expect(said[0].contains("keys.toml:"), "\(said)")
        #expect(said[0] == said[1])
    }

    @Test func `an invitation that does not exist is refused, and says so`() throws {
        let node = try TestNode()
        let person = Person(node: node, folder: "wei")
        let result = try person.run("join", "QAYM-TSQ4-VHB4M", "--node", node.address)
        #expect(result.status == 1)
        #expect(result.errors.contains("The node does not accept the code"))
    }

    /// Titles that try to move the cursor, ring, reorder, hide, or end a JSON string.
    private static let hostile =
        #"\u001b[2J\u001b]0;owned\u0007 \u009b31m\u202egnp.exe\u2066 a\u200bb \u007f \"} 中风患者 👩‍👩‍👧"#

    @Test(arguments: ["en_US.UTF-8", "zh_CN.UTF-8"])
    func `hostile text never reaches the terminal as controls`(locale: String) throws {
        let node = try TestNode()
        let team = try node.institution("institute")
        let file = try node.scratch.write(
            projectFile("nasty-1", title: Self.hostile), to: "nasty.json")
        let published = try team.run("study", "publish", file, "--node", node.address)
        #expect(published.status == 0, "\(published.errors)")
        let wei = try node.member("wei")
        let joined = try wei.run("signup", "nasty-1")
        #expect(joined.status == 0, "\(joined.errors)")
        let record = try node.scratch.write(
            #"{"resourceType":"Bundle","type":"collection","entry":[{"resource":{"resourceType":"Observation","status":"final","code":{"text":"\#(Self.hostile)"},"effectiveDateTime":"2026-01-01","valueString":"\#(Self.hostile)"}}]}"#,
            to: "evil\u{1b}[31m\u{202e}.json")
        let imported = try wei.run(["records", "import", record], locale: locale)
        #expect(imported.status == 0, "\(imported.errors)")
        for command in [
            ["projects", "list"], ["projects", "show", "nasty-1"], ["activity"],
            ["records", "list"], ["records", "show", "1"], ["projects", "show", "\u{1b}[31m"],
            ["records", "import", "/no\u{1b}[31mwhere"],
        ] {
            for option in [[], ["--json"]] {
                let result = try wei.run(command + option, locale: locale)
                expectHarmless(result.text, "\(command)")
                expectHarmless(result.errors, "\(command)")
            }
        }
        let shown = try wei.run(["projects", "list", "--json"], locale: locale).document()
        let title = (shown["projects"] as? [[String: Any]])?.first?["title"] as? [String: String]
        #expect(title?["en"]?.hasPrefix("\u{1b}[2J") == true)
        #expect(title?["en"]?.hasSuffix("中风患者 👩‍👩‍👧") == true)
    }

    private func expectHarmless(_ text: String, _ comment: Comment) {
        let harmful = text.unicodeScalars.filter { scalar in
            if scalar == "\n" { return false }
            switch scalar.properties.generalCategory {
            case .control, .lineSeparator, .paragraphSeparator, .privateUse: return true
            // The joiner inside an emoji is part of it.
            case .format: return scalar != "\u{200d}"
            default: return false
            }
        }
        #expect(harmful.isEmpty, comment)
    }

    @Test(.enabled(if: SharedData.isPresent, "\(SharedData.comment)"))
    func `five thousand real studies are imported, verified and listed`() throws {
        let node = try TestNode()
        let team = try node.institution("institute")
        let studies = try #require(SharedData.folder).appending(path: "studies").path
        let names = ["registry_titles.csv", "chictr_zh.ndjson", "eu_uk_registries.ndjson"]
        let files = (names + ["ctgov_v2", "ctgov_xml"]).map { "\(studies)/\($0)" }
        let counted = try team.run(["study", "import", "--dry-run", "--json"] + files)
        #expect(counted.status == 0, "\(counted.errors)")
        let count = try #require(try counted.json()["studies"]?.integer)
        #expect(count > 5_000)
        let imported = try team.run(
            ["study", "import", "--json", "--node", node.address] + files)
        #expect(imported.status == 0, "\(imported.errors)")
        #expect(try imported.json()["published"]?.integer == count)
        // Once more changes nothing.
        let again = try team.run(["study", "import", "--json"] + files)
        #expect(try again.json()["already_published"]?.integer == count)

        let wei = try node.member("wei")
        let listed = try wei.run("projects", "list", "--limit", "0")
        expectHarmless(listed.text, "projects list")
        #expect(listed.text.split(separator: "\n").count == Int(count))
        let found = try wei.run("projects", "list", "--search", "diabetes", "--json").document()
        #expect((10...1_000).contains(try #require(found["total"] as? Int)))
        let none = try wei.run("projects", "list", "--search", "qqqqzzzz")
        #expect(none.text == "no project found\n")
    }
}
