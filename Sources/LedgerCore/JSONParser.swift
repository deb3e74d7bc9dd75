/// Why bytes are not canonical JSON.
package enum JSONRefusal: Error, Equatable, Sendable {
    case endedEarly
    case trailingBytes
    case unexpectedByte
    case notUTF8
    case keysNotAscending
    case numberNotCanonical
    case escapeNotShortest
    case tooDeep
}

extension JSONValue {
    /// The deepest nesting of arrays and objects that is read.
    package static let depthLimit = 16

    /// Reads canonical JSON: exactly the bytes that `canonicalBytes` of the result would give.
    ///
    /// - Throws: `JSONRefusal` for anything else, among it duplicate keys, white space, floating
    ///   point, `null`, needless escapes and nesting deeper than `depthLimit`.
    package init(canonical bytes: [UInt8]) throws(JSONRefusal) {
        self = try JSONValue.parse(bytes[...])
    }

    /// Reads canonical JSON from part of an array.
    package init(canonical bytes: ArraySlice<UInt8>) throws(JSONRefusal) {
        self = try JSONValue.parse(bytes)
    }

    private static func parse(_ bytes: ArraySlice<UInt8>) throws(JSONRefusal) -> JSONValue {
        let outcome: Result<JSONValue, JSONRefusal> = bytes.withUnsafeBufferPointer { buffer in
            var parser = JSONParser(bytes: buffer)
            do throws(JSONRefusal) {
                let value = try parser.value(depth: 0)
                guard parser.position == buffer.count else { return .failure(.trailingBytes) }
                return .success(value)
            } catch {
                return .failure(error)
            }
        }
        return try outcome.get()
    }
}

private struct JSONParser {
    let bytes: UnsafeBufferPointer<UInt8>
    var position = 0

    init(bytes: UnsafeBufferPointer<UInt8>) {
        self.bytes = bytes
    }

    mutating func value(depth: Int) throws(JSONRefusal) -> JSONValue {
        guard depth < JSONValue.depthLimit else { throw .tooDeep }
        guard position < bytes.count else { throw .endedEarly }
        switch bytes[position] {
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "{"): return try object(depth: depth)
        case UInt8(ascii: "["): return try array(depth: depth)
        case UInt8(ascii: "t"):
            try literal("true")
            return .bool(true)
        case UInt8(ascii: "f"):
            try literal("false")
            return .bool(false)
        default: return .integer(try integer())
        }
    }

    private mutating func object(depth: Int) throws(JSONRefusal) -> JSONValue {
        position += 1
        var members = [JSONValue.Member]()
        members.reserveCapacity(8)
        if take(UInt8(ascii: "}")) { return .object(members) }
        while true {
            let key = try string()
            if let last = members.last {
                guard last.key.utf8.lexicographicallyPrecedes(key.utf8) else {
                    throw .keysNotAscending
                }
            }
            guard take(UInt8(ascii: ":")) else { throw unexpected() }
            members.append(.init(key, try value(depth: depth + 1)))
            if take(UInt8(ascii: "}")) { return .object(members) }
            guard take(UInt8(ascii: ",")) else { throw unexpected() }
        }
    }

    private mutating func array(depth: Int) throws(JSONRefusal) -> JSONValue {
        position += 1
        var values = [JSONValue]()
        if take(UInt8(ascii: "]")) { return .array(values) }
        while true {
            values.append(try value(depth: depth + 1))
            if take(UInt8(ascii: "]")) { return .array(values) }
            guard take(UInt8(ascii: ",")) else { throw unexpected() }
        }
    }

    private mutating func integer() throws(JSONRefusal) -> Int64 {
        let start = position
        let isNegative = take(UInt8(ascii: "-"))
        var number: Int64 = 0
        var digits = 0
        while position < bytes.count, (0x30...0x39).contains(bytes[position]) {
            let digit = Int64(bytes[position] - 0x30)
            let (scaled, tooBig) = number.multipliedReportingOverflow(by: 10)
            let (next, overflow) = scaled.addingReportingOverflow(isNegative ? -digit : digit)
            guard !tooBig, !overflow else { throw .numberNotCanonical }
            number = next
            digits += 1
            position += 1
        }
        guard digits > 0 else { throw unexpected() }
        let first = bytes[start + (isNegative ? 1 : 0)]
        if first == 0x30, digits > 1 || isNegative { throw .numberNotCanonical }
        if position < bytes.count, [0x2e, 0x65, 0x45].contains(bytes[position]) {
            throw .numberNotCanonical
        }
        return number
    }

    private mutating func string() throws(JSONRefusal) -> String {
        guard take(UInt8(ascii: "\"")) else { throw unexpected() }
        let start = position
        var seen: UInt8 = 0
        while position < bytes.count {
            let byte = bytes[position]
            if byte == UInt8(ascii: "\"") {
                let run = UnsafeBufferPointer(rebasing: bytes[start..<position])
                position += 1
                // ASCII needs no repair, and validating takes most of the time of a short text.
                if seen < 0x80 { return String(decoding: run, as: UTF8.self) }
                guard let text = String(validating: run, as: UTF8.self) else { throw .notUTF8 }
                return text
            }
            guard byte >= 0x20 else { throw .unexpectedByte }
            if byte == UInt8(ascii: "\\") { return try escapedString(from: start) }
            seen |= byte
            position += 1
        }
        throw .endedEarly
    }

    private mutating func escapedString(from start: Int) throws(JSONRefusal) -> String {
        var text = Array(bytes[start..<position])
        while position < bytes.count {
            let byte = bytes[position]
            position += 1
            switch byte {
            case UInt8(ascii: "\""):
                guard let string = String(validating: text, as: UTF8.self) else { throw .notUTF8 }
                return string
            case UInt8(ascii: "\\"): text.append(try escape())
            case 0..<0x20: throw .unexpectedByte
            default: text.append(byte)
            }
        }
        throw .endedEarly
    }

    private mutating func escape() throws(JSONRefusal) -> UInt8 {
        guard position < bytes.count else { throw .endedEarly }
        let byte = bytes[position]
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): return byte
        case UInt8(ascii: "b"): return 0x08
        case UInt8(ascii: "t"): return 0x09
        case UInt8(ascii: "n"): return 0x0a
        case UInt8(ascii: "f"): return 0x0c
        case UInt8(ascii: "r"): return 0x0d
        case UInt8(ascii: "u"):
            guard position + 4 <= bytes.count else { throw .endedEarly }
            let digits = String(decoding: bytes[position..<position + 4], as: UTF8.self)
            position += 4
            guard let value = Hex.decode(digits), value[0] == 0, value[1] < 0x20,
                ![0x08, 0x09, 0x0a, 0x0c, 0x0d].contains(value[1])
            else { throw .escapeNotShortest }
            return value[1]
        default: throw .escapeNotShortest
        }
    }

    private mutating func literal(_ text: StaticString) throws(JSONRefusal) {
        for offset in 0..<text.utf8CodeUnitCount {
            guard position < bytes.count else { throw .endedEarly }
            guard bytes[position] == text.utf8Start[offset] else { throw .unexpectedByte }
            position += 1
        }
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard position < bytes.count, bytes[position] == byte else { return false }
        position += 1
        return true
    }

    private func unexpected() -> JSONRefusal {
        position < bytes.count ? .unexpectedByte : .endedEarly
    }
}
