package import TerminalCore

/// One line of a key table: dispatch, help bar, help and palette all read it.
package struct KeyBinding: Equatable, Sendable {
    /// What stays the same whatever keys do it: shared, because tables are made for every key.
    private final class Deed: Sendable {
        let message: Message
        let help: Phrase
        let disabled: Phrase?
        let shown: Shown
        let title: Phrase

        init(
            _ message: Message, _ help: Phrase, disabled: Phrase?, shown: Shown, title: Phrase
        ) {
            self.message = message
            self.help = help
            self.disabled = disabled
            self.shown = shown
            self.title = title
        }
    }

    /// The keys that do it; the first is the one shown.
    package let keys: [Key]
    private let deed: Deed

    /// What is sent when one is pressed.
    package var message: Message { deed.message }
    /// What it does, in a word or three.
    package var help: Phrase { deed.help }
    /// Why it does nothing at the moment; `nil` if it does.
    package var disabled: Phrase? { deed.disabled }
    /// Where it is shown besides the help.
    package var shown: Shown { deed.shown }
    /// What it is called in `keys.toml` and plain mode: `sign-up`.
    package var name: String { deed.title.actionName }

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
        deed = Deed(message, help, disabled: disabled, shown: shown, title: name ?? help)
    }

    private init(_ deed: Deed, _ keys: [Key]) {
        self.keys = keys
        self.deed = deed
    }

    /// Whether both have the same keys and do the same.
    package static func == (one: KeyBinding, other: KeyBinding) -> Bool {
        guard one.keys == other.keys else { return false }
        let (one, other) = (one.deed, other.deed)
        return one === other
            || one.message == other.message && one.help == other.help
                && one.disabled == other.disabled && one.shown == other.shown
                && one.title == other.title
    }

    /// Returns the same line with other keys; an action may be left without any.
    func with(_ keys: [Key]) -> KeyBinding { KeyBinding(deed, keys) }

    /// Returns the same line under the same name, said in other words.
    func saying(_ help: Phrase) -> KeyBinding {
        KeyBinding(
            keys, message, help, disabled: disabled, shown: shown, name: deed.title)
    }

    /// How its first key is written; `nil` for an action without a key.
    package var label: SafeText? { keys.first?.label }
}

/// The table of the top layer, and the one shared by all layers of its sort.
struct KeyTables: Equatable {
    var own: [KeyBinding]
    var shared: [KeyBinding] = []

    /// All lines, those of the top layer first.
    var all: [KeyBinding] { own + shared }

    /// The line that a key means.
    func first(for key: Key) -> KeyBinding? {
        own.first { $0.keys.contains(key) } ?? shared.first { $0.keys.contains(key) }
    }
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
