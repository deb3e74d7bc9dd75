import ArgumentParser
import ClientRuntime
import Foundation
import TerminalCore

/// Where the passphrase of the vault comes from: a file, or the terminal.
struct PassphraseOption: ParsableArguments {
    @Option(
        help: Spoken.help(
            "A file whose first line is the passphrase; otherwise you are asked for it.",
            "第一行为口令的文件；未指定时会询问您。"))
    var passphraseFile: String?

    /// Returns the passphrase of an existing vault.
    func existing(_ output: Output) throws -> String {
        if let typed = try fromFile(output) ?? Self.ask(output.say("passphrase: ", "口令：")) {
            return typed
        }
        throw output.failure(
            .wrongUse, "the vault is locked: give --passphrase-file, or run this in a terminal",
            "保管库已锁定：请用 --passphrase-file，或在终端中运行")
    }

    /// Returns a passphrase for a new vault; empty for none.
    func new(_ output: Output) throws -> String {
        if let chosen = try fromFile(output) { return chosen }
        let question = output.say(
            "passphrase for your keys (empty for none): ", "为密钥设置口令（留空则不设）：")
        guard let first = Self.ask(question), !first.isEmpty else { return "" }
        guard Self.ask(output.say("once more: ", "再输入一次：")) == first else {
            throw output.failure(
                .wrongUse, "the two are not the same: nothing was made", "两次输入不一致，未作更改")
        }
        return first
    }

    private func fromFile(_ output: Output) throws -> String? {
        guard let passphraseFile else { return nil }
        guard let content = FileManager.default.contents(atPath: passphraseFile) else {
            throw output.failure(
                .wrongUse, "could not read \(passphraseFile)", "无法读取 \(passphraseFile)")
        }
        let text = String(decoding: content, as: UTF8.self)
        let passphrase = String(text.prefix { !$0.isNewline })
        // Keys without a passphrase are asked for by giving no file, and an empty one is never right.
        guard !passphrase.isEmpty else {
            throw output.failure(
                .wrongUse, "the first line of \(passphraseFile) is empty: nothing was done",
                "\(passphraseFile) 的第一行为空：未作任何操作")
        }
        return passphrase
    }

    /// Asks on the terminal without showing what is typed; `nil` where there is none.
    private static func ask(_ question: SafeText) -> String? {
        guard isatty(STDIN_FILENO) == 1 else { return nil }
        var settings = termios()
        guard tcgetattr(STDIN_FILENO, &settings) == 0 else { return nil }
        var hidden = settings
        hidden.c_lflag &= ~tcflag_t(ECHO)
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden)
        defer { tcsetattr(STDIN_FILENO, TCSAFLUSH, &settings) }
        Output.write(question.string, to: STDERR_FILENO)
        let line = readLine()
        Output.write("\n", to: STDERR_FILENO)
        return line
    }
}
