internal import Hummingbird
internal import LedgerCore
internal import NodeAPI
internal import NodeSequencer

extension NodeResponder {
    /// `GET /readyz`.
    func readiness() async throws -> Response {
        let waiting = await sequencer.waitingCount
        guard waiting < Sequencer.queueCount,
            try records.freeBytes() >= options.freeSpaceFloorBytes
        else { throw Problem(.busy, retryAfterSeconds: 1) }
        return Response(text: "ready\n")
    }

    /// `GET /metrics`, in the text format of Prometheus.
    func metrics() async -> Response {
        let waiting = await sequencer.waitingCount
        let lines =
            counters.lines + [
                "accord_devices \(ledger.deviceCount)",
                "accord_log_size \(ledger.newest.size)",
                "accord_polls \(gates.waitingPolls)",
                "accord_queue_entries \(waiting)",
            ]
        return Response(text: lines.map { $0 + "\n" }.joined())
    }
}

/// What the node offers, for programs: OpenAPI 3.1.
enum OpenAPI {
    private struct Operation {
        let path: String
        let method: String
        let summary: String
        let isSigned: Bool
        let answers: [Int]
    }

    private static let operations = [
        Operation(
            path: "/v1/entries", method: "post",
            summary: "Send 1 to 64 entries; a verdict for each", isSigned: false,
            answers: [200, 400, 413, 503]),
        Operation(
            path: "/v1/entries/{id}", method: "get", summary: "The verdict on an entry",
            isSigned: false, answers: [200, 404]),
        Operation(
            path: "/v1/log", method: "get", summary: "The log's name, key and time",
            isSigned: false, answers: [200]),
        Operation(
            path: "/v1/accounts/me/entries", method: "get",
            summary: "A page of the own account, pinned to a checkpoint", isSigned: true,
            answers: [200, 400, 401, 404]),
        Operation(
            path: "/v1/catalogue", method: "get",
            summary: "A page of the catalogue, pinned to a checkpoint", isSigned: false,
            answers: [200, 400, 404]),
        Operation(
            path: "/v1/projects/{id}/entries", method: "get",
            summary: "A page of the entries about a project, for its sponsor and recipients",
            isSigned: true, answers: [200, 400, 401, 403, 404]),
        Operation(
            path: "/v1/changes", method: "get", summary: "Wait until the log grows",
            isSigned: true, answers: [200, 204, 400, 401, 429]),
        Operation(
            path: "/v1/records/{sha256}", method: "put",
            summary: "Store a piece of a sealed record", isSigned: true,
            answers: [200, 400, 401, 409, 413, 507]),
        Operation(
            path: "/v1/records/{sha256}", method: "get",
            summary: "Read a sealed record, an own one or under a use", isSigned: true,
            answers: [200, 401, 403, 404]),
        Operation(
            path: "/v1/records/{sha256}/offset", method: "get",
            summary: "How much of an own record is stored", isSigned: true, answers: [200, 401]),
        Operation(
            path: "/v1/records/{sha256}/keys", method: "put",
            summary: "Store wrapped keys of an own record", isSigned: true,
            answers: [204, 400, 401, 404, 409]),
        Operation(
            path: "/v1/uses", method: "post",
            summary: "Ask for records of a member; logged either way", isSigned: true,
            answers: [200, 400, 401, 403, 404]),
        Operation(
            path: "/v1/enrolments", method: "post", summary: "Redeem an invitation, once",
            isSigned: false, answers: [200, 400, 403, 429]),
        Operation(
            path: "/checkpoint", method: "get", summary: "The newest checkpoint (C2SP)",
            isSigned: false, answers: [200]),
        Operation(
            path: "/tile/{path}", method: "get", summary: "A tile or entry bundle (C2SP)",
            isSigned: false, answers: [200, 404]),
        Operation(
            path: "/healthz", method: "get", summary: "Whether the node runs", isSigned: false,
            answers: [200]),
        Operation(
            path: "/readyz", method: "get", summary: "Whether the node can take entries",
            isSigned: false, answers: [200, 503]),
        Operation(
            path: "/metrics", method: "get", summary: "Counters (Prometheus)", isSigned: false,
            answers: [200]),
    ]

    /// The document, in canonical JSON.
    static let document: [UInt8] = {
        var paths = [String: [JSONValue.Member]]()
        for operation in operations {
            paths[operation.path, default: []].append(
                .init(operation.method, description(of: operation)))
        }
        let scheme = JSONValue.sorted([
            .init("description", .string("RFC 9421 HTTP message signature, profile accord")),
            .init("in", .string("header")), .init("name", .string("Signature")),
            .init("type", .string("apiKey")),
        ])
        return JSONValue.sorted([
            .init(
                "components",
                .object([
                    .init("securitySchemes", .object([.init("device", scheme)]))
                ])),
            .init(
                "info",
                .sorted([
                    .init("title", .string("Accord node")),
                    .init("version", .string("\(NodeLimits.maxWireVersion)")),
                ])),
            .init("openapi", .string("3.1.0")),
            .init("paths", .sorted(paths.map { .init($0.key, .sorted($0.value)) })),
        ]).canonicalBytes
    }()

    private static func description(of operation: Operation) -> JSONValue {
        var members: [JSONValue.Member] = [
            .init(
                "responses",
                .sorted(
                    operation.answers.map { status in
                        .init(
                            String(status),
                            .object([
                                .init(
                                    "description",
                                    .string(status < 300 ? "done" : "a problem document"))
                            ]))
                    })),
            .init("summary", .string(operation.summary)),
        ]
        let names = operation.path.split(separator: "/").filter { $0.hasPrefix("{") }
        if !names.isEmpty {
            members.append(
                .init(
                    "parameters",
                    .array(
                        names.map { name in
                            .sorted([
                                .init("in", .string("path")),
                                .init("name", .string(String(name.dropFirst().dropLast()))),
                                .init("required", .bool(true)),
                                .init("schema", .object([.init("type", .string("string"))])),
                            ])
                        })))
        }
        if operation.isSigned {
            members.append(
                .init("security", .array([.object([.init("device", .array([]))])])))
        }
        return .sorted(members)
    }
}
