internal import LedgerCore

// What a snapshot stands for is taken over from it; all leaves are read all the same.
extension LedgerReplay {
    /// How many leaves are read and hashed together: a power of two, so that pieces are whole
    /// subtrees.
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

    /// The tree of the first `size` leaves, or of fewer if some are missing.
    static func tree(of store: any LedgerStore, size: Int) async throws -> MerkleLog {
        var tree = MerkleLog()
        try await Parallel.pieces(of: size, each: leafCount) { range in
            let leaves = try store.leaves(
                from: LeafIndex(range.lowerBound), to: LeafIndex(range.upperBound))
            return MerkleLog(leafHashes: leaves.map { MerkleTree.leafHash($0) })
        } inOrder: { piece in
            tree.append(piece)
        }
        return tree
    }

    /// The ids of the first `size` entries.
    ///
    /// - Throws: `SnapshotDefect.otherHistory` if there are fewer; store errors.
    static func known(in store: any LedgerStore, size: Int) async throws -> KnownEntries {
        var known = KnownEntries(capacity: size)
        var count = 0
        // By their first byte, in as many pieces as are worth it.
        let bytes = 256
        try await Parallel.pieces(of: bytes, each: size > leafCount ? 8 : bytes) { range in
            try store.entryIDs(
                below: LeafIndex(size),
                startingWith: UInt8(range.lowerBound)...UInt8(range.upperBound - 1))
        } inOrder: { ids in
            for id in ids { known.addStored(id) }
            count += ids.count
        }
        guard count == size else { throw SnapshotDefect.otherHistory }
        return known
    }
}
