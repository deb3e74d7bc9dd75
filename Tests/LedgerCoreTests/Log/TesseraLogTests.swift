import LedgerCore
import TestSupport
import Testing

@Suite struct TesseraLogTests {
    @Test func `fifteen entries give the published root and checkpoint`() throws {
        let checkpoint = Checkpoint(
            origin: LogVectors.tesseraOrigin, size: 15, root: LogVectors.tesseraLog.root)
        let seed = try #require(LogVectors.tesseraSeedBytes)
        let signer = try NoteSigner(name: LogVectors.tesseraOrigin, seed: seed)
        #expect(signer.verifierKey.text == LogVectors.tesseraKey)
        let note = try signer.sign(checkpoint.text)
        #expect(note.bytes == Array(LogVectors.tesseraCheckpoint15.utf8))
        let verified = try VerifiedCheckpoint(
            parsing: note.bytes, logKey: VerifierKey(parsing: LogVectors.tesseraKey),
            origin: LogVectors.tesseraOrigin)
        #expect(verified.checkpoint == checkpoint)
    }

    @Test func `the published proofs of that log are reproduced and verify`() throws {
        let log = LogVectors.tesseraLog
        let inclusion = try log.inclusionProof(index: 6, size: 15)
        let path = [
            "ThcgoV2DYcK+VCxBUDWAlNxmLy2r7dq7dK7+OlgQKWs=",
            "ycRkkNklus5eMVRUvkD1pK321vMrA+jjOiZKU8aOcY4=",
            "zY1lN35vrXYAPixXSd59LsU29xUJtuW4o2dNNg5Y2Co=",
            "5jLpqTgjsBDSEX6SgZiRnbTMdTuRd8bQ5tSsAOxe0Ks=",
        ]
        #expect(inclusion.hashes.map { Base64.standard.encode($0.bytes) } == path)
        try inclusion.verify(leafHash: MerkleTree.leafHash(Array("seven".utf8)), root: log.root)

        let consistency = try log.consistencyProof(old: 6, new: 15)
        let proof = [path[1], "nk9gCR+floFqznAPtqjjcnnV64dge2jQB95D5t164Hg=", path[2], path[3]]
        #expect(consistency.hashes.map { Base64.standard.encode($0.bytes) } == proof)
        try consistency.verify(oldRoot: log.root(size: 6), newRoot: log.root)
    }

    @Test(.enabled(if: SharedData.isPresent, "\(SharedData.comment)"))
    func `the whole published log is reproduced byte for byte`() throws {
        let folder = "vectors/tlog/tessera-log"
        let seed = try #require(LogVectors.tesseraSeedBytes)
        let signer = try NoteSigner(name: LogVectors.tesseraOrigin, seed: seed)
        let keyText = try SharedData.text("vectors/tlog/tessera-log.vkey")
        #expect(signer.verifierKey.text + "\n" == keyText)
        for size in 0...15 {
            let root = try LogVectors.tesseraLog.root(size: size)
            let checkpoint = Checkpoint(origin: LogVectors.tesseraOrigin, size: size, root: root)
            let stored = try SharedData.bytes("\(folder)/checkpoint.\(size)")
            #expect(try signer.sign(checkpoint.text).bytes == stored)
            for path in TilePath.written(from: 0, to: size) {
                let stored = try SharedData.bytes("\(folder)/\(path.text)")
                switch path.content {
                case .entries:
                    let entries = LogVectors.tesseraEntries.prefix(size).map { Array($0.utf8) }
                    #expect(try EntryBundle.encode(entries) == stored)
                    #expect(try EntryBundle.decode(stored) == entries)
                case .hashes(let level):
                    let tile = try LogVectors.tesseraLog.tile(
                        level: level, index: path.index, width: path.width)
                    #expect(tile == stored)
                }
            }
        }
    }
}
