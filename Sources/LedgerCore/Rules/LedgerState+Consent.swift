extension LedgerState {
    mutating func join(_ joined: SignupJoined, by verified: VerifiedEntry, at time: Timestamp)
        throws(EntryRejection)
    {
        guard let project = projects[joined.project] else { throw .projectUnknown }
        guard !project.isClosed, time < project.terms.useUntil else { throw .projectClosed }
        try checkAuthority(of: verified, for: project.terms, at: time)
        guard project.terms.major == joined.major, project.terms.minor == joined.minor else {
            throw .versionNotCurrent
        }
        guard project.hasSeat else { throw .projectFull }
        let seat = Seat(account: verified.payload.account, project: joined.project)
        guard seats[seat] == nil else { throw .alreadySignedUp }
        seats[seat] = verified.id
        projects[joined.project]?.seatsTaken += 1
    }

    mutating func leave(_ project: ProjectID, by verified: VerifiedEntry, at time: Timestamp)
        throws(EntryRejection)
    {
        let account = verified.payload.account
        let seat = Seat(account: account, project: project)
        guard let known = projects[project] else { throw .projectUnknown }
        guard seats[seat] != nil else { throw .notSignedUp }
        seats[seat] = nil
        wishes[seat] = nil
        projects[project]?.seatsTaken -= 1
        for major in 1...known.terms.major {
            let id = AuthorizationID(account: account, project: project, major: major)
            // Only for the current version can a grant still be on its way.
            guard authorizations[id] != nil || major == known.terms.major else { continue }
            end(id, mode: .stop, by: verified.id, at: time)
        }
    }

    mutating func grant(
        _ granted: AuthorizationGranted, by verified: VerifiedEntry, at time: Timestamp
    ) throws(EntryRejection) {
        let account = verified.payload.account
        guard let project = projects[granted.project] else { throw .projectUnknown }
        guard !project.isClosed else { throw .projectClosed }
        try checkAuthority(of: verified, for: project.terms, at: time)
        guard project.terms.major == granted.major, project.terms.minor == granted.minor,
            project.terms.hash == granted.terms
        else { throw .versionNotCurrent }
        guard seats[Seat(account: account, project: granted.project)] != nil else {
            throw .notSignedUp
        }
        let id = AuthorizationID(
            account: account, project: granted.project, major: granted.major)
        guard granted.cites == latestDecision(for: id) else { throw .decisionNotLatest }
        guard Set(project.terms.requiredKinds).isSubset(of: granted.kinds), !granted.kinds.isEmpty
        else { throw .requiredKindMissing }
        guard granted.stays(within: project.terms) else { throw .beyondProject }
        guard granted.until > time else { throw .endNotInFuture }
        // A pause is no decision a grant has to cite, so a grant signed before it must not undo it.
        let before = authorizations[id]
        grantIndex[verified.id] = id
        let guardianUntil = guardianUntil(verified, for: project.terms)
        var authorization = Authorization(
            account: account, grant: granted, grantEntry: verified.id, grantedAt: time,
            guardianUntil: guardianUntil, lapse: project.terms.lapse,
            latestDecision: verified.id,
            isPaused: before?.isPaused == true && before?.revocation == nil
                && before?.invalidation == nil)
        if let before {
            authorization.formerRecipients = before.everNamed.subtracting(granted.recipients)
        }
        authorizations[id] = authorization
        bareDecisions[id] = nil
        expiryQueue.insert(verified.id, due: min(granted.until, authorization.guardianGraceEnd))
        if let guardianUntil { outgrowthQueue.insert(verified.id, due: guardianUntil) }
        dropSettledExpiries()
    }

    /// Has the authorizations for a version marked when the grace after its end is over.
    mutating func queueExpiries(of major: Int64, in project: ProjectID, at graceEnd: Timestamp) {
        // Reads every authorization: major versions are rare.
        let grants = authorizations.values.filter {
            $0.grant.project == project && $0.grant.major == major
        }.map(\.grantEntry).filter { mayExpire($0) }
        for grant in grants.sorted() { expiryQueue.insert(grant, due: graceEnd) }
    }

    private mutating func dropSettledExpiries() {
        // The queue must not be shared while it changes.
        var queue = expiryQueue
        expiryQueue = DueQueue()
        queue.dropSettled { !mayExpire($0) }
        expiryQueue = queue
    }

    /// Returns what the next grant of an authorization must cite: zero if nothing was decided.
    package func latestDecision(for id: AuthorizationID) -> Hash {
        authorizations[id]?.latestDecision ?? bareDecisions[id] ?? .zero
    }

    mutating func pause(_ subject: AuthorizationSubject, of account: AccountID, at time: Timestamp)
        throws(EntryRejection)
    {
        guard let project = projects[subject.project] else { throw .projectUnknown }
        // As with a revocation: who pauses means the project, whatever became of the version their
        // device knew.
        let paused = authorizationsStopped(
            from: subject.major, in: subject.project, of: account)
        let isOneInForce = paused.contains { id in
            let state = authorizations[id]?.state(at: time, in: project)
            return state == .active || state == .reconsentDue
        }
        guard isOneInForce else { throw .noAuthorization }
        for id in paused { authorizations[id]?.isPaused = true }
    }

    mutating func resume(
        _ subject: AuthorizationSubject, by verified: VerifiedEntry, at time: Timestamp
    ) throws(EntryRejection) {
        let account = verified.payload.account
        let (id, state) = try standing(of: subject, account: account, at: time)
        guard state == .paused else { throw .notPaused }
        if let terms = projects[subject.project]?.terms {
            try checkAuthority(of: verified, for: terms, at: time)
        }
        authorizations[id]?.isPaused = false
    }

    mutating func expire(
        _ subject: AuthorizationSubject, of account: AccountID, at time: Timestamp
    ) throws(EntryRejection) {
        let (id, state) = try standing(of: subject, account: account, at: time)
        guard state == .expired, authorizations[id]?.isExpiryMarked == false else {
            throw .notExpired
        }
        authorizations[id]?.isExpiryMarked = true
        dropSettledExpiries()
    }

    /// Never refused: not for staleness, not for an authorization that was never granted.
    ///
    /// Signed on a device that does not know of a later version, it ends what was agreed to there,
    /// too, and what is on its way: who revokes means the project.
    mutating func revoke(
        _ revoked: AuthorizationRevoked, by verified: VerifiedEntry, at time: Timestamp
    ) {
        let stopped = authorizationsStopped(
            from: revoked.major, in: revoked.project, of: verified.payload.account)
        for id in stopped {
            end(id, mode: revoked.mode, by: verified.id, at: time)
        }
    }

    /// The authorizations that a revocation or a pause decides: the one it names, those for later
    /// versions and, where none of these was ever granted, the newest there is: nothing else is in
    /// force.
    ///
    /// The same before and after it is applied.
    package func authorizationsStopped(
        from major: Int64, in id: ProjectID, of account: AccountID
    ) -> [AuthorizationID] {
        let named = AuthorizationID(account: account, project: id, major: major)
        let stopped = [named] + laterAuthorizations(than: major, in: id, of: account)
        guard stopped.allSatisfy({ authorizations[$0] == nil }), let project = projects[id],
            let newest = latestAuthorization(of: account, in: project)
        else { return stopped }
        return stopped + [newest.id]
    }

    /// The authorizations for later versions that a revocation decides with the one it names: those
    /// there are, and the one a grant can be on its way for.
    private func laterAuthorizations(
        than major: Int64, in project: ProjectID, of account: AccountID
    ) -> [AuthorizationID] {
        let current = projects[project]?.terms.major ?? 0
        guard major < current else { return [] }
        let newest = AuthorizationID(account: account, project: project, major: current)
        return (max(major, 0) + 1...current)
            .map { AuthorizationID(account: account, project: project, major: $0) }
            .filter { authorizations[$0] != nil || $0 == newest }
    }

    /// Ends an authorization whose member can decide no more, as its terms said at the grant, once
    /// two officers stated it.
    mutating func lapse(
        _ lapsed: AuthorizationLapsed, of account: AccountID, by entry: Hash, at time: Timestamp
    ) throws(EntryRejection) {
        let id = AuthorizationID(
            account: account, project: lapsed.project, major: lapsed.major)
        guard let authorization = authorizations[id], authorization.revocation == nil,
            authorization.invalidation == nil
        else { throw .noAuthorization }
        guard let confirmed = lapses[account], confirmed.cause == lapsed.cause,
            authorization.grantedAt <= confirmed.at
        else { throw .lapseNotConfirmed }
        end(id, mode: authorization.lapse, by: entry, at: time)
    }

    /// Ends an authorization; a second end adds nothing but the stronger of two modes.
    private mutating func end(
        _ id: AuthorizationID, mode: RevocationMode, by entry: Hash, at time: Timestamp
    ) {
        guard let before = authorizations[id] else {
            bareDecisions[id] = entry
            return
        }
        authorizations[id]?.latestDecision = entry
        let isStronger = mode == .stopAndErase && before.revocation?.mode != .stopAndErase
        guard before.revocation == nil || isStronger else { return }
        authorizations[id]?.revocation = .init(
            at: before.revocation?.at ?? time, mode: mode, entry: entry)
    }

    func standing(
        of subject: AuthorizationSubject, account: AccountID, at time: Timestamp
    ) throws(EntryRejection) -> (AuthorizationID, AuthorizationState) {
        guard let project = projects[subject.project] else { throw .projectUnknown }
        let id = AuthorizationID(
            account: account, project: subject.project, major: subject.major)
        guard let authorization = authorizations[id] else { throw .noAuthorization }
        return (id, authorization.state(at: time, in: project))
    }
}

extension LedgerState {
    /// The expiry markers the operator owes at `time`, at most 64: who, and which authorization.
    package func dueExpiries(at time: Timestamp) -> [(AccountID, AuthorizationSubject)] {
        // One that a later version replaced is there twice.
        var seen = Set<Hash>()
        return expiryQueue.due(at: time, limit: 64) { grant in
            guard mayExpire(grant), let authorization = authorizationByGrant(grant),
                let project = projects[authorization.grant.project],
                authorization.state(at: time, in: project) == .expired
            else { return false }
            return seen.insert(grant).inserted
        }
        .compactMap { authorizationByGrant($0) }
        .map {
            (
                $0.account,
                AuthorizationSubject(project: $0.grant.project, major: $0.grant.major)
            )
        }
    }

    /// Whether a grant can still run out and has no marker yet.
    func mayExpire(_ grant: Hash) -> Bool {
        guard let authorization = authorizationByGrant(grant), !authorization.isExpiryMarked,
            authorization.revocation == nil, authorization.invalidation == nil
        else { return false }
        return projects[authorization.grant.project]?.isClosed == false
    }

    func authorizationByGrant(_ grant: Hash) -> Authorization? {
        grantIndex[grant].flatMap { authorizations[$0] }.flatMap {
            $0.grantEntry == grant ? $0 : nil
        }
    }
}

extension AuthorizationGranted {
    /// Whether nothing here goes beyond what the project asks.
    package func stays(within terms: ProjectTerms) -> Bool {
        Set(kinds).isSubset(of: terms.kinds.map(\.kind))
            && !purposes.isEmpty && Set(purposes).isSubset(of: terms.purposes)
            && !recipients.isEmpty && Set(recipients).isSubset(of: terms.recipients)
            && collectionFrom >= terms.collectionFrom && collectionUntil <= terms.collectionUntil
            && until <= terms.useUntil && eraseAt <= terms.eraseAt
            && Set(links).isSubset(of: terms.links) && Set(diseases).isSubset(of: terms.diseases)
            && (terms.diseases.isEmpty || !diseases.isEmpty
                || !purposes.contains(.diseaseSpecific))
    }

    /// Whether nothing here goes beyond what another grant allows.
    package func stays(within other: AuthorizationGranted) -> Bool {
        Set(kinds).isSubset(of: other.kinds) && Set(purposes).isSubset(of: other.purposes)
            && Set(recipients).isSubset(of: other.recipients)
            && collectionFrom >= other.collectionFrom && collectionUntil <= other.collectionUntil
            && until <= other.until && eraseAt <= other.eraseAt
            && Set(links).isSubset(of: other.links)
            && (other.agreedDiseases.isEmpty || !purposes.contains(.diseaseSpecific)
                || !diseases.isEmpty && Set(diseases).isSubset(of: other.diseases))
    }
}
