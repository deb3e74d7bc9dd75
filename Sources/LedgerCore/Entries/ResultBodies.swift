/// A sort of result that a study can return to a person; each is wished for, or not, by itself.
package enum ResultClass: String, CaseIterable, Comparable, Sendable {
    /// What the study found as a whole.
    case summary
    /// What was measured in the person's own records.
    case measurement
    /// Something found in them that can be treated or prevented.
    case actionable
    /// A risk found in them that nothing can be done about today.
    case risk
    /// Something found in them that matters to children and relatives more than to the person.
    case carrier

    /// Orders by name, as lists of them stand in an entry.
    package static func < (left: ResultClass, right: ResultClass) -> Bool {
        left.rawValue < right.rawValue
    }
}

/// What a member wishes to know of a project's results, in place of any earlier wish.
///
/// Nothing is returned that was not wished for, so that nobody has to say what they do not wish to
/// know: who never answered, who does not wish and who left look alike.
package struct ResultsWished: Equatable, Sendable {
    /// The project.
    package let project: ProjectID
    /// The classes wished for, ascending; none ends it.
    package let classes: [ResultClass]
    /// The X25519 key that results are sealed for, 32 bytes.
    package let key: [UInt8]

    /// Makes a statement.
    package init(project: ProjectID, classes: [ResultClass], key: [UInt8]) {
        self.project = project
        self.classes = classes.sorted()
        self.key = key
    }
}

extension ResultsWished {
    var json: JSONValue {
        .sorted([
            .init("classes", .texts(classes.map(\.rawValue))), .init("key", .base64(key)),
            .init("project", .string(project.text)),
        ])
    }

    init(from fields: inout FieldReader) throws(EntryDefect) {
        classes = try fields.set("classes", ResultClass.init(rawValue:))
        key = try fields.bytes("key", count: 32)
        project = try fields.project()
    }
}

/// A result of a member, the entry's account; signed by who returns it.
package struct ResultReturned: Equatable, Sendable {
    /// The project.
    package let project: ProjectID
    /// What sort of result it is.
    package let result: ResultClass
    /// The member's wish it answers (entry id): the latest one, whose key it is sealed for.
    package let wish: Hash
    /// The result, sealed for that key: as many bytes as `sealedBytes` says.
    package let sealed: [UInt8]

    /// The shortest and the longest sealed result, in bytes.
    package static let sealedBytes = 64...4_200

    /// Makes a statement.
    package init(project: ProjectID, result: ResultClass, wish: Hash, sealed: [UInt8]) {
        self.project = project
        self.result = result
        self.wish = wish
        self.sealed = sealed
    }
}

extension ResultReturned {
    var json: JSONValue {
        .sorted([
            .init("class", .string(result.rawValue)), .init("project", .string(project.text)),
            .init("sealed", .base64(sealed)), .init("wish", .hash(wish)),
        ])
    }

    init(from fields: inout FieldReader) throws(EntryDefect) {
        result = try fields.parsed("class", ResultClass.init(rawValue:))
        project = try fields.project()
        sealed = try fields.parsed("sealed") { text in
            Base64.url.decode(text).flatMap {
                ResultReturned.sealedBytes.contains($0.count) ? $0 : nil
            }
        }
        wish = try fields.hash("wish")
    }
}
