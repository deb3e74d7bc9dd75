import LedgerCore
import Testing

private let root = "rKbDipCvhuX1GZ7g5BBe8sA6BbJ7ja/1nk427v383cs="
private let emptyRoot = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="

@Suite struct CheckpointTests {
    static let broken: [(String, CheckpointError)] = [
        ("", .linesMalformed),
        ("origin\n15\n", .linesMalformed),
        ("origin\n15\n\(root)", .linesMalformed),
        ("\n15\n\(root)\n", .linesMalformed),
        ("origin\n15\n\(root)\n\n", .linesMalformed),
        ("origin\n015\n\(root)\n", .sizeMalformed),
        ("origin\n+15\n\(root)\n", .sizeMalformed),
        ("origin\n 15\n\(root)\n", .sizeMalformed),
        ("origin\n-1\n\(root)\n", .sizeMalformed),
        ("origin\n0x1\n\(root)\n", .sizeMalformed),
        ("origin\n00\n\(emptyRoot)\n", .sizeMalformed),
        ("origin\n9223372036854775808\n\(root)\n", .sizeMalformed),
        ("origin\n99999999999999999999999999\n\(root)\n", .sizeMalformed),
        ("origin\n15\n\(root.dropLast())\n", .rootMalformed),
        ("origin\n15\nrKbDipCvhuX1GZ7g5BBe8sA6BbJ7ja/1nk427v383ct=\n", .rootMalformed),
        ("origin\n15\nrKbDipCvhuX1GZ7g5BBe8sA6BbJ7ja_1nk427v383cs=\n", .rootMalformed),
        ("origin\n15\nrKbDipCvhuX1GZ7g5BBe8sA6BbJ7ja/1nk427v38\n", .rootMalformed),
        ("origin\n0\n\(root)\n", .emptyRootWrong),
        ("origin\n15\n\(root)\nextension\n", .extensionLines),
    ]

    @Test(arguments: broken)
    func `a malformed checkpoint is refused by name`(_ text: String, _ error: CheckpointError) {
        #expect(throws: error) { try Checkpoint(parsingStrict: Array(text.utf8)) }
    }

    @Test(arguments: [
        "origin\n15\n\(root)\n", "origin\n0\n\(emptyRoot)\n",
        "go.sum database tree\n9223372036854775807\n\(root)\n",
    ])
    func `a checkpoint is written back unchanged`(_ text: String) throws {
        let checkpoint = try Checkpoint(parsingStrict: Array(text.utf8))
        #expect(checkpoint.text == Array(text.utf8))
    }

    @Test func `extension lines of other logs are kept`() throws {
        let text = Array("origin\n15\n\(root)\none\ntwo\n".utf8)
        let checkpoint = try Checkpoint(parsing: text)
        #expect(checkpoint.otherLines == ["one", "two"])
        #expect(checkpoint.text == text)
    }

    @Test func `a checkpoint for another origin or by another key is refused`() throws {
        let bytes = Array(LogVectors.tesseraCheckpoint15.utf8)
        let key = try VerifierKey(parsing: LogVectors.tesseraKey)
        #expect(throws: CheckpointError.originMismatch) {
            try VerifiedCheckpoint(parsing: bytes, logKey: key, origin: "example.com/log")
        }
        let other = try VerifierKey(parsing: LogVectors.exampleKey)
        #expect(throws: CheckpointError.note(.signatureMissing)) {
            try VerifiedCheckpoint(
                parsing: bytes, logKey: other, origin: LogVectors.tesseraOrigin)
        }
    }
}

@Suite struct CosignatureTests {
    private let mirrorKey =
        "mirror.example.org+3fb148ef+BAAjjch9GyYz0sJsJx7ALhbdAtz2ov0unbzSl1vMp94O"
    private let mirrorLine =
        "— mirror.example.org P7FI7wAAAABpVGeAjA1S4pJm6MbcXjX7UUImu4azZtrfcVW2uyr/LXIYlwEJzXC0N0Ei"
        + "ZkbqfLdXt/4gVEEuGmxJjAfXKMCISpsJAg==\n"

    @Test func `a published mirror's cosignature of 300 records is reproduced`() throws {
        var log = MerkleLog()
        for index in 0..<300 { log.append(leafData: Array("record \(index)".utf8)) }
        #expect(log.root == LogVectors.hash("gw31yQrqZZCcEOPrzX+bpy3nJ6QgngTKn8G1m0i62uU="))
        #expect(
            TilePath.written(from: 0, to: 300).dropFirst(2).map(\.text) == [
                "tile/0/000", "tile/0/001.p/44", "tile/1/000.p/1",
            ])
        let text = Checkpoint(origin: "rome2026h1.example.org", size: 300, root: log.root).text
        let seed = Hash.of(Array("skylight test mirror key".utf8)).bytes
        let mirror = try Cosigner(name: "mirror.example.org", seed: seed)
        #expect(mirror.verifierKey.text == mirrorKey)
        let signature = try mirror.cosign(checkpointText: text, timeSeconds: 1_767_139_200)
        #expect(signature.line == Array(mirrorLine.utf8))
        let note = try SignedNote(parsing: text + [0x0a] + Array(mirrorLine.utf8))
        let verified = try note.verify(keys: [mirror.verifierKey])
        #expect(verified.map(\.timeSeconds) == [1_767_139_200])
    }

    @Test func `a witness's cosignature joins the log's signature`() throws {
        let witness = try Cosigner(name: "witness.example/w1", seed: Array(0..<32))
        #expect(
            witness.verifierKey.text
                == "witness.example/w1+e75f6532+BAOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4")
        var note = try SignedNote(parsing: Array(LogVectors.tesseraCheckpoint15.utf8))
        let signature = try witness.cosign(checkpointText: note.text, timeSeconds: 1_700_000_000)
        let line =
            "— witness.example/w1 519lMgAAAABlU/EA8Ksalh7kTmlIFPRO/50jC8JyWktgWjbjpb8ZCaY7/1Pyo/Js"
            + "5iv0m/SL/Pgn8ExkAr34GAbhHPwm6x2I0VpoBA==\n"
        #expect(signature.line == Array(line.utf8))
        try note.add(signature)
        let logKey = try VerifierKey(parsing: LogVectors.tesseraKey)
        let verified = try VerifiedCheckpoint(
            parsing: note.bytes, logKey: logKey, witnesses: [witness.verifierKey],
            origin: LogVectors.tesseraOrigin)
        #expect(verified.cosignatures.map(\.key) == [witness.verifierKey])
        #expect(verified.cosignatures.map(\.timeSeconds) == [1_700_000_000])

        let unsigned = try SignedNote(text: note.text, signatures: [signature])
        #expect(throws: CheckpointError.logSignatureMissing) {
            try VerifiedCheckpoint(
                note: unsigned, logKey: logKey, witnesses: [witness.verifierKey],
                origin: LogVectors.tesseraOrigin)
        }
    }

    @Test func `a cosignature with another time, of time 0 or cut short is refused`() throws {
        let witness = try Cosigner(name: "witness.example/w1", seed: Array(0..<32))
        let text = Array("origin\n15\n\(root)\n".utf8)
        let good = try witness.cosign(checkpointText: text, timeSeconds: 1).signature
        #expect(good.count == 72)
        var later = good
        later[7] = 2
        let bad = [later, Array(repeating: 0, count: 8) + good[8...], good.dropLast(), good + [0]]
        for signature in bad {
            let line = NoteSignature(
                name: witness.verifierKey.name, keyID: witness.verifierKey.keyID,
                signature: signature)
            #expect(throws: NoteError.signatureInvalid) {
                try SignedNote(text: text, signatures: [line])
                    .verify(keys: [witness.verifierKey])
            }
        }
        for time in [0, UInt64(Int64.max) + 1] {
            #expect(throws: NoteSignerError.timeOutOfRange) {
                try witness.cosign(checkpointText: text, timeSeconds: time)
            }
        }
    }
}

/// The dialogue of torchwood's `litewitness` test with a log that grows from 1 to 3 to 5 leaves.
@Suite struct WitnessDialogueTests {
    private let origin =
        "sigsum.org/v1/tree/4d6d8825a6bb689d459628312889dfbb0bcd41b5211d9e1ce768b0ff0309e562"
    private let keyHex = "ffdc2d4d98e4124d3feaf788c0c2f9abfd796083d1f0495437f302ec79cf100f"
    private let steps = [
        (
            1, "KgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
            "UgIom7fPZTqpxWWhyjWduBvTvGVqsokMbqTArsQilegKoFBJQjUFAmQ0+YeSPM3wfUQMFSzVnnNuWRTYrajXpNUb"
                + "IQY="
        ),
        (
            3, "RcCI1Nk56ZcSmIEfIn0SleqtV7uvrlXNccFx595Iwl0=",
            "UgIom2VbtIcdFbwFAy1n7s6IkAxIY6J/GQOTuZF2ORV39d75cbAj2aQYwyJre36kezNobZs4SUUdrcawfAB8WVrx"
                + "6go="
        ),
        (
            5, "QrtXrQZCCvpIgsSmOsah7HdICzMLLyDfxToMql9WTjY=",
            "UgIomw/EOJmWi0i1FQsOj+etB7F8IccFam/jgd6wzRns4QPVmyEZtdvl1U2KEmLOZ/ASRcWJi0tW90dJWAShei7s"
                + "Dww="
        ),
    ]

    private func checkpoint(_ step: Int, signature: String? = nil) throws -> VerifiedCheckpoint {
        let (size, root, good) = steps[step]
        let key = try VerifierKey(
            name: origin, algorithm: .ed25519, publicKey: try #require(Hex.decode(keyHex)))
        let note = "\(origin)\n\(size)\n\(root)\n\n— \(origin) \(signature ?? good)\n"
        return try VerifiedCheckpoint(parsing: Array(note.utf8), logKey: key, origin: origin)
    }

    @Test func `its checkpoints verify and the altered one does not`() throws {
        for step in steps.indices {
            #expect(try checkpoint(step).checkpoint.size == steps[step].0)
        }
        let altered = steps[1].2.replacing("6go=", with: "6gx=")
        #expect(throws: CheckpointError.self) { try checkpoint(1, signature: altered) }
    }

    @Test func `its consistency proofs are accepted and refused as the witness does`() throws {
        let roots = try steps.indices.map { try checkpoint($0).checkpoint.root }
        func verify(_ old: Int, _ new: Int, _ hashes: [String]) throws {
            let proof = ConsistencyProof(
                oldSize: steps[old].0, newSize: steps[new].0,
                hashes: try hashes.map { try #require(LogVectors.hash($0)) })
            try proof.verify(oldRoot: roots[old], newRoot: roots[new])
        }
        let leaf1 = "KgEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
        let leaf2 = "KgIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
        try verify(0, 1, [leaf1, leaf2])
        try verify(
            1, 2,
            [
                leaf2, "KgMAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
                "wgiIFdZfYNv6WU1OllBKsWnLYIS/DBMqt8Uh/S4OukE=",
                "KgQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
            ])
        #expect(throws: ProofError.hashCountWrong) { try verify(0, 1, []) }
        #expect(throws: ProofError.rootMismatch) {
            try verify(0, 1, [leaf1, "KgIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAABA="])
        }
    }

    @Test func `its requests are answered as it answered them`() throws {
        let key = try VerifierKey(
            name: origin, algorithm: .ed25519, publicKey: try #require(Hex.decode(keyHex)))
        let leaf1 = "KgEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
        let leaf2 = "KgIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
        let toFive = [
            leaf2, "KgMAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
            "wgiIFdZfYNv6WU1OllBKsWnLYIS/DBMqt8Uh/S4OukE=",
            "KgQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
        ]
        let altered = steps[1].2.replacing("6go=", with: "6gk=")
        let dialogue:
            [(
                old: Int, proof: [String], step: Int, signature: String?,
                refusal: WitnessRequest.Refusal?
            )] = [
                (1, [leaf1, leaf2], 1, nil, .conflict(size: 0)),
                (0, [leaf1], 0, nil, .notConsistent),
                (0, [], 0, nil, nil), (0, [], 0, nil, .conflict(size: 1)), (1, [], 0, nil, nil),
                (1, [leaf1, leaf2], 1, altered, .notSigned), (1, [], 1, nil, .notConsistent),
                (1, [leaf2, leaf1], 1, nil, .notConsistent), (1, [leaf1, leaf2], 1, nil, nil),
                (1, [leaf1, leaf2], 1, nil, .conflict(size: 3)), (3, toFive, 2, nil, nil),
                (5, [], 1, nil, .malformed), (3, toFive, 2, nil, .conflict(size: 5)),
            ]
        var last: (size: Int, root: Hash)?
        for (number, said) in dialogue.enumerated() {
            let (size, root, good) = steps[said.step]
            let lines = ["old \(said.old)"] + said.proof + [""]
            let note = "\(origin)\n\(size)\n\(root)\n\n— \(origin) \(said.signature ?? good)\n"
            let body = Array((lines.map { $0 + "\n" }.joined() + note).utf8)
            let request = try #require(WitnessRequest(parsing: body))
            #expect(request.body == body && request.claimedOrigin == origin)
            do throws(WitnessRequest.Refusal) {
                let verified = try request.checked(logKey: key, origin: origin, last: last)
                #expect(said.refusal == nil, "step \(number)")
                last = (verified.checkpoint.size, verified.checkpoint.root)
            } catch {
                #expect(said.refusal == error, "step \(number)")
            }
        }
        #expect(last?.size == 5)
    }

    @Test func `a log of its leaf hashes has its roots`() throws {
        var log = MerkleLog()
        for number in 0..<5 as Range<UInt8> {
            log.append(
                leafHash: try #require(
                    Hash(bytes: [0x2a, number] + Array(repeating: 0, count: 30))))
        }
        for (size, root, _) in steps {
            #expect(try log.root(size: size) == LogVectors.hash(root))
        }
    }
}
