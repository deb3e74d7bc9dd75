package import TerminalCore

/// What the screens of consent say: authorizing, drafts, revoking.
package enum ConsentText: CaseIterable, Sendable {
    // Authorizing, decision by decision.
    case title, askReasons, askPurposes, askKinds, askRecipients, askLinks, askUntil, askEarnings
    case askRevoking, askQuestion, askSummary
    case care, research, careStays, rowsFallUnder, onlyThese, keptSealed, placeHere, placeAbroad
    case foreignHeld, onlyDiseases, anyDisease, linkedMeans, linksNotNeeded, linkedWithNone
    case grantingPaysNothing, stoppingCostsNothing, revokeWithTwoKeys
    case whenUnable, cannotBeUndone, questionExplained, answerAgain, notSignedYet, withdrawAnyTime
    // Drafts.
    case draftTitle, draftNotSigned, draftStands, nextDecision, termsChanged, readAnew
    case draftKept, draftGone
    // Revoking.
    case whichTitle, whichAuthorization, fromThenOn, handedIn, forGood, nobodyReads
    case staysSealed, publishedStays, keysDestroyed, erasedForGood, anonymousStays
    case anonymousForGood, derivedStays
}

extension ConsentText {
    /// The text in both languages; `{0}`, `{1}` … stand for what is filled in.
    package var texts: Bilingual {
        switch self {
        case .title:
            Bilingual("Authorize · step {0} of {1} · not signed", "授权 · 第 {0} 步，共 {1} 步 · 尚未签名")
        case .askReasons: Bilingual("Why is your data asked for, and what for?", "为什么需要您的数据？用来做什么？")
        case .askPurposes: Bilingual("For which purposes do you say yes?", "您同意哪些用途？")
        case .askKinds: Bilingual("Which kinds of data may be used?", "允许使用哪些数据？")
        case .askRecipients: Bilingual("Who may read it?", "谁可以读取？")
        case .askLinks: Bilingual("May your records be linked?", "是否允许与其他项目的数据关联？")
        case .askUntil: Bilingual("Until when?", "授权到什么时候？")
        case .askEarnings: Bilingual("What does it earn?", "可以获得什么？")
        case .askRevoking: Bilingual("And if you change your mind?", "如果您改变主意呢？")
        case .askQuestion:
            Bilingual("One question, to see whether we were clear", "一个问题，看看我们是否说清楚了")
        case .askSummary: Bilingual("This is what you allow", "您将允许以下内容")
        case .derivedStays:
            Bilingual(
                "{0} thing was made from it and stays where it is; Activity has it.|{0} things were made from it and stay where they are; Activity lists them.",
                "已有 {0} 项衍生数据将保留在原处，可在“动态”中查看。")
        case .care: Bilingual("your own care", "您自己的诊疗")
        case .research: Bilingual("research", "研究")
        case .careStays:
            Bilingual(
                "Care and research are two questions. Saying no to research changes nothing about your care.",
                "诊疗和研究是两件事。不同意研究，您的诊疗不受任何影响。")
        case .rowsFallUnder: Bilingual("{0} row of yours|{0} rows of yours", "您有 {0} 行")
        case .onlyThese:
            Bilingual(
                "Only these, by name. Adding anybody needs your yes anew.",
                "仅限以上各方。增加任何一方都须重新征得您的同意。")
        case .keptSealed:
            Bilingual(
                "The ledger's node stores only what is encrypted; it has no key.",
                "账本节点只保存加密内容，没有密钥。")
        case .placeHere: Bilingual("in the same region as your ledger", "与您的账本在同一地区")
        case .placeAbroad: Bilingual("in {0}", "位于{0}")
        case .foreignHeld: Bilingual("mostly held from abroad", "外资占多数")
        case .onlyDiseases: Bilingual("only for {0}", "限于 {0}")
        case .anyDisease: Bilingual("for any disease: none is named", "未限定病种，可用于任何疾病")
        case .linkedMeans:
            Bilingual(
                "What you handed in there and here may be combined, once your authorization there says so, too.",
                "您在该项目的授权也同意关联后，两处数据可合并使用。")
        case .linksNotNeeded:
            Bilingual(
                "Not needed to take part: leave it empty if you do not wish it.",
                "并非参与所必需：不愿意可以不勾选。")
        case .linkedWithNone: Bilingual("with no other project", "不与任何其他项目关联")
        case .grantingPaysNothing:
            Bilingual(
                "Saying yes pays nothing by itself: points come when data you hand over is accepted or used.",
                "同意本身不会获得积分：您提交的数据被接受或使用后才会获得。")
        case .stoppingCostsNothing:
            Bilingual(
                "Saying no, or stopping later, costs nothing: what you earned stays yours.",
                "拒绝或以后停止都不会有损失：已获得的积分始终归您。")
        case .revokeWithTwoKeys:
            Bilingual(
                "Press {revoke=r} and Enter, wherever the project is shown. No reason is asked. You choose one of three outcomes:",
                "在显示该项目的任何页面按 {revoke=r} 和回车即可，无需说明理由。您可选择三种结果之一：")
        case .whenUnable: Bilingual("If you die or cannot decide", "去世或无法再作决定时")
        case .cannotBeUndone:
            Bilingual(
                "What cannot be undone: what was read before, and results already published as totals, stay.",
                "无法收回的：此前已被读取的内容，以及已作为汇总结果发表的部分，将会保留。")
        case .questionExplained:
            Bilingual(
                "No answer has a consequence, and none is kept or sent.", "任何答案都没有后果，不会保存，也不会发送。")
        case .answerAgain:
            Bilingual("Read again with ←, or answer again.", "可按 ← 重新阅读，或重新回答。")
        case .notSignedYet:
            Bilingual("Not signed yet. Enter signs it with your key.", "尚未签名。按回车用您的密钥签名。")
        case .withdrawAnyTime:
            Bilingual(
                "You can stop it at any time with {revoke=r} and Enter.", "您随时可以按 {revoke=r} 和回车停止。"
            )
        case .draftTitle: Bilingual("Authorize · draft", "授权 · 草稿")
        case .draftNotSigned:
            Bilingual("Not signed. Nobody was told.", "尚未签名，未告知任何人。")
        case .draftStands:
            Bilingual("You were here on {0}, at step {1} of {2}.", "您曾在 {0} 进行到第 {1} 步，共 {2} 步。")
        case .nextDecision: Bilingual("Next", "接下来")
        case .termsChanged:
            Bilingual(
                "The terms changed since your draft of {0}, so the draft is gone. Nothing was signed.",
                "自您 {0} 的草稿以来，条款已经变更，草稿已作废。没有签署任何内容。")
        case .readAnew: Bilingual("Please read the new terms.", "请阅读新的条款。")
        case .draftKept:
            Bilingual(
                "Kept as a draft. Not signed, and nobody was told. {authorize=g} goes on.",
                "已存为草稿，尚未签名，未告知任何人。按 {authorize=g} 继续。")
        case .draftGone: Bilingual("Draft discarded. Nobody was told.", "草稿已丢弃，未告知任何人。")
        case .whichTitle: Bilingual("Revoke which?", "撤销哪一项？")
        case .whichAuthorization:
            Bilingual("This was handed to several projects. Which one?", "该内容已提交给多个项目。要撤销哪一项？")
        case .fromThenOn: Bilingual("From then", "此后")
        case .handedIn: Bilingual("Handed over", "已提交")
        case .forGood: Bilingual("For good", "不可恢复")
        case .nobodyReads:
            Bilingual("Nobody reads your records any more.", "不再有人能读取您的记录。")
        case .staysSealed:
            Bilingual(
                "Stays on the node, encrypted; the keys made for others are deleted there.",
                "以加密形式留在节点，为他人生成的密钥会从节点删除。")
        case .publishedStays:
            Bilingual("What was read before, and totals published, stay.", "此前已被读取的内容和已发表的汇总结果会保留。")
        case .keysDestroyed:
            Bilingual(
                "Its key is destroyed and the file deleted; every recipient is told to erase, and their answers are shown to you.",
                "销毁密钥并删除文件，要求每个接收方删除，并向您显示他们的答复。")
        case .erasedForGood:
            Bilingual(
                "It cannot be brought back. Totals published before stay.", "无法恢复。此前已发表的汇总结果会保留。")
        case .anonymousStays:
            Bilingual(
                "Results in which nobody can tell you apart may be kept and used.",
                "无法辨认出您的结果可以保留并继续使用。")
        case .anonymousForGood:
            Bilingual(
                "What is anonymous cannot be found again, so it cannot be erased later.",
                "匿名内容无法再找出，因此以后也无法删除。")
        }
    }
}

extension Words {
    /// Returns a text of the consent screens, its `{0}`, `{1}` … replaced.
    package func callAsFunction(_ text: ConsentText, _ arguments: SafeText...) -> SafeText {
        fill(text.texts[language], arguments)
    }

    /// Returns a text of the consent screens with a number, in the form for one or for many.
    func count(_ text: ConsentText, _ number: Int) -> SafeText { count(text.texts, number) }
}
