/// Why bytes are not an entry of this ledger: decided from the entry alone, so always alike.
package enum EntryDefect: Error, Equatable, Sendable {
    /// Not three base64url parts, or longer than `EntryLimits.entryBytes`.
    case notCompactJWS
    /// The protected header is not the fixed template for the signing device.
    case headerNotAllowed
    /// The payload is not canonical JSON.
    case payloadNotCanonical(JSONRefusal)
    /// A field is missing, unknown, of another type or outside its limits.
    case field(String)
    /// The kind, or its version, is not known here.
    case kindUnknown(String)
    /// Signed for another ledger.
    case otherLedger
    /// The signature does not verify under the device's key.
    case signatureInvalid
}

/// The sizes an entry must keep, checked while decoding.
package enum EntryLimits {
    /// The longest payload, in bytes.
    package static let payloadBytes = 8 * 1024
    /// The longest compact JWS, in bytes: payload in base64url, header and signature.
    package static let entryBytes = 11_264
    /// The most entries one entry may depend on.
    package static let dependencies = 16
    /// The longest text of any field, in UTF-8 bytes.
    package static let textBytes = 6 * 1024
    /// The most elements in any list.
    package static let listCount = 64
    /// The major versions of a project there can be.
    package static let majors: ClosedRange<Int64> = 1...10_000
}

/// Reads the fields of one object and notices those nobody asked for.
package struct FieldReader {
    private let path: String
    private let members: [JSONValue.Member]
    private var readCount = 0

    /// Opens an object; `path` names it in error messages.
    package init(_ value: JSONValue, path: String) throws(EntryDefect) {
        guard case .object(let members) = value else { throw .field(path) }
        self.path = path
        self.members = members
    }

    /// Refuses fields that were not read.
    package func finish() throws(EntryDefect) {
        guard readCount == members.count else { throw .field("\(path).*") }
    }

    /// Returns the value of an optional field.
    package mutating func optional(_ key: String) -> JSONValue? {
        // Most fields are read in the order in which they stand.
        let isNext = readCount < members.count && members[readCount].key == key
        let place = isNext ? readCount : members.firstIndex { $0.key == key }
        guard let place else { return nil }
        readCount += 1
        return members[place].value
    }

    /// Returns the value of a field that must be there.
    package mutating func value(_ key: String) throws(EntryDefect) -> JSONValue {
        guard let value = optional(key) else { throw defect(key) }
        return value
    }

    /// Reads a text of at most `limit` UTF-8 bytes.
    package mutating func text(_ key: String, limit: Int = EntryLimits.textBytes)
        throws(EntryDefect) -> String
    {
        guard let text = try value(key).string, text.utf8.count <= limit else { throw defect(key) }
        return text
    }

    /// Reads an integer inside `range`.
    package mutating func integer(_ key: String, in range: ClosedRange<Int64>)
        throws(EntryDefect) -> Int64
    {
        guard let number = try value(key).integer, range.contains(number) else {
            throw defect(key)
        }
        return number
    }

    /// Reads a truth value.
    package mutating func bool(_ key: String) throws(EntryDefect) -> Bool {
        guard case .bool(let flag) = try value(key) else { throw defect(key) }
        return flag
    }

    /// Reads a time, up to the end of the year 9999.
    package mutating func time(_ key: String) throws(EntryDefect) -> Timestamp {
        Timestamp(milliseconds: try integer(key, in: 0...Timestamp.latest.milliseconds))
    }

    /// Reads an amount from `minimum` to `Points.limit`.
    package mutating func points(_ key: String, minimum: Int64 = 0) throws(EntryDefect) -> Points {
        Points(try integer(key, in: minimum...Points.limit.value))
    }

    /// Reads a 32-byte hash in hexadecimal.
    package mutating func hash(_ key: String) throws(EntryDefect) -> Hash {
        try parsed(key) { Hash(hex: $0) }
    }

    /// Reads bytes in base64url, exactly `count` of them.
    package mutating func bytes(_ key: String, count: Int) throws(EntryDefect) -> [UInt8] {
        let bytes = try parsed(key) { Base64.url.decode($0) }
        guard bytes.count == count else { throw defect(key) }
        return bytes
    }

    /// Reads a text that `parse` understands.
    package mutating func parsed<Value>(_ key: String, _ parse: (String) -> Value?)
        throws(EntryDefect) -> Value
    {
        guard let text = try value(key).string, let value = parse(text) else { throw defect(key) }
        return value
    }

    /// Reads a list of texts that `parse` understands, ascending and without repetition.
    package mutating func set<Value: Comparable>(_ key: String, _ parse: (String) -> Value?)
        throws(EntryDefect) -> [Value]
    {
        let values = try list(key) { $0.string.flatMap(parse) }
        for (left, right) in zip(values, values.dropFirst()) where !(left < right) {
            throw defect(key)
        }
        return values
    }

    /// Reads a list of values that `parse` understands, in their order.
    package mutating func list<Value>(_ key: String, _ parse: (JSONValue) -> Value?)
        throws(EntryDefect) -> [Value]
    {
        guard let elements = try value(key).array, elements.count <= EntryLimits.listCount else {
            throw defect(key)
        }
        var values = [Value]()
        values.reserveCapacity(elements.count)
        for element in elements {
            guard let value = parse(element) else { throw defect(key) }
            values.append(value)
        }
        return values
    }

    /// Reads a field that is left out where it would say `fallback`: then it must not be there.
    package mutating func optional<Value: Equatable>(
        _ key: String, or fallback: Value, _ parse: (JSONValue) -> Value?
    ) throws(EntryDefect) -> Value {
        guard let json = optional(key) else { return fallback }
        guard let value = parse(json), value != fallback else { throw defect(key) }
        return value
    }

    /// Reads a flag that is left out where it is not set.
    package mutating func flag(_ key: String) throws(EntryDefect) -> Bool {
        try optional(key, or: false) { json in
            guard case .bool(let flag) = json else { return nil }
            return flag
        }
    }

    /// Reads a list as `set` does; it is left out where it is empty.
    package mutating func optionalSet<Value: Comparable>(
        _ key: String, _ parse: (String) -> Value?
    ) throws(EntryDefect) -> [Value] {
        guard members.contains(where: { $0.key == key }) else { return [] }
        let values = try set(key, parse)
        guard !values.isEmpty else { throw defect(key) }
        return values
    }

    private func defect(_ key: String) -> EntryDefect { .field("\(path).\(key)") }
}

extension JSONValue {
    /// A hash as 64 hexadecimal digits.
    static func hash(_ hash: Hash) -> JSONValue { .string(hash.hex) }
    /// A time as milliseconds.
    static func time(_ time: Timestamp) -> JSONValue { .integer(time.milliseconds) }
    /// An amount as a number.
    static func points(_ points: Points) -> JSONValue { .integer(points.value) }
    /// Bytes as base64url.
    static func base64(_ bytes: [UInt8]) -> JSONValue { .string(Base64.url.encode(bytes)) }
    /// The members for diseases and links: left out where there are none.
    static func optional(diseases: [DiseaseTerm], links: [ProjectID]) -> [Member] {
        var members = [Member]()
        if !diseases.isEmpty { members.append(.init("diseases", .texts(diseases.map(\.text)))) }
        if !links.isEmpty { members.append(.init("links", .texts(links.map(\.text)))) }
        return members
    }
    /// A list of texts.
    static func texts(_ texts: [String]) -> JSONValue { .array(texts.map(JSONValue.string)) }
}
