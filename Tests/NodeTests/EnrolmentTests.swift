import LedgerCore
import NodeAPI
import NodeSequencer
import NodeServer
import NodeStore
import TestSupport
import Testing

struct EnrolmentTests {
    private func request(_ node: TestNode, _ code: InvitationCode, _ name: String) throws
        -> EnrolmentRequest
    {
        var device = try TestDevice(name)
        return EnrolmentRequest(
            code: code, entry: try device.entry(.memberEnrolled(device.keys)),
            verifierKey: node.keys.log.verifierKey.text)
    }

    @Test func `an invitation enrols once and both sides prove they know the code`() async throws {
        try await withNode { node in
            let code = try node.invite()
            let request = try request(node, code, "ada")
            let answer = try EnrolmentAnswer(body: try await node.send(.enrol(request)).body)
            guard case .accepted = answer.verdict else {
                Issue.record("\(answer.verdict)")
                return
            }
            let entry = Hash.of(request.entry)
            let vkey = node.keys.log.verifierKey.text
            #expect(
                code.key.isNodeProof(answer.confirmation, entry: entry, verifierKey: vkey))
            #expect(
                !code.key.isNodeProof(answer.confirmation, entry: entry, verifierKey: "other"))
            let other = try self.request(node, code, "bo")
            #expect(try await node.send(.enrol(other)).problem?.code == .invitationRefused)
        }
    }

    @Test func `sending the same enrolment again gives the same answer`() async throws {
        try await withNode { node in
            let request = try request(node, try node.invite(), "ada")
            let first = try await node.send(.enrol(request))
            node.clock.advance(milliseconds: 3_600_000)
            #expect(try await node.send(.enrol(request)).body == first.body)
        }
    }

    @Test func `an invitation runs out after ten minutes`() async throws {
        try await withNode { node in
            let code = try node.invite()
            node.clock.advance(milliseconds: NodeLimits.invitationMilliseconds)
            let answer = try await node.send(.enrol(try request(node, code, "ada")))
            #expect(answer.status == 403)
            #expect(answer.problem?.code == .invitationRefused)
        }
    }

    @Test func `of two people who race for one invitation one joins`() async throws {
        try await withNode { node in
            let code = try node.invite()
            let requests = try (0..<4).map { try request(node, code, "racer \($0)") }
            let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
                for request in requests {
                    group.addTask { try await node.send(.enrol(request)).status }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(statuses.sorted() == [200, 403, 403, 403])
        }
    }

    @Test func `a proof for another key or entry is worth nothing`() async throws {
        try await withNode { node in
            let code = try node.invite()
            let good = try request(node, code, "ada")
            let swapped = EnrolmentRequest(
                lookup: good.lookup,
                proof: code.key.memberProof(
                    entry: Hash.of(good.entry), verifierKey: "ledger.evil+00000000+AA"),
                entry: good.entry)
            #expect(try await node.send(.enrol(swapped)).problem?.code == .invitationRefused)
            #expect(try await node.send(.enrol(good)).status == 200)
        }
    }

    @Test func `after five wrong tries nobody at that address may try for an hour`() async throws {
        try await withNode { node in
            for number in 0..<5 {
                let wrong = try request(
                    node, InvitationCode(random: [UInt8](repeating: UInt8(number), count: 13)),
                    "guess \(number)")
                #expect(try await node.send(.enrol(wrong)).status == 403)
            }
            let good = try request(node, try node.invite(), "ada")
            let refused = try await node.send(.enrol(good))
            #expect(refused.status == 429)
            #expect(refused.headers["retry-after"] != nil)
            node.clock.advance(milliseconds: 3_600_000)
            let late = try request(node, try node.invite(), "ada")
            #expect(try await node.send(.enrol(late)).status == 200)
        }
    }
}
