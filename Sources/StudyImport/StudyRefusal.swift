/// Where in a study file something stands.
package enum StudyPosition: Hashable, Sendable, CustomStringConvertible {
    /// The file as a whole.
    case file
    /// A line, from 1.
    case line(Int)
    /// An element of a list, from 1.
    case element(Int)

    /// The position in words, such as `line 3`.
    package var description: String {
        switch self {
        case .file: "the file"
        case .line(let number): "line \(number)"
        case .element(let number): "element \(number)"
        }
    }
}

/// Why a study file, or one record of it, is not taken.
package enum StudyDefect: Error, Hashable, Sendable, CustomStringConvertible {
    /// No record in it.
    case empty
    /// More than `StudyLimits.fileBytes`.
    case tooLarge
    /// Values nested deeper than `StudyLimits.depth`.
    case tooDeep
    /// Not UTF-8, or with NUL bytes.
    case notText
    /// Not JSON; what the parser found.
    case notJSON(String)
    /// Not XML from this place on.
    case notXML(line: Int, column: Int)
    /// XML that declares entities or a document type, which are never read.
    case declaresEntities
    /// Not RFC 4180; what is wrong.
    case notCSV(CSVDefect)
    /// A list of data sets, cohorts or workspaces.
    case describesDataSets
    /// Text of another format; what it looks like.
    case formatUnknown(Lookalike)
    /// A record without this element.
    case missing(Element)
    /// A record of the same study stands earlier in the file.
    case duplicate(of: StudyPosition)

    /// What is wrong with a table.
    package enum CSVDefect: Hashable, Sendable {
        /// More than 1000 columns.
        case tooManyColumns
        /// A quote never ends.
        case openQuote
        /// Text after a closing quote.
        case textAfterQuote
        /// A row with more or fewer columns than the header.
        case columnsDiffer(Int, header: Int)
    }

    /// What a text of another format looks like; names in it are shortened, and not yet safe for a
    /// terminal.
    package enum Lookalike: Hashable, Sendable {
        /// A FHIR resource of another type.
        case resource(String)
        /// XML with another root.
        case root(String)
        /// JSON that is no object.
        case noObject
        /// A JSON object without a key.
        case emptyObject
        /// A JSON object with these keys.
        case keys(String)
        /// A table with these columns.
        case columns(String)
    }

    /// What no study can be without.
    package enum Element: Hashable, Sendable {
        case registryNumber
        case title
    }

    /// The reason in words: lower case, no full stop.
    package var description: String {
        switch self {
        case .empty: "there is no record in it"
        case .tooLarge: "larger than \(StudyLimits.fileBytes >> 20) MiB"
        case .tooDeep: "nested deeper than \(StudyLimits.depth) levels"
        case .notText: "not UTF-8 text"
        case .notJSON(let detail): "not JSON: \(detail)"
        case .notXML(let line, let column): "not XML: line \(line), column \(column)"
        case .declaresEntities: "declares a document type or entities, which are never read"
        case .notCSV(let defect): "not CSV: \(defect.description)"
        case .describesDataSets: "describes data sets, not a study"
        case .formatUnknown(let form): "not a study format known here: \(form.description)"
        case .missing(.registryNumber): "has no registry number"
        case .missing(.title): "has no title"
        case .duplicate(let position): "the same study stands at \(position)"
        }
    }
}

extension StudyDefect.CSVDefect {
    fileprivate var description: String {
        switch self {
        case .tooManyColumns: "more than 1000 columns"
        case .openQuote: "a quote never ends"
        case .textAfterQuote: "text after a closing quote"
        case .columnsDiffer(let count, let header):
            "\(count) columns where the header has \(header)"
        }
    }
}

extension StudyDefect.Lookalike {
    fileprivate var description: String {
        switch self {
        case .resource(let type): "FHIR \(type), not ResearchStudy"
        case .root(let name): "XML with the root \(name)"
        case .noObject: "JSON that is no object"
        case .emptyObject: "an empty JSON object"
        case .keys(let names): "JSON with the keys \(names)"
        case .columns(let names): "text with the columns \(names)"
        }
    }
}

/// Why no study comes out of a file: which file, where and what.
package struct StudyRefusal: Error, Hashable, Sendable, CustomStringConvertible {
    /// The name of the file, as given.
    package let file: String
    /// Where the first defect stands.
    package let position: StudyPosition
    /// The first defect.
    package let defect: StudyDefect

    /// File, position and reason in one line; not yet safe for a terminal.
    package var description: String {
        position == .file ? "\(file): \(defect)" : "\(file), \(position): \(defect)"
    }
}

/// The sizes a study file must keep, checked before it is parsed.
package enum StudyLimits {
    /// The longest file, in bytes.
    package static let fileBytes = 64 << 20
    /// The deepest nesting of JSON values or XML elements.
    package static let depth = 64
    /// The longest value taken from a file, in UTF-8 bytes; what is longer is cut.
    package static let textBytes = 64 << 10
}
