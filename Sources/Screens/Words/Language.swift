/// A language of the app.
package enum Language: String, CaseIterable, Sendable {
    case english = "en"
    /// Simplified Chinese.
    case chinese = "zh"

    /// The language of a locale such as `zh_CN.UTF-8`; English for any but Chinese.
    package init(localeTag: String) {
        self = localeTag.lowercased().hasPrefix("zh") ? .chinese : .english
    }
}

/// A text in both languages.
package struct Bilingual: Equatable, Sendable {
    /// English.
    package let english: String
    /// Simplified Chinese.
    package let chinese: String

    /// Makes a pair.
    package init(_ english: String, _ chinese: String) {
        self.english = english
        self.chinese = chinese
    }

    /// Returns the text in a language.
    package subscript(language: Language) -> String {
        switch language {
        case .english: english
        case .chinese: chinese
        }
    }
}
