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
        // The line below it has the foreground, and reversed it is the foreground.
        #expect(
            rewritten("\u{1B}[4;33mx\u{1B}[37m \u{1B}[0;37m ")
                == "\u{1B}[0;4;33mx\u{1B}[37m \u{1B}[24m ")
        #expect(
            rewritten("\u{1B}[7;33mx\u{1B}[0;7;36m \u{1B}[1m ")
                == "\u{1B}[0;7;33mx\u{1B}[36m \u{1B}[1m ")
    }

    @Test func `what is erased or scrolled in gets its background`() {
        for erasing in ["\u{1B}[K", "\u{1B}[2J", "\u{1B}[3X", "\u{1B}[L", "\u{1B}M", "\n"] {
            #expect(rewritten("x\u{1B}[44m\(erasing)") == "\u{1B}[mx\u{1B}[44m\(erasing)")
        }
        for moving in ["\u{1B}[3;4H", "\u{1B}[5d", "\r", "\u{8}", "\u{1B}[?25l", "\u{1B}7"] {
            #expect(rewritten("x\u{1B}[44m\(moving)") == "\u{1B}[mx\(moving)")
        }
    }

    @Test func `a style that is not understood is ncurses' own until it begins anew`() {
        #expect(
            rewritten("\u{1B}[31mx\u{1B}[58;5;3my \u{1B}[32mz\u{1B}[0;1mw")
                == "\u{1B}[0;31mx\u{1B}[58;5;3my \u{1B}[32mz\u{1B}[0;1mw")
        #expect(rewritten("\u{1B}[58;5;3mx\u{1B}[my") == "\u{1B}[m\u{1B}[58;5;3mx\u{1B}[my")
        for other in ["4:3", "38:5:9:1", "38;5:9", "38:5;9", "1:31", "38:2:9:1:2:3"] {
            #expect(rewritten("\u{1B}[\(other)mx") == "\u{1B}[m\u{1B}[\(other)mx")
        }
    }

    @Test func `what is not style passes through whole`() {
        #expect(rewritten("\u{1B}(0q\u{1B}(Bx") == "\u{1B}(0\u{1B}[mq\u{1B}(Bx")
        #expect(rewritten("x\u{1B}") == "\u{1B}[mx\u{1B}")
        #expect(rewritten("x\u{1B}[3") == "\u{1B}[mx\u{1B}[3")
        for text in [
            "\u{1B}]104\u{7}", "\u{1B}]8;;https://example.org/a b\u{1B}\\", "\u{1B}P1$r0m\u{1B}\\",
            "\u{1B}]R", "\u{1B}]P1aabbcc",
        ] {
            #expect(rewritten("\u{1B}[1m\(text)x") == "\(text)\u{1B}[0;1mx")
        }
        #expect(rewritten("\u{1B}]8") == "\u{1B}]\u{1B}[m8")
    }

    @Test func `the Linux console's font is not a style that is not understood`() {
        #expect(rewritten("\u{1B}[0;10;7mx\u{1B}[0;10my") == "\u{1B}[0;7mx\u{1B}[my")
    }

    @Test(arguments: ["38:2::1:20:255", "48:2:1:20:255", "38;2;1;2;3", "38:2::0:0:0", "38:2:0:0:0"])
    func `colours are told as they came`(colour: String) {
        #expect(rewritten("\u{1B}[\(colour);1mx") == "\u{1B}[0;1;\(colour)mx")
        #expect(rewritten("\u{1B}[38:5:9mx") == "\u{1B}[0;38;5;9mx")
    }

    @Test(arguments: [
        (Colour.indexed(189), Colour.indexed(234), "\u{1B}[38;5;189;48;5;234m"),
        (Colour.named(.lightRed), Colour.terminal, "\u{1B}[91;49m"),
        (Colour.terminal, Colour.rgb(1, 20, 255), "\u{1B}[39;48;2;1;20;255m"),
    ]) func `what ncurses takes for the terminal's own colours are those it was told`(
        foreground: Colour, background: Colour, told: String
    ) {
        screensAgree(
            saver: {
                var saver = StyleSaver()
                saver.use(foreground: foreground, background: background)
                return saver
            },
            opening: told,
            plain: { frame in
                // Where colours end, the others begin.
                var text = frame
                for end in ["\u{1B}[m", "\u{1B}[39;49m"] {
                    text = text.replacing(end, with: end + told)
                }
                return text.replacing("\u{1B}[0;1;4m", with: "\u{1B}[0;1;4m" + told)
            })
    }

    @Test func `any stream gives the same screen with fewer bytes`() {
        screensAgree(saver: { StyleSaver() }, opening: "", plain: { $0 })
    }

    /// Feeds random frames to one screen as `plain` spells them, after an opening, and to another
    /// through a saver.
    private func screensAgree(
        saver make: () -> StyleSaver, opening: String, plain spelled: (String) -> String
    ) {
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
            var saver = make()
            var plain = TerminalScreen(Size(columns: 20, rows: 8))
            var saved = plain
            plain.feed(Array(opening.utf8))
            var (sent, kept) = (0, 0)
            for _ in 0..<12 {
                let frame = (0..<12).map { _ in pieces[roll(pieces.count)] }.joined()
                let less = saver.rewrite(Array(frame.utf8))
                plain.feed(Array(spelled(frame).utf8))
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
