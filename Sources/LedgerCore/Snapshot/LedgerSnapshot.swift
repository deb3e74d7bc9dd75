/// The end of a chain.
package struct ChainHead: Equatable, Sendable {
    /// The number of its last entry; 0 for none.
    package var sequence: Int64 = 0
    /// The chain hash after it.
    package var head = AccountChain.start

    /// Makes the end of a chain; without arguments, of one without entries.
    package init(sequence: Int64 = 0, head: Hash = AccountChain.start) {
        self.sequence = sequence
        self.head = head
    }
}

extension ChainHead: StatePart {
    func write(to writer: inout StateWriter) { writer.add(sequence, head) }

    init(from reader: inout StateReader) throws(SnapshotDefect) {
        self.init(sequence: try reader.next(), head: try reader.next())
    }
}

/// Why a snapshot is not used.
package enum SnapshotDefect: Error, Equatable, Sendable {
    /// It cannot be read from where it is kept.
    case unreadable
    /// It is no snapshot, or one of another format.
    case formatUnknown
    /// The log did not sign it.
    case signatureWrong
    /// It is cut off or damaged.
    case malformed
    /// It is of another log.
    case otherLog
    /// It covers more entries than there are.
    case ahead
    /// It covers entries that are not the log's first ones.
    case otherHistory
}

/// What the first entries of a log add up to, signed by the log, so that they need not be replayed.
///
///     accord/snapshot/v3
///     origin
///     number of entries
///     base64(root hash of their leaves)
///     base64(SHA-256 of the content)
///     (empty line)
///     — name base64(key id ‖ signature)
///     content: time, state and ends of chains, as `StateWriter` writes them
///
/// The rules and the layout of the content belong to the version in the first line: where either
/// changes, `header` gets the next one, and a snapshot of an older program is not used.
package struct LedgerSnapshot: Equatable, Sendable {
    /// The name of the log.
    package let origin: String
    /// How many entries it covers: the first ones.
    package let size: Int
    /// The root hash of their leaves.
    package let root: Hash
    /// The time of the last of them.
    package let time: Timestamp
    /// What they add up to.
    package let state: LedgerState
    /// The ends of all chains.
    package let chains: [ChainID: ChainHead]

    private static let header = "accord/snapshot/v3"

    /// Puts a snapshot together.
    package init(
        origin: String, size: Int, root: Hash, time: Timestamp, state: LedgerState,
        chains: [ChainID: ChainHead]
    ) {
        self.origin = origin
        self.size = size
        self.root = root
        self.time = time
        self.state = state
        self.chains = chains
    }

    /// The signed bytes: the same ones for the same snapshot.
    ///
    /// Takes some seconds for a million entries of people who take part.
    ///
    /// - Throws: any `NoteSignerError`.
    package func signed(by signer: NoteSigner) throws(NoteSignerError) -> [UInt8] {
        var writer = StateWriter()
        writer.add(time)
        writer.add(state)
        writer.add(chains)
        var bytes = writer.taken()
        let lines = [
            LedgerSnapshot.header, origin, String(size), Base64.standard.encode(root.bytes),
            Base64.standard.encode(Hash.of(bytes).bytes),
        ]
        let note = try signer.sign(Array(lines.map { $0 + "\n" }.joined().utf8))
        bytes.insert(contentsOf: note.bytes, at: 0)
        return bytes
    }

    /// Reads a snapshot of the log with this key.
    ///
    /// - Throws: `formatUnknown`, `signatureWrong`, `otherLog`, `malformed`.
    package init(verifying bytes: [UInt8], logKey: VerifierKey) throws(SnapshotDefect) {
        guard let end = LedgerSnapshot.endOfNote(bytes),
            // Losing the reason is right: what is no note is no snapshot.
            let note = try? SignedNote(parsing: Array(bytes[..<end])),
            let lines = NoteText.lines(note.text[...]), lines.count == 5,
            lines[0].elementsEqual(LedgerSnapshot.header.utf8)
        else { throw .formatUnknown }
        guard (try? note.verify(keys: [logKey])) != nil else { throw .signatureWrong }
        guard let origin = NoteText.string(lines[1]), NoteText.same(origin, logKey.name) else {
            throw .otherLog
        }
        guard let size = NoteText.decimal(lines[2]), let root = NoteText.hash(lines[3]),
            Hash.of(bytes[end...]) == NoteText.hash(lines[4])
        else { throw .malformed }
        var reader = StateReader(bytes, from: end)
        self.init(
            origin: origin, size: size, root: root, time: try reader.next(),
            state: try reader.next(), chains: try reader.next())
        try reader.finish()
    }

    /// Where the content begins: behind the one signature line.
    private static func endOfNote(_ bytes: [UInt8]) -> Int? {
        let start = bytes.prefix(SignedNote.maxByteCount)
        guard
            let blank = zip(start, start.dropFirst()).enumerated().first(where: {
                $0.element.0 == NoteText.newline && $0.element.1 == NoteText.newline
            })?.offset,
            let end = start[(blank + 2)...].firstIndex(of: NoteText.newline)
        else { return nil }
        return end + 1
    }
}
