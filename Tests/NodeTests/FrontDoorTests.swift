import Foundation
import Glibc
import LedgerCore
import Logging
import NodeAPI
import NodeSequencer
import NodeServer
import Synchronization
import TestSupport
import Testing

/// What the node bears from one address, one device and all strangers together, and who pays for it.
struct FrontDoorTests {
    private static let slow = 0.001

    @Test func `an address that asks too much waits, others do not`() async throws {
        let time = TestTime()
        try await withNode(change: { options in
            options.proxies = ["127.0.0.1"]
            options.addressLimit = RateLimit(burst: 3, perSecond: 0.5)
            options.now = time.now
        }) { node in
            for _ in 0..<3 { #expect(try await node.log(of: "10.0.0.1").status == 200) }
            let refused = try await node.log(of: "10.0.0.1")
            #expect(refused.status == 429)
            #expect(refused.headers["content-type"] == Problem.contentType)
            #expect(refused.headers["retry-after"] == "3")
            #expect(refused.problem?.code == .tooManyRequests)
            #expect(refused.problem?.retryAfterSeconds == 3)
            #expect(try await node.log(of: "10.0.0.2").status == 200)
            time.advance(.seconds(3))
            #expect(try await node.log(of: "10.0.0.1").status == 200)
            #expect(try await node.log(of: "10.0.0.1").status == 429)
            #expect(try await node.refusals("address") == 2)
        }
    }

    @Test func `who looks at the node without end takes nothing from members behind the address`()
        async throws
    {
        let time = TestTime()
        try await withNode(change: { options in
            options.proxies = ["127.0.0.1"]
            options.addressLimit = RateLimit(burst: 1, perSecond: Self.slow)
            options.operatorLimit = RateLimit(burst: 3, perSecond: 0.5)
            options.now = time.now
        }) { node in
            for path in ["/healthz", "/readyz", "/metrics"] {
                #expect(try await node.ask("GET", path, of: "10.0.0.1").status == 200)
            }
            let refused = try await node.ask("GET", "/healthz", of: "10.0.0.1")
            #expect(refused.status == 429)
            #expect(refused.headers["retry-after"] == "3")
            #expect(try await node.log(of: "10.0.0.1").status == 200)
            // Nor do members take from who looks.
            #expect(try await node.log(of: "10.0.0.2").status == 200)
            #expect(try await node.log(of: "10.0.0.2").status == 429)
            #expect(try await node.ask("GET", "/healthz", of: "10.0.0.2").status == 200)
            time.advance(.seconds(3))
            #expect(try await node.ask("GET", "/healthz", of: "10.0.0.1").status == 200)
            #expect(try await node.refusals("operators") == 1)
        }
    }

    @Test func `pages and bodies cost more than a glance`() async throws {
        let time = TestTime()
        try await withNode(change: { options in
            options.proxies = ["127.0.0.1"]
            options.addressLimit = RateLimit(burst: 10, perSecond: Self.slow)
            options.now = time.now
        }) { node in
            let page = NodeCall.cataloguePage(after: 0, at: nil)
            let whole = try await node.ask(page, of: "10.0.0.1")
            #expect(whole.status == 200)
            for _ in 0..<2 { #expect(try await node.log(of: "10.0.0.1").status == 200) }
            #expect(try await node.log(of: "10.0.0.1").status == 429)
            let body = [UInt8](repeating: 0x20, count: 9 * 1024)
            #expect(try await node.post(body, of: "10.0.0.2").status == 400)
            #expect(try await node.log(of: "10.0.0.2").status == 429)
        }
    }

    @Test func `who may read little of much pays for what is looked through`() async throws {
        let time = TestTime()
        try await withNode(change: { options in
            options.proxies = ["127.0.0.1"]
            options.addressLimit = RateLimit(burst: 400, perSecond: Self.slow)
            options.now = time.now
        }) { node in
            let (partner, _, builder) = try await node.partners()
            var ada = try await node.member("ada")
            try await node.accept(try ada.entry(builder.join))
            let all = NodeCall.projectPage(builder.project, after: nil, at: nil)
            let page = try EntryPage(body: try await node.send(all, as: partner).body)
            let rest = NodeCall.projectPage(
                builder.project, after: page.entries.last?.index, at: nil, limit: 1)
            // A page each, and another that is looked through beyond what may not be read.
            var count = 0
            while count < 60,
                try await node.ask(rest, of: "10.0.0.1", as: partner).status == 200
            {
                count += 1
            }
            #expect(count == 25)
        }
    }

    @Test func `a network of IPv6 counts as one address, and so does IPv4 in either form`()
        async throws
    {
        let time = TestTime()
        try await withNode(change: { options in
            options.proxies = ["127.0.0.1"]
            options.addressLimit = RateLimit(burst: 1, perSecond: Self.slow)
            options.now = time.now
        }) { node in
            let asked = [
                ("2001:db8::1", 200), ("2001:db8::ffff:2", 429), ("2001:db8:0:1::1", 200),
                ("10.0.0.1", 200), ("::ffff:10.0.0.1", 429), ("10.0.0.1, 10.0.0.2", 200),
            ]
            for (address, status) in asked {
                let answer = try await node.log(of: address)
                #expect(answer.status == status, "\(address)")
            }
        }
    }

    @Test func `who guesses codes behind a proxy keeps nobody else there from joining`()
        async throws
    {
        try await withNode(change: { $0.proxies = ["127.0.0.1"] }) { node in
            var device = try TestDevice("eve")
            let entry = try device.entry(.memberEnrolled(device.keys))
            func guess(_ address: String) async throws -> Int {
                let code = InvitationCode(random: (0..<13).map { _ in UInt8.random(in: 0...31) })
                let request = EnrolmentRequest(
                    code: code, entry: entry, verifierKey: node.keys.log.verifierKey.text)
                return try await node.ask(.enrol(request), of: address).status
            }
            for _ in 0..<5 { #expect(try await guess("10.0.0.1") == 403) }
            let status = try await guess("10.0.0.1")
            #expect(status == 429)
            #expect(try await guess("10.0.0.2") == 403)
            #expect(try await node.refusals("invitations") == 1)
        }
    }

    @Test func `a proxy is named by its address`() async throws {
        guard NodeProgram.path != nil else {
            print("skipped: accord-node is not built")
            return
        }
        try await withFolder { folder in
            let said = try NodeProgram.complaint(2, "serve", folder, "--proxy", "front.example")
            #expect(said.contains("front.example is not an IP address"))
            try NodeProgram.run("init", folder, "--origin", LedgerBuilder.origin, "--seed", "3")
            let server = try NodeProgram(
                serving: folder, arguments: ["--proxy", "127.0.0.1", "--proxy", "::1"])
            #expect(try await server.get("/v1/log").status == 200)
            try server.stop(SIGTERM)
            #expect(server.exitCode == 0)
        }
    }

    @Test func `limits are set by options, in ranges`() async throws {
        guard NodeProgram.path != nil else {
            print("skipped: accord-node is not built")
            return
        }
        try await withFolder { folder in
            for (option, value) in [
                ("--limit-address", "32768"), ("--limit-address", "15,1"),
                ("--limit-strangers", "16,0"), ("--limit-device", "16777217,1"),
                ("--limit-wrong", "-16,1"), ("--limit-uses", "16,1,1"),
                ("--limit-operators", "64"), ("--connections", "15"),
                ("--connections-of-address", "0"), ("--connections-of-address", "4097"),
                ("--known-hours", "721"),
            ] {
                // With an equals sign: a number below zero is no option.
                let said = try NodeProgram.complaint(2, "serve", folder, "\(option)=\(value)")
                #expect(said.contains(option), "\(said)")
            }
            let help = try NodeProgram.run("serve", folder, "--help")
            for part in ["2048,1024", "--known-hours", "16 to 65536"] {
                #expect(help.contains(part), "\(help)")
            }
        }
    }

    @Test func `a restart forgets who is known, and a signature makes it known again`() async throws
    {
        guard NodeProgram.path != nil else {
            print("skipped: accord-node is not built")
            return
        }
        try await withFolder { folder in
            try NodeProgram.run("init", folder, "--origin", LedgerBuilder.origin, "--seed", "3")
            let few = ["--limit-strangers", "24,1"]
            var server = try NodeProgram(serving: folder, arguments: few)
            let ada = try await server.member("ada", folder)
            for _ in 0..<60 { #expect(try await server.get("/v1/log").status == 200) }
            try server.stop(SIGTERM)
            server = try NodeProgram(serving: folder, arguments: few)
            var status = 200
            for _ in 0..<60 where status != 429 {
                status = try await server.get("/v1/log").status
            }
            #expect(status == 429)
            #expect(try await server.ask(.accountPage(after: 0, at: nil), as: ada) == 200)
            for _ in 0..<60 { #expect(try await server.get("/v1/log").status == 200) }
            try server.stop(SIGTERM)
        }
    }

    @Test func `whom a stranger claims to speak for is not believed`() async throws {
        let time = TestTime()
        try await withNode(change: { options in
            options.addressLimit = RateLimit(burst: 2, perSecond: Self.slow)
            options.now = time.now
        }) { node in
            let statuses = [200, 200, 429]
            for (number, status) in statuses.enumerated() {
                let answer = try await node.log(of: "10.0.0.\(number)")
                #expect(answer.status == status)
            }
        }
    }

    @Test func `a refused body is not waited for and the connection ends`() async throws {
        let time = TestTime()
        try await withNode(change: { options in
            options.addressLimit = RateLimit(burst: 1, perSecond: Self.slow)
            options.now = time.now
        }) { node in
            #expect(try await node.send(.log).status == 200)
            let exchange = try await node.exchange([
                "POST /v1/entries HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000000\r\n\r\n"
            ])
            #expect(exchange.answer.hasPrefix("HTTP/1.1 429 "))
            #expect(exchange.answer.lowercased().contains("\r\nconnection: close\r\n"))
            #expect(exchange.answer.contains("\r\nRetry-After: "))
        }
    }

    @Test func `who goes on after refusals is cut off, and answers keep their order`() async throws
    {
        let time = TestTime()
        try await withNode(change: { options in
            // Enrolling is 1 for the request and 1 for each KiB of it.
            options.addressLimit = RateLimit(burst: 5, perSecond: Self.slow)
            options.now = time.now
        }) { node in
            let request = "GET /v1/log HTTP/1.1\r\nHost: x\r\n\r\n"
            let flood = String(repeating: request, count: 40)
            _ = try await node.member("ada")
            // Some are answered, one is refused after them, and no more are read.
            let first = try await node.exchange([flood])
            let lines = first.answer.components(separatedBy: "HTTP/1.1 ").dropFirst()
            #expect((3...4).contains(lines.count))
            #expect(lines.dropLast().allSatisfy { $0.hasPrefix("200") })
            #expect(lines.last?.hasPrefix("429") == true)
            // Refused one after the other: eight times, then it ends.
            let second = try await node.exchange([flood])
            #expect(second.answer.components(separatedBy: "HTTP/1.1 429 ").count - 1 == 8)
        }
    }

    @Test func `strangers ask one thing at a time, and only some of them at once`() async throws {
        try await withNode(change: { $0.strangerRequestCount = 0 }) { node in
            #expect(try await node.send(.log).status == 429)
            #expect(try await node.send(method: "GET", path: "/healthz").status == 200)
            _ = try await node.member("ada")
            #expect(try await node.send(.log).status == 200)
        }
        try await withNode { node in
            let request = "GET /v1/log HTTP/1.1\r\nHost: x\r\n\r\n"
            let exchange = try await node.exchange([request + request + request])
            let lines = exchange.answer.components(separatedBy: "HTTP/1.1 ").dropFirst()
            #expect(lines.map { $0.prefix(3) } == ["200", "429"])
        }
    }

    @Test func `strangers share what is left over, and who is known is served`() async throws {
        let time = TestTime()
        try await withNode(change: { options in
            options.proxies = ["127.0.0.1"]
            options.now = time.now
            options.strangerLimit = RateLimit(burst: 24, perSecond: 1)
            options.knownDuration = .seconds(3_600)
        }) { node in
            let ada = try await node.member("ada")
            for number in 0..<100 where try await node.log(of: "10.0.1.\(number)").status != 429 {
                #expect(number < 24)
            }
            let refused = try await node.log(of: "10.0.2.1")
            #expect(refused.status == 429)
            #expect(refused.headers["retry-after"] == "1")
            #expect(try await node.refusals("strangers") > 70)
            // The enrolment came from here: known, with everything.
            #expect(try await node.send(.log).status == 200)
            // A device that is known is asked for its signature, wherever it is, and is known then.
            #expect(try await node.ask(node.own, of: "10.0.2.1", as: ada).status == 200)
            #expect(try await node.log(of: "10.0.2.1").status == 200)
            // Those who look after the node see it.
            for path in ["/healthz", "/readyz", "/metrics"] {
                let answer = try await node.ask("GET", path, of: "10.0.3.1")
                #expect(answer.status == 200)
            }
            time.advance(.seconds(3_601))
            for _ in 0..<24 { _ = try await node.log(of: "10.0.4.1") }
            #expect(try await node.log(of: "10.0.2.1").status == 429)
        }
    }

    @Test func `wrong signatures in a device's name do not keep the device itself out`()
        async throws
    {
        let time = TestTime()
        try await withNode(change: { options in
            options.proxies = ["127.0.0.1"]
            options.now = time.now
            options.deviceLimit = RateLimit(burst: 40, perSecond: 0.1)
            options.strangerLimit = RateLimit(burst: 100, perSecond: Self.slow)
        }) { node in
            let ada = try await node.member("ada")
            var statuses = [Int]()
            for number in 0..<6 {
                // Another nonce than the one that was signed.
                var headers = try node.signature(of: node.own, by: ada)
                headers[1].value = headers[1].value.replacing("nonce=\"", with: "nonce=\"A")
                headers.append(("X-Forwarded-For", "10.0.0.\(number)"))
                let answer = try await node.send(
                    method: "GET", path: node.ownPath, headers: headers)
                statuses.append(answer.status)
            }
            // The last ones were taken out of what all strangers may ask, and so is its own.
            #expect(statuses == [401, 401, 401, 401, 401, 401])
            #expect(try await node.ask(node.own, of: "10.0.1.1", as: ada).status == 200)
            for _ in 0..<100 where try await node.log(of: "10.0.4.1").status == 200 {}
            #expect(try await node.refusals("device") == 0)
            #expect(try await node.ask(node.own, of: "10.0.1.2", as: ada).status == 429)
            #expect(try await node.refusals("device") == 1)
            #expect(try await node.send(node.own, as: ada).status == 200)
            time.advance(.seconds(500))
            #expect(try await node.ask(node.own, of: "10.0.1.2", as: ada).status == 200)
        }
    }

    @Test func `who sends what cannot be read has to wait, and still may read`() async throws {
        let time = TestTime()
        try await withNode(change: { options in
            options.proxies = ["127.0.0.1"]
            options.now = time.now
            options.defectLimit = RateLimit(burst: 2, perSecond: 1)
        }) { node in
            for body in ["{", "no JSON"] {
                #expect(try await node.post(Array(body.utf8), of: "10.0.0.1").status == 400)
            }
            let entries = EntrySubmission([Entry(bytes: Array("a".utf8))]).body
            let refused = try await node.post(entries, of: "10.0.0.1")
            #expect(refused.status == 429)
            #expect(try await node.log(of: "10.0.0.1").status == 200)
            #expect(try await node.post(entries, of: "10.0.0.2").status == 200)
            time.advance(.seconds(2))
            #expect(try await node.post(entries, of: "10.0.0.1").status == 200)
            #expect(try await node.refusals("defects") == 1)
        }
    }

    @Test func `one address has so many connections and no more`() async throws {
        try await withNode(change: { $0.connectionCountOfAddress = 3 }) { node in
            var held = try (0..<3).map { _ in try RawConnection(port: node.port, from: 2) }
            for connection in held { #expect(connection.isServed()) }
            #expect(try !RawConnection(port: node.port, from: 2).isServed())
            #expect(try RawConnection(port: node.port, from: 3).isServed())
            #expect(try await node.refusals("connections") == 1)
            held.removeLast()
            var isServed = false
            // The node hears of the end a moment later.
            for _ in 0..<500 where !isServed {
                isServed = try RawConnection(port: node.port, from: 2).isServed()
            }
            #expect(isServed)
        }
    }

    @Test func `strangers cannot fill the node with connections`() async throws {
        try await withNode(change: { $0.connectionCount = 16 }) { node in
            _ = try await node.member("ada")
            let held = try (0..<12).map { try RawConnection(port: node.port, from: 10 + $0) }
            for connection in held { #expect(connection.isServed()) }
            #expect(try !RawConnection(port: node.port, from: 30).isServed())
            #expect(try RawConnection(port: node.port, from: 1).isServed())
            withExtendedLifetime(held) {}
        }
    }

    @Test func `strangers who open connections without end are closed unheard`() async throws {
        let time = TestTime()
        try await withNode(change: { options in
            options.strangerLimit = RateLimit(burst: 12, perSecond: 1)
            options.now = time.now
        }) { node in
            _ = try await node.member("ada")
            var served = 0
            for number in 0..<20 {
                if try RawConnection(port: node.port, from: 10 + number).isServed() { served += 1 }
            }
            #expect((1...6).contains(served))
            #expect(try RawConnection(port: node.port, from: 1).isServed())
            time.advance(.seconds(5))
            #expect(try RawConnection(port: node.port, from: 40).isServed())
        }
    }

    @Test func `too many strangers' signatures at once: some wait, the rest come again`()
        async throws
    {
        try await withNode(change: { options in
            options.proxies = ["127.0.0.1"]
            options.strangerQueueCount = 1
            options.strangerLimit = .none
        }) { node in
            var ada = try await node.member("ada")
            let forged = EntrySubmission(try Self.forgeries(of: &ada)).body
            let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
                for number in 0..<24 {
                    group.addTask { try await node.post(forged, of: "10.0.1.\(number)").status }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(Set(statuses) == [200, 503])
            #expect(try await node.refusals("verification") == statuses.count { $0 == 503 })
            // Nothing of that was in the way of who is known.
            #expect(try await node.send(node.own, as: ada).status == 200)
        }
    }

    @Test func `what cannot be next for long is not verified for strangers`() async throws {
        try await withNode(change: { $0.proxies = ["127.0.0.1"] }) { node in
            var ada = try await node.member("ada")
            let project = try #require(ProjectID("any"))
            ada.sequence += 4_200
            var forged = try ada.entry(
                .authorizationRevoked(.init(project: project, major: 1, mode: .stop))
            ).bytes
            forged[forged.count - 20] ^= 1
            let body = EntrySubmission([Entry(bytes: forged)]).body
            let stranger = try VerdictList(body: try await node.post(body, of: "10.0.0.1").body)
            #expect(stranger.verdicts == [.retry(.sequenceGap)])
            let known = try VerdictList(body: try await node.post(body, of: nil).body)
            guard case .rejected(let refusal) = known.verdicts[0] else {
                Issue.record("\(known.verdicts)")
                return
            }
            #expect(refusal.name == "defect")
        }
    }

    @Test func `it remembers no more addresses than it may, and writes none down`() async throws {
        let log = LogTrap()
        try await withNode(
            logger: Logger(label: "node") { _ in log },
            change: { options in
                options.proxies = ["127.0.0.1"]
                options.rememberedCount = 16
                options.strangerLimit = RateLimit(burst: 50, perSecond: Self.slow)
            }
        ) { node in
            for number in 0..<100 { _ = try await node.log(of: "10.9.8.\(number)") }
            let metrics = try await node.metricsText()
            let count = metrics.split(separator: "\n").first { $0.hasPrefix("accord_addresses ") }
            let held = try #require(
                count.flatMap { $0.split(separator: " ").last.flatMap { Int($0) } })
            #expect((8...16).contains(held))
            #expect(!metrics.contains("10.9.8"))
            #expect(!log.text.contains("10.9.8"))
            let limits = [
                "address", "connections", "defects", "device", "invitations", "operators", "polls",
                "strangers", "uses", "verification",
            ]
            for limit in limits {
                #expect(metrics.contains("accord_refused_total{limit=\"\(limit)\"} "))
            }
        }
    }

    private static func forgeries(of device: inout TestDevice) throws -> [Entry] {
        let project = try #require(ProjectID("any"))
        return try (0..<NodeLimits.submissionCount).map { _ in
            var bytes = try device.entry(
                .authorizationRevoked(.init(project: project, major: 1, mode: .stop))
            ).bytes
            bytes[bytes.count - 20] ^= 1
            return Entry(bytes: bytes)
        }
    }
}

/// A time that moves when a test says so.
private final class TestTime: Sendable {
    private let instant = Mutex(ContinuousClock.Instant.now)

    func advance(_ duration: Duration) { instant.withLock { $0 += duration } }

    var now: @Sendable () -> ContinuousClock.Instant {
        { self.instant.withLock { $0 } }
    }
}

extension TestNode {
    fileprivate var own: NodeCall { .accountPage(after: 0, at: nil) }
    fileprivate var ownPath: String { "\(own.path)?\(own.query)" }

    /// Asks as a proxy does for an address.
    fileprivate func ask(_ call: NodeCall, of address: String, as device: TestDevice? = nil)
        async throws -> Answer
    {
        try await send(
            method: call.method.rawValue,
            path: call.path + (call.query.isEmpty ? "" : "?\(call.query)"), body: call.body,
            headers: [("X-Forwarded-For", address)]
                + (try device.map { try signature(of: call, by: $0) } ?? []))
    }

    fileprivate func ask(_ method: String, _ path: String, of address: String) async throws
        -> Answer
    {
        try await send(method: method, path: path, headers: [("X-Forwarded-For", address)])
    }

    fileprivate func log(of address: String) async throws -> Answer {
        try await ask(.log, of: address)
    }

    fileprivate func post(_ body: [UInt8], of address: String?) async throws -> Answer {
        try await send(
            method: "POST", path: "/v1/entries", body: body,
            headers: address.map { [("X-Forwarded-For", $0)] } ?? [])
    }

    fileprivate func metricsText() async throws -> String {
        String(decoding: try await send(method: "GET", path: "/metrics").body, as: UTF8.self)
    }

    /// How much a limit refused.
    fileprivate func refusals(_ limit: String) async throws -> Int {
        let head = "accord_refused_total{limit=\"\(limit)\"} "
        let line = try await metricsText().split(separator: "\n").first { $0.hasPrefix(head) }
        return try #require(line.flatMap { Int($0.dropFirst(head.count)) })
    }
}

/// A connection from an address of its own of this machine.
private final class RawConnection {
    private let descriptor: Int32

    /// Connects from 127.0.0.`host`.
    init(port: Int, from host: Int) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var patience = timeval(tv_sec: 20, tv_usec: 0)
        setsockopt(
            descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience,
            socklen_t(MemoryLayout<timeval>.size))
        try #require(Self.name(descriptor, 0x7f00_0000 + UInt32(host), 0, bind) == 0)
        try #require(Self.name(descriptor, 0x7f00_0001, UInt16(port), connect) == 0)
    }

    deinit { close(descriptor) }

    /// Asks for the log; `false` if the connection ends instead.
    func isServed() -> Bool {
        let request = Array("GET /v1/log HTTP/1.1\r\nHost: x\r\n\r\n".utf8)
        guard send(descriptor, request, request.count, Int32(MSG_NOSIGNAL)) > 0 else {
            return false
        }
        var answer = [UInt8](repeating: 0, count: 4096)
        let count = recv(descriptor, &answer, answer.count, 0)
        return count > 0 && answer.starts(with: Array("HTTP/1.1 200 ".utf8))
    }

    private static func name(
        _ descriptor: Int32, _ address: UInt32, _ port: UInt16,
        _ call: (Int32, UnsafePointer<sockaddr>, socklen_t) -> Int32
    ) -> Int32 {
        var name = sockaddr_in()
        name.sin_family = sa_family_t(AF_INET)
        name.sin_port = in_port_t(port.bigEndian)
        name.sin_addr.s_addr = address.bigEndian
        return withUnsafePointer(to: &name) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                call(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }
}
