package import TerminalCore

/// What undoing says.
package enum UndoText: CaseIterable, Sendable {
    case neverSent, draftIsBack
}

extension UndoText {
    /// The text in both languages.
    package var texts: Bilingual {
        switch self {
        case .neverSent:
            Bilingual("Taken back. It was never sent, and nobody was told.", "已收回。从未发送，未告知任何人。")
        case .draftIsBack:
            Bilingual("The draft is back. Not signed.", "草稿已恢复，尚未签名。")
        }
    }
}

extension Words {
    /// Returns a text about undoing.
    package func callAsFunction(_ text: UndoText, _ arguments: SafeText...) -> SafeText {
        fill(text.texts[language], arguments)
    }
}
