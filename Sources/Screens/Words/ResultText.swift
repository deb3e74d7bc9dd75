package import LedgerCore
package import TerminalCore

/// What is said about results that studies return.
package enum ResultText: CaseIterable, Sendable {
    case title, cameBack, nothingCame, wishes, noOffers, nothingWished, wishedOf, wishExplained
    case closesAgain, staysClosed, otherKey, noDiagnosis, wished, wishedNothing, whereToRead
    case returns, everySort, onWish, chosenApart, wishesTitle
}

extension ResultText {
    /// The text in both languages; `{0}`, `{1}` … stand for what is filled in.
    package var texts: Bilingual {
        switch self {
        case .title: Bilingual("Results of studies", "研究结果")
        case .wishesTitle: Bilingual("What you wish to know", "希望知道的结果")
        case .cameBack: Bilingual("Came back to you", "返还给您的结果")
        case .nothingCame: Bilingual("Nothing to read.", "没有可查看的结果。")
        case .wishes: Bilingual("What you wish to know", "您希望知道的内容")
        case .noOffers:
            Bilingual(
                "No project you take part in returns results.", "您参加的项目均不返还结果。")
        case .nothingWished: Bilingual("nothing", "无")
        case .wishedOf: Bilingual("{0} of {1} sorts", "{1} 类中的 {0} 类")
        case .wishExplained:
            Bilingual(
                "Only what you tick is returned to you. Whoever ticks nothing and whoever never looked here are alike to the study.",
                "只返还您勾选的类别。研究团队无法区分“未勾选”和“从未查看”。")
        case .closesAgain:
            Bilingual(
                "What you untick later is not shown any more, even if it came back before.",
                "以后取消勾选的类别不再显示，即使此前已经返还。")
        case .staysClosed:
            Bilingual(
                "You do not wish to know results of this sort: it stays closed. Tick its sort first if you want to read it.",
                "您不希望知道此类结果，因此保持关闭。如需查看，请先勾选该类别。")
        case .otherKey:
            Bilingual(
                "It was sealed for a key this machine does not have. Open it on the device that made the wish, or wish anew and ask the study to return it again.",
                "该结果以本机没有的密钥加密。请在提出意愿的设备上打开，或重新勾选并请研究团队再次返还。")
        case .noDiagnosis:
            Bilingual(
                "These are the study's own words and no diagnosis: ask a doctor what they mean for you.",
                "以上为研究团队原文，并非诊断：其对您的意义请咨询医生。")
        case .wished:
            Bilingual(
                "Signed: the study learns what you wish to know.", "已签名：研究团队将得知您希望知道的内容。")
        case .wishedNothing:
            Bilingual("Signed: nothing is returned to you.", "已签名：不再向您返还结果。")
        case .whereToRead:
            Bilingual(
                "What came back is sealed for you; {results=E} shows what you wish to know.",
                "返还的内容已为您加密；按 {results=E} 查看您希望知道的结果。")
        case .returns: Bilingual("Returns", "返还")
        case .chosenApart:
            Bilingual(
                "You say apart from this which of them you wish to know.",
                "希望知道其中哪些，由您另行选择。")
        case .everySort: Bilingual("results of every sort", "各类结果")
        case .onWish:
            Bilingual("if you wish to know it", "前提是您希望知道")
        }
    }
}

extension Words {
    /// Returns what is said about results, its `{0}`, `{1}` … replaced.
    package func callAsFunction(_ text: ResultText, _ arguments: SafeText...) -> SafeText {
        fill(text.texts[language], arguments)
    }
}

extension ResultClass {
    /// What it is called.
    package var name: Bilingual {
        switch self {
        case .summary: Bilingual("what the study found as a whole", "研究的总体发现")
        case .measurement: Bilingual("values measured in your records", "您记录中的测量结果")
        case .actionable:
            Bilingual("findings that can be treated or prevented", "可治疗或可预防的发现")
        case .risk: Bilingual("risks nothing can be done about today", "目前无法干预的风险")
        case .carrier:
            Bilingual("findings that matter to children and relatives", "关系到子女和亲属的发现")
        }
    }
}
