import Foundation
import GRDB
import LedgerCore
import NodeAPI
import SyncCore
import SyncEngine
import Testing

@testable import ClientStore

/// Databases that older programs left, and one that a newer program left.
struct OlderFormatTests {
    /// Each step as it was shipped: SHA-256 of its SQL.
    ///
    /// A new one is added, no other line changes.
    private static let shipped = [
        "401c7e01ad654af897e265738e1c494ef64970e05556dd5fe2b1993a7a228d29",
        "be72f8abf56175c26f9920eaf9e5e71f309a6a5f0e0767ac0857c5c9f2608264",
        "2870156efd01ce68607c85ea3256d81a684edac941a991d1426ebd40563cea58",
        "aef5f0fec1e8f90bc31768e61d62c0bfcc1266c076d0f2b40bf66f0cc02ef582",
        "21379d6af32d5871ef2e753501b8dba1bbf3af5959bdd4cccc67bb8bd789b9c8",
        "d947eae70870f68aed702dda64074179f0fee7e8d3cbb521c21b4066e1a63060",
        "1f2af41557ff40dedda2e9c02944a3862c243da7dd2647f6c798890fec79166c",
        "04ed0223644a4c05f8c8bd8692b48debd1d15de1a8b3182bda478111b250691a",
        "1505851e6ebf0a49c8643f74d638c295fe5a9e26dfab08bb24e767b635b64acf",
        "dfc56922a73fd2c8155aba9c3da89ad587bbcda4799a141baa74a437924805d1",
    ]

    @Test func `a step that was shipped is never changed`() {
        #expect(ClientStore.steps.map { Hash.of(Array($0.utf8)).hex } == Self.shipped)
    }

    /// A member's machine with something in every table, and decisions that wait.
    private struct Story {
        let member: TestMember
        /// What was signed and is not proven.
        let waiting: [Hash]
        let directory: String

        init() async throws {
            let story = try await AccountStory()
            member = story.member
            let store = member.store
            // One refused, one promised a place, one sent, two queued: the last a revocation.
            _ = try member.join("sleep")
            #expect(await member.engine.syncOnce() == .complete)
            let full = try #require(ProjectID("full"))
            let own = LocalRecord(
                fileName: "night.csv", kind: .wearable, rowCount: 9, identifyingCount: 0,
                from: nil, until: nil, importedAt: TestMember.now,
                sealed: try store.storeSealed([1, 2, 3]))
            let record = try store.insertRecord(own)
            try store.enqueueUpload(
                sealed: own.sealed, contribution: story.contribution, record: record,
                sizeBytes: 3, wraps: [], at: TestMember.now)
            let promised = try member.join("full")
            let entry = try #require(try store.undecided(limit: 9).first).entry
            let verdict = try member.node.change { try $0.ledger.record(entry) }
            guard case .accepted(let place) = verdict else { throw CancellationError() }
            try store.settle(
                [(promised, .accepted(index: place.index, receipt: place.proof))],
                at: TestMember.now)
            let sent = try member.queue(.signupLeft(full))
            try store.markSent(sent, at: TestMember.now)
            let queued = try member.queue(
                .signupLeft(story.project),
                .authorizationRevoked(
                    AuthorizationRevoked(project: story.project, major: 1, mode: .stopAndErase)))
            waiting = [promised] + sent + queued
            try store.keepNotice("told", tone: .warning, at: TestMember.now)
            try store.keep(
                SavedFilter(name: "八", facets: [.open], search: "gut", order: .ending))
            try store.keep(OwnProfile(bornYear: 1990, sex: nil))
            try store.keepDraft(
                ConsentDraft(
                    project: full, terms: .zero, kinds: [.clinical], purposes: [.clinicalCare],
                    links: [story.project], until: TestMember.now, step: 2,
                    changedAt: TestMember.now))
            let queue = try DatabaseQueue(path: member.directory + "/accord.sqlite")
            try await queue.write { db in
                try db.execute(
                    sql: """
                        INSERT INTO reward VALUES ('tea', 'Tea', '茶', 5, 1, 0);
                        INSERT INTO reservation VALUES (zeroblob(32), 'tea', 5, 9, 'open');
                        UPDATE points SET reward = 'tea';
                        UPDATE authorization SET invalidated_by = zeroblob(32), guardian_until = 7;
                        """)
            }
            _ = try await queue.writeWithoutTransaction { try $0.checkpoint(.truncate) }
            try queue.close()
            directory = member.directory + "-copy"
            try FileManager.default.createDirectory(
                atPath: directory, withIntermediateDirectories: true)
            for item in ["accord.sqlite", "records"] {
                try FileManager.default.copyItem(
                    atPath: "\(member.directory)/\(item)", toPath: "\(directory)/\(item)")
            }
        }

        func remove() {
            member.remove()
            try? FileManager.default.removeItem(atPath: directory)
        }

        func open() throws -> ClientStore {
            try ClientStore(directory: directory, clock: { TestMember.now })
        }
    }

    @Test(arguments: OlderFormat.all)
    func `a database of an older format is opened with everything that was signed`(format: Int)
        async throws
    {
        let story = try await Story()
        defer { story.remove() }
        try OlderFormat.take(story.directory, backTo: format)
        try OlderFormat.forget(story.member.directory, unknownTo: format)
        let expected = try OlderFormat.rows(story.member.directory)
        #expect(expected["outbox"]?.count == 4 && expected["refusal"]?.count == 1)
        #expect(expected["use_log"]?.count == 3 && expected["upload"]?.count == 1)
        if format == OlderFormat.all.last {
            #expect(expected.filter { $0.value.isEmpty && $0.key != "bare_decision" }.isEmpty)
        }

        // Twice: what was done once is not done again.
        for _ in 0..<2 {
            let store = try story.open()
            #expect(store.mending == nil)
            #expect(try store.undecided(limit: 9).map(\.state) == [.sent, .queued, .queued])
            #expect(try store.promised().map(\.entry.id) == [story.waiting[0]])
        }
        let rows = try OlderFormat.rows(story.directory)
        for table in Set(rows.keys).union(expected.keys).sorted() {
            #expect(rows[table] == expected[table], "\(table)")
        }
        let fresh = TestMember.temporaryFolder()
        defer { try? FileManager.default.removeItem(atPath: fresh) }
        _ = try ClientStore(directory: fresh, clock: { TestMember.now })
        #expect(try OlderFormat.schema(story.directory) == OlderFormat.schema(fresh))

        // What waited reaches the ledger, in the order it was signed.
        let store = try story.open()
        #expect(
            try store.projects(ProjectQuery(search: "肠道"), offset: 0, limit: 9).total == 2)
        let engine = SyncEngine(
            store: store, node: story.member.node, clock: SyncClock(now: { TestMember.now }))
        #expect(await engine.syncOnce() == .complete)
        #expect(try store.undecided(limit: 9).isEmpty && store.promised().isEmpty)
        for entry in story.waiting {
            #expect(try store.activity(entry: entry)?.state == .proven)
            #expect(try store.proof(of: entry) != nil)
        }
        #expect(try store.authorizations(at: TestMember.now).first?.state == .withdrawn)
    }

    @Test(arguments: [
        (2, "UPDATE entry SET jws = x'00' WHERE kind GLOB 'use.*'"),
        (4, "UPDATE project SET terms = x'00'"),
        (5, "UPDATE entry SET jws = x'00' WHERE kind GLOB 'institution.*'"),
        (9, "UPDATE meta SET value = -1 WHERE key = 'schema'"),
    ])
    func `a database of an older format with damage that a step meets is mended`(
        format: Int, damage: String
    ) async throws {
        let story = try await Story()
        defer { story.remove() }
        try OlderFormat.take(story.directory, backTo: format)
        let queue = try DatabaseQueue(path: story.directory + "/accord.sqlite")
        try await queue.write { try $0.execute(sql: damage) }
        try queue.close()
        let store = try ClientStore(
            directory: story.directory, clock: { TestMember.now },
            keys: story.member.device.keys)
        #expect(store.mending?.decisions == story.waiting.count)
        let undecided = try store.undecided(limit: 9).map(\.entry.id)
        #expect(undecided == Array(story.waiting.dropFirst()))
    }

    @Test func `a database of a newer format is read and left as it is`() async throws {
        let story = try await Story()
        defer { story.remove() }
        let queue = try DatabaseQueue(path: story.directory + "/accord.sqlite")
        try await queue.write { db in
            try db.execute(
                sql: """
                    UPDATE meta SET value = value + 1 WHERE key = 'schema';
                    ALTER TABLE outbox ADD COLUMN later TEXT NOT NULL DEFAULT 'kept';
                    """)
        }
        _ = try await queue.writeWithoutTransaction { try $0.checkpoint(.truncate) }
        try queue.close()
        // GRDB makes a table and drops it, so the bytes of the file are not the same.
        let before = try OlderFormat.rows(story.directory)
        let tables = try OlderFormat.schema(story.directory)
        do {
            let store = try story.open()
            #expect(store.mending == nil)
            #expect(
                try store.undecided(limit: 9).map(\.entry.id) == Array(story.waiting.dropFirst()))
            let failure = #expect(throws: StoreFailure.self) {
                try store.markSent(story.waiting, at: TestMember.now)
            }
            #expect(failure?.code == .readOnly)
            #expect(throws: StoreFailure.self) {
                try store.enqueue(at: TestMember.now) { _ in [] }
            }
        }
        #expect(try OlderFormat.rows(story.directory) == before)
        #expect(try OlderFormat.schema(story.directory) == tables)
        let kept = before["outbox"] ?? []
        #expect(kept.count == 4 && kept.allSatisfy { $0.contains("later:\"kept\"") })
    }
}
