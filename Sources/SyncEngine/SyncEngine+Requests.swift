internal import LedgerCore
internal import Logging
internal import NodeAPI
internal import SyncCore

/// The lanes: each function is one request, or one round of them, and its result as an event.
extension SyncEngine {
    /// Sends the next batch of the outbox and stores what the node decided.
    func push() async -> SyncEvent.PushOutcome {
        do {
            let batch = SyncEngine.fitting(
                try store.undecided(limit: NodeLimits.submissionCount))
            guard !batch.isEmpty else { return .answered(decided: 0, undecided: 0) }
            guard let enrolment = try store.enrolment() else {
                return .failed(.problem(Problem(.deviceUnknown)))
            }
            let answer = try await submit(batch.map(\.entry))
            guard answer.verdicts.count == batch.count else {
                throw NodeFailure.malformed("verdicts are missing")
            }
            isNodeFull = false
            return try await settle(batch, answer.verdicts, enrolment)
        } catch let failure as NodeFailure {
            isNodeFull = failure == SyncEngine.noRoom
            return .failed(noted(await explained(failure)))
        } catch {
            return .failed(storeFailed(error))
        }
    }

    private func submit(_ entries: [Entry]) async throws -> VerdictList {
        // Stored before the first byte leaves: from now on it may be at the node.
        try store.markSent(entries.map(\.id), at: clock.now())
        do throws(NodeFailure) {
            return try await node.ask(.submit(EntrySubmission(entries))) {
                try VerdictList(body: $0)
            }
        } catch {
            // Nobody took the connection: the person may still take the decision back.
            if error.hasSentNothing { try store.markUnsent(entries.map(\.id)) }
            throw error
        }
    }

    private static func fitting(_ batch: [OutboxEntry]) -> [OutboxEntry] {
        var bytes = 64
        return batch.prefix { waiting in
            bytes += waiting.entry.bytes.count + 3
            return bytes <= NodeLimits.bodyBytes
        }
    }

    private func settle(
        _ batch: [OutboxEntry], _ verdicts: [Verdict], _ enrolment: Enrolment
    ) async throws -> SyncEvent.PushOutcome {
        var decisions = [(entry: Hash, decision: Decision)]()
        // What cannot be decided yet holds up what its device signed after it, and nothing else.
        var stops: [DeviceID: RetryReason] = [:]
        // Another entry has their number, and they may be signed anew under the next one.
        var outnumbered: Set<Hash> = []
        var isOutOfPlace = false
        for (waiting, verdict) in zip(batch, verdicts) {
            let payload = try waiting.entry.payload()
            guard stops[payload.device] == nil else { continue }
            switch verdict {
            case .accepted(let acceptance):
                try SyncEngine.check(acceptance, of: waiting.entry.id, enrolment)
                decisions.append(
                    (
                        waiting.entry.id,
                        .accepted(index: acceptance.index, receipt: acceptance.proof)
                    ))
            case .rejected(let refusal):
                try SyncEngine.check(refusal, of: waiting.entry.id, enrolment)
                if payload.device == enrolment.device, refusal.rejection == .sequenceReused {
                    isOutOfPlace = true
                    if payload.body.kind.mayBeSignedAnew { outnumbered.insert(waiting.entry.id) }
                }
                decisions.append(
                    (
                        waiting.entry.id,
                        .rejected(code: refusal.code, receipt: refusal.receipt)
                    ))
            case .retry(let reason): stops[payload.device] = reason
            }
        }
        if let sign, isOutOfPlace || stops[enrolment.device] == .sequenceGap {
            let decided = decisions.filter { !outnumbered.contains($0.entry) }
            try store.settle(decided, at: clock.now())
            let moved = try await renumber(enrolment, sign)
            let undecided = try store.status().outboxCount
            if let moved, moved > 0 {
                return .answered(decided: decided.count + moved, undecided: undecided)
            }
            if moved != nil, !outnumbered.isEmpty {
                return .stopped(
                    decided: decided.count, undecided: undecided, reason: .sequenceGap)
            }
        }
        try store.settle(decisions, at: clock.now())
        let undecided = try store.status().outboxCount
        let foreign: RetryReason? = stops.isEmpty ? nil : .sequenceGap
        guard let stop = stops[enrolment.device] ?? foreign else {
            return .answered(decided: decisions.count, undecided: undecided)
        }
        return .stopped(decided: decisions.count, undecided: undecided, reason: stop)
    }

    /// Asks where this device's next entry goes, and puts there what waits: a machine restored from a
    /// copy, or one that lost its memory of a refusal, counts otherwise than the node does.
    ///
    /// Once between two rounds, so that a node that says now this and now that is not asked in a loop.
    ///
    /// - Returns: How many entries waited; `nil` where the node is older and cannot say.
    private func renumber(_ enrolment: Enrolment, _ sign: Signer) async throws -> Int? {
        guard mayRenumber else { return 0 }
        let challenge = Int64(clock.random() >> 1)
        let place: DevicePlace
        do throws(NodeFailure) {
            place = try await node.ask(.devicePlace(challenge: challenge)) { body in
                let place = DevicePlace(
                    verifying: body, logKey: enrolment.logKey, origin: enrolment.origin,
                    device: enrolment.device, challenge: challenge)
                guard let place else { throw MessageDefect.field("place") }
                return place
            }
        } catch {
            if case .problem(let problem) = error, problem.code == .notFound { return nil }
            // What waits goes on waiting, and the next round is fetched meanwhile.
            logger.info("the node does not say where entries go", metadata: ["why": "\(error)"])
            return 0
        }
        let moved = try store.renumber(
            to: OutboxCursor(
                device: place.device, nextSequence: place.sequence + 1, previous: place.last),
            at: clock.now(), sign: sign)
        if moved > 0 {
            mayRenumber = false
            logger.notice("entries were put in their place", metadata: ["count": "\(moved)"])
        }
        return moved
    }

    /// An acceptance counts only with a proof the log signed.
    ///
    /// Anybody on the way could say yes, and what is accepted is not sent again: a revocation would be
    /// lost.
    private static func check(
        _ acceptance: Acceptance, of entry: Hash, _ enrolment: Enrolment
    ) throws {
        guard
            acceptance.isProven(for: entry, logKey: enrolment.logKey, origin: enrolment.origin)
        else { throw NodeFailure.malformed("an acceptance is not signed by the ledger") }
    }

    /// A refusal counts only with a receipt the log signed.
    ///
    /// Anybody on the way could say no, and a revocation would be lost. That an entry is malformed
    /// is said without a receipt and not believed: this program signed it.
    private static func check(_ refusal: Refusal, of entry: Hash, _ enrolment: Enrolment) throws {
        guard
            refusal.isProven(for: entry, logKey: enrolment.logKey, origin: enrolment.origin)
        else { throw NodeFailure.malformed("a refusal is not signed by the ledger") }
    }

    /// Waits for news.
    func poll(since size: Int64) async -> SyncEvent {
        do throws(NodeFailure) {
            let found: Int64? = try await node.ask(
                .changes(since: size), deadline: SyncLimits.pollDeadline,
                limit: SyncLimits.checkpointBytes
            ) { body in
                body.isEmpty ? nil : try ChangeNotice(body: body).size
            }
            return .pollFinished(size: found)
        } catch {
            return .pollFailed(noted(error))
        }
    }

    /// Sends one piece of the oldest upload that can go on, or its wrapped keys.
    ///
    /// One that cannot holds no other up: those that failed come last.
    func uploadNext() async -> SyncEvent {
        do {
            let pending = try store.pendingUploads()
            tell(sending: pending.filter { $0.offset < $0.sizeBytes })
            let known = failing
            var failure: NodeFailure?
            for upload in pending.filter({ !known.contains($0.record) })
                + pending.filter({ known.contains($0.record) })
            {
                do throws(NodeFailure) {
                    try await advance(upload)
                    failing.remove(upload.record)
                    return .uploadAdvanced(remaining: try pendingCount())
                } catch {
                    if case .problem(let problem) = error, Self.isNotYet(problem.code) { continue }
                    failing.insert(upload.record)
                    guard Self.isOfOneRecord(error) else { throw error }
                    failure = failure ?? error
                }
            }
            if let failure { return .uploadFailed(noted(failure)) }
            return try pendingCount() == 0 ? .uploadAdvanced(remaining: 0) : .uploadDeferred
        } catch let failure as NodeFailure {
            return .uploadFailed(noted(failure))
        } catch {
            return .uploadFailed(storeFailed(error))
        }
    }

    private func pendingCount() throws(NodeFailure) -> Int {
        do {
            return try store.pendingUploads().count
        } catch {
            throw storeFailed(error)
        }
    }

    private func advance(_ upload: PendingUpload) async throws(NodeFailure) {
        guard upload.offset < upload.sizeBytes else { return try await sendKeys(of: upload) }
        let piece = try piece(of: upload)
        do throws(NodeFailure) {
            let progress = try await node.ask(
                .uploadRecord(
                    upload.record, offset: upload.offset, length: upload.sizeBytes, bytes: piece)
            ) { try UploadProgress(body: $0) }
            // Or it would be sent again, at once and for ever.
            guard progress.isComplete || progress.offset > upload.offset else {
                throw NodeFailure.malformed("an upload does not advance")
            }
            corrected.remove(upload.record)
            try note(upload, offset: progress.isComplete ? upload.sizeBytes : progress.offset)
        } catch {
            // A lost answer: the node says where to go on. Whole is only what it says is whole.
            guard case .problem(let problem) = error, problem.code == .offsetMismatch,
                let offset = problem.offset, offset != upload.offset,
                offset < upload.sizeBytes
            else { throw error }
            try note(upload, offset: offset)
            guard corrected.insert(upload.record).inserted else {
                corrected.remove(upload.record)
                throw error
            }
        }
    }

    /// The next bytes of a record.
    ///
    /// - Throws: `SyncEngine.recordGone` if they are not on this machine.
    private func piece(of upload: PendingUpload) throws(NodeFailure) -> [UInt8] {
        do {
            let piece = try store.sealedBytes(
                of: upload.record, offset: upload.offset, count: SyncLimits.pieceBytes)
            if !piece.isEmpty { return piece }
            logger.error("a sealed record is too short", metadata: ["record": "\(upload.record)"])
        } catch {
            logger.error("a sealed record cannot be read", metadata: ["reason": "\(error)"])
        }
        throw SyncEngine.recordGone
    }

    /// Why a record does not go on whose ciphertext is not here, or not whole.
    private static let recordGone = NodeFailure.unreachable("a sealed record cannot be read")

    /// Whether a failure says nothing about other uploads.
    private static func isOfOneRecord(_ failure: NodeFailure) -> Bool {
        guard case .problem(let problem) = failure else { return failure == recordGone }
        switch problem.code {
        case .malformedRequest, .offsetMismatch, .recordMismatch, .quotaExceeded: return true
        default: return false
        }
    }

    /// Goes back to where the node is, if the record is not whole there and is here; once, so that a
    /// node that says now this and now that is not asked in a loop.
    ///
    /// - Returns: Whether it did.
    private func goBack(_ upload: PendingUpload) async throws(NodeFailure) -> Bool {
        guard returned.insert(upload.record).inserted else { return false }
        let progress = try await node.ask(.uploadProgress(of: upload.record)) {
            try UploadProgress(body: $0)
        }
        guard !progress.isComplete else { return false }
        // With all bytes there, the last one once more has the node give them their name.
        let offset = max(min(progress.offset, upload.sizeBytes - 1), 0)
        do {
            return try store.returnUpload(upload, to: offset)
        } catch {
            throw storeFailed(error)
        }
    }

    private func sendKeys(of upload: PendingUpload) async throws(NodeFailure) {
        let wraps: WrapUpload
        do {
            wraps = upload.wraps.isEmpty ? WrapUpload([]) : try WrapUpload(kept: upload.wraps)
        } catch {
            throw .malformed("stored wrapped keys: \(error)")
        }
        if !wraps.wraps.isEmpty {
            do throws(NodeFailure) {
                try await send(wraps, of: upload.record)
            } catch {
                guard case .problem(let problem) = error, problem.code == .notFound,
                    try await goBack(upload)
                else { throw error }
                return
            }
        }
        returned.remove(upload.record)
        do {
            try store.noteSentWraps(of: upload)
        } catch {
            throw storeFailed(error)
        }
    }

    /// Sends wrapped keys; a node that is older and knows no item for their grant is sent none.
    private func send(_ wraps: WrapUpload, of record: Hash) async throws(NodeFailure) {
        if namesGrants, wraps.grant != nil {
            do throws(NodeFailure) {
                return try await node.ask(.storeKeys(of: record, wraps)) { _ in }
            } catch {
                guard case .problem(let problem) = error, problem.code == .malformedRequest else {
                    throw error
                }
                namesGrants = false
            }
        }
        try await node.ask(.storeKeys(of: record, WrapUpload(wraps.wraps))) { _ in }
    }

    /// Whether a refusal only means that the entry it needs is not recorded yet.
    private static func isNotYet(_ code: ProblemCode) -> Bool {
        switch code {
        case .authorizationNotInForce, .notFound, .notAllowed: true
        default: false
        }
    }

    private func note(_ upload: PendingUpload, offset: Int64) throws(NodeFailure) {
        do {
            try store.advanceUpload(
                upload.record, contribution: upload.contribution, offset: offset)
        } catch {
            throw storeFailed(error)
        }
    }

    /// Remembers a failure for the outcome.
    func noted(_ failure: NodeFailure) -> NodeFailure {
        lastFailure = failure
        return failure
    }

    /// A failing store looks to the machine like a node that cannot be reached: it tries again.
    func storeFailed(_ error: any Error) -> NodeFailure {
        logger.error("the local store failed", metadata: ["reason": "\(error)"])
        return noted(.unreachable("the local store failed: \(error)"))
    }
}
