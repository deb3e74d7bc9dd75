internal import ClientStore
internal import LedgerCore
internal import Logging
internal import RulesModel
internal import SyncCore
internal import SyncEngine

/// How the clock of a client stands to the true time.
enum ClientClock {
    case offset(Int64)
    case frozen(Timestamp)
}

/// A member's machine: its disk, its clock, and the process while it runs.
final class SimulatedClient: @unchecked Sendable {
    let name: String
    let device: SimulatedDevice
    let volume: SimulatedVolume
    let time: VirtualTime
    var clock = ClientClock.offset(0)
    var partition = Partition.none
    var isOfflineChosen = false
    var process: ClientProcess?
    /// What lies between engine and store.
    var seam: (ClientStore) -> WatchedStore = { WatchedStore($0) }
    /// What a planted bug makes of a wait, in milliseconds; `nil` to wait for ever.
    var bendWait: ((Int64, ClientProcess) -> Int64?)?
    /// Whether timers that end while the machine sleeps never go off: a planted bug.
    var losesTimersOverSleep = false
    /// The checkpoint the node showed last.
    var receivedCheckpoint: [UInt8]?
    /// Run whenever the program starts, before the store is opened.
    var beforeStart: (String) throws -> Void = { _ in }

    init(name: String, device: SimulatedDevice, volume: SimulatedVolume, time: VirtualTime) {
        self.name = name
        self.device = device
        self.volume = volume
        self.time = time
    }

    /// This machine's clock.
    func now() -> Timestamp {
        switch clock {
        case .offset(let milliseconds): World.start.adding(milliseconds: time.now + milliseconds)
        case .frozen(let moment): moment
        }
    }

    /// Starts the program.
    func start(on network: SimulatedNetwork, randomSeed: UInt64) throws {
        let disk = volume.generation
        try beforeStart(volume.directory)
        let store = try ClientStore(
            directory: volume.directory, clock: { self.now() }, surroundings: .none)
        guard volume.generation == disk else { throw SimulatedVolume.DiedAtStart() }
        let process = ClientProcess(self, seam(store), network, randomSeed: randomSeed)
        self.process = process
        process.run()
        if isOfflineChosen { process.engine.chooseOffline(true) }
    }

    /// Ends the process as a signal or a loss of power does.
    func kill(keeping keep: SimulatedVolume.Keep) {
        volume.crash(keeping: keep)
        process?.die()
        process = nil
    }
}

/// A running client program: the real engine over the real store.
final class ClientProcess: @unchecked Sendable {
    let client: SimulatedClient
    let store: WatchedStore
    let network: SimulatedNetwork
    private(set) lazy var engine = makeEngine()
    private(set) var isAlive = true
    private(set) var isSuspended = false
    /// Whether the engine ended by itself.
    private(set) var hasEnded = false
    private(set) var connection = ConnectionState.offline
    private var numbers: SeededNumbers
    private var tasks: [Task<Void, Never>] = []
    private var sleeps: [Int: CheckedContinuation<Void, any Error>] = [:]
    private var number = 0
    private var late: [() -> Void] = []

    init(
        _ client: SimulatedClient, _ store: WatchedStore, _ network: SimulatedNetwork,
        randomSeed: UInt64
    ) {
        self.client = client
        self.store = store
        self.network = network
        numbers = SeededNumbers(seed: randomSeed)
    }

    private func makeEngine() -> SyncEngine {
        let client = client
        let signing = client.device.signing
        let clock = SyncClock(
            now: { client.now() },
            sleep: { [weak self] duration in
                guard let self else { throw CancellationError() }
                try await self.sleep(duration)
            },
            random: { [weak self] in self?.numbers.next() ?? 0 })
        return SyncEngine(
            store: store, node: SimulatedConnection(self, network), clock: clock,
            logger: Logger(label: "client") { _ in SwiftLogNoOpLogHandler() },
            sign: { try Entry.signed($0, with: signing) })
    }

    func run() {
        let engine: SyncEngine = engine
        tasks = [
            Task {
                await engine.run()
                self.hasEnded = true
            },
            Task {
                for await update in engine.updates {
                    self.connection = update.status.connection
                }
            },
        ]
    }

    /// Whether something is armed that will make the engine go on.
    var isArmed: Bool { !sleeps.isEmpty || network.isAsking(self) }

    /// Ends everything; what its tasks still do has no effect.
    func die() {
        guard isAlive else { return }
        isAlive = false
        isSuspended = false
        for task in tasks { task.cancel() }
        for id in sleeps.keys.sorted() { wake(id, CancellationError()) }
        network.drop(self)
        store.witness = nil
        // The kernel lets go of a dead process's locks.
        store.unlockSync()
    }

    /// Stops the process; what arrives waits.
    func suspend() { isSuspended = true }

    /// Lets it go on.
    func resume() {
        isSuspended = false
        let waiting = late
        late = []
        for action in waiting { action() }
    }

    /// Does something as soon as the process runs.
    func whenAwake(_ action: @escaping () -> Void) {
        if isSuspended { late.append(action) } else { action() }
    }

    private func sleep(_ duration: Duration) async throws {
        number += 1
        let id = number
        let (seconds, attoseconds) = duration.components
        let asked = seconds * 1000 + attoseconds / 1_000_000_000_000_000
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation {
                (continuation: CheckedContinuation<Void, any Error>) in
                guard !Task.isCancelled, self.isAlive else {
                    return continuation.resume(throwing: CancellationError())
                }
                self.sleeps[id] = continuation
                let bend = self.client.bendWait ?? { wait, _ in wait }
                guard let wait = bend(asked, self) else { return }
                self.client.time.after(wait) {
                    if self.isSuspended, self.client.losesTimersOverSleep { return }
                    self.whenAwake { self.wake(id) }
                }
            }
        } onCancel: {
            self.wake(id, CancellationError())
        }
    }

    private func wake(_ id: Int, _ error: (any Error)? = nil) {
        guard let continuation = sleeps.removeValue(forKey: id) else { return }
        if let error { continuation.resume(throwing: error) } else { continuation.resume() }
    }
}
