import TerminalCore

/// Compares what tmux captured, text and attributes, with a frame.
///
/// A blank in the lower right corner is left out, and a screen of one column ends before it: where a
/// terminal's description cannot turn off automatic margins, as tmux's cannot, ncurses 6.4 brings
/// that cell there by a detour, on which it loses its colours after a wide character.
struct TerminalComparison {
    private let renditions: [StyleRole: Rendition]

    /// Prepares a comparison with a theme as a terminal of 256 colours shows it.
    init(theme: Theme) {
        var renditions: [StyleRole: Rendition] = [:]
        for role in StyleRole.allCases {
            renditions[role] = TerminalComparison.rendition(theme.style(of: role, depth: .indexed))
        }
        self.renditions = renditions
    }

    /// One cell as tmux shows it.
    private struct Shown: Equatable {
        var text: String
        var style: Rendition
    }

    /// Colours and modifiers as numbers of SGR.
    private struct Rendition: Equatable {
        var foreground = ""
        var background = ""
        var modifiers: Modifiers = []
    }

    /// Says what differs; `nil` where nothing does.
    ///
    /// `lines` are the rows with their escape sequences, of which the last may be missing; `cursor`
    /// is its column and row, from 0, and 1 where it is seen.
    func difference(of frame: Frame, from lines: [String], cursor: String) -> String? {
        var style = Rendition()
        for row in 0..<frame.size.rows {
            let shown = row < lines.count ? cells(lines[row][...], &style) : []
            if let problem = difference(row, of: frame, shown) { return problem }
        }
        let numbers = cursor.split(separator: " ").compactMap { Int($0) }
        if let wanted = frame.cursor {
            let isThere = numbers == [wanted.column, wanted.row, 1]
            return isThere ? nil : "the cursor is at \(numbers) and not at \(wanted)"
        }
        return numbers.last == 0 ? nil : "the cursor is seen"
    }

    private func difference(_ row: Int, of frame: Frame, _ shown: [Shown]) -> String? {
        var position = 0
        for column in 0..<frame.size.columns {
            let cell = frame[row, column]
            if cell.isRightHalf { continue }
            let found = position < shown.count ? shown[position] : Shown(text: " ", style: .init())
            position += 1
            let isCorner = row == frame.size.rows - 1 && column == frame.size.columns - 1
            if isCorner, cell.text == " " || column == 0 { continue }
            let place = "row \(row + 1), column \(column + 1)"
            guard found.text == cell.text else {
                return "\(place) has “\(found.text)” and not “\(cell.text)”"
            }
            let wanted = renditions[cell.role] ?? Rendition()
            let isSame =
                cell.text == " "
                ? blank(found.style) == blank(wanted) : found.style == wanted
            guard isSame else {
                return "\(place), \(cell.role.name), looks \(found.style) and not \(wanted)"
            }
        }
        return nil
    }

    /// Of a blank cell nobody sees the colour of the text.
    private func blank(_ style: Rendition) -> Rendition {
        var blank = style
        if !style.modifiers.contains(.reversed) { blank.foreground = "" }
        blank.modifiers.formIntersection([.reversed, .underlined])
        return blank
    }

    private static func rendition(_ style: ResolvedStyle) -> Rendition {
        var modifiers = style.modifiers
        modifiers.remove(.crossedOut)
        return Rendition(
            foreground: code(style.foreground), background: code(style.background),
            modifiers: modifiers)
    }

    private static func code(_ colour: Colour) -> String {
        switch colour {
        case .terminal: ""
        case .named(let named): "\(named.rawValue)"
        case .indexed(let index): "\(index)"
        case .rgb(let red, let green, let blue): "\(red),\(green),\(blue)"
        }
    }

    // MARK: Reading

    private func cells(_ line: Substring, _ style: inout Rendition) -> [Shown] {
        var cells: [Shown] = []
        var rest = line[...]
        while let character = rest.first {
            if character == "\u{1b}" {
                let sequence = rest.prefix { !$0.isLetter }
                apply(sequence.dropFirst(2), &style)
                rest = rest[sequence.endIndex...].dropFirst()
            } else {
                cells.append(Shown(text: String(character), style: style))
                rest = rest.dropFirst()
            }
        }
        return cells
    }

    private func apply(_ numbers: Substring, _ style: inout Rendition) {
        let codes = numbers.split(separator: ";", omittingEmptySubsequences: false)
            .map { Int($0) ?? 0 }
        var index = 0
        while index < codes.count {
            let code = codes[index]
            switch code {
            case 0: style = Rendition()
            case 30...37: style.foreground = "\(code - 30)"
            case 90...97: style.foreground = "\(code - 82)"
            case 39: style.foreground = ""
            case 40...47: style.background = "\(code - 40)"
            case 100...107: style.background = "\(code - 92)"
            case 49: style.background = ""
            case 38, 48:
                let isIndexed = index + 1 < codes.count && codes[index + 1] == 5
                let count = isIndexed ? 1 : 3
                let values = codes.dropFirst(index + 2).prefix(count).map(String.init)
                if code == 38 {
                    style.foreground = values.joined(separator: ",")
                } else {
                    style.background = values.joined(separator: ",")
                }
                index += 1 + count
            default: apply(modifier: code, &style)
            }
            index += 1
        }
    }

    private func apply(modifier code: Int, _ style: inout Rendition) {
        let modifiers: [Int: Modifiers] = [
            1: .bold, 2: .dim, 3: .italic, 4: .underlined, 7: .reversed,
        ]
        let ends: [Int: Modifiers] = [
            22: [.bold, .dim], 23: .italic, 24: .underlined, 27: .reversed,
        ]
        if let modifier = modifiers[code] { style.modifiers.insert(modifier) }
        if let end = ends[code] { style.modifiers.subtract(end) }
    }
}
