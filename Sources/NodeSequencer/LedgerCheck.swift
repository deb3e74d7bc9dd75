package import LedgerCore
internal import NodeAPI

/// Verifies everything a store holds.
package struct LedgerCheck: Sendable {
    private let store: any LedgerStore
    private let logKey: VerifierKey

    /// What was verified.
    package struct Report: Equatable, Sendable {
        /// The number of entries.
        package let entries: Int
        /// The number of refusals.
        package let refusals: Int
        /// The number of checkpoints.
        package let checkpoints: Int
        /// The root hash.
        package let root: Hash

        /// For people.
        package var text: String {
            "\(entries) entries, \(refusals) refusals, \(checkpoints) checkpoints: all verified\n"
                + "root \(root.hex)"
        }

        /// For programs.
        package var json: String {
            let value = JSONValue.sorted([
                .init("checkpoints", .integer(Int64(checkpoints))),
                .init("entries", .integer(Int64(entries))),
                .init("refusals", .integer(Int64(refusals))),
                .init("root", .string(root.hex)),
            ])
            return String(decoding: value.canonicalBytes, as: UTF8.self)
        }
    }

    /// Names what to check.
    package init(store: any LedgerStore, logKey: VerifierKey) {
        self.store = store
        self.logKey = logKey
    }

    /// Verifies every entry, leaf, chain, checkpoint, receipt, cursor and balance, on all cores.
    ///
    /// - Parameter kept: The checkpoint kept in the second place, or `nil`.
    /// - Returns: What was verified.
    /// - Throws: `SequencerFailure.integrity` that names the first thing that does not fit;
    ///   `SequencerFailure.behind`, `SequencerFailure.otherHistory`.
    package func run(kept: [UInt8]? = nil) async throws -> Report {
        let replay = try await LedgerReplay(store: store, logKey: logKey, depth: .signatures)
        try KeptCheckpoint.check(kept, tree: replay.tree, of: store, logKey: logKey)
        guard replay.state.points.sum == 0 else {
            throw SequencerFailure.integrity("the points do not add up to zero")
        }
        let sizes = try store.checkpointSizes()
        let tree = replay.tree
        try await Parallel.pieces(of: sizes.count) { range in
            var pieces = MerkleLog.Pieces()
            for size in sizes[range] { try check(checkpoint: size, tree: tree, &pieces) }
        } inOrder: { _ in
        }
        let refused = try store.refusedEntries()
        try await Parallel.pieces(of: refused.count) { range in
            for entry in refused[range] { try check(refusal: entry) }
        } inOrder: { _ in
        }
        try checkCursors(replay)
        return Report(
            entries: replay.tree.size, refusals: refused.count, checkpoints: sizes.count,
            root: replay.tree.root)
    }

    private func check(
        checkpoint size: Int, tree: MerkleLog, _ pieces: inout MerkleLog.Pieces
    ) throws {
        let note = try store.checkpoint(size: size) ?? []
        // A size beyond the log has no root: then they differ.
        let root = try PieceReader(store: store).answer(with: &pieces) {
            pieces throws(MerkleLogError) in
            try tree.root(size: size, pieces)
        }
        do throws(CheckpointError) {
            let verified = try VerifiedCheckpoint(
                parsing: note, logKey: logKey, origin: logKey.name)
            guard verified.checkpoint.size == size, verified.checkpoint.root == root else {
                throw CheckpointError.sizeMalformed
            }
        } catch {
            throw SequencerFailure.integrity("the checkpoint of size \(size) is refused: \(error)")
        }
    }

    private func check(refusal entry: Hash) throws {
        guard try store.index(of: entry) == nil, let stored = try store.refusal(entry),
            let receipt = RefusalReceipt(verifying: stored.receipt, logKey: logKey),
            receipt.entry == entry, receipt.code == stored.code, receipt.origin == logKey.name
        else {
            throw SequencerFailure.integrity("the refusal of \(entry.hex) is not what it claims")
        }
    }

    private func checkCursors(_ replay: LedgerReplay) throws {
        let cursors = try store.cursors()
        for (id, device) in replay.state.devices where device.lastSequence > 0 {
            let cursor = cursors[id] ?? DeviceCursor(sequence: 0, last: .zero)
            var isKnown = try store.index(of: cursor.last) != nil
            if !isKnown { isKnown = try store.refusal(cursor.last) != nil }
            guard isKnown, cursor.sequence >= device.lastSequence else {
                throw SequencerFailure.integrity("the cursor of device \(id.text) is behind")
            }
        }
    }
}
