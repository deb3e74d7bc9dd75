/// Why a Merkle log cannot answer: it does not hold what was asked for.
package enum MerkleLogError: Error, Hashable, Sendable {
    /// The tree size is negative or larger than the log.
    case sizeOutsideLog
    /// The leaf index is negative or not below the tree size.
    case indexOutsideTree
    /// The older tree size is negative or larger than the newer one.
    case sizesOutOfOrder
}

/// An append-only Merkle tree in memory: the hash of every complete subtree.
///
///     levels[2]   h(0..<4)
///     levels[1]   h(0..<2)  h(2..<4)  h(4..<6)
///     levels[0]   leaf 0 … leaf 6
///
/// `levels[k][i]` is the hash of the leaves `i << k ..< (i + 1) << k`; subtrees that still grow
/// are not stored. About 64 bytes for each leaf.
package struct MerkleLog: Sendable {
    private var levels: [[Hash]]

    /// Makes a log without leaves.
    package init() {
        levels = [[]]
    }

    /// Makes a log from stored leaf hashes, in order.
    ///
    /// - Complexity: O(number of leaves); one SHA-256 for each leaf at most.
    package init(leafHashes: [Hash]) {
        levels = [leafHashes]
        while let below = levels.last, below.count > 1 {
            var level = [Hash]()
            level.reserveCapacity(below.count / 2)
            for index in 0..<below.count / 2 {
                level.append(MerkleTree.nodeHash(below[2 * index], below[2 * index + 1]))
            }
            levels.append(level)
        }
    }

    /// The number of leaves.
    package var size: Int { levels[0].count }

    /// The hash of the leaf at `index`, which must be below `size`.
    package func leafHash(at index: Int) -> Hash { levels[0][index] }

    /// Appends a leaf and returns its index.
    @discardableResult
    package mutating func append(leafData: [UInt8]) -> Int {
        append(leafHash: MerkleTree.leafHash(leafData))
    }

    /// Appends the hash of a leaf and returns its index.
    ///
    /// - Complexity: O(1) amortised, one SHA-256 on average.
    @discardableResult
    package mutating func append(leafHash: Hash) -> Int {
        levels[0].append(leafHash)
        addParents(from: 0)
        return levels[0].count - 1
    }

    /// Appends all leaves of another log, whose subtrees become subtrees of this one.
    ///
    /// - Precondition: `size` is a multiple of the smallest power of two that is not below the other
    ///   log's size: pieces of so many leaves, hashed each by itself, make one log again.
    /// - Complexity: no more than one SHA-256 for each level, beside copying.
    package mutating func append(_ other: MerkleLog) {
        guard other.size > 0 else { return }
        // The other log's levels end where it is one subtree, or where it begins to be ragged.
        let top = other.levels.count - 1
        let isWhole = other.size == 1 << top
        precondition(
            size.isMultiple(of: 1 << (isWhole ? top : top + 1)), "a piece lies across subtrees")
        while levels.count < other.levels.count { levels.append([]) }
        for (level, hashes) in other.levels.enumerated() { levels[level] += hashes }
        if isWhole { addParents(from: top) }
    }

    /// Adds the parents of the newest hash of a level.
    private mutating func addParents(from start: Int) {
        var level = start
        while levels[level].count.isMultiple(of: 2) {
            let end = levels[level].count
            let parent = MerkleTree.nodeHash(levels[level][end - 2], levels[level][end - 1])
            level += 1
            if level == levels.count { levels.append([]) }
            levels[level].append(parent)
        }
    }

    /// Takes back the newest leaves so that `newSize` are left: an aborted batch.
    ///
    /// - Throws: `sizeOutsideLog` if there are fewer; the log is then unchanged.
    package mutating func truncate(to newSize: Int) throws(MerkleLogError) {
        guard (0...size).contains(newSize) else { throw .sizeOutsideLog }
        for level in levels.indices {
            levels[level].removeLast(levels[level].count - (newSize >> level))
        }
        while levels.count > 1, levels[levels.count - 1].isEmpty { levels.removeLast() }
    }

    /// The root hash of all leaves.
    package var root: Hash { size == 0 ? MerkleTree.emptyRoot : subtreeHash(from: 0, to: size) }

    /// Returns the root hash of the first `treeSize` leaves.
    ///
    /// `treeSize` is a number of leaves, `0...size`; 0 gives the hash of no bytes.
    ///
    /// - Throws: `sizeOutsideLog`.
    /// - Complexity: O(log `treeSize`) hashes.
    package func root(size treeSize: Int) throws(MerkleLogError) -> Hash {
        guard (0...size).contains(treeSize) else { throw .sizeOutsideLog }
        return treeSize == 0 ? MerkleTree.emptyRoot : subtreeHash(from: 0, to: treeSize)
    }

    /// Returns the proof that the leaf at `index` is in the first `treeSize` leaves.
    ///
    /// - Throws: `sizeOutsideLog`, `indexOutsideTree`.
    /// - Complexity: O(log `treeSize`) hashes. RFC 6962 §2.1.1.
    package func inclusionProof(index: Int, size treeSize: Int) throws(MerkleLogError)
        -> InclusionProof
    {
        guard (0...size).contains(treeSize) else { throw .sizeOutsideLog }
        guard (0..<treeSize).contains(index) else { throw .indexOutsideTree }
        var hashes = [Hash]()
        hashes.reserveCapacity(treeSize.bitWidth - treeSize.leadingZeroBitCount)
        var start = 0
        var end = treeSize
        while end - start > 1 {
            let middle = start + MerkleLog.split(end - start)
            if index < middle {
                hashes.append(subtreeHash(from: middle, to: end))
                end = middle
            } else {
                hashes.append(subtreeHash(from: start, to: middle))
                start = middle
            }
        }
        hashes.reverse()
        return InclusionProof(leafIndex: index, treeSize: treeSize, hashes: hashes)
    }

    /// Returns the proof that the first `old` leaves begin the first `new` leaves.
    ///
    /// It has no hashes where `old` is 0 or equals `new`.
    ///
    /// - Throws: `sizeOutsideLog`, `sizesOutOfOrder`.
    /// - Complexity: O(log `new`) hashes. RFC 6962 §2.1.2.
    package func consistencyProof(old: Int, new: Int) throws(MerkleLogError) -> ConsistencyProof {
        guard (0...size).contains(new) else { throw .sizeOutsideLog }
        guard (0...new).contains(old) else { throw .sizesOutOfOrder }
        var hashes = [Hash]()
        guard old > 0, old < new else {
            return ConsistencyProof(oldSize: old, newSize: new, hashes: hashes)
        }
        var start = 0
        var end = new
        while end != old {
            let middle = start + MerkleLog.split(end - start)
            if old <= middle {
                hashes.append(subtreeHash(from: middle, to: end))
                end = middle
            } else {
                hashes.append(subtreeHash(from: start, to: middle))
                start = middle
            }
        }
        // The verifier knows the old root; it needs this subtree only where it is not that root.
        if start > 0 { hashes.append(subtreeHash(from: start, to: end)) }
        hashes.reverse()
        return ConsistencyProof(oldSize: old, newSize: new, hashes: hashes)
    }

    /// Returns the bytes of a tile of hashes, or `nil` if the log does not hold all of it.
    ///
    /// `width` is the number of hashes, `1...256`; the tile has 32 bytes for each.
    package func tile(level: Int, index: Int, width: Int) -> [UInt8]? {
        guard (0...TilePath.maxLevel).contains(level), (1...TilePath.fullWidth).contains(width),
            index >= 0, 8 * level < levels.count
        else { return nil }
        let hashes = levels[8 * level]
        guard index <= hashes.count / TilePath.fullWidth else { return nil }
        let start = index * TilePath.fullWidth
        guard start + width <= hashes.count else { return nil }
        var bytes = [UInt8]()
        bytes.reserveCapacity(width * Hash.byteCount)
        for hash in hashes[start..<start + width] {
            hash.withBytes { bytes.append(contentsOf: $0) }
        }
        return bytes
    }

    /// Returns the hash of the leaves `start..<end`.
    ///
    /// `start` is a multiple of the smallest power of two that is not below `end - start`, as in
    /// every subtree the proofs need, so the range is a run of stored complete subtrees, the
    /// largest first: one for each bit of its length.
    private func subtreeHash(from start: Int, to end: Int) -> Hash {
        var bits = end - start
        var level = bits.trailingZeroBitCount
        var hash = levels[level][(end >> level) - 1]
        bits &= bits - 1
        while bits != 0 {
            level = bits.trailingZeroBitCount
            hash = MerkleTree.nodeHash(levels[level][((start + bits) >> level) - 1], hash)
            bits &= bits - 1
        }
        return hash
    }

    /// The largest power of two below `count`, which is at least 2.
    private static func split(_ count: Int) -> Int {
        1 << (Int.bitWidth - 1 - (count - 1).leadingZeroBitCount)
    }
}
