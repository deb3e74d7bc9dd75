extension TextWidth {
    /// Breaks a text into lines of at most `limit` cells.
    ///
    /// Latin text breaks at spaces and after hyphens, Chinese and Japanese text between any two
    /// characters, but no line starts with closing punctuation or ends with an opening bracket
    /// where that can be helped. A word longer than a line is cut, and so is a character that takes
    /// more cells than a line has. Spaces at a break are dropped.
    ///
    /// - Parameters:
    ///   - text: The text.
    ///   - limit: At least 1 is used; a wide character on a 1-cell line stands alone.
    ///   - atHyphens: Whether a hyphen may end a line; not where words are typed as they stand.
    /// - Returns: At least one line; the one line of an empty text is empty.
    package func wrap(_ text: SafeText, cells limit: Int, atHyphens: Bool = true) -> [SafeText] {
        if cells(of: text) <= limit { return [text] }
        var wrapper = LineWrapper(limit: max(limit, 1), atHyphens: atHyphens)
        for character in text.string {
            let width = cells(of: character)
            if width <= limit || width <= 2 {
                wrapper.append(character, cells: width)
            } else {
                forEachGlyph(of: character) { wrapper.append(Character($0.text), cells: $0.cells) }
            }
        }
        return wrapper.finished().map { text.part($0) }
    }

    /// Breaks each paragraph of a text into lines; an empty paragraph gives an empty line.
    package func wrap(_ paragraphs: [SafeText], cells limit: Int) -> [SafeText] {
        paragraphs.flatMap { wrap($0, cells: limit) }
    }
}

/// Fills lines greedily and remembers the last place where the current one may break.
private struct LineWrapper {
    let limit: Int
    let atHyphens: Bool
    private var lines: [ArraySlice<Character>] = []
    private var line: [(character: Character, cells: Int)] = []
    private var used = 0
    private var breakIndex: Int?

    init(limit: Int, atHyphens: Bool) {
        self.limit = limit
        self.atHyphens = atHyphens
    }

    mutating func append(_ character: Character, cells: Int) {
        if line.isEmpty, character == " ", !lines.isEmpty { return }
        if let last = line.last, mayBreak(after: last, before: (character, cells)) {
            breakIndex = line.count
        }
        if used + cells > limit, character == " " {
            emit(line.count)
            return
        }
        while used + cells > limit, !line.isEmpty {
            emit(breakIndex ?? line.count)
        }
        line.append((character, cells))
        used += cells
    }

    mutating func finished() -> [ArraySlice<Character>] {
        if !line.isEmpty || lines.isEmpty { emit(line.count) }
        return lines
    }

    /// Ends a line before the character at `index`; what follows starts the next line.
    private mutating func emit(_ index: Int) {
        let characters = line[..<index].map(\.character)
        let end = characters.lastIndex { $0 != " " }.map { $0 + 1 } ?? 0
        lines.append(characters[..<end])
        line = Array(line[index...].drop { $0.character == " " })
        used = line.reduce(0) { $0 + $1.cells }
        breakIndex = nil
    }

    private func mayBreak(
        after left: (character: Character, cells: Int),
        before right: (character: Character, cells: Int)
    ) -> Bool {
        if right.character == " " { return false }
        if left.character == " " { return true }
        if Self.closing.contains(right.character) || Self.opening.contains(left.character) {
            return false
        }
        if left.cells == 2 || right.cells == 2 { return true }
        return atHyphens && Self.hyphens.contains(left.character) && right.character.isLetter
    }

    private static let hyphens: Set<Character> = ["-", "\u{2010}", "\u{2013}", "\u{2014}"]
    private static let opening = Set<Character>("([{<$“‘«（［｛〔〈《「『【〖＄￥￡")
    private static let closing = Set<Character>(
        """
        ,.:;!?)]}>%”’»…—～·、。，．：；！？）］｝〕〉》」』】〗％℃‰ー々ゝゞヽヾ\
        ぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮヵヶ
        """)
}
