package import LedgerCore
package import NodeAPI
internal import Synchronization

/// A ledger store that forgets everything: for tests, and to compare the other with.
package final class MemoryLedgerStore: LedgerStore {
    private struct Content {
        var entries: [SequencedEntry] = []
        var indices: [Hash: Int] = [:]
        var refusals: [Hash: StoredRefusal] = [:]
        var cursors: [DeviceID: DeviceCursor] = [:]
        var checkpoints: [(size: Int, note: [UInt8])] = []
        var pieces: [PieceRun] = []
        var invitations: [String: StoredInvitation] = [:]
        var wraps: [StoredWrap] = []
        var records: [Hash: [AccountID: Int64]] = [:]
        var orders: [(order: OperatorOrder, result: OrderResult?)] = []
        var failure: (any Error)?
    }

    private let content = Mutex(Content())

    /// Makes an empty store.
    package init() {}

    /// Lets every commit from now on fail, without an effect.
    package func fail(with error: any Error) {
        content.withLock { $0.failure = error }
    }

    /// See `LedgerStore`.
    package func commit(_ batch: LedgerBatch) async throws {
        try content.withLock { content in
            if let failure = content.failure { throw failure }
            guard batch.entries.isEmpty || content.entries.count == batch.expectedSize else {
                throw LedgerStoreError.sizeChanged(
                    expected: batch.expectedSize, found: content.entries.count)
            }
            let lengths = 1...NodeLimits.wrappedKeyBytes
            guard batch.wraps.allSatisfy({ lengths.contains($0.key.wrapped.count) }) else {
                throw LedgerStoreError.corrupt("a wrapped key is empty or too long")
            }
            for entry in batch.entries {
                content.indices[entry.entry.id] = content.entries.count
                content.entries.append(entry)
            }
            if !batch.entries.isEmpty {
                content.checkpoints.append((content.entries.count, batch.checkpoint))
            }
            if let run = batch.pieces {
                content.pieces.removeAll { $0.start >= run.start }
                content.pieces.append(run)
            }
            for refusal in batch.refusals { content.refusals[refusal.entry] = refusal }
            content.cursors.merge(batch.cursors) { $1 }
            content.wraps.removeAll { batch.ended.contains($0.key.authorization) }
            for (record, authorization) in batch.uncovered {
                content.wraps.removeAll {
                    $0.record == record && $0.key.authorization == authorization
                }
            }
            for wrap in batch.wraps {
                content.wraps.removeAll {
                    $0.record == wrap.record && $0.key.authorization == wrap.key.authorization
                        && $0.key.recipient == wrap.key.recipient
                }
                content.wraps.append(wrap)
            }
            for (record, owner) in batch.erased { content.records[record]?[owner] = nil }
            for (lookup, entry) in batch.redeemed {
                guard let known = content.invitations[lookup], known.usedBy == nil else {
                    throw LedgerStoreError.corrupt("an invitation was used twice")
                }
                content.invitations[lookup] = StoredInvitation(
                    key: known.key, expires: known.expires, usedBy: entry)
            }
            for (order, result) in batch.settled { content.orders[Int(order)].result = result }
        }
    }

    /// See `LedgerStore`.
    package func newestCheckpoint() throws -> (size: Int, note: [UInt8])? {
        content.withLock { $0.checkpoints.last }
    }

    /// See `LedgerStore`.
    package func checkpoint(size: Int) throws -> [UInt8]? {
        content.withLock { content in content.checkpoints.first { $0.size == size }?.note }
    }

    /// See `LedgerStore`.
    package func checkpointSizes() throws -> [Int] {
        content.withLock { $0.checkpoints.map(\.size) }
    }

    /// See `LedgerStore`.
    package func checkpointSize(including index: LeafIndex) throws -> Int? {
        content.withLock { content in content.checkpoints.first { $0.size > Int(index) }?.size }
    }

    /// See `LedgerStore`.
    package func pieceRuns() throws -> [PieceRun] {
        content.withLock { $0.pieces.sorted { $0.start < $1.start } }
    }

    /// See `LedgerStore`.
    package func leaves(from start: LeafIndex, to end: LeafIndex) throws -> [[UInt8]] {
        select(.max) { (start..<end).contains($0.index) }.map(\.leafData)
    }

    /// See `LedgerStore`.
    package func cursors() throws -> [DeviceID: DeviceCursor] {
        content.withLock { $0.cursors }
    }

    /// See `LedgerStore`.
    package func refusedEntries() throws -> [Hash] {
        content.withLock { Array($0.refusals.keys) }
    }

    /// See `LedgerStore`.
    package func entries(from index: LeafIndex, limit: Int) throws -> [SequencedEntry] {
        select(limit) { $0.index >= index }
    }

    /// See `LedgerStore`.
    package func entryCount(below size: LeafIndex) throws -> Int {
        select(.max) { $0.index < size }.count
    }

    /// See `LedgerStore`.
    package func entry(_ id: Hash) throws -> SequencedEntry? {
        content.withLock { content in content.indices[id].map { content.entries[$0] } }
    }

    /// See `LedgerStore`.
    package func index(of id: Hash) throws -> LeafIndex? {
        content.withLock { content in content.indices[id].map { content.entries[$0].index } }
    }

    /// See `LedgerStore`.
    package func refusal(_ id: Hash) throws -> StoredRefusal? {
        content.withLock { $0.refusals[id] }
    }

    /// See `LedgerStore`.
    package func entries(
        of chain: ChainID, after: Int64, below size: LeafIndex, limit: Int
    ) throws -> [SequencedEntry] {
        select(limit) { $0.chain == chain && $0.chainSequence > after && $0.index < size }
    }

    /// See `LedgerStore`.
    package func lastEntry(of chain: ChainID, below size: LeafIndex) throws -> SequencedEntry? {
        select(.max) { $0.chain == chain && $0.index < size }.last
    }

    /// See `LedgerStore`.
    package func entries(
        about project: ProjectID, after: LeafIndex, below size: LeafIndex, limit: Int
    ) throws -> [SequencedEntry] {
        select(limit) { $0.project == project && $0.index > after && $0.index < size }
    }

    /// See `LedgerStore`.
    package func entries(
        aboutAny projects: [ProjectID], after: LeafIndex, below size: LeafIndex, limit: Int
    ) throws -> [SequencedEntry] {
        let wanted = Set(projects)
        return select(limit) { entry in
            entry.project.map(wanted.contains) == true && entry.index > after
                && entry.index < size
        }
    }

    private func select(_ limit: Int, _ isWanted: (SequencedEntry) -> Bool) -> [SequencedEntry] {
        content.withLock { Array($0.entries.lazy.filter(isWanted).prefix(limit)) }
    }

    /// See `LedgerStore`.
    package func add(_ invitation: StoredInvitation) throws {
        content.withLock { $0.invitations[invitation.key.lookup] = invitation }
    }

    /// See `LedgerStore`.
    package func invitation(lookup: String) throws -> StoredInvitation? {
        content.withLock { $0.invitations[lookup] }
    }

    /// See `LedgerStore`.
    package func wraps(of authorization: AuthorizationID, for recipient: AccountID) throws
        -> [Hash: [UInt8]]
    {
        content.withLock { content in
            var wraps = [Hash: [UInt8]]()
            for wrap in content.wraps
            where wrap.key.authorization == authorization && wrap.key.recipient == recipient {
                wraps[wrap.record] = wrap.key.wrapped
            }
            return wraps
        }
    }

    /// See `LedgerStore`.
    package func owners(of record: Hash) throws -> Set<AccountID> {
        content.withLock { Set($0.records[record, default: [:]].keys) }
    }

    /// See `LedgerStore`.
    package func addRecord(_ record: Hash, owner: AccountID, sizeBytes: Int64) async throws {
        content.withLock { $0.records[record, default: [:]][owner] = sizeBytes }
    }

    /// See `LedgerStore`.
    package func removeRecord(_ record: Hash, owner: AccountID) async throws {
        content.withLock { $0.records[record]?[owner] = nil }
    }

    /// See `LedgerStore`.
    package func storedBytes(of owner: AccountID) throws -> Int64 {
        content.withLock { content in
            content.records.values.compactMap { $0[owner] }
                .reduce(0) { $0 + max($1, NodeLimits.leastRecordBytes) }
        }
    }

    /// See `LedgerStore`.
    package func add(_ order: OperatorOrder) throws -> Int64 {
        content.withLock { content in
            content.orders.append((order, nil))
            return Int64(content.orders.count - 1)
        }
    }

    /// See `LedgerStore`.
    package func openOrders() throws -> [StoredOrder] {
        content.withLock { content in
            content.orders.enumerated().filter { $0.element.result == nil }
                .map { StoredOrder(id: Int64($0.offset), order: $0.element.order) }
        }
    }

    /// See `LedgerStore`.
    package func result(ofOrder id: Int64) throws -> OrderResult? {
        content.withLock { $0.orders[Int(id)].result }
    }

    /// See `LedgerStore`.
    package func freeSpace() throws -> FreeSpace { FreeSpace(bytes: .max) }
}

/// A store for ciphertext that forgets everything.
package final class MemoryRecordStore: SealedRecordStore {
    private struct Content {
        var complete: [Hash: [UInt8]] = [:]
        var partial: [String: [UInt8]] = [:]
    }

    private let content = Mutex(Content())

    /// Makes an empty store.
    package init() {}

    /// See `SealedRecordStore`.
    package func progress(of record: Hash, owner: AccountID) throws -> UploadProgress {
        let count = content.withLock { $0.partial[key(record, owner)]?.count ?? 0 }
        return UploadProgress(offset: Int64(count), isComplete: false)
    }

    /// See `SealedRecordStore`.
    package func append(
        _ bytes: [UInt8], at offset: Int64, length: Int64, to record: Hash, owner: AccountID
    ) throws -> UploadProgress {
        try content.withLock { content in
            let key = key(record, owner)
            var piece = content.partial[key] ?? []
            guard piece.count == offset else {
                throw SealedRecordError.offsetMismatch(expected: Int64(piece.count))
            }
            piece += bytes
            guard piece.count <= length else { throw SealedRecordError.contentMismatch }
            content.partial[key] = piece
            guard piece.count == length else {
                return UploadProgress(offset: Int64(piece.count), isComplete: false)
            }
            content.partial[key] = nil
            guard Hash.of(piece) == record else { throw SealedRecordError.contentMismatch }
            content.complete[record] = piece
            return UploadProgress(offset: length, isComplete: true)
        }
    }

    /// See `SealedRecordStore`.
    package func read(_ record: Hash, offset: Int64, count: Int) throws -> [UInt8]? {
        content.withLock { content in
            content.complete[record].map { Array($0.dropFirst(Int(offset)).prefix(count)) }
        }
    }

    /// See `SealedRecordStore`.
    package func size(of record: Hash) throws -> Int64? {
        content.withLock { content in content.complete[record].map { Int64($0.count) } }
    }

    /// See `SealedRecordStore`.
    package func removePart(of record: Hash, owner: AccountID) throws {
        content.withLock { $0.partial[key(record, owner)] = nil }
    }

    /// See `SealedRecordStore`.
    package func erase(_ record: Hash, owner: AccountID) throws {
        content.withLock { content in
            content.complete[record] = nil
            content.partial[key(record, owner)] = nil
        }
    }

    /// See `SealedRecordStore`.
    package func partialBytes(of owner: AccountID, besides record: Hash) throws -> Int64 {
        content.withLock { content in
            content.partial.filter {
                $0.key.hasSuffix(owner.text) && $0.key != key(record, owner)
            }
            .reduce(0) { $0 + max(Int64($1.value.count), NodeLimits.leastRecordBytes) }
        }
    }

    /// See `SealedRecordStore`.
    package func freeSpace() throws -> FreeSpace { FreeSpace(bytes: .max) }

    private func key(_ record: Hash, _ owner: AccountID) -> String {
        "\(record.hex)-\(owner.text)"
    }
}
