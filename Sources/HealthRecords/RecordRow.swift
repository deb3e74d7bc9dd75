package import LedgerCore

/// One resource of an imported file as a line of the table in which a person chooses.
package struct RecordRow: Equatable, Sendable, Identifiable {
    /// Position in `ImportedFile.rows`, from 0.
    package let id: Int
    /// The unit of consent it belongs to.
    package let kind: RecordKind
    /// FHIR resource type, such as "Observation".
    package let resourceType: String
    /// What it is about, in words: the text of the code, else its display, else the code.
    package let what: String
    /// First code of what it is about, such as LOINC "4548-4"; `nil` if it has none.
    package let code: String?
    /// Date or date and time as written in the file; empty if it has none.
    package let when: String
    /// `when` in milliseconds since 1970 UTC, negative before; `nil` if there is no valid date.
    package let whenMilliseconds: Int64?
    /// The finding in words; numbers as written in the file; empty if none.
    package let value: String
    /// Unit of `value`, such as "mmol/L"; empty if it has none.
    package let unit: String
    /// Whether it says who or where rather than what, or is of a kind that cannot be judged:
    /// struck until the person keeps it.
    package let identifies: Bool
    /// Whether its reference to the person carries a name or a number of theirs.
    package let namesPerson: Bool
}

/// An entry of a file that gives no row.
package struct SkippedResource: Equatable, Sendable {
    /// Where it stands: "entry[3]" in a bundle, "line 4" in NDJSON.
    package let place: String
    /// Why there is no row.
    package let reason: Reason

    /// Makes a report of one entry.
    package init(place: String, reason: Reason) {
        self.place = place
        self.reason = reason
    }

    /// Why an entry gives no row.
    package enum Reason: String, Sendable, CustomStringConvertible {
        /// The entry has no resource: a deletion, or the answer to one.
        case noResource = "the entry holds no resource"
        /// The resource is not a JSON object.
        case notAnObject = "not an object"
        /// The resource does not say its type.
        case noResourceType = "no resourceType"
        /// The type is no FHIR type name.
        case badResourceType = "resourceType is not a type name"

        /// The reason in words.
        package var description: String { rawValue }
    }
}

/// How many rows, and from when to when.
package struct RecordSummary: Equatable, Sendable {
    /// Number of rows.
    package let count: Int
    /// Day of the earliest dated row, as written (a year or month if no more is known).
    package let firstDate: String?
    /// Day of the latest dated row, as written.
    package let lastDate: String?

    /// Summarizes rows in any order; both dates are `nil` if no row has one.
    package init(_ rows: some Sequence<RecordRow>) {
        var count = 0
        var first: (milliseconds: Int64, when: String)?
        var last: (milliseconds: Int64, when: String)?
        for row in rows {
            count += 1
            guard let milliseconds = row.whenMilliseconds else { continue }
            if first.map({ milliseconds < $0.milliseconds }) ?? true {
                first = (milliseconds, row.when)
            }
            if last.map({ milliseconds > $0.milliseconds }) ?? true {
                last = (milliseconds, row.when)
            }
        }
        self.count = count
        firstDate = first.map { String($0.when.prefix(10)) }
        lastDate = last.map { String($0.when.prefix(10)) }
    }
}

/// The rows of one kind in an imported file: what one contribution is made of.
package struct RecordSet: Equatable, Sendable {
    /// The kind all rows share.
    package let kind: RecordKind
    /// Rows in the order of the file.
    package let rows: [RecordRow]

    /// Count and dates of the rows.
    package var summary: RecordSummary { RecordSummary(rows) }
}
