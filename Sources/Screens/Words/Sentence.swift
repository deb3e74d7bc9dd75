/// A whole sentence: explanations, notices, hints.
package enum Sentence: CaseIterable, Sendable {
    // Home.
    case nothingNeedsAttention, nothingHappened, firstStep, frozenExplained, attentionRefused
    case attentionRevocation, attentionReconsent, attentionExpiring, attentionAuthorize
    case attentionContribute
    // Notices.
    case actionFailed, projectGone, notProvenYet, signedUpNext, leftNext
    case contributedNext, grantedNext, pausedNext, resumedNext, revokedNext, recordErased
    case receiptSaved, nothingImported, importedNext, workingOffline, nothingLeft
    // Sign up and leave.
    case signUpMeaning, signUpNoData, leaveAnyTime, leaveMeaning, pointsStay
    // Authorize and revoke.
    case kindsQuestion, kindsExplained, untilQuestion, untilExplained, grantSummary
    case revokeAnyTime, revokeWhen, revokeNotYetInForce, decisionNotYetInForce, revokingExplained
    // Contribute.
    case targetQuestion, noTargets, noRecordFits, sealedBeforeLeaving, onlyAuthorizedRead
    // Records.
    case noRecords, notHandedOver, recordsStaySealed, eraseMeaning, eraseContributed
    // Points and authorizations.
    case noPoints, waitingExplained, noAuthorizations, neverUsed, noProjects, nothingFound
    case searchHint
    // Activity and proof.
    case deniedGaveNothing, refusalChangedNothing, proofSigned, proofIncluded
    case proofHolds, proofReceipt
    // Overlays.
    case paletteHint, pickerHint, nothingHere, noNotices, quitRevocations, quitKept, tooSmall
    // First start.
    case welcomeTitle, welcomeLine, tryDemo, tryDemoLine, joinWithCode, joinLine, joinExplained
    case lockedLine, oneMoment
}

extension Sentence {
    /// The text in both languages; `{0}`, `{1}` … stand for what is filled in.
    package var texts: Bilingual {
        switch self {
        case .nothingNeedsAttention: Bilingual("Nothing. All is in order.", "没有，一切正常。")
        case .nothingHappened: Bilingual("Nothing has happened yet.", "还没有动态。")
        case .firstStep: Bilingual("Press 2 to see which studies ask for data.", "按 2 查看需要数据的研究项目。")
        case .frozenExplained:
            Bilingual(
                "The node broke a promise, so nothing is sent any more. Evidence was saved. Tell the people who run your node.",
                "节点违背了承诺，已停止发送任何内容，证据已保存。请联系节点管理员。")
        case .attentionRefused: Bilingual("Refused: {0}", "被拒绝：{0}")
        case .attentionRevocation: Bilingual("Not yet in force: revocation for {0}", "尚未生效：撤销 {0}")
        case .attentionReconsent: Bilingual("Changed, agree anew: {0}", "已变更，需重新同意：{0}")
        case .attentionExpiring: Bilingual("Runs out {0}: {1}", "{0} 到期：{1}")
        case .attentionAuthorize: Bilingual("Authorize: {0}", "待授权：{0}")
        case .attentionContribute: Bilingual("Contribute: {0}", "待提交数据：{0}")
        case .actionFailed: Bilingual("That did not work: {0}", "操作失败：{0}")
        case .projectGone: Bilingual("The project is no longer in the catalogue.", "该项目已不在目录中。")
        case .notProvenYet:
            Bilingual("Not proven yet: the proof comes with the next sync.", "尚无证明：将在下次同步时取得。")
        case .signedUpNext:
            Bilingual(
                "Sign-up signed; it counts once recorded. Next: g authorize, c contribute.",
                "报名已签名，写入账本后生效。下一步：g 授权，c 提交数据。")
        case .leftNext:
            Bilingual(
                "Signed: you leave once it is recorded, and the authorization ends with it.",
                "已签名：写入账本后退出，相关授权随之终止。")
        case .contributedNext:
            Bilingual("Sealed and queued. The study team will look at it.", "已加密并排队，研究团队将会审核。")
        case .grantedNext:
            Bilingual(
                "Authorization signed; in force once recorded. Next: c contribute; r revokes.",
                "授权已签名，写入账本后生效。下一步：c 提交数据；随时可按 r 撤销。")
        case .pausedNext: Bilingual("Paused: in force once it is recorded.", "已暂停：写入账本后生效。")
        case .resumedNext: Bilingual("Resumed: in force once it is recorded.", "已恢复：写入账本后生效。")
        case .revokedNext:
            Bilingual(
                "Revoked: in force once it is recorded. Your points stay.",
                "已撤销：写入账本后生效。您的积分保留。")
        case .recordErased: Bilingual("Erased from this machine.", "已从本机删除。")
        case .receiptSaved: Bilingual("Receipt saved: {0}", "凭证已保存：{0}")
        case .nothingImported: Bilingual("No records found in the file.", "文件中没有找到记录。")
        case .importedNext:
            Bilingual(
                "Imported {0} in {1}. Next: v look at them, c contribute.",
                "已导入 {1}，共 {0}。下一步：v 查看，c 提交数据。")
        case .workingOffline:
            Bilingual("Working offline. Press y to connect again.", "正在离线工作，按 y 重新连接。")
        case .nothingLeft:
            Bilingual("All rows are struck: nothing would leave.", "所有行都已排除，没有可提交的内容。")
        case .signUpMeaning:
            Bilingual(
                "You take part: the study team learns that someone joined, not who.",
                "报名即参加：研究团队只知道有人加入，不知道是谁。")
        case .signUpNoData:
            Bilingual(
                "No data leaves yet. What may be used is decided next, by you.",
                "此时不会发出任何数据，接下来由您决定可以使用什么。")
        case .leaveAnyTime: Bilingual("You can leave at any time.", "您可以随时退出。")
        case .leaveMeaning:
            Bilingual(
                "You no longer take part, and the authorization ends. Nobody reads your records any more.",
                "您不再参加，授权随之终止，不再有人读取您的记录。")
        case .pointsStay: Bilingual("Points you earned stay yours.", "已获得的积分始终归您。")
        case .kindsQuestion: Bilingual("Which kinds of data may be used?", "允许使用哪些数据？")
        case .kindsExplained:
            Bilingual("Only what you hand over, dated {0} to {1}.", "仅限您提交的、日期在 {0} 至 {1} 之间的数据。")
        case .untilQuestion: Bilingual("Until when?", "授权到什么时候？")
        case .untilExplained:
            Bilingual("Whatever you choose, everything is erased on {0}.", "无论如何选择，所有数据将于 {0} 删除。")
        case .grantSummary: Bilingual("You allow", "您允许")
        case .revokeAnyTime:
            Bilingual(
                "You can change your mind at any time with r: nobody can read your records from then on, and you may have them erased.",
                "您随时可以按 r 改变主意：此后无人能读取您的记录，您还可以要求删除。")
        case .revokeWhen: Bilingual("In force as soon as the node records it.", "节点记录后立即生效。")
        case .revokeNotYetInForce:
            Bilingual("Not yet in force: waiting for the node to record it.", "尚未生效：等待节点记录。")
        case .decisionNotYetInForce:
            Bilingual("Not yet in force: on its way to the node.", "尚未生效：正在发往节点。")
        case .revokingExplained:
            Bilingual("At any time with r: no new reads; points stay.", "随时按 r：不再有新的读取，积分保留。")
        case .targetQuestion: Bilingual("To which project?", "提交给哪个项目？")
        case .noTargets:
            Bilingual(
                "You take part in no project that asks for this. Sign up first (2).",
                "您参加的项目都不需要此类数据，请先报名（2）。")
        case .noRecordFits:
            Bilingual("No record on this machine fits. Import one with i.", "本机没有符合的记录，请按 i 导入。")
        case .sealedBeforeLeaving:
            Bilingual("It is encrypted here before it leaves.", "数据在本机加密后才会发出。")
        case .onlyAuthorizedRead:
            Bilingual("Only those you authorize can read it.", "只有您授权的使用方可以读取。")
        case .noRecords:
            Bilingual(
                "No records yet. Import a file with i: a FHIR bundle from your clinic, for example.",
                "还没有记录。按 i 导入文件，例如医院提供的 FHIR 文件。")
        case .notHandedOver: Bilingual("Not handed to anyone.", "尚未提交给任何人。")
        case .recordsStaySealed:
            Bilingual("Records are kept encrypted on this machine.", "记录以加密形式保存在本机。")
        case .eraseMeaning:
            Bilingual("The record and its key are removed from this machine.", "记录及其密钥将从本机移除。")
        case .eraseContributed:
            Bilingual(
                "What you handed over stays where it is: revoke with erase to remove that.",
                "已提交的数据不受影响：如需删除，请撤销并选择删除。")
        case .noPoints:
            Bilingual(
                "No points yet. They come when data you contribute is accepted or used.",
                "还没有积分。您提交的数据被接受或使用后即可获得。")
        case .waitingExplained:
            Bilingual(
                "Waits until the quality check is over; cannot be spent before.",
                "质量检查结束后入账，此前不可使用。")
        case .noAuthorizations:
            Bilingual(
                "You have authorized nothing. Nobody may use your data. Projects are at 2.",
                "您没有任何授权，没有人可以使用您的数据。按 2 浏览项目。")
        case .neverUsed: Bilingual("never", "从未")
        case .noProjects:
            Bilingual("No projects yet: they come with the first sync.", "还没有项目：首次同步后出现。")
        case .nothingFound: Bilingual("Nothing found.", "没有找到。")
        case .searchHint: Bilingual("title, purpose, institution", "标题、用途、机构")
        case .deniedGaveNothing: Bilingual("Not a single byte of data was given.", "没有泄露任何数据。")
        case .refusalChangedNothing: Bilingual("Nothing was changed by it.", "没有产生任何变化。")
        case .proofSigned:
            Bilingual("Signed by device {0}…: the signature is right.", "由设备 {0}… 签名：签名正确。")
        case .proofIncluded:
            Bilingual(
                "It stands in the log at #{0}, included in the checkpoint of size {1}.",
                "它位于账本 #{0}，包含在大小为 {1} 的检查点中。")
        case .proofHolds:
            Bilingual("The proof holds; it was checked on this machine.", "证明成立，已在本机核对。")
        case .proofReceipt:
            Bilingual(
                "The receipt can be checked by anyone, without this app and without the node.",
                "任何人都可以核对凭证，无需本应用，也无需节点。")
        case .paletteHint: Bilingual("type a few letters of a command", "输入命令的几个字")
        case .pickerHint: Bilingual("type a name, or a path with /", "输入文件名，或带 / 的路径")
        case .nothingHere: Bilingual("Nothing here.", "这里没有内容。")
        case .noNotices: Bilingual("No notices yet.", "还没有通知。")
        case .quitRevocations:
            Bilingual(
                "Revocations among them are not in force until they are sent.",
                "其中的撤销在发送之前尚未生效。")
        case .quitKept:
            Bilingual("What waits is kept here and sent at the next start.", "它们保存在本机，下次启动时发送。")
        case .tooSmall: Bilingual("A little more room, please: at least {0}.", "窗口太小，请至少放大到 {0}。")
        case .welcomeTitle: Bilingual("Accord", "Accord 健康数据授权")
        case .welcomeLine: Bilingual("Your health data, your decision.", "您的健康数据，由您决定。")
        case .tryDemo: Bilingual("Try the demo", "试用演示")
        case .tryDemoLine:
            Bilingual(
                "A private node on this machine, with projects, sample records and a study team.",
                "在本机启动私有节点，附带项目、示例记录和研究团队。")
        case .joinWithCode: Bilingual("Join with a code", "用邀请码加入")
        case .joinLine: Bilingual("You have an invitation from your organisation.", "您已收到单位发出的邀请。")
        case .joinExplained:
            Bilingual("Type the invitation code and the address of the node.", "请输入邀请码和节点地址。")
        case .lockedLine: Bilingual("Your keys are locked. Type your passphrase.", "密钥已锁定，请输入口令。")
        case .oneMoment: Bilingual("One moment…", "请稍候…")
        }
    }
}
