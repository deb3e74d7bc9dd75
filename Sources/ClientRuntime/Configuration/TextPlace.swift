/// Finds lines in a TOML text: the parser keeps places for its own errors only.
struct TextPlace {
    let lines: [Substring]
    /// The first line of each key by its table, "" for the one without a name, which has the names of
    /// the tables among its keys.
    private var numbers: [String: [String: Int]] = [:]

    init(_ text: String) {
        lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        var table = ""
        for (index, line) in lines.enumerated() {
            let start = line.utf8.drop(while: TextPlace.isBlank)
            if start.first == UInt8(ascii: "["), let end = start.firstIndex(of: UInt8(ascii: "]")) {
                table = String(Substring(start.dropFirst().prefix(upTo: end)))
                note(table, in: "", index + 1)
            } else if let name = TextPlace.key(start) {
                note(name, in: table, index + 1)
            }
        }
    }

    /// Returns the line, from 1, where a key is set in a table, the one without a name if `table`
    /// is `nil`; 0 if it is not found.
    func line(of key: String, in table: String? = nil) -> Int {
        numbers[table ?? ""]?[key] ?? 0
    }

    private mutating func note(_ key: String, in table: String, _ number: Int) {
        if numbers[table]?[key] == nil { numbers[table, default: [:]][key] = number }
    }

    private static func isBlank(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t")
    }

    /// The key that a line sets, bare or between quotation marks.
    private static func key(_ start: Substring.UTF8View) -> String? {
        let quote = UInt8(ascii: "\"")
        let isQuoted = start.first == quote
        let name =
            isQuoted
            ? start.dropFirst().prefix { $0 != quote }
            : start.prefix { $0 != UInt8(ascii: "=") && !isBlank($0) }
        let rest = start[name.endIndex...].dropFirst(isQuoted ? 1 : 0)
        guard rest.drop(while: isBlank).first == UInt8(ascii: "=") else { return nil }
        return String(Substring(name))
    }
}
