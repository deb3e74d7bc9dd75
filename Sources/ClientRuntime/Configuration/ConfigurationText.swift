/// The text of a TOML file in which single settings are changed, so that everything else a person
/// wrote stays: comments, order, tables.
struct ConfigurationText {
    private var lines: [String]
    /// The byte order mark that some editors put first: it belongs to no line.
    private let mark: String
    /// Whether a value that was to be changed goes over several lines: it stays as it is.
    private(set) var hasLongValue = false

    init(_ text: String) {
        // By bytes: a line may end with a carriage return, which makes one character of the two.
        mark = text.unicodeScalars.first == "\u{FEFF}" ? "\u{FEFF}" : ""
        lines = text.utf8.dropFirst(mark.utf8.count)
            .split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
            .map { String(decoding: $0, as: UTF8.self) }
        if lines.last?.isEmpty == true { lines.removeLast() }
    }

    /// The whole text, ending with a line break.
    var text: String {
        mark + (lines.isEmpty ? "" : lines.joined(separator: "\n") + "\n")
    }

    /// Sets a key outside all tables to a TOML value, or takes it out.
    mutating func set(_ key: String, _ value: String?) {
        let statements = statements
        let found = statements.prefix { !$0.isTable }.first {
            Self.names(key, lines[$0.lines.lowerBound])
        }
        guard let found else {
            if let value { lines.insert("\(key) = \(value)", at: end(statements)) }
            return
        }
        guard found.lines.count == 1 else { return hasLongValue = true }
        let changed = value.map { ["\(key) = \($0)\(found.rest)"] } ?? []
        lines.replaceSubrange(found.lines, with: changed)
    }

    /// Returns a text as a TOML string.
    static func quoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": quoted += "\\\""
            case "\\": quoted += "\\\\"
            case "\n": quoted += "\\n"
            case "\t": quoted += "\\t"
            case _ where scalar.value < 0x20 || scalar.value == 0x7F:
                let digits = String(scalar.value, radix: 16)
                quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }

    /// The line before the first table, empty lines and comments of that table left to it.
    private func end(_ statements: [Statement]) -> Int {
        guard let table = statements.first(where: \.isTable)?.lines.lowerBound else {
            return lines.count
        }
        var end = table
        while end > 0, lines[end - 1].allSatisfy(\.isWhitespace) || lines[end - 1].hasPrefix("#") {
            end -= 1
        }
        return end
    }

    /// A key with its value, or the head of a table: what a line begins that is no comment.
    private struct Statement {
        let lines: Range<Int>
        let isTable: Bool
        /// What stands behind it on its last line: a comment, and blanks before it.
        let rest: String
    }

    /// The statements in order; a text that is TOML has no others.
    private var statements: [Statement] {
        var found: [Statement] = []
        var next = 0
        while next < lines.count {
            let first = lines[next].utf8.first { !Self.isBlank($0) }
            guard let first, first != UInt8(ascii: "#") else {
                next += 1
                continue
            }
            var scan = ValueScan()
            let start = next
            var rest = ""
            repeat {
                rest = scan.take(lines[next])
                next += 1
            } while scan.isOpen && next < lines.count
            found.append(
                Statement(
                    lines: start..<next, isTable: first == UInt8(ascii: "["), rest: rest))
        }
        return found
    }

    /// Whether a line begins with a bare key and its equals sign.
    private static func names(_ key: String, _ line: String) -> Bool {
        let text = line.utf8.drop(while: isBlank)
        guard text.starts(with: key.utf8) else { return false }
        return text.dropFirst(key.utf8.count).first { !isBlank($0) } == UInt8(ascii: "=")
    }

    private static func isBlank(_ byte: UInt8) -> Bool {
        [UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r")].contains(byte)
    }
}

/// Where a value of TOML ends: what strings and comments say does not matter for that.
private struct ValueScan {
    private var depth = 0
    /// The quotation mark of a string of several lines, while one is open.
    private var quote: UInt8?

    /// Whether the value goes on in the next line.
    var isOpen: Bool { depth > 0 || quote != nil }

    /// Takes a line in and returns what stands behind the value there: blanks and a comment.
    mutating func take(_ line: String) -> String {
        let bytes = Array(line.utf8)
        var index = 0
        // Behind the last byte that belongs to the value.
        var end = 0
        while index < bytes.count {
            let byte = bytes[index]
            if let quote {
                index = skipLong(quote, bytes, from: index)
            } else if byte == UInt8(ascii: "#") {
                break
            } else if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
                if bytes[index...].starts(with: [byte, byte, byte]) {
                    quote = byte
                    index += 3
                } else {
                    index = Self.skipShort(byte, bytes, from: index + 1)
                }
            } else {
                if byte == UInt8(ascii: "[") || byte == UInt8(ascii: "{") { depth += 1 }
                if byte == UInt8(ascii: "]") || byte == UInt8(ascii: "}") { depth -= 1 }
                index += 1
                guard byte > UInt8(ascii: " ") else { continue }
            }
            end = index
        }
        return String(decoding: bytes[end...], as: UTF8.self)
    }

    /// Goes on in a string of several lines, to its end if that is on this line: one or two of its
    /// marks may stand before the three that end it.
    private mutating func skipLong(_ mark: UInt8, _ bytes: [UInt8], from start: Int) -> Int {
        var index = start
        while index < bytes.count {
            if mark == UInt8(ascii: "\""), bytes[index] == UInt8(ascii: "\\") {
                index += 2
            } else if bytes[index...].starts(with: [mark, mark, mark]) {
                quote = nil
                let marks = bytes[index...].prefix { $0 == mark }.count
                return index + min(marks, 5)
            } else {
                index += 1
            }
        }
        return bytes.count
    }

    /// The index behind a string of one line.
    private static func skipShort(_ mark: UInt8, _ bytes: [UInt8], from start: Int) -> Int {
        var index = start
        while index < bytes.count, bytes[index] != mark {
            index += mark == UInt8(ascii: "\"") && bytes[index] == UInt8(ascii: "\\") ? 2 : 1
        }
        return min(index + 1, bytes.count)
    }
}
