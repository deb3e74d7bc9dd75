import ArgumentParser
import Foundation
import Simulation
import Synchronization

/// Runs the simulator: one seed with its trace, or many until something breaks.
@main struct Simulate: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Members' machines, a node and everything that goes wrong, from one seed.",
        discussion: "make simulate, with SEED, COUNT, KIND, SECONDS, BUG or THREADS set.")

    @Option(help: "The first seed; alone, only that one.") var seed: UInt64?
    @Option(help: "How many seeds.") var count: Int?
    @Option(help: "What a seed is about: brief, small, full, clocks or starts.")
    var kind = SimulationKind.small
    @Option(help: "Stop after so many seconds.") var seconds: Double?
    @Option(help: "A mistake to make on purpose.") var bug: PlantedBug?
    @Option(help: "How many threads.") var threads = 1
    @Flag(help: "Print what happens.") var trace = false

    func run() throws {
        let first = seed ?? 1
        let (kind, bug) = (kind, bug)
        let begin = ContinuousClock.now
        let limit = seconds.map { begin.advanced(by: .seconds($0)) }
        if let seed, count == nil, seconds == nil {
            var setting = Setting(seed: seed, kind: kind)
            setting.bug = bug
            let report = SeedRun.run(setting)
            print(report.text)
            if trace { for line in report.trace { print(line) } }
            print(
                "\(report.actions) actions, \(report.entries) entries, \(report.crashes) crashes, "
                    + "\(report.virtualMilliseconds / 1000) virtual s in \(ContinuousClock.now - begin)"
            )
            if report.violation != nil { throw ExitCode.failure }
            return
        }
        let summary = SeedRun.run(
            count ?? (seconds == nil ? 1_000 : .max), threads: threads,
            until: { limit.map { ContinuousClock.now >= $0 } ?? false },
            onSeed: Simulate.progress(since: begin, threads: threads)
        ) { number in
            var setting = Setting(seed: first &+ UInt64(number), kind: kind)
            setting.bug = bug
            return setting
        }
        report(summary, ContinuousClock.now - begin)
        guard summary.failures.isEmpty else { throw ExitCode.failure }
    }

    /// A line every ten seconds, where it is in no one's way.
    private static func progress(since begin: ContinuousClock.Instant, threads: Int)
        -> @Sendable (SeedRun.Summary) -> Void
    {
        let next = Mutex(begin.advanced(by: .seconds(10)))
        return { summary in
            let now = ContinuousClock.now
            let isDue = next.withLock { next in
                guard now >= next else { return false }
                next = now.advanced(by: .seconds(10))
                return true
            }
            guard isDue else { return }
            let seconds = (now - begin) / .seconds(1)
            let rate = Int(Double(summary.seeds) / seconds / Double(threads))
            FileHandle.standardError.write(
                Data(
                    "\(summary.seeds) seeds in \(Int(seconds)) s, \(rate) seeds/s/thread\n".utf8))
        }
    }

    private func report(_ summary: SeedRun.Summary, _ time: Duration) {
        let seconds = Double(time.components.seconds) + Double(time.components.attoseconds) / 1e18
        for failure in summary.failures { print(failure.text) }
        print(
            """
            \(summary.seeds) seeds, \(summary.actions) actions, \(summary.entries) entries, \
            \(summary.crashes) crashes in \(Int(seconds)) s on \(threads) threads: \
            \(Int(Double(summary.seeds) / seconds / Double(threads))) seeds/s/thread, \
            \(Int(Double(summary.virtualMilliseconds) / 1000 / seconds)) times real time
            """)
    }
}

extension SimulationKind: ExpressibleByArgument {}
extension PlantedBug: ExpressibleByArgument {}
