/// Why an account head is refused.
package enum AccountHeadError: Error, Hashable, Sendable {
    /// The note around it is refused.
    case note(NoteError)
    /// The text is not the six lines of an account head.
    case linesMalformed
    /// The chain is neither an account id nor `catalogue`.
    case chainMalformed
    /// A number is not decimal without leading zeros.
    case numberMalformed
    /// The head is not the canonical base64 of 32 bytes.
    case headMalformed
    /// The number of entries is 0 and the head is not zero, or it is above the tree size.
    case countWrong
    /// The origin is not the expected one.
    case originMismatch
    /// The chain is not the expected one.
    case chainMismatch
}

/// How the hash of an account's entries grows: one link for each entry.
package enum AccountChain {
    /// The head before the first entry: 32 zero bytes.
    package static let start = Hash.zero

    /// Returns the head after one more entry.
    package static func next(_ previous: Hash, entryID: Hash) -> Hash {
        Hash.of(label: "accord/chain/v1\n", previous.bytes, entryID.bytes)
    }
}

/// What the log states about one chain of entries: how many there are and their chain hash.
///
/// Who holds all entries of an account and its head knows that none was left out.
///
///     accord/account-head/v1
///     origin
///     tree size
///     chain id
///     number of entries
///     base64(chain hash)
package struct AccountHead: Hashable, Sendable {
    /// The name of the log.
    package let origin: String

    /// The number of leaves of the log's tree for which this holds.
    package let treeSize: Int

    /// The chain.
    package let chain: ChainID

    /// The number of entries of the chain.
    package let entryCount: Int64

    /// The chain hash after its last entry.
    package let head: Hash

    /// States a chain's head.
    ///
    /// - Parameters:
    ///   - origin: One line without control characters, not empty.
    ///   - treeSize: Number of leaves of the log.
    ///   - chain: The chain.
    ///   - entryCount: Number of entries of the chain.
    ///   - head: The chain hash after the last of them.
    package init(origin: String, treeSize: Int, chain: ChainID, entryCount: Int64, head: Hash) {
        precondition(NoteText.isLine(origin), "an origin is one line of text")
        precondition(treeSize >= 0 && entryCount >= 0, "numbers of entries are not negative")
        self.origin = origin
        self.treeSize = treeSize
        self.chain = chain
        self.entryCount = entryCount
        self.head = head
    }

    /// Reads the text of an account head's note.
    ///
    /// - Throws: the errors from `linesMalformed` to `countWrong`.
    package init(parsing text: [UInt8]) throws(AccountHeadError) {
        guard let lines = NoteText.lines(text[...]), lines.count == 6,
            lines[0].elementsEqual(AccountHead.header.utf8),
            let origin = NoteText.string(lines[1]), NoteText.isLine(origin)
        else { throw .linesMalformed }
        guard let chain = NoteText.string(lines[3]).flatMap({ ChainID($0) }) else {
            throw .chainMalformed
        }
        guard let treeSize = NoteText.decimal(lines[2]), let count = NoteText.decimal(lines[4])
        else { throw .numberMalformed }
        guard let head = NoteText.hash(lines[5]) else { throw .headMalformed }
        guard count <= treeSize, (count == 0) == (head == AccountChain.start) else {
            throw .countWrong
        }
        self.init(
            origin: origin, treeSize: treeSize, chain: chain, entryCount: Int64(count), head: head)
    }

    /// Reads and checks a signed account head.
    ///
    /// - Parameters:
    ///   - bytes: The note.
    ///   - logKey: The key of the log, which must have signed.
    ///   - origin: The expected log.
    ///   - chain: The expected chain.
    /// - Throws: any `AccountHeadError`.
    package init(verifying bytes: [UInt8], logKey: VerifierKey, origin: String, chain: ChainID)
        throws(AccountHeadError)
    {
        let note: SignedNote
        do {
            note = try SignedNote(parsing: bytes)
            _ = try note.verify(keys: [logKey])
        } catch {
            throw .note(error)
        }
        try self.init(parsing: note.text)
        guard NoteText.same(self.origin, origin) else { throw .originMismatch }
        guard self.chain == chain else { throw .chainMismatch }
    }

    /// The text to sign, ending in a newline.
    package var text: [UInt8] {
        let lines = [
            AccountHead.header, origin, String(treeSize), chain.text, String(entryCount),
            Base64.standard.encode(head.bytes),
        ]
        return Array(lines.map { $0 + "\n" }.joined().utf8)
    }

    private static let header = "accord/account-head/v1"
}
