internal import LedgerCore

/// Keeps the newest checkpoint in a second place, apart from the store.
///
/// A store that was put back from an old copy does not know what it signed since; this place does.
/// A log that goes on from an old copy shows two histories, and nobody can mend that.
package protocol CheckpointKeeper: Sendable {
    /// The note kept last; `nil` before the first.
    ///
    /// - Throws: if the place is there and holds no note of the log.
    func newest() throws -> [UInt8]?
    /// Makes a note durable in place of `previous`.
    ///
    /// - Throws: if the place holds another note than `previous`: somebody else signs, too.
    func keep(_ note: [UInt8], after previous: [UInt8]?) throws
}

/// Compares a ledger with the checkpoint that was kept apart from it.
enum KeptCheckpoint {
    /// Sees that a ledger holds everything it ever signed.
    ///
    /// - Parameters:
    ///   - note: What was kept; `nil` for nothing yet.
    ///   - tree: The tree of what is stored.
    ///   - store: Where that is.
    ///   - logKey: The log's key.
    /// - Throws: `SequencerFailure.behind`, `SequencerFailure.otherHistory`,
    ///   `SequencerFailure.integrity` if the note is not the log's; store errors.
    static func check(
        _ note: [UInt8]?, tree: MerkleLog, of store: any LedgerStore, logKey: VerifierKey
    ) throws {
        guard let note else { return }
        let kept: Checkpoint
        do throws(CheckpointError) {
            kept = try VerifiedCheckpoint(
                parsing: note, logKey: logKey, origin: logKey.name
            ).checkpoint
        } catch {
            throw SequencerFailure.integrity("the kept checkpoint is refused: \(error)")
        }
        guard kept.size <= tree.size else {
            throw SequencerFailure.behind(stored: tree.size, signed: kept.size)
        }
        let root = try PieceReader(store: store).answer { pieces throws(MerkleLogError) in
            try tree.root(size: kept.size, pieces)
        }
        guard root == kept.root else {
            throw SequencerFailure.otherHistory(size: kept.size)
        }
    }
}
