internal import CSimulation

/// The time of a simulation and everything that waits for it.
///
/// From `begin` to `end` every Swift task that this thread makes ready runs here and nowhere else,
/// one at a time, in an order drawn from the seed. Time stands still while a task can run.
package final class VirtualTime: @unchecked Sendable {
    private struct Event {
        let due: Int64
        let number: Int
        let action: () -> Void

        func isBefore(_ other: Event) -> Bool { (due, number) < (other.due, other.number) }
    }

    /// A heap: the first event is the next one.
    private var events: [Event] = []
    private var number = 0

    /// Something that never ends was waited for.
    package struct Stuck: Error {}

    package init(seed: UInt64) { simulation_schedule_begin(seed) }

    /// Gives the thread back, once no task can run any more.
    package func end() {
        settle()
        events = []
        simulation_schedule_end()
    }

    /// Milliseconds since it began.
    package private(set) var now: Int64 = 0

    /// Does something at a time, after what was asked for before.
    package func at(_ due: Int64, _ action: @escaping () -> Void) {
        number += 1
        events.append(Event(due: due, number: number, action: action))
        var child = events.count - 1
        while child > 0, events[child].isBefore(events[(child - 1) / 2]) {
            events.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    /// Does something after a while.
    package func after(_ milliseconds: Int64, _ action: @escaping () -> Void) {
        at(now + milliseconds, action)
    }

    private func popFirst() -> Event? {
        guard let first = events.first else { return nil }
        let last = events.removeLast()
        guard !events.isEmpty else { return first }
        events[0] = last
        var parent = 0
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2]
            where child < events.count && events[child].isBefore(events[least]) {
                least = child
            }
            if least == parent { return first }
            events.swapAt(parent, least)
            parent = least
        }
    }

    /// How many times a task ran up to its next wait.
    package private(set) var steps = 0
    /// Called before each step.
    package var onStep: () -> Void = {}

    /// Runs tasks until none can.
    package func settle() {
        repeat {
            steps += 1
            onStep()
        } while simulation_schedule_step() != 0
    }

    /// Lets time pass up to `end`; calls `check` whenever no task can run, stops when it is false.
    package func run(until end: Int64, while check: () -> Bool) {
        while true {
            settle()
            guard check() else { return }
            guard let next = events.first, next.due <= end else { break }
            now = max(now, next.due)
            popFirst()?.action()
        }
        now = max(now, end)
    }

    /// Waits in virtual time; throws when cancelled.
    package func sleep(for duration: Duration) async throws {
        let (seconds, attoseconds) = duration.components
        let sleeper = Sleeper()
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation {
                (continuation: CheckedContinuation<Void, any Error>) in
                sleeper.continuation = continuation
                self.after(seconds * 1000 + attoseconds / 1_000_000_000_000_000) {
                    sleeper.wake()
                }
                if Task.isCancelled { sleeper.wake(CancellationError()) }
            }
        } onCancel: {
            sleeper.wake(CancellationError())
        }
    }

    private final class Sleeper: @unchecked Sendable {
        var continuation: CheckedContinuation<Void, any Error>?

        func wake(_ error: (any Error)? = nil) {
            let waiting = continuation
            continuation = nil
            if let error { waiting?.resume(throwing: error) } else { waiting?.resume() }
        }
    }

    /// Runs tasks until this one has ended.
    package func wait<Value: Sendable>(
        for body: @escaping @Sendable () async throws -> Value
    ) throws -> Value {
        let box = Box<Value>()
        Task {
            do {
                box.result = .success(try await body())
            } catch {
                box.result = .failure(error)
            }
        }
        while box.result == nil {
            guard simulation_schedule_step() != 0 else { throw Stuck() }
        }
        guard let result = box.result else { throw Stuck() }
        return try result.get()
    }

    private final class Box<Value: Sendable>: @unchecked Sendable {
        var result: Result<Value, any Error>?
    }
}
