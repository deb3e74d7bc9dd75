extension TextPlace {
    /// A place in a text, both counted from 1; line 0 stands for the whole file.
    struct Spot: Equatable {
        var line = 0
        var column = 0
    }

    /// Returns where the value of a key begins, or the nearest place there is: a key of an inline
    /// table, the table itself, the whole file.
    func spot(of key: String, in table: String? = nil) -> Spot {
        let line = line(of: key, in: table)
        guard line > 0 else {
            guard let table else { return Spot() }
            let outer = spot(of: table)
            return outer.line > 0 ? spot(ofWord: key, from: outer) ?? outer : outer
        }
        let text = lines[line - 1]
        guard let equals = text.firstIndex(of: "="),
            !text.drop(while: \.isWhitespace).hasPrefix("[")
        else { return Spot(line: line, column: column(of: text.firstIndex { $0 != " " }, line)) }
        let value = text[text.index(after: equals)...].firstIndex { !$0.isWhitespace }
        return Spot(line: line, column: column(of: value ?? equals, line))
    }

    /// Returns where a key itself stands, or the nearest place there is.
    func spot(ofKey key: String, in table: String? = nil) -> Spot {
        let line = line(of: key, in: table)
        guard line > 0 else { return spot(of: key, in: table) }
        let text = lines[line - 1]
        return Spot(line: line, column: column(of: text.firstIndex { !$0.isWhitespace }, line))
    }

    /// Returns where a word stands in the value of a key, which may be a list over several lines.
    func spot(ofItem word: String, of key: String, in table: String? = nil) -> Spot {
        let start = spot(of: key, in: table)
        return start.line > 0 ? spot(ofWord: "\"\(word)\"", from: start) ?? start : start
    }

    private func spot(ofWord word: String, from start: Spot) -> Spot? {
        for line in start.line...max(start.line, lines.count) where line <= lines.count {
            let text = lines[line - 1]
            let from = text.index(
                text.startIndex, offsetBy: line == start.line ? start.column - 1 : 0,
                limitedBy: text.endIndex)
            if let from, let found = text[from...].firstRange(of: word) {
                return Spot(line: line, column: column(of: found.lowerBound, line))
            }
            // A list or an inline table ends here.
            let tail = from.map { text[$0...] } ?? text[...]
            if tail.contains("]") || tail.contains("}") { return nil }
            if line == start.line, !tail.contains("["), !tail.contains("{") { return nil }
        }
        return nil
    }

    private func column(of index: Substring.Index?, _ line: Int) -> Int {
        let text = lines[line - 1]
        return text.distance(from: text.startIndex, to: index ?? text.startIndex) + 1
    }
}
