import ArgumentParser
import LedgerCore
import Screens
import TerminalCore

/// Rules how points of a project are shared among institutions, and shares them.
struct StudySplit: AccordCommand {
    static let configuration = CommandConfiguration(
        commandName: "split",
        abstract: Spoken.help(
            "Share points of a project among institutions by a rule on the ledger.",
            "按账本上的规则，在机构间分成项目的积分。"),
        discussion: Spoken.help(
            """
            With --share the rule is stated: each institution and its weight. With --pay so many \
            points of the institution's budget are parted by the weights; the parts add up to them \
            exactly. With neither, the rule and what was shared are shown.
            """,
            """
            使用 --share 时设定规则：各机构及其权重。使用 --pay 时，机构预算中的这些积分按权重分配，各部分之和恰好相等。\
            均未指定时，显示规则和已分成的积分。
            """))

    @Argument(help: Spoken.help("The project.", "项目。"))
    var project: String
    @Option(
        parsing: .upToNextOption,
        help: Spoken.help(
            "Who gets a part, as ACCOUNT=WEIGHT; all of them.", "参与分成的全部机构，写作 账户=权重。"))
    var share: [String] = []
    @Option(help: Spoken.help("How many points to share by the rule.", "按规则分成多少积分。"))
    var pay: Int64?
    @OptionGroup var office: OfficeOptions
    @OptionGroup var common: CommonOptions

    func validate() throws {
        guard share.isEmpty || pay == nil else {
            throw ValidationError(
                english: "state the rule with --share first, then share with --pay",
                chinese: "请先用 --share 设定规则，再用 --pay 分成")
        }
        let shares = share.compactMap(StudySplit.read)
        let weights = SplitRuled.Share.weights
        guard shares.count == share.count else {
            throw ValidationError(
                english: "--share takes ACCOUNT=WEIGHT, a weight from 1 to \(weights.upperBound)",
                chinese: "--share 应为 账户=权重，权重为 1 到 \(weights.upperBound)")
        }
        guard shares.count <= EntryLimits.listCount,
            Set(shares.map(\.account)).count == shares.count
        else {
            throw ValidationError(
                english: "--share names at most \(EntryLimits.listCount) accounts, each once",
                chinese: "--share 最多给出 \(EntryLimits.listCount) 个账户，每个一次")
        }
        guard pay.map({ (1...Points.limit.value).contains($0) }) ?? true else {
            throw ValidationError(
                english: "--pay is 1 to \(Points.limit.value)",
                chinese: "--pay 为 1 到 \(Points.limit.value)")
        }
    }

    /// Reads `ACCOUNT=WEIGHT`.
    private static func read(_ text: String) -> SplitRuled.Share? {
        let parts = text.split(separator: "=", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2, let account = AccountID(parts[0]), let weight = Int64(parts[1]),
            SplitRuled.Share.weights.contains(weight)
        else { return nil }
        return SplitRuled.Share(account, weight: weight)
    }

    func execute(_ output: Output) async throws {
        try await StudyOffice.open(office, output) { office in
            let catalogue = try await office.catalogue()
            let id = try office.terms(project, in: catalogue, output).project
            if let pay {
                try await distribute(Points(pay), of: id, catalogue, office, output)
            } else if share.isEmpty {
                show(id, catalogue, output)
            } else {
                try await rule(id, catalogue, office, output)
            }
        }
    }

    private func show(_ id: ProjectID, _ catalogue: StudyOffice.Catalogue, _ output: Output) {
        let sharing = catalogue.sharing[id]
        output.json(
            jsonObject([
                ("budget", .integer(catalogue.budget.value)), ("project", .string(id.text)),
                ("shared", .integer(sharing?.total.value ?? 0)),
                ("shares", sharing?.json ?? .array([])),
            ]))
        guard let sharing else {
            return output.line(
                "\(id.text) has no rule for sharing points yet", "\(id.text) 尚无分成规则")
        }
        list(sharing, catalogue, output)
        let words = output.words
        output.line(
            "\(words.points(sharing.total)) shared; \(words.points(catalogue.budget)) left",
            "已分成 \(words.points(sharing.total))；剩余 \(words.points(catalogue.budget))")
    }

    /// States the rule; of institutions the ledger does not know nothing is signed.
    private func rule(
        _ id: ProjectID, _ catalogue: StudyOffice.Catalogue, _ office: StudyOffice, _ output: Output
    ) async throws {
        let ruled = SplitRuled(project: id, shares: share.compactMap(StudySplit.read))
        let unknown = ruled.shares.first { catalogue.institutions[$0.account] == nil }
        if let unknown {
            throw output.failure(
                .refused,
                """
                \(unknown.account.text) is no institution of this ledger: nothing was signed; ask it \
                for the account that  accord study list --json  shows there
                """,
                """
                \(unknown.account.text) 不是此账本的机构：未签名；请向该机构询问其  accord study list \
                --json  显示的账户
                """)
        }
        let stated = try await office.state([.splitRuled(ruled)], output)
        let sharing = StudyOffice.Sharing(
            rule: ruled, paid: catalogue.sharing[id]?.paid ?? [:])
        output.json(
            jsonObject([
                ("entries", .array(stated.entries.map { .string($0.hex) })),
                ("project", .string(id.text)), ("recorded", .integer(Int64(stated.recorded))),
                ("refused", stated.json), ("shares", sharing.json),
            ]))
        if stated.recorded > 0 {
            output.line(
                "signed how \(id.text) shares points:", "已签署 \(id.text) 的分成规则：")
            list(sharing, catalogue, output)
        }
        try stated.conclude(output)
    }

    /// Shares points by the rule; nothing is signed without a rule or beyond the budget.
    private func distribute(
        _ points: Points, of id: ProjectID, _ catalogue: StudyOffice.Catalogue,
        _ office: StudyOffice, _ output: Output
    ) async throws {
        guard var sharing = catalogue.sharing[id] else {
            throw output.failure(
                .refused,
                """
                \(id.text) has no rule for sharing points yet: nothing was signed; state it with \
                 accord study split \(id.text) --share ACCOUNT=WEIGHT
                """,
                """
                \(id.text) 尚无分成规则：未签名；请用  accord study split \(id.text) \
                --share 账户=权重  设定
                """)
        }
        let words = output.words
        guard points <= catalogue.budget else {
            let (budget, wanted) = (words.points(catalogue.budget), words.points(points))
            throw output.failure(
                .refused,
                """
                the budget holds \(budget), not \(wanted): nothing was signed; share less, or ask \
                the operator to fund the institution
                """,
                "预算为 \(budget)，不足 \(wanted)：未签名；请减少数额，或请运营方拨付积分")
        }
        let stated = try await office.state(
            [.splitPaid(ProjectPoints(project: id, points: points))], output)
        let parts = stated.recorded > 0 ? sharing.pay(points) : []
        output.json(
            jsonObject([
                ("entries", .array(stated.entries.map { .string($0.hex) })),
                (
                    "parts",
                    .array(
                        parts.map { part in
                            jsonObject([
                                ("account", .string(part.account.text)),
                                ("points", .integer(part.points.value)),
                            ])
                        })
                ), ("project", .string(id.text)), ("recorded", .integer(Int64(stated.recorded))),
                ("refused", stated.json),
            ]))
        if stated.recorded > 0 {
            output.line(
                "signed that \(words.points(points)) of \(id.text) are shared:",
                "已签署分成 \(id.text) 的 \(words.points(points))：")
            var table = Table(.right, .left, .left)
            for part in parts {
                table.add(
                    words.points(part.points), "\(part.account.text)",
                    catalogue.institutions[part.account].map { words($0) } ?? .empty)
            }
            output.lines(table.lines(columns: output.columns))
        }
        try stated.conclude(output)
    }

    /// The weights, and what each institution got so far.
    private func list(
        _ sharing: StudyOffice.Sharing, _ catalogue: StudyOffice.Catalogue, _ output: Output
    ) {
        let words = output.words
        let weights = words.number(sharing.rule.shares.reduce(0) { $0 + $1.weight })
        var table = Table(.right, .right, .left, .left)
        for party in sharing.parties {
            let weight = words.number(party.weight ?? 0)
            table.add(
                output.say("\(weight) of \(weights)", "\(weight)/\(weights)"),
                words.points(party.points), "\(party.account.text)",
                catalogue.institutions[party.account].map { words($0) } ?? .empty)
        }
        output.lines(table.lines(columns: output.columns))
    }
}

extension StudyOffice {
    /// The rule by which a project shares points, and what came of it.
    struct Sharing {
        var rule: SplitRuled
        /// What each institution got so far, what the sponsor kept among it.
        var paid: [AccountID: Points] = [:]

        /// All that was shared.
        var total: Points { paid.values.reduce(.zero) { $0 + $1 } }

        /// Those in the rule, and those who got something under an earlier one, by account.
        var parties: [(account: AccountID, weight: Int64?, points: Points)] {
            let accounts = Set(rule.shares.map(\.account)).union(paid.keys)
            return accounts.sorted().map { account in
                let share = rule.shares.first { $0.account == account }
                return (account: account, weight: share?.weight, points: paid[account] ?? .zero)
            }
        }

        /// The parties for scripts.
        var json: JSONValue {
            .array(
                parties.map { party in
                    jsonObject([
                        ("account", .string(party.account.text)),
                        ("points", .integer(party.points.value)),
                        ("weight", party.weight.map { .integer($0) }),
                    ])
                })
        }

        /// Parts points by the rule, and counts the parts.
        mutating func pay(_ points: Points) -> [(account: AccountID, points: Points)] {
            let parts = rule.parts(of: points)
            for part in parts { paid[part.account] = (paid[part.account] ?? .zero) + part.points }
            return parts
        }
    }
}
