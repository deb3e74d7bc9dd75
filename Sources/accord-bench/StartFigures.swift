import Foundation

/// From the start of the program to its first full screen, with a full local store and no node.
enum StartFigures {
    /// Enough rounds for a median; the first is not counted, it fills the caches of the disk.
    private static let rounds = 11

    static func measure(in scratch: ScratchFolder) async throws -> [Figure] {
        let home = try await HomeFixture.prepared(in: scratch).path
        let program = try ChildProcess.sibling("accord")
        _ = try firstScreen(program, home)
        var bare = PairedRounds()
        var firstBytes = [Double]()
        for _ in 0..<rounds {
            bare.floors.append(try BareStart.milliseconds())
            let (first, full) = try firstScreen(program, home)
            firstBytes.append(first)
            bare.values.append(full)
        }
        var figures = [
            Figure("start: first byte on the screen", firstBytes.median, "ms"),
            Figure(
                "start: first full screen, 5,000 projects, 10,000 own entries", bare, "ms",
                floor: "bare start"
            ).wanting(aboveFloorAtMost: 100),
        ]
        if let connects = try connectsBeforeFirstFrame(program, home, scratch) {
            figures.append(
                Figure("start: connections tried before the first frame", Double(connects), "")
                    .wanting(atMost: 0))
        }
        return figures
    }

    /// Starts the app in a terminal; milliseconds to the first and the last byte of the screen.
    private static func firstScreen(_ program: String, _ home: String) throws -> (Double, Double) {
        let terminal = try PseudoTerminal()
        let start = ContinuousClock.now
        let app = try AppProcess(program, home: home, terminal: terminal)
        defer { app.end() }
        // Rows are painted from the top: the screen is full once the bar at its end is there.
        let output = terminal.read(quiet: 1, limit: 10) { AppProcess.isFullScreen($0) }
        guard let first = output.first, let last = output.last,
            AppProcess.isFullScreen(output.bytes)
        else {
            throw BenchFailure(
                "no full screen: \(String(decoding: output.bytes.prefix(400), as: UTF8.self))")
        }
        return ((first - start).seconds * 1000, (last - start).seconds * 1000)
    }

    /// How many network connections the app tries before it writes its first frame.
    ///
    /// - Returns: `nil` where strace is missing.
    private static func connectsBeforeFirstFrame(
        _ program: String, _ home: String, _ scratch: ScratchFolder
    ) throws -> Int? {
        let strace = "/usr/bin/strace"
        guard FileManager.default.isExecutableFile(atPath: strace) else {
            Progress.say("strace is missing: connections before the first frame are not counted")
            return nil
        }
        let terminal = try PseudoTerminal()
        let log = scratch.file("strace.txt")
        let app = try AppProcess(
            program, home: home, terminal: terminal,
            under: [strace, "-f", "-e", "trace=connect,sendto,write,writev", "-s", "64", "-o", log])
        _ = terminal.read(quiet: 1, limit: 20)
        // strace keeps signals from what it traces.
        terminal.type("q")
        app.end(after: 3)
        guard let text = FileManager.default.contents(atPath: log) else {
            throw BenchFailure("strace wrote nothing")
        }
        let calls = String(decoding: text, as: UTF8.self).split(separator: "\n")
        // The first frame is the first long write to the terminal.
        guard let frame = calls.firstIndex(where: { isFrame($0) }) else {
            throw BenchFailure("no frame in what strace saw")
        }
        return calls[..<frame].count { $0.contains("connect(") && $0.contains("sin") }
    }

    private static func isFrame(_ call: Substring) -> Bool {
        guard call.contains("write"), let result = call.split(separator: "=").last,
            let count = Int(result.filter { $0 != " " })
        else { return false }
        return count > 500
    }
}

/// The app in a terminal of ours, with a home folder of ours.
final class AppProcess {
    private let child: ChildProcess
    private let terminal: PseudoTerminal

    init(_ program: String, home: String, terminal: PseudoTerminal, under tracer: [String] = [])
        throws
    {
        self.terminal = terminal
        child = try ChildProcess(
            tracer + [program],
            environment: [
                "ACCORD_HOME": home, "TERM": "xterm-256color", "LANG": "C.UTF-8",
                "LC_ALL": "C.UTF-8",
            ], terminal: terminal.path)
    }

    /// Whether output has the last words of the bar at the bottom of every place.
    static func isFullScreen(_ output: [UInt8]) -> Bool {
        TerminalOutput(bytes: output).contains("commands")
    }

    /// How often each thread of the app went to sleep so far.
    var switches: [String: Int] { child.switches() }

    /// Asks the app to end, and waits; one that does not is ended.
    ///
    /// - Parameter seconds: How long the app may take to end by itself, before it is asked to.
    func end(after seconds: Double = 0) {
        terminal.discardOutput(while: { !child.waits(seconds: 0.05) }, limit: seconds)
        child.signal(SIGTERM)
        terminal.discardOutput(while: { !child.waits(seconds: 0.05) }, limit: 3)
        guard !child.waits(seconds: 0) else { return }
        Progress.say("the app did not end after SIGTERM")
        child.signal(SIGKILL)
        child.wait()
    }
}
