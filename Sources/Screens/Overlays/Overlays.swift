import TerminalCore

/// The keys that work here, from the table that dispatches them.
enum Help {
    static func write(
        _ here: [KeyBinding], _ shared: [KeyBinding], _ say: Words, into page: inout Document
    ) {
        write(here, say(.helpHere), say, into: &page)
        page.blank()
        write(shared, say(.helpEverywhere), say, into: &page)
    }

    private static func write(
        _ bindings: [KeyBinding], _ title: SafeText, _ say: Words, into page: inout Document
    ) {
        guard !bindings.isEmpty else { return }
        page.heading(title)
        for binding in bindings {
            let keys = binding.keys.prefix(3).map(\.label)
            let label = keys.dropFirst().reduce(keys[0]) { $0 + " " + $1 }
            let reason = binding.disabled.map { "  · " + say($0) } ?? ""
            page.line([
                Run(
                    page.textWidth.pad(label, cells: 18),
                    binding.disabled == nil ? .key : .keyDisabled),
                Run(say(binding.help), binding.disabled == nil ? .text : .textMuted),
                Run(reason, .textMuted),
            ])
        }
    }
}

/// Every command that works here, found by typing a few of its letters.
enum Palette {
    /// The commands that have the letters typed, in their order; the best match first.
    ///
    /// English names are found in every language: not every keyboard writes Chinese.
    static func matches(_ text: String, _ commands: [KeyBinding], _ say: Words) -> [KeyBinding] {
        let wanted = Array(text.lowercased().filter { $0 != " " })
        let scored = commands.enumerated().compactMap { index, command in
            let names = [command.help.texts[say.language], command.help.texts.english]
            let best = names.compactMap { score(wanted, in: Array($0.lowercased())) }.min()
            return best.map { (score: $0, index: index, command: command) }
        }
        return scored.sorted { ($0.score, $0.index) < ($1.score, $1.index) }.map(\.command)
    }

    /// How far apart the letters stand, 0 for one stretch at the start; `nil` without a match.
    private static func score(_ wanted: [Character], in name: [Character]) -> Int? {
        var position = 0
        var total = 0
        for letter in wanted {
            guard let found = name[position...].firstIndex(of: letter) else { return nil }
            total += found - position
            position = found + 1
        }
        return total
    }

    static func write(
        _ field: TextField, _ commands: [KeyBinding], _ say: Words, focus: Int,
        into page: inout Document
    ) {
        page.input(
            ":", SafeText(untrusted: field.text), hint: say(.paletteHint), isFocused: true)
        let matches = matches(field.text, commands, say)
        for (index, command) in matches.enumerated() {
            page.choice(
                index, isFocused: index == focus, [Run(say(command.help))],
                trailing: [Run(command.keys[0].label, .key)])
        }
        if matches.isEmpty { page.text(say(.nothingFound), .textMuted) }
    }
}

/// What was told, the newest first.
enum Notices {
    static func write(_ model: AppModel, into page: inout Document) {
        let say = model.say
        if model.notices.isEmpty { page.text(say(.noNotices), .textMuted) }
        for notice in model.notices.reversed() {
            page.fields(
                say.moment(notice.at), [Run(notice.sign + notice.text, notice.role)],
                labelWidth: 8)
        }
    }
}

/// The themes, seen at once while moving.
enum Themes {
    static func write(_ model: AppModel, focus: Int, into page: inout Document) {
        for (index, theme) in model.settings.themes.enumerated() {
            page.choice(index, isFocused: index == focus, [Run(SafeText(untrusted: theme))])
        }
        page.blank()
        page.line([
            Run(model.say(.textSample)), Run("  "), Run(model.say(.textSample), .textMuted),
            Run("  "), Run("✓ ", .statusOK), Run("! ", .statusWarning), Run("✗ ", .statusError),
            Run("120 ★", .points),
        ])
    }
}

/// The languages, each in its own words.
enum Languages {
    static func write(_ model: AppModel, focus: Int, into page: inout Document) {
        for (index, language) in Language.allCases.enumerated() {
            page.choice(
                index, isFocused: index == focus,
                [Run(SafeText(untrusted: Phrase.languageName.texts[language]))])
        }
    }
}
