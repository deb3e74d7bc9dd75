package import LedgerCore

/// How much of a sealed record the node holds.
package struct UploadProgress: Equatable, Sendable {
    /// The number of bytes: where the next piece starts.
    package let offset: Int64
    /// Whether all of it is there, checked and durable.
    package let isComplete: Bool

    /// Makes a statement of progress.
    package init(offset: Int64, isComplete: Bool) {
        self.offset = offset
        self.isComplete = isComplete
    }

    /// Reads the body of an answer.
    package init(body: [UInt8]) throws(MessageDefect) {
        var reader = try MessageReader(body)
        self = try reader.read { fields throws(EntryDefect) in
            UploadProgress(
                offset: try fields.integer("offset", in: 0...Int64.max),
                isComplete: try fields.bool("complete"))
        }
        try reader.finish()
    }

    /// The body of the answer.
    package var body: [UInt8] {
        JSONValue.object([
            .init("complete", .bool(isComplete)), .init("offset", .integer(offset)),
        ]).canonicalBytes
    }
}

/// The key of a sealed record, wrapped for one recipient under one authorization.
package struct WrappedKey: Hashable, Sendable {
    /// The authorization it is handed out under.
    package let authorization: AuthorizationID
    /// The account it is wrapped for.
    package let recipient: AccountID
    /// HPKE encapsulated key and ciphertext, `1...NodeLimits.wrappedKeyBytes` long.
    package let wrapped: [UInt8]

    /// Makes a wrapped key.
    package init(authorization: AuthorizationID, recipient: AccountID, wrapped: [UInt8]) {
        self.authorization = authorization
        self.recipient = recipient
        self.wrapped = wrapped
    }
}

/// The wrapped keys of one record: the body of `PUT /v1/records/{sha256}/keys`.
package struct WrapUpload: Equatable, Sendable {
    /// The keys, at most `NodeLimits.wrapCount`.
    package let wraps: [WrappedKey]
    /// The grant they are wrapped for, an item of the query; `nil` where it is not known.
    package var grant: Hash?

    /// Makes an upload.
    package init(_ wraps: [WrappedKey], for grant: Hash? = nil) {
        self.wraps = wraps
        self.grant = grant
    }

    /// Reads the body of a request: the grant is not in it.
    package init(body: [UInt8]) throws(MessageDefect) {
        var reader = try MessageReader(body)
        let elements = try reader.elements("wraps", limit: NodeLimits.wrapCount)
        try reader.finish()
        var wraps = [WrappedKey]()
        for element in elements {
            var reader = try MessageReader(element, path: "wraps")
            wraps.append(
                try reader.read { fields throws(EntryDefect) in
                    WrappedKey(
                        authorization: try fields.parsed("authorization") { AuthorizationID($0) },
                        recipient: try fields.parsed("recipient") { AccountID($0) },
                        wrapped: try fields.parsed("wrapped") { text in
                            Base64.url.decode(text).flatMap {
                                (1...NodeLimits.wrappedKeyBytes).contains($0.count) ? $0 : nil
                            }
                        })
                })
            try reader.finish()
        }
        self.wraps = wraps
    }

    /// Reads what `kept` gives, or a body alone.
    package init(kept: [UInt8]) throws(MessageDefect) {
        let head = kept.prefix { $0 != UInt8(ascii: "{") }
        try self.init(body: Array(kept.dropFirst(head.count)))
        grant = Hash(hex: String(decoding: head, as: UTF8.self))
    }

    /// As it waits to be sent: the grant in hex, if it is known, and the body.
    package var kept: [UInt8] { Array((grant?.hex ?? "").utf8) + body }

    /// The body of the request.
    package var body: [UInt8] {
        JSONValue.object([
            .init(
                "wraps",
                .array(
                    wraps.map { wrap in
                        .object([
                            .init("authorization", .string(wrap.authorization.text)),
                            .init("recipient", .string(wrap.recipient.text)),
                            .init("wrapped", .string(Base64.url.encode(wrap.wrapped))),
                        ])
                    }))
        ]).canonicalBytes
    }
}

/// A wish to read records: the body of `POST /v1/uses`.
///
/// Who asks is who signed the request.
package struct UseQuery: Equatable, Sendable {
    /// The project.
    package let project: ProjectID
    /// The member.
    package let subject: AccountID
    /// What for.
    package let purpose: UsePurpose
    /// The kinds wanted, ascending; empty means all that are allowed.
    package let kinds: [RecordKind]
    /// The entries of the contributions wanted; empty means the first ones of all that are allowed.
    ///
    /// A use names at most `EntryLimits.listCount`.
    package let contributions: [Hash]

    /// Makes a query.
    package init(
        project: ProjectID, subject: AccountID, purpose: UsePurpose, kinds: [RecordKind] = [],
        contributions: [Hash] = []
    ) {
        self.project = project
        self.subject = subject
        self.purpose = purpose
        self.kinds = kinds.sorted()
        self.contributions = contributions
    }

    /// Reads the body of a request.
    package init(body: [UInt8]) throws(MessageDefect) {
        var reader = try MessageReader(body)
        self = try reader.read { fields throws(EntryDefect) in
            UseQuery(
                project: try fields.parsed("project") { ProjectID($0) },
                subject: try fields.parsed("subject") { AccountID($0) },
                purpose: try fields.parsed("purpose") { UsePurpose($0) },
                kinds: try fields.list("kinds") { $0.string.flatMap(RecordKind.init(rawValue:)) },
                contributions: try fields.optional("contributions", or: []) { json in
                    UseQuery.hashes(json)
                })
        }
        try reader.finish()
    }

    private static func hashes(_ json: JSONValue) -> [Hash]? {
        guard let list = json.array, list.count <= EntryLimits.listCount else { return nil }
        let hashes = list.compactMap { $0.string.flatMap { Hash(hex: $0) } }
        return hashes.count == list.count ? hashes : nil
    }

    /// The body of the request.
    package var body: [UInt8] {
        let named = JSONValue.array(contributions.map { .string($0.hex) })
        return JSONValue.sorted(
            (contributions.isEmpty ? [] : [.init("contributions", named)]) + [
                .init("kinds", .array(kinds.map { .string($0.rawValue) })),
                .init("project", .string(project.text)),
                .init("purpose", .string(purpose.text)),
                .init("subject", .string(subject.text)),
            ]
        ).canonicalBytes
    }
}

/// One record an allowed use may read.
package struct UsableRecord: Equatable, Sendable {
    /// The entry that handed the record over.
    package let contribution: Hash
    /// The content address of the ciphertext.
    package let record: Hash
    /// The kind.
    package let kind: RecordKind
    /// The length of the ciphertext in bytes.
    package let sizeBytes: Int64
    /// The record's key, wrapped for the account that asked.
    package let wrapped: [UInt8]

    /// Makes a record.
    package init(
        contribution: Hash, record: Hash, kind: RecordKind, sizeBytes: Int64, wrapped: [UInt8]
    ) {
        self.contribution = contribution
        self.record = record
        self.kind = kind
        self.sizeBytes = sizeBytes
        self.wrapped = wrapped
    }
}

/// An allowed use: the answer to `POST /v1/uses`.
package struct UseGrant: Equatable, Sendable {
    /// The entry that logs the use, signed by the operator.
    package let entry: [UInt8]
    /// Its place on the ledger.
    package let acceptance: Acceptance
    /// The authorization: part of what each key is wrapped with.
    package let authorization: AuthorizationID
    /// What may be read, in the order it was handed over.
    package let records: [UsableRecord]

    /// Makes a grant.
    package init(
        entry: [UInt8], acceptance: Acceptance, authorization: AuthorizationID,
        records: [UsableRecord]
    ) {
        self.entry = entry
        self.acceptance = acceptance
        self.authorization = authorization
        self.records = records
    }

    /// The id of the use, which `GET /v1/records/{sha256}?use=` wants.
    package var id: Hash { Hash.of(entry) }

    /// Reads the body of an answer.
    package init(body: [UInt8]) throws(MessageDefect) {
        var reader = try MessageReader(body)
        authorization = try reader.read { fields throws(EntryDefect) in
            try fields.parsed("authorization") { AuthorizationID($0) }
        }
        entry = try reader.entry("jws")
        let elements = try reader.elements("records", limit: EntryLimits.listCount)
        let verdict = try reader.read { fields throws(EntryDefect) in try fields.value("verdict") }
        try reader.finish()
        guard case .accepted(let acceptance) = try Verdict(json: verdict) else {
            throw .field("message.verdict")
        }
        self.acceptance = acceptance
        var records = [UsableRecord]()
        for element in elements { records.append(try UsableRecord(json: element)) }
        self.records = records
    }

    /// The body of the answer.
    package var body: [UInt8] {
        var writer = CanonicalWriter(capacity: 4096 + records.count * 512)
        writer.beginObject()
        writer.plain("authorization", Array(authorization.text.utf8))
        writer.plain("jws", entry)
        writer.beginArray("records")
        for record in records { writer.value(record.json.canonicalBytes) }
        writer.endArray()
        writer.value(Verdict.accepted(acceptance).body, key: "verdict")
        writer.endObject()
        return writer.bytes
    }
}

extension UsableRecord {
    init(json: JSONValue) throws(MessageDefect) {
        var reader = try MessageReader(json, path: "records")
        self = try reader.read { fields throws(EntryDefect) in
            UsableRecord(
                contribution: try fields.hash("contribution"),
                record: try fields.hash("sha256"),
                kind: try fields.parsed("kind", RecordKind.init(rawValue:)),
                sizeBytes: try fields.integer("size", in: 0...Int64.max),
                wrapped: try fields.parsed("wrapped") { Base64.url.decode($0) })
        }
        try reader.finish()
    }

    var json: JSONValue {
        .sorted([
            .init("contribution", .string(contribution.hex)),
            .init("kind", .string(kind.rawValue)), .init("sha256", .string(record.hex)),
            .init("size", .integer(sizeBytes)),
            .init("wrapped", .string(Base64.url.encode(wrapped))),
        ])
    }
}
