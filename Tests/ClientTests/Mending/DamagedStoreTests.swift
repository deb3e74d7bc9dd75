import ClientStore
import Foundation
import GRDB
import LedgerCore
import NodeAPI
import NodeSequencer
import SyncCore
import SyncEngine
import TestSupport
import Testing

/// A damaged database mends: what was signed is saved, nothing is shown that is not so.
@Suite(.serialized) struct DamagedStoreTests {
    /// How many images are damaged; `DAMAGED_IMAGES` asks for more.
    static let count = UInt64(ProcessInfo.processInfo.environment["DAMAGED_IMAGES"] ?? "") ?? 560

    @Test func `damaged images mend, keep what was signed, and show nothing false`()
        async throws
    {
        let template = try await DamageTemplate()
        defer { template.remove() }
        var (intact, saved, mended) = (0, 0, 0)
        for seed in 0..<DamagedStoreTests.count {
            let damage = Damage(template, seed: seed)
            let folder = try template.lay(damage.files)
            defer { try? FileManager.default.removeItem(atPath: folder) }
            let name = "seed \(seed), \(damage.kind)"
            do {
                let (store, hasMended) = try await usable(
                    folder, template, isSynchronised: seed % 3 == 0, name)
                if hasMended { mended += 1 }
                let expected = damage.intact(template)
                let kept = try kept(in: store)
                intact += expected.count
                saved += expected.intersection(kept).count
                let isRevocationLost =
                    expected.contains(template.revocation) && !kept.contains(template.revocation)
                #expect(!isRevocationLost, "\(name): the revocation is lost")
            } catch {
                Issue.record("\(name): \(error)")
            }
        }
        print("damaged images: \(DamagedStoreTests.count), mended: \(mended),", terminator: " ")
        print("intact entries: \(intact), saved: \(saved)")
        #expect(mended > DamagedStoreTests.count / 4)
        #expect(saved * 100 >= intact * 99)
    }

    /// Opens a damaged store as a person does: once more where it says that it is damaged.
    private func usable(
        _ folder: String, _ template: DamageTemplate, isSynchronised: Bool, _ name: String
    ) async throws -> (ClientStore, hasMended: Bool) {
        var hasMended = false
        for isLast in [false, true] {
            let store = try ClientStore(
                directory: folder, clock: { TestMember.now }, keys: template.device.keys,
                surroundings: .folder(boot: "after"))
            hasMended = hasMended || store.mending != nil
            do {
                try expectTruth(in: store, template, name)
                if isSynchronised { try await expectRebuilt(store, template, name) }
                return (store, hasMended)
            } catch let failure as StoreFailure where failure.code == .corrupt && !isLast {
                continue
            }
        }
        throw CancellationError()
    }

    /// Everything that was signed here and is still known: on its way, refused, or recorded.
    private func kept(in store: ClientStore) throws -> Set<Hash> {
        Set(
            try store.activity(ActivityQuery(), offset: 0, limit: 500).lines.map(\.entry))
    }

    /// What is shown as recorded is in the ledger, and everything else can be read.
    private func expectTruth(
        in store: ClientStore, _ template: DamageTemplate, _ name: String
    ) throws {
        let page = try store.activity(ActivityQuery(), offset: 0, limit: 500)
        for line in page.lines {
            guard let index = line.index else { continue }
            let recorded = template.ledger.recorded[Int(index)].entry
            #expect(recorded.id == line.entry, "\(name): shown at #\(index)")
            #expect(try recorded.payload().body == line.body, "\(name): shown at #\(index)")
        }
        _ = try store.projects(ProjectQuery(), offset: 0, limit: 50)
        _ = try store.authorizations(at: TestMember.now)
        for record in try store.records() {
            #expect(try store.sealedBytes(of: Hash.of(template.record)) == template.record)
            #expect(record.rowCount == 9, "\(name)")
        }
    }

    /// With the node back everything is there again, and each decision once.
    private func expectRebuilt(
        _ store: ClientStore, _ template: DamageTemplate, _ name: String
    ) async throws {
        guard try store.enrolment() != nil else { return }
        let kept = try kept(in: store)
        let node = template.node()
        let engine = SyncEngine(
            store: store, node: node, clock: SyncClock(now: { TestMember.now }))
        let outcome = await engine.syncOnce()
        // What the engine met in the store shows when it is read.
        if outcome != .complete { try expectTruth(in: store, template, name) }
        #expect(outcome == .complete, "\(name): \(outcome)")
        #expect(try store.undecided(limit: 9).isEmpty, "\(name)")
        let ledger = node.change { $0.ledger }
        let ids = ledger.recorded.map(\.entry.id)
        #expect(Set(ids).count == ids.count, "\(name): recorded twice")
        for entry in kept {
            let state = try store.activity(entry: entry)?.state
            #expect(state == .proven || state == .rejected, "\(name): \(String(describing: state))")
        }
        let size = try store.status().verifiedSize
        #expect(size == Int64(ledger.log.size), "\(name)")
    }

    @Test func `what the vault did not sign and what was taken back is not sent`() async throws {
        let template = try await DamageTemplate()
        defer { template.remove() }
        let folder = try template.lay(template.files)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        var store: ClientStore? = try ClientStore(
            directory: folder, clock: { TestMember.now }, keys: template.device.keys,
            surroundings: .folder(boot: "after"))
        #expect(store?.mending == nil)
        let last = try #require(template.waiting.last)
        #expect(try store?.withdraw(last.id) == .done)
        store = nil
        let queue = try DatabaseQueue(path: folder + "/accord.sqlite")
        let forged = try await queue.write { db in
            let row = try #require(
                try Row.fetchOne(db, sql: "SELECT id, jws FROM outbox ORDER BY seq LIMIT 1"))
            var bytes = [UInt8](row[1] as Data)
            bytes[bytes.count - 2] = bytes[bytes.count - 2] == 0x41 ? 0x42 : 0x41
            try db.execute(
                sql: "UPDATE outbox SET jws = ? WHERE id = ?",
                arguments: [Data(bytes), row[0] as Data])
            return row[0] as Data
        }
        try queue.close()
        try template.breakOff(folder)
        let mended = try ClientStore(
            directory: folder, clock: { TestMember.now }, keys: template.device.keys,
            surroundings: .folder(boot: "later"))
        let mending = try #require(mended.mending)
        #expect(mending.decisions == template.waiting.count - 2)
        #expect(mending.missing == 1)
        #expect(mending.revocations == 1 && mending.records == 1 && mending.isEnrolled)
        let kept = try (mended.promised() + mended.undecided(limit: 99)).map(\.entry.id)
        #expect(!kept.contains(last.id) && !kept.map(\.data).contains(forged))
        #expect(
            FileManager.default.fileExists(atPath: mending.folder + "/accord.sqlite"))
        // A damaged file keeps what is erased from the mended one: once the stop is recorded it goes.
        let engine = SyncEngine(
            store: mended, node: template.node(), clock: SyncClock(now: { TestMember.now }))
        #expect(await engine.syncOnce() == .complete)
        #expect(!FileManager.default.fileExists(atPath: mending.folder))
    }

    @Test func `what a newer program wrote is read, and never mended`() async throws {
        let template = try await DamageTemplate()
        defer { template.remove() }
        let folder = try template.lay(template.files)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let path = folder + "/accord.sqlite"
        let queue = try DatabaseQueue(path: path)
        try await queue.write { db in
            try db.execute(sql: "UPDATE meta SET value = 99 WHERE key = 'schema'")
            // As if it meant something else there.
            try db.execute(sql: "UPDATE cursor SET aseq = aseq + 1")
        }
        try queue.close()
        var store: ClientStore? = try template.open(folder)
        #expect(store?.mending == nil)
        #expect(try store?.enrolment() != nil)
        let refused = #expect(throws: StoreFailure.self) {
            try store?.agree(onWireVersion: 1)
        }
        #expect(refused?.code == .readOnly)
        store = nil
        // Damaged, it is left to the program that knows it.
        var bytes = [UInt8](try Data(contentsOf: URL(filePath: path)))
        for place in 40..<100 { bytes[place] = 0xff }
        try Data(bytes).write(to: URL(filePath: path))
        try template.breakOff(folder)
        let left = #expect(throws: StoreFailure.self) { _ = try template.open(folder) }
        #expect(left?.code == .readOnly)
        #expect(try [UInt8](Data(contentsOf: URL(filePath: path))) == bytes)
        let names = try FileManager.default.contentsOfDirectory(atPath: folder)
        #expect(!names.contains { $0.hasPrefix("damaged-") || $0.hasSuffix(".mended") })
    }

    @Test func `witnesses stay asked for, and damaged files go with a record that is erased`()
        async throws
    {
        let template = try await DamageTemplate()
        defer { template.remove() }
        let folder = try template.lay(template.files)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let hall = try WitnessHall(
            count: 3, needed: 2, log: template.ledger.signer.verifierKey,
            clock: ManualClock(TestMember.now))
        var store: ClientStore? = try template.open(folder)
        try store?.setWitnessPolicy(hall.policy)
        store = nil
        // What the last process says when it met damage.
        try Data("damaged after".utf8).write(to: URL(filePath: folder + "/store.lock"))
        store = try template.open(folder)
        let mending = try #require(store?.mending)
        #expect(try store?.witnessPolicy() == hall.policy && !mending.areWitnessesLost)
        #expect(try store?.status().needsWitnesses == true)
        #expect(FileManager.default.fileExists(atPath: mending.folder))
        let record = try #require(try store?.records().first?.id)
        try store?.deleteRecord(record)
        #expect(!FileManager.default.fileExists(atPath: mending.folder))
        store = nil

        let queue = try DatabaseQueue(path: folder + "/accord.sqlite")
        try await queue.write { db in
            try db.execute(
                sql: "UPDATE meta SET value = ? WHERE key = 'witness_policy'",
                arguments: [Data("quorum".utf8)])
        }
        try queue.close()
        try Data("damaged after".utf8).write(to: URL(filePath: folder + "/store.lock"))
        store = try template.open(folder)
        #expect(store?.mending?.areWitnessesLost == true)
        #expect(try store?.witnessPolicy() == nil)
    }

    @Test func `drafts are kept, those of a program that asked for no links too`() async throws {
        let template = try await DamageTemplate()
        defer { template.remove() }
        let folder = try template.lay(template.files)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let projects = ["gut-2", "heart-7"].compactMap { ProjectID($0) }
        let drafts = projects.enumerated().map { number, project in
            ConsentDraft(
                project: project, terms: .zero, kinds: [.clinical], purposes: [.healthResearch],
                links: number == 0 ? [] : projects, until: TestMember.now, step: number,
                changedAt: TestMember.now)
        }
        var store: ClientStore? = try template.open(folder)
        try store?.keepDraft(drafts[0])
        store = nil
        // The column comes later: the row in the file stays as short as it was written.
        try OlderFormat.take(folder, backTo: 9)
        store = try template.open(folder)
        #expect(store?.mending == nil)
        try store?.keepDraft(drafts[1])
        store = nil
        try Data("damaged after".utf8).write(to: URL(filePath: folder + "/store.lock"))
        store = try template.open(folder)
        #expect(store?.mending != nil)
        let kept = try projects.compactMap { try store?.consentDraft(about: $0) }
        #expect(kept == drafts)
    }

    @Test func `what only this machine refused is told of, and its numbers are free`()
        async throws
    {
        let template = try await DamageTemplate()
        defer { template.remove() }
        let folder = try template.lay(template.files)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let device = template.device.keys.device
        var store: ClientStore? = try template.open(folder)
        let place = OutboxCursor(device: device, nextSequence: 5, previous: Hash.of([1]))
        let count = try store?.renumber(to: place, at: TestMember.now) {
            try Entry.signed($0, with: template.device.key)
        }
        // All but the revocation, which is signed anew.
        let refused = try #require(count) - 1
        #expect(refused > 1)
        #expect(try store?.status().unreadRefusals == refused)
        let cursor = try store?.cursor(of: device)
        #expect(cursor?.nextSequence == 6)
        store = nil
        try Data("damaged after".utf8).write(to: URL(filePath: folder + "/store.lock"))
        store = try template.open(folder)
        #expect(store?.mending?.missing == 0)
        #expect(try store?.status().unreadRefusals == refused)
        #expect(try store?.cursor(of: device) == cursor)
    }

    @Test func `a refusal whose rule was damaged is still told of`() async throws {
        let member = try TestMember(.withProjects())
        defer { member.remove() }
        let entry = try member.join("full")
        try member.store.settle(
            [(entry, .rejected(code: 13, receipt: []))], at: TestMember.now)
        let queue = try DatabaseQueue(path: member.directory + "/accord.sqlite")
        try await queue.write { try $0.execute(sql: "UPDATE refusal SET code = 70000") }
        try queue.close()
        let line = try #require(try member.store.activity(entry: entry))
        #expect(line.state == .rejected && line.rejection == nil)
    }

    @Test func `a mended machine notices that the ledger went back`() async throws {
        let template = try await DamageTemplate()
        defer { template.remove() }
        var files = template.files
        // The names of the tables are gone, and with them everything SQLite can find.
        for place in 40..<DamageTemplate.pageSize { files.database[place] = 0xff }
        files.log = []
        let folder = try template.lay(files)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let store = try ClientStore(
            directory: folder, clock: { TestMember.now }, keys: template.device.keys,
            surroundings: .folder(boot: "after"))
        guard try store.checkpointNote(atMost: .max) != nil else {
            Issue.record("no checkpoint was saved")
            return
        }
        let enrolment = try #require(
            template.ledger.recorded.first {
                $0.chain == .account(template.device.account)
            }?.entry)
        let node = template.node()
        try node.change { node in
            try node.ledger.rollBack(to: 4)
            // It knows the device, or would not answer it at all.
            try node.ledger.record(enrolment)
            for number in 0..<40 { try node.ledger.publish("other-\(number)") }
        }
        let engine = SyncEngine(
            store: store, node: node, clock: SyncClock(now: { TestMember.now }))
        #expect(
            await engine.syncOnce() == .frozen(reason: Alarm.notConsistent.explanation))
    }

    @Test(arguments: [
        "DELETE FROM cursor", "UPDATE cursor SET aseq = aseq + 1",
        "DELETE FROM cursor; DELETE FROM meta WHERE key = 'verified_size'",
        "DELETE FROM checkpoint WHERE size = (SELECT max(size) FROM checkpoint)",
    ])
    func `a node is not blamed for what this disk did`(damage: String) async throws {
        let template = try await DamageTemplate()
        defer { template.remove() }
        let folder = try template.lay(template.files)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let node = template.node()
        func sync() async throws -> (SyncOutcome, hasMended: Bool, frozen: String?) {
            let store = try ClientStore(
                directory: folder, clock: { TestMember.now }, keys: template.device.keys,
                surroundings: .folder(boot: "after"))
            let engine = SyncEngine(
                store: store, node: node, clock: SyncClock(now: { TestMember.now }))
            let outcome = await engine.syncOnce()
            return (outcome, store.mending != nil, try store.frozenReason())
        }
        #expect(try await sync().0 == .complete)
        // The file was closed in good order: nothing is looked through before it is used.
        let queue = try DatabaseQueue(path: folder + "/accord.sqlite")
        try await queue.write { db in
            try db.execute(sql: damage)
        }
        try queue.close()
        try node.change { try $0.ledger.publish("more") }
        let met = try await sync()
        #expect(met.0 != .complete && !met.hasMended && met.frozen == nil)
        let mended = try await sync()
        #expect(mended.0 == .complete && mended.hasMended && mended.frozen == nil)
    }

    @Test func `mending that was killed is finished or done again`() async throws {
        let template = try await DamageTemplate()
        defer { template.remove() }
        var files = template.files
        files.database[DamageTemplate.pageSize..<DamageTemplate.pageSize * 2] = ArraySlice(
            repeating: 0, count: DamageTemplate.pageSize)
        let folder = try template.lay(files)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        func open(_ boot: String) throws -> ClientStore {
            try ClientStore(
                directory: folder, clock: { TestMember.now }, keys: template.device.keys,
                surroundings: .folder(boot: boot))
        }
        // A draft that was not finished is thrown away.
        try Data("half".utf8).write(to: URL(filePath: folder + "/accord.sqlite.draft"))
        var store: ClientStore? = try open("first")
        let count = try #require(store?.mending?.decisions)
        #expect(count == template.waiting.count)
        store = nil
        // Killed after the new database was complete and before it was put in its place.
        let path = folder + "/accord.sqlite"
        try FileManager.default.moveItem(atPath: path, toPath: path + ".mended")
        try Data(files.database).write(to: URL(filePath: path))
        try Data(files.log).write(to: URL(filePath: path + "-wal"))
        store = try open("second")
        #expect(store?.mending == nil)
        #expect(
            try store.map { try $0.promised().count + $0.undecided(limit: 99).count } == count)
    }

    @Test func `a revocation is stored on a full disk, and nothing else is`() async throws {
        try await withSmallDisk { mount in
            let member = try TestMember(.withProjects(), directory: mount + "/data")
            #expect(access(mount + "/data/ballast", F_OK) == 0)
            fill(mount)
            let failure = #expect(throws: StoreFailure.self) {
                for _ in 0..<40 { _ = try member.join("sleep") }
            }
            #expect(failure?.code == .full)
            let before = try member.store.undecided(limit: 99).count
            let stop = try revocation
            try member.queue(stop)
            let waiting = try member.store.undecided(limit: 99)
            #expect(waiting.count == before + 1)
            #expect(try waiting.last?.entry.payload().body.kind == .authorizationRevoked)
            #expect(access(mount + "/data/ballast", F_OK) != 0)
        }
    }

    @Test func `a revocation that waits leaves on a full disk`() async throws {
        try await withSmallDisk { mount in
            let member = try await synced(mount)
            let stop = try revocation
            let revoked = try member.queue(stop)[0]
            fill(mount, member)
            _ = await member.engine.syncOnce()
            let sent = member.node.change { $0.ledger.recorded.map(\.entry.id) }
            #expect(sent.contains(revoked))
        }
    }

    @Test func `a broken promise is noted on a full disk`() async throws {
        try await withSmallDisk { mount in
            let member = try await synced(mount)
            fill(mount, member)
            member.node.change { node in
                node.bendCheckpoint = { ledger in
                    try ledger.signer.sign(
                        Checkpoint(
                            origin: ledger.origin, size: ledger.log.size, root: Hash.of([7])
                        ).text)
                }
            }
            #expect(
                await member.engine.syncOnce() == .frozen(reason: Alarm.fork.explanation))
            #expect(try member.store.evidencePath() != nil)
        }
    }

    private var revocation: EntryBody {
        get throws {
            let project = try #require(ProjectID("sleep"))
            return .authorizationRevoked(
                AuthorizationRevoked(project: project, major: 1, mode: .stop))
        }
    }

    private func synced(_ mount: String) async throws -> TestMember {
        let member = try TestMember(.withProjects(), directory: mount + "/data")
        #expect(await member.engine.syncOnce() == .complete)
        return member
    }

    /// Fills a disk, and what the log of SQLite has of it.
    private func fill(_ mount: String, _ member: TestMember? = nil) {
        let filler = open(mount + "/filler", O_WRONLY | O_CREAT, 0o600)
        let zeros = [UInt8](repeating: 0, count: 4_096)
        while write(filler, zeros, zeros.count) > 0 {}
        close(filler)
        guard let store = member?.store else { return }
        let failure = #expect(throws: StoreFailure.self) {
            for _ in 0..<400 { try store.keepNotice("full", tone: .done, at: TestMember.now) }
        }
        #expect(failure?.code == .full)
    }

    /// Calls `body` with a folder on a small disk, where one can be mounted.
    private func withSmallDisk(_ body: (String) async throws -> Void) async throws {
        let mount = "/tmp/accord-full-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: mount, withIntermediateDirectories: true)
        defer { rmdir(mount) }
        func run(_ program: String, _ arguments: String...) -> Int32 {
            let process = Process()
            process.executableURL = URL(filePath: program)
            process.arguments = arguments
            process.standardError = FileHandle.nullDevice
            guard (try? process.run()) != nil else { return -1 }
            process.waitUntilExit()
            return process.terminationStatus
        }
        guard run("/usr/bin/mount", "-t", "tmpfs", "-o", "size=24m", "none", mount) == 0 else {
            print("skipped: a small disk cannot be mounted here")
            return
        }
        defer { _ = run("/usr/bin/umount", "-l", mount) }
        try await body(mount)
    }
}

extension Hash {
    fileprivate var data: Data { Data(bytes) }
}
