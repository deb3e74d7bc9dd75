import ClientStore
import Foundation
import GRDB
import LedgerCore
import NodeAPI
import SyncCore
import SyncEngine
import Testing

private struct Refused: Error {
    let name: String
}

/// A member who took part, agreed twice, was paid, and whose data was used.
struct AccountStory {
    let member: TestMember
    let project: ProjectID
    let grants: [Hash]
    let contribution: Hash
    let sponsor: AccountID

    init() async throws {
        let member = try TestMember(.withProjects())
        self.member = member
        let project = try #require(ProjectID("sleep"))
        self.project = project
        _ = try member.join("sleep")
        _ = await member.engine.syncOnce()
        let terms = try #require(try member.store.project(project, at: TestMember.now)).terms
        func grant(_ kinds: [RecordKind], _ until: Int64, cites: Hash) throws -> Hash {
            let body = EntryBody.authorizationGranted(
                AuthorizationGranted(
                    project: project, major: 1, minor: 0, terms: terms.hash, language: "en",
                    kinds: kinds, purposes: terms.purposes, recipients: terms.recipients,
                    collectionFrom: terms.collectionFrom, collectionUntil: terms.collectionUntil,
                    until: Timestamp(milliseconds: until), eraseAt: terms.eraseAt, cites: cites,
                    observedSize: 0, observedRoot: .zero))
            return try #require(try member.queue(body).first)
        }
        let first = try grant([.clinical], 2_000_000_000_000, cites: .zero)
        let second = try grant([.clinical, .wearable], 2_500_000_000_000, cites: first)
        grants = [first, second]
        let record = RecordContributed(
            project: project, record: Hash.of([1]), commitment: Hash.of([2]), kind: .clinical,
            rows: 3, from: Timestamp(milliseconds: 5), until: Timestamp(milliseconds: 6),
            sizeBytes: 10)
        contribution = try #require(try member.queue(.recordContributed(record)).first)
        _ = await member.engine.syncOnce()
        let account = member.device.account
        let (handed, cited) = (contribution, second)
        sponsor = try member.node.change { node throws -> AccountID in
            let origin = node.ledger.origin
            let sponsor = node.ledger.sponsor.account
            let look = try node.ledger.operatorDevice.sign(
                .useAllowed(
                    UseAllowed(
                        project: project, user: sponsor, grant: cited, purpose: .review,
                        contributions: [handed])),
                for: account, origin: origin)
            if case .rejected(let refusal) = try node.ledger.record(look) {
                throw Refused(name: refusal.name)
            }
            let accepted = try node.ledger.sponsor.sign(
                .contributionAccepted(
                    ContributionReviewed(project: project, contribution: handed)),
                for: account, origin: origin)
            _ = try node.ledger.record(accepted)
            let now = node.ledger.time.adding(milliseconds: 1000)
            guard let owed = node.ledger.state.accrualOwed(for: accepted.id, at: now) else {
                throw CancellationError()
            }
            let bodies: [EntryBody] = [
                .pointsAccrued(owed.1),
                .useAllowed(
                    UseAllowed(
                        project: project, user: sponsor, grant: cited,
                        purpose: .research(.healthResearch), contributions: [handed])),
                .useDenied(
                    UseDenied(
                        project: project, user: sponsor, purpose: .research(.generalResearch),
                        reason: .purposeNotNamed)),
            ]
            for body in bodies {
                let entry = try node.ledger.operatorDevice.sign(body, for: account, origin: origin)
                let verdict = try node.ledger.record(entry)
                if case .rejected(let refusal) = verdict { throw Refused(name: refusal.name) }
            }
            return sponsor
        }
        _ = await member.engine.syncOnce()
    }
}

@Suite struct AccountStoreTests {
    @Test func `uses are counted by day, by month and by user, denied ones apart`() async throws {
        let story = try await AccountStory()
        defer { story.member.remove() }
        let store = story.member.store
        let day: Int64 = 86_400_000
        let start = Timestamp(milliseconds: 1_700_000_000_000 / day * day)
        let days = try store.useDays(start..<start.adding(milliseconds: day), utcOffsetMinutes: 0)
        #expect(days == [UseDay(day: start.milliseconds / day, allowed: 1, denied: 1)])
        #expect(
            try store.useDays(
                start.adding(milliseconds: day)..<Timestamp.latest, utcOffsetMinutes: 0) == [])
        // Nine hours further east it is another day.
        let east = try store.useDays(start..<Timestamp.latest, utcOffsetMinutes: 540)
        let eastern: Int64 = (1_700_000_000_000 + 540 * 60_000) / day
        #expect(east.map(\.day) == [eastern])
        let line = try #require(try store.authorizations(at: TestMember.now).first)
        #expect((line.uses, line.monthUses) == (1, 1), "a look for review is no use")
        let nextMonth = TestMember.now.adding(milliseconds: 31 * day)
        #expect(try store.authorizations(at: nextMonth).first?.monthUses == 0)
        let summaries = try store.useSummaries(.everything)
        #expect(summaries.map(\.times).sorted() == [0, 1, 1])
        #expect(summaries.count { $0.purpose == .review } == 1)
        #expect(summaries.compactMap { $0.denials[.purposeNotNamed] } == [1])
        #expect(summaries.first?.user == LocalizedText(english: "Gut Institute", chinese: "肠道研究所"))
        #expect(try store.useSummaries(.project(#require(ProjectID("full")))).isEmpty)
    }

    @Test func `what was read last is told by what was read, not by what was denied later`()
        async throws
    {
        let story = try await AccountStory()
        defer { story.member.remove() }
        func summary() throws -> UseSummary {
            try #require(
                try story.member.store.useSummaries(.everything).first {
                    $0.purpose == .research(.healthResearch)
                })
        }
        let before = try summary()
        try story.member.node.change { node in
            node.ledger.time = node.ledger.time.adding(milliseconds: 60_000)
            let denied = try node.ledger.operatorDevice.sign(
                .useDenied(
                    UseDenied(
                        project: story.project, user: story.sponsor,
                        purpose: .research(.healthResearch), reason: .revoked)),
                for: story.member.device.account, origin: node.ledger.origin)
            if case .rejected(let refusal) = try node.ledger.record(denied) {
                throw Refused(name: refusal.name)
            }
        }
        _ = await story.member.engine.syncOnce()
        let after = try summary()
        #expect(after.denials == [.revoked: 1])
        #expect((after.times, after.first, after.last) == (before.times, before.first, before.last))
    }

    @Test func `every use has its proof, and a record tells who used it`() async throws {
        let story = try await AccountStory()
        defer { story.member.remove() }
        let store = story.member.store
        for line in try store.uses(.everything) { #expect(try store.proof(of: line.entry) != nil) }
        #expect(try store.uses(.record(7)).isEmpty)
        try store.enqueueUpload(
            sealed: Hash.of([1]), contribution: story.contribution, record: 7, sizeBytes: 10,
            wraps: [], at: TestMember.now)
        let ofRecord = try store.uses(.record(7))
        #expect(ofRecord.map(\.contributions) == [[story.contribution], [story.contribution]])
        #expect(ofRecord.first?.user == story.sponsor)
    }

    @Test func `agreements come newest first, with the terms that were shown`() async throws {
        let story = try await AccountStory()
        defer { story.member.remove() }
        let agreements = try story.member.store.agreements(on: story.project)
        #expect(agreements.map(\.entry) == story.grants.reversed())
        #expect(agreements.map(\.grant.kinds) == [[.clinical, .wearable], [.clinical]])
        #expect(agreements.allSatisfy { $0.terms?.hash == $0.grant.terms })
        try story.member.queue(
            .authorizationRevoked(
                AuthorizationRevoked(project: story.project, major: 1, mode: .stop)))
        let later = try story.member.store.agreements(on: story.project)
        #expect(later.first?.later.map(\.kind) == [.authorizationRevoked])
    }

    @Test func `a pause of a version that was never granted has the one that was to stop`()
        async throws
    {
        let story = try await AccountStory()
        let member = story.member
        func isOvertaken(_ project: ProjectID) throws -> Bool {
            let pause = EntryPayload(
                account: member.device.account, audience: member.origin,
                device: member.device.keys.device, sequence: 1, previous: .zero,
                issuedAt: TestMember.now.adding(milliseconds: 3_600_000),
                body: .authorizationPaused(AuthorizationSubject(project: project, major: 2)))
            return try member.store.isOvertaken(pause, since: 0)
        }
        #expect(try !isOvertaken(story.project))
        #expect(try isOvertaken(#require(ProjectID("never-joined"))))
    }

    @Test func `points are explained by the rule that paid them`() async throws {
        let story = try await AccountStory()
        defer { story.member.remove() }
        let store = story.member.store
        let reason = try #require(try store.pointsReason(of: story.project))
        #expect(reason.triggers.count == 2)
        let use = try #require(reason.triggers.first)
        #expect(use.payment == nil && use.reckoning.full == .zero)
        let set = try #require(reason.triggers.last)
        #expect(set.payment?.points == Points(50) && set.reckoning.limit == nil)
        let movement = try #require(try store.points(offset: 0, limit: 1).lines.first)
        #expect(reason.trigger(of: movement.entry) == set)
        #expect(reason.earned.total == Points(50))
        let lines = try store.pointsByProject()
        #expect(lines.map(\.earned) == [Points(50)] && lines.first?.takesPart == true)
        #expect(try store.pointsReason(of: #require(ProjectID("full")))?.triggers.isEmpty == true)
    }

    @Test func `the activity is found by sort, project and words`() async throws {
        let story = try await AccountStory()
        defer { story.member.remove() }
        let store = story.member.store
        func kinds(_ query: ActivityQuery) throws -> [EntryKind] {
            let page = try store.activity(query, offset: 0, limit: 100)
            #expect(page.total == page.lines.count)
            return page.lines.map(\.body.kind)
        }
        #expect(try kinds(ActivityQuery(type: .uses)) == [.useDenied, .useAllowed, .useAllowed])
        #expect(try kinds(ActivityQuery(type: .points)) == [.pointsAccrued])
        #expect(try kinds(ActivityQuery(type: .refusals)).isEmpty)
        #expect(try kinds(ActivityQuery(search: "肠道")).count == 9)
        #expect(try kinds(ActivityQuery(type: .uses, search: "institute")).count == 3)
        #expect(try kinds(ActivityQuery(search: "nothing like it")).isEmpty)
        #expect(
            try kinds(ActivityQuery(search: "zzz", named: [.memberEnrolled])) == [.memberEnrolled])
        #expect(try kinds(ActivityQuery(project: ProjectID("full"))).isEmpty)
        let second = try store.activity(ActivityQuery(type: .uses), offset: 1, limit: 1)
        #expect(second.lines.map(\.body.kind) == [.useAllowed] && second.total == 3)
        try story.member.queue(.signupLeft(story.project))
        #expect(try kinds(ActivityQuery(type: .decisions)).first == .signupLeft)
        #expect(try kinds(ActivityQuery(type: .uses)).count == 3)
    }

    @Test func `a receipt proves who signed, and one whose entry was changed does not`()
        async throws
    {
        let story = try await AccountStory()
        defer { story.member.remove() }
        let enrolment = try #require(try story.member.store.enrolment())
        func defect(_ receipt: Receipt) -> Receipt.Defect? {
            do throws(Receipt.Defect) {
                _ = try receipt.verify(logKey: enrolment.logKey, origin: enrolment.origin)
                return nil
            } catch {
                return error
            }
        }
        let use = try #require(try story.member.store.uses(.everything).first?.entry)
        for entry in [story.contribution, use] {
            let proof = try #require(try story.member.store.proof(of: entry))
            let receipt = try Receipt(parsing: Array(proof.receipt.utf8))
            #expect(defect(receipt) == nil)
            var bytes = receipt.entry.bytes
            bytes[bytes.count - 10] ^= 1
            let changed = Receipt(
                entry: Entry(bytes: bytes), envelope: receipt.envelope, salt: receipt.salt,
                inclusion: receipt.inclusion, note: receipt.note, key: receipt.key)
            #expect(defect(changed) == .entryForged)
            let keyless = Receipt(
                entry: receipt.entry, envelope: receipt.envelope, salt: receipt.salt,
                inclusion: receipt.inclusion, note: receipt.note)
            #expect(defect(keyless) == .keyMissing)
        }
    }

    @Test func `a forged entry does not verify, even where the log itself holds it`() throws {
        struct Unexpected: Error {}
        var ledger = try FakeLedger.withProjects()
        let victim = TestDevice()
        let project = try #require(ProjectID("sleep"))
        let forged = try Entry.signed(
            EntryPayload(
                account: victim.account, audience: ledger.origin, device: victim.keys.device,
                sequence: 1, previous: .zero, issuedAt: Timestamp(milliseconds: 0),
                body: .signupJoined(SignupJoined(project: project, major: 1, minor: 0))),
            with: ledger.operatorDevice.key)
        let verdict = try ledger.record(forged, skippingRules: true)
        guard case .accepted(let acceptance) = verdict else { throw Unexpected() }
        let proof = try TransparencyProof(parsing: acceptance.proof)
        for key in [victim.keys.signing, ledger.operatorDevice.keys.signing] {
            let receipt = Receipt(
                entry: forged, envelope: try #require(EntryEnvelope(bytes: acceptance.envelope)),
                salt: acceptance.salt,
                inclusion: InclusionProof(
                    leafIndex: proof.leafIndex, treeSize: 0, hashes: proof.hashes),
                note: proof.note, key: key)
            #expect(throws: Receipt.Defect.entryForged) {
                try receipt.verify(
                    logKey: ledger.signer.verifierKey, origin: ledger.origin)
            }
        }
    }

    @Test func `notices are kept up to a limit, the newest first`() throws {
        let directory = TestMember.temporaryFolder()
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let store = try ClientStore(directory: directory, clock: { TestMember.now })
        for number in 0..<(ClientStore.noticeLimit + 5) {
            try store.keepNotice("notice \(number)", tone: .error, at: TestMember.now)
        }
        let page = try store.notices(offset: 0, limit: 2)
        #expect(page.total == ClientStore.noticeLimit)
        #expect(page.lines.map(\.text) == ["notice 504", "notice 503"])
    }

    @Test(arguments: [2, 7])
    func `an older database learns of the uses it holds`(format: Int) async throws {
        let story = try await AccountStory()
        defer { story.member.remove() }
        let before = try story.member.store.uses(.everything)
        let counted = try story.member.store.authorizations(at: TestMember.now)
        try OlderFormat.take(story.member.directory, backTo: format)
        // Older programs counted looks for review with them.
        let older = try DatabaseQueue(path: story.member.directory + "/accord.sqlite")
        try await older.write { try $0.execute(sql: "UPDATE authorization SET uses = uses + 1") }
        try older.close()
        let again = try ClientStore(
            directory: story.member.directory, clock: { TestMember.now })
        #expect(try again.uses(.everything) == before)
        #expect(before.count == 3)
        #expect(try again.authorizations(at: TestMember.now) == counted)
        #expect(counted.map(\.uses) == [1])
    }
}
