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
    /// What the person chose.
    package var preferences: Preferences
    /// The keys the person changed.
    package var keys: KeyMap
    /// Whether the app speaks in lines: one thing at a time, nothing side by side.
    package var isPlain = false
    /// Whether somebody who has not seen the tour gets it at the start.
    package var offersTour = false
    /// Whether somebody who has joined nothing starts the private node at once.
    package var startsDemo = false
    /// What is wrong in the configuration; told at the start.
    package var problems: [ConfigurationProblem] = []
    /// Whether there is a passphrase to lock the vault with.
    package var canLock: Bool
    /// The themes there are, in the order shown.
    package var themes: [String]
    /// What the person is called in the status line; may be empty.
    package var memberName: String
    /// The minor the person acts for; `nil` where it is for themself.
    package var ward: WardLine?
    /// The node that `join` proposes; may be empty.
    package var node: String
    /// The size of the screen.
    package var size: Size
    /// The time now.
    package var now: Timestamp
    /// Minutes to add to UTC for dates and times shown, -1080...1080.
    package var utcOffsetMinutes: Int

    /// Makes settings.
    package init(
        mode: Mode = .personal, stage: Stage = .open, language: Language = .english,
        theme: String = "dark", themes: [String] = ["dark"], memberName: String = "",
        node: String = "", size: Size, textWidth: TextWidth = .standard, now: Timestamp,
        utcOffsetMinutes: Int = 0, keys: KeyMap = KeyMap(), canLock: Bool = false
    ) {
        let preferences = Preferences(
            theme: theme, language: language, ambiguous: textWidth.ambiguous)
        self.init(
            mode: mode, stage: stage, preferences: preferences, themes: themes,
            memberName: memberName, node: node, size: size, now: now,
            utcOffsetMinutes: utcOffsetMinutes, keys: keys, canLock: canLock)
    }

    /// Makes settings with everything a person can choose.
    package init(
        mode: Mode = .personal, stage: Stage = .open, configuration: Configuration,
        themes: [String], memberName: String, node: String, size: Size, now: Timestamp,
        utcOffsetMinutes: Int, canLock: Bool
    ) {
        self.init(
            mode: mode, stage: stage, preferences: configuration.preferences, themes: themes,
            memberName: memberName, node: node, size: size, now: now,
            utcOffsetMinutes: utcOffsetMinutes, keys: configuration.keys, canLock: canLock)
        problems = configuration.problems
    }

    /// Makes settings with what a person chose.
    package init(
        mode: Mode = .personal, stage: Stage = .open, preferences: Preferences,
        themes: [String] = ["dark"], memberName: String = "", node: String = "", size: Size,
        now: Timestamp, utcOffsetMinutes: Int = 0, keys: KeyMap = KeyMap(), canLock: Bool = false
    ) {
        self.mode = mode
        self.stage = stage
        self.preferences = preferences
        self.keys = keys
        self.canLock = canLock
        self.themes = themes
        self.memberName = memberName
        self.node = node
        self.size = size
        self.now = now
        self.utcOffsetMinutes = utcOffsetMinutes
    }

    /// The language.
    package var language: Language {
        get { preferences.language }
        set { preferences.language = newValue }
    }

    /// The theme in use.
    package var theme: String {
        get { preferences.theme }
        set { preferences.theme = newValue }
    }

    /// How cells are counted.
    package var textWidth: TextWidth { TextWidth(ambiguous: preferences.ambiguous) }
}
