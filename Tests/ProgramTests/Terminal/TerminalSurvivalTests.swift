import Foundation
import Glibc
import TerminalCore
import TestSupport
import Testing

/// Terminals of every sort, the shell's job control, and how fast the terminal is given back.
@Suite(.serialized) struct TerminalSurvivalTests {
    private static let down = "\u{1B}OB"

    @Test(arguments: ["xterm-256color", "tmux-256color", "screen-256color", "linux", "vt100"])
    func `the app can be used in a terminal of this kind`(term: String) throws {
        let app = try TerminalWorld.open(["TERM": term])
        try app.waits(for: ": commands")
        app.type("2")
        try app.waits(for: "Sleep study 1 ")
        app.settles(quiet: 400)
        let before = app.cursorRow
        #expect(before.contains("Sleep study"), "\(app.screen.text)")
        app.type(Self.down)
        try app.waits { $0.rows[$0.cursor.row] != before }
        #expect(app.cursorRow.contains("Sleep study"), "\(app.screen.text)")
        app.type("?")
        try app.waits(for: "esc close")
        app.type("\u{1B}")
        try app.waits { !$0.text.contains("esc close") }
        app.type("q")
        #expect(try app.ends() == 0)
        #expect(app.modes == app.modesBefore)
    }

    @Test(arguments: [("nonsense", "nonsense"), ("dumb", "cannot place text")])
    func `a terminal that shows nothing is told so, and left as it was`(
        term: String, words: String
    ) throws {
        let scratch = try Scratch()
        // The app itself speaks in lines to a dumb terminal; a shared screen cannot.
        let arguments = term == "dumb" ? ["kiosk", "--node", "http://127.0.0.1:1"] : []
        let app = try TerminalProgram(
            "accord", arguments + ["--locale", "en"],
            environment: ["ACCORD_HOME": scratch.url.path, "TERM": term])
        #expect(try app.ends() == 2)
        #expect(app.screen.text.contains(words), "\(app.screen.text)")
        #expect(app.modes == app.modesBefore)
        #expect(app.screen.modes == [25])
    }

    @Test func `to the shell and back, by its own key`() throws {
        let member = try TerminalWorld.shared.get()
        let accord = Programs.folder.appending(path: "accord").path
        // A shell with job control, as people have it.
        let script = "set -m; \(accord); echo to the shell; read line; fg > /dev/null; echo over"
        let shell = try TerminalProgram(
            "/bin/bash", ["--norc", "-c", script], environment: ["ACCORD_HOME": member.home])
        try shell.waits(for: ": commands")
        shell.type("2")
        try shell.waits(for: "Projects · \(TerminalWorld.projectCount)")
        shell.settles()
        let before = TerminalProgram.steadyRows(shell.screen)
        shell.type("\u{1A}")
        try shell.waits(for: "to the shell")
        #expect(!shell.screen.modes.contains(1049))
        #expect(shell.modes == shell.modesBefore)
        shell.type("\n")
        try shell.waits { $0.modes.contains(1049) && TerminalProgram.steadyRows($0) == before }
        shell.type("?")
        try shell.waits(for: "esc close")
        shell.type("\u{1B}")
        try shell.waits { !$0.text.contains("esc close") }
        shell.type("q")
        try shell.waits(for: "over")
        #expect(try shell.ends() == 0)
        #expect(shell.modes == shell.modesBefore)
    }

    @Test func `where nobody could continue it, the app goes on at once`() throws {
        let app = try TerminalWorld.openList()
        let before = TerminalProgram.steadyRows(app.screen)
        app.type("\u{1A}")
        app.settles()
        try app.waits { $0.modes.contains(1049) && TerminalProgram.steadyRows($0) == before }
        app.type("q")
        #expect(try app.ends() == 0)
    }

    @Test(arguments: [SIGTERM, SIGHUP])
    func `a signal gives the terminal back within 50 ms`(number: Int32) throws {
        // The machine may be busy: the fastest of a few counts.
        var fastest = Double.infinity
        for _ in 0..<5 where fastest > 0.05 {
            let app = try TerminalWorld.openList()
            let start = ContinuousClock.now
            app.signal(number)
            while app.modes != app.modesBefore {
                try #require(start.duration(to: .now) < .seconds(5), "never given back")
            }
            let passed = start.duration(to: .now)
            fastest = min(
                fastest,
                Double(passed.components.seconds) + Double(passed.components.attoseconds) * 1e-18)
            #expect(try app.ends() == -number)
            #expect(!app.screen.modes.contains(1049))
        }
        #expect(fastest <= 0.05)
    }
}
