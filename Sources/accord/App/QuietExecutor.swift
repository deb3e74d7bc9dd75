import CProcess
import ClientRuntime
import Glibc

/// Runs the app's concurrent jobs so that nothing wakes it while nothing happens.
///
/// libdispatch watches the threads of its shared pool with a timer of one second that cannot be
/// switched off (`_dispatch_workq_monitor_pools`, `src/event/workqueue.c`); it starts with the
/// first job the pool gets. The threads of serial queues are not watched, so the jobs go to a few
/// of those. `Task.sleep` and `Task.yield` go past them: the app waits with `QuietTimer`.
enum QuietExecutor {
    // Two at least: a job that waits for the disk must not hold up all others.
    private static let lanes = JobLanes(
        "accord.jobs", width: max(2, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))))
    ) { $0.runSynchronously(on: generic) }

    /// Takes over from the shared pool; call it before anything runs concurrently.
    static func install() {
        job_hook_install { job, _ in
            guard let job else { return }
            // A job is one pointer, for Swift and for its runtime.
            QuietExecutor.lanes.run(unsafeBitCast(job, to: UnownedJob.self))
        }
    }

    /// The executor of jobs that belong to no actor: for the runtime, no executor at all.
    private static var generic: UnownedSerialExecutor {
        // Two words of zero are what the runtime's `SerialExecutorRef::generic()` is.
        unsafeBitCast((0, 0), to: UnownedSerialExecutor.self)
    }
}
