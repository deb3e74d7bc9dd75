internal import ClientStore
internal import LedgerCore
internal import NodeStore
internal import SyncCore

/// Kills a program at every operation of a commit, starts it again, and cuts the power: what the
/// second one showed may not be lost, whether or not the first one had synced it.
package struct KillThenCut: Sendable {
    /// What was seen.
    package struct Result: Sendable {
        /// How many kills there were, and after how many of them something new was shown.
        package var kills = 0
        package var shown = 0
        package var broken: [String] = []
    }

    package init() {}

    /// A member's machine that queues a decision.
    package func client(at operations: Range<Int>) -> Result {
        run(operations) { number in
            let template = try Template.shared.get()
            let disk = SimulatedVolume(directory: "\(Lane.root)/kill")
            disk.restore(template.clients[0])
            let device = template.devices[0]
            let before = try open(disk).undecided(limit: -1).count
            let store = try open(disk)
            kill(disk, at: number) { disk.crash(keeping: .all) }
            // Who is killed tells nobody how it went.
            _ = try? store.enqueue(at: World.start) { cursor in
                [
                    try device.sign(
                        .signupLeft(World.projects[0]), at: cursor, issuedAt: World.start)
                ]
            }
            disk.watch(.any, nil)
            let shown = try open(disk).undecided(limit: -1).count
            disk.crash(keeping: .synced)
            return (before, shown, try open(disk).undecided(limit: -1).count)
        }
    }

    private func open(_ disk: SimulatedVolume) throws -> ClientStore {
        try ClientStore(directory: disk.directory, clock: { World.start }, surroundings: .none)
    }

    /// A node that records a decision.
    package func node(at operations: Range<Int>) -> Result {
        run(operations) { number in
            let template = try Template.shared.get()
            let time = VirtualTime(seed: UInt64(number))
            defer { time.end() }
            let disk = SimulatedVolume(directory: "\(Lane.root)/kill")
            disk.restore(template.node)
            let node = SimulatedNode(
                volume: disk, keys: try SimulatedNode.keys(), time: time, clock: { World.start })
            defer {
                node.forget()
                time.settle()
            }
            try node.start()
            let before = try size(of: node)
            let script = try SubmissionScript(node: node, device: template.devices[0], time: time)
            kill(disk, at: number) { node.kill(keeping: .all) }
            // Who is killed tells nobody how it went.
            _ = try? script.submit()
            disk.watch(.any, nil)
            time.settle()
            if node.process != nil { node.kill(keeping: .all) }
            try node.start()
            let shown = try size(of: node)
            node.kill(keeping: .synced)
            time.settle()
            try node.start()
            return (before, shown, try size(of: node))
        }
    }

    private func size(of node: SimulatedNode) throws -> Int {
        try node.process?.database.newestCheckpoint()?.size ?? 0
    }

    private func kill(_ disk: SimulatedVolume, at number: Int, _ die: @escaping () -> Void) {
        var left = number
        disk.watch(.any) {
            if left == 0 { die() }
            left -= 1
        }
    }

    private func run(
        _ operations: Range<Int>, _ body: (Int) throws -> (before: Int, shown: Int, kept: Int)
    ) -> Result {
        var result = Result()
        for number in operations {
            result.kills += 1
            do {
                let (before, shown, kept) = try body(number)
                if shown > before { result.shown += 1 }
                if kept < shown {
                    result.broken.append("operation \(number): \(shown) shown, \(kept) kept")
                }
            } catch {
                result.broken.append("operation \(number): \(error)")
            }
        }
        return result
    }
}
