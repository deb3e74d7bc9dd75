/// Runs what takes a while: imports, sealing, searching a genome, checks, exports.
///
/// Such work reads and computes without a pause, and the shared pool has no more threads than the
/// machine has processors: two exports on two processors would hold up everything else, the keys
/// included. Here two run at a time, the others wait for their turn, and a reader of the store is
/// always left for the screens (`ClientStore` opens three).
final class WorkExecutor: TaskExecutor {
    static let shared: WorkExecutor = .init("accord.work", width: 2) { .shared }
    /// Reads folders, each for itself: one of a network may not answer for minutes.
    static let folders: WorkExecutor = .init("accord.folders", width: 4) { .folders }

    private let lanes: JobLanes

    private init(_ label: String, width: Int, _ own: @escaping @Sendable () -> WorkExecutor) {
        lanes = JobLanes(label, width: width) {
            $0.runSynchronously(on: own().asUnownedTaskExecutor())
        }
    }

    func enqueue(_ job: consuming ExecutorJob) { lanes.run(UnownedJob(job)) }
}
