import Foundation
import Glibc
import Testing

/// The app at rest: nobody types, and nothing happens on the ledger.
@Suite(.serialized) struct IdleTests {
    @Test(arguments: [true, false])
    func `an app at rest is not woken and writes nothing`(waitsForNode: Bool) throws {
        let node = try TestNode()
        let home = try waitsForNode ? node.member("member").home : node.scratch.file("new").path
        let app = try RestingApp(home: home)
        defer { app.end() }
        try #require(app.showsScreen(), "no screen: \(app.shown)")
        // The full minute and each new wait for news wake the app, so the calmest of a few spans
        // counts: one timer that ticks every second would be seen in all of them.
        var spans: [RestingApp.Activity] = []
        while spans.count < 8, spans.last != RestingApp.Activity.none {
            spans.append(try app.rest(seconds: 5))
        }
        #expect(spans.last == RestingApp.Activity.none, "\(spans)")
    }
}

/// The app in a terminal of ours.
private final class RestingApp {
    /// What an app did in a span.
    struct Activity: Equatable {
        var wakeUps = 0
        var writtenBytes = 0

        static let none = Activity()
    }

    private let process = Process()
    private let terminal: Int32
    private var output: [UInt8] = []

    init(home: String) throws {
        // glibc hides posix_openpt from Swift; these are the calls it makes.
        terminal = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK)
        var isLocked: CInt = 0
        var number: CUnsignedInt = 0
        var size = winsize(ws_row: 24, ws_col: 80, ws_xpixel: 0, ws_ypixel: 0)
        try #require(ioctl(terminal, RestingApp.setLock, &isLocked) == 0)
        try #require(ioctl(terminal, RestingApp.getNumber, &number) == 0)
        try #require(ioctl(terminal, UInt(TIOCSWINSZ), &size) == 0)
        let side = open("/dev/pts/\(number)", O_RDWR | O_NOCTTY | O_CLOEXEC)
        try #require(side >= 0)
        let file = FileHandle(fileDescriptor: side, closeOnDealloc: true)
        process.executableURL = Programs.folder.appending(path: "accord")
        process.environment = [
            "ACCORD_HOME": home, "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8",
            "TERM": "xterm-256color", "TZ": "UTC",
        ]
        process.standardInput = file
        process.standardOutput = file
        process.standardError = file
        try process.run()
    }

    /// `TIOCSPTLCK` and `TIOCGPTN` of Linux.
    private static let setLock: UInt = 0x4004_5431
    private static let getNumber: UInt = 0x8004_5430

    var shown: String { String(decoding: output.suffix(2_000), as: UTF8.self) }

    /// Waits until the app painted something and then had nothing to add for a second.
    func showsScreen() -> Bool {
        var quiet = 0
        for _ in 0..<600 where quiet < 10 {
            usleep(100_000)
            quiet = drain() == 0 && output.count > 500 ? quiet + 1 : 0
        }
        return quiet == 10
    }

    /// Watches the app for a while.
    func rest(seconds: Int) throws -> Activity {
        _ = drain()
        var before = try switches()
        var activity = Activity()
        // Threads that end take their count with them: look often.
        for _ in 0..<(seconds * 5) {
            usleep(200_000)
            let now = try switches()
            for (thread, count) in now { activity.wakeUps += count - (before[thread] ?? 0) }
            before = now
        }
        activity.writtenBytes = drain()
        return activity
    }

    /// How often each thread gave up the processor to wait.
    private func switches() throws -> [String: Int] {
        let tasks = "/proc/\(process.processIdentifier)/task"
        let threads = try FileManager.default.contentsOfDirectory(atPath: tasks)
        return threads.reduce(into: [:]) { counts, thread in
            // A thread may end between the two calls.
            let text = FileManager.default.contents(atPath: "\(tasks)/\(thread)/status") ?? Data()
            let line = String(decoding: text, as: UTF8.self).split(separator: "\n").first {
                $0.hasPrefix("voluntary_ctxt_switches:")
            }
            counts[thread] = line?.split(separator: "\t").last.flatMap { Int($0) }
        }
    }

    /// Reads what the app wrote since the last time; how many bytes.
    private func drain() -> Int {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        var total = 0
        while true {
            let count = read(terminal, &buffer, buffer.count)
            guard count > 0 else { return total }
            output += buffer[..<count]
            total += count
        }
    }

    func end() {
        process.terminate()
        // An app that cannot write its last screen does not end.
        while process.isRunning {
            _ = drain()
            usleep(5_000)
        }
        close(terminal)
    }
}
