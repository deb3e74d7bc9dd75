import ArgumentParser
import ClientRuntime
import CursesTerminal
import Foundation
import SyncCore
import TerminalCore

/// The member's and the study team's program.
struct Accord: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "accord",
        abstract: Spoken.help(
            "Consent to the use of health data: join studies, allow, stop, earn, check.",
            "健康数据的使用由您决定：参加研究、授权、停止、获得积分、核对。"),
        discussion: Spoken.help(
            """
            Without a command, the app opens. \
            Exit codes: 0 done, 1 refused by a rule, 2 wrong use, 3 not reachable, 4 integrity \
            alarm. ACCORD_HOME names the folder for everything; otherwise the XDG folders.
            """,
            """
            不带命令时打开应用。退出码：0 完成，1 被规则拒绝，2 用法错误，3 无法连接，4 完整性警报。\
            ACCORD_HOME 指定存放一切的文件夹；未设置时使用 XDG 文件夹。
            """),
        version: "0.1.0",
        subcommands: Accord.commands)

    /// Every command, in the order of the help.
    static let commands: [any ParsableCommand.Type] = [
        DemoCommand.self, KioskCommand.self, PlayCommand.self, JoinCommand.self, SyncCommand.self,
        StatusCommand.self, WitnessesCommand.self,
        ProjectsCommand.self,
        SignUpCommand.self, LeaveCommand.self, RecordsCommand.self, ContributeCommand.self,
        GrantCommand.self, PauseCommand.self, ResumeCommand.self, RevokeCommand.self,
        AuthorizationsCommand.self, PointsCommand.self, RedeemCommand.self, AppealCommand.self,
        ActivityCommand.self, ResultsCommand.self,
        ReceiptCommand.self, VerifyCommand.self, ExportCommand.self, ImportCommand.self,
        DevicesCommand.self, PassphraseCommand.self, WardsCommand.self, ForCommand.self,
        StudyCommand.self, ThemesCommand.self, KeysCommand.self,
    ]

    @OptionGroup var asked: LookOptions
    @OptionGroup var speech: PlainOption

    func run() async throws {
        try await App.open(look: asked.look, startsDemo: false, isPlain: speech.plain)
    }
}

@main
enum Program {
    static func main() {
        QuietExecutor.install()
        umask(0o077)
        // A reader that went away ends no command: a decision may be stored and not sent yet.
        signal(SIGPIPE, SIG_IGN)
        // The main thread is where this is called, before anything else runs.
        MainActor.assumeIsolated {
            CursesTerminal.watch = MainLoop.watch
            MainLoop.run { await begin() }
        }
    }

    @MainActor
    private static func begin() async {
        do {
            // Without arguments there is nothing to parse, and the parser, which looks at every
            // command by reflection, would take a fifth of the time to the first screen.
            if CommandLine.arguments.count == 1 {
                try await App.open(look: Look(), startsDemo: false)
            } else {
                var command = try Accord.parseAsRoot()
                if var asynchronous = command as? any AsyncParsableCommand {
                    try await asynchronous.run()
                } else {
                    try command.run()
                }
            }
            CursesTerminal.endBySignal()
            try Output.checkArrived()
        } catch let failure as CommandFailure {
            if !failure.text.isEmpty { Output.complain(failure.text) }
            exit(failure.status.rawValue)
        } catch let failure as TapeFailure {
            for line in failure.description.split(
                separator: "\n", omittingEmptySubsequences: false)
            {
                Output.complain(SafeText(untrusted: String(line)))
            }
            exit(ExitStatus.refused.rawValue)
        } catch {
            end(error)
        }
    }

    /// Help and version are no failure; whatever else the parser says is wrong use.
    private static func end(_ error: any Error) -> Never {
        let isDone = Accord.exitCode(for: error) == .success
        let message = Accord.fullMessage(for: error, columns: HelpPage.unbroken)
        let told =
            HelpPage(message, in: Spoken.language)?.text(columns: HelpPage.columns)
            ?? (isDone ? message : ParserWords.told(message, in: Spoken.language))
        Output.write(Output.cleaned(told) + "\n", to: isDone ? STDOUT_FILENO : STDERR_FILENO)
        do throws(CommandFailure) {
            try Output.checkArrived()
        } catch {
            Output.complain(error.text)
            exit(error.status.rawValue)
        }
        exit(isDone ? ExitStatus.done.rawValue : ExitStatus.wrongUse.rawValue)
    }
}
