internal import Hummingbird
internal import LedgerCore
internal import NodeAPI
internal import NodeSequencer

extension NodeResponder {
    /// `POST /v1/entries`.
    func submit(_ request: NodeRequest) async throws -> Response {
        let decisions = try await decide(request)
        await untilShown(decisions.map(\.1))
        let verdicts = try verdicts(on: decisions)
        count(verdicts)
        return Response(json: VerdictList(verdicts).body)
    }

    private func decide(_ request: NodeRequest) async throws -> [(Hash, Decision)] {
        let candidates = try await verify(request)
        let defectCount = candidates.count { candidate in
            if case .defect = candidate.outcome { true } else { false }
        }
        // Verifying them was the cost; what comes next is refused if it was too much.
        if defectCount > 0 { door.blame(request.source, for: defectCount) }
        let decisions = try await sequencer.submit(candidates, hasRoom: hasRoom())
        // Who is told of no verdict is told why.
        if decisions.contains(.noRoom), decisions.allSatisfy(\.isOpen) {
            throw Problem(.storageFull)
        }
        if zip(candidates, decisions).contains(where: { isProof($0, $1) }) {
            door.prove(request.source)
        }
        return zip(candidates.map(\.entry.id), decisions).map { $0 }
    }

    /// Whether a decision shows that who sent the entry has the key of a device that is in force.
    private func isProof(_ candidate: Candidate, _ decision: Decision) -> Bool {
        switch decision {
        case .accepted, .refused:
            guard case .verified(let verified) = candidate.outcome else { return true }
            return ledger.device(verified.payload.device)?.isRevoked == false
        // What stands already proves nothing about who sends it again.
        case .known, .refusedUnsigned, .defect, .retry, .noRoom: return false
        }
    }

    /// Reads and verifies what was sent: at once for those who are known, one after the other for
    /// everybody else.
    private func verify(_ request: NodeRequest) async throws -> [Candidate] {
        let isKnown = request.standing == .known
        if !isKnown { try await enterLane() }
        defer { if !isKnown { lane.leave() } }
        guard gates.enterSubmission() else {
            door.count(.verification)
            throw Problem(.busy, retryAfterSeconds: 1)
        }
        defer { gates.leaveSubmission() }
        let submission = try request.message(EntrySubmission.init(body:))
        return await isKnown
            ? intake.candidates(submission.entries) : intake.doubtful(submission.entries)
    }

    private func enterLane() async throws {
        guard await lane.enter() else {
            door.count(.verification)
            throw Problem(.busy, retryAfterSeconds: 1)
        }
    }

    /// `GET /v1/entries/{id}`.
    func verdict(of text: Substring) throws -> Response {
        guard let id = Hash(hex: String(text)) else { throw Problem(.notFound) }
        return Response(json: try storedVerdict(of: id).body)
    }

    /// `GET /v1/devices/me/cursor`.
    func cursor(_ request: NodeRequest) async throws -> Response {
        let requester = try await authenticator.requester(of: request)
        guard let challenge = try request.number("challenge", in: 0...Int64.max) else {
            throw Problem(.malformedRequest, detail: "challenge is missing")
        }
        return Response(
            bytes: try await sequencer.place(of: requester.device, challenge: challenge),
            type: "text/plain; charset=utf-8")
    }

    /// `POST /v1/enrolments`.
    func enrol(_ request: NodeRequest) async throws -> Response {
        let enrolment = try request.message(EnrolmentRequest.init(body:))
        try checkRoom()
        let isKnown = request.standing == .known
        if !isKnown { try await enterLane() }
        let candidate = intake.candidate(enrolment.entry)
        if !isKnown { lane.leave() }
        let outcome = try await sequencer.enrol(
            enrolment, candidate: candidate, address: request.source.text)
        switch outcome {
        case .invitationRefused: throw Problem(.invitationRefused)
        case .tooManyTries(let seconds): throw door.refused(.invitations, seconds)
        case .decided(let decision, let key):
            if case .accepted = decision { door.prove(request.source) }
            await untilShown([decision])
            let verdict = try verdicts(on: [(candidate.entry.id, decision)])[0]
            let confirmation = key.nodeProof(
                entry: candidate.entry.id, verifierKey: ledger.logKey.text)
            return Response(
                json: EnrolmentAnswer(verdict: verdict, confirmation: confirmation).body)
        }
    }

    /// Waits a moment for the witnesses, so that who is answered finds the entry in what is shown.
    ///
    /// The verdict stands whether they cosign in time or not.
    private func untilShown(_ decisions: [Decision]) async {
        guard ledger.isShownLater else { return }
        let indices = decisions.compactMap { decision -> LeafIndex? in
            guard case .accepted(let sequenced) = decision else { return nil }
            return sequenced.index
        }
        guard let last = indices.max() else { return }
        _ = await ledger.growth(beyond: Int(last), within: options.witnessPatience)
    }

    /// Turns decisions into what is sent; everything accepted is durable by now.
    func verdicts(on decisions: [(Hash, Decision)]) throws -> [Verdict] {
        try decisions.map { id, decision in
            switch decision {
            case .accepted(let sequenced): .accepted(try acceptance(of: sequenced))
            case .refused(let stored): .rejected(stored.refusal)
            case .known: try storedVerdict(of: id)
            case .refusedUnsigned(let rejection):
                .rejected(Refusal(code: rejection.rawValue, name: "\(rejection)"))
            case .defect(let defect):
                .rejected(Refusal(code: 0, name: "defect", text: "\(defect)"))
            case .retry(let reason): .retry(reason)
            case .noRoom: .retry(.busy)
            }
        }
    }

    private func storedVerdict(of id: Hash) throws -> Verdict {
        if let sequenced = try store.entry(id) { return .accepted(try acceptance(of: sequenced)) }
        if let refusal = try store.refusal(id) { return .rejected(refusal.refusal) }
        throw Problem(.notFound)
    }

    /// The place of an entry with its proof for the first checkpoint that includes it: the same
    /// bytes whenever it is asked for.
    func acceptance(of sequenced: SequencedEntry) throws -> Acceptance {
        guard let size = try ledger.firstSize(including: sequenced.index),
            let note = try note(size: size),
            let proof = try ledger.inclusion(of: [sequenced.index], size: size)?.first
        else { throw Problem(.notFound) }
        return Acceptance(
            index: sequenced.index, envelope: sequenced.envelope, salt: sequenced.salt,
            proof: ProofText.bytes(proof, note: note))
    }

    /// The signed checkpoint of a size.
    func note(size: Int) throws -> [UInt8]? {
        try ledger.recentNote(size: size) ?? store.checkpoint(size: size)
    }

    private func count(_ verdicts: [Verdict]) {
        var accepted = 0
        var rejected = 0
        for verdict in verdicts {
            switch verdict {
            case .accepted: accepted += 1
            case .rejected: rejected += 1
            case .retry: break
            }
        }
        counters.count("accord_verdicts_total{verdict=\"accepted\"}", by: accepted)
        counters.count("accord_verdicts_total{verdict=\"rejected\"}", by: rejected)
        counters.count(
            "accord_verdicts_total{verdict=\"retry\"}", by: verdicts.count - accepted - rejected)
    }
}

/// Writes C2SP tlog-proof files straight into bytes, as `TransparencyProof` would.
enum ProofText {
    static func bytes(_ proof: InclusionProof, note: [UInt8]) -> [UInt8] {
        var bytes = [UInt8]()
        bytes.reserveCapacity(64 + proof.hashes.count * 45 + note.count)
        bytes.append(contentsOf: "c2sp.org/tlog-proof@v1\nindex \(proof.leafIndex)\n".utf8)
        for hash in proof.hashes {
            bytes.append(contentsOf: Base64.standard.encodeToUTF8(hash.bytes))
            bytes.append(0x0a)
        }
        bytes.append(0x0a)
        bytes.append(contentsOf: note)
        return bytes
    }
}
