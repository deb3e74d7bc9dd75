internal import LedgerCore

extension NaiveLedger {
    /// Why an entry is refused; `nil` if it is not.
    func verdict(on item: Item) -> EntryRejection? {
        if let rejection = signerVerdict(item) { return rejection }
        switch item.body {
        case .institutionAdmitted, .memberEnrolled, .deviceAdded, .deviceRevoked:
            return peopleVerdict(item)
        case .projectPublished, .projectAmended, .projectClosed, .projectTerminated,
            .amendmentEndorsed, .approvalFiled, .signupJoined, .signupLeft:
            return projectVerdict(item)
        case .authorizationGranted, .authorizationPaused, .authorizationResumed,
            .authorizationRevoked, .authorizationExpired, .authorizationInvalidated,
            .authorizationLapsed, .lapseProposed, .lapseConfirmed:
            return consentVerdict(item)
        case .recordContributed, .contributionAccepted, .contributionRejected,
            .contributionAppealed, .useAllowed, .useDenied, .recordsErased, .erasureAttested,
            .dataDerived:
            return recordVerdict(item)
        case .resultsWished, .resultReturned: return resultVerdict(item)
        case .wardDeclared, .wardEnrolled, .wardHandedOver, .authorizationOutgrown:
            return wardVerdict(item)
        case .budgetFunded, .escrowPlaced, .escrowReleased, .splitRuled, .splitPaid,
            .programmeRuled, .pointsAccrued, .pointsVested, .pointsVoided:
            return pointsVerdict(item)
        case .rewardOffered, .rewardWithdrawn, .pointsReserved, .pointsRedeemed, .pointsReleased,
            .pointsExpiring, .pointsExpired, .correctionProposed, .correctionConfirmed,
            .correctionAppealed:
            return redemptionVerdict(item)
        }
    }

    private func signerVerdict(_ item: Item) -> EntryRejection? {
        let device = item.payload.device
        guard let signer = account(of: device) else {
            switch item.body {
            case .memberEnrolled where item.account.text == device.text: return nil
            case .institutionAdmitted where operatorAccount == nil: return nil
            default: return .signerNotAllowed
            }
        }
        let isRevoke = item.body.kind == .authorizationRevoked
        if isRevoked(device), !isRevoke { return .deviceRevoked }
        if !maySign(item, signer) { return .signerNotAllowed }
        if !isRevoke, item.payload.sequence <= lastSequence(of: device) { return .sequenceReused }
        return nil
    }

    private func maySign(_ item: Item, _ signer: AccountID) -> Bool {
        let isOwn = signer == item.account
        switch item.body {
        case .memberEnrolled: return false
        case .deviceRevoked: return isOwn
        case .wardHandedOver: return isOwn && isGuardians(item.payload.device)
        case .projectPublished: return isOwn && has(.sponsor, signer)
        case .projectAmended, .projectClosed, .escrowPlaced, .splitRuled, .splitPaid:
            guard let project = item.body.project, let sponsor = sponsor(project) else {
                return isOwn
            }
            return isOwn && signer == sponsor
        case .contributionAccepted, .contributionRejected:
            guard let project = item.body.project, let sponsor = sponsor(project) else {
                return true
            }
            return signer == sponsor
        case .correctionProposed, .correctionConfirmed, .lapseProposed, .lapseConfirmed:
            return has(.officer, signer)
        case .approvalFiled: return signer == operatorAccount || has(.regulator, signer)
        case .amendmentEndorsed: return has(.ethics, signer)
        case .projectTerminated: return has(.ethics, signer) || has(.regulator, signer)
        case .erasureAttested, .dataDerived, .resultReturned: return institution(signer) != nil
        case .deviceAdded, .signupJoined, .signupLeft, .authorizationGranted,
            .authorizationPaused, .authorizationResumed, .authorizationRevoked,
            .recordContributed, .pointsReserved, .correctionAppealed, .contributionAppealed,
            .wardDeclared, .resultsWished:
            return isOwn && isMember(signer)
        case .pointsReleased(let released) where released.reason == .cancelled:
            return isOwn && isMember(signer)
        case .institutionAdmitted, .budgetFunded, .authorizationExpired, .useAllowed, .useDenied,
            .pointsAccrued, .pointsVested, .pointsVoided, .programmeRuled, .rewardOffered,
            .rewardWithdrawn, .escrowReleased, .pointsRedeemed, .pointsReleased, .pointsExpiring,
            .pointsExpired, .authorizationInvalidated, .recordsErased, .wardEnrolled,
            .authorizationOutgrown, .authorizationLapsed:
            return signer == operatorAccount
        }
    }

    private func peopleVerdict(_ item: Item) -> EntryRejection? {
        switch item.body {
        case .institutionAdmitted(let admitted):
            if item.account.text != admitted.keys.device.text { return .signerNotAllowed }
            let isKnown = account(of: admitted.keys.device) != nil
            if isKnown || institution(item.account) != nil { return .alreadyEnrolled }
            let isFirst = operatorAccount == nil
            return isFirst == admitted.roles.contains(.operator) ? nil : .signerNotAllowed
        case .memberEnrolled(let keys):
            if account(of: keys.device) != nil || isMember(item.account)
                || born(item.account) != nil
            {
                return .alreadyEnrolled
            }
            return item.account.text == keys.device.text ? nil : .signerNotAllowed
        case .deviceAdded(let keys):
            return account(of: keys.device) == nil ? nil : .alreadyEnrolled
        case .deviceRevoked(let device):
            return account(of: device) == item.account ? nil : .accountUnknown
        default: return nil
        }
    }

    private func projectVerdict(_ item: Item) -> EntryRejection? {
        switch item.body {
        case .projectPublished(let terms):
            if self.terms(terms.project) != nil { return .projectExists }
            if terms.major != 1 || terms.minor != 0 { return .versionNotNext }
            return terms.recipients.allSatisfy { institution($0) != nil } ? nil : .accountUnknown
        case .projectAmended(let amended):
            let terms = amended.terms
            guard let old = self.terms(terms.project) else { return .projectUnknown }
            if closedAt(terms.project) != nil { return .projectClosed }
            let isMajor = terms.major == old.major + 1 && terms.minor == 0
            let isMinor = terms.major == old.major && terms.minor == old.minor + 1
            if !isMajor, !isMinor { return .versionNotNext }
            if isMinor, !terms.asksNoMore(than: old) { return .beyondProject }
            if isMajor, !isEndorsed(terms) { return .ethicsMissing }
            return terms.recipients.allSatisfy { institution($0) != nil } ? nil : .accountUnknown
        case .projectClosed, .projectTerminated, .amendmentEndorsed:
            guard let project = item.body.project, terms(project) != nil else {
                return .projectUnknown
            }
            return closedAt(project) == nil ? nil : .projectClosed
        case .approvalFiled(let filed):
            if terms(filed.project) == nil { return .projectUnknown }
            return institution(filed.recipient) == nil ? .accountUnknown : nil
        case .signupJoined(let joined):
            guard let terms = terms(joined.project) else { return .projectUnknown }
            if closedAt(joined.project) != nil || terms.useUntil <= item.time {
                return .projectClosed
            }
            if let rejection = authority(item, joined.project) { return rejection }
            if terms.major != joined.major || terms.minor != joined.minor {
                return .versionNotCurrent
            }
            if terms.seats > 0, seatsTaken(joined.project) >= Int(terms.seats) {
                return .projectFull
            }
            return isSeated(item.account, joined.project) ? .alreadySignedUp : nil
        case .signupLeft(let project):
            if terms(project) == nil { return .projectUnknown }
            return isSeated(item.account, project) ? nil : .notSignedUp
        default: return nil
        }
    }

    private func isEndorsed(_ terms: ProjectTerms) -> Bool {
        let hasBoard = items.contains { item in
            guard case .institutionAdmitted(let admitted) = item.body else { return false }
            return admitted.roles.contains(.ethics)
        }
        guard hasBoard else { return true }
        let last = items.last { item in
            guard case .amendmentEndorsed(let endorsed) = item.body else { return false }
            return endorsed.project == terms.project
        }
        return last?.body
            == .amendmentEndorsed(.init(project: terms.project, terms: terms.hash))
    }

    private func consentVerdict(_ item: Item) -> EntryRejection? {
        let account = item.account
        switch item.body {
        case .authorizationRevoked: return nil
        case .authorizationGranted(let grant):
            guard let terms = terms(grant.project) else { return .projectUnknown }
            if closedAt(grant.project) != nil { return .projectClosed }
            if let rejection = authority(item, grant.project) { return rejection }
            if terms.major != grant.major || terms.minor != grant.minor
                || terms.hash != grant.terms
            {
                return .versionNotCurrent
            }
            if !isSeated(account, grant.project) { return .notSignedUp }
            if story(account, grant.project, grant.major).latest != grant.cites {
                return .decisionNotLatest
            }
            let isMissing = terms.kinds.contains { $0.isRequired && !grant.kinds.contains($0.kind) }
            if isMissing || grant.kinds.isEmpty { return .requiredKindMissing }
            if isBeyond(grant, terms) { return .beyondProject }
            return grant.until <= item.time ? .endNotInFuture : nil
        case .authorizationPaused(let subject):
            guard let newest = terms(subject.project)?.major else { return .projectUnknown }
            var stories = stride(from: subject.major, through: newest, by: 1).map {
                story(account, subject.project, $0)
            }
            if stories.allSatisfy({ $0.grant == nil }) {
                stories = [self.newest(account, subject.project)].compactMap(\.self)
            }
            for story in stories {
                switch state(story, subject.project, at: item.time) {
                case .active?, .reconsentDue?: return nil
                default: continue
                }
            }
            return .noAuthorization
        case .authorizationResumed(let subject), .authorizationExpired(let subject):
            if terms(subject.project) == nil { return .projectUnknown }
            let story = story(account, subject.project, subject.major)
            guard let state = state(story, subject.project, at: item.time) else {
                return .noAuthorization
            }
            if item.body.kind == .authorizationResumed {
                return state == .paused ? authority(item, subject.project) : .notPaused
            }
            return state == .expired && !story.isMarked ? nil : .notExpired
        case .authorizationInvalidated(let invalidated):
            let story = story(account, invalidated.project, invalidated.major)
            return story.grant == nil || story.isInvalid ? .noAuthorization : nil
        case .authorizationLapsed(let lapsed):
            let story = story(account, lapsed.project, lapsed.major)
            let isOver = story.grant == nil || story.isInvalid || story.mode != nil
            if isOver { return .noAuthorization }
            return isConfirmed(lapsed, about: account, since: story) ? nil : .lapseNotConfirmed
        case .lapseProposed: return isMember(account) ? nil : .accountUnknown
        case .lapseConfirmed(let confirmed):
            guard let first = self.item(confirmed.proposal), first.account == account,
                first.body == .lapseProposed(.init(cause: confirmed.cause))
            else { return .lapseUnknown }
            if items.contains(where: { $0.body == item.body }) { return .lapseResolved }
            let isSame =
                self.account(of: first.payload.device) == self.account(of: item.payload.device)
            return isSame ? .secondOfficerNeeded : nil
        default: return nil
        }
    }

    /// Whether the last word of two officers about a member says that, and came after the grant.
    private func isConfirmed(
        _ lapsed: AuthorizationLapsed, about account: AccountID, since story: Story
    ) -> Bool {
        let last = items.last { $0.account == account && $0.body.kind == .lapseConfirmed }
        guard let last, case .lapseConfirmed(let confirmed) = last.body,
            let grant = self.item(story.entry)
        else { return false }
        return confirmed.cause == lapsed.cause && grant.time <= last.time
    }

    private func isBeyond(_ grant: AuthorizationGranted, _ terms: ProjectTerms) -> Bool {
        let asked = terms.kinds.map(\.kind)
        if grant.kinds.contains(where: { !asked.contains($0) }) { return true }
        if grant.purposes.isEmpty || grant.recipients.isEmpty { return true }
        if grant.purposes.contains(where: { !terms.purposes.contains($0) }) { return true }
        if grant.recipients.contains(where: { !terms.recipients.contains($0) }) { return true }
        if grant.links.contains(where: { !terms.links.contains($0) }) { return true }
        if grant.diseases.contains(where: { !terms.diseases.contains($0) }) { return true }
        if grant.purposes.contains(.diseaseSpecific), !terms.diseases.isEmpty,
            grant.diseases.isEmpty
        {
            return true
        }
        return grant.collectionFrom < terms.collectionFrom
            || grant.collectionUntil > terms.collectionUntil || grant.until > terms.useUntil
            || grant.eraseAt > terms.eraseAt
    }

    private func recordVerdict(_ item: Item) -> EntryRejection? {
        let account = item.account
        switch item.body {
        case .recordContributed(let stated):
            guard let terms = terms(stated.project) else { return .projectUnknown }
            if closedAt(stated.project) != nil || terms.eraseAt <= item.time {
                return .projectClosed
            }
            if let rejection = authority(item, stated.project) { return rejection }
            if !isSeated(account, stated.project) { return .notSignedUp }
            let newest = newest(account, stated.project)
            if let newest, newest.mode != nil || newest.isInvalid { return .noAuthorization }
            if !terms.kinds.contains(where: { $0.kind == stated.kind }) { return .kindNotAsked }
            if stated.from < terms.collectionFrom || stated.until > terms.collectionUntil {
                return .outsideCollection
            }
            if let grant = newest?.grant,
                stated.from < grant.collectionFrom || stated.until > grant.collectionUntil
            {
                return .outsideCollection
            }
            let isKnown = contributions(account, stated.project).contains { id in
                guard let (_, other) = contribution(id) else { return false }
                return other.record == stated.record || other.commitment == stated.commitment
            }
            return isKnown ? .duplicateRecord : nil
        case .contributionAccepted(let reviewed):
            if let rejection = contributionVerdict(
                reviewed.contribution, reviewed.project, account)
            {
                return rejection
            }
            return review(reviewed.contribution) == nil && !isErased(reviewed.contribution)
                ? nil : .alreadyReviewed
        case .contributionRejected(let rejected):
            if let rejection = contributionVerdict(
                rejected.contribution, rejected.project, account)
            {
                return rejection
            }
            switch review(rejected.contribution)?.kind {
            case .contributionRejected?: return .alreadyReviewed
            case .contributionAccepted? where isErased(rejected.contribution):
                return .alreadyErased
            default: return nil
            }
        case .contributionAppealed(let appealed):
            if let rejection = contributionVerdict(
                appealed.contribution, appealed.project, account)
            {
                return rejection
            }
            if items.contains(where: { $0.body == item.body }) { return .alreadyAppealed }
            return review(appealed.contribution)?.kind == .contributionRejected
                && !isErased(appealed.contribution) ? nil : .nothingToAppeal
        case .useAllowed(let use):
            let kinds = Set(use.contributions.compactMap { contribution($0)?.stated.kind })
            let request = UseRequest(
                account: account, project: use.project, user: use.user, purpose: use.purpose,
                kinds: kinds.sorted())
            guard case .success(let covered) = judge(request, at: item.time),
                newest(account, use.project)?.entry == use.grant, !use.contributions.isEmpty,
                use.contributions.allSatisfy(covered.contains)
            else { return .useNotAuthorized }
            return nil
        case .dataDerived(let derived):
            guard let user = self.account(of: item.payload.device) else { return .signerNotAllowed }
            let kinds = Set(derived.inputs.compactMap { contribution($0)?.stated.kind })
            let request = UseRequest(
                account: account, project: derived.project, user: user,
                purpose: derived.purpose, kinds: kinds.sorted())
            guard case .success(let covered) = judge(request, at: item.time),
                newest(account, derived.project)?.entry == derived.grant, !derived.inputs.isEmpty,
                derived.inputs.allSatisfy(covered.contains)
            else { return .useNotAuthorized }
            return nil
        case .useDenied(let use): return terms(use.project) == nil ? .projectUnknown : nil
        case .recordsErased(let erased):
            if terms(erased.project) == nil { return .projectUnknown }
            for id in erased.contributions {
                guard let (given, stated) = contribution(id), given.account == account,
                    stated.project == erased.project
                else { return .contributionUnknown }
                if isErased(id) { return .alreadyErased }
                if !isErasureDue(id, at: item.time) { return .notDue }
            }
            return nil
        case .erasureAttested(let attested):
            guard let erasure = self.item(attested.erasure),
                case .recordsErased(let erased) = erasure.body, erasure.account == account,
                erased.project == attested.project
            else { return .erasureUnknown }
            return attestationVerdict(item, erasure, erased)
        default: return nil
        }
    }

    private func contributionVerdict(_ id: Hash, _ project: ProjectID, _ account: AccountID)
        -> EntryRejection?
    {
        if terms(project) == nil { return .projectUnknown }
        guard let (item, stated) = contribution(id), item.account == account,
            stated.project == project
        else { return .contributionUnknown }
        return nil
    }

    private func attestationVerdict(_ item: Item, _ erasure: Item, _ erased: RecordsErased)
        -> EntryRejection?
    {
        var before = NaiveLedger()
        before.replace(items.prefix { $0.id != erasure.id })
        let versions = before.terms(erased.project)?.major ?? 0
        let named = (0..<versions).flatMap { older in
            before.story(erasure.account, erased.project, versions - older).named
        }
        guard let signer = account(of: item.payload.device), named.contains(signer) else {
            return .alreadyAttested
        }
        let hasAttested = items.contains {
            $0.body == item.body && account(of: $0.payload.device) == signer
        }
        return hasAttested ? .alreadyAttested : nil
    }
}
