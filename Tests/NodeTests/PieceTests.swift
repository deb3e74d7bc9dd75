import Foundation
import GRDB
import LedgerCore
import NodeAPI
import NodeSequencer
import NodeStore
import TestSupport
import Testing

/// A node that keeps the roots of the pieces of its tree, lets go of what lies below them, and starts on
/// them.
struct PieceTests {
    /// Makes a ledger of some hundred entries, its roots kept every 16 leaves.
    private func withGrown(
        interval: Int = 16,
        _ body: (URL, TestNode, inout TestDevice, LedgerBuilder) async throws -> Void
    ) async throws {
        try await withFolder { folder in
            let node = try await TestNode(folder: folder, pieceInterval: interval)
            let (_, builder) = try await node.sponsor()
            var ada = try await node.member("ada")
            for _ in 0..<90 { try await node.accept(try ada.entry(builder.revoke())) }
            try await body(folder, node, &ada, builder)
        }
    }

    /// Compares what a node says of its tree with a log that holds all leaves.
    private func expectWholeTree(_ node: TestNode) throws {
        let ledger = node.sequencer.ledger
        let size = ledger.newest.size
        let leaves = try node.database.leaves(from: 0, to: LeafIndex(size))
        let log = MerkleLog(leafHashes: leaves.map { MerkleTree.leafHash($0) })
        for end in 1...size {
            #expect(
                try ledger.inclusion(of: (0..<end).map { LeafIndex($0) }, size: end)
                    == (0..<end).map { try log.inclusionProof(index: $0, size: end) })
            #expect(
                try ledger.consistency(old: end, new: size)
                    == log.consistencyProof(old: end, new: size).hashes)
            #expect(try ledger.firstSize(including: LeafIndex(end - 1)) == end)
        }
        #expect(
            try ledger.tile(level: 0, index: 0, width: size)
                == log.tile(level: 0, index: 0, width: size))
        #expect(try ledger.inclusion(of: [LeafIndex(size)], size: size) == nil)
        #expect(try ledger.consistency(old: size + 1, new: size) == nil)
        #expect(try ledger.firstSize(including: LeafIndex(size)) == nil)
    }

    private func change(_ folder: URL, _ sql: String) async throws {
        let queue = try DatabaseQueue(path: NodeFolder(path: folder.path).databasePath)
        try await queue.write { database in
            try database.execute(sql: sql)
            #expect(database.changesCount > 0)
        }
        try queue.close()
    }

    @Test func `what a tree let go of is answered all the same, before and after a start`()
        async throws
    {
        try await withGrown { folder, node, ada, builder in
            try expectWholeTree(node)
            let runs = try node.database.pieceRuns()
            #expect(runs.map(\.start) == Array(stride(from: 0, to: 16 * runs.count, by: 16)))
            #expect(runs.count == node.sequencer.ledger.newest.size / 16)
            try await node.stop()

            let again = try await TestNode(folder: folder, clock: node.clock, pieceInterval: 16)
            #expect(await again.sequencer.replayedCount == 0)
            try expectWholeTree(again)
            for _ in 0..<20 { try await again.accept(try ada.entry(builder.revoke())) }
            try expectWholeTree(again)
            try await again.stop()
        }
    }

    @Test(arguments: [
        "DELETE FROM piece_run", "DELETE FROM piece_run WHERE start = 32",
        "UPDATE piece_run SET roots = zeroblob(32)",
        "UPDATE piece_run SET roots = zeroblob(64) WHERE start = 48",
    ])
    func `roots that are missing or wrong cost a start time, and are kept anew`(sql: String)
        async throws
    {
        try await withGrown { folder, node, ada, builder in
            let roots = try node.database.pieceRuns().flatMap(\.roots)
            try await node.stop()
            try await change(folder, sql)
            let again = try await TestNode(folder: folder, clock: node.clock, pieceInterval: 16)
            try expectWholeTree(again)
            for _ in 0..<32 { try await again.accept(try ada.entry(builder.revoke())) }
            #expect(try again.database.pieceRuns().flatMap(\.roots).starts(with: roots))
            try expectWholeTree(again)
            try await again.stop()
        }
    }

    @Test(arguments: [
        "UPDATE leaf SET data = zeroblob(32) WHERE idx = 3", "DELETE FROM entry WHERE idx = 40",
    ])
    func `damage below kept roots ends a node of a large ledger soon after its start`(sql: String)
        async throws
    {
        // So small an interval that this ledger is a large one.
        try await withGrown(interval: 1) { folder, node, _, _ in
            try await node.stop()
            try await change(folder, sql)
            let again = try await TestNode(folder: folder, clock: node.clock, pieceInterval: 1)
            await #expect(throws: SequencerFailure.self) { try await again.ended() }
        }
    }

    @Test func `a proof that rests on a damaged leaf is not given`() async throws {
        try await withGrown { _, node, _, _ in
            let ledger = node.sequencer.ledger
            let size = ledger.newest.size
            let entries = try node.database.entries(from: 0, limit: size)
            try await change(node.folder, "UPDATE leaf SET data = zeroblob(32) WHERE idx = 3")
            #expect(throws: SequencerFailure.self) { try ledger.inclusion(of: [2], size: size) }
            #expect(try await node.send(.verdict(of: entries[2].entry.id)).status == 500)
            #expect(try await node.send(.verdict(of: entries[20].entry.id)).status == 200)
            #expect(try ledger.inclusion(of: [20], size: size) != nil)
            try await node.stop()
        }
    }

    @Test func `a start from an older snapshot does not make later ones read leaves`() async throws
    {
        try await withGrown(interval: 64) { folder, node, ada, builder in
            let snapshots = NodeFolder(path: folder.path).snapshots
            func start() async throws -> TestNode {
                try await TestNode(folder: folder, clock: node.clock, pieceInterval: 64)
            }
            func grow(_ node: TestNode) async throws {
                for _ in 0..<70 { try await node.accept(try ada.entry(builder.revoke())) }
            }
            try await node.stop()
            let older = try #require(try snapshots.newest())
            var again = try await start()
            try await grow(again)
            try await again.stop()

            // As after a crash: the roots go further than the snapshot, which ends within their run.
            try snapshots.keep(older)
            again = try await start()
            #expect(await again.sequencer.replayedCount >= 70)
            try await grow(again)
            try expectWholeTree(again)
            let size = again.sequencer.ledger.newest.size
            try await again.stop()

            again = try await start()
            #expect(await again.sequencer.replayedCount == 0)
            #expect(await again.sequencer.unread.leaves > size - 80)
            try expectWholeTree(again)
            try await again.stop()
        }
    }
}
