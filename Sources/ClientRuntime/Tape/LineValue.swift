import Foundation
import LedgerCore

/// Any JSON, as a person's script writes it.
enum LineValue: Decodable {
    case null
    case bool(Bool)
    case integer(Int64)
    case number(Double)
    case string(String)
    case array([LineValue])
    case object([String: LineValue])

    init(from decoder: any Decoder) throws {
        let value = try decoder.singleValueContainer()
        // Each attempt that fails only says that it is something else.
        if value.decodeNil() {
            self = .null
        } else if let bool = try? value.decode(Bool.self) {
            self = .bool(bool)
        } else if let integer = try? value.decode(Int64.self) {
            self = .integer(integer)
        } else if let number = try? value.decode(Double.self) {
            self = .number(number)
        } else if let string = try? value.decode(String.self) {
            self = .string(string)
        } else if let array = try? value.decode([LineValue].self) {
            self = .array(array)
        } else {
            self = .object(try value.decode([String: LineValue].self))
        }
    }

    /// Reads one object.
    static func object(_ text: String) throws(LineError) -> [String: LineValue] {
        // Whatever the parser says: the person sees the line.
        let parsed = try? JSONDecoder().decode(LineValue.self, from: Data(text.utf8))
        guard let parsed else { throw LineError(.notUnderstood, "the line is not JSON") }
        guard case .object(let fields) = parsed else {
            throw LineError(.notUnderstood, "the line is not a JSON object")
        }
        return fields
    }

    /// A number or a text, as an id may be.
    var scalar: JSONValue? {
        switch self {
        case .integer(let number): .integer(number)
        case .string(let text): .string(text)
        case .null, .bool, .number, .array, .object: nil
        }
    }
}
