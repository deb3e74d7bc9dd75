internal import AsyncHTTPClient
package import LedgerCore
internal import NIOCore
internal import NIOHTTP1
package import NodeAPI
package import SyncCore

/// Signs requests with the key of this device (RFC 9421, the profile of `RequestSignature`).
package struct RequestSigner: Sendable {
    private let device: DeviceID
    private let nonce: @Sendable () -> String
    private let now: @Sendable () -> Timestamp
    private let sign: @Sendable ([UInt8]) throws -> [UInt8]

    /// Makes a signer.
    ///
    /// - Parameters:
    ///   - device: The device whose key signs.
    ///   - nonce: Gives a text that was never used before (`RequestSignature.isNonce`).
    ///   - now: Gives the time that the node is expected to have.
    ///   - sign: Gives the Ed25519 signature of the bytes, 64 bytes.
    package init(
        device: DeviceID, nonce: @escaping @Sendable () -> String,
        now: @escaping @Sendable () -> Timestamp,
        sign: @escaping @Sendable ([UInt8]) throws -> [UInt8]
    ) {
        self.device = device
        self.nonce = nonce
        self.now = now
        self.sign = sign
    }

    func headers(for call: NodeCall, authority: String) throws -> [(name: String, value: String)] {
        let signature = RequestSignature(
            createdSeconds: now().milliseconds / 1_000, nonce: nonce(), device: device)
        let components = SignedComponents(call, authority: authority)
        return signature.headers(
            for: components, signature: try sign(signature.base(of: components)))
    }
}

/// The way to a node over HTTP.
///
/// No redirects, no decompression, no proxy from the environment: each would let somebody between
/// this machine and the node have a say.
package final class HTTPNodeConnection: NodeConnection {
    /// The longest answer that is read, in bytes: the largest sealed record and some.
    private static let answerBytes = Int(NodeLimits.recordBytes) + 64 * 1024

    private let base: String
    private let authority: String
    private let signer: RequestSigner?
    private let client: HTTPClient

    /// Opens a connection to the node at `url`, `http://HOST:PORT` or `https://…`.
    ///
    /// - Parameter signer: Signs calls that ask for it; without one those calls fail.
    /// - Throws: `NodeFailure.notANode` if the URL is of another form.
    package init(url: String, signer: RequestSigner?) throws {
        let trimmed = url.hasSuffix("/") ? String(url.dropLast()) : url
        guard let (scheme, authority) = HTTPNodeConnection.split(trimmed) else {
            throw NodeFailure.notANode("\(url) is not of the form http://HOST:PORT")
        }
        base = "\(scheme)://\(authority)"
        self.authority = authority
        self.signer = signer
        var configuration = HTTPClient.Configuration()
        configuration.redirectConfiguration = .disallow
        configuration.timeout = .init(connect: .seconds(5), read: .seconds(40))
        configuration.connectionPool.idleTimeout = .seconds(60)
        client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }

    /// Closes the connections; calls under way fail.
    package func shutdown() async {
        // An error here says that it was shut down before: nothing is lost.
        try? await client.shutdown()
    }

    /// Carries a call out.
    package func send(_ call: NodeCall, deadline: Duration) async throws -> NodeAnswer {
        let request = try request(for: call)
        let response: HTTPClientResponse
        do {
            response = try await client.execute(request, timeout: deadline.timeAmount)
        } catch {
            throw try HTTPNodeConnection.failure(error, base: base)
        }
        let body: [UInt8]
        do {
            body = Array(
                buffer: try await response.body.collect(upTo: HTTPNodeConnection.answerBytes))
        } catch is NIOTooManyBytesError {
            throw NodeFailure.answerTooLarge
        } catch {
            throw try HTTPNodeConnection.failure(error, base: base)
        }
        return try HTTPNodeConnection.answer(response, body: body)
    }

    private func request(for call: NodeCall) throws -> HTTPClientRequest {
        let target = call.query.isEmpty ? call.path : "\(call.path)?\(call.query)"
        var request = HTTPClientRequest(url: base + target)
        request.method = HTTPMethod(rawValue: call.method.rawValue)
        if !call.body.isEmpty {
            request.headers.add(name: "Content-Type", value: call.contentType)
            request.body = .bytes(ByteBuffer(bytes: call.body))
        }
        if call.isSigned {
            guard let signer else { throw NodeFailure.notANode("the call needs a signature") }
            for header in try signer.headers(for: call, authority: authority) {
                request.headers.add(name: header.name, value: header.value)
            }
        }
        return request
    }

    private static func answer(_ response: HTTPClientResponse, body: [UInt8]) throws -> NodeAnswer {
        switch response.status.code {
        case 200: return .body(body)
        case 204: return .nothingNew
        default:
            do throws(MessageDefect) {
                return .problem(try Problem(body: body))
            } catch {
                throw NodeFailure.notANode("HTTP status \(response.status.code)")
            }
        }
    }

    private static func failure(_ error: any Error, base: String) throws -> NodeFailure {
        if error is CancellationError { throw error }
        guard let known = error as? HTTPClientError else {
            return .unreachable("could not reach \(base)")
        }
        if known == .cancelled { throw CancellationError() }
        let timeouts: [HTTPClientError] = [.deadlineExceeded, .readTimeout, .writeTimeout]
        return timeouts.contains(known) ? .timedOut : .unreachable("could not reach \(base)")
    }

    /// Splits `http://HOST:PORT` into scheme and authority, the default port left out.
    private static func split(_ url: String) -> (scheme: String, authority: String)? {
        for (scheme, port) in [("http", ":80"), ("https", ":443")] {
            guard url.hasPrefix(scheme + "://") else { continue }
            let authority = String(url.dropFirst(scheme.count + 3)).lowercased()
            guard !authority.isEmpty, !authority.contains(where: { "/?#@ ".contains($0) }) else {
                return nil
            }
            let isDefault = authority.hasSuffix(port)
            return (scheme, isDefault ? String(authority.dropLast(port.count)) : authority)
        }
        return nil
    }
}

extension Duration {
    fileprivate var timeAmount: TimeAmount {
        let (seconds, attoseconds) = components
        return .nanoseconds(seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
    }
}
