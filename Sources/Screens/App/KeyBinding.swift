package import TerminalCore

/// One line of a key table: dispatch, help bar, help and palette all read it.
package struct KeyBinding: Equatable, Sendable {
    /// The keys that do it; the first is the one shown.
    package let keys: [Key]
    /// What is sent when one is pressed.
    package let message: Message
    /// What it does, in a word or three.
    package let help: Phrase
    /// Why it does nothing at the moment; `nil` if it does.
    package let disabled: Phrase?
    /// Where it is shown besides the help.
    package let shown: Shown
    /// What it is called in `keys.toml` and plain mode: `sign-up`.
    package let name: String

    /// Where a key is shown besides the help.
    package enum Shown: Equatable, Sendable {
        /// In the help bar, as far as there is room, in the order of the table.
        case bar
        /// At the right end of the help bar.
        case barEnd
        /// Only in the help.
        case helpOnly
    }

    /// Makes a line; its name is that of its help where no other is given.
    package init(
        _ keys: [Key], _ message: Message, _ help: Phrase, disabled: Phrase? = nil,
        shown: Shown = .bar, name: Phrase? = nil
    ) {
        self.keys = keys
        self.message = message
        self.help = help
        self.disabled = disabled
        self.shown = shown
        self.name = (name ?? help).actionName
    }

    private init(_ binding: KeyBinding, _ keys: [Key]) {
        self.keys = keys
        message = binding.message
        help = binding.help
        disabled = binding.disabled
        shown = binding.shown
        name = binding.name
    }

    /// Returns the same line with other keys; an action may be left without any.
    func with(_ keys: [Key]) -> KeyBinding { KeyBinding(self, keys) }

    /// How its first key is written; `nil` for an action without a key.
    package var label: SafeText? { keys.first?.label }
}

extension Key {
    /// How a key is written in help: `⏎`, `esc`, `↑`, `ctrl-d`, `r`.
    var label: SafeText {
        switch self {
        case .enter: "⏎"
        case .escape: "esc"
        case .up: "↑"
        case .down: "↓"
        case .left: "←"
        case .right: "→"
        case .tab: "tab"
        case .shiftTab: "shift-tab"
        case .pageUp: "pgup"
        case .pageDown: "pgdn"
        case .home: "home"
        case .end: "end"
        case .character(" "): "space"
        case .control(let character): "ctrl-\(character)"
        default: SafeText(untrusted: name)
        }
    }
}
