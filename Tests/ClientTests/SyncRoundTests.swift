import ClientStore
import Foundation
import LedgerCore
import NodeAPI
import SyncCore
import SyncEngine
import Testing

@Suite struct SyncRoundTests {
    @Test func `a first round verifies catalogue and account and proves the enrolment`()
        async throws
    {
        let member = try TestMember(.withProjects())
        defer { member.remove() }
        #expect(await member.engine.syncOnce() == .complete)
        let page = try member.store.projects(ProjectQuery(), offset: 0, limit: 10)
        #expect(page.lines.map(\.id.text) == ["sleep", "full"])
        #expect(page.lines.first?.institution.english == "Gut Institute")
        let activity = try member.store.activity(offset: 0, limit: 10)
        #expect(activity.lines.map(\.state) == [.proven])
        #expect(try member.store.status().outboxCount == 0)
        let line = try #require(activity.lines.first)
        let proof = try #require(try member.store.proof(of: line.entry))
        let enrolment = try #require(try member.store.enrolment())
        let receipt = try Receipt(parsing: Array(proof.receipt.utf8))
        let checkpoint = try receipt.verify(logKey: enrolment.logKey, origin: enrolment.origin)
        #expect(checkpoint.checkpoint.root == proof.root)
    }

    @Test func `an entry goes from queued to proven in one synchronisation`() async throws {
        let member = try TestMember(.withProjects())
        defer { member.remove() }
        #expect(await member.engine.syncOnce() == .complete)
        let entry = try member.join("sleep")
        #expect(try member.state(of: entry) == .queued)
        let id = try #require(ProjectID("sleep"))
        var detail = try member.store.project(id, at: TestMember.now)
        #expect(detail?.participation == .joining(.queued))
        #expect(await member.engine.syncOnce() == .complete)
        #expect(try member.state(of: entry) == .proven)
        detail = try member.store.project(id, at: TestMember.now)
        #expect(detail?.participation == .joined)
    }

    @Test func `an answer that is lost changes nothing: the same bytes get the same verdict`()
        async throws
    {
        let member = try TestMember(.withProjects())
        defer { member.remove() }
        #expect(await member.engine.syncOnce() == .complete)
        let entry = try member.join("sleep")
        member.node.change { $0.losesNextAnswer = true }
        #expect(await member.engine.syncOnce() == .unfinished(.timedOut))
        #expect(try member.state(of: entry) == .sent)
        let size = member.node.change { $0.ledger.log.size }
        #expect(await member.engine.syncOnce() == .complete)
        #expect(try member.state(of: entry) == .proven)
        #expect(member.node.change { $0.ledger.log.size } == size)
    }

    @Test func `work queued offline is sent in order and a full project is refused until read`()
        async throws
    {
        let member = try TestMember(.withProjects())
        defer { member.remove() }
        #expect(await member.engine.syncOnce() == .complete)
        member.node.change { $0.isDown = true }
        let full = try member.join("full")
        let sleep = try member.join("sleep")
        #expect(await member.engine.syncOnce() == .unfinished(.unreachable("down")))
        #expect(try member.state(of: full) == .sent)
        try member.node.change { node in
            node.isDown = false
            var other = TestDevice()
            let origin = node.ledger.origin
            try node.ledger.record(other.sign(.memberEnrolled(other.keys), origin: origin))
            guard let id = ProjectID("full") else { return }
            let joined = SignupJoined(project: id, major: 1, minor: 0)
            try node.ledger.record(other.sign(.signupJoined(joined), origin: origin))
        }
        #expect(await member.engine.syncOnce() == .complete)
        #expect(try member.state(of: sleep) == .proven)
        let refused = try #require(try member.store.activity(entry: full))
        #expect(refused.state == .rejected)
        #expect(refused.rejection == .projectFull)
        #expect(!refused.isRead)
        #expect(try member.store.status().unreadRefusals == 1)
        #expect(try member.store.activity(offset: 0, limit: 1).lines.first?.entry == full)
        guard case .refused(let line)? = try member.store.home(at: TestMember.now).attention.first
        else {
            Issue.record("Home does not name the refusal")
            return
        }
        #expect(line.entry == full)
        try member.store.markRefusalRead(full)
        #expect(try member.store.status().unreadRefusals == 0)
        let history = try member.store.activity(offset: 0, limit: 10)
        #expect(history.lines.map(\.state) == [.proven, .rejected, .proven])
        #expect(try member.store.activity(offset: 1, limit: 1).lines.first?.entry == full)
    }

    @Test func `a sign-up, grant, contribution and its points end up on the screens`()
        async throws
    {
        let member = try TestMember(.withProjects())
        defer { member.remove() }
        #expect(await member.engine.syncOnce() == .complete)
        let id = try #require(ProjectID("sleep"))
        let terms = try #require(try member.store.project(id, at: TestMember.now)).terms
        let tree = try member.store.observedTree()
        let sealed = try member.store.storeSealed(Array("ciphertext".utf8))
        let row = try member.store.insertRecord(
            LocalRecord(
                fileName: "bundle.json", kind: .clinical, rowCount: 3, identifyingCount: 1,
                from: nil, until: nil, importedAt: TestMember.now, sealed: sealed))
        let account = member.device.account
        let authorization = AuthorizationID(account: account, project: id, major: 1)
        let contributed = RecordContributed(
            project: id, record: sealed, commitment: Hash.of([1]), kind: .clinical, rows: 3,
            from: Timestamp(milliseconds: 1), until: Timestamp(milliseconds: 2), sizeBytes: 10)
        let entries = try member.queue(
            .signupJoined(SignupJoined(project: id, major: 1, minor: 0)),
            .authorizationGranted(
                AuthorizationGranted(
                    project: id, major: 1, minor: 0, terms: terms.hash, language: "en",
                    kinds: [.clinical], purposes: terms.purposes, recipients: terms.recipients,
                    collectionFrom: terms.collectionFrom, collectionUntil: terms.collectionUntil,
                    until: terms.useUntil, eraseAt: terms.eraseAt,
                    cites: try member.store.latestDecision(for: authorization),
                    observedSize: tree.size, observedRoot: tree.root)),
            .recordContributed(contributed))
        try member.store.enqueueUpload(
            sealed: sealed, contribution: entries[2], record: row, sizeBytes: 10, wraps: [],
            at: TestMember.now)
        #expect(
            try member.store.authorizations(at: TestMember.now).first?.pending?.state == .queued)
        member.node.change { $0.losesUploadAnswer = true }
        let busy = NodeFailure.problem(Problem(.busy))
        #expect(await member.engine.syncOnce() == .recordsWait(busy))
        #expect(try member.store.pendingUploads().map(\.record) == [sealed])
        #expect(await member.engine.syncOnce() == .complete)
        #expect(member.node.change { $0.uploaded[sealed]?.count } == 10)
        try member.node.change { node in
            var ledger = node.ledger
            let origin = ledger.origin
            let reviewed = ContributionReviewed(project: id, contribution: entries[2])
            let accepted = try ledger.sponsor.sign(
                .contributionAccepted(reviewed), for: account, origin: origin)
            try ledger.record(accepted)
            let time = ledger.time.adding(milliseconds: 1000)
            guard let owed = ledger.state.accrualOwed(for: accepted.id, at: time) else { return }
            let accrued = try ledger.operatorDevice.sign(
                .pointsAccrued(owed.1), for: account, origin: origin)
            try ledger.record(accrued)
            node.ledger = ledger
        }
        #expect(await member.engine.syncOnce() == .complete)
        let lines = try member.store.authorizations(at: TestMember.now)
        #expect(lines.map(\.state) == [.active])
        #expect(lines.first?.pending == nil)
        #expect(try member.store.latestDecision(for: authorization) == entries[1])
        let record = try #require(try member.store.records().first)
        #expect(record.contributions.map(\.review) == [.accepted])
        #expect(record.contributions.first?.uploadedPercent == 100)
        #expect(try member.store.pointsSummary(at: TestMember.now).onTheWay == Points(50))
        let points = try member.store.points(offset: 0, limit: 5)
        #expect(points.lines.first?.cause == .contributionAccepted)
        #expect(points.lines.first?.isWaiting == true)
        let revoked = AuthorizationRevoked(project: id, major: 1, mode: .stop)
        try member.queue(.authorizationRevoked(revoked))
        let pending = try #require(try member.store.authorizations(at: TestMember.now).first)
        #expect(pending.state == .active)
        #expect(pending.pending == .init(kind: .authorizationRevoked, state: .queued))
        #expect(try member.store.status().queuedRevocations == 1)
        #expect(await member.engine.syncOnce() == .complete)
        #expect(try member.store.authorizations(at: TestMember.now).first?.state == .withdrawn)
    }

    @Test func `a no that the ledger did not sign loses no revocation`() async throws {
        let member = try TestMember(.withProjects())
        defer { member.remove() }
        #expect(await member.engine.syncOnce() == .complete)
        let id = try #require(ProjectID("sleep"))
        try member.queue(
            .authorizationRevoked(AuthorizationRevoked(project: id, major: 1, mode: .stop)))
        member.node.change { $0.refusesUnsigned = true }
        #expect(await member.engine.syncOnce() != .complete)
        #expect(try member.store.status().outboxCount == 1)
        member.node.change { $0.refusesUnsigned = false }
        #expect(await member.engine.syncOnce() == .complete)
        #expect(try member.store.activity(offset: 0, limit: 1).lines.map(\.state) == [.proven])
    }

    @Test func `a yes that the ledger did not sign loses no revocation`() async throws {
        let member = try TestMember(.withProjects())
        defer { member.remove() }
        #expect(await member.engine.syncOnce() == .complete)
        let id = try #require(ProjectID("sleep"))
        try member.queue(
            .authorizationRevoked(AuthorizationRevoked(project: id, major: 1, mode: .stop)))
        let other = try #require(
            member.node.change { node in
                node.ledger.recorded.last.flatMap { node.ledger.verdicts[$0.entry.id] }
            })
        guard case .accepted(let acceptance) = other else { throw CancellationError() }
        let faraway = Acceptance(
            index: 1 << 40, envelope: acceptance.envelope, salt: acceptance.salt,
            proof: acceptance.proof)
        // What the log signed of another entry, too, says nothing about this one.
        for lie in [other, .accepted(faraway)] {
            member.node.change { $0.lie = lie }
            let outcome = await member.engine.syncOnce()
            #expect(
                outcome
                    == .unfinished(.malformed("an acceptance is not signed by the ledger")))
            #expect(try member.store.status().queuedRevocations == 1)
        }
        member.node.change { $0.lie = nil }
        #expect(await member.engine.syncOnce() == .complete)
        #expect(try member.store.activity(offset: 0, limit: 1).lines.map(\.state) == [.proven])
    }

    @Test func `a departure is what the next grant cites, on its way and recorded`() async throws {
        let member = try TestMember(.withProjects())
        defer { member.remove() }
        #expect(await member.engine.syncOnce() == .complete)
        let id = try #require(ProjectID("sleep"))
        let authorization = AuthorizationID(
            account: member.device.account, project: id, major: 1)
        let joined = SignupJoined(project: id, major: 1, minor: 0)
        let entries = try member.queue(
            .signupJoined(joined), .signupLeft(id), .signupJoined(joined))
        #expect(try member.store.latestDecision(for: authorization) == entries[1])
        #expect(await member.engine.syncOnce() == .complete)
        #expect(try member.store.latestDecision(for: authorization) == entries[1])
    }

    @Test func `a node of another version is only read from what is stored`() async throws {
        let member = try TestMember(.withProjects())
        defer { member.remove() }
        member.node.change { $0.wireVersion = 99 }
        #expect(await member.engine.syncOnce() == .incompatible)
        _ = try member.join("sleep")
        #expect(try member.store.status().outboxCount == 1)
    }

    @Test func `a round without news is one request, also for a program that just started`()
        async throws
    {
        let member = try TestMember(.withProjects())
        defer { member.remove() }
        #expect(await member.engine.syncOnce() == .complete)
        member.node.change { $0.calls = [] }
        let restarted = SyncEngine(
            store: member.store, node: member.node, clock: SyncClock(now: { TestMember.now }))
        #expect(await restarted.syncOnce() == .complete)
        #expect(member.node.change { $0.calls } == ["/checkpoint"])
    }

    @Test func `a node that speaks another version since we joined is found out by its answers`()
        async throws
    {
        let member = try TestMember(.withProjects())
        defer { member.remove() }
        #expect(await member.engine.syncOnce() == .complete)
        let entry = try member.join("sleep")
        member.node.change {
            $0.wireVersion = 99
            $0.isMuddled = true
        }
        #expect(await member.engine.syncOnce() == .incompatible)
        #expect(try member.state(of: entry) == .sent)
        // A node that is only broken is worth another try.
        member.node.change { $0.wireVersion = NodeLimits.maxWireVersion }
        guard case .unfinished(.malformed?) = await member.engine.syncOnce() else {
            Issue.record("a muddled answer is not told apart from another version")
            return
        }
        member.node.change { $0.isMuddled = false }
        #expect(await member.engine.syncOnce() == .complete)
        #expect(try member.state(of: entry) == .proven)
    }

    @Test func `no state of an entry is undone by a late or repeated answer`() async throws {
        let member = try TestMember(.withProjects())
        defer { member.remove() }
        let store = member.store
        let time = TestMember.now
        let entry = try member.join("sleep")
        try store.markSent([entry], at: time)
        try store.settle([(entry, .accepted(index: 9, receipt: [1]))], at: time)
        #expect(try member.state(of: entry) == .accepted)
        try store.markSent([entry], at: time)
        try store.settle([(entry, .rejected(code: 13, receipt: []))], at: time)
        try store.settle([(entry, .accepted(index: 4, receipt: [2]))], at: time)
        #expect(try member.state(of: entry) == .accepted)
        #expect(try store.activity(entry: entry)?.index == 9)
        let other = try member.join("full")
        try store.settle([(other, .rejected(code: 13, receipt: []))], at: time)
        try store.settle([(other, .accepted(index: 5, receipt: [1]))], at: time)
        #expect(try member.state(of: other) == .rejected)
    }

    @Test func `a running engine sends what is queued at once and tells about it`() async throws {
        let member = try TestMember(.withProjects())
        defer { member.remove() }
        let engine = member.engine
        let running = Task { await engine.run() }
        var entry: Hash?
        for await update in engine.updates {
            if update.status.connection == .waiting, entry == nil {
                entry = try member.join("sleep")
                engine.workChanged()
            } else if let entry, try member.state(of: entry) == .proven {
                break
            }
        }
        running.cancel()
        await running.value
        #expect(try member.store.lockSync())
    }
}
