import Crypto
import CryptoExtras
package import Foundation
package import LedgerCore
import Screens

/// The file that keeps a device's keys, sealed under a key made of a passphrase by scrypt and, where
/// the vault is bound to the keyring of a login, of a secret that is kept there.
///
/// `vault.json` is canonical JSON: format, public keys, scrypt parameters (RFC 7914), the name of the
/// keyring's secret (format v2 alone), sealed keys. Everything but the sealed keys is bound to them
/// as authenticated data. In v1 the key is scrypt's output; in v2 it is HKDF (RFC 5869, SHA-256) of
/// that output and the secret. What is not bound is written as v1, so that older programs read it.
package struct Vault: Equatable, Sendable {
    /// The public keys of the device, readable without the passphrase.
    package let publicKeys: DeviceKeys
    /// Whether a passphrase is needed; without one the keys are as safe as the file is.
    package let hasPassphrase: Bool
    /// The name of the secret that the keyring of a login has to give; `nil` if it is bound to none.
    package let secretName: String?

    /// What trying a passphrase costs: scrypt's N.
    let rounds: Int64
    private let salt: [UInt8]
    private let sealed: [UInt8]

    /// scrypt's N where nothing was measured, with r = 8 and p = 1: about 60 ms.
    package static let defaultRounds: Int64 = 1 << 15

    // An empty passphrase has nothing to be guessed: stretching it would only cost time.
    private static let emptyRounds: Int64 = 1 << 4

    /// Seals keys.
    ///
    /// `passphrase` is empty for none, `rounds` is scrypt's N, a power of two from 2^4 to 2^20, and
    /// `secret` the keyring's part, `nil` where the passphrase alone opens the vault.
    package init(
        sealing keys: VaultKeys, passphrase: String, rounds: Int64 = Vault.defaultRounds,
        random: RandomSource, secret: KeyringSecret? = nil
    ) throws {
        publicKeys = keys.publicKeys
        hasPassphrase = !passphrase.isEmpty
        self.rounds = passphrase.isEmpty ? Vault.emptyRounds : rounds
        salt = random.bytes(32)
        secretName = secret?.name
        let key = try Vault.key(passphrase, salt: salt, rounds: self.rounds, secret)
        let header = Vault.header(
            keys: publicKeys, hasPassphrase: hasPassphrase, rounds: self.rounds, salt: salt,
            secretName: secretName)
        let nonce = try ChaChaPoly.Nonce(data: random.bytes(12))
        sealed = [UInt8](
            try ChaChaPoly.seal(
                keys.secrets, using: key, nonce: nonce,
                authenticating: JSONValue.sorted(header).canonicalBytes
            ).combined)
    }

    /// Makes a vault that holds nothing and that no passphrase opens; trying one costs `decoy` rounds.
    init(decoy rounds: Int64, random: RandomSource) throws {
        publicKeys = try VaultKeys(random: random).publicKeys
        hasPassphrase = true
        secretName = nil
        self.rounds = rounds
        salt = random.bytes(32)
        // As long as a nonce, the keys and a tag.
        sealed = random.bytes(12 + 96 + 16)
    }

    /// Opens the vault.
    ///
    /// `passphrase` is empty where there is none; `secret` is what the keyring gave under
    /// `secretName`.
    ///
    /// - Throws: `VaultError.wrongPassphrase`; `VaultError.keyring` where the secret is not the one
    ///   it was bound with, whatever the passphrase is.
    package func unlock(passphrase: String, secret: KeyringSecret? = nil) throws -> VaultKeys {
        if let secretName {
            guard let secret else { throw VaultError.keyring(.unreachable) }
            guard secret.name == secretName else { throw VaultError.keyring(.different) }
        }
        let key = try Vault.key(
            passphrase, salt: salt, rounds: rounds, secretName == nil ? nil : secret)
        let header = Vault.header(
            keys: publicKeys, hasPassphrase: hasPassphrase, rounds: rounds, salt: salt,
            secretName: secretName)
        let secrets: [UInt8]
        do {
            secrets = [UInt8](
                try ChaChaPoly.open(
                    ChaChaPoly.SealedBox(combined: sealed), using: key,
                    authenticating: JSONValue.sorted(header).canonicalBytes))
        } catch {
            // A wrong key and a changed file cannot be told apart; the first is by far likelier.
            throw hasPassphrase ? VaultError.wrongPassphrase : VaultError.damaged
        }
        let keys = try VaultKeys(secrets: secrets)
        guard keys.publicKeys == publicKeys else { throw VaultError.damaged }
        return keys
    }

    /// Returns the smallest N that takes at least `goal` on this machine.
    ///
    /// Twice the rounds take twice the time, so it stays below twice the goal where the machine is
    /// not slower than that at the least.
    ///
    /// - Returns: From `defaultRounds` to 2^18, which takes 256 MiB of memory.
    package static func calibratedRounds(atLeast goal: Duration = .milliseconds(250)) throws
        -> Int64
    {
        var rounds = defaultRounds
        while rounds < 1 << 18 {
            let start = ContinuousClock.now
            _ = try stretched("calibration", salt: Array(repeating: 0, count: 32), rounds: rounds)
            if ContinuousClock.now - start >= goal { break }
            rounds *= 2
        }
        return rounds
    }

    private static func key(
        _ passphrase: String, salt: [UInt8], rounds: Int64, _ secret: KeyringSecret?
    ) throws -> SymmetricKey {
        let stretched = try stretched(passphrase, salt: salt, rounds: rounds)
        guard let secret else { return stretched }
        // Both are 32 bytes long: no two pairs make the same input.
        let both = stretched.withUnsafeBytes { Array($0) } + secret.bytes
        return HKDF<SHA256>.deriveKey(
            inputKeyMaterial: SymmetricKey(data: both), salt: salt,
            info: Array("accord/vault-key/v2".utf8), outputByteCount: 32)
    }

    private static func stretched(_ passphrase: String, salt: [UInt8], rounds: Int64) throws
        -> SymmetricKey
    {
        try KDF.Scrypt.deriveKey(
            from: Data(passphrase.utf8), salt: salt, outputByteCount: 32, rounds: Int(rounds),
            blockSize: 8, parallelism: 1, maxMemory: Int(rounds) * 1_024 * 2 + (1 << 20))
    }

    private static let format = (alone: "accord-vault/v1", bound: "accord-vault/v2")

    private static func header(
        keys: DeviceKeys, hasPassphrase: Bool, rounds: Int64, salt: [UInt8], secretName: String?
    ) -> [JSONValue.Member] {
        (secretName.map { [.init("keyring", .string($0))] } ?? []) + [
            .init("format", .string(secretName == nil ? format.alone : format.bound)),
            .init("key", .string(Base64.url.encode(keys.signing))),
            .init("passphrase", .bool(hasPassphrase)),
            .init("salt", .string(Base64.url.encode(salt))),
            .init("scrypt_n", .integer(rounds)),
            .init("wrap", .string(Base64.url.encode(keys.wrapping))),
        ]
    }
}

extension Vault {
    /// Reads the file.
    ///
    /// - Throws: `VaultError.missing`, `VaultError.damaged`, `VaultError.wiped`, or `HomeError` if
    ///   others can read it.
    package static func read(from file: URL) throws -> Vault {
        try HomeFolders.checkPrivate(file)
        guard let content = FileManager.default.contents(atPath: file.path(percentEncoded: false))
        else { throw VaultError.missing }
        guard [UInt8](content) != wipedBytes else { throw VaultError.wiped }
        return try Vault(file: [UInt8](content))
    }

    /// Opens the vault of folders with a passphrase; a wrong one is counted there, and waited for.
    ///
    /// Nothing is destroyed: an institution has no other device to come back from. For the same
    /// reason its keys are not bound to a keyring, and one that is does not open here.
    ///
    /// - Throws: `VaultError`, `SecretProblem.wait`.
    package func unlock(in folders: HomeFolders, passphrase: String, now: Timestamp) throws
        -> VaultKeys
    {
        guard hasPassphrase else { return try unlock(passphrase: "") }
        return try SecretTries(file: folders.secretTriesFile).attempt(now: now, wipe: nil) {
            try unlock(passphrase: passphrase)
        }
    }

    /// Destroys the sealed keys of a file: overwritten where they stand, then replaced.
    ///
    /// A disk that writes each block to a new place, or a copy of the file, may still have them.
    static func wipe(_ file: URL) throws {
        let path = file.path(percentEncoded: false)
        let descriptor = open(path, O_WRONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw HomeError(path: path, problem: .notWritable("")) }
        let length = lseek(descriptor, 0, SEEK_END)
        let zeros = [UInt8](repeating: 0, count: max(Int(length), 0))
        let isDone =
            pwrite(descriptor, zeros, zeros.count, 0) == zeros.count && fsync(descriptor) == 0
        close(descriptor)
        guard isDone else { throw HomeError(path: path, problem: .notWritable("")) }
        try HomeFolders.writePrivate(wipedBytes, to: file)
    }

    private static var wipedBytes: [UInt8] {
        JSONValue.sorted([.init("format", .string("accord-vault/wiped"))]).canonicalBytes
    }

    /// Writes the file, readable by its owner only; an older one is replaced at once.
    package func write(to file: URL) throws {
        try HomeFolders.writePrivate(fileBytes, to: file)
    }

    /// The bytes of the file.
    var fileBytes: [UInt8] {
        let header = Vault.header(
            keys: publicKeys, hasPassphrase: hasPassphrase, rounds: rounds, salt: salt,
            secretName: secretName)
        let members = header + [.init("sealed", .string(Base64.url.encode(sealed)))]
        return JSONValue.sorted(members).canonicalBytes
    }

    /// Reads the bytes of a file.
    ///
    /// - Throws: `VaultError.damaged`.
    init(file bytes: [UInt8]) throws {
        guard let json = try? JSONValue(canonical: bytes),  // what it is not, does not matter
            let format = json["format"]?.string,
            format == Vault.format.alone || format == Vault.format.bound,
            let signing = json["key"]?.string.flatMap(Base64.url.decode), signing.count == 32,
            let wrapping = json["wrap"]?.string.flatMap(Base64.url.decode), wrapping.count == 32,
            case .bool(let hasPassphrase)? = json["passphrase"],
            let salt = json["salt"]?.string.flatMap(Base64.url.decode),
            let rounds = json["scrypt_n"]?.integer, (1 << 4...1 << 20).contains(rounds),
            rounds & (rounds - 1) == 0,
            let sealed = json["sealed"]?.string.flatMap(Base64.url.decode)
        else { throw VaultError.damaged }
        secretName = json["keyring"]?.string.flatMap { Hash(hex: $0)?.hex == $0 ? $0 : nil }
        guard (secretName != nil) == (format == Vault.format.bound) else {
            throw VaultError.damaged
        }
        publicKeys = DeviceKeys(signing: signing, wrapping: wrapping)
        self.hasPassphrase = hasPassphrase
        self.salt = salt
        self.rounds = rounds
        self.sealed = sealed
    }
}
