internal import HTTPTypes
internal import Hummingbird
internal import NIOCore
package import NodeAPI

/// An answer as bytes, where no network is between.
package struct NodeAnswer: Sendable {
    /// The HTTP status.
    package let status: Int
    /// What `Retry-After` says, in seconds.
    package let retryAfterSeconds: Int64?
    /// The body.
    package let body: [UInt8]
}

extension NodeServer {
    /// Answers a call as it would over HTTP, without a connection: for a program that carries
    /// requests itself, and whose requests no limit of the front door stands before.
    ///
    /// - Parameters:
    ///   - call: What is asked.
    ///   - headers: The headers that sign it, if any.
    ///   - authority: Host and port the signature covers.
    ///   - address: Who asks.
    /// - Returns: Status and body, whatever happened.
    package func answer(
        _ call: NodeCall, headers: [(name: String, value: String)], authority: String,
        from address: String
    ) async -> NodeAnswer {
        var fields = HTTPFields()
        for header in headers {
            if let name = HTTPField.Name(header.name) { fields[name] = header.value }
        }
        let response = await node.respond(
            to: NodeRequest(
                method: call.method.rawValue, authority: authority, path: call.path,
                query: call.query, headers: fields, body: call.body, source: .named(address),
                standing: .known))
        let collector = BodyCollector()
        do {
            try await response.body.write(collector)
        } catch {
            return NodeAnswer(status: 500, retryAfterSeconds: nil, body: [])
        }
        return NodeAnswer(
            status: response.status.code,
            retryAfterSeconds: response.headers[.retryAfter].flatMap { Int64($0) },
            body: collector.bytes)
    }
}

/// Takes the pieces of a body in.
private final class BodyCollector: ResponseBodyWriter {
    private(set) var bytes: [UInt8] = []

    func write(_ buffer: ByteBuffer) async throws {
        bytes.append(contentsOf: buffer.readableBytesView)
    }

    consuming func finish(_ trailingHeaders: HTTPFields?) async throws {}
}
