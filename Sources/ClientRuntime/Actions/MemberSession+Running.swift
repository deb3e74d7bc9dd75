import ClientStore
import Foundation
package import LedgerCore
import NodeAPI
package import Screens
package import SyncCore
package import SyncEngine
import Synchronization

// What runs beside the app, and the ways to a node.
extension MemberSession {
    /// Starts what runs beside the app: the sync engine, once the vault is open.
    ///
    /// With `offline` it talks to nobody before the person says so. What stopped exports left is
    /// removed meanwhile.
    package func start(offline: Bool = false) {
        state.withLock { $0.isStarted = true }
        // Nobody waits for it, not even at the end: the disk an export went to may not answer.
        Task.detached(executorPreference: WorkExecutor.folders) { [folders] in
            ExportDrafts.sweepAll(of: folders)
        }
        startEngine(offline: offline)
    }

    /// Whether an engine keeps in step with the node.
    var isRunning: Bool { state.withLock { $0.engine != nil } }

    /// Waits beside everything else.
    ///
    /// What waited before ends; `nil` only ends it.
    func waitForDevice(_ work: (@Sendable () async -> Void)?) {
        let task = work.map { work in Task { @concurrent in await work() } }
        let former = state.withLock { state in
            defer { state.pairing = task }
            return state.pairing
        }
        former?.cancel()
    }

    /// Keeps, on this machine only, that the person leaves the app: Home tells from there.
    package func endVisit() {
        guard stage == .open else { return }
        // A store that cannot be written now shows again what the person has seen: no harm.
        try? store.endVisit(at: clock.now)
    }

    /// Ends what runs.
    package func stop() async {
        waitForDevice(nil)
        let (link, tasks) = state.withLock { state in
            defer {
                state.tasks = []
                state.engine = nil
                state.link = nil
                state.announced = nil
                state.isStarted = false
            }
            return (state.link, state.tasks)
        }
        tasks.forEach { $0.cancel() }
        for task in tasks { await task.value }
        await link?.close()
    }

    func startEngine(offline: Bool = false) {
        let (isReady, keys) = state.withLock { state in
            (state.isStarted && state.actions != nil && state.engine == nil, state.keys)
        }
        guard isReady, let keys else { return }
        do {
            guard let enrolment = try store.enrolment() else { return }
            try mend()
            let link = try wiring.connect(profile.node ?? enrolment.nodeURL, keys)
            let engine = makeEngine(link, keys)
            let updates = engine.updates
            let watch = Task { @concurrent [weak self, announce] in
                var lastChange: Int64?
                let exchange = ExchangeMeter { announce.yield($0) }
                for await update in updates {
                    exchange.take(update.exchange)
                    // The status last: whoever sees it has seen what it counts.
                    if update.changeCount != lastChange { announce.yield(.storeChanged) }
                    announce.yield(.statusChanged(update.status))
                    lastChange = update.changeCount
                    self?.state.withLock { $0.announced = update }
                }
            }
            let run = Task { @concurrent in await engine.run(offline: offline) }
            state.withLock { state in
                state.engine = engine
                state.link = link
                state.tasks += [watch, run]
            }
        } catch {
            announce.yield(.loadFailed(RequestID(0), Trouble(error)))
        }
    }

    /// Completes what a crash cut short; what cannot be completed is told, and keeps nothing back
    /// that waits to be sent.
    ///
    /// - Throws: what `actions` throws.
    private func mend() throws {
        let actions = try actions()
        do {
            try actions.mend()
        } catch {
            tellOnce(Trouble(error))
        }
    }

    /// Wraps the keys of what was contributed for the grants that a verified round shows: another
    /// device may have signed them, or the one that was signed here was refused.
    @concurrent
    private func handOverKeys() async {
        let (actions, handedOver) = state.withLock { ($0.actions, $0.handedOver) }
        guard let actions else { return }
        do {
            // Most rounds bring nothing: then nothing is read.
            let changes = try store.changeCount()
            guard changes != handedOver?.changes else { return }
            guard try actions.wrappingNeeds() != handedOver?.needs else {
                return state.withLock { $0.handedOver?.changes = changes }
            }
            let closed = try actions.handOverKeys()
            if !closed.isEmpty {
                tellOnce(.keysDamaged(of: ContributionName.names(of: closed)))
            }
            let after = try store.changeCount()
            let needs = try actions.wrappingNeeds()
            state.withLock { $0.handedOver = (needs, after) }
        } catch {
            tellOnce(Trouble(error))
        }
    }

    /// Tells what went wrong beside everything else, once in a run of the program.
    func tellOnce(_ trouble: Trouble) {
        if !troubles.contains(trouble) { tell(trouble) }
    }

    /// Tells what went wrong beside everything else.
    private func tell(_ trouble: Trouble) {
        keep(trouble)
        announce.yield(.loadFailed(RequestID(0), trouble))
    }

    /// Keeps what went wrong for commands, which tell it at their end.
    func keep(_ trouble: Trouble) {
        state.withLock { state in
            if !state.troubles.contains(trouble) { state.troubles.append(trouble) }
        }
    }

    /// What went wrong beside everything else since the session was opened, for commands.
    package var troubles: [Trouble] { state.withLock { $0.troubles } }

    /// The status that was told last; `nil` before the first.
    var shownStatus: SyncStatus? { state.withLock { $0.announced?.status } }

    /// Whether nothing is on its way to the node or from it, and `shown` is the newest status.
    ///
    /// A tape looks at the screen only then; news may still come from the node at any time.
    package func isQuiet(shown: SyncStatus) -> Bool {
        let (isRunning, announced) = state.withLock { ($0.engine != nil, $0.announced) }
        guard isRunning else { return true }
        // A store that cannot be read now is not quiet.
        guard let announced, announced.status == shown,
            (try? store.changeCount()) == announced.changeCount
        else { return false }
        switch shown.connection {
        case .connecting, .pushing, .pulling: return false
        case .waiting: return shown.outboxCount == 0
        case .offline, .backoff, .needsUnlock, .needsEnrolment, .revoked, .incompatible, .frozen:
            return true
        }
    }

    /// Tells whoever reads the news.
    func tell(_ message: Message) { announce.yield(message) }

    private var syncClock: SyncClock { SyncClock(now: { [clock] in clock.now }) }

    private func makeEngine(_ link: NodeLink, _ keys: VaultKeys?) -> SyncEngine {
        var sign: SyncEngine.Signer?
        if let keys { sign = { try Entry.signed($0, with: keys.signing) } }
        return SyncEngine(
            store: store, node: link.connection, clock: syncClock, sign: sign,
            afterRound: { [weak self] in await self?.handOverKeys() })
    }

    /// Sends and fetches everything that can be now, and returns; for commands.
    ///
    /// - Throws: what `actions` throws.
    package func syncOnce() async throws -> SyncOutcome {
        _ = try actions()
        let keys = state.withLock { $0.keys }
        guard let enrolment = try store.enrolment() else { throw VaultError.missing }
        try mend()
        let link = try wiring.connect(profile.node ?? enrolment.nodeURL, keys)
        let outcome = await makeEngine(link, keys).syncOnce()
        await link.close()
        return outcome
    }

    /// Tells the engine that something is queued.
    package func kick() {
        state.withLock { $0.engine }?.workChanged()
    }

    /// Cuts every wait of the engine short.
    package func wake() {
        state.withLock { $0.engine }?.wake()
    }

    /// Lets the engine talk to the node, or not.
    package func setOffline(_ isOffline: Bool) {
        state.withLock { $0.engine }?.chooseOffline(isOffline)
    }

    /// Joins a node with an invitation code; the vault is made first, so that no key is ever lost.
    ///
    /// With a policy its witnesses are asked for from the first round on. `prepared` gets the keys and
    /// a new entry before anything of them is sent; one that was stored before is sent as it is.
    ///
    /// - Throws: `JoinError`, `VaultError`, `HomeError`.
    package func join(
        code typed: String, node: String, passphrase: String, policy: WitnessPolicy? = nil,
        prepared: (VaultKeys, Entry) throws -> Void = { _, _ in }
    ) async throws {
        guard let code = InvitationCode(typed: typed) else { throw JoinError.notACode }
        // A new member would stand in the store of the one whose keys are gone.
        if try hasLostKeys() { throw VaultError.wiped }
        let keys = try prepareVault(passphrase: passphrase)
        let link = try wiring.connect(node, nil)
        let enroller = Enroller(store: store, node: link.connection, clock: syncClock)
        let result: Result<Void, EnrolmentFailure>
        do throws(EnrolmentFailure) {
            _ = try await enroller.enrol(
                code: code, nodeURL: node, keys: keys.publicKeys, policy: policy
            ) { payload in
                let entry = try Entry.signed(payload, with: keys.signing)
                try prepared(keys, entry)
                return entry
            }
            result = .success(())
        } catch {
            result = .failure(error)
        }
        await link.close()
        if case .failure(let failure) = result { throw JoinError(failure) }
        try changeProfile { $0.node = node }
        try unlock(passphrase: passphrase)
    }

    /// Makes a connection to a node, signed with this device's key where the vault is open.
    package func link(to node: String) throws -> NodeLink {
        try wiring.connect(node, state.withLock { $0.keys })
    }

    /// Starts the demo, where there is one.
    var demo: (@Sendable () async throws -> DemoInvitation)? { wiring.demo }
}
