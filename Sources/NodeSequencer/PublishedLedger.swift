package import Crypto
package import LedgerCore
internal import NodeAPI
internal import Synchronization

/// A device as requests are checked against it.
package struct KnownDevice: Sendable {
    /// The account it signs for.
    package let account: AccountID
    /// Its key, parsed once.
    package let key: Curve25519.Signing.PublicKey
    /// Whether it was revoked.
    package let isRevoked: Bool
}

/// A signed checkpoint and its size.
package struct PublishedCheckpoint: Equatable, Sendable {
    /// The number of leaves.
    package let size: Int
    /// The signed note.
    package let note: [UInt8]
}

/// What everybody may see of the ledger: the durable part, safe to read from any task.
///
/// The tree may hold leaves that are not durable yet; nobody is told of them, because every
/// answer is for the size of a published checkpoint.
package final class PublishedLedger: Sendable {
    private struct Content {
        var tree = MerkleLog()
        var newest = PublishedCheckpoint(size: 0, note: [])
        var recent: [PublishedCheckpoint] = []
        var needsWitnesses = false
        var areWitnessesPrompt = false
        var witnessed: PublishedCheckpoint?
        var devices: [DeviceID: KnownDevice] = [:]
        var cursors: [DeviceID: DeviceCursor] = [:]
        var waiters: [UInt64: Waiter] = [:]
        var nextWaiter: UInt64 = 0
        var isClosed = false

        /// Takes those to whom a checkpoint of `size` is news; without a size all.
        mutating func takeWaiters(for views: Set<View>, size: Int? = nil) -> [UInt64: Waiter] {
            let taken = waiters.filter { _, waiter in
                views.contains(waiter.view) && (size.map { waiter.size < $0 } ?? true)
            }
            for id in taken.keys { waiters.removeValue(forKey: id) }
            return taken
        }

        func checkpoint(_ view: View) -> PublishedCheckpoint {
            guard view == .shown, let witnessed, needsWitnesses || witnessed.size == newest.size
            else { return newest }
            return witnessed
        }
    }

    private struct Waiter {
        let size: Int
        let view: View
        let continuation: CheckedContinuation<Int?, Never>
    }

    /// Which checkpoint somebody looks at.
    package enum View: Sendable {
        /// What members are shown.
        case shown
        /// What was signed last.
        case newest
    }

    /// The log's verifier key.
    package let logKey: VerifierKey
    private let clock: any NodeClock
    private let store: any LedgerStore
    private let content = Mutex(Content())
    private let recentCount = 32

    init(logKey: VerifierKey, clock: any NodeClock, store: any LedgerStore) {
        self.logKey = logKey
        self.clock = clock
        self.store = store
    }

    /// The newest checkpoint.
    package var newest: PublishedCheckpoint { content.withLock { $0.newest } }

    /// The checkpoint that is shown to members: the newest one, or, where witnesses have to cosign,
    /// the newest that enough of them did; before the first of those the newest.
    package var shown: PublishedCheckpoint { content.withLock { $0.checkpoint(.shown) } }

    /// The newest checkpoint that enough witnesses cosigned; `nil` for none.
    package var witnessed: PublishedCheckpoint? { content.withLock { $0.witnessed } }

    /// Asks the tree; what it let go of is read without keeping others waiting.
    private func asked<Answer: Sendable>(
        _ ask: @Sendable (borrowing Content, MerkleLog.Pieces) throws(MerkleLogError) -> Answer?
    ) throws -> Answer? {
        var pieces = MerkleLog.Pieces()
        return try asked(with: &pieces, ask)
    }

    private func asked<Answer: Sendable>(
        with pieces: inout MerkleLog.Pieces,
        _ ask: @Sendable (borrowing Content, MerkleLog.Pieces) throws(MerkleLogError) -> Answer?
    ) throws -> Answer? {
        try PieceReader(store: store).answer(with: &pieces) { pieces throws(MerkleLogError) in
            try content.withLock { content throws(MerkleLogError) in try ask(content, pieces) }
        }
    }

    /// The proof that the first `old` leaves begin the first `new`; `nil` for sizes out of range.
    ///
    /// - Throws: as all that asks the tree, `SequencerFailure.integrity`; store errors.
    package func consistency(old: Int, new: Int) throws -> [Hash]? {
        try asked { content, pieces throws(MerkleLogError) in
            try content.tree.consistencyProof(old: old, new: new, pieces).hashes
        }
    }

    /// The root hash of all leaves.
    var root: Hash { content.withLock { $0.tree.root } }

    /// The roots of the whole pieces of the first `end` leaves from leaf `start` on.
    func pieceRoots(from start: Int, to end: Int) -> [Hash] {
        content.withLock { Array($0.tree.pieceRoots(from: start, to: end)) }
    }

    /// The number of members' and institutions' devices.
    package var deviceCount: Int { content.withLock { $0.devices.count } }

    /// The device, if it is known.
    package func device(_ id: DeviceID) -> KnownDevice? {
        content.withLock { $0.devices[id] }
    }

    /// The last entry of a device that was decided; `nil` if none was.
    package func cursor(of device: DeviceID) -> DeviceCursor? {
        content.withLock { $0.cursors[device] }
    }

    /// Returns the size of the first checkpoint that includes the leaf at `index`; `nil` if none does.
    ///
    /// - Throws: store errors.
    package func firstSize(including index: LeafIndex) throws -> Int? {
        let (isPublished, size) = content.withLock { content in
            let isRecent = content.recent.first.map { $0.size <= Int(index) } ?? false
            return (
                Int(index) < content.newest.size,
                isRecent ? content.recent.first { $0.size > Int(index) }?.size : nil
            )
        }
        guard isPublished else { return nil }
        return try size ?? store.checkpointSize(including: index)
    }

    /// The note of one of the last checkpoints; `nil` where the store has to be asked.
    package func recentNote(size: Int) -> [UInt8]? {
        content.withLock { content in content.recent.last { $0.size == size }?.note }
    }

    /// The proofs that leaves are among the first `size`; `nil` if one is not.
    package func inclusion(of indices: [LeafIndex], size: Int) throws -> [InclusionProof]? {
        var proofs = [InclusionProof]()
        proofs.reserveCapacity(indices.count)
        var pieces = MerkleLog.Pieces()
        for index in indices {
            let proof = try asked(with: &pieces) {
                content, pieces throws(MerkleLogError) -> InclusionProof? in
                guard size <= content.newest.size else { return nil }
                return try content.tree.inclusionProof(index: Int(index), size: size, pieces)
            }
            guard let proof else { return nil }
            proofs.append(proof)
        }
        return proofs
    }

    /// The bytes of a tile of hashes; `nil` if the newest checkpoint does not imply it.
    package func tile(level: Int, index: Int, width: Int) throws -> [UInt8]? {
        try asked { content, pieces throws(MerkleLogError) -> [UInt8]? in
            guard
                TilePath.width(.hashes(level: level), index: index, treeSize: content.newest.size)
                    >= width
            else { return nil }
            return try content.tree.tile(level: level, index: index, width: width, pieces)
        }
    }

    /// Whether what was recorded is shown a moment later, once witnesses who answer cosigned it.
    package var isShownLater: Bool {
        content.withLock { $0.needsWitnesses && $0.areWitnessesPrompt }
    }

    /// Waits until the log is larger than `size`, at most for `duration`.
    ///
    /// - Returns: The new size, or `nil` if nothing came or the node stops.
    package func growth(beyond size: Int, within duration: Duration, of view: View = .shown) async
        -> Int?
    {
        // What is there is told whatever the time: a wait that is over at once would often win.
        let known = content.withLock { $0.checkpoint(view).size }
        if known > size { return known }
        let id = content.withLock { content in
            content.nextWaiter += 1
            return content.nextWaiter
        }
        return await withTaskGroup(of: Int?.self) { group in
            group.addTask { await self.wait(as: id, beyond: size, view) }
            group.addTask {
                // Cancelled sleep means the other task was first.
                try? await self.clock.sleep(for: duration)
                return nil
            }
            let first = await group.next() ?? nil
            group.cancelAll()
            return first
        }
    }

    /// Sends all who wait away: the node stops.
    package func close() {
        let waiters = content.withLock { content in
            content.isClosed = true
            return content.takeWaiters(for: [.shown, .newest])
        }
        resume(waiters, nil)
    }

    private func wait(as id: UInt64, beyond size: Int, _ view: View) async -> Int? {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let answer: Int?? = content.withLock { content in
                    let known = content.checkpoint(view).size
                    if known > size { return .some(known) }
                    if content.isClosed || Task.isCancelled { return .some(nil) }
                    content.waiters[id] = Waiter(
                        size: size, view: view, continuation: continuation)
                    return nil
                }
                if let answer { continuation.resume(returning: answer) }
            }
        } onCancel: {
            content.withLock { $0.waiters.removeValue(forKey: id) }?.continuation
                .resume(returning: nil)
        }
    }
}

// What only cosigning does.
extension PublishedLedger {
    /// Shows the cosignatures of witnesses from now on, starting with `checkpoint` if there is one,
    /// and, where they are needed, nothing that lacks them.
    func showCosigned(_ checkpoint: PublishedCheckpoint?, areNeeded: Bool) {
        content.withLock { content in
            content.needsWitnesses = areNeeded
            content.witnessed = checkpoint.flatMap {
                $0.size <= content.newest.size ? $0 : nil
            }
        }
    }

    /// Shows a checkpoint that enough witnesses cosigned and wakes those who wait.
    func show(_ checkpoint: PublishedCheckpoint) {
        let waiters = content.withLock { content in
            content.witnessed = checkpoint
            content.areWitnessesPrompt = true
            return content.takeWaiters(for: [.shown], size: checkpoint.size)
        }
        resume(waiters, checkpoint.size)
    }

    /// Notes that too few witnesses answer: nobody is kept waiting for them.
    func noteTooFewWitnesses() { content.withLock { $0.areWitnessesPrompt = false } }

    private func resume(_ waiters: [UInt64: Waiter], _ size: Int?) {
        // Who came first hears it first.
        for (_, waiter) in waiters.sorted(by: { $0.key < $1.key }) {
            waiter.continuation.resume(returning: size)
        }
    }
}

// What only the sequencer does.
extension PublishedLedger {
    /// Puts the stored log in place, at start.
    func restore(
        tree: MerkleLog, newest: PublishedCheckpoint, devices: [DeviceID: KnownDevice]
    ) {
        content.withLock { content in
            content.tree = tree
            content.newest = newest
            content.recent = [newest]
            content.devices = devices
        }
    }

    /// Adds leaves and returns the new size and root; nobody sees them before `publish`.
    func append(_ leaves: [[UInt8]]) -> (size: Int, root: Hash) {
        content.withLock { content in
            for leaf in leaves { content.tree.append(leafData: leaf) }
            return (content.tree.size, content.tree.root)
        }
    }

    /// Lets go of what the store can give back: below the roots of the pieces of the first leaves.
    func settle(_ size: Int) { content.withLock { $0.tree.settle(size) } }

    /// Makes known how far devices got.
    func advance(_ cursors: [DeviceID: DeviceCursor]) {
        guard !cursors.isEmpty else { return }
        content.withLock { $0.cursors.merge(cursors) { $1 } }
    }

    /// Makes a durable checkpoint known and wakes those who wait.
    func publish(_ checkpoint: PublishedCheckpoint, devices: [DeviceID: KnownDevice]) {
        let waiters = content.withLock { content in
            content.newest = checkpoint
            content.recent.append(checkpoint)
            if content.recent.count > recentCount { content.recent.removeFirst() }
            content.devices.merge(devices) { $1 }
            // What is not shown yet is no news.
            let isShown = content.checkpoint(.shown) == checkpoint
            return content.takeWaiters(
                for: isShown ? [.shown, .newest] : [.newest], size: checkpoint.size)
        }
        resume(waiters, checkpoint.size)
    }
}
