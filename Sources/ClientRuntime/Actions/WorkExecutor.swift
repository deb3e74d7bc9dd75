/// Runs what takes a while: imports, sealing, searching a genome, checks, exports.
///
/// Such work reads and computes without a pause, and the shared pool has no more threads than the
/// machine has processors: two exports on two processors would hold up everything else, the keys
/// included. Here two run at a time, the others wait for their turn, and a reader of the store is
/// always left for the screens (`ClientStore` opens three).
final class WorkExecutor: TaskExecutor {
    static let shared = WorkExecutor()

    private let lanes = JobLanes("accord.work", width: 2) {
        $0.runSynchronously(on: WorkExecutor.shared.asUnownedTaskExecutor())
    }

    private init() {}

    func enqueue(_ job: consuming ExecutorJob) { lanes.run(UnownedJob(job)) }
}
