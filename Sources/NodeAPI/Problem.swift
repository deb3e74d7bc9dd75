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

    /// A short text for people; the problem document carries the English one.
    package var title: LocalizedText {
        switch self {
        case .malformedRequest: .init(english: "the request cannot be read", chinese: "无法读取该请求")
        case .signatureMissing: .init(english: "the request is not signed", chinese: "请求没有签名")
        case .signatureInvalid:
            .init(english: "the signature of the request is wrong", chinese: "请求的签名不正确")
        case .clockSkew:
            .init(english: "the clock of the request is too far off", chinese: "请求的时间相差太多")
        case .nonceUsed: .init(english: "the request was sent before", chinese: "该请求此前已发送过")
        case .deviceUnknown: .init(english: "the device is not known", chinese: "设备不存在")
        case .deviceRevoked: .init(english: "the device was revoked", chinese: "设备已被移除")
        case .notAllowed: .init(english: "this account may not do that", chinese: "此账户无权这样做")
        case .useDenied:
            .init(english: "the use is not covered by an authorization", chinese: "该使用未获授权")
        case .invitationRefused: .init(english: "the invitation is not valid", chinese: "邀请码无效")
        case .notFound: .init(english: "there is nothing here", chinese: "此处没有内容")
        case .methodNotAllowed: .init(english: "this cannot be done here", chinese: "此处不能这样做")
        case .requestTimeout:
            .init(english: "the request took too long to arrive", chinese: "请求用时过长")
        case .projectUnknown: .init(english: "the project is not known", chinese: "项目不存在")
        case .checkpointUnknown:
            .init(english: "there is no checkpoint of this size", chinese: "没有这个大小的检查点")
        case .offsetMismatch:
            .init(english: "the piece does not follow what is there", chinese: "该片段与已有内容不衔接")
        case .recordMismatch:
            .init(english: "the record is not what its address says", chinese: "记录与其地址不符")
        case .authorizationNotInForce:
            .init(english: "there is no such authorization in force", chinese: "没有生效中的该项授权")
        case .bodyTooLarge: .init(english: "the body is too large", chinese: "内容过大")
        case .quotaExceeded:
            .init(english: "the account stores too much already", chinese: "此账户存储的内容已过多")
        case .tooManyRequests: .init(english: "too many requests", chinese: "请求过多")
        case .headersTooLarge: .init(english: "the headers are too large", chinese: "请求头过大")
        case .internalError: .init(english: "the node failed", chinese: "节点发生故障")
        case .busy: .init(english: "the node is busy", chinese: "节点繁忙")
        case .storageFull: .init(english: "the node has no room", chinese: "节点存储空间不足")
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
            .init("status", .integer(code.status)), .init("title", .string(code.title.english)),
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
