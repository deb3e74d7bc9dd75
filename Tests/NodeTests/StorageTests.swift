import Foundation
import GRDB
import LedgerCore
import Logging
import NodeAPI
import NodeSequencer
import NodeStore
import Synchronization
import TestSupport
import Testing

struct StorageTests {
    @Test func `every commit is synchronised in full`() async throws {
        try await withNode { node in
            let level = try node.database.synchronousLevel()
            #expect(level == 2)
        }
    }

    @Test func `a restart keeps everything`() async throws {
        try await withFolder { folder in
            var node = try await TestNode(folder: folder)
            var (sponsor, builder) = try await node.sponsor()
            var (ada, _) = try await node.takePart("ada", builder, &sponsor, content: [1, 2, 3])
            let checkpoint = try await node.send(.checkpoint)
            let catalogue = try await node.send(.cataloguePage(after: 0, at: nil))
            try await node.stop()

            node = try await TestNode(folder: folder, clock: node.clock)
            #expect(try await node.send(.checkpoint).body == checkpoint.body)
            #expect(
                try await node.send(.cataloguePage(after: 0, at: nil)).body == catalogue.body)
            #expect(try await node.use(builder, of: ada.account, as: sponsor).status == 200)
            try await node.accept(try ada.entry(builder.revoke()))
            try await node.stop()
            let report = try await check(folder)
            #expect(report.entries == 14)
        }
    }

    enum Damage: String, CaseIterable, Sendable {
        case checkpointSignature, rightmostLeaf, firstLeaf, missingLeaf, entryText, salt, envelope
        case missingEntry, chain, oldCheckpoint, cursor, receipt

        var sql: String {
            switch self {
            case .checkpointSignature:
                """
                UPDATE checkpoint SET note = CAST(replace(CAST(note AS TEXT), '=' || char(10)
                    || char(10), 'A' || char(10) || char(10)) AS BLOB)
                WHERE size = (SELECT max(size) FROM checkpoint)
                """
            case .rightmostLeaf:
                "UPDATE leaf SET data = zeroblob(32) WHERE idx = (SELECT max(idx) FROM leaf)"
            case .firstLeaf: "UPDATE leaf SET data = zeroblob(32) WHERE idx = 0"
            case .missingLeaf:
                "DELETE FROM leaf WHERE idx = (SELECT max(idx) FROM leaf)"
            case .entryText:
                "UPDATE entry SET jws = CAST(jws || 'A' AS BLOB) WHERE idx = 2"
            case .salt: "UPDATE entry SET salt = zeroblob(32) WHERE idx = 3"
            case .envelope:
                """
                UPDATE entry SET envelope =
                    CAST(replace(CAST(envelope AS TEXT), '"time":17', '"time":18') AS BLOB)
                WHERE idx = 4
                """
            case .missingEntry: "DELETE FROM entry WHERE idx = 4"
            case .chain: "UPDATE entry SET aseq = aseq + 100 WHERE idx = 5"
            case .oldCheckpoint: "UPDATE checkpoint SET note = x'41' WHERE size = 2"
            case .cursor: "DELETE FROM cursor WHERE device = (SELECT max(device) FROM cursor)"
            case .receipt: "UPDATE refusal SET receipt = x'41'"
            }
        }

        /// Whether serving has to be refused too; the rest only the check reads.
        var stopsTheNode: Bool { ![.oldCheckpoint, .cursor, .receipt].contains(self) }
    }

    @Test(arguments: Damage.allCases)
    func `damage is found, and a node does not serve it`(damage: Damage) async throws {
        try await withFolder { folder in
            let node = try await TestNode(folder: folder)
            let (_, builder) = try await node.sponsor()
            var ada = try await node.member("ada")
            try await node.accept(try ada.entry(builder.join))
            _ = try await node.rejection(of: try ada.entry(builder.join))
            try await node.stop()
            #expect(try await check(folder).refusals == 1)

            let place = NodeFolder(path: folder.path)
            let queue = try DatabaseQueue(path: place.databasePath)
            try await queue.writeWithoutTransaction { database in
                try database.execute(sql: "PRAGMA foreign_keys = OFF")
                try database.execute(sql: damage.sql)
                #expect(database.changesCount > 0)
            }
            try queue.close()
            await #expect(throws: (any Error).self) { try await check(folder) }
            guard damage.stopsTheNode else { return }
            await #expect(throws: (any Error).self) {
                let database = try NodeDatabase(path: place.databasePath)
                _ = try await Sequencer(
                    store: database, records: MemoryRecordStore(), keys: node.keys,
                    clock: node.clock, logger: Logger(label: "test"))
            }
        }
    }

    @Test func `an entry that was rewritten together with its leaf is found`() async throws {
        try await withFolder { folder in
            let node = try await TestNode(folder: folder)
            let (_, builder) = try await node.sponsor()
            var ada = try await node.member("ada")
            try await node.accept(try ada.entry(builder.join))
            let last = try #require(
                try node.database.entries(from: 0, limit: 100).last { $0.device == ada.id })
            try await node.stop()

            // A signature nobody made, and everything that is computed from the bytes computed anew.
            var bytes = last.entry.bytes
            let place = try #require(bytes.lastIndex(of: UInt8(ascii: "."))) + 1
            bytes[place] = bytes[place] == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A")
            let forged = Entry(bytes: bytes)
            let envelope = try #require(EntryEnvelope(bytes: last.envelope))
            let leaf = envelope.leafData(entry: forged.id, salt: last.salt)
            let path = NodeFolder(path: folder.path).databasePath
            let queue = try DatabaseQueue(path: path)
            try await queue.write { database in
                try database.execute(
                    sql: "UPDATE entry SET jws = ?, id = ? WHERE idx = ?",
                    arguments: [Data(forged.bytes), Data(forged.id.bytes), last.index])
                try database.execute(
                    sql: "UPDATE leaf SET data = ? WHERE idx = ?",
                    arguments: [Data(leaf), last.index])
            }
            try queue.close()
            let database = try NodeDatabase(path: path)
            await #expect(throws: SequencerFailure.self) {
                try await Sequencer(
                    store: database, records: MemoryRecordStore(), keys: node.keys,
                    clock: node.clock, logger: Logger(label: "test"))
            }
            try database.close()
            // The check names the entry.
            await #expect(
                throws: SequencerFailure.integrity(
                    "entry \(last.index): it does not verify: signatureInvalid")
            ) { try await check(folder) }
        }
    }

    @Test func `a copy made while the node writes is whole`() async throws {
        try await withNode { node in
            let (_, builder) = try await node.sponsor()
            var ada = try await node.member("ada")
            async let writing: Void = {
                for _ in 0..<30 { try await node.accept(try ada.entry(builder.revoke())) }
            }()
            let copy = node.folder.appending(path: "copy.sqlite").path
            try node.database.backUp(to: copy)
            try await writing
            let mode = try FileManager.default.attributesOfItem(atPath: copy)[.posixPermissions]
            #expect(mode as? Int == 0o600)
            let database = try NodeDatabase(path: copy)
            let report = try await LedgerCheck(
                store: database, logKey: node.keys.log.verifierKey
            ).run()
            #expect(report.entries >= 6)
            #expect(try database.integrityReport() == "ok")
            try database.close()
        }
    }

    @Test func `an order from outside is carried out once and its refusal told`() async throws {
        try await withNode { node in
            let sponsor = try TestDevice("sponsor")
            let institution = InstitutionAdmitted(
                name: LocalizedText(english: "Hospital"), keys: sponsor.keys, roles: [.sponsor])
            guard case .done = try await node.order(.admit(institution)) else {
                Issue.record("not admitted")
                return
            }
            #expect(try await node.order(.admit(institution)) == .refused(.alreadyEnrolled))
            let stranger = try TestDevice("stranger")
            #expect(
                try await node.order(.fund(stranger.account, Points(1)))
                    == .refused(.accountUnknown))
        }
    }

    @Test func `an order is taken back while it waits, and not once it is carried out`()
        async throws
    {
        try await withFolder { folder in
            let node = try await TestNode(folder: folder)
            let sponsor = try TestDevice("sponsor")
            let institution = InstitutionAdmitted(
                name: LocalizedText(english: "Hospital"), keys: sponsor.keys, roles: [.sponsor])
            try await node.order(.admit(institution))
            try await node.stop()
            let database = try NodeDatabase(path: NodeFolder(path: folder.path).databasePath)
            let waiting = try database.add(.fund(sponsor.account, Points(1)))
            // Who takes one back is told whether it was carried out before.
            #expect(try !database.withdrawOrder(waiting - 1))
            #expect(try database.withdrawOrder(waiting))
            #expect(try !database.withdrawOrder(waiting))
            #expect(try database.openOrders().isEmpty)
            #expect(try database.result(ofOrder: waiting - 1) != nil)
            try database.close()
        }
    }

    @Test func `an order that cannot be read or signed is refused, and the next one carried out`()
        async throws
    {
        try await withNode { node in
            let short = ProgrammeRuled(
                programme: .staffPlan, version: 1, lifetimeMilliseconds: 30 * 86_400_000)
            #expect(try await node.order(.state(nil, .programmeRuled(short))) == .unreadable)
            let long = String(repeating: "a", count: 5_000)
            let offer = RewardOffered(
                reward: try #require(RewardID("tea")),
                title: LocalizedText(english: long, chinese: long), price: Points(1), units: 1,
                isInstant: false)
            #expect(try await node.order(.state(nil, .rewardOffered(offer))) == .unreadable)
            let ruled = ProgrammeRuled(
                programme: .staffPlan, version: 1, lifetimeMilliseconds: 60 * 86_400_000)
            guard case .done = try await node.order(.state(nil, .programmeRuled(ruled))) else {
                Issue.record("not ruled")
                return
            }
        }
    }

    @Test func `a key file others may read is refused`() async throws {
        try await withFolder { folder in
            let place = NodeFolder(path: folder.path)
            _ = try place.create(origin: LedgerBuilder.origin, seed: nil)
            try place.finish()
            #expect(try place.keys().origin == LedgerBuilder.origin)
            try FileManager.default.setAttributes(
                [.posixPermissions: 0o640], ofItemAtPath: folder.appending(path: "log.key").path)
            #expect(throws: NodeFolder.Failure.self) { try place.keys() }
            #expect(throws: NodeFolder.Failure.self) {
                try place.create(origin: LedgerBuilder.origin, seed: nil)
            }
        }
    }

    @Test func `pieces that nobody goes on with are gone after a day, at the next start`()
        async throws
    {
        try await withFolder { folder in
            let records = try RecordFiles(folder: folder.path)
            let owner = try TestDevice("ada").account
            for (number, age) in [(1, 0), (2, 2)] as [(UInt8, Double)] {
                let record = Hash.of([number])
                _ = try records.append([number], at: 0, length: 2, to: record, owner: owner)
                let path = folder.appending(path: "partial/\(record.hex)-\(owner.text)").path
                try FileManager.default.setAttributes(
                    [.modificationDate: Date().addingTimeInterval(-age * 86_400)],
                    ofItemAtPath: path)
            }
            try records.sweep(piecesBefore: Int64(Date().timeIntervalSince1970) - 86_400) { _ in
                true
            }
            #expect(try records.progress(of: Hash.of([1]), owner: owner).offset == 1)
            #expect(try records.progress(of: Hash.of([2]), owner: owner).offset == 0)
        }
    }

    @Test func `nonces are kept again once there is room for a file`() async throws {
        try await withFolder { folder in
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            func files() throws -> NonceFiles {
                try NonceFiles(folder: folder.path, nowSeconds: 100, boot: "boot")
            }
            let kept = try files()
            try kept.remember("one")
            try kept.turn()
            // As a turn leaves it that could not make the new file.
            try FileManager.default.removeItem(at: folder.appending(path: "nonces.now"))
            try kept.turn()
            try kept.remember("two")
            #expect(try files().recalled.nonces == ["one", "two"])
        }
    }

    @Test func `one process decides for a ledger`() async throws {
        try await withFolder { folder in
            let place = NodeFolder(path: folder.path)
            let made = try place.create(origin: LedgerBuilder.origin, seed: nil)
            #expect(throws: NodeFolder.Failure.locked(place.path)) { try place.lock() }
            withExtendedLifetime(made.lock) {}
        }
    }

    private func check(_ folder: URL) async throws -> LedgerCheck.Report {
        let place = NodeFolder(path: folder.path)
        let database = try NodeDatabase(path: place.databasePath)
        defer { try? database.close() }
        return try await LedgerCheck(
            store: database, logKey: try place.keys().log.verifierKey
        ).run()
    }
}

/// The same behaviour of both stores, and what happens when a commit fails.
struct StoreSeamTests {
    enum Kind: String, CaseIterable, Sendable {
        case memory, sqlite
    }

    private func store(_ kind: Kind, _ folder: URL) throws -> any LedgerStore {
        switch kind {
        case .memory: return MemoryLedgerStore()
        case .sqlite:
            try FileManager.default.createDirectory(
                at: folder, withIntermediateDirectories: true)
            return try NodeDatabase(path: folder.appending(path: "ledger.sqlite").path)
        }
    }

    private func sequencer(
        _ store: any LedgerStore, _ clock: ManualClock, keeper: (any CheckpointKeeper)? = nil
    ) async throws -> Sequencer {
        try await Sequencer(
            store: store, records: MemoryRecordStore(),
            keys: .reproducible(origin: LedgerBuilder.origin, seed: 7), clock: clock,
            salts: .reproducible(7), keeper: keeper, logger: Logger(label: "test"))
    }

    @Test func `both stores lead to the same log`() async throws {
        var notes = [[UInt8]]()
        for kind in Kind.allCases {
            try await withFolder { folder in
                let store = try store(kind, folder)
                let clock = ManualClock(LedgerBuilder.start)
                let sequencer = try await sequencer(store, clock)
                try await sequencer.admitOperator(name: LocalizedText(english: "Operator"))
                var sponsor = try TestDevice("sponsor")
                _ = try store.add(
                    .admit(
                        InstitutionAdmitted(
                            name: LocalizedText(english: "H"), keys: sponsor.keys,
                            roles: [.sponsor])))
                async let running: Void = sequencer.run(tickInterval: .milliseconds(5))
                while sequencer.ledger.newest.size < 2 {
                    try await Task.sleep(for: .milliseconds(5))
                }
                let builder = try LedgerBuilder(sponsor: sponsor.account)
                let intake = EntryIntake(ledger: sequencer.ledger)
                let entries = try [
                    sponsor.entry(.projectPublished(builder.terms)),
                    sponsor.entry(.projectPublished(builder.terms)),
                    sponsor.entry(.projectClosed(builder.project)),
                ]
                let decisions = try await sequencer.submit(
                    await intake.candidates(entries.map(\.bytes)))
                guard case .accepted(let published) = decisions[0],
                    case .refused(let refused) = decisions[1], case .accepted = decisions[2]
                else {
                    Issue.record("\(decisions)")
                    return
                }
                await sequencer.stop()
                try await running
                #expect(try store.entry(published.entry.id) == published)
                #expect(try store.refusal(entries[1].id) == refused)
                #expect(try store.refusedEntries() == [entries[1].id])
                #expect(
                    try store.entries(of: .catalogue, after: 2, below: 4, limit: 9).map(\.index)
                        == [2, 3])
                let sizes = try store.checkpointSizes()
                for index in 0..<(sizes.last ?? 0) {
                    #expect(
                        try store.checkpointSize(including: LeafIndex(index))
                            == sizes.first { $0 > index })
                }
                #expect(try store.checkpointSize(including: 99) == nil)
                #expect(try store.entryCount(below: 2) == 2)
                #expect(try store.entryCount(below: 99) == sizes.last)
                #expect(try store.lastEntry(of: .catalogue, below: 3)?.index == 2)
                #expect(
                    try store.entries(about: builder.project, after: 2, below: 9, limit: 9)
                        .map(\.index) == [3])
                #expect(
                    try store.cursors()[sponsor.id]
                        == DeviceCursor(sequence: 3, last: entries[2].id))
                let report = try await LedgerCheck(
                    store: store, logKey: sequencer.keys.log.verifierKey
                ).run()
                #expect(report.entries == 4)
                notes.append(try #require(try store.newestCheckpoint()).note)
                let reopened = try await self.sequencer(store, clock)
                #expect(reopened.ledger.newest == sequencer.ledger.newest)
            }
        }
        #expect(notes[0] == notes[1])
    }

    @Test(arguments: Kind.allCases)
    func `a batch for a log of another size is not written`(kind: Kind) async throws {
        try await withFolder { folder in
            let store = try store(kind, folder)
            let clock = ManualClock(LedgerBuilder.start)
            let first = try await sequencer(store, clock)
            let second = try await sequencer(store, clock)
            try await first.admitOperator(name: LocalizedText(english: "First"))
            let note = try #require(try store.newestCheckpoint()).note
            await #expect(throws: (any Error).self) {
                try await second.admitOperator(name: LocalizedText(english: "Second"))
            }
            #expect(try #require(try store.newestCheckpoint()).note == note)
        }
    }

    @Test(arguments: Kind.allCases)
    func `a wrapped key that is empty or too long is not written`(kind: Kind) async throws {
        try await withFolder { folder in
            let store = try store(kind, folder)
            let builder = try LedgerBuilder(sponsor: TestDevice("sponsor").account)
            let authorization = builder.authorization(of: try TestDevice("ada").account)
            for length in [0, 1, NodeLimits.wrappedKeyBytes, NodeLimits.wrappedKeyBytes + 1] {
                var batch = LedgerBatch(expectedSize: 0)
                let wrapped = [UInt8](repeating: 7, count: length)
                let key = WrappedKey(
                    authorization: authorization, recipient: builder.sponsor, wrapped: wrapped)
                batch.wraps = [StoredWrap(record: Hash.of([1]), key: key)]
                let isGood = (1...NodeLimits.wrappedKeyBytes).contains(length)
                do {
                    try await store.commit(batch)
                    #expect(isGood)
                } catch {
                    #expect(!isGood)
                }
            }
        }
    }

    @Test func `a log that has grown says so, however short the wait`() async throws {
        let clock = SleeplessClock()
        let sequencer = try await Sequencer(
            store: MemoryLedgerStore(), records: MemoryRecordStore(),
            keys: .reproducible(origin: LedgerBuilder.origin, seed: 7), clock: clock,
            salts: .reproducible(7), logger: Logger(label: "test"))
        try await sequencer.admitOperator(name: LocalizedText(english: "Operator"))
        #expect(await sequencer.ledger.growth(beyond: 0, within: .zero) == 1)
        // No wait ran against what is known.
        #expect(clock.sleepCount == 0)
        #expect(await sequencer.ledger.growth(beyond: 1, within: .zero) == nil)
        #expect(clock.sleepCount == 1)
    }

    @Test func `orders are carried out also while every batch is full`() async throws {
        let store = MemoryLedgerStore()
        let clock = ManualClock(LedgerBuilder.start)
        func admit(_ device: TestDevice) throws {
            _ = try store.add(
                .admit(
                    InstitutionAdmitted(
                        name: LocalizedText(english: "H"), keys: device.keys, roles: [.sponsor])))
        }
        let first = try await sequencer(store, clock)
        try await first.admitOperator(name: LocalizedText(english: "Operator"))
        var sponsor = try TestDevice("sponsor")
        try admit(sponsor)
        async let running: Void = first.run(tickInterval: .milliseconds(5))
        _ = await first.ledger.growth(beyond: 1, within: .seconds(20))
        await first.stop()
        try await running

        // A tick is due from the start, and every batch is full.
        let keeper = AdvancingKeeper(clock, steps: [0, Sequencer.tickPatience - 1, 1])
        let second = try await sequencer(store, clock, keeper: keeper)
        let count = Sequencer.batchCount
        var submitted = [Task<[Decision], any Error>]()
        for batch in 1...3 {
            let entries = try (0..<count).map { number in
                let builder = try LedgerBuilder(
                    project: "p-\(batch)-\(number)", sponsor: sponsor.account)
                return try sponsor.entry(.projectPublished(builder.terms))
            }
            let candidates = await EntryIntake(ledger: second.ledger).candidates(
                entries.map(\.bytes))
            submitted.append(Task { try await second.submit(candidates) })
            while await second.waitingCount < batch * count { await Task.yield() }
        }
        try admit(try TestDevice("other"))
        await second.requestTick()
        async let runningAgain: Void = second.run(tickInterval: .seconds(3_600))
        for answers in submitted { _ = try await answers.value }
        await second.stop()
        try await runningAgain
        #expect(
            try store.checkpointSizes() == [1, 2, 2 + count, 2 + 2 * count, 2 + 3 * count + 1])
    }

    /// Lets time pass with each of the first notes that it is given.
    private final class AdvancingKeeper: CheckpointKeeper {
        private let clock: ManualClock
        private let steps: Mutex<[Int64]>

        /// Lets so many milliseconds pass, one number for each note.
        init(_ clock: ManualClock, steps: [Int64]) {
            self.clock = clock
            self.steps = Mutex(steps)
        }

        func newest() -> [UInt8]? { nil }

        func keep(_ note: [UInt8], after previous: [UInt8]?) {
            clock.advance(milliseconds: steps.withLock { $0.isEmpty ? 0 : $0.removeFirst() })
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `who waits while the orders cannot be read is told that it stopped`() async throws {
        try await withFolder { folder in
            let store = try store(.sqlite, folder)
            let sequencer = try await sequencer(store, ManualClock(LedgerBuilder.start))
            try await sequencer.admitOperator(name: LocalizedText(english: "Operator"))
            let queue = try DatabaseQueue(path: folder.appending(path: "ledger.sqlite").path)
            try await queue.write { try $0.execute(sql: "DROP TABLE operator_order") }
            try queue.close()
            let candidates = await EntryIntake(ledger: sequencer.ledger).candidates([[1]])
            let waiting = Task { try await sequencer.submit(candidates) }
            while await sequencer.waitingCount == 0 { await Task.yield() }
            await sequencer.requestTick()
            await #expect(throws: (any Error).self) {
                try await sequencer.run(tickInterval: .milliseconds(5))
            }
            await #expect(throws: SequencerFailure.stopped) { try await waiting.value }
        }
    }

    @Test func `after a failed commit the sequencer ends and answers nobody`() async throws {
        let store = MemoryLedgerStore()
        let sequencer = try await sequencer(store, ManualClock(LedgerBuilder.start))
        try await sequencer.admitOperator(name: LocalizedText(english: "Operator"))
        let sponsor = try TestDevice("sponsor")
        _ = try store.add(
            .admit(
                InstitutionAdmitted(
                    name: LocalizedText(english: "H"), keys: sponsor.keys, roles: [.sponsor])))
        store.fail(with: LedgerStoreError.corrupt("disk"))
        await #expect(throws: LedgerStoreError.corrupt("disk")) {
            try await sequencer.run(tickInterval: .milliseconds(5))
        }
        #expect(sequencer.ledger.newest.size == 1)
        await #expect(throws: SequencerFailure.stopped) {
            try await sequencer.submit([])
        }
    }
}

/// A clock that stands still and whose waits are over at once.
private final class SleeplessClock: NodeClock {
    private let sleeps = Mutex(0)

    var sleepCount: Int { sleeps.withLock { $0 } }

    func now() -> Timestamp { LedgerBuilder.start }

    func sleep(for duration: Duration) async throws { sleeps.withLock { $0 += 1 } }
}
