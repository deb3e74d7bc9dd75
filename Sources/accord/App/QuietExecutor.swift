import CProcess
import Dispatch
import Glibc
import Synchronization

/// Runs the app's concurrent jobs so that nothing wakes it while nothing happens.
///
/// libdispatch watches the threads of its shared pool with a timer of one second that cannot be
/// switched off (`_dispatch_workq_monitor_pools`, `src/event/workqueue.c`); it starts with the
/// first job the pool gets. The threads of serial queues are not watched, so the jobs go to a few
/// of those. `Task.sleep` and `Task.yield` go past them: the app waits with `QuietTimer`.
enum QuietExecutor {
    /// Takes over from the shared pool; call it before anything runs concurrently.
    static func install() {
        job_hook_install { job, _ in
            guard let job else { return }
            // A job is one pointer, for Swift and for its runtime.
            JobQueue.shared.run(unsafeBitCast(job, to: UnownedJob.self))
        }
    }
}

/// Jobs that wait, and as many serial queues as there are processors to run them.
private final class JobQueue: Sendable {
    static let shared = JobQueue()

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

    private init() {
        // Two at least: a job that waits for the disk must not hold up all others.
        let width = max(2, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))))
        state = Mutex(State(idle: (0..<width).map { DispatchQueue(label: "accord.jobs.\($0)") }))
    }

    func run(_ job: UnownedJob) {
        let idle = state.withLock { state in
            state.waiting.append(job)
            return state.idle.popLast()
        }
        guard let idle else { return }
        idle.async { self.drain(on: idle) }
    }

    private func drain(on queue: DispatchQueue) {
        while let job = next(on: queue) { job.runSynchronously(on: JobQueue.generic) }
    }

    /// Takes a job for a queue; one that gets none is idle until more come.
    private func next(on queue: DispatchQueue) -> UnownedJob? {
        state.withLock { state in
            let job = state.next()
            if job == nil { state.idle.append(queue) }
            return job
        }
    }

    /// The executor of jobs that belong to no actor: for the runtime, no executor at all.
    private static var generic: UnownedSerialExecutor {
        // Two words of zero are what the runtime's `SerialExecutorRef::generic()` is.
        unsafeBitCast((0, 0), to: UnownedSerialExecutor.self)
    }
}
