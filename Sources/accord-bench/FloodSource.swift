import ArgumentParser
import Foundation
import Glibc
import NodeAPI
import Synchronization

/// What somebody does to keep a node from its work (`RELIABILITY.md`, matrix row 13, threats 15–17).
enum Flood: String, CaseIterable, ExpressibleByArgument {
    case slowHeads, slowBodies, unread, hugeHeads, hugeBodies, many, connections, malformed
    case badSignatures, badSignaturesEverywhere, badRequests, idle

    /// The connections that say nothing.
    static let idleCount = 2_000

    var name: String {
        switch self {
        case .slowHeads: "1,000 heads that dribble in"
        case .slowBodies: "1,000 bodies that dribble in"
        case .unread: "200 who ask and do not read"
        case .hugeHeads: "heads beyond the limit"
        case .hugeBodies: "bodies at and beyond the limit"
        case .many: "good requests without end"
        case .connections: "connections opened and closed"
        case .malformed: "no HTTP, no JSON"
        case .badSignatures: "entries with wrong signatures, 16 addresses"
        case .badSignaturesEverywhere: "the same, 40,000 addresses"
        case .badRequests: "requests with wrong signatures"
        case .idle: "2,000 idle connections"
        }
    }

    /// How many times longer the p99 of others may get.
    var factor: Double {
        switch self {
        case .badSignatures, .badSignaturesEverywhere, .badRequests: 3
        default: 2
        }
    }

    /// How many threads it takes; slow ones have many connections in one.
    var threadCount: Int {
        switch self {
        case .slowHeads, .slowBodies, .unread, .idle: 1
        default: 4
        }
    }
}

/// The bytes floods are made of, made beforehand.
struct FloodMaterial: Sendable {
    let hugeHead: [UInt8]
    let hugeBodies: [[UInt8]]
    let many: [UInt8]
    let malformed: [[UInt8]]
    let badSignatures: [UInt8]
    let badRequest: [UInt8]

    init(forger: HealthyClient) throws {
        func post(_ body: [UInt8], announced: Int? = nil) -> [UInt8] {
            Array(
                ("POST /v1/entries HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                    + "Content-Length: \(announced ?? body.count)\r\n\r\n").utf8) + body
        }
        let long = String(repeating: "a", count: 20_000)
        hugeHead = Array("GET /v1/log HTTP/1.1\r\nHost: x\r\nX: \(long)\r\n\r\n".utf8)
        let words = (0..<62).map { _ in "\"\(long.prefix(4_096))\"" }.joined(separator: ",")
        let whole = NodeLimits.bodyBytes
        hugeBodies = [
            post(Array("{\"entries\":[\(words)]}".utf8)),
            post(Array(repeating: UInt8(ascii: "["), count: whole)),
            post(Array(("{\"entries\":" + String(repeating: " ", count: whole - 13) + "[]}").utf8)),
            post([], announced: 1 << 30),
        ]
        many = Array(
            String(
                repeating: "GET /v1/log HTTP/1.1\r\nHost: x\r\n\r\n"
                    + "GET /checkpoint HTTP/1.1\r\nHost: x\r\n\r\n", count: 8
            ).utf8)
        malformed = [
            [0x16, 3, 1, 2, 0, 1, 0, 1], Array("GET\r\n\r\n".utf8),
            Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8), post(Array("{".utf8)),
            post(Array("{\"entries\":null}".utf8)), post([0xff, 0xfe, 0]),
        ]
        badSignatures = post(
            EntrySubmission(try forger.forgeries(NodeLimits.submissionCount)).body)
        badRequest = try forger.forgedRequest()
    }
}

/// A flood that goes on until it is stopped.
final class FloodSource: Sendable {
    /// What came of it.
    struct Outcome: Sendable {
        /// Requests, or connections where it makes no whole request.
        var sent = 0
        /// Connections that the node had not closed at the end.
        var open = 0
    }

    private let flood: Flood
    private let port: Int
    private let material: FloodMaterial
    private let isOver = Atomic(false)
    private let begun = Atomic(0)

    init(_ flood: Flood, _ port: Int, _ material: FloodMaterial) {
        self.flood = flood
        self.port = port
        self.material = material
    }

    func stop() { isOver.store(true, ordering: .relaxed) }

    /// Waits until every part of the flood has begun.
    func isUnderWay() async {
        while begun.load(ordering: .relaxed) < flood.threadCount {
            // Cancelled means that nobody waits any more.
            guard (try? await Task.sleep(for: .milliseconds(20))) != nil else { return }
        }
    }

    /// Floods until it is stopped.
    func run() async throws -> Outcome {
        let parts = try await Threads.run(flood.threadCount) { number in
            setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, 19)
            return self.part(number)
        }
        return parts.reduce(into: Outcome()) {
            $0.sent += $1.sent
            $0.open += $1.open
        }
    }

    private func part(_ number: Int) -> Outcome {
        switch flood {
        case .slowHeads:
            dribble("GET /v1/log HTTP/1.1\r\nHost: x\r\nX-Slow: ", "a", count: 1_000)
        case .slowBodies:
            dribble(
                "POST /v1/entries HTTP/1.1\r\nHost: x\r\nContent-Length: 200000\r\n\r\n", " ",
                count: 1_000)
        case .unread:
            dribble(
                "", String(repeating: "GET /openapi.json HTTP/1.1\r\nHost: x\r\n\r\n", count: 20),
                count: 200)
        case .idle: dribble("", "", count: Flood.idleCount)
        case .hugeHeads: repeated(number, [material.hugeHead])
        case .hugeBodies: repeated(number, material.hugeBodies)
        case .malformed: repeated(number, material.malformed)
        case .badSignatures: repeated(number, [material.badSignatures], addresses: 16)
        case .badSignaturesEverywhere: repeated(number, [material.badSignatures])
        case .badRequests: repeated(number, [material.badRequest])
        case .many: pipelined(number)
        case .connections: churn(number)
        }
    }

    private var goesOn: Bool { !isOver.load(ordering: .relaxed) }

    /// Notes that a part is at its height.
    private func hasBegun() { begun.add(1, ordering: .relaxed) }

    /// Who floods has as many addresses as they like.
    private static func address(_ number: Int) -> UInt32 {
        0x7f00_0100 + UInt32(number % 200) + UInt32(number / 200 % 200) << 8 + 1
    }

    /// Many connections, each of which says a little once a second; one that was closed is replaced.
    private func dribble(_ lead: String, _ piece: String, count: Int) -> Outcome {
        var outcome = Outcome()
        var sockets = [FloodSocket?]()
        for number in 0..<count where goesOn {
            let socket = FloodSocket(port: port, from: Self.address(number / 100))
            outcome.sent += 1
            socket?.offer(Array(lead.utf8))
            sockets.append(socket)
        }
        hasBegun()
        let bytes = Array(piece.utf8)
        while goesOn {
            for index in sockets.indices where goesOn {
                if index.isMultiple(of: max(count / 50, 1)) { usleep(20_000) }
                if let socket = sockets[index], bytes.isEmpty || socket.offer(bytes) { continue }
                sockets[index] = FloodSocket(port: port, from: Self.address(index / 100))
                sockets[index]?.offer(Array(lead.utf8))
                outcome.sent += 1
            }
        }
        outcome.open = sockets.count { $0?.isOpen ?? false }
        return outcome
    }

    /// Requests one after the other, as fast as they are answered, each eighth from another address.
    private func repeated(_ number: Int, _ requests: [[UInt8]], addresses: Int = 40_000)
        -> Outcome
    {
        var outcome = Outcome()
        var socket: FloodSocket?
        hasBegun()
        while goesOn {
            if socket == nil || outcome.sent.isMultiple(of: 8) {
                let place = (outcome.sent / 8 * flood.threadCount + number) % addresses
                socket = FloodSocket(port: port, from: Self.address(place))
            }
            let request = requests[outcome.sent % requests.count]
            outcome.sent += 1
            guard let now = socket, now.send(request), now.receive() > 0 else {
                socket = nil
                continue
            }
        }
        return outcome
    }

    /// Sixteen requests at once on each of sixteen connections.
    private func pipelined(_ number: Int) -> Outcome {
        var outcome = Outcome()
        var sockets = (0..<16).map { FloodSocket(port: port, from: Self.address(16 * number + $0)) }
        hasBegun()
        while goesOn {
            for index in sockets.indices {
                guard let socket = sockets[index], socket.send(material.many) else {
                    sockets[index] = FloodSocket(port: port, from: Self.address(index))
                    continue
                }
                outcome.sent += 16
            }
            for socket in sockets { _ = socket?.receive() }
        }
        return outcome
    }

    private func churn(_ number: Int) -> Outcome {
        var outcome = Outcome()
        hasBegun()
        while goesOn {
            if FloodSocket(port: port, from: Self.address(outcome.sent * 4 + number)) != nil {
                outcome.sent += 1
            }
        }
        return outcome
    }
}

/// A connection that cares for nothing.
final class FloodSocket {
    private let file: Int32

    /// Connects from an address of the loopback; `nil` if that does not work now.
    init?(port: Int, from address: UInt32) {
        file = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard file >= 0 else { return nil }
        var patience = timeval(tv_sec: 1, tv_usec: 0)
        let size = socklen_t(MemoryLayout<timeval>.size)
        setsockopt(file, SOL_SOCKET, SO_RCVTIMEO, &patience, size)
        setsockopt(file, SOL_SOCKET, SO_SNDTIMEO, &patience, size)
        guard Self.name(file, address, 0, bind) == 0,
            Self.name(file, 0x7f00_0001, UInt16(port), connect) == 0
        else { return nil }
    }

    deinit { close(file) }

    /// A port of the loopback that nobody uses now.
    static func freePort() throws -> Int {
        let file = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(file) }
        var name = sockaddr_in()
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let result = withUnsafeMutablePointer(to: &name) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Self.name(file, 0x7f00_0001, 0, bind) == 0 ? getsockname(file, $0, &size) : -1
            }
        }
        guard result == 0 else { throw BenchFailure("there is no free port") }
        return Int(UInt16(bigEndian: name.sin_port))
    }

    private static func name(
        _ file: Int32, _ address: UInt32, _ port: UInt16,
        _ call: (Int32, UnsafePointer<sockaddr>, socklen_t) -> Int32
    ) -> Int32 {
        var name = sockaddr_in()
        name.sin_family = sa_family_t(AF_INET)
        name.sin_port = in_port_t(port.bigEndian)
        name.sin_addr.s_addr = address.bigEndian
        return withUnsafePointer(to: &name) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                call(file, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }

    /// Sends all of it, waiting a second at most.
    func send(_ bytes: [UInt8]) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes {
                Glibc.send(file, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }

    /// Sends what there is room for; `false` once the node ended the connection.
    @discardableResult
    func offer(_ bytes: [UInt8]) -> Bool {
        let flags = Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT)
        return Glibc.send(file, bytes, bytes.count, flags) >= 0 || errno == EAGAIN
    }

    /// Takes what has come, waiting a second at most; how many bytes.
    func receive() -> Int {
        withUnsafeTemporaryAllocation(byteCount: 65_536, alignment: 1) {
            recv(file, $0.baseAddress, $0.count, 0)
        }
    }

    /// Whether the node has not ended the connection.
    var isOpen: Bool {
        var byte: UInt8 = 0
        let flags = Int32(MSG_PEEK) | Int32(MSG_DONTWAIT)
        let count = recv(file, &byte, 1, flags)
        return count > 0 || count < 0 && errno == EAGAIN
    }
}
