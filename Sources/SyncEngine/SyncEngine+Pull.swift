internal import LedgerCore
internal import Logging
internal import NodeAPI
internal import SyncCore

/// One round: checkpoint, consistency, the pages of both chains, one transaction.
extension SyncEngine {
    /// Fetches, verifies and stores everything the newest checkpoint has for this member.
    func pull() async -> SyncEvent.PullOutcome {
        do {
            guard let enrolment = try store.enrolment() else {
                return .failed(noted(.problem(Problem(.deviceUnknown))))
            }
            do {
                let outcome = try await round(enrolment)
                if case .verified = outcome {
                    mayRenumber = true
                    await afterRound?()
                }
                return outcome
            } catch let evidence as Evidence {
                return try freeze(evidence)
            }
        } catch let failure as NodeFailure {
            return .failed(noted(await explained(failure)))
        } catch {
            return .failed(storeFailed(error))
        }
    }

    private func freeze(_ evidence: Evidence) throws -> SyncEvent.PullOutcome {
        let disputed = evidence.alarm == .promiseBroken ? [Hash.of(evidence.entry)] : []
        let path = try store.freeze(
            reason: evidence.alarm.explanation, evidence: evidence.bytes, disputed: disputed,
            at: clock.now())
        logger.critical(
            "the node broke a promise",
            metadata: ["alarm": "\(evidence.alarm.rawValue)", "evidence": "\(path)"])
        return .alarm(evidence.alarm.explanation)
    }

    /// Asks which versions the node understands, unless that was settled before.
    ///
    /// Joining settles it; what the node does later shows in its answers (`explained`).
    private func checkVersion() async throws {
        if let agreed = try store.wireVersion(),
            NodeLimits.minWireVersion...NodeLimits.maxWireVersion ~= agreed
        {
            return
        }
        try store.agree(onWireVersion: try await askVersion())
    }

    private func askVersion() async throws(NodeFailure) -> Int64 {
        let log = try await node.ask(.log, limit: SyncLimits.checkpointBytes) { body in
            try LogDescription(body: body)
        }
        guard let version = log.commonWireVersion else { throw .incompatible }
        return version
    }

    /// Looks whether a failure comes from a node that speaks another version by now.
    func explained(_ failure: NodeFailure) async -> NodeFailure {
        switch failure {
        case .away, .unreachable, .timedOut, .incompatible, .locked, .unconfirmed: return failure
        case .problem(let problem):
            guard SyncEngine.mayBeOtherVersion(problem.code) else { return failure }
        case .malformed: break
        }
        do throws(NodeFailure) {
            _ = try await askVersion()
            return failure
        } catch {
            return error == .incompatible ? error : failure
        }
    }

    /// Whether a node that does not know a call of this version would answer so.
    private static func mayBeOtherVersion(_ code: ProblemCode) -> Bool {
        switch code {
        case .malformedRequest, .notFound, .methodNotAllowed: true
        default: false
        }
    }

    private func round(_ enrolment: Enrolment) async throws -> SyncEvent.PullOutcome {
        try await checkVersion()
        let note = try await node.ask(.checkpoint, limit: SyncLimits.checkpointBytes) { body in
            try SignedNote(parsing: body)
        }
        let storedNote = try store.checkpointNote() ?? []
        let received = try verify(note, enrolment, storedNote: storedNote)
        let stored =
            storedNote.isEmpty
            ? nil
            : try VerifiedCheckpoint(
                parsing: storedNote, logKey: enrolment.logKey, origin: enrolment.origin)
        switch CheckpointJudge.relation(of: received.checkpoint, to: stored?.checkpoint) {
        case .alarm(let alarm):
            throw evidence(alarm, enrolment, stored: storedNote, received: received)
        case .same where received.checkpoint.size != stored?.checkpoint.size:
            // The empty tree begins every tree, but says nothing about a later one.
            return .stale
        case .same:
            if let time = try confirmation(of: received, enrolment) {
                try store.noteConfirmation(at: time)
            }
            confirm()
            try await checkPromises(received, enrolment, storedNote)
            return .verified(size: Int64(received.checkpoint.size))
        case .smaller:
            try await judgeSmaller(received, enrolment, storedNote)
            return .stale
        case .larger(let plan):
            guard let stored else { return .outrun }
            // The log must not sign two histories, whoever cosigned them: this comes first.
            try await prove(plan, stored, received, .notConsistent, enrolment)
            return try await accept(received, enrolment, stored: stored)
        case .first:
            if try await isStale(received, enrolment) { return .stale }
            return try await accept(received, enrolment, stored: stored)
        }
    }

    /// Fetches what a checkpoint stands for, if enough witnesses confirm it.
    private func accept(
        _ received: VerifiedCheckpoint, _ enrolment: Enrolment, stored: VerifiedCheckpoint?
    ) async throws -> SyncEvent.PullOutcome {
        let time = try confirmation(of: received, enrolment)
        let outcome = try await fetch(received, enrolment, stored: stored)
        if case .verified = outcome, let time { try store.noteConfirmation(at: time) }
        return outcome
    }

    /// When enough witnesses confirmed a checkpoint; `nil` where nobody needs to.
    ///
    /// - Throws: `NodeFailure.unconfirmed` if too few did.
    private func confirmation(of received: VerifiedCheckpoint, _ enrolment: Enrolment) throws
        -> Timestamp?
    {
        guard let policy = try store.witnessPolicy(), !policy.needsNobody else { return nil }
        // A wrong cosignature is none: anybody on the way could have added it.
        guard
            let verified = try? VerifiedCheckpoint(
                note: received.note, logKey: enrolment.logKey,
                witnesses: policy.witnesses.map(\.key), origin: enrolment.origin),
            let seconds = policy.satisfiedSeconds(by: verified.cosignatures)
        else { throw NodeFailure.unconfirmed }
        let latest = UInt64(Timestamp.latest.milliseconds / 1000)
        return Timestamp(milliseconds: Int64(min(seconds, latest)) * 1000)
    }

    /// Compares the first tree of a store with those that were verified before it was mended.
    ///
    /// - Returns: Whether this is an older tree of the same history.
    private func isStale(_ received: VerifiedCheckpoint, _ enrolment: Enrolment) async throws
        -> Bool
    {
        guard let note = try store.checkpointNote(atMost: .max) else { return false }
        let known = try VerifiedCheckpoint(
            parsing: note, logKey: enrolment.logKey, origin: enrolment.origin)
        switch CheckpointJudge.relation(of: received.checkpoint, to: known.checkpoint) {
        case .alarm(let alarm):
            throw evidence(alarm, enrolment, stored: note, received: received)
        case .larger(let plan):
            try await prove(plan, known, received, .notConsistent, enrolment)
            return false
        case .smaller:
            try await judgeSmaller(received, enrolment, note)
            return true
        case .first: return false
        case .same: return received.checkpoint.size != known.checkpoint.size
        }
    }

    private func verify(_ note: SignedNote, _ enrolment: Enrolment, storedNote: [UInt8]) throws
        -> VerifiedCheckpoint
    {
        do {
            return try VerifiedCheckpoint(
                note: note, logKey: enrolment.logKey, origin: enrolment.origin)
        } catch {
            var evidence = Evidence(
                .checkpointUnsigned, origin: enrolment.origin, logKey: enrolment.logKey.text)
            evidence.storedNote = storedNote
            evidence.receivedNote = note.bytes
            throw evidence
        }
    }

    /// Makes the consistency proof from the log's own tiles and checks it.
    private func prove(
        _ plan: TileProof, _ stored: VerifiedCheckpoint, _ received: VerifiedCheckpoint,
        _ alarm: Alarm, _ enrolment: Enrolment
    ) async throws {
        var tiles = [TilePath: [UInt8]]()
        for path in plan.tiles { tiles[path] = try await tile(path) }
        guard let proof = plan.proof(from: tiles) else {
            throw NodeFailure.malformed("a tile is too short")
        }
        guard CheckpointJudge.isConsistent(stored, received, proof: proof.hashes) else {
            var broken = evidence(alarm, enrolment, stored: stored.note.bytes, received: received)
            broken.proof = proof.hashes
            throw broken
        }
    }

    /// Fetches a tile; the full one where a partial one is gone.
    private func tile(_ path: TilePath) async throws(NodeFailure) -> [UInt8] {
        let limit = TilePath.fullWidth * Hash.byteCount
        do throws(NodeFailure) {
            return try await node.send(
                .tile(path), deadline: SyncLimits.requestDeadline, limit: limit)
        } catch {
            guard case .problem(let problem) = error, problem.code == .notFound,
                path.width < TilePath.fullWidth, let full = path.full
            else { throw error }
            return try await node.send(
                .tile(full), deadline: SyncLimits.requestDeadline, limit: limit)
        }
    }

    private func evidence(
        _ alarm: Alarm, _ enrolment: Enrolment, stored: [UInt8], received: VerifiedCheckpoint
    ) -> Evidence {
        var evidence = Evidence(
            alarm, origin: enrolment.origin, logKey: enrolment.logKey.text)
        evidence.storedNote = stored
        evidence.receivedNote = received.note.bytes
        return evidence
    }
}

/// A tree smaller than the one that was verified: an old copy, or a rollback?
extension SyncEngine {
    /// Compares a smaller tree with everything that is kept here about its size.
    ///
    /// The node may not have the tiles of the larger tree any more, so the proof is made the other
    /// way round: the newest checkpoint kept here that is not larger has to begin this tree, and
    /// both chains have to stand in it as they were verified.
    private func judgeSmaller(
        _ received: VerifiedCheckpoint, _ enrolment: Enrolment, _ storedNote: [UInt8]
    ) async throws {
        let size = Int64(received.checkpoint.size)
        if let note = try store.checkpointNote(atMost: size) {
            let older = try VerifiedCheckpoint(
                parsing: note, logKey: enrolment.logKey, origin: enrolment.origin)
            switch CheckpointJudge.relation(of: received.checkpoint, to: older.checkpoint) {
            case .alarm(let alarm):
                throw evidence(alarm, enrolment, stored: note, received: received)
            case .larger(let plan):
                try await prove(plan, older, received, .rolledBack, enrolment)
            case .first, .same, .smaller: break
            }
        }
        for chain in [ChainID.catalogue, .account(enrolment.account)] {
            try await compareHead(of: chain, in: received, enrolment, storedNote)
        }
    }

    private func compareHead(
        of chain: ChainID, in received: VerifiedCheckpoint, _ enrolment: Enrolment,
        _ storedNote: [UInt8]
    ) async throws {
        let known = try store.cursor(of: chain, inTreeOf: Int64(received.checkpoint.size))
        guard known.sequence > 0 else { return }
        let page = try await page(of: chain, after: known.sequence, received)
        let head: AccountHead
        do {
            head = try AccountHead(
                verifying: page.head, logKey: enrolment.logKey, origin: enrolment.origin,
                chain: chain)
        } catch {
            throw NodeFailure.malformed("the head of a chain in an older tree")
        }
        // Both are statements of the log about one chain in trees of these sizes.
        guard head.treeSize == received.checkpoint.size,
            head.entryCount == known.sequence, head.head == known.head
        else {
            var broken = evidence(.rolledBack, enrolment, stored: storedNote, received: received)
            broken.chain = chain.text
            broken.chainSequence = known.sequence
            broken.chainHead = known.head
            broken.headNote = page.head
            throw broken
        }
    }
}

/// The pages of a round.
extension SyncEngine {
    @concurrent
    nonisolated private func page(
        of chain: ChainID, after sequence: Int64, _ pinned: VerifiedCheckpoint
    ) async throws(NodeFailure) -> EntryPage {
        let size = Int64(pinned.checkpoint.size)
        let call: NodeCall =
            switch chain {
            case .catalogue: .cataloguePage(after: sequence, at: size)
            case .account: .accountPage(after: sequence, at: size)
            }
        return try await node.ask(call) { try EntryPage(body: $0) }
    }

    private func fetch(
        _ received: VerifiedCheckpoint, _ enrolment: Enrolment, stored: VerifiedCheckpoint?
    ) async throws -> SyncEvent.PullOutcome {
        let previousSize = Int64(stored?.checkpoint.size ?? 0)
        try loadState(of: previousSize)
        guard stateSize == previousSize, let state else { return .outrun }
        let promised = try store.promised()
        // A first page is checked on all cores only if the key of this very device is known before.
        var known = keys
        for waiting in promised { known.learn(from: try waiting.entry.payload()) }
        var verifier = RoundVerifier(
            checkpoint: received, enrolment: enrolment, storedNote: stored?.note.bytes ?? [],
            keys: known, cursor: try store.cursor(of: .catalogue), state: state,
            own: Set(promised.map(\.entry.id)))
        if received.checkpoint.size > 0 {
            var count: Int64 = 0
            defer { tell(fetched: nil) }
            try await fetchChain(&verifier, counting: &count)
            verifier.begin(try store.cursor(of: .account(enrolment.account)))
            try await fetchChain(&verifier, counting: &count)
        }
        let round = try verifier.finish(
            previousSize: previousSize, promised: try store.promised())
        // What another process stored of this very round meanwhile is no repetition.
        if let again = try store.recorded(among: verifier.revocations, in: previousSize),
            let broken = verifier.repetition(of: again)
        {
            throw broken
        }
        guard try store.merge(round, at: clock.now()) == .merged else {
            stateSize = -1
            return .outrun
        }
        self.state = round.state
        keys = verifier.keys
        stateSize = Int64(received.checkpoint.size)
        confirm()
        if round.state.devices[enrolment.device]?.isRevoked == true { return .revoked }
        return .verified(size: stateSize)
    }

    /// Fetches and checks a chain: while one page is added, the next one is checked and the one
    /// after it is on its way.
    private func fetchChain(_ verifier: inout RoundVerifier, counting count: inout Int64)
        async throws
    {
        let pinned = verifier.checkpoint
        let chain = verifier.cursor.chain
        var after = verifier.cursor.sequence
        var current = try await page(of: chain, after: after, pinned)
        var checked = await SyncEngine.check(current.entries, with: verifier.checker)
        after += Int64(current.entries.count)
        var next = current.isLast ? nil : try await page(of: chain, after: after, pinned)
        while true {
            let checker = verifier.checker
            let following = next
            let start = after + Int64(following?.entries.count ?? 0)
            async let fetched =
                following.map { $0.isLast } ?? true
                ? nil : page(of: chain, after: start, pinned)
            async let checkedNext = SyncEngine.check(following?.entries ?? [], with: checker)
            if try verifier.add(current, checked: checked) { return }
            count += Int64(current.entries.count)
            tell(fetched: count)
            // Nothing of a round is kept before its end.
            if isOfflineChosen { throw NodeFailure.unreachable("working offline was chosen") }
            guard let following else { throw NodeFailure.malformed("a page ends nowhere") }
            current = following
            checked = await checkedNext
            after = start
            next = try await fetched
        }
    }

    /// Checks the entries of a page on all cores.
    @concurrent
    nonisolated private static func check(
        _ entries: [PagedEntry], with checker: RoundVerifier.EntryChecker
    ) async -> [Result<ProvenEntry?, Alarm>] {
        let step = 64
        return await withTaskGroup { group in
            for start in stride(from: 0, to: entries.count, by: step) {
                group.addTask {
                    let slice = entries[start..<min(start + step, entries.count)]
                    return (start, slice.map { check($0, with: checker) })
                }
            }
            var parts = [Int: [Result<ProvenEntry?, Alarm>]]()
            for await (start, results) in group { parts[start] = results }
            return parts.sorted { $0.key < $1.key }.flatMap(\.value)
        }
    }

    nonisolated private static func check(
        _ entry: PagedEntry, with checker: RoundVerifier.EntryChecker
    ) -> Result<ProvenEntry?, Alarm> {
        do throws(Alarm) {
            return .success(try checker.check(entry))
        } catch {
            return .failure(error)
        }
    }

    /// Brings the state in memory to the tree of `size` leaves, as it is stored.
    private func loadState(of size: Int64) throws {
        guard stateSize != size else { return }
        var replayed = LedgerState()
        try store.replay { verified, _, time in try replayed.apply(verified, at: time) }
        state = replayed
        keys = EntryKeys(replayed)
        stateSize = try store.status().verifiedSize
    }

    /// Looks for entries the node promised within the verified tree and did not record there.
    private func checkPromises(
        _ received: VerifiedCheckpoint, _ enrolment: Enrolment, _ storedNote: [UInt8]
    ) async throws {
        let promised = try store.promised()
        guard !promised.isEmpty else { return }
        var verifier = RoundVerifier(
            checkpoint: received, enrolment: enrolment, storedNote: storedNote, keys: keys,
            cursor: ChainCursor(chain: .account(enrolment.account)), state: LedgerState())
        // Nothing is added, so this throws for every promise within the tree.
        _ = try verifier.finish(
            previousSize: Int64(received.checkpoint.size), promised: promised)
    }
}

extension EntryPage {
    /// Whether nothing may follow: the chain's head ends it, and a page without anything is not
    /// worth asking on.
    fileprivate var isLast: Bool { !head.isEmpty || entries.isEmpty }
}
