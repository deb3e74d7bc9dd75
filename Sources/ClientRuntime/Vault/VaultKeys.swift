package import Crypto
import Foundation
package import LedgerCore
package import Screens

/// The secret keys of one device, in memory only while the vault is open.
package struct VaultKeys: Sendable, CustomStringConvertible, CustomReflectable {
    /// Signs entries (Ed25519, RFC 8032).
    package let signing: Curve25519.Signing.PrivateKey
    /// Opens what was wrapped for this device (X25519, RFC 7748).
    package let wrapping: Curve25519.KeyAgreement.PrivateKey
    /// Seals records and data keys in the local store.
    package let storage: SymmetricKey

    /// Makes new keys.
    package init(random: RandomSource) throws {
        try self.init(secrets: random.bytes(96))
    }

    /// Takes keys from 96 bytes: signing, wrapping, storage.
    init(secrets: [UInt8]) throws {
        guard secrets.count == 96 else { throw VaultError.damaged }
        signing = try .init(rawRepresentation: secrets[0..<32])
        wrapping = try .init(rawRepresentation: secrets[32..<64])
        storage = SymmetricKey(data: secrets[64..<96])
    }

    /// The same device with the storage key of another one: 32 bytes.
    func with(storageKey: [UInt8]) throws -> VaultKeys {
        try VaultKeys(secrets: Array(secrets.prefix(64)) + storageKey)
    }

    /// The storage key's 32 bytes.
    var storageBytes: [UInt8] { Array(secrets.suffix(32)) }

    var secrets: [UInt8] {
        [UInt8](signing.rawRepresentation) + [UInt8](wrapping.rawRepresentation)
            + storage.withUnsafeBytes { Array($0) }
    }

    /// The public keys.
    package var publicKeys: DeviceKeys {
        DeviceKeys(
            signing: [UInt8](signing.publicKey.rawRepresentation),
            wrapping: [UInt8](wrapping.publicKey.rawRepresentation))
    }

    /// The device's id.
    package var device: DeviceID { publicKeys.device }

    /// The device's id, nothing secret.
    package var description: String { "VaultKeys(\(device.text))" }

    /// Nothing: a dump shows no key.
    package var customMirror: Mirror { Mirror(self, children: [:]) }

    /// Seals bytes for the local store.
    ///
    /// `label` says what they are; the same words are needed to open them.
    package func seal(_ bytes: [UInt8], label: String) throws -> [UInt8] {
        let box = try ChaChaPoly.seal(bytes, using: storage, authenticating: Array(label.utf8))
        return [UInt8](box.combined)
    }

    /// Opens what `seal` made with the same words.
    ///
    /// - Throws: `VaultError.damaged` if a single bit differs.
    package func open(_ bytes: [UInt8], label: String) throws -> [UInt8] {
        do {
            let box = try ChaChaPoly.SealedBox(combined: bytes)
            var opened = try ChaChaPoly.open(
                box, using: storage, authenticating: Array(label.utf8))
            // What the library gives is a copy of its own: only ours is to be wiped by the caller.
            defer { opened.resetBytes(in: opened.startIndex..<opened.endIndex) }
            return [UInt8](opened)
        } catch {
            // ChaChaPoly tells no more than that it does not fit.
            throw VaultError.damaged
        }
    }
}

/// Why the vault does not open.
package enum VaultError: Error, Equatable, CustomStringConvertible, Sendable {
    /// There is no vault.
    case missing
    /// The passphrase is another one.
    case wrongPassphrase
    /// The file was changed or is not a vault.
    case damaged
    /// There is a vault already.
    case exists
    /// The keys were destroyed after too many wrong passphrases.
    case wiped
    /// The keyring of the login does not do its part: no passphrase was tried.
    case keyring(KeyringProblem)

    /// What to tell the person.
    package var description: String {
        switch self {
        case .missing: "there is no vault here yet: join with an invitation code first"
        case .wrongPassphrase: "the passphrase does not open the vault"
        case .damaged: "the vault is damaged: restore vault.json from a backup"
        case .exists: "there is a vault here already"
        case .wiped: "the keys of this machine were destroyed after too many wrong passphrases"
        case .keyring(let problem): problem.texts.english
        }
    }
}
