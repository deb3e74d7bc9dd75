/// A wish to read a member's records.
package struct UseRequest: Equatable, Sendable {
    /// The member.
    package let account: AccountID
    /// The project.
    package let project: ProjectID
    /// Who wants to read.
    package let user: AccountID
    /// What for.
    package let purpose: UsePurpose
    /// The kinds wanted; empty means all that are allowed.
    package let kinds: [RecordKind]

    /// Makes a request.
    package init(
        account: AccountID, project: ProjectID, user: AccountID, purpose: UsePurpose,
        kinds: [RecordKind] = []
    ) {
        self.account = account
        self.project = project
        self.user = user
        self.purpose = purpose
        self.kinds = kinds
    }
}

/// What an allowed use may read.
package struct UsePermission: Equatable, Sendable {
    /// The authorization that allows it.
    package let authorization: AuthorizationID
    /// The grant in force.
    package let grant: Hash
    /// The contributions that may be read, in the order they were recorded.
    package let contributions: [Contribution]
}

extension AuthorizationGranted {
    /// Whether it names the kind of a record, and all of the time it is from.
    package func covers(_ statement: RecordContributed) -> Bool {
        kinds.contains(statement.kind) && statement.from >= collectionFrom
            && statement.until <= collectionUntil
    }

    /// Why it does not allow a purpose, as far as it alone tells; `nil` where it does.
    ///
    /// Who may look at a contribution, and what else a link takes, the project says.
    package func denial(of purpose: UsePurpose) -> UseDenial? {
        switch purpose {
        case .review: return nil
        case .research(let use):
            guard purposes.contains(use) else { return .purposeNotNamed }
            return use != .diseaseSpecific || diseases.isEmpty ? nil : .diseaseNotNamed
        case .disease(let term):
            guard purposes.contains(.diseaseSpecific) else { return .purposeNotNamed }
            return diseases.isEmpty || diseases.contains(term) ? nil : .diseaseNotNamed
        case .linkage(let other): return links.contains(other) ? nil : .linkageNotNamed
        }
    }
}

extension LedgerState {
    /// Decides a use: the same function at the node, which asks before it logs, and everywhere
    /// else, where the log is checked.
    ///
    /// - Throws: the reason code; nothing may be read then.
    package func judge(_ request: UseRequest, at time: Timestamp) throws(UseDenial)
        -> UsePermission
    {
        guard let project = projects[request.project] else { throw .noAuthorization }
        let latest = latestAuthorization(of: request.account, in: project)
        // Whom the member did not name learns nothing of pauses and revocations, and whom the
        // project does not name either gets this one answer about anybody.
        if latest?.grant.recipients.contains(request.user) != true {
            let isNamed = project.terms.recipients.contains(request.user)
            guard isNamed || request.user == project.sponsor else { throw .recipientNotNamed }
        }
        guard let authorization = latest else { throw .noAuthorization }
        let grant = authorization.grant
        guard grant.recipients.contains(request.user) else { throw .recipientNotNamed }
        switch authorization.state(at: time, in: project) {
        case .active: break
        case .reconsentDue: break
        // Never of the newest.
        case .replaced: throw .noAuthorization
        case .paused: throw .paused
        case .withdrawn: throw .revoked
        case .expired: throw time < authorization.grant.until ? .reconsentDue : .expired
        case .terminated: throw .projectClosed
        case .invalidated: throw .invalidated
        }
        if let denial = grant.denial(of: request.purpose) { throw denial }
        switch request.purpose {
        case .review:
            // The sponsor answers a contribution; for anybody else it would be an unpaid use.
            guard request.user == project.sponsor else { throw .purposeNotNamed }
        case .linkage(let other):
            guard isLinkable(other, with: request.project, of: request, at: time) else {
                throw .linkageNotNamed
            }
        case .research, .disease: break
        }
        let seat = Seat(account: request.account, project: request.project)
        let covered = self.contributions(of: seat).compactMap { contributions[$0] }
            .filter { contribution in
                isCovered(contribution, by: grant, for: request)
            }
        guard !covered.isEmpty else { throw .nothingCovered }
        try checkGeneticResources(covered, of: request.account, for: request, at: time)
        return UsePermission(
            authorization: authorization.id, grant: authorization.grantEntry,
            contributions: covered)
    }

    /// The authorization for the newest major version that was ever granted.
    package func latestAuthorization(of account: AccountID, in project: Project)
        -> Authorization?
    {
        for major in stride(from: project.terms.major, through: 1, by: -1) {
            let id = AuthorizationID(
                account: account, project: project.terms.project, major: major)
            if let authorization = authorizations[id] { return authorization }
        }
        return nil
    }

    private func isCovered(
        _ contribution: Contribution, by grant: AuthorizationGranted, for request: UseRequest
    ) -> Bool {
        let statement = contribution.statement
        guard !contribution.isErased, grant.covers(statement),
            request.kinds.isEmpty || request.kinds.contains(statement.kind)
        else { return false }
        switch (contribution.review, request.purpose) {
        case (.waiting, .review): return true
        case (.accepted, .research), (.accepted, .disease), (.accepted, .linkage): return true
        case (.waiting, _), (.accepted, .review), (.rejected, _): return false
        }
    }

    /// Whether the member lets the same data user link the other project's records with these.
    private func isLinkable(
        _ other: ProjectID, with project: ProjectID, of request: UseRequest, at time: Timestamp
    ) -> Bool {
        guard let known = projects[other],
            let authorization = latestAuthorization(of: request.account, in: known),
            authorization.grant.recipients.contains(request.user),
            authorization.grant.links.contains(project)
        else { return false }
        let state = authorization.state(at: time, in: known)
        return state == .active || state == .reconsentDue
    }
}

extension LedgerState {
    mutating func contribute(
        _ stated: RecordContributed, by verified: VerifiedEntry, at time: Timestamp
    ) throws(EntryRejection) {
        guard let project = projects[stated.project] else { throw .projectUnknown }
        guard !project.isClosed, time < project.terms.eraseAt else { throw .projectClosed }
        try checkAuthority(of: verified, for: project.terms, at: time)
        let account = verified.payload.account
        let seat = Seat(account: account, project: stated.project)
        guard seats[seat] != nil else { throw .notSignedUp }
        let latest = latestAuthorization(of: account, in: project)
        guard latest?.revocation == nil, latest?.invalidation == nil else {
            throw .noAuthorization
        }
        guard project.terms.kinds.contains(where: { $0.kind == stated.kind }) else {
            throw .kindNotAsked
        }
        guard stated.from >= project.terms.collectionFrom,
            stated.until <= project.terms.collectionUntil
        else { throw .outsideCollection }
        if let grant = latest?.grant {
            guard stated.from >= grant.collectionFrom, stated.until <= grant.collectionUntil
            else { throw .outsideCollection }
        }
        if let history = histories[seat], history.has(stated) { throw .duplicateRecord }
        // Under an older version it is kept as long as that said, while it is in that time.
        let agreed = latest.map(\.grant.eraseAt).flatMap { time < $0 ? $0 : nil }
        let eraseAt = min(project.terms.eraseAt, agreed ?? project.terms.eraseAt)
        contributions[verified.id] = Contribution(
            statement: stated, account: account, entry: verified.id, at: time, eraseAt: eraseAt)
        erasureQueue.insert(verified.id, due: eraseAt)
        histories[seat, default: SeatHistory()].add(stated, entry: verified.id)
        projects[stated.project]?.waitingCount += 1
    }

    mutating func accept(_ reviewed: ContributionReviewed, by verified: VerifiedEntry)
        throws(EntryRejection)
    {
        let contribution = try reviewable(
            reviewed.contribution, in: reviewed.project, of: verified.payload.account)
        guard contribution.review == .waiting, !contribution.isErased else {
            throw .alreadyReviewed
        }
        contributions[reviewed.contribution]?.review = .accepted
        projects[reviewed.project]?.waitingCount -= 1
        setTrigger(
            verified.id,
            AccrualTrigger(
                account: contribution.account, project: reviewed.project,
                cause: .contribution(contribution.statement.kind, entry: reviewed.contribution)))
    }

    mutating func reject(_ rejected: ContributionRejected, of account: AccountID)
        throws(EntryRejection)
    {
        let contribution = try reviewable(
            rejected.contribution, in: rejected.project, of: account)
        if case .rejected = contribution.review { throw .alreadyReviewed }
        // No appeal could have it looked at again, so what it earned stays on its way.
        if contribution.review == .accepted, contribution.isErased { throw .alreadyErased }
        if contribution.review == .waiting, !contribution.isErased {
            projects[rejected.project]?.waitingCount -= 1
        }
        contributions[rejected.contribution]?.review = .rejected(rejected.reason)
    }

    mutating func appeal(_ appealed: ContributionReviewed, of account: AccountID)
        throws(EntryRejection)
    {
        let contribution = try reviewable(
            appealed.contribution, in: appealed.project, of: account)
        guard !contribution.wasAppealed else { throw .alreadyAppealed }
        guard case .rejected = contribution.review, !contribution.isErased else {
            throw .nothingToAppeal
        }
        contributions[appealed.contribution]?.review = .waiting
        contributions[appealed.contribution]?.wasAppealed = true
        projects[appealed.project]?.waitingCount += 1
    }

    /// An answer stands in the chain of who contributed: nobody else's machine could check it.
    private func reviewable(_ entry: Hash, in project: ProjectID, of account: AccountID)
        throws(EntryRejection) -> Contribution
    {
        guard projects[project] != nil else { throw .projectUnknown }
        guard let contribution = contributions[entry], contribution.account == account,
            contribution.statement.project == project
        else { throw .contributionUnknown }
        return contribution
    }

    mutating func use(_ use: UseAllowed, by verified: VerifiedEntry, at time: Timestamp)
        throws(EntryRejection)
    {
        let account = verified.payload.account
        let kinds = try checkUse(
            of: use.contributions, of: account, in: use.project, by: use.user,
            for: use.purpose, under: use.grant, at: time)
        if kinds.contains(where: \.isHumanGeneticResource), isForeign(use.user) {
            genomePeople[use.user, default: []].insert(account)
        }
        guard use.purpose != .review else { return }
        setTrigger(
            verified.id, AccrualTrigger(account: account, project: use.project, cause: .use))
    }

    /// Making something from records needs what reading them needs, at the time it is stated: what
    /// was revoked gives rise to nothing new.
    func derive(_ derived: DataDerived, by verified: VerifiedEntry, at time: Timestamp)
        throws(EntryRejection)
    {
        guard let user = devices[verified.payload.device]?.account else { throw .signerNotAllowed }
        _ = try checkUse(
            of: derived.inputs, of: verified.payload.account, in: derived.project, by: user,
            for: derived.purpose, under: derived.grant, at: time)
    }

    /// Sees that contributions of a member may be read under a grant, and returns their kinds.
    private func checkUse(
        of wanted: [Hash], of account: AccountID, in project: ProjectID, by user: AccountID,
        for purpose: UsePurpose, under grant: Hash, at time: Timestamp
    ) throws(EntryRejection) -> Set<RecordKind> {
        // Only the kinds that are read have to be allowed.
        let kinds = Set(wanted.compactMap { contributions[$0]?.statement.kind })
        let request = UseRequest(
            account: account, project: project, user: user, purpose: purpose,
            kinds: kinds.sorted())
        let permission: UsePermission
        do throws(UseDenial) {
            permission = try judge(request, at: time)
        } catch {
            throw .useNotAuthorized
        }
        let covered = Set(permission.contributions.map(\.entry))
        guard permission.grant == grant, !wanted.isEmpty, covered.isSuperset(of: wanted) else {
            throw .useNotAuthorized
        }
        return kinds
    }

    mutating func deny(_ use: UseDenied) throws(EntryRejection) {
        guard projects[use.project] != nil else { throw .projectUnknown }
    }
}
