package import TerminalCore

/// The words a tape may use, and what was meant by one it may not.
package enum TapeVocabulary {
    /// The commands that are no keys.
    static let commands = [
        "Output", "Require", "Source", "Env", "Set", "Type", "Sleep", "Wait", "Wait+Screen",
        "Wait+Line", "Hide", "Show", "Copy", "Paste", "Screenshot", "Expect", "Expect+Screen",
        "Expect+Line", "ExpectNot", "ExpectNot+Screen", "ExpectNot+Line", "ExpectRole", "Golden",
        "Clock", "Seed", "Node", "Resize", "Click", "Kill",
    ]

    /// The keys with a name of their own.
    package static let keys =
        [
            "Enter", "Escape", "Tab", "Space", "Backspace", "Delete", "Insert", "Up", "Down",
            "Left", "Right", "PageUp", "PageDown", "Home", "End", "ScrollUp", "ScrollDown",
            "Shift+Tab",
        ] + (1...12).map { "F\($0)" }

    /// Settings that change something.
    static let settings = [
        "Width", "Height", "Theme", "Locale", "TypingSpeed", "WaitTimeout", "WaitPattern",
        "CastVersion",
    ]

    /// Settings of VHS for windows and films: accepted, and without effect here.
    static let ignoredSettings = [
        "Shell", "FontFamily", "FontSize", "LetterSpacing", "LineHeight", "Padding", "Framerate",
        "PlaybackSpeed", "LoopOffset", "Margin", "MarginFill", "WindowBar", "WindowBarSize",
        "BorderRadius", "CursorBlink",
    ]

    /// Endings of files that VHS writes and this program does not: accepted, and not written.
    static let filmEndings = ["gif", "webm", "mp4"]

    /// Endings of files that hold one frame.
    package static let pictureEndings = ["txt", "ascii", "ansi", "svg", "png", "json"]

    /// `, did you mean Wait?` where a known word is near; empty where none is.
    package static func suggestion(for word: String, among known: [String]) -> String {
        let lower = word.lowercased()
        var best: (word: String, distance: Int)?
        for candidate in known {
            let distance = distance(lower, candidate.lowercased())
            if distance < best?.distance ?? Int.max { best = (candidate, distance) }
        }
        guard let best, best.distance <= max(1, min(word.count, best.word.count) / 3) else {
            return ""
        }
        return ", did you mean \(best.word)?"
    }

    /// How many letters have to be put in, left out, exchanged or swapped with their neighbour.
    private static func distance(_ first: String, _ second: String) -> Int {
        let (left, right) = (Array(first), Array(second))
        var rows = [Array(0...right.count)]
        for row in 1...max(left.count, 1) where row <= left.count {
            var next = [row]
            for column in 1...max(right.count, 1) where column <= right.count {
                let isSame = left[row - 1] == right[column - 1]
                var least = min(
                    rows[row - 1][column] + 1, next[column - 1] + 1,
                    rows[row - 1][column - 1] + (isSame ? 0 : 1))
                if row > 1, column > 1, left[row - 1] == right[column - 2],
                    left[row - 2] == right[column - 1]
                {
                    least = min(least, rows[row - 2][column - 2] + 1)
                }
                next.append(least)
            }
            rows.append(next)
        }
        return rows[left.count][right.count]
    }

    // MARK: Keys

    /// What a key sends, as a terminal sends it: most modifiers do not reach a program.
    ///
    /// `Ctrl+Left` is `Left` then, `Ctrl+[` is Escape, and Alt puts an Escape before what has no
    /// character.
    ///
    /// - Returns: The keys; `nil` for a name that is none.
    package static func keys(named name: String) -> [Key]? {
        switch name {
        case "ScrollUp": return [.mouse(MouseEvent(.scrollUp, at: Point(row: 5, column: 5)))]
        case "ScrollDown": return [.mouse(MouseEvent(.scrollDown, at: Point(row: 5, column: 5)))]
        case "Shift+Tab": return [.shiftTab]
        default: break
        }
        if let rest = after("Ctrl+", name) { return control(rest) }
        if let rest = after("Alt+", name) { return alt(rest) }
        if let rest = after("Shift+", name) { return shift(rest) }
        // The other names `Key` knows are commands here.
        guard name.count > 1, !name.contains(" "), let key = Key(name: name) else { return nil }
        return [key]
    }

    private static func after(_ prefix: String, _ name: String) -> String? {
        name.hasPrefix(prefix) && name.count > prefix.count
            ? String(name.dropFirst(prefix.count)) : nil
    }

    private static func control(_ name: String) -> [Key]? {
        if let rest = after("Alt+", name) { return control(rest).map { [.escape] + $0 } }
        if let rest = after("Shift+", name) { return control(rest) }
        switch name {
        case "Space", "@": return [.control(" ")]
        case "[": return [.escape]
        // The codes of these letters are keys of their own on every terminal.
        case "I", "i": return [.tab]
        case "J", "j", "M", "m": return [.enter]
        case "H", "h": return [.backspace]
        case "-": return [.control("_")]
        case "]", "\\", "^", "_": return name.first.map { [.control($0)] }
        default: break
        }
        guard name.count == 1 else { return named(name) }
        guard let letter = name.lowercased().first, letter.isASCII, letter.isLetter else {
            return nil
        }
        return [.control(letter)]
    }

    private static func alt(_ name: String) -> [Key]? {
        if let rest = after("Shift+", name) {
            return shift(rest).flatMap { $0.count == 1 ? altOf($0[0]) : nil }
        }
        if name.count == 1, let character = name.first { return [.alt(character)] }
        if name == "Space" { return [.alt(" ")] }
        if name == "Enter" || name == "Tab" || name == "Backspace" {
            return named(name).map { [.escape] + $0 }
        }
        return named(name)
    }

    private static func altOf(_ key: Key) -> [Key] {
        if case .character(let character) = key { return [.alt(character)] }
        return [.escape, key]
    }

    private static func shift(_ name: String) -> [Key]? {
        let shifted: [String: Character] = ["[": "{", "]": "}"]
        if let character = shifted[name] { return [.character(character)] }
        if name.count == 1 { return name.uppercased().first.map { [.character($0)] } }
        return named(name)
    }

    private static func named(_ name: String) -> [Key]? {
        guard name.count > 1, let key = Key(name: name), keys.contains(name) else { return nil }
        return [key]
    }
}
