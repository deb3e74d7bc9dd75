/// Why a member cannot decide any more.
package enum LapseCause: String, CaseIterable, Sendable {
    /// The member died.
    case died
    /// The member can no longer decide for themself.
    case incapable
}

/// An authorization ends because its member can decide no more.
///
/// It ends in the way its terms said when it was granted: none goes on silently. It rests on what
/// two officers reported. Who recovers can grant anew.
package struct AuthorizationLapsed: Equatable, Sendable {
    /// The project.
    package let project: ProjectID
    /// The major version the authorization was for.
    package let major: Int64
    /// Why.
    package let cause: LapseCause

    /// Makes a statement.
    package init(project: ProjectID, major: Int64, cause: LapseCause) {
        self.project = project
        self.major = major
        self.cause = cause
    }
}

extension AuthorizationLapsed {
    var json: JSONValue {
        .sorted([
            .init("cause", .string(cause.rawValue)), .init("major", .integer(major)),
            .init("project", .string(project.text)),
        ])
    }

    init(from fields: inout FieldReader) throws(EntryDefect) {
        cause = try fields.parsed("cause", LapseCause.init(rawValue:))
        major = try fields.major()
        project = try fields.project()
    }
}

/// An officer reports that a member can decide no more.
package struct LapseProposed: Equatable, Sendable {
    /// Why.
    package let cause: LapseCause

    /// Makes a statement.
    package init(cause: LapseCause) { self.cause = cause }
}

/// Another officer confirms that a member can decide no more.
package struct LapseConfirmed: Equatable, Sendable {
    /// The entry of the report.
    package let proposal: Hash
    /// Why: what the report says.
    package let cause: LapseCause

    /// Makes a statement.
    package init(proposal: Hash, cause: LapseCause) {
        self.proposal = proposal
        self.cause = cause
    }
}

extension LapseProposed {
    var json: JSONValue { .sorted([.init("cause", .string(cause.rawValue))]) }

    init(from fields: inout FieldReader) throws(EntryDefect) {
        cause = try fields.parsed("cause", LapseCause.init(rawValue:))
    }
}

extension LapseConfirmed {
    var json: JSONValue {
        .sorted([
            .init("cause", .string(cause.rawValue)), .init("proposal", .hash(proposal)),
        ])
    }

    init(from fields: inout FieldReader) throws(EntryDefect) {
        cause = try fields.parsed("cause", LapseCause.init(rawValue:))
        proposal = try fields.hash("proposal")
    }
}
