/// Writes canonical JSON straight into bytes: the hot paths build no tree of values.
///
/// The caller writes keys in ascending order; tests read what comes out with the strict parser.
package struct CanonicalWriter {
    /// What was written so far.
    package private(set) var bytes: [UInt8] = []
    private var needsComma = false

    /// Starts with room for `capacity` bytes.
    package init(capacity: Int) {
        bytes.reserveCapacity(capacity)
    }

    /// Begins an object, as the value of `key` where one is given.
    package mutating func beginObject(_ key: StaticString? = nil) {
        begin(key, UInt8(ascii: "{"))
    }

    /// Ends an object.
    package mutating func endObject() {
        bytes.append(UInt8(ascii: "}"))
        needsComma = true
    }

    /// Begins an array, as the value of `key` where one is given.
    package mutating func beginArray(_ key: StaticString? = nil) {
        begin(key, UInt8(ascii: "["))
    }

    /// Ends an array.
    package mutating func endArray() {
        bytes.append(UInt8(ascii: "]"))
        needsComma = true
    }

    /// Writes an integer.
    package mutating func integer(_ key: StaticString, _ value: Int64) {
        name(key)
        bytes.append(contentsOf: String(value).utf8)
    }

    /// Writes a truth value.
    package mutating func bool(_ key: StaticString, _ value: Bool) {
        name(key)
        bytes.append(contentsOf: (value ? "true" : "false").utf8)
    }

    /// Writes UTF-8 text, escaped as canonical JSON wants it.
    package mutating func text(_ key: StaticString, _ value: some Sequence<UInt8>) {
        name(key)
        quoted(value)
    }

    /// Writes UTF-8 text as an element of an array.
    package mutating func element(_ value: some Sequence<UInt8>) {
        separate()
        quoted(value)
        needsComma = true
    }

    /// Writes text that needs no escapes: base64, hexadecimal, a compact JWS.
    package mutating func plain(_ key: StaticString, _ value: [UInt8]) {
        name(key)
        bytes.append(UInt8(ascii: "\""))
        bytes.append(contentsOf: value)
        bytes.append(UInt8(ascii: "\""))
    }

    /// Writes bytes as lower-case hexadecimal.
    package mutating func hex(_ key: StaticString, _ value: [UInt8]) {
        name(key)
        bytes.append(UInt8(ascii: "\""))
        for byte in value {
            bytes.append(CanonicalWriter.digits[Int(byte >> 4)])
            bytes.append(CanonicalWriter.digits[Int(byte & 15)])
        }
        bytes.append(UInt8(ascii: "\""))
    }

    /// Appends a whole value that is canonical JSON already.
    package mutating func value(_ canonical: [UInt8], key: StaticString? = nil) {
        if let key { name(key) } else { separate() }
        bytes.append(contentsOf: canonical)
        needsComma = true
    }

    private mutating func begin(_ key: StaticString?, _ byte: UInt8) {
        if let key { name(key) } else { separate() }
        bytes.append(byte)
        needsComma = false
    }

    private mutating func name(_ key: StaticString) {
        separate()
        bytes.append(UInt8(ascii: "\""))
        bytes.append(
            contentsOf: UnsafeBufferPointer(start: key.utf8Start, count: key.utf8CodeUnitCount))
        bytes.append(UInt8(ascii: "\""))
        bytes.append(UInt8(ascii: ":"))
        needsComma = true
    }

    private mutating func separate() {
        if needsComma { bytes.append(UInt8(ascii: ",")) }
    }

    private mutating func quoted(_ value: some Sequence<UInt8>) {
        bytes.append(UInt8(ascii: "\""))
        // Notes, proofs and entries come in one piece of memory; only newlines need an escape.
        let isDone: Void? = value.withContiguousStorageIfAvailable { buffer in
            var start = 0
            for position in buffer.indices where CanonicalWriter.needsEscape(buffer[position]) {
                bytes.append(contentsOf: UnsafeBufferPointer(rebasing: buffer[start..<position]))
                escape(buffer[position])
                start = position + 1
            }
            bytes.append(contentsOf: UnsafeBufferPointer(rebasing: buffer[start...]))
        }
        if isDone == nil {
            for byte in value {
                if CanonicalWriter.needsEscape(byte) { escape(byte) } else { bytes.append(byte) }
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }

    private static func needsEscape(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
    }

    private mutating func escape(_ byte: UInt8) {
        bytes.append(UInt8(ascii: "\\"))
        switch byte {
        case 0x08: bytes.append(UInt8(ascii: "b"))
        case 0x09: bytes.append(UInt8(ascii: "t"))
        case 0x0a: bytes.append(UInt8(ascii: "n"))
        case 0x0c: bytes.append(UInt8(ascii: "f"))
        case 0x0d: bytes.append(UInt8(ascii: "r"))
        case 0..<0x20:
            bytes.append(contentsOf: "u00".utf8)
            bytes.append(CanonicalWriter.digits[Int(byte >> 4)])
            bytes.append(CanonicalWriter.digits[Int(byte & 15)])
        default: bytes.append(byte)
        }
    }

    private static let digits = Array("0123456789abcdef".utf8)
}
