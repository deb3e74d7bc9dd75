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
        /// Why it was rejected, if its member appealed against that and nobody answered yet.
        var appealed: ContributionRefusal?
        fileprivate var refusal: ContributionRefusal?
        fileprivate var isErased = false
    }

    private var stated: [Contribution] = []

    /// Those that were not erased.
    var contributions: [Contribution] { stated.filter { !$0.isErased } }
    /// How each member stands.
    private(set) var members: [AccountID: StudyMember] = [:]
    private var places: [Hash: Int] = [:]

    init(_ entries: [StudyEntry]) {
        for entry in entries {
            members[entry.payload.account, default: StudyMember()].note(entry)
            switch entry.payload.body {
            case .recordContributed(let statement):
                places[entry.id] = stated.count
                stated.append(
                    Contribution(
                        account: entry.payload.account, entry: entry.id, at: entry.at,
                        statement: statement))
            case .contributionAccepted(let reviewed): review(reviewed.contribution, nil)
            case .contributionRejected(let rejected):
                review(rejected.contribution, rejected.reason)
            case .contributionAppealed(let appealed):
                guard let place = places[appealed.contribution] else { continue }
                stated[place].isAccepted = nil
                stated[place].appealed = stated[place].refusal
            case .recordsErased(let erased):
                for place in erased.contributions.compactMap({ places[$0] }) {
                    stated[place].isErased = true
                }
            default: break
            }
        }
    }

    private mutating func review(_ entry: Hash, _ refusal: ContributionRefusal?) {
        guard let place = places[entry] else { return }
        stated[place].isAccepted = refusal == nil
        stated[place].refusal = refusal
        stated[place].appealed = nil
    }
}

/// Reviews contributions.
struct StudyReview: AccordCommand {
    static let configuration = CommandConfiguration(
        commandName: "review",
        abstract: Spoken.help(
            "List contributions that wait for review, accept or reject them.", "列出等待审核的贡献，接受或拒绝它们。"),
        discussion: Spoken.help(
            """
            accord study run  reviews by itself; this is for deciding by hand. Contributions whose \
            member appealed stand first; --open decrypts what waits, to look at it.
            """,
            """
            accord study run  会自动审核；本命令用于人工决定。成员提出申诉的贡献排在最前；--open \
            解密等待的内容以便查看。
            """))

    @Argument(
        help: Spoken.help(
            "The projects; otherwise all of the institution's open ones.", "项目；未指定时为机构所有未结束的项目。"))
    var projects: [String] = []
    @Option(
        parsing: .upToNextOption,
        help: Spoken.help("Contributions to accept, by their entry id.", "要接受的贡献，以条目编号给出。"))
    var accept: [String] = []
    @Option(
        parsing: .upToNextOption,
        help: Spoken.help("Contributions to reject, by their entry id.", "要拒绝的贡献，以条目编号给出。"))
    var reject: [String] = []
    @Option(
        help: Spoken.help(
            "Why: unreadable, outside-window, not-asked, duplicate or quality.",
            "原因：unreadable、outside-window、not-asked、duplicate 或 quality。"))
    var reason = ContributionRefusal.quality.rawValue
    @Flag(help: Spoken.help("List those only whose member appealed.", "只列出成员提出申诉的贡献。"))
    var appeals = false
    @Option(
        help: Spoken.help(
            "Decrypt what waits into this folder: ACCOUNT/ENTRY.", "将等待的内容解密到此文件夹：账户/条目。"),
        completion: .directory)
    var open: String?
    @OptionGroup var office: OfficeOptions
    @OptionGroup var common: CommonOptions

    func validate() throws {
        guard ContributionRefusal(rawValue: reason) != nil else {
            throw ValidationError(
                english: "--reason \(reason) is not known", chinese: "没有原因 \(reason)")
        }
    }

    func execute(_ output: Output) async throws {
        try await StudyOffice.open(office, output) { office in
            let catalogue = try await office.catalogue()
            let chosen =
                projects.isEmpty
                ? catalogue.open : try projects.map { try office.terms($0, in: catalogue, output) }
            var waiting = [StudySeats.Contribution]()
            var seats: [(project: ProjectID, seats: StudySeats)] = []
            for terms in chosen {
                let entries = try await office.desk.entries(of: terms.project, after: nil)
                seats.append((terms.project, StudySeats(entries)))
                waiting += seats[seats.count - 1].seats.contributions.filter {
                    $0.isAccepted == nil && (!appeals || $0.appealed != nil)
                }
            }
            waiting.sort { $0.appealed != nil && $1.appealed == nil }
            if let open {
                let fetch = try StudyFetch(folder: open, office: office, purpose: .review)
                for one in seats { try fetch.removeWithdrawn(one.project, one.seats, output) }
                return try await look(waiting, fetch, output)
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
                                ("account", .string($0.account.text)),
                                ("appealed", $0.appealed.map { .string($0.rawValue) }),
                                ("at", .time($0.at)),
                                ("entry", .string($0.entry.hex)),
                                ("kind", .string($0.statement.kind.rawValue)),
                                ("project", .string($0.statement.project.text)),
                                ("rows", .integer($0.statement.rows)),
                            ])
                        })
                )
            ]))
        if waiting.isEmpty { output.line("nothing waits for review", "没有待审核的贡献") }
        var table = Table(.left, .left, .left, .right, .left, .left)
        for one in waiting {
            table.add(
                "\(one.entry.hex)", "\(one.statement.project.text)",
                output.words(one.statement.kind.name),
                output.words.count(.rowCount, Int(one.statement.rows)),
                output.words.dateTime(one.at), one.appealed.map(output.appealed) ?? .empty)
        }
        output.lines(table.lines(columns: nil))
    }

    /// Decrypts what waits; each look is decided and logged by the node like every use.
    private func look(
        _ waiting: [StudySeats.Contribution], _ fetch: StudyFetch, _ output: Output
    ) async throws {
        var outcomes = [StudyFetch.Outcome]()
        for project in Set(waiting.map(\.statement.project)).sorted() {
            let those = waiting.filter { $0.statement.project == project }
            outcomes += try await fetch.fetch(project, those)
        }
        try StudyFetch.report(outcomes, output)
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
        stated.note(statements.map(\.1), try await office.desk.state(statements))
        output.json(
            jsonObject([("recorded", .integer(Int64(stated.recorded))), ("refused", stated.json)]))
        output.line("\(stated.recorded) recorded", "已记录 \(stated.recorded) 项")
        try stated.conclude(output)
    }
}

extension Output {
    /// That a member appealed, and against what.
    func appealed(_ refusal: ContributionRefusal) -> SafeText {
        let why = words(refusal.explained)
        return say("appealed: rejected as \(why)", "已申诉：曾因\(why)被拒绝")
    }
}

/// Uses records once.
struct StudyUseRecords: AccordCommand {
    static let configuration = CommandConfiguration(
        commandName: "use",
        abstract: Spoken.help(
            "Read the records a project may use now, each read decided and logged by the node.",
            "读取项目现在可用的记录，每次读取都由节点裁定并记入账本。"),
        discussion: Spoken.help(
            """
            Records are written as their member handed them over, FHIR as FHIR and every other format \
            as itself, to ACCOUNT/ENTRY. manifest.json names for each file the grant, the contribution \
            and the use that allow it. Run again after an interruption: what is there is not asked for \
            twice, and what its member no longer allows is taken away. --again asks for everything.
            """,
            """
            记录按成员提交时的原样写到  账户/条目：FHIR 仍为 FHIR，其他格式也保持不变。manifest.json \
            为每个文件注明所依据的授权、贡献和使用。中断后可再次运行：已有的不会重复请求，成员不再允许的会被移除。--again \
            则重新请求全部。
            """))

    @Argument(help: Spoken.help("The project.", "项目。"))
    var project: String
    @Option(
        help: Spoken.help(
            "The account of one member; otherwise everybody who contributed.",
            "一位成员的账户；未指定时为所有提交过数据的成员。"))
    var member: String?
    @Option(
        help: Spoken.help(
            "What for: a purpose of the project such as HMB, or review.",
            "用途：项目的某个用途，例如 HMB，或 review（审核）。"))
    var purpose: String?
    @Option(help: Spoken.help("The folder to write to.", "要写入的文件夹。"), completion: .directory)
    var out: String
    @Flag(help: Spoken.help("Ask for records again that are there.", "重新请求已有的记录。"))
    var again = false
    @OptionGroup var office: OfficeOptions
    @OptionGroup var common: CommonOptions

    func execute(_ output: Output) async throws {
        try await StudyOffice.open(office, output) { office in
            let terms = try office.terms(project, in: try await office.catalogue(), output)
            let purpose = try purpose(of: terms, output)
            let seats = StudySeats(
                try await office.desk.entries(of: terms.project, after: nil))
            // First of all: also where nothing is left that could be asked for.
            let fetch = try StudyFetch(
                folder: out, office: office, purpose: purpose, isAgain: again)
            try fetch.removeWithdrawn(terms.project, seats, output)
            let wanted = seats.contributions.filter {
                (purpose == .review ? $0.isAccepted == nil : $0.isAccepted == true)
                    && (member == nil || $0.account.text == member)
            }
            let asked = wanted.isEmpty ? member.flatMap { AccountID($0) }.map { [$0] } ?? [] : []
            guard !wanted.isEmpty || !asked.isEmpty else {
                let waiting = seats.contributions.count { $0.isAccepted == nil }
                guard waiting == 0 else {
                    throw output.failure(
                        .refused,
                        "nothing handed to \(project) was accepted yet; waiting for review: \(waiting), see  accord study review",
                        "项目 \(project) 尚无已接受的数据；等待审核：\(waiting) 项，请用  accord study review  查看")
                }
                throw output.failure(
                    .refused, "nobody has handed anything to \(project) that can be used",
                    "项目 \(project) 尚无可使用的数据")
            }
            try StudyFetch.report(
                try await fetch.fetch(terms.project, wanted, alsoAsk: asked), output)
        }
    }

    private func purpose(of terms: ProjectTerms, _ output: Output) throws -> UsePurpose {
        guard let purpose else {
            return UsePurpose(terms.purposes, diseases: terms.diseases) ?? .review
        }
        guard let known = UsePurpose(purpose) else {
            throw output.failure(
                .wrongUse, "\(purpose) is no purpose: give one such as HMB, or review",
                "\(purpose) 不是用途：请填写 HMB 等用途，或 review")
        }
        return known
    }
}

/// Reviews and uses, again and again.
struct StudyRun: AccordCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: Spoken.help(
            "Review contributions and use records as they come, for one or more institutions.",
            "为一个或多个机构审核新到的贡献，并使用记录。")
    )

    @Option(
        help: Spoken.help(
            "The folder of an institution; may be given several times.", "机构的文件夹；可多次给出。"))
    var home: [String] = []
    @Option(help: Spoken.help("The address of the node; remembered once given.", "节点的地址；给出一次后即记住。"))
    var node: String?
    @Option(
        help: Spoken.help(
            "How often to use accepted records again, such as 20s, 5m, 24h.",
            "每隔多久再次使用已接受的记录，例如 20s、5m、24h。"))
    var every: String?
    @Option(
        help: Spoken.help(
            "A TOML file with rules for each project; check it with  accord study check --rules.",
            "含有各项目规则的 TOML 文件；请用  accord study check --rules  检查。"),
        completion: .file())
    var rules: String?
    @Flag(help: Spoken.help("Do what there is to do now, and end.", "处理现有的工作，然后结束。"))
    var once = false
    @Option(parsing: .upToNextOption, help: Spoken.help("Only these projects.", "只处理这些项目。"))
    var project: [String] = []
    @Option(help: Spoken.help("A file that holds the time, for rehearsals.", "保存时间的文件，用于演练。"))
    var clock: String?
    @OptionGroup var passphrase: PassphraseOption
    @OptionGroup var common: CommonOptions

    func validate() throws {
        guard every.map({ StudyRules.milliseconds($0) != nil }) ?? true else {
            throw ValidationError(
                english: "--every is a time such as 20s, 5m or 24h",
                chinese: "--every 应为时间，例如 20s、5m 或 24h")
        }
        guard every == nil || rules == nil else {
            throw ValidationError(
                english: "--every and --rules exclude each other: rules say use_every",
                chinese: "--every 与 --rules 不能同时使用：规则文件中有 use_every")
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
        let rules = try readRules(output)
        var teams = [(office: StudyOffice, team: StudyTeam)]()
        for office in offices { teams.append((office, try await team(office, rules, output))) }
        var failures = 0
        while true {
            try readClock(into: clock, output)
            do {
                for (_, team) in teams {
                    // What was done before something failed is told all the same.
                    defer { for event in team.takeEvents() { report(event, output) } }
                    for event in try await team.work() { report(event, output) }
                }
                failures = 0
                guard !once else { return }
                try await teams.first?.team.waitForNews(seconds: turn(rules))
            } catch let error where !once && Self.isTransient(error) {
                failures += 1
                output.note(
                    "\(String(describing: error)); trying again",
                    "\(String(describing: error))；稍后重试")
                let bound = min(500 << min(failures, 7), 60_000)
                try await Task.sleep(for: .milliseconds(Int.random(in: 100...bound)))
            }
        }
    }

    private func team(_ office: StudyOffice, _ rules: StudyRules, _ output: Output) async throws
        -> StudyTeam
    {
        let catalogue = try await office.catalogue()
        let terms =
            project.isEmpty
            ? catalogue.open : project.compactMap { ProjectID($0) }.compactMap { catalogue.own[$0] }
        guard !terms.isEmpty else {
            throw output.failure(
                .refused, "the institution has no such project: publish one first",
                "该机构没有相应项目：请先发布")
        }
        return StudyTeam(desk: office.desk, projects: terms, rules: rules, usesAgain: !once)
    }

    private func readRules(_ output: Output) throws -> StudyRules {
        guard let path = rules else {
            var rules = StudyRules()
            if let every { rules.standard.useEveryMilliseconds = StudyRules.milliseconds(every) }
            return rules
        }
        guard let content = FileManager.default.contents(atPath: path) else {
            throw output.failure(.wrongUse, "could not read \(path)", "无法读取 \(path)")
        }
        let reading = StudyRules.read(String(decoding: content, as: UTF8.self))
        guard let rules = reading.rules else {
            throw output.failure(of: reading.problems, in: path)
        }
        return rules
    }

    /// How long to wait for news before looking whether a use is due, in seconds.
    private func turn(_ rules: StudyRules) -> Int64 {
        let all = ([rules.standard] + rules.projects.values).compactMap(\.useEveryMilliseconds)
        return min(max((all.min() ?? 20_000) / 1_000, 1), 20)
    }

    private static func isTransient(_ error: any Error) -> Bool {
        if error is NodeUnreachable || error is StudyTurnTaken { return true }
        guard let problem = error as? Problem else { return false }
        return [.busy, .tooManyRequests, .internalError, .requestTimeout, .storageFull]
            .contains(problem.code)
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
                "\(project.text): used \(records) records of \(account.text) for \(purpose.text)",
                "\(project.text)：使用 \(account.text) 的 \(records) 份记录（\(purpose.text)）")
        case .denied(let project, let account, let purpose, let denial):
            output.line(
                "\(project.text): denied use of \(account.text) for \(purpose.text): \(denial.rawValue)",
                "\(project.text)：使用 \(account.text) 的数据（\(purpose.text)）被拒绝：\(denial.rawValue)")
        case .appealed(let project, let account, let kind, let contribution):
            let name = output.words(kind.name)
            output.line(
                "\(project.text): \(account.text) appealed, \(name): look with  accord study review --appeals (\(contribution.hex))",
                "\(project.text)：\(account.text) 对\(name)提出申诉：请运行  accord study review --appeals（\(contribution.hex)）"
            )
        case .failed(let project, let why):
            let why = output.words(why)
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
                ("purpose", .string(purpose.text)), ("records", .integer(Int64(records))),
            ])
        case .denied(let project, let account, let purpose, let denial):
            jsonObject([
                ("account", .string(account.text)), ("event", .string("denied")),
                ("project", .string(project.text)), ("purpose", .string(purpose.text)),
                ("reason", .string(denial.rawValue)),
            ])
        case .appealed(let project, let account, let kind, let contribution):
            jsonObject([
                ("account", .string(account.text)), ("contribution", .string(contribution.hex)),
                ("event", .string("appealed")), ("kind", .string(kind.rawValue)),
                ("project", .string(project.text)),
            ])
        case .failed(let project, let why):
            jsonObject([
                ("event", .string("failed")), ("project", .string(project.text)),
                ("why", .string(why.english)),
            ])
        }
    }
}
