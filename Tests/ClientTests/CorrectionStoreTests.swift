import ClientStore
import Foundation
import GRDB
import LedgerCore
import NodeAPI
import RulesModel
import SyncCore
import SyncEngine
import Testing

private struct Refused: Error {
    let name: String
}

/// A member with 50 points on the way, which officers of the ledger correct.
private struct CorrectionStory {
    let story: AccountStory
    /// What put the points on the way.
    let accrual: Hash

    var store: ClientStore { story.member.store }

    init() async throws {
        let story = try await AccountStory()
        self.story = story
        accrual = try #require(
            try story.member.store.points(offset: 0, limit: 1).lines.first?.entry)
    }

    /// Takes points of the accrual: two officers sign, a week between them.
    func take(_ points: Int64) async throws {
        let proposal = try propose(points)
        _ = try officer(
            .correctionConfirmed(.init(proposal: proposal, points: Points(points))), days: 8)
        try await sync()
    }

    /// Proposes to take points of the accrual.
    func propose(_ points: Int64) throws -> Hash {
        try officer(
            .correctionProposed(
                .init(
                    accrual: accrual, points: Points(points), direction: .take,
                    reason: .duplicate)))
    }

    /// Records what a new officer signs about the member, so many days later.
    private func officer(_ body: EntryBody, days: Int64 = 0) throws -> Hash {
        let account = story.member.device.account
        return try story.member.node.change { node throws -> Hash in
            node.ledger.time = node.ledger.time.adding(milliseconds: days * 86_400_000)
            let origin = node.ledger.origin
            var officer = TestDevice()
            let admitted = InstitutionAdmitted(
                name: LocalizedText(english: "Officer"), keys: officer.keys, roles: [.officer])
            let admission = try node.ledger.operatorDevice.sign(
                .institutionAdmitted(admitted), for: officer.account, origin: origin)
            try node.ledger.record(admission)
            let entry = try officer.sign(body, for: account, origin: origin)
            if case .rejected(let refusal) = try node.ledger.record(entry) {
                throw Refused(name: refusal.name)
            }
            return entry.id
        }
    }

    /// The sponsor does not take the contribution after all: what waits of its points goes back.
    func reject() async throws {
        let account = story.member.device.account
        let (project, contribution) = (story.project, story.contribution)
        try story.member.node.change { node throws -> Void in
            let origin = node.ledger.origin
            let rejected = try node.ledger.sponsor.sign(
                .contributionRejected(
                    .init(project: project, contribution: contribution, reason: .quality)),
                for: account, origin: origin)
            if case .rejected(let refusal) = try node.ledger.record(rejected) {
                throw Refused(name: refusal.name)
            }
            guard let owed = node.ledger.state.voidOwed(for: contribution) else { return }
            let voided = try node.ledger.operatorDevice.sign(
                .pointsVoided(owed.1), for: account, origin: origin)
            if case .rejected(let refusal) = try node.ledger.record(voided) {
                throw Refused(name: refusal.name)
            }
        }
        try await sync()
    }

    func sync() async throws { #expect(await story.member.engine.syncOnce() == .complete) }

    /// What a store says of the points: of the project, of all months, and what waits.
    func sums(_ store: ClientStore) throws -> [Int64] {
        let project = try #require(
            try store.pointsByProject().first { $0.project == story.project })
        let summary = try store.pointsSummary(at: TestMember.now)
        return [
            project.earned.value, project.waiting.value,
            summary.months.reduce(0) { $0 + $1.value }, summary.onTheWay.value,
        ]
    }
}

/// Corrections of points, as the machine of their member shows them.
@Suite struct CorrectionStoreTests {
    @Test func `what a correction took is missing from the project, its month and what waits`()
        async throws
    {
        let story = try await CorrectionStory()
        defer { story.story.member.remove() }
        #expect(try story.sums(story.store) == [50, 50, 50, 50])
        try await story.take(20)
        #expect(try story.sums(story.store) == [30, 30, 30, 30])
        try await story.reject()
        #expect(try story.sums(story.store) == [0, 0, 0, 0])
        #expect(try story.store.points(offset: 0, limit: 9).lines.allSatisfy { !$0.isWaiting })
    }

    @Test func `why points came tells of what a correction took`() async throws {
        let story = try await CorrectionStory()
        defer { story.story.member.remove() }
        func payment() throws -> PointsTrigger.Payment {
            let reason = try #require(try story.store.pointsReason(of: story.story.project))
            return try #require(reason.triggers.last?.payment)
        }
        #expect(try payment().remaining == Points(50))
        try await story.take(20)
        let part = try payment()
        #expect((part.outcome, part.points) == (.pending, Points(50)))
        #expect((part.taken, part.remaining) == (Points(20), Points(30)))
        #expect(part.resolution == nil)
        try await story.take(30)
        let all = try payment()
        #expect((all.outcome, all.remaining) == (.corrected, Points.zero))
        let last = try story.store.points(offset: 0, limit: 1).lines.first
        #expect(all.resolution == last?.entry)
    }

    @Test func `a proposal to take points needs attention while one can appeal`() async throws {
        let story = try await CorrectionStory()
        defer { story.story.member.remove() }
        func proposals(days: Int64 = 0) throws -> [HomeSummary.Attention] {
            let time = TestMember.now.adding(milliseconds: days * 86_400_000)
            return try story.store.home(at: time).attention.filter {
                if case .correctionProposed = $0 { true } else { false }
            }
        }
        #expect(try proposals().isEmpty)
        let proposal = try story.propose(20)
        try await story.sync()
        let line = try #require(try story.store.activity(entry: proposal))
        #expect(line.actor?.english == "Officer")
        let until = line.at.adding(milliseconds: PointsTimes.appeal)
        #expect(try proposals() == [.correctionProposed(line, Points(20), until: until)])
        #expect(try proposals(days: 8).isEmpty)
        // It is possible once, and on its way already.
        try story.story.member.queue(.correctionAppealed(proposal))
        #expect(try proposals().isEmpty)
        try await story.sync()
        #expect(try story.store.activity(entry: proposal)?.state == .proven)
        #expect(try proposals().isEmpty)
        _ = try story.propose(10)
        try await story.sync()
        #expect(try proposals().isEmpty)
    }

    @Test func `an older database learns of the corrections it holds`() async throws {
        let story = try await CorrectionStory()
        let member = story.story.member
        defer { member.remove() }
        try await story.take(20)
        try OlderFormat.take(member.directory, backTo: 8)
        // Older programs left corrections out of the months.
        let older = try DatabaseQueue(path: member.directory + "/accord.sqlite")
        try await older.write { try $0.execute(sql: "UPDATE points_month SET points = 50") }
        try older.close()
        for _ in 0..<2 {
            let again = try ClientStore(
                directory: member.directory, clock: { TestMember.now })
            #expect(try story.sums(again) == [30, 30, 30, 30])
        }
    }

    @Test func `an older database with a correction that cannot be read is opened all the same`()
        async throws
    {
        let story = try await CorrectionStory()
        let member = story.story.member
        defer { member.remove() }
        try await story.take(20)
        try await story.take(10)
        try OlderFormat.take(member.directory, backTo: 8)
        let older = try DatabaseQueue(path: member.directory + "/accord.sqlite")
        try await older.write { db in
            try db.execute(
                sql: """
                    UPDATE points_month SET points = 50;
                    UPDATE entry SET jws = x'7b7d' WHERE id = (
                        SELECT entry FROM points WHERE kind = ? ORDER BY idx LIMIT 1);
                    """, arguments: [EntryKind.correctionConfirmed.rawValue])
        }
        try older.close()
        let again = try ClientStore(directory: member.directory, clock: { TestMember.now })
        // The other one counts in what waits and in its month.
        #expect(try story.sums(again) == [20, 40, 40, 20])
    }

    // Histories in which somebody earned points; most are such.
    @Test(arguments: [0, 1, 2, 4, 5, 6, 7, 9, 10, 11])
    func `projects, months and balances add up after any history`(seed: Int) throws {
        let history = RandomEntries.accepted(seed: UInt64(seed), of: 480)
        let accounts = Set(
            history.map(\.0.payload).filter { $0.body.kind == .pointsAccrued }.map(\.account))
        #expect(!accounts.isEmpty)
        for account in accounts { try addUp(history, of: account) }
    }

    /// Gives a member's machine a history in several rounds and adds up after each.
    private func addUp(_ history: [(VerifiedEntry, Timestamp)], of account: AccountID) throws {
        let directory = TestMember.temporaryFolder()
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let store = try ClientStore(directory: directory, clock: { TestMember.now })
        let ledger = try FakeLedger()
        var device = TestDevice()
        try store.confirmEnrolment(
            Enrolment(
                origin: ledger.origin, logKey: ledger.signer.verifierKey,
                nodeURL: "http://localhost", device: device.keys.device, account: account),
            entry: device.sign(.memberEnrolled(device.keys), origin: ledger.origin), index: 0,
            receipt: [], at: TestMember.now)
        let own = history.enumerated().filter {
            [.catalogue, .account(account)].contains($0.element.0.chain)
        }
        var state = LedgerState()
        var gone = Points.zero
        var size: Int64 = 0
        for start in stride(from: 0, to: own.count, by: 40) {
            var changes = LedgerChanges()
            for (number, (verified, time)) in own[start...].prefix(40) {
                // What needs the chain of somebody else is no part of this history.
                guard
                    (try? changes.apply(verified, index: Int64(number), at: time, to: &state))
                        != nil
                else { continue }
                switch verified.payload.body {
                case .pointsRedeemed(let redeemed): gone = gone + redeemed.points
                case .pointsExpired(let expired): gone = gone + expired.points
                default: break
                }
            }
            let next = size + 40
            let checkpoint = Checkpoint(origin: ledger.origin, size: Int(next), root: .zero)
            let round = VerifiedRound(
                previousSize: size,
                checkpoint: try VerifiedCheckpoint(
                    parsing: ledger.signer.sign(checkpoint.text).bytes,
                    logKey: ledger.signer.verifierKey, origin: ledger.origin),
                entries: [], cursors: [], changes: changes, state: state)
            #expect(try store.merge(round, at: TestMember.now) == .merged)
            size = next
            try expectSums(of: account, gone: gone, state, store, directory)
        }
    }

    private func expectSums(
        of account: AccountID, gone: Points, _ state: LedgerState, _ store: ClientStore,
        _ directory: String
    ) throws {
        let waiting = state.points.balance(of: .pending(account))
        let held =
            waiting + state.points.balance(of: .available(account))
            + state.points.balance(of: .reserved(account))
        let projects = try store.pointsByProject()
        #expect(projects.reduce(Points.zero) { $0 + $1.earned } == held + gone)
        #expect(projects.reduce(Points.zero) { $0 + $1.waiting } == waiting)
        let queue = try DatabaseQueue(path: directory + "/accord.sqlite")
        let months = try queue.read { db in
            try Int64.fetchOne(db, sql: "SELECT coalesce(sum(points), 0) FROM points_month")
        }
        try queue.close()
        #expect(months == (held + gone).value)
    }
}
