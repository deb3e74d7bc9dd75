package import LedgerCore

/// A proof of one entry a person can keep: a C2SP tlog-proof file with the entry inside.
///
/// The `extra` line carries what the leaf is made of, so the file verifies alone:
///
///     {"entry":"<compact JWS>","envelope":"<base64url>","key":"<base64url>","salt":"<hex>"}
///
/// `key` is the public key of the device that signed: its id in the entry is the key's hash. It may
/// be missing where the entry itself introduces the device.
package struct Receipt: Equatable, Sendable {
    /// The entry.
    package let entry: Entry
    /// What the node added.
    package let envelope: EntryEnvelope
    /// The salt of its commitment, 32 bytes.
    package let salt: [UInt8]
    /// The inclusion proof.
    package let inclusion: InclusionProof
    /// The signed checkpoint it is for.
    package let note: SignedNote
    /// The Ed25519 key of the device that signed, 32 bytes; `nil` where the file has none.
    package let key: [UInt8]?

    /// Puts a receipt together.
    package init(
        entry: Entry, envelope: EntryEnvelope, salt: [UInt8], inclusion: InclusionProof,
        note: SignedNote, key: [UInt8]? = nil
    ) {
        self.key = key
        self.entry = entry
        self.envelope = envelope
        self.salt = salt
        self.inclusion = inclusion
        self.note = note
    }

    /// Why a file is no good receipt.
    package enum Defect: Error, Equatable, Sendable {
        /// It is not a tlog-proof, or does not verify.
        case proof(TransparencyProofError)
        /// It does not carry the entry it is about.
        case entryMissing
        /// It does not carry the key of the device that signed the entry.
        case keyMissing
        /// The entry is not signed by the device it names.
        case entryForged
    }

    /// Reads a file; it means nothing before `verify`.
    package init(parsing bytes: [UInt8]) throws(Defect) {
        let proof: TransparencyProof
        do {
            proof = try TransparencyProof(parsing: bytes)
        } catch {
            throw .proof(error)
        }
        // Losing the reason is right: an `extra` line is ours or it is somebody else's.
        guard let extra = proof.extra, let json = try? JSONValue(canonical: extra),
            let jws = json["entry"]?.string,
            let envelopeBytes = json["envelope"]?.string.flatMap({ Base64.url.decode($0) }),
            let envelope = EntryEnvelope(bytes: envelopeBytes),
            let salt = json["salt"]?.string.flatMap({ Hash(hex: $0) })
        else { throw .entryMissing }
        self.init(
            entry: Entry(bytes: Array(jws.utf8)), envelope: envelope, salt: salt.bytes,
            inclusion: InclusionProof(
                leafIndex: proof.leafIndex, treeSize: 0, hashes: proof.hashes),
            note: proof.note, key: json["key"]?.string.flatMap { Base64.url.decode($0) })
    }

    /// The file's bytes.
    package var bytes: [UInt8] {
        var members: [JSONValue.Member] = [
            .init("entry", .string(String(decoding: entry.bytes, as: UTF8.self))),
            .init("envelope", .string(Base64.url.encode(envelope.bytes))),
            .init("salt", .string(Hex.encode(salt))),
        ]
        if let key { members.append(.init("key", .string(Base64.url.encode(key)))) }
        let extra = JSONValue.sorted(members).canonicalBytes
        return TransparencyProof(extra: extra, inclusion: inclusion, note: note).bytes
    }

    /// Checks that the entry is in the log of `logKey`, alone and offline.
    ///
    /// The signature of the entry is checked under the key the file carries, whose hash the entry
    /// names; a device the entry introduces brings its own.
    ///
    /// - Returns: the checkpoint it is in.
    package func verify(logKey: VerifierKey, origin: String) throws(Defect) -> VerifiedCheckpoint {
        try checkSignature(origin: origin)
        let leaf = MerkleTree.leafHash(envelope.leafData(entry: entry.id, salt: salt))
        do {
            return try TransparencyProof(inclusion: inclusion, note: note).verify(
                leafHash: leaf, logKey: logKey, origin: origin)
        } catch {
            throw .proof(error)
        }
    }

    private func checkSignature(origin: String) throws(Defect) {
        let keys = EntryKeys(signing: key ?? [])
        do throws(EntryVerifier.Failure) {
            _ = try EntryVerifier.verify(entry, origin: origin) { keys[$0] }
        } catch {
            switch error {
            case .deviceUnknown: throw key == nil ? .keyMissing : .entryForged
            case .defect(.otherLedger): throw .proof(.checkpoint(.originMismatch))
            case .defect: throw .entryForged
            }
        }
    }
}
