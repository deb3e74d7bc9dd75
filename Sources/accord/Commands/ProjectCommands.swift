import ArgumentParser
import ClientStore
import LedgerCore
import Screens
import SyncCore
import TerminalCore

extension ProjectOrder: ExpressibleByArgument {}
extension Programme: ExpressibleByArgument {}
extension RecordKind: ExpressibleByArgument {}

/// The catalogue.
struct ProjectsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "projects",
        abstract: Spoken.help("Browse the projects that ask for data.", "浏览征集数据的项目。"),
        subcommands: [ListProjects.self, ShowProject.self], defaultSubcommand: ListProjects.self)
}

/// Lists projects.
struct ListProjects: AccordCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: Spoken.help("List projects, the best paid first.", "列出项目，积分高的在前。"))

    @Option(
        help: Spoken.help(
            "Words to find in titles, reasons, institutions and purposes.", "在标题、目的、机构和用途中查找的词。"))
    var search = ""
    @Flag(help: Spoken.help("Only projects that can be joined.", "只列出可报名的项目。"))
    var open = false
    @Option(
        help: Spoken.help(
            "reward, newest, title or ending.", "排序：reward（积分）、newest（最新）、title（标题）或 ending（最早结束）。")
    )
    var order = ProjectOrder.reward
    @Option(
        help: Spoken.help(
            "Only projects of this programme; may be given more than once.", "只列出该计划的项目；可多次给出。"))
    var programme: [Programme] = []
    @Option(
        help: Spoken.help(
            "Only projects that ask for this kind; may be given more than once.",
            "只列出征集此类数据的项目；可多次给出。"))
    var kind: [RecordKind] = []
    @Option(
        help: Spoken.help("Only projects in which so many points can be earned.", "只列出可得这么多积分的项目。"))
    var earns: Int64?
    @Flag(
        help: Spoken.help(
            "Only projects that fit what you wrote down on this machine.", "只列出符合您在本机所填信息的项目。"))
    var fits = false
    @Option(help: Spoken.help("How many lines at most; 0 for all.", "最多多少行；0 表示全部。"))
    var limit = 20
    @OptionGroup var common: CommonOptions

    func validate() throws {
        guard limit >= 0 else {
            throw ValidationError(english: "--limit is 0 or more", chinese: "--limit 不能小于 0")
        }
        guard earns ?? 1 > 0 else {
            throw ValidationError(english: "--earns is 1 or more", chinese: "--earns 至少为 1")
        }
    }

    private var facets: [ProjectFacet] {
        var facets = programme.map(ProjectFacet.programme) + kind.map(ProjectFacet.kind)
        if let earns { facets.append(.earns(Points(earns))) }
        if open { facets.append(.open) }
        if fits { facets.append(.fits) }
        return facets
    }

    func execute(_ output: Output) async throws {
        let desk = try MemberDesk.reading(output)
        let query = ProjectQuery(
            search: search, order: order, facets: facets,
            readsChinese: output.words.language == .chinese)
        let page = try desk.store.projects(query, offset: 0, limit: limit == 0 ? 1 << 30 : limit)
        output.json(
            jsonObject([
                ("projects", .array(page.lines.map(\.json))),
                ("total", .integer(Int64(page.total))),
            ]))
        var table = Table(.left, .right, .left, .left)
        for line in page.lines {
            table.add(
                "\(line.id.text)", line.offer > .zero ? output.words.points(line.offer) : "–",
                output.standing(line), output.words(line.title))
        }
        output.lines(table.lines(columns: output.columns))
        if page.total == 0 {
            output.line("no project found", "没有找到项目")
        } else if page.total > page.lines.count {
            let (shown, total) = (page.lines.count, output.words.number(Int64(page.total)))
            output.line(
                "\(shown) of \(total); more with  --limit 0",
                "共 \(total) 项，显示 \(shown) 项；用  --limit 0  查看全部")
        }
    }
}

extension ProjectLine {
    /// The line for scripts.
    var json: JSONValue {
        jsonObject([
            ("closed", .bool(isClosed)), ("institution", .text(institution)),
            ("kinds", .kinds(kinds)), ("offer", .integer(offer.value)),
            ("participation", .string(participation.name)),
            ("programme", .string(programme.rawValue)), ("project", .string(id.text)),
            ("seats", .integer(seats)), ("title", .text(title)),
        ])
    }
}

extension Output {
    /// How the member stands in a project, in a word.
    func standing(_ line: ProjectLine) -> SafeText {
        standing(line.participation, isClosed: line.isClosed)
    }

    fileprivate func standing(_ participation: Participation, isClosed: Bool) -> SafeText {
        switch participation {
        case .none: isClosed ? words(.closed) : .empty
        case .joining: words(.joining)
        case .joined: words(.joined)
        case .leaving: words(.leaving)
        }
    }
}

/// Shows a project.
struct ShowProject: AccordCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: Spoken.help(
            "Show what a project asks, for what, until when, for what.", "显示项目征集什么、作何用途、到何时、有何奖励。"))

    @Argument(help: Spoken.help("The project.", "项目。"))
    var project: String
    @OptionGroup var common: CommonOptions

    func execute(_ output: Output) async throws {
        let desk = try MemberDesk.reading(output)
        let detail = try desk.project(project)
        output.json(json(detail))
        let (words, terms) = (output.words, detail.terms)
        output.line(words(terms.title))
        output.line(words(detail.institution) + " · " + words(terms.programme.name))
        output.line()
        let seats = terms.seats == 0 ? SafeText.empty : words.number(terms.seats)
        let limits = [words.limit(of: detail), words.limit(of: terms.programme, detail.caps)]
        let standing = output.standing(detail.participation, isClosed: detail.isClosed)
        output.fields([
            (words(.project), "\(terms.project.text)"), (words(.why), words(terms.why)),
            (
                words(.asks),
                words.list(terms.kinds.map { asked($0, words) })
            ),
            (words(.purpose), words.clauses(words.meanings(terms.purposes, of: terms.diseases))),
            (words(.linked), words.clauses(detail.links.map { words.linked($0) })),
            (words(.limits), words.list(terms.limits.map { words.meaning($0) })),
            (words(.who), words.list(detail.recipients.map { words($0) })),
            (words(.ethics), "\(terms.ethics)"), (words(.source), "\(terms.source)"),
            (words(.collected), words.span(terms.collectionFrom, terms.collectionUntil)),
            (
                words(.until),
                output.say(
                    "use until \(words.date(terms.useUntil)), erased \(words.date(terms.eraseAt))",
                    "使用至 \(words.date(terms.useUntil))，\(words.date(terms.eraseAt)) 删除")
            ),
            (
                words(.earns),
                words.list(words.reward(terms.reward) + limits.compactMap(\.self))
            ), (words(.seats), seats),
            (words(.version), "\(terms.major).\(terms.minor)"), (words(.status), standing),
            (
                words(.authorizations),
                detail.authorization.map { output.state($0) } ?? .empty
            ),
        ])
        guard !detail.contributions.isEmpty else { return }
        output.line()
        output.lines(output.contributions(detail.contributions))
    }

    private func asked(_ kind: KindRequest, _ words: Words) -> SafeText {
        "\(words(kind.kind.name)) (\(words(kind.isRequired ? .required : .optional)))"
    }

    private func json(_ detail: ProjectDetail) -> JSONValue {
        jsonObject([
            ("authorization", detail.authorization.map(\.json)),
            ("caps", .array(detail.caps.map { $0.json(of: detail.terms.programme) })),
            ("changed", .time(detail.changedAt)), ("closed", .bool(detail.isClosed)),
            ("contributions", .array(detail.contributions.map(\.json))),
            ("escrow", .integer(detail.escrow.value)),
            ("institution", .text(detail.institution)),
            ("participation", .string(detail.participation.name)),
            ("recipients", .array(detail.recipients.map(JSONValue.text))),
            ("terms", detail.terms.json), ("terms_hash", .string(detail.terms.hash.hex)),
        ])
    }
}
