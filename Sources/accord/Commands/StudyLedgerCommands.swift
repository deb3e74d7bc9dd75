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
        commandName: "amend", abstract: "Publish the next version of a project.",
        discussion: """
            FILE holds the new terms, as for  accord study publish. Asking for no more than before \
            is a minor version, which members are told; anything else is a major one, which each \
            of them has to agree to anew before the grace period ends.
            """)

    @Argument(help: "The file.", completion: .file())
    var file: String
    @Option(help: "After a major change, how many days the old consent still holds.")
    var graceDays: Int64 = 30
    @Flag(help: "Say what would change; nothing is sent.")
    var dryRun = false
    @Flag(help: "Sign without asking; scripts are not asked.")
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
        abstract: "End a project: no more use; what it did not pay comes back once nothing waits.")

    @Argument(help: "The project.")
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
        abstract: "Correct points as one of two officers; the member can appeal for seven days.",
        discussion: """
            Points are corrected only because something was paid twice (duplicate), was forged \
            (fraud) or computed wrongly (arithmetic), and never because of a revocation.
            """)

    @Argument(help: "The entry that put the points on the way; with --confirm the proposal.")
    var entry: String
    @Option(help: "The member's account.")
    var member: String
    @Option(help: "How many points.")
    var points: Int64
    @Option(help: "Why: duplicate, fraud or arithmetic.")
    var reason: String = "duplicate"
    @Flag(help: "Give back what an earlier correction took.")
    var giveBack = false
    @Flag(help: "Confirm what another officer proposed.")
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
        abstract: "Report, as one of two officers, that a member died or can decide no more.",
        discussion: """
            Once a second officer confirms it, each authorization of the member ends as its \
            project's terms said when it was granted: stop, erase or keep-anonymised. None goes on. \
            A member who recovers can allow use anew.
            """)

    @Option(help: "The member's account.")
    var member: String
    @Option(help: "What happened: died or incapable.")
    var cause: String
    @Option(help: "Confirm what another officer reported: the entry of the report.")
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
