import CNcursesw
import TerminalCore

/// What a terminal can do, as its environment and its description say.
struct TerminalProfile: Equatable {
    /// The description that ncurses loads.
    let term: String
    /// Whether it understands xterm's sequences for mouse and pasting and ignores those it lacks.
    let isXtermLike: Bool
    /// Whether it shows nothing but ASCII.
    let isASCII: Bool
    /// Whether each attribute and colour can be turned off by itself.
    let knowsStyles: Bool
    /// Whether colour is wanted at all.
    let wantsColour: Bool

    /// Reads the environment.
    ///
    /// `NO_COLOR`, if not empty, turns colours off; `COLORTERM` lifts a plain `xterm` to 256 colours.
    ///
    /// - Throws: `TerminalError.unusable` for no terminal or a dumb one.
    init(environment: [String: String]) throws(TerminalError) {
        let name = environment["TERM"] ?? ""
        if name.isEmpty || name == "dumb" || name == "unknown" {
            throw TerminalError(
                code: .unusable,
                description: name.isEmpty
                    ? "could not open terminal: TERM is not set"
                    : "could not open terminal: TERM is \"\(name)\", which cannot place text")
        }
        let family = name.prefix { $0 != "-" && $0 != "." }
        let rich = ["truecolor", "24bit"].contains(environment["COLORTERM"])
        term = name == "xterm" && rich ? "xterm-256color" : name
        isXtermLike = Self.xtermLike.contains(String(family))
        isASCII = Self.ascii.contains(String(family))
        knowsStyles = isXtermLike || family == "linux"
        wantsColour = (environment["NO_COLOR"] ?? "").isEmpty
    }

    private static let xtermLike: Set<String> = [
        "xterm", "tmux", "screen", "rxvt", "foot", "alacritty", "wezterm", "vte", "gnome",
        "konsole", "ghostty", "contour", "mintty", "st", "kitty", "mlterm", "iterm2",
    ]
    private static let ascii: Set<String> = ["vt100", "vt102", "vt220", "vt52", "ansi"]

    /// Sent at the start: mouse with SGR places, bracketed paste, and whether mode 2026 is known.
    var openingBytes: String {
        isXtermLike ? mouseBytes(true) + "\u{1B}[?2004h\u{1B}[?2026$p" : ""
    }

    /// Turns the mouse on or off: clicks, the wheel, and moving with a button down.
    func mouseBytes(_ isUsed: Bool) -> String {
        guard isXtermLike else { return "" }
        return isUsed ? "\u{1B}[?1002h\u{1B}[?1006h" : "\u{1B}[?1006l\u{1B}[?1002l"
    }

    /// Puts a text into the clipboard (OSC 52).
    func copyBytes(_ base64: String) -> String {
        isXtermLike ? "\u{1B}]52;c;\(base64)\u{1B}\\" : ""
    }

    /// What stands before and after the text of a link (OSC 8).
    func linkBytes(_ address: String) -> (before: String, after: String) {
        ("\u{1B}]8;;\(address)\u{1B}\\", "\u{1B}]8;;\u{1B}\\")
    }

    /// Undoes it.
    var closingBytes: String {
        isXtermLike ? "\u{1B}[?2026l\u{1B}[?2004l" + mouseBytes(false) : ""
    }

    /// Returns the depth that so many colours make.
    func depth(colours: Int) -> ColourDepth {
        guard wantsColour else { return .none }
        switch colours {
        case ..<8: return .none
        case 8..<16: return .eight
        case 16..<256: return .sixteen
        case 256...65_536: return .indexed
        default: return .trueColour
        }
    }
}
