import Foundation
import LedgerCore
import Screens

/// Where the keys of a device are kept: a file, and in the keyring of a login the part of its key
/// that a copy of the file lacks, where the vault is bound to it.
struct VaultPlace {
    let file: URL
    /// `nil` where none may be asked, as on a shared machine.
    let keyring: (any Keyring)?
    let random: RandomSource

    /// The keyring's part of a vault; `nil` for one that needs none, and then nobody is asked.
    ///
    /// - Throws: `VaultError.keyring`.
    func secret(of vault: Vault) throws(VaultError) -> KeyringSecret? {
        guard let name = vault.secretName else { return nil }
        let secret = try ask { keyring throws(KeyringProblem) in
            KeyringSecret(try keyring.secret(named: name, of: vault.publicKeys))
        }
        guard secret.name == name else { throw .keyring(.different) }
        return secret
    }

    /// Seals keys and puts the file in the place of the former one.
    ///
    /// Whatever stops it, the file that stands then opens: a new secret is in the keyring, and was
    /// read back, before a file needs it; the former one goes when no file needs it any more, not
    /// even after a loss of power. A secret that is left over opens nothing by itself.
    ///
    /// `passphrase` is empty for none, `isBound` says whether the keyring has to have a part in it,
    /// and `former` is what stands there now.
    ///
    /// - Throws: `VaultError.keyring`, `HomeError`.
    func seal(
        _ keys: VaultKeys, passphrase: String, isBound: Bool, replacing former: Vault?
    ) throws -> Vault {
        let rounds = passphrase.isEmpty ? Vault.defaultRounds : try Vault.calibratedRounds()
        let secret = isBound ? try makeSecret(for: keys.publicKeys) : nil
        let vault = try Vault(
            sealing: keys, passphrase: passphrase, rounds: rounds, random: random, secret: secret)
        try vault.write(to: file)
        if let former { forgetSecret(of: former) }
        return vault
    }

    private func makeSecret(for keys: DeviceKeys) throws(VaultError) -> KeyringSecret {
        let secret = KeyringSecret(random: random)
        return try ask { keyring throws(KeyringProblem) in
            try keyring.store(secret.bytes, named: secret.name, of: keys)
            guard try keyring.secret(named: secret.name, of: keys) == secret.bytes else {
                throw .refused
            }
            return secret
        }
    }

    /// Has the keyring forget its part of a vault that stands nowhere any more.
    func forgetSecret(of vault: Vault) {
        guard let name = vault.secretName else { return }
        // One that stays opens nothing but a copy of that file.
        try? keyring?.delete(name, of: vault.publicKeys)
    }

    /// Asks the keyring.
    ///
    /// - Throws: `VaultError.keyring`, also where there is none.
    func ask<Value>(
        _ body: (any Keyring) throws(KeyringProblem) -> Value
    ) throws(VaultError) -> Value {
        guard let keyring else { throw .keyring(.unreachable) }
        do throws(KeyringProblem) { return try body(keyring) } catch { throw .keyring(error) }
    }
}
