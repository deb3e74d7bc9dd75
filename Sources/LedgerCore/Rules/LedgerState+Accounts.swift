extension LedgerState {
    mutating func admit(_ admitted: InstitutionAdmitted, as account: AccountID)
        throws(EntryRejection)
    {
        let device = admitted.keys.device
        guard account == AccountID(firstDevice: device) else { throw .signerNotAllowed }
        guard devices[device] == nil, institutions[account] == nil else { throw .alreadyEnrolled }
        let isFirst = operatorAccount == nil
        guard isFirst == admitted.roles.contains(.operator) else { throw .signerNotAllowed }
        if isFirst { operatorAccount = account }
        institutions[account] = Institution(
            name: admitted.name, roles: admitted.roles, keys: admitted.keys,
            region: admitted.region, isForeignHeld: admitted.isForeignHeld)
        if admitted.roles.contains(.ethics) { hasEthicsBoard = true }
        devices[device] = Device(account: account, keys: admitted.keys)
    }

    mutating func enrol(_ keys: DeviceKeys, as account: AccountID) throws(EntryRejection) {
        guard devices[keys.device] == nil, !members.contains(account), wards[account] == nil else {
            throw .alreadyEnrolled
        }
        guard account == AccountID(firstDevice: keys.device) else { throw .signerNotAllowed }
        members.insert(account)
        devices[keys.device] = Device(account: account, keys: keys)
    }

    /// Adds a device that is a guardian's if the one that adds it is; with none it is the ward's own.
    mutating func add(_ keys: DeviceKeys, to account: AccountID, by device: DeviceID?)
        throws(EntryRejection)
    {
        guard devices[keys.device] == nil else { throw .alreadyEnrolled }
        let isGuardians = device.flatMap { devices[$0] }?.isGuardians == true
        devices[keys.device] = Device(account: account, keys: keys, isGuardians: isGuardians)
    }

    mutating func revoke(_ device: DeviceID, of account: AccountID) throws(EntryRejection) {
        guard devices[device]?.account == account else { throw .accountUnknown }
        devices[device]?.isRevoked = true
    }
}

extension LedgerState {
    mutating func publish(_ terms: ProjectTerms, by verified: VerifiedEntry, at time: Timestamp)
        throws(EntryRejection)
    {
        guard projects[terms.project] == nil else { throw .projectExists }
        guard terms.major == 1, terms.minor == 0 else { throw .versionNotNext }
        guard terms.recipients.allSatisfy({ institutions[$0] != nil }) else {
            throw .accountUnknown
        }
        projects[terms.project] = Project(
            sponsor: verified.payload.account, terms: terms, publishedBy: verified.id,
            changedAt: time, graceEnd: time)
    }

    mutating func amend(_ amended: ProjectAmended, at time: Timestamp) throws(EntryRejection) {
        let terms = amended.terms
        guard let project = projects[terms.project] else { throw .projectUnknown }
        guard !project.isClosed else { throw .projectClosed }
        let old = project.terms
        let isMajor = terms.major == old.major + 1 && terms.minor == 0
        let isMinor = terms.major == old.major && terms.minor == old.minor + 1
        guard isMajor || isMinor else { throw .versionNotNext }
        // What consent was given for can only change with a major version.
        guard isMajor || terms.asksNoMore(than: old) else { throw .beyondProject }
        guard !isMajor || isEndorsed(terms) else { throw .ethicsMissing }
        guard terms.recipients.allSatisfy({ institutions[$0] != nil }) else {
            throw .accountUnknown
        }
        projects[terms.project]?.terms = terms
        projects[terms.project]?.changedAt = time
        if isMajor {
            if old.major > 1 {
                projects[terms.project]?.earlierGraceEnds[old.major - 1] = project.graceEnd
            }
            let graceEnd = time.adding(milliseconds: amended.graceMilliseconds)
            projects[terms.project]?.graceEnd = graceEnd
            queueExpiries(of: old.major, in: terms.project, at: graceEnd)
        }
    }

    mutating func close(_ project: ProjectID, at time: Timestamp) throws(EntryRejection) {
        guard let known = projects[project] else { throw .projectUnknown }
        guard !known.isClosed else { throw .projectClosed }
        projects[project]?.closedAt = time
        if points.balance(of: .escrow(project)) > .zero || known.pendingCount > 0 {
            closing.insert(project)
        }
    }
}

extension ProjectTerms {
    /// What the project may have to pay: the most one member earns, for each seat; `nil` where
    /// that has no limit (`spec/POINTS.md`: less in escrow is shown as "limited").
    package var promised: Points? {
        guard reward.memberCap > .zero else { return .zero }
        guard seats > 0 else { return nil }
        let (points, isBeyond) = reward.memberCap.value.multipliedReportingOverflow(by: seats)
        return isBeyond ? nil : Points(points)
    }

    /// Whether everything here was already asked for by `other`: a change that only tells.
    ///
    /// The programme says how much can be earned and how long it stays, as the reward does.
    package func asksNoMore(than other: ProjectTerms) -> Bool {
        let kindsBefore = Set(other.kinds.map(\.kind))
        return kinds.allSatisfy { kindsBefore.contains($0.kind) }
            && Set(requiredKinds).isSubset(of: other.requiredKinds)
            && Set(purposes).isSubset(of: other.purposes)
            && Set(other.limits).isSubset(of: limits)
            && Set(recipients).isSubset(of: other.recipients)
            && collectionFrom >= other.collectionFrom && collectionUntil <= other.collectionUntil
            && useUntil <= other.useUntil && eraseAt <= other.eraseAt && reward == other.reward
            && Set(links).isSubset(of: other.links) && ofAge == other.ofAge
            && lapse == other.lapse && programme == other.programme
            && (other.diseases.isEmpty
                || !diseases.isEmpty && Set(diseases).isSubset(of: other.diseases))
    }
}
