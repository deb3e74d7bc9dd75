internal import NodeAPI

/// What the node offers, for programs: OpenAPI 3.1, at `/openapi.json`.
///
/// Written as text, since OpenAPI is JSON; tests read it with a strict parser, compare it with the
/// routes and have it tried against a live node.
enum OpenAPI {
    /// One call.
    struct Operation {
        /// The path with its parameters in braces.
        var path: String
        /// What it does.
        var summary: String
        /// Whether a device has to sign the request (RFC 9421).
        var isSigned = false
        /// Names in `components/parameters`.
        var parameters: [String] = []
        /// The media type and schema of the body.
        var body: (type: String, schema: String)?
        /// What comes where all is well: the status, the media type and the schema.
        var answer: (status: Int, type: String, schema: String)
        /// Whether it answers 204 where there is nothing to say.
        var mayBeEmpty = false
        /// The problems it can answer with.
        var problems: [ProblemCode] = []
    }

    /// The document.
    static let document: [UInt8] = {
        var paths: [(path: String, operations: [String])] = []
        for route in NodeRoute.allCases {
            for operation in route.operations {
                let text = "\"\(route.method.lowercased())\": \(operation.json)"
                if let place = paths.firstIndex(where: { $0.path == operation.path }) {
                    paths[place].operations.append(text)
                } else {
                    paths.append((operation.path, [text]))
                }
            }
        }
        let listed = paths.map { "\"\($0.path)\": {\($0.operations.joined(separator: ", "))}" }
        return Array(
            """
            {"openapi": "3.1.0",
            "info": {"title": "Accord node", "version": "\(NodeLimits.maxWireVersion)",
            "description": "The ledger of an Accord node. Entries authenticate themselves; private \
            reads are signed by a device (RFC 9421). JSON bodies have no duplicate keys, no null and \
            no fractions.",
            "license": {"name": "Apache 2.0", "identifier": "Apache-2.0"}},
            "paths": {\(listed.joined(separator: ",\n"))},
            "components": {\(components)}}

            """.utf8)
    }()
}

extension OpenAPI.Operation {
    /// The operation object.
    fileprivate var json: String {
        var members = ["\"summary\": \"\(summary)\""]
        if !parameters.isEmpty {
            let list = parameters.map { "{\"$ref\": \"#/components/parameters/\($0)\"}" }
            members.append("\"parameters\": [\(list.joined(separator: ", "))]")
        }
        if let body {
            members.append(
                "\"requestBody\": {\"required\": true, \"content\": "
                    + "{\"\(body.type)\": {\"schema\": \(body.schema)}}}")
        }
        members.append("\"responses\": {\(responses.joined(separator: ", "))}")
        if isSigned {
            members.append(
                "\"security\": [{\"signatureInput\": [], \"signature\": [], "
                    + "\"contentDigest\": []}]")
        }
        return "{\(members.joined(separator: ", "))}"
    }

    private var responses: [String] {
        var codes = problems
        if isSigned {
            codes += [
                .signatureMissing, .signatureInvalid, .clockSkew, .nonceUsed, .deviceUnknown,
                .deviceRevoked,
            ]
        }
        if body != nil { codes += [.malformedRequest, .requestTimeout, .bodyTooLarge] }
        // Query items that the call does not know, and limits that stand before every call.
        codes += [.malformedRequest, .tooManyRequests]
        if isSigned { codes.append(.busy) }
        let byStatus = Dictionary(grouping: Set(codes), by: \.status)
        let content =
            answer.schema.isEmpty
            ? ""
            : ", \"content\": {\"\(answer.type)\": {\"schema\": \(answer.schema)}}"
        let failures = byStatus.sorted { $0.key < $1.key }.map { status, codes in
            let names = codes.map(\.rawValue).sorted().joined(separator: ", ")
            return "\"\(status)\": {\"description\": \"\(names)\", "
                + "\"content\": {\"\(Problem.contentType)\": "
                + "{\"schema\": {\"$ref\": \"#/components/schemas/Problem\"}}}}"
        }
        let empty = mayBeEmpty ? ["\"204\": {\"description\": \"nothing new\"}"] : []
        return ["\"\(answer.status)\": {\"description\": \"done\"\(content)}"] + empty + failures
    }
}

extension NodeRoute {
    /// How the call is described; a path of the log may have several forms.
    var operations: [OpenAPI.Operation] {
        switch self {
        case .submit, .verdict, .cursor, .enrol, .use: [decision]
        case .log, .account, .catalogue, .project, .projects, .changes: [reading]
        case .upload, .download, .progress, .storeKeys: [record]
        case .offerDevice, .requestDevice, .handOverDevice, .readPairing: pairing
        case .checkpoint, .tile: logReadings
        case .health, .readiness, .metrics, .openAPI: [service]
        }
    }

    private static func schema(_ name: String) -> String {
        "{\"$ref\": \"#/components/schemas/\(name)\"}"
    }

    private static let json = "application/json"
    private static let text = "text/plain"
    private static let bytes = "application/octet-stream"
    private static let anyText = "{\"type\": \"string\"}"
    private static let anyBytes = "{\"type\": \"string\", \"format\": \"binary\"}"

    private var decision: OpenAPI.Operation {
        switch self {
        case .verdict:
            OpenAPI.Operation(
                path: "/v1/entries/{entry}", summary: "The verdict on an entry",
                parameters: ["entry"], answer: (200, Self.json, Self.schema("Verdict")),
                problems: [.notFound])
        case .cursor:
            OpenAPI.Operation(
                path: "/v1/devices/me/cursor",
                summary: "Where the next entry of the asking device goes, signed by the log",
                isSigned: true, parameters: ["challenge"],
                answer: (200, Self.text, Self.anyText))
        case .enrol:
            OpenAPI.Operation(
                path: "/v1/enrolments", summary: "Redeem an invitation, once",
                body: (Self.json, Self.schema("EnrolmentRequest")),
                answer: (200, Self.json, Self.schema("EnrolmentAnswer")),
                problems: [.invitationRefused, .busy, .storageFull])
        case .use:
            OpenAPI.Operation(
                path: "/v1/uses", summary: "Ask for records of a member; logged either way",
                isSigned: true, body: (Self.json, Self.schema("UseQuery")),
                answer: (200, Self.json, Self.schema("UseGrant")),
                problems: [.useDenied, .projectUnknown, .busy, .storageFull])
        default:
            OpenAPI.Operation(
                path: "/v1/entries", summary: "Send entries; a verdict for each",
                body: (Self.json, Self.schema("EntrySubmission")),
                answer: (200, Self.json, Self.schema("VerdictList")),
                problems: [.busy, .storageFull])
        }
    }

    private var reading: OpenAPI.Operation {
        let page = ["after", "at", "limit"]
        let entries = (200, Self.json, Self.schema("EntryPage"))
        return switch self {
        case .account:
            OpenAPI.Operation(
                path: "/v1/accounts/me/entries",
                summary: "A page of the own account, pinned to a checkpoint", isSigned: true,
                parameters: page, answer: entries, problems: [.checkpointUnknown])
        case .catalogue:
            OpenAPI.Operation(
                path: "/v1/catalogue", summary: "A page of the catalogue, pinned to a checkpoint",
                parameters: page, answer: entries, problems: [.checkpointUnknown])
        case .project:
            OpenAPI.Operation(
                path: "/v1/projects/{project}/entries",
                summary: "A page of the entries about a project that sponsor or recipient may read",
                isSigned: true, parameters: ["project"] + page, answer: entries,
                problems: [.projectUnknown, .notAllowed, .checkpointUnknown])
        case .projects:
            OpenAPI.Operation(
                path: "/v1/projects/entries",
                summary: "A page of the entries about every project the institution may read",
                isSigned: true, parameters: page, answer: entries, problems: [.checkpointUnknown])
        case .changes:
            OpenAPI.Operation(
                path: "/v1/changes",
                summary: "Wait until the log grows; 204 if it does not in time", isSigned: true,
                parameters: ["size", "wait"],
                answer: (200, Self.json, Self.schema("ChangeNotice")), mayBeEmpty: true)
        default:
            OpenAPI.Operation(
                path: "/v1/log", summary: "The log's name, key and time",
                answer: (200, Self.json, Self.schema("LogDescription")))
        }
    }

    private var record: OpenAPI.Operation {
        switch self {
        case .upload:
            OpenAPI.Operation(
                path: "/v1/records/{record}", summary: "Store the next piece of a sealed record",
                isSigned: true, parameters: ["record", "offset", "length"],
                body: (
                    Self.bytes,
                    #"{"type": "string", "format": "binary", "minLength": 1, "maxLength": "#
                        + "\(NodeLimits.bodyBytes)}"
                ),
                answer: (200, Self.json, Self.schema("UploadProgress")),
                problems: [
                    .notAllowed, .notFound, .offsetMismatch, .recordMismatch, .quotaExceeded,
                    .storageFull,
                ])
        case .progress:
            OpenAPI.Operation(
                path: "/v1/records/{record}/offset", summary: "How much of an own record is stored",
                isSigned: true, parameters: ["record"],
                answer: (200, Self.json, Self.schema("UploadProgress")), problems: [.notFound])
        case .storeKeys:
            OpenAPI.Operation(
                path: "/v1/records/{record}/keys", summary: "Store wrapped keys of an own record",
                isSigned: true, parameters: ["record", "grant"],
                body: (Self.json, Self.schema("WrapUpload")), answer: (204, "", ""),
                problems: [.notFound, .authorizationNotInForce, .storageFull])
        default:
            OpenAPI.Operation(
                path: "/v1/records/{record}",
                summary: "Read a sealed record, an own one or under a use", isSigned: true,
                parameters: ["record", "use"], answer: (200, Self.bytes, Self.anyBytes),
                problems: [.notFound, .notAllowed])
        }
    }

    private var pairing: [OpenAPI.Operation] {
        func message(_ step: PairingStep) -> String {
            #"{"type": "string", "format": "binary", "minLength": 1, "maxLength": "#
                + "\(PairingLimits.messageBytes(step))}"
        }
        func leaving(_ step: PairingStep, _ summary: String) -> OpenAPI.Operation {
            OpenAPI.Operation(
                path: "/v1/pairings/{pairing}/\(step.rawValue)", summary: summary,
                isSigned: step != .request, parameters: ["pairing"],
                body: (Self.bytes, message(step)), answer: (204, "", ""),
                problems: [.notFound, .notAllowed])
        }
        switch self {
        case .offerDevice: return [leaving(.offer, "Start to add a device")]
        case .requestDevice: return [leaving(.request, "Leave the new device's sealed keys, once")]
        case .handOverDevice: return [leaving(.handover, "Leave what the new device needs")]
        default:
            return PairingStep.allCases.map { step in
                OpenAPI.Operation(
                    path: "/v1/pairings/{pairing}/\(step.rawValue)",
                    summary: "Read a sealed message; 204 while it is not there",
                    parameters: ["pairing"], answer: (200, Self.bytes, Self.anyBytes),
                    mayBeEmpty: true, problems: [.notFound])
            }
        }
    }

    private var logReadings: [OpenAPI.Operation] {
        guard self == .tile else {
            return [
                OpenAPI.Operation(
                    path: "/checkpoint",
                    summary: "The newest checkpoint that is shown (C2SP tlog-checkpoint), with the "
                        + "cosignatures of the node's witnesses",
                    answer: (200, Self.text, Self.anyText))
            ]
        }
        let forms = [
            ("/tile/{level}/{tile}", ["level", "tile"]),
            ("/tile/{level}/{tile}.p/{width}", ["level", "tile", "width"]),
            ("/tile/{level}/x{high}/{tile}", ["level", "high", "tile"]),
            ("/tile/{level}/x{high}/{tile}.p/{width}", ["level", "high", "tile", "width"]),
        ]
        return forms.map { path, parameters in
            OpenAPI.Operation(
                path: path, summary: "A tile or entry bundle (C2SP tlog-tiles)",
                parameters: parameters, answer: (200, Self.bytes, Self.anyBytes),
                problems: [.notFound])
        }
    }

    private var service: OpenAPI.Operation {
        switch self {
        case .readiness:
            OpenAPI.Operation(
                path: "/readyz", summary: "Whether the node can take entries",
                answer: (200, Self.text, Self.anyText), problems: [.busy])
        case .metrics:
            OpenAPI.Operation(
                path: "/metrics", summary: "Counters (Prometheus)",
                answer: (200, Self.text, Self.anyText))
        case .openAPI:
            OpenAPI.Operation(
                path: "/openapi.json", summary: "This document",
                answer: (200, Self.json, "{\"type\": \"object\"}"))
        default:
            OpenAPI.Operation(
                path: "/healthz", summary: "Whether the node runs",
                answer: (200, Self.text, Self.anyText))
        }
    }
}
