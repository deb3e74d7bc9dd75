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
    /// - Throws: `SequencerFailure.integrity`; store errors.
    func run(_ size: Int) throws {
        for part in parts(of: size) { try look(at: part) }
        try count(size)
    }

    /// The same, a part at a time; what cannot be read is tried again, and is damage in the end.
    ///
    /// - Parameters:
    ///   - size: How many.
    ///   - tries: How often to read the same part.
    ///   - pause: Waits after a part, or longer after a failure.
    /// - Throws: `SequencerFailure.integrity`; what `pause` throws.
    func run(
        _ size: Int, tries: Int, pausing pause: (_ isAfterFailure: Bool) async throws -> Void
    ) async throws {
        func patiently(_ what: String, _ body: () throws -> Void) async throws {
            for left in (0..<tries).reversed() {
                do {
                    return try body()
                } catch let failure as SequencerFailure {
                    throw failure
                } catch {
                    guard left > 0 else {
                        throw SequencerFailure.integrity("\(what) cannot be read: \(error)")
                    }
                    try await pause(true)
                }
            }
        }
        for part in parts(of: size) {
            try await patiently("a leaf from \(part.lowerBound) on") { try look(at: part) }
            try await pause(false)
        }
        try await patiently("the index of entries") { try count(size) }
    }

    private func parts(of size: Int) -> some Sequence<Range<Int>> {
        stride(from: 0, to: size, by: LedgerLook.leafCount).lazy.map { start in
            start..<min(start + LedgerLook.leafCount, size)
        }
    }

    private func look(at part: Range<Int>) throws {
        let leaves = MerkleLog(leafHashes: try PieceReader(store: store).leafHashes(part))
        guard leaves.size == part.count,
            ledger.pieceRoots(from: part.lowerBound, to: part.upperBound).elementsEqual(
                leaves.pieceRoots(from: 0, to: leaves.size))
        else { throw PieceReader.wrong(part.lowerBound) }
    }

    private func count(_ size: Int) throws {
        guard try store.entryCount(below: LeafIndex(size)) == size else {
            throw SequencerFailure.integrity("an entry below \(size) is missing")
        }
    }
}
