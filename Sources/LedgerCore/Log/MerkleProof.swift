/// Why a proof does not show what it claims.
package enum ProofError: Error, Hashable, Sendable {
    /// The leaf index is negative or not below the tree size.
    case indexOutsideTree
    /// A size is negative, or the older size is larger than the newer one.
    case sizesOutOfOrder
    /// There are more or fewer hashes than a tree of this size needs.
    case hashCountWrong
    /// The hashes do not lead to the root of the older tree.
    case oldRootMismatch
    /// The hashes do not lead to the root of the tree.
    case rootMismatch
}

/// The hashes that lead from a leaf to the root of a tree.
package struct InclusionProof: Hashable, Sendable {
    /// The place of the leaf, from 0.
    package let leafIndex: Int

    /// The number of leaves of the tree.
    package let treeSize: Int

    /// The sibling of the leaf first, up to the child of the root.
    package let hashes: [Hash]

    /// Makes a proof from what was received; nothing is checked before `verify`.
    package init(leafIndex: Int, treeSize: Int, hashes: [Hash]) {
        self.leafIndex = leafIndex
        self.treeSize = treeSize
        self.hashes = hashes
    }

    /// Checks that the leaf with `leafHash` is at `leafIndex` of the tree with `root`.
    ///
    /// - Throws: `indexOutsideTree`, `hashCountWrong`, `rootMismatch`. RFC 9162 §2.1.3.2.
    package func verify(leafHash: Hash, root: Hash) throws(ProofError) {
        guard leafIndex >= 0, leafIndex < treeSize else { throw .indexOutsideTree }
        var node = leafIndex
        var last = treeSize - 1
        var hash = leafHash
        for sibling in hashes {
            guard last != 0 else { throw .hashCountWrong }
            if node & 1 == 1 || node == last {
                hash = MerkleTree.nodeHash(sibling, hash)
                while node & 1 == 0, node != 0 {
                    node >>= 1
                    last >>= 1
                }
            } else {
                hash = MerkleTree.nodeHash(hash, sibling)
            }
            node >>= 1
            last >>= 1
        }
        guard last == 0 else { throw .hashCountWrong }
        guard hash == root else { throw .rootMismatch }
    }
}

/// The hashes that show that an older tree is the beginning of a newer one.
package struct ConsistencyProof: Hashable, Sendable {
    /// The number of leaves of the older tree.
    package let oldSize: Int

    /// The number of leaves of the newer tree.
    package let newSize: Int

    /// The hashes, from the leaves' side up.
    package let hashes: [Hash]

    /// Makes a proof from what was received; nothing is checked before `verify`.
    package init(oldSize: Int, newSize: Int, hashes: [Hash]) {
        self.oldSize = oldSize
        self.newSize = newSize
        self.hashes = hashes
    }

    /// Checks that the tree with `oldRoot` is the beginning of the tree with `newRoot`.
    ///
    /// Equal sizes need equal roots and no hashes. An older tree without leaves begins every
    /// tree: it needs the empty root and no hashes.
    ///
    /// - Throws: any `ProofError` but `indexOutsideTree`. RFC 9162 §2.1.4.2.
    package func verify(oldRoot: Hash, newRoot: Hash) throws(ProofError) {
        guard oldSize >= 0, oldSize <= newSize else { throw .sizesOutOfOrder }
        if oldSize == 0 || oldSize == newSize {
            guard hashes.isEmpty else { throw .hashCountWrong }
            if oldSize == 0, oldRoot != MerkleTree.emptyRoot { throw .oldRootMismatch }
            if oldSize == newSize, oldRoot != newRoot { throw .rootMismatch }
            return
        }
        guard let first = hashes.first else { throw .hashCountWrong }
        let oldIsComplete = oldSize & (oldSize - 1) == 0
        // Skip the levels at which the older tree's last node is a right child: the proof starts
        // with the largest complete subtree that ends the older tree.
        let skipped = (~(oldSize - 1)).trailingZeroBitCount
        var node = (oldSize - 1) >> skipped
        var last = (newSize - 1) >> skipped
        var oldHash = oldIsComplete ? oldRoot : first
        var newHash = oldHash
        for hash in oldIsComplete ? hashes[...] : hashes.dropFirst() {
            guard last != 0 else { throw .hashCountWrong }
            if node & 1 == 1 || node == last {
                oldHash = MerkleTree.nodeHash(hash, oldHash)
                newHash = MerkleTree.nodeHash(hash, newHash)
                while node & 1 == 0, node != 0 {
                    node >>= 1
                    last >>= 1
                }
            } else {
                newHash = MerkleTree.nodeHash(newHash, hash)
            }
            node >>= 1
            last >>= 1
        }
        guard last == 0 else { throw .hashCountWrong }
        guard oldHash == oldRoot else { throw .oldRootMismatch }
        guard newHash == newRoot else { throw .rootMismatch }
    }
}
