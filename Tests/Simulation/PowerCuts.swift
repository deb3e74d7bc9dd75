internal import ClientStore
internal import LedgerCore
internal import NodeAPI
internal import NodeSequencer
internal import NodeStore
internal import RulesModel
internal import SyncCore

/// Takes images of a disk at every sync as a loss of power would leave it, and looks at each: what
/// was acknowledged before has to be there.
package struct PowerCuts: Sendable {
    /// What was seen.
    package struct Result: Sendable {
        /// How many images were looked at, at how many syncs.
        package var images = 0
        package var syncs = 0
        /// What is missing or broken, one line for each image.
        package var lost: [String] = []
    }

    /// An image, and what people had been told when it was taken.
    private struct Image {
        let volume: SimulatedVolume
        let told: [Hash: LeafIndex?]
        let size: Int
    }

    private let wanted: Int
    private let lies: Bool

    /// - Parameters:
    ///   - images: How many images to look at.
    ///   - lies: Whether the disk forgets what it says is synced: then something has to be lost.
    package init(images: Int, lies: Bool = false) {
        wanted = images
        self.lies = lies
    }

    /// A member's machine: outbox and merges.
    package func client(lane: Int = 0) -> Result {
        cut(lane: lane, disk: { $0.clients[0].volume }) { simulation, _ in
            let known = simulation.oracles.known(of: simulation.clients[0])
            var told = [Hash: LeafIndex?]()
            for entry in known.waiting { told[entry] = .some(nil) }
            for (entry, index) in known.promises { told[entry] = index }
            return (told, known.checkpoints.last?.size ?? 0)
        } check: { image, _ in
            let store = try ClientStore(
                directory: image.volume.directory, clock: { World.start }, surroundings: .none)
            for (entry, _) in image.told where try store.activity(entry: entry) == nil {
                return "an entry that was shown as queued is lost"
            }
            let size = try store.status().verifiedSize
            if size < image.size { return "\(image.size) leaves were verified, \(size) are there" }
            return nil
        }
    }

    /// A node: its commits.
    package func node(lane: Int = 0) -> Result {
        var count = 0
        let logKey = try? SimulatedNode.keys().log.verifierKey
        return cut(lane: lane, disk: { $0.node.volume }) { simulation, _ in
            var told = [Hash: LeafIndex?]()
            for (entry, verdict) in simulation.oracles.allVerdicts {
                switch verdict {
                case .accepted(let acceptance): told[entry] = acceptance.index
                case .rejected(let refusal) where !refusal.receipt.isEmpty:
                    told[entry] = .some(nil)
                case .rejected, .retry: break
                }
            }
            return (told, 0)
        } check: { image, time in
            let database = try NodeDatabase(path: image.volume.directory + "/ledger.sqlite")
            for (entry, index) in image.told {
                if let index, try database.entry(entry)?.index != index {
                    return "entry \(index) was acknowledged and is lost"
                }
                if index == nil, try database.refusal(entry) == nil {
                    return "a refusal was acknowledged and is lost"
                }
            }
            let size = try database.newestCheckpoint()?.size ?? 0
            if try database.leaves(from: 0, to: .max).count != size {
                return "checkpoint and leaves do not fit"
            }
            count += 1
            // Every signature and proof of every image would take most of the time.
            guard count.isMultiple(of: 50), let logKey else { return nil }
            let whole = LedgerCheck(store: database, logKey: logKey)
            _ = try time.wait { try await whole.run() }
            return nil
        }
    }

    private func cut(
        lane: Int, disk: (Simulation) -> SimulatedVolume,
        known: @escaping (Simulation, Int) -> (told: [Hash: LeafIndex?], size: Int),
        check: (Image, VirtualTime) throws -> String?
    ) -> Result {
        var result = Result()
        do {
            let template = try Template.shared.get()
            let time = VirtualTime(seed: 1)
            defer { time.end() }
            let simulation = try Simulation(
                .quiet(seed: UInt64(1 + lane), actions: .max), lane: lane, time: time,
                template: template)
            defer { _ = simulation.finished() }
            try simulation.start()
            let volume = disk(simulation)
            if lies { volume.lieAboutLogs() }
            var images = [Image]()
            volume.watch(.syncs) { [unowned simulation] in
                result.syncs += 1
                let (told, size) = known(simulation, result.syncs)
                for keep in [SimulatedVolume.Keep.synced, .subset, .subset, .torn, .torn] {
                    let number = result.images + images.count
                    let copy = volume.image(
                        at: "\(simulation.folder)/cut-\(images.count)", keeping: keep,
                        seed: UInt64(number))
                    images.append(Image(volume: copy, told: told, size: size))
                }
            }
            while result.images < wanted, simulation.oracles.violation == nil {
                simulation.personActs(simulation.clients[simulation.numbers.below(3)])
                simulation.pass(1_000)
                for image in images {
                    result.images += 1
                    // A store that does not open is as bad as one that lost something.
                    do {
                        if let lost = try check(image, time) { result.lost.append(lost) }
                    } catch {
                        result.lost.append("\(error)")
                    }
                }
                images = []
            }
            volume.watch(.syncs, nil)
            if let violation = simulation.oracles.violation { result.lost.append(violation) }
        } catch {
            result.lost.append("the drill failed: \(error)")
        }
        return result
    }
}
