import LedgerCore
import TerminalCore
import Testing

@testable import ClientRuntime

@Suite struct TapeParserTests {
    private func commands(_ text: String) throws -> [TapeCommand] {
        try TapeParser.parse(text, file: "a.tape") { _ in "Enter\nOutput x.txt" }.map(\.command)
    }

    @Test func `pauses longer than a time line can be end it, and not the play`() {
        var recording = TapeRecording(outputs: ["a.cast"], castVersion: 2)
        for _ in 0..<20 { recording.advance(milliseconds: .max / 2) }
        #expect(recording.isNeeded)
    }

    @Test func `the words of VHS are read`() throws {
        let read = try commands(
            """
            # a comment
            Output demo.cast
            Output demo.gif
            Set Width 100
            Set FontSize 22
            Set Theme { "name": "x", "black": "#000000" }
            Set TypingSpeed 75ms
            Set WaitPattern /\\$ $/
            Require tmux
            Env NAME "a value"
            Type@50ms "sleep" 'study'
            Down@100ms 3
            Ctrl+C
            Alt+x  Shift+Tab
            ScrollUp 2
            Sleep 500ms
            Sleep .5
            Wait
            Wait+Screen@10s /Home\\/away/
            Type
              `on the next line`
            Source other.tape
            Hide Show
            Copy "a" 'b' Paste
            Screenshot home.png
            """)
        #expect(
            read == [
                .output("demo.cast"), .output("demo.gif"), .set(.columns(100)),
                .set(.ignored("FontSize")), .set(.ignored("Theme")),
                .set(.typingSpeed(milliseconds: 75)),
                .set(.waitPattern(try TapePattern("\\$ $"))), .require("tmux"),
                .environment(name: "NAME", value: "a value"),
                .type("sleep study", each: 50), .press([.down], count: 3, each: 100),
                .press([.control("c")], count: 1, each: nil),
                .press([.alt("x")], count: 1, each: nil),
                .press([.shiftTab], count: 1, each: nil),
                .press(
                    [.mouse(MouseEvent(.scrollUp, at: Point(row: 5, column: 5)))], count: 2,
                    each: nil),
                .sleep(milliseconds: 500), .sleep(milliseconds: 500),
                .wait(.line, nil, seconds: nil),
                .wait(.screen, try TapePattern("Home/away"), seconds: 10),
                .type("on the next line", each: nil),
                .press([.enter], count: 1, each: nil), .hide, .show, .copy("a b"), .paste,
                .screenshot("home.png"),
            ])
    }

    @Test(arguments: [
        ("Ctrl+[", [Key.escape]), ("Ctrl+@", [.control(" ")]), ("Ctrl+Space", [.control(" ")]),
        ("Ctrl+Left", [.left]), ("Ctrl+Shift+C", [.control("c")]), ("Ctrl+I", [.tab]),
        ("Ctrl+Alt+x", [.escape, .control("x")]), ("Ctrl+-", [.control("_")]),
        ("Ctrl+Enter", [.enter]), ("Ctrl+Backspace", [.backspace]), ("Ctrl+\\", [.control("\\")]),
        ("Alt+Enter", [.escape, .enter]), ("Alt+[", [.alt("[")]), ("Shift+Enter", [.enter]),
        ("Shift+a", [.character("A")]), ("Shift+[", [.character("{")]), ("Shift+Tab", [.shiftTab]),
        ("F12", [.function(12)]), ("Home", [.home]), ("End", [.end]), ("Insert", [.insert]),
    ]) func `a key with modifiers is what a terminal makes of it`(name: String, keys: [Key]) throws
    {
        #expect(try commands(name) == [.press(keys, count: 1, each: nil)])
    }

    @Test func `our own words are read`() throws {
        let time = try #require(Timestamp(iso: "2026-11-22T09:00:00Z"))
        let read = try commands(
            """
            Set Height 30
            Set Locale zh
            Set CastVersion 3
            Node demo
            Node Kill
            Clock 2026-11-22T09:00:00Z
            Clock +7d
            Seed 42
            Resize 100x30
            Click 3 10
            Expect /a b/
            ExpectNot+Line /c/
            ExpectRole item "Sleep" selected focused
            Golden home
            Output /tmp/frames.txt
            Kill
            """)
        #expect(
            read == [
                .set(.rows(30)), .set(.locale("zh")), .set(.castVersion(3)),
                .node(.fixture("demo")), .node(.kill), .clock(.at(time)),
                .clock(.later(milliseconds: 604_800_000)), .seed(42),
                .resize(Size(columns: 100, rows: 30)), .click(row: 3, column: 10),
                .expect(.screen, try TapePattern("a b")),
                .expectNot(.line, try TapePattern("c")),
                .expectRole(.item, name: "Sleep", states: [.selected, .focused]),
                .golden("home"), .output("/tmp/frames.txt"), .kill,
            ])
    }

    @Test(arguments: [
        ("Jump", "1: Jump is no command"),
        ("Tpye \"x\"", "1: Tpye is no command, did you mean Type?"),
        ("enter", "1: enter is no command, did you mean Enter?"),
        ("  Wiat+Screen /x/", "3: Wiat+Screen is no command, did you mean Wait+Screen?"),
        ("Type", "1: Type takes a text"), ("Type \"open", "6: a string has no end"),
        ("Set Nonsense 3", "5: Nonsense is no setting"),
        ("Set FontSze 3", "5: FontSze is no setting, did you mean FontSize?"),
        ("Set Width many", "11: Set Width takes a number of cells"),
        ("Set Width 1200", "11: Set Width takes a number of cells"),
        ("Set CastVersion 4", "17: Set CastVersion takes 2 or 3"), ("Expect", "1: Expect takes"),
        ("Expect /(/", "8: /(/ is no regular expression"), ("Expect /a", "8: a pattern has no end"),
        ("Expect+Row /a/", "1: Expect knows +Screen and +Line, not +Row"),
        ("Down 0", "6: a count is from 1"), ("Down@soon", "1: Down@ takes a time"),
        ("Sleep soon", "1: Sleep takes"), ("Clock noon", "1: Clock takes"),
        ("Resize big", "1: Resize takes"), ("Resize 0x0", "1: Resize takes"),
        ("Click 0 1", "1: Click takes"), ("Enter Enter Bogus", "13: Bogus is no command"),
        ("ExpectRole itme \"x\"", "12: itme is no role, did you mean item?"),
        ("Seed minus", "1: Seed takes"), ("\"text\"", "1: a command was expected"),
        ("Output film.avi", "1: Output writes"), ("Screenshot a.pgn", "1: Screenshot writes"),
        ("Enter Set Width 90", "7: this Set has to stand before the first key; Resize"),
        ("Enter Seed 1", "7: Seed has to stand before the first key"),
    ])
    func `a wrong line is refused with its file, line and column, and what may have been meant`(
        line: String, expected: String
    ) throws {
        let error = try #require(throws: TapeError.self) { try commands("# first\n\(line)") }
        #expect(error.description.hasPrefix("a.tape:2:\(expected)"), "\(error)")
    }
}
