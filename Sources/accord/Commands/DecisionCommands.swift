import ArgumentParser
import ClientRuntime
import Foundation
import HealthRecords
import LedgerCore
import Screens
import SyncCore
import TerminalCore

/// The options every decision has.
struct DecisionOptions: ParsableArguments {
    @Flag(
        help: Spoken.help(
            "Fail with exit code 3 if the node does not decide within 15 seconds.",
            "节点 15 秒内未作决定则失败，退出码为 3。"))
    var wait = false
    @OptionGroup var passphrase: PassphraseOption
    @OptionGroup var common: CommonOptions
}

/// A decision: stored first, then sent.
protocol DecisionCommand: AccordCommand {
    /// The options every decision has.
    var options: DecisionOptions { get }
    /// Signs and stores, and returns what was queued.
    func queue(_ desk: MemberDesk) throws -> [Hash]
}

extension DecisionCommand {
    var common: CommonOptions { options.common }

    func execute(_ output: Output) async throws {
        let desk = try MemberDesk.unlocked(output, options.passphrase)
        let entries = try queue(desk)
        try await desk.conclude(entries, mustBeDecided: options.wait)
    }
}

/// Joins a project.
struct SignUpCommand: DecisionCommand {
    static let configuration = CommandConfiguration(
        commandName: "signup",
        abstract: Spoken.help(
            "Sign up for a project; no data leaves this machine.", "报名参加项目；数据不会离开本机。"))

    @Argument(help: Spoken.help("The project.", "项目。"))
    var project: String
    @OptionGroup var options: DecisionOptions

    func queue(_ desk: MemberDesk) throws -> [Hash] {
        let detail = try desk.project(project)
        return [
            try desk.session.actions().signUp(
                detail.terms.project, version: (detail.terms.major, detail.terms.minor),
                seen: detail.terms.hash)
        ]
    }
}

/// Leaves a project.
struct LeaveCommand: DecisionCommand {
    static let configuration = CommandConfiguration(
        commandName: "leave",
        abstract: Spoken.help(
            "Leave a project; an authorization for it ends with it.", "退出项目；对它的授权随之终止。"))

    @Argument(help: Spoken.help("The project.", "项目。"))
    var project: String
    @OptionGroup var options: DecisionOptions

    func queue(_ desk: MemberDesk) throws -> [Hash] {
        [try desk.session.actions().leave(try desk.project(project).terms.project)]
    }
}

/// Hands records to a project.
struct ContributeCommand: DecisionCommand {
    static let configuration = CommandConfiguration(
        commandName: "contribute",
        abstract: Spoken.help(
            "Hand records to a project: sealed here, read only under your authorization.",
            "向项目提交记录：在本机加密，只有经您授权才能读取。"),
        discussion: Spoken.help(
            "Rows that name you stay here unless --include-identifying is given.",
            "可识别您身份的行留在本机，除非给出 --include-identifying。"))

    @Argument(help: Spoken.help("The project.", "项目。"))
    var project: String
    @Option(parsing: .upToNextOption, help: Spoken.help("The numbers of the records.", "记录的编号。"))
    var records: [Int64]
    @Option(
        help: Spoken.help(
            "Rows that stay here, as  accord records show  counts them: 3,5-9.",
            "留在本机的行，编号见  accord records show：3,5-9。"))
    var strike: String?
    @Option(
        help: Spoken.help(
            "Rows that stay here, as  accord records show --find  finds them; may be repeated.",
            "留在本机的行，查找方式同  accord records show --find；可多次给出。"))
    var strikeFound: [String] = []
    @Flag(help: Spoken.help("Hand over rows that name you too.", "也提交可识别您身份的行。"))
    var includeIdentifying = false
    @OptionGroup var options: DecisionOptions

    func validate() throws {
        guard !records.isEmpty else {
            throw ValidationError(
                english: "--records names at least one record", chinese: "--records 至少指定一份记录")
        }
        guard strike == nil || records.count == 1 else {
            throw ValidationError(
                english: "--strike needs exactly one record", chinese: "--strike 只能用于一份记录")
        }
        if let strike, RowNumbers(strike) == nil {
            throw ValidationError(
                english: "--strike is a list of rows such as 3,5-9",
                chinese: "--strike 应为行的列表，例如 3,5-9")
        }
    }

    func queue(_ desk: MemberDesk) throws -> [Hash] {
        let id = try desk.project(project).terms.project
        let actions = try desk.session.actions()
        let chosen = strike.flatMap { RowNumbers($0) }?.positions ?? []
        let found = try findStruck(desk)
        return try records.map { record in
            let rows = try desk.session.rows(of: record, offset: 0, limit: 0)
            guard chosen.allSatisfy({ $0 < rows.page.total }) else {
                throw desk.output.failure(
                    .wrongUse, "record \(record) has \(rows.page.total) rows: nothing was sent",
                    "记录 \(record) 只有 \(rows.page.total) 行：未发送任何内容")
            }
            let struck = chosen.union(includeIdentifying ? [] : rows.identifying)
                .union(found[record] ?? [])
            let receipt = try actions.contribute(
                ContributionDraft(project: id, record: record, struck: struck.sorted()))
            let stays = rows.page.total - receipt.rows
            desk.output.line(
                "record \(record): \(receipt.rows) rows sealed for the project, \(stays) stay here",
                "记录 \(record)：已为项目加密 \(receipt.rows) 行，\(stays) 行留在本机")
            desk.output.removed(receipt.removed)
            return receipt.entry
        }
    }

    /// The rows of each record that were looked for to stay, before anything is handed over.
    ///
    /// - Throws: `CommandFailure` where something looked for is in none of the records: rows that
    ///   were to stay would leave.
    private func findStruck(_ desk: MemberDesk) throws -> [Int64: Set<Int>] {
        var struck: [Int64: Set<Int>] = [:]
        for text in strikeFound {
            var isFound = false
            for record in records {
                let rows = try desk.session.rows(of: record, matching: RowFilter(typed: text))
                struck[record, default: []].formUnion(rows.positions)
                isFound = isFound || !rows.isEmpty
            }
            let shown = SafeText(untrusted: text)
            guard isFound else {
                throw desk.output.failure(
                    .wrongUse, "no row fits \"\(shown)\": nothing was sent",
                    "没有与“\(shown)”相符的行：未发送任何内容")
            }
        }
        return struck
    }
}

extension Output {
    /// What was taken out of rows before they left, in a line.
    fileprivate func removed(_ parts: [RemovedPart: Int]) {
        guard !parts.isEmpty else { return }
        let counts = parts.sorted { $0.key < $1.key }
        let english = counts.map { "\($0.key.words.english) (\($0.value))" }
        let chinese = counts.map { "\($0.key.words.chinese)（\($0.value)）" }
        line(
            "taken out before leaving: \(english.joined(separator: ", "))",
            "发出前已去除：\(chinese.joined(separator: "、"))")
    }
}

/// A list of rows such as `3,5-9`, counted from 1.
struct RowNumbers {
    /// The rows, counted from 0.
    let positions: Set<Int>

    init?(_ text: String) {
        var positions = Set<Int>()
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let ends = part.split(separator: "-", omittingEmptySubsequences: false)
                .map { Int($0.trimmingCharacters(in: .whitespaces)) }
            guard (1...2).contains(ends.count), let first = ends[0],
                let last = ends[ends.count - 1],
                first >= 1, first <= last, last <= 10_000_000
            else { return nil }
            positions.formUnion(first - 1...last - 1)
        }
        self.positions = positions
    }
}

/// Allows use.
struct GrantCommand: DecisionCommand {
    static let configuration = CommandConfiguration(
        commandName: "grant",
        abstract: Spoken.help(
            "Allow a project to use kinds of data until a date; revoke at any time.",
            "授权项目在某日之前使用某些类别的数据；可随时撤销。"))

    @Argument(help: Spoken.help("The project.", "项目。"))
    var project: String
    @Option(
        help: Spoken.help(
            "The kinds of data, such as clinical,wearable.", "数据类别，例如 clinical,wearable。"))
    var kinds: String
    @Option(
        help: Spoken.help(
            "The last day of use, such as 2027-12-31 (UTC).", "使用的最后一天，例如 2027-12-31（UTC）。"))
    var until: String
    @Option(
        help: Spoken.help(
            "The purposes, such as HMB,CC; otherwise all that the project names.",
            "用途，例如 HMB,CC；未指定时为项目列出的全部用途。"))
    var purposes: String?
    @Option(
        help: Spoken.help(
            "The projects whose records may be linked with these, such as gut-2,heart-7; otherwise none.",
            "可与本项目数据关联的项目，例如 gut-2,heart-7；未指定时均不关联。"))
    var links: String?
    @OptionGroup var options: DecisionOptions

    func queue(_ desk: MemberDesk) throws -> [Hash] {
        let output = desk.output
        let chosen = try kinds.split(separator: ",").map { name in
            guard let kind = RecordKind(rawValue: String(name)) else {
                let known = RecordKind.allCases.map(\.rawValue).joined(separator: ", ")
                throw output.failure(
                    .wrongUse, "there is no kind \(String(name)): choose of \(known)",
                    "没有数据类型 \(String(name))：可选 \(known)")
            }
            return kind
        }
        let detail = try desk.project(project)
        let terms = detail.terms
        try checkPurposes(terms, output)
        var draft = AuthorizationDraft(
            project: terms.project, major: terms.major, minor: terms.minor, terms: terms.hash,
            language: output.words.language, kinds: Set(chosen).sorted(),
            until: try end(terms, output), links: try linked(terms, output))
        draft.secret = desk.secret
        return [try desk.session.grant(draft)]
    }

    /// The end of the day, or the end of use where that is the same day.
    private func end(_ terms: ProjectTerms, _ output: Output) throws -> Timestamp {
        guard let start = Timestamp(iso: until) else {
            throw output.failure(
                .wrongUse, "\(until) is no date: give one like 2027-12-31",
                "\(until) 不是日期：请按 2027-12-31 的格式填写")
        }
        guard !until.contains("T") else { return start }
        let end = start.adding(milliseconds: 86_400_000 - 1)
        return start <= terms.useUntil ? min(end, terms.useUntil) : end
    }

    /// The projects that were named, in the order of the terms.
    private func linked(_ terms: ProjectTerms, _ output: Output) throws -> [ProjectID] {
        let names = (links ?? "").split(separator: ",").map(String.init)
        let asked = terms.links.map(\.text)
        if let other = names.first(where: { !asked.contains($0) }) {
            guard !asked.isEmpty else {
                throw output.failure(
                    .wrongUse, "\(terms.project.text) asks for no links with other projects",
                    "\(terms.project.text) 不要求与其他项目关联")
            }
            let all = asked.joined(separator: ", ")
            throw output.failure(
                .wrongUse,
                "\(terms.project.text) does not ask for links with \(other): choose of \(all)",
                "\(terms.project.text) 不要求与 \(other) 关联：可选 \(all)")
        }
        return terms.links.filter { names.contains($0.text) }
    }

    /// A project's purposes belong together: what is agreed to is the text that was read.
    private func checkPurposes(_ terms: ProjectTerms, _ output: Output) throws {
        guard let purposes else { return }
        let chosen = try purposes.split(separator: ",").map { name in
            guard let use = DataUse(rawValue: String(name)), use.isPermission else {
                throw output.failure(
                    .wrongUse, "\(String(name)) is no purpose", "\(String(name)) 不是用途")
            }
            return use
        }
        guard Set(chosen).isSuperset(of: terms.purposes) else {
            let all = terms.purposes.map(\.rawValue).joined(separator: ",")
            throw output.failure(
                .refused, "refused: the project needs all of its purposes (\(all))",
                "被拒绝：项目需要其全部用途（\(all)）")
        }
        guard Set(chosen).isSubset(of: terms.purposes) else {
            throw ActionRefusal(.beyondProject)
        }
    }
}

/// Suspends use.
struct PauseCommand: DecisionCommand {
    static let configuration = CommandConfiguration(
        commandName: "pause",
        abstract: Spoken.help("Suspend an authorization until you resume it.", "暂停授权，直到您恢复。"))

    @Argument(help: Spoken.help("The project.", "项目。"))
    var project: String
    @OptionGroup var options: DecisionOptions

    func queue(_ desk: MemberDesk) throws -> [Hash] {
        let actions = try desk.session.actions()
        return [try actions.pause(actions.subject(of: try desk.project(project).terms.project))]
    }
}

/// Lets use go on.
struct ResumeCommand: DecisionCommand {
    static let configuration = CommandConfiguration(
        commandName: "resume",
        abstract: Spoken.help("Let a paused authorization go on.", "恢复已暂停的授权。"))

    @Argument(help: Spoken.help("The project.", "项目。"))
    var project: String
    @OptionGroup var options: DecisionOptions

    func queue(_ desk: MemberDesk) throws -> [Hash] {
        let project = try desk.project(project).terms.project
        let subject = try desk.session.actions().subject(of: project)
        return [try desk.session.resume(subject, secret: desk.secret)]
    }
}

/// Ends use.
struct RevokeCommand: DecisionCommand {
    static let configuration = CommandConfiguration(
        commandName: "revoke",
        abstract: Spoken.help(
            "End an authorization: never refused; what you earned stays yours.",
            "撤销授权：绝不会被拒绝；已得的积分仍归您。"))

    @Argument(help: Spoken.help("The project.", "项目。"))
    var project: String
    @Flag(
        help: Spoken.help(
            "Destroy the keys too, so that nobody can open the records again.",
            "同时销毁密钥，任何人都不能再打开这些记录。"))
    var erase = false
    @Flag(help: Spoken.help("Let results that are anonymous be kept.", "允许保留已匿名的结果。"))
    var keepAnonymised = false
    @OptionGroup var options: DecisionOptions

    func validate() throws {
        guard !(erase && keepAnonymised) else {
            throw ValidationError(
                english: "--erase and --keep-anonymised exclude each other",
                chinese: "--erase 与 --keep-anonymised 不能同时使用")
        }
    }

    func queue(_ desk: MemberDesk) throws -> [Hash] {
        let actions = try desk.session.actions()
        let terms = try desk.project(project).terms
        let mode: RevocationMode =
            erase ? .stopAndErase : keepAnonymised ? .stopAndKeepAnonymised : .stop
        return [
            try actions.revoke(
                AuthorizationRevoked(
                    project: terms.project, major: try major(actions, terms), mode: mode))
        ]
    }

    /// The version that was authorized; where this machine knows of none, the current one.
    private func major(_ actions: MemberActions, _ terms: ProjectTerms) throws -> Int64 {
        do {
            return try actions.subject(of: terms.project).major
        } catch is ActionRefusal {
            return terms.major
        }
    }
}
