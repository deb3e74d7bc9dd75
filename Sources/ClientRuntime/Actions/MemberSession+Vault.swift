import ClientStore
import Foundation
import LedgerCore
import Screens
import SyncCore
import Synchronization

// What the passphrase and the keyring open, and what is done with the keys.
extension MemberSession {
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
    func currentVault() throws -> Vault {
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

    func use(_ keys: VaultKeys) throws {
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

    /// Makes keys anew in place of those of a device that was removed, whose sealed file is set aside;
    /// what they sealed on this machine stays readable.
    func replace(_ removed: VaultKeys, passphrase: String) throws -> VaultKeys {
        let keys = try VaultKeys(random: random).with(storageKey: removed.storageBytes)
        try vault?.write(to: folders.setAsideFile(removed.device))
        try reseal(keys, passphrase: passphrase)
        close()
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
}
