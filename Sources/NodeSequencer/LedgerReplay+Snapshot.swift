internal import LedgerCore

// What a snapshot stands for is taken over from it.
extension LedgerReplay {
    /// How many leaves are read and hashed together: a power of two, so that runs are whole subtrees.
    private static let leafCount = 4_096

    /// Reads the newest snapshot and sees that it is of the first entries of a store.
    ///
    /// - Returns: `nil` if there is none.
    /// - Throws: `SnapshotDefect`; store errors.
    static func snapshot(
        _ snapshots: any SnapshotKeeper, atMost size: Int, logKey: VerifierKey
    ) throws -> LedgerSnapshot? {
        let bytes: [UInt8]
        do {
            guard let newest = try snapshots.newest() else { return nil }
            bytes = newest
        } catch {
            throw SnapshotDefect.unreadable
        }
        let snapshot = try LedgerSnapshot(verifying: bytes, logKey: logKey)
        guard snapshot.size <= size else { throw SnapshotDefect.ahead }
        return snapshot
    }

    /// The tree of the leaves that a snapshot covers: of the kept roots of pieces, or, where those do
    /// not lead to its root, of all leaves.
    ///
    /// - Throws: `SnapshotDefect.otherHistory` if those do not either; store errors.
    static func tree(of store: any LedgerStore, covered snapshot: LedgerSnapshot) async throws
        -> MerkleLog
    {
        for kept in [roots(in: try store.pieceRuns(), atMost: snapshot.size), []] {
            let tree = try await tree(
                on: MerkleLog(pieceRoots: kept), of: store, size: snapshot.size)
            if tree.size == snapshot.size, tree.root == snapshot.root { return tree }
        }
        throw SnapshotDefect.otherHistory
    }

    /// The roots of the first pieces without a gap.
    private static func roots(in runs: [PieceRun], atMost size: Int) -> [Hash] {
        var roots = [Hash]()
        for run in runs {
            guard run.start == roots.count * MerkleLog.pieceLeafCount else { break }
            roots += run.roots
        }
        return Array(roots.prefix(size / MerkleLog.pieceLeafCount))
    }

    /// A tree that is continued to the first `size` leaves, or to fewer if some are missing.
    private static func tree(on first: MerkleLog, of store: any LedgerStore, size: Int)
        async throws -> MerkleLog
    {
        var tree = first
        let reader = PieceReader(store: store)
        // Up to where runs of leaves are whole subtrees.
        let seam = min((tree.size + leafCount - 1) / leafCount * leafCount, size)
        for hash in try reader.leafHashes(tree.size..<seam) { tree.append(leafHash: hash) }
        guard tree.size == seam else { return tree }
        try await Parallel.pieces(of: size - seam, each: leafCount) { range in
            MerkleLog(
                leafHashes: try reader.leafHashes(
                    seam + range.lowerBound..<seam + range.upperBound))
        } inOrder: { run in
            tree.append(run)
        }
        return tree
    }
}
