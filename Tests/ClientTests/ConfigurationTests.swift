import ClientRuntime
import Foundation
import Screens
import TerminalCore
import Testing

/// `config.toml` and `keys.toml`, as files.
@Suite struct ConfigurationTests {
    private func file(_ text: String, _ name: String = "config.toml") throws -> URL {
        let folder = FileManager.default.temporaryDirectory
            .appending(path: "configuration-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let file = folder.appending(path: name)
        try Data(text.utf8).write(to: file)
        return file
    }

    private func lines(_ problems: [ConfigurationProblem]) -> [Int] { problems.map(\.line) }

    // MARK: config.toml

    @Test func `every setting is read`() throws {
        let file = try file(
            """
            node = "http://127.0.0.1:1"
            name = "Wei"
            locale = "zh"
            theme = "nord"
            selection = "bar"
            reduced_motion = true
            ambiguous_width = 2
            mouse = false
            digits = "count"
            lock_after = 5
            links = ["clinicaltrials.gov", "www.chictr.org.cn:443"]
            """)
        let profile = try Profile.read(from: file)
        #expect(profile.problems == [])
        let look = profile.preferences(language: .english, theme: "dark")
        #expect(look.theme == "nord")
        #expect(look.language == .chinese)
        #expect(look.ambiguous == .two)
        #expect(look.marksByBar && look.reducesMotion && look.digitsCount && !look.usesMouse)
        #expect(look.lockAfterMinutes == 5)
        #expect(look.linkHosts == ["clinicaltrials.gov", "www.chictr.org.cn:443"])
        #expect(profile.node == "http://127.0.0.1:1")
    }

    @Test func `what is wrong is told with its line, and defaults hold`() throws {
        let file = try file(
            """
            # mine
            themme = "nord"
            mouse = "yes"
            lock_after = -1
            ambiguous_width = 3
            links = ["ok.org", "http://not a host/"]
            name = "Wei"
            """)
        let profile = try Profile.read(from: file)
        #expect(lines(profile.problems) == [2, 3, 4, 5, 6])
        #expect(profile.problems.first?.reason == .unknownSetting("themme", meant: "theme"))
        #expect(profile.look == Preferences())
        #expect(profile.name == "Wei")
    }

    @Test func `a file that is no TOML gives defaults, its line, and is not overwritten`() throws {
        let text = "theme = \"nord\"\nname = \n"
        let file = try file(text)
        var profile = try Profile.read(from: file)
        #expect(lines(profile.problems) == [2])
        #expect(profile.theme == nil)
        profile.theme = "dark"
        #expect(throws: HomeError.self) { try profile.write(to: file) }
        #expect(try String(contentsOf: file, encoding: .utf8) == text)
    }

    @Test func `writing keeps comments, order and what was not changed`() throws {
        let file = try file(
            """
            # my settings
            theme = "dark"  # at night
            # who I am
            name = "Wei"
            links = [
              "a.org",
            ]

            # later
            [somebody.else]
            theme = "kept"
            """)
        var profile = try Profile.read(from: file)
        let former = profile.preferences(language: .english, theme: "dark")
        var changed = former
        changed.usesMouse = false
        profile.adopt(changed, from: former)
        profile.node = "http://\"x\"\\"
        try profile.write(to: file)
        #expect(
            try String(contentsOf: file, encoding: .utf8) == """
                # my settings
                theme = "dark"  # at night
                # who I am
                name = "Wei"
                links = [
                  "a.org",
                ]
                node = "http://\\"x\\"\\\\"
                mouse = false

                # later
                [somebody.else]
                theme = "kept"

                """)
        let again = try Profile.read(from: file)
        #expect(again.node == "http://\"x\"\\")
        #expect(again.locale == nil)
        #expect(again.look.linkHosts == ["a.org"])
    }

    @Test func `a file that begins with a byte order mark is changed as any other`() throws {
        let file = try file("\u{FEFF}theme = \"nord\"\n")
        var profile = try Profile.read(from: file)
        #expect(profile.problems == [] && profile.theme == "nord")
        profile.theme = "dark"
        profile.node = "http://b"
        try profile.write(to: file)
        #expect(
            try Data(contentsOf: file)
                == Data("\u{FEFF}theme = \"dark\"\nnode = \"http://b\"\n".utf8))
    }

    @Test(arguments: [
        "\"node\" = \"http://a\"\n", "theme = \"\"\"\nnord\"\"\"\n",
    ])
    func `a file whose settings are not found is not made one that is no TOML`(text: String)
        throws
    {
        let file = try file(text)
        var profile = try Profile.read(from: file)
        #expect(profile.problems == [])
        profile.node = "http://b"
        profile.theme = "dark"
        #expect(throws: HomeError.self) { try profile.write(to: file) }
        #expect(try String(contentsOf: file, encoding: .utf8) == text)
    }

    @Test(arguments: ["\n", "\r\n"])
    func `what strings say is no part of the file's own text`(end: String) throws {
        let others = [
            "links = [ # \"]",
            "  'a.org', # ]",
            "]",
            "# [mine]",
            "later = \"\"\"",
            "theme = 1",
            "[x] \\\"\"\"\"\"",
            "odd = '\\' # \"",
            "",
            "[table]",
            "name = 'kept'",
        ]
        let file = try file(
            (["name = \"A [b\" # who"] + others).map { $0 + end }.joined())
        var profile = try Profile.read(from: file)
        #expect(profile.name == "A [b" && profile.look.linkHosts == ["a.org"])
        profile.name = "B"
        profile.theme = "dark"
        try profile.write(to: file)
        let expected =
            (["name = \"B\" # who"] + others[..<8]).map { $0 + end }.joined()
            + "theme = \"dark\"\n" + others[8...].map { $0 + end }.joined()
        #expect(try String(contentsOf: file, encoding: .utf8) == expected)
        #expect(try Profile.read(from: file).look.linkHosts == ["a.org"])
    }

    @Test func `a file that is kept behind a link is changed there`() throws {
        let kept = try file("name = \"Wei\"\n", "dotfile")
        let link = try file("").deletingLastPathComponent().appending(path: "linked.toml")
        try FileManager.default.createSymbolicLink(
            atPath: link.path, withDestinationPath: kept.path)
        var profile = try Profile.read(from: link)
        profile.theme = "dark"
        try profile.write(to: link)
        #expect(
            try FileManager.default.destinationOfSymbolicLink(atPath: link.path) == kept.path)
        #expect(
            try String(contentsOf: kept, encoding: .utf8) == "name = \"Wei\"\ntheme = \"dark\"\n")
    }

    @Test func `what was shown and not chosen is not kept with the next change`() async throws {
        let folder = FileManager.default.temporaryDirectory
            .appending(path: "configuration-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        let session = try MemberSession(
            folders: HomeFolders(root: folder), clock: RuntimeClock(at: TestMember.now),
            random: RandomSource(seed: 7),
            wiring: .init(connect: { _, _ in throw VaultError.missing }))
        // As for  accord --plain --locale zh --theme light.
        var shown = session.configuration(language: .english, theme: "dark").preferences
        shown.language = .chinese
        shown.theme = "light"
        shown.reducesMotion = true
        session.show(shown)
        shown.usesMouse = false
        _ = await session.perform(.keepPreferences(shown))
        let file = session.folders.profileFile
        #expect(try String(contentsOf: file, encoding: .utf8) == "mouse = false\n")
        shown.theme = "nord"
        _ = await session.perform(.keepPreferences(shown))
        let kept = try Profile.read(from: file)
        #expect(kept.theme == "nord" && kept.locale == nil && !kept.look.reducesMotion)
    }

    private func session(_ folder: URL) throws -> MemberSession {
        try MemberSession(
            folders: HomeFolders(root: folder), clock: RuntimeClock(at: TestMember.now),
            random: RandomSource(seed: 7),
            wiring: .init(connect: { _, _ in throw VaultError.missing }))
    }

    @Test func `what was written beside the app stays when a setting is changed in it`()
        async throws
    {
        let folder = FileManager.default.temporaryDirectory
            .appending(path: "configuration-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        let (app, other) = (try session(folder), try session(folder))
        var look = app.configuration(language: .english, theme: "dark").preferences
        var wish = other.configuration(language: .english, theme: "dark").preferences
        wish.asksSecret = true
        wish.lockAfterMinutes = 5
        _ = await other.perform(.keepPreferences(wish))
        try other.changeProfile { $0.node = "http://127.0.0.1:1" }
        look.usesMouse = false
        _ = await app.perform(.keepPreferences(look))
        let kept = try Profile.read(from: app.folders.profileFile)
        #expect(kept.look.asksSecret && kept.look.lockAfterMinutes == 5 && !kept.look.usesMouse)
        #expect(kept.node == "http://127.0.0.1:1")
        #expect(app.profile == kept)
        // What is turned back here is turned back, whoever turned it on.
        look.usesMouse = true
        _ = await app.perform(.keepPreferences(look))
        #expect(try Profile.read(from: app.folders.profileFile).look.usesMouse)
    }

    @Test func `while the file is half written what was chosen holds, and none of it gets lost`()
        async throws
    {
        let folder = FileManager.default.temporaryDirectory
            .appending(path: "configuration-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        let chosen = "node = \"http://127.0.0.1:1\"\nname = \"Wei\"\nconfirm_grants = true\n"
        let app = try session(folder)
        let file = app.folders.profileFile
        try Data(chosen.utf8).write(to: file)
        _ = await app.perform(.rereadConfiguration)
        #expect(app.profile.look.asksSecret)
        try Data((chosen + "theme = \n").utf8).write(to: file)
        _ = await app.perform(.rereadConfiguration)
        #expect(app.profile.look.asksSecret && app.profile.node == "http://127.0.0.1:1")
        #expect(lines(app.profile.problems) == [4])
        var look = app.configuration(language: .english, theme: "dark").preferences
        look.usesMouse = false
        guard case .failed = await app.perform(.keepPreferences(look)) else {
            Issue.record("a file that is no TOML was changed")
            return
        }
        // Mended by hand, and read only with the next change.
        try Data(chosen.utf8).write(to: file)
        _ = await app.perform(.keepPreferences(look))
        #expect(try String(contentsOf: file, encoding: .utf8) == chosen + "mouse = false\n")
    }

    @Test func `a wish with a wrong value is told until it is set right, whatever else is changed`()
        throws
    {
        let text = "confirm_grants = \"yes\"  # please\nlock_after = 5000\nmouse = \"no\"\n"
        let file = try file(text)
        var profile = try Profile.read(from: file)
        #expect(lines(profile.problems) == [1, 2, 3])
        let former = profile.preferences(language: .english, theme: "dark")
        var changed = former
        changed.usesMouse = false
        profile.adopt(changed, from: former)
        try profile.write(to: file)
        #expect(
            try String(contentsOf: file, encoding: .utf8)
                == text.replacing("\"no\"", with: "false"))
        #expect(try lines(Profile.read(from: file).problems) == [1, 2])
    }

    @Test func `a first write makes a file that says no more than was chosen`() throws {
        let file = try file("")
        var profile = Profile(name: "韦")
        let former = profile.preferences(language: .chinese, theme: "dark")
        var changed = former
        changed.theme = "light"
        profile.adopt(changed, from: former)
        try profile.write(to: file)
        #expect(
            try String(contentsOf: file, encoding: .utf8) == "name = \"韦\"\ntheme = \"light\"\n")
    }

    @Test func `names stand in the order of the language`() {
        let names = ["中风", "安全", "北京", "file10", "file9", "eagle", "Émile", "Zebra"]
        #expect(
            names.sorted(by: Collation(.chinese).isBefore)
                == ["安全", "北京", "中风", "eagle", "Émile", "file9", "file10", "Zebra"])
        #expect(
            names.sorted(by: Collation(.english).isBefore).prefix(5)
                == ["eagle", "Émile", "file9", "file10", "Zebra"])
    }

    // MARK: keys.toml

    @Test func `keys are read by part and action`() throws {
        let file = try file(
            """
            [projects]
            sign-up = "S"
            [everywhere]
            help = ["?", "F2", "Ctrl+H"]
            """, "keys.toml")
        let (map, problems) = KeysFile.read(from: file)
        #expect(problems == [])
        #expect(map.keys[.projects] == ["sign-up": [.character("S")]])
        #expect(
            map.keys[.everywhere] == ["help": [.character("?"), .function(2), .control("h")]])
    }

    @Test func `unknown names and conflicts are told with their lines and what was meant`() throws {
        let file = try file(
            """
            [projcts]
            sign-up = "S"
            [projects]
            sing-up = "S"
            leave = "Enterr"
            pause = "z"
            revoke = "z"
            contribute = "p"
            [activity]
            proof = "Escape"
            open = 5
            [lists]
            down = "Ctrl+D"
            """, "keys.toml")
        let (map, problems) = KeysFile.read(from: file)
        let reasons = problems.map(\.reason)
        #expect(lines(problems) == [1, 4, 5, 7, 10, 11, 13])
        #expect(reasons.contains(.unknownScope("projcts", meant: "projects")))
        #expect(reasons.contains(.unknownAction("sing-up", scope: .projects, meant: "sign-up")))
        #expect(reasons.contains(.unknownKey("Enterr", meant: "Enter")))
        #expect(reasons.contains(.conflict(key: "z", first: "pause", second: "revoke")))
        #expect(reasons.contains(.keyless(action: "half-down", key: "Ctrl+D")))
        #expect(map.keys[.projects]?["contribute"] == [.character("p")])
    }

    @Test func `a letter for what stands only where text is typed is told and left out`() throws {
        let file = try file(
            """
            [welcome]
            unlock = "u"
            join = ["F5", "j"]
            [sheets]
            run = "x"
            search = "s"
            """, "keys.toml")
        let (map, problems) = KeysFile.read(from: file)
        #expect(
            problems.map(\.reason) == [
                .typed(action: "unlock", key: "u"), .typed(action: "join", key: "j"),
                .typed(action: "run", key: "x"),
            ])
        #expect(lines(problems) == [2, 3, 5])
        let told = problems.first?.text(Words(.english, now: TestMember.now)).string ?? ""
        #expect(told.contains("u types text where \"unlock\" is used"), "\(told)")
        #expect(map.keys[.welcome] == ["join": [.function(5)]])
        #expect(map.keys[.sheets] == ["search": [.character("s")]])
    }

    @Test func `without a file nothing is changed`() {
        let (map, problems) = KeysFile.read(from: URL(filePath: "/nowhere/keys.toml"))
        #expect(map == KeyMap() && problems.isEmpty)
    }
}
