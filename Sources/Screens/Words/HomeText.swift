import LedgerCore
package import TerminalCore

/// What Home says.
package enum HomeText: CaseIterable, Sendable {
    case since, nothingNew, before, more, moreShort
    case earnedSoFar, waitingUntil
    case mayBeUsed, usedThisMonth, nobodyMay
    case erasureOverdue, overdueTitle, overdueNode, overdueRecipients, overdueNext, overdueDue,
        daysOverdue
    case reconsentUntil, pointsExpiring
    case correctionUntil, appealUntil, appealHow, appealElsewhere, appealMeaning, appealedNext,
        proposedBy
}

extension HomeText {
    /// The text in both languages; `{0}`, `{1}` … stand for what is filled in.
    package var texts: Bilingual {
        switch self {
        case .since: Bilingual("Since {0}", "{0} 以来")
        case .nothingNew: Bilingual("Nothing new.", "没有新动态。")
        case .before: Bilingual("Before that", "更早")
        case .more: Bilingual("{0} more in Activity|{0} more in Activity", "动态中另有 {0} 条")
        case .moreShort: Bilingual("see them all", "查看全部")
        case .earnedSoFar: Bilingual("{0} so far in {1}", "{1}至今 {0}")
        case .waitingUntil: Bilingual("{0} waiting until {1}", "{0} 待入账至 {1}")
        case .mayBeUsed: Bilingual("Your data may be used for", "您的数据可用于")
        case .usedThisMonth: Bilingual("Used this month", "本月使用")
        case .nobodyMay: Bilingual("Nothing.", "无。")
        case .erasureOverdue: Bilingual("Erasure overdue since {0}: {1}", "删除逾期（{0}）：{1}")
        case .overdueTitle: Bilingual("Erasure overdue", "删除逾期")
        case .overdueNode:
            Bilingual(
                "Your data should have been erased, and the ledger has no entry that says so. No use is allowed any more.",
                "您的数据应已删除，但账本中没有相应条目。已不允许任何使用。")
        case .overdueRecipients:
            Bilingual(
                "The node erased your data. Those who received copies have not confirmed that they erased theirs.",
                "节点已删除您的数据。收到副本的机构尚未确认删除其副本。")
        case .overdueNext:
            Bilingual(
                "Tell the people who run your node: they see the same list, and can end the project.",
                "请联系节点管理员：他们能看到同样的清单，并可终止该项目。")
        case .overdueDue: Bilingual("Due", "应于")
        case .daysOverdue: Bilingual("{0} day overdue|{0} days overdue", "已逾期 {0} 天")
        case .reconsentUntil: Bilingual("Agree anew by {0}: {1}", "请在 {0} 前重新同意：{1}")
        case .correctionUntil:
            Bilingual("{0} are to be taken back: appeal by {1}", "拟扣回 {0}，可在 {1} 前申诉")
        case .appealUntil: Bilingual("Appeal by", "申诉截止")
        case .appealHow:
            Bilingual(
                "You can appeal once, before it is confirmed: press {appeal=a}, or run: accord appeal {0}",
                "在更正确认之前，您可申诉一次：按 {appeal=a}，或运行：accord appeal {0}")
        case .appealElsewhere:
            Bilingual(
                "You can appeal once, before it is confirmed, on your own machine: accord appeal {0}",
                "在更正确认之前，您可申诉一次。请在您自己的设备上运行：accord appeal {0}")
        case .appealMeaning:
            Bilingual(
                "An appeal stops this correction: the points stay yours, and the officers have to propose it anew. You can appeal once for these points.",
                "申诉后此更正即告中止，积分仍归您；管理人员须重新提出。对这些积分只能申诉一次。")
        case .appealedNext:
            Bilingual(
                "Appeal signed: the correction stops once it is recorded.", "申诉已签署：写入账本后更正中止。")
        case .proposedBy: Bilingual("Proposed by", "提议方")
        case .pointsExpiring: Bilingual("{0} run out on {1}: choose a reward", "{0} 将于 {1} 过期，请兑换")
        }
    }
}

extension Words {
    /// Returns what Home says, its `{0}`, `{1}` … replaced.
    package func callAsFunction(_ text: HomeText, _ arguments: SafeText...) -> SafeText {
        fill(text.texts[language], arguments)
    }

    /// Returns a moment in the past, as exact as it is clear: the time for today, else with its day.
    func sinceMoment(_ time: Timestamp) -> SafeText {
        let moment = moment(time)
        return moment == self.time(time) ? moment : list(day: moment, time: self.time(time))
    }

    private func list(day: SafeText, time: SafeText) -> SafeText {
        language == .english ? "\(day), \(time)" : "\(day) \(time)"
    }
}
