internal import LedgerCore

/// Reads from a store what a tree let go of (`MerkleLog`).
struct PieceReader: Sendable {
    let store: any LedgerStore
    /// The most pieces that are kept from one question to the next, 64 KiB.
    private static let keptCount = 64

    /// Asks a tree, again with each piece that it lacks: three at most for a proof.
    ///
    /// Between two asks nothing is held, so `ask` may take a lock.
    ///
    /// - Returns: `nil` where the tree has no such size or leaf.
    /// - Throws: `SequencerFailure.integrity` where the leaves of a piece are not what the tree was made
    ///   of; store errors.
    func answer<Answer>(
        _ ask: (MerkleLog.Pieces) throws(MerkleLogError) -> Answer?
    ) throws -> Answer? {
        var pieces = MerkleLog.Pieces()
        return try answer(with: &pieces, ask)
    }

    /// The same, with pieces that earlier questions took.
    func answer<Answer>(
        with pieces: inout MerkleLog.Pieces,
        _ ask: (MerkleLog.Pieces) throws(MerkleLogError) -> Answer?
    ) throws -> Answer? {
        if pieces.count > PieceReader.keptCount { pieces = [:] }
        while true {
            do throws(MerkleLogError) {
                return try ask(pieces)
            } catch {
                switch error {
                case .sizeOutsideLog, .indexOutsideTree, .sizesOutOfOrder: return nil
                case .pieceNotHeld(let number): pieces[number] = try piece(number)
                case .pieceWrong(let number):
                    throw PieceReader.wrong(number * MerkleLog.pieceLeafCount)
                }
            }
        }
    }

    private func piece(_ number: Int) throws -> MerkleLog {
        let start = number * MerkleLog.pieceLeafCount
        return MerkleLog(leafHashes: try leafHashes(start..<start + MerkleLog.pieceLeafCount))
    }

    /// The hashes of leaves, fewer if some are missing.
    func leafHashes(_ range: Range<Int>) throws -> [Hash] {
        try store.leaves(
            from: LeafIndex(range.lowerBound), to: LeafIndex(range.upperBound)
        ).map { MerkleTree.leafHash($0) }
    }

    /// What is said of a leaf that is not what the log committed to.
    static func wrong(_ start: Int) -> SequencerFailure {
        .integrity("a leaf from \(start) on is missing, or not what the log committed to")
    }
}
