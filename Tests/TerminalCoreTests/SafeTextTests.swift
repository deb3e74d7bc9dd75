import Foundation
import TerminalCore
import TestSupport
import Testing

@Suite struct SafeTextTests {
    @Test(arguments: [
        ("plain", "plain"),
        ("a\u{1B}[31mb", "a␛[31mb"),
        ("bell\u{07}", "bell␇"),
        ("\u{7F}", "␡"),
        ("\u{9B}31m", "‹U+009B›31m"),
        ("abc\u{202E}def", "abc‹U+202E›def"),
        ("a\u{200B}b", "a‹U+200B›b"),
        ("\u{FEFF}a", "‹U+FEFF›a"),
        ("a\u{E0041}", "a‹U+E0041›"),
        ("\u{E000}", "‹U+E000›"),
        ("\u{FFFE}", "‹U+FFFE›"),
        ("a\n\tb\r\nc", "a b c"),
        ("e\u{301}", "e\u{301}"),
        ("\u{301}x", "◌\u{301}x"),
        ("👩\u{200D}🔬", "👩\u{200D}🔬"),
        ("👩\u{200D}", "👩‹U+200D›"),
        ("☂\u{FE0F}", "☂\u{FE0F}"),
        ("a\u{FE0F}", "a‹U+FE0F›"),
        ("汉字 · ①", "汉字 · ①"),
    ])
    func `what cannot be seen is made visible, the rest is kept`(input: String, output: String) {
        #expect(SafeText(untrusted: input).string == output)
    }

    @Test func `a stack of combining marks is cut at eight`() {
        let text = SafeText(untrusted: "Z" + String(repeating: "\u{301}", count: 500))
        #expect(text.string.unicodeScalars.count == 9)
    }

    @Test func `an interpolated string goes through the same steps as any other`() {
        let title = "x\u{1B}]0;pwned\u{07}"
        let text: SafeText = "Title: \(title), \(3) points"
        #expect(text.string == "Title: x␛]0;pwned␇, 3 points")
    }

    @Test func `cleaning twice changes nothing more`() {
        let once = SafeText(untrusted: "a\u{1B}\u{202E}👩\u{200D}\u{301}\u{301}b\u{E0041}\n\n")
        #expect(SafeText(untrusted: once.string) == once)
    }

    @Test func `paragraphs keep their breaks`() {
        let parts = SafeText.paragraphs(untrusted: "one\ntwo\r\n\r\nthree\u{2028}four\ttab")
        #expect(parts.map(\.string) == ["one", "two", "", "three", "four tab"])
    }

    @Test(.enabled(if: SharedData.isPresent, "\(SharedData.comment)"))
    func `no control, bidi or invisible character of a hostile file survives`() throws {
        var texts = [
            try SharedData.text("hostile/strings/blns.json"),
            try SharedData.text("hostile/utf8/utf8tests.txt"),
            try SharedData.text("hostile/unicode/GraphemeBreakTest.txt"),
        ]
        let strings = try SharedData.bytes("hostile/strings/blns.json")
        texts += try JSONDecoder().decode([String].self, from: Data(strings))
        for file in try SharedData.files(in: "hostile/terminal", suffix: ".rec") {
            texts.append(String(decoding: try Data(contentsOf: file), as: UTF8.self))
        }
        #expect(texts.count > 250)
        for text in texts {
            for line in [SafeText(untrusted: text)] + SafeText.paragraphs(untrusted: text) {
                expectHarmless(line)
            }
        }
    }

    private func expectHarmless(_ text: SafeText) {
        let bad = text.string.unicodeScalars.filter { scalar in
            if scalar == "\u{200D}" || scalar == "\u{FE0F}" || scalar == "\u{FE0E}" {
                return false
            }
            let properties = scalar.properties
            return properties.generalCategory == .control
                || properties.generalCategory == .format
                || properties.isBidiControl || properties.isDefaultIgnorableCodePoint
                || properties.isNoncharacterCodePoint
        }
        #expect(bad.isEmpty)
    }
}
