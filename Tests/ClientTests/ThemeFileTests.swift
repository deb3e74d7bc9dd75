import ClientRuntime
import Foundation
import LedgerCore
import Screens
import TerminalCore
import Testing

@Suite struct ThemeFileTests {
    private let english = Words(.english, now: Timestamp(milliseconds: 0))
    private let chinese = Words(.chinese, now: Timestamp(milliseconds: 0))

    static let shipped = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appending(path: "themes").path

    private func folder(_ files: [String: String]) throws -> String {
        let folder = FileManager.default.temporaryDirectory
            .appending(path: "themes-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        for (name, text) in files {
            try Data(text.utf8).write(to: folder.appending(path: name))
        }
        return folder.path
    }

    static let names = ThemeFile.names(in: [shipped])

    @Test(arguments: names)
    func `every text role of a shipped theme has the contrast of WCAG AA`(name: String) throws {
        let theme = try ThemeFile.load(name, in: [Self.shipped])
        for role in StyleRole.allCases.filter(\.isText) where name != "monochrome" {
            let contrast = try #require(theme.style(of: role).contrast)
            let least = name == "high-contrast" ? 7.0 : 4.5
            #expect(contrast >= least, "\(name): \(role.name) has \(contrast)")
        }
        for depth in [ColourDepth.indexed, .sixteen, .eight] {
            for role in StyleRole.allCases.filter(\.isText) where name != "monochrome" {
                let contrast = try #require(theme.style(of: role, depth: depth).contrast)
                #expect(contrast >= 3, "\(name), \(depth): \(role.name) has \(contrast)")
            }
        }
    }

    @Test(arguments: names)
    func `a check finds nothing wrong with a shipped theme`(name: String) {
        #expect(ThemeFile.check(path: Self.shipped + "/\(name).toml", in: []) == [])
    }

    @Test func `the themes promised are there`() {
        let promised: Set = [
            "dark", "light", "high-contrast", "monochrome", "colour-blind-dark",
            "colour-blind-light", "catppuccin-mocha", "nord", "gruvbox",
        ]
        #expect(promised.isSubset(of: Self.names))
    }

    @Test(arguments: ["colour-blind-dark", "colour-blind-light"])
    func `a colour-blind-safe theme never tells by red against green`(name: String) throws {
        let theme = try ThemeFile.load(name, in: [Self.shipped])
        for (done, failed) in [
            (StyleRole.statusOK, StyleRole.statusError), (.badgeOK, .badgeError),
        ] {
            let good = theme.style(of: done)
            let bad = theme.style(of: failed)
            let (first, second) =
                done == .badgeOK
                ? (good.background, bad.background) : (good.foreground, bad.foreground)
            let blue = try #require(first.components)
            let orange = try #require(second.components)
            // Blue–yellow is the axis that red- and green-blind people see.
            #expect(Int(blue.blue) - Int(blue.red) > 60)
            #expect(Int(orange.red) - Int(orange.blue) > 60)
        }
    }

    @Test func `a check tells every mistake, with what was meant`() throws {
        let folder = try folder([
            "t.toml": """
            "txet" = "#ffffff"
            "link" = { fg = "skye", modifers = [] }
            "key" = { modifiers = ["blod"] }
            [palette]
            sky = "#88ccff"
            """
        ])
        let problems = ThemeFile.check(path: folder + "/t.toml", in: [])
        #expect(problems.map(\.line).sorted() == [1, 2, 2, 3])
        let told = problems.map { $0.text(english).string }.joined(separator: "\n")
        for word in ["\"text\"", "\"sky\"", "\"modifiers\"", "\"bold\""] {
            #expect(told.contains("did you mean \(word)?"), "\(told)")
        }
    }

    @Test func `a check tells text of low contrast with its line`() throws {
        let folder = try folder([
            "t.toml": "\"text\" = { fg = \"#ffffff\", bg = \"#000000\" }\n\"link\" = \"#444444\"\n"
        ])
        let problems = ThemeFile.check(path: folder + "/t.toml", in: [])
        #expect(problems.map(\.line) == [2])
        #expect(problems.first?.reason == .faint(role: "link", contrast: 2.1))
    }

    @Test func `every shipped theme loads, and monochrome has no colour`() throws {
        let names = ThemeFile.names(in: [Self.shipped])
        #expect(names.contains("monochrome"))
        for name in names { _ = try ThemeFile.load(name, in: [Self.shipped]) }
        let theme = try ThemeFile.load("monochrome", in: [Self.shipped])
        #expect(StyleRole.allCases.allSatisfy { theme.style(of: $0).foreground == .terminal })
    }

    @Test func `a theme's palette colours the roles it inherits`() throws {
        let folder = try folder([
            "a.toml": "\"link\" = { fg = \"x\" }\n[palette]\nx = \"#111111\"\n",
            "b.toml": "inherits = \"a\"\n\"key\" = \"x\"\n[palette]\nx = \"#222222\"\n",
        ])
        let theme = try ThemeFile.load("b", in: [folder])
        #expect(theme.styles[.link]?.foreground == .rgb(0x22, 0x22, 0x22))
        #expect(theme.styles[.key]?.foreground == .rgb(0x22, 0x22, 0x22))
    }

    @Test(arguments: [
        ("\n\"text\" = { fg = ", 2), ("\"text\" = 1\n", 1), ("\n\n\"nothing\" = \"red\"\n", 3),
        ("\"text\" = \"#12\"\n", 1), ("\"text\" = { fog = \"red\" }\n", 1),
        ("\"text\" = { modifiers = [\"loud\"] }\n", 1), ("[palette]\nx = \"y\"\n", 2),
    ])
    func `a mistake is reported with file and line`(text: String, line: Int) throws {
        let folder = try folder(["t.toml": text])
        let failure = #expect(throws: ThemeProblem.self) {
            try ThemeFile.load("t", in: [folder])
        }
        #expect(failure?.isMissingFile == false)
        #expect(failure?.line == line)
        #expect(failure?.file == folder + "/t.toml")
    }

    @Test(arguments: ["missing", "../dark", "", "a/b"])
    func `a name that is no theme is refused`(name: String) {
        let failure = #expect(throws: ThemeProblem.self) {
            try ThemeFile.load(name, in: [Self.shipped])
        }
        #expect(failure?.isMissingFile == true)
    }

    @Test func `themes that inherit in a circle are refused`() throws {
        let folder = try folder([
            "a.toml": "inherits = \"b\"\n", "b.toml": "inherits = \"a\"\n",
        ])
        #expect(throws: ThemeProblem.self) { try ThemeFile.load("a", in: [folder]) }
    }

    @Test func `folders are searched from the person's own to the program's`() {
        let program = Self.shipped.replacing("/themes", with: "/.build/debug/accord")
        let folders = ThemeFile.folders(
            environment: ["ACCORD_THEMES": "/t", "ACCORD_HOME": "/h"], executable: program)
        #expect(folders.prefix(2) == ["/t", "/h/config/themes"])
        #expect(folders.last == Self.shipped)
    }
}
