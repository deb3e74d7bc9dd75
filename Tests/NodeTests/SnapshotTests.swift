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

/// Starts that go on from a snapshot, and those that must not.
struct SnapshotTests {
    /// What a node answers about a ledger, as its users see it.
    private func answers(_ node: TestNode, _ ada: TestDevice, _ contribution: Hash) async throws
        -> [[UInt8]]
    {
        var answers = [[UInt8]]()
        for call in [
            .checkpoint, .cataloguePage(after: 0, at: nil), .accountPage(after: 0, at: nil),
            .verdict(of: contribution),
        ] as [NodeCall] {
            let answer = try await node.send(call, as: ada)
            #expect(answer.status == 200)
            answers.append(answer.body)
        }
        return answers
    }

    private func check(_ node: TestNode) async throws -> LedgerCheck.Report {
        let database = try NodeDatabase(path: NodeFolder(path: node.folder.path).databasePath)
        defer { try? database.close() }
        return try await LedgerCheck(store: database, logKey: node.keys.log.verifierKey).run()
    }

    @Test func `a node that was stopped goes on from its snapshot and replays nothing`()
        async throws
    {
        try await withFolder { folder in
            var node = try await TestNode(folder: folder)
            var (sponsor, builder) = try await node.sponsor()
            var (ada, contribution) = try await node.takePart(
                "ada", builder, &sponsor, content: [1, 2, 3])
            let refused = try ada.peek(builder.join)
            _ = try await node.rejection(of: try ada.entry(builder.join))
            let before = try await answers(node, ada, contribution)
            let size = node.sequencer.ledger.newest.size
            try await node.stop()
            let path = NodeFolder(path: folder.path).snapshots.path
            let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions]
            #expect(mode as? Int == 0o600)

            node = try await TestNode(folder: folder, clock: node.clock)
            #expect(await node.sequencer.replayedCount == 0)
            #expect(await node.sequencer.snapshotSize == size)
            #expect(try await answers(node, ada, contribution) == before)
            // What was decided is known, and everything goes on.
            guard case .accepted = try await node.submit(try ada.entry(builder.revoke()))[0],
                case .rejected = try await node.submit(refused)[0]
            else {
                Issue.record("not decided as before")
                return
            }
            let bob = try await node.takePart("bob", builder, &sponsor, content: [4, 5]).device
            #expect(try await node.use(builder, of: bob.account, as: sponsor).status == 200)
            try await node.stop()
            #expect(try await check(node).entries == node.sequencer.ledger.newest.size)
        }
    }

    @Test func `a node that was killed replays what came after its snapshot`() async throws {
        guard NodeProgram.path != nil else {
            print("skipped: accord-node is not built")
            return
        }
        try await withFolder { folder in
            try NodeProgram.run("init", folder, "--origin", LedgerBuilder.origin)
            var server = try NodeProgram(serving: folder)
            var ada = try await server.member("ada", folder)
            try await server.revoke(5, by: &ada)
            try server.stop(SIGTERM)
            for round in 1...3 {
                server = try NodeProgram(serving: folder)
                let metrics = try await server.get("/metrics").text
                #expect(metrics.contains("accord_log_size \(7 + 4 * (round - 1))\n"))
                #expect(metrics.contains("accord_replayed_entries \(4 * (round - 1))\n"))
                #expect(metrics.contains("accord_snapshot_size 7\n"))
                try await server.revoke(4, by: &ada)
                try server.stop(SIGKILL)
            }
            #expect(try NodeProgram.run("check", folder).contains("19 entries"))
        }
    }

    /// What can be wrong with a snapshot.
    enum Wrong: String, CaseIterable, Sendable {
        case cutOff, flippedBit, empty, noise, unreadable, otherFormat, otherKey
        case ahead, otherHistory

        var reason: String {
            switch self {
            case .cutOff, .flippedBit: "malformed"
            case .empty, .noise, .otherFormat: "formatUnknown"
            case .unreadable: "unreadable"
            case .otherKey: "signatureWrong"
            case .ahead: "ahead"
            case .otherHistory: "otherHistory"
            }
        }

        /// Puts what is wrong in the place of a good snapshot.
        func put(at path: String, logKey: VerifierKey, _ signer: NoteSigner) throws {
            let good = Array(try Data(contentsOf: URL(filePath: path)))
            let snapshot = try LedgerSnapshot(verifying: good, logKey: logKey)
            func resigned(_ size: Int, _ root: Hash) throws -> [UInt8] {
                try LedgerSnapshot(
                    origin: snapshot.origin, size: size, root: root, time: snapshot.time,
                    state: LedgerState(), chains: [:]
                ).signed(by: signer)
            }
            var bytes = good
            switch self {
            case .cutOff: bytes.removeLast(bytes.count / 3)
            case .flippedBit: bytes[bytes.count - 40] ^= 1
            case .empty: bytes = []
            case .noise: bytes = (0..<900).map { UInt8(truncatingIfNeeded: $0 * $0) }
            case .otherFormat: bytes[17] = UInt8(ascii: "9")
            case .ahead: bytes = try resigned(snapshot.size + 1, snapshot.root)
            case .otherHistory: bytes = try resigned(snapshot.size, .of([1]))
            case .otherKey:
                bytes = try snapshot.signed(
                    by: NoteSigner(
                        name: snapshot.origin, seed: [UInt8](repeating: 9, count: 32)))
            case .unreadable:
                try FileManager.default.removeItem(atPath: path)
                try FileManager.default.createDirectory(
                    atPath: path, withIntermediateDirectories: false)
                return
            }
            try Data(bytes).write(to: URL(filePath: path))
        }
    }

    @Test(arguments: Wrong.allCases)
    func `a snapshot that does not fit is not used`(wrong: Wrong) async throws {
        try await withFolder { folder in
            var node = try await TestNode(folder: folder)
            var (sponsor, builder) = try await node.sponsor()
            var (ada, contribution) = try await node.takePart(
                "ada", builder, &sponsor, content: [1, 2, 3])
            let before = try await answers(node, ada, contribution)
            let size = node.sequencer.ledger.newest.size
            try await node.stop()
            let path = NodeFolder(path: folder.path).snapshots.path
            try wrong.put(at: path, logKey: node.keys.log.verifierKey, node.keys.log)

            let log = LogTrap()
            node = try await TestNode(
                folder: folder, clock: node.clock, logger: Logger(label: "test") { _ in log })
            #expect(await node.sequencer.replayedCount == size)
            let told = log.lines.filter { $0.contains("snapshot") }
            #expect(told.count == 1 && told[0].contains(wrong.reason), "\(told)")
            #expect(try await answers(node, ada, contribution) == before)
            try await node.accept(try ada.entry(builder.revoke()))
            try await node.stop()
            guard wrong != .unreadable else { return }
            // The next start has a good one again.
            node = try await TestNode(folder: folder, clock: node.clock)
            #expect(await node.sequencer.replayedCount == 0)
            try await node.stop()
            #expect(try await check(node).entries == size + 1)
        }
    }

    @Test func `an older copy of the database does not use a newer snapshot`() async throws {
        try await withFolder { folder in
            var node = try await TestNode(folder: folder)
            let (_, builder) = try await node.sponsor()
            var ada = try await node.member("ada")
            let old = folder.appending(path: "old.sqlite").path
            try node.database.backUp(to: old)
            let size = node.sequencer.ledger.newest.size
            for _ in 0..<4 { try await node.accept(try ada.entry(builder.revoke())) }
            try await node.stop()
            let place = NodeFolder(path: folder.path)
            for part in ["", "-wal", "-shm"] {
                try FileManager.default.removeItem(atPath: place.databasePath + part)
            }
            try FileManager.default.copyItem(atPath: old, toPath: place.databasePath)

            // It goes on with other entries, beyond the size of the snapshot.
            node = try await TestNode(folder: folder, clock: node.clock)
            #expect(await node.sequencer.replayedCount == size)
            var bob = try await node.member("bob")
            for _ in 0..<5 { try await node.accept(try bob.entry(builder.revoke())) }
            let path = place.snapshots.path
            let ofOther = try Data(contentsOf: URL(filePath: path))
            try await node.stop()
            try ofOther.write(to: URL(filePath: path))
            node = try await TestNode(folder: folder, clock: node.clock)
            #expect(await node.sequencer.replayedCount == size + 6)
            try await node.stop()
        }
    }

    @Test(arguments: [
        "UPDATE leaf SET data = zeroblob(32) WHERE idx = 0",
        "UPDATE leaf SET data = zeroblob(32) WHERE idx = (SELECT max(idx) FROM leaf)",
        "DELETE FROM leaf WHERE idx = (SELECT max(idx) FROM leaf)",
        "DELETE FROM leaf WHERE idx = 2", "DELETE FROM entry WHERE idx = 3",
    ])
    func `damage to leaves stops the node though there is a snapshot`(sql: String) async throws {
        try await withFolder { folder in
            let node = try await TestNode(folder: folder)
            _ = try await node.sponsor()
            try await node.stop()
            try await change(folder, sql)
            await #expect(throws: SequencerFailure.self) {
                let database = try NodeDatabase(path: NodeFolder(path: folder.path).databasePath)
                _ = try await Sequencer(
                    store: database, records: MemoryRecordStore(), keys: node.keys,
                    clock: node.clock, snapshots: NodeFolder(path: folder.path).snapshots,
                    logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
            }
        }
    }

    /// Under a snapshot entries are not read: leaves say what was recorded, and whether the text of an
    /// entry is still that is looked at by the check.
    @Test func `an entry damaged below the snapshot is found by the check`() async throws {
        try await withFolder { folder in
            var node = try await TestNode(folder: folder)
            _ = try await node.sponsor()
            try await node.stop()
            try await change(folder, "UPDATE entry SET salt = zeroblob(32) WHERE idx = 1")
            node = try await TestNode(folder: folder, clock: node.clock)
            #expect(await node.sequencer.replayedCount == 0)
            try await node.stop()
            await #expect(throws: SequencerFailure.self) { try await check(node) }
        }
    }

    private func change(_ folder: URL, _ sql: String) async throws {
        let queue = try DatabaseQueue(path: NodeFolder(path: folder.path).databasePath)
        try await queue.writeWithoutTransaction { database in
            try database.execute(sql: "PRAGMA foreign_keys = OFF")
            try database.execute(sql: sql)
            #expect(database.changesCount > 0)
        }
        try queue.close()
    }

    @Test func `a node that grows keeps snapshots while it runs`() async throws {
        try await withFolder { folder in
            let keeper = CountingKeeper()
            let node = try await TestNode(folder: folder, snapshots: keeper, snapshotInterval: 8)
            let (_, builder) = try await node.sponsor()
            var ada = try await node.member("ada")
            for _ in 0..<60 { try await node.accept(try ada.entry(builder.revoke())) }
            let size = node.sequencer.ledger.newest.size
            try await node.stop()
            let sizes = try keeper.kept.map {
                try LedgerSnapshot(verifying: $0, logKey: node.keys.log.verifierKey).size
            }
            // By eight at least, by a quarter later, and the last one is of everything.
            #expect(sizes.count > 4 && sizes.count < 9, "\(sizes)")
            for (one, next) in zip(sizes, sizes.dropFirst().dropLast()) {
                #expect(next - one >= max(8, next / 4), "\(sizes)")
            }
            #expect(sizes.last == size)
        }
    }

    @Test func `a snapshot that cannot be written is told once and harms nothing`() async throws {
        try await withFolder { folder in
            let log = LogTrap()
            let keeper = CountingKeeper()
            keeper.isFull.withLock { $0 = true }
            var node = try await TestNode(
                folder: folder, logger: Logger(label: "test") { _ in log }, snapshots: keeper,
                snapshotInterval: 4)
            let (_, builder) = try await node.sponsor()
            var ada = try await node.member("ada")
            for _ in 0..<30 { try await node.accept(try ada.entry(builder.revoke())) }
            let size = node.sequencer.ledger.newest.size
            try await node.stop()
            #expect(log.lines.count { $0.contains("snapshot") } == 1, "\(log.text)")
            #expect(keeper.tries > 2)
            keeper.isFull.withLock { $0 = false }
            node = try await TestNode(folder: folder, clock: node.clock, snapshots: keeper)
            #expect(await node.sequencer.replayedCount == size)
            try await node.stop()
        }
    }

    @Test func `a file that cannot be written leaves the one before`() async throws {
        try await withFolder { folder in
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            let file = SnapshotFile(path: folder.appending(path: "s").path)
            #expect(try file.newest() == nil)
            try file.keep([1, 2, 3])
            #expect(try file.newest() == [1, 2, 3])
            let long = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0) }
            try file.keep(long)
            #expect(try file.newest() == long)
            // A folder stands where it is written.
            try FileManager.default.createDirectory(
                atPath: file.path + ".writing", withIntermediateDirectories: false)
            #expect(throws: SnapshotFile.Failure.self) { try file.keep([4]) }
            #expect(try file.newest() == long)
        }
    }
}

/// Keeps every snapshot, and can be full.
private final class CountingKeeper: SnapshotKeeper {
    private struct Full: Error {}

    let isFull = Mutex(false)
    private let content = Mutex<(kept: [[UInt8]], tries: Int)>(([], 0))

    var kept: [[UInt8]] { content.withLock { $0.kept } }
    var tries: Int { content.withLock { $0.tries } }

    func newest() throws -> [UInt8]? { kept.last }

    func keep(_ snapshot: [UInt8]) throws {
        let isFull = isFull.withLock { $0 }
        try content.withLock { content in
            content.tries += 1
            guard !isFull else { throw Full() }
            content.kept.append(snapshot)
        }
    }
}
