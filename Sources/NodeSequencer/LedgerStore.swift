package import LedgerCore
package import NodeAPI

/// An entry with its place on the ledger, as it is stored.
package struct SequencedEntry: Equatable, Sendable {
    /// The place.
    package let index: LeafIndex
    /// The entry.
    package let entry: Entry
    /// The envelope's canonical bytes.
    package let envelope: [UInt8]
    /// The salt, 32 bytes.
    package let salt: [UInt8]
    /// What stands in the log for the entry, 32 bytes.
    package let leafData: [UInt8]
    /// The chain.
    package let chain: ChainID
    /// The number in the chain, from 1.
    package let chainSequence: Int64
    /// The project it is about, if any.
    package let project: ProjectID?
    /// The device that signed.
    package let device: DeviceID
    /// The device's number for it.
    package let sequence: Int64

    /// Makes a stored entry of its parts.
    package init(
        index: LeafIndex, entry: Entry, envelope: [UInt8], salt: [UInt8], leafData: [UInt8],
        chain: ChainID, chainSequence: Int64, project: ProjectID?, device: DeviceID,
        sequence: Int64
    ) {
        self.index = index
        self.entry = entry
        self.envelope = envelope
        self.salt = salt
        self.leafData = leafData
        self.chain = chain
        self.chainSequence = chainSequence
        self.project = project
        self.device = device
        self.sequence = sequence
    }
}

/// A refusal, as it is stored.
package struct StoredRefusal: Equatable, Sendable {
    /// The refused entry.
    package let entry: Hash
    /// The rule.
    package let code: UInt16
    /// The signed receipt.
    package let receipt: [UInt8]

    /// Makes a stored refusal.
    package init(entry: Hash, code: UInt16, receipt: [UInt8]) {
        self.entry = entry
        self.code = code
        self.receipt = receipt
    }

    /// The refusal as it is sent.
    package var refusal: Refusal {
        Refusal(
            code: code, name: EntryRejection(rawValue: code).map { "\($0)" } ?? "unknown",
            receipt: receipt)
    }
}

/// How far a device has come; refused entries count too.
package struct DeviceCursor: Equatable, Sendable {
    /// The number of the last decided entry.
    package var sequence: Int64
    /// Its id.
    package var last: Hash

    /// Makes a cursor.
    package init(sequence: Int64, last: Hash) {
        self.sequence = sequence
        self.last = last
    }

    /// Whether an entry is the next one of its device.
    func isFollowed(by payload: EntryPayload) -> Bool {
        payload.sequence == sequence + 1 && payload.previous == last
    }
}

/// An invitation, as the node keeps it: never the code itself.
package struct StoredInvitation: Equatable, Sendable {
    /// What proofs are checked with.
    package let key: InvitationKey
    /// When it can no longer be redeemed.
    package let expires: Timestamp
    /// The entry that redeemed it.
    package let usedBy: Hash?

    /// Makes an invitation.
    package init(key: InvitationKey, expires: Timestamp, usedBy: Hash? = nil) {
        self.key = key
        self.expires = expires
        self.usedBy = usedBy
    }
}

/// A wrapped key of a record, as it is stored.
package struct StoredWrap: Equatable, Sendable {
    /// The record.
    package let record: Hash
    /// The key.
    package let key: WrappedKey

    /// Makes a stored key.
    package init(record: Hash, key: WrappedKey) {
        self.record = record
        self.key = key
    }
}

/// What the operator told the node to do from outside.
package struct StoredOrder: Equatable, Sendable {
    /// The number of the order.
    package let id: Int64
    /// What to do; `nil` if it cannot be read.
    package let order: OperatorOrder?

    /// Makes a stored order.
    package init(id: Int64, order: OperatorOrder?) {
        self.id = id
        self.order = order
    }
}

/// The roots of pieces that lie side by side in the log (`MerkleLog`), so that a start need not read
/// and hash their leaves.
///
/// It has no authority: a start holds the tree it makes of these against the newest checkpoint.
package struct PieceRun: Equatable, Sendable {
    /// The first leaf, a multiple of 16.
    package let start: Int
    /// The roots, at least one.
    package let roots: [Hash]

    /// Makes a run.
    package init(start: Int, roots: [Hash]) {
        self.start = start
        self.roots = roots
    }
}

/// Everything that becomes durable at once.
package struct LedgerBatch: Sendable {
    /// The size of the log this batch was decided on: it must still be that.
    package var expectedSize: Int
    /// The entries, in order, the first at `expectedSize`.
    package var entries: [SequencedEntry] = []
    /// The roots of pieces, for the next start: in place of all from its first leaf on.
    package var pieces: PieceRun?
    /// The refused entries.
    package var refusals: [StoredRefusal] = []
    /// The cursors that moved.
    package var cursors: [DeviceID: DeviceCursor] = [:]
    /// The signed checkpoint over the log with these entries; empty without entries.
    package var checkpoint: [UInt8] = []
    /// The invitations used up, by lookup.
    package var redeemed: [String: Hash] = [:]
    /// The wrapped keys to add, replacing older ones.
    package var wraps: [StoredWrap] = []
    /// The authorizations that ended: their wrapped keys go.
    package var ended: [AuthorizationID] = []
    /// The records an authorization no longer covers because they were erased: their wrapped keys go.
    package var uncovered: [(record: Hash, authorization: AuthorizationID)] = []
    /// The records whose ciphertext goes, with their owners.
    package var erased: [(record: Hash, owner: AccountID)] = []
    /// The results of orders.
    package var settled: [Int64: OrderResult] = [:]

    /// Makes an empty batch.
    package init(expectedSize: Int) {
        self.expectedSize = expectedSize
    }

    /// Whether wrapped keys come or go.
    package var changesKeys: Bool { !wraps.isEmpty || !ended.isEmpty || !uncovered.isEmpty }

    /// Whether there is nothing to write.
    package var isEmpty: Bool {
        entries.isEmpty && refusals.isEmpty && cursors.isEmpty && redeemed.isEmpty
            && wraps.isEmpty && ended.isEmpty && uncovered.isEmpty && erased.isEmpty
            && settled.isEmpty
    }
}

/// Why a store cannot do what was asked.
package enum LedgerStoreError: Error, Equatable, Sendable {
    /// The log has another size than the batch was decided on.
    case sizeChanged(expected: Int, found: Int)
    /// What is stored contradicts itself.
    case corrupt(String)
}

/// Where a node keeps its ledger: the seam between the sequencer and a disk.
///
/// A commit is all or nothing, and durable when it returns. Reads see whole commits only.
package protocol LedgerStore: Sendable {
    /// Makes a batch durable.
    ///
    /// - Throws: after which the ledger's owner must stop: it is not known what was written.
    func commit(_ batch: LedgerBatch) async throws

    /// The number of leaves and the newest signed checkpoint; `nil` before the first.
    func newestCheckpoint() throws -> (size: Int, note: [UInt8])?
    /// The signed checkpoint of a size; `nil` if there was none.
    func checkpoint(size: Int) throws -> [UInt8]?
    /// The sizes of all checkpoints, ascending.
    func checkpointSizes() throws -> [Int]
    /// The size of the first checkpoint that includes a leaf; `nil` if none does.
    func checkpointSize(including index: LeafIndex) throws -> Int?
    /// The kept roots of pieces, ascending by their first leaf.
    func pieceRuns() throws -> [PieceRun]
    /// The leaf data of the leaves `start..<end`.
    func leaves(from start: LeafIndex, to end: LeafIndex) throws -> [[UInt8]]
    /// All cursors.
    func cursors() throws -> [DeviceID: DeviceCursor]
    /// The ids of all refused entries.
    func refusedEntries() throws -> [Hash]

    /// The entries from `index` on, at most `limit`.
    func entries(from index: LeafIndex, limit: Int) throws -> [SequencedEntry]
    /// The number of entries below `size`.
    func entryCount(below size: LeafIndex) throws -> Int
    /// One entry; `nil` if it is not on the ledger.
    func entry(_ id: Hash) throws -> SequencedEntry?
    /// The place of an entry; `nil` if it is not on the ledger.
    func index(of id: Hash) throws -> LeafIndex?
    /// One refusal; `nil` if the entry was not refused.
    func refusal(_ id: Hash) throws -> StoredRefusal?
    /// The entries of a chain after number `after` with an index below `size`, at most `limit`.
    func entries(of chain: ChainID, after: Int64, below size: LeafIndex, limit: Int) throws
        -> [SequencedEntry]
    /// The last entry of a chain with an index below `size`.
    func lastEntry(of chain: ChainID, below size: LeafIndex) throws -> SequencedEntry?
    /// The entries about a project with an index after `after` and below `size`.
    func entries(
        about project: ProjectID, after: LeafIndex, below size: LeafIndex, limit: Int
    ) throws -> [SequencedEntry]

    /// The entries about any of these projects with an index after `after` and below `size`.
    func entries(
        aboutAny projects: [ProjectID], after: LeafIndex, below size: LeafIndex, limit: Int
    ) throws -> [SequencedEntry]

    /// Adds an invitation.
    func add(_ invitation: StoredInvitation) throws
    /// The invitation a lookup names.
    func invitation(lookup: String) throws -> StoredInvitation?

    /// The wrapped keys for a recipient under an authorization, by record.
    func wraps(of authorization: AuthorizationID, for recipient: AccountID) throws
        -> [Hash: [UInt8]]
    /// The owners of a record whose ciphertext is there.
    func owners(of record: Hash) throws -> Set<AccountID>
    /// Records that an owner's ciphertext is there.
    func addRecord(_ record: Hash, owner: AccountID, sizeBytes: Int64) async throws
    /// Forgets that an owner's ciphertext is there.
    func removeRecord(_ record: Hash, owner: AccountID) async throws
    /// What all ciphertext an account stores counts, in bytes: each record
    /// `NodeLimits.leastRecordBytes` at least.
    func storedBytes(of owner: AccountID) throws -> Int64

    /// Adds an order and returns its number.
    func add(_ order: OperatorOrder) throws -> Int64
    /// The orders without a result.
    func openOrders() throws -> [StoredOrder]
    /// The result of an order, once there is one.
    func result(ofOrder id: Int64) throws -> OrderResult?

    /// What is free where the ledger lies.
    func freeSpace() throws -> FreeSpace
}

/// Where a node keeps ciphertext: files named by their content.
package protocol SealedRecordStore: Sendable {
    /// How much of an incomplete record an owner has sent.
    func progress(of record: Hash, owner: AccountID) throws -> UploadProgress
    /// Adds a piece at `offset`; at the end checks the content and makes it durable.
    ///
    /// Where all bytes are there already, only the latter, whatever the piece.
    ///
    /// - Throws: `SealedRecordError`.
    func append(
        _ bytes: [UInt8], at offset: Int64, length: Int64, to record: Hash, owner: AccountID
    ) throws -> UploadProgress
    /// Reads part of a complete record; `nil` if it is not there.
    func read(_ record: Hash, offset: Int64, count: Int) throws -> [UInt8]?
    /// The length of a complete record in bytes; `nil` if it is not there.
    func size(of record: Hash) throws -> Int64?
    /// Removes what came so far of an incomplete record.
    func removePart(of record: Hash, owner: AccountID) throws
    /// Removes a record, complete or not.
    func erase(_ record: Hash, owner: AccountID) throws
    /// What an owner's incomplete records count, but for `record`, in bytes: each
    /// `NodeLimits.leastRecordBytes` at least.
    func partialBytes(of owner: AccountID, besides record: Hash) throws -> Int64
    /// What is free where the records lie.
    func freeSpace() throws -> FreeSpace
}

/// Why a piece of a record is not taken.
package enum SealedRecordError: Error, Equatable, Sendable {
    /// The piece does not start where the last one ended.
    case offsetMismatch(expected: Int64)
    /// The pieces are together longer than announced, or the content has another hash.
    case contentMismatch
    /// Another piece of it is being written.
    case beingWritten
}
