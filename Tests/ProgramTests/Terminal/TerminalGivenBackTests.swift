import Foundation
import Glibc
import TerminalCore
import TestSupport
import Testing

/// However the app ends, the terminal is as it was.
@Suite(.serialized) struct TerminalGivenBackTests {
    private func expectGivenBack(_ app: TerminalProgram) {
        #expect(app.modes == app.modesBefore)
        #expect(app.screen.modes.subtracting([7]) == [25], "left on: \(app.screen.modes)")
        #expect(!app.screen.hasApplicationKeypad)
        #expect(app.screen.unknown.isEmpty, "\(app.screen.unknown)")
    }

    private func welcome(_ environment: [String: String] = [:]) throws -> (TerminalProgram, Scratch)
    {
        let scratch = try Scratch()
        let app = try TerminalProgram(
            "accord",
            environment: environment.merging(["ACCORD_HOME": scratch.url.path]) { $1 })
        try app.waits { $0.modes.contains(2004) || !environment.isEmpty }
        return (app, scratch)
    }

    @Test(arguments: [SIGTERM, SIGHUP, SIGINT, SIGSEGV, SIGABRT, SIGBUS])
    func `a signal that ends the app gives the terminal back first`(number: Int32) throws {
        let (app, _) = try welcome()
        #expect(app.screen.modes.isSuperset(of: [1049, 1002, 1006, 2004]))
        #expect(app.modes != app.modesBefore)
        app.signal(number)
        #expect(try app.ends() == -number)
        expectGivenBack(app)
    }

    @Test(arguments: [SIGTERM, SIGHUP])
    func `a signal that asks the app to end lets it close what it has open`(number: Int32) throws {
        let (app, scratch) = try welcome()
        app.signal(number)
        #expect(try app.ends() == -number)
        let latch = try String(
            contentsOf: scratch.url.appending(path: "data/store.lock"), encoding: .utf8)
        #expect(
            latch.hasPrefix("closed "), "the store is looked through at the next start: \(latch)")
        #expect(try Data(contentsOf: scratch.url.appending(path: "data/accord.sqlite-wal")).isEmpty)
    }

    @Test func `leaving gives the terminal back`() throws {
        let app = try TerminalWorld.openList()
        app.type("q")
        #expect(try app.ends() == 0)
        expectGivenBack(app)
    }

    @Test func `no key reaches the line discipline: each is a key like any other`() throws {
        let app = try TerminalWorld.openList()
        #expect(app.modes.local & tcflag_t(ISIG | IEXTEN | ICANON | ECHO) == 0)
        #expect(app.modes.input & tcflag_t(IXON | ICRNL) == 0)
        app.type("\u{1C}\u{13}\u{11}\u{16}")
        app.type("?")
        try app.waits { !$0.text.contains("Projects · \(TerminalWorld.projectCount)") }
        app.type("\u{1B}")
        try app.waits(for: "Projects · \(TerminalWorld.projectCount)")
        // ^C is the key that leaves: an exit, not an end by signal.
        app.type("\u{3}")
        #expect(try app.ends() == 0)
        expectGivenBack(app)
    }
}
