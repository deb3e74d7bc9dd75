import ClientStore
import Foundation
import GRDB
import LedgerCore
import SyncCore
import SyncEngine
import Testing

@Suite struct ClientStoreTests {
    @Test func `the database is private, and durable by WAL and FULL`() throws {
        let directory = TestMember.temporaryFolder()
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let store = try ClientStore(directory: directory, clock: { TestMember.now })
        try store.checkDurability()
        let files = FileManager.default
        let folder = try files.attributesOfItem(atPath: directory)[.posixPermissions] as? Int
        let file = try files.attributesOfItem(atPath: directory + "/accord.sqlite")
        #expect(folder == 0o700)
        #expect(file[.posixPermissions] as? Int == 0o600)
        let queue = try DatabaseQueue(path: directory + "/accord.sqlite")
        let mode = try queue.read { db in try String.fetchOne(db, sql: "PRAGMA journal_mode") }
        #expect(mode == "wal")
    }

    @Test func `two handles queueing at once share one sequence without a gap`() async throws {
        let member = try TestMember(.withProjects())
        defer { member.remove() }
        let other = try ClientStore(directory: member.directory, clock: { TestMember.now })
        let project = try #require(ProjectID("sleep"))
        await withTaskGroup { group in
            for store in [member.store, other] {
                group.addTask {
                    for _ in 0..<40 {
                        do {
                            try store.enqueue(at: TestMember.now) { cursor in
                                [
                                    try member.device.sign(
                                        .signupLeft(project), at: cursor, origin: member.origin)
                                ]
                            }
                        } catch {
                            Issue.record(error)
                        }
                    }
                }
            }
        }
        let waiting = try member.store.undecided(limit: 1000)
        #expect(waiting.map(\.sequence) == Array(2...81))
        for (left, right) in zip(waiting, waiting.dropFirst()) {
            #expect(try right.entry.payload().previous == left.entry.id)
        }
    }

    @Test func `an error while building queues nothing`() throws {
        struct Stop: Error {}
        let member = try TestMember(.withProjects())
        defer { member.remove() }
        #expect(throws: Stop.self) {
            try member.store.enqueue(at: TestMember.now) { _ in throw Stop() }
        }
        #expect(throws: StoreFailure.self) {
            try member.store.enqueue(at: TestMember.now) { cursor in
                let wrong = OutboxCursor(
                    device: cursor.device, nextSequence: 9, previous: cursor.previous)
                let project = try #require(ProjectID("sleep"))
                return [
                    try member.device.sign(
                        .signupLeft(project), at: wrong, origin: member.origin)
                ]
            }
        }
        #expect(try member.store.undecided(limit: 10).isEmpty)
    }

    @Test func `a full disk says not saved and keeps what was there`() throws {
        let member = try TestMember(.withProjects())
        defer { member.remove() }
        let first = try member.join("sleep")
        // SQLite takes the present size for the limit where that is larger.
        let full = try ClientStore(
            directory: member.directory, clock: { TestMember.now }, pageLimit: 1)
        let project = try #require(ProjectID("full"))
        let failure = #expect(throws: StoreFailure.self) {
            for _ in 0..<400 {
                try full.enqueue(at: TestMember.now) { cursor in
                    [
                        try member.device.sign(
                            .signupLeft(project), at: cursor, origin: member.origin)
                    ]
                }
            }
        }
        #expect(failure?.code == .full)
        #expect(failure?.description.hasPrefix("not saved") == true)
        #expect(try member.store.undecided(limit: 1).first?.entry.id == first)
    }

    @Test func `a round that fails half way leaves everything as it was`() async throws {
        let member = try TestMember(.withProjects())
        defer { member.remove() }
        #expect(await member.engine.syncOnce() == .complete)
        try member.node.change { try $0.ledger.publish("another") }
        let before = try member.store.status()
        // A stored entry at the next index makes the transaction fail after it began to write.
        let queue = try DatabaseQueue(path: member.directory + "/accord.sqlite")
        try await queue.write { db in
            try db.execute(
                sql: """
                    INSERT INTO entry SELECT ?, randomblob(32), 1, 99, jws, aprev, time, salt, kind,
                        project, proof, size FROM entry LIMIT 1
                    """, arguments: [before.verifiedSize])
        }
        let outcome = await member.engine.syncOnce()
        guard case .unfinished = outcome else {
            Issue.record("\(outcome)")
            return
        }
        #expect(try member.store.status().verifiedSize == before.verifiedSize)
        #expect(try member.store.projects(ProjectQuery(), offset: 0, limit: 9).total == 2)
        #expect(try member.store.cursor(of: .catalogue).sequence == 6)
    }

    @Test func `a newer database can be read and not written`() throws {
        let member = try TestMember(.withProjects())
        defer { member.remove() }
        _ = try member.join("sleep")
        let queue = try DatabaseQueue(path: member.directory + "/accord.sqlite")
        try queue.write { db in
            try db.execute(sql: "UPDATE meta SET value = 99 WHERE key = 'schema'")
        }
        let reopened = try ClientStore(directory: member.directory, clock: { TestMember.now })
        #expect(try reopened.undecided(limit: 9).count == 1)
        let failure = #expect(throws: StoreFailure.self) {
            try reopened.markRefusalRead(Hash.zero)
        }
        #expect(failure?.code == .readOnly)
    }

    @Test func `only the newest entry that was never sent can be withdrawn`() throws {
        let member = try TestMember(.withProjects())
        defer { member.remove() }
        let first = try member.join("sleep")
        let second = try member.join("full")
        #expect(try member.store.withdraw(first) == .followed)
        #expect(try member.store.withdraw(second) == .done)
        #expect(try member.store.withdraw(first) == .done)
        #expect(try member.store.withdraw(first) == .unknown)
        let again = try member.join("sleep")
        #expect(try member.store.undecided(limit: 9).map(\.sequence) == [2])
        try member.store.markSent([again], at: TestMember.now)
        #expect(try member.store.withdraw(again) == .alreadySent)
        // Nobody took the connection: it never left, and can be taken back after all.
        try member.store.markUnsent([again])
        #expect(try member.store.undecided(limit: 9).map(\.state) == [.queued])
        try member.store.markSent([again], at: TestMember.now)
        try member.store.markSent([again], at: TestMember.now)
        try member.store.markUnsent([again])
        #expect(try member.store.withdraw(again) == .alreadySent)
    }

    @Test func `a draft is kept whole, replaced, discarded, and gone once it is signed`() throws {
        let member = try TestMember(.withProjects())
        defer { member.remove() }
        let project = try #require(ProjectID("sleep"))
        var draft = ConsentDraft(
            project: project, terms: Hash.of(label: "terms"), kinds: [.clinical, .wearable],
            purposes: [.clinicalCare, .healthResearch],
            links: ["gut-2", "heart-7"].compactMap { ProjectID($0) }, until: TestMember.now,
            step: 3, changedAt: TestMember.now)
        func kept() throws -> ConsentDraft? {
            let reopened = try ClientStore(
                directory: member.directory, clock: { TestMember.now })
            return try reopened.consentDraft(about: project)
        }
        #expect(try kept() == nil)
        try member.store.keepDraft(draft)
        #expect(try kept() == draft)
        draft.step = 4
        draft.links = []
        try member.store.keepDraft(draft)
        #expect(try kept() == draft)
        try member.store.discardDraft(project)
        #expect(try kept() == nil)
        try member.store.keepDraft(draft)
        try member.queue(
            .authorizationGranted(
                AuthorizationGranted(
                    project: project, major: 1, minor: 0, terms: .zero, language: "en",
                    kinds: [.clinical], purposes: [.healthResearch], recipients: [],
                    collectionFrom: .init(milliseconds: 0), collectionUntil: TestMember.now,
                    until: TestMember.now, eraseAt: TestMember.now, cites: .zero,
                    observedSize: 0, observedRoot: .zero)))
        #expect(try kept() == nil)
    }

    @Test func `another process's writes are noticed`() throws {
        let member = try TestMember(.withProjects())
        defer { member.remove() }
        let other = try ClientStore(directory: member.directory, clock: { TestMember.now })
        let before = try other.changeCount()
        #expect(try other.changeCount() == before)
        _ = try member.join("sleep")
        #expect(try other.changeCount() != before)
    }

    @Test func `one process at a time talks to the node`() async throws {
        let member = try TestMember(.withProjects())
        defer { member.remove() }
        let other = try ClientStore(directory: member.directory, clock: { TestMember.now })
        #expect(try other.lockSync())
        #expect(await member.engine.syncOnce() == .otherProcess)
        other.unlockSync()
        #expect(await member.engine.syncOnce() == .complete)
    }

    @Test(arguments: [
        ("gut", ["sleep", "full"]), ("GUT INST", ["sleep", "full"]), ("sl", ["sleep", "full"]),
        ("肠道", ["sleep", "full"]), ("睡眠", ["sleep"]), ("道肠", []), ("one", ["full"]),
        ("员工", ["sleep", "full"]), ("health research", ["sleep", "full"]), ("nothing", []),
        ("\"' OR", []), ("*", []), ("  ", ["sleep", "full"]), ("睡眠 sleep", ["sleep"]),
        ("s", ["sleep", "full"]),
    ])
    func `typing finds projects by words and characters`(typed: String, found: [String])
        async throws
    {
        let member = try TestMember(.withProjects())
        defer { member.remove() }
        #expect(await member.engine.syncOnce() == .complete)
        let page = try member.store.projects(
            ProjectQuery(search: typed), offset: 0, limit: 10)
        #expect(page.lines.map(\.id.text) == found)
        #expect(page.total == found.count)
    }

    @Test func `an amended project is found by its new words only`() async throws {
        let member = try TestMember(.withProjects())
        defer { member.remove() }
        #expect(await member.engine.syncOnce() == .complete)
        try member.node.change { node in
            var terms = try TestTerms.make(
                "sleep", title: LocalizedText(english: "Dreams"),
                recipient: node.ledger.sponsor.account, perContribution: 50)
            terms.minor = 1
            let amended = ProjectAmended(terms: terms, graceMilliseconds: 0)
            let entry = try node.ledger.sponsor.sign(
                .projectAmended(amended), origin: node.ledger.origin)
            try node.ledger.record(entry)
        }
        #expect(await member.engine.syncOnce() == .complete)
        #expect(try member.store.projects(.init(search: "dreams"), offset: 0, limit: 9).total == 1)
        #expect(try member.store.projects(.init(search: "睡眠"), offset: 0, limit: 9).total == 0)
    }
}
