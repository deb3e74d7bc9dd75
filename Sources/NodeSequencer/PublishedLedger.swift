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
        var sizes: [Int] = []
        var newest = PublishedCheckpoint(size: 0, note: [])
        var recent: [PublishedCheckpoint] = []
        var needsWitnesses = false
        var areWitnessesPrompt = false
        var witnessed: PublishedCheckpoint?
        var devices: [DeviceID: KnownDevice] = [:]
        var sequences: [DeviceID: Int64] = [:]
        var waiters: [UInt64: Waiter] = [:]
        var nextWaiter: UInt64 = 0
        var isClosed = false

        mutating func takeWaiters(for views: Set<View>) -> [UInt64: Waiter] {
            let taken = waiters.filter { views.contains($0.value.view) }
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
    private let content = Mutex(Content())
    private let recentCount = 32

    init(logKey: VerifierKey, clock: any NodeClock) {
        self.logKey = logKey
        self.clock = clock
    }

    /// The newest checkpoint.
    package var newest: PublishedCheckpoint { content.withLock { $0.newest } }

    /// The checkpoint that is shown to members: the newest one, or, where witnesses have to cosign,
    /// the newest that enough of them did; before the first of those the newest.
    package var shown: PublishedCheckpoint { content.withLock { $0.checkpoint(.shown) } }

    /// The newest checkpoint that enough witnesses cosigned; `nil` for none.
    package var witnessed: PublishedCheckpoint? { content.withLock { $0.witnessed } }

    /// The proof that the first `old` leaves begin the first `new`; `nil` for sizes out of range.
    package func consistency(old: Int, new: Int) -> [Hash]? {
        // The only errors are sizes out of range: no such proof.
        content.withLock { try? $0.tree.consistencyProof(old: old, new: new).hashes }
    }

    /// The root hash of the first `size` leaves; `nil` if there are fewer.
    func root(size: Int) -> Hash? {
        content.withLock { try? $0.tree.root(size: size) }
    }

    /// The number of members' and institutions' devices.
    package var deviceCount: Int { content.withLock { $0.devices.count } }

    /// The device, if it is known.
    package func device(_ id: DeviceID) -> KnownDevice? {
        content.withLock { $0.devices[id] }
    }

    /// The number of the last entry of a device that was decided; `nil` if none was.
    package func sequence(of device: DeviceID) -> Int64? {
        content.withLock { $0.sequences[device] }
    }

    /// Returns the size of the first checkpoint that includes the leaf at `index`.
    package func firstSize(including index: LeafIndex) -> Int? {
        content.withLock { content in
            var low = 0
            var high = content.sizes.count
            while low < high {
                let middle = (low + high) / 2
                if content.sizes[middle] > Int(index) { high = middle } else { low = middle + 1 }
            }
            return low < content.sizes.count ? content.sizes[low] : nil
        }
    }

    /// The note of one of the last checkpoints; `nil` where the store has to be asked.
    package func recentNote(size: Int) -> [UInt8]? {
        content.withLock { content in content.recent.last { $0.size == size }?.note }
    }

    /// The proofs that leaves are among the first `size`; `nil` if one is not.
    package func inclusion(of indices: [LeafIndex], size: Int) -> [InclusionProof]? {
        content.withLock { content in
            guard size <= content.newest.size else { return nil }
            var proofs = [InclusionProof]()
            proofs.reserveCapacity(indices.count)
            for index in indices {
                // The only errors are sizes and indices out of range: no such proof.
                guard let proof = try? content.tree.inclusionProof(index: Int(index), size: size)
                else { return nil }
                proofs.append(proof)
            }
            return proofs
        }
    }

    /// The bytes of a tile of hashes; `nil` if the newest checkpoint does not imply it.
    package func tile(level: Int, index: Int, width: Int) -> [UInt8]? {
        content.withLock { content in
            guard
                TilePath.width(.hashes(level: level), index: index, treeSize: content.newest.size)
                    >= width
            else { return nil }
            return content.tree.tile(level: level, index: index, width: width)
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
                    content.waiters[id] = Waiter(view: view, continuation: continuation)
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
            return content.takeWaiters(for: [.shown])
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
        tree: MerkleLog, sizes: [Int], newest: PublishedCheckpoint,
        devices: [DeviceID: KnownDevice]
    ) {
        content.withLock { content in
            content.tree = tree
            content.sizes = sizes
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

    /// Makes known how far devices got.
    func advance(_ cursors: [DeviceID: DeviceCursor]) {
        guard !cursors.isEmpty else { return }
        content.withLock { $0.sequences.merge(cursors.mapValues(\.sequence)) { $1 } }
    }

    /// Makes a durable checkpoint known and wakes those who wait.
    func publish(_ checkpoint: PublishedCheckpoint, devices: [DeviceID: KnownDevice]) {
        let waiters = content.withLock { content in
            content.newest = checkpoint
            content.sizes.append(checkpoint.size)
            content.recent.append(checkpoint)
            if content.recent.count > recentCount { content.recent.removeFirst() }
            content.devices.merge(devices) { $1 }
            // What is not shown yet is no news.
            let isShown = content.checkpoint(.shown) == checkpoint
            return content.takeWaiters(for: isShown ? [.shown, .newest] : [.newest])
        }
        resume(waiters, checkpoint.size)
    }
}
