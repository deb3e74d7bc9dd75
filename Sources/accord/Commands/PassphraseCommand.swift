import ArgumentParser
import ClientRuntime
import ClientStore
import LedgerCore
import Screens
import TerminalCore

/// Sets, changes or removes the passphrase that seals the keys of this machine.
struct PassphraseCommand: AccordCommand {
    static let configuration = CommandConfiguration(
        commandName: "passphrase", abstract: "Set, change or remove the passphrase of your keys.",
        discussion: """
            The keys of this machine are sealed under it (scrypt, measured here to take a quarter \
            of a second or more). Five words or more keep a stolen copy closed; a number does not. \
            Ten wrong passphrases in a row destroy the keys here: add this machine again from \
            another device of yours then.
            """)

    @Flag(help: "Have no passphrase: whoever can read your files can sign in your name.")
    var remove = false
    @Option(help: "A file whose first line is the new passphrase; otherwise you are asked for it.")
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
        let old = desk.session.canLock ? try passphrase.existing(output) : ""
        var option = PassphraseOption.none
        option.passphraseFile = newPassphraseFile
        let new = remove ? "" : try option.new(output)
        guard remove || !new.isEmpty else {
            throw output.failure(
                .wrongUse, "nothing was changed: to have no passphrase, say --remove",
                "未作更改：如不需要口令，请使用 --remove")
        }
        try desk.session.changePassphrase(from: old, to: new)
        if SecretText.isGuessable(new) { Output.complain(output.words(SecretText.guessable)) }
        output.json(jsonObject([("passphrase", .bool(!new.isEmpty))]))
        output.line(output.words(new.isEmpty ? SecretText.removed : .changed))
    }
}
