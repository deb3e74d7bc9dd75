import LedgerCore
import SyncCore
import Testing

@Suite struct CheckpointTests {
    private func log(_ size: Int, seed: UInt8 = 0) -> MerkleLog {
        var log = MerkleLog()
        for leaf in 0..<size {
            log.append(leafData: [seed] + Array("\(leaf)".utf8))
        }
        return log
    }

    @Test func `sizes and roots decide how two checkpoints stand to each other`() throws {
        func checkpoint(_ size: Int, seed: UInt8 = 0) throws -> Checkpoint {
            Checkpoint(
                origin: "ledger.example", size: size,
                root: try log(size, seed: seed).root(size: size))
        }
        let stored = try checkpoint(10)
        #expect(CheckpointJudge.relation(of: stored, to: nil) == .first)
        #expect(CheckpointJudge.relation(of: stored, to: try checkpoint(0)) == .first)
        #expect(CheckpointJudge.relation(of: stored, to: stored) == .same)
        #expect(
            CheckpointJudge.relation(of: try checkpoint(10, seed: 1), to: stored) == .alarm(.fork))
        #expect(
            CheckpointJudge.relation(of: try checkpoint(12), to: stored)
                == .larger(TileProof(oldSize: 10, newSize: 12)))
        #expect(
            CheckpointJudge.relation(of: try checkpoint(3), to: stored)
                == .smaller(TileProof(oldSize: 3, newSize: 10)))
    }

    @Test(arguments: [
        (1, 2), (1, 70_000), (255, 256), (256, 257), (257, 600), (511, 65_536), (65_535, 70_001),
        (65_536, 70_001), (69_999, 70_000), (3, 7), (6, 8), (4, 8),
    ])
    func `a proof from tiles is the proof of the log itself`(old: Int, new: Int) throws {
        let log = log(new)
        let plan = TileProof(oldSize: old, newSize: new)
        var tiles = [TilePath: [UInt8]]()
        for path in plan.tiles {
            guard case .hashes(let level) = path.content else {
                Issue.record("a tile of entries is no part of a proof")
                continue
            }
            tiles[path] = try log.tile(level: level, index: path.index, width: path.width)
        }
        let proof = try #require(plan.proof(from: tiles))
        #expect(try proof == log.consistencyProof(old: old, new: new))
        try proof.verify(oldRoot: log.root(size: old), newRoot: log.root(size: new))
        #expect(plan.proof(from: [:]) == nil)
    }
}
