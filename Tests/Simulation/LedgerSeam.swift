internal import LedgerCore
internal import NodeAPI
internal import NodeSequencer
internal import NodeStore

/// The real store of a node, committing on this thread; in a planted bug, wrongly.
class LedgerSeam: LedgerStore, @unchecked Sendable {
    let database: NodeDatabase

    required init(_ database: NodeDatabase) { self.database = database }

    func commit(_ batch: LedgerBatch) async throws { try database.commitHere(batch) }

    func newestCheckpoint() throws -> (size: Int, note: [UInt8])? {
        try database.newestCheckpoint()
    }
    func checkpoint(size: Int) throws -> [UInt8]? { try database.checkpoint(size: size) }
    func checkpointSizes() throws -> [Int] { try database.checkpointSizes() }
    func checkpointSize(including index: LeafIndex) throws -> Int? {
        try database.checkpointSize(including: index)
    }
    func pieceRuns() throws -> [PieceRun] { try database.pieceRuns() }
    func leaves(from start: LeafIndex, to end: LeafIndex) throws -> [[UInt8]] {
        try database.leaves(from: start, to: end)
    }
    func cursors() throws -> [DeviceID: DeviceCursor] { try database.cursors() }
    func refusedEntries() throws -> [Hash] { try database.refusedEntries() }
    func entries(from index: LeafIndex, limit: Int) throws -> [SequencedEntry] {
        try database.entries(from: index, limit: limit)
    }
    func entryCount(below size: LeafIndex) throws -> Int {
        try database.entryCount(below: size)
    }
    func entry(_ id: Hash) throws -> SequencedEntry? { try database.entry(id) }
    func index(of id: Hash) throws -> LeafIndex? { try database.index(of: id) }
    func refusal(_ id: Hash) throws -> StoredRefusal? { try database.refusal(id) }
    func entries(of chain: ChainID, after: Int64, below size: LeafIndex, limit: Int) throws
        -> [SequencedEntry]
    {
        try database.entries(of: chain, after: after, below: size, limit: limit)
    }
    func lastEntry(of chain: ChainID, below size: LeafIndex) throws -> SequencedEntry? {
        try database.lastEntry(of: chain, below: size)
    }
    func entries(
        about project: ProjectID, after: LeafIndex, below size: LeafIndex, limit: Int
    ) throws -> [SequencedEntry] {
        try database.entries(about: project, after: after, below: size, limit: limit)
    }
    func entries(
        aboutAny projects: [ProjectID], after: LeafIndex, below size: LeafIndex, limit: Int
    ) throws -> [SequencedEntry] {
        try database.entries(aboutAny: projects, after: after, below: size, limit: limit)
    }
    func add(_ invitation: StoredInvitation) throws { try database.add(invitation) }
    func invitation(lookup: String) throws -> StoredInvitation? {
        try database.invitation(lookup: lookup)
    }
    func wraps(of authorization: AuthorizationID, for recipient: AccountID) throws
        -> [Hash: [UInt8]]
    {
        try database.wraps(of: authorization, for: recipient)
    }
    func owners(of record: Hash) throws -> Set<AccountID> { try database.owners(of: record) }
    func removeRecord(_ record: Hash, owner: AccountID) async throws {
        try await database.removeRecord(record, owner: owner)
    }

    func addRecord(_ record: Hash, owner: AccountID, sizeBytes: Int64) async throws {
        try await database.addRecord(record, owner: owner, sizeBytes: sizeBytes)
    }
    func storedBytes(of owner: AccountID) throws -> Int64 { try database.storedBytes(of: owner) }
    func add(_ order: OperatorOrder) throws -> Int64 { try database.add(order) }
    func openOrders() throws -> [StoredOrder] { try database.openOrders() }
    func result(ofOrder id: Int64) throws -> OrderResult? { try database.result(ofOrder: id) }
    // The simulated disk has no size: that it is full is a fault of a write.
    func freeSpace() throws -> FreeSpace { FreeSpace(bytes: .max) }
}
