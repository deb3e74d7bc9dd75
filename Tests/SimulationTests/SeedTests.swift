@testable import Simulation
import LedgerCore
import SyncCore
import Testing

/// Each seed is a few machines, a node and the faults it draws: 3,000 here (RELIABILITY §2, row 1;
/// 500 of them with clocks, row 9); `make soak` runs more and larger.
@Suite(.serialized) struct SeedTests {
    @Test func `nothing breaks in any seed`() {
        let summary = run(200, .small)
        // A simulation in which nothing happens proves nothing.
        #expect(summary.crashes > 160)
        #expect(summary.entries > 4_000)
    }

    /// Many short stories meet more combinations of faults than a few long ones.
    @Test func `nothing breaks in any brief seed`() {
        let summary = run(2_200, .brief)
        #expect(summary.crashes > 1_200)
        #expect(summary.entries > 44_000)
    }

    @Test func `clocks that jump, stand still or show other decades change no order`() {
        run(500, .clocks)
    }

    @Test func `programs that are ended at their start again and again start in the end`() {
        let summary = run(100, .starts)
        #expect(summary.crashes > 700)
        // Most starts of a node go on from a snapshot, and make their tree of kept roots.
        #expect(summary.snapshotStarts > 100)
        #expect(summary.pieceStarts > 100, "\(summary.pieceStarts)")
    }

    @discardableResult
    private func run(_ count: Int, _ kind: SimulationKind) -> SeedRun.Summary {
        let summary = SeedRun.run(count, threads: 2) { Setting(seed: UInt64($0 + 1), kind: kind) }
        #expect(summary.failures.isEmpty, "\(summary.failures.map(\.text))")
        #expect(summary.seeds == count)
        return summary
    }

    @Test(arguments: Setting.Crash.Victim.allCases)
    func `a crash at any step of a script loses nothing`(victim: Setting.Crash.Victim) {
        let script = Setting.quiet(seed: 3, actions: 8)
        let steps = SeedRun.run(script).steps
        #expect(steps >= 200)
        let summary = SeedRun.run(200, threads: 2) { number in
            var setting = script
            setting.crash = .init(victim, atStep: 1 + number)
            return setting
        }
        #expect(summary.failures.isEmpty, "\(summary.failures.map(\.text))")
        #expect(summary.seeds == 200)
        #expect(summary.crashes >= 190)
    }

    @Test func `the same seed is the same story`() {
        let setting = Setting(seed: 44)
        let first = SeedRun.run(setting)
        let second = SeedRun.run(setting)
        #expect(first.trace == second.trace)
        #expect(!first.trace.isEmpty)
        #expect(first.steps == second.steps)
    }

    /// Two were mistakes of the programs (640, 82), two of the oracles.
    @Test(arguments: [
        (UInt64(49), SimulationKind.brief), (640, .brief), (728, .brief), (82, .starts),
    ])
    func `what a seed found does not come back`(seed: UInt64, kind: SimulationKind) {
        let report = SeedRun.run(Setting(seed: seed, kind: kind))
        #expect(report.violation == nil, "\(report.text)")
    }

    /// What a seed found stays found.
    @Test func `an engine whose store fails at its start goes on when it works again`() throws {
        let template = try Template.shared.get()
        let time = VirtualTime(seed: 1)
        defer { time.end() }
        let simulation = try Simulation(
            .quiet(seed: 1, actions: 0), lane: 0, time: time, template: template)
        simulation.clients[0].seam = { store in
            let failing = WatchedStore(store)
            failing.failures = 3
            return failing
        }
        try simulation.start()
        simulation.pass(30_000)
        #expect(simulation.oracles.violation == nil)
        #expect(simulation.clients[0].process?.connection == .waiting)
        _ = simulation.finished()
    }

    @Test(arguments: [(2, 0), (0, 2), (2, 2)])
    func `what is queued while the store cannot be read is sent`(counts: Int, changes: Int) throws {
        let template = try Template.shared.get()
        let time = VirtualTime(seed: 1)
        defer { time.end() }
        let simulation = try Simulation(
            .quiet(seed: 1, actions: 0), lane: 0, time: time, template: template)
        try simulation.start()
        simulation.pass(10_000)
        let client = simulation.clients[0]
        client.process?.store.failures = counts
        client.process?.store.changeFailures = changes
        simulation.decide(client, .signupLeft(World.projects[0]))
        #expect(!simulation.oracles.known(of: client).toSend.isEmpty)
        simulation.pass(30_000)
        #expect(simulation.oracles.violation == nil)
        #expect(simulation.oracles.known(of: client).toSend.isEmpty)
        _ = simulation.finished()
    }

    @Test func `what is queued while a round ends is sent`() throws {
        let template = try Template.shared.get()
        for seed in 1...40 {
            let time = VirtualTime(seed: UInt64(seed))
            defer { time.end() }
            let simulation = try Simulation(
                .quiet(seed: UInt64(seed), actions: 0), lane: 0, time: time, template: template)
            try simulation.start()
            // The round is answered and not yet told when another program queues something.
            simulation.pass(Int64(seed))
            for client in simulation.clients {
                simulation.decide(client, .signupLeft(World.projects[0]))
            }
            simulation.pass(10_000)
            #expect(simulation.oracles.violation == nil, "seed \(seed)")
            _ = simulation.finished()
        }
    }
}
