import LedgerCore
import TestSupport
import Testing

/// C2SP tlog-policy: whose cosignatures it takes.
struct WitnessPolicyTests {
    private static func key(_ name: String, _ number: UInt8) throws -> VerifierKey {
        try Cosigner(name: name, seed: [UInt8](repeating: number, count: 32)).verifierKey
    }

    private static func text(_ rules: String) throws -> [UInt8] {
        Array(
            """
            # our own witnesses
            \tlog \(try log.verifierKey.text)

            witness W1 \(try key("w1.example", 1).text) https://w1.example
            witness  W2\t\(try key("w2.example", 2).text)\u{20}
            witness W3 \(try key("w3.example", 3).text) https://w3.example/x/
            \(rules)
            """.utf8)
    }

    private static var log: NoteSigner {
        get throws {
            try NoteSigner(name: "log.example/a", seed: [UInt8](repeating: 9, count: 32))
        }
    }

    private static func signed(_ times: [UInt8: UInt64]) throws -> [VerifiedSignature] {
        let log = try log
        var note = try log.sign(
            Checkpoint(origin: "log.example/a", size: 0, root: MerkleTree.emptyRoot).text)
        for (number, time) in times.sorted(by: { $0.key < $1.key }) {
            let witness = try Cosigner(
                name: "w\(number).example", seed: [UInt8](repeating: number, count: 32))
            try note.add(witness.cosign(checkpointText: note.text, timeSeconds: time))
        }
        return try VerifiedCheckpoint(
            note: note, logKey: log.verifierKey,
            witnesses: try (1...3).map { try key("w\($0).example", $0) }, origin: "log.example/a"
        ).cosignatures
    }

    @Test(
        arguments: [
            ("quorum W1", [1: 50], 50), ("quorum W1", [2: 50], nil),
            ("quorum none", [:], UInt64.max), ("quorum none\n\n  # nobody", [:], UInt64.max),
            ("group G any W1 W2 W3\nquorum G", [3: 7], 7),
            ("group G any W1 W2 W3\nquorum G", [3: 7, 1: 9], 9),
            ("group G 2 W1 W2 W3\nquorum G", [1: 10, 2: 20, 3: 30], 20),
            ("group G 2 W1 W2 W3\nquorum G", [3: 30], nil),
            ("group G all W1 W2 W3\nquorum G", [1: 10, 2: 20, 3: 30], 10),
            ("group G all W1 W2 W3\nquorum G", [1: 10, 3: 30], nil),
            ("group A any W1 W2\ngroup B all A W3\nquorum B", [2: 20, 3: 30], 20),
            ("group A any W1 W2\ngroup B all A W3\nquorum B", [1: 10, 2: 20], nil),
        ] as [(String, [UInt8: UInt64], UInt64?)])
    func `the quorum counts whom it names`(
        rules: String, times: [UInt8: UInt64], expected: UInt64?
    ) throws {
        let policy = try WitnessPolicy(parsing: Self.text(rules))
        #expect(policy.satisfiedSeconds(by: try Self.signed(times)) == expected)
        #expect(policy.witnesses.map(\.url) == ["https://w1.example", "", "https://w3.example/x/"])
        #expect(policy.covers(policy.logs[0]))
        let other = try NoteSigner(name: "log.example/b", seed: [UInt8](repeating: 9, count: 32))
        #expect(!policy.covers(other.verifierKey))
    }

    @Test(
        arguments: [
            ("", 0), ("quorum W4", 7), ("quorum W1\nquorum W2", 8), ("quorum", 7),
            ("witness W1", 7),
            ("group G 4 W1 W2 W3\nquorum G", 7), ("group G 0 W1\nquorum G", 7),
            ("group G 01 W1\nquorum G", 7), ("group G any\nquorum G", 7),
            ("group G any W1 W9\nquorum G", 7), ("group G any W1 W1\nquorum G", 7),
            ("group G any none\nquorum G", 7), ("group G any W1\ngroup H any W1\nquorum G", 8),
            ("group W1 any W2\nquorum W1", 7),
            ("group none any W2\nquorum none", 7), ("fallback W1\nquorum W1", 7),
            ("log abc\nquorum W1", 7), ("quorum W1\r", 7), ("# \u{7f}\nquorum W1", 7),
            ("quorum\u{a0}W1", 7), ("quorum W1 W2", 7), ("quorum w1", 7),
        ] as [(String, Int)])
    func `what is no policy is refused with its line`(rules: String, line: Int) throws {
        let text = try Self.text(rules)
        do {
            _ = try WitnessPolicy(parsing: text)
            Issue.record("accepted")
        } catch {
            #expect(error.line == line, "\(error)")
        }
    }

    @Test func `a key of a log is none of a witness, and one key is one witness`() throws {
        let seed = [UInt8](repeating: 4, count: 32)
        let log = try NoteSigner(name: "w", seed: seed).verifierKey
        let renamed = try NoteSigner(name: "v", seed: seed).verifierKey
        let witness = try Self.key("w1.example", 1)
        // The same key under another name, which makes another key id.
        let double = try Self.key("w2.example", 1)
        for text in [
            "witness W \(log.text)\nquorum W\n", "log \(witness.text)\nquorum none\n",
            "witness A \(witness.text)\nwitness B \(witness.text)\nquorum A\n",
            "witness A \(witness.text)\nwitness B \(double.text)\nquorum A\n",
            "log \(log.text)\nlog \(renamed.text)\nquorum none\n",
        ] {
            #expect(throws: WitnessPolicyError.self) {
                try WitnessPolicy(parsing: Array(text.utf8))
            }
        }
    }

    @Test func `names are bytes, whatever letters they look like`() throws {
        let one = try Self.key("w1.example", 1).text
        let two = try Self.key("w2.example", 2).text
        // An e with an accent, in one scalar and in two; K and the sign for kelvin; no UTF-8.
        for (left, right) in [
            (Array("caf\u{e9}".utf8), Array("cafe\u{301}".utf8)),
            (Array("K".utf8), Array("\u{212a}".utf8)), ([0xff], [0xfe]),
        ] {
            let policy = try WitnessPolicy(
                parsing: Array("witness ".utf8) + left + Array(" \(one)\nwitness ".utf8) + right
                    + Array(" \(two)\ngroup G all ".utf8) + left + [0x20] + right
                    + Array("\nquorum G\n".utf8))
            #expect(policy.satisfiedSeconds(by: try Self.signed([1: 5, 2: 7])) == 5)
            #expect(policy.satisfiedSeconds(by: try Self.signed([1: 5])) == nil)
            #expect(policy.isMet(by: policy.witnesses))
            #expect(!policy.isMet(by: [policy.witnesses[0]]))
        }
    }

    @Test func `as many members as the specification asks for are read, and no endless text`()
        throws
    {
        var lines = [String]()
        for number in 1...99 {
            lines.append("witness W\(number) \(try Self.key("w\(number)", UInt8(number)).text)")
        }
        let names = (1...99).map { "W\($0)" }.joined(separator: " ")
        lines += ["group G 50 \(names)", "quorum G"]
        let text = Array(lines.joined(separator: "\n").utf8)
        let policy = try WitnessPolicy(parsing: text)
        #expect(!policy.isMet(by: Array(policy.witnesses.prefix(49))))
        #expect(policy.isMet(by: Array(policy.witnesses.prefix(50))))
        let padding = [UInt8](repeating: 0x20, count: WitnessPolicy.byteLimit - text.count)
        #expect(throws: Never.self) { try WitnessPolicy(parsing: text + padding) }
        #expect(throws: WitnessPolicyError.self) {
            try WitnessPolicy(parsing: text + padding + [0x20])
        }
    }
}

/// C2SP tlog-witness: what a witness is asked and what it cosigns.
struct WitnessRequestTests {
    private static func request(
        from old: Int, to size: Int, fork: Bool = false, proof: [Hash]? = nil,
        key: NoteSigner? = nil
    ) throws -> WitnessRequest {
        let tree = SmallLog.tree(size, fork: fork)
        let checkpoint = Checkpoint(origin: SmallLog.origin, size: size, root: tree.root)
        return WitnessRequest(
            oldSize: old,
            proof: try proof
                ?? (old <= size ? tree.consistencyProof(old: old, new: size).hashes : []),
            note: try (key ?? SmallLog.signer()).sign(checkpoint.text).bytes)
    }

    private static func outcome(_ request: WitnessRequest, _ last: Int?) throws
        -> WitnessRequest.Refusal?
    {
        let logKey = try SmallLog.signer().verifierKey
        do throws(WitnessRequest.Refusal) {
            _ = try request.checked(
                logKey: logKey, origin: SmallLog.origin,
                last: last.map { ($0, SmallLog.tree($0).root) })
            return nil
        } catch {
            return error
        }
    }

    @Test func `what continues the last tree is cosigned, and nothing else`() throws {
        let stranger = try NoteSigner(name: SmallLog.origin, seed: [UInt8](repeating: 8, count: 32))
        let cases: [(WitnessRequest, Int?, WitnessRequest.Refusal?)] = [
            (try Self.request(from: 0, to: 1), nil, nil),
            (try Self.request(from: 0, to: 7), nil, nil),
            (try Self.request(from: 3, to: 7), 3, nil), (try Self.request(from: 7, to: 7), 7, nil),
            (try Self.request(from: 0, to: 0), nil, nil),
            (try Self.request(from: 2, to: 7), 3, .conflict(size: 3)),
            (try Self.request(from: 0, to: 7), 3, .conflict(size: 3)),
            (try Self.request(from: 3, to: 7), nil, .conflict(size: 0)),
            (try Self.request(from: 7, to: 3), 7, .malformed),
            (try Self.request(from: 3, to: 7, proof: []), 3, .notConsistent),
            (try Self.request(from: 0, to: 7, proof: [.zero]), nil, .notConsistent),
            (try Self.request(from: 7, to: 7, fork: true), 7, .notConsistent),
            (try Self.request(from: 7, to: 7, proof: [.zero]), 7, .notConsistent),
            (try Self.request(from: 3, to: 7, key: stranger), 3, .notSigned),
        ]
        for (request, last, expected) in cases {
            #expect(try Self.outcome(request, last) == expected)
            #expect(WitnessRequest(parsing: request.body) == request)
        }
        let fork = try Self.request(from: 7, to: 9, fork: true)
        let forked = SmallLog.tree(7, fork: true)
        let logKey = try SmallLog.signer().verifierKey
        do throws(WitnessRequest.Refusal) {
            _ = try fork.checked(logKey: logKey, origin: SmallLog.origin, last: (7, forked.root))
            Issue.record("a fork was cosigned")
        } catch {
            #expect(error == .notConsistent)
        }
    }

    @Test func `an empty tree has the empty root`() throws {
        let text = Array(
            "\(SmallLog.origin)\n0\n\(Base64.standard.encode(Hash.of([1]).bytes))\n".utf8)
        let request = WitnessRequest(
            oldSize: 0, proof: [], note: try SmallLog.signer().sign(text).bytes)
        #expect(try Self.outcome(request, nil) == .notConsistent)
    }

    @Test func `a body in any other spelling is malformed`() throws {
        let body = try Self.request(from: 3, to: 7).body
        let text = String(decoding: body, as: UTF8.self)
        for other in [
            "", "\n", text.replacingOccurrences("old 3", "old 03"),
            text.replacingOccurrences("old 3", "old -3"), text.replacingOccurrences("old ", "new "),
            text.replacingOccurrences(
                "old 3\n", "old 3\n" + String(repeating: "A", count: 44) + "\n"),
            String(text.prefix(20)),
        ] {
            #expect(WitnessRequest(parsing: Array(other.utf8)) == nil)
        }
        let hash = Base64.standard.encode(Hash.of([1]).bytes)
        func proof(_ count: Int) -> [UInt8] {
            Array("old 3\n\(String(repeating: hash + "\n", count: count))\nnote\n".utf8)
        }
        #expect(WitnessRequest(parsing: proof(63)) != nil)
        #expect(WitnessRequest(parsing: proof(64)) == nil)
    }
}

extension String {
    fileprivate func replacingOccurrences(_ old: String, _ new: String) -> String {
        guard let range = firstRange(of: old) else { return self }
        return replacingCharacters(in: range, with: new)
    }

    private func firstRange(of text: String) -> Range<String.Index>? {
        indices.first { self[$0...].hasPrefix(text) }.map { start in
            start..<index(start, offsetBy: text.count)
        }
    }

    private func replacingCharacters(in range: Range<String.Index>, with text: String) -> String {
        self[..<range.lowerBound] + text + self[range.upperBound...]
    }
}
