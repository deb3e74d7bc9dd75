internal import Dispatch
internal import Synchronization

/// Runs what takes a while: imports, sealing, searching a genome, checks, exports.
///
/// Such work reads and computes without a pause, and the shared pool has no more threads than the
/// machine has processors: two exports on two processors would hold up everything else, the keys
/// included. Here two run at a time, the others wait for their turn, and a reader of the store is
/// always left for the screens (`ClientStore` opens three).
final class WorkExecutor: TaskExecutor {
    static let shared = WorkExecutor()

    private struct State {
        var waiting: [UnownedJob] = []
        // The threads of serial queues do not wake the program when they rest.
        var idle = (0..<2).map { DispatchQueue(label: "accord.work.\($0)") }
    }

    private let state = Mutex(State())

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        let idle = state.withLock { state in
            state.waiting.append(job)
            return state.idle.popLast()
        }
        guard let idle else { return }
        idle.async { self.drain(on: idle) }
    }

    private func drain(on queue: DispatchQueue) {
        while let job = next(on: queue) { job.runSynchronously(on: asUnownedTaskExecutor()) }
    }

    /// Takes a job for a queue; one that gets none is idle until more come.
    private func next(on queue: DispatchQueue) -> UnownedJob? {
        state.withLock { state in
            guard state.waiting.isEmpty else { return state.waiting.removeFirst() }
            state.idle.append(queue)
            return nil
        }
    }
}
