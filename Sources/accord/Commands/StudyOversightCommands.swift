import ArgumentParser
import ClientRuntime
import Foundation
import LedgerCore
import Screens
import TerminalCore

/// An ethics board agrees to a major change.
struct StudyEndorse: AccordCommand {
    static let configuration = CommandConfiguration(
        commandName: "endorse",
        abstract: Spoken.help(
            "Agree to a major change of a project, as an ethics board, before it is signed.",
            "作为伦理委员会，在项目重大变更签署之前表示同意。"),
        discussion: Spoken.help(
            """
            FILE holds the new terms, as the sponsor will publish them; what differs from the terms \
            in force is shown first. The sponsor's  accord study amend  is refused until then.
            """,
            """
            文件中是主办方将要发布的新条款；会先显示与现行条款的不同之处。在此之前，主办方的  accord study \
            amend  会被拒绝。
            """))

    @Argument(help: Spoken.help("The file.", "文件。"), completion: .file())
    var file: String
    @Flag(help: Spoken.help("Sign without asking; scripts are not asked.", "签名前不询问；脚本本来就不会被询问。"))
    var yes = false
    @OptionGroup var office: OfficeOptions
    @OptionGroup var common: CommonOptions

    func execute(_ output: Output) async throws {
        try await StudyOffice.open(office, output) { office in
            let catalogue = try await office.catalogue()
            var statements = [EntryBody]()
            let drafts = try ProjectDrafts.read(file, account: office.desk.account, output)
            for name in drafts.map(\.project) {
                guard let old = catalogue.terms[name], let sponsor = catalogue.sponsors[name] else {
                    throw output.failure(
                        .refused, "there is no project \(name.text)", "没有项目 \(name.text)")
                }
                // Where the file does not say, the sponsor reads the data, as in the sponsor's office.
                let again = try ProjectDrafts.read(file, account: sponsor, output)
                guard let draft = again.first(where: { $0.project == name }) else { continue }
                let next = StudyAmend.next(draft, after: old)
                output.line(
                    "\(name.text) would become version \(next.major).\(next.minor)",
                    "\(name.text) 将成为 \(next.major).\(next.minor) 版")
                output.lines(TermsDifference.lines(old, next, output))
                statements.append(
                    .amendmentEndorsed(AmendmentEndorsed(project: name, terms: next.hash)))
            }
            guard common.json || yes || Output.isConfirmed(output.say("agree? y/n ", "同意吗？y/n "))
            else { throw output.failure(.refused, "nothing was signed", "未签名") }
            try await office.conclude(statements, output)
        }
    }
}

/// An authority ends a project.
struct StudyTerminate: AccordCommand {
    static let configuration = CommandConfiguration(
        commandName: "terminate",
        abstract: Spoken.help(
            "End a project, as an ethics board or a regulator: no more use; points stand.",
            "作为伦理委员会或监管机构终止项目：不再使用数据；积分保留。"))

    @Argument(help: Spoken.help("The project.", "项目。"))
    var project: String
    @Option(
        help: Spoken.help(
            "Why: ethics-lapsed, approval-lapsed or ordered.",
            "原因：ethics-lapsed、approval-lapsed 或 ordered。"))
    var reason: String
    @OptionGroup var office: OfficeOptions
    @OptionGroup var common: CommonOptions

    func validate() throws {
        guard ProjectID(project) != nil else {
            throw ValidationError(english: "PROJECT is a project", chinese: "PROJECT 应为项目编号")
        }
        guard TerminationReason(rawValue: reason) != nil else {
            let known = TerminationReason.allCases.map(\.rawValue).joined(separator: ", ")
            throw ValidationError(
                english: "--reason is one of \(known)", chinese: "--reason 应为以下之一：\(known)")
        }
    }

    func execute(_ output: Output) async throws {
        guard let id = ProjectID(project), let why = TerminationReason(rawValue: reason) else {
            return
        }
        try await StudyOffice.open(office, output) { office in
            try await office.conclude([.projectTerminated(.init(project: id, reason: why))], output)
        }
    }
}

/// An authority allows the use of human genetic resources.
struct StudyApprove: AccordCommand {
    static let configuration = CommandConfiguration(
        commandName: "approve",
        abstract: Spoken.help(
            "File an approval for human genetic resources, as a regulator.", "作为监管机构登记人类遗传资源审批。"),
        discussion: Spoken.help(
            """
            provision lets a foreign recipient read genetic data of a project; security-review lets \
            it read the genomes of more than 500 people. The operator files with  accord-node approve.
            """,
            """
            provision 允许境外接收方读取项目的遗传数据；security-review 允许其读取超过 500 \
            人的基因组。运营方用  accord-node approve  登记。
            """))

    @Argument(help: Spoken.help("The project.", "项目。"))
    var project: String
    @Option(help: Spoken.help("The account of the recipient.", "接收方的账户。"))
    var recipient: String
    @Option(
        help: Spoken.help(
            "What was allowed: provision or security-review.", "所批准的内容：provision 或 security-review。"
        ))
    var kind = ApprovalKind.provision.rawValue
    @Option(help: Spoken.help("The number of the approval or filing.", "审批或备案的编号。"))
    var number: String
    @Option(
        help: Spoken.help(
            "The last day it holds, such as 2027-12-31 (UTC).", "有效的最后一天，例如 2027-12-31（UTC）。"))
    var until: String
    @OptionGroup var office: OfficeOptions
    @OptionGroup var common: CommonOptions

    func validate() throws {
        guard ProjectID(project) != nil else {
            throw ValidationError(english: "PROJECT is a project", chinese: "PROJECT 应为项目编号")
        }
        guard AccountID(recipient) != nil else {
            throw ValidationError(english: "--recipient is an account", chinese: "--recipient 应为账户")
        }
        guard ApprovalKind(rawValue: kind) != nil else {
            throw ValidationError(
                english: "--kind is provision or security-review",
                chinese: "--kind 应为 provision 或 security-review")
        }
        guard (1...200).contains(number.utf8.count) else {
            throw ValidationError(
                english: "--number has 1 to 200 bytes", chinese: "--number 为 1 到 200 字节")
        }
        guard Timestamp(iso: until) != nil else {
            throw ValidationError(
                english: "--until is a day such as 2027-12-31",
                chinese: "--until 应为日期，例如 2027-12-31")
        }
    }

    func execute(_ output: Output) async throws {
        guard let id = ProjectID(project), let account = AccountID(recipient),
            let kind = ApprovalKind(rawValue: kind), let day = Timestamp(iso: until)
        else { return }
        let end = until.contains("T") ? day : day.adding(milliseconds: 86_400_000)
        try await StudyOffice.open(office, output) { office in
            try await office.conclude(
                [
                    .approvalFiled(
                        .init(
                            project: id, recipient: account, kind: kind, number: number, until: end)
                    )
                ], output)
        }
    }
}

/// A recipient states that it erased its copies.
struct StudyAttest: AccordCommand {
    static let configuration = CommandConfiguration(
        commandName: "attest",
        abstract: Spoken.help(
            "List the erasures this institution has to attest, and attest them.",
            "列出本机构须声明的删除，并作出声明。"),
        discussion: Spoken.help(
            """
            When a member has records erased, every recipient destroys its copies and says so within \
            30 days. Without --erased the list is shown, the overdue ones first. Members see who \
            attested and who is late.
            """,
            """
            成员要求删除记录时，每个接收方须销毁副本，并在 30 天内作出声明。不带 --erased 时显示清单，逾期的在前。\
            成员能看到谁已声明、谁已逾期。
            """))

    @Option(
        parsing: .upToNextOption,
        help: Spoken.help(
            "Erasures that were carried out here, by their entry.", "本机构已执行的删除，以条目给出。"))
    var erased: [String] = []
    @Flag(help: Spoken.help("Show those past their time only.", "只显示已逾期的。"))
    var overdue = false
    @OptionGroup var office: OfficeOptions
    @OptionGroup var common: CommonOptions

    func execute(_ output: Output) async throws {
        try await StudyOffice.open(office, output) { office in
            let now = try await office.desk.nodeTime()
            let all = ErasureList(
                try await office.desk.entries(after: nil), recipient: office.desk.account,
                keys: office.keys.device)
            guard erased.isEmpty else { return try await attest(all, office, output) }
            list(all.open.filter { !overdue || $0.deadline <= now }, now, output)
        }
    }

    private func list(_ open: [ErasureList.Item], _ now: Timestamp, _ output: Output) {
        output.json(
            jsonObject([
                (
                    "waiting",
                    .array(
                        open.map { item in
                            jsonObject([
                                ("account", .string(item.account.text)),
                                (
                                    "contributions",
                                    .array(item.contributions.map { .string($0.hex) })
                                ), ("deadline", .time(item.deadline)),
                                ("erasure", .string(item.entry.hex)),
                                ("overdue", .bool(item.deadline <= now)),
                                ("project", .string(item.project.text)),
                            ])
                        })
                )
            ]))
        if open.isEmpty { output.line("nothing to attest", "没有待证明的删除") }
        var table = Table(.left, .left, .right, .left)
        for item in open {
            let day = output.words.date(item.deadline)
            table.add(
                "\(item.entry.hex)", "\(item.project.text)",
                output.say(
                    "\(item.contributions.count) records", "\(item.contributions.count) 份记录"),
                item.deadline <= now
                    ? output.say("overdue since \(day)", "已逾期（\(day)）")
                    : output.say("until \(day)", "截止 \(day)"))
        }
        output.lines(table.lines(columns: nil))
    }

    private func attest(_ all: ErasureList, _ office: StudyOffice, _ output: Output) async throws {
        var statements = [(AccountID, EntryBody)]()
        for name in erased {
            guard let item = all.open.first(where: { $0.entry.hex == name }) else {
                throw output.failure(
                    .refused, "no erasure \(name) waits for this institution: nothing was signed",
                    "本机构没有待证明的删除 \(name)：未签名")
            }
            statements.append(
                (item.account, .erasureAttested(.init(project: item.project, erasure: item.entry))))
        }
        var stated = StudyOffice.Stated()
        stated.note(statements.map(\.1), try await office.desk.state(statements))
        output.json(
            jsonObject([("recorded", .integer(Int64(stated.recorded))), ("refused", stated.json)]))
        output.line("\(stated.recorded) attested", "已证明 \(stated.recorded) 项")
        try stated.conclude(output)
    }
}

/// The erasures of which an institution has to say that it followed them.
struct ErasureList {
    struct Item {
        let entry: Hash
        let account: AccountID
        let project: ProjectID
        let contributions: [Hash]
        let deadline: Timestamp
    }

    /// Those it has not attested, the one due first before the others.
    private(set) var open: [Item] = []

    init(_ entries: [StudyEntry], recipient: AccountID, keys: DeviceID) {
        // Each grant that named it counts, as the ledger has it.
        var seats: Set<Seat> = []
        for entry in entries {
            let account = entry.payload.account
            switch entry.payload.body {
            case .authorizationGranted(let granted):
                guard granted.recipients.contains(recipient) else { continue }
                seats.insert(Seat(account: account, project: granted.project))
            case .recordsErased(let erased):
                guard seats.contains(Seat(account: account, project: erased.project)) else {
                    continue
                }
                open.append(
                    Item(
                        entry: entry.id, account: account, project: erased.project,
                        contributions: erased.contributions,
                        deadline: entry.at.adding(milliseconds: LedgerState.attestationTime)))
            case .erasureAttested(let attested) where entry.payload.device == keys:
                open.removeAll { $0.entry == attested.erasure }
            default: break
            }
        }
        open.sort { ($0.deadline, $0.entry.hex) < ($1.deadline, $1.entry.hex) }
    }
}
