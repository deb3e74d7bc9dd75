package import LedgerCore

/// What went wrong with a request, as a program reads it.
package enum ProblemCode: String, CaseIterable, Sendable {
    case malformedRequest = "malformed-request"
    case signatureMissing = "signature-missing"
    case signatureInvalid = "signature-invalid"
    case clockSkew = "clock-skew"
    case nonceUsed = "nonce-used"
    case deviceUnknown = "device-unknown"
    case deviceRevoked = "device-revoked"
    case notAllowed = "not-allowed"
    case useDenied = "use-denied"
    case invitationRefused = "invitation-refused"
    case notFound = "not-found"
    case methodNotAllowed = "method-not-allowed"
    case requestTimeout = "request-timeout"
    case projectUnknown = "project-unknown"
    case checkpointUnknown = "checkpoint-unknown"
    case offsetMismatch = "offset-mismatch"
    case recordMismatch = "record-mismatch"
    case authorizationNotInForce = "authorization-not-in-force"
    case bodyTooLarge = "body-too-large"
    case quotaExceeded = "quota-exceeded"
    case tooManyRequests = "too-many-requests"
    case headersTooLarge = "headers-too-large"
    case internalError = "internal-error"
    case busy
    case storageFull = "storage-full"

    /// The HTTP status that goes with the code.
    package var status: Int64 {
        switch self {
        case .malformedRequest: 400
        case .signatureMissing, .signatureInvalid, .clockSkew, .nonceUsed, .deviceUnknown,
            .deviceRevoked:
            401
        case .notAllowed, .useDenied, .invitationRefused: 403
        case .notFound, .projectUnknown, .checkpointUnknown: 404
        case .methodNotAllowed: 405
        case .requestTimeout: 408
        case .offsetMismatch, .recordMismatch, .authorizationNotInForce: 409
        case .bodyTooLarge, .quotaExceeded: 413
        case .tooManyRequests: 429
        case .headersTooLarge: 431
        case .internalError: 500
        case .busy: 503
        case .storageFull: 507
        }
    }

    /// A short text for people.
    package var title: String {
        switch self {
        case .malformedRequest: "the request cannot be read"
        case .signatureMissing: "the request is not signed"
        case .signatureInvalid: "the signature of the request is wrong"
        case .clockSkew: "the clock of the request is too far off"
        case .nonceUsed: "the request was sent before"
        case .deviceUnknown: "the device is not known"
        case .deviceRevoked: "the device was revoked"
        case .notAllowed: "this account may not do that"
        case .useDenied: "the use is not covered by an authorization"
        case .invitationRefused: "the invitation is not valid"
        case .notFound: "there is nothing here"
        case .methodNotAllowed: "this cannot be done here"
        case .requestTimeout: "the request took too long to arrive"
        case .projectUnknown: "the project is not known"
        case .checkpointUnknown: "there is no checkpoint of this size"
        case .offsetMismatch: "the piece does not follow what is there"
        case .recordMismatch: "the record is not what its address says"
        case .authorizationNotInForce: "there is no such authorization in force"
        case .bodyTooLarge: "the body is too large"
        case .quotaExceeded: "the account stores too much already"
        case .tooManyRequests: "too many requests"
        case .headersTooLarge: "the headers are too large"
        case .internalError: "the node failed"
        case .busy: "the node is busy"
        case .storageFull: "the node has no room"
        }
    }
}

/// A problem document: RFC 9457, `application/problem+json`, in canonical JSON.
package struct Problem: Error, Equatable, Sendable {
    /// What went wrong.
    package let code: ProblemCode
    /// More about this case, without anything secret; may be empty.
    package let detail: String
    /// The node's clock, with `clockSkew`.
    package let nodeTime: Timestamp?
    /// Why a use was denied, with `useDenied`.
    package let denial: UseDenial?
    /// The place of the entry that logs the denial, with `useDenied`.
    package let index: LeafIndex?
    /// Where the next piece starts, with `offsetMismatch`.
    package let offset: Int64?
    /// How long to wait before the next try, in seconds; also sent as `Retry-After`.
    package let retryAfterSeconds: Int64?

    /// Makes a problem document.
    package init(
        _ code: ProblemCode, detail: String = "", nodeTime: Timestamp? = nil,
        denial: UseDenial? = nil, index: LeafIndex? = nil, offset: Int64? = nil,
        retryAfterSeconds: Int64? = nil
    ) {
        self.code = code
        self.detail = detail
        self.nodeTime = nodeTime
        self.denial = denial
        self.index = index
        self.offset = offset
        self.retryAfterSeconds = retryAfterSeconds
    }

    /// Reads the body of an answer.
    package init(body: [UInt8]) throws(MessageDefect) {
        var reader = try MessageReader(body)
        self = try reader.read { fields throws(EntryDefect) in
            _ = try fields.integer("status", in: 100...599)
            _ = try fields.text("title", limit: 256)
            _ = try fields.text("type", limit: 256)
            return Problem(
                try fields.parsed("code", ProblemCode.init(rawValue:)),
                detail: try fields.text("detail", limit: 1024),
                nodeTime: fields.optional("node_time")?.integer.map(Timestamp.init(milliseconds:)),
                denial: fields.optional("reason")?.string.flatMap(UseDenial.init(rawValue:)),
                index: fields.optional("index")?.integer,
                offset: fields.optional("offset")?.integer,
                retryAfterSeconds: fields.optional("retry_after")?.integer)
        }
        try reader.finish()
    }

    /// The body of the answer.
    package var body: [UInt8] {
        var members: [JSONValue.Member] = [
            .init("code", .string(code.rawValue)), .init("detail", .string(detail)),
            .init("status", .integer(code.status)), .init("title", .string(code.title)),
            .init("type", .string("https://accord.example/problems/\(code.rawValue)")),
        ]
        if let nodeTime { members.append(.init("node_time", .integer(nodeTime.milliseconds))) }
        if let denial { members.append(.init("reason", .string(denial.rawValue))) }
        if let index { members.append(.init("index", .integer(index))) }
        if let offset { members.append(.init("offset", .integer(offset))) }
        if let retryAfterSeconds {
            members.append(.init("retry_after", .integer(retryAfterSeconds)))
        }
        return JSONValue.sorted(members).canonicalBytes
    }

    /// The media type.
    package static let contentType = "application/problem+json"
}
