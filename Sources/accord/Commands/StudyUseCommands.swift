import ArgumentParser
import ClientRuntime
import Foundation
import LedgerCore
import NodeAPI
import Screens
import TerminalCore

/// What members handed to a project, as its entries say.
struct StudySeats {
    /// One contribution.
    struct Contribution {
        let account: AccountID
        let entry: Hash
        let at: Timestamp
        let statement: RecordContributed
        var isAccepted: Bool?
    }

    private(set) var contributions: [Contribution] = []

    init(_ entries: [StudyEntry]) {
        for entry in entries {
            switch entry.payload.body {
            case .recordContributed(let statement):
                contributions.append(
                    Contribution(
                        account: entry.payload.account, entry: entry.id, at: entry.at,
                        statement: statement))
            case .contributionAccepted(let reviewed): review(reviewed.contribution, true)
            case .contributionRejected(let rejected): review(rejected.contribution, false)
            default: break
            }
        }
    }

    private mutating func review(_ entry: Hash, _ isAccepted: Bool) {
        for index in contributions.indices where contributions[index].entry == entry {
            contributions[index].isAccepted = isAccepted
        }
    }
}

/// Reviews contributions.
struct StudyReview: AccordCommand {
    static let configuration = CommandConfiguration(
        commandName: "review",
        abstract: "List contributions that wait for review, accept or reject them.",
        discussion: "accord study run reviews by itself; this is for deciding by hand.")

    @Argument(help: "The projects; otherwise all of the institution's open ones.")
    var projects: [String] = []
    @Option(parsing: .upToNextOption, help: "Contributions to accept, by their entry id.")
    var accept: [String] = []
    @Option(parsing: .upToNextOption, help: "Contributions to reject, by their entry id.")
    var reject: [String] = []
    @Option(help: "Why: unreadable, outside-window, not-asked, duplicate or quality.")
    var reason = ContributionRefusal.quality.rawValue
    @OptionGroup var office: OfficeOptions
    @OptionGroup var common: CommonOptions

    func validate() throws {
        guard ContributionRefusal(rawValue: reason) != nil else {
            throw ValidationError("--reason \(reason) is not known")
        }
    }

    func execute(_ output: Output) async throws {
        try await StudyOffice.open(office, output) { office in
            let catalogue = try await office.catalogue()
            let chosen =
                projects.isEmpty
                ? catalogue.open : try projects.map { try office.terms($0, in: catalogue, output) }
            var waiting = [StudySeats.Contribution]()
            for terms in chosen {
                let entries = try await office.desk.entries(of: terms.project, after: nil)
                waiting += StudySeats(entries).contributions.filter { $0.isAccepted == nil }
            }
            if accept.isEmpty, reject.isEmpty { return list(waiting, output) }
            try await decide(waiting, office, output)
        }
    }

    private func list(_ waiting: [StudySeats.Contribution], _ output: Output) {
        output.json(
            jsonObject([
                (
                    "waiting",
                    .array(
                        waiting.map {
                            jsonObject([
                                ("account", .string($0.account.text)), ("at", .time($0.at)),
                                ("entry", .string($0.entry.hex)),
                                ("kind", .string($0.statement.kind.rawValue)),
                                ("project", .string($0.statement.project.text)),
                                ("rows", .integer($0.statement.rows)),
                            ])
                        })
                )
            ]))
        if waiting.isEmpty { output.line("nothing waits for review", "没有待审核的贡献") }
        var table = Table(.left, .left, .left, .right, .left)
        for one in waiting {
            table.add(
                "\(one.entry.hex)", "\(one.statement.project.text)",
                output.words(one.statement.kind.name),
                output.words.count(.rowCount, Int(one.statement.rows)),
                output.words.dateTime(one.at))
        }
        output.lines(table.lines(columns: nil))
    }

    private func decide(
        _ waiting: [StudySeats.Contribution], _ office: StudyOffice, _ output: Output
    ) async throws {
        guard let why = ContributionRefusal(rawValue: reason) else { return }
        var statements = [(AccountID, EntryBody)]()
        for (names, isAccepted) in [(accept, true), (reject, false)] {
            for name in names {
                guard let one = waiting.first(where: { $0.entry.hex == name }) else {
                    throw output.failure(
                        .refused, "no contribution \(name) waits: nothing was decided",
                        "没有待审核的贡献 \(name)：未作任何决定")
                }
                let project = one.statement.project
                statements.append(
                    (
                        one.account,
                        isAccepted
                            ? .contributionAccepted(
                                .init(project: project, contribution: one.entry))
                            : .contributionRejected(
                                .init(project: project, contribution: one.entry, reason: why))
                    ))
            }
        }
        var stated = StudyOffice.Stated()
        for (statement, verdict) in zip(statements, try await office.desk.state(statements)) {
            switch verdict {
            case .accepted: stated.recorded += 1
            case .rejected(let refusal): stated.refused.append((statement.1, refusal))
            case .retry: break
            }
        }
        output.json(
            jsonObject([("recorded", .integer(Int64(stated.recorded))), ("refused", stated.json)]))
        output.line("\(stated.recorded) recorded", "已记录 \(stated.recorded) 项")
        try stated.conclude(output)
    }
}

/// Uses records once.
struct StudyUseRecords: AccordCommand {
    static let configuration = CommandConfiguration(
        commandName: "use",
        abstract: "Read the records a project may use; each read is decided and logged by the node."
    )

    @Argument(help: "The project.")
    var project: String
    @Option(help: "The account of one member; otherwise everybody who contributed.")
    var member: String?
    @Option(help: "What for: a purpose of the project such as HMB, or review.")
    var purpose: String?
    @Option(help: "The folder to write to: ACCOUNT/ENTRY.json.", completion: .directory)
    var out: String
    @OptionGroup var office: OfficeOptions
    @OptionGroup var common: CommonOptions

    /// How one member's records were read, or why not.
    private struct Outcome {
        let account: AccountID
        var use: StudyUse?
        var problem: Problem?
        var files: [String] = []
        var defects: [String] = []
    }

    func execute(_ output: Output) async throws {
        try await StudyOffice.open(office, output) { office in
            let terms = try office.terms(project, in: try await office.catalogue(), output)
            let purpose = try purpose(of: terms, output)
            let entries = try await office.desk.entries(of: terms.project, after: nil)
            let seats = StudySeats(entries).contributions.filter {
                (purpose == .review ? $0.isAccepted == nil : $0.isAccepted == true)
                    && (member == nil || $0.account.text == member)
            }
            var accounts = [AccountID]()
            for seat in seats where !accounts.contains(seat.account) {
                accounts.append(seat.account)
            }
            if accounts.isEmpty, let member, let account = AccountID(member) {
                accounts = [account]
            }
            guard !accounts.isEmpty else {
                throw output.failure(
                    .refused, "nobody has handed anything to \(project) that can be used",
                    "项目 \(project) 尚无可使用的数据")
            }
            var outcomes = [Outcome]()
            for account in accounts {
                let given = Dictionary(
                    seats.filter { $0.account == account }.map { ($0.entry, $0.statement) }
                ) { first, _ in first }
                outcomes.append(try await use(account, terms, purpose, given, office))
            }
            try report(outcomes, output)
        }
    }

    private func purpose(of terms: ProjectTerms, _ output: Output) throws -> UsePurpose {
        guard let purpose else {
            if terms.purposes.first == .diseaseSpecific, let disease = terms.diseases.first {
                return .disease(disease)
            }
            return terms.purposes.first.map(UsePurpose.research) ?? .review
        }
        guard let known = UsePurpose(purpose) else {
            throw output.failure(
                .wrongUse, "\(purpose) is no purpose: give one such as HMB, or review",
                "\(purpose) 不是用途：请填写 HMB 等用途，或 review")
        }
        return known
    }

    private func use(
        _ account: AccountID, _ terms: ProjectTerms, _ purpose: UsePurpose,
        _ given: [Hash: RecordContributed], _ office: StudyOffice
    ) async throws -> Outcome {
        var outcome = Outcome(account: account)
        do {
            let use = try await office.desk.use(
                terms.project, of: account, for: purpose, contributions: given)
            outcome.use = use
            let folder = URL(filePath: out, directoryHint: .isDirectory)
                .appending(path: account.text, directoryHint: .isDirectory)
            try HomeFolders.makePrivate(folder)
            for record in use.records {
                switch record.content {
                case .success(let bundle):
                    let file = folder.appending(path: "\(record.contribution.hex).json")
                    try HomeFolders.writePrivate(bundle, to: file)
                    outcome.files.append(file.path(percentEncoded: false))
                case .failure(let defect): outcome.defects.append(defect.rawValue)
                }
            }
        } catch let problem as Problem where problem.denial != nil {
            outcome.problem = problem
        }
        return outcome
    }

    private func report(_ outcomes: [Outcome], _ output: Output) throws {
        output.json(jsonObject([("uses", .array(outcomes.map(json)))]))
        for outcome in outcomes {
            if let use = outcome.use {
                output.line(
                    "\(outcome.account.text): \(outcome.files.count) records read, logged as #\(use.index)",
                    "\(outcome.account.text)：已读取 \(outcome.files.count) 份记录，记录为 #\(use.index)")
            } else if let denial = outcome.problem?.denial {
                let place = outcome.problem?.index.map { ", logged as #\($0)" } ?? ""
                output.line(
                    "\(outcome.account.text): denied: \(denial.rawValue)\(place); no data was sent",
                    "\(outcome.account.text)：被拒绝：\(denial.rawValue)；未发送任何数据")
            }
            for defect in outcome.defects { Output.complain("\(outcome.account.text): \(defect)") }
        }
        if outcomes.contains(where: { !$0.defects.isEmpty }) { throw CommandFailure(.integrity) }
        if outcomes.contains(where: { $0.problem != nil }) { throw CommandFailure(.refused) }
    }

    private func json(_ outcome: Outcome) -> JSONValue {
        jsonObject([
            ("account", .string(outcome.account.text)),
            (
                "defects",
                outcome.defects.isEmpty ? nil : .array(outcome.defects.map(JSONValue.string))
            ),
            ("denied", outcome.problem?.denial.map { .string($0.rawValue) }),
            ("entry", outcome.use.map { .string($0.entry.hex) }),
            ("files", .array(outcome.files.map(JSONValue.string))),
            ("index", (outcome.use?.index ?? outcome.problem?.index).map(JSONValue.integer)),
        ])
    }
}

/// Reviews and uses, again and again.
struct StudyRun: AccordCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Review contributions and use records as they come, for one or more institutions."
    )

    @Option(help: "The folder of an institution; may be given several times.")
    var home: [String] = []
    @Option(help: "The address of the node; remembered once given.")
    var node: String?
    @Option(help: "How often to use accepted records again, such as 20s, 5m, 24h.")
    var every = "24h"
    @Flag(help: "Do what there is to do now, and end.")
    var once = false
    @Option(parsing: .upToNextOption, help: "Only these projects.")
    var project: [String] = []
    @Option(help: "A file that holds the time, for rehearsals.")
    var clock: String?
    @OptionGroup var passphrase: PassphraseOption
    @OptionGroup var common: CommonOptions

    func validate() throws {
        guard Self.milliseconds(every) != nil else {
            throw ValidationError("--every is a time such as 20s, 5m or 24h")
        }
    }

    func execute(_ output: Output) async throws {
        let runtimeClock = RuntimeClock()
        try readClock(into: runtimeClock, output)
        let homes = home.isEmpty ? [nil] : home.map(Optional.some)
        let offices = try homes.map {
            try StudyOffice(
                home: $0, node: node, passphrase: passphrase, output: output, clock: runtimeClock)
        }
        do {
            try await run(offices, runtimeClock, output)
        } catch {
            for office in offices { await office.link.close() }
            throw error
        }
        for office in offices { await office.link.close() }
    }

    private func run(_ offices: [StudyOffice], _ clock: RuntimeClock, _ output: Output)
        async throws
    {
        var teams = [(office: StudyOffice, team: StudyTeam)]()
        for office in offices { teams.append((office, try await team(office, output))) }
        var failures = 0
        while true {
            try readClock(into: clock, output)
            do {
                for (_, team) in teams {
                    for event in try await team.work() { report(event, output) }
                }
                failures = 0
                guard !once else { return }
                try await pause(offices)
            } catch let error where !once && Self.isTransient(error) {
                failures += 1
                output.note(
                    "\(String(describing: error)); trying again",
                    "\(String(describing: error))；稍后重试")
                try await Task.sleep(for: .milliseconds(min(500 << min(failures, 7), 60_000)))
            }
        }
    }

    private func team(_ office: StudyOffice, _ output: Output) async throws -> StudyTeam {
        let catalogue = try await office.catalogue()
        let terms =
            project.isEmpty
            ? catalogue.open : project.compactMap { ProjectID($0) }.compactMap { catalogue.own[$0] }
        guard !terms.isEmpty else {
            throw output.failure(
                .refused, "the institution has no such project: publish one first",
                "该机构没有相应项目：请先发布")
        }
        return StudyTeam(
            desk: office.desk, projects: terms,
            everyMilliseconds: once ? nil : Self.milliseconds(every))
    }

    /// Waits for the next change, or the next turn.
    private func pause(_ offices: [StudyOffice]) async throws {
        guard let office = offices.first else { return }
        let turn = max((Self.milliseconds(every) ?? 1_000) / 1_000, 1)
        let call = NodeCall.checkpoint
        let note = try SignedNote(parsing: try await office.gateway.send(call))
        let size = Int64(try Checkpoint(parsing: note.text).size)
        _ = try await office.desk.waitForChanges(since: size, seconds: min(turn, 20))
    }

    private static func isTransient(_ error: any Error) -> Bool {
        if error is NodeUnreachable { return true }
        guard let problem = error as? Problem else { return false }
        return [.busy, .tooManyRequests, .internalError, .requestTimeout].contains(problem.code)
    }

    private func readClock(into clock: RuntimeClock, _ output: Output) throws {
        guard let path = self.clock else { return }
        guard let content = FileManager.default.contents(atPath: path),
            let time = Timestamp(
                iso: String(decoding: content, as: UTF8.self)
                    .trimmingCharacters(in: .whitespacesAndNewlines))
        else {
            throw output.failure(.wrongUse, "\(path) does not hold a time", "\(path) 中没有时间")
        }
        clock.set(time)
    }

    private func report(_ event: StudyTeam.Event, _ output: Output) {
        output.json(Self.json(event))
        switch event {
        case .reviewed(let project, let account, let kind, let refusal):
            let kind = output.words(kind.name)
            if let refusal {
                output.line(
                    "\(project.text): rejected \(kind) of \(account.text): \(refusal.rawValue)",
                    "\(project.text)：拒绝 \(account.text) 的\(kind)：\(refusal.rawValue)")
            } else {
                output.line(
                    "\(project.text): accepted \(kind) of \(account.text)",
                    "\(project.text)：接受 \(account.text) 的\(kind)")
            }
        case .used(let project, let account, let purpose, let records, _):
            output.line(
                "\(project.text): used \(records) records of \(account.text) for \(purpose.rawValue)",
                "\(project.text)：使用 \(account.text) 的 \(records) 份记录（\(purpose.rawValue)）")
        case .denied(let project, let account, let purpose, let denial):
            output.line(
                "\(project.text): denied use of \(account.text) for \(purpose.text): \(denial.rawValue)",
                "\(project.text)：使用 \(account.text) 的数据（\(purpose.text)）被拒绝：\(denial.rawValue)")
        case .failed(let project, let why):
            output.line("\(project.text): failed: \(why)", "\(project.text)：失败：\(why)")
        }
    }

    private static func json(_ event: StudyTeam.Event) -> JSONValue {
        switch event {
        case .reviewed(let project, let account, let kind, let refusal):
            jsonObject([
                ("account", .string(account.text)), ("event", .string("reviewed")),
                ("kind", .string(kind.rawValue)), ("project", .string(project.text)),
                ("refusal", refusal.map { .string($0.rawValue) }),
            ])
        case .used(let project, let account, let purpose, let records, let entry):
            jsonObject([
                ("account", .string(account.text)), ("entry", .string(entry.hex)),
                ("event", .string("used")), ("project", .string(project.text)),
                ("purpose", .string(purpose.rawValue)), ("records", .integer(Int64(records))),
            ])
        case .denied(let project, let account, let purpose, let denial):
            jsonObject([
                ("account", .string(account.text)), ("event", .string("denied")),
                ("project", .string(project.text)), ("purpose", .string(purpose.text)),
                ("reason", .string(denial.rawValue)),
            ])
        case .failed(let project, let why):
            jsonObject([
                ("event", .string("failed")), ("project", .string(project.text)),
                ("why", .string(why)),
            ])
        }
    }

    /// Reads `20s`, `5m`, `24h` or a bare number of seconds.
    static func milliseconds(_ text: String) -> Int64? {
        let units: [Character: Int64] = ["s": 1_000, "m": 60_000, "h": 3_600_000]
        let unit = text.last.flatMap { units[$0] }
        let digits = unit == nil ? text[...] : text.dropLast()
        guard let number = Int64(digits), (1...1_000_000).contains(number) else { return nil }
        return number * (unit ?? 1_000)
    }
}
