/// How text is set, besides its colours.
package struct Modifiers: OptionSet, Hashable, Sendable {
    /// The bits.
    package let rawValue: UInt8

    /// Makes a set from its bits.
    package init(rawValue: UInt8) { self.rawValue = rawValue }

    /// Bold or bright.
    package static let bold = Modifiers(rawValue: 1)
    /// Faint.
    package static let dim = Modifiers(rawValue: 2)
    /// Italic.
    package static let italic = Modifiers(rawValue: 4)
    /// Underlined.
    package static let underlined = Modifiers(rawValue: 8)
    /// Foreground and background exchanged.
    package static let reversed = Modifiers(rawValue: 16)
    /// Crossed out.
    package static let crossedOut = Modifiers(rawValue: 32)

    private static let names: [(String, Modifiers)] = [
        ("bold", .bold), ("dim", .dim), ("italic", .italic), ("underlined", .underlined),
        ("reversed", .reversed), ("crossed_out", .crossedOut),
    ]

    /// The names in theme files.
    package static let allNames = names.map(\.0)

    /// Finds a modifier by its name in theme files.
    package init?(name: String) {
        guard let found = Self.names.first(where: { $0.0 == name }) else { return nil }
        self = found.1
    }
}

/// What a theme says about one role; `nil` takes over what the parent role has.
package struct Style: Hashable, Sendable {
    /// Colour of the text.
    package var foreground: Colour?
    /// Colour behind it.
    package var background: Colour?
    /// Bold and so on.
    package var modifiers: Modifiers?

    /// Makes a style.
    package init(
        foreground: Colour? = nil, background: Colour? = nil, modifiers: Modifiers? = nil
    ) {
        self.foreground = foreground
        self.background = background
        self.modifiers = modifiers
    }
}

/// How a role looks in the end.
package struct ResolvedStyle: Hashable, Sendable {
    /// Colour of the text.
    package let foreground: Colour
    /// Colour behind it.
    package let background: Colour
    /// Bold and so on.
    package let modifiers: Modifiers

    /// The contrast ratio of text and background; `nil` where one is the terminal's own.
    package var contrast: Double? { Colour.contrast(foreground, background) }

    /// Makes a look.
    package init(foreground: Colour, background: Colour, modifiers: Modifiers) {
        self.foreground = foreground
        self.background = background
        self.modifiers = modifiers
    }
}

/// How every role looks.
package struct Theme: Hashable, Sendable {
    /// Its name, which is its file's name without the ending.
    package let name: String
    /// What it says; roles it does not name look like their parents.
    package let styles: [StyleRole: Style]

    /// Makes a theme.
    package init(name: String, styles: [StyleRole: Style]) {
        self.name = name
        self.styles = styles
    }

    /// Returns how a role looks in a terminal with so many colours.
    ///
    /// What is missing comes from the parent role, colours and modifiers each by themselves; the
    /// colours of `text` are the terminal's own where the theme gives none. Where so few colours
    /// leave a role illegible, or the theme itself lets its text vanish, it gets those of `text`, or
    /// the terminal's own where that vanishes, too; where it is left without the background of its
    /// own that it has in the theme, it is shown reversed, so that it is still seen.
    package func style(of role: StyleRole, depth: ColourDepth = .trueColour) -> ResolvedStyle {
        let full = resolved(role)
        let plain = resolved(.text)
        let isMarked = full.background != plain.background
        var modifiers = full.modifiers ?? []
        let foreground = depth.nearest(full.foreground ?? .terminal)
        let background = depth.nearest(full.background ?? .terminal)
        let contrast = Colour.contrast(foreground, background) ?? 21
        let isWhole = depth == .trueColour
        let losesMark =
            !isWhole && isMarked && background == depth.nearest(plain.background ?? .terminal)
        let least = isWhole ? (role.isText ? Self.visibleContrast : 0) : Self.legibleContrast
        if contrast >= least && !losesMark {
            return ResolvedStyle(
                foreground: foreground, background: background, modifiers: modifiers)
        }
        if isMarked { modifiers.insert(.reversed) }
        guard self.contrast(of: .text) ?? 21 >= Self.visibleContrast else {
            return ResolvedStyle(
                foreground: .terminal, background: .terminal, modifiers: modifiers)
        }
        return ResolvedStyle(
            foreground: depth.nearest(plain.foreground ?? .terminal),
            background: depth.nearest(plain.background ?? .terminal), modifiers: modifiers)
    }

    /// Returns the contrast ratio a role has in the theme; `nil` where a colour is the terminal's
    /// own.
    package func contrast(of role: StyleRole) -> Double? {
        let full = resolved(role)
        return Colour.contrast(full.foreground ?? .terminal, full.background ?? .terminal)
    }

    /// Below this, colours that were brought closer by a smaller palette are given up.
    private static let legibleContrast = 3.0
    /// Below this, text is not seen: no theme can hide a warning.
    private static let visibleContrast = 1.5

    private func resolved(_ role: StyleRole) -> Style {
        var style = styles[role] ?? (role == .code ? Self.code : Style())
        guard let parent = role.parent else { return style }
        let inherited = resolved(parent)
        style.foreground = style.foreground ?? inherited.foreground
        style.background = style.background ?? inherited.background
        style.modifiers = style.modifiers ?? inherited.modifiers
        return style
    }

    /// A code is dark on light: most themes are the other way round, the others say so.
    private static let code = Style(modifiers: .reversed)

    /// The theme where there is no theme file: the terminal's own colours, 16 of them.
    package static let fallback = Theme(
        name: "fallback",
        styles: [
            .textMuted: Style(modifiers: .dim),
            .textStrong: Style(modifiers: .bold),
            .brand: Style(modifiers: .bold),
            .heading: Style(modifiers: .bold),
            .tabActive: Style(modifiers: [.bold, .underlined]),
            .selection: Style(modifiers: .reversed),
            .selectionInactive: Style(modifiers: .bold),
            .marker: Style(modifiers: .bold),
            .border: Style(modifiers: .dim),
            .borderActive: Style(modifiers: []),
            .statusOK: Style(foreground: .named(.green)),
            .statusWarning: Style(foreground: .named(.yellow)),
            .statusError: Style(foreground: .named(.red), modifiers: .bold),
            .key: Style(modifiers: .bold),
            .keyDisabled: Style(modifiers: .dim),
            .link: Style(modifiers: .underlined),
            .input: Style(modifiers: .underlined),
            .inputHint: Style(modifiers: .dim),
            .points: Style(modifiers: .bold),
            .accent: Style(foreground: .named(.cyan), modifiers: .bold),
            .badge: Style(modifiers: .reversed),
        ])
}
