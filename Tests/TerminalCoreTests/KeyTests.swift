import TerminalCore
import Foundation
import TestSupport
import Testing

@Suite struct KeyTests {
    @Test(arguments: [
        Key.character("a"), .character(" "), .character("汉"), .enter, .shiftTab, .pageDown,
        .function(1), .function(12), .control("c"), .control(" "), .alt("x"), .home,
        .resize(Size(columns: 100, rows: 30)), .paste("two words"),
        .mouse(MouseEvent(.press, at: Point(row: 3, column: 4))),
    ])
    func `a key's name reads back as the key`(key: Key) {
        #expect(Key(name: key.name) == key)
    }

    @Test(arguments: ["", "Nothing", "F13", "F0", "Ctrl+", "Resize 3", "Click 1"])
    func `a name that is none is refused`(name: String) {
        #expect(Key(name: name) == nil)
    }

    @Test func `control keys are named in upper case and read in either`() {
        #expect(Key.control("c").name == "Ctrl+C")
        #expect(Key(name: "Ctrl+c") == .control("c"))
    }

    @Test(arguments: [
        ("a汉\r", [Key.character("a"), .character("汉"), .enter]),
        ("\u{1B}[A\u{1B}OB\u{1B}[1;5C\u{1B}OD", [.up, .down, .right, .left]),
        ("\u{1B}[5~\u{1B}[6~\u{1B}[3~\u{1B}[2~", [.pageUp, .pageDown, .delete, .insert]),
        ("\u{1B}[1~\u{1B}[H\u{1B}OF\u{1B}[8~", [.home, .home, .end, .end]),
        (
            "\u{1B}OP\u{1B}[15~\u{1B}[24~\u{1B}[[B",
            [
                .function(1), .function(5), .function(12), .function(2),
            ]
        ),
        (
            "\u{1}\u{3}\0\u{1C}\u{7F}\t\u{1B}[Z",
            [
                .control("a"), .control("c"), .control(" "), .control("\\"), .backspace, .tab,
                .shiftTab,
            ]
        ),
        ("\u{1B}x\u{1B}\u{1B}[A", [.alt("x"), .escape, .up]),
        (
            "\u{1B}[<0;5;3M\u{1B}[<32;5;4M\u{1B}[<0;5;4m\u{1B}[<64;1;1M",
            [
                .mouse(MouseEvent(.press, at: Point(row: 2, column: 4))),
                .mouse(MouseEvent(.drag, at: Point(row: 3, column: 4))),
                .mouse(MouseEvent(.release, at: Point(row: 3, column: 4))),
                .mouse(MouseEvent(.scrollUp, at: Point(row: 0, column: 0))),
            ]
        ),
        ("\u{1B}[200~a\nb\u{1B}[A\u{1B}[201~c", [.paste("a\nb[A"), .character("c")]),
        ("\u{1B}]11;rgb:0/0/0\u{1B}\\\u{1B}[?62c\u{1B}[12;40Rz", [.character("z")]),
    ])
    func `bytes are read as keys, in one piece or one by one`(text: String, keys: [Key]) {
        var whole = KeyParser()
        #expect(whole.parse(Array(text.utf8)) == keys)
        var single = KeyParser()
        #expect(text.utf8.flatMap { single.parse([$0]) } == keys)
        #expect(single.waiting == nil)
    }

    @Test func `a lone ESC is Escape once its time is over`() {
        var parser = KeyParser()
        #expect(parser.parse([0x1B]).isEmpty)
        #expect(parser.waiting == .sequence)
        #expect(parser.flush() == [.escape])
        #expect(parser.waiting == nil)
    }

    @Test func `a paste that never ends is given up and kept within its limit`() throws {
        var parser = KeyParser()
        let endless = Array("\u{1B}[200~".utf8) + [UInt8](repeating: 0x41, count: 100_000)
        #expect(parser.parse(endless).isEmpty)
        #expect(parser.waiting == .paste)
        guard case .paste(let text) = try #require(parser.flush().first) else {
            Issue.record("not a paste")
            return
        }
        #expect(text.utf8.count == KeyParser.pasteLimitBytes)
        #expect(parser.parse(Array("q".utf8)) == [.character("q")])
    }

    @Test func `an answer about synchronized output is heard and gives no key`() {
        var parser = KeyParser()
        #expect(parser.parse(Array("\u{1B}[?2026;2$y".utf8)).isEmpty)
        #expect(parser.knowsSynchronizedOutput)
    }

    @Test func `after any garbage and a pause, the next key is read rightly`() {
        var state: UInt64 = 1
        for _ in 0..<2_000 {
            var parser = KeyParser()
            var bytes: [UInt8] = []
            for _ in 0..<64 {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                bytes.append(UInt8(truncatingIfNeeded: state >> 33))
                if state >> 60 == 3 { bytes += [0x1B, 0x5B] }
            }
            _ = parser.parse(bytes)
            while parser.waiting != nil { _ = parser.flush() }
            #expect(parser.parse(Array("\u{1B}[B".utf8)) == [.down])
        }
    }

    @Test(.enabled(if: SharedData.isPresent, "\(SharedData.comment)"))
    func `recordings of other programs do not jam the keys`() throws {
        for file in try SharedData.files(in: "hostile/terminal", suffix: ".rec") {
            var parser = KeyParser()
            _ = parser.parse(try SharedData.bytes("hostile/terminal/\(file.lastPathComponent)"))
            while parser.waiting != nil { _ = parser.flush() }
            #expect(parser.parse([0x71]) == [.character("q")])
        }
    }
}
