package import TerminalCore

/// A frame as text: for golden files, for screenshots and for recordings.
package enum FrameText {
    /// The rows and, below a rule, one line for each stretch of cells with a role of its own.
    ///
    /// Rows and columns are counted from 1, as a person counts them. Entry ids are blotted out:
    /// they follow from salts and signatures, which differ from play to play.
    package static func golden(_ frame: Frame) -> String {
        var text = withoutIDs(frame.rows).joined(separator: "\n") + "\n"
        text += String(repeating: "─", count: 40) + "\n"
        if let cursor = frame.cursor { text += "cursor \(cursor.row + 1) \(cursor.column + 1)\n" }
        var roles: [String: [String]] = [:]
        for run in frame.roleRuns {
            let columns = "\(run.row + 1):\(run.columns.lowerBound + 1)-\(run.columns.upperBound)"
            roles[run.role.name, default: []].append(columns)
        }
        for (role, places) in roles.sorted(by: { $0.key < $1.key }) {
            text += "\(role) \(places.joined(separator: " "))\n"
        }
        return text
    }

    /// Blots out hexadecimal words of 12 digits and more, and how they go on in the next row.
    private static func withoutIDs(_ rows: [String]) -> [String] {
        var former: Set<Int> = []
        return rows.map { row in
            var characters = Array(row)
            // Cells, not characters: a row above may have more wide characters than this one.
            let columns = characters.reduce(into: [0]) { columns, character in
                columns.append((columns.last ?? 0) + TextWidth.standard.cells(of: character))
            }
            var found: Set<Int> = []
            var start = 0
            while start < characters.count {
                let isDigit = characters[start].isHexDigit && !characters[start].isUppercase
                var end = start + 1
                while isDigit, end < characters.count, characters[end].isHexDigit,
                    !characters[end].isUppercase
                { end += 1 }
                let isWord =
                    isDigit && (start == 0 || characters[start - 1] == " ")
                    && (end == characters.count || !characters[end].isLetter)
                if isWord, end - start >= 12 || former.contains(columns[start]) {
                    for position in start..<end { characters[position] = "x" }
                    found.insert(columns[start])
                }
                start = end
            }
            former = found
            return String(characters)
        }
    }

    /// The rows, each ended by a newline.
    package static func plain(_ frame: Frame) -> String {
        frame.rows.joined(separator: "\n") + "\n"
    }

    /// The bytes that show a frame in a terminal: all of it, or the rows that differ from another.
    package static func ansi(_ frame: Frame, after former: Frame? = nil, theme: Theme) -> String {
        let isWhole = former?.size != frame.size
        var text = isWhole ? "\u{1b}[0m\u{1b}[2J" : ""
        for row in 0..<frame.size.rows {
            if !isWhole, let former, same(row, frame, former) { continue }
            text += "\u{1b}[\(row + 1);1H" + ansi(row: row, of: frame, theme: theme)
        }
        if let cursor = frame.cursor {
            text += "\u{1b}[\(cursor.row + 1);\(cursor.column + 1)H\u{1b}[?25h"
        } else {
            text += "\u{1b}[?25l"
        }
        return text
    }

    private static func same(_ row: Int, _ first: Frame, _ second: Frame) -> Bool {
        let range = (row * first.size.columns)..<((row + 1) * first.size.columns)
        return first.cells[range] == second.cells[range]
    }

    private static func ansi(row: Int, of frame: Frame, theme: Theme) -> String {
        var text = ""
        var shown: StyleRole?
        for column in 0..<frame.size.columns {
            let cell = frame[row, column]
            if cell.isRightHalf { continue }
            if cell.role != shown {
                text += codes(of: theme.style(of: cell.role))
                shown = cell.role
            }
            text += cell.text
        }
        return text + "\u{1b}[0m"
    }

    private static func codes(of style: ResolvedStyle) -> String {
        var codes = ["0"]
        let modifiers: [(Modifiers, String)] = [
            (.bold, "1"), (.dim, "2"), (.italic, "3"), (.underlined, "4"), (.reversed, "7"),
            (.crossedOut, "9"),
        ]
        codes += modifiers.filter { style.modifiers.contains($0.0) }.map(\.1)
        codes += code(of: style.foreground, base: 30)
        codes += code(of: style.background, base: 40)
        return "\u{1b}[" + codes.joined(separator: ";") + "m"
    }

    private static func code(of colour: Colour, base: Int) -> [String] {
        switch colour {
        case .terminal: []
        case .named(let named):
            named.rawValue < 8
                ? ["\(base + Int(named.rawValue))"] : ["\(base + 52 + Int(named.rawValue))"]
        case .rgb(let red, let green, let blue):
            ["\(base + 8)", "2", "\(red)", "\(green)", "\(blue)"]
        case .indexed(let index): ["\(base + 8)", "5", "\(index)"]
        }
    }
}
