import LedgerCore
package import TerminalCore

/// What is said about acting for a minor, and about coming of age.
package enum WardText: CaseIterable, Sendable {
    case title, myself, bornIn, inCare, forName, forWard, forYoungWard, declareTitle, declareAsk
    case declareHint, notUnderstood, declared, nameStays, handOver, deviceIsTheirs
    case outgrownOwn, outgrownWard, stillBusy
}

extension WardText {
    /// The text in both languages; `{0}`, `{1}` … stand for what is filled in.
    package var texts: Bilingual {
        switch self {
        case .title: Bilingual("For whom?", "为谁操作？")
        case .myself: Bilingual("for myself", "为我自己")
        case .bornIn: Bilingual("born {0}", "生于 {0}")
        case .inCare:
            Bilingual(
                "Each has an account of their own: what you allow for one says nothing about the other, and can be ended separately.",
                "每个人都有自己的账户：为一人的授权与另一人无关，并可单独终止。")
        case .forName: Bilingual("for {0}", "为 {0}")
        case .forWard:
            Bilingual("For {0}: you decide as guardian.", "为 {0}：您以监护人身份决定。")
        case .forYoungWard:
            Bilingual(
                "For {0}: you decide as guardian. Under 14, so all data is sensitive.",
                "为 {0}：您以监护人身份决定。未满 14 周岁，所有数据均属敏感信息。")
        case .declareTitle: Bilingual("A child in your care", "您监护的孩子")
        case .declareAsk:
            Bilingual(
                "What do you call the child, and in which month were they born?",
                "您怎么称呼孩子？孩子生于哪年哪月？")
        case .declareHint: Bilingual("such as  Lily 2015-03", "例如  丽丽 2015-03")
        case .notUnderstood:
            Bilingual(
                "That is no name and month: type the name, a space, and the month as 2015-03.",
                "格式不正确：请输入称呼、空格和月份，例如 2015-03。")
        case .declared:
            Bilingual(
                "Signed. {0} has an account once it is recorded: choose {act-for=A} to act for {0}.",
                "已签名。记录后 {0} 即有自己的账户：按 {act-for=A} 可为 {0} 操作。")
        case .nameStays:
            Bilingual(
                "The name stays on this machine. The ledger gets the month of birth, which says when the child decides alone.",
                "称呼仅保存在本机。账本只记录出生年月，用以确定孩子何时独立决定。")
        case .handOver:
            Bilingual(
                "The new device will be {0}'s own. With it {0} can stop anything at once, and decides alone when of age.",
                "新设备将归 {0} 本人使用。{0} 可随时用它终止任何授权，成年后独立决定。")
        case .deviceIsTheirs:
            Bilingual(
                "The device is {0}'s own now. You go on deciding until {0} is of age.",
                "该设备现归 {0} 本人使用。在 {0} 成年之前仍由您决定。")
        case .outgrownOwn:
            Bilingual(
                "Your guardian allowed this, and you came of age on {0}. It ends on {1} unless you agree anew with {authorize=g}.",
                "此授权由您的监护人给予，您已于 {0} 成年。除非您按 {authorize=g} 重新同意，否则于 {1} 终止。")
        case .stillBusy:
            Bilingual(
                "Something is still being done: wait for it, or end it first.",
                "仍有操作在进行：请等待完成或先结束它。")
        case .outgrownWard:
            Bilingual(
                "{0} came of age on {1}. What you allowed ends on {2} unless {0} agrees anew, on a device of their own.",
                "{0} 已于 {1} 成年。除非 {0} 用自己的设备重新同意，您的授权将于 {2} 终止。")
        }
    }
}

extension Words {
    /// Returns a text about acting for a minor.
    package func callAsFunction(_ text: WardText, _ arguments: SafeText...) -> SafeText {
        fill(text.texts[language], arguments)
    }

    /// From when a member decides alone, where a project says another age than usual.
    func ofAge(_ terms: ProjectTerms) -> SafeText? {
        terms.ofAge == ComingOfAge.years
            ? nil : self(ProjectText.ofAgeYears, number(terms.ofAge))
    }
}
