/// Why a Merkle log cannot answer: it does not hold what was asked for.
package enum MerkleLogError: Error, Hashable, Sendable {
    /// The tree size is negative or larger than the log.
    case sizeOutsideLog
    /// The leaf index is negative or not below the tree size.
    case indexOutsideTree
    /// The older tree size is negative or larger than the newer one.
    case sizesOutOfOrder
    /// The hashes of this piece were let go, and it was not passed.
    case pieceNotHeld(Int)
    /// What was passed as this piece has another hash.
    case pieceWrong(Int)
}

/// An append-only Merkle tree in memory: the hash of every complete subtree.
///
///     levels[2]   h(0..<4)
///     levels[1]   h(0..<2)  h(2..<4)  h(4..<6)
///     levels[0]   leaf 0 … leaf 6
///
/// `levels[k][i]` is the hash of the leaves `i << k ..< (i + 1) << k`; subtrees that still grow
/// are not stored. About 64 bytes for each leaf.
///
/// A *piece* is a complete subtree of 16 leaves. What lies below the roots of the first pieces can be
/// let go: then a leaf takes four bytes, and who asks for a hash there passes the piece, which has to
/// have the root that is held.
package struct MerkleLog: Sendable {
    /// The first hashes of the lower levels may be gone: those of the settled leaves.
    private var levels: [[Hash]]
    /// The number of first leaves of which only what lies at or above the roots of pieces is held.
    package private(set) var settledSize = 0

    /// Pieces by their number, each a log of its leaves.
    package typealias Pieces = [Int: MerkleLog]

    private static let pieceLevel = 4
    /// The number of leaves of a piece.
    package static let pieceLeafCount = 1 << pieceLevel

    /// Makes a log without leaves.
    package init() {
        levels = [[]]
    }

    /// Makes a log from stored leaf hashes, in order.
    ///
    /// - Complexity: O(number of leaves); one SHA-256 for each leaf at most.
    package init(leafHashes: [Hash]) {
        levels = [leafHashes]
        addLevels()
    }

    /// Makes a log of whole pieces, of which nothing but the roots is known.
    ///
    /// - Complexity: O(number of pieces); one SHA-256 for each at most.
    package init(pieceRoots: [Hash]) {
        levels = [[]]
        guard !pieceRoots.isEmpty else { return }
        settledSize = pieceRoots.count << MerkleLog.pieceLevel
        levels = Array(repeating: [], count: MerkleLog.pieceLevel) + [pieceRoots]
        addLevels()
    }

    private mutating func addLevels() {
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
    package var size: Int { settledSize + levels[0].count }

    /// How many of the first hashes of a level are gone.
    private func gone(_ level: Int) -> Int {
        level < MerkleLog.pieceLevel ? settledSize >> level : 0
    }

    /// Lets go of what lies below the roots of the pieces among the first `size` leaves.
    ///
    /// - Complexity: O(leaves that are still held below).
    package mutating func settle(_ size: Int) {
        let settled = (min(size, self.size) >> MerkleLog.pieceLevel) << MerkleLog.pieceLevel
        guard settled > settledSize else { return }
        for level in 0..<MerkleLog.pieceLevel {
            // A new array: the old one would keep its room.
            levels[level] = Array(levels[level].dropFirst((settled - settledSize) >> level))
        }
        settledSize = settled
    }

    /// The roots of the whole pieces among the first `end` leaves, from the one that starts at leaf
    /// `start`, a multiple of 16, on.
    package func pieceRoots(from start: Int, to end: Int) -> ArraySlice<Hash> {
        let first = start >> MerkleLog.pieceLevel
        let last = min(end, size) >> MerkleLog.pieceLevel
        return first < last ? levels[MerkleLog.pieceLevel][first..<last] : []
    }

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
        return size - 1
    }

    /// Appends all leaves of another log, whose subtrees become subtrees of this one.
    ///
    /// - Precondition: `size` is a multiple of the smallest power of two that is not below the other
    ///   log's size: runs of so many leaves, hashed each by itself, make one log again. The other log
    ///   holds all of its leaves.
    /// - Complexity: no more than one SHA-256 for each level, beside copying.
    package mutating func append(_ other: MerkleLog) {
        guard other.size > 0 else { return }
        // The other log's levels end where it is one subtree, or where it begins to be ragged.
        let top = other.levels.count - 1
        let isWhole = other.size == 1 << top
        precondition(
            other.settledSize == 0 && size.isMultiple(of: 1 << (isWhole ? top : top + 1)),
            "a run lies across subtrees")
        while levels.count < other.levels.count { levels.append([]) }
        for (level, hashes) in other.levels.enumerated() { levels[level] += hashes }
        if isWhole { addParents(from: top) }
    }

    /// Adds the parents of the newest hash of a level.
    private mutating func addParents(from start: Int) {
        var level = start
        // Pairs that are gone went whole: the count is even for the whole level where it is here.
        while levels[level].count.isMultiple(of: 2) {
            let end = levels[level].count
            let parent = MerkleTree.nodeHash(levels[level][end - 2], levels[level][end - 1])
            level += 1
            if level == levels.count { levels.append([]) }
            levels[level].append(parent)
        }
    }

    /// The root hash of all leaves.
    package var root: Hash {
        guard size > 0 else { return MerkleTree.emptyRoot }
        // What the last piece still lacks to be whole is never let go.
        return MerkleLog.subtreeHash(from: 0, to: size) { level, index in
            levels[level][index - gone(level)]
        }
    }

    /// Returns the root hash of the first `treeSize` leaves.
    ///
    /// `treeSize` is a number of leaves, `0...size`; 0 gives the hash of no bytes.
    ///
    /// - Throws: `sizeOutsideLog`; for settled leaves `pieceNotHeld`, `pieceWrong`.
    /// - Complexity: O(log `treeSize`) hashes.
    package func root(size treeSize: Int, _ pieces: Pieces = [:]) throws(MerkleLogError) -> Hash {
        guard (0...size).contains(treeSize) else { throw .sizeOutsideLog }
        guard treeSize > 0 else { return MerkleTree.emptyRoot }
        return try subtreeHash(from: 0, to: treeSize, pieces)
    }

    /// Returns the proof that the leaf at `index` is in the first `treeSize` leaves.
    ///
    /// - Throws: `sizeOutsideLog`, `indexOutsideTree`; for settled leaves `pieceNotHeld`, `pieceWrong`.
    /// - Complexity: O(log `treeSize`) hashes. RFC 6962 §2.1.1.
    package func inclusionProof(index: Int, size treeSize: Int, _ pieces: Pieces = [:])
        throws(MerkleLogError) -> InclusionProof
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
                hashes.append(try subtreeHash(from: middle, to: end, pieces))
                end = middle
            } else {
                hashes.append(try subtreeHash(from: start, to: middle, pieces))
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
    /// - Throws: `sizeOutsideLog`, `sizesOutOfOrder`; for settled leaves `pieceNotHeld`, `pieceWrong`.
    /// - Complexity: O(log `new`) hashes. RFC 6962 §2.1.2.
    package func consistencyProof(old: Int, new: Int, _ pieces: Pieces = [:])
        throws(MerkleLogError) -> ConsistencyProof
    {
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
                hashes.append(try subtreeHash(from: middle, to: end, pieces))
                end = middle
            } else {
                hashes.append(try subtreeHash(from: start, to: middle, pieces))
                start = middle
            }
        }
        // The verifier knows the old root; it needs this subtree only where it is not that root.
        if start > 0 { hashes.append(try subtreeHash(from: start, to: end, pieces)) }
        hashes.reverse()
        return ConsistencyProof(oldSize: old, newSize: new, hashes: hashes)
    }

    /// Returns the bytes of a tile of hashes, or `nil` if the log does not have all of it.
    ///
    /// `width` is the number of hashes, `1...256`; the tile has 32 bytes for each.
    ///
    /// - Throws: for settled leaves `pieceNotHeld`, `pieceWrong`.
    package func tile(level: Int, index: Int, width: Int, _ pieces: Pieces = [:])
        throws(MerkleLogError) -> [UInt8]?
    {
        guard (0...TilePath.maxLevel).contains(level), (1...TilePath.fullWidth).contains(width),
            index >= 0, 8 * level < levels.count
        else { return nil }
        let count = size >> (8 * level)
        guard index <= count / TilePath.fullWidth else { return nil }
        let start = index * TilePath.fullWidth
        guard start + width <= count else { return nil }
        var bytes = [UInt8]()
        bytes.reserveCapacity(width * Hash.byteCount)
        for index in start..<start + width {
            try hash(8 * level, index, pieces).withBytes { bytes.append(contentsOf: $0) }
        }
        return bytes
    }

    /// Returns the hash of a complete subtree.
    private func hash(_ level: Int, _ index: Int, _ pieces: Pieces) throws(MerkleLogError) -> Hash {
        let held = index - gone(level)
        guard held < 0 else { return levels[level][held] }
        let below = MerkleLog.pieceLevel - level
        let number = index >> below
        guard let piece = pieces[number] else { throw .pieceNotHeld(number) }
        guard piece.size == MerkleLog.pieceLeafCount,
            piece.root == levels[MerkleLog.pieceLevel][number]
        else { throw .pieceWrong(number) }
        return piece.levels[level][index - (number << below)]
    }

    private func subtreeHash(from start: Int, to end: Int, _ pieces: Pieces)
        throws(MerkleLogError) -> Hash
    {
        try MerkleLog.subtreeHash(from: start, to: end) { level, index throws(MerkleLogError) in
            try hash(level, index, pieces)
        }
    }

    /// Returns the hash of the leaves `start..<end`.
    ///
    /// `start` is a multiple of the smallest power of two that is not below `end - start`, as in
    /// every subtree the proofs need, so the range is a run of complete subtrees, the largest
    /// first: one for each bit of its length. `hash` gives them by level and index.
    private static func subtreeHash<Failure>(
        from start: Int, to end: Int, _ hash: (Int, Int) throws(Failure) -> Hash
    ) throws(Failure) -> Hash {
        var bits = end - start
        var level = bits.trailingZeroBitCount
        var result = try hash(level, (end >> level) - 1)
        bits &= bits - 1
        while bits != 0 {
            level = bits.trailingZeroBitCount
            result = MerkleTree.nodeHash(try hash(level, ((start + bits) >> level) - 1), result)
            bits &= bits - 1
        }
        return result
    }

    /// The largest power of two below `count`, which is at least 2.
    private static func split(_ count: Int) -> Int {
        1 << (Int.bitWidth - 1 - (count - 1).leadingZeroBitCount)
    }
}
