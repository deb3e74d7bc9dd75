import ArgumentParser
import ClientStore
import LedgerCore
import Screens
import SyncCore
import TerminalCore

/// Lists authorizations.
struct AuthorizationsCommand: AccordCommand {
    static let configuration = CommandConfiguration(
        commandName: "authorizations",
        abstract: Spoken.help("List what you allow, and what you allowed.", "列出您现有和以往的授权。"))

    @OptionGroup var common: CommonOptions

    func execute(_ output: Output) async throws {
        let desk = try MemberDesk.reading(output)
        let lines = try desk.store.authorizations(at: desk.now)
        output.json(jsonObject([("authorizations", .array(lines.map(\.json)))]))
        guard !lines.isEmpty else {
            return output.line("nothing is authorized", "没有任何授权")
        }
        let words = output.words
        var table = Table(.left, .left, .left, .left, .left)
        for line in lines {
            table.add(
                "\(line.project.text)", output.state(line), words.date(line.grant.until),
                words.list(line.grant.kinds.map { words($0.name) }), words(line.title))
        }
        output.lines(table.lines(columns: output.columns))
        for line in lines { for erasure in line.overdue { say(erasure, output) } }
    }

    /// Says what should be erased by now: of whom, since when, and whom to tell.
    private func say(_ erasure: OverdueErasure, _ output: Output) {
        let words = output.words
        let late = words.daysOverdue(since: erasure.dueAt)
        let due = words.dateTime(erasure.dueAt)
        output.line(
            "\(erasure.project.text): \(words(HomeText.overdueTitle)), \(late) (\(due))",
            "\(erasure.project.text)：\(words(HomeText.overdueTitle))，\(late)（\(due)）")
        let what = erasure.waiting.isEmpty ? HomeText.overdueNode : .overdueRecipients
        output.line("  \(words(what))", "  \(words(what))")
        for name in erasure.waiting { output.line("  \(words(name))", "  \(words(name))") }
        output.line("  \(words(HomeText.overdueNext))", "  \(words(HomeText.overdueNext))")
    }
}

extension Output {
    /// The state of an authorization, with what is on its way.
    func state(_ line: AuthorizationLine) -> SafeText {
        switch line.pending?.kind {
        case .authorizationGranted?: return words(.grantPending)
        case .authorizationPaused?: return words(.pausePending)
        case .authorizationResumed?: return words(.resumePending)
        case .authorizationRevoked?, .signupLeft?: return words(.revocationPending)
        default: break
        }
        return words(line.state.phrase)
    }

    /// Contributions, one to a line.
    func contributions(_ contributions: [ContributionLine]) -> [SafeText] {
        var table = Table(.left, .right, .left, .left)
        for line in contributions {
            let review: SafeText =
                switch line.review {
                case .waiting:
                    line.state == .proven
                        ? say("waiting for review", "等待审核") : words(line.state.name)
                case .accepted: words(.reviewAccepted)
                case .rejected(let reason): words(reason.explained)
                }
            let uploaded = line.uploadedPercent.map { words(.uploaded, "\($0)") } ?? .empty
            table.add(
                words(line.kind.name), words.count(.rowCount, Int(line.rows)), review, uploaded)
        }
        return table.lines(columns: columns)
    }
}

/// Shows points.
struct PointsCommand: AccordCommand {
    static let configuration = CommandConfiguration(
        commandName: "points",
        abstract: Spoken.help("Show your points and what moved them.", "显示您的积分及其变动。"))

    @Option(help: Spoken.help("How many movements at most; 0 for all.", "最多多少项变动；0 表示全部。"))
    var limit = 20
    @OptionGroup var common: CommonOptions

    func execute(_ output: Output) async throws {
        let desk = try MemberDesk.reading(output)
        let summary = try desk.store.pointsSummary(at: desk.now)
        let page = try desk.store.points(offset: 0, limit: limit <= 0 ? 1 << 30 : limit)
        let capped = try desk.store.programmeCaps(at: desk.now)
        let caps = capped.flatMap { one in one.caps.map { $0.json(of: one.programme) } }
        output.json(
            jsonObject([
                ("available", .integer(summary.available.value)),
                ("caps", .array(caps)),
                ("months", .array(summary.months.map { .integer($0.value) })),
                ("movements", .array(page.lines.map(\.json))),
                ("expires", summary.expiresAt.map(JSONValue.time)),
                ("expiring", .integer(summary.expiring.value)),
                ("on_the_way", .integer(summary.onTheWay.value)),
                ("reserved", .integer(summary.reserved.value)),
                ("total", .integer(Int64(page.total))),
            ]))
        let words = output.words
        output.line(
            "\(words.points(summary.available)) available, \(words.points(summary.onTheWay)) on the way",
            "可用 \(words.points(summary.available))，待入账 \(words.points(summary.onTheWay))")
        if summary.reserved > .zero {
            output.line(
                "\(words.points(summary.reserved)) set aside for rewards",
                "为兑换预留 \(words.points(summary.reserved))")
        }
        if let at = summary.expiresAt {
            output.line(
                "\(words.points(summary.expiring)) run out from \(words.date(at)) on",
                "\(words.points(summary.expiring)) 将自 \(words.date(at)) 起过期")
        }
        output.lines(capped.compactMap { words.limit(of: $0.programme, $0.caps) })
        var table = Table(.left, .right, .right, .left, .left)
        for line in page.lines {
            table.add(
                words.dateTime(line.at), "#\(line.index)", words.amount(line),
                output.reason(line), words(line.title))
        }
        output.lines(table.lines(columns: output.columns))
    }
}

extension ProgrammeCap {
    /// The cap for scripts.
    func json(of programme: Programme) -> JSONValue {
        jsonObject([
            ("left", .integer(left.value)), ("limit", .integer(limit.value)),
            ("programme", .string(programme.rawValue)), ("span", .string(span.rawValue)),
        ])
    }
}

extension PointsLine {
    /// The line for scripts.
    var json: JSONValue {
        jsonObject([
            ("at", .time(at)), ("cause", cause.map { .string($0.rawValue) }),
            ("entry", .string(entry.hex)), ("index", .integer(index)),
            ("kind", .string(kind.rawValue)), ("points", .integer(points.value)),
            ("project", project.map { .string($0.text) }),
            ("reward", reward.map { .string($0.text) }), ("title", .text(title)),
            ("vests", vestsAt.map(JSONValue.time)), ("waiting", .bool(isWaiting)),
        ])
    }
}

extension Output {
    /// What moved points, in a few words.
    func reason(_ line: PointsLine) -> SafeText {
        switch (line.kind, line.cause) {
        case (.pointsVested, _): words(.becameAvailable)
        case (.pointsVoided, _): words(.takenBack)
        case (.pointsReserved, _): words(.setAside)
        case (.pointsRedeemed, _): words(.redeemed)
        case (.pointsReleased, _): words(.setAsideNoMore)
        case (.pointsExpired, _): words(.ranOut)
        case (.correctionConfirmed, _): words(.corrected)
        case (_, .useAllowed?): words(line.isWaiting ? .waitingForUse : .earnedByUse)
        default: words(line.isWaiting ? .waitingForSet : .earnedBySet)
        }
    }
}

/// Lists what happened.
struct ActivityCommand: AccordCommand {
    static let configuration = CommandConfiguration(
        commandName: "activity",
        abstract: Spoken.help("List every entry about you, the newest first.", "列出与您有关的所有条目，最新的在前。")
    )

    @Option(help: Spoken.help("How many lines at most; 0 for all.", "最多多少行；0 表示全部。"))
    var limit = 20
    @Option(
        help: Spoken.help(
            "Only uses, decisions, points, records or refusals.",
            """
            类型：uses（使用）、decisions（决定）、points（积分）、records（记录）或 \
            refusals（拒绝）。
            """))
    var type: ActivityType?
    @Option(help: Spoken.help("Only entries about this project.", "只列出与该项目有关的条目。"))
    var project: String?
    @Option(
        help: Spoken.help(
            "Only entries with these words: project, institution.", "只列出含有这些词的条目：项目、机构。"))
    var search: String?
    @Flag(
        help: Spoken.help(
            "Who used your data, in words; with --json or --csv every use with its proof.",
            "谁使用过您的数据；加 --json 或 --csv 则列出每次使用及其证明。"))
    var uses = false
    @Option(
        help: Spoken.help(
            "With --uses: only what was handed over of this record.", "与 --uses 同用：只列出该记录中已提交的部分。"))
    var record: Int64?
    @Flag(help: Spoken.help("With --uses: every use as a line of CSV.", "与 --uses 同用：每次使用为一行 CSV。"))
    var csv = false
    @Flag(help: Spoken.help("Only refusals that were not read.", "只列出未读的拒绝。"))
    var refused = false
    @Flag(help: Spoken.help("Mark the refusals shown as read.", "将所显示的拒绝标为已读。"))
    var markRead = false
    @OptionGroup var common: CommonOptions

    func execute(_ output: Output) async throws {
        let desk = try MemberDesk.reading(output)
        let only = try project.map { try desk.project($0).terms.project }
        if uses || csv {
            let scope: UseScope =
                record.map { .record($0) } ?? only.map { .project($0) } ?? .everything
            return try UseListing(desk: desk, scope: scope).print(asCSV: csv)
        }
        let most = limit <= 0 ? 1 << 30 : limit
        let query = ActivityQuery(type: type, project: only, search: search ?? "")
        var page = try desk.store.activity(query, offset: 0, limit: refused ? 1 << 30 : most)
        if refused {
            let lines = page.lines.filter { $0.rejection != nil && !$0.isRead }
            page = Page(offset: 0, lines: Array(lines.prefix(most)), total: lines.count)
        }
        output.json(
            jsonObject([
                ("entries", .array(page.lines.map(\.json))), ("total", .integer(Int64(page.total))),
            ]))
        output.lines(lines(page.lines, output))
        if page.total > page.lines.count {
            let (shown, total) = (page.lines.count, output.words.number(Int64(page.total)))
            output.line(
                "\(shown) of \(total); more with  --limit 0",
                "共 \(total) 项，显示 \(shown) 项；用  --limit 0  查看全部")
        }
        guard markRead else { return }
        for line in page.lines where line.rejection != nil && !line.isRead {
            try desk.store.markRefusalRead(line.entry)
        }
    }

    private func lines(_ lines: [ActivityLine], _ output: Output) -> [SafeText] {
        let words = output.words
        var table = Table(.left, .right, .left)
        for line in lines {
            let place = line.index.map { SafeText(untrusted: "#\($0)") } ?? words(line.state.name)
            var what = words.headline(line)
            if let title = line.title { what += " · " + words(title) }
            if let rejection = line.rejection {
                what = output.refusal(rejection) + " · " + what
            } else if line.index == nil, line.body.kind == .authorizationRevoked {
                what += " · " + words(.revocationPending)
            }
            table.add(words.dateTime(line.at), place, what)
        }
        return table.lines(columns: output.columns)
    }
}
