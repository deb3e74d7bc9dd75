internal import ClientStore
internal import LedgerCore
internal import NodeAPI
internal import NodeSequencer
internal import NodeServer
internal import NodeStore
internal import RulesModel
internal import SyncCore
internal import SyncEngine

/// What one seed showed.
package struct SimulationReport: Sendable {
    /// The setting.
    package let setting: Setting
    /// The first promise that was broken, if one was: `I1` to `I10` and what happened.
    package var violation: String?
    /// The last things that happened, oldest first.
    package var trace: [String] = []
    /// How much was done.
    package var actions = 0
    package var entries = 0
    package var refusals = 0
    package var crashes = 0
    /// How many starts of the node went on from a snapshot.
    package var snapshotStarts = 0
    /// How many made their tree of kept roots.
    package var pieceStarts = 0
    /// How many times a task ran up to its next wait.
    package var steps = 0
    package var virtualMilliseconds: Int64 = 0

    /// What to type to see it again; `nil` for a script of a test.
    package var command: String? {
        guard let kind = setting.kind else { return nil }
        return "SEED=\(setting.seed)" + (kind == .small ? "" : " KIND=\(kind.rawValue)")
            + (setting.bug.map { " BUG=\($0.rawValue)" } ?? "") + " make simulate"
    }

    /// The failure for people.
    package var text: String {
        guard let violation else { return "seed \(setting.seed): nothing broke" }
        let again = command.map { ["again with: \($0)"] } ?? []
        return (["seed \(setting.seed): \(violation)"] + again + trace)
            .joined(separator: "\n  ")
    }
}

/// Members' machines, a node, their disks and the network between: real programs, virtual time, one
/// thread, one seed.
///
/// First everything goes wrong that can (safety), then nothing any more, and all has to come to rest
/// within ten minutes (liveness).
final class Simulation: @unchecked Sendable {
    let setting: Setting
    var numbers: SeededNumbers
    let time: VirtualTime
    let node: SimulatedNode
    let network: SimulatedNetwork
    var clients: [SimulatedClient] = []
    let oracles: Oracles
    let sponsor: SimulatedDevice
    var sponsorCursor: OutboxCursor
    /// What the sponsor signed and has no verdict on.
    var sponsorEntry: Entry?
    var report: SimulationReport
    /// Old copies of disks.
    var backups: [Int: (volume: SimulatedVolume, known: Oracles.Known)] = [:]
    var nodeBackup: SimulatedVolume?
    let folder: String
    var isHealed = false
    /// Whether all machines sleep: also those that start meanwhile.
    var isNight = false
    var nodeClockOffset: Int64 = 0

    init(_ setting: Setting, lane: Int, time: VirtualTime, template: Template) throws {
        self.setting = setting
        self.time = time
        numbers = SeededNumbers(seed: setting.seed ^ 0x5eed)
        report = SimulationReport(setting: setting)
        folder = "\(Lane.root)/\(lane)"
        sponsor = template.sponsor
        sponsorCursor = template.sponsorCursor
        let disk = SimulatedVolume(directory: folder + "/node", seed: setting.seed)
        disk.restore(template.node)
        node = SimulatedNode(
            volume: disk, keys: try SimulatedNode.keys(), time: time,
            clock: { World.start.adding(milliseconds: time.now) })
        network = SimulatedNetwork(seed: setting.seed ^ 0x4e7, time: time, node: node)
        network.faults = setting.network
        oracles = Oracles(time: time, logKey: node.keys.log.verifierKey)
        for number in 0..<setting.clients {
            // One machine for each account, then the second ones.
            let place = number % setting.accounts * 2 + number / setting.accounts
            let disk = SimulatedVolume(
                directory: folder + "/client-\(number)", seed: setting.seed &+ UInt64(number))
            disk.restore(template.clients[place])
            let client = SimulatedClient(
                name: "client \(number)", device: template.devices[place], volume: disk, time: time)
            clients.append(client)
            oracles.add(client)
        }
        oracles.onTrace = { [unowned self] in trace($0) }
        network.onTrace = { [unowned self] in trace($0) }
        network.onAnswer = { [unowned self] in oracles.answered($0, $1) }
        node.clock = { [unowned self] in
            World.start.adding(milliseconds: self.time.now + self.nodeClockOffset)
        }
        node.onStop = { [unowned self] error in
            trace("the node stops itself: \(error)")
            time.after(0) { self.nodeDied(.all) }
        }
        setting.bug?.plant(in: self)
        if let crash = setting.crash { arm(crash) }
    }

    private func arm(_ crash: Setting.Crash) {
        time.onStep = { [unowned self] in
            guard time.steps == crash.step else { return }
            switch crash.victim {
            case .client: if clients[0].process != nil { clientDied(clients[0], .synced) }
            case .node: if node.process != nil { nodeDied(.synced) }
            }
        }
    }

    /// Runs a seed on this thread; `lane` tells apart what other threads run.
    static func run(_ setting: Setting, lane: Int = 0) -> SimulationReport {
        do {
            let template = try Template.shared.get()
            let time = VirtualTime(seed: setting.seed)
            defer { time.end() }
            let simulation = try Simulation(setting, lane: lane, time: time, template: template)
            try simulation.run()
            return simulation.finished()
        } catch {
            var report = SimulationReport(setting: setting)
            report.violation = "the simulation itself failed: \(error)"
            return report
        }
    }

    func finished() -> SimulationReport {
        report.violation = oracles.violation
        report.virtualMilliseconds = time.now
        report.steps = time.steps
        report.snapshotStarts = node.snapshotStarts
        report.pieceStarts = node.pieceStarts
        time.onStep = {}
        for client in clients {
            client.process?.die()
            client.process = nil
        }
        node.forget()
        time.settle()
        return report
    }

    func trace(_ what: String) {
        if report.trace.count >= 100 { report.trace.removeFirst() }
        report.trace.append("\(time.now) ms: \(what)")
    }

    /// Starts all machines.
    func start() throws {
        try node.start()
        oracles.templateSize = try node.process?.database.newestCheckpoint()?.size ?? 0
        for client in clients { startClient(client) }
    }

    private func run() throws {
        try start()
        for _ in 0..<setting.actions where oracles.violation == nil {
            report.actions += 1
            if report.actions == setting.actions / 2, setting.rollsBack {
                nodeBackup = node.volume.image(
                    at: folder + "/node-backup", keeping: .all, seed: setting.seed)
            }
            act()
            pass(Int64(numbers.below(Int(setting.pause))))
        }
        guard oracles.violation == nil else { return }
        heal()
        rest()
        guard oracles.violation == nil, let process = node.process else { return }
        // What time alone made due is recorded, and everybody sees it.
        try time.wait(for: { await process.sequencer.requestTick() })
        rest()
        guard oracles.violation == nil else { return }
        let audit = Audit(simulation: self, database: process.database)
        report.entries = audit.entries.count
        try audit.run()
        guard oracles.violation == nil, setting.rollsBack else { return }
        try rollBack(audit)
    }

    /// Lets time pass, looking at every step.
    func pass(_ milliseconds: Int64) {
        time.run(until: time.now + milliseconds) {
            oracles.look(clients, isHealed: isHealed)
            return oracles.violation == nil
        }
    }

    /// Lets ten minutes pass, or less if all machines have nothing to do before.
    private func rest() {
        let end = time.now + 600_000
        repeat { pass(2_000) } while oracles.violation == nil && time.now < end && !isAtRest
    }

    private var isAtRest: Bool {
        guard let size = try? node.process?.database.newestCheckpoint()?.size else { return false }
        return clients.allSatisfy { client in
            oracles.isRevoked(client) && client.process?.connection == .revoked
                || client.process?.connection == .waiting && oracles.isAtRest(client, size)
        }
    }

    /// No faults from here on, and everything runs.
    func heal() {
        trace("all faults end")
        isHealed = true
        network.faults = NetworkFaults()
        node.volume.heal()
        node.volume.watch(.any, nil)
        if node.process == nil { startNode() }
        for client in clients {
            client.volume.heal()
            client.volume.watch(.any, nil)
            client.partition = .none
            client.process?.resume()
            if client.isOfflineChosen {
                client.isOfflineChosen = false
                client.process?.engine.chooseOffline(false)
            }
            if client.process == nil { startClient(client) }
        }
        // One person adds something more: the log grows, and everybody has to notice.
        if let client = clients.first(where: { $0.process != nil && !oracles.isRevoked($0) }) {
            decide(client, .signupLeft(World.projects[0]))
        }
    }
}

// Starting and dying.
extension Simulation {
    func startClient(_ client: SimulatedClient) {
        guard client.process == nil else { return }
        do {
            try client.start(on: network, randomSeed: numbers.next())
            client.process?.store.witness = oracles.witness(of: client)
            if isNight { client.process?.suspend() }
            trace("\(client.name) starts")
        } catch is SimulatedVolume.DiedAtStart {
            trace("\(client.name) died at its start")
        } catch {
            trace("\(client.name) does not start: \(error)")
            guard !isHealed else {
                return oracles.fail("I10: the store of \(client.name) does not open: \(error)")
            }
            client.volume.crash(keeping: .all)
            time.after(1_000) { self.startClient(client) }
        }
    }

    func clientDied(_ client: SimulatedClient, _ keep: SimulatedVolume.Keep) {
        trace("\(client.name) dies, keeping \(keep)")
        report.crashes += 1
        client.volume.watch(.any, nil)
        client.kill(keeping: keep)
        oracles.died(client)
        time.after(Int64(100 + numbers.below(30_000))) { self.restartClient(client) }
    }

    /// Starts a machine that died; some die again while they start.
    private func restartClient(_ client: SimulatedClient) {
        let rate = setting.clientStartTraps
        if !isHealed, client.process == nil, rate > 0, numbers.once(in: rate) {
            trap(client.volume, in: numbers.below(60), .all) { [unowned self] in
                clientDied(client, $0)
            }
        }
        startClient(client)
    }

    private func restartNode() {
        let rate = setting.nodeStartTraps
        if !isHealed, node.process == nil, rate > 0, numbers.once(in: rate) {
            trap(node.volume, in: numbers.below(120), .all) { [unowned self] in nodeDied($0) }
        }
        startNode()
    }

    func startNode() {
        guard node.process == nil else { return }
        do {
            try node.start()
            trace("the node starts")
        } catch is SimulatedVolume.DiedAtStart {
            trace("the node died at its start")
        } catch {
            trace("the node does not start: \(error)")
            if case SequencerFailure.integrity(let what) = error {
                return oracles.fail("I10: the node refuses its own ledger: \(what)")
            }
            guard !isHealed else {
                return oracles.fail("I10: the node does not start: \(error)")
            }
            node.kill(keeping: .all)
            time.after(1_000) { self.startNode() }
        }
    }

    func nodeDied(_ keep: SimulatedVolume.Keep) {
        trace("the node dies, keeping \(keep)")
        report.crashes += 1
        node.volume.watch(.any, nil)
        node.kill(keeping: keep)
        time.after(Int64(100 + numbers.below(20_000))) { self.restartNode() }
    }

    /// Lets a machine die in the middle of its next `count` operations on the disk.
    func trap(
        _ volume: SimulatedVolume, in count: Int, _ keep: SimulatedVolume.Keep,
        _ die: @escaping (SimulatedVolume.Keep) -> Void
    ) {
        var left = count
        volume.watch(.any) {
            left -= 1
            if left < 0 { die(keep) }
        }
    }
}
