internal import Foundation
internal import Synchronization

/// Runs many seeds, on several threads.
package enum SeedRun {
    /// What many seeds showed.
    package struct Summary: Sendable {
        /// How many ran.
        package var seeds = 0
        package var entries = 0
        package var crashes = 0
        package var snapshotStarts = 0
        package var pieceStarts = 0
        package var actions = 0
        package var virtualMilliseconds: Int64 = 0
        /// The reports of those that broke something, by seed.
        package var failures: [SimulationReport] = []
    }

    /// Runs one seed on this thread.
    package static func run(_ setting: Setting) -> SimulationReport { Simulation.run(setting) }

    /// Runs settings on `threads` threads until all ran, one failed or `isOver`.
    ///
    /// `onSeed` is told how it stands after each, on the thread that ran it, by one at a time.
    package static func run(
        _ count: Int, threads: Int, until isOver: @escaping @Sendable () -> Bool = { false },
        onSeed: @escaping @Sendable (Summary) -> Void = { _ in },
        _ setting: @escaping @Sendable (Int) -> Setting
    ) -> Summary {
        // The template is made before the threads ask for it.
        _ = Template.shared
        let next = Atomic<Int>(0)
        let summary = Mutex(Summary())
        DispatchQueue.concurrentPerform(iterations: threads) { lane in
            while true {
                let number = next.add(1, ordering: .relaxed).oldValue
                guard number < count, !isOver(), summary.withLock({ $0.failures.isEmpty }) else {
                    return
                }
                let report = Simulation.run(setting(number), lane: lane)
                summary.withLock { summary in
                    summary.seeds += 1
                    summary.entries += report.entries
                    summary.crashes += report.crashes
                    summary.snapshotStarts += report.snapshotStarts
                    summary.pieceStarts += report.pieceStarts
                    summary.actions += report.actions
                    summary.virtualMilliseconds += report.virtualMilliseconds
                    if report.violation != nil { summary.failures.append(report) }
                    onSeed(summary)
                }
            }
        }
        return summary.withLock { $0 }
    }
}
