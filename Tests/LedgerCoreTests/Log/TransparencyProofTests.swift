import LedgerCore
import Testing

@Suite struct TransparencyProofTests {
    private let logKey: VerifierKey
    private let proof: TransparencyProof
    private let leafHash = MerkleTree.leafHash(Array("seven".utf8))

    init() throws {
        logKey = try VerifierKey(parsing: LogVectors.tesseraKey)
        proof = TransparencyProof(
            extra: Array("seven".utf8),
            inclusion: try LogVectors.tesseraLog.inclusionProof(index: 6, size: 15),
            note: try SignedNote(parsing: Array(LogVectors.tesseraCheckpoint15.utf8)))
    }

    private let text =
        """
        c2sp.org/tlog-proof@v1
        extra c2V2ZW4=
        index 6
        ThcgoV2DYcK+VCxBUDWAlNxmLy2r7dq7dK7+OlgQKWs=
        ycRkkNklus5eMVRUvkD1pK321vMrA+jjOiZKU8aOcY4=
        zY1lN35vrXYAPixXSd59LsU29xUJtuW4o2dNNg5Y2Co=
        5jLpqTgjsBDSEX6SgZiRnbTMdTuRd8bQ5tSsAOxe0Ks=


        """ + LogVectors.tesseraCheckpoint15

    @Test func `a proof file is written as specified and read back`() throws {
        #expect(proof.bytes == Array(text.utf8))
        #expect(try TransparencyProof(parsing: Array(text.utf8)) == proof)
        let without = text.replacing("extra c2V2ZW4=\n", with: "")
        let parsed = try TransparencyProof(parsing: Array(without.utf8))
        #expect(parsed.extra == nil)
        #expect(parsed.bytes == Array(without.utf8))
    }

    @Test func `a proof file verifies alone`() throws {
        let parsed = try TransparencyProof(parsing: Array(text.utf8))
        let verified = try parsed.verify(
            leafHash: leafHash, logKey: logKey, origin: LogVectors.tesseraOrigin)
        #expect(verified.checkpoint.size == 15)
    }

    @Test func `a proof of a log with one leaf has no hashes`() throws {
        let seed = try #require(LogVectors.tesseraSeedBytes)
        let signer = try NoteSigner(name: LogVectors.tesseraOrigin, seed: seed)
        let root = try LogVectors.tesseraLog.root(size: 1)
        let checkpoint = Checkpoint(origin: LogVectors.tesseraOrigin, size: 1, root: root)
        let proof = TransparencyProof(
            inclusion: try LogVectors.tesseraLog.inclusionProof(index: 0, size: 1),
            note: try signer.sign(checkpoint.text))
        let parsed = try TransparencyProof(parsing: proof.bytes)
        #expect(parsed.hashes.isEmpty)
        _ = try parsed.verify(
            leafHash: MerkleTree.leafHash(Array("one".utf8)), logKey: logKey,
            origin: LogVectors.tesseraOrigin)
    }

    static let broken: [(String, String, TransparencyProofError)] = [
        ("proof@v1", "proof@v2", .headerMissing),
        ("c2sp.org", " c2sp.org", .headerMissing),
        ("c2V2ZW4=", "c2V2ZW5=", .extraMalformed),
        ("extra", "Extra", .indexMalformed),
        ("index 6", "index 06", .indexMalformed),
        ("index 6", "index", .indexMalformed),
        ("index 6\n", "", .indexMalformed),
        ("index 6", "index 6\nextra c2V2ZW4=", .hashMalformed),
        ("OlgQKWs=", "OlgQKWt=", .hashMalformed),
        ("Ks=\n\n", "Ks=\n", .hashMalformed),
        ("Thcg", "Thcg Thcg", .hashMalformed),
        ("\n\n—", "\n—", .checkpoint(.note(.textUnterminated))),
    ]

    @Test(arguments: broken)
    func `a malformed proof file is refused by name`(
        _ part: String, _ replacement: String, _ error: TransparencyProofError
    ) {
        let bytes = Array(text.replacing(part, with: replacement).utf8)
        #expect(throws: error) { try TransparencyProof(parsing: bytes) }
    }

    @Test func `a proof for another leaf, index, log or key is refused`() throws {
        let origin = LogVectors.tesseraOrigin
        #expect(throws: TransparencyProofError.inclusion(.rootMismatch)) {
            try proof.verify(
                leafHash: MerkleTree.leafHash(Array("six".utf8)), logKey: logKey, origin: origin)
        }
        let moved = Array(text.replacing("index 6", with: "index 7").utf8)
        #expect(throws: TransparencyProofError.inclusion(.rootMismatch)) {
            try TransparencyProof(parsing: moved).verify(
                leafHash: leafHash, logKey: logKey, origin: origin)
        }
        let outside = Array(text.replacing("index 6", with: "index 15").utf8)
        #expect(throws: TransparencyProofError.inclusion(.indexOutsideTree)) {
            try TransparencyProof(parsing: outside).verify(
                leafHash: leafHash, logKey: logKey, origin: origin)
        }
        #expect(throws: TransparencyProofError.checkpoint(.originMismatch)) {
            try proof.verify(leafHash: leafHash, logKey: logKey, origin: "other.example")
        }
        let other = try VerifierKey(parsing: LogVectors.exampleKey)
        #expect(throws: TransparencyProofError.checkpoint(.note(.signatureMissing))) {
            try proof.verify(leafHash: leafHash, logKey: other, origin: origin)
        }
    }
}
