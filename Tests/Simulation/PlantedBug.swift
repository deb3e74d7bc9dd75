internal import ClientStore
internal import GRDB
internal import LedgerCore
internal import NodeAPI
internal import NodeSequencer
internal import NodeStore
internal import SyncCore

/// A mistake made on purpose, at a seam of the real programs, to see that the simulator finds it.
package enum PlantedBug: String, CaseIterable, Sendable {
    case synchronousNormal, acknowledgeBeforeCommit, cursorBeforeData, retryOnlyOnNextWrite
    case sequenceReuseAfterRestore, adoptServerRoot, acceptSmallerCheckpoint
    case noDedupAfterLostReply, overlayCountedTwice, refusalDropped, backoffNeverReset
    case timerLostOverSleep, staleReplicaRead, nonRepeatableMigration, dictionaryOrder
    case verdictNotStored, halfPageApplied, clientClockOrders, revokedDeviceAccepted
    case busySwallowed, staleSnapshot

    func plant(in simulation: Simulation) {
        for client in simulation.clients { plant(in: client) }
        let node = simulation.node
        switch self {
        case .synchronousNormal: node.volume.lieAboutLogs()
        case .acknowledgeBeforeCommit:
            node.seam = { database in
                let store = LateLedger(database)
                store.time = simulation.time
                return store
            }
        case .sequenceReuseAfterRestore: node.seam = { ForgetfulCursors($0) }
        case .staleReplicaRead: node.seam = { StaleReplica($0) }
        case .staleSnapshot: node.snapshots = StaleSnapshots(node.keys.log)
        case .verdictNotStored: node.seam = { NoRefusals($0) }
        case .clientClockOrders:
            let client = simulation.clients[0]
            node.clock = { client.now() }
        case .revokedDeviceAccepted: simulation.addLaggingReplica()
        default: break
        }
    }

    private func plant(in client: SimulatedClient) {
        switch self {
        case .synchronousNormal: client.volume.lieAboutLogs()
        case .cursorBeforeData: client.seam = { CursorFirst($0) }
        case .retryOnlyOnNextWrite: client.bendWait = { _, _ in nil }
        case .adoptServerRoot:
            client.seam = { [unowned client] store in
                let adopting = AdoptingStore(store)
                adopting.received = { [unowned client] in client.receivedCheckpoint }
                return adopting
            }
        case .acceptSmallerCheckpoint: client.seam = { BackwardStore($0) }
        case .noDedupAfterLostReply:
            client.seam = { [unowned client] store in
                let signing = SigningAgain(store)
                signing.device = client.device
                return signing
            }
        case .overlayCountedTwice: client.seam = { PointsTwice($0) }
        case .refusalDropped: client.seam = { RefusalDropped($0) }
        case .backoffNeverReset:
            var waits = 0
            client.bendWait = { asked, _ in
                waits += 1
                return asked << Int64(min(waits, 14))
            }
        case .timerLostOverSleep: client.losesTimersOverSleep = true
        case .nonRepeatableMigration: client.beforeStart = { try Migration.run($0) }
        case .dictionaryOrder: client.seam = { UnorderedReplay($0) }
        case .halfPageApplied: client.seam = { HalfPage($0) }
        case .busySwallowed: client.seam = { Swallowing($0) }
        default: break
        }
    }
}

// MARK: The node

/// Answers first and commits a little later.
private final class LateLedger: LedgerSeam, @unchecked Sendable {
    var time: VirtualTime?

    override func commit(_ batch: LedgerBatch) async throws {
        let database = database
        // That a late commit fails is the mistake.
        time?.after(300) { try? database.commitHere(batch) }
    }
}

/// Does not know at its start which numbers devices have used.
private final class ForgetfulCursors: LedgerSeam, @unchecked Sendable {
    override func cursors() throws -> [DeviceID: DeviceCursor] { [:] }
}

/// Reads from a copy that is behind now and then.
private final class StaleReplica: LedgerSeam, @unchecked Sendable {
    private var reads = 0

    override func entries(of chain: ChainID, after: Int64, below size: LeafIndex, limit: Int)
        throws -> [SequencedEntry]
    {
        reads += 1
        let found = try super.entries(of: chain, after: after, below: size, limit: limit)
        return reads.isMultiple(of: 5) ? found.dropLast() : found
    }
}

/// Keeps entries and forgets refusals.
private final class NoRefusals: LedgerSeam, @unchecked Sendable {
    override func commit(_ batch: LedgerBatch) async throws {
        var batch = batch
        batch.refusals = []
        try database.commitHere(batch)
    }
}

/// Keeps what fewer entries add up to under the number and root of all.
private final class StaleSnapshots: SnapshotKeeper, @unchecked Sendable {
    private let signer: NoteSigner
    private var kept: [UInt8]?
    private var state: LedgerState?

    init(_ signer: NoteSigner) { self.signer = signer }

    func newest() throws -> [UInt8]? { kept }

    func keep(_ bytes: [UInt8]) throws {
        let snapshot = try LedgerSnapshot(verifying: bytes, logKey: signer.verifierKey)
        kept = try LedgerSnapshot(
            origin: snapshot.origin, size: snapshot.size, root: snapshot.root,
            time: snapshot.time, state: state ?? snapshot.state, chains: snapshot.chains
        ).signed(by: signer)
        state = snapshot.state
    }
}

extension Simulation {
    /// A second node with the ledger as it was at the start; it takes what revoked devices send.
    func addLaggingReplica() {
        let disk = SimulatedVolume(directory: folder + "/replica", seed: 1)
        guard let template = try? Template.shared.get() else { return }
        disk.restore(template.node)
        let replica = SimulatedNode(
            volume: disk, keys: node.keys, time: time, clock: node.clock)
        network.divert = { [unowned self] call, client in
            guard call.path == "/v1/entries", oracles.isRevoked(client) else { return nil }
            // It starts with the first request that is sent its way.
            if replica.process == nil { try? replica.start() }
            return replica
        }
    }
}

// MARK: The client

/// Moves its cursor in one transaction and stores what it passed in the next.
private final class CursorFirst: WatchedStore, @unchecked Sendable {
    override func merge(_ round: VerifiedRound, at time: Timestamp) throws -> MergeOutcome {
        var first = round
        first.entries = []
        first.changes = LedgerChanges()
        guard try store.merge(first, at: time) == .merged else { return .outrun }
        var second = round
        second.previousSize = Int64(round.checkpoint.checkpoint.size)
        return try super.merge(second, at: time)
    }
}

/// Takes the root the node shows for the one it verified itself.
private final class AdoptingStore: WatchedStore, @unchecked Sendable {
    var received: () -> [UInt8]? = { nil }

    override func checkpointNote() throws -> [UInt8]? { try received() ?? super.checkpointNote() }
}

/// Follows a smaller checkpoint.
private final class BackwardStore: WatchedStore, @unchecked Sendable {
    override func checkpointNote(atMost size: Int64) throws -> [UInt8]? {
        guard let note = try super.checkpointNote(atMost: size), let enrolment = try enrolment()
        else { return nil }
        let older = try VerifiedCheckpoint(
            parsing: note, logKey: enrolment.logKey, origin: enrolment.origin)
        var state = LedgerState()
        try store.replay { verified, _, time in try state.apply(verified, at: time) }
        _ = try merge(
            VerifiedRound(
                previousSize: try store.status().verifiedSize, checkpoint: older, entries: [],
                cursors: [], changes: LedgerChanges(), state: state),
            at: Timestamp(milliseconds: 0))
        return note
    }
}

/// Signs a decision anew when its answer was lost.
private final class SigningAgain: WatchedStore, @unchecked Sendable {
    var device: SimulatedDevice?
    private var sent: Set<Hash> = []

    override func markSent(_ entries: [Hash], at time: Timestamp) throws {
        let again = entries.filter { !sent.insert($0).inserted }
        try super.markSent(entries, at: time)
        for waiting in try store.undecided(limit: 100) where again.contains(waiting.entry.id) {
            let body = try waiting.entry.payload().body
            guard let device else { continue }
            _ = try store.enqueue(at: time) { cursor in
                [try device.sign(body, at: cursor, issuedAt: time)]
            }
        }
    }
}

/// Counts points once when they are recorded and once more when they are verified.
private final class PointsTwice: WatchedStore, @unchecked Sendable {
    override func merge(_ round: VerifiedRound, at time: Timestamp) throws -> MergeOutcome {
        let outcome = try super.merge(round, at: time)
        if outcome == .merged, !round.changes.points.isEmpty {
            try change(
                """
                UPDATE meta SET value = 2 * value
                WHERE key IN ('points_pending', 'points_available')
                """)
        }
        return outcome
    }
}

/// Forgets what was refused.
private final class RefusalDropped: WatchedStore, @unchecked Sendable {
    override func settle(
        _ decisions: [(entry: Hash, decision: SyncCore.Decision)], at time: Timestamp
    )
        throws
    {
        try super.settle(decisions, at: time)
        try change("DELETE FROM refusal")
    }
}

extension WatchedStore {
    /// Changes the database behind the store's back.
    fileprivate func change(_ sql: String) throws {
        let queue = try DatabaseQueue(path: store.directory + "/accord.sqlite")
        try queue.write { try $0.execute(sql: sql) }
    }
}

/// A migration in two transactions that cannot be run again from the middle; one for each start.
private enum Migration {
    static func run(_ directory: String) throws {
        let queue = try DatabaseQueue(path: directory + "/accord.sqlite")
        let version = try queue.read {
            try Int.fetchOne($0, sql: "SELECT value FROM meta WHERE key = 'planted'") ?? 0
        }
        try queue.write { try $0.execute(sql: "CREATE TABLE planted_\(version) (a)") }
        try queue.write {
            try $0.execute(
                sql: "INSERT OR REPLACE INTO meta (key, value) VALUES ('planted', ?)",
                arguments: [version + 1])
        }
    }
}

/// Replays entries in the order of a hash table.
private final class UnorderedReplay: WatchedStore, @unchecked Sendable {
    override func replay(_ body: (VerifiedEntry, LeafIndex, Timestamp) throws -> Void) throws {
        var entries = [Hash: (VerifiedEntry, LeafIndex, Timestamp)]()
        try super.replay { entries[$0.id] = ($0, $1, $2) }
        for (_, entry) in entries { try body(entry.0, entry.1, entry.2) }
    }
}

/// Stores half of what it verified.
private final class HalfPage: WatchedStore, @unchecked Sendable {
    override func merge(_ round: VerifiedRound, at time: Timestamp) throws -> MergeOutcome {
        var half = round
        half.entries = Array(round.entries.prefix((round.entries.count + 1) / 2))
        return try super.merge(half, at: time)
    }
}

/// Believes that it stored what the database refused.
private final class Swallowing: WatchedStore, @unchecked Sendable {
    override func enqueue(at time: Timestamp, _ build: (OutboxCursor) throws -> [Entry]) throws
        -> [Hash]
    {
        var signed = [Hash]()
        do {
            return try super.enqueue(at: time) { cursor in
                let entries = try build(cursor)
                signed = entries.map(\.id)
                return entries
            }
        } catch {
            guard !signed.isEmpty else { throw error }
            return signed
        }
    }
}
