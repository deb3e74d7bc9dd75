package import ClientStore
import Foundation
package import HealthRecords
package import LedgerCore
import NodeAPI
package import Screens
package import SyncCore
package import SyncEngine
import Synchronization

/// The member's side of a running program: the vault, the store, the sync engine, the decisions.
package final class MemberSession: Sendable {
    /// What only a program can provide: ways to a node, and the demo.
    package struct Wiring: Sendable {
        /// Makes a connection to a node; with keys, private calls are signed.
        package var connect: @Sendable (String, VaultKeys?) throws -> NodeLink
        /// Starts a private node on this machine; `nil` where there is no demo.
        package var demo: (@Sendable () async throws -> DemoInvitation)?
        /// The keyring of the person's login; `nil` where none may be asked.
        ///
        /// It is asked for a vault that is bound to it alone.
        package var keyring: (any Keyring)?

        /// Wires a session.
        package init(
            connect: @escaping @Sendable (String, VaultKeys?) throws -> NodeLink,
            demo: (@Sendable () async throws -> DemoInvitation)? = nil,
            keyring: (any Keyring)? = nil
        ) {
            self.connect = connect
            self.demo = demo
            self.keyring = keyring
        }
    }

    private struct State {
        var profile: Profile
        var vault: Vault?
        /// Whether the vault was destroyed after too many wrong tries.
        var isWiped = false
        /// Why a vault without a passphrase is closed.
        var shut: VaultError?
        var keys: VaultKeys?
        var actions: MemberActions?
        var engine: SyncEngine?
        var link: NodeLink?
        var tasks: [Task<Void, Never>] = []
        var isStarted = false
        var announced: SyncUpdate?
        var rows: (sealed: Hash, file: RowFile)?
        var shown = Preferences()
        /// Waits for another device of this person.
        var pairing: Task<Void, Never>?
    }

    /// The folders of this person.
    package let folders: HomeFolders
    /// The clock.
    package let clock: RuntimeClock
    /// The local store.
    package let store: ClientStore
    /// What happens besides answers: connection, changes of the store, the vault.
    ///
    /// For one reader.
    package let news: AsyncStream<Message>

    /// Whether a decision that does not reach the node at once is taken back.
    let isOnlineOnly: Bool
    let random: RandomSource
    let wiring: Wiring
    let announce: AsyncStream<Message>.Continuation
    /// How long an online-only session tries to send a decision before it is taken back.
    let sendingPatience: Duration
    /// How often the secret was tried that confirms an authorization.
    let secretTries: SecretTries
    /// Whose open vault opens this one: for a ward, the guardian's session.
    let guardian: MemberSession?
    /// The ward this session acts for; `nil` where it is the person themself.
    package let ward: WardLine?
    private let state: Mutex<State>

    /// Opens folders and store; a vault without a passphrase is opened too, or stays locked where
    /// the keyring it is bound to does not do its part.
    ///
    /// With `isOnlineOnly` a decision is answered only when the node has decided, and taken back
    /// where it cannot be sent: on a shared machine nothing waits.
    ///
    /// - Throws: `HomeError`, `VaultError`, `StoreFailure`.
    package convenience init(
        folders: HomeFolders, clock: RuntimeClock, random: RandomSource, wiring: Wiring
    ) throws {
        try self.init(
            folders: folders, clock: clock, random: random, wiring: wiring, isOnlineOnly: false,
            secretTries: SecretTries(file: folders.secretTriesFile))
    }

    /// Opens a session whose secret is counted in a place of its own.
    init(
        folders: HomeFolders, clock: RuntimeClock, random: RandomSource, wiring: Wiring,
        isOnlineOnly: Bool, secretTries: SecretTries, sendingPatience: Duration = .seconds(10),
        guardian: MemberSession? = nil, ward: WardLine? = nil
    ) throws {
        try folders.prepare()
        self.folders = folders
        self.clock = clock
        self.random = random
        self.wiring = wiring
        self.isOnlineOnly = isOnlineOnly
        self.secretTries = secretTries
        self.sendingPatience = sendingPatience
        self.guardian = guardian
        self.ward = ward
        let (vault, isWiped) = try MemberSession.readVault(folders.vaultFile)
        store = try ClientStore(
            directory: folders.data.path(percentEncoded: false).trimmedSlash,
            clock: { clock.now }, keys: vault?.publicKeys)
        (news, announce) = AsyncStream.makeStream(of: Message.self)
        // A guardian's app tells it of a ward: nobody may be looking at the ward.
        if guardian == nil, let mending = store.mending {
            announce.yield(.loadFailed(RequestID(0), .storeMended(mending)))
        }
        let profile = try Profile.read(from: folders.profileFile)
        state = Mutex(State(profile: profile, vault: vault, isWiped: isWiped))
        if isWiped { announce.yield(.loadFailed(RequestID(0), .vaultWiped)) }
        if guardian != nil {
            try openAsWard()
        } else if let vault, !vault.hasPassphrase {
            try openWithoutPassphrase(vault)
        }
    }

    private func openWithoutPassphrase(_ vault: Vault) throws {
        let secret: KeyringSecret?
        do throws(VaultError) {
            secret = try place.secret(of: vault)
        } catch {
            // What is on this machine can be looked at all the same.
            state.withLock { $0.shut = error }
            announce.yield(.loadFailed(RequestID(0), Trouble(error)))
            return
        }
        try use(vault.unlock(passphrase: "", secret: secret))
    }

    private static func readVault(_ file: URL) throws -> (vault: Vault?, isWiped: Bool) {
        do {
            return (try Vault.read(from: file), false)
        } catch VaultError.missing {
            return (nil, false)
        } catch VaultError.wiped {
            return (nil, true)
        }
    }

    // MARK: What is there

    /// What the person chose.
    package var profile: Profile { state.withLock { $0.profile } }

    /// Whether a passphrase has to be typed before anything can be signed.
    package var needsPassphrase: Bool {
        state.withLock { $0.keys == nil && $0.vault?.hasPassphrase == true }
    }

    /// Whether the keys that this machine was enrolled with are gone: destroyed, and perhaps
    /// replaced by ones that are not enrolled yet.
    package func hasLostKeys() throws -> Bool {
        guard let enrolled = try store.enrolment()?.device else { return false }
        let (vault, isWiped) = state.withLock { ($0.vault, $0.isWiped) }
        return isWiped || vault.map { $0.publicKeys.device != enrolled } ?? false
    }

    /// What stands in the way of the places.
    package var stage: Stage {
        let (isOpen, device) = state.withLock { ($0.actions != nil, $0.vault?.publicKeys.device) }
        if isOpen { return .open }
        // A store that cannot be read shows as such with the first thing that is read from it.
        let enrolled = try? store.enrolment()?.device
        return device != nil && device == enrolled ? .locked : .welcome
    }

    /// Returns the decisions, when the vault is open.
    ///
    /// - Throws: `VaultError.missing` before joining, `SessionLocked` while locked,
    ///   `VaultError.keyring` where a keyring keeps it locked.
    package func actions() throws -> MemberActions {
        let (actions, vault, shut) = state.withLock { ($0.actions, $0.vault, $0.shut) }
        if let actions { return actions }
        if try hasLostKeys() { throw VaultError.wiped }
        if vault == nil { throw VaultError.missing }
        if let shut { throw shut }
        throw SessionLocked()
    }

    /// Changes what the person chose, and keeps it.
    package func changeProfile(_ change: (inout Profile) -> Void) throws {
        let changed = state.withLock { state in
            change(&state.profile)
            return state.profile
        }
        try changed.write(to: folders.profileFile)
    }

    /// Reads the configuration; the language and the theme given hold where none was chosen.
    package func configuration(language: Language, theme: String) -> Configuration {
        let (keys, problems) = KeysFile.read(from: folders.keysFile)
        let profile = profile
        let preferences = profile.preferences(language: language, theme: theme)
        state.withLock { $0.shown = preferences }
        return Configuration(
            preferences: preferences, keys: keys, problems: profile.problems + problems)
    }

    /// The language of what is shown, as a tag.
    var shownLocale: String {
        state.withLock { $0.profile.locale ?? $0.shown.language.rawValue }
    }

    /// Keeps what the person changed about the look.
    func keep(_ preferences: Preferences) throws {
        let former = state.withLock { $0.shown }
        try changeProfile { $0.adopt(preferences, from: former) }
        state.withLock { $0.shown = preferences }
    }

    /// Reads the files again and tells what they say.
    func rereadConfiguration() throws {
        let read = try Profile.read(from: folders.profileFile)
        let shown = state.withLock { state in
            state.profile = read
            return state.shown
        }
        announce.yield(
            .configured(configuration(language: shown.language, theme: shown.theme)))
    }

    /// Whether there is a passphrase to lock the vault with.
    package var canLock: Bool {
        guardian?.canLock ?? state.withLock { $0.vault?.hasPassphrase == true }
    }

    /// Closes the vault: keys leave the memory of this session, and nothing is sent or signed.
    package func lock() async {
        guard canLock else { return }
        for task in close() { await task.value }
        announce.yield(.needsUnlock)
    }

    /// Takes the keys out of the memory of this session, and ends what runs with them.
    ///
    /// - Returns: What is about to end.
    @discardableResult
    private func close() -> [Task<Void, Never>] {
        let tasks = state.withLock { state in
            let (link, running) = (state.link, state.tasks)
            let ending = Task { @concurrent in
                for task in running { await task.value }
                await link?.close()
            }
            state.tasks = [ending]
            state.engine = nil
            state.link = nil
            state.keys = nil
            state.actions = nil
            state.rows = nil
            return running + [ending]
        }
        // The last only waits for the others.
        tasks.dropLast().forEach { $0.cancel() }
        return tasks
    }

    // MARK: The vault

    /// Opens the vault with its passphrase.
    package func unlock(passphrase: String) throws {
        if let guardian, guardian.needsPassphrase {
            try guardian.unlock(passphrase: passphrase)
            try openAsWard()
        } else {
            try use(opened(with: passphrase))
        }
        announce.yield(.unlocked(memberName: memberName))
        startEngine()
    }

    /// Opens a ward's vault where the guardian's is open.
    func openAsWard() throws {
        guard let keys = guardian?.state.withLock({ $0.keys }),
            let own = try wardKeys(keys)
        else { return }
        try use(own)
    }

    /// The keys of the ward this session acts for, opened with those of the guardian.
    private func wardKeys(_ guardian: VaultKeys) throws -> VaultKeys? {
        guard let vault = state.withLock({ $0.vault }), let ward else { return nil }
        return try vault.unlock(passphrase: guardian.wardPassphrase(ward.account))
    }

    /// Opens the vault of this session with a secret; a wrong one counts, and the tenth in a row
    /// destroys the keys, but on a shared machine.
    ///
    /// For a ward it is the guardian's secret, counted with the guardian's.
    ///
    /// - Throws: `VaultError`, and what `SecretTries.attempt` throws.
    func opened(with secret: String) throws -> VaultKeys {
        if let guardian {
            do {
                guard let keys = try wardKeys(guardian.opened(with: secret)) else {
                    throw VaultError.missing
                }
                return keys
            } catch VaultError.wiped {
                // What opens the ward's vault is gone from this machine: it stays closed.
                close()
                announce.yield(.needsUnlock)
                throw VaultError.wiped
            }
        }
        let vault = try currentVault()
        // Before the try is counted: what a keyring does not give says nothing of the passphrase.
        let part = try place.secret(of: vault)
        guard vault.hasPassphrase else { return try vault.unlock(passphrase: secret, secret: part) }
        return try secretTries.attempt(
            now: clock.now, wipe: isOnlineOnly ? nil : { try self.wipe() }
        ) {
            try vault.unlock(passphrase: secret, secret: part)
        }
    }

    /// The vault as it stands now: another process may have sealed it anew, or destroyed it.
    private func currentVault() throws -> Vault {
        let (known, wasWiped) = state.withLock { ($0.vault, $0.isWiped) }
        guard known != nil else { throw wasWiped ? VaultError.wiped : VaultError.missing }
        let (vault, isWiped) = try MemberSession.readVault(folders.vaultFile)
        state.withLock { state in
            state.vault = vault
            state.isWiped = isWiped
        }
        guard let vault else { throw isWiped ? VaultError.wiped : VaultError.missing }
        return vault
    }

    /// The vault as this session knows it; `nil` if there is none.
    var vault: Vault? { state.withLock { $0.vault } }

    /// Where the vault is kept.
    var place: VaultPlace {
        VaultPlace(file: folders.vaultFile, keyring: wiring.keyring, random: random)
    }

    /// Destroys the keys of this machine, on the disk, in the keyring and in this session.
    private func wipe() throws {
        let former = vault
        try Vault.wipe(folders.vaultFile)
        // With it, copies of the file are closed for good, too.
        if let former { place.forgetSecret(of: former) }
        close()
        state.withLock { state in
            state.vault = nil
            state.isWiped = true
        }
        announce.yield(.needsEnrolment)
    }

    private func use(_ keys: VaultKeys) throws {
        let actions =
            try store.enrolment()?.device == keys.device
            ? MemberActions(store: store, keys: keys, clock: clock, random: random) : nil
        state.withLock { state in
            state.keys = keys
            state.actions = actions
            state.shut = nil
        }
    }

    /// Returns the keys of this device, made and sealed now if there are none.
    ///
    /// A device that is enrolled goes on with the keys it has only if this is done `again`. Keys
    /// that a keyring keeps closed are set aside for new ones if they are to be `replaced`.
    ///
    /// - Throws: `VaultError`, and what `opened(with:)` throws.
    package func prepareVault(
        passphrase: String, again: Bool = false, replaced: Bool = false
    ) throws -> VaultKeys {
        if replaced, let former = vault {
            guard keyringTrouble() != nil else { throw VaultError.exists }
            try former.write(to: folders.setAsideFile(former.publicKeys.device))
        } else if vault != nil {
            guard try again || store.enrolment() == nil || hasLostKeys() else {
                throw VaultError.exists
            }
            return try opened(with: passphrase)
        }
        let keys = try VaultKeys(random: random)
        let vault = try place.seal(keys, passphrase: passphrase, isBound: false, replacing: nil)
        state.withLock { state in
            state.vault = vault
            state.isWiped = false
            state.shut = nil
        }
        return keys
    }

    /// Puts the storage key of another device of this person into the vault.
    func adopt(storageKey: [UInt8], passphrase: String) throws {
        let keys = try opened(with: passphrase).with(storageKey: storageKey)
        try reseal(keys, passphrase: passphrase)
    }

    /// Puts the same keys under another passphrase, and binds them to the keyring of the login or
    /// not; `nil` leaves that as it is.
    ///
    /// A keyring gets a new secret each time and forgets the former one: a copy of the former file
    /// does not open any more.
    ///
    /// - Throws: what `opened(with:)` throws for the old one, `VaultError.keyring`; the vault is as
    ///   it was then.
    package func changePassphrase(
        from old: String, to new: String, isBound: Bool? = nil
    ) throws {
        if let guardian {
            return try guardian.changePassphrase(from: old, to: new, isBound: isBound)
        }
        try reseal(opened(with: old), passphrase: new, isBound: isBound)
    }

    private func reseal(_ keys: VaultKeys, passphrase: String, isBound: Bool? = nil) throws {
        let former = vault
        let changed = try place.seal(
            keys, passphrase: passphrase, isBound: isBound ?? (former?.secretName != nil),
            replacing: former)
        state.withLock { $0.vault = changed }
    }

    // MARK: Running

    /// Starts what runs beside the app: the sync engine, once the vault is open.
    ///
    /// With `offline` it talks to nobody before the person says so.
    package func start(offline: Bool = false) {
        state.withLock { $0.isStarted = true }
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

    private func startEngine(offline: Bool = false) {
        let (isReady, keys) = state.withLock { state in
            (state.isStarted && state.actions != nil && state.engine == nil, state.keys)
        }
        guard isReady, let keys else { return }
        do {
            guard let enrolment = try store.enrolment() else { return }
            try actions().mend()
            let link = try wiring.connect(profile.node ?? enrolment.nodeURL, keys)
            let engine = SyncEngine(store: store, node: link.connection, clock: syncClock)
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

    /// Sends and fetches everything that can be now, and returns; for commands.
    ///
    /// - Throws: what `actions` throws.
    package func syncOnce() async throws -> SyncOutcome {
        _ = try actions()
        let keys = state.withLock { $0.keys }
        guard let enrolment = try store.enrolment() else { throw VaultError.missing }
        try actions().mend()
        let link = try wiring.connect(profile.node ?? enrolment.nodeURL, keys)
        let outcome = await SyncEngine(store: store, node: link.connection, clock: syncClock)
            .syncOnce()
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
    /// With a policy its witnesses are asked for from the first round on.
    ///
    /// - Throws: `JoinError`, `VaultError`, `HomeError`.
    package func join(
        code typed: String, node: String, passphrase: String, policy: WitnessPolicy? = nil
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
            ) {
                try Entry.signed($0, with: keys.signing)
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

    // MARK: Records and folders

    /// Returns some rows of a record.
    package func rows(of id: Int64, offset: Int, limit: Int) throws -> RecordRows {
        let actions = try actions()
        let record = try actions.record(id)
        let file = try rows(of: record, actions)
        let end = min(offset, file.rowCount) + min(limit, max(file.rowCount - offset, 0))
        let lines = try MemberSession.lines(of: file, at: Array(min(offset, end)..<end))
        return RecordRows(
            record: id,
            page: Page(offset: min(offset, end), lines: lines, total: file.rowCount),
            identifying: file.index.identifying,
            sorts: zip(file.outline.groups, file.outline.groupCounts).map(RowSort.init))
    }

    /// Returns rows of a record at positions, which are a part of what was found.
    func rows(of id: Int64, at positions: [Int], offset: Int, total: Int) throws -> RecordRows {
        RecordRows(
            record: id,
            page: Page(offset: offset, lines: try lines(of: id, at: positions), total: total),
            identifying: [])
    }

    /// Returns which rows of a record a filter fits, or which stay because of a project's dates.
    func findRows(_ action: Action, _ meter: WorkMeter) throws -> RowSet {
        let actions = try actions()
        func goesOn(_ file: RowFile) -> (Int) -> Bool {
            { rows in
                meter.report {
                    WorkProgress(
                        .searching, done: Int64(rows), total: Int64(file.rowCount), unit: .rows)
                }
            }
        }
        switch action {
        case .findRows(let record, let query):
            let file = try rows(of: actions.record(record), actions)
            return try file.rows(
                matching: RowFilter(typed: query.text, group: query.sort), goesOn: goesOn(file))
        case .findOutside(let record, let project):
            let terms = try actions.project(project).terms
            let file = try rows(of: actions.record(record), actions)
            return try file.rows(
                outside: terms.collectionFrom.milliseconds...terms.collectionUntil.milliseconds,
                goesOn: goesOn(file))
        default: return RowSet(capacity: 0)
        }
    }

    /// Returns which rows of a record a filter fits.
    package func rows(of id: Int64, matching filter: RowFilter) throws -> RowSet {
        let actions = try actions()
        return try rows(of: actions.record(id), actions).rows(matching: filter)
    }

    /// Returns the rows of a record at positions, in their order.
    package func lines(of id: Int64, at positions: [Int]) throws -> [RecordRowLine] {
        let actions = try actions()
        return try MemberSession.lines(of: rows(of: actions.record(id), actions), at: positions)
    }

    private static func lines(of file: RowFile, at positions: [Int]) throws -> [RecordRowLine] {
        var lines: [RecordRowLine] = []
        try file.forRows(at: positions) { page, row, position in
            let text = page.text(at: row)
            lines.append(
                RecordRowLine(
                    position: position, what: text.what, when: text.when, value: text.value,
                    identifies: page.flags(at: row).contains(.identifies)))
        }
        return lines
    }

    /// The last file opened is kept: a person looks through its rows page by page.
    private func rows(of record: LocalRecord, _ actions: MemberActions) throws -> RowFile {
        let known = state.withLock { $0.rows }
        if let known, known.sealed == record.sealed { return known.file }
        let file = try actions.rows(of: record)
        state.withLock { $0.rows = (record.sealed, file) }
        return file
    }
}

/// The vault is locked.
package struct SessionLocked: Error, CustomStringConvertible, Sendable {
    /// What to tell the person.
    package let description = "the vault is locked: unlock it with the passphrase first"

    /// Makes the error.
    package init() {}
}

/// The way into a private node on this machine.
package struct DemoInvitation: Equatable, Sendable {
    /// Where the node is.
    package let node: String
    /// A code for one person.
    package let code: String
    /// A folder of files to import, or `nil` where there is none.
    package let records: String?

    /// Makes an invitation.
    package init(node: String, code: String, records: String?) {
        self.node = node
        self.code = code
        self.records = records
    }
}

/// A connection and the way to close it.
package struct NodeLink: Sendable {
    /// The connection.
    package let connection: any NodeConnection
    /// Closes it.
    package let close: @Sendable () async -> Void

    /// Pairs a connection with the way to close it.
    package init(_ connection: any NodeConnection, close: @escaping @Sendable () async -> Void) {
        self.connection = connection
        self.close = close
    }
}

/// Why joining failed.
package enum JoinError: Error, Equatable, CustomStringConvertible, Sendable {
    /// What was typed is no code.
    case notACode
    /// The node does not know the code, or it was used or ran out.
    case codeRefused
    /// The node does not know the code it claims to: somebody answers in its place.
    case nodeNotAuthentic
    /// The policy of witnesses is for another ledger: nothing was joined.
    case policyElsewhere
    /// A rule refuses the enrolment.
    case refused(String)
    /// The node did not answer.
    case notReachable(NodeFailure)
    /// Nothing could be stored.
    case notStored(String)

    init(_ failure: EnrolmentFailure) {
        switch failure {
        case .invitationRefused: self = .codeRefused
        case .nodeNotGenuine: self = .nodeNotAuthentic
        case .policyElsewhere: self = .policyElsewhere
        case .refused(_, let name): self = .refused(name)
        case .node(let failure): self = .notReachable(failure)
        case .store(let reason): self = .notStored(reason)
        }
    }

    /// What to tell the person.
    package var description: String {
        switch self {
        case .notACode: "that is no invitation code: it has 13 letters and digits"
        case .codeRefused: "the node does not accept the code: it was used, or is too old"
        case .nodeNotAuthentic: "the node could not prove that it made the code: nothing was joined"
        case .policyElsewhere: "the policy of witnesses is for another ledger: nothing was joined"
        case .refused(let why): "the node refused the enrolment: \(why)"
        case .notReachable(let failure): "could not join: \(failure.english)"
        case .notStored(let why): "could not join: \(why)"
        }
    }
}

extension String {
    /// The path without a slash at its end.
    var trimmedSlash: String { count > 1 && hasSuffix("/") ? String(dropLast()) : self }
}
