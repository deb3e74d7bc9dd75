package import LedgerCore
package import TerminalCore

/// What the place the app runs in allows.
package enum Mode: Equatable, Sendable {
    /// A person's own machine.
    case personal
    /// A shared screen: no files, nothing that waits, and no way out but to sign out.
    case kiosk

    /// Whether files of this machine may be read and written.
    var mayUseFiles: Bool { self == .personal }
}

/// The six places of the app, in the order of their digits.
package enum Place: Int, CaseIterable, Sendable {
    case home = 1
    case projects
    case authorizations
    case records
    case points
    case activity
}

/// Who has to do something before the places open.
package enum Stage: Equatable, Sendable {
    /// First start: join with a code, or try the demo.
    case welcome
    /// The vault is locked.
    case locked
    /// The places are open.
    case open
}

/// What the app is told at its start.
package struct Settings: Equatable, Sendable {
    /// What is allowed here.
    package var mode: Mode
    /// What stands in the way of the places.
    package var stage: Stage
    /// The language.
    package var language: Language
    /// The theme in use.
    package var theme: String
    /// The themes there are, in the order shown.
    package var themes: [String]
    /// What the person is called in the status line; may be empty.
    package var memberName: String
    /// The node that `join` proposes; may be empty.
    package var node: String
    /// The size of the screen.
    package var size: Size
    /// How cells are counted.
    package var textWidth: TextWidth
    /// The time now.
    package var now: Timestamp
    /// Minutes to add to UTC for dates and times shown, -1080...1080.
    package var utcOffsetMinutes: Int

    /// Makes settings.
    package init(
        mode: Mode = .personal, stage: Stage = .open, language: Language = .english,
        theme: String = "dark", themes: [String] = ["dark"], memberName: String = "",
        node: String = "", size: Size, textWidth: TextWidth = .standard, now: Timestamp,
        utcOffsetMinutes: Int = 0
    ) {
        self.mode = mode
        self.stage = stage
        self.language = language
        self.theme = theme
        self.themes = themes
        self.memberName = memberName
        self.node = node
        self.size = size
        self.textWidth = textWidth
        self.now = now
        self.utcOffsetMinutes = utcOffsetMinutes
    }
}
