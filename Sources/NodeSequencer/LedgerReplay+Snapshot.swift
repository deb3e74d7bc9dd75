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
        let roots = roots(in: store, atMost: snapshot.size)
        for kept in roots.isEmpty ? [[]] : [roots, []] {
            let tree = try await tree(
                on: MerkleLog(pieceRoots: kept), of: store, size: snapshot.size)
            if tree.size == snapshot.size, tree.root == snapshot.root { return tree }
        }
        throw SnapshotDefect.otherHistory
    }

    /// The roots of the first pieces without a gap; none where they cannot be read: leaves give them.
    private static func roots(in store: any LedgerStore, atMost size: Int) -> [Hash] {
        var roots = [Hash]()
        for run in (try? store.pieceRuns()) ?? [] {
            let first = run.start / MerkleLog.pieceLeafCount
            guard first <= roots.count else { break }
            // A run that was begun after a start from an older snapshot holds from its first leaf on.
            roots.removeSubrange(first...)
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
        var isWhole = true
        try await Parallel.pieces(of: size - seam, each: leafCount) { range in
            MerkleLog(
                leafHashes: try reader.leafHashes(
                    seam + range.lowerBound..<seam + range.upperBound))
        } inOrder: { run in
            guard isWhole else { return }
            tree.append(run)
            isWhole = run.size == leafCount
        }
        return tree
    }
}
