/// The text of a TOML file in which single settings are changed, so that everything else a person
/// wrote stays: comments, order, tables.
struct ConfigurationText {
    private var lines: [String]

    init(_ text: String) {
        lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        if lines.last?.isEmpty == true { lines.removeLast() }
    }

    /// The whole text, ending with a line break.
    var text: String { lines.isEmpty ? "" : lines.joined(separator: "\n") + "\n" }

    /// Sets a key outside all tables to a TOML value, or takes it out.
    mutating func set(_ key: String, _ value: String?) {
        let place = range(of: key)
        guard let value else {
            if let place { lines.removeSubrange(place) }
            return
        }
        let line = "\(key) = \(value)"
        if let place {
            if !Self.sets(lines[place.lowerBound], to: value) {
                lines.replaceSubrange(place, with: [line])
            }
        } else {
            lines.insert(line, at: end)
        }
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
    private var end: Int {
        let table = firstTable
        var end = table
        while end > 0, table < lines.count,
            lines[end - 1].isEmpty || lines[end - 1].hasPrefix("#")
        {
            end -= 1
        }
        return end
    }

    private var firstTable: Int { lines.firstIndex { $0.hasPrefix("[") } ?? lines.count }

    private func range(of key: String) -> Range<Int>? {
        guard
            let start = lines[..<firstTable].firstIndex(where: { line in
                let rest = line.drop { $0 == " " || $0 == "\t" }
                guard rest.hasPrefix(key) else { return false }
                return rest.dropFirst(key.count).first { $0 != " " && $0 != "\t" } == "="
            })
        else { return nil }
        guard lines[start].contains("["), !lines[start].contains("]") else {
            return start..<(start + 1)
        }
        let close = lines[start..<firstTable].firstIndex { $0.contains("]") } ?? start
        return start..<(close + 1)
    }

    /// Whether a line gives that value already: its comment stays then.
    private static func sets(_ line: String, to value: String) -> Bool {
        guard let equals = line.firstIndex(of: "=") else { return false }
        let rest = line[line.index(after: equals)...].drop { $0 == " " || $0 == "\t" }
        guard rest.hasPrefix(value) else { return false }
        let after = rest.dropFirst(value.count).first { $0 != " " && $0 != "\t" }
        return after == nil || after == "#"
    }
}
