/// A disease a project is about: a term of an ontology, such as `MONDO:0005148`.
package struct DiseaseTerm: Hashable, Comparable, Sendable {
    /// Prefix, colon and number of the term.
    package let text: String

    /// Reads a term; `nil` unless it is letters, a colon and letters or digits, at most 64.
    package init?(_ text: String) {
        let parts = text.utf8.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        func isWord(_ part: Substring.UTF8View.SubSequence) -> Bool {
            !part.isEmpty
                && part.allSatisfy { byte in
                    switch byte {
                    case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, 0x2e, 0x5f, 0x2d: true
                    default: false
                    }
                }
        }
        guard parts.count == 2, text.utf8.count <= 64, parts.allSatisfy({ isWord($0[...]) })
        else { return nil }
        self.text = text
    }

    /// Orders by text.
    package static func < (left: DiseaseTerm, right: DiseaseTerm) -> Bool {
        left.text < right.text
    }
}

/// What an authority allowed or reviewed.
package enum ApprovalKind: String, CaseIterable, Sendable {
    /// Human genetic resource information may be provided to a foreign recipient.
    case provision
    /// A security review allows it for the genomes of more than 500 people.
    case securityReview = "security-review"
}

/// An authority's approval or filing for a project and a recipient.
package struct ApprovalFiled: Equatable, Sendable {
    /// The project.
    package let project: ProjectID
    /// The recipient.
    package let recipient: AccountID
    /// What was allowed.
    package let kind: ApprovalKind
    /// The number of the approval or filing.
    package let number: String
    /// When it lapses.
    package let until: Timestamp

    /// Makes an approval.
    package init(
        project: ProjectID, recipient: AccountID, kind: ApprovalKind, number: String,
        until: Timestamp
    ) {
        self.project = project
        self.recipient = recipient
        self.kind = kind
        self.number = number
        self.until = until
    }
}

/// An ethics board agrees to a new major version of a project.
package struct AmendmentEndorsed: Equatable, Sendable {
    /// The project.
    package let project: ProjectID
    /// The hash of the new terms.
    package let terms: Hash

    /// Makes an endorsement.
    package init(project: ProjectID, terms: Hash) {
        self.project = project
        self.terms = terms
    }
}

/// Why an authority ends a project.
package enum TerminationReason: String, CaseIterable, Sendable {
    /// The ethics approval lapsed.
    case ethicsLapsed = "ethics-lapsed"
    /// The approval for human genetic resources lapsed.
    case approvalLapsed = "approval-lapsed"
    /// A regulator ordered it.
    case ordered
}

/// An ethics board or a regulator ends a project.
package struct ProjectTerminated: Equatable, Sendable {
    /// The project.
    package let project: ProjectID
    /// Why.
    package let reason: TerminationReason

    /// Makes a termination.
    package init(project: ProjectID, reason: TerminationReason) {
        self.project = project
        self.reason = reason
    }
}

/// Why an authorization was never valid.
package enum InvalidationReason: String, CaseIterable, Sendable {
    /// It was given for somebody else.
    case wrongPerson = "wrong-person"
    /// Who gave it had no authority to.
    case falseAuthority = "false-authority"
}

/// An authorization was never valid.
package struct AuthorizationInvalidated: Equatable, Sendable {
    /// The project.
    package let project: ProjectID
    /// The major version the authorization was for.
    package let major: Int64
    /// Why.
    package let reason: InvalidationReason

    /// Makes an invalidation.
    package init(project: ProjectID, major: Int64, reason: InvalidationReason) {
        self.project = project
        self.major = major
        self.reason = reason
    }
}

/// Keys and ciphertext of contributions were destroyed; their recipients have to attest that they
/// erased their copies.
package struct RecordsErased: Equatable, Sendable {
    /// The project.
    package let project: ProjectID
    /// The contributions (entry ids), ascending, at least one.
    package let contributions: [Hash]

    /// Makes an erasure.
    package init(project: ProjectID, contributions: [Hash]) {
        self.project = project
        self.contributions = contributions.sorted()
    }
}

/// A recipient erased its copies.
package struct ErasureAttested: Equatable, Sendable {
    /// The project.
    package let project: ProjectID
    /// The erasure (entry id).
    package let erasure: Hash

    /// Makes an attestation.
    package init(project: ProjectID, erasure: Hash) {
        self.project = project
        self.erasure = erasure
    }
}

extension ApprovalFiled {
    var json: JSONValue {
        .sorted([
            .init("kind", .string(kind.rawValue)), .init("number", .string(number)),
            .init("project", .string(project.text)), .init("recipient", .string(recipient.text)),
            .init("until", .time(until)),
        ])
    }

    init(from fields: inout FieldReader) throws(EntryDefect) {
        kind = try fields.parsed("kind", ApprovalKind.init(rawValue:))
        number = try fields.text("number", limit: 200)
        project = try fields.project()
        recipient = try fields.parsed("recipient") { AccountID($0) }
        until = try fields.time("until")
        guard !number.isEmpty else { throw .field("body.number") }
    }
}

extension AmendmentEndorsed {
    var json: JSONValue {
        .sorted([.init("project", .string(project.text)), .init("terms", .hash(terms))])
    }

    init(from fields: inout FieldReader) throws(EntryDefect) {
        project = try fields.project()
        terms = try fields.hash("terms")
    }
}

extension ProjectTerminated {
    var json: JSONValue {
        .sorted([
            .init("project", .string(project.text)), .init("reason", .string(reason.rawValue)),
        ])
    }

    init(from fields: inout FieldReader) throws(EntryDefect) {
        project = try fields.project()
        reason = try fields.parsed("reason", TerminationReason.init(rawValue:))
    }
}

extension AuthorizationInvalidated {
    var json: JSONValue {
        .sorted([
            .init("major", .integer(major)), .init("project", .string(project.text)),
            .init("reason", .string(reason.rawValue)),
        ])
    }

    init(from fields: inout FieldReader) throws(EntryDefect) {
        major = try fields.major()
        project = try fields.project()
        reason = try fields.parsed("reason", InvalidationReason.init(rawValue:))
    }
}

extension RecordsErased {
    var json: JSONValue {
        .sorted([
            .init("contributions", .array(contributions.map { .hash($0) })),
            .init("project", .string(project.text)),
        ])
    }

    init(from fields: inout FieldReader) throws(EntryDefect) {
        contributions = try fields.set("contributions") { Hash(hex: $0) }
        project = try fields.project()
        guard !contributions.isEmpty else { throw .field("body.contributions") }
    }
}

extension ErasureAttested {
    var json: JSONValue {
        .sorted([.init("erasure", .hash(erasure)), .init("project", .string(project.text))])
    }

    init(from fields: inout FieldReader) throws(EntryDefect) {
        erasure = try fields.hash("erasure")
        project = try fields.project()
    }
}
