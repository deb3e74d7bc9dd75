import LedgerCore
import Screens
import TerminalCore
import TestSupport
import Testing

/// What a grant signs stands on the screens before it is signed, and after.
struct SignedWordsTests {
    private static let linked = [
        Language.english: ("May link", "Gut microbiome and sleep", "may be combined"),
        .chinese: ("可关联", "轮班员工肠道微生物", "可合并使用"),
    ]

    /// Opens the project that names diseases and may be linked.
    private func open(_ language: Language, rows: Int = 40) -> ScreenDriver {
        var driver = ScreenDriver(.newcomer, rows: rows, language: language)
        driver.press("2 /")
        driver.type(language == .english ? "metabolic" : "代谢病")
        driver.press("Enter Enter")
        return driver
    }

    @Test(arguments: Language.allCases)
    func `a project says which diseases it is about and what it may be linked to`(
        language: Language
    ) throws {
        let driver = open(language)
        let (label, title, meaning) = try #require(Self.linked[language])
        for words in ["MONDO:0005148", "MONDO:0014109", label, title, meaning] {
            #expect(driver.text.contains(words), "no \(words) in\n\(driver.text)")
        }
    }

    @Test(arguments: Language.allCases)
    func `whoever authorizes reads both first, and again before signing`(language: Language) throws
    {
        var driver = open(language)
        let (label, title, _) = try #require(Self.linked[language])
        driver.press("s Enter")
        driver.press("g")
        for words in ["MONDO:0014109", label, title] {
            #expect(driver.text.contains(words), "no \(words) in\n\(driver.text)")
        }
        driver.press("Enter Enter Enter Enter Enter Enter")
        #expect(driver.text.contains(language == .english ? "This is what you allow" : "您将允许以下内容"))
        for words in ["MONDO:0014109", label, title] {
            #expect(driver.text.contains(words), "no \(words) in\n\(driver.text)")
        }
    }

    @Test func `disease-specific research without a disease says what that means`() throws {
        let words = Words(.english, now: SampleReading.now)
        let (named, unnamed) = (
            try #require(DiseaseTerm("MONDO:0005148")),
            words.meanings([.diseaseSpecific, .healthResearch], of: [])
        )
        #expect(
            unnamed.map(\.string) == [
                "disease-specific research (DS): none is named, so it may be any",
                "health and medical research (HMB)",
            ])
        #expect(
            words.meanings([.diseaseSpecific], of: [named]).map(\.string) == [
                "disease-specific research (DS): MONDO:0005148"
            ])
    }
}
