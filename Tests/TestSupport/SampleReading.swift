package import LedgerCore
package import Screens
package import SyncCore

/// A member's local store in memory with fixed data: the same answers at every run.
package struct SampleReading: MemberReading {
    /// The time all of it is made for: Sunday, 22 November 2026, 14:03 UTC.
    package static let now = Timestamp(milliseconds: 1_795_356_180_000)

    /// The projects, in the order of the catalogue.
    package var details: [ProjectDetail]
    /// The authorizations.
    package var authorizationLines: [AuthorizationLine]
    /// The records.
    package var recordLines: [RecordLine]
    /// The movements of points, newest first.
    package var pointsLines: [PointsLine]
    /// The balances.
    package var balances: PointsSummary
    /// The rewards, the cheapest first.
    package var rewardLines: [RewardLine] = SampleMember.rewards
    /// What was redeemed, newest first.
    package var redemptionLines: [RedemptionLine] = []
    /// The entries, newest first.
    package var entries: [ActivityLine]
    /// The counts of the status line.
    package var counts: SyncStatus
    /// The filters that were given a name.
    package var filters: [SavedFilter] = []
    /// What was written down about the person.
    package var profile = OwnProfile.nothing
    /// The minors in the person's care.
    package var wards: [WardLine] = SampleMember.wards
    /// When the app was left.
    package var lastVisit: Timestamp?
    /// The erasures that are overdue.
    package var overdue: [OverdueErasure] = []
    /// What was told on this machine, oldest first.
    package var noticeLines: [NoticeLine] = []
    /// The results that came back, newest first.
    package var resultLines: [ResultLine] = []
    /// The projects that return results.
    package var offers: [ResultOffer] = []
    /// What a correction took of the 20 points of the newest use.
    package var taken = Points.zero
    /// What the machine is tied to.
    package var machine = SampleMember.machine

    /// The store of someone who just joined: a catalogue, and nothing else.
    package static var newcomer: SampleReading {
        SampleReading(
            details: SampleCatalogue.details, authorizationLines: [],
            recordLines: [SampleMember.clinicalRecord(contributions: [])], pointsLines: [],
            balances: .nothing, entries: [],
            counts: SyncStatus(
                connection: .waiting, verifiedSize: 214, verifiedAt: now, outboxCount: 0))
    }

    /// The store of someone in the middle of things: everything a screen can show is there.
    package static var member: SampleReading { SampleMember.reading }

    // MARK: Reading

    package func home(at time: Timestamp) throws -> HomeSummary {
        var attention: [HomeSummary.Attention] = entries.filter {
            $0.state == .rejected && !$0.isRead
        }.map { .refused($0) }
        attention += authorizationLines.filter { $0.pending?.kind == .authorizationRevoked }
            .map { .revocationWaiting($0) }
        attention += authorizationLines.filter { $0.state == .reconsentDue }.map {
            .reconsentDue($0, until: SampleCatalogue.day(12))
        }
        attention += entries.compactMap { line -> HomeSummary.Attention? in
            guard case .correctionProposed(let proposed) = line.body,
                !entries.contains(where: { $0.body == .correctionAppealed(line.entry) })
            else { return nil }
            let until = line.at.adding(milliseconds: PointsTimes.appeal)
            return .correctionProposed(line, proposed.points, until: until)
        }
        let soon = time.adding(milliseconds: HomeSummary.expiryNotice)
        attention += authorizationLines.filter { $0.state == .active && $0.grant.until < soon }
            .map { .expiring($0) }
        attention += overdue.map { .erasureOverdue($0) }
        if let end = balances.expiresAt {
            attention.append(.pointsExpiring(balances.expiring, at: end))
        }
        for detail in details {
            guard case .joined = detail.participation,
                !authorizationLines.contains(where: { $0.project == detail.terms.project })
            else { continue }
            attention.append(.authorizationMissing(SampleCatalogue.line(detail)))
        }
        return HomeSummary(
            points: balances, attention: attention,
            recent: Array(entries.prefix(HomeSummary.recentLimit)), since: sinceLastTime,
            projectCount: details.count,
            activeAuthorizations: authorizationLines.count { $0.state == .active },
            recordCount: recordLines.count)
    }

    package func projects(_ query: ProjectQuery, offset: Int, limit: Int) throws
        -> Page<ProjectLine>
    {
        var lines = details.map(SampleCatalogue.line)
        if !query.search.isEmpty {
            let wanted = query.search.lowercased()
            lines = lines.filter {
                ($0.title.english + $0.title.chinese + $0.institution.english).lowercased()
                    .contains(wanted)
            }
        }
        lines = lines.filter { Self.has(query.facets, $0) }
        switch query.order {
        case .reward: lines.sort { ($1.offer, $0.id) < ($0.offer, $1.id) }
        case .newest: lines.sort { $0.id > $1.id }
        case .title: lines.sort { $0.title.english < $1.title.english }
        case .ending: break
        }
        let page = lines.dropFirst(offset).prefix(limit)
        return Page(offset: offset, lines: Array(page), total: lines.count)
    }

    package func project(_ id: ProjectID, at time: Timestamp) throws -> ProjectDetail? {
        guard var detail = details.first(where: { $0.terms.project == id }) else { return nil }
        detail.authorization = authorizationLines.first { $0.project == id }
        detail.contributions = recordLines.flatMap(\.contributions).filter { $0.project == id }
        detail.eligibility = Eligibility.judge(
            detail.terms, profile, records: Set(recordLines.map(\.kind)), at: time)
        return detail
    }

    package func authorizations(at time: Timestamp) throws -> [AuthorizationLine] {
        authorizationLines
    }

    package func facets(_ query: ProjectQuery) throws -> [FacetCount] {
        let choices: [ProjectFacet] =
            [.open, .unlimited, .fits] + Programme.allCases.map { .programme($0) }
            + RecordKind.allCases.map { .kind($0) }
            + [.institution(SampleCatalogue.institution)]
            + ProjectFacet.amounts.map { .earns($0) }
        return choices.map { facet in
            let others = query.facets.filter { $0.group != facet.group }
            let lines = details.map(SampleCatalogue.line)
            return FacetCount(
                facet, count: lines.count { Self.has(others + [facet], $0) },
                name: facet.group == .institution ? SampleCatalogue.institutionName : nil)
        }
    }

    /// Whether a line has what is asked for.
    private static func has(_ facets: [ProjectFacet], _ line: ProjectLine) -> Bool {
        Dictionary(grouping: facets, by: \.group).values.allSatisfy { group in
            group.contains { facet in
                switch facet {
                case .open: !line.isClosed
                case .unlimited: line.seats == 0
                case .fits: false
                case .programme(let programme): line.programme == programme
                case .kind(let kind): line.kinds.contains { $0.kind == kind }
                case .institution: true
                case .earns(let points): line.offer >= points
                }
            }
        }
    }

    package func savedFilters() throws -> [SavedFilter] { filters }

    package func versions(of project: ProjectID) throws -> [ProjectVersion] {
        guard let detail = details.first(where: { $0.terms.project == project }) else { return [] }
        return SampleCatalogue.versions(of: detail)
    }

    package func ownProfile() throws -> OwnProfile { profile }

    package func records() throws -> [RecordLine] { recordLines }

    package func pointsSummary(at time: Timestamp) throws -> PointsSummary { balances }

    package func points(offset: Int, limit: Int) throws -> Page<PointsLine> {
        Page(
            offset: offset, lines: Array(pointsLines.dropFirst(offset).prefix(limit)),
            total: pointsLines.count)
    }

    package func rewards() throws -> [RewardLine] { rewardLines }

    package func redemptions() throws -> [RedemptionLine] { redemptionLines }

    package func activity(entry: Hash) throws -> ActivityLine? {
        entries.first { $0.entry == entry }
    }

    package func proof(of entry: Hash) throws -> EntryProof? {
        guard let line = entries.first(where: { $0.entry == entry }), let index = line.index,
            let device = DeviceID(String(repeating: "4f", count: 16))
        else { return nil }
        return EntryProof(
            entry: entry, index: index, treeSize: 214, root: Hash.of(label: "root"),
            pathLength: 8, device: device, recordedAt: line.at,
            receipt: "c2sp.org/tlog-proof@v1\n",
            signer: line.actor.map { .institution($0) } ?? .own, continuesOthers: true)
    }

    package func results() throws -> [ResultLine] { resultLines }

    package func resultOffers() throws -> [ResultOffer] { offers }

    package func status() throws -> SyncStatus { counts }

    // MARK: What is not in the store

    /// Answers any request, files and rows included.
    package func anyAnswer(_ request: Request, at time: Timestamp) throws -> Loaded {
        if let loaded = try answer(request, at: time) { return loaded }
        if case .recordRows(let record, let offset, let limit) = request {
            return .recordRows(SampleMember.rows(of: record, offset: offset, limit: limit))
        }
        if case .foundRows(let record, let positions, let offset, let total) = request {
            return .recordRows(
                SampleMember.rows(of: record, at: positions, offset: offset, total: total))
        }
        if case .account(.result(let entry)) = request {
            return .account(.result(SampleMember.opened(resultLines.first { $0.entry == entry })))
        }
        if case .machine = request { return .machine(machine) }
        if case .wards = request { return .wards(wards) }
        return .folder(SampleMember.folder)
    }

    /// Changes the store as a decision would, once it is queued.
    package mutating func apply(_ action: Action) {
        switch action {
        case .signUp(let project, _, _, _): setParticipation(.joining(.queued), project)
        case .leave(let project): setParticipation(.leaving(.queued), project)
        case .grant(let draft):
            guard let detail = details.first(where: { $0.terms.project == draft.project }) else {
                return
            }
            setDraft(nil, draft.project)
            let queued = AuthorizationLine.PendingDecision(
                kind: .authorizationGranted, state: .queued)
            if let index = authorizationLines.firstIndex(where: { $0.project == draft.project }) {
                authorizationLines[index].pending = queued
                return
            }
            authorizationLines.insert(
                SampleMember.authorization(
                    detail, kinds: draft.kinds, until: draft.until, state: .active,
                    pending: queued), at: 0)
        case .revoke(let revoked):
            for index in authorizationLines.indices
            where authorizationLines[index].project == revoked.project {
                authorizationLines[index].pending = .init(
                    kind: .authorizationRevoked, state: .queued)
            }
            counts.queuedRevocations += 1
        case .pause(let subject):
            for index in authorizationLines.indices
            where authorizationLines[index].project == subject.project {
                authorizationLines[index].pending = .init(
                    kind: .authorizationPaused, state: .queued)
            }
        case .markRefusalRead(let entry):
            for index in entries.indices where entries[index].entry == entry {
                entries[index].isRead = true
            }
            counts.unreadRefusals = 0
        case .keepFilter(let filter):
            filters.removeAll { $0.name == filter.name }
            filters.append(filter)
        case .deleteFilter(let name): filters.removeAll { $0.name == name }
        case .keepOwnProfile(let changed): profile = changed
        case .eraseRecord(let record): recordLines.removeAll { $0.id == record }
        case .keepDraft(let draft): setDraft(draft, draft.project)
        case .discardDraft(let project): setDraft(nil, project)
        case .withdraw(let entry): entries.removeAll { $0.entry == entry }
        case .startDemo, .join, .stopAskingSecret, .changePassphrase, .bindKeyring, .unlock,
            .importFiles, .contribute, .resume,
            .exportReceipt, .takeHome,
            .redeem, .cancelRedemption, .keepPreferences, .rereadConfiguration, .lock,
            .revokeDevice, .inviteDevice, .admitDevice, .endInvitation, .checkLedger, .findRows,
            .findOutside,
            .syncNow, .goOffline, .declareWard:
            break
        case .appealCorrection(let proposal):
            guard var line = entries.first(where: { $0.entry == proposal }) else { return }
            line.entry = Hash.of(Array(proposal.bytes))
            line.index = nil
            line.body = .correctionAppealed(proposal)
            line.state = .queued
            entries.insert(line, at: 0)
        case .wishResults(let project, let classes):
            for index in offers.indices where offers[index].project == project {
                offers[index].wished = classes
                offers[index].state = .queued
            }
        }
    }

    private mutating func setDraft(_ draft: ConsentDraft?, _ project: ProjectID) {
        for index in details.indices where details[index].terms.project == project {
            details[index].draft = draft
        }
    }

    private mutating func setParticipation(_ participation: Participation, _ project: ProjectID) {
        for index in details.indices where details[index].terms.project == project {
            details[index].participation = participation
        }
    }
}
