import CLifeline
import Foundation
import Glibc
import SyncEngine
import Synchronization
import TerminalCore

/// Whether a process is over, as its own thread says it.
private final class Ending: Sendable {
    let isOver = Mutex(false)
}

/// A program this one started, ended by its own number and nothing else.
final class ChildProcess: Sendable {
    let pid: Int32
    private let ending = Ending()

    /// Starts a program; its first line of output is kept, all of it goes to `log`.
    ///
    /// With `endsWithProgram` its input stays open for as long as this object is there and this
    /// program runs: a program that follows its input ends with it, even where this one is killed.
    init(
        _ program: URL, _ arguments: [String], environment: [String: String] = [:],
        endsWithProgram: Bool = false, log: URL
    ) throws {
        let process = Process()
        process.executableURL = program
        process.arguments = arguments
        process.environment = Surroundings.environment.merging(environment) { $1 }
        let path = log.path(percentEncoded: false)
        close(open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600))
        let file = try FileHandle(forWritingTo: log)
        try file.seekToEnd()
        start = try file.offset()
        self.log = log
        process.standardOutput = file
        process.standardError = file
        var ends: [Int32] = [-1, -1]
        if endsWithProgram, lifeline_make(&ends) == 0 {
            process.standardInput = FileHandle(fileDescriptor: ends[0], closeOnDealloc: false)
        } else {
            process.standardInput = FileHandle.nullDevice
        }
        lifeline = ends[1]
        defer { if ends[0] >= 0 { close(ends[0]) } }
        do {
            try process.run()
        } catch {
            if ends[1] >= 0 { close(ends[1]) }
            throw error
        }
        pid = process.processIdentifier
        process.terminationHandler = { [ending] _ in ending.isOver.withLock { $0 = true } }
        if !process.isRunning { ending.isOver.withLock { $0 = true } }
    }

    deinit { if lifeline >= 0 { close(lifeline) } }

    private let log: URL
    private let start: UInt64
    /// What ends the child when it is closed; -1 where nothing does.
    private let lifeline: Int32

    /// Whether it still runs.
    var isRunning: Bool { !ending.isOver.withLock { $0 } }

    /// What it has printed so far.
    var output: String {
        // A log that cannot be read has nothing to show yet.
        guard let file = try? FileHandle(forReadingFrom: log) else { return "" }
        defer { try? file.close() }
        try? file.seek(toOffset: start)
        return String(decoding: (try? file.readToEnd()) ?? Data(), as: UTF8.self)
    }

    /// Waits for a line that starts with `prefix`, and returns what follows it.
    func line(startingWith prefix: String, seconds: Double = 30) async throws -> String {
        let deadline = ContinuousClock.now + .seconds(seconds)
        while ContinuousClock.now < deadline {
            let lines = output.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
            if let line = lines.first(where: { $0.hasPrefix(prefix) }) {
                return String(line.dropFirst(prefix.count))
            }
            guard isRunning else { break }
            try await QuietTimer.sleep(for: .milliseconds(10))
        }
        throw CommandFailure(
            .notReachable, "a program did not start: \(output.suffix(2_000))",
            "程序未能启动：\(output.suffix(2_000))")
    }

    /// Asks it to end, and insists after three seconds.
    func stop() async {
        guard isRunning else { return }
        kill(pid, SIGTERM)
        await waitForEnd(seconds: 3)
        await killNow()
    }

    /// Ends it at once, as a power cut would.
    func killNow() async {
        guard isRunning else { return }
        kill(pid, SIGKILL)
        await waitForEnd(seconds: 3)
    }

    private func waitForEnd(seconds: Double) async {
        let deadline = ContinuousClock.now + .seconds(seconds)
        while isRunning, ContinuousClock.now < deadline {
            // Cancelled means in a hurry: the loop then spins until the deadline at most.
            try? await QuietTimer.sleep(for: .milliseconds(5))
        }
    }

    /// Runs a program to its end and returns what it printed; one that is no longer waited for is
    /// ended.
    static func run(_ program: URL, _ arguments: [String], log: URL) async throws -> String {
        try Task.checkCancellation()
        let child = try ChildProcess(program, arguments, log: log)
        let deadline = ContinuousClock.now + .seconds(60)
        while child.isRunning {
            guard ContinuousClock.now < deadline else {
                await child.killNow()
                break
            }
            do {
                try await QuietTimer.sleep(for: .milliseconds(5))
            } catch {
                await child.stop()
                throw error
            }
        }
        return child.output
    }
}
