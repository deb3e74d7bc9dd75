/// What a log asks a witness: the body of `add-checkpoint`, C2SP tlog-witness.
///
///     old <size of the last checkpoint this witness cosigned>
///     base64(hash)              0 to 63 of them: a consistency proof
///     (empty line)
///     the signed checkpoint
package struct WitnessRequest: Hashable, Sendable {
    /// The size of the tree the proof starts from; 0 for the first checkpoint.
    package let oldSize: Int
    /// The consistency proof from there.
    package let proof: [Hash]
    /// The signed checkpoint, a note.
    package let note: [UInt8]

    /// The most hashes a proof may have.
    package static let proofLimit = 63

    /// Asks for a cosignature.
    package init(oldSize: Int, proof: [Hash], note: [UInt8]) {
        self.oldSize = oldSize
        self.proof = proof
        self.note = note
    }

    /// Reads a body; `nil` for anything but the spelling above.
    package init?(parsing body: [UInt8]) {
        var lines: [ArraySlice<UInt8>] = []
        var start = body.startIndex
        while true {
            guard let end = body[start...].firstIndex(of: NoteText.newline) else { return nil }
            defer { start = end + 1 }
            if start == end { break }
            lines.append(body[start..<end])
            guard lines.count <= WitnessRequest.proofLimit + 1 else { return nil }
        }
        let old = Array("old ".utf8)
        guard let first = lines.first, first.starts(with: old),
            let size = NoteText.decimal(first.dropFirst(old.count))
        else { return nil }
        var proof = [Hash]()
        for line in lines.dropFirst() {
            guard let hash = NoteText.hash(line) else { return nil }
            proof.append(hash)
        }
        self.init(oldSize: size, proof: proof, note: Array(body[start...]))
    }

    /// The body as it is sent.
    package var body: [UInt8] {
        let lines = ["old \(oldSize)"] + proof.map { Base64.standard.encode($0.bytes) }
        return Array(lines.map { $0 + "\n" }.joined().utf8) + [NoteText.newline] + note
    }

    /// Why a witness does not cosign.
    package enum Refusal: Error, Hashable, Sendable {
        /// What is sent cannot be read: 400.
        case malformed
        /// The witness does not look after this log: 404.
        case logUnknown
        /// The log did not sign, or its signature is wrong: 403.
        case notSigned
        /// The proof starts from another size than the witness cosigned last: 409.
        case conflict(size: Int)
        /// The tree does not begin with the one the witness cosigned last: 422.
        case notConsistent
    }

    /// The origin the checkpoint claims, unchecked; `nil` where it cannot be read.
    package var claimedOrigin: String? {
        // What is no note is malformed: the reason adds nothing.
        guard let text = try? SignedNote(parsing: note).text,
            let end = text.firstIndex(of: NoteText.newline)
        else { return nil }
        return NoteText.string(text[..<end])
    }

    /// Checks the checkpoint against the last one that was cosigned for this log.
    ///
    /// - Parameters:
    ///   - logKey: The key of the log.
    ///   - origin: The log's origin.
    ///   - last: Size and root of the last one; `nil` before the first.
    /// - Returns: What may be cosigned once it is stored.
    /// - Throws: `Refusal`.
    package func checked(logKey: VerifierKey, origin: String, last: (size: Int, root: Hash)?)
        throws(Refusal) -> VerifiedCheckpoint
    {
        let verified: VerifiedCheckpoint
        do throws(CheckpointError) {
            verified = try VerifiedCheckpoint(
                parsing: note, logKey: logKey, origin: origin, allowsExtensionLines: true)
        } catch {
            switch error {
            case .note(.signatureInvalid), .note(.signatureMissing), .note(.keyAmbiguous),
                .logSignatureMissing:
                throw .notSigned
            case .emptyRootWrong: throw .notConsistent
            case .note, .linesMalformed, .sizeMalformed, .rootMalformed, .extensionLines,
                .originMismatch:
                throw .malformed
            }
        }
        let checkpoint = verified.checkpoint
        guard oldSize <= checkpoint.size else { throw .malformed }
        let known = last ?? (size: 0, root: MerkleTree.emptyRoot)
        guard oldSize == known.size else { throw .conflict(size: known.size) }
        let consistency = ConsistencyProof(
            oldSize: oldSize, newSize: checkpoint.size, hashes: proof)
        do throws(ProofError) {
            try consistency.verify(oldRoot: known.root, newRoot: checkpoint.root)
        } catch {
            throw .notConsistent
        }
        return verified
    }
}
