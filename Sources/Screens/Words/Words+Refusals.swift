package import LedgerCore

extension EntryRejection {
    /// Why the ledger refused, as a sentence.
    package var reason: Bilingual {
        switch self {
        case .deviceRevoked:
            Bilingual("This device was removed from your account.", "此设备已从您的账户移除。")
        case .signerNotAllowed:
            Bilingual("This device may not do that.", "此设备无权执行该操作。")
        case .sequenceReused:
            Bilingual(
                "The device that signed it decided something else in its place.",
                "签名的设备已在其位置上作出其他决定。")
        case .dependencyRejected:
            Bilingual("Something it depends on was refused.", "它所依赖的操作未通过。")
        case .accountUnknown: Bilingual("The account is not known.", "账户不存在。")
        case .alreadyEnrolled: Bilingual("This device has joined before.", "此设备已经加入。")
        case .invitationRequired:
            Bilingual("Joining needs an invitation.", "加入需要邀请码。")
        case .projectUnknown: Bilingual("The project is not known.", "项目不存在。")
        case .projectExists: Bilingual("A project with this name exists.", "同名项目已存在。")
        case .versionNotNext: Bilingual("The version is not the next one.", "版本号不连续。")
        case .projectClosed: Bilingual("The project is closed.", "项目已结束。")
        case .versionNotCurrent:
            Bilingual("The project changed since you read it.", "您阅读之后项目已变更。")
        case .projectFull: Bilingual("All places are taken.", "名额已满。")
        case .alreadySignedUp: Bilingual("You take part already.", "您已经参加。")
        case .notSignedUp: Bilingual("You do not take part in the project.", "您尚未参加该项目。")
        case .decisionNotLatest:
            Bilingual("You decided something else in between.", "在此期间您已作出其他决定。")
        case .requiredKindMissing:
            Bilingual("A kind of data that is required is missing.", "缺少必需的数据类型。")
        case .beyondProject:
            Bilingual("It goes beyond what the project asks.", "超出了项目要求的范围。")
        case .endNotInFuture: Bilingual("The end date has passed.", "结束日期已过。")
        case .noAuthorization:
            Bilingual("There is no authorization in force.", "没有生效中的授权。")
        case .notPaused: Bilingual("The authorization is not paused.", "授权并未暂停。")
        case .notExpired: Bilingual("The authorization has not run out.", "授权尚未到期。")
        case .kindNotAsked:
            Bilingual("The project does not ask for this kind of data.", "项目不需要此类数据。")
        case .outsideCollection:
            Bilingual("The dates are outside what the project collects.", "日期不在项目采集范围内。")
        case .duplicateRecord:
            Bilingual("The same record was handed over before.", "相同的记录此前已提交。")
        case .contributionUnknown: Bilingual("The contribution is not known.", "该贡献不存在。")
        case .alreadyReviewed: Bilingual("It was reviewed before.", "已经审核过。")
        case .useNotAuthorized:
            Bilingual("The use is not covered by an authorization.", "该使用未获授权。")
        case .budgetTooLow: Bilingual("The budget does not cover it.", "预算不足。")
        case .triggerUnknown:
            Bilingual("Nothing in the ledger gives rise to it.", "账本中没有相应依据。")
        case .triggerPaid: Bilingual("It was paid before.", "已经支付过。")
        case .amountNotDue: Bilingual("The amount is not what is due.", "金额与应付不符。")
        case .accrualUnknown: Bilingual("The earned points are not known.", "该笔积分不存在。")
        case .accrualResolved: Bilingual("The points were settled before.", "该笔积分已结算。")
        case .notDue: Bilingual("The waiting time is not over.", "等待期尚未结束。")
        case .amountTooLarge: Bilingual("The amount is too large.", "数额过大。")
        case .rewardUnknown: Bilingual("The reward is not known.", "奖励不存在。")
        case .rewardWithdrawn: Bilingual("The reward is no longer offered.", "奖励已下架。")
        case .priceChanged:
            Bilingual("The price changed since you saw it.", "您查看之后价格已变更。")
        case .outOfStock: Bilingual("None of it is left.", "奖励已兑完。")
        case .balanceTooLow: Bilingual("There are not enough points.", "积分不足。")
        case .reservationUnknown: Bilingual("The reservation is not known.", "该兑换不存在。")
        case .reservationResolved:
            Bilingual("The reward was handed over or given up before.", "该兑换已完成或已取消。")
        case .lotUnknown: Bilingual("These points were used up before.", "该批积分已用完。")
        case .noticeGiven: Bilingual("The notice was given before.", "该提醒已发出。")
        case .correctionUnknown: Bilingual("The correction is not known.", "该更正不存在。")
        case .correctionResolved:
            Bilingual("The correction was decided, or the time to appeal is over.", "更正已有结论或申诉期已过。")
        case .secondOfficerNeeded:
            Bilingual("A second officer has to confirm it.", "须由第二位管理人员确认。")
        case .correctionTooLate:
            Bilingual("The time to correct these points is over.", "更正这些积分的期限已过。")
        case .alreadyAppealed: Bilingual("You appealed before.", "您已申诉过。")
        case .splitUnknown:
            Bilingual("The project has no rule for sharing.", "项目没有分成规则。")
        case .ethicsMissing:
            Bilingual("No ethics board agreed to the change.", "变更未经伦理委员会同意。")
        case .alreadyErased: Bilingual("The records were erased before.", "记录此前已删除。")
        case .erasureUnknown: Bilingual("The erasure is not known.", "该删除不存在。")
        case .alreadyAttested:
            Bilingual("There is nothing left to attest.", "没有需要声明的内容。")
        case .nothingToAppeal:
            Bilingual("The contribution was not rejected.", "该贡献并未被拒绝。")
        case .guardianNeeded:
            Bilingual("Until you are of age, your guardian decides that.", "成年之前由监护人决定。")
        case .cameOfAge:
            Bilingual("They came of age: only they decide now.", "对方已成年，只能由本人决定。")
        case .notAMinor:
            Bilingual(
                "Somebody born then is no child: a guardian decides for minors only.",
                "该出生年月不属于未成年人：监护人只能代未成年人决定。")
        case .wardUnknown:
            Bilingual("No guardian declared that account.", "没有监护人登记该账户。")
        case .resultNotWished:
            Bilingual(
                "This member wishes no result of this sort now, or takes no part.",
                "该成员目前不希望知道此类结果，或未参加该项目。")
        case .lapseUnknown:
            Bilingual("No officer reported that about this member.", "没有管理人员就该成员作此报告。")
        case .lapseResolved:
            Bilingual("It was confirmed before.", "该报告已确认。")
        case .lapseNotConfirmed:
            Bilingual(
                "No two officers reported that since the member allowed it.",
                "自该成员授权以来，没有两位管理人员作此报告。")
        }
    }

    /// What the person can do now.
    package var nextStep: Bilingual {
        switch self {
        case .deviceRevoked: Bilingual("Use another device of yours.", "请使用您的其他设备。")
        case .rewardUnknown, .rewardWithdrawn, .outOfStock:
            Bilingual("Choose another reward.", "请选择其他奖励。")
        case .priceChanged: Bilingual("Look at the new price and decide again.", "请查看新价格后重新决定。")
        case .balanceTooLow:
            Bilingual(
                "Choose something smaller, or wait until more is available.", "请选择较小的数额，或等待更多积分入账。")
        case .secondOfficerNeeded, .lapseNotConfirmed:
            Bilingual("Ask another officer to confirm it.", "请另一位管理人员确认。")
        case .sequenceReused:
            Bilingual("Decide again if you still want it.", "如仍需要，请重新决定。")
        case .ethicsMissing:
            Bilingual("Have the change agreed to first.", "请先取得伦理委员会同意。")
        case .resultNotWished:
            Bilingual(
                "Return nothing to them; before the next result look at  accord study wishes.",
                "请勿返还；下次返还前请用 accord study wishes 查看。")
        case .splitUnknown: Bilingual("State how to share first.", "请先设定分成规则。")
        case .signerNotAllowed, .accountUnknown, .amountTooLarge, .triggerUnknown,
            .amountNotDue, .accrualUnknown, .budgetTooLow, .correctionUnknown, .correctionTooLate,
            .erasureUnknown, .wardUnknown, .lapseUnknown:
            Bilingual("Tell the people who run your node.", "请联系您的节点管理员。")
        case .dependencyRejected:
            Bilingual("Look at the earlier refusal in Activity.", "请在“动态”中查看之前未通过的操作。")
        case .alreadyEnrolled, .alreadySignedUp, .notPaused, .notExpired, .alreadyReviewed,
            .triggerPaid, .accrualResolved, .reservationUnknown, .reservationResolved, .lotUnknown,
            .noticeGiven, .correctionResolved, .alreadyAppealed, .alreadyErased, .alreadyAttested,
            .nothingToAppeal, .lapseResolved:
            Bilingual("There is nothing to do.", "无需任何操作。")
        case .invitationRequired: Bilingual("Ask for an invitation code.", "请索取邀请码。")
        case .projectUnknown, .projectClosed, .projectFull, .projectExists:
            Bilingual("Choose another project.", "请选择其他项目。")
        case .versionNotCurrent, .versionNotNext:
            Bilingual("Read the new version and decide again.", "请阅读新版本后重新决定。")
        case .notSignedUp: Bilingual("Sign up first.", "请先报名参加。")
        case .decisionNotLatest:
            Bilingual("Look at your authorizations and decide again.", "请查看您的授权后重新决定。")
        case .requiredKindMissing, .beyondProject:
            Bilingual("Authorize again with what the project asks.", "请按项目要求重新授权。")
        case .endNotInFuture: Bilingual("Choose a later date.", "请选择更晚的日期。")
        case .noAuthorization, .useNotAuthorized:
            Bilingual("Authorize first, if you want to.", "如您愿意，请先授权。")
        case .kindNotAsked, .outsideCollection, .duplicateRecord, .contributionUnknown:
            Bilingual("Choose another record.", "请选择其他记录。")
        case .guardianNeeded:
            Bilingual(
                "Ask your guardian; you can pause, leave or revoke at any time.",
                "请与监护人商量；您可随时暂停、退出或撤销。")
        case .cameOfAge:
            Bilingual(
                "Hand the account over to a device of theirs; you can still revoke.",
                "请将账户移交到对方自己的设备；您仍可撤销。")
        case .notAMinor: Bilingual("Check the month of birth.", "请核对出生年月。")
        case .notDue: Bilingual("Wait until it is due.", "请等待到期。")
        }
    }
}
