import Foundation
import LedgerCore

/// What a shared machine keeps of somebody who asks to join, until the node's answer is there: sealed
/// keys, and under them the entry that is sent and the codes it was sent with.
///
/// Where the answer is lost the node may have taken the entry in: no other keys are the member's
/// then, and the same bytes get the same answer. It stands beside where the member's card will be.
struct JoiningCard: Equatable {
    /// The keys, sealed under the secret of who asks.
    let vault: Vault
    /// The rest, sealed under the keys.
    private let sealed: [UInt8]

    private static let label = "accord/kiosk-joining/v1"
    /// The most codes that are kept: the newest.
    private static let codeLimit = 2

    /// Makes a card; `codes` are in the order they were typed.
    init(vault: Vault, keys: VaultKeys, entry: Entry, codes: [String]) throws {
        self.vault = vault
        sealed = try keys.seal(
            JSONValue.sorted([
                .init("codes", .array(codes.suffix(Self.codeLimit).map { JSONValue.string($0) })),
                .init("entry", .string(String(decoding: entry.bytes, as: UTF8.self))),
            ]).canonicalBytes, label: Self.label)
    }

    /// Reads a file.
    ///
    /// - Throws: `VaultError.damaged`.
    init(file bytes: [UInt8]) throws {
        guard let json = try? JSONValue(canonical: bytes),  // what it is not, does not matter
            json["format"]?.string == Self.label,
            let vault = json["vault"]?.string.flatMap(Base64.url.decode),
            let sealed = json["sealed"]?.string.flatMap(Base64.url.decode)
        else { throw VaultError.damaged }
        self.vault = try Vault(file: vault)
        self.sealed = sealed
    }

    /// The bytes of the file.
    var file: [UInt8] {
        JSONValue.sorted([
            .init("format", .string(Self.label)),
            .init("sealed", .string(Base64.url.encode(sealed))),
            .init("vault", .string(Base64.url.encode(vault.fileBytes))),
        ]).canonicalBytes
    }

    /// Opens the sealed part.
    ///
    /// - Throws: `VaultError.damaged`.
    func content(_ keys: VaultKeys) throws -> (entry: Entry, codes: [String]) {
        let json = try JSONValue(canonical: keys.open(sealed, label: Self.label))
        guard let entry = json["entry"]?.string, let codes = json["codes"]?.array else {
            throw VaultError.damaged
        }
        return (Entry(bytes: Array(entry.utf8)), codes.compactMap(\.string))
    }
}

extension CardBox {
    private func joiningPlace(badge: String) -> URL {
        place(badge: badge).deletingPathExtension().appendingPathExtension("joining")
    }

    /// What is kept of a joining with this badge that has no answer; `nil` if there is none.
    func joining(badge: String) throws -> JoiningCard? {
        let file = joiningPlace(badge: badge)
        guard let bytes = FileManager.default.contents(atPath: file.path(percentEncoded: false))
        else { return nil }
        try HomeFolders.checkPrivate(file)
        return try JoiningCard(file: [UInt8](bytes))
    }

    /// Keeps a joining that is about to be sent, in the place of what was kept before.
    func keep(_ card: JoiningCard, badge: String) throws {
        try HomeFolders.writePrivate(card.file, to: joiningPlace(badge: badge))
    }

    /// Forgets a joining: it has its answer.
    func forgetJoining(badge: String) {
        // One that stays is not looked at while there is a card, and is replaced by the next.
        try? FileManager.default.removeItem(at: joiningPlace(badge: badge))
    }
}
