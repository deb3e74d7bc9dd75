internal import Dispatch
internal import Synchronization

/// Jobs of Swift's tasks that wait, and a few serial queues that carry them out in their order.
///
/// The threads of serial queues do not wake the program when they rest, as those of libdispatch's
/// shared pool do.
package final class JobLanes: Sendable {
    private struct State {
        var waiting: [UnownedJob] = []
        /// How many of `waiting` were taken already.
        var taken = 0
        var idle: [DispatchQueue]

        mutating func next() -> UnownedJob? {
            guard taken < waiting.count else {
                waiting.removeAll(keepingCapacity: true)
                taken = 0
                return nil
            }
            taken += 1
            return waiting[taken - 1]
        }
    }

    private let state: Mutex<State>
    private let carryOut: @Sendable (UnownedJob) -> Void

    /// Makes lanes.
    ///
    /// - Parameters:
    ///   - label: What their threads are called.
    ///   - width: How many jobs run at a time, at least 1.
    ///   - carryOut: Runs a job to its end or its next wait.
    package init(
        _ label: String, width: Int, carryOut: @escaping @Sendable (UnownedJob) -> Void
    ) {
        self.carryOut = carryOut
        state = Mutex(State(idle: (0..<width).map { DispatchQueue(label: "\(label).\($0)") }))
    }

    /// Has a job carried out when its turn comes.
    package func run(_ job: UnownedJob) {
        let idle = state.withLock { state in
            state.waiting.append(job)
            return state.idle.popLast()
        }
        guard let idle else { return }
        idle.async { while let job = self.next(on: idle) { self.carryOut(job) } }
    }

    /// Takes a job for a queue; one that gets none is idle until more come.
    private func next(on queue: DispatchQueue) -> UnownedJob? {
        state.withLock { state in
            let job = state.next()
            if job == nil { state.idle.append(queue) }
            return job
        }
    }
}
