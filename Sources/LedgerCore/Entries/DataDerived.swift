/// Something was made from records of a member, the entry's account; signed by who made it.
///
/// What is made from records of several members has an entry for each of them, with one output.
package struct DataDerived: Equatable, Sendable {
    /// The project.
    package let project: ProjectID
    /// The grant that allowed it.
    package let grant: Hash
    /// What for.
    package let purpose: UsePurpose
    /// The contributions it was made from (entry ids), ascending, at least one.
    package let inputs: [Hash]
    /// SHA-256 of what was made.
    package let output: Hash

    /// Makes a statement.
    package init(
        project: ProjectID, grant: Hash, purpose: UsePurpose, inputs: [Hash], output: Hash
    ) {
        self.project = project
        self.grant = grant
        self.purpose = purpose
        self.inputs = inputs.sorted()
        self.output = output
    }
}

extension DataDerived {
    var json: JSONValue {
        .sorted([
            .init("grant", .hash(grant)), .init("inputs", .array(inputs.map { .hash($0) })),
            .init("output", .hash(output)), .init("project", .string(project.text)),
            .init("purpose", .string(purpose.text)),
        ])
    }

    init(from fields: inout FieldReader) throws(EntryDefect) {
        grant = try fields.hash("grant")
        inputs = try fields.set("inputs") { Hash(hex: $0) }
        output = try fields.hash("output")
        project = try fields.project()
        purpose = try fields.parsed("purpose") { UsePurpose($0) }
        guard !inputs.isEmpty, purpose != .review else { throw .field("body.inputs") }
    }
}
