import CNcursesw
import TerminalCore

/// ncurses' attributes and colour pairs for every role of a theme.
@MainActor
struct StyleTable {
    /// What goes into a cell.
    struct Entry {
        let attributes: attr_t
        let pair: Int32
        /// A blank cell.
        let blank: cchar_t

        /// A cell with one scalar, for which ncurses has a width.
        func cell(_ scalar: Unicode.Scalar) -> cchar_t {
            var cell = blank
            cell.chars.0 = wchar_t(bitPattern: scalar.value)
            return cell
        }
    }

    /// By the number of the role.
    private let entries: [Entry]
    /// What is to be shown where ncurses believes in the terminal's own colours.
    let own: (foreground: Colour, background: Colour)

    /// Allots the pairs; call after `start_color`, or with depth `none` without it.
    ///
    /// - Parameters:
    ///   - theme: The theme.
    ///   - depth: The colours there are.
    ///   - hasTerminalColours: Whether ncurses knows the terminal's own colours.
    ///   - maySwap: Whether the colours of text may be given to ncurses as the terminal's own: most
    ///     cells need half as many words then, or none.
    init(_ theme: Theme, depth: ColourDepth, hasTerminalColours: Bool, maySwap: Bool) {
        let styles = StyleRole.allCases.map { theme.style(of: $0, depth: depth) }
        let text = theme.style(of: .text, depth: depth)
        let swaps = maySwap && hasTerminalColours && depth != .none
        // Where a role wants the terminal's own colour itself, nothing else can stand for it.
        func own(_ colour: KeyPath<ResolvedStyle, Colour>) -> Colour {
            swaps && !styles.contains { $0[keyPath: colour] == .terminal }
                ? text[keyPath: colour] : .terminal
        }
        let own = (foreground: own(\.foreground), background: own(\.background))
        entries = styles.map { style in
            let foreground =
                style.foreground == own.foreground && hasTerminalColours
                ? -1 : Self.number(style.foreground, 7)
            let background =
                style.background == own.background && hasTerminalColours
                ? -1 : Self.number(style.background, 0)
            let isPlain = foreground == -1 && background == -1
            let pair = depth == .none || isPlain ? 0 : max(alloc_pair(foreground, background), 0)
            let attributes = Self.attributes(style.modifiers)
            var blank = cchar_t()
            cn_setcchar_one(&blank, 0x20, attributes, pair)
            return Entry(attributes: attributes, pair: pair, blank: blank)
        }
        self.own = own
    }

    /// Returns what a role's cells carry.
    subscript(role: StyleRole) -> Entry { entries[role.number] }

    private static func number(_ colour: Colour, _ terminal: Int32) -> Int32 {
        switch colour {
        case .terminal: terminal
        case .named(let named): Int32(named.rawValue)
        case .indexed(let index): Int32(index)
        case .rgb(let red, let green, let blue):
            // Numbers below 8 are the named colours on a terminal with direct colour.
            max(Int32(red) << 16 | Int32(green) << 8 | Int32(blue), 8)
        }
    }

    private static func attributes(_ modifiers: Modifiers) -> attr_t {
        var attributes: attr_t = 0
        if modifiers.contains(.bold) { attributes |= CN_A_BOLD }
        if modifiers.contains(.dim) { attributes |= CN_A_DIM }
        if modifiers.contains(.italic) { attributes |= CN_A_ITALIC }
        if modifiers.contains(.underlined) { attributes |= CN_A_UNDERLINE }
        if modifiers.contains(.reversed) { attributes |= CN_A_REVERSE }
        return attributes
    }
}
