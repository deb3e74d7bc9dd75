internal import Foundation
internal import Synchronization

/// Who has the database open, and whether the last who had it stopped in good order.
///
/// Every process holds a lock on `store.lock` while it has the database open; the kernel lets go of
/// a dead process's. What is written in it has no authority over anything: it only says whether
/// the database has to be looked through before it is used.
final class StoreLatch: Sendable {
    /// Names one run of the machine: after a loss of power it is another one.
    static let bootID: String = {
        let file = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC)
        defer { if file >= 0 { close(file) } }
        var bytes = [UInt8](repeating: 0, count: 64)
        let count = file < 0 ? 0 : Foundation.read(file, &bytes, bytes.count)
        // Without it every first opening counts as one after a restart.
        guard count > 0 else { return UUID().uuidString }
        return String(decoding: bytes.prefix(count).prefix { $0 > 0x20 }, as: UTF8.self)
    }()

    /// What the last process left.
    enum Trace: Equatable {
        /// Nobody had the database open before.
        case none
        /// It was closed, and the machine ran on since.
        case closed
        /// It was closed, and the machine was started anew since.
        case closedBefore
        /// The machine was started anew since, and nobody had closed it.
        case restarted
        /// A process ended without closing it.
        case suspect
        /// A process met damage.
        case damaged
    }

    private let descriptor: Int32
    private let boot: String
    /// Whether this process has the database open.
    private let isOpen = Atomic<Bool>(false)

    private static let patience = 500

    /// Opens the file, which is made if it is missing.
    init(directory: String, boot: String) throws {
        self.boot = boot
        descriptor = open(directory + "/store.lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw ClientStore.failure("open store.lock") }
    }

    deinit {
        // Only the last to leave can say that all did; what met damage stays marked.
        if isOpen.load(ordering: .relaxed), takeAlone(), said == "open \(boot)" {
            say("closed \(boot)")
        }
        close(descriptor)
    }

    /// Locks everybody else out; `false` if another process has the database open.
    func takeAlone() -> Bool { flock(descriptor, LOCK_EX | LOCK_NB) == 0 }

    /// Locks everybody else out, waiting five seconds for them to leave.
    func waitAlone() -> Bool { wait { takeAlone() } }

    /// Lets others in; waits five seconds for one who is mending.
    func share() throws {
        guard wait({ flock(descriptor, LOCK_SH | LOCK_NB) == 0 }) else {
            throw StoreFailure(
                .busy, operation: "open the store", reason: "another process is mending it")
        }
    }

    private func wait(_ isDone: () -> Bool) -> Bool {
        for _ in 0..<StoreLatch.patience {
            if isDone() { return true }
            usleep(10_000)
        }
        return isDone()
    }

    /// What the last process left; for one that is alone.
    var trace: Trace {
        let said = said
        if said.isEmpty { return .none }
        if said.hasPrefix("damaged ") { return .damaged }
        let isClosed = said.hasPrefix("closed ")
        guard said.hasSuffix(boot) else { return isClosed ? .closedBefore : .restarted }
        return isClosed ? .closed : .suspect
    }

    /// Notes that the database is open: it has to be closed by somebody.
    func noteOpen() {
        join()
        say("open \(boot)")
    }

    /// Notes that this process has it open too.
    func join() { isOpen.store(true, ordering: .relaxed) }

    /// Notes that damage was met: the next process that is alone mends it.
    func noteDamage() { say("damaged \(boot)") }

    private var said: String {
        var bytes = [UInt8](repeating: 0, count: 128)
        let count = pread(descriptor, &bytes, bytes.count, 0)
        return String(decoding: bytes.prefix(max(count, 0)), as: UTF8.self)
    }

    /// Not made durable: a loss of power shows in the name of the machine's run.
    private func say(_ text: String) {
        let bytes = Array(text.utf8)
        guard pwrite(descriptor, bytes, bytes.count, 0) == bytes.count else { return }
        ftruncate(descriptor, off_t(bytes.count))
    }
}
