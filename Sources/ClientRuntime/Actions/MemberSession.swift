package import ClientStore
import Foundation
import LedgerCore
package import Screens
import SyncCore
import SyncEngine
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

    /// What changes while the session is open.
    struct State {
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
        /// The look that is shown; `nil` before there is one.
        var shown: Preferences?
        /// What was there when keys were handed over last, and after how many changes of the store
        /// that was looked at.
        var handedOver: (needs: MemberActions.WrappingNeeds, changes: Int64)?
        /// What was told that went wrong beside everything else.
        var troubles: [Trouble] = []
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
    let state: Mutex<State>

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

    static func readVault(_ file: URL) throws -> (vault: Vault?, isWiped: Bool) {
        do {
            return (try Vault.read(from: file), false)
        } catch VaultError.missing {
            return (nil, false)
        } catch VaultError.wiped {
            return (nil, true)
        }
    }

    // MARK: What is there

    /// What the person chose; for a ward, what the guardian did.
    package var profile: Profile { guardian?.profile ?? state.withLock { $0.profile } }

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
    ///
    /// It is changed as the file says it by now: the person, or another program, may have written
    /// there since it was read here.
    package func changeProfile(_ change: (inout Profile) -> Void) throws {
        if let guardian { return try guardian.changeProfile(change) }
        try folders.withConfiguration {
            var changed = try Profile.read(from: folders.profileFile)
            change(&changed)
            do {
                try changed.write(to: folders.profileFile)
            } catch {
                // Whose screen asks for the secret from now on has it compared, kept or not.
                if changed.look.asksSecret { state.withLock { $0.profile.look.asksSecret = true } }
                throw error
            }
            state.withLock { $0.profile = changed }
        }
    }

    /// Reads the configuration; the language and the theme given hold where none was chosen.
    package func configuration(language: Language, theme: String) -> Configuration {
        let (keys, problems) = KeysFile.read(from: folders.keysFile)
        let profile = profile
        let preferences = profile.preferences(language: language, theme: theme)
        show(preferences)
        return Configuration(
            preferences: preferences, keys: keys, problems: profile.problems + problems)
    }

    /// Notes the look that is shown: what in it the person did not choose is never kept.
    package func show(_ preferences: Preferences) {
        if let guardian { return guardian.show(preferences) }
        state.withLock { $0.shown = preferences }
    }

    /// The language of what is shown, as a tag.
    var shownLocale: String {
        if let guardian { return guardian.shownLocale }
        return state.withLock {
            $0.shown?.language.rawValue ?? $0.profile.locale ?? Language.english.rawValue
        }
    }

    /// Keeps what the person changed about the look.
    func keep(_ preferences: Preferences) throws {
        if let guardian { return try guardian.keep(preferences) }
        let former = state.withLock { state in
            state.shown ?? state.profile.preferences(language: .english, theme: Preferences().theme)
        }
        try changeProfile { $0.adopt(preferences, from: former) }
        show(preferences)
    }

    /// Reads the files again and tells what they say.
    func rereadConfiguration() throws {
        let shown = try (guardian ?? self).readProfile()
        announce.yield(
            .configured(configuration(language: shown.language, theme: shown.theme)))
    }

    /// Reads `config.toml` again and returns the look that is shown; while it is no TOML, what was
    /// chosen stays.
    private func readProfile() throws -> Preferences {
        let read = try Profile.read(from: folders.profileFile)
        return state.withLock { state in
            state.profile.take(read)
            return state.shown ?? Preferences()
        }
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
    func close() -> [Task<Void, Never>] {
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
}

/// The vault is locked.
package struct SessionLocked: Error, CustomStringConvertible, Sendable {
    /// What to tell the person.
    package let description = "the vault is locked: unlock it with the passphrase first"

    /// Makes the error.
    package init() {}
}

extension String {
    /// The path without a slash at its end.
    var trimmedSlash: String { count > 1 && hasSuffix("/") ? String(dropLast()) : self }
}
