import LedgerCore
import Screens
import TerminalCore
import TestSupport
import Testing

/// Where things stand on the screen.
@Suite struct LayoutTests {
    /// The row and column of the upper left corner of the box on the screen.
    private func corner(of driver: ScreenDriver) -> Point? {
        for (row, text) in driver.frame.rows.enumerated().dropFirst(2) {
            if let column = Array(text).firstIndex(of: "┌") {
                return Point(row: row, column: column)
            }
        }
        return nil
    }

    @Test(arguments: [TextWidth.Ambiguous.one, .two])
    func `the mark of the selected choice covers no box to tick`(_ cells: TextWidth.Ambiguous) {
        var driver = ScreenDriver(
            .newcomer, columns: 80, rows: 24, textWidth: TextWidth(ambiguous: cells))
        driver.press("2 f")
        let row = driver.frame.cursor.map { driver.frame.text(row: $0.row) } ?? ""
        #expect(row.contains("[ ]"), "\(row)")
    }

    @Test(arguments: [80, 100], ["T", ", Enter", ", Down Enter", "L"])
    func `a sheet lies over nothing that is still seen`(_ columns: Int, _ keys: String) throws {
        var driver = ScreenDriver(.member, columns: columns, rows: 24)
        driver.press("2 " + keys)
        let start = try #require(corner(of: driver))
        for text in driver.frame.rows.dropFirst(2).dropLast(2) {
            #expect(
                text.isEmpty || Array(text).firstIndex { $0 != " " } == start.column, "\(text)")
        }
    }

    @Test func `a sheet of several steps stays where it is`() throws {
        var driver = ScreenDriver(.newcomer, columns: 80, rows: 24)
        driver.press("2 s g")
        let first = try #require(corner(of: driver))
        for _ in 0..<6 {
            driver.press("Enter")
            #expect(corner(of: driver) == first)
        }
        driver = ScreenDriver(.member, columns: 80, rows: 24)
        driver.press("3 r")
        let outcome = try #require(corner(of: driver))
        for key in ["2", "3"] {
            driver.press(key)
            #expect(corner(of: driver) == outcome)
        }
    }

    @Test(arguments: [80, 100, 110, 132], Language.allCases)
    func `every part of the activity is named where its pane has room`(
        _ columns: Int, _ language: Language
    ) {
        var driver = ScreenDriver(.member, columns: columns, rows: 30, language: language)
        driver.press("6")
        let names = Words(language, now: SampleReading.now)
        for name in [Phrase.allEntries, .usesShelf, .decisionsShelf, .refusalsShelf, .noticesTitle]
        {
            #expect(driver.frame.text(row: 3).contains(names(name).string))
        }
    }

    @Test func `of two panes, the one that has the keys has the mark`() {
        var driver = ScreenDriver(.member, columns: 100, rows: 30)
        driver.press("2")
        let marks = { (driver: ScreenDriver) in
            driver.frame.rows.joined().filter { $0 == "▌" }.count
        }
        #expect(driver.frame.text(row: 3).contains("▌"))
        #expect(!driver.frame.text(row: 2).contains("▌"))
        driver.press("Enter")
        #expect(driver.frame.text(row: 3).contains("▏"))
        #expect(driver.frame.text(row: 2).contains("▌"))
        #expect(marks(driver) == 1)
    }

    @Test func `after midnight an entry of the evening still says when`() {
        let words = Words(.english, now: .init(milliseconds: 1_795_391_999_000 + 3_600_000))
        #expect(words.moment(.init(milliseconds: 1_795_391_999_000)).string == "23:59")
    }
}
