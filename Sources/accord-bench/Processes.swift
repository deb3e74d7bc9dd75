import Foundation
import Glibc

/// Starts programs and measures them from outside.
enum BareStart {
    /// The only argument of a process that ends at once.
    static let argument = "floor-exit"

    /// Starts this program so that it ends at once: from the spawn to its end, in milliseconds.
    static func milliseconds() throws -> Double {
        let seconds = try Stopwatch.seconds {
            let process = try ChildProcess(
                [try ChildProcess.ownPath(), argument], terminal: nil, quiet: true)
            guard process.wait() == 0 else { throw BenchFailure("the bare process failed") }
        }
        return seconds * 1000
    }
}

/// A process of ours, ended by its own number only.
final class ChildProcess {
    let id: pid_t
    private var status: Int32?

    /// Starts a program: its path, then its arguments.
    ///
    /// `environment` replaces the variables it names. The terminal at the path `terminal` becomes
    /// the controlling one; without one, `quiet` throws output away.
    init(
        _ arguments: [String], environment: [String: String] = [:], terminal: String?,
        quiet: Bool = true
    ) throws {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        if let terminal {
            // A session leader without a terminal takes the first one it opens.
            posix_spawnattr_setflags(&attributes, Int16(ChildProcess.newSession))
            posix_spawn_file_actions_addopen(&actions, 0, terminal, O_RDWR, 0)
            posix_spawn_file_actions_adddup2(&actions, 0, 1)
            posix_spawn_file_actions_adddup2(&actions, 0, 2)
        } else if quiet {
            posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
            posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0)
            posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
        }
        var variables = ProcessInfo.processInfo.environment
        variables.merge(environment) { $1 }
        let words = arguments.map { strdup($0) } + [nil]
        let assignments = variables.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for word in words + assignments { free(word) } }
        var id: pid_t = 0
        let code = posix_spawn(&id, arguments[0], &actions, &attributes, words, assignments)
        guard code == 0 else {
            throw BenchFailure(
                "could not start \(arguments[0]): \(String(cString: strerror(code)))")
        }
        self.id = id
    }

    /// Waits for the end; the exit code, or minus the signal that ended it.
    @discardableResult
    func wait() -> Int32 {
        if let status { return status }
        var raw: Int32 = 0
        while waitpid(id, &raw, 0) < 0, errno == EINTR {}
        let result = raw & 0x7f == 0 ? (raw >> 8) & 0xff : -(raw & 0x7f)
        status = result
        return result
    }

    /// Waits for the end, at most `seconds`; `false` if the process still runs then.
    func waits(seconds: Double) -> Bool {
        let start = ContinuousClock.now
        while status == nil {
            var raw: Int32 = 0
            if waitpid(id, &raw, WNOHANG) == id {
                status = raw & 0x7f == 0 ? (raw >> 8) & 0xff : -(raw & 0x7f)
                return true
            }
            guard (ContinuousClock.now - start).seconds < seconds else { return false }
            usleep(2_000)
        }
        return true
    }

    /// Sends a signal to this process.
    func signal(_ number: Int32) {
        if status == nil { kill(id, number) }
    }

    /// What the process has in memory; 0 if it has ended.
    var memoryBytes: Int {
        let status = FileManager.default.contents(atPath: "/proc/\(id)/status") ?? Data()
        let line = String(decoding: status, as: UTF8.self).split(separator: "\n")
            .first { $0.hasPrefix("VmRSS:") }
        return (line?.split(separator: " ").dropLast().last.flatMap { Int($0) } ?? 0) * 1024
    }

    /// How often each thread of the process gave up the processor to wait.
    func switches() -> [String: Int] {
        let tasks = "/proc/\(id)/task"
        // A process that ended has none.
        let names = (try? FileManager.default.contentsOfDirectory(atPath: tasks)) ?? []
        return names.reduce(into: [:]) { counts, name in
            guard let text = FileManager.default.contents(atPath: "\(tasks)/\(name)/status") else {
                return
            }
            let line = String(decoding: text, as: UTF8.self).split(separator: "\n").first {
                $0.hasPrefix("voluntary_ctxt_switches:")
            }
            counts[name] = line?.split(separator: "\t").last.flatMap { Int($0) }
        }
    }

    /// The path of this program.
    static func ownPath() throws -> String {
        try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    }

    /// The path of another program of the package, next to this one.
    static func sibling(_ name: String) throws -> String {
        let path = URL(filePath: try ownPath()).deletingLastPathComponent()
            .appending(path: name).path(percentEncoded: false)
        guard FileManager.default.isExecutableFile(atPath: path) else {
            throw BenchFailure("\(path) is missing: build the whole package")
        }
        return path
    }

    /// `POSIX_SPAWN_SETSID` of glibc.
    private static let newSession: Int32 = 0x80
}

/// A pseudo-terminal, seen from the side of the terminal.
final class PseudoTerminal {
    /// The path a program opens.
    let path: String
    private let file: Int32

    /// Makes a terminal of a size.
    init(columns: UInt16 = 80, rows: UInt16 = 24) throws {
        // glibc hides posix_openpt from Swift; these are the calls it makes.
        file = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
        var isLocked: CInt = 0
        var number: CUnsignedInt = 0
        guard file >= 0, ioctl(file, PseudoTerminal.setLock, &isLocked) == 0,
            ioctl(file, PseudoTerminal.getNumber, &number) == 0
        else { throw BenchFailure("could not make a pseudo-terminal") }
        path = "/dev/pts/\(number)"
        var size = winsize(ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0)
        guard ioctl(file, UInt(TIOCSWINSZ), &size) == 0 else {
            throw BenchFailure("could not set the size of a pseudo-terminal")
        }
    }

    deinit {
        close(file)
    }

    /// `TIOCSPTLCK` and `TIOCGPTN` of Linux.
    private static let setLock: UInt = 0x4004_5431
    private static let getNumber: UInt = 0x8004_5430

    /// Types.
    func type(_ text: String) {
        let bytes = Array(text.utf8)
        _ = write(file, bytes, bytes.count)
    }

    /// Throws output away as long as `isWanted`, at most `limit` seconds: a program that cannot
    /// write does not end.
    func discardOutput(while isWanted: () -> Bool, limit: Double) {
        let start = ContinuousClock.now
        while isWanted(), (ContinuousClock.now - start).seconds < limit {
            _ = read(quiet: 0.01, limit: 0.05)
        }
    }

    /// Reads what comes until `quiet` seconds pass without output, at most `limit` seconds, or
    /// until `isDone` is true of all output so far.
    func read(
        quiet: Double, limit: Double, until isDone: ([UInt8]) -> Bool = { _ in false }
    ) -> TerminalOutput {
        var output = TerminalOutput()
        let start = ContinuousClock.now
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let spent = (ContinuousClock.now - start).seconds
            let wait = min(output.last == nil ? limit - spent : quiet, limit - spent)
            guard wait > 0 else { return output }
            var polled = pollfd(fd: file, events: Int16(POLLIN), revents: 0)
            guard poll(&polled, 1, Int32((wait * 1000).rounded(.up))) > 0 else { return output }
            let count = Glibc.read(file, &buffer, buffer.count)
            // The program closed its side.
            guard count > 0 else { return output }
            let now = ContinuousClock.now
            if output.first == nil { output.first = now }
            output.last = now
            output.bytes += buffer[..<count]
            if isDone(output.bytes) { return output }
        }
    }
}

/// What a program wrote to its terminal.
struct TerminalOutput {
    var bytes: [UInt8] = []
    var first: ContinuousClock.Instant?
    var last: ContinuousClock.Instant?

    /// Whether the output has a text, looked for as bytes.
    func contains(_ text: String) -> Bool {
        let wanted = Array(text.utf8)
        return bytes.indices.contains { bytes[$0...].starts(with: wanted) }
    }
}
