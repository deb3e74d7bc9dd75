package import LedgerCore

/// The limits both sides of the wire keep.
package enum NodeLimits {
    /// The lowest version of the wire format that is understood.
    package static let minWireVersion: Int64 = 1
    /// The highest version of the wire format that is understood.
    package static let maxWireVersion: Int64 = 1
    /// The most entries one submission carries.
    package static let submissionCount = 64
    /// The longest body of any request, in bytes.
    package static let bodyBytes = 256 * 1024
    /// The most entries one page carries.
    package static let pageCount = 500
    /// The longest time a poll for changes waits, in seconds.
    package static let pollSeconds: Int64 = 25
    /// The largest sealed record, in bytes.
    package static let recordBytes: Int64 = 256 * 1024 * 1024
    /// What a sealed record counts at least of what its owner may store, in bytes: a file costs more
    /// than what is in it.
    package static let leastRecordBytes: Int64 = 64 * 1024
    /// The longest wrapped key, in bytes.
    package static let wrappedKeyBytes = 1024
    /// The most wrapped keys one upload carries.
    package static let wrapCount = 64
    /// How far the clock of a signed request may be off, in seconds.
    package static let signatureWindowSeconds: Int64 = 300
    /// How long a nonce is remembered, in seconds: twice the window.
    package static let nonceSeconds: Int64 = 600
    /// How long an invitation can be redeemed, in milliseconds.
    package static let invitationMilliseconds: Int64 = 600_000
}

/// Why bytes are not a message of the wire format.
package enum MessageDefect: Error, Equatable, Sendable {
    /// The bytes are not canonical JSON.
    case notCanonical(JSONRefusal)
    /// The bytes are not JSON, or have a duplicate key, a fraction or `null`.
    case notJSON(offset: Int)
    /// A field is missing, unknown, of another type or outside its limits.
    case field(String)
}

/// Reads one JSON object of the wire format.
struct MessageReader {
    private var fields: FieldReader

    init(_ bytes: [UInt8]) throws(MessageDefect) {
        let json: JSONValue
        do throws(JSONRefusal) {
            json = try JSONValue(canonical: bytes)
        } catch {
            throw .notCanonical(error)
        }
        try self.init(json, path: "message")
    }

    init(_ json: JSONValue, path: String) throws(MessageDefect) {
        do throws(EntryDefect) {
            fields = try FieldReader(json, path: path)
        } catch {
            throw MessageReader.defect(error)
        }
    }

    /// Runs `read` on the fields, with its errors as message defects.
    mutating func read<Value>(_ read: (inout FieldReader) throws(EntryDefect) -> Value)
        throws(MessageDefect) -> Value
    {
        do throws(EntryDefect) {
            return try read(&fields)
        } catch {
            throw MessageReader.defect(error)
        }
    }

    /// Reads the elements of an array of at most `limit`.
    mutating func elements(_ key: String, limit: Int) throws(MessageDefect) -> [JSONValue] {
        let value = try read { fields throws(EntryDefect) in try fields.value(key) }
        guard let elements = value.array, elements.count <= limit else {
            throw .field("message.\(key)")
        }
        return elements
    }

    /// Reads the bytes of a text: a signed note, for one.
    mutating func bytes(_ key: String, limit: Int) throws(MessageDefect) -> [UInt8] {
        try read { fields throws(EntryDefect) in Array(try fields.text(key, limit: limit).utf8) }
    }

    /// Reads an entry as it travels.
    mutating func entry(_ key: String) throws(MessageDefect) -> [UInt8] {
        try read { fields throws(EntryDefect) in try fields.entry(key) }
    }

    /// Refuses fields that were not read.
    mutating func finish() throws(MessageDefect) {
        try read { fields throws(EntryDefect) in try fields.finish() }
    }

    private static func defect(_ defect: EntryDefect) -> MessageDefect {
        guard case .field(let name) = defect else { return .field("message") }
        return .field(name)
    }
}

extension FieldReader {
    /// Reads a compact JWS: base64url and dots, at most `EntryLimits.entryBytes`.
    mutating func entry(_ key: String) throws(EntryDefect) -> [UInt8] {
        try parsed(key) { text in
            let bytes = Array(text.utf8)
            let isPlain = bytes.allSatisfy { byte in
                switch byte {
                case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, 0x2d, 0x2e, 0x5f: true
                default: false
                }
            }
            return isPlain && bytes.count <= EntryLimits.entryBytes ? bytes : nil
        }
    }
}
