internal import LedgerCore

/// Which entries were decided: eight bytes of memory for each, the store for the rest.
///
///     id ──▶ being committed? ──▶ fingerprint seen? ──▶ the store, by id
///                                        └ no: new, and nothing is read
///
/// A fingerprint is a hash with a key of this process (the standard library's), so nobody can make
/// two ids that share one on purpose; where two do, the store is read once in vain.
struct KnownEntries: Sendable {
    private var fingerprints: Set<Int> = []
    /// Decided in the batch that is not durable yet: whether it is recorded, or else refused.
    private var waiting: [Hash: Bool] = [:]

    /// Knows no entry; has room for some.
    init(capacity: Int = 0) { fingerprints.reserveCapacity(capacity) }

    /// Notes an entry of the batch that is being decided.
    mutating func add(_ id: Hash, isRecorded: Bool) {
        waiting[id] = isRecorded
    }

    /// Notes an entry that the store holds.
    mutating func addStored(_ id: Hash) {
        fingerprints.insert(id.hashValue)
    }

    /// Notes that the batch is durable.
    mutating func settle() {
        for id in waiting.keys { addStored(id) }
        waiting.removeAll(keepingCapacity: true)
    }

    /// Whether the store may hold the entry: no is certain.
    func mayBeStored(_ id: Hash) -> Bool { fingerprints.contains(id.hashValue) }

    /// Whether an entry was decided, either way.
    ///
    /// - Throws: store errors.
    func contains(_ id: Hash, in store: any LedgerStore) throws -> Bool {
        if waiting[id] != nil { return true }
        guard mayBeStored(id) else { return false }
        if try store.index(of: id) != nil { return true }
        return try store.refusal(id) != nil
    }

    /// Whether an entry is on the ledger.
    ///
    /// - Throws: store errors.
    func isRecorded(_ id: Hash, in store: any LedgerStore) throws -> Bool {
        if let isRecorded = waiting[id] { return isRecorded }
        guard mayBeStored(id) else { return false }
        return try store.index(of: id) != nil
    }
}
