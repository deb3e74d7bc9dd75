import CNcursesw
import TerminalCore

/// ncurses' attributes and colour pairs for every role of a theme.
@MainActor
struct StyleTable {
    /// What goes into a cell.
    struct Entry {
        let attributes: attr_t
        let pair: Int32
    }

    /// By the number of the role.
    private let entries: [Entry]

    /// Allots the pairs; call after `start_color`, or with depth `none` without it.
    init(_ theme: Theme, depth: ColourDepth, hasTerminalColours: Bool) {
        entries = StyleRole.allCases.map { role in
            let style = theme.style(of: role, depth: depth)
            let foreground = Self.number(style.foreground, hasTerminalColours ? -1 : 7)
            let background = Self.number(style.background, hasTerminalColours ? -1 : 0)
            let isPlain = foreground == -1 && background == -1
            let pair = depth == .none || isPlain ? 0 : alloc_pair(foreground, background)
            return Entry(attributes: Self.attributes(style.modifiers), pair: max(pair, 0))
        }
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
