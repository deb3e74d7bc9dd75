/// Names something that takes a while.
package enum WorkID: Hashable, Sendable {
    /// What a person asked for.
    case action(ActionID)
    /// Fetching and checking what is new in the ledger.
    case syncing
    /// Sending sealed records.
    case uploading
}

/// How far something is that takes a while.
package struct WorkProgress: Equatable, Sendable {
    /// What is done.
    package enum Subject: Equatable, Sendable {
        /// A file of records is read, by its name.
        case importing(file: String)
        /// Rows are sealed to be handed over.
        case sealing
        /// What is new in the ledger is fetched and checked.
        case syncing
        /// Sealed records are sent.
        case uploading
        /// Rows of a record are looked for.
        case searching
        /// The copy of the ledger on this machine is checked once more.
        case checking
        /// Everything of the member is written into a folder.
        case exporting
        /// An export is checked, or taken in.
        case takingIn
    }

    /// What is counted.
    package enum Unit: Equatable, Sendable {
        case bytes, rows, entries
    }

    /// What is done.
    package var subject: Subject
    /// How much of it; never more than `total`.
    package var done: Int64
    /// How much there is; `nil` where nobody knows.
    package var total: Int64?
    /// What `done` and `total` count.
    package var unit: Unit
    /// How much was done before this run began: an import that goes on.
    package var before: Int64
    /// Rows found so far, where rows are not what is counted; 0 for none.
    package var rows: Int64
    /// Milliseconds since it began.
    package var elapsedMilliseconds: Int64

    /// Tells how far it is.
    package init(
        _ subject: Subject, done: Int64, total: Int64?, unit: Unit, before: Int64 = 0,
        rows: Int64 = 0, elapsedMilliseconds: Int64 = 0
    ) {
        self.subject = subject
        self.done = total.map { min(done, $0) } ?? done
        self.total = total
        self.unit = unit
        self.before = before
        self.rows = rows
        self.elapsedMilliseconds = elapsedMilliseconds
    }
}

/// Something that takes a while, as it is shown: what was said once is not taken back.
struct Work: Equatable {
    let id: WorkID
    private(set) var progress: WorkProgress
    /// Whether it was asked for, and nothing was told of it yet.
    let isWaiting: Bool
    /// Seconds that are left, about; `nil` while nobody can tell.
    private(set) var secondsLeft: Int64?
    private var shownSeconds: Int64?

    init(_ id: WorkID, _ progress: WorkProgress) {
        self.id = id
        self.progress = progress
        isWaiting = false
        estimate()
    }

    /// Lists an action that was started.
    init(waiting action: ActionID, _ subject: WorkProgress.Subject) {
        id = .action(action)
        progress = WorkProgress(subject, done: 0, total: nil, unit: .rows)
        isWaiting = true
    }

    mutating func take(_ new: WorkProgress) {
        guard new.subject == progress.subject else {
            self = Work(id, new)
            return
        }
        let done = max(new.done, progress.done)
        progress = new
        progress.done = new.total.map { min(done, $0) } ?? done
        estimate()
    }

    /// Hundredths that are done; `nil` where nobody knows how much there is.
    var percent: Int? {
        guard let total = progress.total, total > 0 else { return nil }
        return Int(Double(progress.done) / Double(total) * 100)
    }

    /// How much is done in a second; `nil` in the first one.
    var rate: Int64? {
        let done = progress.done - progress.before
        guard progress.elapsedMilliseconds >= 1_000, done > 0 else { return nil }
        return Int64(Double(done) * 1_000 / Double(progress.elapsedMilliseconds))
    }

    /// The time left never grows: where it would, the last one stays, and where it was far too
    /// short nothing is said until it fits again.
    private mutating func estimate() {
        guard let total = progress.total, let rate, rate > 0 else { return }
        let seconds = (total - progress.done + rate - 1) / rate
        let shown = min(seconds, shownSeconds ?? seconds)
        shownSeconds = shown
        secondsLeft = seconds > 3 * shown + 10 ? nil : shown
    }
}
