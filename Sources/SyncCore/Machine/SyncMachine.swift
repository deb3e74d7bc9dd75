package import LedgerCore
package import NodeAPI

/// What happened, as the sync machine sees it.
package enum SyncEvent: Equatable, Sendable {
    /// The engine runs, and this is what waits: undecided entries and uploads.
    case started(undecided: Int, uploads: Int)
    /// Somebody queued something, or it was sent by another process.
    case workChanged(undecided: Int, uploads: Int)
    /// The person asked to synchronise, or the machine woke up: no more waiting.
    case woken
    /// The person chose to be offline, or online again.
    case offlineChosen(Bool)
    /// The vault was locked or unlocked.
    case vaultLocked(Bool)
    /// The one timer went off.
    case timerFired
    /// A batch was answered.
    case pushFinished(PushOutcome)
    /// A round was verified and stored, or failed.
    case pullFinished(PullOutcome)
    /// A poll ended: the size of the log now, or `nil` if nothing is new.
    case pollFinished(size: Int64?)
    /// A poll failed.
    case pollFailed(NodeFailure)
    /// A piece of an upload, or its keys, arrived; `remaining` uploads are unfinished.
    case uploadAdvanced(remaining: Int)
    /// The node does not have yet what the upload needs: wait for the next round.
    case uploadDeferred
    /// An upload failed.
    case uploadFailed(NodeFailure)

    /// How a batch ended.
    package enum PushOutcome: Equatable, Sendable {
        /// The node decided `decided` of them; `undecided` wait in the outbox now.
        case answered(decided: Int, undecided: Int)
        /// The node decided `decided` and stopped: the next one has to be sent again.
        case stopped(decided: Int, undecided: Int, reason: RetryReason)
        /// No answer.
        case failed(NodeFailure)
    }

    /// How a round ended.
    package enum PullOutcome: Equatable, Sendable {
        /// Verified and stored; the log has `size` leaves.
        case verified(size: Int64)
        /// The node showed an older tree of the same log: ignored.
        case stale
        /// Another process stored a round meanwhile.
        case outrun
        /// No answer.
        case failed(NodeFailure)
        /// This device was revoked.
        case revoked
        /// The node broke a promise; the evidence is stored.
        case alarm(String)
    }
}

/// What the engine has to do.
package enum SyncAction: Equatable, Sendable {
    /// Send the next batch of the outbox.
    case push
    /// Fetch, verify and store a round.
    case pull
    /// Wait until the log is larger than this.
    case poll(since: Int64)
    /// Send the next piece of an upload.
    case upload
    /// Wake the machine with `timerFired` at this time; an earlier timer is forgotten.
    case setTimer(Timestamp)
    /// Forget the timer.
    case cancelTimer
    /// Cancel the poll: nothing may be asked any more.
    case cancelPoll
}

/// Decides what to do next: events in, actions out, no clock, no randomness, no I/O.
///
/// One request at a time in each lane: push and pull share one, since what is pushed decides what
/// has to be pulled; the poll and the uploads have one each.
///
///     event ──► step ──► actions ──► engine ──► event …
package struct SyncMachine: Equatable, Sendable {
    /// The connection as the person sees it.
    package private(set) var connection: ConnectionState = .offline
    /// The size of the last verified tree.
    package private(set) var verifiedSize: Int64

    /// From when on the end of a poll leads to another round though nothing is new, for the
    /// confirmations of witnesses; `nil` for never.
    package var refreshAt: Timestamp?

    private let polls: Bool
    private var isStarted = false
    private var isOfflineChosen = false
    private var isLocked = false
    private var undecided = 0
    private var uploads = 0
    private var needsPull = true
    /// Whether the node could decide nothing of the last batch: what is new is fetched before the
    /// next one, so that entries nobody can decide keep nothing from the person.
    private var pullsFirst = false
    private var isMainBusy = false
    private var isPolling = false
    private var isUploading = false
    private var isUploadDeferred = false
    /// Whether something came since the upload under way began that may let it go on.
    private var hasUploadNews = false
    private var attempts = 0
    private var uploadAttempts = 0
    private var timer: Timestamp?
    private var timerArmed = Timestamp(milliseconds: 0)
    /// How many timers in a row went off at the very moment they were armed at, by the clock.
    private var stalledTimers = 0
    /// Until when nothing new is asked; `nil` while not waiting.
    private var pausedUntil: Timestamp?
    /// Until when the node asked to be left alone; `nil` if it did not.
    private var askedUntil: Timestamp?
    /// Until when no upload is tried; `nil` while not waiting.
    private var uploadPausedUntil: Timestamp?
    private var pollStarted = Timestamp(milliseconds: 0)
    /// Whether the ledger itself says that this device was revoked.
    private var isRevocationProven = false

    /// Makes a machine that has not started.
    ///
    /// - Parameters:
    ///   - verifiedSize: The size of the last verified tree.
    ///   - frozen: Why nothing may be sent any more, or `nil`.
    ///   - polls: Whether to wait for news when all is done; else it rests in `waiting`.
    package init(verifiedSize: Int64, frozen: String? = nil, polls: Bool = true) {
        self.verifiedSize = verifiedSize
        self.polls = polls
        if let frozen { connection = .frozen(reason: frozen) }
    }

    /// Takes an event in.
    ///
    /// - Parameters:
    ///   - event: What happened.
    ///   - now: This machine's clock.
    ///   - random: A random number, for the jitter of a back-off.
    /// - Returns: What to do now, in this order.
    package mutating func step(_ event: SyncEvent, now: Timestamp, random: UInt64) -> [SyncAction] {
        var actions = [SyncAction]()
        switch event {
        case .started(let undecided, let uploads):
            isStarted = true
            self.undecided = undecided
            self.uploads = uploads
        case .workChanged(let undecided, let uploads):
            // A new upload may go before the next round.
            if uploads > self.uploads { allowUploads() }
            // What was just decided is tried at once.
            if undecided > self.undecided { pullsFirst = false }
            self.undecided = undecided
            self.uploads = uploads
        case .woken:
            askAgain()
            needsPull = true
            allowUploads()
            (pausedUntil, askedUntil) = (nil, nil)
            uploadPausedUntil = nil
        case .offlineChosen(let isOffline):
            isOfflineChosen = isOffline
            needsPull = true
            (pausedUntil, askedUntil) = (nil, nil)
            if isOffline { rest(.offline) } else { leave(.offline) }
        case .vaultLocked(let isLocked):
            self.isLocked = isLocked
            needsPull = true
            if isLocked { rest(.needsUnlock) } else { leave(.needsUnlock) }
        case .timerFired:
            timer = nil
            // A clock that was set back or stands still must not make a wait longer.
            stalledTimers = now == timerArmed ? stalledTimers + 1 : 0
            if now < timerArmed || stalledTimers > 1 {
                (pausedUntil, askedUntil, uploadPausedUntil) = (nil, nil, nil)
                stalledTimers = 0
            }
        case .pushFinished(let outcome): pushFinished(outcome, now, random)
        case .pullFinished(let outcome): pullFinished(outcome, now, random)
        case .pollFinished(let size): pollFinished(size, now)
        case .pollFailed(let failure):
            isPolling = false
            fail(failure, now, random)
        case .uploadAdvanced(let remaining):
            isUploading = false
            uploads = remaining
            uploadAttempts = 0
        case .uploadDeferred:
            isUploading = false
            // What came meanwhile was not there yet when the node was asked.
            isUploadDeferred = !hasUploadNews
        case .uploadFailed(let failure): uploadFailed(failure, now, random)
        }
        settle(now, &actions)
        return actions
    }

    private mutating func pushFinished(
        _ outcome: SyncEvent.PushOutcome, _ now: Timestamp, _ random: UInt64
    ) {
        isMainBusy = false
        switch outcome {
        case .answered(let decided, let undecided):
            self.undecided = undecided
            if decided > 0 { needsPull = true }
            // An answer that decides nothing is as good as none: do not ask again at once.
            if decided == 0, undecided > 0 { backOff(now, random) }
        case .stopped(let decided, let undecided, let reason):
            self.undecided = undecided
            needsPull = needsPull || decided > 0
            if reason == .deviceUnknown, decided == 0, attempts >= 2 {
                rest(.needsEnrolment)
            } else if reason == .busy, decided > 0 {
                // It took what it has room for: that is fetched before the rest is sent again.
                (needsPull, pullsFirst) = (true, true)
            } else if reason == .busy || decided > 0 {
                backOff(now, random)
            } else {
                (needsPull, pullsFirst) = (true, true)
            }
        case .failed(.problem(let problem)) where problem.code == .storageFull:
            // It still tells what it has recorded.
            (needsPull, pullsFirst) = (true, true)
        case .failed(let failure): fail(failure, now, random)
        }
    }

    private mutating func pullFinished(
        _ outcome: SyncEvent.PullOutcome, _ now: Timestamp, _ random: UInt64
    ) {
        isMainBusy = false
        // One round for each batch of which nothing could be decided, however it ends.
        let wasFirst = pullsFirst
        if outcome != .outrun { pullsFirst = false }
        switch outcome {
        case .verified(let size):
            verifiedSize = size
            needsPull = false
            allowUploads()
            // What another lane was asked to wait holds all the same.
            pausedUntil = askedUntil
            // Only a verified round shows that the way to the node is good again; it does not show
            // that what waits can be decided.
            if wasFirst, undecided > 0 { backOff(now, random) } else { attempts = 0 }
        case .stale: backOff(now, random)
        case .outrun: needsPull = true
        case .failed(let failure): fail(failure, now, random)
        case .revoked:
            isRevocationProven = true
            rest(.revoked)
        case .alarm(let reason): rest(.frozen(reason: reason))
        }
    }

    private mutating func pollFinished(_ size: Int64?, _ now: Timestamp) {
        isPolling = false
        if let refreshAt, now >= refreshAt { needsPull = true }
        if let size, size > verifiedSize {
            needsPull = true
        } else if now < pollStarted.adding(milliseconds: SyncLimits.pollPauseMilliseconds) {
            // A node that answers at once with nothing must not be asked in a loop.
            let until = now.adding(milliseconds: SyncLimits.pollPauseMilliseconds)
            pausedUntil = max(pausedUntil ?? until, until)
        }
    }

    private mutating func allowUploads() {
        isUploadDeferred = false
        hasUploadNews = true
    }

    /// Uploads have a back-off of their own: rounds that go well must not shorten it.
    private mutating func uploadFailed(
        _ failure: NodeFailure, _ now: Timestamp, _ random: UInt64
    ) {
        isUploading = false
        if let state = SyncMachine.restingState(after: failure) { return rest(state) }
        uploadPausedUntil = now.adding(
            milliseconds: SyncMachine.wait(attempts: uploadAttempts, after: failure, random))
        uploadAttempts += 1
    }

    private mutating func fail(_ failure: NodeFailure, _ now: Timestamp, _ random: UInt64) {
        if let state = SyncMachine.restingState(after: failure) { return rest(state) }
        backOff(after: failure, now, random)
    }

    /// The state a failure leads to that waiting does not mend; `nil` if it is worth a retry.
    private static func restingState(after failure: NodeFailure) -> ConnectionState? {
        switch failure {
        case .away, .unreachable, .timedOut, .malformed, .unconfirmed: nil
        case .locked: .needsUnlock
        case .incompatible: .incompatible
        case .problem(let problem):
            switch problem.code {
            case .deviceUnknown: .needsEnrolment
            case .deviceRevoked: .revoked
            default: nil
            }
        }
    }

    private mutating func backOff(
        after failure: NodeFailure? = nil, _ now: Timestamp, _ random: UInt64
    ) {
        guard canTalk else { return }
        needsPull = true
        let wait = SyncMachine.wait(attempts: attempts, after: failure, random)
        attempts += 1
        let until = now.adding(milliseconds: wait)
        pausedUntil = max(pausedUntil ?? until, until)
        guard let failure, failure.retryAfterSeconds > 0 else { return }
        askedUntil = max(askedUntil ?? until, until)
    }

    /// Full jitter, in milliseconds: a random time up to a bound that doubles with each attempt,
    /// and at least what the node asked for.
    private static func wait(attempts: Int, after failure: NodeFailure?, _ random: UInt64)
        -> Int64
    {
        let jitter = Int64(random % UInt64(backoffBoundMilliseconds(attempts: attempts))) + 1
        // A node cannot silence a client for longer than an hour.
        let floor = min(failure?.retryAfterSeconds ?? 0, 3600) * 1000
        return max(jitter, floor)
    }

    /// The longest wait after this many failures, in milliseconds: 0.5 s doubling to 60 s.
    package static func backoffBoundMilliseconds(attempts: Int) -> Int64 {
        let base = SyncLimits.backoffBaseMilliseconds
        return min(SyncLimits.backoffCapMilliseconds, base << Int64(min(attempts, 10)))
    }

    /// Enters a state only a person or an event from outside leaves.
    private mutating func rest(_ state: ConnectionState) {
        if case .frozen = connection { return }
        if isRevocationProven, connection == .revoked { return }
        connection = state
        pausedUntil = nil
    }

    private mutating func leave(_ state: ConnectionState) {
        attempts = 0
        guard connection == state else { return }
        connection = isLocked ? .needsUnlock : isOfflineChosen ? .offline : .connecting
    }

    /// What an answer claims that nobody signed is not for ever: a wish asks once more.
    private mutating func askAgain() {
        switch connection {
        case .needsEnrolment, .incompatible: leave(connection)
        case .revoked: if !isRevocationProven { leave(.revoked) }
        case .offline, .connecting, .pushing, .pulling, .waiting, .backoff, .needsUnlock, .frozen:
            break
        }
    }

    /// Whether anything may be sent.
    package var canTalk: Bool {
        switch connection {
        case .needsUnlock, .needsEnrolment, .revoked, .incompatible, .frozen: false
        case .offline, .connecting, .pushing, .pulling, .waiting, .backoff:
            isStarted && !isOfflineChosen && !isLocked
        }
    }

    private mutating func settle(_ now: Timestamp, _ actions: inout [SyncAction]) {
        guard canTalk else {
            if isPolling { actions.append(.cancelPoll) }
            isPolling = false
            return set(nil, now, &actions)
        }
        if let until = pausedUntil, now >= until { pausedUntil = nil }
        if let until = askedUntil, now >= until { askedUntil = nil }
        if let until = uploadPausedUntil, now >= until { uploadPausedUntil = nil }
        if pausedUntil == nil, uploadPausedUntil == nil, uploads > 0, !isUploading,
            !isUploadDeferred
        {
            isUploading = true
            hasUploadNews = false
            actions.append(.upload)
        }
        if let until = pausedUntil {
            if !isMainBusy {
                connection = attempts > 0 ? .backoff(attempts: attempts, until: until) : .waiting
            }
        } else {
            startMain(&actions)
        }
        set([pausedUntil, uploadPausedUntil].compactMap { $0 }.min(), now, &actions)
        guard pausedUntil == nil else { return }
        guard !isMainBusy else { return }
        connection = .waiting
        if polls, !isPolling {
            isPolling = true
            pollStarted = now
            actions.append(.poll(since: verifiedSize))
        }
    }

    private mutating func startMain(_ actions: inout [SyncAction]) {
        guard !isMainBusy else { return }
        if undecided > 0, !pullsFirst || !needsPull {
            isMainBusy = true
            connection = .pushing
            actions.append(.push)
        } else if needsPull {
            isMainBusy = true
            connection = .pulling
            actions.append(.pull)
        }
    }

    private mutating func set(
        _ time: Timestamp?, _ now: Timestamp, _ actions: inout [SyncAction]
    ) {
        guard timer != time else { return }
        timer = time
        timerArmed = now
        actions.append(time.map(SyncAction.setTimer) ?? .cancelTimer)
    }
}

extension SyncMachine {
    /// Whether everything is done that can be done now: no request is on its way but the poll.
    package var isQuiescent: Bool {
        !isMainBusy && !isUploading && (!canTalk || connection == .waiting)
    }

    /// Whether entries wait and nothing would ever send them: `nil`, or what is wrong (I6).
    ///
    /// A person's wish to be offline is the one exception: it says itself that nothing is sent.
    package var debugInvariant: String? {
        guard canTalk, timer == nil else { return nil }
        if undecided > 0, !isMainBusy { return "entries wait, and no timer or request is armed" }
        let isWorking = isMainBusy || isUploading || isPolling
        return uploads == 0 || isWorking ? nil : "uploads wait, and no timer or request is armed"
    }
}
