import LedgerCore
import Testing

/// Sizes below this are tried one by one.
private let bound = 80

/// Leaf hashes 0, 1, … and a log of them.
private let leafHashes = (0..<bound).map { MerkleTree.leafHash(Array("leaf \($0)".utf8)) }
private let log = MerkleLog(leafHashes: leafHashes)

/// The definitions of RFC 6962 §2.1, word for word.
private enum Reference {
    static func root(_ leaves: ArraySlice<Hash>) -> Hash {
        guard leaves.count > 1 else { return leaves.first ?? MerkleTree.emptyRoot }
        let (left, right) = split(leaves)
        return MerkleTree.nodeHash(root(left), root(right))
    }

    static func path(_ index: Int, _ leaves: ArraySlice<Hash>) -> [Hash] {
        guard leaves.count > 1 else { return [] }
        let (left, right) = split(leaves)
        return index < left.count
            ? path(index, left) + [root(right)]
            : path(index - left.count, right) + [root(left)]
    }

    static func proof(_ old: Int, _ leaves: ArraySlice<Hash>, known: Bool) -> [Hash] {
        if old == leaves.count { return known ? [] : [root(leaves)] }
        let (left, right) = split(leaves)
        return old <= left.count
            ? proof(old, left, known: known) + [root(right)]
            : proof(old - left.count, right, known: false) + [root(left)]
    }

    private static func split(_ leaves: ArraySlice<Hash>) -> (ArraySlice<Hash>, ArraySlice<Hash>) {
        var count = 1
        while count * 2 < leaves.count { count *= 2 }
        return (leaves.prefix(count), leaves.dropFirst(count))
    }
}

private func flipped(_ hash: Hash, bit: Int) throws -> Hash {
    var bytes = hash.bytes
    bytes[bit / 8] ^= 1 << (bit % 8)
    return try #require(Hash(bytes: bytes))
}

/// Whether checking succeeds.
private func holds(_ check: () throws(ProofError) -> Void) -> Bool {
    do {
        try check()
        return true
    } catch {
        return false
    }
}

@Suite struct MerkleLogTests {
    @Test(arguments: [1, 2, 4, 8, 64])
    func `pieces hashed each by itself make the same log`(width: Int) throws {
        for size in 0..<bound {
            var pieces = MerkleLog()
            for start in stride(from: 0, to: size, by: width) {
                pieces.append(
                    MerkleLog(leafHashes: Array(leafHashes[start..<min(start + width, size)])))
            }
            #expect(pieces.size == size)
            for part in 0...size { #expect(try pieces.root(size: part) == log.root(size: part)) }
            // It goes on growing as any other.
            for hash in leafHashes[size...] { pieces.append(leafHash: hash) }
            #expect(pieces.root == log.root)
        }
    }

    @Test func `the roots of the eight well-known leaves are the published ones`() throws {
        let leaves = [
            "", "00", "10", "2021", "3031", "40414243", "5051525354555657",
            "606162636465666768696a6b6c6d6e6f",
        ]
        let roots = [
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
            "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
            "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
            "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
            "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
            "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
            "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
        ]
        var log = MerkleLog()
        #expect(log.root.hex == roots[0])
        for (index, leaf) in leaves.enumerated() {
            #expect(log.append(leafData: try #require(Hex.decode(leaf))) == index)
            #expect(log.root.hex == roots[index + 1])
        }
        for (size, root) in roots.enumerated() { #expect(try log.root(size: size).hex == root) }
    }

    @Test func `every root of every smaller size is the one RFC 6962 defines`() throws {
        var grown = MerkleLog()
        for size in 0..<bound {
            let expected = Reference.root(leafHashes.prefix(size))
            #expect(grown.root == expected)
            #expect(MerkleLog(leafHashes: Array(leafHashes.prefix(size))).root == expected)
            #expect(try log.root(size: size) == expected)
            grown.append(leafHash: leafHashes[size])
        }
    }

    @Test func `every inclusion proof is the one RFC 6962 defines and verifies`() throws {
        for size in 1..<bound {
            let root = try log.root(size: size)
            for index in 0..<size {
                let proof = try log.inclusionProof(index: index, size: size)
                #expect(proof.hashes == Reference.path(index, leafHashes.prefix(size)))
                #expect(
                    holds { () throws(ProofError) in
                        try proof.verify(leafHash: leafHashes[index], root: root)
                    })
            }
        }
    }

    @Test func `an inclusion proof fails for each flipped hash, other index or length`() throws {
        for size in 1..<bound {
            let root = try log.root(size: size)
            for index in 0..<size {
                let hashes = try log.inclusionProof(index: index, size: size).hashes
                func fails(_ index: Int, _ hashes: [Hash], _ leaf: Hash, _ root: Hash) -> Bool {
                    let proof = InclusionProof(leafIndex: index, treeSize: size, hashes: hashes)
                    return !holds { () throws(ProofError) in
                        try proof.verify(leafHash: leaf, root: root)
                    }
                }
                let leaf = leafHashes[index]
                let bit = (index * 37 + size) % 256
                for place in hashes.indices {
                    var changed = hashes
                    changed[place] = try flipped(hashes[place], bit: bit)
                    #expect(fails(index, changed, leaf, root))
                }
                #expect(fails(index, hashes, try flipped(leaf, bit: bit), root))
                #expect(fails(index, hashes, leaf, try flipped(root, bit: bit)))
                #expect(fails(index, hashes + [root], leaf, root))
                if !hashes.isEmpty { #expect(fails(index, hashes.dropLast(), leaf, root)) }
                for other in [
                    index - 1, index + 1, index ^ 1, index ^ 2, size - 1 - index, size, -1,
                ]
                where other != index {
                    #expect(fails(other, hashes, leaf, root), "\(index) as \(other) of \(size)")
                }
            }
        }
    }

    @Test func `every consistency proof is the one RFC 6962 defines and verifies`() throws {
        for new in 0..<bound {
            let newRoot = try log.root(size: new)
            for old in 0...new {
                let proof = try log.consistencyProof(old: old, new: new)
                let expected =
                    old == 0 ? [] : Reference.proof(old, leafHashes.prefix(new), known: true)
                #expect(proof.hashes == expected)
                let oldRoot = try log.root(size: old)
                #expect(
                    holds { () throws(ProofError) in
                        try proof.verify(oldRoot: oldRoot, newRoot: newRoot)
                    })
            }
        }
    }

    @Test func `a consistency proof fails for each flipped hash or root or other length`() throws {
        for new in 1..<bound {
            let newRoot = try log.root(size: new)
            for old in 1...new {
                let hashes = try log.consistencyProof(old: old, new: new).hashes
                func fails(_ hashes: [Hash], _ oldRoot: Hash, _ newRoot: Hash) -> Bool {
                    let proof = ConsistencyProof(oldSize: old, newSize: new, hashes: hashes)
                    return !holds { () throws(ProofError) in
                        try proof.verify(oldRoot: oldRoot, newRoot: newRoot)
                    }
                }
                let oldRoot = try log.root(size: old)
                let bit = (old * 37 + new) % 256
                for place in hashes.indices {
                    var changed = hashes
                    changed[place] = try flipped(hashes[place], bit: bit)
                    #expect(fails(changed, oldRoot, newRoot))
                }
                #expect(fails(hashes, try flipped(oldRoot, bit: bit), newRoot))
                #expect(fails(hashes, oldRoot, try flipped(newRoot, bit: bit)))
                #expect(fails(hashes + [newRoot], oldRoot, newRoot))
                if !hashes.isEmpty { #expect(fails(hashes.dropLast(), oldRoot, newRoot)) }
                if old != new { #expect(fails(hashes, newRoot, oldRoot)) }
            }
        }
    }

    @Test func `proofs with impossible sizes are refused by name`() {
        let hash = leafHashes[0]
        #expect(throws: ProofError.indexOutsideTree) {
            try InclusionProof(leafIndex: 0, treeSize: 0, hashes: [])
                .verify(leafHash: hash, root: hash)
        }
        #expect(throws: ProofError.indexOutsideTree) {
            try InclusionProof(leafIndex: -1, treeSize: 4, hashes: [])
                .verify(leafHash: hash, root: hash)
        }
        #expect(throws: ProofError.sizesOutOfOrder) {
            try ConsistencyProof(oldSize: 3, newSize: 2, hashes: []).verify(
                oldRoot: hash, newRoot: hash)
        }
        #expect(throws: ProofError.sizesOutOfOrder) {
            try ConsistencyProof(oldSize: -1, newSize: 2, hashes: []).verify(
                oldRoot: hash, newRoot: hash)
        }
        #expect(throws: ProofError.oldRootMismatch) {
            try ConsistencyProof(oldSize: 0, newSize: 2, hashes: []).verify(
                oldRoot: hash, newRoot: hash)
        }
        #expect(throws: ProofError.hashCountWrong) {
            try ConsistencyProof(oldSize: 0, newSize: 2, hashes: [hash]).verify(
                oldRoot: MerkleTree.emptyRoot, newRoot: hash)
        }
        #expect(throws: ProofError.rootMismatch) {
            try ConsistencyProof(oldSize: 2, newSize: 2, hashes: []).verify(
                oldRoot: hash, newRoot: leafHashes[1])
        }
    }

    @Test func `a log refuses questions about leaves it does not hold`() {
        #expect(throws: MerkleLogError.sizeOutsideLog) { try log.root(size: bound + 1) }
        #expect(throws: MerkleLogError.sizeOutsideLog) { try log.root(size: -1) }
        #expect(throws: MerkleLogError.indexOutsideTree) {
            try log.inclusionProof(index: 5, size: 5)
        }
        #expect(throws: MerkleLogError.sizeOutsideLog) {
            try log.inclusionProof(index: 5, size: bound + 1)
        }
        #expect(throws: MerkleLogError.sizesOutOfOrder) {
            try log.consistencyProof(old: 6, new: 5)
        }
    }

    /// Asks until no piece is missing, as who has the leaves does; returns the pieces it took, too.
    private func asked<Answer>(
        _ answer: (MerkleLog.Pieces) throws -> Answer
    ) throws -> (Answer, pieces: MerkleLog.Pieces) {
        var pieces = MerkleLog.Pieces()
        while true {
            do {
                return (try answer(pieces), pieces)
            } catch MerkleLogError.pieceNotHeld(let number) {
                try #require(pieces[number] == nil)
                let start = number * MerkleLog.pieceLeafCount
                pieces[number] = MerkleLog(leafHashes: Array(leafHashes[start..<start + 16]))
            }
        }
    }

    @Test(arguments: [16, 31, 32, 48, bound])
    func `what lies below the roots of pieces can be let go, and is asked for`(settled: Int) throws
    {
        for grownFrom in [settled, bound] {
            var small = MerkleLog(leafHashes: Array(leafHashes[..<grownFrom]))
            small.settle(settled)
            #expect(small.settledSize == settled / 16 * 16)
            for hash in leafHashes[grownFrom...] { small.append(leafHash: hash) }
            #expect(small.size == bound)
            #expect(small.root == log.root)
            for size in 0...bound {
                #expect(try asked { try small.root(size: size, $0) }.0 == log.root(size: size))
                for index in 0..<size {
                    let (proof, pieces) = try asked {
                        try small.inclusionProof(index: index, size: size, $0)
                    }
                    #expect(try proof == log.inclusionProof(index: index, size: size))
                    #expect(pieces.count <= 2)
                }
                for old in 0...size {
                    let proof = try asked { try small.consistencyProof(old: old, new: size, $0) }
                    #expect(try proof.0 == log.consistencyProof(old: old, new: size))
                }
            }
            let tile = try asked { try small.tile(level: 0, index: 0, width: bound, $0) }
            #expect(try tile.0 == log.tile(level: 0, index: 0, width: bound))
            #expect(tile.pieces.count == settled / 16)
        }
    }

    @Test func `a log of the roots of pieces is the log of their leaves`() throws {
        let roots = log.pieceRoots(from: 0, to: bound)
        #expect(roots.count == bound / 16)
        #expect(log.pieceRoots(from: 16, to: 47) == roots[1..<2])
        var made = MerkleLog(pieceRoots: Array(roots))
        #expect(made.size == roots.count * 16)
        #expect(made.settledSize == made.size)
        #expect(made.root == Reference.root(leafHashes.prefix(made.size)))
        for hash in leafHashes[made.size...] { made.append(leafHash: hash) }
        #expect(made.root == log.root)
        #expect(MerkleLog(pieceRoots: []).root == MerkleTree.emptyRoot)
    }

    @Test func `a piece with another root is refused`() throws {
        var small = log
        small.settle(32)
        let other = MerkleLog(leafHashes: Array(leafHashes[1..<17]))
        #expect(throws: MerkleLogError.pieceWrong(0)) {
            try small.inclusionProof(index: 3, size: bound, [0: other])
        }
        let short = MerkleLog(leafHashes: Array(leafHashes[0..<8]))
        #expect(throws: MerkleLogError.pieceWrong(0)) {
            try small.inclusionProof(index: 3, size: bound, [0: short])
        }
    }

    @Test func `a tile holds the roots of the full tiles below it`() throws {
        let hashes = (0..<700).map { MerkleTree.leafHash(Array("record \($0)".utf8)) }
        let log = MerkleLog(leafHashes: hashes)
        #expect(try log.tile(level: 0, index: 1, width: 256) == hashes[256..<512].flatMap(\.bytes))
        #expect(try log.tile(level: 0, index: 2, width: 188) == hashes[512...].flatMap(\.bytes))
        let roots = [hashes[..<256], hashes[256..<512]].map(Reference.root)
        #expect(try log.tile(level: 1, index: 0, width: 2) == roots.flatMap(\.bytes))
        #expect(try log.tile(level: 0, index: 2, width: 189) == nil)
        #expect(try log.tile(level: 1, index: 0, width: 3) == nil)
        #expect(try log.tile(level: 2, index: 0, width: 1) == nil)
        #expect(try log.tile(level: 0, index: 0, width: 0) == nil)
        #expect(try log.tile(level: 0, index: Int.max, width: 1) == nil)
        #expect(try log.tile(level: -1, index: 0, width: 1) == nil)
    }
}
