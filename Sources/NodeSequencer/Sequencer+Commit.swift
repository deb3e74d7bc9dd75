internal import Crypto
package import LedgerCore
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
        }
        let devices = knownDevices(draft.devices)
        try await store.commit(batch)
        if let checkpoint { ledger.publish(checkpoint, devices: devices) }
        for (record, owner) in batch.erased {
            do {
                guard try store.owners(of: record).isEmpty else { continue }
                try records.erase(record, owner: owner)
            } catch {
                // The keys are gone with the commit; the sweep at the next start tries again.
                logger.error(
                    "could not erase a record",
                    metadata: ["record": "\(record.hex)", "error": "\(error)"])
            }
        }
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

    /// Reads the stored ledger, verifies all of it and replays it.
    func restore() throws {
        guard let (storedSize, note) = try store.newestCheckpoint() else {
            guard try store.leaves(from: 0, to: 1).isEmpty else {
                throw SequencerFailure.integrity("there are leaves but no checkpoint")
            }
            return
        }
        let replay = try LedgerReplay(store: store, logKey: keys.log.verifierKey)
        state = replay.state
        chains = replay.chains
        known = replay.known
        time = replay.time
        for id in try store.refusedEntries() { known[id] = -1 }
        cursors = try store.cursors()
        size = storedSize
        ledger.restore(
            tree: replay.tree, sizes: try store.checkpointSizes(),
            newest: PublishedCheckpoint(size: storedSize, note: note),
            devices: knownDevices(Array(state.devices.keys)))
    }
}

/// Everything stored, verified and replayed from the first entry.
package struct LedgerReplay: Sendable {
    /// What the entries add up to.
    package private(set) var state = LedgerState()
    /// The tree of all leaves.
    package private(set) var tree = MerkleLog()
    /// The index of every entry.
    package private(set) var known: [Hash: LeafIndex] = [:]
    /// The time of the last entry.
    package private(set) var time = Timestamp(milliseconds: 0)
    var chains: [ChainID: Sequencer.ChainHead] = [:]

    /// Verifies and replays what a store holds.
    ///
    /// Checks every leaf against the newest checkpoint, every entry's signature, its envelope and
    /// leaf, both links of its chain, and that the rules accept it.
    ///
    /// - Throws: `SequencerFailure.integrity` that names the first thing that does not fit.
    package init(store: any LedgerStore, logKey: VerifierKey) throws {
        guard let (size, note) = try store.newestCheckpoint() else { return }
        let leaves = try store.leaves(from: 0, to: LeafIndex(size) + 1)
        guard leaves.count == size else {
            throw SequencerFailure.integrity(
                "the checkpoint is for \(size) leaves and \(leaves.count) are stored")
        }
        tree = MerkleLog(leafHashes: leaves.map { MerkleTree.leafHash($0) })
        try LedgerReplay.check(note, logKey: logKey, size: size, root: tree.root)
        var index: LeafIndex = 0
        while index < LeafIndex(size) {
            let piece = try store.entries(from: index, limit: 512)
            guard !piece.isEmpty else {
                throw SequencerFailure.integrity("entry \(index) is missing")
            }
            for stored in piece {
                guard stored.index == index else {
                    throw SequencerFailure.integrity("entry \(index) is missing")
                }
                try replay(stored, leafData: leaves[Int(index)], origin: logKey.name)
                index += 1
            }
        }
    }

    private static func check(_ note: [UInt8], logKey: VerifierKey, size: Int, root: Hash) throws {
        let verified: VerifiedCheckpoint
        do throws(CheckpointError) {
            verified = try VerifiedCheckpoint(parsing: note, logKey: logKey, origin: logKey.name)
        } catch {
            throw SequencerFailure.integrity("the checkpoint of size \(size) is refused: \(error)")
        }
        guard verified.checkpoint.size == size, verified.checkpoint.root == root else {
            throw SequencerFailure.integrity(
                "the leaves do not lead to the checkpoint of size \(size)")
        }
    }

    private mutating func replay(_ stored: SequencedEntry, leafData: [UInt8], origin: String) throws
    {
        func wrong(_ what: String) -> SequencerFailure {
            .integrity("entry \(stored.index): \(what)")
        }
        let verified: VerifiedEntry
        do throws(EntryVerifier.Failure) {
            verified = try EntryVerifier.verify(stored.entry, origin: origin) { device in
                state.devices[device].flatMap {
                    // A key the ledger took was readable then.
                    try? Curve25519.Signing.PublicKey(rawRepresentation: $0.keys.signing)
                }
            }
        } catch {
            throw wrong("it does not verify: \(error)")
        }
        guard let envelope = EntryEnvelope(bytes: stored.envelope) else {
            throw wrong("its envelope cannot be read")
        }
        guard envelope.leafData(entry: verified.id, salt: stored.salt) == leafData else {
            throw wrong("it is not what stands in the tree")
        }
        let head = chains[verified.chain] ?? .init()
        guard stored.chain == verified.chain, envelope.previousHead == head.head,
            envelope.chainSequence == head.sequence + 1,
            stored.chainSequence == envelope.chainSequence
        else { throw wrong("it does not continue its chain") }
        guard envelope.time >= time else { throw wrong("its time is before the one before it") }
        guard stored.device == verified.payload.device,
            stored.sequence == verified.payload.sequence,
            stored.project == verified.payload.body.project, known[verified.id] == nil
        else { throw wrong("it is filed wrongly") }
        do throws(EntryRejection) {
            try state.apply(verified, at: envelope.time)
        } catch {
            throw wrong("the rules refuse it: \(error)")
        }
        chains[verified.chain] = .init(
            sequence: envelope.chainSequence,
            head: AccountChain.next(head.head, entryID: verified.id))
        known[verified.id] = stored.index
        time = envelope.time
    }
}
