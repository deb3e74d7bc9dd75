import Foundation
import Glibc
import LedgerCore
import RulesModel
import Synchronization
import Testing

/// A shared machine: the real program in a real terminal, its controlling one.
@Suite(.serialized) struct KioskTests {
    private static let welcome = "Hold your badge"

    @Test func `no key and no signal leads out of a shared machine`() throws {
        let node = try TestNode()
        let kiosk = try Kiosk(node)
        defer { kiosk.end() }
        #expect(kiosk.shows(Self.welcome))
        var dice = SeededNumbers(state: 4)
        let special: [[UInt8]] = [
            [0x03], [0x1a], [0x1c], [0x11], [0x13], [0x16], [0x1b], [0x0d], [0x09], [0x04],
            Array("\u{1b}[A".utf8), Array("\u{1b}[6n".utf8), Array("\u{1b}]52;c;YQ==\u{7}".utf8),
            Array("\u{1b}[200~".utf8), Array("\u{1b}O\u{1b}[<0;5;5M".utf8),
        ]
        var sent = 0
        while sent < 100_000 {
            var batch = [UInt8]()
            for _ in 0..<500 {
                let draw = dice.below(300)
                batch += draw < 256 ? [UInt8(draw)] : special[draw % special.count]
            }
            kiosk.send(batch)
            sent += 500
        }
        for signal in kiosk.catchableSignals { kill(kiosk.pid, signal) }
        kiosk.send(Array("\u{1b}[201~".utf8))
        #expect(kiosk.comesBack(to: Self.welcome))
        #expect(kiosk.isRunning)
        #expect(try kiosk.children().isEmpty)
        #expect(kiosk.memoryFiles.isEmpty)
    }

    @Test func `who signs out leaves nothing in memory, on disk or to scroll back to`() throws {
        let node = try TestNode()
        let kiosk = try Kiosk(node)
        defer { kiosk.end() }
        let canaries = ["badge-quokka-4711", "secret-wombat-9", "search-numbat-3"]
        #expect(kiosk.shows(Self.welcome))
        kiosk.join(badge: canaries[0], code: try node.invitation(), secret: canaries[1])
        #expect(kiosk.shows("Needs attention"))
        kiosk.send("2/\(canaries[2])")
        #expect(kiosk.shows(canaries[2]))
        if let found = kiosk.memoryHolds(canaries[2]) {
            #expect(found, "a scan that finds nothing even now proves nothing")
        }
        #expect(!kiosk.memoryFiles.isEmpty)
        kiosk.send("\u{1b}")
        #expect(kiosk.shows("sign out"))
        kiosk.send("q")
        #expect(kiosk.shows(Self.welcome))
        #expect(kiosk.output.contains("\u{1b}[3J"))
        for canary in canaries {
            guard let found = kiosk.memoryHolds(canary) else {
                print("skipped: the memory of another process cannot be read here")
                break
            }
            #expect(!found, "\(canary) is still in memory")
        }
        #expect(kiosk.memoryFiles.isEmpty)
        #expect(try !kiosk.filesHold(canaries))
        #expect(kiosk.isRunning)
        // The same person comes back to what is theirs.
        kiosk.signIn(badge: canaries[0], secret: canaries[1])
        #expect(kiosk.shows("You joined"))
    }

    @Test func `who turns away from a form leaves nothing in memory`() throws {
        let node = try TestNode()
        let kiosk = try Kiosk(node)
        defer { kiosk.end() }
        let canaries = ["badge-quokka-4711", "code-numbat-3", "secret-wombat-9"]
        #expect(kiosk.shows(Self.welcome))
        kiosk.send("\t")
        #expect(kiosk.shows("invitation code"))
        // The last of them is seen: as one paste it is drawn at once, and so in one piece.
        kiosk.send(
            "\(canaries[0])\r\t\(canaries[2])\r\u{1b}[200~\(canaries[1])\u{1b}[201~")
        #expect(kiosk.shows(canaries[1]))
        if let found = kiosk.memoryHolds(canaries[1]) {
            #expect(found, "a scan that finds nothing even now proves nothing")
        }
        kiosk.send("\u{1b}")
        #expect(kiosk.shows(Self.welcome))
        for canary in canaries where kiosk.memoryHolds(canary) == true {
            Issue.record("\(canary) is still in memory")
        }
        // The same where it was tried and did not fit: what is said of it stays until they go.
        kiosk.signIn(badge: canaries[0], secret: canaries[2])
        #expect(kiosk.shows("do not fit together"))
        kiosk.send("\u{1b}")
        #expect(kiosk.shows(Self.welcome))
        for canary in canaries where kiosk.memoryHolds(canary) == true {
            Issue.record("\(canary) is still in memory")
        }
        #expect(kiosk.isRunning)
    }

    @Test func `who turns away while they are signed in is not let in afterwards`() throws {
        let node = try TestNode()
        let kiosk = try Kiosk(node)
        defer { kiosk.end() }
        #expect(kiosk.shows(Self.welcome))
        kiosk.join(badge: "b1", code: try node.invitation(), secret: "long enough")
        #expect(kiosk.shows("Needs attention"))
        kiosk.send("q")
        #expect(kiosk.shows(Self.welcome))
        node.freeze()
        defer { node.thaw() }
        kiosk.signIn(badge: "b1", secret: "long enough")
        #expect(kiosk.shows("One moment"))
        kiosk.send("\u{1b}")
        #expect(kiosk.shows(Self.welcome))
        #expect(kiosk.memoryFiles.isEmpty)
        // What was asked for is answered now, and lets nobody in.
        node.thaw()
        _ = try node.invitation()
        #expect(kiosk.memoryFiles.isEmpty)
    }

    @Test func `two programs do not share the folder of a visit`() throws {
        let node = try TestNode()
        let kiosk = try Kiosk(node)
        defer { kiosk.end() }
        #expect(kiosk.shows(Self.welcome))
        kiosk.join(badge: "b1", code: try node.invitation(), secret: "long enough")
        #expect(kiosk.shows("Needs attention"))
        let second = try Programs.run(
            "accord",
            [
                "kiosk", "--node", node.address, "--memory", kiosk.memory.path, "--cards",
                node.scratch.file("cards").path,
            ], environment: ["ACCORD_HOME": node.scratch.file("home").path])
        #expect(second.status != 0)
        #expect(second.errors.contains("program uses \(kiosk.memory.path)"))
        #expect(!kiosk.memoryFiles.isEmpty)
        // The next visit's program has it again.
        kiosk.send("q")
        #expect(kiosk.shows(Self.welcome))
        #expect(kiosk.memoryFiles.isEmpty)
    }

    @Test(arguments: [false, true])
    func `a terminal that cannot be used is left as a person needs it`(isQuiet: Bool) throws {
        let node = try TestNode()
        // As the program of the visit before leaves it.
        let kiosk = try Kiosk(node, term: "accord-none", isQuiet: isQuiet)
        defer { kiosk.end() }
        #expect(kiosk.shows("could not open terminal"))
        let modes = kiosk.modesOnceEnded
        for flag in [ICANON, ECHO, ISIG, IEXTEN] {
            #expect(modes.c_lflag & tcflag_t(flag) != 0, "\(flag)")
        }
        #expect(modes.c_iflag & tcflag_t(IXON) != 0)
    }

    @Test func `visits leave no descriptors behind`() throws {
        let node = try TestNode()
        let kiosk = try Kiosk(node)
        defer { kiosk.end() }
        #expect(kiosk.shows(Self.welcome))
        kiosk.join(badge: "b1", code: try node.invitation(), secret: "long enough")
        #expect(kiosk.shows("Needs attention"))
        var counts: [Int] = []
        for _ in 0..<4 {
            kiosk.send("q")
            #expect(kiosk.shows(Self.welcome))
            kiosk.signIn(badge: "b1", secret: "long enough")
            #expect(kiosk.shows("You joined"))
            guard let count = kiosk.eventQueues else {
                print("skipped: the descriptors of another process cannot be seen here")
                return
            }
            counts.append(count)
        }
        #expect(counts[0] > 0, "a count that finds none proves nothing")
        #expect(counts[3] == counts[1], "\(counts)")
    }

    @Test func `a person who does nothing is warned and then signed out`() throws {
        let node = try TestNode()
        let kiosk = try Kiosk(node, idle: 15)
        defer { kiosk.end() }
        #expect(kiosk.shows(Self.welcome))
        kiosk.join(badge: "b1", code: try node.invitation(), secret: "long enough")
        #expect(kiosk.shows("Needs attention"))
        #expect(kiosk.shows("Press any key to stay"))
        #expect(kiosk.shows(Self.welcome))
        #expect(kiosk.memoryFiles.isEmpty)
    }

    @Test func `the warning speaks the language that the person chose`() throws {
        let node = try TestNode()
        let kiosk = try Kiosk(node, idle: 30)
        defer { kiosk.end() }
        #expect(kiosk.shows(Self.welcome))
        kiosk.join(badge: "b1", code: try node.invitation(), secret: "long enough")
        #expect(kiosk.shows("Needs attention"))
        kiosk.send("L\u{1b}[B\r")
        #expect(kiosk.shows("秒后退出登录"))
    }

    @Test func `the key that keeps a person signed in does nothing else`() throws {
        let node = try TestNode()
        let kiosk = try Kiosk(node, idle: 15)
        defer { kiosk.end() }
        #expect(kiosk.shows(Self.welcome))
        kiosk.join(badge: "b1", code: try node.invitation(), secret: "long enough")
        #expect(kiosk.shows("Needs attention"))
        #expect(kiosk.shows("Press any key to stay"))
        // Signs out where no warning is shown.
        kiosk.send("q")
        #expect(kiosk.shows("Press any key to stay"))
        #expect(!kiosk.memoryFiles.isEmpty)
    }

    @Test func `a shared machine asks for the witnesses of its policy`() throws {
        let (node, witness) = try TestNode.witnessed()
        defer { witness.stop() }
        let kiosk = try Kiosk(node, policy: witness.policy)
        defer { kiosk.end() }
        #expect(kiosk.shows(Self.welcome))
        kiosk.join(badge: "b1", code: try node.invitation(), secret: "long enough")
        #expect(kiosk.shows("Needs attention"))
        kiosk.send("q")
        #expect(kiosk.shows(Self.welcome))
        kiosk.signIn(badge: "b1", secret: "long enough")
        #expect(kiosk.shows("You joined"))

        // Nobody is let in to what too few witnesses confirmed, nor to another ledger.
        let strict = try Kiosk(node, policy: node.foreignWitness())
        defer { strict.end() }
        #expect(strict.shows(Self.welcome))
        strict.join(badge: "b2", code: try node.invitation(), secret: "long enough")
        #expect(strict.shows("Too few witnesses"))
        #expect(strict.memoryFiles.isEmpty)
        let code = try node.invitation()
        let astray = try Kiosk(node, policy: node.foreignPolicy())
        defer { astray.end() }
        #expect(astray.shows(Self.welcome))
        astray.join(badge: "b3", code: code, secret: "long enough")
        #expect(astray.shows("does not check"))
        // It was refused before anything was sent: the code can be used.
        let bo = Person(node: node, folder: "bo")
        #expect(try bo.json("join", code, "--node", node.address)["sync"]?.string == "complete")
    }

    @Test func `an unknown badge and a wrong secret get one answer, and tries run out`() throws {
        let node = try TestNode()
        let kiosk = try Kiosk(node)
        defer { kiosk.end() }
        #expect(kiosk.shows(Self.welcome))
        kiosk.signIn(badge: "nobody", secret: "whatever1")
        #expect(kiosk.shows("do not fit together"))
        kiosk.send("\u{1b}")
        #expect(kiosk.shows(Self.welcome))
        kiosk.join(badge: "b2", code: try node.invitation(), secret: "the right one")
        #expect(kiosk.shows("Needs attention"))
        kiosk.send("q")
        #expect(kiosk.shows(Self.welcome))
        kiosk.signIn(badge: "b2", secret: "wrong 0000")
        #expect(kiosk.shows("do not fit together"))
        for _ in 0..<5 {
            kiosk.send("wrong 1111\r")
            #expect(kiosk.shows("do not fit together"))
        }
        kiosk.send("the right one\r")
        #expect(kiosk.shows("Wait 1 min"))
    }
}

/// The program in a terminal of ours, with somebody at its keys.
private final class Kiosk: Sendable {
    let pid: pid_t
    private let scratch: Scratch
    private let terminal: Int32
    let memory: URL
    private let taken = Mutex<(bytes: [UInt8], from: Int)>(([], 0))

    init(
        _ node: TestNode, idle: Int = 120, policy: String? = nil, term: String = "xterm-256color",
        isQuiet: Bool = false
    ) throws {
        scratch = try Scratch()
        memory = URL(filePath: "/dev/shm/accord-test-\(UUID().uuidString)")
        var ends: (Int32, Int32) = (-1, -1)
        var size = winsize(ws_row: 30, ws_col: 100, ws_xpixel: 0, ws_ypixel: 0)
        try #require(openpty(&ends.0, &ends.1, nil, nil, &size) == 0)
        terminal = ends.0
        if isQuiet {
            var modes = termios()
            try #require(tcgetattr(ends.1, &modes) == 0)
            modes.c_lflag &= ~tcflag_t(ICANON | ECHO | ECHONL | ISIG | IEXTEN)
            modes.c_iflag &= ~tcflag_t(IXON)
            try #require(tcsetattr(ends.1, TCSANOW, &modes) == 0)
        }
        pid = try Kiosk.start(
            [
                Programs.folder.appending(path: "accord").path, "kiosk", "--node", node.address,
                "--memory", memory.path, "--cards", scratch.file("cards").path, "--idle",
                String(idle),
            ] + (policy.map { ["--policy", $0] } ?? []),
            [
                "ACCORD_HOME=\(scratch.file("home").path)", "PATH=/usr/bin:/bin",
                "LANG=C.UTF-8", "TERM=\(term)", "TZ=UTC",
            ], on: String(cString: ttyname(ends.1)))
        close(ends.1)
        Thread.detachNewThread { [self] in
            var buffer = [UInt8](repeating: 0, count: 65_536)
            while true {
                let count = read(terminal, &buffer, buffer.count)
                guard count > 0 else { break }
                taken.withLock { $0.bytes += buffer[..<count] }
            }
        }
    }

    /// Starts a program in a session of its own, so that the terminal it opens is its controlling
    /// one, and keys can be signals.
    private static func start(
        _ arguments: [String], _ environment: [String], on terminal: String
    ) throws -> pid_t {
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        posix_spawnattr_setflags(&attributes, Kiosk.newSession)
        var files = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&files)
        posix_spawn_file_actions_addopen(&files, 0, terminal, O_RDWR, 0)
        posix_spawn_file_actions_adddup2(&files, 0, 1)
        posix_spawn_file_actions_adddup2(&files, 0, 2)
        let (words, variables) = (arguments.map { strdup($0) }, environment.map { strdup($0) })
        defer {
            (words + variables).forEach { free($0) }
            posix_spawn_file_actions_destroy(&files)
            posix_spawnattr_destroy(&attributes)
        }
        var pid = pid_t()
        let failure = posix_spawn(
            &pid, arguments[0], &files, &attributes, words + [nil], variables + [nil])
        try #require(failure == 0)
        return pid
    }

    /// `POSIX_SPAWN_SETSID` of glibc's spawn.h, which Swift does not see.
    private static let newSession: Int16 = 0x80

    /// Whether the process is there and has not ended.
    var isRunning: Bool { waitpid(pid, nil, WNOHANG) == 0 }
    /// The modes of the terminal when the process has ended.
    var modesOnceEnded: termios {
        var (state, modes) = (siginfo_t(), termios())
        // Who ends it waits for it, too.
        waitid(P_PID, id_t(pid), &state, WEXITED | WNOWAIT)
        tcgetattr(terminal, &modes)
        return modes
    }
    var output: String { taken.withLock { String(decoding: $0.bytes, as: UTF8.self) } }
    var memoryFiles: [String] {
        // A folder that is gone has no files either.
        (try? FileManager.default.contentsOfDirectory(atPath: memory.path)) ?? []
    }

    /// What can be caught and is not needed to run at all.
    var catchableSignals: [Int32] {
        (1...64).filter { ![SIGKILL, SIGSTOP, SIGCHLD, SIGCONT, 32, 33].contains($0) }
    }

    func send(_ text: String) { send(Array(text.utf8)) }

    func send(_ bytes: [UInt8]) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { write(terminal, $0.baseAddress, $0.count) }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }

    func join(badge: String, code: String, secret: String) {
        send("\t")
        _ = shows("invitation code")
        send("\(badge)\r\(code)\r\(secret)\r\(secret)\r")
    }

    func signIn(badge: String, secret: String) {
        send("\(badge)\r\(secret)\r")
    }

    /// Waits until a text was written after the last one that was waited for.
    func shows(_ text: String) -> Bool {
        let wanted = Data(text.utf8)
        for _ in 0..<1_200 {
            let isThere = taken.withLock { taken in
                let new = Data(taken.bytes[taken.from...])
                guard let range = new.range(of: wanted) else { return false }
                taken.from += range.upperBound
                return true
            }
            if isThere { return true }
            usleep(50_000)
        }
        return false
    }

    /// Presses Escape, and has the screen drawn again, until a text is seen.
    func comesBack(to text: String) -> Bool {
        for round in 0..<60 {
            taken.withLock { $0.from = $0.bytes.count }
            send("\u{1b}")
            var size = winsize(
                ws_row: 30 + UInt16(round % 2), ws_col: 100, ws_xpixel: 0, ws_ypixel: 0)
            _ = ioctl(terminal, UInt(TIOCSWINSZ), &size)
            usleep(500_000)
            let isThere = taken.withLock { taken in
                Data(taken.bytes[taken.from...]).range(of: Data(text.utf8)) != nil
            }
            if isThere { return true }
        }
        return false
    }

    /// The processes that this one started.
    func children() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: "/proc").filter { name in
            guard Int32(name) != nil,
                let stat = FileManager.default.contents(atPath: "/proc/\(name)/stat")
            else { return false }
            let text = String(decoding: stat, as: UTF8.self)
            let words = text.drop { $0 != ")" }.split(separator: " ")
            return words.count > 2 && Int32(words[2]) == pid
        }
    }

    /// How many descriptors are event queues; `nil` where that is not for us to see.
    ///
    /// There is one for each loop of the network library: connections come and go, these stay.
    var eventQueues: Int? {
        let folder = "/proc/\(pid)/fd"
        // Of a process that hides its memory only the system's own user sees them.
        guard let names = try? FileManager.default.contentsOfDirectory(atPath: folder) else {
            return nil
        }
        return names.count { name in
            // One that was closed meanwhile leads nowhere.
            let target = try? FileManager.default.destinationOfSymbolicLink(
                atPath: "\(folder)/\(name)")
            return target?.contains("eventpoll") == true
        }
    }

    /// Whether a text stands anywhere in the memory of the process; `nil` where that is not for us
    /// to read.
    func memoryHolds(_ text: String) -> Bool? {
        let maps = FileManager.default.contents(atPath: "/proc/\(pid)/maps") ?? Data()
        let file = open("/proc/\(pid)/mem", O_RDONLY | O_CLOEXEC)
        guard file >= 0, !maps.isEmpty else { return nil }
        defer { close(file) }
        let wanted = Data(text.utf8)
        for line in String(decoding: maps, as: UTF8.self).split(separator: "\n") {
            let words = line.split(separator: " ")
            let ends = words[0].split(separator: "-").compactMap { UInt(String($0), radix: 16) }
            guard ends.count == 2, words[1].hasPrefix("rw") else { continue }
            var position = ends[0]
            var tail = Data()
            while position < ends[1] {
                var buffer = [UInt8](repeating: 0, count: Int(min(ends[1] - position, 1 << 20)))
                let count = pread(file, &buffer, buffer.count, off_t(position))
                guard count > 0 else { break }
                let piece = tail + Data(buffer[..<count])
                if piece.range(of: wanted) != nil { return true }
                tail = piece.suffix(wanted.count)
                position += UInt(count)
            }
        }
        return false
    }

    /// Whether any file of the machine holds one of the texts.
    func filesHold(_ texts: [String]) throws -> Bool {
        let files = FileManager.default.enumerator(atPath: scratch.url.path)
        while let name = files?.nextObject() as? String {
            guard let content = FileManager.default.contents(atPath: scratch.file(name).path) else {
                continue
            }
            if texts.contains(where: { content.range(of: Data($0.utf8)) != nil }) { return true }
        }
        return false
    }

    func end() {
        kill(pid, SIGKILL)
        waitpid(pid, nil, 0)
        close(terminal)
        // What a killed visit left is in memory only; a real machine sweeps at its next start.
        try? FileManager.default.removeItem(at: memory)
    }
}
