import Foundation
import LedgerCore
import Logging
import NodeAPI
import NodeSequencer
import NodeStore
import Synchronization
import TestSupport
import Testing

/// Copies of the ledger, and what keeps a log from going on from an old one.
struct RestoreTests {
    @Test func `an old copy put back does not sign, and a newer one goes on`() async throws {
        guard NodeProgram.path != nil else {
            print("skipped: accord-node is not built")
            return
        }
        try await withFolder { folder in
            let kept = folder.deletingLastPathComponent().appending(
                path: "\(folder.lastPathComponent)-kept")
            defer { try? FileManager.default.removeItem(at: kept) }
            try NodeProgram.run(
                "init", folder, "--origin", LedgerBuilder.origin, "--kept", kept.path)
            var server = try NodeProgram(serving: folder)
            var ada = try await server.member("ada", folder)
            let old = folder.appending(path: "old.sqlite").path
            try NodeProgram.run("backup", folder, old)
            try await server.revoke(5, by: &ada)
            let newest = folder.appending(path: "newest.sqlite").path
            try NodeProgram.run("backup", folder, newest)
            #expect(
                try NodeProgram.complaint(3, "restore", folder, newest).contains("another"))
            try server.stop(SIGTERM)
            #expect(server.exitCode == 0)

            // By hand, as somebody in a hurry does it.
            let database = NodeFolder(path: folder.path).databasePath
            let broken = database + ".broken"
            for part in ["", "-wal", "-shm"]
            where FileManager.default.fileExists(atPath: database + part) {
                try FileManager.default.moveItem(
                    atPath: database + part, toPath: broken + part)
            }
            try FileManager.default.copyItem(atPath: old, toPath: database)
            let told = try NodeProgram.complaint(4, "serve", folder, "--listen", "127.0.0.1:0")
            #expect(told.contains("an old copy") && told.contains("accord-node restore"))
            #expect(told.contains("holds 2 entries") && told.contains("for 7"))
            // An order of the operator is signed, too.
            let nobody = String(repeating: "f", count: 32)
            #expect(try NodeProgram.complaint(4, "fund", folder, nobody, "5").contains("old copy"))
            #expect(try NodeProgram.complaint(4, "check", folder).contains("old copy"))

            let refused = try NodeProgram.complaint(4, "restore", folder, old)
            #expect(refused.contains("entries 2 to 6 are lost"))
            let output = try NodeProgram.run("restore", folder, newest)
            #expect(output.contains("restored 7 entries") && output.contains(".before-1"))
            #expect(output.contains("has the keys"))
            server = try NodeProgram(serving: folder)
            try await server.revoke(1, by: &ada)
            try server.stop(SIGTERM)
            #expect(try NodeProgram.run("check", folder).contains("8 entries"))
            // The copy that was the newest is an old one by now.
            #expect(try NodeProgram.complaint(4, "restore", folder, newest).contains("7 to 7"))
            // The database somebody moved away has all but the last entry as well.
            #expect(try NodeProgram.complaint(4, "restore", folder, broken).contains("7 to 7"))

            try FileManager.default.removeItem(at: kept)
            let lost = try NodeProgram.complaint(4, "serve", folder, "--listen", "127.0.0.1:0")
            #expect(lost.contains("is gone"))
            let copy = folder.appending(path: "last.sqlite").path
            try NodeProgram.run("backup", folder, copy)
            #expect(
                try NodeProgram.complaint(4, "restore", folder, copy).contains("--without-kept"))
            try NodeProgram.run("restore", folder, copy, "--without-kept")
            server = try NodeProgram(serving: folder)
            try await server.revoke(1, by: &ada)
            try server.stop(SIGTERM)
            #expect(FileManager.default.fileExists(atPath: kept.path))
        }
    }

    @Test func `what is no whole ledger is not restored and changes nothing`() async throws {
        guard NodeProgram.path != nil else {
            print("skipped: accord-node is not built")
            return
        }
        try await withFolder { folder in
            try NodeProgram.run("init", folder, "--origin", LedgerBuilder.origin)
            let database = NodeFolder(path: folder.path).databasePath
            let before = FileManager.default.contents(atPath: database)
            let noise = folder.appending(path: "noise").path
            try Data((0..<20_000).map { UInt8(truncatingIfNeeded: $0) }).write(
                to: URL(filePath: noise))
            #expect(try NodeProgram.status("restore", folder, noise) != 0)
            #expect(try NodeProgram.status("restore", folder, noise + ".missing") != 0)
            let other = folder.appending(path: "other")
            try NodeProgram.run("init", other, "--origin", LedgerBuilder.origin)
            let foreign = NodeFolder(path: other.path).databasePath
            #expect(try NodeProgram.status("restore", folder, foreign) == 4)
            #expect(FileManager.default.contents(atPath: database) == before)
            #expect(!FileManager.default.fileExists(atPath: database + ".restoring"))
            #expect(try NodeProgram.status("check", folder) == 0)
        }
    }

    @Test func `the kept checkpoint is whole when the last write of it was torn`() async throws {
        try await withFolder { folder in
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            let path = folder.appending(path: "kept").path
            let keys = try NodeKeys.reproducible(origin: LedgerBuilder.origin, seed: 1)
            let logKey = keys.log.verifierKey
            let notes = try (1...3).map { size in
                try keys.log.sign(
                    Checkpoint(origin: LedgerBuilder.origin, size: size, root: .of([])).text
                ).bytes
            }
            #expect(throws: NodeFolder.Failure.keptMissing(path)) {
                try CheckpointFile(path: path, logKey: logKey, isNew: false)
            }
            var file: CheckpointFile? = try CheckpointFile(path: path, logKey: logKey, isNew: true)
            #expect(throws: NodeFolder.Failure.locked(path)) {
                try CheckpointFile(path: path, logKey: logKey, isNew: false)
            }
            try file?.keep(notes[0], after: nil)
            try file?.keep(notes[1], after: notes[0])
            #expect(throws: NodeFolder.Failure.self) {
                try file?.keep(notes[2], after: notes[0])
            }
            try file?.keep(notes[2], after: notes[1])
            file = nil
            #expect(try CheckpointFile.note(at: path, logKey: logKey) == notes[2])
            // The third note stands in the first place.
            func tear(at offset: UInt64) throws {
                let handle = try FileHandle(forUpdating: URL(filePath: path))
                try handle.seek(toOffset: offset)
                try handle.write(contentsOf: Data([0x41, 0x41]))
                try handle.close()
            }
            try tear(at: 100)
            file = try CheckpointFile(path: path, logKey: logKey, isNew: false)
            #expect(try file?.newest() == notes[1])
            try file?.keep(notes[2], after: notes[1])
            file = nil
            try tear(at: 100)
            try tear(at: 4_196)
            #expect(throws: NodeFolder.Failure.self) {
                try CheckpointFile(path: path, logKey: logKey, isNew: false)
            }
        }
    }

    @Test func `a node that ended before its checkpoint was kept starts and keeps it`() async throws
    {
        let keeper = MemoryKeeper()
        let store = MemoryLedgerStore()
        func open() async throws -> Sequencer {
            try await Sequencer(
                store: store, records: MemoryRecordStore(),
                keys: .reproducible(origin: LedgerBuilder.origin, seed: 7),
                clock: ManualClock(LedgerBuilder.start), keeper: keeper,
                logger: Logger(label: "test"))
        }
        keeper.fails = true
        await #expect(throws: MemoryKeeper.Full.self) {
            try await open().admitOperator(name: LocalizedText(english: "Operator"))
        }
        #expect(try store.newestCheckpoint()?.size == 1)
        #expect(try keeper.newest() == nil)
        keeper.fails = false
        let sequencer = try await open()
        #expect(sequencer.ledger.newest.size == 1)
        #expect(try keeper.newest() == store.newestCheckpoint()?.note)
    }

    @Test func `what could not be kept is shown to nobody`() async throws {
        let keeper = MemoryKeeper()
        let store = MemoryLedgerStore()
        let sequencer = try await Sequencer(
            store: store, records: MemoryRecordStore(),
            keys: .reproducible(origin: LedgerBuilder.origin, seed: 7),
            clock: ManualClock(LedgerBuilder.start), keeper: keeper, logger: Logger(label: "test"))
        try await sequencer.admitOperator(name: LocalizedText(english: "Operator"))
        keeper.fails = true
        _ = try store.add(
            .admit(
                InstitutionAdmitted(
                    name: LocalizedText(english: "H"), keys: try TestDevice("sponsor").keys,
                    roles: [.sponsor])))
        await #expect(throws: MemoryKeeper.Full.self) {
            try await sequencer.run(tickInterval: .milliseconds(5))
        }
        #expect(sequencer.ledger.newest.size == 1)
    }

    @Test func `a database with another history is refused`() async throws {
        let keys = try NodeKeys.reproducible(origin: LedgerBuilder.origin, seed: 7)
        let keeper = MemoryKeeper()
        func ledger(_ name: String, _ keeper: MemoryKeeper?) async throws -> MemoryLedgerStore {
            let store = MemoryLedgerStore()
            let sequencer = try await Sequencer(
                store: store, records: MemoryRecordStore(), keys: keys,
                clock: ManualClock(LedgerBuilder.start), keeper: keeper,
                logger: Logger(label: "test"))
            try await sequencer.admitOperator(name: LocalizedText(english: name))
            return store
        }
        _ = try await ledger("One", keeper)
        let other = try await ledger("Another", nil)
        await #expect(throws: SequencerFailure.otherHistory(size: 1)) {
            try await Sequencer(
                store: other, records: MemoryRecordStore(), keys: keys,
                clock: ManualClock(LedgerBuilder.start), keeper: keeper,
                logger: Logger(label: "test"))
        }
        await #expect(throws: SequencerFailure.behind(stored: 0, signed: 1)) {
            try await Sequencer(
                store: MemoryLedgerStore(), records: MemoryRecordStore(), keys: keys,
                clock: ManualClock(LedgerBuilder.start), keeper: keeper,
                logger: Logger(label: "test"))
        }
    }
}

/// Keeps a checkpoint in memory, and can be full.
private final class MemoryKeeper: CheckpointKeeper {
    struct Full: Error {}

    private let content = Mutex<(note: [UInt8]?, fails: Bool)>((nil, false))

    var fails: Bool {
        get { content.withLock { $0.fails } }
        set { content.withLock { $0.fails = newValue } }
    }

    func newest() throws -> [UInt8]? { content.withLock { $0.note } }

    func keep(_ note: [UInt8], after previous: [UInt8]?) throws {
        try content.withLock { content in
            guard !content.fails else { throw Full() }
            #expect(content.note == previous)
            content.note = note
        }
    }
}
