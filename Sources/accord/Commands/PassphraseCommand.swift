import ArgumentParser
import ClientRuntime
import ClientStore
import LedgerCore
import Screens
import TerminalCore

/// Sets, changes or removes the passphrase that seals the keys of this machine, and binds them to the
/// keyring of the login.
struct PassphraseCommand: AccordCommand {
    static let configuration = CommandConfiguration(
        commandName: "passphrase",
        abstract: Spoken.help(
            "Set, change or remove the passphrase of your keys; bind them to a keyring.",
            "设定、更改或去除密钥的口令；将密钥绑定到密钥环。"),
        discussion: Spoken.help(
            """
            The keys of this machine are sealed under it (scrypt, measured here to take a quarter \
            of a second or more). Five words or more keep a stolen copy closed; a number does not. \
            Ten wrong passphrases in a row destroy the keys here: add this machine again from \
            another device of yours then.

            With --keyring they are bound to the keyring of your login, too (freedesktop Secret \
            Service, through libsecret where it is installed): a copy of your files cannot be \
            guessed at without it, and if it is lost, so are the keys on this machine. What that \
            means is said first, and the answer is read from the standard input: yes, or anything \
            else for no. --no-keyring undoes it.
            """,
            """
            用于封存本机密钥（scrypt，在本机测得需四分之一秒以上）。五个以上的词可保护被盗的副本，纯数字则不能。连续输错十次，\
            本机密钥将被销毁：届时请从您的另一台设备重新添加本机。

            使用 --keyring 时，密钥还会绑定到登录密钥环（freedesktop Secret Service，通过已安装的 libsecret）：没有它，\
            文件的副本无法被猜解；一旦丢失，本机密钥也随之丢失。程序会先说明其含义，再从标准输入读取回答：yes 表示同意，\
            其他均为否。--no-keyring 可解除绑定。
            """))

    @Flag(
        help: Spoken.help(
            "Have no passphrase: whoever can read your files can sign in your name.",
            "不设口令：能读取您文件的人都能以您的名义签名。"))
    var remove = false
    @Flag(
        inversion: .prefixedNo,
        help: Spoken.help(
            "Bind the keys to the keyring of this login, or to none any more.",
            "将密钥绑定到本登录的密钥环，或解除绑定。"))
    var keyring: Bool?
    @Option(
        help: Spoken.help(
            "A file whose first line is the new passphrase; otherwise you are asked for it.",
            "第一行为新口令的文件；未指定时会询问您。"))
    var newPassphraseFile: String?
    @OptionGroup var passphrase: PassphraseOption
    @OptionGroup var common: CommonOptions

    func execute(_ output: Output) async throws {
        let desk = try MemberDesk(output)
        guard !remove || newPassphraseFile == nil else {
            throw output.failure(
                .wrongUse, "--remove takes no new passphrase", "--remove 不能同时给出新口令")
        }
        guard try desk.store.enrolment() != nil else { throw VaultError.missing }
        if let keyring, keyring == desk.session.isBoundToKeyring {
            throw CommandFailure(
                .refused, output.words((keyring ? KeyringText.boundAlready : .notBound).texts))
        }
        if keyring == true { try desk.session.checkKeyring() }
        let old = desk.session.canLock ? try passphrase.existing(output) : ""
        let new = try chosen(old, output)
        if keyring == true { try agree(desk, hasPassphrase: !new.isEmpty) }
        try desk.session.changePassphrase(from: old, to: new, isBound: keyring)
        let isBound = desk.session.isBoundToKeyring
        if SecretText.isGuessable(new), !isBound {
            Output.complain(output.words(SecretText.guessable))
        }
        output.json(
            jsonObject([("keyring", .bool(isBound)), ("passphrase", .bool(!new.isEmpty))]))
        tell(hasPassphrase: !new.isEmpty, isBound: isBound, output)
    }

    /// The passphrase from now on; the one there is where only the keyring is spoken of.
    private func chosen(_ old: String, _ output: Output) throws -> String {
        if remove { return "" }
        if keyring != nil, newPassphraseFile == nil { return old }
        var option = PassphraseOption.none
        option.passphraseFile = newPassphraseFile
        let new = try option.new(output)
        guard !new.isEmpty else {
            throw output.failure(
                .wrongUse, "nothing was changed: to have no passphrase, say --remove",
                "未作更改：如不需要口令，请使用 --remove")
        }
        return new
    }

    /// Says what binding means, and asks.
    private func agree(_ desk: MemberDesk, hasPassphrase: Bool) throws {
        let words = desk.output.words
        Output.complain(words(KeyringText.meaning.texts))
        Output.complain(words(KeyringText.whenLost.texts))
        let devices = try desk.session.machine().devices.count { $0.removedAt == nil }
        if devices < 2 { Output.complain(words(KeyringText.onlyDevice.texts)) }
        Output.complain(words(KeyringText.export.texts))
        Output.complain(words(KeyringText.copies.texts))
        if !hasPassphrase { Output.complain(words(KeyringText.noPassphrase.texts)) }
        Output.forgetTypedAhead()
        Output.complain(words(KeyringText.typeYes.texts))
        guard readLine()?.lowercased() == "yes" else {
            throw desk.output.failure(.refused, "not bound: nothing was changed", "未绑定，未作任何更改")
        }
    }

    private func tell(hasPassphrase: Bool, isBound: Bool, _ output: Output) {
        let words = output.words
        switch (keyring, hasPassphrase) {
        case (true, _): output.line(words(KeyringText.bound.texts))
        case (false, true): output.line(words(KeyringText.unbound.texts))
        case (nil, true): output.line(words(SecretText.changed))
        case (_, false):
            output.line(isBound ? words(KeyringText.removed.texts) : words(SecretText.removed))
        }
    }
}
