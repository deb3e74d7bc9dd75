internal import ClientStore
internal import LedgerCore
internal import SyncCore

/// What a store tells about what was stored.
protocol StoreWitness: AnyObject {
    func stored(_ what: StoredChange)
}

/// A change that was stored, as the oracles see it.
enum StoredChange {
    case sent([Hash])
    case decided([(entry: Hash, decision: Decision)])
    case merged(VerifiedRound)
    case frozen(reason: String)
    /// What waits may get other numbers now.
    case renumbering([Hash])
    /// It did: `refused` can never be decided, `gone` was signed anew as `anew`, one by one.
    case renumbered(refused: [Hash], gone: [Hash], anew: [Entry])
}

/// The real store of a client; tells what it stored, and, in a planted bug, does it wrongly.
class WatchedStore: SyncStoring, @unchecked Sendable {
    let store: ClientStore
    weak var witness: (any StoreWitness)?
    private let signals: AsyncStream<Void>
    private let signal: AsyncStream<Void>.Continuation

    required init(_ store: ClientStore) {
        self.store = store
        (signals, signal) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// How many times the store still fails when it is asked for the counts, and for its changes.
    var failures = 0
    var changeFailures = 0

    private struct Failing: Error {}

    /// Tells the engine that another part of the program wrote something.
    func announce() { signal.yield() }

    func enqueue(at time: Timestamp, _ build: (OutboxCursor) throws -> [Entry]) throws -> [Hash] {
        try store.enqueue(at: time, build)
    }

    func enrolment() throws -> Enrolment? { try store.enrolment() }
    func pendingEnrolment() throws -> Entry? { try store.pendingEnrolment() }
    func prepareEnrolment(_ entry: Entry) throws { try store.prepareEnrolment(entry) }

    func confirmEnrolment(
        _ enrolment: Enrolment, entry: Entry, index: LeafIndex, receipt: [UInt8],
        policy: WitnessPolicy?, at time: Timestamp
    ) throws {
        try store.confirmEnrolment(
            enrolment, entry: entry, index: index, receipt: receipt, policy: policy, at: time)
    }

    func wireVersion() throws -> Int64? { try store.wireVersion() }
    func agree(onWireVersion version: Int64) throws { try store.agree(onWireVersion: version) }
    func checkpointNote() throws -> [UInt8]? { try store.checkpointNote() }
    func witnessPolicy() throws -> WitnessPolicy? { try store.witnessPolicy() }
    func noteConfirmation(at time: Timestamp) throws { try store.noteConfirmation(at: time) }

    func checkpointNote(atMost size: Int64) throws -> [UInt8]? {
        try store.checkpointNote(atMost: size)
    }

    func cursor(of chain: ChainID, inTreeOf size: Int64) throws -> ChainCursor {
        try store.cursor(of: chain, inTreeOf: size)
    }

    func cursor(of chain: ChainID) throws -> ChainCursor { try store.cursor(of: chain) }
    func undecided(limit: Int) throws -> [OutboxEntry] { try store.undecided(limit: limit) }
    func promised() throws -> [OutboxEntry] { try store.promised() }

    func recorded(among entries: Set<Hash>, in size: Int64) throws -> Hash? {
        try store.recorded(among: entries, in: size)
    }

    func markSent(_ entries: [Hash], at time: Timestamp) throws {
        try store.markSent(entries, at: time)
        witness?.stored(.sent(entries))
    }

    func markUnsent(_ entries: [Hash]) throws { try store.markUnsent(entries) }

    func settle(_ decisions: [(entry: Hash, decision: Decision)], at time: Timestamp) throws {
        try store.settle(decisions, at: time)
        witness?.stored(.decided(decisions))
    }

    func renumber(
        to place: OutboxCursor, at time: Timestamp, sign: (EntryPayload) throws -> Entry
    ) throws -> Int {
        let before = try store.undecided(limit: .max).map(\.entry)
        witness?.stored(.renumbering(before.map(\.id)))
        var anew = [Entry]()
        let moved = try store.renumber(to: place, at: time) { payload in
            let entry = try sign(payload)
            anew.append(entry)
            return entry
        }
        guard moved > 0 else { return moved }
        let after = Set(try store.undecided(limit: .max).map(\.entry.id))
        let (gone, refused) = try before.filter { !after.contains($0.id) }.reduce(
            into: ([Hash](), [Hash]())
        ) { parts, entry in
            let isKept = try entry.payload().body.kind.mayBeSignedAnew
            isKept ? parts.0.append(entry.id) : parts.1.append(entry.id)
        }
        witness?.stored(.renumbered(refused: refused, gone: gone, anew: anew))
        return moved
    }

    func merge(_ round: VerifiedRound, at time: Timestamp) throws -> MergeOutcome {
        let outcome = try store.merge(round, at: time)
        if outcome == .merged { witness?.stored(.merged(round)) }
        return outcome
    }

    func replay(_ body: (VerifiedEntry, LeafIndex, Timestamp) throws -> Void) throws {
        try store.replay(body)
    }

    func frozenReason() throws -> String? { try store.frozenReason() }

    func freeze(reason: String, evidence: [UInt8], disputed: [Hash], at time: Timestamp) throws
        -> String
    {
        witness?.stored(.frozen(reason: reason))
        return try store.freeze(
            reason: reason, evidence: evidence, disputed: disputed, at: time)
    }

    func pendingUploads() throws -> [PendingUpload] { try store.pendingUploads() }

    func advanceUpload(_ record: Hash, contribution: Hash, offset: Int64) throws {
        try store.advanceUpload(record, contribution: contribution, offset: offset)
    }

    func noteSentWraps(of upload: PendingUpload) throws { try store.noteSentWraps(of: upload) }

    func returnUpload(_ upload: PendingUpload, to offset: Int64) throws -> Bool {
        try store.returnUpload(upload, to: offset)
    }

    func sealedBytes(of record: Hash, offset: Int64, count: Int) throws -> [UInt8] {
        try store.sealedBytes(of: record, offset: offset, count: count)
    }

    func changeCount() throws -> Int64 {
        if changeFailures > 0 {
            changeFailures -= 1
            throw Failing()
        }
        return try store.changeCount()
    }
    func changeSignals() -> AsyncStream<Void>? { signals }
    func status() throws -> SyncStatus {
        if failures > 0 {
            failures -= 1
            throw Failing()
        }
        return try store.status()
    }
    func lockSync() throws -> Bool { try store.lockSync() }
    func unlockSync() { store.unlockSync() }
}
