package import TerminalCore

/// What a person chose about how the app looks and behaves; kept in `config.toml`.
package struct Preferences: Equatable, Sendable {
    /// The name of the theme.
    package var theme: String
    /// The language.
    package var language: Language
    /// How wide East Asian Ambiguous characters are.
    package var ambiguous: TextWidth.Ambiguous
    /// Whether the mouse is listened to.
    package var usesMouse: Bool
    /// Whether nothing moves by itself.
    package var reducesMotion: Bool
    /// Whether the selected line is shown as a bar and not by a mark beside it.
    package var marksByBar: Bool
    /// Whether plain digits count (`5j`), and Alt with a digit goes to a place; else the other way.
    package var digitsCount: Bool
    /// Minutes without a key after which the vault is locked, 1...1440; 0 is never.
    package var lockAfterMinutes: Int
    /// Whether each authorization is confirmed with the vault's passphrase.
    package var asksSecret: Bool
    /// Whether the hints for somebody new were shown.
    package var hasSeenTour = false
    /// Hosts whose addresses may become links of the terminal.
    package var linkHosts: [String]

    /// Makes preferences; without arguments, those of somebody who chose nothing.
    package init(
        theme: String = "dark", language: Language = .english,
        ambiguous: TextWidth.Ambiguous = .one, usesMouse: Bool = true,
        reducesMotion: Bool = false, marksByBar: Bool = false, digitsCount: Bool = false,
        lockAfterMinutes: Int = 0, asksSecret: Bool = false,
        linkHosts: [String] = []
    ) {
        self.theme = theme
        self.language = language
        self.ambiguous = ambiguous
        self.usesMouse = usesMouse
        self.reducesMotion = reducesMotion
        self.marksByBar = marksByBar
        self.digitsCount = digitsCount
        self.lockAfterMinutes = lockAfterMinutes
        self.asksSecret = asksSecret
        self.linkHosts = linkHosts
    }
}

/// What stands in the configuration folder: choices, keys, and what is wrong with the files.
package struct Configuration: Equatable, Sendable {
    /// What the person chose.
    package var preferences: Preferences
    /// The keys the person changed.
    package var keys: KeyMap
    /// What is wrong in the files; defaults hold there.
    package var problems: [ConfigurationProblem]

    /// Puts a configuration together.
    package init(
        preferences: Preferences = Preferences(), keys: KeyMap = KeyMap(),
        problems: [ConfigurationProblem] = []
    ) {
        self.preferences = preferences
        self.keys = keys
        self.problems = problems
    }
}
