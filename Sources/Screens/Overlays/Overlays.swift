import SyncCore
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
        let column = page.keyColumn(bindings, atLeast: 18)
        for binding in bindings {
            let reason = binding.disabled.map { "  · " + say($0) } ?? ""
            page.line([
                Run(
                    page.textWidth.pad(binding.labels, cells: column),
                    binding.disabled == nil ? .key : .keyDisabled),
                Run(say(binding.help), binding.disabled == nil ? .text : .textMuted),
                Run(reason, .textMuted),
            ])
        }
    }
}

extension KeyBinding {
    /// Its first three keys.
    var labels: SafeText {
        let keys = keys.prefix(3).map(\.label)
        return keys.dropFirst().reduce(keys.first ?? "–") { $0 + " " + $1 }
    }
}

extension Document {
    /// How wide a column of keys is, with two blanks after the longest.
    func keyColumn(_ bindings: [KeyBinding], atLeast least: Int) -> Int {
        max((bindings.map { textWidth.cells(of: $0.labels) }.max() ?? 0) + 2, least)
    }
}

/// What was told, the newest first.
enum Notices {
    static func write(_ model: AppModel, into page: inout Document) {
        let say = model.say
        if model.notices.isEmpty { page.text(say(.noNotices), .textMuted) }
        let times = model.notices.map { say.moment($0.at) }
        let cells = times.reduce(7) { max($0, page.textWidth.cells(of: $1)) }
        for (time, notice) in zip(times, model.notices).reversed() {
            page.fields(
                time, [Run(notice.sign + notice.text, notice.role)], labelWidth: cells + 1)
        }
    }
}

/// The themes, seen at once while moving.
enum Themes {
    static func write(_ model: AppModel, focus: Int, into page: inout Document) {
        let say = model.say
        for (index, theme) in model.settings.themes.enumerated() {
            page.choice(index, isFocused: index == focus, [Run(model.say.theme(theme))])
        }
        page.blank()
        page.line([
            Run(say(.textSample)), Run("  "), Run(say(.mutedSample), .textMuted), Run("  "),
            Run("● " + say(.inForce), .statusOK), Run("  "),
            Run("! " + say(.reconsentDue), .statusWarning), Run("  "),
            Run("✗ " + say(EntryState.rejected.name), .statusError), Run("  "),
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
