import Foundation
import LedgerCore
import Logging
import NIOCore
import NIOPosix
import NodeAPI
import NodeSequencer
import NodeServer
import NodeStore
import Synchronization
import TestSupport
import Testing

/// Clients that are slow, huge, many, or no clients at all.
struct FireTests {
    @Test func `a head beyond the limits is told so and the connection ends`() async throws {
        try await withNode { node in
            let huge = String(repeating: "a", count: 20_000)
            let many = (0..<80).map { "X-\($0): 1\r\n" }.joined()
            let wide = (0..<40).map { "X-\($0): \(huge.prefix(500))\r\n" }.joined()
            for fields in ["X: \(huge)\r\n", many, wide] {
                let exchange = try await node.exchange([
                    "GET /v1/log HTTP/1.1\r\nHost: x\r\n\(fields)\r\n"
                ])
                #expect(exchange.answer.hasPrefix("HTTP/1.1 431 "))
                #expect(exchange.answer.contains("\r\nConnection: close\r\n"))
                let body = exchange.answer.components(separatedBy: "\r\n\r\n").dropFirst().joined()
                #expect(try Problem(body: Array(body.utf8)).code == .headersTooLarge)
                #expect(exchange.seconds < 5)
            }
            // What is allowed stays so: up to 16 KiB in 64 fields, less those every request has.
            let allowed = (0..<60).map { "X-\($0): \(huge.prefix(200))\r\n" }.joined()
            let exchange = try await node.exchange([
                "GET /v1/log HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\(allowed)\r\n"
            ])
            #expect(exchange.answer.hasPrefix("HTTP/1.1 200 "))
            let metrics = try await node.send(method: "GET", path: "/metrics")
            #expect(
                String(decoding: metrics.body, as: UTF8.self).contains(
                    "accord_requests_total{status=\"431\"} 3\n"))
        }
    }

    @Test(arguments: [
        "\u{16}\u{3}\u{1}\u{2}\u{0}\u{1}\u{0}\u{1}", "GET\r\n\r\n",
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        "POST /v1/entries HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n{}",
        "POST /v1/entries HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        "GET /v1/log HTTP/1.1\r\nHost: x\r\nA b: c\r\n\r\n", "GET /v1/log HTTP/9.9\r\n\r\n",
    ])
    func `what is no HTTP is refused and the connection ends`(text: String) async throws {
        try await withNode { node in
            let exchange = try await node.exchange([text])
            #expect(exchange.answer.hasPrefix("HTTP/1.1 4"), "\(exchange.answer)")
            #expect(exchange.seconds < 5)
            #expect(try await node.send(.log).status == 200)
        }
    }

    @Test func `a head that dribbles in is cut off, however lively it is`() async throws {
        try await withNode(change: { $0.idleTimeout = .seconds(1) }) { node in
            let dribble = ["GET /v1/log HTTP/1.1\r\n"] + (0..<100).map { "X-\($0): 1\r\n" }
            let exchange = try await node.exchange(dribble, pause: .milliseconds(100))
            #expect(exchange.answer.isEmpty)
            #expect((0.9...4).contains(exchange.seconds), "\(exchange.seconds)")
        }
    }

    @Test func `a connection on which nothing happens is closed`() async throws {
        try await withNode(change: { $0.idleTimeout = .seconds(1) }) { node in
            for pieces in [[], ["GET /v1/log HTTP/1.1\r\nHost:"]] {
                let exchange = try await node.exchange(pieces)
                #expect(exchange.answer.isEmpty)
                #expect((0.9...4).contains(exchange.seconds), "\(exchange.seconds)")
            }
        }
    }

    @Test func `a body that dribbles in is cut off, however lively it is`() async throws {
        try await withNode(change: { $0.bodyDeadline = .milliseconds(500) }) { node in
            for head in ["Content-Length: 1000", "Transfer-Encoding: chunked"] {
                let piece = head.hasPrefix("C") ? " " : "1\r\n \r\n"
                let exchange = try await node.exchange(
                    ["POST /v1/entries HTTP/1.1\r\nHost: x\r\n\(head)\r\n\r\n"]
                        + Array(repeating: piece, count: 100), pause: .milliseconds(50))
                #expect(exchange.answer.hasPrefix("HTTP/1.1 408 "))
                #expect((0.4...4).contains(exchange.seconds), "\(exchange.seconds)")
            }
        }
    }

    @Test func `a body without end is cut off at the limit`() async throws {
        try await withNode { node in
            let chunk = "10000\r\n\(String(repeating: " ", count: 65_536))\r\n"
            let exchange = try await node.exchange(
                ["POST /v1/entries HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"]
                    + Array(repeating: chunk, count: 64))
            #expect(exchange.answer.hasPrefix("HTTP/1.1 413 "))
            #expect(exchange.seconds < 5)
        }
    }

    @Test func `who asks and does not read is cut off`() async throws {
        try await withNode(change: { $0.idleTimeout = .seconds(1) }) { node in
            let deaf = try DeafConnection(port: node.port)
            let request = Array("GET /openapi.json HTTP/1.1\r\nHost: x\r\n\r\n".utf8)
            let start = ContinuousClock.now
            var isOpen = true
            while isOpen, start.duration(to: .now) < .seconds(15) {
                isOpen = deaf.send(request)
                try await Task.sleep(for: .milliseconds(2))
            }
            #expect(!isOpen)
            #expect(try await node.send(.log).status == 200)
        }
    }

    @Test func `a connection reset in the middle of a body is nobody's failure`() async throws {
        let log = LogTrap()
        try await withNode(logger: Logger(label: "test") { _ in log }) { node in
            let part = Array(
                "POST /v1/entries HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n{".utf8)
            for _ in 0..<32 {
                let connection = try DeafConnection(port: node.port)
                #expect(connection.send(part))
                // Until this is answered the node has had time to read what came before.
                #expect(try await node.send(.log).status == 200)
                connection.reset()
                #expect(try await node.send(.log).status == 200)
            }
            let metrics = try await node.send(method: "GET", path: "/metrics")
            let text = String(decoding: metrics.body, as: UTF8.self)
            #expect(!text.contains("accord_requests_total{status=\"500\"}"), "\(text)")
        }
        #expect(!log.text.contains("request failed"), "\(log.text)")
    }

    @Test func `connections that say nothing leave room for those that do`() async throws {
        try await withNode { node in
            let idle = try (0..<400).map { _ in try DeafConnection(port: node.port) }
            let start = ContinuousClock.now
            for _ in 0..<20 { #expect(try await node.send(.log).status == 200) }
            #expect(start.duration(to: .now) < .seconds(5))
            withExtendedLifetime(idle) {}
        }
    }

    @Test func `entries with wrong signatures cost their address its turn, not others`()
        async throws
    {
        try await withNode(change: { $0.defectLimit = RateLimit(burst: 64, perSecond: 0.01) }) {
            node in
            let (_, builder) = try await node.sponsor()
            var ada = try await node.member("ada")
            let join = try ada.entry(builder.join)
            let forged = (0..<64).map { number in
                var bytes = join.bytes
                bytes[bytes.count - 2 - number % 40] ^= 1
                return Entry(bytes: bytes)
            }
            let size = node.sequencer.ledger.newest.size
            let first = try await node.send(.submit(EntrySubmission(forged)))
            let verdicts = try VerdictList(body: first.body).verdicts
            #expect(
                verdicts.allSatisfy { verdict in
                    if case .rejected(let refusal) = verdict {
                        refusal.receipt.isEmpty
                    } else {
                        false
                    }
                })
            let second = try await node.send(.submit(EntrySubmission(forged)))
            #expect(second.status == 429)
            #expect(second.headers["retry-after"] != nil)
            #expect(node.sequencer.ledger.newest.size == size)
        }
    }

    @Test func `what was captured has no effect when it is sent again, nor after a restart`()
        async throws
    {
        try await withFolder { folder in
            var node = try await TestNode(folder: folder)
            var (sponsor, builder) = try await node.sponsor()
            var (ada, _) = try await node.takePart("ada", builder, &sponsor, content: [1, 2, 3])
            #expect(try await node.use(builder, of: ada.account, as: sponsor).status == 200)
            _ = try await node.send(.accountPage(after: 0, at: nil), as: ada)
            _ = try await node.rejection(of: try ada.entry(builder.join))
            let port = node.port
            let requests = node.captured.withLock { $0 }
            let isSigned = requests.map { request in
                request.headers.contains { $0.name == "Signature" }
            }
            #expect(isSigned.count { $0 } >= 4)
            for restarts in 0..<3 {
                if restarts > 0 {
                    try await node.stop()
                    node.clock.advance(milliseconds: 60_000)
                    node = try await TestNode(folder: folder, clock: node.clock) {
                        $0.port = port
                    }
                }
                let before = try snapshot(of: node)
                for (request, isSigned) in zip(requests, isSigned) {
                    let answer = try await node.send(
                        method: request.method, path: request.path, body: request.body,
                        headers: request.headers)
                    if isSigned {
                        #expect(answer.problem?.code == .nonceUsed, "\(request.path)")
                    }
                }
                #expect(try snapshot(of: node) == before)
            }
            try await node.stop()
        }
    }

    /// Everything a request could have changed.
    private func snapshot(of node: TestNode) throws -> [String] {
        let files = FileManager.default.enumerator(atPath: "\(node.folder.path)/records")
        let records = (files?.allObjects ?? []).map { "\($0)" }.sorted()
        let cursors = try node.database.cursors().map { "\($0.key.text) \($0.value.sequence)" }
        let note = try #require(try node.database.newestCheckpoint()).note
        return [String(decoding: note, as: UTF8.self)] + records + cursors.sorted()
            + [String(try node.database.refusedEntries().count)]
    }

    @Test func `after a loss of power what was signed before it is too old`() async throws {
        try await withFolder { folder in
            var node = try await TestNode(folder: folder)
            let ada = try await node.member("ada")
            let call = NodeCall.accountPage(after: 0, at: nil)
            let headers = try node.signature(of: call, by: ada)
            let path = "\(call.path)?\(call.query)"
            #expect(try await node.send(method: "GET", path: path, headers: headers).status == 200)
            let port = node.port
            try await node.stop()

            // As if the last lines were never written, and the machine started again.
            let file = folder.appending(path: "nonces.now")
            try Data("another-boot 0\n".utf8).write(to: file)
            node.clock.advance(milliseconds: 20_000)
            for _ in 0..<2 {
                node = try await TestNode(folder: folder, clock: node.clock) { $0.port = port }
                let again = try await node.send(method: "GET", path: path, headers: headers)
                #expect(again.problem?.code == .clockSkew)
                #expect(try await node.send(call, as: ada).status == 200)
                try await node.stop()
                node.clock.advance(milliseconds: 20_000)
            }
        }
    }
}

extension TestNode {
    var port: Int { Int(authority.split(separator: ":")[1]) ?? 0 }

    /// Sends pieces with a pause after each, and returns what comes until the node closes the
    /// connection, and how long that took.
    func exchange(_ pieces: [String], pause: Duration = .zero) async throws -> (
        answer: String, seconds: Double
    ) {
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connect(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(
                        wrappingChannelSynchronously: channel)
                }
            }
        let start = ContinuousClock.now
        let answer = try await channel.executeThenClose { inbound, outbound in
            try await withThrowingTaskGroup(of: String.self) { group in
                group.addTask {
                    // The node may close while we still write.
                    for piece in pieces {
                        guard (try? await outbound.write(ByteBuffer(string: piece))) != nil else {
                            break
                        }
                        // Cancelled once the answer is there: then there is no more to write.
                        guard (try? await Task.sleep(for: pause)) != nil else { break }
                    }
                    return ""
                }
                group.addTask {
                    var answer = ""
                    do {
                        for try await buffer in inbound { answer += String(buffer: buffer) }
                    } catch is IOError {
                        // The node may reset the connection: that is an end too.
                    }
                    return answer
                }
                var answer = ""
                for try await part in group {
                    answer += part
                    if !part.isEmpty { group.cancelAll() }
                }
                return answer
            }
        }
        let spent = start.duration(to: .now)
        return (
            answer,
            Double(spent.components.seconds) + Double(spent.components.attoseconds) / 1e18
        )
    }
}

/// A connection of which nothing is read.
final class DeafConnection {
    private var descriptor: Int32

    init(port: Int) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var size: Int32 = 4096
        setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &size, socklen_t(MemoryLayout<Int32>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(UInt16(port).bigEndian)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        try #require(result == 0)
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
    }

    /// Ends the connection at once, as nobody does who means well: what was sent may not arrive.
    func reset() {
        var atOnce = linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &atOnce, socklen_t(MemoryLayout<linger>.size))
        close(descriptor)
        descriptor = -1
    }

    /// Sends what there is room for; `false` once the other side ended the connection.
    func send(_ bytes: [UInt8]) -> Bool {
        let flags = Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT)
        let sent = Foundation.send(descriptor, bytes, bytes.count, flags)
        return sent >= 0 || errno == EAGAIN
    }
}
