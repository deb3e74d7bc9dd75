package import Foundation
package import LedgerCore

/// What an institution's device signed last, and what the node has not answered yet: one small
/// file, replaced at once, written before anything is sent.
package struct StudyBook: Equatable, Sendable {
    /// The number of the last entry signed.
    package private(set) var sequence: Int64 = 0
    /// The id of the last entry signed; zero before the first.
    package private(set) var previous = Hash.zero
    /// Entries that were signed and not decided, in order.
    package private(set) var pending: [Entry] = []

    /// Makes an empty book.
    package init() {}

    /// Reads a book; a file that is missing gives an empty one.
    package init(file: URL) throws {
        let path = file.path(percentEncoded: false)
        guard let content = FileManager.default.contents(atPath: path) else { return }
        guard let json = try? JSONValue(canonical: [UInt8](content)),  // any defect is the same
            let sequence = json["seq"]?.integer,
            let previous = json["prev"]?.string.flatMap({ Hash(hex: $0) }),
            let pending = json["pending"]?.array
        else { throw HomeError(path: path, problem: .unreadable("it is no study book")) }
        self.sequence = sequence
        self.previous = previous
        self.pending = pending.compactMap { $0.string.map { Entry(bytes: Array($0.utf8)) } }
    }

    /// Writes the book.
    package func write(to file: URL) throws {
        let json = JSONValue.sorted([
            .init(
                "pending",
                .array(pending.map { .string(String(decoding: $0.bytes, as: UTF8.self)) })),
            .init("prev", .string(previous.hex)), .init("seq", .integer(sequence)),
        ])
        try HomeFolders.writePrivate(json.canonicalBytes, to: file)
    }

    /// Signs statements, each following the one before.
    ///
    /// `statements` are what is stated, each about an account; the book counts on.
    package mutating func sign(
        _ statements: [(AccountID, EntryBody)], with keys: VaultKeys, origin: String,
        at time: Timestamp
    ) throws -> [Entry] {
        var signed = [Entry]()
        for (account, body) in statements {
            let entry = try Entry.signed(
                EntryPayload(
                    account: account, audience: origin, device: keys.device,
                    sequence: sequence + 1, previous: previous, issuedAt: time, body: body),
                with: keys.signing)
            sequence += 1
            previous = entry.id
            pending.append(entry)
            signed.append(entry)
        }
        return signed
    }

    /// Puts what waits behind `entry`, whose number is `last`: what `isKept` is signed anew in its
    /// order, the rest waits no more.
    ///
    /// Returns the former ids of what was signed anew, by the new ones.
    package mutating func renumber(
        behind last: Int64, _ entry: Hash, with keys: VaultKeys, where isKept: (Hash) -> Bool
    ) throws -> [Hash: Hash] {
        var placed = StudyBook()
        placed.sequence = last
        placed.previous = entry
        var former = [Hash: Hash]()
        for old in pending where isKept(old.id) {
            var payload = try old.payload()
            payload.sequence = placed.sequence + 1
            payload.previous = placed.previous
            let anew = try Entry.signed(payload, with: keys.signing)
            placed.sequence += 1
            placed.previous = anew.id
            placed.pending.append(anew)
            former[anew.id] = old.id
        }
        self = placed
        return former
    }

    /// Forgets entries the node has decided.
    package mutating func settle(_ entries: Set<Hash>) {
        pending.removeAll { entries.contains($0.id) }
    }
}
