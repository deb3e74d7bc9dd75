/// One thing a person did: a key pressed, text pasted, the mouse used, the window resized.
package enum Key: Hashable, Sendable {
    /// A character typed; a space is `.character(" ")`.
    case character(Character)
    /// Enter or Return.
    case enter
    /// Escape.
    case escape
    /// Tab.
    case tab
    /// Shift and Tab.
    case shiftTab
    /// Backspace.
    case backspace
    /// Delete.
    case delete
    /// Insert.
    case insert
    /// Arrow up.
    case up
    /// Arrow down.
    case down
    /// Arrow left.
    case left
    /// Arrow right.
    case right
    /// Page up.
    case pageUp
    /// Page down.
    case pageDown
    /// Home.
    case home
    /// End.
    case end
    /// A function key, 1 to 12.
    case function(Int)
    /// Control and a character, in lower case: a letter, a space, or one of `@[]\^_`.
    case control(Character)
    /// Alt and a character.
    case alt(Character)
    /// Text pasted at once.
    case paste(String)
    /// The mouse.
    case mouse(MouseEvent)
    /// The terminal has a new size.
    case resize(Size)
}

/// What the mouse did, and where.
package struct MouseEvent: Hashable, Sendable {
    /// What the mouse did.
    package enum Action: String, Hashable, Sendable, CaseIterable {
        /// The left button went down.
        case press = "Click"
        /// It came up again.
        case release = "Release"
        /// The mouse moved with the left button down.
        case drag = "Drag"
        /// The wheel turned away from the person.
        case scrollUp = "ScrollUp"
        /// The wheel turned towards the person.
        case scrollDown = "ScrollDown"
    }

    /// What the mouse did.
    package let action: Action
    /// Where.
    package let point: Point

    /// Makes an event.
    package init(_ action: Action, at point: Point) {
        self.action = action
        self.point = point
    }
}

// MARK: - Names

extension Key {
    private static let names: [(Key, String)] = [
        (.enter, "Enter"), (.escape, "Escape"), (.tab, "Tab"), (.shiftTab, "Shift+Tab"),
        (.backspace, "Backspace"), (.delete, "Delete"), (.insert, "Insert"), (.up, "Up"),
        (.down, "Down"), (.left, "Left"), (.right, "Right"), (.pageUp, "PageUp"),
        (.pageDown, "PageDown"), (.home, "Home"), (.end, "End"), (.character(" "), "Space"),
    ]

    /// The name as tapes write it: `Down`, `Ctrl+C`, `Alt+x`, `F1`, `Space`, `a`.
    ///
    /// A paste is `Paste` with its text, a click `Click ROW COLUMN`, a resize `Resize COLSxROWS`.
    package var name: String {
        if let named = Self.names.first(where: { $0.0 == self }) { return named.1 }
        switch self {
        case .character(let character): return String(character)
        case .function(let number): return "F\(number)"
        case .control(let character): return "Ctrl+" + Self.modified(character, upper: true)
        case .alt(let character): return "Alt+" + Self.modified(character, upper: false)
        case .paste(let text): return "Paste \(text)"
        case .mouse(let event):
            return "\(event.action.rawValue) \(event.point.row) \(event.point.column)"
        case .resize(let size): return "Resize \(size.columns)x\(size.rows)"
        case .enter, .escape, .tab, .shiftTab, .backspace, .delete, .insert, .up, .down, .left,
            .right, .pageUp, .pageDown, .home, .end:
            return ""
        }
    }

    private static func modified(_ character: Character, upper: Bool) -> String {
        if character == " " { return "Space" }
        return upper ? character.uppercased() : String(character)
    }

    /// Makes the key with a name as `name` writes it; `nil` for any other text.
    ///
    /// `Ctrl+` takes letters of either case; `Esc`, `Return` and `Shift+a` are known too.
    package init?(name: String) {
        if let named = Self.names.first(where: { $0.1 == name }) {
            self = named.0
        } else if name.count == 1, let character = name.first {
            self = .character(character)
        } else if name == "Esc" {
            self = .escape
        } else if name == "Return" {
            self = .enter
        } else if let rest = Self.rest(of: name, after: "Ctrl+"), let key = Self.single(rest) {
            guard let lower = key.lowercased().first, key.isASCII else { return nil }
            self = .control(lower)
        } else if let rest = Self.rest(of: name, after: "Alt+"), let key = Self.single(rest) {
            self = .alt(key)
        } else if let rest = Self.rest(of: name, after: "Shift+"), rest.count == 1,
            let upper = rest.uppercased().first
        {
            self = .character(upper)
        } else if name.first == "F", let number = Int(name.dropFirst()), 1...12 ~= number {
            self = .function(number)
        } else if let key = Self.withNumbers(name) {
            self = key
        } else if let rest = Self.rest(of: name, after: "Paste ") {
            self = .paste(rest)
        } else {
            return nil
        }
    }

    private static func rest(of name: String, after prefix: String) -> String? {
        name.hasPrefix(prefix) ? String(name.dropFirst(prefix.count)) : nil
    }

    private static func single(_ name: String) -> Character? {
        if name == "Space" { return " " }
        return name.count == 1 ? name.first : nil
    }

    private static func withNumbers(_ name: String) -> Key? {
        let words = name.split(separator: " ")
        if words.count == 2, words[0] == "Resize" {
            let numbers = words[1].split(separator: "x").compactMap { Int($0) }
            guard numbers.count == 2 else { return nil }
            return .resize(Size(columns: numbers[0], rows: numbers[1]))
        }
        guard words.count == 3, let action = MouseEvent.Action(rawValue: String(words[0])),
            let row = Int(words[1]), let column = Int(words[2])
        else { return nil }
        return .mouse(MouseEvent(action, at: Point(row: row, column: column)))
    }
}
