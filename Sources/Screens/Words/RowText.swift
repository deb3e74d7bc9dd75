package import TerminalCore

/// What is said about the rows of a record while they are looked through.
package enum RowText: CaseIterable, Sendable {
    case rowSearchHint, rowSearching, sortsTitle, allSorts
    case stayNaming, stayStruck, stayOutside, rowsCounting
}

extension RowText {
    /// The text in both languages; `{0}` stands for a number.
    package var texts: Bilingual {
        switch self {
        case .rowSearchHint:
            Bilingual("words and days: heart 2019-03..2019-06", "词语和日期：heart 2019-03..2019-06")
        case .rowSearching: Bilingual("searching …", "正在查找……")
        case .sortsTitle: Bilingual("Kinds of rows", "行的种类")
        case .allSorts: Bilingual("all kinds", "全部种类")
        case .stayNaming: Bilingual("{0} names you|{0} name you", "{0} 行可识别您的身份")
        case .stayStruck: Bilingual("{0} struck", "{0} 行被您排除")
        case .stayOutside:
            Bilingual("{0} outside the dates that are asked for", "{0} 行不在所需日期范围内")
        case .rowsCounting: Bilingual("dates are still being counted", "仍在核对日期")
        }
    }
}

extension Words {
    /// Returns what is said about rows, its `{0}` replaced.
    package func callAsFunction(_ text: RowText, _ arguments: SafeText...) -> SafeText {
        fill(text.texts[language], arguments)
    }
}
