package import LedgerCore

/// Consistency proofs made on this machine from the log's own tiles, as C2SP clients do.
package struct TileProof: Equatable, Sendable {
    /// The number of leaves of the older tree, above 0.
    package let oldSize: Int
    /// The number of leaves of the newer tree, above `oldSize`.
    package let newSize: Int
    private let subtrees: [Range<Int>]

    /// Plans the proof that the first `oldSize` leaves begin the first `newSize`.
    ///
    /// - Precondition: `0 < oldSize < newSize`.
    package init(oldSize: Int, newSize: Int) {
        precondition(0 < oldSize && oldSize < newSize, "nothing has to be proven")
        self.oldSize = oldSize
        self.newSize = newSize
        subtrees = TileProof.subtrees(oldSize: oldSize, newSize: newSize)
    }

    /// The tiles it needs, each once: at most two for each eight levels of the tree.
    package var tiles: [TilePath] {
        var paths = [TilePath]()
        for node in subtrees.flatMap(TileProof.nodes) {
            guard let path = tile(of: node), !paths.contains(path) else { continue }
            paths.append(path)
        }
        return paths
    }

    /// Makes the proof.
    ///
    /// - Parameter tiles: The bytes of each tile of `tiles`; a full tile may stand for a partial
    ///   one.
    /// - Returns: the proof, which proves nothing before it is verified; `nil` if a tile is
    ///   missing or too short.
    package func proof(from tiles: [TilePath: [UInt8]]) -> ConsistencyProof? {
        var hashes = [Hash]()
        for subtree in subtrees {
            var parts = [Hash]()
            for node in TileProof.nodes(of: subtree) {
                guard let hash = hash(of: node, in: tiles) else { return nil }
                parts.append(hash)
            }
            guard var hash = parts.popLast() else { return nil }
            while let left = parts.popLast() { hash = MerkleTree.nodeHash(left, hash) }
            hashes.append(hash)
        }
        return ConsistencyProof(oldSize: oldSize, newSize: newSize, hashes: hashes)
    }

    /// A complete subtree: the leaves `index << level ..< (index + 1) << level`.
    private struct Node {
        let level: Int
        let index: Int
    }

    /// The subtrees of RFC 6962 §2.1.2, from the leaves' side up.
    private static func subtrees(oldSize: Int, newSize: Int) -> [Range<Int>] {
        var subtrees = [Range<Int>]()
        var start = 0
        var end = newSize
        while end != oldSize {
            let count = end - start
            let middle = start + 1 << (Int.bitWidth - 1 - (count - 1).leadingZeroBitCount)
            if oldSize <= middle {
                subtrees.append(middle..<end)
                end = middle
            } else {
                subtrees.append(start..<middle)
                start = middle
            }
        }
        if start > 0 { subtrees.append(start..<end) }
        return subtrees.reversed()
    }

    /// The complete subtrees a range is made of, the largest first.
    private static func nodes(of range: Range<Int>) -> [Node] {
        var nodes = [Node]()
        var start = range.lowerBound
        while start < range.upperBound {
            let level = Int.bitWidth - 1 - (range.upperBound - start).leadingZeroBitCount
            nodes.append(Node(level: level, index: start >> level))
            start += 1 << level
        }
        return nodes
    }

    /// A node at level 8k + r stands over 2^r neighbouring hashes of a tile at level k.
    private func place(of node: Node) -> (level: Int, index: Int, first: Int, count: Int) {
        let row = node.level % 8
        let first = node.index << row
        return (
            node.level / 8, first / TilePath.fullWidth, first % TilePath.fullWidth, 1 << row
        )
    }

    private func tile(of node: Node) -> TilePath? {
        let place = place(of: node)
        let content = TilePath.Content.hashes(level: place.level)
        let width = TilePath.width(content, index: place.index, treeSize: newSize)
        return TilePath(content: content, index: place.index, width: width)
    }

    private func hash(of node: Node, in tiles: [TilePath: [UInt8]]) -> Hash? {
        let place = place(of: node)
        guard let path = tile(of: node), let bytes = tiles[path],
            bytes.count >= (place.first + place.count) * Hash.byteCount
        else { return nil }
        var hashes = (place.first..<place.first + place.count).compactMap { position in
            Hash(bytes: bytes[position * Hash.byteCount..<(position + 1) * Hash.byteCount])
        }
        while hashes.count > 1 {
            hashes = stride(from: 0, to: hashes.count, by: 2).map {
                MerkleTree.nodeHash(hashes[$0], hashes[$0 + 1])
            }
        }
        return hashes.first
    }
}
