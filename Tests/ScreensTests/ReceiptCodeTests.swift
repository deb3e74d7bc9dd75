import LedgerCore
import Screens
import SyncCore
import TerminalCore
import TestSupport
import Testing

@Suite struct ReceiptCodeTests {
    private let entry = Hash.of([7])

    @Test(arguments: [0 as LeafIndex, 198, 99_999, 1_234_567_890])
    func `the text of a code names the entry it was made for`(index: LeafIndex) {
        let code = ReceiptCode(index: index, entry: entry)
        #expect(ReceiptCode(code.text) == code)
        #expect(ReceiptCode(code.text.lowercased()) == code)
        #expect(code.text.allSatisfy { $0.isUppercase || $0.isNumber || $0 == ":" })
    }

    @Test(arguments: [
        "", "ACCORD", "ACCORD:1", "ACCORD:-1:00", "ACCORD:1:00", "OTHER:1:00", "ACCORD:x:00",
        "ACCORD:1:00:",
    ])
    func `other texts are no code`(text: String) { #expect(ReceiptCode(text) == nil) }

    /// The modules that a screen shows, row by row, as far as they have the role of a code.
    private func modules(_ frame: Frame) -> [[Bool]] {
        var rows: [[Bool]] = []
        for row in 0..<frame.size.rows {
            let cells = (0..<frame.size.columns).filter { frame[row, $0].role == .code }
            guard !cells.isEmpty else { continue }
            let texts = cells.map { frame[row, $0].text }
            rows.append(texts.map { $0 == "█" || $0 == "▀" })
            rows.append(texts.map { $0 == "█" || $0 == "▄" })
        }
        return rows
    }

    @Test(arguments: [(80, 24), (100, 30), (200, 60)])
    func `a code is drawn with its three corners, and its text stands beside it`(
        columns: Int, rows: Int
    ) throws {
        var driver = ScreenDriver(.member, columns: columns, rows: rows)
        driver.press("6 G v c")
        let modules = modules(driver.frame)
        let border = try #require(modules.firstIndex { $0.contains(true) })
        let width = 29
        #expect((1...4).contains(border))
        let cells = modules.map { $0.dropFirst(border).prefix(width) }
        let square = cells.dropFirst(border).prefix(width).map(Array.init)
        #expect(square.count == width && square.allSatisfy { $0.count == width })
        // A corner is a ring of seven modules, a light one of five, and nine dark ones.
        for (top, left) in [(0, 0), (0, width - 7), (width - 7, 0)] {
            for row in 0..<7 {
                for column in 0..<7 {
                    let ring = max(abs(row - 3), abs(column - 3))
                    #expect(square[top + row][left + column] == (ring != 2))
                }
            }
        }
        let text = driver.tree.first(.chart)?.value?.string
        #expect(text.flatMap { ReceiptCode($0) } != nil)
        driver.press("y")
        #expect(driver.clipboard == text)
    }

    @Test func `where blocks are two cells wide the text stands alone`() {
        var driver = ScreenDriver(.member, textWidth: TextWidth(ambiguous: .two))
        driver.press("6 G v c")
        #expect(modules(driver.frame).isEmpty)
        #expect(driver.text.contains("ACCORD:"))
    }
}
