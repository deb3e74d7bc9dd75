package import Screens
import Synchronization

/// Tells a few times a second how far something is, and whether it is to go on.
///
/// Nothing is told of what is done in a moment, and nothing wakes the app by itself: whoever works
/// asks the meter as often as there is a piece done.
package final class WorkMeter: Sendable {
    /// How long something takes before it is told of.
    private static let patience = Duration.milliseconds(250)
    /// The shortest time between two reports.
    private static let pause = Duration.milliseconds(200)

    private let began = ContinuousClock.now
    private let next: Mutex<ContinuousClock.Instant>
    private let tell: @Sendable (WorkProgress) -> Void

    /// Begins something now.
    package init(
        patience: Duration? = nil, _ tell: @escaping @Sendable (WorkProgress) -> Void
    ) {
        self.tell = tell
        next = Mutex(began + (patience ?? Self.patience))
    }

    /// Reports where something is, if it is time to.
    ///
    /// - Returns: `false` if the task was cancelled: what was begun is to be undone.
    package func report(_ progress: () -> WorkProgress) -> Bool {
        let now = ContinuousClock.now
        let isDue = next.withLock { next in
            guard now >= next else { return false }
            next = now + Self.pause
            return true
        }
        if isDue {
            var progress = progress()
            let parts = (now - began).components
            progress.elapsedMilliseconds =
                parts.seconds * 1_000 + parts.attoseconds / 1_000_000_000_000_000
            tell(progress)
        }
        return !Task.isCancelled
    }
}
