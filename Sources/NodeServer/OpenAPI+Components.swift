internal import LedgerCore
internal import NodeAPI

extension OpenAPI {
    /// The parameters, schemas and signatures that calls share, as members of `components`.
    static let components = """
        "parameters": {\(parameters)},
        "schemas": {\(schemas)},
        "securitySchemes": {
        "signatureInput": {"type": "apiKey", "in": "header", "name": "Signature-Input",
        "description": "RFC 9421: (\\"@method\\" \\"@authority\\" \\"@path\\" \\"@query\\" \
        \\"content-digest\\") with created, nonce, keyid and tag=\\"accord\\""},
        "signature": {"type": "apiKey", "in": "header", "name": "Signature",
        "description": "The Ed25519 signature by the device of keyid"},
        "contentDigest": {"type": "apiKey", "in": "header", "name": "Content-Digest",
        "description": "RFC 9530: sha-256 of the body"}}
        """

    private static let hash = #"{"type": "string", "pattern": "^[0-9a-f]{64}$"}"#
    private static let id = #"{"type": "string", "pattern": "^[0-9a-f]{32}$"}"#
    private static let natural = """
        {"type": "integer", "minimum": 0, "maximum": \(Int64.max)}
        """
    /// Base64url without padding, and without bits that say nothing.
    private static let base64 = """
        ^([A-Za-z0-9_-]{4})*([A-Za-z0-9_-][AQgw]|[A-Za-z0-9_-]{2}[AEIMQUYcgkosw048])?$
        """

    private static let parameters = [
        path("entry", "The entry's id", hash),
        path("record", "The SHA-256 of the sealed record", hash),
        path("pairing", "What both devices derive from the code", id),
        path(
            "project", "The project's id",
            #"{"type": "string", "pattern": "^[A-Za-z0-9_-][A-Za-z0-9._-]{0,63}$"}"#),
        path(
            "level", "The level of the tile, or entries",
            #"{"type": "string", "pattern": "^(entries|[0-9]|[1-5][0-9]|6[0-3])$"}"#),
        path(
            "high", "The higher part of the index", #"{"type": "string", "pattern": "^[0-9]{3}$"}"#),
        path("tile", "The index, its lowest part", #"{"type": "string", "pattern": "^[0-9]{3}$"}"#),
        path(
            "width", "The width of a partial tile",
            #"{"type": "integer", "minimum": 1, "maximum": 255}"#),
        query(
            "after", "The number of the last entry known",
            "{\"type\": \"integer\", \"minimum\": 0, \"maximum\": \(Int64.max - 1)}"),
        query("at", "The tree size to pin the page to; the newest checkpoint if missing", natural),
        query(
            "limit", "The most entries wanted",
            "{\"type\": \"integer\", \"minimum\": 1, \"maximum\": \(NodeLimits.pageCount)}"),
        query("size", "The tree size known", natural),
        query(
            "wait", "How long to wait",
            #"{"type": "string", "pattern": "^([0-9]|1[0-9]|2[0-5])s$"}"#),
        query(
            "offset", "Where the piece starts",
            "{\"type\": \"integer\", \"minimum\": 0, \"maximum\": \(NodeLimits.recordBytes)}",
            isRequired: true),
        query(
            "length", "The length of the whole record in bytes",
            "{\"type\": \"integer\", \"minimum\": 1, \"maximum\": \(NodeLimits.recordBytes)}",
            isRequired: true),
        query("use", "The id of the entry that logs the use", hash),
        query(
            "challenge", "A number that was not asked with before", natural, isRequired: true),
        query("grant", "The id of the grant that the keys are wrapped for", hash),
    ].joined(separator: ",\n")

    private static func path(_ name: String, _ description: String, _ schema: String) -> String {
        """
        "\(name)": {"in": "path", "name": "\(name)", "required": true,
        "description": "\(description)", "schema": \(schema)}
        """
    }

    private static func query(
        _ name: String, _ description: String, _ schema: String, isRequired: Bool = false
    ) -> String {
        """
        "\(name)": {"in": "query", "name": "\(name)", "required": \(isRequired),
        "description": "\(description)", "schema": \(schema)}
        """
    }

    private static let schemas = [
        object(
            "EntrySubmission",
            ["entries": list(#"{"type": "string"}"#, 1...NodeLimits.submissionCount)]),
        object(
            "VerdictList", ["verdicts": list(reference("Verdict"), 1...NodeLimits.submissionCount)]),
        """
        "Verdict": {"oneOf": [\(["Accepted", "Rejected", "Retry"].map(reference)
            .joined(separator: ", "))]}
        """,
        object(
            "Accepted",
            [
                "verdict": #"{"const": "accepted"}"#, "index": natural, "envelope": encoded(),
                "salt": hash, "proof": #"{"type": "string"}"#,
            ]),
        object(
            "Rejected",
            [
                "verdict": #"{"const": "rejected"}"#,
                "code": #"{"type": "integer", "minimum": 0, "maximum": 65535}"#,
                "name": text(64), "text": text(512), "receipt": text(4096),
            ]),
        object(
            "Retry",
            [
                "verdict": #"{"const": "retry"}"#,
                "code": "{\"enum\": [\(names(RetryReason.allCases))]}",
            ]),
        object(
            "LogDescription",
            [
                "origin": text(255), "time": #"{"type": "integer"}"#, "vkey": text(512),
                "wire_min": natural, "wire_max": natural,
            ]),
        object(
            "EntryPage",
            [
                "at": #"{"type": "string"}"#, "head": #"{"type": "string"}"#,
                "entries": list(reference("PagedEntry"), 0...NodeLimits.pageCount),
            ]),
        object(
            "PagedEntry",
            [
                "index": natural, "jws": entry, "envelope": encoded(), "salt": hash,
                "proof": #"{"type": "string", "contentEncoding": "base64"}"#,
            ]),
        object("ChangeNotice", ["size": natural]),
        object("UploadProgress", ["complete": #"{"type": "boolean"}"#, "offset": natural]),
        object("WrapUpload", ["wraps": list(reference("WrappedKey"), 0...NodeLimits.wrapCount)]),
        object(
            "WrappedKey",
            [
                "authorization": id, "recipient": id,
                "wrapped": encoded(1...NodeLimits.wrappedKeyBytes),
            ]),
        object(
            "UseQuery",
            [
                "project": #"{"type": "string", "pattern": "^[A-Za-z0-9._-]{1,64}$"}"#,
                "subject": id,
                "purpose":
                    "{\"enum\": [\"review\", \(names(DataUse.allCases.filter(\.isPermission)))]}",
                "kinds": list(kind, 0...EntryLimits.listCount),
            ], optional: ["contributions": list(hash, 1...EntryLimits.listCount)]),
        object(
            "UseGrant",
            [
                "authorization": id, "jws": entry, "verdict": reference("Accepted"),
                "records": list(reference("UsableRecord"), 0...EntryLimits.listCount),
            ]),
        object(
            "UsableRecord",
            [
                "contribution": hash, "sha256": hash, "kind": kind, "size": natural,
                "wrapped": encoded(),
            ]),
        object("EnrolmentRequest", ["entry": entry, "lookup": id, "proof": hash]),
        object("EnrolmentAnswer", ["confirmation": hash, "verdict": reference("Verdict")]),
        object(
            "Problem",
            [
                "code": "{\"enum\": [\(names(ProblemCode.allCases))]}", "detail": text(1024),
                "status": #"{"type": "integer", "minimum": 400, "maximum": 599}"#,
                "title": text(256), "type": #"{"type": "string", "format": "uri"}"#,
            ],
            optional: [
                "node_time": #"{"type": "integer"}"#,
                "reason": "{\"enum\": [\(names(UseDenial.allCases))]}", "index": natural,
                "offset": natural, "retry_after": natural,
            ]),
    ].joined(separator: ",\n")

    /// A compact JWS as `FieldReader.entry` takes it.
    private static let entry =
        #"{"type": "string", "pattern": "^[A-Za-z0-9._-]*$", "maxLength": "#
        + "\(EntryLimits.entryBytes)}"
    private static let kind = "{\"enum\": [\(names(RecordKind.allCases))]}"

    private static func reference(_ name: String) -> String {
        "{\"$ref\": \"#/components/schemas/\(name)\"}"
    }

    private static func text(_ limit: Int) -> String {
        "{\"type\": \"string\", \"maxLength\": \(limit)}"
    }

    /// Bytes as text: a length of theirs in characters is four thirds of it, rounded up.
    private static func encoded(_ byteCount: ClosedRange<Int>? = nil) -> String {
        let length =
            byteCount.map { count in
                ", \"minLength\": \((count.lowerBound * 4 + 2) / 3)"
                    + ", \"maxLength\": \((count.upperBound * 4 + 2) / 3)"
            } ?? ""
        return "{\"type\": \"string\", \"contentEncoding\": \"base64url\", "
            + "\"pattern\": \"\(base64)\"\(length)}"
    }

    private static func list(_ element: String, _ count: ClosedRange<Int>) -> String {
        "{\"type\": \"array\", \"items\": \(element), \"minItems\": \(count.lowerBound), "
            + "\"maxItems\": \(count.upperBound)}"
    }

    private static func object(
        _ name: String, _ fields: KeyValuePairs<String, String>,
        optional: KeyValuePairs<String, String> = [:]
    ) -> String {
        let all = Array(fields) + Array(optional)
        let properties = all.map { "\"\($0.key)\": \($0.value)" }.joined(separator: ", ")
        let required = fields.map { "\"\($0.key)\"" }.joined(separator: ", ")
        return "\"\(name)\": {\"type\": \"object\", \"additionalProperties\": false, "
            + "\"required\": [\(required)], \"properties\": {\(properties)}}"
    }

    private static func names<Case: RawRepresentable<String>>(_ cases: [Case]) -> String {
        cases.map { "\"\($0.rawValue)\"" }.joined(separator: ", ")
    }
}
