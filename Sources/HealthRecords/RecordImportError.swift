/// Why a file cannot be imported: which file, where in it, and the reason.
package struct RecordImportError: Error, Equatable, Sendable, CustomStringConvertible {
    /// Name of the file, as it was given.
    package let file: String
    /// Where the reason lies; `nil` if it is the file as a whole.
    package let place: Place?
    /// What is wrong.
    package let reason: Reason

    /// A place in a text file.
    package struct Place: Equatable, Sendable {
        /// Line, from 1.
        package let line: Int
        /// Byte in the line, from 1.
        package let column: Int
    }

    /// What is wrong with a file.
    package enum Reason: Hashable, Sendable {
        /// There is nothing in it but white space.
        case empty
        /// It is longer than `limitBytes`.
        case tooLong(limitBytes: Int)
        /// It is not text in UTF-8.
        case notUTF8
        /// It is XML; FHIR is read as JSON.
        case xml
        /// It is no JSON text at all.
        case notJSON
        /// The text ends inside a value.
        case endsEarly
        /// A byte stands where JSON does not allow it.
        case unexpectedByte(UInt8)
        /// A backslash is followed by something JSON does not know.
        case badEscape
        /// Brackets are nested deeper than 64.
        case tooDeep
        /// An object has two members of one name.
        case duplicateName(String)
        /// It is JSON, but has no member `resourceType`.
        case notFHIR
        /// It is a bundle or list without a single resource.
        case noResources
    }

    /// One line for people: file, place, reason.
    package var description: String {
        let place = place.map { ", line \($0.line), column \($0.column)" } ?? ""
        return "\(PlainText.line(file))\(place): \(reason)"
    }
}

extension RecordImportError.Reason: CustomStringConvertible {
    /// The reason in words, in lower case and without a full stop.
    package var description: String {
        switch self {
        case .empty: "the file is empty"
        case .tooLong(let limit): "the file is longer than \(limit >> 20) MiB"
        case .notUTF8: "the text is not UTF-8"
        case .xml: "this is XML; export the records as FHIR JSON"
        case .notJSON: "this is not a FHIR file: it does not begin as JSON"
        case .endsEarly: "the text ends before its last value does"
        case .unexpectedByte(let byte): "not JSON here: unexpected \(Self.name(byte))"
        case .badEscape: "not JSON here: unknown escape after a backslash"
        case .tooDeep: "brackets are nested deeper than \(JSONDocument.maximumDepth)"
        case .duplicateName(let name): "the name \"\(name)\" stands twice in one object"
        case .notFHIR: "JSON, but not FHIR: no resourceType"
        case .noResources: "the bundle holds no resource"
        }
    }

    private static func name(_ byte: UInt8) -> String {
        switch byte {
        case 0x0a, 0x0d: "end of line"
        case 0x21...0x7e: "\"\(Character(Unicode.Scalar(byte)))\""
        default: "byte \(byte)"
        }
    }
}
