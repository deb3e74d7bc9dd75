import Foundation
import LedgerCore

/// A file of a shared machine: a member's keys sealed under their secret, and what belongs to them
/// sealed under the keys.
struct SealedCard: Equatable {
    /// What the file is; its content is bound to it.
    let label: String
    /// The keys, sealed under the secret.
    let vault: Vault
    /// The rest, sealed under the keys.
    private let sealed: [UInt8]

    /// Makes a file.
    init(_ label: String, vault: Vault, keys: VaultKeys, content: JSONValue) throws {
        self.label = label
        self.vault = vault
        sealed = try keys.seal(content.canonicalBytes, label: label)
    }

    /// Reads a file.
    ///
    /// - Throws: `VaultError.damaged`.
    init(_ label: String, file bytes: [UInt8]) throws {
        guard let json = try? JSONValue(canonical: bytes),  // what it is not, does not matter
            json["format"]?.string == label,
            let vault = json["vault"]?.string.flatMap(Base64.url.decode),
            let sealed = json["sealed"]?.string.flatMap(Base64.url.decode)
        else { throw VaultError.damaged }
        self.label = label
        self.vault = try Vault(file: vault)
        self.sealed = sealed
    }

    /// The bytes of the file.
    var file: [UInt8] {
        JSONValue.sorted([
            .init("format", .string(label)), .init("sealed", .string(Base64.url.encode(sealed))),
            .init("vault", .string(Base64.url.encode(vault.fileBytes))),
        ]).canonicalBytes
    }

    /// Opens the sealed part.
    ///
    /// - Throws: `VaultError.damaged`.
    func content(_ keys: VaultKeys) throws -> JSONValue {
        try JSONValue(canonical: keys.open(sealed, label: label))
    }
}
