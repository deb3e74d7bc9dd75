internal import AsyncHTTPClient
internal import Glibc
package import LedgerCore
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
package import NodeAPI
package import SyncCore

/// Signs requests with the device's key (RFC 9421).
package struct RequestSigner: Sendable {
    /// Returns the device's id, or `nil` while the vault is locked or nobody is enrolled.
    package var device: @Sendable () -> DeviceID?
    /// Returns the Ed25519 signature over these bytes, 64 bytes, or `nil` while the vault is
    /// locked.
    package var sign: @Sendable ([UInt8]) -> [UInt8]?

    /// Makes a signer.
    package init(
        device: @escaping @Sendable () -> DeviceID?,
        sign: @escaping @Sendable ([UInt8]) -> [UInt8]?
    ) {
        self.device = device
        self.sign = sign
    }

    /// Signs nothing: for calls that are open to everybody.
    package static let none = RequestSigner(device: { nil }, sign: { _ in nil })
}

/// Talks HTTP to one node: no redirects, no decompression, limited answers, one deadline.
package final class NodeClient: NodeConnection {
    private let client: HTTPClient
    private let base: NodeAddress
    private let signer: RequestSigner
    private let clock: @Sendable () -> Timestamp

    /// Prepares to talk to a node; nothing is sent before the first call.
    ///
    /// - Parameters:
    ///   - address: Where it is.
    ///   - signer: Signs the calls that need it.
    ///   - clock: This machine's clock: goes into signatures.
    package init(
        address: NodeAddress, signer: RequestSigner = .none,
        clock: @escaping @Sendable () -> Timestamp
    ) {
        base = address
        self.signer = signer
        self.clock = clock
        var configuration = HTTPClient.Configuration()
        configuration.redirectConfiguration = .disallow
        configuration.decompression = .disabled
        configuration.timeout.connect = .seconds(10)
        configuration.connectionPool.idleTimeout = .seconds(60)
        configuration.httpVersion = .automatic
        // The engine has a back-off of its own: a node that is down is told at once.
        configuration.connectionPool.retryConnectionEstablishment = false
        client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }

    /// Closes the connections; nothing can be sent afterwards.
    package func shutdown() async throws { try await client.shutdown() }

    /// Sends a call and returns the body of a successful answer; no body where there is none.
    ///
    /// A call whose time stamp the node refuses is signed once more with the node's time.
    package func send(_ call: NodeCall, deadline: Duration, limit: Int) async throws(NodeFailure)
        -> [UInt8]
    {
        do throws(NodeFailure) {
            return try await attempt(call, time: clock(), deadline: deadline, limit: limit)
        } catch {
            guard case .problem(let problem) = error, problem.code == .clockSkew,
                let time = problem.nodeTime
            else { throw error }
            return try await attempt(call, time: time, deadline: deadline, limit: limit)
        }
    }

    private func attempt(
        _ call: NodeCall, time: Timestamp, deadline: Duration, limit: Int
    ) async throws(NodeFailure) -> [UInt8] {
        let request = try request(for: call, time: time)
        let answer: (status: UInt, retryAfter: Int64?, body: [UInt8])
        do {
            answer = try await execute(request, deadline: deadline, limit: limit)
        } catch {
            throw failure(error)
        }
        switch answer.status {
        case 200, 201, 204: return answer.body
        default:
            throw NodeClient.failure(
                status: answer.status, retryAfter: answer.retryAfter, answer.body)
        }
    }

    private func execute(_ request: HTTPClientRequest, deadline: Duration, limit: Int)
        async throws -> (status: UInt, retryAfter: Int64?, body: [UInt8])
    {
        let nanoseconds =
            deadline.components.seconds * 1_000_000_000
            + deadline.components.attoseconds / 1_000_000_000
        let end = NIODeadline.now() + .nanoseconds(nanoseconds)
        let response = try await client.execute(request, deadline: end)
        let body = try await response.body.collect(upTo: limit)
        return (
            response.status.code,
            response.headers.first(name: "Retry-After").flatMap { Int64($0) },
            Array(body.readableBytesView)
        )
    }

    private func request(for call: NodeCall, time: Timestamp) throws(NodeFailure)
        -> HTTPClientRequest
    {
        let query = call.query.isEmpty ? "" : "?" + call.query
        var request = HTTPClientRequest(url: base.url + call.path + query)
        request.method = HTTPMethod(rawValue: call.method.rawValue)
        request.headers.add(name: "User-Agent", value: "accord/1")
        if !call.body.isEmpty || call.method != .get {
            request.headers.add(name: "Content-Type", value: call.contentType)
            request.body = .bytes(call.body)
        }
        guard call.isSigned else { return request }
        guard let device = signer.device() else { throw .locked }
        let components = SignedComponents(call, authority: base.authority)
        let parameters = RequestSignature(
            createdSeconds: time.milliseconds / 1000, nonce: NodeClient.nonce(), device: device)
        guard let signature = signer.sign(parameters.base(of: components)) else { throw .locked }
        for header in parameters.headers(for: components, signature: signature) {
            request.headers.add(name: header.name, value: header.value)
        }
        return request
    }

    private static func nonce() -> String {
        var generator = SystemRandomNumberGenerator()
        return Base64.url.encode((0..<18).map { _ in UInt8.random(in: 0...255, using: &generator) })
    }

    private func failure(_ error: any Error) -> NodeFailure {
        if error is NIOTooManyBytesError { return .malformed("the answer is too long") }
        switch error as? HTTPClientError {
        case .deadlineExceeded, .readTimeout, .writeTimeout: return .timedOut
        default: return .away(NodeOutage(NodeClient.cause(of: error), at: base.authority))
        }
    }

    private static func cause(of error: any Error) -> NodeOutage.Cause {
        if let error = error as? NIOConnectionError {
            if error.connectionErrors.isEmpty, error.dnsAError ?? error.dnsAAAAError != nil {
                return .hostUnknown
            }
            return error.connectionErrors.last.map { cause(of: $0.error) } ?? .unusable
        }
        if let error = error as? IOError { return cause(ofNumber: error.errnoCode) }
        if case .connectTimeout? = error as? ChannelError { return .silent }
        switch error as? HTTPClientError {
        case .connectTimeout: return .silent
        case .remoteConnectionClosed: return .brokenOff
        default: return .unusable
        }
    }

    private static func cause(ofNumber number: CInt) -> NodeOutage.Cause {
        switch number {
        case ECONNREFUSED: .refused
        case ENETUNREACH, EHOSTUNREACH, ENETDOWN, EHOSTDOWN, EACCES, EPERM: .noRoute
        case ETIMEDOUT: .silent
        case ECONNRESET, EPIPE, ECONNABORTED: .brokenOff
        default: .unusable
        }
    }

    private static func failure(status: UInt, retryAfter: Int64?, _ body: [UInt8]) -> NodeFailure {
        // A proxy in between answers in its own words: only the status is left to go by.
        guard let problem = try? Problem(body: body) else {
            switch status {
            case 429, 503:
                return .problem(
                    Problem(status == 429 ? .tooManyRequests : .busy, retryAfterSeconds: retryAfter)
                )
            default: return .malformed("HTTP status \(status)")
            }
        }
        return .problem(problem)
    }
}

/// Where a node is reached: scheme, host, port.
package struct NodeAddress: Equatable, Sendable {
    /// `http://host:port` or `https://host:port`, without a slash at the end.
    package let url: String
    /// Host and port as a request's signature covers them: lower case, no default port.
    package let authority: String

    /// Reads an address as a person types it; `nil` unless it is a host and perhaps a port.
    ///
    /// Without a scheme it is taken as `https`, and as `http` for this machine itself.
    package init?(_ text: String) {
        var rest = text[...]
        while rest.hasSuffix("/") { rest.removeLast() }
        var scheme = ""
        for known in ["https", "http"] where rest.lowercased().hasPrefix(known + "://") {
            scheme = known
            rest = rest.dropFirst(known.count + 3)
            break
        }
        let authority = rest.lowercased()
        let isPlain = authority.utf8.allSatisfy { byte in
            switch byte {
            case 0x30...0x39, 0x61...0x7a: true
            case 0x2d, 0x2e, 0x3a, 0x5b, 0x5d: true
            default: false
            }
        }
        guard isPlain, !authority.isEmpty else { return nil }
        let isLocal = ["localhost", "127.0.0.1", "[::1]"].contains { authority.hasPrefix($0) }
        if scheme.isEmpty { scheme = isLocal ? "http" : "https" }
        let defaultPort = scheme == "https" ? ":443" : ":80"
        let plain =
            authority.hasSuffix(defaultPort)
            ? String(authority.dropLast(defaultPort.count)) : authority
        self.authority = plain
        url = "\(scheme)://\(plain)"
    }
}
