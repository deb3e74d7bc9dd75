internal import LedgerCore
internal import Logging
internal import NodeAPI
internal import NodeSequencer
internal import NodeServer
internal import NodeStore

/// A node's machine: its disk, and the process while it runs.
final class SimulatedNode: @unchecked Sendable {
    let volume: SimulatedVolume
    let keys: NodeKeys
    let time: VirtualTime
    /// The node's clock, which may be changed.
    var clock: @Sendable () -> Timestamp
    /// What lies between sequencer and database.
    var seam: (NodeDatabase) -> LedgerSeam = { LedgerSeam($0) }
    private let records = MemoryRecordStore()
    /// The newest snapshot, which a loss of power leaves whole.
    var snapshots: any SnapshotKeeper = MemorySnapshotKeeper()
    /// How many starts went on from a snapshot.
    private(set) var snapshotStarts = 0
    /// How many made their tree of kept roots.
    private(set) var pieceStarts = 0
    private(set) var process: Process?
    /// Counts the processes; what an earlier one answers is not delivered.
    private(set) var generation = 0
    /// Called when the sequencer gave up.
    var onStop: (any Error) -> Void = { _ in }

    struct Process {
        let server: NodeServer
        let sequencer: Sequencer
        let database: NodeDatabase
    }

    private struct Clock: NodeClock {
        let read: @Sendable () -> Timestamp
        let time: VirtualTime
        func now() -> Timestamp { read() }
        func sleep(for duration: Duration) async throws { try await time.sleep(for: duration) }
    }

    /// The place for snapshots as one process has it: what a dead one still writes is seen by nobody.
    private struct Snapshots: SnapshotKeeper {
        let place: any SnapshotKeeper
        let isAlive: @Sendable () -> Bool
        func newest() throws -> [UInt8]? { try place.newest() }
        func keep(_ snapshot: [UInt8]) throws { if isAlive() { try place.keep(snapshot) } }
    }

    /// So few entries from one snapshot to the next that most starts go on from one.
    private static let snapshotInterval = 6
    /// As few leaves as there can be from one kept run of roots to the next.
    private static let pieceInterval = 16

    init(
        volume: SimulatedVolume, keys: NodeKeys, time: VirtualTime,
        clock: @escaping @Sendable () -> Timestamp
    ) {
        self.volume = volume
        self.keys = keys
        self.time = time
        self.clock = clock
    }

    static func keys() throws -> NodeKeys {
        try .reproducible(origin: World.origin, seed: 7)
    }

    /// Starts the process: opens, verifies and replays the ledger.
    ///
    /// - Throws: `SimulatedVolume.DiedAtStart` if it was ended meanwhile, whatever else failed then.
    func start() throws {
        let disk = volume.generation
        do {
            try open(disk)
        } catch  where volume.generation != disk {
            throw SimulatedVolume.DiedAtStart()
        }
    }

    private func open(_ disk: Int) throws {
        let database = try NodeDatabase(path: volume.directory + "/ledger.sqlite")
        let store = seam(database)
        let logger = Logger(label: "node") { _ in SwiftLogNoOpLogHandler() }
        let (records, keys, clock) = (records, keys, Clock(read: clock, time: time))
        let snapshots = Snapshots(place: snapshots) { [volume] in volume.generation == disk }
        let sequencer = try time.wait {
            try await Sequencer(
                store: store, records: records, keys: keys, clock: clock,
                salts: .reproducible(3), snapshots: snapshots,
                snapshotInterval: SimulatedNode.snapshotInterval,
                pieceInterval: SimulatedNode.pieceInterval, logger: logger)
        }
        let unread = try time.wait(for: { await sequencer.unread })
        if unread.entries > 0 { snapshotStarts += 1 }
        if unread.leaves > 0 { pieceStarts += 1 }
        try time.wait {
            try await sequencer.admitOperator(name: LocalizedText(english: "Operator"))
        }
        guard volume.generation == disk else { throw SimulatedVolume.DiedAtStart() }
        let server = NodeServer(
            sequencer: sequencer, store: store, records: records, clock: clock,
            options: NodeServerOptions(), logger: logger)
        generation += 1
        process = Process(server: server, sequencer: sequencer, database: database)
        let started = generation
        Task {
            do {
                try await sequencer.run(tickInterval: .seconds(3_600))
            } catch {
                if self.generation == started { self.onStop(error) }
            }
        }
    }

    /// Ends the process as a signal or a loss of power does.
    func kill(keeping keep: SimulatedVolume.Keep) {
        volume.crash(keeping: keep)
        forget()
    }

    /// Lets go of a process whose files are not the machine's any more.
    func forget() {
        generation += 1
        guard let process else { return }
        self.process = nil
        // The tasks of the dead process come to their end where nobody sees it.
        Task { await process.sequencer.stop() }
    }
}
