internal import Dispatch

/// Waits without the shared thread pool of libdispatch, which wakes the program every second from
/// its first use on: what lasts as long as the app waits with this.
package enum QuietTimer {
    private static let queue = DispatchQueue(label: "accord.timers")

    /// Waits; throws when the task is cancelled.
    package static func sleep(for duration: Duration) async throws {
        let (fired, sink) = AsyncStream.makeStream(of: Void.self)
        let (seconds, attoseconds) = duration.components
        let timer = DispatchSource.makeTimerSource(queue: queue)
        timer.schedule(
            deadline: .now() + .seconds(Int(clamping: seconds))
                + .nanoseconds(Int(attoseconds / 1_000_000_000)))
        timer.setEventHandler { @Sendable in sink.finish() }
        timer.activate()
        defer { timer.cancel() }
        for await _ in fired {}
        try Task.checkCancellation()
    }
}
