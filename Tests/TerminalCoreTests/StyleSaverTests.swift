import TerminalCore
import TestSupport
import Testing

@Suite struct StyleSaverTests {
    private func rewritten(_ text: String) -> String {
        var saver = StyleSaver()
        return String(decoding: saver.rewrite(Array(text.utf8)), as: UTF8.self)
    }

    @Test func `colours are told as differences, in one sequence`() {
        #expect(
            rewritten(
                "\u{1B}[38;5;1m\u{1B}[48;5;2mab\u{1B}(B\u{1B}[0;1m\u{1B}[38;5;3m\u{1B}[48;5;2mc")
                == "\u{1B}[0;38;5;1;48;5;2mab\u{1B}[1;38;5;3mc")
        #expect(rewritten("\u{1B}[0;1;4ma\u{1B}[0;2mb") == "\u{1B}[0;1;4ma\u{1B}[0;2mb")
        #expect(
            rewritten("a\u{1B}[1m\u{1B}[mb\u{1B}[7mc\u{1B}[mc") == "\u{1B}[mab\u{1B}[7mc\u{1B}[mc")
    }

    @Test func `a blank is told only what can be seen of it`() {
        #expect(
            rewritten("\u{1B}[31mx\u{1B}[1;32m \u{1B}[7m \u{1B}[0;31my")
                == "\u{1B}[0;31mx \u{1B}[1;7;32m \u{1B}[0;31my")
    }

    @Test func `what is erased or scrolled in gets its background`() {
        for erasing in ["\u{1B}[K", "\u{1B}[2J", "\u{1B}[3X", "\u{1B}[L", "\u{1B}M", "\n"] {
            #expect(rewritten("x\u{1B}[44m\(erasing)") == "\u{1B}[mx\u{1B}[44m\(erasing)")
        }
        for moving in ["\u{1B}[3;4H", "\u{1B}[5d", "\r", "\u{8}", "\u{1B}[?25l", "\u{1B}7"] {
            #expect(rewritten("x\u{1B}[44m\(moving)") == "\u{1B}[mx\(moving)")
        }
    }

    @Test func `what is not understood passes through, and the next style is told whole`() {
        #expect(
            rewritten("\u{1B}[31mx\u{1B}[58;5;3my") == "\u{1B}[0;31mx\u{1B}[58;5;3m\u{1B}[0;31my")
        #expect(rewritten("\u{1B}(0q\u{1B}(Bx") == "\u{1B}(0\u{1B}[mq\u{1B}(Bx")
        #expect(rewritten("\u{1B}[38:2::1:2:3mx") == "\u{1B}[0;38:2::1:2:3mx")
        #expect(rewritten("x\u{1B}") == "\u{1B}[mx\u{1B}")
        #expect(rewritten("x\u{1B}[3") == "\u{1B}[mx\u{1B}[3")
    }

    @Test func `any stream gives the same screen with fewer bytes`() {
        var state: UInt64 = 7
        func roll(_ sides: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % sides
        }
        let pieces = [
            "\u{1B}[m", "\u{1B}(B\u{1B}[m", "\u{1B}[1m", "\u{1B}[0;1;4m", "\u{1B}[22;24m",
            "\u{1B}[38;5;9m\u{1B}[48;5;234m", "\u{1B}[39;49m", "\u{1B}[31;42m", "\u{1B}[7m",
            "\u{1B}[27m", "\u{1B}[2m", "\u{1B}[38;2;1;2;3m", "text", " ", "   ", "汉字", "é", "\r\n",
            "\u{8}", "\u{1B}[K", "\u{1B}[1K", "\u{1B}[J", "\u{1B}[4X", "\u{1B}[2L", "\u{1B}[M",
            "\u{1B}[3;7H", "\u{1B}[2;6r", "\u{1B}[r", "\u{1B}M", "\u{1B}[S",
            "\u{1B}7\u{1B}[A\u{1B}8",
            "\u{1B}[2P", "\u{1B}[3@", "x\u{1B}[5b",
        ]
        for _ in 0..<300 {
            var saver = StyleSaver()
            var plain = TerminalScreen(Size(columns: 20, rows: 8))
            var saved = plain
            var (sent, kept) = (0, 0)
            for _ in 0..<12 {
                let frame = (0..<12).map { _ in pieces[roll(pieces.count)] }.joined()
                let less = saver.rewrite(Array(frame.utf8))
                plain.feed(Array(frame.utf8))
                saved.feed(less)
                sent += frame.utf8.count
                kept += less.count
            }
            #expect(plain.cursor == saved.cursor && plain.rows == saved.rows)
            for row in 0..<8 {
                for column in 0..<20 {
                    let (one, other) = (plain[row, column], saved[row, column])
                    #expect(
                        one.style == other.style
                            || one.text == " " && one.style.blank == other.style.blank)
                }
            }
            #expect(kept < sent)
        }
    }
}
