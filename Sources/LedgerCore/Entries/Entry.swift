package import Crypto

/// What a device states and signs: the payload of an entry.
package struct EntryPayload: Equatable, Sendable {
    /// The account the entry concerns; the signer may belong to another account.
    package var account: AccountID
    /// Entries this one depends on, at most 16.
    package var after: [Hash]
    /// The origin of the log the entry is meant for.
    package var audience: String
    /// The statement.
    package var body: EntryBody
    /// The signing device.
    package var device: DeviceID
    /// The signer's clock; advisory, decides nothing.
    package var issuedAt: Timestamp
    /// The id of this device's last entry; zero for its first.
    package var previous: Hash
    /// The hash of the text the person was shown, or `nil`.
    package var seen: Hash?
    /// The number of this entry of its device, from 1.
    package var sequence: Int64

    /// Makes a payload.
    package init(
        account: AccountID, audience: String, device: DeviceID, sequence: Int64, previous: Hash,
        issuedAt: Timestamp, body: EntryBody, after: [Hash] = [], seen: Hash? = nil
    ) {
        self.account = account
        self.after = after
        self.audience = audience
        self.body = body
        self.device = device
        self.issuedAt = issuedAt
        self.previous = previous
        self.seen = seen
        self.sequence = sequence
    }

    /// The canonical JSON form: what is signed.
    package var json: JSONValue {
        .object([
            .init("acct", .string(account.text)),
            .init("after", .array(after.map { .hash($0) })),
            .init("aud", .string(audience)),
            .init("body", body.json),
            .init("dev", .string(device.text)),
            .init("iat", .time(issuedAt)),
            .init("kind", .string(body.kind.rawValue)),
            .init("prev", .hash(previous)),
            .init("seen", .string(seen?.hex ?? "")),
            .init("seq", .integer(sequence)),
        ])
    }

    init(json: JSONValue) throws(EntryDefect) {
        var fields = try FieldReader(json, path: "entry")
        account = try fields.parsed("acct") { AccountID($0) }
        after = try fields.list("after") { $0.string.flatMap { Hash(hex: $0) } }
        guard after.count <= EntryLimits.dependencies else { throw .field("entry.after") }
        audience = try fields.text("aud", limit: 255)
        let bodyJSON = try fields.value("body")
        device = try fields.parsed("dev") { DeviceID($0) }
        issuedAt = try fields.time("iat")
        let kind = try fields.text("kind", limit: 64)
        previous = try fields.hash("prev")
        let seenText = try fields.text("seen", limit: 64)
        seen = Hash(hex: seenText)
        guard seen != nil || seenText.isEmpty else { throw .field("entry.seen") }
        sequence = try fields.integer("seq", in: 1...Int64.max)
        try fields.finish()
        body = try EntryBody(kind: kind, json: bodyJSON)
    }
}

/// A signed statement as it travels and is kept: a compact JWS, the same bytes for ever.
///
/// RFC 7515 with `alg` exactly `Ed25519` (RFC 9864) and a protected header that is one fixed
/// template, so no header can ask for another algorithm or bring its own key.
package struct Entry: Hashable, Sendable {
    /// The compact JWS, ASCII.
    package let bytes: [UInt8]
    /// The SHA-256 of the bytes: the entry's name everywhere.
    package let id: Hash

    /// Wraps bytes without looking into them.
    package init(bytes: [UInt8]) {
        self.bytes = bytes
        id = Hash.of(bytes)
    }

    /// Signs a payload.
    ///
    /// - Precondition: the payload is at most `EntryLimits.payloadBytes`; every builder of bodies
    ///   keeps to the limits of `FieldReader`.
    package static func signed(_ payload: EntryPayload, with key: Curve25519.Signing.PrivateKey)
        throws -> Entry
    {
        let content = payload.json.canonicalBytes
        guard content.count <= EntryLimits.payloadBytes else {
            throw EntryDefect.field("entry larger than \(EntryLimits.payloadBytes) bytes")
        }
        var bytes = header(for: payload.device)
        bytes.append(UInt8(ascii: "."))
        bytes.append(contentsOf: Base64.url.encodeToUTF8(content))
        let signature = try key.signature(for: bytes)
        bytes.append(UInt8(ascii: "."))
        bytes.append(contentsOf: Base64.url.encodeToUTF8(signature))
        return Entry(bytes: bytes)
    }

    /// Reads the payload without checking the signature.
    ///
    /// - Throws: `EntryDefect` for anything but an entry in its one canonical form.
    package func payload() throws(EntryDefect) -> EntryPayload {
        try parts().payload
    }

    struct Parts {
        let payload: EntryPayload
        let signedCount: Int
        let signature: [UInt8]
    }

    func parts() throws(EntryDefect) -> Parts {
        guard bytes.count <= EntryLimits.entryBytes,
            let firstDot = bytes.firstIndex(of: UInt8(ascii: ".")),
            let lastDot = bytes.lastIndex(of: UInt8(ascii: ".")), firstDot < lastDot,
            let content = Base64.url.decode(bytes[(firstDot + 1)..<lastDot]),
            content.count <= EntryLimits.payloadBytes,
            let signature = Base64.url.decode(bytes[(lastDot + 1)...]), signature.count == 64
        else { throw .notCompactJWS }
        let json: JSONValue
        do throws(JSONRefusal) {
            json = try JSONValue(canonical: content)
        } catch {
            throw .payloadNotCanonical(error)
        }
        let payload = try EntryPayload(json: json)
        guard bytes[..<firstDot].elementsEqual(Entry.header(for: payload.device)) else {
            throw .headerNotAllowed
        }
        return Parts(payload: payload, signedCount: lastDot, signature: signature)
    }

    private static func header(for device: DeviceID) -> [UInt8] {
        let text = #"{"alg":"Ed25519","kid":"\#(device.text)","typ":"accord-entry+jws"}"#
        return Base64.url.encodeToUTF8(Array(text.utf8))
    }
}

/// An entry whose form and signature were checked.
///
/// Only `EntryVerifier` makes one.
package struct VerifiedEntry: Equatable, Sendable {
    /// The entry.
    package let entry: Entry
    /// What it states.
    package let payload: EntryPayload

    fileprivate init(entry: Entry, payload: EntryPayload) {
        self.entry = entry
        self.payload = payload
    }

    /// The entry's id.
    package var id: Hash { entry.id }

    /// The chain the entry belongs to.
    package var chain: ChainID {
        payload.body.kind.isPublic ? .catalogue : .account(payload.account)
    }
}

/// Checks the form and the signature of entries.
package enum EntryVerifier {
    /// Why an entry could not be verified.
    package enum Failure: Error, Equatable, Sendable {
        /// The entry is wrong for ever.
        case defect(EntryDefect)
        /// The signing device is not known here (yet).
        case deviceUnknown(DeviceID)
    }

    /// Verifies an entry meant for the log `origin`.
    ///
    /// `key` gives the key of an enrolled device; an entry that introduces its own device
    /// (`member.enrolled`, the first `institution.admitted`) is checked under the key it brings,
    /// which its device id must be derived from.
    package static func verify(
        _ entry: Entry, origin: String, key: (DeviceID) -> Curve25519.Signing.PublicKey?
    ) throws(Failure) -> VerifiedEntry {
        let parts: Entry.Parts
        do throws(EntryDefect) {
            parts = try entry.parts()
        } catch {
            throw .defect(error)
        }
        guard parts.payload.audience == origin else { throw .defect(.otherLedger) }
        let known = key(parts.payload.device) ?? introducedKey(parts.payload)
        guard let known else { throw .deviceUnknown(parts.payload.device) }
        let isValid = entry.bytes.withUnsafeBytes { buffer in
            known.isValidSignature(parts.signature, for: buffer[..<parts.signedCount])
        }
        guard isValid else { throw .defect(.signatureInvalid) }
        return VerifiedEntry(entry: entry, payload: parts.payload)
    }

    /// Reads an entry again that this program verified before it stored it.
    ///
    /// For a database only this program writes; replaying it need not check signatures again.
    package static func reread(_ entry: Entry) throws(EntryDefect) -> VerifiedEntry {
        VerifiedEntry(entry: entry, payload: try entry.payload())
    }

    /// Takes a payload for granted, form and signature unseen: for models of the rules only.
    package static func assume(_ payload: EntryPayload, as entry: Entry) -> VerifiedEntry {
        VerifiedEntry(entry: entry, payload: payload)
    }

    private static func introducedKey(_ payload: EntryPayload) -> Curve25519.Signing.PublicKey? {
        let keys: DeviceKeys
        switch payload.body {
        case .memberEnrolled(let introduced): keys = introduced
        case .institutionAdmitted(let admitted): keys = admitted.keys
        default: return nil
        }
        guard keys.device == payload.device else { return nil }
        // A key that cannot be read is no key: the caller then reports the device as unknown.
        return try? Curve25519.Signing.PublicKey(rawRepresentation: keys.signing)
    }
}

/// What the node adds to an entry when it is sequenced: part of the leaf.
package struct EntryEnvelope: Equatable, Sendable {
    /// The chain hash before this entry.
    package let previousHead: Hash
    /// The entry's number in its chain, from 1.
    package let chainSequence: Int64
    /// The node's time.
    package let time: Timestamp

    /// Makes an envelope.
    package init(previousHead: Hash, chainSequence: Int64, time: Timestamp) {
        self.previousHead = previousHead
        self.chainSequence = chainSequence
        self.time = time
    }

    /// Reads the canonical bytes; `nil` for anything else.
    package init?(bytes: [UInt8]) {
        // Losing the reason is right: an envelope is either the node's own bytes or worthless.
        guard let json = try? JSONValue(canonical: bytes),
            var fields = try? FieldReader(json, path: ""),
            let head = try? fields.hash("aprev"),
            let sequence = try? fields.integer("aseq", in: 1...Int64.max),
            let time = try? fields.time("time"), (try? fields.finish()) != nil
        else { return nil }
        self.init(previousHead: head, chainSequence: sequence, time: time)
    }

    /// The canonical bytes.
    package var bytes: [UInt8] {
        // Written by hand: each entry of each page is hashed with it.
        let text =
            #"{"aprev":"\#(previousHead.hex)","aseq":\#(chainSequence),"#
            + #""time":\#(time.milliseconds)}"#
        return Array(text.utf8)
    }

    /// The 32 bytes that stand in the public log for an entry: a salted commitment.
    ///
    /// `salt` is 32 random bytes of the node.
    package func leafData(entry: Hash, salt: [UInt8]) -> [UInt8] {
        Hash.of(label: "accord/leaf/v1\n", salt, entry.bytes, Hash.of(bytes).bytes).bytes
    }
}
