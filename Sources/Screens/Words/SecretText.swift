package import TerminalCore

/// What is said where the vault's secret is asked for once more.
package enum SecretText: CaseIterable, Sendable {
    case title, askPassphrase, askSecret, askPassphraseToResume, askSecretToResume, askToStop
    case checkedHere
}

extension SecretText {
    /// The text in both languages.
    package var texts: Bilingual {
        switch self {
        case .title: Bilingual("Is it you?", "确认是您本人")
        case .askPassphrase:
            Bilingual(
                "Type your passphrase to sign this authorization. Nothing is signed without it.",
                "请输入您的口令以签署本次授权。没有口令不会签署任何内容。")
        case .askSecret:
            Bilingual(
                "Type your personal secret to sign this authorization. This machine never signs for you without it.",
                "请输入您的个人口令以签署本次授权。没有口令，本机绝不会代您签名。")
        case .askPassphraseToResume:
            Bilingual(
                "Type your passphrase to resume this authorization. Until then nobody may use it.",
                "请输入您的口令以恢复本次授权。在此之前任何人都不能使用。")
        case .askSecretToResume:
            Bilingual(
                "Type your personal secret to resume this authorization. Until then nobody may use it.",
                "请输入您的个人口令以恢复本次授权。在此之前任何人都不能使用。")
        case .askToStop:
            Bilingual(
                "Type your passphrase to authorize without it from now on.",
                "请输入口令。此后授权时不再询问。")
        case .checkedHere:
            Bilingual("It is checked on this machine and sent nowhere.", "口令仅在本机核对，不会发送到任何地方。")
        }
    }
}

extension Words {
    /// Returns a text of the sheet that asks for the secret.
    package func callAsFunction(_ text: SecretText, _ arguments: SafeText...) -> SafeText {
        fill(text.texts[language], arguments)
    }
}
