package import LedgerCore

extension NaiveLedger {
    /// One authorization, told from its first entry.
    struct Story {
        var grant: AuthorizationGranted?
        var entry = Hash.zero
        /// Whom any grant named.
        var named: Set<AccountID> = []
        var latest = Hash.zero
        var isPaused = false
        var isMarked = false
        var isOutgrowthMarked = false
        /// When the member was born and how old they have to be, where a guardian granted.
        var guardian: (born: BirthMonth, years: Int64)?
        var isInvalid = false
        var mode: RevocationMode?
        /// What the terms said at the grant about a member who can decide no more.
        var lapse = RevocationMode.stop
    }

    func story(_ account: AccountID, _ project: ProjectID, _ major: Int64) -> Story {
        var story = Story()
        var current: Int64 = 0
        var newest: Int64 = 0
        for item in items {
            switch item.body {
            case .projectPublished(let terms) where terms.project == project: current = terms.major
            case .projectAmended(let amended) where amended.terms.project == project:
                current = amended.terms.major
            default: break
            }
            guard item.account == account else { continue }
            if case .authorizationGranted(let grant) = item.body, grant.project == project {
                newest = grant.major
            }
            switch item.body {
            case .authorizationGranted(let grant)
            where grant.project == project && grant.major == major:
                story.isPaused = story.isPaused && story.mode == nil && !story.isInvalid
                story.grant = grant
                story.entry = item.id
                story.named.formUnion(grant.recipients)
                story.latest = item.id
                story.mode = nil
                story.lapse = terms(project, before: item.id)?.lapse ?? .stop
                story.isInvalid = false
                story.isMarked = false
                story.isOutgrowthMarked = false
                story.guardian = nil
                if isGuardians(item.payload.device), let born = born(account),
                    let terms = terms(project, before: item.id)
                {
                    story.guardian = (born, terms.ofAge)
                }
            case .authorizationPaused(let subject)
            where subject.project == project && story.grant != nil
                && (subject.major <= major || subject.major > newest && major == newest):
                story.isPaused = true
            case .authorizationResumed(let subject)
            where subject.project == project && subject.major == major:
                story.isPaused = false
            case .authorizationExpired(let subject)
            where subject.project == project && subject.major == major:
                story.isMarked = true
            case .authorizationOutgrown(let subject)
            where subject.project == project && subject.major == major:
                story.isOutgrowthMarked = true
            case .authorizationInvalidated(let invalidated)
            where invalidated.project == project && invalidated.major == major:
                story.isInvalid = true
                story.latest = item.id
            case .authorizationRevoked(let revoked)
            where revoked.project == project
                && (revoked.major == major
                    || revoked.major < major
                        && (story.grant != nil || major == current)
                    || revoked.major > newest && major == newest):
                story.latest = item.id
                story.end(revoked.mode)
            case .authorizationLapsed(let lapsed)
            where lapsed.project == project && lapsed.major == major:
                story.latest = item.id
                story.end(story.lapse)
            case .signupLeft(let left)
            where left == project && (story.grant != nil || major == current):
                story.latest = item.id
                story.end(.stop)
            default: continue
            }
        }
        return story
    }

    /// The newest authorization that was ever granted.
    func newest(_ account: AccountID, _ project: ProjectID) -> Story? {
        let top = terms(project)?.major ?? 0
        return (0..<top).map { story(account, project, top - $0) }.first { $0.grant != nil }
    }

    func state(_ story: Story, _ project: ProjectID, at time: Timestamp) -> AuthorizationState? {
        guard let grant = story.grant, let terms = terms(project) else { return nil }
        if story.isInvalid { return .invalidated }
        if story.mode != nil { return .withdrawn }
        if closedAt(project) != nil { return .terminated }
        if grant.until <= time { return .expired }
        if terms.major > grant.major, graceEnd(project, of: grant.major) <= time {
            return .expired
        }
        if story.isOutgrown(Timestamp(milliseconds: time.milliseconds - 90 * 86_400_000)) {
            return .expired
        }
        if story.isPaused { return .paused }
        return terms.major > grant.major || story.isOutgrown(time) ? .reconsentDue : .active
    }

    // MARK: Contributions

    func contribution(_ id: Hash) -> (item: Item, stated: RecordContributed)? {
        guard let item = item(id), case .recordContributed(let stated) = item.body else {
            return nil
        }
        return (item, stated)
    }

    func contributions(_ account: AccountID, _ project: ProjectID) -> [Hash] {
        items.filter { item in
            guard case .recordContributed(let stated) = item.body else { return false }
            return item.account == account && stated.project == project
        }.map(\.id)
    }

    /// The last answer to a contribution; `nil` while it waits.
    func review(_ id: Hash) -> EntryBody? {
        let last = items.last { item in
            switch item.body {
            case .contributionAccepted(let reviewed), .contributionAppealed(let reviewed):
                reviewed.contribution == id
            case .contributionRejected(let rejected): rejected.contribution == id
            default: false
            }
        }
        if case .contributionAppealed = last?.body { return nil }
        return last?.body
    }

    func isErased(_ id: Hash) -> Bool {
        items.contains { item in
            guard case .recordsErased(let erased) = item.body else { return false }
            return erased.contributions.contains(id)
        }
    }

    func eraseAt(_ contribution: Item, _ project: ProjectID) -> Timestamp {
        let asked = terms(project, before: contribution.id)?.eraseAt ?? .latest
        var before = NaiveLedger()
        before.replace(items.prefix { $0.id != contribution.id })
        guard let agreed = before.newest(contribution.account, project)?.grant?.eraseAt,
            contribution.time < agreed
        else { return asked }
        return min(asked, agreed)
    }

    func isErasureDue(_ id: Hash, at time: Timestamp) -> Bool {
        guard let (item, stated) = contribution(id) else { return false }
        return eraseAt(item, stated.project) <= time
            || newest(item.account, stated.project)?.mode == .stopAndErase
    }

    // MARK: Uses

    /// Decides a use.
    package func judge(_ request: UseRequest, at time: Timestamp) -> Result<[Hash], UseDenial> {
        guard let terms = terms(request.project), let sponsor = sponsor(request.project) else {
            return .failure(.noAuthorization)
        }
        let story = newest(request.account, request.project)
        let isChosen = story?.grant?.recipients.contains(request.user) == true
        let isKnown = terms.recipients.contains(request.user) || request.user == sponsor
        if !isChosen, !isKnown { return .failure(.recipientNotNamed) }
        guard let story, let grant = story.grant else { return .failure(.noAuthorization) }
        guard isChosen else { return .failure(.recipientNotNamed) }
        switch state(story, request.project, at: time) {
        case .active?, .reconsentDue?: break
        case .paused?: return .failure(.paused)
        case .withdrawn?: return .failure(.revoked)
        case .invalidated?: return .failure(.invalidated)
        case .terminated?: return .failure(.projectClosed)
        case .expired?: return .failure(grant.until <= time ? .expired : .reconsentDue)
        case nil, .replaced?: return .failure(.noAuthorization)
        }
        if let denial = denial(of: request.purpose, grant, sponsor, request, at: time) {
            return .failure(denial)
        }
        let covered = contributions(request.account, request.project).filter { id in
            guard let (_, stated) = contribution(id), !isErased(id),
                grant.kinds.contains(stated.kind),
                request.kinds.isEmpty || request.kinds.contains(stated.kind),
                grant.collectionFrom <= stated.from, stated.until <= grant.collectionUntil
            else { return false }
            switch review(id)?.kind {
            case nil: return request.purpose == .review
            case .contributionAccepted?: return request.purpose != .review
            default: return false
            }
        }
        guard !covered.isEmpty else { return .failure(.nothingCovered) }
        let kinds = covered.compactMap { contribution($0)?.stated.kind }
        if kinds.contains(where: \.isHumanGeneticResource), isForeign(request.user) {
            guard isApproved(.provision, request, at: time) else {
                return .failure(.approvalMissing)
            }
            let people = readGenomes(by: request.user)
            if !people.contains(request.account), people.count >= 500,
                !isApproved(.securityReview, request, at: time)
            {
                return .failure(.securityReviewMissing)
            }
        }
        return .success(covered)
    }

    private func denial(
        of purpose: UsePurpose, _ grant: AuthorizationGranted, _ sponsor: AccountID,
        _ request: UseRequest, at time: Timestamp
    ) -> UseDenial? {
        switch purpose {
        case .review: return request.user == sponsor ? nil : .purposeNotNamed
        case .research(let use):
            if !grant.purposes.contains(use) { return .purposeNotNamed }
            return use == .diseaseSpecific && !grant.diseases.isEmpty ? .diseaseNotNamed : nil
        case .disease(let term):
            if !grant.purposes.contains(.diseaseSpecific) { return .purposeNotNamed }
            return grant.diseases.isEmpty || grant.diseases.contains(term) ? nil : .diseaseNotNamed
        case .linkage(let other):
            guard grant.links.contains(other), let there = newest(request.account, other),
                let grantThere = there.grant, grantThere.recipients.contains(request.user),
                grantThere.links.contains(request.project)
            else { return .linkageNotNamed }
            let state = state(there, other, at: time)
            return state == .active || state == .reconsentDue ? nil : .linkageNotNamed
        }
    }

    private func isApproved(_ kind: ApprovalKind, _ request: UseRequest, at time: Timestamp)
        -> Bool
    {
        let last = items.last { item in
            guard case .approvalFiled(let filed) = item.body else { return false }
            return filed.project == request.project && filed.recipient == request.user
                && filed.kind == kind
        }
        guard case .approvalFiled(let filed)? = last?.body else { return false }
        return time < filed.until
    }

    private func readGenomes(by user: AccountID) -> Set<AccountID> {
        Set(
            items.filter { item in
                guard case .useAllowed(let use) = item.body, use.user == user else { return false }
                return use.contributions.contains {
                    contribution($0)?.stated.kind.isHumanGeneticResource == true
                }
            }.map(\.account))
    }
}

// MARK: Wards

extension NaiveLedger {
    /// When a ward was born, by who declared or enrolled them.
    func born(_ account: AccountID) -> BirthMonth? {
        for item in items {
            switch item.body {
            case .wardDeclared(let declared) where declared.keys.device.text == account.text:
                return declared.born
            case .wardEnrolled(let enrolled) where item.account == account: return enrolled.born
            default: continue
            }
        }
        return nil
    }

    /// Whether a guardian signs with a device.
    func isGuardians(_ device: DeviceID) -> Bool {
        for item in items {
            switch item.body {
            case .wardEnrolled(let enrolled) where enrolled.keys.device == device: return true
            case .deviceAdded(let keys) where keys.device == device:
                return isGuardians(item.payload.device)
            default: continue
            }
        }
        return false
    }

    /// Who should sign for a ward, and does not.
    func authority(_ item: Item, _ project: ProjectID) -> EntryRejection? {
        guard let born = born(item.account), let terms = terms(project) else { return nil }
        let isOfAge = item.time.month - born.number > terms.ofAge * 12
        if isOfAge { return isGuardians(item.payload.device) ? .cameOfAge : nil }
        return isGuardians(item.payload.device) ? nil : .guardianNeeded
    }

    func wardVerdict(_ item: Item) -> EntryRejection? {
        switch item.body {
        case .wardDeclared(let declared):
            let isTaken = items.contains {
                if case .wardDeclared(let other) = $0.body {
                    return other.keys.device == declared.keys.device
                }
                return false
            }
            if isTaken || account(of: declared.keys.device) != nil { return .alreadyEnrolled }
            let age = item.time.month - declared.born.number
            if age < 0 || age > 18 * 12 { return .notAMinor }
            guard let own = born(item.account) else { return nil }
            return item.time.month - own.number > 18 * 12 ? nil : .guardianNeeded
        case .wardEnrolled(let enrolled):
            if item.account.text != enrolled.keys.device.text { return .signerNotAllowed }
            if account(of: enrolled.keys.device) != nil || isMember(item.account) {
                return .alreadyEnrolled
            }
            if let known = self.item(enrolled.declaration),
                case .wardDeclared(let declared) = known.body, declared.born == enrolled.born,
                declared.keys.device == enrolled.keys.device, known.account == enrolled.guardian
            {
                return nil
            }
            return born(item.account) != nil || isMember(enrolled.guardian) ? .wardUnknown : nil
        case .wardHandedOver(let keys):
            return account(of: keys.device) == nil ? nil : .alreadyEnrolled
        case .authorizationOutgrown(let subject):
            if terms(subject.project) == nil { return .projectUnknown }
            let story = story(item.account, subject.project, subject.major)
            guard let state = state(story, subject.project, at: item.time) else {
                return .noAuthorization
            }
            let stands = state == .reconsentDue || state == .paused
            return stands && story.isOutgrown(item.time) && !story.isOutgrowthMarked
                ? nil : .notDue
        default: return nil
        }
    }
}

extension NaiveLedger.Story {
    /// Whether the member was old enough at a time, where a guardian granted.
    func isOutgrown(_ time: Timestamp) -> Bool {
        guard let guardian else { return false }
        return time.month - guardian.born.number > guardian.years * 12
    }

    mutating func end(_ mode: RevocationMode) {
        guard grant != nil else { return }
        if self.mode == nil || mode == .stopAndErase { self.mode = mode }
    }
}
