/// What one screen cell, or one pair of cells, shows: a character that takes room and its marks.
package struct Glyph: Hashable, Sendable {
    /// At most 5 scalars: one that takes room, then marks (ncurses' limit, `CCHARW_MAX`).
    package let text: String
    /// 1 or 2.
    package let cells: Int
}

/// Counts terminal cells.
///
/// All column arithmetic of the program is done here and in `Frame`.
///
/// Widths are those of the C library (`wcwidth`), which ncurses and most terminals use, in every
/// case; see `WidthTables`. Terminals disagree about sequences of several scalars, so those are
/// drawn in a way that leaves no choice:
///
/// - an emoji with a joiner tail, a skin tone, a keycap or a variation selector is drawn as its
///   first scalar alone, with that scalar's width: a family as one person, `⚠️` as `⚠`;
/// - a flag is drawn as its two letters;
/// - any other cluster is as wide as its scalars together, and each that takes room gets its own
///   cell with the marks that follow it, at most 4.
package struct TextWidth: Hashable, Sendable {
    /// Cells of an East Asian Ambiguous character such as `①` or `“`.
    package enum Ambiguous: Int, Hashable, Sendable {
        /// One cell, as nearly all terminals draw them.
        case one = 1
        /// Two cells, as some terminals are set up in East Asia.
        case two = 2
    }

    /// How wide ambiguous characters are.
    package let ambiguous: Ambiguous

    /// Makes a way to count.
    package init(ambiguous: Ambiguous) { self.ambiguous = ambiguous }

    /// Ambiguous characters take one cell.
    package static let standard = TextWidth(ambiguous: .one)

    // MARK: Measuring

    /// Returns the cells of one scalar: 0, 1 or 2; a control counts 0.
    package func cells(of scalar: Unicode.Scalar) -> Int {
        let value = scalar.value
        if value < 0x300 {
            if value < 0x20 || (value >= 0x7F && value < 0xA0) { return 0 }
            if value < 0x7F || ambiguous == .one { return 1 }
        }
        if value >= 0x4E00, value <= 0x9FFC { return 2 }
        if value >= 0x300, Self.find(value, in: WidthTables.zero) { return 0 }
        if value >= 0x1100, Self.find(value, in: WidthTables.wide) { return 2 }
        if ambiguous == .two, Self.find(value, in: WidthTables.ambiguous) { return 2 }
        return 1
    }

    /// Returns the cells of one character (grapheme cluster) as `Frame` draws it.
    package func cells(of character: Character) -> Int {
        if character.isASCII {
            return character.utf8.first.map { $0 >= 0x20 && $0 != 0x7F } == true ? 1 : 0
        }
        var total = 0
        forEachGlyph(of: character) { total += $0.cells }
        return total
    }

    /// Returns the cells of a text.
    ///
    /// - Complexity: O(length); a plain ASCII text costs one pass over its bytes.
    package func cells(of text: SafeText) -> Int {
        if LoneScalars.isPlain(text.string) { return text.string.utf8.count }
        var total = 0
        for scalar in text.string.unicodeScalars {
            guard LoneScalars.contains(scalar) else {
                return text.string.reduce(0) { $0 + cells(of: $1) }
            }
            total += cells(of: scalar)
        }
        return total
    }

    /// Whether a scalar takes no room of its own and stands on the one before it.
    static func isMark(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value >= 0x300 && find(scalar.value, in: WidthTables.zero)
    }

    private static func find(_ value: UInt32, in table: [UInt32]) -> Bool {
        var low = 0
        var high = table.count / 2
        while low < high {
            let middle = (low + high) / 2
            if value < table[middle * 2] {
                high = middle
            } else if value > table[middle * 2 + 1] {
                low = middle + 1
            } else {
                return true
            }
        }
        return false
    }

    // MARK: Glyphs

    /// Calls `body` with each glyph of a character, from left to right.
    package func forEachGlyph(of character: Character, _ body: (Glyph) -> Void) {
        let scalars = character.unicodeScalars
        guard let first = scalars.first else { return }
        if scalars.count == 1 {
            let width = cells(of: first)
            if width > 0 { body(Glyph(text: String(character), cells: width)) }
            return
        }
        if (0x1F1E6...0x1F1FF).contains(first.value) {
            for scalar in scalars { body(Glyph(text: Self.flagLetter(scalar), cells: 1)) }
            return
        }
        if first.properties.isEmoji, scalars.dropFirst().contains(where: Self.extendsEmoji) {
            body(Glyph(text: String(Character(first)), cells: cells(of: first)))
            return
        }
        forEachPart(of: scalars, body)
    }

    private func forEachPart(
        of scalars: Character.UnicodeScalarView, _ body: (Glyph) -> Void
    ) {
        var part = String.UnicodeScalarView()
        var partCells = 0
        for scalar in scalars {
            let width = cells(of: scalar)
            if width == 0 {
                if partCells > 0, part.count < Self.scalarLimit { part.append(scalar) }
                continue
            }
            if partCells > 0 { body(Glyph(text: String(part), cells: partCells)) }
            part = String.UnicodeScalarView([scalar])
            partCells = width
        }
        if partCells > 0 { body(Glyph(text: String(part), cells: partCells)) }
    }

    private static let scalarLimit = 5

    private static func extendsEmoji(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x200D, 0xFE0E, 0xFE0F, 0x20E3, 0x1F3FB...0x1F3FF: true
        default: false
        }
    }

    private static func flagLetter(_ scalar: Unicode.Scalar) -> String {
        guard scalar.value >= 0x1F1E6, scalar.value <= 0x1F1FF,
            let letter = Unicode.Scalar(scalar.value - 0x1F1E6 + 0x41)
        else { return "?" }
        return String(Character(letter))
    }

    // MARK: Fitting

    /// Returns the longest start of a text that takes at most `limit` cells.
    package func prefix(_ text: SafeText, cells limit: Int) -> SafeText {
        if text.string.utf8.count <= limit, cells(of: text) <= limit { return text }
        var used = 0
        var end = text.string.startIndex
        if LoneScalars.isAll(of: text.string) {
            let scalars = text.string.unicodeScalars
            while end < scalars.endIndex {
                used += cells(of: scalars[end])
                if used > limit { break }
                end = scalars.index(after: end)
            }
            return text.part(text.string[..<end])
        }
        for index in text.string.indices {
            used += cells(of: text.string[index])
            if used > limit { break }
            end = text.string.index(after: index)
        }
        return text.part(text.string[..<end])
    }

    /// Returns the text if it fits, otherwise its start and `…`, together at most `limit` cells.
    package func truncate(_ text: SafeText, cells limit: Int) -> SafeText {
        if cells(of: text) <= limit { return text }
        let mark: SafeText = "…"
        let room = limit - cells(of: mark)
        return room < 0 ? prefix("...", cells: limit) : prefix(text, cells: room) + mark
    }

    /// Where a text stands in the cells it is given.
    package enum Alignment: Hashable, Sendable {
        /// At the left: the spaces come after it.
        case left
        /// At the right, as numbers stand.
        case right
        /// In the middle; an odd space comes after it.
        case centre
    }

    /// Returns the text cut or filled with spaces to exactly `count` cells.
    package func pad(
        _ text: SafeText, cells count: Int, _ alignment: Alignment = .left
    ) -> SafeText {
        let shown = truncate(text, cells: max(count, 0))
        let free = max(count - cells(of: shown), 0)
        let space: SafeText = " "
        switch alignment {
        case .left: return shown + space.repeated(free)
        case .right: return space.repeated(free) + shown
        case .centre: return space.repeated(free / 2) + shown + space.repeated(free - free / 2)
        }
    }
}
