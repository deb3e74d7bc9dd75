package import LedgerCore
package import Logging
internal import Synchronization

/// A clock that is not believed while it is far ahead.
///
/// The time of a ledger never goes back: one look at a clock that shows another year would end all
/// that has an end, for ever. So what a clock shows is held against what has passed since it was first
/// looked at, and where it is more than a day beyond that, time goes on without it until it comes back.
package final class WatchedClock: NodeClock {
    private struct Beginning {
        /// What the clock showed, or would have, when nothing had passed.
        var time: Timestamp
        var isAhead = false
    }

    private let clock: any NodeClock
    private let passed: @Sendable () -> Duration
    private let logger: Logger
    private let beginning: Mutex<Beginning>

    /// How far the clock may run ahead while it is watched, in milliseconds.
    package static let tolerance: Int64 = 86_400_000
    /// How far beyond the newest entry of a ledger it may be at first, in milliseconds.
    package static let silence: Int64 = 400 * 86_400_000

    /// Watches a clock.
    ///
    /// What has `passed` since some moment counts while the machine sleeps, too, and whatever its clock
    /// is set to; without it the machine says it itself.
    package init(
        _ clock: any NodeClock, passed: (@Sendable () -> Duration)? = nil, logger: Logger
    ) {
        self.clock = clock
        self.logger = logger
        let start = ContinuousClock.now
        let passed = passed ?? { start.duration(to: .now) }
        self.passed = passed
        let before = passed().milliseconds
        beginning = Mutex(Beginning(time: clock.now().adding(milliseconds: -before)))
    }

    /// The time the clock shows, or, while that is too far ahead, the one it should show.
    package func now() -> Timestamp {
        // First: whatever comes between the two makes the clock look late, and nothing else.
        let elapsed = passed().milliseconds
        let shown = clock.now()
        let (due, isAhead, isNews) = beginning.withLock { beginning in
            let due = beginning.time.adding(milliseconds: elapsed)
            let isAhead = shown > due.adding(milliseconds: WatchedClock.tolerance)
            let isNews = isAhead != beginning.isAhead
            beginning.isAhead = isAhead
            // One that was set back was wrong before.
            if shown < due { beginning.time = shown.adding(milliseconds: -elapsed) }
            return (due, isAhead, isNews)
        }
        if isNews { tell(shown, due, isAhead: isAhead) }
        return isAhead ? due : shown
    }

    /// See `NodeClock`.
    package func sleep(for duration: Duration) async throws {
        try await clock.sleep(for: duration)
    }

    /// Whether a time is so far beyond the newest entry of a ledger that somebody has to confirm it.
    package static func isDoubtful(_ time: Timestamp, after newest: Timestamp) -> Bool {
        time > newest.adding(milliseconds: silence)
    }

    private func tell(_ shown: Timestamp, _ due: Timestamp, isAhead: Bool) {
        let times: Logger.Metadata = [
            "shown": "\(shown.milliseconds)", "expected": "\(due.milliseconds)",
        ]
        if isAhead {
            logger.error("the clock jumped ahead and is not believed", metadata: times)
        } else {
            logger.info("the clock is believed again", metadata: times)
        }
    }
}

extension Duration {
    fileprivate var milliseconds: Int64 {
        components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000
    }
}
