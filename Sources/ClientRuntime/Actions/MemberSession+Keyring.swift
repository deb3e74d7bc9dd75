import Screens

/// Keys that need the keyring of the person's login, too: a copy of the vault's file alone is closed
/// whatever its passphrase is.
extension MemberSession {
    /// Whether the keys of this machine are bound to the keyring of a login.
    package var isBoundToKeyring: Bool {
        guardian?.isBoundToKeyring ?? (vault?.secretName != nil)
    }

    /// Why the keyring of the login does not do its part for the keys of this machine; `nil` if it
    /// does, or they are bound to none.
    package func keyringTrouble() -> VaultError? {
        if let guardian { return guardian.keyringTrouble() }
        guard let vault else { return nil }
        do throws(VaultError) {
            _ = try place.secret(of: vault)
            return nil
        } catch {
            return error
        }
    }

    /// Finds out whether keys could be bound to the keyring of the login now.
    ///
    /// - Throws: `VaultError.keyring`.
    package func checkKeyring() throws(VaultError) {
        try place.ask { keyring throws(KeyringProblem) in try keyring.check() }
    }
}
