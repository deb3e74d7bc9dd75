import ClientStore
import Foundation
import LedgerCore
import NodeAPI
import SyncCore
import SyncEngine
import Testing

/// What Home is told by a real store: what is new, and whose erasures are overdue.
@Suite struct HomeStoreTests {
    private static let day: Int64 = 86_400_000

    private static func after(days: Int64) -> Timestamp {
        TestMember.now.adding(milliseconds: days * day)
    }

    /// Syncs as if so many days had passed, in which the ledger grew.
    private func sync(_ member: TestMember, days: Int64 = 0) async throws {
        let time = Self.after(days: days)
        if days > 0 {
            try member.node.change { try $0.ledger.publish("news-\($0.ledger.log.size)") }
        }
        let engine = SyncEngine(
            store: member.store, node: member.node, clock: SyncClock(now: { time }))
        #expect(await engine.syncOnce() == .complete)
    }

    private func grant(_ terms: ProjectTerms, to recipients: [AccountID], cites: Hash = .zero)
        -> EntryBody
    {
        .authorizationGranted(
            AuthorizationGranted(
                project: terms.project, major: 1, minor: 0, terms: terms.hash, language: "en",
                kinds: [.clinical], purposes: terms.purposes, recipients: recipients,
                collectionFrom: terms.collectionFrom, collectionUntil: terms.collectionUntil,
                until: Timestamp(milliseconds: 2_000_000_000_000), eraseAt: terms.eraseAt,
                cites: cites, observedSize: 0, observedRoot: .zero))
    }

    @Test func `an authorization two versions old ended with the grace of the first of them`()
        async throws
    {
        let member = try TestMember(.withProjects())
        defer { member.remove() }
        _ = try await contribute(member)
        let project = try #require(ProjectID("sleep"))
        try member.node.change { node in
            for (major, grace) in [(2, 10_000), (3, 31_536_000_000)] as [(Int64, Int64)] {
                var terms = try #require(node.ledger.state.projects[project]?.terms)
                terms.major = major
                let entry = try node.ledger.sponsor.sign(
                    .projectAmended(ProjectAmended(terms: terms, graceMilliseconds: grace)),
                    origin: node.ledger.origin)
                try node.ledger.record(entry)
            }
        }
        try await sync(member)
        let lines = try member.store.authorizations(at: TestMember.now)
        #expect(lines.map(\.state) == [.expired])
    }

    @Test func `of what is paused it is known whether it is for a former version`() async throws {
        let member = try TestMember(.withProjects())
        defer { member.remove() }
        _ = try await contribute(member)
        let project = try #require(ProjectID("sleep"))
        _ = try member.queue(
            .authorizationPaused(AuthorizationSubject(project: project, major: 1)))
        try await sync(member)
        let before = try member.store.authorizations(at: TestMember.now)
        #expect(before.map(\.isOfFormerVersion) == [false])
        try member.node.change { node in
            var terms = try #require(node.ledger.state.projects[project]?.terms)
            terms.major = 2
            let entry = try node.ledger.sponsor.sign(
                .projectAmended(
                    ProjectAmended(terms: terms, graceMilliseconds: 31_536_000_000)),
                origin: node.ledger.origin)
            try node.ledger.record(entry)
        }
        try await sync(member)
        let lines = try member.store.authorizations(at: TestMember.now)
        #expect(lines.map(\.state) == [.paused])
        #expect(lines.map(\.isOfFormerVersion) == [true])
    }

    /// A member who took part and contributed; returns the contribution.
    private func contribute(_ member: TestMember, to name: String = "sleep") async throws -> Hash {
        let project = try #require(ProjectID(name))
        _ = try member.join(name)
        try await sync(member)
        let terms = try #require(try member.store.project(project, at: TestMember.now)).terms
        try member.queue(grant(terms, to: terms.recipients))
        let contribution = try #require(
            try member.queue(
                .recordContributed(
                    RecordContributed(
                        project: project, record: Hash.of(Array(name.utf8)),
                        commitment: Hash.of([2]),
                        kind: .clinical, rows: 3, from: Timestamp(milliseconds: 5),
                        until: Timestamp(milliseconds: 6), sizeBytes: 10))
            ).first)
        try await sync(member)
        return contribution
    }

    private func record(
        _ body: EntryBody, by device: any WritableKeyPath<FakeLedger, TestDevice> & Sendable,
        _ member: TestMember
    ) throws -> Hash {
        let account = member.device.account
        return try member.node.change { node throws -> Hash in
            let origin = node.ledger.origin
            let entry = try node.ledger[keyPath: device].sign(body, for: account, origin: origin)
            let verdict = try node.ledger.record(entry)
            guard case .accepted = verdict else { throw CancellationError() }
            return entry.id
        }
    }

    /// Lets days go by in the ledger and records what its operator owes the member by then.
    private func pass(days: Int64, _ member: TestMember) throws {
        let owed = member.node.change { node -> [EntryBody] in
            node.ledger.time = node.ledger.time.adding(milliseconds: days * Self.day)
            let time = node.ledger.time.adding(milliseconds: 1000)
            return node.ledger.state.dueVestings(at: time).map { EntryBody.pointsVested($0.1) }
                + node.ledger.state.dueNotices(at: time).map { EntryBody.pointsExpiring($0.1) }
        }
        for body in owed { _ = try record(body, by: \.operatorDevice, member) }
    }

    @Test func `of points that run out on several days the first day's are told of`()
        async throws
    {
        let member = try TestMember(.withProjects())
        defer { member.remove() }
        try member.node.change { try $0.ledger.publish("gut", escrow: 1000, perContribution: 50) }
        for name in ["sleep", "gut"] {
            let contribution = try await contribute(member, to: name)
            let project = try #require(ProjectID(name))
            let accepted = try record(
                .contributionAccepted(
                    ContributionReviewed(project: project, contribution: contribution)),
                by: \.sponsor, member)
            let owed = member.node.change { node -> PointsAccrued? in
                let time = node.ledger.time.adding(milliseconds: 1000)
                return node.ledger.state.accrualOwed(for: accepted, at: time)?.1
            }
            _ = try record(.pointsAccrued(#require(owed)), by: \.operatorDevice, member)
            try pass(days: 10, member)
        }
        // Each lot has a notice of its own.
        try pass(days: 695, member)
        try pass(days: 8, member)
        try await sync(member)
        let account = member.device.account
        let lots = member.node.change { $0.ledger.state.lots(of: account) }
        #expect(lots.map(\.isNoticed) == [true, true])
        let summary = try member.store.pointsSummary(at: TestMember.now)
        #expect(summary.available == Points(100))
        #expect(summary.expiring == Points(50))
        #expect(summary.expiresAt == lots.first?.expiresAt)
    }

    @Test func `what came since the app was left is counted, and nothing before`() async throws {
        let member = try TestMember(.withProjects())
        defer { member.remove() }
        try await sync(member)
        #expect(try member.store.home(at: TestMember.now).since == nil)
        try member.store.endVisit(at: TestMember.now)
        let quiet = try #require(try member.store.home(at: TestMember.now).since)
        #expect(quiet.at == TestMember.now)
        #expect((quiet.shownCount, quiet.entryCount, quiet.uses) == (0, 0, 0))
        let contribution = try await contribute(member)
        let sponsor = member.node.change { $0.ledger.sponsor.account }
        let project = try #require(ProjectID("sleep"))
        _ = try record(
            .contributionAccepted(
                ContributionReviewed(project: project, contribution: contribution)),
            by: \.sponsor, member)
        let grant = try #require(
            try member.store.activity(offset: 0, limit: 9).lines.first {
                $0.body.kind == .authorizationGranted
            })
        _ = try record(
            .useAllowed(
                UseAllowed(
                    project: project, user: sponsor, grant: grant.entry,
                    purpose: .research(.healthResearch), contributions: [contribution])),
            by: \.operatorDevice, member)
        try await sync(member)
        let busy = try #require(try member.store.home(at: TestMember.now).since)
        #expect(busy.entryCount == 5)
        #expect(busy.shownCount == 5)
        #expect((busy.uses, busy.denials) == (1, 0))
        try member.store.endVisit(at: Self.after(days: 1))
        let later = try #require(try member.store.home(at: TestMember.now).since)
        #expect((later.at, later.entryCount) == (Self.after(days: 1), 0))
    }

    @Test func `an erasure nobody carries out or attests is overdue in the end`() async throws {
        let member = try TestMember(.withProjects())
        defer { member.remove() }
        member.node.change { $0.ledger.time = TestMember.now }
        let contribution = try await contribute(member)
        let project = try #require(ProjectID("sleep"))
        func overdue(days: Int64) throws -> OverdueErasure? {
            let home = try member.store.home(at: Self.after(days: days))
            guard case .erasureOverdue(let erasure)? = home.attention.first else { return nil }
            return erasure
        }
        #expect(try overdue(days: 0) == nil)
        let revoked = try member.queue(
            .authorizationRevoked(
                AuthorizationRevoked(project: project, major: 1, mode: .stopAndErase)))
        try await sync(member)
        #expect(try overdue(days: 3) == nil, "nothing was checked since: the node may have")
        try await sync(member, days: 3)
        let undone = try #require(try overdue(days: 3))
        #expect((undone.project, undone.entry) == (project, revoked.first))
        #expect(undone.waiting.isEmpty)
        let erased = try record(
            .recordsErased(RecordsErased(project: project, contributions: [contribution])),
            by: \.operatorDevice, member)
        try await sync(member, days: 3)
        #expect(try overdue(days: 3) == nil)
        try await sync(member, days: 40)
        let unattested = try #require(try overdue(days: 40))
        #expect(unattested.entry == erased)
        #expect(unattested.waiting.map(\.english) == ["Gut Institute"])
        let line = try member.store.authorizations(at: Self.after(days: 40)).first
        #expect(line?.overdue == [unattested])
        #expect(try member.store.authorizations(at: Self.after(days: 0)).first?.overdue == [])
        _ = try record(
            .erasureAttested(ErasureAttested(project: project, erasure: erased)), by: \.sponsor,
            member)
        try await sync(member, days: 40)
        #expect(try overdue(days: 40) == nil)
    }

    @Test func `who is named no more since a member agreed anew has to attest, too`() async throws {
        let member = try TestMember(.withProjects())
        defer { member.remove() }
        let project = try #require(ProjectID("shared"))
        try member.node.change { node throws -> Void in
            node.ledger.time = TestMember.now
            let sponsor = node.ledger.sponsor.account
            let other = node.ledger.operatorDevice.account
            var terms = try TestTerms.make(
                "shared", title: LocalizedText(english: "Shared"), recipient: sponsor)
            terms.recipients = [sponsor, other].sorted()
            let origin = node.ledger.origin
            let published = try node.ledger.sponsor.sign(.projectPublished(terms), origin: origin)
            try node.ledger.record(published)
        }
        let contribution = try await contribute(member, to: "shared")
        let granted = try #require(
            try member.store.activity(offset: 0, limit: 9).lines.first {
                $0.body.kind == .authorizationGranted
            })
        let terms = try #require(try member.store.project(project, at: TestMember.now)).terms
        let sponsor = member.node.change { $0.ledger.sponsor.account }
        try member.queue(grant(terms, to: [sponsor], cites: granted.entry))
        try member.queue(
            .authorizationRevoked(
                AuthorizationRevoked(project: project, major: 1, mode: .stopAndErase)))
        try await sync(member)
        let erased = try record(
            .recordsErased(RecordsErased(project: project, contributions: [contribution])),
            by: \.operatorDevice, member)
        try await sync(member, days: 40)
        let home = try member.store.home(at: Self.after(days: 40))
        guard case .erasureOverdue(let overdue)? = home.attention.first else {
            Issue.record("\(home.attention)")
            return
        }
        #expect(overdue.entry == erased)
        #expect(overdue.waiting.map(\.english).sorted() == ["Gut Institute", "Operator"])
    }
}
