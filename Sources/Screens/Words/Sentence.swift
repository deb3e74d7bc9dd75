/// A whole sentence: explanations, notices, hints.
package enum Sentence: CaseIterable, Sendable {
    // Home.
    case nothingNeedsAttention, nothingHappened, firstStep, frozenExplained, attentionRefused
    case attentionRevocation, attentionExpiring, attentionAuthorize
    case attentionContribute
    // Notices.
    case actionFailed, projectGone, notProvenYet, signedUpNext, leftNext
    case signedUpRecorded, leftRecorded, grantedRecorded, pausedRecorded, resumedRecorded
    case revokedRecorded, grantedPaused, pausedMeanwhile, nothingPausedYet
    case signedUpShared, grantedShared
    case contributedNext, grantedNext, pausedNext, resumedNext, revokedNext, recordErased
    case receiptSaved, nothingImported, importedNext, importedHere, workingOffline, nothingLeft
    // Sign up and leave.
    case signUpMeaning, signUpNoData, leaveAnyTime, leaveMeaning, pointsStay
    // Authorize and revoke.
    case kindsExplained, kindsUntilExplained, kindsAnyDateExplained, untilExplained
    case revokeWhen, revokeNotYetInForce, revokingExplained
    // Contribute.
    case targetQuestion, noTargets, noRecordFits, sealedBeforeLeaving, onlyAuthorizedRead
    case kindNotAuthorized
    // Records.
    case noRecords, noRecordsShared, notHandedOver, recordsStaySealed, eraseMeaning,
        eraseContributed
    // Points and authorizations.
    case noPoints, waitingExplained, noAuthorizations, neverUsed, noProjects, nothingFound
    case searchHint
    // Activity and proof.
    case deniedGaveNothing, refusalChangedNothing, proofSigned, proofIncluded
    case proofHolds, proofReceipt, codeExplained
    // Overlays.
    case paletteHint, pickerHint, pickerNotShown, nothingHere, noNotices, quitRevocations, quitKept
    case tooSmall
    // Settings.
    case themeExplained, secretExplained, passphraseExplained, languageExplained
    case selectionExplained, motionExplained
    case ambiguousExplained, mouseExplained, digitsExplained, lockExplained, keysExplained
    case nodeExplained, devicesExplained, lockNeedsPassphrase, configurationRead, removalMeaning
    case removalHere, deviceRemovalSigned, copied, copyTooLong
    // Plain mode.
    case plainHello, plainHelpItems, plainHelpWords, plainUnknown, plainChosen, plainStatus,
        plainNoItem, plainMore, plainNoMore
    case plainWaited, plainStillWaiting, plainDumb
    // Configuration files.
    case configNotTOML, configUnknownSetting, configWrongValue, configUnknownScope
    case configUnknownAction, configUnknownKey, configConflict, configKeyless, configEscape
    case configTyped
    case configMeant
    // First start.
    case welcomeTitle, welcomeLine, tryDemo, tryDemoLine, joinWithCode, joinLine, joinExplained
    case policyHint
    case lockedLine, oneMoment, startingNode
}

extension Sentence {
    /// The text in both languages; `{0}`, `{1}` … stand for what is filled in.
    package var texts: Bilingual {
        switch self {
        case .nothingNeedsAttention: Bilingual("Nothing. All is in order.", "没有，一切正常。")
        case .nothingHappened: Bilingual("Nothing has happened yet.", "还没有动态。")
        case .firstStep:
            Bilingual(
                "Type {projects=2} to see which studies ask for data.",
                "输入 {projects=2} 查看需要数据的研究项目。")
        case .frozenExplained:
            Bilingual(
                "The node broke a promise, so nothing is sent any more. Evidence was saved. Tell the people who run your node.",
                "节点违背了承诺，已停止发送任何内容，证据已保存。请联系节点管理员。")
        case .attentionRefused: Bilingual("Refused: {0}", "未通过：{0}")
        case .attentionRevocation: Bilingual("Not yet in force: revocation for {0}", "尚未生效：撤销 {0}")
        case .attentionExpiring: Bilingual("Runs out {0}: {1}", "{0} 到期：{1}")
        case .attentionAuthorize: Bilingual("Authorize: {0}", "待授权：{0}")
        case .attentionContribute: Bilingual("Contribute: {0}", "待提交数据：{0}")
        case .actionFailed: Bilingual("That did not work: {0}", "操作失败：{0}")
        case .projectGone: Bilingual("The project is no longer in the catalogue.", "该项目已不在目录中。")
        case .notProvenYet:
            Bilingual("Not proven yet: the proof comes with the next sync.", "尚无证明：将在下次同步时取得。")
        case .signedUpNext:
            Bilingual(
                "Sign-up signed; it counts once recorded. Next: {authorize=g} authorize, {contribute=c} contribute.",
                "报名已签名，写入账本后生效。下一步：{authorize=g} 授权，{contribute=c} 提交数据。")
        case .leftNext:
            Bilingual(
                "Signed: you leave once it is recorded, and the authorization ends with it.",
                "已签名：写入账本后退出，相关授权随之终止。")
        case .contributedNext:
            Bilingual("Sealed and queued. The study team will look at it.", "已加密并排队，研究团队将会审核。")
        case .grantedNext:
            Bilingual(
                "Authorization signed; in force once recorded. Next: {contribute=c} contribute; {revoke=r} revokes.",
                "授权已签名，写入账本后生效。下一步：{contribute=c} 提交数据；随时可按 {revoke=r} 撤销。")
        case .pausedNext: Bilingual("Paused: in force once it is recorded.", "已暂停：写入账本后生效。")
        case .resumedNext: Bilingual("Resumed: in force once it is recorded.", "已恢复：写入账本后生效。")
        case .revokedNext:
            Bilingual(
                "Revoked: in force once it is recorded. Your points stay.",
                "已撤销：写入账本后生效。您的积分保留。")
        case .signedUpRecorded:
            Bilingual(
                "Signed up. Next: {authorize=g} authorize, {contribute=c} contribute.",
                "已报名。下一步：{authorize=g} 授权，{contribute=c} 提交数据。")
        case .leftRecorded:
            Bilingual("You left, and the authorization ended with it.", "您已退出，相关授权随之终止。")
        case .grantedRecorded:
            Bilingual(
                "Authorization in force. Next: {contribute=c} contribute; {revoke=r} revokes.",
                "授权已生效。下一步：{contribute=c} 提交数据；随时可按 {revoke=r} 撤销。")
        case .signedUpShared:
            Bilingual(
                "Signed up. Next: {authorize=g} authorize. Records are handed over on your own machine.",
                "已报名。下一步：{authorize=g} 授权。数据请在您自己的设备上提交。")
        case .grantedShared:
            Bilingual(
                "Authorization in force; {revoke=r} revokes. Records are handed over on your own machine.",
                "授权已生效，随时可按 {revoke=r} 撤销。数据请在您自己的设备上提交。")
        case .pausedRecorded: Bilingual("Paused: in force now.", "已暂停，现已生效。")
        case .resumedRecorded: Bilingual("Resumed: in force now.", "已恢复，现已生效。")
        case .revokedRecorded:
            Bilingual("Revoked: in force now. Your points stay.", "已撤销，现已生效。您的积分保留。")
        case .grantedPaused:
            Bilingual(
                "Authorization recorded; it stays paused. {pause=p} resumes.",
                "授权已写入账本，仍处于暂停。按 {pause=p} 恢复。")
        case .pausedMeanwhile:
            Bilingual(
                "It was paused meanwhile, and stays so. {pause=p} once more resumes it.",
                "期间已被暂停，现仍处于暂停。再按一次 {pause=p} 恢复。")
        case .nothingPausedYet:
            Bilingual(
                "Nothing was changed yet: {pause=p} pauses or resumes what is selected.",
                "尚未作任何更改：按 {pause=p} 暂停或恢复所选授权。")
        case .recordErased: Bilingual("Erased from this machine.", "已从本机删除。")
        case .receiptSaved: Bilingual("Receipt saved: {0}", "凭证已保存：{0}")
        case .nothingImported: Bilingual("No records found in the file.", "文件中没有找到记录。")
        case .importedNext:
            Bilingual(
                "Imported {0} in {1}. Next: {see-rows=v} look at them, {contribute=c} contribute.",
                "已导入 {1}，共 {0}。下一步：{see-rows=v} 查看，{contribute=c} 提交数据。")
        case .importedHere: Bilingual("Imported {0} in {1}.", "已导入 {1}，共 {0}。")
        case .workingOffline:
            Bilingual(
                "Working offline. Press {sync-now=R} to connect again.",
                "正在离线工作，按 {sync-now=R} 重新连接。")
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
        case .kindsExplained:
            Bilingual("Only what you hand over, dated {0} to {1}.", "仅限您提交的、日期在 {0} 至 {1} 之间的数据。")
        case .kindsUntilExplained:
            Bilingual("Only what you hand over, dated {0} or before.", "仅限您提交的、日期不晚于 {0} 的数据。")
        case .kindsAnyDateExplained:
            Bilingual("Only what you hand over, whatever its date.", "仅限您提交的数据，日期不限。")
        case .untilExplained:
            Bilingual("Whatever you choose, everything is erased on {0}.", "无论如何选择，所有数据将于 {0} 删除。")
        case .revokeWhen: Bilingual("In force as soon as the node records it.", "节点记录后立即生效。")
        case .revokeNotYetInForce:
            Bilingual("Not yet in force: waiting for the node to record it.", "尚未生效：等待节点记录。")
        case .revokingExplained:
            Bilingual(
                "At any time with {revoke=r}: no new reads; points stay.",
                "随时按 {revoke=r}：不再有新的读取，积分保留。")
        case .targetQuestion: Bilingual("To which project?", "提交给哪个项目？")
        case .noTargets:
            Bilingual(
                "You take part in no project that asks for this. Sign up for one first.",
                "您参加的项目都不需要此类数据，请先报名参加项目。")
        case .noRecordFits:
            Bilingual(
                "No record on this machine fits. Import one with {import-file=i}.",
                "本机没有符合的记录，请按 {import-file=i} 导入。")
        case .sealedBeforeLeaving:
            Bilingual("It is encrypted here before it leaves.", "数据在本机加密后才会发出。")
        case .kindNotAuthorized:
            Bilingual(
                "You have not authorized {0} for this project: nobody can read it unless you do.",
                "您尚未授权该项目使用{0}：在您授权之前，任何人都无法读取。")
        case .onlyAuthorizedRead:
            Bilingual("Only those you authorize can read it.", "只有您授权的使用方可以读取。")
        case .noRecordsShared:
            Bilingual(
                "Your records stay on your own machine: none is on this shared screen.",
                "您的记录只保存在您自己的设备上，公共屏幕上没有。")
        case .noRecords:
            Bilingual(
                "No records yet. Import a file with {import-file=i}: a FHIR bundle from your clinic, for example.",
                "还没有记录。按 {import-file=i} 导入文件，例如医院提供的 FHIR 文件。")
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
                "You have authorized nothing. Nobody may use your data. Projects are at {projects=2}.",
                "您没有任何授权，没有人可以使用您的数据。输入 {projects=2} 浏览项目。")
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
        case .codeExplained:
            Bilingual(
                "It names this entry and nothing about you. On your machine,  accord receipt  and this text print the receipt.",
                "仅标明这一条目，不含您的任何信息。在您的机器上运行 accord receipt 加此文字，即可取得凭证。")
        case .proofReceipt:
            Bilingual(
                "The receipt can be checked by anyone, without this app and without the node.",
                "任何人都可以核对凭证，无需本应用，也无需节点。")
        case .paletteHint: Bilingual("type a few letters of a command", "输入命令的几个字")
        case .pickerHint: Bilingual("type a name, or a path with /", "输入文件名，或带 / 的路径")
        case .pickerNotShown:
            Bilingual("{0} more are not shown: type a path", "另有 {0} 项未显示：请输入路径")
        case .nothingHere: Bilingual("Nothing here.", "这里没有内容。")
        case .noNotices: Bilingual("No notices yet.", "还没有通知。")
        case .quitRevocations:
            Bilingual(
                "Revocations among them are not in force until they are sent.",
                "其中的撤销在发送之前尚未生效。")
        case .quitKept:
            Bilingual("What waits is kept here and sent at the next start.", "它们保存在本机，下次启动时发送。")
        case .tooSmall: Bilingual("A little more room, please: at least {0}.", "窗口太小，请至少放大到 {0}。")
        case .themeExplained: Bilingual("Colours; each is shown while you choose.", "界面配色，选择时即时预览。")
        case .languageExplained: Bilingual("The language of everything the app says.", "应用使用的语言。")
        case .selectionExplained:
            Bilingual(
                "How the selected line is shown. The cursor stands on it either way.",
                "选中行的显示方式；光标始终停在该行。")
        case .motionExplained:
            Bilingual(
                "Reduced: countdowns change every ten seconds and nothing else moves.",
                "减少：倒计时每十秒更新一次，其他内容不会自行变化。")
        case .ambiguousExplained:
            Bilingual(
                "How many cells your terminal gives characters such as ① and “. If lines look shifted, change it.",
                "终端显示“①”等字符所占的格数。如果行看起来错位，请更改。")
        case .mouseExplained:
            Bilingual(
                "Off, the terminal selects text with the mouse as usual.", "关闭后，可像平常一样用鼠标选取终端文字。")
        case .digitsExplained:
            Bilingual(
                "What digits do. The other meaning is always there with Alt: Alt+5 j, or Alt+5.",
                "数字键的作用；另一种作用始终可用 Alt 加数字：Alt+5 j 或 Alt+5。")
        case .lockExplained:
            Bilingual(
                "Asks for the passphrase after a time without a key; a countdown comes first.",
                "一段时间没有按键后需要重新输入口令，锁定前会倒计时提醒。")
        case .passphraseExplained:
            Bilingual(
                "Seals the keys of this machine. Five words or more keep a stolen copy closed; a number does not. Ten wrong tries in a row destroy the keys here.",
                "用于封存本机密钥。五个以上的词可保护被盗的副本，纯数字则不能。连续输错十次，本机密钥将被销毁。")
        case .secretExplained:
            Bilingual(
                "Asks for the passphrase before each authorization is signed. Revoking never asks.",
                "每次签署授权前需要输入口令。撤销授权从不询问。")
        case .keysExplained:
            Bilingual(
                "Keys are changed in a file, by the names below. Check it with: accord keys check",
                "按键在文件中按下列名称修改。检查文件：accord keys check")
        case .nodeExplained:
            Bilingual(
                "What everything is checked against. Compare the key with the one your institution publishes.",
                "一切内容都以此核验。请将密钥与您机构公布的密钥比对。")
        case .devicesExplained:
            Bilingual(
                "Each of these signs for you. Remove one that you lost.", "以下设备均可代表您签名。设备丢失时请将其移除。")
        case .lockNeedsPassphrase:
            Bilingual(
                "Your keys have no passphrase, so there is nothing to lock them with. Set one first.",
                "密钥没有口令，无法锁定。请先设置口令。")
        case .configurationRead: Bilingual("The files were read again.", "已重新读取配置文件。")
        case .removalMeaning:
            Bilingual(
                "What it signs from then on does not count. What it signed before stays.",
                "此后它签署的内容不再有效，之前签署的仍然有效。")
        case .removalHere:
            Bilingual(
                "This is the device you are using. Afterwards only a revocation can be signed here.",
                "这是您正在使用的设备。移除后，本机只能签署撤销。")
        case .deviceRemovalSigned:
            Bilingual("Removal signed; in force once it is recorded.", "移除已签名，写入账本后生效。")
        case .copied: Bilingual("Copied: {0}", "已复制：{0}")
        case .copyTooLong: Bilingual("That is too long for the clipboard.", "内容过长，无法复制。")
        case .plainHello:
            Bilingual(
                "Accord, line by line. Type help for what you can do here, a number to open a line, quit to leave.",
                "Accord，逐行模式。输入“帮助”查看可用操作，输入序号打开对应行，输入“退出”离开。")
        case .plainHelpItems:
            Bilingual(
                "A number opens that line or takes that choice; a word and a number does something with that line: sign up 3.",
                "输入序号打开该行或选取该项；输入操作和序号对该行执行操作，例如：报名 3。")
        case .plainHelpWords:
            Bilingual(
                "Always: ok, back, again, status, wait (until everything is sent and checked), more, search WORDS, find WORDS, import FILE, quit. Here:",
                "随时可用：好、返回、重读、状态、等待（直至全部发送并验证）、更多、搜索 关键词、查找 关键词、导入 文件、退出。当前可用：")
        case .plainUnknown:
            Bilingual("“{0}” means nothing here. Type help.", "此处没有“{0}”。请输入“帮助”。")
        case .plainChosen: Bilingual("Chosen: {0}", "已选择：{0}")
        case .plainMore:
            Bilingual(
                "Lines {0} to {1} of {2}. Type more for the next.",
                "第 {0} 至 {1} 行，共 {2} 行。输入“更多”继续。")
        case .plainNoMore: Bilingual("There is no more.", "没有更多内容。")
        case .plainNoItem: Bilingual("There is no line {0} here.", "此处没有第 {0} 行。")
        case .plainStatus: Bilingual("Status: {0}", "状态：{0}")
        case .plainWaited: Bilingual("Everything is sent and checked.", "已全部发送并验证。")
        case .plainStillWaiting:
            Bilingual("Not everything is sent yet. Nothing is lost.", "尚未全部发送，内容不会丢失。")
        case .plainDumb:
            Bilingual(
                "This terminal cannot place text, so the app speaks in lines.",
                "此终端无法定位文字，应用改用逐行模式。")
        case .configNotTOML: Bilingual("this is no TOML: {0}", "不是有效的 TOML：{0}")
        case .configUnknownSetting:
            Bilingual("there is no setting \"{0}\".", "没有名为“{0}”的设置项。")
        case .configWrongValue: Bilingual("\"{0}\" has to be {1}.", "“{0}”的值应为 {1}。")
        case .configUnknownScope:
            Bilingual("no part of the app is called \"{0}\".", "应用中没有名为“{0}”的部分。")
        case .configUnknownAction:
            Bilingual("there is no action \"{0}\" in [{1}].", "[{1}] 中没有名为“{0}”的操作。")
        case .configUnknownKey: Bilingual("there is no key \"{0}\".", "没有名为“{0}”的按键。")
        case .configConflict:
            Bilingual(
                "the key {0} is given to both \"{1}\" and \"{2}\".",
                "按键 {0} 同时分配给了“{1}”和“{2}”。")
        case .configKeyless:
            Bilingual(
                "the key {0} is taken from \"{1}\", which has no other: give it one.",
                "按键 {0} 原属于“{1}”，后者因此没有按键，请为其另设按键。")
        case .configTyped:
            Bilingual(
                "{0} types text where \"{1}\" is used: the action keeps its own key.",
                "在“{1}”可用之处，按 {0} 是输入文字，因此该操作保留原有按键。")
        case .configEscape:
            Bilingual("Escape always closes and goes back.", "Escape 始终用于关闭和返回。")
        case .configMeant: Bilingual(" Did you mean \"{0}\"?", "是否想写“{0}”？")
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
        case .policyHint: Bilingual("a file, if you were given one", "文件路径（如有）")
        case .lockedLine: Bilingual("Your keys are locked. Type your passphrase.", "密钥已锁定，请输入口令。")
        case .oneMoment: Bilingual("One moment…", "请稍候…")
        case .startingNode:
            Bilingual("Starting a private node on this machine …", "正在本机启动私有节点…")
        }
    }
}
