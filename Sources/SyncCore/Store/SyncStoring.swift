package import LedgerCore

/// What was settled once at enrolment and never changes: which ledger this is, and who we are.
package struct Enrolment: Equatable, Sendable {
    /// The origin of the log: its name for ever.
    package var origin: String
    /// The key of the log, authenticated by the invitation code.
    package var logKey: VerifierKey
    /// Where the node is reached.
    package var nodeURL: String
    /// The device that signs.
    package var device: DeviceID
    /// The member's account.
    package var account: AccountID

    /// Pins a ledger.
    package init(
        origin: String, logKey: VerifierKey, nodeURL: String, device: DeviceID,
        account: AccountID
    ) {
        self.origin = origin
        self.logKey = logKey
        self.nodeURL = nodeURL
        self.device = device
        self.account = account
    }
}

/// Where the next entry of this device goes.
package struct OutboxCursor: Equatable, Sendable {
    /// The signing device.
    package var device: DeviceID
    /// The number of its next entry, from 1.
    package var nextSequence: Int64
    /// The id of its last entry; zero if there is none.
    package var previous: Hash

    /// Makes a cursor.
    package init(device: DeviceID, nextSequence: Int64, previous: Hash) {
        self.device = device
        self.nextSequence = nextSequence
        self.previous = previous
    }

    /// The cursor after `entry`.
    package func after(_ entry: Entry) -> OutboxCursor {
        OutboxCursor(device: device, nextSequence: nextSequence + 1, previous: entry.id)
    }
}

/// How far one chain was verified.
package struct ChainCursor: Equatable, Sendable {
    /// The chain.
    package var chain: ChainID
    /// The number of its entries.
    package var sequence: Int64
    /// The chain hash after the last of them.
    package var head: Hash
    /// The account head that says so, a signed note; empty before the first.
    package var note: [UInt8]

    /// Makes a cursor; without arguments but the chain, the one before the first entry.
    package init(
        chain: ChainID, sequence: Int64 = 0, head: Hash = AccountChain.start, note: [UInt8] = []
    ) {
        self.chain = chain
        self.sequence = sequence
        self.head = head
        self.note = note
    }
}

/// An entry whose signature, inclusion and place in its chain were checked on this machine.
package struct ProvenEntry: Equatable, Sendable {
    /// The entry.
    package var verified: VerifiedEntry
    /// Its index.
    package var index: LeafIndex
    /// What the node added.
    package var envelope: EntryEnvelope
    /// The salt of its commitment, 32 bytes.
    package var salt: [UInt8]
    /// The inclusion proof for the tree of the batch's checkpoint.
    package var proof: [Hash]

    /// Makes an entry from checked parts.
    package init(
        verified: VerifiedEntry, index: LeafIndex, envelope: EntryEnvelope, salt: [UInt8],
        proof: [Hash]
    ) {
        self.verified = verified
        self.index = index
        self.envelope = envelope
        self.salt = salt
        self.proof = proof
    }
}

/// Everything one verified round adds: stored in one transaction or not at all.
package struct VerifiedRound: Sendable {
    /// The size of the checkpoint it starts from; the store refuses another.
    package var previousSize: Int64
    /// The checkpoint it ends with.
    package var checkpoint: VerifiedCheckpoint
    /// The new entries, by ascending index.
    package var entries: [ProvenEntry]
    /// The chains' new cursors.
    package var cursors: [ChainCursor]
    /// What the entries changed.
    package var changes: LedgerChanges
    /// The state after the entries.
    package var state: LedgerState

    /// Makes a round from checked parts.
    package init(
        previousSize: Int64, checkpoint: VerifiedCheckpoint, entries: [ProvenEntry],
        cursors: [ChainCursor], changes: LedgerChanges, state: LedgerState
    ) {
        self.previousSize = previousSize
        self.checkpoint = checkpoint
        self.entries = entries
        self.cursors = cursors
        self.changes = changes
        self.state = state
    }
}

/// An entry on its way.
package struct OutboxEntry: Equatable, Sendable {
    /// The entry, the same bytes for ever.
    package var entry: Entry
    /// Its number.
    package var sequence: Int64
    /// How far it came: queued, sent or accepted.
    package var state: EntryState
    /// How often it was sent.
    package var attempts: Int
    /// The index the node promised; `nil` before `accepted`.
    package var index: LeafIndex?
    /// The tlog-proof that promised it; empty before `accepted`.
    package var receipt: [UInt8]

    /// Makes an entry.
    package init(
        entry: Entry, sequence: Int64, state: EntryState, attempts: Int, index: LeafIndex? = nil,
        receipt: [UInt8] = []
    ) {
        self.entry = entry
        self.sequence = sequence
        self.state = state
        self.attempts = attempts
        self.index = index
        self.receipt = receipt
    }
}

/// What the node decided about an entry: for ever, so it is stored before anything else happens.
package enum Decision: Equatable, Sendable {
    /// Recorded at an index; the receipt is a C2SP tlog-proof.
    case accepted(index: LeafIndex, receipt: [UInt8])
    /// Refused by a rule; the receipt is a note the log signed.
    case rejected(code: UInt16, receipt: [UInt8])
}

/// A sealed record on its way to the node.
package struct PendingUpload: Equatable, Sendable {
    /// SHA-256 of the ciphertext: its address.
    package var record: Hash
    /// The entry that contributes it.
    package var contribution: Hash
    /// The length of the ciphertext in bytes.
    package var sizeBytes: Int64
    /// How many bytes the node is known to have.
    package var offset: Int64
    /// The wrapped keys for the recipients that are not at the node yet: opaque to the store.
    package var wraps: [UInt8]
    /// Whether the wrapped keys were handed over.
    package var hasSentWraps: Bool

    /// Makes an upload.
    package init(
        record: Hash, contribution: Hash, sizeBytes: Int64, offset: Int64, wraps: [UInt8],
        hasSentWraps: Bool
    ) {
        self.record = record
        self.contribution = contribution
        self.sizeBytes = sizeBytes
        self.offset = offset
        self.wraps = wraps
        self.hasSentWraps = hasSentWraps
    }
}

/// How a merge ended.
package enum MergeOutcome: Equatable, Sendable {
    /// Everything is stored.
    case merged
    /// Another process moved the checkpoint: verify again from there. Nothing changed.
    case outrun
}

/// What the sync engine keeps: implemented by the client's database.
///
/// Every writing call is one transaction that is on disk when it returns.
package protocol SyncStoring: Sendable {
    /// Returns the pinned ledger, or `nil` before enrolment.
    func enrolment() throws -> Enrolment?
    /// Returns the enrolment entry that was prepared and not confirmed, or `nil`.
    func pendingEnrolment() throws -> Entry?
    /// Keeps the enrolment entry before it is sent: a lost answer is asked for again with the
    /// same bytes.
    func prepareEnrolment(_ entry: Entry) throws
    /// Pins the ledger and keeps the recorded enrolment entry until it is proven; with a policy its
    /// witnesses are asked for from now on.
    func confirmEnrolment(
        _ enrolment: Enrolment, entry: Entry, index: LeafIndex, receipt: [UInt8],
        policy: WitnessPolicy?, at time: Timestamp
    ) throws
    /// Returns the version of the wire format this program and the node agreed on, or `nil`
    /// before they did.
    func wireVersion() throws -> Int64?
    /// Keeps the version of the wire format, so that it is not asked for in every round.
    func agree(onWireVersion version: Int64) throws
    /// Returns whose cosignatures a checkpoint needs to be accepted, or `nil` if nobody's.
    func witnessPolicy() throws -> WitnessPolicy?
    /// Notes that enough witnesses confirmed the newest checkpoint at this time, by their clocks.
    func noteConfirmation(at time: Timestamp) throws
    /// Returns the note of the last verified checkpoint, or `nil` before the first.
    func checkpointNote() throws -> [UInt8]?
    /// Returns the note of the largest verified checkpoint of at most this size, or `nil`.
    func checkpointNote(atMost size: Int64) throws -> [UInt8]?
    /// Returns how far a chain went in a smaller tree, by what was verified; without the note.
    func cursor(of chain: ChainID, inTreeOf size: Int64) throws -> ChainCursor
    /// Returns how far a chain was verified.
    func cursor(of chain: ChainID) throws -> ChainCursor
    /// Returns up to `limit` entries the node has not decided, in the order they were signed.
    func undecided(limit: Int) throws -> [OutboxEntry]
    /// Returns the entries the node accepted and that are not proven yet.
    func promised() throws -> [OutboxEntry]
    /// Notes that entries are being sent.
    func markSent(_ entries: [Hash], at time: Timestamp) throws
    /// Notes that entries were not sent after all: no byte of them left this machine.
    func markUnsent(_ entries: [Hash]) throws
    /// Stores decisions; one for an entry that is decided already changes nothing.
    func settle(_ decisions: [(entry: Hash, decision: Decision)], at time: Timestamp) throws
    /// Puts what this device has not had decided behind the place where the node says its next entry
    /// goes: what only takes something away is signed anew there, by `sign`; the rest can never be
    /// decided as it was signed, and is refused, which the person is told.
    ///
    /// - Returns: How many entries there were; 0, and nothing is changed, where the place is another
    ///   device's, or contradicts what the ledger holds, or the first of them goes there already.
    func renumber(
        to place: OutboxCursor, at time: Timestamp, sign: (EntryPayload) throws -> Entry
    ) throws -> Int
    /// Returns one of these entries that stands in the first `size` places of the ledger, or `nil`.
    func recorded(among entries: Set<Hash>, in size: Int64) throws -> Hash?
    /// Stores a verified round if the checkpoint is still the one it started from.
    func merge(_ round: VerifiedRound, at time: Timestamp) throws -> MergeOutcome
    /// Calls `body` with every verified entry, by ascending index.
    func replay(_ body: (VerifiedEntry, LeafIndex, Timestamp) throws -> Void) throws
    /// Returns why nothing may be sent any more, or `nil`.
    func frozenReason() throws -> String?
    /// Stops sending for good: writes the evidence beside the database, marks broken promises.
    ///
    /// - Returns: the path of the evidence file.
    func freeze(reason: String, evidence: [UInt8], disputed: [Hash], at time: Timestamp) throws
        -> String
    /// Returns the records on their way, oldest first.
    func pendingUploads() throws -> [PendingUpload]
    /// Notes how far an upload came.
    func advanceUpload(_ record: Hash, contribution: Hash, offset: Int64) throws
    /// Notes that the wrapped keys of an upload are at the node, unless others wait meanwhile.
    func noteSentWraps(of upload: PendingUpload) throws
    /// Notes that less of a record is at the node than was noted, if its ciphertext is here.
    ///
    /// - Returns: Whether it is here.
    func returnUpload(_ upload: PendingUpload, to offset: Int64) throws -> Bool
    /// Returns the ciphertext `offset..<offset + count` of a record.
    func sealedBytes(of record: Hash, offset: Int64, count: Int) throws -> [UInt8]
    /// Returns a number that changes whenever this or another process changed something.
    func changeCount() throws -> Int64
    /// Returns a stream with an element after something may have changed, or `nil` where the
    /// store cannot tell and has to be asked from time to time.
    func changeSignals() -> AsyncStream<Void>?
    /// Returns the counts of the status line.
    func status() throws -> SyncStatus
    /// Tries to become the one process that talks to the node; `false` if another is.
    func lockSync() throws -> Bool
    /// Lets another process talk to the node.
    func unlockSync()
}
