import Testing

@testable import TerminalCore

@Suite struct LoneScalarsTests {
    private static let listed = (UInt32(0x20)...0x2FFFF).compactMap(Unicode.Scalar.init)
        .filter(LoneScalars.contains)

    @Test func `each may be printed, takes room and is one glyph`() {
        #expect(Self.listed.count > 27_000)
        for scalar in Self.listed {
            let properties = scalar.properties
            let isHidden =
                properties.isDefaultIgnorableCodePoint
                || [.control, .format, .privateUse, .unassigned, .lineSeparator].contains(
                    properties.generalCategory)
            #expect(!isHidden && !Character(scalar).isNewline, "\(scalar.value)")
            var glyphs: [Glyph] = []
            TextWidth.standard.forEachGlyph(of: Character(scalar)) { glyphs.append($0) }
            #expect(glyphs.map(\.text) == [String(scalar)], "\(scalar.value)")
            #expect(glyphs.first?.cells == TextWidth.standard.cells(of: scalar))
        }
    }

    @Test func `each stays a character of its own beside any other`() {
        let neighbours = ["a", "汉", "①", "★", "か", "é", "ｗ", "я"].compactMap(\.unicodeScalars.first)
        for scalar in Self.listed {
            for other in neighbours {
                var pair = String.UnicodeScalarView([other, scalar, other])
                #expect(String(pair).count == 3, "\(scalar.value)")
                pair = String.UnicodeScalarView([scalar, scalar])
                #expect(String(pair).count == 2, "\(scalar.value)")
            }
        }
    }

    @Test func `text of them and other text are measured and drawn alike`() {
        for text in ["Sleep “study” · 1\u{2009}200 ★", "中风患者睡眠（①）", "a汉b…", "→ “x”"] {
            // A mark that follows sends the whole text the slow way.
            let fast = SafeText(untrusted: text)
            let slow = SafeText(untrusted: text + "e\u{301}")
            for width in [TextWidth.standard, TextWidth(ambiguous: .two)] {
                #expect(width.cells(of: slow) == width.cells(of: fast) + 1)
                var frames = [Frame(size: Size(columns: 12, rows: 1), textWidth: width)]
                frames.append(frames[0])
                frames[0].write(fast, row: 0, column: -1)
                frames[1].write(slow, row: 0, column: -1)
                frames[1].fill(Rect(row: 0, column: 11, rows: 1, columns: 1))
                frames[0].fill(Rect(row: 0, column: 11, rows: 1, columns: 1))
                let end = min(width.cells(of: fast) - 1, 11)
                for column in 0..<end { #expect(frames[0][0, column] == frames[1][0, column]) }
                #expect(width.prefix(fast, cells: 5) == width.prefix(slow, cells: 5))
            }
        }
    }
}
