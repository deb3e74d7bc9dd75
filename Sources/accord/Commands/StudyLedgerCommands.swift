import ArgumentParser
import ClientRuntime
import Foundation
import LedgerCore
import Screens
import SyncCore
import TerminalCore

/// Changes a project: the version follows from what is changed.
struct StudyAmend: AccordCommand {
    static let configuration = CommandConfiguration(
        commandName: "amend",
        abstract: Spoken.help("Publish the next version of a project.", "发布项目的下一版本。"),
        discussion: Spoken.help(
            """
            FILE holds the new terms, as for  accord study publish. Asking for no more than before \
            is a minor version, which members are told; anything else is a major one, which each \
            of them has to agree to anew before the grace period ends.
            """,
            """
            文件中是新条款，格式同  accord study publish。不比以前要求更多的为小幅变更，会告知成员；\
            其他均为重大变更，每位成员须在宽限期结束前重新同意。
            """))

    @Argument(help: Spoken.help("The file.", "文件。"), completion: .file())
    var file: String
    @Option(
        help: Spoken.help(
            "After a major change, how many days the old consent still holds.", "重大变更后，原有同意还有效多少天。")
    )
    var graceDays: Int64 = 30
    @Flag(help: Spoken.help("Say what would change; nothing is sent.", "说明会有哪些变更；不发送任何内容。"))
    var dryRun = false
    @Flag(help: Spoken.help("Sign without asking; scripts are not asked.", "签名前不询问；脚本本来就不会被询问。"))
    var yes = false
    @OptionGroup var office: OfficeOptions
    @OptionGroup var common: CommonOptions

    func validate() throws {
        guard (0...365).contains(graceDays) else {
            throw ValidationError(
                english: "--grace-days is 0 to 365", chinese: "--grace-days 为 0 到 365")
        }
    }

    func execute(_ output: Output) async throws {
        try await StudyOffice.open(office, output) { office in
            let catalogue = try await office.catalogue()
            var statements = [EntryBody]()
            for draft in try ProjectDrafts.read(file, account: office.desk.account, output) {
                let old = try office.terms(draft.project.text, in: catalogue, output)
                let next = StudyAmend.next(draft, after: old)
                guard !StudyAmend.changes(old, next).isEmpty else {
                    StudyAmend.reportUnchanged(old, output)
                    continue
                }
                report(old, next, output)
                statements.append(
                    .projectAmended(
                        ProjectAmended(terms: next, graceMilliseconds: graceDays * 86_400_000)))
            }
            guard !dryRun, !statements.isEmpty || common.json else { return }
            guard common.json || yes || Output.isConfirmed(output.say("sign it? y/n ", "签名吗？y/n "))
            else {
                throw output.failure(.refused, "nothing was signed", "未签名")
            }
            try await office.conclude(statements, output)
        }
    }

    /// The terms with the version that follows from what is asked.
    static func next(_ draft: ProjectTerms, after old: ProjectTerms) -> ProjectTerms {
        var next = draft
        let isMinor = draft.asksNoMore(than: old)
        next.major = isMinor ? old.major : old.major + 1
        next.minor = isMinor ? old.minor + 1 : 0
        return next
    }

    private func report(_ old: ProjectTerms, _ next: ProjectTerms, _ output: Output) {
        let isMajor = next.major > old.major
        let changed = StudyAmend.changes(old, next)
        // With the change sent, the document is what became of it.
        if dryRun {
            output.json(
                jsonObject([
                    ("changed", .array(changed.map(JSONValue.string))), ("major", .bool(isMajor)),
                    ("project", .string(next.project.text)),
                    ("version", .string("\(next.major).\(next.minor)")),
                ]))
        }
        output.line(
            "\(next.project.text) becomes version \(next.major).\(next.minor)",
            "\(next.project.text) 将成为 \(next.major).\(next.minor) 版")
        output.lines(TermsDifference.lines(old, next, output))
        if isMajor {
            output.line(
                "members have to agree anew within \(graceDays) days",
                "成员须在 \(graceDays) 天内重新同意")
        }
    }

    static func reportUnchanged(_ terms: ProjectTerms, _ output: Output) {
        output.note(
            "\(terms.project.text) \(terms.major).\(terms.minor) says just this: no new version",
            "\(terms.project.text) \(terms.major).\(terms.minor) 版内容相同：未产生新版本")
    }

    /// The names of the fields that differ, but for the version.
    static func changes(_ old: ProjectTerms, _ next: ProjectTerms) -> [String] {
        guard case .object(let before) = old.json, case .object(let after) = next.json else {
            return []
        }
        let names = Set(before.map(\.key) + after.map(\.key)).subtracting(["major", "minor"])
        return names.filter { old.json[$0] != next.json[$0] }.sorted()
    }
}

/// Ends a project.
struct StudyClose: AccordCommand {
    static let configuration = CommandConfiguration(
        commandName: "close",
        abstract: Spoken.help(
            "End a project: no more use; what it did not pay comes back once nothing waits.",
            "结束项目：不再使用数据；没有待处理内容后，未支付的积分退回。"))

    @Argument(help: Spoken.help("The project.", "项目。"))
    var project: String
    @OptionGroup var office: OfficeOptions
    @OptionGroup var common: CommonOptions

    func execute(_ output: Output) async throws {
        try await StudyOffice.open(office, output) { office in
            let terms = try office.terms(project, in: try await office.catalogue(), output)
            try await office.conclude([.projectClosed(terms.project)], output)
        }
    }
}

/// Corrects points: an officer proposes, another one confirms.
struct StudyCorrect: AccordCommand {
    static let configuration = CommandConfiguration(
        commandName: "correct",
        abstract: Spoken.help(
            "Correct points as one of two officers; the member can appeal for seven days.",
            "作为两位管理人员之一更正积分；成员可在七天内申诉。"),
        discussion: Spoken.help(
            """
            Points are corrected only because something was paid twice (duplicate), was forged \
            (fraud) or computed wrongly (arithmetic), and never because of a revocation.
            """,
            """
            只有重复支付（duplicate）、伪造（fraud）或计算错误（arithmetic）才更正积分，绝不因为撤销授权。
            """))

    @Argument(
        help: Spoken.help(
            "The entry that put the points on the way; with --confirm the proposal.",
            "使积分待入账的条目；使用 --confirm 时为更正提议。"))
    var entry: String
    @Option(help: Spoken.help("The member's account.", "成员的账户。"))
    var member: String
    @Option(help: Spoken.help("How many points.", "多少积分。"))
    var points: Int64
    @Option(
        help: Spoken.help(
            "Why: duplicate, fraud or arithmetic.", "原因：duplicate、fraud 或 arithmetic。"))
    var reason: String = "duplicate"
    @Flag(help: Spoken.help("Give back what an earlier correction took.", "退还以前更正所扣的积分。"))
    var giveBack = false
    @Flag(help: Spoken.help("Confirm what another officer proposed.", "确认另一位管理人员的提议。"))
    var confirm = false
    @OptionGroup var office: OfficeOptions
    @OptionGroup var common: CommonOptions

    func validate() throws {
        guard Hash(hex: entry) != nil else {
            throw ValidationError(english: "ENTRY is an entry id", chinese: "ENTRY 应为条目编号")
        }
        guard AccountID(member) != nil else {
            throw ValidationError(english: "--member is an account", chinese: "--member 应为账户")
        }
        guard (1...Points.limit.value).contains(points) else {
            throw ValidationError(
                english: "--points is 1 to \(Points.limit.value)",
                chinese: "--points 为 1 到 \(Points.limit.value)")
        }
        guard CorrectionReason(rawValue: reason) != nil else {
            throw ValidationError(
                english: "--reason is duplicate, fraud or arithmetic",
                chinese: "--reason 应为 duplicate、fraud 或 arithmetic")
        }
    }

    func execute(_ output: Output) async throws {
        guard let id = Hash(hex: entry), let account = AccountID(member),
            let why = CorrectionReason(rawValue: reason)
        else { return }
        let body: EntryBody =
            confirm
            ? .correctionConfirmed(CorrectionConfirmed(proposal: id, points: Points(points)))
            : .correctionProposed(
                CorrectionProposed(
                    accrual: id, points: Points(points), direction: giveBack ? .giveBack : .take,
                    reason: why))
        try await StudyOffice.open(office, output) { office in
            try await office.conclude([body], about: account, output)
        }
    }
}

/// Reports that a member can decide no more: one officer reports, another one confirms.
struct StudyLapse: AccordCommand {
    static let configuration = CommandConfiguration(
        commandName: "lapse",
        abstract: Spoken.help(
            "Report, as one of two officers, that a member died or can decide no more.",
            "作为两位管理人员之一，报告成员去世或无法再作决定。"),
        discussion: Spoken.help(
            """
            Once a second officer confirms it, each authorization of the member ends as its \
            project's terms said when it was granted: stop, erase or keep-anonymised. None goes on. \
            A member who recovers can allow use anew.
            """,
            """
            经第二位管理人员确认后，该成员的每项授权均按授权时的项目条款终止：stop（停止）、erase（删除）或 \
            keep-anonymised（保留已匿名部分）。没有授权会继续。恢复的成员可重新授权。
            """))

    @Option(help: Spoken.help("The member's account.", "成员的账户。"))
    var member: String
    @Option(
        help: Spoken.help("What happened: died or incapable.", "发生了什么：died（去世）或 incapable（无法再作决定）。")
    )
    var cause: String
    @Option(
        help: Spoken.help(
            "Confirm what another officer reported: the entry of the report.", "确认另一位管理人员的报告：报告的条目。"
        ))
    var confirm: String?
    @OptionGroup var office: OfficeOptions
    @OptionGroup var common: CommonOptions

    func validate() throws {
        guard AccountID(member) != nil else {
            throw ValidationError(english: "--member is an account", chinese: "--member 应为账户")
        }
        guard LapseCause(rawValue: cause) != nil else {
            throw ValidationError(
                english: "--cause is died or incapable", chinese: "--cause 应为 died 或 incapable")
        }
        guard confirm.map({ Hash(hex: $0) != nil }) ?? true else {
            throw ValidationError(
                english: "--confirm takes an entry id", chinese: "--confirm 应为条目编号")
        }
    }

    func execute(_ output: Output) async throws {
        guard let account = AccountID(member), let cause = LapseCause(rawValue: cause) else {
            return
        }
        let report = confirm.flatMap { Hash(hex: $0) }
        let body = report.map {
            EntryBody.lapseConfirmed(LapseConfirmed(proposal: $0, cause: cause))
        }
        try await StudyOffice.open(office, output) { office in
            try await office.conclude(
                [body ?? .lapseProposed(LapseProposed(cause: cause))], about: account, output)
        }
    }
}

extension StudyOffice {
    /// States things, and says how many were recorded and which were refused.
    func conclude(
        _ statements: [EntryBody], about account: AccountID? = nil, _ output: Output
    ) async throws {
        let stated = try await state(statements, about: account, output)
        output.json(
            jsonObject([
                ("entries", .array(stated.entries.map { .string($0.hex) })),
                ("recorded", .integer(Int64(stated.recorded))), ("refused", stated.json),
            ]))
        if stated.refused.isEmpty {
            output.line("recorded \(stated.recorded)", "已记录 \(stated.recorded) 项")
        }
        // Another officer confirms a statement about a member by its entry.
        if account != nil {
            for entry in stated.entries { output.line("\(entry.hex)", "\(entry.hex)") }
        }
        try stated.conclude(output)
    }
}
