internal import Crypto
package import LedgerCore

/// An invitation code: 13 characters of Crockford's base32, 65 bits, told to one person.
package struct InvitationCode: Hashable, Sendable {
    /// The 13 characters, upper case, without separators.
    package let text: String

    /// The number of characters.
    package static let length = 13

    /// Makes a code from random bytes, one for each character; only five bits of each count.
    ///
    /// - Precondition: there are `length` bytes.
    package init(random: [UInt8]) {
        precondition(random.count == InvitationCode.length, "a code has 13 characters")
        text = String(
            decoding: random.map { InvitationCode.alphabet[Int($0 & 31)] }, as: UTF8.self)
    }

    /// Reads a code as a person types it: any case, spaces and hyphens anywhere, O for 0, I and L
    /// for 1; `nil` if that does not leave 13 characters of the alphabet.
    package init?(typed: String) {
        var characters = [UInt8]()
        for byte in typed.utf8 {
            let upper = (0x61...0x7a).contains(byte) ? byte - 0x20 : byte
            switch upper {
            case UInt8(ascii: " "), UInt8(ascii: "-"): continue
            case UInt8(ascii: "O"): characters.append(UInt8(ascii: "0"))
            case UInt8(ascii: "I"), UInt8(ascii: "L"): characters.append(UInt8(ascii: "1"))
            default:
                guard InvitationCode.alphabet.contains(upper) else { return nil }
                characters.append(upper)
            }
            guard characters.count <= InvitationCode.length else { return nil }
        }
        guard characters.count == InvitationCode.length else { return nil }
        text = String(decoding: characters, as: UTF8.self)
    }

    /// The code in groups, as it is shown: `XXXX-XXXX-XXXXX`.
    package var grouped: String {
        let characters = Array(text.utf8)
        return [characters[..<4], characters[4..<8], characters[8...]]
            .map { String(decoding: $0, as: UTF8.self) }.joined(separator: "-")
    }

    /// The key both sides derive from the code.
    package var key: InvitationKey {
        InvitationKey(Hash.of(label: "accord/invitation/v1\n", Array(text.utf8)))
    }

    private static let alphabet = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ".utf8)
}

/// What the node keeps of an invitation code, and what both sides prove to each other with.
package struct InvitationKey: Hashable, Sendable {
    /// The 32 bytes.
    package let value: Hash

    /// Takes over a derived or stored key.
    package init(_ value: Hash) {
        self.value = value
    }

    /// What the client names the invitation by: 32 hexadecimal digits that do not tell the key.
    package var lookup: String {
        Hex.encode(Hash.of(label: "lookup\n", value.bytes).bytes.prefix(16))
    }

    /// The member's proof that it knows the code, bound to its entry and to the log's key.
    package func memberProof(entry: Hash, verifierKey: String) -> [UInt8] {
        proof("member\n", entry, verifierKey)
    }

    /// The node's proof that it knows the code, bound to the same.
    package func nodeProof(entry: Hash, verifierKey: String) -> [UInt8] {
        proof("node\n", entry, verifierKey)
    }

    /// Whether a member's proof is right, in constant time.
    package func isMemberProof(_ proof: [UInt8], entry: Hash, verifierKey: String) -> Bool {
        isProof(proof, "member\n", entry, verifierKey)
    }

    /// Whether a node's proof is right, in constant time.
    package func isNodeProof(_ proof: [UInt8], entry: Hash, verifierKey: String) -> Bool {
        isProof(proof, "node\n", entry, verifierKey)
    }

    private func proof(_ role: String, _ entry: Hash, _ verifierKey: String) -> [UInt8] {
        Array(
            HMAC<SHA256>.authenticationCode(
                for: message(role, entry, verifierKey), using: SymmetricKey(data: value.bytes)))
    }

    private func isProof(
        _ proof: [UInt8], _ role: String, _ entry: Hash, _ verifierKey: String
    ) -> Bool {
        HMAC<SHA256>.isValidAuthenticationCode(
            proof, authenticating: message(role, entry, verifierKey),
            using: SymmetricKey(data: value.bytes))
    }

    private func message(_ role: String, _ entry: Hash, _ verifierKey: String) -> [UInt8] {
        Array(role.utf8) + entry.bytes + Array(verifierKey.utf8)
    }
}

/// A person joins: the body of `POST /v1/enrolments`.
package struct EnrolmentRequest: Equatable, Sendable {
    /// `InvitationKey.lookup`.
    package let lookup: String
    /// `InvitationKey.memberProof`, 32 bytes.
    package let proof: [UInt8]
    /// The `member.enrolled` entry.
    package let entry: [UInt8]

    /// Makes a request.
    package init(lookup: String, proof: [UInt8], entry: [UInt8]) {
        self.lookup = lookup
        self.proof = proof
        self.entry = entry
    }

    /// Makes the request of a member who was told `code`, for the log with `verifierKey`.
    package init(code: InvitationCode, entry: Entry, verifierKey: String) {
        let key = code.key
        self.init(
            lookup: key.lookup,
            proof: key.memberProof(entry: entry.id, verifierKey: verifierKey),
            entry: entry.bytes)
    }

    /// Reads the body of a request.
    package init(body: [UInt8]) throws(MessageDefect) {
        var reader = try MessageReader(body)
        entry = try reader.entry("entry")
        (lookup, proof) = try reader.read { fields throws(EntryDefect) in
            (
                try fields.parsed("lookup") { DeviceID($0)?.text },
                try fields.hash("proof").bytes
            )
        }
        try reader.finish()
    }

    /// The body of the request.
    package var body: [UInt8] {
        var writer = CanonicalWriter(capacity: entry.count + 256)
        writer.beginObject()
        writer.plain("entry", entry)
        writer.text("lookup", lookup.utf8)
        writer.hex("proof", proof)
        writer.endObject()
        return writer.bytes
    }
}

/// The answer to `POST /v1/enrolments`.
package struct EnrolmentAnswer: Equatable, Sendable {
    /// The verdict on the entry.
    package let verdict: Verdict
    /// `InvitationKey.nodeProof`, 32 bytes: shows that the log's key is the right one.
    package let confirmation: [UInt8]

    /// Makes an answer.
    package init(verdict: Verdict, confirmation: [UInt8]) {
        self.verdict = verdict
        self.confirmation = confirmation
    }

    /// Reads the body of an answer.
    package init(body: [UInt8]) throws(MessageDefect) {
        var reader = try MessageReader(body)
        let json: JSONValue
        (confirmation, json) = try reader.read { fields throws(EntryDefect) in
            (try fields.hash("confirmation").bytes, try fields.value("verdict"))
        }
        try reader.finish()
        verdict = try Verdict(json: json)
    }

    /// The body of the answer.
    package var body: [UInt8] {
        var writer = CanonicalWriter(capacity: 4096)
        writer.beginObject()
        writer.hex("confirmation", confirmation)
        writer.value(verdict.body, key: "verdict")
        writer.endObject()
        return writer.bytes
    }
}
