package import LedgerCore
package import NodeAPI

/// Checks the pages of one round: everything the node says, against what was verified before.
///
/// Pages come in the order they were asked for, the catalogue before the account, because the
/// catalogue introduces the institutions that sign in the account.
package struct RoundVerifier: Sendable {
    /// The checkpoint the round is pinned to.
    package let checkpoint: VerifiedCheckpoint
    /// Which ledger this is.
    package let enrolment: Enrolment
    /// The keys known so far.
    package private(set) var keys: EntryKeys
    /// The chain the next page belongs to.
    package private(set) var cursor: ChainCursor
    /// The chains that are complete.
    package private(set) var finished: [ChainCursor] = []
    private let storedNote: [UInt8]
    private let own: Set<Hash>
    private var lastIndex: LeafIndex = -1
    /// The entries of the first chain that stand behind all that were applied.
    private var waiting: ArraySlice<ProvenEntry> = []
    /// The entries that were applied, by ascending index.
    private var applied: [ProvenEntry] = []
    /// The revocations among them.
    package private(set) var revocations: Set<Hash> = []
    private var state: LedgerState
    private var changes = LedgerChanges()

    /// Starts a round.
    ///
    /// - Parameters:
    ///   - checkpoint: What the round is pinned to, its signature and consistency checked.
    ///   - enrolment: Which ledger this is.
    ///   - storedNote: The note of the last verified checkpoint, for evidence.
    ///   - keys: The keys of the devices that are known.
    ///   - cursor: How far the first chain was verified.
    ///   - state: The ledger as of the stored checkpoint.
    ///   - own: The ids of entries this device signed and still keeps.
    package init(
        checkpoint: VerifiedCheckpoint, enrolment: Enrolment, storedNote: [UInt8],
        keys: EntryKeys, cursor: ChainCursor, state: LedgerState, own: Set<Hash> = []
    ) {
        self.checkpoint = checkpoint
        self.enrolment = enrolment
        self.storedNote = storedNote
        self.keys = keys
        self.cursor = cursor
        self.state = state
        self.own = own
    }

    /// What is checked of each entry alone: the part that is worth doing in parallel.
    package struct EntryChecker: Sendable {
        let origin: String
        let size: Int
        let root: Hash
        let keys: EntryKeys
        let own: Set<Hash>

        /// Checks inclusion and signature.
        ///
        /// The signature of an entry this device signed itself needs no check: the id is the hash
        /// of the bytes, so it is what waits here, byte for byte.
        ///
        /// - Returns: the entry; `nil` if its device is not known yet: check it again once the
        ///   entries before it are known.
        /// - Throws: `notIncluded`, `entryForged`.
        package func check(_ paged: PagedEntry) throws(Alarm) -> ProvenEntry? {
            let (entry, envelope) = try locate(paged)
            let verified: VerifiedEntry
            do {
                if own.contains(entry.id) {
                    verified = try EntryVerifier.reread(entry)
                } else {
                    verified = try EntryVerifier.verify(entry, origin: origin) { keys[$0] }
                }
            } catch EntryVerifier.Failure.deviceUnknown {
                return nil
            } catch {
                throw .entryForged
            }
            return ProvenEntry(
                verified: verified, index: paged.index, envelope: envelope, salt: paged.salt,
                proof: paged.proof)
        }

        /// Checks that the entry is in the tree where the node says it is.
        ///
        /// - Throws: `notIncluded`.
        package func locate(_ paged: PagedEntry) throws(Alarm) -> (Entry, EntryEnvelope) {
            let entry = Entry(bytes: paged.entry)
            guard let envelope = EntryEnvelope(bytes: paged.envelope) else { throw .notIncluded }
            let leaf = MerkleTree.leafHash(envelope.leafData(entry: entry.id, salt: paged.salt))
            do {
                try paged.inclusion(treeSize: size).verify(leafHash: leaf, root: root)
            } catch {
                throw .notIncluded
            }
            return (entry, envelope)
        }
    }

    /// The checker for the keys known now.
    package var checker: EntryChecker {
        EntryChecker(
            origin: enrolment.origin, size: checkpoint.checkpoint.size,
            root: checkpoint.checkpoint.root, keys: keys, own: own)
    }

    /// Adds a page: order, chain, rules, and, on the last one, the head.
    ///
    /// - Parameters:
    ///   - page: What the node sent for `cursor.chain` after `cursor.sequence`.
    ///   - checked: What `checker` said of each entry.
    /// - Returns: whether the chain is complete.
    /// - Throws: evidence of a broken promise.
    package mutating func add(_ page: EntryPage, checked: [Result<ProvenEntry?, Alarm>])
        throws(Evidence) -> Bool
    {
        let isPinned = (try? SignedNote(parsing: page.checkpoint))?.text == checkpoint.note.text
        guard isPinned else { throw evidence(.checkpointUnsigned, note: page.checkpoint) }
        for (paged, result) in zip(page.entries, checked) {
            try append(paged, result)
        }
        guard !page.head.isEmpty else {
            // A page that neither brings something nor ends the chain would be asked for ever.
            guard !page.entries.isEmpty else { throw evidence(.headUnsigned) }
            return false
        }
        try checkHead(page.head)
        return true
    }

    private mutating func append(_ paged: PagedEntry, _ result: Result<ProvenEntry?, Alarm>)
        throws(Evidence)
    {
        var found: ProvenEntry?
        do throws(Alarm) {
            found = try result.get()
            // Its device was introduced on this very page.
            if found == nil { found = try checker.check(paged) }
        } catch {
            throw evidence(error, paged)
        }
        guard let proven = found else { throw evidence(.entryForged, paged) }
        guard proven.index > lastIndex, proven.verified.chain == cursor.chain else {
            throw evidence(.outOfOrder, paged)
        }
        guard proven.envelope.chainSequence == cursor.sequence + 1,
            proven.envelope.previousHead == cursor.head
        else { throw evidence(.entryHidden, paged) }
        keys.learn(from: proven.verified.payload)
        lastIndex = proven.index
        cursor.sequence += 1
        cursor.head = AccountChain.next(cursor.head, entryID: proven.verified.id)
        // The rules want the order of the tree: the first chain waits for the second.
        guard !finished.isEmpty else { return waiting.append(proven) }
        try applyWaiting(below: proven.index)
        try apply(proven)
    }

    private mutating func applyWaiting(below index: LeafIndex) throws(Evidence) {
        while let next = waiting.first, next.index < index {
            waiting.removeFirst()
            try apply(next)
        }
    }

    private mutating func apply(_ proven: ProvenEntry) throws(Evidence) {
        // The rules take a revocation at any time; that a ledger has each entry once is not theirs.
        guard !isRevocation(proven) || revocations.insert(proven.verified.id).inserted else {
            throw evidence(.rulesBroken, proven)
        }
        do throws(EntryRejection) {
            try changes.apply(
                proven.verified, index: proven.index, at: proven.envelope.time, to: &state)
        } catch {
            throw evidence(.rulesBroken, proven)
        }
        applied.append(proven)
    }

    private func isRevocation(_ proven: ProvenEntry) -> Bool {
        proven.verified.payload.body.kind == .authorizationRevoked
    }

    /// Returns what shows that an entry of this round is in the ledger twice, where it was recorded
    /// before; `nil` for one that this round did not bring.
    package func repetition(of entry: Hash) -> Evidence? {
        applied.first { $0.verified.id == entry }.map { evidence(.rulesBroken, $0) }
    }

    private mutating func checkHead(_ note: [UInt8]) throws(Evidence) {
        let head: AccountHead
        do {
            head = try AccountHead(
                verifying: note, logKey: enrolment.logKey, origin: enrolment.origin,
                chain: cursor.chain)
        } catch {
            throw evidence(.headUnsigned, head: note)
        }
        guard head.treeSize == checkpoint.checkpoint.size else {
            throw evidence(.headUnsigned, head: note)
        }
        guard head.entryCount == cursor.sequence, head.head == cursor.head else {
            throw evidence(.headMismatch, head: note)
        }
        cursor.note = note
        finished.append(cursor)
    }

    /// Goes on with another chain.
    package mutating func begin(_ next: ChainCursor) {
        cursor = next
        lastIndex = -1
    }

    /// Applies what still waits and hands out the round.
    ///
    /// - Parameters:
    ///   - previousSize: The size of the stored checkpoint.
    ///   - promised: Entries of this device the node gave an index to.
    /// - Returns: What to store.
    /// - Throws: `rulesBroken`, `promiseBroken`.
    package mutating func finish(previousSize: Int64, promised: [OutboxEntry]) throws(Evidence)
        -> VerifiedRound
    {
        try applyWaiting(below: .max)
        let indices = Dictionary(
            applied.map { ($0.verified.id, $0.index) }, uniquingKeysWith: { first, _ in first })
        for waiting in promised {
            guard let index = waiting.index, index < checkpoint.checkpoint.size,
                indices[waiting.entry.id] != index
            else { continue }
            var broken = evidence(.promiseBroken)
            broken.entry = waiting.entry.bytes
            broken.index = index
            broken.promise = waiting.receipt
            throw broken
        }
        return VerifiedRound(
            previousSize: previousSize, checkpoint: checkpoint, entries: applied,
            cursors: finished, changes: changes, state: state)
    }

    private func evidence(_ alarm: Alarm, note: [UInt8]? = nil, head: [UInt8] = []) -> Evidence {
        var evidence = Evidence(
            alarm, origin: enrolment.origin, logKey: enrolment.logKey.text)
        evidence.storedNote = storedNote
        evidence.receivedNote = note ?? checkpoint.note.bytes
        evidence.chain = cursor.chain.text
        evidence.chainSequence = cursor.sequence
        evidence.chainHead = cursor.head
        evidence.headNote = head
        return evidence
    }

    private func evidence(_ alarm: Alarm, _ paged: PagedEntry) -> Evidence {
        var evidence = evidence(alarm)
        evidence.entry = paged.entry
        evidence.index = paged.index
        evidence.envelope = paged.envelope
        evidence.salt = paged.salt
        evidence.proof = paged.proof
        if let payload = try? Entry(bytes: paged.entry).payload(),
            let key = keys.bytes(of: payload.device)
        {
            evidence.signer = key
        }
        return evidence
    }

    private func evidence(_ alarm: Alarm, _ proven: ProvenEntry) -> Evidence {
        evidence(
            alarm,
            PagedEntry(
                index: proven.index, entry: proven.verified.entry.bytes,
                envelope: proven.envelope.bytes, salt: proven.salt, proof: proven.proof))
    }
}
