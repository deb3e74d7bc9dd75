package import LedgerCore

/// The last checkpoint a witness cosigned for a log.
package struct WitnessedTree: Equatable, Sendable {
    /// The number of leaves.
    package let size: Int
    /// The root hash.
    package let root: Hash
    /// The checkpoint with the witness's cosignature.
    package let note: [UInt8]

    /// Makes it of its parts.
    package init(size: Int, root: Hash, note: [UInt8]) {
        self.size = size
        self.root = root
        self.note = note
    }
}

/// Where a witness keeps what it cosigned: the seam between it and a disk.
package protocol WitnessStore: Sendable {
    /// The key of a log the witness looks after; `nil` for any other.
    func logKey(of origin: String) throws -> VerifierKey?
    /// What was cosigned last for a log; `nil` before the first.
    func newest(of origin: String) throws -> WitnessedTree?
    /// Makes a tree durable in place of the one of size `old`; `false` if another stands there.
    ///
    /// - Throws: after which it is not known what was written: the witness must stop.
    func advance(_ origin: String, from old: Int, to tree: WitnessedTree) async throws -> Bool
}

/// Cosigns checkpoints that continue what it cosigned before: C2SP tlog-witness.
///
/// One request at a time is decided, and what is cosigned is durable before anybody sees it.
package struct Witness: Sendable {
    private let store: any WitnessStore
    private let cosigner: Cosigner
    private let clock: any NodeClock

    /// What a log is answered.
    package enum Answer: Equatable, Sendable {
        /// The signature lines.
        case cosigned([UInt8])
        /// Nothing was cosigned.
        case refused(WitnessRequest.Refusal)
    }

    /// Makes a witness.
    package init(store: any WitnessStore, cosigner: Cosigner, clock: any NodeClock) {
        self.store = store
        self.cosigner = cosigner
        self.clock = clock
    }

    /// Answers the body of `add-checkpoint`.
    ///
    /// - Throws: store errors, after which the witness must stop.
    package func answer(to body: [UInt8]) async throws -> Answer {
        guard let request = WitnessRequest(parsing: body), let origin = request.claimedOrigin else {
            return .refused(.malformed)
        }
        guard let logKey = try store.logKey(of: origin) else { return .refused(.logUnknown) }
        let last = try store.newest(of: origin)
        let checkpoint: VerifiedCheckpoint
        do throws(WitnessRequest.Refusal) {
            checkpoint = try request.checked(
                logKey: logKey, origin: origin, last: last.map { ($0.size, $0.root) })
        } catch {
            return .refused(error)
        }
        let line = try cosigner.cosign(
            checkpointText: checkpoint.note.text,
            timeSeconds: UInt64(max(clock.now().milliseconds / 1000, 1)))
        let logs = checkpoint.note.signatures.filter {
            $0.keyID == logKey.keyID && $0.name.utf8.elementsEqual(logKey.name.utf8)
        }
        let ours: SignedNote
        do throws(NoteError) {
            // One of them is enough: anybody can repeat it until there is no room for ours.
            ours = try SignedNote(
                text: checkpoint.note.text, signatures: Array(logs.prefix(1)) + [line])
        } catch {
            return .refused(.malformed)
        }
        let tree = WitnessedTree(
            size: checkpoint.checkpoint.size, root: checkpoint.checkpoint.root, note: ours.bytes)
        guard try await store.advance(origin, from: request.oldSize, to: tree) else {
            let size = try store.newest(of: origin)?.size ?? 0
            return .refused(.conflict(size: size))
        }
        return .cosigned(line.line)
    }

    /// What was cosigned last for the log whose origin has this SHA-256; `nil` before the first.
    package func newest(ofHash hash: Hash, among origins: [String]) throws -> [UInt8]? {
        guard let origin = origins.first(where: { Hash.of(Array($0.utf8)) == hash }) else {
            return nil
        }
        return try store.newest(of: origin)?.note
    }
}
