import SyncCore
import TerminalCore

/// Every command that works here, every place, setting and project, found by a few letters.
enum Palette {
    struct Model: Equatable {
        var field = TextField()
        /// The commands of the place it was opened in.
        var commands: [KeyBinding]
        /// The commands of other places; found only by their letters.
        var elsewhere: [Elsewhere]
        /// Whether settings can be changed here.
        var hasSettings: Bool
        /// The filters the person gave a name.
        var saved: [SavedFilter] = []
        /// The projects that the text finds, at most `projectLimit`.
        var projects: [ProjectLine] = []

        init(commands: [KeyBinding], elsewhere: [Elsewhere], hasSettings: Bool) {
            self.commands = commands
            self.elsewhere = elsewhere
            self.hasSettings = hasSettings
        }

        /// What fits the text typed, the best first; without a text all but the projects.
        ///
        /// English names are found in every language: not every keyboard writes Chinese.
        func items(_ say: Words) -> [Item] {
            let wanted = Array(field.text.lowercased().filter { $0 != " " })
            var scored: [(score: Int, index: Int, item: Item)] = []
            func offer(_ item: Item, _ names: [String]) {
                let best = names.compactMap { Palette.score(wanted, in: $0) }.max()
                if let best, best >= wanted.count { scored.append((best, scored.count, item)) }
            }
            for command in commands {
                offer(.command(command), Palette.names(of: command, say))
            }
            if !wanted.isEmpty {
                for command in elsewhere {
                    offer(.elsewhere(command), Palette.names(of: command.binding, say))
                }
            }
            // What has a key of its own is offered once.
            let keyed = Set(commands.map { say($0.help) })
            for setting in Setting.allCases where hasSettings && !keyed.contains(say(setting.name))
            {
                let texts = setting.name.texts
                offer(
                    .setting(setting),
                    [texts[say.language], texts.english] + Palette.grouped(texts, say))
            }
            for filter in saved {
                let group = Phrase.filter.texts
                offer(
                    .saved(filter),
                    [
                        filter.name, "\(group.english) \(filter.name)",
                        "\(group[say.language]) \(filter.name)",
                    ])
            }
            let found = scored.sorted { ($1.score, $0.index) < ($0.score, $1.index) }.map(\.item)
            return found + projects.map { .project($0) }
        }
    }

    /// A command that works in another place.
    struct Elsewhere: Equatable {
        var place: Place
        var binding: KeyBinding
    }

    enum Item: Equatable {
        case command(KeyBinding)
        case elsewhere(Elsewhere)
        case setting(Setting)
        case saved(SavedFilter)
        case project(ProjectLine)
    }

    /// What a command is found by: its name in both languages, in `keys.toml`, and what others
    /// call it.
    private static func names(of command: KeyBinding, _ say: Words) -> [String] {
        let texts = command.help.texts
        var others = command.help.otherNames
        if Setting.allCases.contains(where: { $0.name == command.help }) {
            others += grouped(texts, say)
        }
        return [texts[say.language], texts.english, command.name] + others
    }

    /// A setting's name after that of all settings.
    private static func grouped(_ texts: Bilingual, _ say: Words) -> [String] {
        let group = Phrase.settingsTitle.texts
        return [
            "\(group.english) \(texts.english)",
            "\(group[say.language]) \(texts[say.language])",
        ]
    }

    /// How many projects are shown at most.
    static let projectLimit = 8

    /// How well letters fit a name that has them all in this order: letters at the start of a word
    /// and letters side by side count more, letters left out less; `nil` where one is missing.
    static func score(_ wanted: [Character], in name: String) -> Int? {
        let letters = Array(name.lowercased())
        var best = 0
        var position = 0
        var previous = -2
        for letter in wanted {
            guard position < letters.count else { return nil }
            let rest = letters[position...]
            guard let first = rest.firstIndex(of: letter) else { return nil }
            // The start of a later word is a better place than the middle of this one.
            let start = rest.indices.first { index in
                letters[index] == letter && startsWord(index, letters)
            }
            let isNext = first == previous + 1
            let index = isNext ? first : (start ?? first)
            best += isNext ? 6 : (startsWord(index, letters) ? 5 : 1)
            best -= min(index - max(previous, 0), 4)
            previous = index
            position = index + 1
        }
        return best - letters.count / 16
    }

    private static func startsWord(_ index: Int, _ letters: [Character]) -> Bool {
        guard index > 0 else { return true }
        return !letters[index - 1].isLetter && !letters[index - 1].isNumber
    }

    static func write(_ palette: Model, _ say: Words, focus: Int, into page: inout Document) {
        page.input(
            ":", SafeText(untrusted: palette.field.text), hint: say(.paletteHint),
            isFocused: true)
        let items = palette.items(say)
        for (index, item) in items.enumerated() {
            switch item {
            case .command(let command):
                let reason = command.disabled.map { "  · " + say($0) } ?? ""
                var name = say(command.help)
                if case .placeChosen = command.message { name = say(.goTo, name) }
                page.choice(
                    index, isFocused: index == focus,
                    [
                        Run(name, command.disabled == nil ? .text : .keyDisabled),
                        Run(reason, .textMuted),
                    ],
                    trailing: command.label.map {
                        [Run($0, command.disabled == nil ? .key : .keyDisabled)]
                    } ?? [])
            case .elsewhere(let command):
                let keys: SafeText? = command.binding.label.map {
                    "\(command.place.rawValue) \($0)"
                }
                page.choice(
                    index, isFocused: index == focus,
                    [
                        Run(say(command.binding.help)),
                        Run("  · " + say(command.place.name), .textMuted),
                    ], trailing: keys.map { [Run($0, .key)] } ?? [])
            case .setting(let setting):
                page.choice(
                    index, isFocused: index == focus, [Run(say(setting.name))],
                    trailing: [Run(say(.settingLabel), .textMuted)])
            case .saved(let filter):
                page.choice(
                    index, isFocused: index == focus, [Run(SafeText(untrusted: filter.name))],
                    trailing: [Run(say(.filter), .textMuted)])
            case .project(let line):
                page.choice(
                    index, isFocused: index == focus, [Run(say(line.title))],
                    trailing: [Run(say(.project), .textMuted)])
            }
        }
        if items.isEmpty { page.text(say(.nothingFound), .textMuted) }
    }
}
