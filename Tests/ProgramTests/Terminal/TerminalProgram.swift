import Foundation
import Glibc
import TerminalCore
import TestSupport
import Testing

/// A program in a terminal of ours: a real pseudo-terminal, real keys, real signals.
///
/// Everything waits for what is to be seen, up to a limit; nothing depends on how fast it comes.
final class TerminalProgram {
    /// What the terminal shows.
    private(set) var screen: TerminalScreen
    /// How many bytes the program has written.
    private(set) var byteCount = 0
    /// The modes of the terminal before the program began.
    let modesBefore: Modes

    private let controller: Int32
    private let terminal: Int32
    /// Where the program starts: what keys at random make it write stays there.
    private let folder: Scratch
    let id: pid_t
    private var status: Int32?

    /// The seconds that anything may take before a test fails.
    private static let limit = 30.0

    /// Starts a program built with the tests, or the one at a path.
    init(
        _ name: String, _ arguments: [String] = [], environment: [String: String] = [:],
        size: Size = Size(columns: 80, rows: 24)
    ) throws {
        screen = TerminalScreen(size)
        // glibc hides posix_openpt from Swift; these are the calls it makes.
        controller = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK)
        var isLocked: CInt = 0
        var number: CUnsignedInt = 0
        try #require(controller >= 0)
        try #require(ioctl(controller, Self.setLock, &isLocked) == 0)
        try #require(ioctl(controller, Self.getNumber, &number) == 0)
        let path = "/dev/pts/\(number)"
        terminal = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC)
        try #require(terminal >= 0)
        modesBefore = Modes(of: terminal)
        Self.set(size, of: controller)
        folder = try Scratch()
        // posix_spawn cannot be told a folder from Swift; env becomes the program there.
        let program = name.hasPrefix("/") ? name : Programs.folder.appending(path: name).path
        id = try Self.spawn(
            ["/usr/bin/env", "-C", folder.url.path, program] + arguments,
            ["TERM": "xterm-256color", "LC_ALL": "C.UTF-8", "PATH": "/usr/bin:/bin", "TZ": "UTC"]
                .merging(environment) { $1 },
            path)
    }

    deinit {
        if !hasEnded {
            kill(id, SIGKILL)
            var raw: Int32 = 0
            waitpid(id, &raw, 0)
        }
        close(controller)
        close(terminal)
    }

    private static func spawn(
        _ arguments: [String], _ environment: [String: String], _ path: String
    ) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // A session leader without a terminal takes the first one it opens.
        posix_spawnattr_setflags(&attributes, newSession | Int16(POSIX_SPAWN_SETSIGDEF))
        var signals = sigset_t()
        sigfillset(&signals)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        posix_spawn_file_actions_addopen(&actions, 0, path, O_RDWR, 0)
        posix_spawn_file_actions_adddup2(&actions, 0, 1)
        posix_spawn_file_actions_adddup2(&actions, 0, 2)
        let words = arguments.map { strdup($0) } + [nil]
        let variables = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for word in words + variables { free(word) } }
        var id: pid_t = 0
        try #require(
            posix_spawn(&id, arguments[0], &actions, &attributes, words, variables) == 0)
        return id
    }

    /// `POSIX_SPAWN_SETSID` of glibc; `TIOCSPTLCK` and `TIOCGPTN` of Linux.
    private static let newSession: Int16 = 0x80
    private static let setLock: UInt = 0x4004_5431
    private static let getNumber: UInt = 0x8004_5430

    private static func set(_ size: Size, of controller: Int32) {
        var window = winsize(
            ws_row: UInt16(size.rows), ws_col: UInt16(size.columns), ws_xpixel: 0, ws_ypixel: 0)
        _ = ioctl(controller, UInt(TIOCSWINSZ), &window)
    }

    // MARK: Looking

    /// The modes of the terminal now.
    var modes: Modes { Modes(of: terminal) }

    /// The row that the cursor stands in.
    var cursorRow: String { screen.rows[screen.cursor.row] }

    /// The rows but the one that says when the node last answered, which changes by itself.
    static func steadyRows(_ screen: TerminalScreen) -> [String] {
        Array(screen.rows.prefix(1) + screen.rows.dropFirst(2))
    }

    /// Waits until the screen has a text.
    func waits(for text: String) throws { try waits { $0.text.contains(text) } }

    /// Waits until something is seen.
    func waits(until isSeen: (TerminalScreen) -> Bool) throws {
        let end = Self.now + Self.limit
        while !isSeen(screen) {
            let isRunning = !hasEnded && Self.now < end
            try #require(isRunning, "not seen; the screen is:\n\(screen.text)")
            read(milliseconds: 50)
        }
    }

    /// Takes what comes until nothing more does for a while.
    func settles(quiet milliseconds: Int32 = 120) {
        while read(milliseconds: milliseconds) {}
    }

    // MARK: Doing

    /// Types text and control sequences as they are.
    func type(_ text: String) { type(bytes: Array(text.utf8)) }

    /// Types bytes, all at once as far as the terminal takes them.
    func type(bytes: [UInt8]) {
        var rest = bytes[...]
        while !rest.isEmpty, !hasEnded {
            let count = rest.withUnsafeBytes { write(controller, $0.baseAddress, $0.count) }
            if count > 0 { rest = rest.dropFirst(count) } else { read(milliseconds: 5) }
        }
    }

    /// Types, waits, and returns how many bytes the program answered.
    func bytes(for keys: String) -> Int {
        let before = byteCount
        type(keys)
        settles()
        return byteCount - before
    }

    /// Gives the terminal another size.
    func resize(_ size: Size) {
        screen.resize(size)
        Self.set(size, of: controller)
    }

    /// Sends a signal to the program.
    func signal(_ number: Int32) { kill(id, number) }

    /// Waits for the end: the exit code, or minus the signal that ended it.
    func ends() throws -> Int32 {
        let end = Self.now + Self.limit
        while !hasEnded {
            try #require(Self.now < end, "still running:\n\(screen.text)")
            read(milliseconds: 5)
        }
        while read(milliseconds: 20) {}
        return try #require(status)
    }

    var hasEnded: Bool {
        if status != nil { return true }
        var raw: Int32 = 0
        guard waitpid(id, &raw, WNOHANG) == id else { return false }
        status = raw & 0x7F == 0 ? (raw >> 8) & 0xFF : -(raw & 0x7F)
        return true
    }

    private static var now: Double {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    @discardableResult
    private func read(milliseconds: Int32) -> Bool {
        var ready = pollfd(fd: controller, events: Int16(POLLIN), revents: 0)
        guard poll(&ready, 1, milliseconds) > 0 else { return false }
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let count = Glibc.read(controller, &buffer, buffer.count)
        guard count > 0 else { return false }
        byteCount += count
        screen.feed(Array(buffer[..<count]))
        return true
    }

    // MARK: Measuring

    /// A number from a file of `/proc`, such as `VmHWM` of `status`.
    func measure(_ name: String, in file: String) throws -> Int {
        let text = try String(contentsOfFile: "/proc/\(id)/\(file)", encoding: .utf8)
        let line = try #require(text.split(separator: "\n").first { $0.hasPrefix(name) })
        return try #require(
            line.split(whereSeparator: { " \t".contains($0) }).dropFirst().first
                .flatMap { Int($0) })
    }

    /// How often all threads together went to sleep so far.
    func sleeps() throws -> Int {
        try FileManager.default.contentsOfDirectory(atPath: "/proc/\(id)/task").reduce(0) {
            try $0 + measure("voluntary_ctxt_switches", in: "task/\($1)/status")
        }
    }

    /// The modes of a terminal that a program has to give back.
    struct Modes: Equatable {
        let input, output, control, local: tcflag_t

        init(of terminal: Int32) {
            var modes = termios()
            tcgetattr(terminal, &modes)
            (input, output) = (modes.c_iflag, modes.c_oflag)
            (control, local) = (modes.c_cflag, modes.c_lflag)
        }
    }
}

/// A member with a list of 300 projects, made once for all tests of the app in a terminal.
enum TerminalWorld {
    static let projectCount = 300

    /// The node and the member; a failure is told by each test that needs them.
    static let shared = Result { try make() }

    /// Ends the node of what is shared, which nobody else lets go of, and deletes its folder.
    private static func end() {
        guard case .success(let member) = shared else { return }
        member.node.stop()
        // A folder that stays behind harms nobody.
        try? FileManager.default.removeItem(at: member.node.scratch.url)
    }

    private static func make() throws -> Person {
        let node = try TestNode()
        let team = try node.institution("institute")
        let columns = "index,trialid,source_register,recruitment_status,public_title"
        let rows = (1...projectCount).map {
            "\($0),ChiCTR21000\(10_000 + $0),ChiCTR,Recruiting,Sleep study \($0) of shift workers 睡眠"
        }
        let file = try node.scratch.write(
            ([columns] + rows).joined(separator: "\n") + "\n", to: "registry.csv")
        let imported = try team.run(["study", "import", file, "--node", node.address])
        try #require(imported.status == 0, "\(imported.errors)")
        let member = try node.member("member")
        atexit { TerminalWorld.end() }
        return member
    }

    /// Opens the app of that member.
    static func open(
        _ environment: [String: String] = [:], size: Size = Size(columns: 80, rows: 24)
    ) throws -> TerminalProgram {
        let member = try shared.get()
        return try TerminalProgram(
            "accord", environment: ["ACCORD_HOME": member.home].merging(environment) { $1 },
            size: size)
    }

    /// Opens the app at the list of projects, once nothing more changes.
    static func openList(
        _ environment: [String: String] = [:], size: Size = Size(columns: 80, rows: 24)
    ) throws -> TerminalProgram {
        let app = try open(environment, size: size)
        try app.waits(for: ": commands")
        app.type("2")
        try app.waits(for: "Projects · \(projectCount)")
        try app.waits { !$0.text.contains("connecting") }
        app.settles(quiet: 400)
        return app
    }
}
