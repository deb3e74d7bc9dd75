import Foundation
import LedgerCore
import TestSupport
import Testing

private struct Bundle: Decodable {
    struct Material: Decodable {
        let tlogEntries: [Entry]
    }

    struct Entry: Decodable {
        let inclusionProof: Proof
        let canonicalizedBody: String
    }

    struct Proof: Decodable {
        struct Checkpoint: Decodable {
            let envelope: String
        }

        let logIndex: String
        let hashes: [String]
        let checkpoint: Checkpoint
    }

    let verificationMaterial: Material
}

private struct TrustedRoot: Decodable {
    struct Log: Decodable {
        struct Key: Decodable {
            let rawBytes: String
            let keyDetails: String
        }

        let baseUrl: String
        let publicKey: Key
    }

    let tlogs: [Log]
}

@Suite(.enabled(if: SharedData.isPresent, "\(SharedData.comment)"))
struct PublishedNoteTests {
    private let folder = "vectors/tlog"

    @Test func `a real head of Go's checksum database verifies`() throws {
        let keyText = try SharedData.text("\(folder)/notes/sum.golang.org.vkey")
        let key = try VerifierKey(parsing: String(keyText.split(separator: "\n")[0]))
        let bytes = try SharedData.bytes("\(folder)/notes/sum.golang.org-31700353.note")
        let verified = try VerifiedCheckpoint(
            parsing: bytes, logKey: key, origin: "go.sum database tree")
        #expect(verified.checkpoint.size == 31_700_353)
        #expect(verified.note.bytes == bytes)
        let altered = String(decoding: bytes, as: UTF8.self).replacing("31700353", with: "31700354")
        #expect(throws: CheckpointError.note(.signatureInvalid)) {
            try VerifiedCheckpoint(
                parsing: Array(altered.utf8), logKey: key, origin: "go.sum database tree")
        }
    }

    @Test(arguments: [
        "signed-note.example", "tlog-checkpoint.example", "tlog-cosignature.example",
    ])
    func `the specifications' examples are read and written back unchanged`(
        _ name: String
    ) throws {
        let bytes = try SharedData.bytes("\(folder)/notes/\(name)")
        let note = try SignedNote(parsing: bytes)
        #expect(note.bytes == bytes)
        guard name.hasPrefix("tlog") else { return }
        let checkpoint = try Checkpoint(parsingStrict: note.text)
        #expect(checkpoint.origin == "example.com/behind-the-sofa")
        #expect(checkpoint.size == 20_852_163)
    }

    @Test func `the witness example's checkpoint follows its proof`() throws {
        let bytes = try SharedData.bytes("\(folder)/notes/tlog-witness.add-checkpoint.example")
        let note = try SignedNote(parsing: bytes)
        #expect(note.signatures.count == 2)
        #expect(note.text.starts(with: "old 20852014\n".utf8))
    }

    @Test(arguments: ["happy-path", "checkpoint-cosigned", "checkpoint-origin-not-first"])
    func `a good Rekor bundle verifies from entry to checkpoint`(_ name: String) throws {
        let (proof, leafHash, key) = try rekor(name)
        let verified = try VerifiedCheckpoint(
            parsing: Array(proof.checkpoint.envelope.utf8), logKey: key, origin: key.name)
        #expect(verified.checkpoint.size == 736)
        #expect(verified.cosignatures.isEmpty)
        let inclusion = InclusionProof(
            leafIndex: try #require(Int(proof.logIndex)), treeSize: verified.checkpoint.size,
            hashes: try proof.hashes.map { try #require(LogVectors.hash($0)) })
        try inclusion.verify(leafHash: leafHash, root: verified.checkpoint.root)

        let file = TransparencyProof(inclusion: inclusion, note: verified.note)
        _ = try TransparencyProof(parsing: file.bytes)
            .verify(leafHash: leafHash, logKey: key, origin: key.name)
    }

    @Test(arguments: ["checkpoint-missing-origin_fail", "checkpoint-missing-size_fail"])
    func `a broken Rekor checkpoint is refused, by its signature and by its text`(
        _ name: String
    ) throws {
        let (proof, _, key) = try rekor(name)
        let bytes = Array(proof.checkpoint.envelope.utf8)
        #expect(throws: CheckpointError.note(.signatureInvalid)) {
            try VerifiedCheckpoint(parsing: bytes, logKey: key, origin: key.name)
        }
        let text = try SignedNote(parsing: bytes).text
        #expect(throws: CheckpointError.linesMalformed) { try Checkpoint(parsing: text) }
    }

    /// The proof, leaf hash and log key of a bundle.
    private func rekor(_ name: String) throws -> (Bundle.Proof, Hash, VerifierKey) {
        let path = "\(folder)/rekor2/rekor2-\(name)"
        let bundle = try JSONDecoder().decode(
            Bundle.self, from: Data(SharedData.bytes("\(path)/bundle.sigstore.json")))
        let trusted = try JSONDecoder().decode(
            TrustedRoot.self, from: Data(SharedData.bytes("\(path)/trusted_root.json")))
        let entry = try #require(bundle.verificationMaterial.tlogEntries.first)
        let log = try #require(trusted.tlogs.first { $0.publicKey.keyDetails == "PKIX_ED25519" })
        let keyInfo = try #require(Base64.standard.decode(log.publicKey.rawBytes))
        let key = try VerifierKey(
            name: log.baseUrl.replacing("https://", with: ""), algorithm: .ed25519,
            publicKey: Array(keyInfo.suffix(32)))
        let body = try #require(Base64.standard.decode(entry.canonicalizedBody))
        return (entry.inclusionProof, MerkleTree.leafHash(body), key)
    }
}
