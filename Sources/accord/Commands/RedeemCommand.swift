import ArgumentParser
import ClientRuntime
import ClientStore
import LedgerCore
import Screens
import SyncCore
import TerminalCore

/// Redeems points for a reward.
struct RedeemCommand: AccordCommand {
    static let configuration = CommandConfiguration(
        commandName: "redeem",
        abstract: Spoken.help(
            "Redeem points for a reward, or list what there is.", "用积分兑换奖励，或列出现有奖励。"),
        discussion: Spoken.help(
            """
            The price is set aside at once. If nobody hands the reward over within 72 hours, the \
            points are yours again.
            """,
            """
            所需积分立即预留。若 72 小时内无人发放奖励，积分退还给您。
            """))

    @Argument(
        help: Spoken.help(
            "The reward; without one, or with list, the rewards are listed.",
            "奖励；不给出或给出 list 时，列出各项奖励。"))
    var reward = "list"
    @Flag(
        help: Spoken.help(
            "Give a reservation up: REWARD is then the number it was recorded under.",
            "取消兑换：此时奖励处填写该兑换的账本序号。"))
    var cancel = false
    @OptionGroup var options: DecisionOptions

    var common: CommonOptions { options.common }

    func execute(_ output: Output) async throws {
        if reward == "list" {
            try list(output)
        } else {
            let desk = try MemberDesk.unlocked(output, options.passphrase)
            let actions = try desk.session.actions()
            let entry =
                cancel
                ? try actions.cancelRedemption(try reservation(desk))
                : try actions.redeem(try known(output))
            try await desk.conclude([entry], mustBeDecided: options.wait)
        }
    }

    private func known(_ output: Output) throws -> RewardID {
        guard let id = RewardID(reward) else { throw ActionRefusal(.rewardUnknown) }
        return id
    }

    private func reservation(_ desk: MemberDesk) throws -> Hash {
        let digits = reward.hasPrefix("#") ? String(reward.dropFirst()) : reward
        for line in try desk.store.redemptions() {
            let index = try desk.store.activity(entry: line.entry)?.index
            if line.entry.hex == digits || index.map(String.init) == digits { return line.entry }
        }
        throw ActionRefusal(.reservationUnknown)
    }

    private func list(_ output: Output) throws {
        let desk = try MemberDesk.reading(output)
        let summary = try desk.store.pointsSummary(at: desk.now)
        let rewards = try desk.store.rewards()
        let redemptions = try desk.store.redemptions()
        output.json(
            jsonObject([
                ("available", .integer(summary.available.value)),
                ("redemptions", .array(redemptions.map(\.json))),
                ("reserved", .integer(summary.reserved.value)),
                ("rewards", .array(rewards.map(\.json))),
            ]))
        let words = output.words
        output.line(
            "\(words.points(summary.available)) available", "可用 \(words.points(summary.available))")
        guard !rewards.isEmpty || !redemptions.isEmpty else {
            return output.line("no reward is offered yet", "还没有可兑换的奖励")
        }
        var table = Table(.left, .right, .left, .left)
        for line in rewards {
            table.add(
                "\(line.id.text)", words.points(line.price), words(line.title),
                line.isAffordable ? .empty : output.say("not enough points", "积分不足"))
        }
        output.lines(table.lines(columns: output.columns))
        guard !redemptions.isEmpty else { return }
        output.line("redeemed", "已兑换")
        var taken = Table(.left, .right, .left, .left)
        for line in redemptions {
            taken.add(
                words.dateTime(line.at), words.points(line.points), words(line.title),
                output.outcome(line))
        }
        output.lines(taken.lines(columns: output.columns))
    }
}

extension Output {
    /// How a wish for a reward stands.
    fileprivate func outcome(_ line: RedemptionLine) -> SafeText {
        switch line.outcome {
        case .open where line.state != .proven: words(line.state.name)
        case .open:
            say(
                "set aside until \(words.date(line.expiresAt))", "预留至 \(words.date(line.expiresAt))"
            )
        case .redeemed: words(.redeemed)
        case .released: words(.setAsideNoMore)
        }
    }
}

extension RewardLine {
    /// The line for scripts.
    fileprivate var json: JSONValue {
        jsonObject([
            ("affordable", .bool(isAffordable)), ("instant", .bool(isInstant)),
            ("price", .integer(price.value)), ("reward", .string(id.text)),
            ("title", .text(title)),
        ])
    }
}

extension RedemptionLine {
    /// The line for scripts.
    fileprivate var json: JSONValue {
        let outcome: String =
            switch self.outcome {
            case .open: "open"
            case .redeemed: "redeemed"
            case .released(let reason): reason.rawValue
            }
        return jsonObject([
            ("at", .time(at)), ("entry", .string(entry.hex)), ("expires", .time(expiresAt)),
            ("outcome", .string(outcome)), ("points", .integer(points.value)),
            ("reward", .string(reward.text)), ("state", .string(state.rawValue)),
            ("title", .text(title)),
        ])
    }
}
