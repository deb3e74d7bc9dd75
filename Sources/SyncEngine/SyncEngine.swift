package import LedgerCore
package import Logging
internal import NodeAPI
package import SyncCore

/// Carries out what the sync machine decides: requests, verification, storing.
///
/// One for each running program. `run()` keeps in step with the node until it is cancelled;
/// `syncOnce()` does everything that can be done now and returns.
package actor SyncEngine {
    /// News for whoever shows the state of things; the newest one only.
    package nonisolated let updates: AsyncStream<SyncUpdate>
    private let updateSink: AsyncStream<SyncUpdate>.Continuation
    private let events: AsyncStream<SyncEvent>
    private let eventSink: AsyncStream<SyncEvent>.Continuation

    let store: any SyncStoring
    let node: any NodeConnection
    let clock: SyncClock
    let logger: Logger
    /// Signs with this device's key; `nil` where nobody signs beside the person.
    let sign: Signer?
    /// What is done after each verified round, before anything else is sent because of it.
    let afterRound: (@Sendable () async -> Void)?

    /// The ledger as of `stateSize` leaves; `nil` until it is needed.
    var state: LedgerState?
    var stateSize: Int64 = -1
    var keys = EntryKeys()
    var lastFailure: NodeFailure?
    /// Whether the node had no room for what was sent last.
    var isNodeFull = false
    private var confirmedAt: Timestamp?
    /// How far what is under way has come.
    private var exchange = Exchange()
    /// The lengths of the records that were on their way since there was none.
    private var sending: [Hash: Int64] = [:]
    /// The records whose uploads went back since their keys were taken last: each does so once.
    var returned: Set<Hash> = []
    /// The records of which the node said last that they stand elsewhere: two such answers in a row
    /// are a reason to wait.
    var corrected: Set<Hash> = []
    /// The records whose last step failed: they come after the others.
    var failing: Set<Hash> = []
    /// Whether the node is told for which grant keys are wrapped.
    var namesGrants = true
    /// Whether entries may be put in their place: once between two rounds, so that a node that says now
    /// this and now that is not asked in a loop.
    var mayRenumber = true
    private(set) var isOfflineChosen = false
    private var machine = SyncMachine(verifiedSize: 0)
    private var lastUpdate: SyncUpdate?
    /// What the store told last, and after how many changes.
    private var told: (changeCount: Int64, status: SyncStatus)?
    private var lastChangeCount: Int64 = -1
    private var tasks: [Lane: Task<Void, Never>] = [:]
    private var isConnectingElsewhere = false

    /// What a node says that has no room for what only adds.
    static let noRoom = NodeFailure.problem(Problem(.storageFull))

    /// Signs a statement of this device that was signed before, for another place among its entries.
    package typealias Signer = @Sendable (EntryPayload) throws -> Entry

    private enum Lane: CaseIterable {
        case main, poll, upload, timer, watch, lookAgain
    }

    /// Makes an engine that does nothing yet; `afterRound` is called after each verified round.
    package init(
        store: any SyncStoring, node: any NodeConnection, clock: SyncClock,
        logger: Logger = Logger(label: "accord.sync"), sign: Signer? = nil,
        afterRound: (@Sendable () async -> Void)? = nil
    ) {
        self.logger = logger
        self.sign = sign
        self.afterRound = afterRound
        self.store = store
        self.node = node
        self.clock = clock
        (updates, updateSink) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
        (events, eventSink) = AsyncStream.makeStream()
    }

    /// Tells the engine that something was queued: it is sent at once.
    package nonisolated func workChanged() {
        eventSink.yield(.workChanged(undecided: -1, uploads: -1))
    }

    /// Cuts every wait short: the person asked, or the machine woke up.
    package nonisolated func wake() { eventSink.yield(.woken) }

    /// Goes offline by choice, or online again.
    package nonisolated func chooseOffline(_ isOffline: Bool) {
        eventSink.yield(.offlineChosen(isOffline))
    }

    /// Tells whether the vault is locked: nothing can be signed then.
    package nonisolated func vaultLocked(_ isLocked: Bool) {
        eventSink.yield(.vaultLocked(isLocked))
    }

    /// Keeps in step with the node until the task is cancelled.
    ///
    /// Waits while another process talks to the node. Call it once. With `offline` it begins as if
    /// the person had chosen to be offline.
    package func run(offline: Bool = false) async {
        watchStore()
        if await begin(offline: offline) {
            for await event in events {
                handle(event)
                if Task.isCancelled { break }
            }
        }
        await stop()
    }

    /// Becomes the one process that talks to the node and reads where things stand; a store that
    /// fails is asked again, or nothing would ever be sent.
    ///
    /// - Returns: `false` if the task was cancelled.
    private func begin(offline: Bool) async -> Bool {
        while true {
            do {
                guard try await waitForLock() else { return false }
                machine = try makeMachine(polls: true)
                if offline { handle(.offlineChosen(true)) }
                handle(try started())
                return true
            } catch {
                report(error)
                if !isConnectingElsewhere { store.unlockSync() }
                do {
                    try await clock.sleep(.milliseconds(SyncLimits.storePauseMilliseconds))
                } catch {
                    return false
                }
            }
        }
    }

    /// Ends what is under way before another process may talk to the node.
    private func stop() async {
        let ending = Lane.allCases.compactMap { tasks[$0] }
        tasks = [:]
        for task in ending { task.cancel() }
        for task in ending { await task.value }
        if !isConnectingElsewhere { store.unlockSync() }
        updateSink.finish()
    }

    private func waitForLock() async throws -> Bool {
        while try !store.lockSync() {
            isConnectingElsewhere = true
            publish(connection: .connecting)
            do {
                try await clock.sleep(.milliseconds(SyncLimits.lockPauseMilliseconds))
            } catch {
                return false
            }
        }
        isConnectingElsewhere = false
        return true
    }

    private func makeMachine(polls: Bool) throws -> SyncMachine {
        let status = try store.status()
        return SyncMachine(
            verifiedSize: status.verifiedSize, frozen: try store.frozenReason(), polls: polls)
    }

    private func started() throws -> SyncEvent {
        .started(
            undecided: try look().status.outboxCount, uploads: try store.pendingUploads().count)
    }

    /// What the store tells, read anew only if something changed: each step of the engine asks.
    private func look() throws -> (changeCount: Int64, status: SyncStatus) {
        // What is stored between the two is read now, and once more the next time.
        let count = try store.changeCount()
        if let told, told.changeCount == count { return told }
        let news = (changeCount: count, status: try store.status())
        told = news
        return news
    }

    private func handle(_ event: SyncEvent) {
        var event = event
        if case .workChanged = event {
            // What the store cannot tell now is asked again.
            guard let counted = try? started(),
                case .started(let undecided, let uploads) = counted
            else {
                lastChangeCount = -1
                return lookAgain()
            }
            event = .workChanged(undecided: undecided, uploads: uploads)
        }
        let actions = machine.step(event, now: clock.now(), random: clock.random())
        if case .offlineChosen(let isChosen) = event { isOfflineChosen = isChosen }
        for action in actions { start(action) }
        if let broken = machine.debugInvariant { logger.error("\(broken)") }
        publish(connection: machine.connection)
    }

    private func start(_ action: SyncAction) {
        switch action {
        case .push: launch(.main) { .pushFinished(await $0.push()) }
        case .pull: launch(.main) { .pullFinished(await $0.pull()) }
        case .poll(let size): launch(.poll) { await $0.poll(since: size) }
        case .upload: launch(.upload) { await $0.uploadNext() }
        case .setTimer(let time):
            let milliseconds = max(0, time.milliseconds - clock.now().milliseconds)
            launch(.timer) { engine in
                // A wait that is cancelled has nothing to tell.
                guard (try? await engine.clock.sleep(.milliseconds(milliseconds))) != nil else {
                    return nil
                }
                return .timerFired
            }
        case .cancelTimer: tasks.removeValue(forKey: .timer)?.cancel()
        case .cancelPoll: tasks.removeValue(forKey: .poll)?.cancel()
        }
    }

    private func launch(
        _ lane: Lane, _ work: @escaping @Sendable (SyncEngine) async -> SyncEvent?
    ) {
        tasks[lane]?.cancel()
        let sink = eventSink
        tasks[lane] = Task {
            if let event = await work(self), !Task.isCancelled { sink.yield(event) }
        }
    }

    /// Looks for what other processes, and this one, queued or changed: when the store says that
    /// something was written, or once a second where it cannot tell.
    private func watchStore() {
        launch(.watch) { engine in
            if let signals = engine.store.changeSignals() {
                for await _ in signals { await engine.noticeChanges() }
                return nil
            }
            while (try? await engine.clock.sleep(.seconds(1))) != nil {
                await engine.noticeChanges()
            }
            return nil
        }
    }

    /// Looks once for what other processes changed, and again later if the store cannot tell now.
    package func noticeChanges() {
        // It is asked again: then it tells, or says why not.
        guard let count = try? store.changeCount() else { return lookAgain() }
        guard count != lastChangeCount else { return }
        lastChangeCount = count
        if isConnectingElsewhere { publish(connection: .connecting) } else { workChanged() }
    }

    /// The store told of a change once and may never tell of another: without this nothing would
    /// send what was queued while it could not be read.
    private func lookAgain() {
        launch(.lookAgain) { engine in
            let pause = Duration.milliseconds(SyncLimits.storePauseMilliseconds)
            // Who cancels the wait ends the engine.
            if (try? await engine.clock.sleep(pause)) != nil { await engine.noticeChanges() }
            return nil
        }
    }

    private func publish(connection: ConnectionState) {
        do {
            let (count, told) = try look()
            var status = told
            status.connection = connection
            status.isUnconfirmed = lastFailure == .unconfirmed
            status.isNodeFull = status.outboxCount > 0 && trouble == SyncEngine.noRoom
            machine.refreshAt = status.refreshAt
            if let confirmedAt {
                status.verifiedAt = max(status.verifiedAt ?? confirmedAt, confirmedAt)
            }
            let update = SyncUpdate(status: status, changeCount: count, exchange: exchange)
            guard update != lastUpdate else { return }
            lastUpdate = update
            updateSink.yield(update)
        } catch {
            report(error)
        }
    }

    /// Tells how many entries of this round were fetched; `nil` at its end.
    func tell(fetched entries: Int64?) {
        exchange.fetchedEntries = entries
        publishExchange()
    }

    /// Tells how much of the uploads is at the node; none of them at their end.
    func tell(sending uploads: [PendingUpload]) {
        guard !uploads.isEmpty else {
            sending = [:]
            exchange.upload = nil
            return publishExchange()
        }
        for upload in uploads { sending[upload.record] = upload.sizeBytes }
        let total = sending.values.reduce(0, +)
        let rest = Dictionary(uploads.map { ($0.record, $0.sizeBytes - $0.offset) }) { $1 }
        exchange.upload = .init(
            sentBytes: total - rest.values.reduce(0, +), totalBytes: total)
        publishExchange()
    }

    private func publishExchange() {
        guard var update = lastUpdate, update.exchange != exchange else { return }
        update.exchange = exchange
        lastUpdate = update
        updateSink.yield(update)
    }

    private func report(_ error: any Error) {
        logger.error("synchronisation stopped", metadata: ["reason": "\(error)"])
    }

    /// Why not all is done: a round that went well since then took nothing of what waits.
    private var trouble: NodeFailure? { lastFailure ?? (isNodeFull ? SyncEngine.noRoom : nil) }

    /// Notes that the node's newest checkpoint is the one that was verified.
    func confirm() {
        confirmedAt = clock.now()
        lastFailure = nil
    }
}

extension SyncEngine {
    /// Sends and fetches everything that can be now, and returns.
    ///
    /// It does not wait: the first failure ends it.
    package func syncOnce() async -> SyncOutcome {
        do {
            guard try store.lockSync() else { return .otherProcess }
            defer { store.unlockSync() }
            var machine = try makeMachine(polls: false)
            var pending = [try started()]
            var uploadFailure: NodeFailure?
            while !pending.isEmpty {
                let event = pending.removeFirst()
                switch event {
                case .uploadFailed(let failure): uploadFailure = failure
                case .uploadAdvanced, .uploadDeferred: uploadFailure = nil
                default: break
                }
                let actions = machine.step(event, now: clock.now(), random: clock.random())
                for action in actions { pending += await carryOut(action) }
            }
            let ended = outcome(machine.connection)
            guard ended == .complete, let uploadFailure, try !store.pendingUploads().isEmpty else {
                return ended
            }
            return .recordsWait(uploadFailure)
        } catch {
            return .storeFailed("\(error)")
        }
    }

    private func carryOut(_ action: SyncAction) async -> [SyncEvent] {
        switch action {
        case .push: [.pushFinished(await push())]
        case .pull: [SyncEvent.pullFinished(await pull())] + whatWaits()
        case .upload: [await uploadNext()]
        case .poll, .setTimer, .cancelTimer, .cancelPoll: []
        }
    }

    /// What waits after a round, where something may have been queued because of it.
    private func whatWaits() -> [SyncEvent] {
        // What the store cannot tell now waits for the next time.
        guard afterRound != nil, case .started(let undecided, let uploads)? = try? started() else {
            return []
        }
        return [.workChanged(undecided: undecided, uploads: uploads)]
    }

    private func outcome(_ connection: ConnectionState) -> SyncOutcome {
        switch connection {
        case .waiting: .complete
        case .offline, .connecting, .pushing, .pulling, .backoff: .unfinished(trouble)
        case .needsUnlock: .needsUnlock
        case .needsEnrolment: .needsEnrolment
        case .revoked: .revoked
        case .incompatible: .incompatible
        case .frozen(let reason): .frozen(reason: reason)
        }
    }
}
