package import TerminalCore

/// What is said where the vault's secret is asked for once more.
package enum SecretText: CaseIterable, Sendable {
    case title, askPassphrase, askSecret, askPassphraseToResume, askSecretToResume, askToStop
    case checkedHere
    case passphraseTitle, askOld, askNew, askAgain, notTheSame, changed, removed, guessable
    case noPassphrase
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
        case .passphraseTitle: Bilingual("Passphrase of your keys", "密钥口令")
        case .askOld: Bilingual("Type the passphrase you have now.", "请输入当前口令。")
        case .askNew:
            Bilingual(
                "Type a new passphrase: five words or more. Leave it empty to have none: then whoever can read your files can sign in your name.",
                "请输入新口令：建议五个以上的词。留空则不设口令：此时能读取您文件的人都可代您签名。")
        case .askAgain: Bilingual("Type it once more.", "请再输入一次。")
        case .notTheSame: Bilingual("The two are not the same. Type it anew.", "两次输入不一致，请重新输入。")
        case .changed: Bilingual("Your keys are sealed under the new passphrase.", "密钥已用新口令封存。")
        case .removed:
            Bilingual(
                "Your keys have no passphrase: whoever can read your files can sign in your name.",
                "密钥没有口令：能读取您文件的人都可代您签名。")
        case .guessable:
            Bilingual(
                "It is short or a number: who has a copy of your files can guess it. Longer is better; Esc leaves everything as it was. Keys can be bound to the keyring of your login, too:  accord passphrase --keyring",
                "口令较短或为纯数字：拿到文件副本的人可能猜出。越长越好；按 Esc 则不作任何更改。也可将密钥绑定到登录密钥环：  accord passphrase --keyring"
            )
        case .noPassphrase:
            Bilingual(
                "without a passphrase, whoever can read vault.json can sign in your name",
                "未设口令：能读取 vault.json 的人都能以您的名义签名")
        case .checkedHere:
            Bilingual("It is checked on this machine and sent nowhere.", "口令仅在本机核对，不会发送到任何地方。")
        }
    }
}

extension SecretText {
    /// Whether who has a copy of the sealed keys could guess a passphrase: short, or digits alone.
    ///
    /// A million numbers cost 9 core-days at scrypt's N = 2^17: under three hours on 100 cores.
    package static func isGuessable(_ passphrase: String) -> Bool {
        guard !passphrase.isEmpty else { return false }
        return passphrase.count < 12 || passphrase.allSatisfy(\.isNumber) && passphrase.count < 20
    }
}

extension Words {
    /// Returns a text of the sheet that asks for the secret.
    package func callAsFunction(_ text: SecretText, _ arguments: SafeText...) -> SafeText {
        fill(text.texts[language], arguments)
    }
}
