import LedgerCore
import NodeAPI
import NodeSequencer
import NodeServer
import NodeStore
import TestSupport
import Testing

struct VerdictTests {
    @Test func `an accepted entry comes with a proof anybody can check`() async throws {
        try await withNode { node in
            let (_, builder) = try await node.sponsor()
            var ada = try await node.member("ada")
            let entry = try ada.entry(builder.join)
            let acceptance = try await node.accept(entry)
            let envelope = try #require(EntryEnvelope(bytes: acceptance.envelope))
            #expect(envelope.time == LedgerBuilder.start)
            let leaf = MerkleTree.leafHash(
                envelope.leafData(entry: entry.id, salt: acceptance.salt))
            let proof = try TransparencyProof(parsing: acceptance.proof)
            let checkpoint = try proof.verify(
                leafHash: leaf, logKey: node.keys.log.verifierKey, origin: node.keys.origin)
            #expect(checkpoint.checkpoint.size > Int(acceptance.index))
            #expect(proof.leafIndex == Int(acceptance.index))
            #expect(proof.bytes == acceptance.proof)
        }
    }

    @Test func `the same bytes get the same verdict, byte for byte, for ever`() async throws {
        try await withFolder { folder in
            let node = try await TestNode(folder: folder)
            let (_, builder) = try await node.sponsor()
            var ada = try await node.member("ada")
            let joined = try ada.entry(builder.join)
            let again = try ada.entry(builder.join)
            let first = try await node.send(.submit(EntrySubmission([joined, again])))
            let bo = try await node.member("bo")
            let second = try await node.send(.submit(EntrySubmission([joined, again])))
            #expect(first.body == second.body)
            let verdict = try await node.send(.verdict(of: joined.id))
            let listed = try VerdictList(body: first.body).verdicts
            #expect(try Verdict(body: verdict.body) == listed[0])
            try await node.stop()

            let restarted = try await TestNode(folder: folder, clock: node.clock)
            let third = try await restarted.send(.submit(EntrySubmission([joined, again])))
            #expect(first.body == third.body)
            let known = try await restarted.send(
                .accountPage(after: 0, at: nil), as: bo)
            #expect(known.status == 200)
            try await restarted.stop()
        }
    }

    @Test func `a refusal carries a receipt the log's key signed`() async throws {
        try await withNode { node in
            let (_, builder) = try await node.sponsor()
            var ada = try await node.member("ada")
            try await node.accept(try ada.entry(builder.join))
            let entry = try ada.entry(builder.join)
            let refusal = try await node.rejection(of: entry)
            #expect(refusal.rejection == .alreadySignedUp)
            #expect(refusal.name == "alreadySignedUp")
            let receipt = try #require(
                RefusalReceipt(
                    verifying: refusal.receipt, logKey: node.keys.log.verifierKey))
            #expect(receipt.entry == entry.id)
            #expect(receipt.code == refusal.code)
            #expect(receipt.time == LedgerBuilder.start)
        }
    }

    @Test func `a refusal takes its number and the next entry goes on from it`() async throws {
        try await withNode { node in
            let (_, builder) = try await node.sponsor()
            var ada = try await node.member("ada")
            _ = try await node.rejection(of: try ada.entry(builder.grant()))
            try await node.accept(try ada.entry(builder.join))
        }
    }

    @Test func `an entry after a gap has to wait, and everything after it`() async throws {
        try await withNode { node in
            let (_, builder) = try await node.sponsor()
            var ada = try await node.member("ada")
            let first = try ada.entry(builder.join)
            let second = try ada.entry(builder.grant())
            #expect(try await node.submit(second) == [.retry(.sequenceGap)])
            let verdicts = try await node.submit(first, second)
            for verdict in verdicts {
                guard case .accepted = verdict else {
                    Issue.record("\(verdict)")
                    return
                }
            }
        }
    }

    @Test func `a number used again for another entry is refused and nothing moves`() async throws {
        try await withNode { node in
            let (_, builder) = try await node.sponsor()
            var ada = try await node.member("ada")
            let clone = ada
            try await node.accept(try ada.entry(builder.join))
            let forked = try clone.peek(builder.grant())
            #expect(try await node.rejection(of: forked).rejection == .sequenceReused)
            #expect(try await node.rejection(of: forked).rejection == .sequenceReused)
            try await node.accept(try ada.entry(builder.grant()))
        }
    }

    @Test func `a revocation of a restored device is accepted, and takes the next number only`()
        async throws
    {
        try await withFolder { folder in
            let node = try await TestNode(folder: folder)
            var (sponsor, builder) = try await node.sponsor()
            var clone = try TestDevice("ada")
            clone.sequence = 1
            var (ada, _) = try await node.takePart("ada", builder, &sponsor, content: [1, 2, 3])
            let late = try clone.peek(builder.revoke(), after: [Hash.of([9])])
            let misfit = try clone.peek(builder.revoke(), sequence: ada.sequence + 1)
            try await node.accept(late)
            #expect(
                try await node.use(builder, of: ada.account, as: sponsor).problem?.denial
                    == .revoked)
            #expect(
                try node.database.wraps(
                    of: builder.authorization(of: ada.account), for: sponsor.account
                ).isEmpty)
            // Under the next number it is the device's last entry, whatever it followed.
            try await node.accept(misfit)
            ada.sequence += 1
            ada.previous = misfit.id
            try await node.accept(try ada.entry(.signupLeft(builder.project)))
            let kinds = try await node.verifiedChain(.account(ada.account), as: ada).map(
                \.body.kind)
            try await node.stop()

            let restarted = try await TestNode(folder: folder, clock: node.clock)
            let again = try await restarted.verifiedChain(.account(ada.account), as: ada)
            #expect(again.map(\.body.kind) == kinds)
            try await restarted.accept(try ada.entry(builder.join))
            try await restarted.accept(late)
            try await restarted.stop()
        }
    }

    @Test func `what depends on a refused entry is refused, except a revocation`() async throws {
        try await withNode { node in
            let (_, builder) = try await node.sponsor()
            var ada = try await node.member("ada")
            let refused = try ada.entry(builder.grant())
            _ = try await node.rejection(of: refused)
            let joined = try ada.entry(builder.join, after: [refused.id])
            #expect(try await node.rejection(of: joined).rejection == .dependencyRejected)
            try await node.accept(try ada.entry(builder.revoke(), after: [refused.id]))
        }
    }

    @Test func `a node that starts anew knows what it recorded and what it refused`() async throws {
        try await withFolder { folder in
            let node = try await TestNode(folder: folder)
            let (_, builder) = try await node.sponsor()
            var ada = try await node.member("ada")
            let refused = try ada.entry(builder.grant())
            _ = try await node.rejection(of: refused)
            let joined = try ada.entry(builder.join)
            try await node.accept(joined)
            try await node.stop()

            let restarted = try await TestNode(folder: folder, clock: node.clock)
            #expect(try await restarted.rejection(of: refused).rejection != nil)
            try await restarted.accept(joined)
            let left = try ada.entry(.signupLeft(builder.project), after: [refused.id])
            #expect(try await restarted.rejection(of: left).rejection == .dependencyRejected)
            let sequel = try ada.entry(.signupLeft(builder.project), after: [joined.id])
            try await restarted.accept(sequel)
            // What depends on an entry of the same batch.
            let again = try ada.entry(builder.join, after: [sequel.id])
            let leaving = try ada.entry(.signupLeft(builder.project), after: [again.id])
            for verdict in try await restarted.submit(again, leaving) {
                guard case .accepted = verdict else {
                    Issue.record("\(verdict)")
                    continue
                }
            }
            try await restarted.stop()
        }
    }

    @Test func `bytes that are no entry are refused alike each time`() async throws {
        try await withNode { node in
            let ada = try await node.member("ada")
            let good = try ada.peek(.deviceRevoked(ada.id))
            var forged = good.bytes
            forged[forged.count - 2] = forged[forged.count - 2] == 0x41 ? 0x42 : 0x41
            var other = ada
            other.origin = "ledger.test/other"
            let foreign = try other.peek(.deviceRevoked(ada.id))
            for bytes in [Array("no.entry.at-all".utf8), forged, foreign.bytes] {
                let entry = Entry(bytes: bytes)
                let refusal = try await node.rejection(of: entry)
                #expect(refusal.code == 0)
                #expect(refusal.name == "defect")
                #expect(!refusal.text.isEmpty)
                #expect(try await node.rejection(of: entry) == refusal)
                #expect(try await node.send(.verdict(of: entry.id)).status == 404)
            }
        }
    }

    @Test func `an unknown device may become known, so its entries have to wait`() async throws {
        try await withNode { node in
            let stranger = try TestDevice("stranger")
            let entry = try stranger.peek(.deviceRevoked(stranger.id))
            #expect(try await node.submit(entry) == [.retry(.deviceUnknown)])
        }
    }

    @Test func `a second device is added and signs in the same batch`() async throws {
        try await withNode { node in
            let (_, builder) = try await node.sponsor()
            var ada = try await node.member("ada")
            var phone = try TestDevice("ada's phone")
            phone.account = ada.account
            let added = try ada.entry(.deviceAdded(phone.keys))
            let verdicts = try await node.submit(added, try phone.entry(builder.join))
            for verdict in verdicts {
                guard case .accepted = verdict else {
                    Issue.record("\(verdict)")
                    return
                }
            }
            try await node.accept(try phone.entry(.deviceRevoked(ada.id)))
            let late = try ada.entry(builder.grant())
            #expect(try await node.rejection(of: late).rejection == .deviceRevoked)
            let page = try await node.send(.accountPage(after: 0, at: nil), as: ada)
            #expect(page.problem?.code == .deviceRevoked)
        }
    }

    @Test func `nobody joins by sending an enrolment among the entries`() async throws {
        try await withNode { node in
            var stranger = try TestDevice("stranger")
            let entry = try stranger.entry(.memberEnrolled(stranger.keys))
            #expect(try await node.rejection(of: entry).rejection == .invitationRequired)
            #expect(try await node.send(.verdict(of: entry.id)).status == 404)
        }
    }

    @Test func `sixty-four entries are decided in one answer`() async throws {
        try await withNode { node in
            let (_, builder) = try await node.sponsor()
            var ada = try await node.member("ada")
            var entries = [Entry]()
            for _ in 0..<64 { entries.append(try ada.entry(builder.revoke())) }
            let answer = try await node.send(.submit(EntrySubmission(entries)))
            let verdicts = try VerdictList(body: answer.body).verdicts
            #expect(verdicts.count == 64)
            #expect(verdicts.allSatisfy { if case .accepted = $0 { true } else { false } })
            let payloads = try await node.verifiedChain(
                .account(ada.account), as: ada, pageSize: 10)
            #expect(payloads.count == 65)
        }
    }

    @Test func `many senders at once get one order without gaps`() async throws {
        try await withNode { node in
            let (_, builder) = try await node.sponsor()
            let size = node.sequencer.ledger.newest.size
            var devices = [TestDevice]()
            for number in 0..<8 { devices.append(try await node.member("member \(number)")) }
            let indices = try await withThrowingTaskGroup(of: [LeafIndex].self) { group in
                for device in devices {
                    group.addTask {
                        var device = device
                        var indices = [LeafIndex]()
                        for _ in 0..<10 {
                            indices.append(
                                try await node.accept(try device.entry(builder.revoke())).index)
                        }
                        return indices
                    }
                }
                return try await group.reduce(into: []) { $0 += $1 }
            }
            #expect(indices.sorted() == (0..<80).map { LeafIndex(size + 8 + $0) })
        }
    }
}
