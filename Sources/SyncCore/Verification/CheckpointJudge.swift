package import LedgerCore

/// Decides what a checkpoint means beside the one that was verified last (`spec/SYNC.md` §3).
package enum CheckpointJudge {
    /// How two checkpoints stand to each other.
    package enum Relation: Equatable, Sendable {
        /// The first one ever, or the tree was empty: nothing has to be proven.
        case first
        /// The same tree.
        case same
        /// A larger tree, if this proof can be made.
        case larger(TileProof)
        /// A smaller tree: stale and to be ignored, if this proof can be made.
        case smaller(TileProof)
        /// A fork, or a rollback to nothing.
        case alarm(Alarm)
    }

    /// Compares sizes and roots; proofs are checked with `isConsistent`.
    ///
    /// - Parameters:
    ///   - received: What the node showed now, its signature checked.
    ///   - stored: What was verified last, or `nil`.
    /// - Returns: The relation, and the proof it needs.
    package static func relation(of received: Checkpoint, to stored: Checkpoint?) -> Relation {
        guard let stored, stored.size > 0 else { return .first }
        if received.size == stored.size {
            return received.root == stored.root ? .same : .alarm(.fork)
        }
        // The empty tree begins every tree.
        if received.size == 0 { return .same }
        if received.size > stored.size {
            return .larger(TileProof(oldSize: stored.size, newSize: received.size))
        }
        return .smaller(TileProof(oldSize: received.size, newSize: stored.size))
    }

    /// Whether one of two trees begins the other, as `proof` shows, in either order.
    package static func isConsistent(
        _ first: VerifiedCheckpoint, _ second: VerifiedCheckpoint, proof: [Hash]
    ) -> Bool {
        let (old, new) =
            first.checkpoint.size <= second.checkpoint.size
            ? (first.checkpoint, second.checkpoint) : (second.checkpoint, first.checkpoint)
        let consistency = ConsistencyProof(
            oldSize: old.size, newSize: new.size, hashes: proof)
        return (try? consistency.verify(oldRoot: old.root, newRoot: new.root)) != nil
    }
}
