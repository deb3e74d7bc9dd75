package import TerminalCore

/// A frame as text: for golden files, for screenshots and for recordings.
package enum FrameText {
    /// The rows and, below a rule, one line for each stretch of cells with a role of its own.
    ///
    /// Rows and columns are counted from 1, as a person counts them. What differs from play to
    /// play is blotted out.
    package static func golden(_ shown: Frame) -> String {
        let frame = FrameMask.masked(shown)
        var text = frame.rows.joined(separator: "\n") + "\n"
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

    /// The rows, each ended by a newline.
    package static func plain(_ frame: Frame) -> String {
        frame.rows.joined(separator: "\n") + "\n"
    }

    /// The bytes that show a frame in a terminal: all of it, or the rows that differ from another.
    ///
    /// `former` is what the terminal shows already; everything is drawn where there is none.
    package static func ansi(
        _ frame: Frame, after former: Frame? = nil, look: FrameLook
    ) -> String {
        let isWhole = former?.size != frame.size
        var text = isWhole ? "\u{1b}[0m\u{1b}[2J" : ""
        for row in 0..<frame.size.rows {
            if !isWhole, let former, same(row, frame, former) { continue }
            text += "\u{1b}[\(row + 1);1H" + ansi(row: row, of: frame, look: look)
        }
        if let cursor = frame.cursor {
            text += "\u{1b}[\(cursor.row + 1);\(cursor.column + 1)H\u{1b}[?25h"
        } else {
            text += "\u{1b}[?25l"
        }
        return text
    }

    private static func same(_ row: Int, _ first: Frame, _ second: Frame) -> Bool {
        first.changedColumns(row, from: second, columns: first.size.columns) == nil
    }

    private static func ansi(row: Int, of frame: Frame, look: FrameLook) -> String {
        var text = ""
        var shown: StyleRole?
        for column in 0..<frame.size.columns {
            let cell = frame[row, column]
            if cell.isRightHalf { continue }
            if cell.role != shown {
                text += codes(of: look.style(of: cell.role))
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

/// The colours of a frame that is written to a file.
package struct FrameLook: Hashable, Sendable {
    /// The theme.
    package var theme: Theme
    /// How many colours are used.
    package var depth: ColourDepth

    /// Makes a look.
    package init(theme: Theme, depth: ColourDepth = .trueColour) {
        self.theme = theme
        self.depth = depth
    }

    /// How a role looks.
    package func style(of role: StyleRole) -> ResolvedStyle {
        theme.style(of: role, depth: depth)
    }
}
