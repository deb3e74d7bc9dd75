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

    /// A member whose contribution the sponsor accepted; returns it.
    private func contribute(_ member: TestMember) async throws -> Hash {
        let project = try #require(ProjectID("sleep"))
        _ = try member.join("sleep")
        try await sync(member)
        let terms = try #require(try member.store.project(project, at: TestMember.now)).terms
        try member.queue(
            .authorizationGranted(
                AuthorizationGranted(
                    project: project, major: 1, minor: 0, terms: terms.hash, language: "en",
                    kinds: [.clinical], purposes: terms.purposes, recipients: terms.recipients,
                    collectionFrom: terms.collectionFrom, collectionUntil: terms.collectionUntil,
                    until: Timestamp(milliseconds: 2_000_000_000_000), eraseAt: terms.eraseAt,
                    cites: .zero, observedSize: 0, observedRoot: .zero)))
        let contribution = try #require(
            try member.queue(
                .recordContributed(
                    RecordContributed(
                        project: project, record: Hash.of([1]), commitment: Hash.of([2]),
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
}
