import Foundation
import RulesModel
import TerminalCore
import TestSupport
import Testing

/// What can be counted without a clock: bytes, wake-ups, memory, lost keys, survival.
///
/// `tuibench` with `Tests/tuibench/accord.json` measures the times.
@Suite(.serialized) struct TerminalFigureTests {
    private static let down = "\u{1B}OB"
    private static let up = "\u{1B}OA"
    private static let heading = "Projects · \(TerminalWorld.projectCount)"

    @Test func `a move sends the marker, a scrolled row only itself`() throws {
        let app = try TerminalWorld.openList()
        for _ in 0..<5 { #expect(app.bytes(for: Self.down) <= 30) }
        #expect(app.bytes(for: Self.up) <= 30)
        // A key that changes nothing sends nothing.
        for _ in 0..<2 { _ = app.bytes(for: "\u{1B}OH") }
        #expect(app.bytes(for: Self.up) == 0)
        app.type(String(repeating: Self.down, count: 25))
        app.settles()
        let row = app.cursorRow.utf8.count
        for _ in 0..<5 { #expect(app.bytes(for: Self.down) <= row + 100) }
        #expect(app.screen.unknown.isEmpty, "\(app.screen.unknown)")
    }

    @Test func `nothing is sent and nothing wakes up while nothing happens`() throws {
        let app = try TerminalWorld.openList()
        // The full minute and each new wait for news move something: the calmest of a few spans
        // counts, for what ticks is seen in all of them.
        var span = (bytes: Int.max, sleeps: Int.max)
        for _ in 0..<5 where span.bytes > 0 || span.sleeps > 3 {
            app.settles(quiet: 500)
            let (bytes, sleeps) = (app.byteCount, try app.sleeps())
            app.settles(quiet: 3_000)
            span = (app.byteCount - bytes, try app.sleeps() - sleeps)
        }
        #expect(span.bytes == 0 && span.sleeps <= 3, "\(span)")
    }

    @Test func `two thousand keys at once are all heard and painted a few times`() throws {
        let app = try TerminalWorld.openList()
        for _ in 0..<250 { app.type(Self.down) }
        app.settles()
        let wanted = app.cursorRow
        #expect(wanted.contains("▌") && wanted.contains("Sleep study"))
        app.type("\u{1B}OH")
        try app.waits { $0.rows[$0.cursor.row] != wanted }
        app.settles()
        let before = app.byteCount
        let waves = String(repeating: Self.down + Self.up, count: 875)
        app.type(waves + String(repeating: Self.down, count: 250))
        try app.waits { $0.rows[$0.cursor.row] == wanted }
        app.settles()
        #expect(app.cursorRow == wanted)
        #expect(app.byteCount - before < 40_000)
    }

    @Test func `the cursor stands on the selected row`() throws {
        let app = try TerminalWorld.openList()
        for place in "123456" {
            app.type(String(place))
            app.settles()
            guard app.screen.text.contains("▌") else { continue }
            #expect(app.screen.modes.contains(25) && app.cursorRow.contains("▌"), "\(place)")
        }
    }

    @Test func `any size is lived through, and the next frame is right`() throws {
        let app = try TerminalWorld.openList()
        let before = TerminalProgram.steadyRows(app.screen)
        var dice = SeededNumbers(state: 11)
        let sizes = [(1, 1), (20, 5), (300, 100), (2, 1), (1, 60), (300, 1)]
        for (columns, rows) in sizes
            + (0..<194).map({ _ in (1 + dice.below(300), 1 + dice.below(100)) })
        {
            app.resize(Size(columns: columns, rows: rows))
            app.settles(quiet: Int32(dice.below(12)))
        }
        app.resize(Size(columns: 80, rows: 24))
        try app.waits { TerminalProgram.steadyRows($0) == before }
        app.type("q")
        #expect(try app.ends() == 0)
    }

    @Test(arguments: [(1, 1), (20, 5)])
    func `a start in a tiny terminal comes right when it grows`(columns: Int, rows: Int) throws {
        let app = try TerminalWorld.open(size: Size(columns: columns, rows: rows))
        app.settles(quiet: 500)
        app.resize(Size(columns: 80, rows: 24))
        try app.waits(for: ": commands")
    }

    @Test(arguments: 1...3)
    func `garbage neither ends the app nor leaves it unusable`(seed: Int) throws {
        // Garbage decides things, even to remove the device: for somebody nobody else needs.
        let member = try TerminalWorld.shared.get().node.member("garbage-\(seed)")
        let app = try TerminalWorld.openList(["ACCORD_HOME": member.home])
        var dice = SeededNumbers(state: UInt64(seed))
        var sent = 0
        while sent < 65_536 {
            // Without q and ^C, which leave, ^Z, which suspends, and O, which goes offline.
            let piece = dice.garbage().filter { ![0x71, 0x03, 0x1A, 0x4F].contains($0) }
            app.type(bytes: piece)
            sent += piece.count
        }
        #expect(!app.hasEnded)
        app.type("\u{1B}[201~")
        for _ in 0..<8 {
            app.type("\u{1B}")
            app.settles(quiet: 80)
        }
        app.type("1")
        app.settles()
        app.type("2")
        // Garbage may have chosen another language.
        try app.waits { $0.text.contains(": commands") || $0.text.contains(": 命令") }
        #expect(app.screen.modes.isSuperset(of: [1049, 2004]))
    }

    @Test func `memory does not grow with moving about`() throws {
        let app = try TerminalWorld.openList(size: Size(columns: 120, rows: 40))
        func wander() {
            for place in "213456" { _ = app.bytes(for: String(place)) }
            app.type("2" + String(repeating: Self.down, count: 400))
            app.settles()
        }
        wander()
        let before = try app.measure("VmRSS", in: "status")
        for _ in 0..<4 { wander() }
        let after = try app.measure("VmRSS", in: "status")
        #expect(after - before < 8_192, "kB: \(before) to \(after)")
    }
}
