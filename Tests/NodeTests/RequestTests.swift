import AsyncHTTPClient
import Foundation
import LedgerCore
import NodeAPI
import NodeSequencer
import NodeServer
import NodeStore
import TestSupport
import Testing

struct RequestTests {
    enum Tampering: String, CaseIterable, Sendable {
        case method, authority, path, query, body, digest, nonce, created, device, label, missing
    }

    @Test(arguments: Tampering.allCases)
    func `a request that was changed after signing is refused`(tampering: Tampering) async throws {
        try await withNode { node in
            let ada = try await node.member("ada")
            let bo = try await node.member("bo")
            let record = Hash.of([1, 2, 3])
            let call = NodeCall.uploadRecord(record, offset: 0, length: 3, bytes: [1, 2, 3])
            let method = call.method.rawValue
            var path = call.path
            var query = call.query
            var body = call.body
            var headers = try node.signature(
                of: call, by: ada, authority: tampering == .authority ? "evil.test" : nil,
                method: tampering == .method ? "GET" : nil)
            func replace(_ name: String, _ old: String, _ new: String) {
                headers = headers.map { header in
                    header.name == name
                        ? (name, header.value.replacingOccurrences(of: old, with: new)) : header
                }
            }
            switch tampering {
            case .method, .authority: break
            case .path: path = "/v1/records/\(Hash.of([4]).hex)"
            case .query: query = "offset=0&length=4"
            case .body: body = [1, 2, 4]
            case .digest:
                body = [1, 2, 4]
                replace(
                    "Content-Digest", Base64.standard.encode(record.bytes),
                    Base64.standard.encode(Hash.of([1, 2, 4]).bytes))
            case .nonce: replace("Signature-Input", "nonce=\"", "nonce=\"A")
            case .created: replace("Signature-Input", "created=177", "created=178")
            case .device: replace("Signature-Input", ada.id.text, bo.id.text)
            case .label: replace("Signature-Input", "tag=\"accord\"", "tag=\"other\"")
            case .missing: headers.removeLast()
            }
            let answer = try await node.send(
                method: method, path: "\(path)?\(query)", body: body, headers: headers)
            #expect(answer.status == 401)
        }
    }

    @Test func `a request sent twice is taken once`() async throws {
        try await withNode { node in
            let ada = try await node.member("ada")
            let call = NodeCall.accountPage(after: 0, at: nil)
            let headers = try node.signature(of: call, by: ada)
            func send() async throws -> TestNode.Answer {
                try await node.send(
                    method: "GET", path: "\(call.path)?\(call.query)", headers: headers)
            }
            #expect(try await send().status == 200)
            #expect(try await send().problem?.code == .nonceUsed)
            node.clock.advance(milliseconds: 299_000)
            #expect(try await send().problem?.code == .nonceUsed)
        }
    }

    @Test func `a clock that is off learns the node's time`() async throws {
        try await withNode { node in
            let ada = try await node.member("ada")
            let call = NodeCall.accountPage(after: 0, at: nil)
            for offset in [-301, 301] as [Int64] {
                let headers = try node.signature(
                    of: call, by: ada,
                    createdSeconds: LedgerBuilder.start.milliseconds / 1000 + offset)
                let answer = try await node.send(
                    method: "GET", path: "\(call.path)?\(call.query)", headers: headers)
                #expect(answer.problem?.code == .clockSkew)
                #expect(answer.problem?.nodeTime == LedgerBuilder.start)
            }
        }
    }

    @Test func `the entries about a project are for its sponsor`() async throws {
        try await withNode { node in
            var (sponsor, builder) = try await node.sponsor()
            let (ada, _) = try await node.takePart("ada", builder, &sponsor, content: [1])
            let call = NodeCall.projectPage(builder.project, after: nil, at: nil)
            let page = try EntryPage(body: try await node.send(call, as: sponsor).body)
            #expect(page.entries.count == 7)
            let rest = try EntryPage(
                body: try await node.send(
                    .projectPage(builder.project, after: page.entries[4].index, at: nil),
                    as: sponsor
                ).body)
            #expect(rest.entries == Array(page.entries[5...]))
            #expect(try await node.send(call, as: ada).status == 403)
            let unknown = try #require(ProjectID("nothing"))
            let missing = try await node.send(
                .projectPage(unknown, after: nil, at: nil), as: sponsor)
            #expect(missing.problem?.code == .projectUnknown)
        }
    }

    @Test func `a recipient reads what concerns those who named it, and all of that`()
        async throws
    {
        try await withNode { node in
            let (partner, sponsor, builder) = try await node.partners()
            var ada = try await node.member("ada")
            var bo = try await node.member("bo")
            try await node.accept(try ada.entry(builder.join))
            try await node.accept(try bo.entry(builder.join))
            try await node.accept(try bo.entry(builder.grant(recipients: [sponsor.account])))
            func read(by device: TestDevice) async throws -> [EntryPayload] {
                let one = NodeCall.projectPage(builder.project, after: nil, at: nil)
                let all = NodeCall.projectsPage(after: nil, at: nil)
                let page = try EntryPage(body: try await node.send(one, as: device).body)
                #expect(try EntryPage(body: try await node.send(all, as: device).body) == page)
                return try page.entries.map { try Entry(bytes: $0.entry).payload() }
            }
            let before = try await read(by: partner)
            #expect(Set(before.map(\.account)) == [sponsor.account])
            let whole = try await read(by: sponsor)
            #expect(Set(whole.map(\.account)) == [sponsor.account, ada.account, bo.account])
            try await node.accept(try ada.entry(builder.grant()))
            let opened = try await read(by: partner).filter { $0.account != sponsor.account }
            #expect(opened.map(\.account) == [ada.account, ada.account])
            #expect(opened.map(\.body.kind) == [.signupJoined, .authorizationGranted])
        }
    }

    @Test func `the catalogue is whole, public and pinned to one checkpoint`() async throws {
        try await withNode { node in
            let (_, builder) = try await node.sponsor()
            let old = Int64(node.sequencer.ledger.newest.size)
            let before = try await node.send(.cataloguePage(after: 0, at: old))
            var ada = try await node.member("ada")
            try await node.accept(try ada.entry(builder.join))
            let after = try await node.send(.cataloguePage(after: 0, at: old))
            #expect(before.body == after.body)
            let kinds = try await node.verifiedChain(.catalogue, as: nil, pageSize: 2)
                .map(\.body.kind)
            #expect(
                kinds == [
                    .institutionAdmitted, .institutionAdmitted, .budgetFunded, .projectPublished,
                    .escrowPlaced,
                ])
            let unknown = try await node.send(.cataloguePage(after: 0, at: old + 100))
            #expect(unknown.problem?.code == .checkpointUnknown)
        }
    }

    @Test func `a poll wakes when the log grows and is quiet otherwise`() async throws {
        try await withNode { node in
            let ada = try await node.member("ada")
            let size = Int64(node.sequencer.ledger.newest.size)
            let quiet = try await node.send(.changes(since: size, waitSeconds: 0), as: ada)
            #expect(quiet.status == 204)
            #expect(quiet.body.isEmpty)
            async let waiting = node.send(.changes(since: size, waitSeconds: 25), as: ada)
            _ = try await node.member("bo")
            let woken = try await waiting
            #expect(try ChangeNotice(body: woken.body).size == size + 1)
            let late = try await node.send(.changes(since: size - 1), as: ada)
            #expect(try ChangeNotice(body: late.body).size == size + 1)
            let atOnce = try await node.send(.changes(since: size, waitSeconds: 0), as: ada)
            #expect(try ChangeNotice(body: atOnce.body).size == size + 1)
        }
    }

    @Test func `a device has two polls and no more`() async throws {
        try await withNode { node in
            let ada = try await node.member("ada")
            let size = Int64(node.sequencer.ledger.newest.size)
            async let first = node.send(.changes(since: size, waitSeconds: 20), as: ada)
            async let second = node.send(.changes(since: size, waitSeconds: 20), as: ada)
            var waiting = false
            for _ in 0..<500 where !waiting {
                let metrics = try await node.send(method: "GET", path: "/metrics")
                waiting = String(decoding: metrics.body, as: UTF8.self).contains("accord_polls 2")
                try await Task.sleep(for: .milliseconds(10))
            }
            let third = try await node.send(.changes(since: size, waitSeconds: 0), as: ada)
            #expect(third.status == 429)
            _ = try await node.member("bo")
            #expect(try await first.status == 200)
            #expect(try await second.status == 200)
        }
    }

    @Test func `a body beyond the limit is refused`() async throws {
        try await withNode { node in
            let body = [UInt8](repeating: 0x20, count: NodeLimits.bodyBytes + 1)
            let answer = try await node.send(method: "POST", path: "/v1/entries", body: body)
            #expect(answer.status == 413)
            #expect(try await node.send(.log).status == 200)
        }
    }

    @Test func `more than sixty-four entries or none are no submission`() async throws {
        try await withNode { node in
            for body in [
                #"{"entries":[]}"#, #"{"entries": ["a"], "x": 1}"#, "{}", "",
                #"{"entries":["# + [String](repeating: "\"a\"", count: 65).joined(separator: ",")
                    + "]}",
            ] {
                let answer = try await node.send(
                    method: "POST", path: "/v1/entries", body: Array(body.utf8))
                #expect(answer.status == 400)
                #expect(answer.problem?.code == .malformedRequest)
            }
        }
    }

    @Test func `who sends too much that is no entry has to wait`() async throws {
        try await withNode(change: { $0.defectLimit = RateLimit(burst: 3, perSecond: 0.01) }) {
            node in
            let bad = Entry(bytes: Array("no entry".utf8))
            let ada = try TestDevice("ada").peek(.budgetFunded(Points(1)))
            let calls = [
                NodeCall.submit(EntrySubmission([bad, bad, bad])),
                .submit(EntrySubmission([ada])),
            ]
            #expect(try await node.send(calls[0]).status == 200)
            let refused = try await node.send(calls[1])
            #expect(refused.status == 429)
            #expect(refused.problem?.retryAfterSeconds ?? 0 > 0)
            #expect(try await node.send(.log).status == 200)
        }
    }

    @Test func `a device asks for records no faster than its limit`() async throws {
        try await withNode(change: { $0.useLimit = RateLimit(burst: 2, perSecond: 0.01) }) { node in
            let (sponsor, builder) = try await node.sponsor()
            for expected in [403, 403, 429] {
                let answer = try await node.use(builder, of: sponsor.account, as: sponsor)
                #expect(answer.status == expected)
            }
        }
    }

    @Test func `a compressed body is not unpacked`() async throws {
        try await withNode { node in
            let answer = try await node.send(
                method: "POST", path: "/v1/entries", body: [0x1f, 0x8b],
                headers: [("Content-Encoding", "gzip")])
            #expect(answer.status == 400)
        }
    }

    @Test func `operations are answered and unknown paths are not`() async throws {
        try await withNode { node in
            for path in ["/healthz", "/readyz", "/metrics", "/openapi.json"] {
                #expect(try await node.send(method: "GET", path: path).status == 200)
            }
            let document = try await node.send(method: "GET", path: "/openapi.json")
            #expect(try PlainJSON.value(document.body)["openapi"]?.string == "3.1.0")
            #expect(try await node.send(method: "GET", path: "/v1/nothing").status == 404)
            #expect(try await node.send(method: "DELETE", path: "/v1/entries").status == 405)
            #expect(try await node.send(method: "GET", path: "/tile/0/5").status == 404)
            #expect(try await node.send(method: "GET", path: "/tile/0/999").status == 404)
            // The largest index there can be: its leaves would end beyond the numbers.
            for level in ["entries", "0", "1", "63"] {
                let path = "/tile/\(level)/x036/x028/x797/x018/x963/967"
                #expect(try await node.send(method: "GET", path: path).status == 404)
                #expect(try await node.send(method: "GET", path: path + ".p/255").status == 404)
            }
        }
    }
}
