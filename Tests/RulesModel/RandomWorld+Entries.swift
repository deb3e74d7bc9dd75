internal import LedgerCore

extension RandomWorld {
    /// Somebody's next entry, given what the ledger under test holds and owes.
    mutating func next(after state: LedgerState) -> EntryPayload? {
        if numbers.once(in: 30) { return numbers.pick(history)?.payload }
        switch numbers.below(14) {
        case 12: return ward(state)
        case 13: return result(state)
        case 0: return institution(state)
        case 1, 2, 3: return owed(state)
        case 4: return review()
        case 5: return use(state)
        case 6: return reward(state)
        case 7: return officer(state)
        case 8, 9: return sensible(state)
        default: return member(state)
        }
    }

    /// What a member does who reads the screen: joins, allows, hands over.
    private mutating func sensible(_ state: LedgerState) -> EntryPayload? {
        let index = [0, 1, 2, 4, 4, 5][self.index(6)]
        let account = members[index].account
        let project = projects[self.index(2)]
        guard let known = state.projects[project], !known.isClosed else { return nil }
        let body: EntryBody
        if state.seats[Seat(account: account, project: project)] == nil {
            body = .signupJoined(
                .init(project: project, major: known.terms.major, minor: known.terms.minor))
        } else {
            let id = AuthorizationID(
                account: account, project: project, major: known.terms.major)
            let standing = state.authorizations[id]?.state(at: now, in: known)
            switch standing {
            case .active?: body = record(project)
            case .paused?:
                body = .authorizationResumed(.init(project: project, major: known.terms.major))
            default: body = grant(known.terms, as: account, state)
            }
        }
        return sign(body, by: \.members[index])
    }

    /// What is signed about a minor: by the first member, the operator, the guardian's device.
    private mutating func ward(_ state: LedgerState) -> EntryPayload? {
        let account = members[4].account
        let years = Int64(numbers.once(in: 2) ? 18 : 16)
        let number = now.month - years * 12 - 2 + Int64(numbers.below(6))
        guard let born = BirthMonth(number: numbers.once(in: 12) ? now.month + 1 : number) else {
            return nil
        }
        let declared = WardDeclared(keys: members[4].keys, born: born)
        guard let known = state.wards[account], !numbers.once(in: 20) else {
            let guardian = numbers.once(in: 10) ? 5 : 0
            return sign(.wardDeclared(declared), by: \.members[guardian])
        }
        guard state.members.contains(account), !numbers.once(in: 20) else {
            let stated = WardDeclared(
                keys: members[4].keys, born: numbers.once(in: 8) ? born : known.born)
            let enrolled = WardEnrolled(
                stated, guardian: numbers.once(in: 8) ? members[1].account : known.guardian,
                declaration: numbers.once(in: 8) ? .zero : known.declaration)
            return sign(
                .wardEnrolled(enrolled), by: \.node,
                about: numbers.once(in: 12) ? members[2].account : account)
        }
        switch numbers.below(4) {
        case 0: return sign(.deviceAdded(members[6].keys), by: \.members[4])
        case 1: return sign(.wardHandedOver(members[5].keys), by: \.members[5])
        case 2:
            // A member enrolled as a ward before cannot enrol anew.
            return sign(.memberEnrolled(members[4].keys), by: \.members[4])
        default: return sign(.wardHandedOver(members[5].keys), by: \.members[4])
        }
    }

    private mutating func index(_ count: Int) -> Int { numbers.below(count) }

    // MARK: Members

    private mutating func member(_ state: LedgerState) -> EntryPayload? {
        let index = index(members.count)
        let project = anyProject()
        let terms = state.projects[project]?.terms
        let (major, minor) = (terms?.major ?? 1, terms?.minor ?? 0)
        let version = numbers.once(in: 8) ? max(1, major - 1) : major
        let subject = AuthorizationSubject(project: project, major: version)
        let body: EntryBody
        switch numbers.below(14) {
        case 0, 1: body = .signupJoined(.init(project: project, major: version, minor: minor))
        case 2: body = numbers.once(in: 3) ? .signupLeft(project) : .authorizationPaused(subject)
        case 3, 4, 5:
            guard let terms else { return nil }
            body = grant(terms, as: members[index].account, state)
        case 6: body = .authorizationPaused(subject)
        case 7: body = .authorizationResumed(subject)
        case 8:
            let mode = numbers.pick(RevocationMode.allCases) ?? .stop
            body = .authorizationRevoked(.init(project: project, major: version, mode: mode))
        case 9:
            // Mostly by whose it is, and about what was refused.
            let refused = history.last { $0.payload.body.kind == .contributionRejected }?.payload
            if case .contributionRejected(let stated)? = refused?.body,
                let own = members.firstIndex(where: { $0.account == refused?.account })
            {
                return sign(
                    .contributionAppealed(
                        .init(project: stated.project, contribution: stated.contribution)),
                    by: \.members[own])
            }
            body = .contributionAppealed(
                .init(project: project, contribution: id(.contributionRejected, .recordContributed))
            )
        case 10:
            body =
                numbers.once(in: 12)
                ? .deviceRevoked(members[self.index(members.count)].keys.device)
                : .correctionAppealed(id(.correctionProposed))
        default: body = record(project)
        }
        if numbers.once(in: 40) { members[index].sequence -= 1 }
        return sign(body, by: \.members[index])
    }

    private mutating func grant(
        _ terms: ProjectTerms, as account: AccountID, _ state: LedgerState
    ) -> EntryBody {
        let id = AuthorizationID(account: account, project: terms.project, major: terms.major)
        let latest = state.latestDecision(for: id)
        let day: Int64 = 86_400_000
        return .authorizationGranted(
            .init(
                project: terms.project, major: terms.major, minor: terms.minor,
                terms: numbers.once(in: 30) ? .zero : terms.hash, language: "en",
                kinds: numbers.once(in: 4)
                    ? numbers.some(RecordKind.allCases)
                    : terms.kinds.map(\.kind),
                purposes: numbers.once(in: 20) ? [.generalResearch] : terms.purposes,
                recipients: numbers.once(in: 6) ? [institutions[0].account] : terms.recipients,
                collectionFrom: Timestamp(milliseconds: numbers.once(in: 5) ? 4_000 : 1_000),
                collectionUntil: terms.collectionUntil,
                until: min(
                    terms.useUntil, now.adding(milliseconds: Int64(2 + numbers.below(120)) * day)),
                eraseAt: terms.eraseAt,
                cites: numbers.once(in: 10)
                    ? self.id(.authorizationGranted, .authorizationRevoked) : latest,
                observedSize: 0, observedRoot: .zero,
                diseases: numbers.once(in: 10) ? diseases : terms.diseases,
                links: numbers.once(in: 3) ? [] : terms.links))
    }

    private mutating func record(_ project: ProjectID) -> EntryBody {
        let number = UInt8(numbers.below(24))
        let from = Int64(500 * numbers.below(12))
        let kinds: [RecordKind] = [.genomic, .clinical, .wearable, .clinical, .imaging]
        return .recordContributed(
            .init(
                project: project, record: Hash.of([number]),
                commitment: Hash.of([numbers.once(in: 9) ? 0 : number, 1]),
                kind: numbers.pick(kinds) ?? .clinical, rows: 1,
                from: Timestamp(milliseconds: max(from, numbers.once(in: 6) ? 0 : 1_000)),
                until: Timestamp(milliseconds: max(from, 1_000) + 500), sizeBytes: 1))
    }

    // MARK: Institutions

    private mutating func review() -> EntryPayload? {
        let isSecondLook = numbers.once(in: 4)
        let contribution = isSecondLook ? paidContribution() : id(.recordContributed)
        guard let given = history.last(where: { $0.id == contribution })?.payload,
            let project = given.body.project
        else { return nil }
        let sponsor = project == projects[1] ? 1 : 0
        let account =
            numbers.once(in: 30) ? members[index(3)].account : given.account
        let body: EntryBody =
            isSecondLook || numbers.once(in: 4)
            ? .contributionRejected(
                .init(project: project, contribution: contribution, reason: .quality))
            : .contributionAccepted(.init(project: project, contribution: contribution))
        return sign(body, by: \.institutions[sponsor], about: account)
    }

    /// A contribution that earned points that may still wait.
    private mutating func paidContribution() -> Hash {
        let accrual = history.last { $0.payload.body.kind == .pointsAccrued }?.payload.body
        guard case .pointsAccrued(let accrued)? = accrual,
            case .contributionAccepted(let reviewed)? =
                history.last(where: { $0.id == accrued.trigger })?.payload.body
        else { return id(.recordContributed) }
        return reviewed.contribution
    }

    private mutating func institution(_ state: LedgerState) -> EntryPayload? {
        let project = anyProject()
        let index = numbers.once(in: 8) ? index(institutions.count) : project == projects[1] ? 1 : 0
        let terms = state.projects[project]?.terms
        let points = Points(Int64(1 + numbers.below(400)))
        let body: EntryBody
        switch numbers.below(11) {
        case 0: body = .projectPublished(self.terms(project))
        case 1, 2:
            guard terms != nil else { return nil }
            body = .projectAmended(
                .init(
                    terms: self.terms(project, change: terms),
                    graceMilliseconds: Int64(numbers.below(3)) * 86_400_000))
        case 3: body = .escrowPlaced(.init(project: project, points: points))
        case 4: body = .splitPaid(.init(project: project, points: points))
        case 5:
            let shares = (0..<2).map {
                SplitRuled.Share(
                    institutions[$0].account, weight: Int64(1 + numbers.below(7)))
            }
            body = .splitRuled(.init(project: project, shares: shares))
        case 6 where numbers.once(in: 12): body = .projectClosed(project)
        case 7 where numbers.once(in: 12):
            return sign(
                .projectTerminated(.init(project: project, reason: .ordered)),
                by: \.institutions[numbers.once(in: 3) ? 0 : 5])
        case 8:
            // The board endorses what will be proposed if the numbers repeat themselves.
            guard let terms else { return nil }
            var next = self.terms(project, change: terms)
            next.major = terms.major + 1
            next.minor = 0
            let sequence = institutions[4].sequence
            guard state.institutions[institutions[4].account] != nil else { return nil }
            institutions[4].sequence = sequence
            pending.append(next)
            return sign(
                .amendmentEndorsed(.init(project: project, terms: next.hash)),
                by: \.institutions[4])
        case 9:
            guard let next = pending.popLast() else { return nil }
            let sponsor = next.project == projects[1] ? 1 : 0
            return sign(
                .projectAmended(.init(terms: next, graceMilliseconds: 86_400_000)),
                by: \.institutions[sponsor])
        default:
            return sign(
                .approvalFiled(
                    .init(
                        project: project, recipient: institutions[1].account,
                        kind: numbers.pick(ApprovalKind.allCases) ?? .provision, number: "1",
                        until: now.adding(milliseconds: Int64(numbers.below(20)) * 86_400_000))),
                by: \.institutions[5])
        }
        return sign(body, by: \.institutions[index])
    }

    private mutating func use(_ state: LedgerState) -> EntryPayload? {
        let account = takers[index(4)]
        let project = projects[index(2)]
        let request = self.request(account, project)
        guard let permission = try? state.judge(request, at: now) else {
            guard numbers.once(in: 4) else { return nil }
            return sign(
                .useDenied(
                    .init(
                        project: project, user: request.user, purpose: request.purpose,
                        reason: .revoked)), by: \.node, about: account)
        }
        var read = permission.contributions.map(\.entry)
        if numbers.once(in: 4) { read = numbers.some(read) }
        if numbers.once(in: 20) { read.append(id(.recordContributed)) }
        if numbers.once(in: 4),
            let maker = institutions.firstIndex(where: {
                $0.account == request.user
            })
        {
            return sign(
                .dataDerived(
                    .init(
                        project: project, grant: numbers.once(in: 20) ? .zero : permission.grant,
                        purpose: request.purpose, inputs: Set(read).sorted(),
                        output: Hash.of([UInt8(numbers.below(200))]))),
                by: \.institutions[numbers.once(in: 12) ? 2 : maker], about: account)
        }
        return sign(
            .useAllowed(
                .init(
                    project: project, user: request.user,
                    grant: numbers.once(in: 20) ? .zero : permission.grant,
                    purpose: request.purpose, contributions: Set(read).sorted())), by: \.node,
            about: account)
    }

    /// A wish to know results, or a result for somebody who mostly wished for it.
    private mutating func result(_ state: LedgerState) -> EntryPayload? {
        let project = anyProject()
        if numbers.once(in: 2) {
            let index = index(members.count)
            let offered = state.projects[project]?.terms.resultClasses ?? []
            return sign(
                .resultsWished(
                    .init(
                        project: project,
                        classes: numbers.once(in: 6)
                            ? numbers.some(ResultClass.allCases) : numbers.some(offered),
                        key: members[index].keys.wrapping)), by: \.members[index])
        }
        let account = takers[index(4)]
        let wish = state.wishes[Seat(account: account, project: project)]
        let wished = wish?.wished.classes ?? []
        return sign(
            .resultReturned(
                .init(
                    project: project,
                    result: numbers.once(in: 8)
                        ? .carrier : numbers.pick(wished) ?? .summary,
                    wish: numbers.once(in: 12) ? id(.resultsWished) : wish?.entry ?? .zero,
                    sealed: [UInt8](repeating: 0, count: 80))),
            by: \.institutions[numbers.once(in: 10) ? 2 : index(2)], about: account)
    }

    mutating func request(_ account: AccountID, _ project: ProjectID) -> UseRequest {
        let purposes: [UsePurpose] = [
            .research(.healthResearch), .research(.healthResearch), .review,
            .research(.diseaseSpecific), .disease(diseases[0]), .disease(diseases[1]),
            .linkage(projects[0]), .linkage(projects[1]),
        ]
        return UseRequest(
            account: account, project: project,
            user: institutions[numbers.once(in: 12) ? 2 : index(2)].account,
            purpose: numbers.pick(purposes) ?? .review,
            kinds: numbers.once(in: 3) ? [.clinical] : [])
    }

    // MARK: The operator

    private mutating func owed(_ state: LedgerState) -> EntryPayload? {
        var owed: [(AccountID, EntryBody)] = []
        for (_, id) in history.suffix(6) {
            if let (account, accrued) = state.accrualOwed(for: id, at: now) {
                owed.append((account, .pointsAccrued(accrued)))
            }
            if let (account, redeemed) = state.redemptionOwed(for: id) {
                owed.append((account, .pointsRedeemed(redeemed)))
            }
        }
        let rejected = history.last { $0.payload.body.kind == .contributionRejected }?.payload.body
        var contribution = id(.recordContributed)
        if case .contributionRejected(let stated)? = rejected {
            contribution = stated.contribution
        }
        if let (account, voided) = state.voidOwed(for: contribution),
            case .rejected = state.contributions[contribution]?.review
        {
            owed.append((account, .pointsVoided(voided)))
        }
        owed += state.dueVestings(at: now).map { ($0.0, .pointsVested($0.1)) }
        owed += state.dueTimeouts(at: now).map { ($0.0, .pointsReleased($0.1)) }
        owed += state.dueNotices(at: now).map { ($0.0, .pointsExpiring($0.1)) }
        owed += state.dueLotExpiries(at: now).map { ($0.0, .pointsExpired($0.1)) }
        owed += state.dueExpiries(at: now).map { ($0.0, .authorizationExpired($0.1)) }
        owed += state.dueOutgrowths(at: now).map { ($0.0, .authorizationOutgrown($0.1)) }
        owed += state.dueErasures(at: now).map { ($0.0, .recordsErased($0.1)) }
        owed += state.dueReleases(at: now).map { ($0.0, .escrowReleased($0.1)) }
        for (index, project) in projects.enumerated() {
            owed += state.erasuresOwed(to: takers[index], in: project, at: now)
                .map { (takers[index], .recordsErased($0)) }
        }
        let picked = numbers.once(in: 8) ? nil : numbers.pick(owed)
        if picked == nil, numbers.below(3) > 0 { return nil }
        guard let (account, body) = picked ?? invented() else { return nil }
        let about = numbers.once(in: 40) ? members[index(3)].account : account
        return sign(body, by: \.node, about: about)
    }

    /// Something nobody owes, or not yet.
    private mutating func invented() -> (AccountID, EntryBody)? {
        let accrual = id(.pointsAccrued)
        let known = history.last { $0.id == accrual }?.payload
        let account = known?.account ?? members[index(3)].account
        let project = known?.body.project ?? projects[0]
        let points = known?.body.points ?? Points(30)
        let resolved = PointsResolved(project: project, accrual: accrual, points: points)
        switch numbers.below(9) {
        case 7:
            let subject = AuthorizationSubject(project: projects[index(3)], major: 1)
            return (takers[index(4)], .authorizationOutgrown(subject))
        case 0: return (account, .pointsVested(resolved))
        case 1: return (account, .pointsVoided(resolved))
        case 2:
            let accrued = PointsAccrued(
                project: project, trigger: id(.contributionAccepted, .useAllowed),
                points: Points(Int64(numbers.below(3)) * 30 + 10),
                vestsAt: now.adding(milliseconds: 1_000), isLimited: numbers.once(in: 2))
            return (account, .pointsAccrued(accrued))
        case 3:
            return (account, .pointsExpired(.init(lot: id(.pointsVested), points: points)))
        case 4:
            let at = now.adding(milliseconds: PointsTimes.notice)
            return (account, .pointsExpiring(.init(lot: id(.pointsVested), points: points, at: at)))
        case 5:
            return (
                institutions[0].account, .escrowReleased(.init(project: project, points: points))
            )
        case 6:
            return (
                account,
                .recordsErased(.init(project: project, contributions: [id(.recordContributed)]))
            )
        case 8 where numbers.once(in: 2):
            let cause = numbers.pick(LapseCause.allCases) ?? .died
            return (
                account, .authorizationLapsed(.init(project: project, major: 1, cause: cause))
            )
        default:
            return (
                account,
                .authorizationInvalidated(
                    .init(project: project, major: 1, reason: .wrongPerson))
            )
        }
    }

    // MARK: Rewards and corrections

    private mutating func reward(_ state: LedgerState) -> EntryPayload? {
        let reward = numbers.pick(rewards) ?? rewards[0]
        switch numbers.below(9) {
        case 0: return sign(.rewardOffered(offer(reward)), by: \.node)
        case 1 where numbers.once(in: 3): return sign(.rewardWithdrawn(reward), by: \.node)
        case 2 where numbers.once(in: 2):
            let programme: Programme = numbers.once(in: 2) ? .staffPlan : .rareDisease
            let version = state.programmeRules[programme]?.version ?? 0
            return sign(
                .programmeRuled(
                    .init(
                        programme: programme, version: version + (numbers.once(in: 5) ? 2 : 1),
                        lifetimeMilliseconds: PointsTimes.notice
                            * Int64(2 + numbers.below(3)),
                        dayCap: Points(Int64(numbers.below(2)) * 110),
                        monthCap: Points(Int64(numbers.below(2)) * 150),
                        lifetimeCap: Points(Int64(numbers.below(2)) * 260))), by: \.node)
        case 3, 4:
            let reservation = id(.pointsReserved)
            guard let known = state.reservations[reservation] else { return nil }
            let reason = numbers.pick(ReleaseReason.allCases) ?? .cancelled
            if reason == .cancelled,
                let index = members.firstIndex(where: {
                    $0.account == known.account
                })
            {
                return sign(.pointsReleased(known.release(reason)), by: \.members[index])
            }
            let body: EntryBody =
                numbers.once(in: 2)
                ? .pointsRedeemed(known.redemption) : .pointsReleased(known.release(reason))
            return sign(body, by: \.node, about: known.account)
        default:
            let price = state.rewards[reward]?.offer.price ?? Points(40)
            let points = numbers.once(in: 12) ? price + Points(1) : price
            return sign(
                .pointsReserved(.init(reward: reward, points: points)),
                by: \.members[rich(state) ?? index(members.count)])
        }
    }

    /// A member who has points, mostly.
    private mutating func rich(_ state: LedgerState) -> Int? {
        let rich = members.indices.filter {
            state.points.balance(of: .available(members[$0].account)) > .zero
        }
        return numbers.once(in: 6) ? nil : numbers.pick(rich)
    }

    private mutating func officer(_ state: LedgerState) -> EntryPayload? {
        let officer = 2 + index(2)
        switch numbers.below(5) {
        case 4: return lapse(state, by: officer)
        case 0:
            let proposal = id(.correctionProposed)
            if numbers.once(in: 4), let known = state.corrections[proposal],
                let index = members.firstIndex(where: { $0.account == known.account })
            {
                return sign(.correctionAppealed(proposal), by: \.members[index])
            }
            guard let known = state.corrections[proposal] else { return nil }
            return sign(
                .correctionConfirmed(
                    .init(proposal: proposal, points: known.statement.points)),
                by: \.institutions[officer], about: known.account)
        case 1:
            let erasure = id(.recordsErased)
            guard let known = state.erasures[erasure] else { return nil }
            return sign(
                .erasureAttested(.init(project: known.statement.project, erasure: erasure)),
                by: \.institutions[index(3)], about: known.account)
        default:
            let accrual = id(.pointsAccrued)
            guard let account = owner(accrual) else { return nil }
            let direction: CorrectionDirection = numbers.once(in: 3) ? .giveBack : .take
            let amounts: [Int64] = [10, 30, 70, 100]
            return sign(
                .correctionProposed(
                    .init(
                        accrual: accrual, points: Points(numbers.pick(amounts) ?? 10),
                        direction: direction, reason: .duplicate)),
                by: \.institutions[officer], about: account)
        }
    }

    /// A report that a member can decide no more, or its confirmation.
    private mutating func lapse(_ state: LedgerState, by officer: Int) -> EntryPayload? {
        let report = id(.lapseProposed)
        if let known = state.lapseReports[report], numbers.once(in: 2) {
            let cause = numbers.once(in: 6) ? LapseCause.incapable : known.cause
            let about = numbers.once(in: 12) ? members[index(3)].account : known.account
            return sign(
                .lapseConfirmed(.init(proposal: report, cause: cause)),
                by: \.institutions[officer], about: about)
        }
        let cause = numbers.pick(LapseCause.allCases) ?? .died
        let about = numbers.once(in: 12) ? institutions[0].account : members[index(3)].account
        return sign(
            .lapseProposed(.init(cause: cause)), by: \.institutions[officer], about: about)
    }
}
