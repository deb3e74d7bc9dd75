internal import Synchronization

/// Keeps the newest snapshot of what the entries add up to, so that a start need not replay them.
///
/// It has no authority: a snapshot that does not fit what is stored is not used, and one that is
/// lost costs the next start some time.
package protocol SnapshotKeeper: Sendable {
    /// The snapshot kept last; `nil` for none.
    func newest() throws -> [UInt8]?
    /// Makes a snapshot durable in place of the one before: all of it or nothing.
    func keep(_ snapshot: [UInt8]) throws
}

/// Keeps a snapshot in memory.
package final class MemorySnapshotKeeper: SnapshotKeeper {
    private let content = Mutex<[UInt8]?>(nil)

    /// Keeps nothing yet.
    package init() {}

    /// See `SnapshotKeeper`.
    package func newest() throws -> [UInt8]? { content.withLock { $0 } }

    /// See `SnapshotKeeper`.
    package func keep(_ snapshot: [UInt8]) throws { content.withLock { $0 = snapshot } }
}

/// When the next snapshot is written, and by one at a time.
struct SnapshotSchedule {
    /// The fewest entries from one snapshot to the next while the node runs.
    let interval: Int
    /// The number of entries the newest snapshot covers.
    private(set) var keptSize = 0
    /// The number of entries when one was last begun or found.
    private var lastSize = 0
    private var isWriting = false
    private var hasFailed = false

    init(interval: Int) { self.interval = interval }

    /// Notes the snapshot a start went on from.
    mutating func found(size: Int) { (keptSize, lastSize) = (size, size) }

    /// Whether a log of this size has grown enough since the last one: by a quarter, so that what is
    /// written in all stays a few times the last one.
    func isDue(at size: Int) -> Bool {
        !isWriting && size - lastSize >= max(interval, size / 4)
    }

    mutating func begin(at size: Int) { (isWriting, lastSize) = (true, size) }

    /// Notes how a snapshot of this size ended.
    ///
    /// - Returns: Whether to tell of it: the first failure after a success.
    mutating func end(at size: Int, isKept: Bool) -> Bool {
        isWriting = false
        if isKept { keptSize = size }
        defer { hasFailed = !isKept }
        return !isKept && !hasFailed
    }
}
