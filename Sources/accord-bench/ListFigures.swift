import ClientRuntime
import Foundation
import LedgerCore
import Screens
import TerminalCore

/// The list of 5,000 projects: key to frame, key to screen, and the app at rest.
enum ListFigures {
    /// Keys of each kind; a hundred give a p95 of five.
    private static let keyCount = 100

    static func measure(in scratch: ScratchFolder) async throws -> [Figure] {
        let home = try await HomeFixture.prepared(in: scratch)
        let frames = try await inProcess(home)
        let screens = try await inTerminal(home)
        return frames + screens
    }

    // MARK: Without a terminal

    @MainActor
    private static func inProcess(_ home: HomeFixture) async throws -> [Figure] {
        let clock = RuntimeClock()
        let session = try MemberSession(
            folders: HomeFolders(root: URL(filePath: home.path, directoryHint: .isDirectory)),
            clock: clock, random: RandomSource(seed: 9),
            wiring: MemberSession.Wiring(connect: { _, _ in
                throw BenchFailure("no node here")
            }))
        let app = AppRuntime(
            settings: Settings(
                stage: session.stage, size: Size(columns: 80, rows: 24), now: session.clock.now),
            session: session, sink: CountingSink())
        app.start()
        app.press([.character("2")])
        guard app.frame.rows.contains(where: { $0.contains("Projects · 5") })
        else {
            throw BenchFailure(
                "not the list of projects:\n\(app.frame.rows.joined(separator: "\n"))")
        }
        let moves = times(app, (0..<keyCount).map { _ in Key.down })
        let pages = times(app, (0..<keyCount).map { _ in Key.pageDown })
        app.press([.character("/")])
        let words = Array("blood pressure 47 in twins")
        let typed = times(
            app,
            (0..<4).flatMap { _ in words.map { Key.character($0) } + words.map { _ in .backspace } }
        )
        await app.stop()
        return [("move", moves), ("page", pages), ("search letter", typed)].flatMap { name, times in
            [
                Figure("list: \(name) to frame, p50", times.median, "ms"),
                Figure("list: \(name) to frame, p95", times.percentile(0.95), "ms")
                    .wanting(atMost: 10),
            ]
        }
    }

    @MainActor
    private static func times(_ app: AppRuntime, _ keys: [Key]) -> [Double] {
        keys.map { key in Stopwatch.seconds { app.press([key]) } * 1000 }
    }

    /// A screen that only counts.
    @MainActor
    private final class CountingSink: FrameSink {
        let size = Size(columns: 80, rows: 24)
        var frames = 0

        func draw(_ frame: Frame) { frames += 1 }
        func useTheme(named name: String) {}
    }

    // MARK: In a terminal

    private static func inTerminal(_ home: HomeFixture) async throws -> [Figure] {
        let node = try await home.restartNode()
        let measured = try await Threads.run(1) { _ in try inTerminal(home.path) }
        try await node.stop()
        return measured[0]
    }

    private static func inTerminal(_ path: String) throws -> [Figure] {
        let terminal = try PseudoTerminal()
        let app = try AppProcess(
            try ChildProcess.sibling("accord"), home: path, terminal: terminal)
        defer { app.end() }
        let first = terminal.read(quiet: 1, limit: 10) { AppProcess.isFullScreen($0) }
        guard AppProcess.isFullScreen(first.bytes) else { throw BenchFailure("no full screen") }
        terminal.type("2")
        // Until the first round with the node is over and shown.
        _ = terminal.read(quiet: 2, limit: 20)
        let moves = try keys(terminal, "\u{1b}[B")
        let pages = try keys(terminal, "\u{1b}[6~")
        let searched = try search(terminal)
        _ = terminal.read(quiet: 2, limit: 10)
        let rest = atRest(terminal, app)
        return [("move", moves), ("page", pages), ("search letter", searched)].flatMap {
            name, times in
            [
                Figure("list: \(name) to screen, p50", times.median, "ms"),
                Figure("list: \(name) to screen, p95", times.percentile(0.95), "ms")
                    .wanting(atMost: 10),
            ]
        } + rest
    }

    /// From the write of a key to the last byte of what it changed.
    private static func keys(_ terminal: PseudoTerminal, _ key: String) throws -> [Double] {
        try (0..<keyCount).map { _ in try time(terminal, key) }
    }

    private static func search(_ terminal: PseudoTerminal) throws -> [Double] {
        terminal.type("/")
        _ = terminal.read(quiet: 0.2, limit: 2)
        return try "blood pressure 47 in twins".map { try time(terminal, String($0)) }
    }

    private static func time(_ terminal: PseudoTerminal, _ key: String) throws -> Double {
        let start = ContinuousClock.now
        terminal.type(key)
        let output = terminal.read(quiet: 0.02, limit: 2)
        guard let last = output.last else { throw BenchFailure("a key changed nothing") }
        return (last - start).seconds * 1000
    }

    /// Forty seconds in which nobody does anything: the wait for news is renewed in one or two of the
    /// four quarters, so the quieter two are without.
    private static func atRest(_ terminal: PseudoTerminal, _ app: AppProcess) -> [Figure] {
        // Not across the full minute, when the clock on the screen moves.
        let second = Date().timeIntervalSince1970.truncatingRemainder(dividingBy: 60)
        if second > 18 { _ = terminal.read(quiet: 62 - second, limit: 62 - second) }
        let quarters = (0..<4).map { _ in tenSeconds(terminal, app) }
        let wakeUps = quarters.map(\.wakeUps).sorted()
        return [
            Figure(
                "at rest: bytes written in 40 s",
                Double(quarters.reduce(0) { $0 + $1.writtenBytes }), "bytes"
            ).wanting(atMost: 0),
            Figure(
                "at rest: wake-ups in 10 s, waiting for news", Double(wakeUps[1]), ""
            ).wanting(atMost: 1),
            Figure(
                "at rest: wake-ups for a renewed wait for news, once in 25 s",
                Double(wakeUps[3]), ""),
        ]
    }

    private static func tenSeconds(_ terminal: PseudoTerminal, _ app: AppProcess)
        -> (wakeUps: Int, writtenBytes: Int)
    {
        var before = app.switches
        var total = (wakeUps: 0, writtenBytes: 0)
        // Threads that end take their count with them: look often.
        for _ in 0..<50 {
            total.writtenBytes += terminal.read(quiet: 0.2, limit: 0.2).bytes.count
            let now = app.switches
            for (thread, count) in now { total.wakeUps += count - (before[thread] ?? 0) }
            before = now
        }
        return total
    }
}
