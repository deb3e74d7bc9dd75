package import TerminalCore

/// What is said of a theme that is not as it has to be.
package enum ThemeText: CaseIterable, Sendable {
    case notFound, thereAre, unreadable, circle, inheritsNoName, unknownRole, paletteNoTable
    case paletteNoColour, noStyle, unknownPart, modifiersNoList, unknownModifier, unknownColour
    case faint, didYouMean
}

extension ThemeText {
    /// How a style is written, the same in both languages.
    static let styleForm: SafeText = "{ fg, bg, modifiers }"

    /// The text in both languages; `{0}`, `{1}` … stand for what is filled in.
    package var texts: Bilingual {
        switch self {
        case .notFound: Bilingual("no such theme", "没有该主题")
        case .thereAre: Bilingual("; there are {0}", "；现有主题：{0}")
        case .unreadable: Bilingual("could not read theme", "无法读取主题")
        case .circle: Bilingual("themes inherit in a circle", "主题之间循环继承")
        case .inheritsNoName:
            Bilingual("\"inherits\" has to be the name of a theme", "“inherits”的值应为主题的名称")
        case .unknownRole: Bilingual("unknown style role \"{0}\"", "没有名为“{0}”的样式")
        case .paletteNoTable: Bilingual("\"palette\" has to be a table", "“palette”应为表")
        case .paletteNoColour:
            Bilingual(
                "\"{0}\" has to be #RRGGBB, #RGB or an ANSI name",
                "“{0}”的值应为 #RRGGBB、#RGB 或 ANSI 颜色名")
        case .noStyle: Bilingual("has to be a colour or {0}", "应为颜色或 {0}")
        case .unknownPart: Bilingual("unknown part \"{0}\"", "样式中没有名为“{0}”的部分")
        case .modifiersNoList: Bilingual("modifiers has to be a list", "“modifiers”的值应为列表")
        case .unknownModifier: Bilingual("unknown modifier \"{0}\"", "没有名为“{0}”的修饰")
        case .unknownColour: Bilingual("unknown colour \"{0}\"", "没有名为“{0}”的颜色")
        case .faint:
            Bilingual(
                "{0} has a contrast of {1}:1, less than 4.5:1", "{0} 的对比度为 {1}:1，低于 4.5:1")
        case .didYouMean: Bilingual("; did you mean \"{0}\"?", "；是否想写“{0}”？")
        }
    }
}

extension Words {
    /// Returns a text about themes, its `{0}`, `{1}` … replaced.
    package func callAsFunction(_ text: ThemeText, _ arguments: SafeText...) -> SafeText {
        fill(text.texts[language], arguments)
    }
}
