import ArgumentParser
import ClientRuntime
import Foundation
import LedgerCore
import Screens
import SyncCore
import TerminalCore

/// Minors in a person's care.
struct WardsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "wards",
        abstract: Spoken.help(
            "The minors in your care, each with an account of their own.", "您监护的孩子，每个孩子都有自己的账户。"),
        subcommands: [WardListCommand.self, WardAddCommand.self],
        defaultSubcommand: WardListCommand.self)
}

/// Lists the minors in a person's care.
struct WardListCommand: AccordCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: Spoken.help("List the minors in your care.", "列出您监护的孩子。"))

    @OptionGroup var common: CommonOptions

    func execute(_ output: Output) async throws {
        let desk = try MemberDesk.reading(output)
        let wards = try desk.session.wards()
        output.json(
            jsonObject([
                (
                    "wards",
                    .array(
                        wards.map {
                            jsonObject([
                                ("account", .string($0.account.text)),
                                ("born", .string($0.born.text)), ("name", .string($0.name)),
                                ("of_age", .time($0.born.turns(ComingOfAge.years))),
                            ])
                        })
                )
            ]))
        var table = Table(.left, .left, .left)
        for ward in wards {
            table.add(
                SafeText(untrusted: ward.name), SafeText(untrusted: ward.born.text),
                SafeText(untrusted: ward.account.text))
        }
        output.lines(table.lines(columns: output.columns))
        if wards.isEmpty {
            output.line(
                "nobody yet: add a child with  accord wards add NAME --born 2015-03",
                "尚无：请用  accord wards add 称呼 --born 2015-03  添加")
        }
    }
}

/// Declares a minor in a person's care.
struct WardAddCommand: AccordCommand {
    static let configuration = CommandConfiguration(
        commandName: "add",
        abstract: Spoken.help(
            "Declare a minor in your care: they get an account.", "登记您监护的孩子，为其开立账户。"),
        discussion: Spoken.help(
            """
            The name stays on this machine. The ledger gets the month of birth, which says until \
            when you decide. Then act with  accord for NAME COMMAND …; hand the account over with  \
            accord for NAME devices add. Other devices of yours act for them, too, once  \
            accord devices add  and  accord join  were run after this.
            """,
            """
            称呼仅保存在本机。账本只记录出生年月，用以确定由您决定到何时。之后用  accord for 称呼 命令 …  操作；\
            用  accord for 称呼 devices add  移交账户。此后运行过  accord devices \
            add  和  accord join  的其他设备，也可代表孩子操作。
            """))

    @Argument(help: Spoken.help("What you call the minor.", "您对孩子的称呼。"))
    var name: String
    @Option(help: Spoken.help("The month of birth, such as 2015-03.", "出生年月，例如 2015-03。"))
    var born: String
    @OptionGroup var passphrase: PassphraseOption
    @OptionGroup var common: CommonOptions

    func validate() throws {
        guard BirthMonth(born) != nil else {
            throw ValidationError(
                english: "--born is a month such as 2015-03", chinese: "--born 应为月份，例如 2015-03")
        }
    }

    func execute(_ output: Output) async throws {
        let desk = try MemberDesk.unlocked(output, passphrase)
        guard let month = BirthMonth(born) else { throw WardProblem.unknown }
        let declared = try desk.session.declareWard(named: name, born: month)
        try await desk.conclude([declared.entry], mustBeDecided: false)
        // The catalogue comes along where the node answers, otherwise with their first sync.
        _ = try await desk.session.ward(declared.ward.account).syncOnce()
        output.line(
            "act for \(SafeText(untrusted: declared.ward.name)) with  accord for NAME COMMAND …",
            "为 \(SafeText(untrusted: declared.ward.name)) 操作：accord for 称呼 命令 …")
    }
}

/// Runs a command for a minor.
struct ForCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "for",
        abstract: Spoken.help("Run a command for a minor in your care.", "为您监护的孩子运行命令。"),
        discussion: Spoken.help(
            "For example:  accord for Lily revoke sleep", "例如：accord for 丽丽 revoke sleep"))

    /// Whom the command that runs now acts for; `nil` for the person themself.
    @TaskLocal static var name: String?

    /// What can be done for somebody else: what a member decides and reads.
    private static let commands: [any ParsableCommand.Type] = [
        SyncCommand.self, StatusCommand.self, ProjectsCommand.self, SignUpCommand.self,
        LeaveCommand.self, RecordsCommand.self, ContributeCommand.self, GrantCommand.self,
        PauseCommand.self, ResumeCommand.self, RevokeCommand.self, AuthorizationsCommand.self,
        PointsCommand.self, RedeemCommand.self, AppealCommand.self, ActivityCommand.self,
        ReceiptCommand.self, ResultsCommand.self, ExportCommand.self, ImportCommand.self,
        DevicesCommand.self,
    ]

    @Argument(help: Spoken.help("The name, as  accord wards  lists it.", "称呼，见  accord wards。"))
    var name: String
    @Argument(
        parsing: .captureForPassthrough,
        help: Spoken.help("The command and what belongs to it.", "命令及其参数。"))
    var command: [String] = []

    func validate() throws {
        let names = ForCommand.commands.compactMap { $0.configuration.commandName }
        guard let first = command.first, names.contains(first) else {
            let list = names.sorted().joined(separator: " ")
            throw ValidationError(
                english: "after the name stands one of: \(list)", chinese: "姓名之后应为以下命令之一：\(list)")
        }
    }

    func run() async throws {
        var parsed = try Accord.parseAsRoot(command)
        try await ForCommand.$name.withValue(name) {
            if var asynchronous = parsed as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try parsed.run()
            }
        }
    }
}
