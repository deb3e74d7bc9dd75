internal import LedgerCore

/// Which entries were decided: those of the batch that is not durable yet, and the store.
struct KnownEntries: Sendable {
    /// Decided in the batch that is not durable yet: whether it is recorded, or else refused.
    private var waiting: [Hash: Bool] = [:]

    /// Notes an entry of the batch that is being decided.
    mutating func add(_ id: Hash, isRecorded: Bool) {
        waiting[id] = isRecorded
    }

    /// Notes that the batch is durable.
    mutating func settle() {
        waiting.removeAll(keepingCapacity: true)
    }

    /// Whether an entry was decided, either way.
    ///
    /// - Throws: store errors.
    func contains(_ id: Hash, in store: any LedgerStore) throws -> Bool {
        if waiting[id] != nil { return true }
        if try store.index(of: id) != nil { return true }
        return try store.refusal(id) != nil
    }

    /// Whether an entry is on the ledger.
    ///
    /// - Throws: store errors.
    func isRecorded(_ id: Hash, in store: any LedgerStore) throws -> Bool {
        if let isRecorded = waiting[id] { return isRecorded }
        return try store.index(of: id) != nil
    }
}
