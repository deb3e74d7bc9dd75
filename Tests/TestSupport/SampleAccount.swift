package import LedgerCore
package import SyncCore

/// What the sample member agreed to, earned, and was told; who used their data.
extension SampleReading {
    package func activity(_ query: ActivityQuery, offset: Int, limit: Int) throws
        -> Page<ActivityLine>
    {
        let wanted = query.search.lowercased()
        let found = entries.filter { line in
            let kind = line.body.kind
            switch query.type {
            case .refusals?: if line.state != .rejected { return false }
            case let type?:
                if !type.prefixes.contains(where: kind.rawValue.hasPrefix) { return false }
            case nil: break
            }
            if let project = query.project, line.body.project != project { return false }
            if wanted.isEmpty || query.named.contains(kind) { return true }
            let texts = [line.title, line.actor].compactMap { $0 }
            return texts.contains {
                ($0.english + $0.chinese).lowercased().contains(wanted)
            }
        }
        return Page(
            offset: offset, lines: Array(found.dropFirst(offset).prefix(limit)),
            total: found.count)
    }

    package func pointsByProject() throws -> [ProjectEarnings] {
        details.enumerated().compactMap { index, detail in
            guard case .joined = detail.participation else { return nil }
            let earned = [2_180, 340, 0][min([0, 1, 4].firstIndex(of: index) ?? 2, 2)]
            return ProjectEarnings(
                project: detail.terms.project, title: detail.terms.title,
                earned: Points(Int64(pointsLines.isEmpty ? 0 : earned)),
                waiting: Points(index == 0 && !pointsLines.isEmpty ? 120 : 0), takesPart: true)
        }
    }

    package func pointsReason(of project: ProjectID) throws -> PointsReason? {
        guard let detail = details.first(where: { $0.terms.project == project }) else { return nil }
        var reason = PointsReason(terms: detail.terms)
        guard project == details[0].terms.project, !pointsLines.isEmpty else {
            reason.unreviewed = recordLines.flatMap(\.contributions)
                .count { $0.project == project && $0.review == .waiting }
            return reason
        }
        reason.reviews = 1
        reason.earned = Earned(
            kinds: [.clinical, .wearable], uses: Points(20), total: Points(720))
        reason.triggers = Self.triggers(detail.terms.reward)
        reason.triggers[0].payment?.taken = taken
        return reason
    }

    private static func triggers(_ rule: RewardRule) -> [PointsTrigger] {
        func reckoning(
            _ cause: AccrualTrigger.Cause, full: Points, due: Points,
            _ limit: PointsReckoning.Limit? = nil
        ) -> PointsReckoning {
            PointsReckoning(
                rule: rule, cause: cause, before: .nothing, full: full, due: due, limit: limit)
        }
        func trigger(_ number: UInt8, _ days: Int64, _ reckoning: PointsReckoning)
            -> PointsTrigger
        {
            PointsTrigger(
                entry: Hash.of([number]), index: 198 - Int64(number),
                at: SampleCatalogue.day(days), reckoning: reckoning)
        }
        var use = trigger(2, -2, reckoning(.use, full: rule.perUse, due: rule.perUse))
        use.payment = .init(
            accrual: Hash.of([3]), points: rule.perUse, isLimited: false,
            vestsAt: SampleCatalogue.day(5))
        var limited = trigger(
            5, -3,
            reckoning(
                .contribution(.wearable, entry: .zero), full: rule.perContribution,
                due: rule.perContribution))
        limited.payment = .init(
            accrual: Hash.of([4]), points: Points(100), isLimited: true,
            vestsAt: SampleCatalogue.day(4))
        var set = trigger(
            5, -9,
            reckoning(
                .contribution(.clinical, entry: .zero), full: rule.perContribution,
                due: rule.perContribution))
        set.payment = .init(
            accrual: Hash.of([12]), points: Points(600), isLimited: false,
            vestsAt: SampleCatalogue.day(-8))
        set.payment?.outcome = .vested
        set.payment?.resolution = Hash.of([11])
        let twice = trigger(
            5, -8,
            reckoning(
                .contribution(.clinical, entry: .zero), full: rule.perContribution, due: .zero,
                .kindPaid))
        return [use, limited, twice, set]
    }

    package func agreements(on project: ProjectID) throws -> [Agreement] {
        guard let line = authorizationLines.first(where: { $0.project == project }),
            let detail = details.first(where: { $0.terms.project == project })
        else { return [] }
        var former = SampleMember.authorization(
            detail, kinds: [.clinical], until: SampleCatalogue.day(100), state: .active
        ).grant
        var before = detail.terms
        before.limits = []
        former = AuthorizationGranted(
            project: project, major: 1, minor: 0, terms: before.hash, language: "zh",
            kinds: former.kinds, purposes: former.purposes, recipients: former.recipients,
            collectionFrom: former.collectionFrom, collectionUntil: former.collectionUntil,
            until: former.until, eraseAt: former.eraseAt, cites: .zero, observedSize: 0,
            observedRoot: .zero)
        func agreement(
            _ number: UInt8, _ days: Int64, _ grant: AuthorizationGranted, _ terms: ProjectTerms,
            _ later: [Agreement.Change]
        ) -> Agreement {
            Agreement(
                entry: Hash.of([number]), index: 200 - Int64(number),
                at: SampleCatalogue.day(days), state: .proven, grant: grant, seen: grant.terms,
                terms: terms, recipients: detail.recipients, later: later)
        }
        let paused = Agreement.Change(
            kind: .authorizationPaused, at: SampleCatalogue.day(-40))
        return [
            agreement(7, -10, line.grant, detail.terms, []),
            agreement(8, -60, former, before, [paused]),
        ]
    }

    /// Days before now, uses and denied uses.
    private static let usesByDay: [(days: Int64, allowed: Int, denied: Int)] = [
        (2, 1, 0), (3, 0, 1), (10, 2, 0), (11, 3, 1), (19, 12, 0), (35, 4, 0), (36, 0, 2),
    ]

    package func useDays(_ span: Range<Timestamp>, utcOffsetMinutes: Int) throws -> [UseDay] {
        Self.usesByDay.reversed().compactMap { days, allowed, denied in
            let at = SampleCatalogue.day(-days)
            guard span.contains(at), !entries.isEmpty else { return nil }
            let day = (at.milliseconds + Int64(utcOffsetMinutes) * 60_000) / 86_400_000
            return UseDay(day: day, allowed: allowed, denied: denied)
        }
    }

    package func uses(_ scope: UseScope) throws -> [UseLine] {
        entries.compactMap { line in
            guard let index = line.index, let title = line.title, let name = line.actor else {
                return nil
            }
            if case .project(let project) = scope, line.body.project != project { return nil }
            let (project, user, purpose, denial, read):
                (ProjectID, AccountID, UsePurpose, UseDenial?, [Hash])
            switch line.body {
            case .useAllowed(let use):
                (project, user, purpose, denial, read) =
                    (use.project, use.user, use.purpose, nil, use.contributions)
            case .useDenied(let use):
                (project, user, purpose, denial, read) =
                    (use.project, use.user, use.purpose, use.reason, [])
            default: return nil
            }
            return UseLine(
                entry: line.entry, index: index, at: line.at, project: project, title: title,
                user: user, name: name, purpose: purpose, denial: denial, contributions: read)
        }
    }

    package func useSummaries(_ scope: UseScope) throws -> [UseSummary] {
        try uses(scope).map { line in
            UseSummary(
                project: line.project, title: line.title, user: line.name, purpose: line.purpose,
                times: line.denial == nil ? 3 : 0, records: line.contributions.count,
                first: line.at, last: line.at,
                denials: line.denial.map { [$0: 2] } ?? [:])
        }
    }

    package func notices(offset: Int, limit: Int) throws -> Page<NoticeLine> {
        let newest = Array(noticeLines.reversed())
        return Page(
            offset: offset, lines: Array(newest.dropFirst(offset).prefix(limit)),
            total: newest.count)
    }
}
