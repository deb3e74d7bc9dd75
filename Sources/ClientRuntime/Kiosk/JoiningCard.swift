import Foundation
import LedgerCore

/// What a shared machine keeps of somebody who asks to join, until the node's answer is there:
/// sealed keys, and under them the entry that is sent and the codes it was sent with.
///
/// Where the answer is lost the node may have taken the entry in: no other keys are the member's
/// then, and the same bytes get the same answer. It stands beside where the member's card will be,
/// and beside those of others who typed the same badge.
struct JoiningCard: Equatable {
    private let card: SealedCard

    private static let label = "accord/kiosk-joining/v1"
    /// The most codes that are kept: the newest.
    private static let codeLimit = 2

    /// Makes a card; `codes` are in the order they were typed.
    init(vault: Vault, keys: VaultKeys, entry: Entry, codes: [String]) throws {
        card = try SealedCard(
            Self.label, vault: vault, keys: keys,
            content: .sorted([
                .init("codes", .array(codes.suffix(Self.codeLimit).map { JSONValue.string($0) })),
                .init("entry", .string(String(decoding: entry.bytes, as: UTF8.self))),
            ]))
    }

    /// Reads a file.
    ///
    /// - Throws: `VaultError.damaged`.
    init(file bytes: [UInt8]) throws { card = try SealedCard(Self.label, file: bytes) }

    /// The keys, sealed under the secret of who asks.
    var vault: Vault { card.vault }

    /// The bytes of the file.
    var file: [UInt8] { card.file }

    /// Opens the sealed part.
    ///
    /// - Throws: `VaultError.damaged`.
    func content(_ keys: VaultKeys) throws -> (entry: Entry, codes: [String]) {
        let json = try card.content(keys)
        guard let entry = json["entry"]?.string, let codes = json["codes"]?.array else {
            throw VaultError.damaged
        }
        return (Entry(bytes: Array(entry.utf8)), codes.compactMap(\.string))
    }
}

extension CardBox {
    /// The most joinings of a badge that are kept without an answer.
    private static let joiningLimit = 3

    /// Where a joining is: each has keys of its own, and so a file of its own.
    private func joiningPlace(_ device: DeviceID, badge: String) -> URL {
        folder.appending(path: "\(CardBox.name(badge: badge))-\(device.text).joining")
    }

    /// The files of what is kept of joinings with a badge, the newest first.
    private func joiningFiles(badge: String) throws -> [URL] {
        let name = CardBox.name(badge: badge)
        return try FileManager.default.contentsOfDirectory(
            at: folder, includingPropertiesForKeys: nil
        )
        .filter { $0.pathExtension == "joining" && CardBox.name(of: $0) == name }
        .map { (file: $0, changed: CardBox.changed($0)) }
        .sorted { $0.changed > $1.changed }
        .map(\.file)
    }

    /// When a file was written, in seconds and nanoseconds.
    private static func changed(_ file: URL) -> (Int, Int) {
        var status = stat()
        guard stat(file.path(percentEncoded: false), &status) == 0 else { return (0, 0) }
        return (Int(status.st_mtim.tv_sec), Int(status.st_mtim.tv_nsec))
    }

    /// What is kept of joinings with this badge that have no answer, the newest first.
    func joinings(badge: String) throws -> [JoiningCard] {
        try joiningFiles(badge: badge).compactMap { file in
            guard let bytes = FileManager.default.contents(atPath: file.path(percentEncoded: false))
            else { return nil }
            try HomeFolders.checkPrivate(file)
            // One that is damaged keeps nobody from the others.
            return try? JoiningCard(file: [UInt8](bytes))
        }
    }

    /// Keeps a joining that is about to be sent, in the place of what was kept of the same keys.
    func keep(_ card: JoiningCard, badge: String) throws {
        try HomeFolders.writePrivate(
            card.file, to: joiningPlace(card.vault.publicKeys.device, badge: badge))
    }

    /// Forgets the joining with these keys: it has its answer.
    func forgetJoining(_ device: DeviceID, badge: String) {
        // One that stays is one more that is tried, and goes with the others.
        try? FileManager.default.removeItem(at: joiningPlace(device, badge: badge))
    }

    /// Forgets the oldest joinings of a badge where there are too many, before they fill the disk.
    func pruneJoinings(badge: String) throws {
        for file in try joiningFiles(badge: badge).dropFirst(CardBox.joiningLimit) {
            try FileManager.default.removeItem(at: file)
        }
    }

    /// Forgets every joining with this badge: it has a card.
    func forgetJoinings(badge: String) {
        // One that stays is not looked at while there is a card.
        for file in (try? joiningFiles(badge: badge)) ?? [] {
            try? FileManager.default.removeItem(at: file)
        }
    }
}
