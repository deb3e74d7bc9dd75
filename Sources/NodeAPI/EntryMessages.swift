package import LedgerCore

/// Entries on their way to the node: the body of `POST /v1/entries`.
package struct EntrySubmission: Equatable, Sendable {
    /// The compact JWS bytes, 1 to `NodeLimits.submissionCount`.
    package let entries: [[UInt8]]

    /// Makes a submission of 1 to `NodeLimits.submissionCount` entries.
    package init(_ entries: [Entry]) {
        self.entries = entries.map(\.bytes)
    }

    /// Reads the body of a request.
    package init(body: [UInt8]) throws(MessageDefect) {
        var reader = try MessageReader(body)
        let elements = try reader.elements("entries", limit: NodeLimits.submissionCount)
        try reader.finish()
        guard !elements.isEmpty else { throw .field("message.entries") }
        var entries = [[UInt8]]()
        entries.reserveCapacity(elements.count)
        for element in elements {
            guard let text = element.string else { throw .field("message.entries") }
            entries.append(Array(text.utf8))
        }
        self.entries = entries
    }

    /// The body of the request.
    package var body: [UInt8] {
        var writer = CanonicalWriter(capacity: entries.reduce(64) { $0 + $1.count + 3 })
        writer.beginObject()
        writer.beginArray("entries")
        for entry in entries { writer.element(entry) }
        writer.endArray()
        writer.endObject()
        return writer.bytes
    }
}

/// What the node decided about one entry.
///
/// The same bytes get the same accepted or rejected verdict for ever.
package enum Verdict: Equatable, Sendable {
    /// The entry is on the ledger.
    case accepted(Acceptance)
    /// The entry never will be.
    case rejected(Refusal)
    /// Not decided: send it again, and nothing of the same device after it before.
    case retry(RetryReason)
}

/// An entry's place on the ledger.
package struct Acceptance: Equatable, Sendable {
    /// The place.
    package let index: LeafIndex
    /// The envelope's canonical bytes (`EntryEnvelope`).
    package let envelope: [UInt8]
    /// The salt of the leaf, 32 bytes.
    package let salt: [UInt8]
    /// A C2SP tlog-proof for the first checkpoint that includes the entry (`TransparencyProof`).
    package let proof: [UInt8]

    /// Makes an acceptance.
    package init(index: LeafIndex, envelope: [UInt8], salt: [UInt8], proof: [UInt8]) {
        self.index = index
        self.envelope = envelope
        self.salt = salt
        self.proof = proof
    }

    /// Whether the log signed that an entry is in this place.
    package func isProven(for entry: Hash, logKey: VerifierKey, origin: String) -> Bool {
        // What is wrong with it does not matter: it proves the place or it does not.
        guard let stated = EntryEnvelope(bytes: envelope),
            let file = try? TransparencyProof(parsing: proof), Int64(file.leafIndex) == index
        else { return false }
        let leaf = MerkleTree.leafHash(stated.leafData(entry: entry, salt: salt))
        return (try? file.verify(leafHash: leaf, logKey: logKey, origin: origin)) != nil
    }
}

/// Why an entry is not on the ledger.
package struct Refusal: Equatable, Sendable {
    /// The rule (`EntryRejection.rawValue`), or 0 for bytes that are no entry of this ledger.
    package let code: UInt16
    /// The name of the rule, or `defect`.
    package let name: String
    /// What is wrong with the bytes; empty for a broken rule.
    package let text: String
    /// A signed note by the log's key over a `RefusalReceipt`; empty for bytes no known device
    /// signed, which anybody can check alone.
    package let receipt: [UInt8]

    /// Makes a refusal.
    package init(code: UInt16, name: String, text: String = "", receipt: [UInt8] = []) {
        self.code = code
        self.name = name
        self.text = text
        self.receipt = receipt
    }

    /// The rule, if it is one known here.
    package var rejection: EntryRejection? { EntryRejection(rawValue: code) }

    /// Whether the log signed that this is what became of an entry.
    package func isProven(for entry: Hash, logKey: VerifierKey, origin: String) -> Bool {
        let receipt = RefusalReceipt(verifying: receipt, logKey: logKey)
        return receipt?.entry == entry && receipt?.code == code && receipt?.origin == origin
    }
}

/// Why the node did not decide.
package enum RetryReason: String, CaseIterable, Sendable {
    /// The signing device is not known (yet).
    case deviceUnknown = "device-unknown"
    /// An entry of the same device before this one is missing.
    case sequenceGap = "sequence-gap"
    /// Too much to do.
    case busy
}

extension Verdict {
    /// Reads one verdict.
    package init(json: JSONValue) throws(MessageDefect) {
        var reader = try MessageReader(json, path: "verdict")
        let kind = try reader.read { fields throws(EntryDefect) in
            try fields.text("verdict", limit: 16)
        }
        switch kind {
        case "accepted":
            self = .accepted(
                try reader.read { fields throws(EntryDefect) in
                    Acceptance(
                        index: try fields.integer("index", in: 0...Int64.max),
                        envelope: try fields.parsed("envelope") { Base64.url.decode($0) },
                        salt: try fields.hash("salt").bytes,
                        proof: Array(try fields.text("proof", limit: 65_536).utf8))
                })
        case "rejected":
            self = .rejected(
                try reader.read { fields throws(EntryDefect) in
                    Refusal(
                        code: UInt16(try fields.integer("code", in: 0...65_535)),
                        name: try fields.text("name", limit: 64),
                        text: try fields.text("text", limit: 512),
                        receipt: Array(try fields.text("receipt", limit: 4096).utf8))
                })
        case "retry":
            self = .retry(
                try reader.read { fields throws(EntryDefect) in
                    try fields.parsed("code", RetryReason.init(rawValue:))
                })
        default: throw .field("verdict.verdict")
        }
        try reader.finish()
    }

    /// Reads one verdict from canonical bytes: the body of `GET /v1/entries/{id}`.
    package init(body: [UInt8]) throws(MessageDefect) {
        let json: JSONValue
        do throws(JSONRefusal) {
            json = try JSONValue(canonical: body)
        } catch {
            throw .notCanonical(error)
        }
        try self.init(json: json)
    }

    /// The canonical bytes of one verdict.
    package var body: [UInt8] {
        var writer = CanonicalWriter(capacity: 2048)
        write(to: &writer)
        return writer.bytes
    }

    func write(to writer: inout CanonicalWriter) {
        writer.beginObject()
        switch self {
        case .accepted(let acceptance):
            writer.plain("envelope", Base64.url.encodeToUTF8(acceptance.envelope))
            writer.integer("index", acceptance.index)
            writer.text("proof", acceptance.proof)
            writer.hex("salt", acceptance.salt)
            writer.plain("verdict", Array("accepted".utf8))
        case .rejected(let refusal):
            writer.integer("code", Int64(refusal.code))
            writer.text("name", refusal.name.utf8)
            writer.text("receipt", refusal.receipt)
            writer.text("text", refusal.text.utf8)
            writer.plain("verdict", Array("rejected".utf8))
        case .retry(let reason):
            writer.text("code", reason.rawValue.utf8)
            writer.plain("verdict", Array("retry".utf8))
        }
        writer.endObject()
    }
}

/// The verdicts on a submission, in its order: the answer to `POST /v1/entries`.
package struct VerdictList: Equatable, Sendable {
    /// One verdict for each entry.
    package let verdicts: [Verdict]

    /// Makes a list.
    package init(_ verdicts: [Verdict]) {
        self.verdicts = verdicts
    }

    /// Reads the body of an answer.
    package init(body: [UInt8]) throws(MessageDefect) {
        var reader = try MessageReader(body)
        let elements = try reader.elements("verdicts", limit: NodeLimits.submissionCount)
        try reader.finish()
        var verdicts = [Verdict]()
        for element in elements { verdicts.append(try Verdict(json: element)) }
        self.verdicts = verdicts
    }

    /// The body of the answer.
    package var body: [UInt8] {
        var writer = CanonicalWriter(capacity: 64 + verdicts.count * 2048)
        writer.beginObject()
        writer.beginArray("verdicts")
        for verdict in verdicts { verdict.write(to: &writer) }
        writer.endArray()
        writer.endObject()
        return writer.bytes
    }
}

/// What the log's key signs about where the next entry of a device goes: the answer to
/// `GET /v1/devices/me/cursor`.
///
///     accord/place/v1
///     origin
///     device id
///     number of its last decided entry, from 0
///     id of that entry, hexadecimal; zero if there is none
///     the number that was asked with, so that nobody can show a former answer again
///
/// Refused entries take a number too, and stand in no chain: a machine that lost its memory of one
/// learns of it here.
package struct DevicePlace: Equatable, Sendable {
    /// The log.
    package let origin: String
    /// The device.
    package let device: DeviceID
    /// The number of its last entry that was decided.
    package let sequence: Int64
    /// The id of that entry.
    package let last: Hash
    /// The number that was asked with, from 0.
    package let challenge: Int64

    /// Makes a statement.
    package init(
        origin: String, device: DeviceID, sequence: Int64, last: Hash, challenge: Int64
    ) {
        self.origin = origin
        self.device = device
        self.sequence = sequence
        self.last = last
        self.challenge = challenge
    }

    /// The text to sign, ending in a newline.
    package var text: [UInt8] {
        let lines = [
            "accord/place/v1", origin, device.text, "\(sequence)", last.hex, "\(challenge)", "",
        ]
        return Array(lines.joined(separator: "\n").utf8)
    }

    /// Reads a signed statement and checks the log's signature; `nil` for anything else.
    package init?(verifying note: [UInt8], logKey: VerifierKey) {
        let signed = SignedStatement("accord/place/v1", lines: 5, in: note, by: logKey)
        guard let signed, let device = DeviceID(signed.lines[1]),
            let sequence = Int64(signed.lines[2]), (0..<Int64.max).contains(sequence),
            let last = Hash(hex: signed.lines[3]), let challenge = Int64(signed.lines[4])
        else { return nil }
        self.init(
            origin: signed.lines[0], device: device, sequence: sequence, last: last,
            challenge: challenge)
        guard text == signed.text else { return nil }
    }

    /// Reads the answer to a question as `init(verifying:logKey:)` does; `nil` also for another log,
    /// another device or another question.
    package init?(
        verifying note: [UInt8], logKey: VerifierKey, origin: String, device: DeviceID,
        challenge: Int64
    ) {
        self.init(verifying: note, logKey: logKey)
        guard self.origin == origin, self.device == device, self.challenge == challenge else {
            return nil
        }
    }
}

/// What the log's key signs for a refused entry, so that the refusal can be shown to others.
///
///     accord/refusal/v1
///     origin
///     entry id, hexadecimal
///     code
///     node time, milliseconds since 1970
package struct RefusalReceipt: Equatable, Sendable {
    /// The log.
    package let origin: String
    /// The refused entry.
    package let entry: Hash
    /// The rule.
    package let code: UInt16
    /// When.
    package let time: Timestamp

    /// Makes a receipt.
    package init(origin: String, entry: Hash, code: UInt16, time: Timestamp) {
        self.origin = origin
        self.entry = entry
        self.code = code
        self.time = time
    }

    /// The text to sign, ending in a newline.
    package var text: [UInt8] {
        Array(
            "accord/refusal/v1\n\(origin)\n\(entry.hex)\n\(code)\n\(time.milliseconds)\n".utf8)
    }

    /// Reads a signed receipt and checks the log's signature; `nil` for anything else.
    package init?(verifying note: [UInt8], logKey: VerifierKey) {
        let signed = SignedStatement("accord/refusal/v1", lines: 4, in: note, by: logKey)
        guard let signed, let entry = Hash(hex: signed.lines[1]),
            let code = UInt16(signed.lines[2]), let time = Int64(signed.lines[3])
        else { return nil }
        self.init(
            origin: signed.lines[0], entry: entry, code: code,
            time: Timestamp(milliseconds: time))
        guard text == signed.text else { return nil }
    }
}

/// What the log's key signed under a title, line by line.
private struct SignedStatement {
    /// All of the text, title included.
    let text: [UInt8]
    /// The lines after the title.
    let lines: [String]

    /// Reads a note and checks the log's signature; `nil` unless it has the title and so many lines.
    init?(_ title: String, lines count: Int, in note: [UInt8], by logKey: VerifierKey) {
        // Losing the reason is right: a statement is good or it is none.
        guard let note = try? SignedNote(parsing: note), (try? note.verify(keys: [logKey])) != nil
        else { return nil }
        let all = String(decoding: note.text, as: UTF8.self).split(
            separator: "\n", omittingEmptySubsequences: false
        ).map(String.init)
        // The text ends in a newline.
        guard all.count == count + 2, all[0] == title else { return nil }
        text = note.text
        lines = Array(all.dropFirst().prefix(count))
    }
}
