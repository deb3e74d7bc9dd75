import TerminalCore
import Testing

@Suite struct TextWidthTests {
    let width = TextWidth.standard
    let wide = TextWidth(ambiguous: .two)

    @Test(arguments: [
        ("a", 1), ("汉", 2), ("￥", 2), ("🧧", 2), ("☕", 2), ("¥", 1), ("é", 1), ("·", 1),
        ("—", 1), ("…", 1), ("①", 1), ("“", 1), ("⚠", 1), ("e\u{301}", 1), ("한", 2),
        ("👩\u{200D}👩\u{200D}👧", 2), ("👍🏽", 2), ("⚠\u{FE0F}", 1), ("1\u{FE0F}\u{20E3}", 1),
        ("🇨🇳", 2), ("क्षि", 3), ("─", 1), ("★", 1), ("", 0),
    ])
    func `a cluster takes the cells a terminal gives it`(text: String, cells: Int) {
        #expect(width.cells(of: SafeText(untrusted: text)) == cells)
    }

    @Test func `ambiguous characters take two cells where the terminal is set up so`() {
        #expect(wide.cells(of: "①“…é") == 8)
        #expect(wide.cells(of: "a汉") == 3)
    }

    @Test func `a prefix never splits a wide character`() {
        #expect(width.prefix("汉字表", cells: 5) == "汉字")
        #expect(width.prefix("汉字表", cells: 1) == "")
        #expect(width.prefix("abc", cells: -1) == "")
    }

    @Test func `a text too long ends in an ellipsis within its cells`() {
        #expect(width.truncate("Sleep and pressure", cells: 8) == "Sleep a…")
        #expect(width.truncate("汉字汉字", cells: 6) == "汉字…")
        #expect(width.truncate("abc", cells: 3) == "abc")
        #expect(width.truncate("abc", cells: 0) == "")
    }

    @Test func `padding fills to exactly the cells asked for`() {
        #expect(width.pad("汉", cells: 4) == "汉  ")
        #expect(width.pad("42", cells: 5, .right) == "   42")
        #expect(width.pad("ab", cells: 5, .centre) == " ab  ")
        #expect(width.cells(of: width.pad("汉字汉", cells: 4)) == 4)
    }

    @Test func `Latin text breaks at spaces and cuts what is longer than a line`() {
        let lines = width.wrap("The quick  brown fox, jumps incomprehensibly.", cells: 10)
        #expect(
            lines.map(\.string) == ["The quick", "brown fox,", "jumps", "incomprehe", "nsibly."])
    }

    @Test func `a hyphen ends a line, but not where words are typed as they stand`() {
        let text: SafeText = "with --keep-anonymised results"
        #expect(
            width.wrap(text, cells: 14).map(\.string) == ["with --keep-", "anonymised", "results"])
        #expect(
            width.wrap(text, cells: 14, atHyphens: false).map(\.string)
                == ["with", "--keep-anonymi", "sed results"])
    }

    @Test func `Chinese text breaks anywhere but before closing punctuation`() {
        let lines = width.wrap("睡眠研究，需要数据。（可选）项目", cells: 8)
        #expect(lines.map(\.string) == ["睡眠研", "究，需要", "数据。", "（可选）", "项目"])
    }

    /// Hangul tone marks stand beside their letter, two cells each: found by the fuzzer.
    @Test func `a character that takes more cells than a line has is cut`() {
        let tones: SafeText = "x 가\u{302E}\u{302E}\u{302E}\u{302E} y"
        #expect(width.cells(of: tones.string.dropFirst(2).first ?? " ") == 10)
        let lines = width.wrap(tones, cells: 7)
        #expect(lines.map { width.cells(of: $0) } == [6, 6, 1])
        #expect(
            lines.map(\.string) == ["x 가\u{302E}", "\u{302E}\u{302E}\u{302E}", "y"])
    }

    @Test(arguments: 1...30)
    func `no wrapped line is wider than its limit, and nothing but spaces is lost`(limit: Int) {
        let text: SafeText = "中风患者 sleep-quality cohort，“研究” 🇨🇳 e\u{301} 👩\u{200D}🔬 (a) b—c"
        let lines = width.wrap(text, cells: limit)
        let kept = lines.map(\.string).joined().filter { $0 != " " }
        #expect(kept == text.string.filter { $0 != " " })
        #expect(lines.allSatisfy { width.cells(of: $0) <= max(limit, 2) })
    }
}
