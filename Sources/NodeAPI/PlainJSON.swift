package import LedgerCore

/// Reads a message as any JSON library writes it.
///
/// What is signed has one spelling (`JSONValue(canonical:)`); what merely carries it need not. White
/// space, keys in any order and every escape of RFC 8259 are taken. Refused are, besides what is no
/// JSON: duplicate keys, on which two readers could disagree, numbers that are not integers of 64
/// bits, `null`, and nesting deeper than `JSONValue.depthLimit`.
package enum PlainJSON {
    /// The value of a message.
    ///
    /// - Throws: `MessageDefect.notJSON` with the offset of the byte that cannot be read.
    package static func value(_ bytes: [UInt8]) throws(MessageDefect) -> JSONValue {
        var reader = PlainJSONReader(bytes)
        guard let value = reader.value(depth: 0), reader.isAtEnd else {
            throw .notJSON(offset: reader.position)
        }
        return value
    }
}

/// One pass over the bytes; `nil` means that reading stops at `position`.
private struct PlainJSONReader {
    let bytes: [UInt8]
    private(set) var position = 0

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// Whether nothing but white space is left.
    var isAtEnd: Bool {
        mutating get {
            skipSpace()
            return position == bytes.count
        }
    }

    mutating func value(depth: Int) -> JSONValue? {
        skipSpace()
        guard depth < JSONValue.depthLimit, position < bytes.count else { return nil }
        switch bytes[position] {
        case UInt8(ascii: "\""): return string().map { .string($0) }
        case UInt8(ascii: "{"): return object(depth: depth)
        case UInt8(ascii: "["): return array(depth: depth)
        case UInt8(ascii: "t"): return literal("true") ? .bool(true) : nil
        case UInt8(ascii: "f"): return literal("false") ? .bool(false) : nil
        default: return integer().map { .integer($0) }
        }
    }

    private mutating func object(depth: Int) -> JSONValue? {
        position += 1
        var members = [JSONValue.Member]()
        var keys = Set<String>()
        if take(UInt8(ascii: "}")) { return .object([]) }
        while true {
            skipSpace()
            guard let key = string(), keys.insert(key).inserted, take(UInt8(ascii: ":")),
                let value = value(depth: depth + 1)
            else { return nil }
            members.append(.init(key, value))
            if take(UInt8(ascii: "}")) { return .sorted(members) }
            guard take(UInt8(ascii: ",")) else { return nil }
        }
    }

    private mutating func array(depth: Int) -> JSONValue? {
        position += 1
        var values = [JSONValue]()
        if take(UInt8(ascii: "]")) { return .array([]) }
        while true {
            guard let value = value(depth: depth + 1) else { return nil }
            values.append(value)
            if take(UInt8(ascii: "]")) { return .array(values) }
            guard take(UInt8(ascii: ",")) else { return nil }
        }
    }

    private mutating func integer() -> Int64? {
        let start = position
        if position < bytes.count, bytes[position] == UInt8(ascii: "-") { position += 1 }
        let digits = position
        while position < bytes.count, (0x30...0x39).contains(bytes[position]) { position += 1 }
        guard position > digits, position - digits == 1 || bytes[digits] != 0x30 else { return nil }
        if position < bytes.count, [0x2e, 0x65, 0x45].contains(bytes[position]) { return nil }
        return Int64(String(decoding: bytes[start..<position], as: UTF8.self))
    }

    private mutating func string() -> String? {
        guard position < bytes.count, bytes[position] == UInt8(ascii: "\"") else { return nil }
        position += 1
        var text = [UInt8]()
        while position < bytes.count {
            let byte = bytes[position]
            position += 1
            switch byte {
            case UInt8(ascii: "\""): return String(validating: text, as: UTF8.self)
            case UInt8(ascii: "\\"):
                guard let scalar = escape() else { return nil }
                text.append(contentsOf: Character(scalar).utf8)
            case 0..<0x20: return nil
            default: text.append(byte)
            }
        }
        return nil
    }

    private mutating func escape() -> Unicode.Scalar? {
        guard position < bytes.count else { return nil }
        let byte = bytes[position]
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{c}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"): return escapedScalar()
        default: return nil
        }
    }

    /// The scalar of one `\u` escape, or of the two of a surrogate pair.
    private mutating func escapedScalar() -> Unicode.Scalar? {
        guard let first = codeUnit() else { return nil }
        guard UTF16.isLeadSurrogate(first) else { return Unicode.Scalar(first) }
        guard literal("\\u"), let second = codeUnit(), UTF16.isTrailSurrogate(second) else {
            return nil
        }
        return Unicode.Scalar(0x10000 + UInt32(first - 0xd800) << 10 + UInt32(second - 0xdc00))
    }

    private mutating func codeUnit() -> UInt16? {
        guard position + 4 <= bytes.count,
            let pair = Hex.decode(
                String(decoding: bytes[position..<position + 4], as: UTF8.self).lowercased())
        else { return nil }
        position += 4
        return UInt16(pair[0]) << 8 | UInt16(pair[1])
    }

    private mutating func literal(_ text: StaticString) -> Bool {
        for offset in 0..<text.utf8CodeUnitCount {
            guard position < bytes.count, bytes[position] == text.utf8Start[offset] else {
                return false
            }
            position += 1
        }
        return true
    }

    private mutating func skipSpace() {
        while position < bytes.count, [0x20, 0x09, 0x0a, 0x0d].contains(bytes[position]) {
            position += 1
        }
    }

    /// Passes over white space and `byte`, if that comes next.
    private mutating func take(_ byte: UInt8) -> Bool {
        skipSpace()
        guard position < bytes.count, bytes[position] == byte else { return false }
        position += 1
        return true
    }
}
