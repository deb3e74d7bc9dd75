internal import LedgerCore

/// Looks through what a start took from a snapshot and from kept roots: that all leaves are there and
/// are what the log committed to, and that there is an entry for each.
///
/// Reading them takes as long as the ledger is large, so that a large one is looked through beside the
/// work (`Sequencer.run`), a little at a time.
struct LedgerLook: Sendable {
    let store: any LedgerStore
    let ledger: PublishedLedger

    /// How many leaves are looked at together: a millisecond.
    private static let leafCount = 1_024

    /// Looks at the first `size` leaves and entries.
    ///
    /// - Parameters:
    ///   - size: How many.
    ///   - pause: Called after each part.
    /// - Throws: `SequencerFailure.integrity`; store errors; what `pause` throws.
    func run(_ size: Int, pausing pause: () async throws -> Void = {}) async throws {
        let reader = PieceReader(store: store)
        for start in stride(from: 0, to: size, by: LedgerLook.leafCount) {
            let end = min(start + LedgerLook.leafCount, size)
            let leaves = MerkleLog(leafHashes: try reader.leafHashes(start..<end))
            guard leaves.size == end - start,
                ledger.pieceRoots(from: start, to: end).elementsEqual(
                    leaves.pieceRoots(from: 0, to: leaves.size))
            else { throw PieceReader.wrong(start) }
            try await pause()
        }
        guard try store.entryCount(below: LeafIndex(size)) == size else {
            throw SequencerFailure.integrity("an entry below \(size) is missing")
        }
    }
}
