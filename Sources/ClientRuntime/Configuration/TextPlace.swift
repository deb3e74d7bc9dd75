/// Finds lines in a TOML text: the parser keeps places for its own errors only.
struct TextPlace {
    let lines: [Substring]

    init(_ text: String) {
        lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    }

    /// Returns the line, from 1, where a key is set in a table, the one without a name if `table`
    /// is `nil`; 0 if it is not found.
    func line(of key: String, in table: String? = nil) -> Int {
        var current: Substring?
        for (index, line) in lines.enumerated() {
            let start = line.drop { $0 == " " || $0 == "\t" }
            if start.hasPrefix("["), let end = start.firstIndex(of: "]") {
                current = start[start.index(after: start.startIndex)..<end]
                if table == nil, current == key[...] { return index + 1 }
            }
            guard current.map(String.init) == table else { continue }
            let rest =
                start.hasPrefix("\"\(key)\"")
                ? start.dropFirst(key.count + 2)
                : (start.hasPrefix(key) ? start.dropFirst(key.count) : "")
            if rest.drop(while: { $0 == " " || $0 == "\t" }).hasPrefix("=") { return index + 1 }
        }
        return 0
    }
}
