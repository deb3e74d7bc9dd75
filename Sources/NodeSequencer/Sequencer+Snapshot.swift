internal import LedgerCore
internal import Logging

extension Sequencer {
    /// The fewest entries from one snapshot to the next while the node runs.
    package static let snapshotInterval = 65_536

    /// Has a snapshot written beside the work, if the log has grown enough since the last one.
    func offerSnapshot(in group: inout ThrowingTaskGroup<Void, any Error>) {
        guard let snapshots, snapshotSchedule.isDue(at: size) else { return }
        let snapshot = snapshot()
        snapshotSchedule.begin(at: size)
        let signer = keys.log
        group.addTask(priority: .background) {
            let outcome = Result { try snapshots.keep(try snapshot.signed(by: signer)) }
            await self.ended(snapshot.size, outcome)
        }
    }

    /// Writes a snapshot of everything, at the end.
    func writeLastSnapshot() {
        guard let snapshots, size > snapshotSchedule.keptSize else { return }
        let snapshot = snapshot()
        ended(size, Result { try snapshots.keep(try snapshot.signed(by: keys.log)) })
    }

    /// What the durable entries add up to.
    ///
    /// A copy, which costs nothing before either changes; the first entries then copy what they touch:
    /// 0.4 s where a million entries are of people who take part (`accord-bench snapshot`).
    private func snapshot() -> LedgerSnapshot {
        LedgerSnapshot(
            origin: keys.origin, size: size, root: ledger.root, time: entryTime, state: state,
            chains: chains)
    }

    private func ended(_ size: Int, _ outcome: Result<Void, any Error>) {
        switch outcome {
        case .success: _ = snapshotSchedule.end(at: size, isKept: true)
        case .failure(let error):
            guard snapshotSchedule.end(at: size, isKept: false) else { return }
            logger.error("could not write a snapshot", metadata: ["error": "\(error)"])
        }
    }

    /// Notes how a start went.
    func takeOver(_ replay: LedgerReplay) {
        replayedCount = replay.replayedCount
        keptPieceSize = replay.keptPieceSize
        snapshotSchedule.found(size: replay.snapshotSize)
        guard let defect = replay.snapshotDefect else { return }
        logger.warning(
            "the snapshot is not used: replayed from the first entry",
            metadata: ["reason": "\(defect)"])
    }
}
