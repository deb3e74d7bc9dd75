import LedgerCore
import Screens
import SyncCore
import TerminalCore
import TestSupport
import Testing

/// Looking through the rows of a record and striking them, by real keys.
@Suite struct RowTableTests {
    /// A person who looks at the rows of a record of 312 before handing it over.
    private static func choosing(language: Language = .english) -> ScreenDriver {
        var driver = ScreenDriver(.newcomer, columns: 100, rows: 30, language: language)
        driver.press("2 s Enter c Enter")
        return driver
    }

    private static func counts(_ driver: ScreenDriver) throws -> (leave: Int, stay: Int) {
        let text = driver.tree.texts.first { $0.contains(" go out · ") } ?? ""
        let numbers = text.filter { $0 != "\u{2009}" }.split { !$0.isNumber }.compactMap {
            Int($0)
        }
        try #require(numbers.count >= 2, "\(driver.text)")
        return (numbers[0], numbers[1])
    }

    private static func draft(_ driver: ScreenDriver) throws -> ContributionDraft {
        guard case .contribute(let draft)? = driver.actions.last else {
            throw CancellationError()
        }
        return draft
    }

    @Test func `rows are found by words and struck together, and the strike is taken back`() throws
    {
        var driver = Self.choosing()
        driver.press("/")
        driver.type("Hemoglobin")
        #expect(driver.tree.first(.input) != nil)
        driver.press("Enter")
        #expect(driver.text.contains("/Hemoglobin"), "\(driver.text)")
        #expect(!driver.text.contains("Body weight"))
        let before = try Self.counts(driver)
        driver.press("a")
        let after = try Self.counts(driver)
        #expect(after.leave == before.leave - 104)
        driver.press("u")
        #expect(try Self.counts(driver) == before)
        driver.press("u")
        #expect(driver.tree.first(.notice) != nil, "there is nothing left to take back")
    }

    @Test func `a sort of rows is chosen from all there are`() throws {
        var driver = Self.choosing()
        driver.press("s")
        #expect(driver.tree.first(.dialog, named: "Kinds of rows") != nil)
        driver.press("Down Enter")
        #expect(driver.text.contains("Body weight"))
        #expect(!driver.text.contains("Hemoglobin"), "\(driver.text)")
        driver.press("s Up Enter")
        #expect(driver.text.contains("Hemoglobin"))
    }

    @Test func `the table keeps its place and its size while rows are looked for`() {
        func edges(_ driver: ScreenDriver) -> [Int] {
            driver.frame.rows.indices.filter { row in
                driver.frame.rows[row].contains("┌") || driver.frame.rows[row].contains("└")
            }
        }
        for words in ["weight 7", "nothing at all"] {
            var driver = Self.choosing()
            let before = edges(driver)
            driver.press("/")
            driver.type(words)
            #expect(edges(driver) == before)
            driver.press("Enter")
            #expect(edges(driver) == before, "\(driver.text)")
        }
    }

    @Test func `a range within what was found strikes only what was found`() throws {
        var driver = Self.choosing()
        driver.press("/")
        driver.type("systolic")
        driver.press("Enter v Down Down Space End Space Enter Enter")
        let struck = try Self.draft(driver).struck
        // Rows 0 and 1 name the person; every third row is of this sort.
        #expect(struck == [0, 1, 4, 7, 10, 310], "\(struck)")
    }

    @Test func `the end and the beginning are a key away`() {
        var driver = Self.choosing()
        driver.press("End")
        #expect(driver.text.contains("312/312"), "\(driver.text)")
        driver.press("Home")
        #expect(driver.text.contains("1/312"))
        driver.press("G")
        #expect(driver.text.contains("312/312"))
    }

    @Test func `what leaves and what stays are all rows, whatever is struck and found`() throws {
        var numbers = SystemRandomNumberGenerator()
        let seed = UInt64.random(in: 0..<1 << 32, using: &numbers)
        var state = seed
        func next(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % bound
        }
        var driver = Self.choosing()
        let keys = [
            "Space", "v", "a", "u", "Down", "Up", "PageDown", "PageUp", "End", "Home",
            "v Down Space",
            "/ b o d y Enter", "/ Ctrl+U Enter", "/ 7 1 . 4 Escape", "s Down Enter",
            "s Home Up Enter",
        ]
        for step in 0..<200 {
            let key = keys[next(keys.count)]
            driver.press(key)
            guard
                driver.tree.first(.dialog, named: "Choose the rows") != nil
                    || driver.text.contains(" go out · ")
            else { continue }
            let (leave, stay) = try Self.counts(driver)
            #expect(leave + stay == 312, "seed \(seed), step \(step), \(key)")
        }
        let (leave, stay) = try Self.counts(driver)
        if leave > 0 {
            driver.press("Enter")
            #expect(driver.text.contains("\(leave) row"), "\(driver.text)")
            driver.press("Enter")
            #expect(try Self.draft(driver).struck.count == stay, "seed \(seed)")
        }
    }

    @Test func `another project is asked anew which rows stay because of their dates`() throws {
        var driver = ScreenDriver(.member, columns: 100, rows: 30)
        let narrow = try #require(driver.store.authorizationLines.first).project
        driver.finds = { action in
            guard case .findOutside(_, let project) = action else { return nil }
            return RowSet(project == narrow ? Array(10..<300) : [], capacity: 312)
        }
        driver.press("4 c Enter")
        #expect(try Self.counts(driver) == (leave: 20, stay: 292))
        driver.press("Down Down Space Left Down Enter")
        #expect(try Self.counts(driver) == (leave: 309, stay: 3), "\(driver.text)")
        driver.press("Enter")
        #expect(driver.text.contains("309 rows"), "\(driver.text)")
        driver.press("Enter")
        let draft = try Self.draft(driver)
        #expect(draft.project != narrow && draft.struck == [0, 1, 2])
        #expect(draft.outside == RowSet(capacity: 312))
    }

    @Test func `rows that changed since they were shown are shown again`() throws {
        var driver = Self.choosing()
        driver.outcome = { action in
            if case .contribute = action { .failed(.rowsChanged) } else { .done(entry: nil) }
        }
        driver.press("Enter")
        driver.finds = { action in
            guard case .findOutside = action else { return nil }
            return RowSet(Array(10..<300), capacity: 312)
        }
        driver.press("Enter")
        let told = try #require(driver.tree.first(.notice)?.name.string)
        #expect(told.contains("Nothing was handed over"), "\(told)")
        #expect(try Self.counts(driver) == (leave: 20, stay: 292), "\(driver.text)")
    }

    @Test func `what stays is told by its reasons`() {
        var driver = Self.choosing()
        driver.press("Down Down Space Enter")
        let said = driver.tree.texts.joined(separator: "\n")
        #expect(said.contains("2 name you") && said.contains("1 struck"), "\(said)")
    }

    @Test func `in Chinese it is the same`() {
        var driver = Self.choosing(language: .chinese)
        driver.press("s")
        #expect(driver.text.contains("全部种类"), "\(driver.text)")
        driver.press("Escape /")
        #expect(driver.text.contains("词语和日期"))
    }

    @Test func `plain mode looks for rows too`() throws {
        var driver = Self.choosing()
        driver.answer(PlainInput("search", driver.model))
        driver.answer(PlainInput("hemoglobin", driver.model))
        driver.answer(PlainInput("ok", driver.model))
        let lines = PlainView(driver.model).lines.map(\.string)
        #expect(lines.contains { $0.hasPrefix("1. Hemoglobin") }, "\(lines)")
        #expect(!lines.contains { $0.contains("Body weight") })
    }
}
