import Foundation
package import Screens

/// The order of names in a language: Chinese by pinyin, numbers by their value (ICU, by Foundation).
package struct Collation: Sendable {
    private let locale: Locale

    /// The order of a language.
    package init(_ language: Language) {
        locale = Locale(identifier: language == .chinese ? "zh_Hans_CN" : "en_US")
    }

    /// Whether the first name stands before the second; names that read alike, by their code points.
    package func isBefore(_ first: String, _ second: String) -> Bool {
        let order = first.compare(
            second, options: [.caseInsensitive, .numeric], range: nil, locale: locale)
        return order == .orderedSame ? first < second : order == .orderedAscending
    }
}
