/// Why a proof file is refused.
package enum TransparencyProofError: Error, Hashable, Sendable {
    /// The file is longer than 256 KiB.
    case tooLong
    /// The first line is not `c2sp.org/tlog-proof@v1`.
    case headerMissing
    /// The `extra` line is not canonical base64.
    case extraMalformed
    /// The `index` line is missing or not a decimal number without leading zeros.
    case indexMalformed
    /// A hash line is not the canonical base64 of 32 bytes, or there are more than 63.
    case hashMalformed
    /// No empty line ends the hashes.
    case checkpointMissing
    /// The checkpoint is refused.
    case checkpoint(CheckpointError)
    /// The hashes do not lead from the leaf to the checkpoint's root.
    case inclusion(ProofError)
}

/// A file that shows, alone and offline, that a leaf is in a log: C2SP tlog-proof.
///
///     c2sp.org/tlog-proof@v1
///     extra base64                (may be missing)
///     index decimal
///     base64(hash), the leaf's sibling first
///     (empty line)
///     the signed checkpoint
package struct TransparencyProof: Hashable, Sendable {
    /// The longest file that is read, in bytes.
    package static let maxByteCount = 256 * 1024

    /// The file name's ending.
    package static let fileExtension = "tlog-proof"

    /// Bytes that only help the reader to find the leaf's data; nothing authenticates them.
    package let extra: [UInt8]?

    /// The place of the leaf, from 0.
    package let leafIndex: Int

    /// The inclusion proof's hashes.
    package let hashes: [Hash]

    /// The signed checkpoint.
    package let note: SignedNote

    /// Puts a proof together.
    ///
    /// - Parameters:
    ///   - extra: Bytes that help to find the leaf's data, or `nil`.
    ///   - inclusion: A proof for the checkpoint's tree size.
    ///   - note: The signed checkpoint.
    package init(extra: [UInt8]? = nil, inclusion: InclusionProof, note: SignedNote) {
        self.extra = extra
        leafIndex = inclusion.leafIndex
        hashes = inclusion.hashes
        self.note = note
    }

    /// Reads a file; it means nothing before `verify`.
    ///
    /// - Throws: any `TransparencyProofError` but `inclusion`.
    package init(parsing bytes: [UInt8]) throws(TransparencyProofError) {
        guard bytes.count <= TransparencyProof.maxByteCount else { throw .tooLong }
        var reader = LineReader(bytes: bytes)
        guard reader.next()?.elementsEqual(TransparencyProof.header.utf8) == true else {
            throw .headerMissing
        }
        var line = reader.next()
        if let encoded = line?.dropping(prefix: "extra ") {
            guard let extra = Base64.standard.decode(encoded) else { throw .extraMalformed }
            self.extra = extra
            line = reader.next()
        } else {
            extra = nil
        }
        guard let digits = line?.dropping(prefix: "index "), let index = NoteText.decimal(digits)
        else { throw .indexMalformed }
        var hashes = [Hash]()
        while true {
            guard let line = reader.next() else { throw .checkpointMissing }
            if line.isEmpty { break }
            guard let hash = NoteText.hash(line), hashes.count < 63 else { throw .hashMalformed }
            hashes.append(hash)
        }
        leafIndex = index
        self.hashes = hashes
        do {
            note = try SignedNote(parsing: Array(reader.rest))
        } catch {
            throw .checkpoint(.note(error))
        }
    }

    /// The file's bytes; reading them again gives an equal proof.
    package var bytes: [UInt8] {
        var text = TransparencyProof.header + "\n"
        if let extra { text += "extra \(Base64.standard.encode(extra))\n" }
        text += "index \(leafIndex)\n"
        for hash in hashes { text += Base64.standard.encode(hash.bytes) + "\n" }
        return Array(text.utf8) + [NoteText.newline] + note.bytes
    }

    /// Checks the whole chain: log signature, origin, witnesses, inclusion.
    ///
    /// - Parameters:
    ///   - leafHash: The hash of the leaf, from the application's own data.
    ///   - logKey: The key of the log.
    ///   - witnesses: Known witnesses; how many must have signed is the caller's rule.
    ///   - origin: The expected log.
    /// - Returns: The checkpoint, with the cosignatures found.
    /// - Throws: `checkpoint`, `inclusion`.
    package func verify(
        leafHash: Hash, logKey: VerifierKey, witnesses: [VerifierKey] = [], origin: String
    ) throws(TransparencyProofError) -> VerifiedCheckpoint {
        let verified: VerifiedCheckpoint
        do {
            verified = try VerifiedCheckpoint(
                note: note, logKey: logKey, witnesses: witnesses, origin: origin)
        } catch {
            throw .checkpoint(error)
        }
        let proof = InclusionProof(
            leafIndex: leafIndex, treeSize: verified.checkpoint.size, hashes: hashes)
        do {
            try proof.verify(leafHash: leafHash, root: verified.checkpoint.root)
        } catch {
            throw .inclusion(error)
        }
        return verified
    }

    private static let header = "c2sp.org/tlog-proof@v1"
}

/// Hands out the lines of a text one by one.
private struct LineReader {
    private(set) var rest: ArraySlice<UInt8>

    init(bytes: [UInt8]) {
        rest = bytes[...]
    }

    /// The next line without its newline; `nil` where no newline follows.
    mutating func next() -> ArraySlice<UInt8>? {
        guard let end = rest.firstIndex(of: NoteText.newline) else { return nil }
        let line = rest[..<end]
        rest = rest[(end + 1)...]
        return line
    }
}

extension ArraySlice<UInt8> {
    /// What follows `prefix`; `nil` where the bytes do not start with it.
    fileprivate func dropping(prefix: String) -> ArraySlice<UInt8>? {
        starts(with: prefix.utf8) ? dropFirst(prefix.utf8.count) : nil
    }
}
