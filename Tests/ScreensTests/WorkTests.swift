import LedgerCore
import Screens
import SyncCore
import TerminalCore
import TestSupport
import Testing

/// What takes a while: seen, left to itself, ended, by real keys.
@Suite struct WorkTests {
    /// An import that was begun and does not end by itself.
    private static func importing(
        _ columns: Int = 80, _ rows: Int = 24, _ language: Language = .english
    ) -> ScreenDriver {
        var driver = ScreenDriver(.member, columns: columns, rows: rows, language: language)
        driver.outcome = { action in
            if case .importFiles = action { nil } else { .done(entry: nil) }
        }
        driver.press("4 i")
        driver.type("/home/wei/export.xml")
        driver.press("Enter")
        return driver
    }

    private static func at(
        _ megabytes: Int64, of total: Int64 = 500, after seconds: Double, before: Int64 = 0
    ) -> WorkProgress {
        WorkProgress(
            .importing(file: "export.xml"), done: megabytes * 1_000_000,
            total: total * 1_000_000, unit: .bytes, before: before * 1_000_000,
            rows: megabytes * 4_000, elapsedMilliseconds: Int64(seconds * 1_000))
    }

    @Test func `a long import shows how far it is, how fast, and about how long still`() throws {
        var driver = Self.importing()
        let id = try #require(driver.actionIDs.last)
        #expect(!driver.text.contains("MB"), "what is done in a moment is not told of")
        driver.send(.progressed(.action(id), Self.at(100, after: 10)))
        #expect(driver.tree.first(.dialog, named: "Work") != nil, "\(driver.text)")
        for text in ["20 %", "100.0 MB of 500.0 MB", "10.0 MB a second", "about 40 s left"] {
            let said = driver.tree.texts.joined(separator: "\n")
            #expect(said.contains(text), "\(text) is missing:\n\(said)")
        }
    }

    @Test func `what was said once is not taken back`() throws {
        var driver = Self.importing()
        let id = try #require(driver.actionIDs.last)
        var shares: [Int] = []
        var rests: [Int] = []
        for (megabytes, seconds) in [(100, 10.0), (90, 11), (150, 30), (151, 31), (400, 40)] {
            driver.send(
                .progressed(.action(id), Self.at(Int64(megabytes), after: seconds)))
            let text = driver.text
            func number(before word: String) -> Int? {
                let words = text.split { " \n".contains($0) }
                return words.firstIndex { $0 == word }.flatMap { Int(words[$0 - 1]) }
            }
            shares.append(try #require(number(before: "%")))
            if let rest = number(before: "s") { rests.append(rest) }
        }
        #expect(shares == shares.sorted(), "\(shares)")
        #expect(rests == rests.sorted(by: >) && rests.count > 1, "\(rests)")
    }

    @Test func `an import goes on in the background and keys work meanwhile`() throws {
        var driver = Self.importing()
        let id = try #require(driver.actionIDs.last)
        driver.send(.progressed(.action(id), Self.at(100, after: 10)))
        #expect(driver.text.contains("⏎ in the background"), "\(driver.text)")
        driver.press("Enter")
        #expect(driver.tree.first(.dialog) == nil)
        #expect(driver.text.contains("working 20 %"), "\(driver.text)")
        driver.press("2")
        #expect(driver.text.contains("Projects ·"))
        driver.press("W")
        #expect(driver.tree.first(.dialog, named: "Work") != nil)
        #expect(driver.cancelled.isEmpty)
        driver.send(
            .actionFinished(id, .imported(records: 1, rows: 2_000_000, problems: [])))
        #expect(driver.tree.first(.dialog) == nil, "nothing runs, and the list is still there")
        #expect(!driver.text.contains("working"))
        #expect(driver.text.contains("Imported"))
    }

    @Test func `one key ends an import, and what is left of it is told and kept`() throws {
        for goesOn in [true, false] {
            var driver = Self.importing()
            let id = try #require(driver.actionIDs.last)
            driver.send(.progressed(.action(id), Self.at(215, after: 10)))
            driver.press("x")
            #expect(driver.cancelled == [id])
            driver.send(
                .actionFinished(
                    id,
                    .stopped(
                        .importing(
                            file: "export.xml", percent: 43, goesOn: goesOn, recordsBefore: 2))))
            #expect(driver.tree.first(.dialog) == nil, "\(driver.text)")
            let told = try #require(driver.tree.first(.notice)?.name.string)
            #expect(told.contains(goesOn ? "Stopped at 43 %" : "begin anew"), "\(told)")
            #expect(told.contains("2 records"), "\(told)")
            #expect(driver.store.noticeLines.contains { $0.text == told })
        }
    }

    @Test func `whoever stops the sealing may choose other rows`() throws {
        var driver = ScreenDriver(.member)
        driver.outcome = { action in
            if case .contribute = action { nil } else { .done(entry: nil) }
        }
        driver.press("3 c Enter Enter Enter")
        let id = try #require(driver.actionIDs.last)
        driver.send(
            .progressed(
                .action(id),
                WorkProgress(
                    .sealing, done: 100, total: 312, unit: .rows, elapsedMilliseconds: 2_000)))
        #expect(driver.text.contains("100 rows of 312 rows"), "\(driver.text)")
        driver.press("x")
        driver.send(.actionFinished(id, .stopped(.sealing)))
        #expect(driver.text.contains("Nothing was handed over"))
        #expect(driver.tree.first(.dialog) != nil, "the choice of rows is lost")
    }

    private static let sealing = WorkProgress(
        .sealing, done: 100, total: 312, unit: .rows, elapsedMilliseconds: 2_000)

    /// A contribution that is being sealed, with the rows that were chosen for it.
    private static func contributing() throws -> (ScreenDriver, ActionID, chosen: String) {
        var driver = ScreenDriver(.member)
        driver.outcome = { action in
            if case .contribute = action { nil } else { .done(entry: nil) }
        }
        driver.press("3 c Enter")
        let proposed = try #require(leaving(driver))
        driver.press("Down Down Space")
        let chosen = try #require(leaving(driver))
        #expect(chosen != proposed)
        driver.press("Enter Enter")
        return (driver, try #require(driver.actionIDs.last), chosen)
    }

    /// How many rows go out and how many stay, as the sheet says it.
    private static func leaving(_ driver: ScreenDriver) -> String? {
        driver.text.firstMatch(of: #/\d+ go out · \d+ stay here/#).map { String($0.output) }
    }

    @Test func `Escape stops what a sheet waits for, whether its list opened meanwhile or not`()
        throws
    {
        for isListed in [false, true] {
            let (start, id, chosen) = try Self.contributing()
            var driver = start
            #expect(driver.text.contains("esc stop it"), "\(driver.text)")
            if isListed { driver.send(.progressed(.action(id), Self.sealing)) }
            #expect(driver.text.contains("esc stop it"), "\(driver.text)")
            driver.press("Escape")
            #expect(driver.cancelled == [id])
            #expect(driver.text.contains("esc close"), "\(driver.text)")
            driver.send(.progressed(.action(id), Self.sealing))
            #expect(driver.text.contains("esc close"), "\(driver.text)")
            driver.send(.actionFinished(id, .stopped(.sealing)))
            #expect(driver.text.contains("Nothing was handed over"))
            #expect(driver.tree.first(.dialog, named: "Work") == nil)
            driver.press("Left")
            #expect(Self.leaving(driver) == chosen, "the choice of rows is lost")
        }
    }

    @Test func `a list the person did something in is left for the background by Escape`() throws {
        let (start, id, _) = try Self.contributing()
        var driver = start
        driver.send(.progressed(.action(id), Self.sealing))
        driver.press("j")
        #expect(driver.text.contains("esc in the background"), "\(driver.text)")
        driver.press("Escape")
        #expect(driver.cancelled.isEmpty)
        #expect(driver.tree.first(.dialog) == nil)
    }

    @Test func `closing the list of what is being stopped keeps the sheet below`() throws {
        let (start, id, chosen) = try Self.contributing()
        var driver = start
        driver.send(.progressed(.action(id), Self.sealing))
        driver.press("x Escape")
        #expect(driver.tree.first(.dialog, named: "Work") == nil)
        #expect(driver.text.contains("esc close"), "\(driver.text)")
        driver.send(.actionFinished(id, .stopped(.sealing)))
        driver.press("Left")
        #expect(Self.leaving(driver) == chosen, "the choice of rows is lost")
    }

    @Test func `what waits for its turn is listed at once, and leaving its sheet ends it`() throws {
        var driver = ScreenDriver(.member)
        driver.outcome = { action in
            if case .contribute = action { nil } else { .done(entry: nil) }
        }
        driver.press("3 c Enter Enter Enter")
        let id = try #require(driver.actionIDs.last)
        #expect(driver.text.contains("esc stop it"), "\(driver.text)")
        driver.press("Escape")
        #expect(driver.cancelled == [id])
        #expect(driver.text.contains("esc close"), "\(driver.text)")
        driver.press("Escape")
        #expect(driver.cancelled == [id])
        #expect(driver.tree.first(.dialog) == nil)
        driver.send(.quitRequested)
        #expect(driver.text.contains("leaving stops it"), "\(driver.text)")
        driver.press("Escape W")
        #expect(driver.text.contains("Sealing the rows that leave"), "\(driver.text)")
        #expect(driver.text.contains("waiting to begin"), "\(driver.text)")
        driver.press("x")
        #expect(driver.cancelled == [id, id])
        driver.send(.actionFinished(id, .stopped(.sealing)))
        #expect(driver.tree.first(.dialog) == nil, "\(driver.text)")
        #expect(driver.text.contains("Nothing was handed over"))
    }

    @Test func `a decision being signed goes on when its sheet is left, and the key says so`() {
        var driver = ScreenDriver(.member)
        driver.outcome = { _ in nil }
        driver.press("3 r Enter")
        #expect(driver.text.contains("esc in the background"), "\(driver.text)")
        driver.press("Escape")
        #expect(driver.cancelled.isEmpty)
        #expect(driver.tree.first(.dialog) == nil)
    }

    @Test func `a record imported while one is chosen can be chosen`() throws {
        var driver = ScreenDriver(.member)
        let records = driver.store.recordLines
        driver.store.recordLines = []
        driver.outcome = { action in
            if case .importFiles = action { nil } else { .done(entry: nil) }
        }
        driver.press("3 c")
        #expect(driver.text.contains("No record on this machine fits"), "\(driver.text)")
        driver.press("i")
        driver.type("/home/wei/checkup.json")
        driver.press("Enter")
        let id = try #require(driver.actionIDs.last)
        driver.store.recordLines = records
        driver.send(.actionFinished(id, .imported(records: 1, rows: 312, problems: [])))
        #expect(!driver.text.contains("No record on this machine fits"), "\(driver.text)")
        driver.press("Enter")
        #expect(driver.tree.first(.dialog, named: "Contribute · rows") != nil, "\(driver.text)")
    }

    @Test func `what is exchanged with the node is ended by going offline`() {
        var driver = ScreenDriver(.member)
        driver.send(
            .progressed(
                .syncing, WorkProgress(.syncing, done: 1_200, total: nil, unit: .entries)))
        #expect(driver.text.contains("working"))
        driver.press("W")
        #expect(driver.text.contains("1\u{2009}200 entries"), "\(driver.text)")
        driver.press("x")
        #expect(driver.actions.last == .goOffline)
        driver.send(.progressed(.syncing, nil))
        #expect(driver.text.contains("Nothing is running"))
    }

    @Test func `leaving while something runs asks first`() throws {
        var driver = Self.importing()
        let id = try #require(driver.actionIDs.last)
        driver.store.counts.outboxCount = 0
        driver.send(.statusChanged(driver.store.counts))
        driver.send(.progressed(.action(id), Self.at(100, after: 10)))
        driver.press("Enter q")
        #expect(!driver.hasQuit)
        #expect(driver.text.contains("leaving stops it"), "\(driver.text)")
        driver.press("Enter")
        #expect(driver.hasQuit)
    }

    @Test func `the copy of the ledger is checked from the palette`() {
        var driver = ScreenDriver(.member)
        driver.outcome = { $0 == .checkLedger ? .checked(entries: 214) : .done(entry: nil) }
        driver.press(":")
        driver.type("check")
        driver.press("Enter")
        #expect(driver.actions.last == .checkLedger)
        #expect(driver.text.contains("214 entries checked"), "\(driver.text)")
    }

    @Test func `what runs looks as it was agreed, at four sizes and in both languages`() throws {
        var text = ""
        for language in Language.allCases {
            for size in GoldenScreens.sizes {
                var driver = Self.importing(size.columns, size.rows, language)
                let id = try #require(driver.actionIDs.last)
                driver.send(.progressed(.action(id), Self.at(215, after: 20, before: 50)))
                driver.send(
                    .progressed(
                        .uploading,
                        WorkProgress(
                            .uploading, done: 3_000_000, total: 12_000_000, unit: .bytes,
                            elapsedMilliseconds: 1_500)))
                text += "work \(size.columns)x\(size.rows) \(language.rawValue)\n"
                text += Golden.text(driver.frame)
            }
        }
        try Golden.expect(text, "work")
    }

    @Test func `plain mode reads the same`() throws {
        var driver = Self.importing()
        let id = try #require(driver.actionIDs.last)
        driver.send(.progressed(.action(id), Self.at(100, after: 10)))
        let view = PlainView(driver.model)
        #expect(view.title.string == "Work")
        let said = view.lines.map(\.string).joined(separator: "\n")
        #expect(said.contains("Importing export.xml: 20 %"), "\(said)")
        #expect(said.contains("about 40 s left") && said.contains("stop it"), "\(said)")
        #expect(!said.contains("█"))
        #expect(PlainInput("stop it", driver.model) == .keys([.escape]))
    }

    @Test func `it is the same in Chinese, on a small screen too`() throws {
        for (columns, rows) in [(80, 24), (40, 12)] {
            var driver = Self.importing(columns, rows, .chinese)
            let id = try #require(driver.actionIDs.last)
            driver.send(.progressed(.action(id), Self.at(100, after: 10, before: 50)))
            let texts = driver.tree.texts.joined(separator: "\n")
            #expect(texts.contains("正在导入"), "\(texts)")
            #expect(texts.contains("20%") && texts.contains("从 50.0 MB 处继续"), "\(texts)")
        }
    }
}
