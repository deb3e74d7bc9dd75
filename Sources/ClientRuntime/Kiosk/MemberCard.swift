import Crypto
import Foundation
import LedgerCore
import SyncCore

/// What a shared machine keeps of a member between two visits: sealed keys, and under them which
/// ledger they belong to and where the next entry goes.
///
/// No health data, no name, no decision. The file is named by a hash of the badge.
struct MemberCard: Equatable {
    private let card: SealedCard

    private static let label = "accord/kiosk-card/v1"

    /// Makes a card.
    init(vault: Vault, keys: VaultKeys, enrolment: Enrolment, cursor: OutboxCursor) throws {
        card = try SealedCard(
            Self.label, vault: vault, keys: keys,
            content: .sorted([
                .init("account", .string(enrolment.account.text)),
                .init("last", .string(cursor.previous.hex)),
                .init("next", .integer(cursor.nextSequence)),
                .init("node", .string(enrolment.nodeURL)),
                .init("origin", .string(enrolment.origin)),
                .init("vkey", .string(enrolment.logKey.text)),
            ]))
    }

    /// Reads a file.
    ///
    /// - Throws: `VaultError.damaged`.
    init(file bytes: [UInt8]) throws { card = try SealedCard(Self.label, file: bytes) }

    /// The keys, sealed under the member's secret.
    var vault: Vault { card.vault }

    /// The bytes of the file.
    var file: [UInt8] { card.file }

    /// Opens the sealed part.
    ///
    /// - Throws: `VaultError.damaged`.
    func content(_ keys: VaultKeys) throws -> (enrolment: Enrolment, cursor: OutboxCursor) {
        let json = try card.content(keys)
        guard let account = json["account"]?.string.flatMap({ AccountID($0) }),
            let last = json["last"]?.string.flatMap({ Hash(hex: $0) }),
            let next = json["next"]?.integer, next > 0, let node = json["node"]?.string,
            let origin = json["origin"]?.string, let key = json["vkey"]?.string
        else { throw VaultError.damaged }
        return (
            Enrolment(
                origin: origin, logKey: try VerifierKey(parsing: key), nodeURL: node,
                device: keys.device, account: account),
            OutboxCursor(device: keys.device, nextSequence: next, previous: last)
        )
    }
}

/// The cards of a shared machine, one file for each badge, and how often a secret was tried.
struct CardBox: Sendable {
    let folder: URL

    /// Where the card of a badge is: named by a hash, so that a list of files names nobody.
    func place(badge: String) -> URL {
        folder.appending(path: "\(CardBox.name(badge: badge)).card")
    }

    /// What the names of a badge's files begin with.
    static func name(badge: String) -> String {
        let text = badge.filter { !$0.isWhitespace }.lowercased()
        let hash = Hash.of(label: "accord/badge/v1\n", Array(text.utf8)).bytes.prefix(16)
        return Hex.encode(Array(hash))
    }

    /// What the name of a file begins with: which badge it is of.
    static func name(of file: URL) -> String {
        String(file.deletingPathExtension().lastPathComponent.prefix { $0 != "-" })
    }

    /// The card of a badge; `nil` if it is not known here.
    func card(badge: String) throws -> MemberCard? {
        let file = place(badge: badge)
        guard let bytes = FileManager.default.contents(atPath: file.path(percentEncoded: false))
        else { return nil }
        try HomeFolders.checkPrivate(file)
        return try MemberCard(file: [UInt8](bytes))
    }

    /// What trying a secret costs here, as scrypt's N: that of one of the cards; `nil` if there is
    /// none.
    func rounds() throws -> Int64? {
        let files = try FileManager.default.contentsOfDirectory(
            at: folder, includingPropertiesForKeys: nil)
        for file in files where file.pathExtension == "card" {
            let bytes = FileManager.default.contents(atPath: file.path(percentEncoded: false))
            // A damaged one says nothing of the others.
            if let bytes, let card = try? MemberCard(file: [UInt8](bytes)) {
                return card.vault.rounds
            }
        }
        return nil
    }

    /// Keeps a card, all of it or nothing.
    func keep(_ card: MemberCard, badge: String) throws {
        try HomeFolders.writePrivate(card.file, to: place(badge: badge))
        forgetJoinings(badge: badge)
    }

    /// How often the secret of a badge was tried.
    ///
    /// Tries of badges that nobody has are forgotten before they fill the disk.
    func tries(badge: String) throws -> SecretTries {
        try prune()
        return SecretTries(
            file: place(badge: badge).deletingPathExtension().appendingPathExtension("tries"))
    }

    /// Forgets the tries of badges that nobody has, before they fill the disk.
    private func prune() throws {
        let files = try FileManager.default.contentsOfDirectory(
            at: folder, includingPropertiesForKeys: nil)
        let counters = files.filter { $0.pathExtension == "tries" }
        guard counters.count > Self.counterLimit else { return }
        let known = Set(
            files.filter { ["card", "joining"].contains($0.pathExtension) }
                .map(CardBox.name(of:)))
        for counter in counters where !known.contains(CardBox.name(of: counter)) {
            try FileManager.default.removeItem(at: counter)
        }
    }

    private static let counterLimit = 1_000
}
