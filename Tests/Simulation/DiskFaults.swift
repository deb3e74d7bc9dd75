internal import ClientStore
internal import LedgerCore
internal import NodeAPI
internal import NodeSequencer
internal import NodeServer
internal import NodeStore
internal import SyncCore

/// Lets the Nth operation on a disk fail, once or for ever, and looks whether anybody was told
/// something that is not so.
package struct DiskFaults: Sendable {
    /// What fails, and for how long.
    package struct Kind: Sendable {
        package let fault: SimulatedVolume.Fault
        package let isPersistent: Bool

        package init(_ fault: SimulatedVolume.Fault, isPersistent: Bool) {
            self.fault = fault
            self.isPersistent = isPersistent
        }

        /// Reads fail only of EIO.
        var operations: SimulatedVolume.Operations { fault == .inputOutput ? .any : .changes }
    }

    /// What was seen.
    package struct Result: Sendable {
        /// How often a fault was met, and how often an operation was refused for it.
        package var runs = 0
        package var refused = 0
        /// How often a node stopped itself.
        package var stops = 0
        package var broken: [String] = []
    }

    package init() {}

    /// A member's machine queues decisions; the power goes off after the fault.
    package func client(at numbers: Range<Int>, _ kind: Kind, lane: Int = 0) -> Result {
        var result = Result()
        for number in numbers {
            do {
                let lost = try queue(failingAt: number, kind, lane, &result)
                if let lost { result.broken.append("operation \(number): \(lost)") }
            } catch {
                result.broken.append("operation \(number): \(error)")
            }
        }
        return result
    }

    private func queue(failingAt number: Int, _ kind: Kind, _ lane: Int, _ result: inout Result)
        throws -> String?
    {
        let template = try Template.shared.get()
        let disk = SimulatedVolume(directory: "\(Lane.root)/faults-\(lane)")
        disk.restore(template.clients[0])
        let device = template.devices[0]
        let store = try ClientStore(
            directory: disk.directory, clock: { World.start }, surroundings: .none)
        disk.fail(
            kind.operations, after: number, count: kind.isPersistent ? nil : 1, with: kind.fault)
        result.runs += 1
        let before = disk.count(kind.operations)
        var told = [Hash]()
        // Two more after the fault show whether the store goes on rightly.
        while disk.count(kind.operations) < before + number + 12, told.count < 100 {
            do {
                told += try store.enqueue(at: World.start) { cursor in
                    [
                        try device.sign(
                            .signupLeft(World.projects[0]), at: cursor, issuedAt: World.start)
                    ]
                }
            } catch {
                result.refused += 1
                if kind.isPersistent { break }
            }
        }
        disk.heal()
        disk.crash(keeping: .synced)
        let again = try ClientStore(
            directory: disk.directory, clock: { World.start }, surroundings: .none)
        for entry in told where try again.activity(entry: entry) == nil {
            return "an entry that was shown as queued is lost"
        }
        let sequences = try again.undecided(limit: -1).map(\.sequence)
        if sequences != Array(3..<(3 + Int64(sequences.count))) {
            return "the numbers of the outbox have a gap: \(sequences)"
        }
        return nil
    }

    /// A node records decisions; it has to stop itself after a commit that failed.
    package func node(at numbers: Range<Int>, _ kind: Kind, lane: Int = 0) -> Result {
        var result = Result()
        for number in numbers {
            do {
                let broken = try record(failingAt: number, kind, lane, &result)
                if let broken { result.broken.append("operation \(number): \(broken)") }
            } catch {
                result.broken.append("operation \(number): \(error)")
            }
        }
        return result
    }

    private func record(failingAt number: Int, _ kind: Kind, _ lane: Int, _ result: inout Result)
        throws -> String?
    {
        let template = try Template.shared.get()
        let time = VirtualTime(seed: UInt64(number))
        defer { time.end() }
        let disk = SimulatedVolume(directory: "\(Lane.root)/faults-\(lane)")
        disk.restore(template.node)
        let node = SimulatedNode(
            volume: disk, keys: try SimulatedNode.keys(), time: time, clock: { World.start })
        defer {
            node.forget()
            time.settle()
        }
        var hasStopped = false
        node.onStop = { _ in hasStopped = true }
        try node.start()
        let seam = try SubmissionScript(node: node, device: template.devices[0], time: time)
        disk.fail(
            kind.operations, after: number, count: kind.isPersistent ? nil : 1, with: kind.fault)
        result.runs += 1
        let before = disk.count(kind.operations)
        while disk.count(kind.operations) < before + number + 8, seam.told.count < 100 {
            let wasStopped = hasStopped
            guard try seam.submit() else {
                result.refused += 1
                time.settle()
                if hasStopped || kind.isPersistent { break }
                continue
            }
            if wasStopped { return "it decided after a commit had failed" }
        }
        if hasStopped {
            result.stops += 1
            if try seam.submit() { return "it decided after a commit had failed" }
        }
        disk.heal()
        node.kill(keeping: .synced)
        time.settle()
        try node.start()
        guard let database = node.process?.database else { return "it does not start" }
        for (entry, index) in seam.told where try database.entry(entry)?.index != index {
            return "entry \(index) was acknowledged and is lost"
        }
        return nil
    }
}

/// A device that sends one entry after another, each until it is decided.
final class SubmissionScript {
    private let node: SimulatedNode
    private let device: SimulatedDevice
    private let time: VirtualTime
    private(set) var told: [(entry: Hash, index: LeafIndex)] = []
    private var cursor: OutboxCursor

    init(node: SimulatedNode, device: SimulatedDevice, time: VirtualTime) throws {
        self.node = node
        self.device = device
        self.time = time
        let known = try node.process?.database.cursors()[device.id]
        cursor = OutboxCursor(
            device: device.id, nextSequence: (known?.sequence ?? 0) + 1,
            previous: known?.last ?? .zero)
    }

    /// Sends the next entry; whether it was acknowledged.
    func submit() throws -> Bool {
        guard let process = node.process else { return false }
        let body: EntryBody =
            told.count.isMultiple(of: 2)
            ? .signupJoined(SignupJoined(project: World.projects[0], major: 1, minor: 0))
            : .signupLeft(World.projects[0])
        let entry = try device.sign(body, at: cursor, issuedAt: World.start)
        let call = NodeCall.submit(EntrySubmission([entry]))
        let answer = try time.wait {
            await process.server.answer(
                call, headers: [], authority: World.authority, from: "script")
        }
        guard answer.status == 200,
            case .accepted(let acceptance)? = try VerdictList(body: answer.body).verdicts.first
        else { return false }
        told.append((entry.id, acceptance.index))
        cursor = cursor.after(entry)
        return true
    }
}
