/// Why a checkpoint is refused.
package enum CheckpointError: Error, Hashable, Sendable {
    /// The note around it is refused.
    case note(NoteError)
    /// There are fewer than three lines, or a line is empty or not UTF-8.
    case linesMalformed
    /// The size is not a decimal number without leading zeros.
    case sizeMalformed
    /// The root is not the canonical base64 of 32 bytes.
    case rootMalformed
    /// The size is 0 and the root is not the hash of no bytes.
    case emptyRootWrong
    /// There are extension lines, and our logs never write any.
    case extensionLines
    /// The origin is not the expected one.
    case originMismatch
    /// Witnesses signed, but the log itself did not.
    case logSignatureMissing
}

/// What a log states about itself: its name, size and root hash.
///
/// The text of a note, as in C2SP tlog-checkpoint:
///
///     origin
///     size
///     base64(root hash)
package struct Checkpoint: Hashable, Sendable {
    /// The name of the log: one line.
    package let origin: String

    /// The number of leaves.
    package let size: Int

    /// The root hash of the first `size` leaves.
    package let root: Hash

    /// Lines after the root, for other logs' sake; our own checkpoints have none.
    package let otherLines: [String]

    /// States a log's size and root.
    ///
    /// The origin is one line without control characters, not empty.
    package init(origin: String, size: Int, root: Hash) {
        precondition(NoteText.isLine(origin), "an origin is one line of text")
        precondition(size >= 0, "a tree size is not negative")
        self.origin = origin
        self.size = size
        self.root = root
        otherLines = []
    }

    /// Reads the text of a checkpoint's note.
    ///
    /// - Throws: the errors from `linesMalformed` to `emptyRootWrong`.
    package init(parsing text: [UInt8]) throws(CheckpointError) {
        guard let lines = NoteText.lines(text[...]), lines.count >= 3 else {
            throw .linesMalformed
        }
        var strings = [String]()
        for line in lines {
            guard let string = NoteText.string(line), NoteText.isLine(string) else {
                throw .linesMalformed
            }
            strings.append(string)
        }
        guard let size = NoteText.decimal(lines[1]) else { throw .sizeMalformed }
        guard let root = NoteText.hash(lines[2]) else { throw .rootMalformed }
        guard size > 0 || root == MerkleTree.emptyRoot else { throw .emptyRootWrong }
        origin = strings[0]
        self.size = size
        self.root = root
        otherLines = Array(strings[3...])
    }

    /// Reads the text of a checkpoint's note as our logs write it.
    ///
    /// - Throws: `extensionLines` besides the errors of `init(parsing:)`.
    package init(parsingStrict text: [UInt8]) throws(CheckpointError) {
        try self.init(parsing: text)
        guard otherLines.isEmpty else { throw .extensionLines }
    }

    /// The text to sign, ending in a newline.
    package var text: [UInt8] {
        let lines = [origin, String(size), Base64.standard.encode(root.bytes)] + otherLines
        return Array(lines.map { $0 + "\n" }.joined().utf8)
    }
}

/// A checkpoint whose signature by its log was checked; only the check makes one.
package struct VerifiedCheckpoint: Hashable, Sendable {
    /// What the log states.
    package let checkpoint: Checkpoint

    /// The note that carries it, kept as evidence.
    package let note: SignedNote

    /// The signatures of the known witnesses, at most one for each.
    package let cosignatures: [VerifiedSignature]

    /// Reads and checks a signed checkpoint.
    ///
    /// - Parameters:
    ///   - bytes: The note.
    ///   - logKey: The key of the log, which must have signed.
    ///   - witnesses: Known witnesses; a wrong signature of one refuses the note.
    ///   - origin: The expected first line.
    ///   - allowsExtensionLines: Whether lines may follow the root, as in other logs.
    /// - Throws: any `CheckpointError`.
    package init(
        parsing bytes: [UInt8], logKey: VerifierKey, witnesses: [VerifierKey] = [],
        origin: String, allowsExtensionLines: Bool = false
    ) throws(CheckpointError) {
        let note: SignedNote
        do {
            note = try SignedNote(parsing: bytes)
        } catch {
            throw .note(error)
        }
        try self.init(
            note: note, logKey: logKey, witnesses: witnesses, origin: origin,
            allowsExtensionLines: allowsExtensionLines)
    }

    /// Checks a note that is a signed checkpoint; as `init(parsing:logKey:…)`.
    package init(
        note: SignedNote, logKey: VerifierKey, witnesses: [VerifierKey] = [], origin: String,
        allowsExtensionLines: Bool = false
    ) throws(CheckpointError) {
        let signatures: [VerifiedSignature]
        do {
            signatures = try note.verify(keys: [logKey] + witnesses)
        } catch {
            throw .note(error)
        }
        guard signatures.contains(where: { $0.key == logKey }) else { throw .logSignatureMissing }
        let checkpoint =
            allowsExtensionLines
            ? try Checkpoint(parsing: note.text) : try Checkpoint(parsingStrict: note.text)
        guard NoteText.same(checkpoint.origin, origin) else { throw .originMismatch }
        self.checkpoint = checkpoint
        self.note = note
        cosignatures = signatures.filter { $0.key != logKey }
    }
}
