import ClientRuntime
import LedgerCore
import TerminalCore
import Testing

@Suite struct TapeParserTests {
    private func commands(_ text: String) throws -> [TapeCommand] {
        try TapeParser.parse(text, file: "a.tape") { _ in "Enter\nOutput x.txt" }.map(\.command)
    }

    @Test func `the words of VHS are read`() throws {
        let read = try commands(
            """
            # a comment
            Output demo.cast
            Set Width 100
            Set FontSize 22
            Type@50ms "sleep" 'study'
            Down 3
            Ctrl+C
            Alt+x  Shift+Tab
            Sleep 500ms
            Sleep .5
            Wait+Screen@10s /Home\\/away/
            Source other.tape
            """)
        #expect(
            read == [
                .output("demo.cast"), .set(.columns(100)), .set(.ignored("FontSize")),
                .type("sleep study"), .press(.down, count: 3), .press(.control("c"), count: 1),
                .press(.alt("x"), count: 1), .press(.shiftTab, count: 1),
                .sleep(milliseconds: 500), .sleep(milliseconds: 500),
                .wait(.screen, try TapePattern("Home/away"), seconds: 10),
                .press(.enter, count: 1),
            ])
    }

    @Test func `our own words are read`() throws {
        let time = try #require(Timestamp(iso: "2026-11-22T09:00:00Z"))
        let read = try commands(
            """
            Node demo
            Node Kill
            Clock 2026-11-22T09:00:00Z
            Clock +7d
            Seed 42
            Resize 100x30
            Click 3 10
            Expect /a b/
            ExpectNot+Line /c/
            ExpectRole item "Sleep" selected
            Golden home
            Output /tmp/frames.txt
            Kill
            """)
        #expect(
            read == [
                .node(.fixture("demo")), .node(.kill), .clock(.at(time)),
                .clock(.later(milliseconds: 604_800_000)), .seed(42),
                .resize(Size(columns: 100, rows: 30)), .click(row: 3, column: 10),
                .expect(.screen, try TapePattern("a b")),
                .expectNot(.line, try TapePattern("c")),
                .expectRole(.item, name: "Sleep", states: [.selected]), .golden("home"),
                .output("/tmp/frames.txt"), .kill,
            ])
    }

    @Test(arguments: [
        "Jump", "Type", "Type \"open", "Set Nonsense 3", "Set Width many", "Expect", "Expect /(/",
        "Down 0", "Sleep soon", "Clock noon", "Resize big", "Click 0 1", "ExpectRole thing \"x\"",
        "Seed minus",
    ]) func `a wrong line is refused with its file and number`(line: String) throws {
        let error = try #require(throws: TapeError.self) { try commands("# first\n\(line)") }
        #expect(error.description.hasPrefix("a.tape:2: "))
    }
}
