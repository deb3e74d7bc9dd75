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
        func look(of role: StyleRole) -> ResolvedStyle {
            let style = theme.style(of: role, depth: depth)
            return ResolvedStyle(
                foreground: Self.shown(style.foreground, depth),
                background: Self.shown(style.background, depth), modifiers: style.modifiers)
        }
        let styles = StyleRole.allCases.map(look)
        let text = look(of: .text)
        // What the terminal cannot show together with colours.
        let impossible = attr_t(max(tigetnum("ncv"), 0))
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
            let isColoured =
                depth != .none && (style.foreground != .terminal || style.background != .terminal)
            let attributes = Self.attributes(style.modifiers, isColoured ? impossible : 0)
            var blank = cchar_t()
            cn_setcchar_one(&blank, 0x20, attributes, pair)
            return Entry(attributes: attributes, pair: pair, blank: blank)
        }
        self.own = own
    }

    /// Returns what a role's cells carry.
    subscript(role: StyleRole) -> Entry { entries[role.number] }

    /// Where colours have no numbers but their own, the lighter eight of the sixteen have none.
    private static func shown(_ colour: Colour, _ depth: ColourDepth) -> Colour {
        guard depth == .trueColour, case .named(let named) = colour, named.rawValue >= 8,
            let (red, green, blue) = colour.components
        else { return colour }
        return .rgb(red, green, blue)
    }

    /// How ncurses numbers a colour; `terminal` stands for the terminal's own.
    static func number(_ colour: Colour, _ terminal: Int32) -> Int32 {
        switch colour {
        case .terminal: return terminal
        case .named(let named): return Int32(named.rawValue)
        case .indexed(let index): return Int32(index)
        case .rgb(let red, let green, let blue):
            let number = Int32(red) << 16 | Int32(green) << 8 | Int32(blue)
            // The first 8, 16 or 256 numbers are a palette in some descriptions: one step of green.
            return number < 256 ? number | 0x100 : number
        }
    }

    /// The attributes for modifiers, without those of a description's `ncv`.
    private static func attributes(_ modifiers: Modifiers, _ impossible: attr_t) -> attr_t {
        // The bits of ncv, as terminfo(5) numbers them.
        let all: [(Modifiers, attr_t, attr_t)] = [
            (.bold, CN_A_BOLD, 1 << 5), (.dim, CN_A_DIM, 1 << 4), (.italic, CN_A_ITALIC, 1 << 15),
            (.underlined, CN_A_UNDERLINE, 1 << 1), (.reversed, CN_A_REVERSE, 1 << 2),
        ]
        return all.reduce(0) { attributes, part in
            modifiers.contains(part.0) && impossible & part.2 == 0
                ? attributes | part.1 : attributes
        }
    }
}
