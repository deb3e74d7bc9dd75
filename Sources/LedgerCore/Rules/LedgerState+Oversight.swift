/// An order to erase, and who has to attest that it was followed.
package struct Erasure: Equatable, Sendable {
    /// The member.
    package let account: AccountID
    /// What was erased.
    package let statement: RecordsErased
    /// The entry.
    package let entry: Hash
    /// Until when the recipients attest.
    package let deadline: Timestamp
    /// The recipients who have not attested yet, ascending.
    package internal(set) var waiting: [AccountID]
}

/// An approval is for one project and one recipient.
struct ApprovalKey: Hashable, Sendable {
    let project: ProjectID
    let recipient: AccountID
    let kind: ApprovalKind
}

extension LedgerState {
    /// The number of people whose genomes a foreign recipient may read without security review.
    package static let genomesWithoutReview = 500
    /// How long recipients have to attest that they erased, in milliseconds: 30 days.
    package static let attestationTime: Int64 = 30 * 86_400_000

    /// Whether an institution is foreign, or held by foreigners, as seen from the ledger's operator.
    package func isForeign(_ account: AccountID) -> Bool {
        guard let institution = institutions[account] else { return false }
        if institution.isForeignHeld { return true }
        let home = operatorAccount.flatMap { institutions[$0]?.region } ?? ""
        return !institution.region.isEmpty && institution.region != (home.isEmpty ? "CN" : home)
    }

    mutating func file(_ filed: ApprovalFiled) throws(EntryRejection) {
        guard projects[filed.project] != nil else { throw .projectUnknown }
        guard institutions[filed.recipient] != nil else { throw .accountUnknown }
        let key = ApprovalKey(
            project: filed.project, recipient: filed.recipient, kind: filed.kind)
        approvals[key] = filed.until
    }

    mutating func endorse(_ endorsed: AmendmentEndorsed) throws(EntryRejection) {
        guard let project = projects[endorsed.project] else { throw .projectUnknown }
        guard !project.isClosed else { throw .projectClosed }
        endorsements[endorsed.project] = endorsed.terms
    }

    /// Whether a major change may come into force: where there is an ethics board, it agreed.
    func isEndorsed(_ terms: ProjectTerms) -> Bool {
        !hasEthicsBoard || endorsements[terms.project] == terms.hash
    }

    mutating func invalidate(
        _ invalidated: AuthorizationInvalidated, of account: AccountID, by entry: Hash
    ) throws(EntryRejection) {
        let id = AuthorizationID(
            account: account, project: invalidated.project, major: invalidated.major)
        guard let authorization = authorizations[id], authorization.invalidation == nil else {
            throw .noAuthorization
        }
        authorizations[id]?.invalidation = entry
        authorizations[id]?.latestDecision = entry
    }

    /// Whether rules on human genetic resources let a recipient read these records of a member.
    ///
    /// Sources: Regulation on Human Genetic Resources (2019), Implementing Rules (2023) articles
    /// 36 and 37: provision to foreign parties is filed, and security reviewed where the genomes of
    /// more than 500 people are concerned.
    func checkGeneticResources(
        _ covered: [Contribution], of account: AccountID, for request: UseRequest,
        at time: Timestamp
    ) throws(UseDenial) {
        guard covered.contains(where: { $0.statement.kind.isHumanGeneticResource }),
            isForeign(request.user)
        else { return }
        guard isApproved(.provision, for: request, at: time) else { throw .approvalMissing }
        let people = genomePeople[request.user] ?? []
        guard
            people.contains(account) || people.count < LedgerState.genomesWithoutReview
                || isApproved(.securityReview, for: request, at: time)
        else { throw .securityReviewMissing }
    }

    private func isApproved(
        _ kind: ApprovalKind, for request: UseRequest, at time: Timestamp
    ) -> Bool {
        let key = ApprovalKey(project: request.project, recipient: request.user, kind: kind)
        return approvals[key].map { time < $0 } ?? false
    }
}

extension LedgerState {
    /// The contributions the operator has to erase at `time`, for some members: who, and what to
    /// sign.
    package func dueErasures(at time: Timestamp) -> [(AccountID, RecordsErased)] {
        let due = erasureQueue.due(at: time, limit: 64) { contributions[$0]?.isErased == false }
            .compactMap { contributions[$0] }
        var order = [Seat]()
        var entries = [Seat: [Hash]]()
        for contribution in due {
            let seat = Seat(
                account: contribution.account, project: contribution.statement.project)
            if entries[seat] == nil { order.append(seat) }
            entries[seat, default: []].append(contribution.entry)
        }
        return order.map {
            ($0.account, RecordsErased(project: $0.project, contributions: entries[$0] ?? []))
        }
    }

    /// The contributions the operator has to erase because their member said so, at most 64 in one
    /// entry.
    package func erasuresOwed(to account: AccountID, in project: ProjectID, at time: Timestamp)
        -> [RecordsErased]
    {
        let open = contributions(of: Seat(account: account, project: project))
            .compactMap { contributions[$0] }
            .filter { !$0.isErased && isErasureDue($0, at: time) }.map(\.entry)
        return stride(from: 0, to: open.count, by: EntryLimits.listCount).map { start in
            let end = min(start + EntryLimits.listCount, open.count)
            return RecordsErased(project: project, contributions: Array(open[start..<end]))
        }
    }

    /// The erasures that recipients should have attested by `time`: by erasure, who has not.
    package func overdueAttestations(at time: Timestamp) -> [Erasure] {
        erasures.values.filter { $0.deadline <= time && !$0.waiting.isEmpty }
            .sorted { ($0.deadline, $0.entry.hex) < ($1.deadline, $1.entry.hex) }
    }

    mutating func erase(_ erased: RecordsErased, by verified: VerifiedEntry, at time: Timestamp)
        throws(EntryRejection)
    {
        let account = verified.payload.account
        guard let project = projects[erased.project] else { throw .projectUnknown }
        for entry in erased.contributions {
            guard let contribution = contributions[entry], contribution.account == account,
                contribution.statement.project == erased.project
            else { throw .contributionUnknown }
            guard !contribution.isErased else { throw .alreadyErased }
            guard isErasureDue(contribution, at: time) else { throw .notDue }
        }
        for entry in erased.contributions {
            contributions[entry]?.isErased = true
            if contributions[entry]?.review == .waiting {
                projects[erased.project]?.waitingCount -= 1
            }
        }
        let kept = contributions
        erasureQueue.dropSettled { kept[$0]?.isErased != false }
        erasures[verified.id] = Erasure(
            account: account, statement: erased, entry: verified.id,
            deadline: time.adding(milliseconds: LedgerState.attestationTime),
            waiting: recipients(namedBy: account, in: project))
    }

    /// Whom a member's grants for a project name, now or then, ascending.
    ///
    /// Each grant counts, whatever became of it: what they read stays with them when a later one
    /// does without them.
    private func recipients(namedBy account: AccountID, in project: Project) -> [AccountID] {
        let named = (1...max(project.terms.major, 1)).flatMap { major -> Set<AccountID> in
            let id = AuthorizationID(
                account: account, project: project.terms.project, major: major)
            return authorizations[id]?.everNamed ?? []
        }
        return Set(named).sorted()
    }

    private func isErasureDue(_ contribution: Contribution, at time: Timestamp) -> Bool {
        guard let project = projects[contribution.statement.project] else { return false }
        if time >= contribution.eraseAt { return true }
        let latest = latestAuthorization(of: contribution.account, in: project)
        return latest?.revocation?.mode == .stopAndErase
    }

    mutating func attest(_ attested: ErasureAttested, by verified: VerifiedEntry)
        throws(EntryRejection)
    {
        guard let erasure = erasures[attested.erasure],
            erasure.account == verified.payload.account,
            erasure.statement.project == attested.project
        else { throw .erasureUnknown }
        guard let signer = devices[verified.payload.device]?.account,
            let place = erasure.waiting.firstIndex(of: signer)
        else { throw .alreadyAttested }
        erasures[attested.erasure]?.waiting.remove(at: place)
    }
}
