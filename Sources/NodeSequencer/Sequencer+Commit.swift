internal import Crypto
internal import LedgerCore
internal import Logging

extension Sequencer {
    /// Makes a draft durable and then known.
    func commit(_ draft: Draft) async throws {
        var batch = draft.batch
        guard !batch.isEmpty else { return }
        var checkpoint: PublishedCheckpoint?
        if !batch.entries.isEmpty {
            let (newSize, root) = ledger.append(batch.entries.map(\.leafData))
            size = newSize
            let statement = Checkpoint(origin: keys.origin, size: newSize, root: root)
            batch.checkpoint = try keys.log.sign(statement.text).bytes
            checkpoint = PublishedCheckpoint(size: newSize, note: batch.checkpoint)
            batch.pieces = duePieces()
        }
        let devices = knownDevices(draft.devices)
        try await store.commit(batch)
        known.settle()
        if let run = batch.pieces {
            keptPieceSize = run.start + run.roots.count * MerkleLog.pieceLeafCount
            ledger.settle(keptPieceSize)
        }
        ledger.advance(batch.cursors)
        if let checkpoint {
            // Before anybody sees it: what was shown must never be forgotten.
            try keeper?.keep(checkpoint.note, after: keptNote)
            keptNote = checkpoint.note
            ledger.publish(checkpoint, devices: devices)
        }
        for (record, owner) in batch.erased {
            do {
                guard try store.owners(of: record).isEmpty else { continue }
                try records.erase(record, owner: owner)
            } catch {
                // The keys are gone with the commit; the sweep at the next start tries again.
                logger.error("could not erase a record", metadata: ["error": "\(error)"])
            }
        }
    }

    /// The roots of the pieces that are not kept yet, once they are many enough.
    private func duePieces() -> PieceRun? {
        guard size - keptPieceSize >= pieceInterval else { return nil }
        let roots = ledger.pieceRoots(from: keptPieceSize, to: size)
        return roots.isEmpty ? nil : PieceRun(start: keptPieceSize, roots: roots)
    }

    private func knownDevices(_ ids: some Sequence<DeviceID>) -> [DeviceID: KnownDevice] {
        var devices = [DeviceID: KnownDevice]()
        for id in ids {
            guard let device = state.devices[id],
                // A key the ledger took was readable then.
                let key = try? Curve25519.Signing.PublicKey(
                    rawRepresentation: device.keys.signing)
            else { continue }
            devices[id] = KnownDevice(
                account: device.account, key: key, isRevoked: device.isRevoked)
        }
        return devices
    }

    /// Reads the stored ledger, holds its tree against the newest checkpoint and replays what no
    /// snapshot covers.
    func restore() async throws {
        let replay = try await LedgerReplay(
            store: store, logKey: keys.log.verifierKey, depth: .hashes, snapshots: snapshots)
        keptNote = try keeper?.newest()
        try KeptCheckpoint.check(
            keptNote, tree: replay.tree, of: store, logKey: keys.log.verifierKey)
        guard let (storedSize, note) = try store.newestCheckpoint() else { return }
        state = replay.state
        for authorization in state.authorizations.values {
            named[authorization.grant.project, default: []].formUnion(authorization.everNamed)
        }
        chains = replay.chains
        time = replay.time
        entryTime = replay.time
        takeOver(replay)
        cursors = try store.cursors()
        size = storedSize
        if let keeper, keptNote != note {
            // The process ended between the commit and here.
            try keeper.keep(note, after: keptNote)
            keptNote = note
        }
        ledger.restore(
            tree: replay.tree, newest: PublishedCheckpoint(size: storedSize, note: note),
            devices: knownDevices(Array(state.devices.keys)))
        ledger.advance(cursors)
        if replay.snapshotSize <= Sequencer.lookedThroughAtOnce * pieceInterval {
            try LedgerLook(store: store, ledger: ledger).run(replay.snapshotSize)
        } else {
            owesLook = replay.snapshotSize
        }
    }

    /// Looks through what the start took over unread, a little at a time; damage ends `run`.
    nonisolated func lookThrough(_ size: Int) async {
        do {
            try await LedgerLook(store: store, ledger: ledger).run(
                size, tries: Sequencer.lookTries
            ) { isAfterFailure in
                try await clock.sleep(for: isAfterFailure ? .seconds(1) : Sequencer.lookPause)
            }
            logger.info("looked through the ledger", metadata: ["entries": "\(size)"])
        } catch let failure as SequencerFailure {
            await stop(because: failure)
        } catch {
            // The pause was cancelled: the node stops.
        }
    }
}
