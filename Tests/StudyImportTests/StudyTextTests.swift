import LedgerCore
import Testing

@testable import StudyImport

struct StudyTextTests {
    private let now = Timestamp(milliseconds: 1_795_305_600_000)

    @Test func `white space is folded and everything else kept`() {
        #expect(StudyText.folded("  a\t\r\n b\u{a0}\u{3000}c \n") == "a b c")
        #expect(
            StudyText.folded("a\u{200b}b\u{9d}\u{202e}c\u{1b}") == "a\u{200b}b\u{9d}\u{202e}c\u{1b}"
        )
        #expect(StudyText.paragraphs("a\nb\n\n  \n c") == "a b\nc")
    }

    @Test func `a text that fits stays whole`() {
        #expect(StudyText.shortened("abcde", characters: 5, bytes: 5) == "abcde")
        #expect(StudyText.shortened("", bytes: 0) == "")
    }

    @Test func `a long text ends after a word`() {
        #expect(StudyText.shortened("one two three four", bytes: 14) == "one two…")
        #expect(StudyText.shortened("one two three four", characters: 10, bytes: 99) == "one two…")
        #expect(StudyText.shortened("睡眠质量队列研究", bytes: 13) == "睡眠质…")
    }

    @Test func `no character is ever cut in two`() {
        let family = "👨‍👩‍👧‍👦"
        let text = String(repeating: family, count: 9)
        for bytes in 3...240 {
            let short = StudyText.shortened(text, bytes: bytes)
            #expect(short.utf8.count <= bytes)
            if bytes >= family.utf8.count + 3 {
                #expect(short == text || short.dropLast().allSatisfy { String($0) == family })
            }
        }
    }

    @Test func `a letter under thousands of marks is cut to the limit`() {
        let letter = "a" + String(repeating: "\u{301}", count: 4_000)
        let short = StudyText.shortened(letter, characters: 400, bytes: 1_200)
        #expect(short.utf8.count <= 1_200)
        #expect(short.hasSuffix("…"))
    }

    @Test(arguments: [
        "word ", "长", "\u{1b}", "\"\\", "a\u{301}\u{302}\u{303}", "👨‍👩‍👧‍👦", "\u{202e}x", "﷽",
    ])
    func `terms of the longest texts fit one entry`(unit: String) throws {
        let text = String(repeating: unit, count: 20_000)
        let study = try ImportedStudy(
            registryID: text + "1", title: LocalizedText(english: "x" + text, chinese: "长" + text),
            why: LocalizedText(english: text + "x", chinese: text + "长"), sponsorName: text + "x",
            endDate: .latest, targetSeats: .max, isOpen: true, link: "https://" + text,
            conditions: [text], ethics: text + "x")
        for count in [1, 3, 64] {
            let terms = study.terms(recipients: try accounts(count), now: now)
            #expect(terms.title.english.count <= 400)
            #expect(terms.title.chinese.count <= 400)
            #expect(terms.why.english.utf8.count <= 1_500)
            #expect(!terms.why.chinese.isEmpty)
            #expect(try entryBytes(terms) <= EntryLimits.payloadBytes)
            #expect(try ProjectTerms(json: terms.json) == terms)
        }
    }

    @Test func `a study without a summary says so and names its sponsor`() throws {
        let study = try ImportedStudy(
            registryID: "N", title: LocalizedText(english: "T"), sponsorName: "BGI", isOpen: true)
        #expect(
            study.terms(recipients: try accounts(1), now: now).why.english
                == "The registry published no summary; see the record there.\nSponsor: BGI")
    }

    @Test func `only web addresses are kept as links`() throws {
        let study = try ImportedStudy(
            registryID: "N", title: LocalizedText(english: "T"), isOpen: true,
            link: "javascript:alert(1)")
        #expect(study.link.isEmpty)
        #expect(study.terms(recipients: try accounts(1), now: now).source == "N")
    }

    @Test func `Chinese is told from Japanese and Korean`() {
        #expect(StudyText.isChinese("KRAS G12C突变"))
        #expect(!StudyText.isChinese("睡眠の研究"))
        #expect(!StudyText.isChinese("수면 硏究"))
        #expect(!StudyText.isChinese("Sleep"))
    }
}
