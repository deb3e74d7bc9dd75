import TerminalCore

/// Taking everything home: the folder is typed or confirmed; one that holds something is refused.
enum TakeHome {
    struct Model: Equatable {
        var field = TextField("~/accord-export")

        /// What Enter does; `nil` without a path.
        var action: Action? { field.text.isEmpty ? nil : .takeHome(path: field.text) }
    }

    static func write(_ model: Model, _ say: Words, into page: inout Document) {
        page.text(say(ExportText.pageIntro))
        page.blank()
        page.input(
            "", SafeText(untrusted: model.field.text), hint: say(ExportText.askFolder),
            isFocused: true)
        page.blank()
        page.text(say(ExportText.notEncrypted), .statusWarning)
    }
}
