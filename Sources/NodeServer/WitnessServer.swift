internal import HTTPTypes
internal import Hummingbird
internal import HummingbirdCore
internal import LedgerCore
package import Logging
internal import NIOCore
internal import NodeAPI
package import NodeSequencer
package import ServiceLifecycle

/// The HTTP side of a witness: C2SP tlog-witness.
///
///     POST /add-checkpoint
///     GET  /<SHA-256 of an origin, hexadecimal>/checkpoint
package struct WitnessServer: Sendable {
    private let responder: WitnessResponder
    private let options: NodeServerOptions
    private let door: FrontDoor
    private let logger: Logger

    /// Puts a server in front of a witness that looks after the logs of these origins.
    package init(
        witness: Witness, origins: [String], options: NodeServerOptions, logger: Logger
    ) {
        door = FrontDoor(options, counters: Counters()) { _ in false }
        responder = WitnessResponder(
            witness: witness, origins: origins, door: door, options: options, logger: logger)
        self.options = options
        self.logger = logger
    }

    /// What has to run; `onListening` is called with the port once connections are taken.
    package func services(onListening: @escaping @Sendable (Int) -> Void) -> [any Service] {
        let application = Application(
            responder: responder,
            server: NodeServer.connections(options, door),
            configuration: .init(
                address: .hostname(options.host, port: options.port),
                availableConnectionsDelegate: MaximumAvailableConnections(
                    options.connectionCount)),
            onServerRunning: { channel in
                onListening(channel.localAddress?.port ?? 0)
            },
            logger: logger)
        return [application, StopOnFailure(failure: responder.failure)]
    }
}

/// Ends the program once a commit failed: it is not known then what was written.
private struct StopOnFailure: Service {
    let failure: AsyncStream<any Error>

    func run() async throws {
        for await error in failure.cancelOnGracefulShutdown() { throw error }
    }
}

private struct WitnessResponder: HTTPResponder {
    let witness: Witness
    let origins: [String]
    let door: FrontDoor
    let bodies: BodyReader
    let logger: Logger
    let failure: AsyncStream<any Error>
    private let failed: AsyncStream<any Error>.Continuation

    init(
        witness: Witness, origins: [String], door: FrontDoor, options: NodeServerOptions,
        logger: Logger
    ) {
        self.witness = witness
        self.origins = origins
        self.door = door
        self.logger = logger
        bodies = BodyReader(deadline: options.bodyDeadline)
        (failure, failed) = AsyncStream.makeStream()
    }

    func respond(to request: Request, context: NodeRequestContext) async throws -> Response {
        let path = (request.head.path ?? "/").split(separator: "/")
        switch (request.head.method, path.count) {
        case (.post, 1) where path[0] == "add-checkpoint":
            let body: [UInt8]
            do {
                body = try await bodies.read(request)
            } catch let problem as Problem {
                return Response(problem)
            }
            // Any other failure to read it ends its connection and nothing else.
            return await stoppingOnFailure {
                let answer = try await witness.answer(to: body)
                note(
                    answer,
                    of: door.source(
                        context.socket,
                        forwarded: request.headers[values: .forwardedFor].last.map { $0[...] }))
                return response(to: answer)
            }
        case (.get, 2) where path[1] == "checkpoint":
            return await stoppingOnFailure {
                guard let hash = Hash(hex: String(path[0])),
                    let note = try witness.newest(ofHash: hash, among: origins)
                else { return Response(text: "never cosigned\n", status: .notFound) }
                return Response(
                    bytes: note, type: "text/plain; charset=utf-8", caching: "max-age=1")
            }
        case (.get, 1) where path[0] == "healthz": return Response(text: "ok\n")
        default: return Response(text: "there is nothing here\n", status: .notFound)
        }
    }

    /// Answers from what the witness stores; where that fails the program ends.
    private func stoppingOnFailure(_ answer: () async throws -> Response) async -> Response {
        do {
            return try await answer()
        } catch {
            logger.critical("the witness stops", metadata: ["error": "\(error)"])
            failed.yield(error)
            return Response(Problem(.internalError))
        }
    }

    /// A log that signs its checkpoints is known where it asks from.
    private func note(_ answer: Witness.Answer, of source: SourceAddress) {
        switch answer {
        case .cosigned, .refused(.conflict), .refused(.notConsistent): door.prove(source)
        case .refused: door.blame(source)
        }
    }

    private func response(to answer: Witness.Answer) -> Response {
        switch answer {
        case .cosigned(let line):
            return Response(bytes: line, type: "text/plain; charset=utf-8")
        case .refused(.conflict(let size)):
            return Response(
                status: .conflict, bytes: Array("\(size)\n".utf8), type: "text/x.tlog.size")
        case .refused(let refusal):
            let status: HTTPResponse.Status =
                switch refusal {
                case .malformed, .conflict: .badRequest
                case .logUnknown: .notFound
                case .notSigned: .forbidden
                case .notConsistent: .unprocessableContent
                }
            return Response(text: "\(refusal)\n", status: status)
        }
    }
}
