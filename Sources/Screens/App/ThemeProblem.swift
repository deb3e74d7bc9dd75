package import TerminalCore

/// What is wrong with a theme: where, and what was meant.
package struct ThemeProblem: Error, Equatable, Sendable {
    /// The file, or the name that was looked for.
    package let file: String
    /// The line, from 1; 0 where the whole file is meant.
    package let line: Int
    /// What is wrong.
    package let reason: Reason

    /// What can be wrong.
    package enum Reason: Equatable, Sendable {
        /// No folder has a theme of that name; those there are, and what was meant, if that can be
        /// guessed.
        case notFound(known: [String], meant: String?)
        /// It inherits from a theme that no folder has; likewise.
        case parentNotFound(known: [String], meant: String?)
        /// The file cannot be read, or is larger than 64 KiB.
        case unreadable
        /// Themes inherit from each other in a circle.
        case circle
        /// It is no TOML; the parser's words.
        case notTOML(String)
        /// What it inherits from is no name.
        case inheritsNoName
        /// No such style role.
        case unknownRole(String, meant: String?)
        /// The palette is no table.
        case paletteNoTable
        /// What the palette gives this name is no colour.
        case paletteNoColour(String)
        /// What a role is given is no style.
        case noStyle
        /// A style has no such part.
        case unknownPart(String, meant: String?)
        /// The modifiers are no list.
        case modifiersNoList
        /// No such modifier.
        case unknownModifier(String, meant: String?)
        /// Neither the palette nor the terminal has a colour of that name.
        case unknownColour(String, meant: String?)
        /// A text role is hard to read: its contrast to 1, with one decimal place.
        case faint(role: String, contrast: Double)
    }

    /// Makes a problem.
    package init(file: String, line: Int, reason: Reason) {
        self.file = file
        self.line = line
        self.reason = reason
    }

    /// Whether there is no file that could be looked at.
    package var isMissingFile: Bool {
        switch reason {
        case .notFound, .unreadable: true
        default: false
        }
    }

    /// `FILE:LINE: what is wrong`, in the person's language.
    package func text(_ say: Words) -> SafeText {
        SafeText(untrusted: line > 0 ? "\(file):\(line): " : "\(file): ") + explained(say)
    }

    private func explained(_ say: Words) -> SafeText {
        func safe(_ text: String) -> SafeText { SafeText(untrusted: text) }
        func guess(_ meant: String?) -> SafeText {
            meant.map { say(ThemeText.didYouMean, safe($0)) } ?? .empty
        }
        return switch reason {
        case .notFound(let known, let meant), .parentNotFound(let known, let meant):
            say(ThemeText.notFound) + guess(meant)
                + say(ThemeText.thereAre, safe(known.joined(separator: ", ")))
        case .unreadable: say(ThemeText.unreadable)
        case .circle: say(ThemeText.circle)
        case .notTOML(let words): say(.configNotTOML, safe(words))
        case .inheritsNoName: say(ThemeText.inheritsNoName)
        case .unknownRole(let name, let meant):
            say(ThemeText.unknownRole, safe(name)) + guess(meant)
        case .paletteNoTable: say(ThemeText.paletteNoTable)
        case .paletteNoColour(let name): say(ThemeText.paletteNoColour, safe(name))
        case .noStyle: say(ThemeText.noStyle, ThemeText.styleForm)
        case .unknownPart(let name, let meant):
            say(ThemeText.unknownPart, safe(name)) + guess(meant)
        case .modifiersNoList: say(ThemeText.modifiersNoList)
        case .unknownModifier(let name, let meant):
            say(ThemeText.unknownModifier, safe(name)) + guess(meant)
        case .unknownColour(let name, let meant):
            say(ThemeText.unknownColour, safe(name)) + guess(meant)
        case .faint(let role, let contrast): say(ThemeText.faint, safe(role), safe("\(contrast)"))
        }
    }
}
