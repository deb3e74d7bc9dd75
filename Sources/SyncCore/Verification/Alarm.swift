package import LedgerCore

/// A promise the node broke: the client freezes, keeps the evidence, and says so.
package enum Alarm: String, CaseIterable, Error, Sendable {
    /// A checkpoint is not signed by the log that was pinned at enrolment.
    case checkpointUnsigned = "checkpoint-unsigned"
    /// Two checkpoints of one size have different roots.
    case fork
    /// A larger tree does not begin with the one that was verified.
    case notConsistent = "not-consistent"
    /// A smaller tree is not the beginning of the one that was verified.
    case rolledBack = "rolled-back"
    /// An entry is not where the node says it is, under the salt and envelope it gave.
    case notIncluded = "not-included"
    /// An entry is not signed by the device it names.
    case entryForged = "entry-forged"
    /// An entry is not in the order, or not in the chain, it was served for.
    case outOfOrder = "out-of-order"
    /// An entry of a chain was left out in the middle.
    case entryHidden = "entry-hidden"
    /// The head of a chain is not signed by the log, or not for this tree.
    case headUnsigned = "head-unsigned"
    /// The entries of a chain do not lead to its signed head: its tail was hidden.
    case headMismatch = "head-mismatch"
    /// The node recorded an entry that the rules refuse.
    case rulesBroken = "rules-broken"
    /// The node promised an index for an entry, and the log does not hold it there.
    case promiseBroken = "promise-broken"

    /// What happened, for the person.
    package var explanation: String {
        switch self {
        case .checkpointUnsigned: "a checkpoint is not signed by the ledger you joined"
        case .fork: "the ledger shows two different histories"
        case .notConsistent: "the ledger rewrote its history"
        case .rolledBack: "the ledger went back to another history"
        case .notIncluded: "an entry is not where the node says it is"
        case .entryForged: "an entry is not signed by the device it names"
        case .outOfOrder: "entries were served in another order than they were recorded"
        case .entryHidden: "an entry was hidden"
        case .headUnsigned: "the summary of an account is not signed by the ledger"
        case .headMismatch: "the newest entries were hidden"
        case .rulesBroken: "the node recorded what the rules forbid"
        case .promiseBroken: "an entry the node confirmed is not in the ledger"
        }
    }
}

/// An alarm with everything that shows it: enough to check it again without the node.
package struct Evidence: Error, Equatable, Sendable {
    /// What is claimed.
    package var alarm: Alarm
    /// The log.
    package var origin: String
    /// The key of the log, as text.
    package var logKey: String
    /// The note of the checkpoint that was verified before, or empty.
    package var storedNote: [UInt8] = []
    /// The note of the checkpoint it is about, or empty.
    package var receivedNote: [UInt8] = []
    /// The proof that fails, or empty.
    package var proof: [Hash] = []
    /// The chain, or empty.
    package var chain = ""
    /// The number of entries that were verified of the chain.
    package var chainSequence: Int64 = 0
    /// The head that follows from them.
    package var chainHead = Hash.zero
    /// The signed head of the chain, or empty.
    package var headNote: [UInt8] = []
    /// The entry, a compact JWS, or empty.
    package var entry: [UInt8] = []
    /// The index it was served for; -1 for none.
    package var index: LeafIndex = -1
    /// Its envelope's bytes, or empty.
    package var envelope: [UInt8] = []
    /// Its salt, or empty.
    package var salt: [UInt8] = []
    /// The key the entry should verify under, 32 bytes, or empty.
    package var signer: [UInt8] = []
    /// The answer that promised an index, a tlog-proof, or empty.
    package var promise: [UInt8] = []

    /// Starts evidence of an alarm against a log.
    package init(_ alarm: Alarm, origin: String, logKey: String) {
        self.alarm = alarm
        self.origin = origin
        self.logKey = logKey
    }

    /// The evidence file: canonical JSON.
    package var bytes: [UInt8] {
        JSONValue.sorted([
            .init("alarm", .string(alarm.rawValue)),
            .init("chain", .string(chain)),
            .init("chain_head", .string(chainHead.hex)),
            .init("chain_sequence", .integer(chainSequence)),
            .init("entry", .string(String(decoding: entry, as: UTF8.self))),
            .init("envelope", .string(Base64.url.encode(envelope))),
            .init("format", .string("accord/evidence/v1")),
            .init("head", .string(String(decoding: headNote, as: UTF8.self))),
            .init("index", .integer(index)),
            .init("origin", .string(origin)),
            .init("promise", .string(String(decoding: promise, as: UTF8.self))),
            .init("proof", .array(proof.map { .string($0.hex) })),
            .init("received", .string(String(decoding: receivedNote, as: UTF8.self))),
            .init("salt", .string(Hex.encode(salt))),
            .init("signer", .string(Hex.encode(signer))),
            .init("stored", .string(String(decoding: storedNote, as: UTF8.self))),
            .init("vkey", .string(logKey)),
        ]).canonicalBytes
    }

    /// Reads an evidence file; `nil` for anything else.
    package init?(parsing bytes: [UInt8]) {
        // Losing the reason is right: a file is evidence or it is not.
        guard let json = try? JSONValue(canonical: bytes),
            json["format"]?.string == "accord/evidence/v1",
            let alarm = json["alarm"]?.string.flatMap(Alarm.init(rawValue:)),
            let origin = json["origin"]?.string, let logKey = json["vkey"]?.string,
            let head = json["chain_head"]?.string.flatMap({ Hash(hex: $0) }),
            let sequence = json["chain_sequence"]?.integer, let index = json["index"]?.integer,
            let envelope = json["envelope"]?.string.flatMap({ Base64.url.decode($0) }),
            let salt = json["salt"]?.string.flatMap({ Hex.decode($0) }),
            let signer = json["signer"]?.string.flatMap({ Hex.decode($0) }),
            let proof = json["proof"]?.array
        else { return nil }
        self.init(alarm, origin: origin, logKey: logKey)
        func text(_ key: String) -> [UInt8] { Array((json[key]?.string ?? "").utf8) }
        storedNote = text("stored")
        receivedNote = text("received")
        self.proof = proof.compactMap { $0.string.flatMap { Hash(hex: $0) } }
        chain = json["chain"]?.string ?? ""
        chainSequence = sequence
        chainHead = head
        headNote = text("head")
        entry = text("entry")
        self.index = index
        self.envelope = envelope
        self.salt = salt
        self.signer = signer
        promise = text("promise")
    }

    /// Checks the claim again, offline: whether these bytes really show what is claimed.
    ///
    /// `rulesBroken` needs the ledger's state and is shown by replaying it, not by this file
    /// alone; for it this checks that the entry is recorded under the log's signature.
    package func holds() -> Bool {
        guard let key = try? VerifierKey(parsing: logKey) else { return false }
        // A note that does not verify is no note: the reason adds nothing here.
        let stored = try? VerifiedCheckpoint(parsing: storedNote, logKey: key, origin: origin)
        let received = try? VerifiedCheckpoint(parsing: receivedNote, logKey: key, origin: origin)
        switch alarm {
        case .checkpointUnsigned:
            return received == nil && (try? SignedNote(parsing: receivedNote)) != nil
        case .fork:
            guard let old = stored?.checkpoint, let new = received?.checkpoint else { return false }
            return old.size == new.size && old.root != new.root
        case .notConsistent, .rolledBack:
            guard let stored, let received else { return false }
            return !CheckpointJudge.isConsistent(stored, received, proof: proof)
        case .notIncluded:
            return received.map { !isIncluded(in: $0.checkpoint) } ?? false
        case .rulesBroken:
            return received.map { isIncluded(in: $0.checkpoint) } ?? false
        case .entryForged:
            return received.map { isIncluded(in: $0.checkpoint) && isForged } ?? false
        case .outOfOrder, .entryHidden:
            guard let received, isIncluded(in: received.checkpoint) else { return false }
            guard alarm == .entryHidden, let envelope = EntryEnvelope(bytes: envelope) else {
                return alarm == .outOfOrder
            }
            return envelope.chainSequence != chainSequence + 1 || envelope.previousHead != chainHead
        case .headUnsigned:
            return head(under: key) == nil && (try? SignedNote(parsing: headNote)) != nil
        case .headMismatch:
            guard let head = head(under: key) else { return false }
            return head.entryCount != chainSequence || head.head != chainHead
        case .promiseBroken:
            guard let promised = try? TransparencyProof(parsing: promise) else { return false }
            return Int64(promised.leafIndex) == index && received != nil
        }
    }

    private func head(under key: VerifierKey) -> AccountHead? {
        // A head that does not verify is no head.
        guard let named = ChainID(chain),
            let head = try? AccountHead(
                verifying: headNote, logKey: key, origin: origin, chain: named)
        else { return nil }
        guard let note = try? SignedNote(parsing: receivedNote),
            let checkpoint = try? Checkpoint(parsing: note.text)
        else { return head }
        return head.treeSize == checkpoint.size ? head : nil
    }

    private func isIncluded(in checkpoint: Checkpoint) -> Bool {
        guard let envelope = EntryEnvelope(bytes: envelope), salt.count == 32 else { return false }
        let leaf = MerkleTree.leafHash(
            envelope.leafData(entry: Hash.of(entry), salt: salt))
        let inclusion = InclusionProof(
            leafIndex: Int(index), treeSize: checkpoint.size, hashes: proof)
        return (try? inclusion.verify(leafHash: leaf, root: checkpoint.root)) != nil
    }

    private var isForged: Bool {
        let keys = EntryKeys(signing: signer)
        do throws(EntryVerifier.Failure) {
            _ = try EntryVerifier.verify(Entry(bytes: entry), origin: origin) { keys[$0] }
            return false
        } catch {
            return true
        }
    }
}
