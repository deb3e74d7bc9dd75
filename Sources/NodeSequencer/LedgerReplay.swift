internal import Crypto
package import LedgerCore
internal import Synchronization

/// Everything stored, checked and replayed from the first entry, or from where a snapshot ends.
///
///     store ──▶ pieces, each read and checked on some core ──▶ rules, in order
///
/// Signatures, envelopes and leaves need no order, so that all cores check them; at most one piece
/// more than there are cores is in memory.
///
/// With a snapshot the tree is made of the kept roots of pieces and of the leaves after them, and held
/// against the root of the snapshot and the newest checkpoint. Neither those pieces' leaves nor the
/// entries the snapshot covers are read: `LedgerLook` looks at the leaves, and that the entries are what
/// the leaves say, and add up to what the snapshot says, only a replay from the first entry finds.
package struct LedgerReplay: Sendable {
    /// What is asked of each entry.
    package enum Depth: Sendable {
        /// That it is byte for byte what the newest checkpoint commits to.
        ///
        /// The log signs no checkpoint over an entry whose signature it did not verify, so who
        /// trusts the log's own key learns nothing new by checking the signature again.
        case hashes
        /// Its signature, too.
        case signatures
    }

    /// What the entries add up to.
    package private(set) var state = LedgerState()
    /// The tree of all leaves.
    package private(set) var tree = MerkleLog()
    /// Fingerprints of the entries that were replayed: a repeated one is looked at in the store.
    private var seen: Set<Int> = []
    /// The time of the last entry.
    package private(set) var time = Timestamp(milliseconds: 0)
    private(set) var chains: [ChainID: ChainHead] = [:]
    /// How many of the first leaves are in pieces whose kept roots were used.
    private(set) var keptPieceSize = 0
    /// How many of the first entries a snapshot stood for; 0 for none.
    package private(set) var snapshotSize = 0
    /// Why the snapshot that was kept is not used; `nil` if it is, or there was none.
    package private(set) var snapshotDefect: SnapshotDefect?

    /// How many entries were read and replayed.
    package var replayedCount: Int { tree.size - snapshotSize }

    private let verifier: Verifier
    /// The most leaves whose hashes are all held, but for half as many.
    private static let heldLeafCount = 8_192

    /// Checks and replays what a store holds.
    ///
    /// Checks every entry's envelope and leaf, both links of its chain, that the rules accept it,
    /// the tree against the newest checkpoint and, as `depth` says, its signature. With
    /// `snapshots` the first entries are not read again where the newest one fits what is stored.
    ///
    /// - Throws: `SequencerFailure.integrity` that names the first thing that does not fit.
    package init(
        store: any LedgerStore, logKey: VerifierKey, depth: Depth,
        snapshots: (any SnapshotKeeper)? = nil
    ) async throws {
        verifier = Verifier(origin: logKey.name, depth: depth, keys: KeyTable())
        let newest = try store.newestCheckpoint()
        let size = newest?.size ?? 0
        // Another process may commit between two reads.
        guard
            try store.leaves(from: LeafIndex(size), to: LeafIndex(size) + 1).isEmpty
                || store.newestCheckpoint()?.size != newest?.size
        else {
            throw SequencerFailure.integrity(
                "there are more leaves than \(size), and no checkpoint")
        }
        guard let newest else { return }
        let signed = try LedgerReplay.checkpoint(newest.note, logKey: logKey, size: size)
        do {
            try await begin(with: snapshots, atMost: size, logKey: logKey, store)
        } catch let defect as SnapshotDefect {
            snapshotDefect = defect
        }
        try await replay(upTo: size, of: store)
        guard tree.root == signed.root else {
            throw SequencerFailure.integrity(
                "the leaves do not lead to the checkpoint of size \(size)")
        }
    }

    private static func checkpoint(_ note: [UInt8], logKey: VerifierKey, size: Int) throws
        -> Checkpoint
    {
        do throws(CheckpointError) {
            let verified = try VerifiedCheckpoint(
                parsing: note, logKey: logKey, origin: logKey.name)
            guard verified.checkpoint.size == size else { throw CheckpointError.sizeMalformed }
            return verified.checkpoint
        } catch {
            throw SequencerFailure.integrity("the checkpoint of size \(size) is refused: \(error)")
        }
    }

    /// Goes on from the newest snapshot, if there is one that fits what is stored.
    ///
    /// - Throws: `SnapshotDefect`, and nothing is changed; store errors.
    private mutating func begin(
        with snapshots: (any SnapshotKeeper)?, atMost size: Int, logKey: VerifierKey,
        _ store: any LedgerStore
    ) async throws {
        guard let snapshots,
            let snapshot = try LedgerReplay.snapshot(snapshots, atMost: size, logKey: logKey)
        else { return }
        tree = try await LedgerReplay.tree(of: store, covered: snapshot)
        keptPieceSize = tree.settledSize
        (state, chains, time) = (snapshot.state, snapshot.chains, snapshot.time)
        snapshotSize = snapshot.size
        for device in state.devices.values { verifier.keys.learn(device.keys) }
    }

    private mutating func replay(upTo size: Int, of store: any LedgerStore) async throws {
        let verifier = verifier
        let start = tree.size
        try await Parallel.pieces(of: size - start) { range in
            try LedgerReplay.looked(
                start + range.lowerBound..<start + range.upperBound, of: store, verifier)
        } inOrder: { piece in
            for entry in piece { try apply(entry, of: store) }
        }
    }

    /// An entry after all checks that need no order.
    private struct Looked: Sendable {
        let stored: SequencedEntry
        let envelope: EntryEnvelope
        let leafHash: Hash
        /// `nil` where its device is introduced by an entry that was not applied yet.
        let verified: VerifiedEntry?
    }

    private static func looked(
        _ range: Range<Int>, of store: any LedgerStore, _ verifier: Verifier
    ) throws -> [Looked] {
        let entries = try store.entries(from: LeafIndex(range.lowerBound), limit: range.count)
        guard entries.count == range.count else {
            throw SequencerFailure.integrity("an entry from \(range.lowerBound) on is missing")
        }
        return try zip(range, entries).map { index, stored in
            guard stored.index == LeafIndex(index) else {
                throw SequencerFailure.integrity("entry \(index) is missing")
            }
            guard let envelope = EntryEnvelope(bytes: stored.envelope) else {
                throw wrong(stored, "its envelope cannot be read")
            }
            let leafData = envelope.leafData(entry: stored.entry.id, salt: stored.salt)
            guard leafData == stored.leafData else {
                throw wrong(stored, "it is not what stands in the tree")
            }
            let verified: VerifiedEntry?
            do throws(EntryVerifier.Failure) {
                verified = try verifier.verify(stored.entry)
            } catch .deviceUnknown {
                verified = nil
            } catch {
                throw wrong(stored, "it does not verify: \(error.words)")
            }
            return Looked(
                stored: stored, envelope: envelope, leafHash: MerkleTree.leafHash(leafData),
                verified: verified)
        }
    }

    private static func wrong(_ stored: SequencedEntry, _ what: String) -> SequencerFailure {
        .integrity("entry \(stored.index): \(what)")
    }

    private mutating func apply(_ looked: Looked, of store: any LedgerStore) throws {
        let stored = looked.stored
        let envelope = looked.envelope
        func wrong(_ what: String) -> SequencerFailure { LedgerReplay.wrong(stored, what) }
        let verified: VerifiedEntry
        do throws(EntryVerifier.Failure) {
            if let looked = looked.verified {
                verified = looked
            } else {
                verified = try verifier.verify(stored.entry)
            }
        } catch {
            throw wrong("it does not verify: \(error.words)")
        }
        let head = chains[verified.chain] ?? .init()
        guard stored.chain == verified.chain, envelope.previousHead == head.head,
            envelope.chainSequence == head.sequence + 1,
            stored.chainSequence == envelope.chainSequence
        else { throw wrong("it does not continue its chain") }
        guard envelope.time >= time else { throw wrong("its time is before the one before it") }
        guard stored.device == verified.payload.device,
            stored.sequence == verified.payload.sequence,
            stored.project == verified.payload.body.project,
            try isNew(verified.id) || store.index(of: verified.id) == stored.index
        else { throw wrong("it is filed wrongly") }
        do throws(EntryRejection) {
            try state.apply(verified, at: envelope.time)
        } catch {
            throw wrong("the rules refuse it: \(error)")
        }
        verifier.keys.learn(from: verified.payload)
        chains[verified.chain] = .init(
            sequence: envelope.chainSequence,
            head: AccountChain.next(head.head, entryID: verified.id))
        time = envelope.time
        tree.append(leafHash: looked.leafHash)
        if tree.size - tree.settledSize > LedgerReplay.heldLeafCount {
            tree.settle(tree.size - LedgerReplay.heldLeafCount / 2)
        }
    }

    /// Whether it is certain that an entry was not replayed before.
    ///
    /// A fingerprint is a hash with a key of this process (the standard library's), so nobody can make
    /// two ids that share one on purpose.
    private mutating func isNew(_ id: Hash) -> Bool {
        // Of what a snapshot covers there are no fingerprints, but few come after it.
        snapshotSize == 0 && seen.insert(id.hashValue).inserted
    }
}

/// Reads an entry as deep as was asked for.
private struct Verifier: Sendable {
    let origin: String
    let depth: LedgerReplay.Depth
    let keys: KeyTable

    func verify(_ entry: Entry) throws(EntryVerifier.Failure) -> VerifiedEntry {
        switch depth {
        case .signatures: return try EntryVerifier.verify(entry, origin: origin) { keys[$0] }
        case .hashes:
            do throws(EntryDefect) {
                return try EntryVerifier.reread(entry)
            } catch {
                throw .defect(error)
            }
        }
    }
}

extension EntryVerifier.Failure {
    fileprivate var words: String {
        switch self {
        case .defect(let defect): "\(defect)"
        case .deviceUnknown: "its device is unknown"
        }
    }
}

/// The keys of the devices that applied entries introduced, for every core.
private final class KeyTable: Sendable {
    private let keys = Mutex(EntryKeys())

    subscript(device: DeviceID) -> Curve25519.Signing.PublicKey? { keys.withLock { $0[device] } }

    func learn(from payload: EntryPayload) {
        // Most entries introduce nobody: other cores read meanwhile.
        guard let introduced = payload.body.introducedKeys else { return }
        learn(introduced)
    }

    func learn(_ introduced: DeviceKeys) { keys.withLock { $0.add(introduced) } }
}
