import Foundation
import Glibc

/// One kept-alive HTTP/1.1 connection with blocking calls: as little work as a client can do, so
/// that the node gets the processors.
final class LoopbackConnection {
    /// The port it is connected to.
    let port: Int
    private let socket: Int32
    private var buffer = [UInt8](repeating: 0, count: 1 << 20)

    /// Connects to a port of the loopback.
    init(port: Int) throws {
        self.port = port
        socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(UInt16(port).bigEndian)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        var noDelay: Int32 = 1
        setsockopt(
            socket, Int32(IPPROTO_TCP), TCP_NODELAY, &noDelay,
            socklen_t(MemoryLayout<Int32>.size))
        guard socket >= 0, result == 0 else {
            throw BenchFailure("could not connect to port \(port)")
        }
    }

    deinit {
        close(socket)
    }

    /// The bytes of a POST request.
    func request(path: String, body: [UInt8]) -> [UInt8] {
        let head =
            "POST \(path) HTTP/1.1\r\nHost: 127.0.0.1:\(port)\r\n"
            + "Content-Type: application/json\r\nContent-Length: \(body.count)\r\n\r\n"
        return Array(head.utf8) + body
    }

    /// Sends a request and returns the body of the answer.
    ///
    /// - Throws: for anything but an answer of status 200 with a length.
    func answer(to request: [UInt8]) throws -> [UInt8] {
        let (status, body) = try exchange(request)
        guard status == 200 else {
            throw BenchFailure(
                "unexpected answer: \(status) \(String(decoding: body, as: UTF8.self))")
        }
        return body
    }

    /// Sends a request and returns the status and the body of the answer, empty where it has none.
    func exchange(_ request: [UInt8]) throws -> (status: Int, body: [UInt8]) {
        try sendAll(request)
        var count = 0
        var end: Int?
        var bodyStart = 0
        var status = 0
        while end == nil || count < end ?? 0 {
            if count == buffer.count { buffer.append(contentsOf: repeatElement(0, count: count)) }
            let received = buffer.withUnsafeMutableBytes {
                recv(socket, $0.baseAddress?.advanced(by: count), $0.count - count, 0)
            }
            guard received > 0 else { throw BenchFailure("the node closed the connection") }
            count += received
            if end == nil, let head = headCount(count) {
                bodyStart = head
                let (code, bodyCount) = try readHead(head)
                status = code
                end = head + bodyCount
            }
        }
        return (status, Array(buffer[bodyStart..<count]))
    }

    private func sendAll(_ bytes: [UInt8]) throws {
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes {
                send(
                    socket, $0.baseAddress?.advanced(by: sent), bytes.count - sent,
                    Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { throw BenchFailure("the node does not read") }
            sent += count
        }
    }

    /// The length of the head, once the empty line came.
    private func headCount(_ count: Int) -> Int? {
        var position = 3
        while position < count {
            if buffer[position] == 0x0a, buffer[position - 1] == 0x0d,
                buffer[position - 2] == 0x0a
            {
                return position + 1
            }
            position += 1
        }
        return nil
    }

    private func readHead(_ headCount: Int) throws -> (status: Int, bodyCount: Int) {
        let head = String(decoding: buffer[..<headCount], as: UTF8.self).lowercased()
        let length = head.split(separator: "\r\n").first { $0.hasPrefix("content-length:") }
        guard head.hasPrefix("http/1.1 "), let status = Int(head.dropFirst(9).prefix(3)),
            let count = length.map({ Int($0.dropFirst(15).filter { $0 != " " }) })
                ?? (status == 204 ? 0 : nil)
        else { throw BenchFailure("unexpected answer: \(head)") }
        return (status, count)
    }
}

/// Runs blocking work beside the cooperative threads, which the node in this process needs.
enum Threads {
    /// Runs `work` on a thread of its own for each number below `count`; waits for all.
    static func run<Result: Sendable>(
        _ count: Int, _ work: @escaping @Sendable (Int) throws -> Result
    ) async throws -> [Result] {
        try await withThrowingTaskGroup(of: (Int, Result).self) { group in
            for number in 0..<count {
                group.addTask {
                    try await withCheckedThrowingContinuation { continuation in
                        Thread.detachNewThread {
                            do {
                                continuation.resume(returning: (number, try work(number)))
                            } catch {
                                continuation.resume(throwing: error)
                            }
                        }
                    }
                }
            }
            var results = [(Int, Result)]()
            for try await result in group { results.append(result) }
            return results.sorted { $0.0 < $1.0 }.map(\.1)
        }
    }
}
