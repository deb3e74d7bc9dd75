import TerminalCore
import Testing

@Suite struct KeyBytesTests {
    private static let keys: [Key] =
        [
            .enter, .escape, .tab, .shiftTab, .backspace, .delete, .insert, .up, .down, .left,
            .right, .home, .end, .pageUp, .pageDown, .character("a"), .character("睡"),
            .character(" "), .control("c"), .control(" "), .control("_"), .alt("x"), .alt("["),
            .paste("two\nlines 和中文"), .mouse(MouseEvent(.press, at: Point(row: 0, column: 0))),
            .mouse(MouseEvent(.scrollUp, at: Point(row: 29, column: 99))),
            .mouse(MouseEvent(.scrollDown, at: Point(row: 5, column: 5))),
        ] + (1...12).map { .function($0) }

    @Test(arguments: KeyBytesTests.keys) func `a key is read back from the bytes it sends`(key: Key)
    {
        var parser = KeyParser()
        let keys = parser.parse(key.terminalBytes) + parser.flush()
        #expect(keys == [key])
    }

    @Test func `a new size sends no bytes`() {
        #expect(Key.resize(Size(columns: 80, rows: 24)).terminalBytes.isEmpty)
    }
}
