/// A sentence that explains how things stand: authorizations, points, uses, proofs.
package enum Explanation: CaseIterable, Sendable {
    // Authorizations.
    case inForceFor, pausedMeans, reconsentMeans, withdrawnMeans, expiredMeans
    case lapsedMeans, replacedMeans
    case terminatedMeans, invalidatedMeans, nowUntil, nothingLater, extendExplained, narrowExplained
    case nothingNarrowed, newerVersion, noAgreements, firstAgreement, nothingChanged
    case shownExactly, shownOther, shownNotSaid, termsNotHere
    // Points.
    case earnedOfCap, earnedOfCaps, projectPaysNothing, unreviewedCount, notTaken, reviewCount
    case capReached, useCapReached, nothingEarnedBecause, vestsOn, hasVested, wasVoided,
        wasCorrected, wasPartlyCorrected
    case budgetLimited, useCapLimited, capLimited, paidForKind, paidForUse, kindPaidOnce
    case usesPayNothing, kindsPayNothing, budgetEmpty, programmeLimited, programmeCapReached
    // Uses.
    case calendarLegend, noUsesInMonth, nobodyUsed, usesExported, usedData, reviewedData, deniedData
    // Notices and search.
    case noticesStayHere, activitySearchHint
    // Proofs and rewards.
    case proofSignedByYou, proofSignedBy, proofFollows, proofFirstCheckpoint, savePathHint
    case fileExists, noRewards, rewardAtOnce, rewardByHand, rewardTooDear, nothingToGiveUp
    case heldUntil, pointsOn, redeemAtOnce, redeemMeaning, giveUpMeaning, redeemedNext, gaveUpNext
}

extension Explanation {
    /// The text in both languages; `{0}`, `{1}` … stand for what is filled in.
    package var texts: Bilingual {
        switch self {
        case .inForceFor: Bilingual("{0} may use it until {1}: {2}.", "{0} 可使用至 {1}，{2}。")
        case .pausedMeans:
            Bilingual(
                "Paused: nobody may use it until you resume it with {pause=p}.",
                "已暂停：在您按 {pause=p} 恢复之前，任何人都不能使用。")
        case .reconsentMeans:
            Bilingual(
                "The project changed. The old terms hold for a while only: agree anew with {authorize=g}, or let it end.",
                "项目已变更，旧条款仅在宽限期内有效：按 {authorize=g} 重新同意，或任其终止。")
        case .withdrawnMeans:
            Bilingual("You revoked it: nobody may use it any more.", "您已撤销：任何人都不能再使用。")
        case .lapsedMeans:
            Bilingual(
                "It ended as the project's rule says, because {0}. Nobody may use it any more; only you can allow it anew.",
                "授权已按项目规则终止，因为{0}。任何人都不能再使用，只有您本人可以重新授权。")
        case .replacedMeans:
            Bilingual(
                "You agreed to a later version of the project: only that counts.",
                "您已同意该项目的新版本：只以新版本为准。")
        case .expiredMeans:
            Bilingual("It ran out on {0}: nobody may use it any more.", "已于 {0} 到期：任何人都不能再使用。")
        case .terminatedMeans:
            Bilingual(
                "The project is closed: nobody may use it any more.", "项目已结束：任何人都不能再使用。")
        case .invalidatedMeans:
            Bilingual(
                "It was never valid: nobody may use it, and past uses are marked.",
                "授权自始无效：任何人都不能使用，此前的使用已被标记。")
        case .nowUntil: Bilingual("Now until {0}. Until when instead?", "目前至 {0}。改到什么时候？")
        case .nothingLater:
            Bilingual(
                "It already runs as long as the project: until {0}.", "授权已与项目同期：至 {0}。")
        case .extendExplained:
            Bilingual(
                "Only the end changes. You can still revoke at any time.",
                "只改变期限，您仍可随时撤销。")
        case .narrowExplained:
            Bilingual(
                "What is not ticked is not given any more. What was read before stays read.",
                "未勾选的内容不再提供；此前已读取的无法收回。")
        case .nothingNarrowed:
            Bilingual("Untick something first: nothing would change.", "请先取消勾选某一项，否则没有变化。")
        case .newerVersion:
            Bilingual(
                "You agreed to version {0}; this agrees to version {1}.",
                "您之前同意的是版本 {0}，此次将同意版本 {1}。")
        case .noAgreements: Bilingual("You have agreed to nothing here.", "您在此没有同意过任何内容。")
        case .firstAgreement:
            Bilingual("The first version you agreed to.", "这是您同意的第一个版本。")
        case .nothingChanged: Bilingual("Nothing changed.", "没有变化。")
        case .shownExactly:
            Bilingual(
                "Your entry says that you were shown exactly these terms, {0}.",
                "您的条目表明，您看到的正是以下条款（{0}）。")
        case .shownOther:
            Bilingual(
                "Your entry says that you were shown other terms than it agrees to.",
                "您的条目表明，您看到的条款与所同意的不一致。")
        case .shownNotSaid:
            Bilingual("Your entry does not say what you were shown.", "您的条目没有记录当时看到的内容。")
        case .termsNotHere:
            Bilingual("The text of this version is not on this machine.", "本机没有该版本的文本。")
        case .earnedOfCap: Bilingual("{0} of {1} at most", "{0}，上限 {1}")
        case .earnedOfCaps:
            Bilingual(
                "{0} of {1} at most; uses {2} of {3}", "{0}，上限 {1}；其中使用 {2}，上限 {3}")
        case .projectPaysNothing: Bilingual("This project pays no points.", "该项目不提供积分。")
        case .unreviewedCount:
            Bilingual(
                "{0} contribution waits for the study team: it pays once accepted.|{0} contributions wait for the study team: they pay once accepted.",
                "{0} 项贡献等待研究团队审核，被接受后才有积分。")
        case .notTaken: Bilingual("A contribution was not taken: {0}.", "一项贡献未被接受：{0}。")
        case .reviewCount:
            Bilingual(
                "The study team looked at your data {0} to review it: that pays nothing.",
                "研究团队为审核查看了 {0}，审核不产生积分。")
        case .capReached:
            Bilingual(
                "No more points: one person earns {0} at most here, and that is reached.",
                "不再有积分：每人最多可得 {0}，已达到上限。")
        case .useCapReached:
            Bilingual(
                "No more points for uses: they earn {0} at most, and that is reached.",
                "使用不再有积分：使用最多可得 {0}，已达到上限。")
        case .nothingEarnedBecause:
            Bilingual(
                "No points yet: nothing you handed over here was accepted or used.",
                "还没有积分：您在此提交的数据尚未被接受或使用。")
        case .vestsOn:
            Bilingual("Yours on {0}, after the time for quality checks.", "质量检查期结束后于 {0} 到账。")
        case .hasVested: Bilingual("The waiting time is over: they are yours.", "等待期已过，已归您所有。")
        case .wasVoided:
            Bilingual(
                "Taken back: the contribution was not taken after all.", "已退回：该贡献最终未被接受。")
        case .wasCorrected: Bilingual("A correction took them back.", "经更正已全部扣回。")
        case .wasPartlyCorrected:
            Bilingual("A correction took {0} back: {1} are left.", "经更正扣回 {0}，剩余 {1}。")
        case .budgetLimited:
            Bilingual(
                "{0} instead of {1}: the project's budget held no more.",
                "得 {0} 而非 {1}：项目预算已不足。")
        case .useCapLimited:
            Bilingual(
                "{0} instead of {1}: uses earn {2} at most.", "得 {0} 而非 {1}：使用最多可得 {2}。")
        case .capLimited:
            Bilingual(
                "{0} instead of {1}: one person earns {2} at most here.",
                "得 {0} 而非 {1}：每人最多可得 {2}。")
        case .paidForKind:
            Bilingual("{0} for the first {1} that were accepted.", "首次被接受的{1}得 {0}。")
        case .paidForUse:
            Bilingual("{0} for a use; uses earned {1} of {2} so far.", "一次使用得 {0}；使用累计 {1}，上限 {2}。")
        case .kindPaidOnce:
            Bilingual(
                "No points: each kind is paid once, and {0} were paid before.",
                "没有积分：每类数据只支付一次，{0}此前已支付。")
        case .usesPayNothing:
            Bilingual("No points: the project pays nothing for uses.", "没有积分：该项目不为使用支付积分。")
        case .kindsPayNothing:
            Bilingual(
                "No points: the project pays nothing for accepted data.", "没有积分：该项目不为接受的数据支付积分。")
        case .programmeLimited:
            Bilingual(
                "{0} instead of {1}: the programme lets one person earn no more for now.",
                "得 {0} 而非 {1}：该计划目前对每人的积分已达上限。")
        case .programmeCapReached:
            Bilingual(
                "No points: the programme lets one person earn no more for now.",
                "没有积分：该计划目前对每人的积分已达上限。")
        case .budgetEmpty:
            Bilingual(
                "No points: {0} would be due, but the project's budget was used up.",
                "没有积分：应得 {0}，但项目预算已用完。")
        case .calendarLegend:
            Bilingual(
                "Below a day: how often it was used; after ! how often denied.",
                "日期下方为使用次数，! 之后为未放行次数。")
        case .noUsesInMonth: Bilingual("No uses in this month.", "本月没有使用。")
        case .nobodyUsed: Bilingual("Nobody has used your data.", "没有人使用过您的数据。")
        case .usesExported:
            Bilingual(
                "The list with a proof of each use:  accord activity --uses --csv",
                "导出每次使用及其证明：accord activity --uses --csv")
        case .usedData:
            Bilingual(
                "{0} used {1}, {2}, for {3}; last on {4}.", "{0} 使用了 {1}，共 {2}，用途：{3}；最近一次 {4}。")
        case .reviewedData:
            Bilingual(
                "{0} looked at {1}, {2}, for review; last on {3}.",
                "{0} 为审核查看了 {1}，共 {2}；最近一次 {3}。")
        case .deniedData: Bilingual("Denied to {0}, {1}: {2}.", "未放行 {0}，共 {1}：{2}。")
        case .noticesStayHere:
            Bilingual("Told on this machine only; the ledger knows nothing of it.", "仅在本机记录，账本中没有。")
        case .proofSignedByYou:
            Bilingual("Your device {0}… signed it; the signature is right.", "由您的设备 {0}… 签名，签名正确。")
        case .proofSignedBy:
            Bilingual(
                "{0} signed it with device {1}…; the signature is right.",
                "由 {0} 的设备 {1}… 签名，签名正确。")
        case .proofFollows:
            Bilingual(
                "The node signed that checkpoint, and it follows all those seen here before.",
                "该检查点由节点签名，并延续了此前在本机见过的所有检查点。")
        case .proofFirstCheckpoint:
            Bilingual(
                "The node signed that checkpoint, the first one seen here.",
                "该检查点由节点签名，是本机见过的第一个。")
        case .savePathHint: Bilingual("path of the file", "文件路径")
        case .fileExists:
            Bilingual(
                "There is a file of this name. Enter replaces it; or type another path.",
                "已有同名文件。按回车替换，或输入其他路径。")
        case .noRewards: Bilingual("There are no rewards yet.", "还没有奖励。")
        case .rewardAtOnce: Bilingual("handed over at once", "立即发放")
        case .rewardByHand: Bilingual("handed over within 72 hours", "72 小时内发放")
        case .rewardTooDear: Bilingual("Not enough points yet.", "您的积分还不够。")
        case .nothingToGiveUp: Bilingual("It was handed over or given up before.", "该兑换已完成或已取消。")
        case .heldUntil: Bilingual("{0}, set aside until {1}", "已预留 {0}，至 {1}")
        case .pointsOn: Bilingual("{0} on {1}", "{0}，时间 {1}")
        case .redeemAtOnce:
            Bilingual("It is handed over as soon as the ledger records it.", "写入账本后立即发放。")
        case .redeemMeaning:
            Bilingual(
                "The points are set aside until it is handed over, 72 hours at most. Until then you can give it up.",
                "积分将预留至发放，最长 72 小时；在此之前您可以取消。")
        case .giveUpMeaning:
            Bilingual("{0} are yours again once it is recorded.", "写入账本后退还 {0}。")
        case .redeemedNext:
            Bilingual(
                "Asked for: the points are set aside once it is recorded.", "已申请兑换：写入账本后预留积分。")
        case .gaveUpNext:
            Bilingual("Given up: the points are yours again once it is recorded.", "已取消：写入账本后退还积分。")
        case .activitySearchHint: Bilingual("project, institution or event", "项目、机构或事件")
        }
    }
}
