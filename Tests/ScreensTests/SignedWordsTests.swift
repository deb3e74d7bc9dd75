import LedgerCore
import Screens
import SyncCore
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

    /// Both are read before anything is signed; linking is chosen, and may be left out.
    @Test(arguments: Language.allCases, [true, false])
    func `whoever authorizes reads both first, and again before signing`(
        language: Language, isLinked: Bool
    ) throws {
        var driver = open(language)
        let (label, title, meaning) = try #require(Self.linked[language])
        func expect(_ all: [String], not none: [String] = []) {
            for words in all {
                #expect(driver.text.contains(words), "no \(words) in\n\(driver.text)")
            }
            for words in none {
                #expect(!driver.text.contains(words), "\(words) in\n\(driver.text)")
            }
        }
        driver.press("s Enter g")
        expect(["MONDO:0014109"], not: [label, title])
        driver.press("Enter Enter Enter")
        let isEnglish = language == .english
        expect([
            isEnglish ? "May your records be linked?" : "是否允许与其他项目的数据关联？", "[ ] P-00", title,
            meaning, isEnglish ? "Not needed to take part" : "并非参与所必需",
        ])
        if isLinked { driver.press("Space") }
        driver.press("Enter Enter Enter Enter")
        let none = isEnglish ? "with no other project" : "不与任何其他项目关联"
        expect(
            [isEnglish ? "This is what you allow" : "您将允许以下内容", "MONDO:0014109", label]
                + [isLinked ? title : none], not: [isLinked ? none : title])
    }

    @Test(arguments: [[], ["a-1"], ["b-2"], ["a-1", "b-2"]] as [[String]])
    func `only the links that are ticked are signed, and none may stay none`(ticked: [String]) {
        var store = SampleReading.newcomer
        let names = ["a-1", "b-2"]
        store.details[0].terms.links = names.compactMap { ProjectID($0) }
        store.details[0].links = store.details[0].terms.links.map { LinkedProject($0) }
        var driver = ScreenDriver(store)
        driver.press("2 s g Enter Enter Enter")
        // What was ticked can be unticked, the last one too.
        driver.press("Space Space")
        for name in names { driver.press(ticked.contains(name) ? "Space Down" : "Down") }
        driver.press("Enter Enter Enter Enter Enter")
        guard case .grant(let draft)? = driver.actions.last else {
            Issue.record("not authorized:\n\(driver.text)")
            return
        }
        #expect(draft.links.map(\.text) == ticked)
    }

    @Test func `disease-specific research without a disease says what that means`() throws {
        let words = Words(.english, now: SampleReading.now)
        let (named, unnamed) = (
            try #require(DiseaseTerm("MONDO:0005148")),
            words.meanings([.diseaseSpecific, .healthResearch], of: [])
        )
        #expect(
            unnamed.map(\.string) == [
                "disease-specific research (DS), for any disease: none is named",
                "health and medical research (HMB)",
            ])
        #expect(
            words.meanings([.diseaseSpecific], of: [named]).map(\.string) == [
                "disease-specific research (DS), only for MONDO:0005148"
            ])
    }

    @Test func `a title neither hides nor forges which project may be linked`() throws {
        let words = Words(.english, now: SampleReading.now)
        let project = try #require(ProjectID("evil-registry"))
        let title = "Gut study · sleep-1 " + String(repeating: "and more ", count: 40)
        let shown = words.linked(
            LinkedProject(project, title: LocalizedText(english: title))
        ).string
        #expect(shown.hasPrefix("evil-registry · "))
    }

    @Test func `many links leave the end of the summary in sight, and their step has all`() throws {
        var store = SampleReading.newcomer
        let names = ["a-1", "b-2", "c-3", "d-4", "e-5"]
        let title = LocalizedText(english: String(repeating: "A very long title ", count: 20))
        store.details[5].terms.links = names.compactMap { ProjectID($0) }
        store.details[5].links = store.details[5].terms.links.map {
            LinkedProject($0, title: title)
        }
        var driver = ScreenDriver(store, rows: 60)
        driver.press("2 / r e g i Enter s g Enter Enter Enter")
        for name in names { #expect(driver.text.contains(name), "\(driver.text)") }
        driver = ScreenDriver(store)
        driver.press("2 / r e g i Enter s g Enter Enter Enter")
        driver.press("Space Down Space Down Space Down Space Down Space")
        driver.press("Enter Enter Enter Enter")
        for words in ["a-1", "b-2", "and 3 more", "Not signed yet"] {
            #expect(driver.text.contains(words), "\(driver.text)")
        }
        #expect(!driver.text.contains("c-3"))
    }

    @Test func `an authorization names those it was given to, not those of the newest terms`()
        throws
    {
        var store = SampleReading.member
        let title = try #require(store.authorizationLines.first).title
        for index in store.authorizationLines.indices {
            store.authorizationLines[index].recipients = [LocalizedText(english: "Former Clinic")]
        }
        var driver = ScreenDriver(store, rows: 50)
        driver.press("3 Enter")
        #expect(driver.text.contains("Former Clinic"), "\(title) \(driver.text)")
        #expect(!driver.text.contains("Who       Shenzhen"), "\(driver.text)")
    }

    @Test func `who agreed to care alone agreed to no disease`() throws {
        let disease = try #require(DiseaseTerm("MONDO:0005148"))
        func grant(_ purposes: [DataUse]) throws -> AuthorizationGranted {
            AuthorizationGranted(
                project: try #require(ProjectID("p")), major: 1, minor: 0, terms: .zero,
                language: "en", kinds: [.clinical], purposes: purposes, recipients: [],
                collectionFrom: SampleReading.now, collectionUntil: SampleReading.now,
                until: SampleReading.now, eraseAt: SampleReading.now, cites: .zero,
                observedSize: 0, observedRoot: .zero, diseases: [disease])
        }
        #expect(try grant([.clinicalCare]).agreedDiseases == [])
        #expect(try grant([.clinicalCare, .diseaseSpecific]).agreedDiseases == [disease])
    }
}
