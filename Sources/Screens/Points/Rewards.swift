import LedgerCore
import SyncCore
import TerminalCore

/// What points can be had for, and what was asked for.
enum Rewards {
    struct Model: Equatable {
        let rewards: [RewardLine]
        let redemptions: [RedemptionLine]

        var count: Int { rewards.count + redemptions.count }

        /// The reward at a position of the list; `nil` below the rewards.
        func reward(_ focus: Int) -> RewardLine? {
            rewards.indices.contains(focus) ? rewards[focus] : nil
        }

        /// What was asked for at a position of the list, if it can still be given up.
        func open(_ focus: Int) -> RedemptionLine? {
            let index = focus - rewards.count
            guard redemptions.indices.contains(index), redemptions[index].outcome == .open else {
                return nil
            }
            return redemptions[index]
        }
    }

    static func write(_ model: Model, _ say: Words, focus: Int, into page: inout Document) {
        if model.count == 0 { page.text(say(.noRewards), .textMuted) }
        for (index, reward) in model.rewards.enumerated() {
            page.choice(
                index, isFocused: index == focus,
                [Run(say(reward.title), reward.isAffordable ? .text : .textMuted)],
                trailing: [Run(say.points(reward.price), .points)],
                note: say(
                    reward.isAffordable
                        ? (reward.isInstant ? .rewardAtOnce : .rewardByHand) : .rewardTooDear))
        }
        guard !model.redemptions.isEmpty else { return }
        page.blank()
        page.heading(say(.askedFor))
        for (offset, line) in model.redemptions.enumerated() {
            let index = model.rewards.count + offset
            page.choice(
                index, isFocused: index == focus, [Run(say(line.title))],
                trailing: [Run(say(state(line)), .textMuted)], note: note(line, say))
        }
    }

    private static func state(_ line: RedemptionLine) -> Phrase {
        switch line.outcome {
        case .redeemed: .redeemed
        case .released: .setAsideNoMore
        case .open: line.state == .proven ? .setAside : .onItsWay
        }
    }

    private static func note(_ line: RedemptionLine, _ say: Words) -> SafeText {
        line.outcome == .open
            ? say(.heldUntil, say.points(line.points), say.dateTime(line.expiresAt))
            : say(.pointsOn, say.points(line.points), say.date(line.at))
    }

    /// Asking for a reward.
    static func write(
        _ reward: RewardLine, _ say: Words, into page: inout Document
    ) {
        page.heading(say(reward.title))
        page.blank()
        page.field(say(.price), say.points(reward.price), .points)
        page.field(say(.youHave), say.points(reward.spendable))
        page.text(say(reward.isInstant ? .redeemAtOnce : .redeemMeaning))
    }

    /// Giving up what was asked for.
    static func write(_ line: RedemptionLine, _ say: Words, into page: inout Document) {
        page.heading(say(line.title))
        page.blank()
        page.text(say(.giveUpMeaning, say.points(line.points)))
    }
}
