package import LedgerCore
package import Logging
package import NodeAPI

/// What the sequencer decided about one entry.
package enum Decision: Equatable, Sendable {
    /// It is on the ledger now.
    case accepted(SequencedEntry)
    /// It is refused for ever, which is stored.
    case refused(StoredRefusal)
    /// It was decided before: the store knows the verdict.
    case known
    /// It breaks a rule whoever asks, so nothing is stored.
    case refusedUnsigned(EntryRejection)
    /// It is no entry of this ledger.
    case defect(EntryDefect)
    /// It is not decided.
    case retry(RetryReason)
    /// It is not decided, because it only adds, and what room there is is for what takes back.
    case noRoom

    /// Whether there is no verdict.
    package var isOpen: Bool {
        switch self {
        case .retry, .noRoom: true
        case .accepted, .refused, .known, .refusedUnsigned, .defect: false
        }
    }
}

/// How a wish to read records ended.
package enum UseOutcome: Sendable {
    /// It is logged and these records may be read.
    case allowed(SequencedEntry, AuthorizationID, [UsableRecord])
    /// It is logged and nothing may be read.
    case denied(UseDenial, SequencedEntry)
    /// There is no such project, so there is nothing to log it against.
    case projectUnknown
    /// The device that asks was revoked.
    case deviceRevoked
}

/// How a try to enrol ended.
package enum EnrolmentOutcome: Sendable {
    /// The invitation was good; the entry got this decision.
    case decided(Decision, InvitationKey)
    /// There is no such invitation, it ran out, was used, or the proof is wrong: not told which.
    case invitationRefused
    /// Too many wrong tries; wait so many seconds.
    case tooManyTries(retryAfterSeconds: Int64)
}

/// Why the sequencer takes nothing.
package enum SequencerFailure: Error, Equatable, Sendable {
    /// Too much waits already.
    case busy
    /// It stopped, because it was asked to or because a commit failed.
    case stopped
    /// What is stored is not what it claims to be.
    case integrity(String)
    /// The store holds fewer entries than the log has signed a checkpoint for: it is an old copy.
    case behind(stored: Int, signed: Int)
    /// The store's history is not the one the log has signed a checkpoint of this size for.
    case otherHistory(size: Int)

    /// What is wrong with a ledger and what to do, for the operator.
    package var explanation: String {
        switch self {
        case .busy: "too much waits already"
        case .stopped: "the node has stopped"
        case .integrity(let what): "integrity: \(what)"
        case .behind(let stored, let signed):
            """
            integrity: the database holds \(stored) entries, and this log has signed a checkpoint \
            for \(signed): it is an old copy. Going on from it would give members two histories, \
            so nothing is signed. Put the newer database back, or a newer copy with \
            "accord-node restore".
            """
        case .otherHistory(let size):
            """
            integrity: the database holds another history than the one this log has signed a \
            checkpoint of size \(size) for, so nothing is signed. Put the right database back, or \
            a copy of it with "accord-node restore".
            """
        }
    }
}

/// The one place that orders entries: it decides, makes durable, and only then answers.
///
///     submissions ──▶ queue ──▶ decide (LedgerState) ──▶ one commit ──▶ publish ──▶ answers
///                       ▲ while a commit runs the next batch gathers here
///
/// State is changed before the commit and never rolled back: after a failed commit it is not known
/// what was written, so the sequencer stops for good and the program with it.
package actor Sequencer {
    /// What everybody may see.
    package nonisolated let ledger: PublishedLedger
    let store: any LedgerStore
    let records: any SealedRecordStore
    /// The keys of the log and its operator.
    package nonisolated let keys: NodeKeys
    let clock: any NodeClock
    let salts: SaltSource
    let logger: Logger
    let keeper: (any CheckpointKeeper)?
    /// What the keeper holds.
    var keptNote: [UInt8]?
    let snapshots: (any SnapshotKeeper)?
    var snapshotSchedule: SnapshotSchedule
    let pieceInterval: Int
    /// How many of the first leaves are in pieces whose roots the store keeps.
    var keptPieceSize = 0
    /// How many of the first entries are to be looked through beside the work.
    var owesLook = 0
    private var lookFailure: SequencerFailure?

    var state = LedgerState()
    var cursors: [DeviceID: DeviceCursor] = [:]
    var chains: [ChainID: ChainHead] = [:]
    var known = KnownEntries()
    var size = 0
    var time = Timestamp(milliseconds: 0)
    /// The time of the last entry.
    package internal(set) var entryTime = Timestamp(milliseconds: 0)
    var tries = TryLimiter()
    /// Whom grants for a project name, now or then.
    var named: [ProjectID: Set<AccountID>] = [:]
    /// Whose grants for which project name an account, now or then: of those who asked.
    var namingSeats: [AccountID: Set<Seat>] = [:]
    /// What whose devices had stored since there was no room any more, in bytes.
    var takenWithoutRoom: [AccountID: Int] = [:]

    private var queue: [Job] = []
    private var queuedCount = 0
    private var isTickDue = false
    private var tickedAt = Timestamp(milliseconds: 0)
    private var isStopping = false
    private var hasStopped = false
    private let wakes: AsyncStream<Void>
    private let wake: AsyncStream<Void>.Continuation

    /// The most entries one commit takes.
    package static let batchCount = 256
    /// The most entries that may wait.
    package static let queueCount = 4096

    /// How long what time makes due, and orders, wait while every batch is full, in milliseconds.
    package static let tickPatience: Int64 = 3_000

    /// The most that the devices of one account may have stored while there is no room, in bytes of
    /// entries: what stops use goes beyond.
    package static let bytesWithoutRoom = 256 << 10

    /// The fewest leaves from one kept run of roots to the next.
    package static let pieceInterval = 4_096
    /// A start looks through what a snapshot covers itself where that is at most so many times the
    /// interval, which takes a tenth of a second.
    static let lookedThroughAtOnce = 16
    /// The pause between the parts of a look beside the work: it takes a fifth of a core.
    static let lookPause = Duration.milliseconds(5)
    /// How often it reads what cannot be read, a second apart, before that is damage.
    static let lookTries = 10

    /// Opens a ledger: reads what is stored, holds the tree against the newest checkpoint and
    /// replays the entries, or, where `snapshots` keeps a snapshot that fits, those after it.
    ///
    /// What it took over unread, `run` looks through (`LedgerLook`), or the start itself where that is
    /// little.
    ///
    /// Where a `keeper` keeps the newest checkpoint, too, a store that is behind it is refused.
    /// While it runs a snapshot is written each time the log has grown by a quarter, but by
    /// `snapshotInterval` entries at least, and one when it is stopped.
    ///
    /// - Throws: `SequencerFailure.integrity` if anything does not fit, `SequencerFailure.behind`,
    ///   `SequencerFailure.otherHistory`; store errors.
    package init(
        store: any LedgerStore, records: any SealedRecordStore, keys: NodeKeys,
        clock: any NodeClock, salts: SaltSource = .random, keeper: (any CheckpointKeeper)? = nil,
        snapshots: (any SnapshotKeeper)? = nil,
        snapshotInterval: Int = Sequencer.snapshotInterval,
        pieceInterval: Int = Sequencer.pieceInterval, logger: Logger
    ) async throws {
        self.store = store
        self.records = records
        self.keys = keys
        self.clock = clock
        self.salts = salts
        self.logger = logger
        self.keeper = keeper
        self.snapshots = snapshots
        snapshotSchedule = SnapshotSchedule(interval: snapshotInterval)
        self.pieceInterval = pieceInterval
        ledger = PublishedLedger(logKey: keys.log.verifierKey, clock: clock, store: store)
        (wakes, wake) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
        try await restore()
    }

    /// Decides until it is stopped.
    ///
    /// - Parameter tickInterval: How often to look for what time alone makes due.
    /// - Throws: the error of a failed commit, or `SequencerFailure.integrity` where the look at what the
    ///   start took over finds damage; after either the program must end.
    package func run(tickInterval: Duration = .seconds(1)) async throws {
        tickedAt = max(time, clock.now())
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                while !Task.isCancelled {
                    // A cancelled sleep ends the loop.
                    try? await self.clock.sleep(for: tickInterval)
                    await self.requestTick()
                }
            }
            defer { group.cancelAll() }
            if owesLook > 0 {
                let size = owesLook
                group.addTask(priority: .background) { await self.lookThrough(size) }
            }
            for await _ in wakes {
                while lookFailure == nil, !queue.isEmpty || isTickDue {
                    do {
                        try await processBatch()
                    } catch {
                        fail()
                        throw error
                    }
                    offerSnapshot(in: &group)
                }
                if isStopping || lookFailure != nil || Task.isCancelled { break }
            }
            fail()
            group.cancelAll()
            // One that is being written must not come after the last one.
            try await group.waitForAll()
            if let lookFailure { throw lookFailure }
            writeLastSnapshot()
        }
    }

    /// Lets the sequencer finish what waits and then end `run`.
    package func stop() {
        isStopping = true
        ledger.close()
        wake.yield()
    }

    /// Looks at once for what time alone makes due.
    package func requestTick() {
        isTickDue = true
        wake.yield()
    }

    /// The number of entries the start had to replay.
    package internal(set) var replayedCount = 0
    /// The number of entries that the newest snapshot covers.
    package var snapshotSize: Int { snapshotSchedule.keptSize }
    /// The entries that the newest snapshot covers, and the leaves in pieces whose roots are kept: right
    /// after a start, what it did not read.
    package var unread: (entries: Int, leaves: Int) { (snapshotSchedule.keptSize, keptPieceSize) }

    /// The number of entries that wait.
    package var waitingCount: Int { queuedCount }

    /// Queues entries and waits for the decisions, which are durable then.
    ///
    /// Without `hasRoom` only what takes back is taken, and what its device signed before it, of nobody
    /// without end.
    ///
    /// - Throws: `SequencerFailure.busy`, `SequencerFailure.stopped`; store errors, after which the
    ///   entries may have been decided all the same, as after a lost answer.
    package func submit(_ candidates: [Candidate], hasRoom: Bool = true) async throws
        -> [Decision]
    {
        try await enqueue(count: candidates.count) { sequencer, draft in
            guard hasRoom else { return try sequencer.decideWithoutRoom(candidates, in: &draft) }
            sequencer.takenWithoutRoom = [:]
            return try candidates.map { try sequencer.decide($0, in: &draft) }
        }
    }

    /// Judges a wish to read records and logs the answer.
    ///
    /// - Throws: as `submit(_:)`, and store errors.
    package func use(_ query: UseQuery, by user: AccountID, device: DeviceID) async throws
        -> UseOutcome
    {
        try await enqueue(count: 1, needsWholeKeys: true) { sequencer, draft in
            guard sequencer.isInForce(device) else { return .deviceRevoked }
            return try sequencer.decide(query, by: user, in: &draft)
        }
    }

    /// Redeems an invitation.
    ///
    /// Wrong tries are counted for `address`, which names who asks.
    ///
    /// - Throws: as `submit(_:)`, and store errors.
    package func enrol(_ request: EnrolmentRequest, candidate: Candidate, address: String)
        async throws -> EnrolmentOutcome
    {
        try await enqueue(count: 1) { sequencer, draft in
            try sequencer.decide(request, candidate, from: address, in: &draft)
        }
    }

    /// Stores wrapped keys of a record.
    ///
    /// - Returns: `false` if an authorization is not the owner's or not in force, or is under another
    ///   grant than they are wrapped for, or the record was erased there, or the device was revoked.
    /// - Throws: as `submit(_:)`.
    package func storeKeys(
        _ upload: WrapUpload, of record: Hash, owner: AccountID, device: DeviceID
    ) async throws -> Bool {
        try await enqueue(count: 1) { sequencer, draft in
            // What came before in the same batch counts.
            sequencer.isInForce(device)
                && sequencer.take(
                    upload.wraps, for: upload.grant, of: record, owner: owner, in: &draft)
        }
    }

    /// Writes the first entry of a ledger, its operator; does nothing if there is one.
    package func admitOperator(name: LocalizedText) async throws {
        guard size == 0 else { return }
        var draft = Draft(size: size)
        advanceTime()
        let admitted = InstitutionAdmitted(name: name, keys: keys.operatorKeys, roles: [.operator])
        _ = try sign(
            .institutionAdmitted(admitted), for: AccountID(firstDevice: keys.operatorKeys.device),
            in: &draft)
        try await commit(draft)
    }

    private func enqueue<Answer: Sendable>(
        count: Int, needsWholeKeys: Bool = false,
        _ decide: @escaping @Sendable (isolated Sequencer, inout Draft) throws -> Answer
    ) async throws -> Answer {
        guard !hasStopped, !isStopping, lookFailure == nil else { throw SequencerFailure.stopped }
        guard queuedCount + count <= Sequencer.queueCount else { throw SequencerFailure.busy }
        return try await withCheckedThrowingContinuation { continuation in
            queuedCount += count
            queue.append(
                Job(count: count, needsWholeKeys: needsWholeKeys) { sequencer, draft in
                    guard let draft else {
                        continuation.resume(throwing: SequencerFailure.stopped)
                        return
                    }
                    do {
                        let answer = try decide(sequencer, &draft.value)
                        draft.value.replies.append { failure in
                            if let failure {
                                continuation.resume(throwing: failure)
                            } else {
                                continuation.resume(returning: answer)
                            }
                        }
                    } catch {
                        continuation.resume(throwing: error)
                    }
                })
            wake.yield()
        }
    }

    private func processBatch() async throws {
        advanceTime()
        let draft = DraftBox(Draft(size: size))
        var taken = 0
        while let job = queue.first, taken == 0 || taken + job.count <= Sequencer.batchCount {
            // A use reads the stored keys, so what the same batch adds or deletes comes first.
            let batch = draft.value.batch
            if job.needsWholeKeys, batch.changesKeys { break }
            queue.removeFirst()
            queuedCount -= job.count
            taken += job.count
            job.decide(self, draft)
        }
        do {
            // What is due waits for room, but not for ever.
            let hasWaited = tickedAt.adding(milliseconds: Sequencer.tickPatience) <= time
            if isTickDue, taken < Sequencer.batchCount || hasWaited {
                isTickDue = false
                tickedAt = time
                try tick(in: &draft.value)
            }
            try await commit(draft.value)
        } catch {
            for reply in draft.value.replies { reply(.stopped) }
            throw error
        }
        for reply in draft.value.replies { reply(nil) }
    }

    /// Ends `run`: what is stored is damaged.
    func stop(because failure: SequencerFailure) {
        lookFailure = failure
        wake.yield()
    }

    private func fail() {
        hasStopped = true
        let waiting = queue
        queue = []
        queuedCount = 0
        for job in waiting { job.decide(self, nil) }
    }

    private func advanceTime() {
        time = max(time, clock.now())
    }
}

/// What one commit is made of while it is decided.
struct Draft {
    var batch: LedgerBatch
    var devices: Set<DeviceID> = []
    var replies: [@Sendable (SequencerFailure?) -> Void] = []

    init(size: Int) {
        batch = LedgerBatch(expectedSize: size)
    }
}

/// Lets jobs change the draft; it never leaves the sequencer.
final class DraftBox {
    var value: Draft

    init(_ value: Draft) {
        self.value = value
    }
}

/// Something that waits for its turn.
struct Job {
    let count: Int
    let needsWholeKeys: Bool
    /// Decides and adds to the draft; without a draft the sequencer has stopped.
    let decide: @Sendable (isolated Sequencer, DraftBox?) -> Void
}
