import Foundation
import LedgerCore
import Screens
import SyncCore
import TerminalCore
import TestSupport
import Testing

/// Finding, comparing and fitting projects, by real keys.
@Suite struct ProjectsTests {
    private static func total(_ driver: ScreenDriver) -> String? {
        driver.tree.first(.list, named: "Projects")?.value.map {
            String($0.string.split(separator: "/").last ?? "")
        }
    }

    /// Moves to a choice of the sheet on top and presses Space.
    private static func tick(_ name: String, _ driver: inout ScreenDriver) {
        let items = driver.tree.first(.dialog)?.children ?? []
        let choices = items.filter { $0.position != nil }
        guard let index = choices.firstIndex(where: { $0.name.string == name }) else {
            Issue.record("there is no \(name):\n\(driver.text)")
            return
        }
        driver.press("Alt+9 9 k")
        for _ in 0..<index { driver.press("Down") }
        driver.press("Space")
    }

    // MARK: Filters

    @Test func `words ticked in the sheet narrow the list behind it at once`() {
        var driver = ScreenDriver(.newcomer)
        driver.press("2")
        #expect(Self.total(driver) == "24")
        driver.press("f")
        Self.tick("rare disease collaboration", &driver)
        #expect(driver.text.contains("Projects: 4"))
        Self.tick("mother and child alliance", &driver)
        #expect(driver.text.contains("Projects: 8"))
        Self.tick("genome", &driver)
        #expect(driver.text.contains("Projects: 4"))
        driver.press("Escape")
        #expect(Self.total(driver) == "4")
        #expect(driver.frame.text(row: 3).contains("genome ×"))
    }

    @Test func `each word is taken away by Escape or by a click on it`() throws {
        var driver = ScreenDriver(.newcomer)
        driver.press("2 f")
        Self.tick("can be joined", &driver)
        Self.tick("wearable data", &driver)
        driver.press("Escape")
        let row = driver.frame.text(row: 3)
        #expect(row.contains("can be joined ×  wearable data ×"))
        let column = try #require(row.range(of: "can"))
        driver.press(
            .mouse(
                MouseEvent(
                    .press,
                    at: Point(
                        row: 3, column: row.distance(from: row.startIndex, to: column.lowerBound))))
        )
        #expect(!driver.text.contains("can be joined"))
        #expect(driver.text.contains("wearable data ×"))
        driver.press("Escape")
        #expect(Self.total(driver) == "24")
        #expect(!driver.text.contains("×"))
    }

    @Test func `all words go with one key, which says nothing where there are none`() {
        var driver = ScreenDriver(.newcomer)
        driver.press("2 f")
        Self.tick("can be joined", &driver)
        Self.tick("earns 1 000 ★ or more".replacingSpaces, &driver)
        driver.press("Escape F")
        #expect(Self.total(driver) == "24")
        driver.press("F")
        #expect(driver.tree.first(.notice) != nil)
    }

    @Test func `of amounts only one is asked for`() {
        var driver = ScreenDriver(.newcomer)
        driver.press("2 f")
        Self.tick("earns points", &driver)
        Self.tick("earns 500 ★ or more", &driver)
        driver.press("Escape")
        #expect(driver.frame.text(row: 3).contains("earns 500 ★ or more ×"))
        #expect(!driver.text.contains("earns points"))
    }

    @Test func `a filter is kept under a name, found in the palette, and deleted`() {
        var driver = ScreenDriver(.newcomer)
        driver.press("2 f")
        driver.press("w")
        #expect(driver.tree.first(.dialog, named: "keep filter") == nil, "nothing to keep")
        Self.tick("genome", &driver)
        driver.press("w")
        driver.type("My  genomes")
        driver.press("Enter")
        #expect(driver.store.filters.map(\.name) == ["My genomes"])
        #expect(driver.text.contains("My genomes"))
        driver.press("Escape F 1 :")
        driver.type("genomes")
        driver.press("Enter")
        #expect(driver.model.place == .projects)
        #expect(driver.text.contains("genome ×"))
        driver.press("f Alt+9 9 k d")
        #expect(driver.store.filters.isEmpty)
        #expect(!driver.text.contains("Kept filters"))
    }

    @Test func `a kept filter is used from the sheet with its search and its order`() {
        var store = SampleReading.newcomer
        store.filters = [
            SavedFilter(name: "早睡", facets: [.open], search: "sleep", order: .title)
        ]
        var driver = ScreenDriver(store)
        driver.press("2 f Alt+9 9 k Enter")
        #expect(driver.tree.first(.dialog) == nil)
        #expect(driver.text.contains("/ sleep"))
        #expect(driver.text.contains("by title"))
        #expect(driver.text.contains("can be joined ×"))
    }

    @Test func `the order goes through all four and comes back`() {
        var driver = ScreenDriver(.newcomer)
        driver.press("2")
        var seen: [String] = []
        for _ in 0..<5 {
            seen.append(driver.tree.first(.heading)?.value?.string ?? "")
            driver.press("o")
        }
        #expect(Set(seen).count == 4 && seen.first == seen.last, "\(seen)")
    }

    // MARK: Versions and comparing

    @Test func `changes stand side by side, the older ones a step away`() {
        var driver = ScreenDriver(.newcomer, columns: 100, rows: 40)
        driver.press("2 d")
        #expect(driver.text.contains("1.1 → 2.0"))
        #expect(driver.text.contains("major: consent is asked anew"))
        let until = driver.frame.rows.first { $0.contains("≠ Until") } ?? ""
        #expect(until.contains("18 Sep 2027") && until.contains("31 Dec 2027"), "\(until)")
        #expect(!driver.text.contains("Recipients"))
        driver.press("Left")
        #expect(driver.text.contains("1.0 → 1.1"))
        #expect(driver.text.contains("minor: nothing more is asked"))
        driver.press("Right")
        #expect(driver.text.contains("1.1 → 2.0"))
    }

    @Test func `on a narrow screen what was stands above what is`() throws {
        var driver = ScreenDriver(.newcomer, columns: 50, rows: 30)
        driver.press("2 d")
        let rows = driver.frame.rows
        let name = try #require(rows.firstIndex { $0.contains("≠ Until") })
        #expect(rows[name + 1].contains("was: 18 Sep 2027"))
        #expect(rows[name + 2].contains("is: 31 Dec 2027"))
    }

    @Test func `a project that never changed says so`() {
        var driver = ScreenDriver(.newcomer)
        driver.press("2 Down Down d")
        #expect(driver.tree.first(.dialog) == nil)
        #expect(driver.tree.first(.notice)?.name.string.contains("has not changed") == true)
    }

    @Test func `a marked project is compared with the next one`() {
        var driver = ScreenDriver(.newcomer, columns: 120, rows: 50)
        driver.press("2 =")
        #expect(driver.frame.rows.contains { $0.contains("= Gut microbiome") })
        driver.press("Down Down =")
        #expect(driver.tree.first(.dialog, named: "Compare") != nil)
        let title = driver.frame.rows.first { $0.contains("≠ Project") } ?? ""
        #expect(title.contains("shift workers") && title.contains("│ Gut"), "\(driver.text)")
        #expect(driver.frame.rows.contains { $0.contains("  Until") }, "what is alike has no sign")
        driver.press("Escape")
        #expect(!driver.frame.rows.contains { $0.contains("= Gut microbiome") })
    }

    @Test func `marking the same project twice takes the mark away`() {
        var driver = ScreenDriver(.newcomer)
        driver.press("2 = =")
        #expect(driver.tree.first(.dialog) == nil)
        #expect(driver.text.contains("The mark is taken away."))
    }

    // MARK: What fits

    @Test func `what is written down decides what fits, and is kept on this machine`() {
        var driver = ScreenDriver(.newcomer, columns: 120, rows: 40)
        driver.press("2")
        #expect(driver.text.contains("cannot tell, missing here"))
        driver.press("m")
        #expect(driver.text.contains("It stays on this machine"))
        driver.type("1990-05")
        driver.press("Down")
        driver.type("cn-gd")
        driver.press("Down")
        for _ in 0..<14 { driver.press("Down") }
        driver.press("Space Enter")
        #expect(
            driver.store.profile
                == OwnProfile(
                    bornYear: 1_990, bornMonth: 5, region: Region("CN-GD"), kinds: [.wearable]))
        #expect(driver.text.contains("✓ fits you"))
        driver.press("m")
        for _ in 0..<8 { driver.press("Backspace") }
        driver.type("1950")
        driver.press("Enter")
        #expect(driver.text.contains("✗ does not fit you: age 18 to 65"))
        #expect(
            driver.actions.allSatisfy { action in
                if case .keepOwnProfile = action { true } else { false }
            })
    }

    @Test(arguments: [80, 40])
    func `where nothing is known to fit, it is said what that goes by`(columns: Int) {
        var driver = ScreenDriver(.member, columns: columns)
        driver.press("2 /")
        driver.type("nothing like it")
        driver.press("Enter")
        #expect(driver.text.contains("Nothing found."))
        #expect(!driver.text.contains("goes by"))
        driver.press("f Down Down Space Escape")
        #expect(driver.text.contains("Nothing found."), "\(driver.text)")
        #expect(driver.text.contains("goes by the records here"), "\(driver.text)")
        #expect(driver.text.contains("Neither is sent."), "\(driver.text)")
    }

    @Test func `what is no year and no place is said and not kept`() {
        var driver = ScreenDriver(.newcomer)
        driver.press("2 m")
        driver.type("last year")
        driver.press("Enter")
        #expect(driver.tree.first(.notice)?.name.string.contains("A year is needed") == true)
        driver.press("Ctrl+u Down")
        driver.type("Shenzhen")
        driver.press("Enter")
        #expect(driver.tree.first(.notice)?.name.string.contains("A region is needed") == true)
        #expect(driver.actions.isEmpty)
    }

    // MARK: Lines

    @Test func `filters and comparing can be told in lines`() {
        var driver = ScreenDriver(.newcomer, columns: 200, rows: 27)
        func type(_ line: String) { driver.answer(PlainInput(line, driver.model)) }
        func lines() -> String {
            PlainView(driver.model).lines.map(\.string).joined(separator: "\n")
        }
        type("projects")
        type("filter")
        #expect(lines().contains("genome: 4, not ticked"))
        let number = lines().split(separator: "\n").first { $0.contains("genome") }?.prefix {
            $0 != "."
        }
        type(String(number ?? ""))
        #expect(lines().contains("genome: 4, ticked"))
        type("no")
        #expect(lines().contains("filter: genome"))
        type("changes 1")
        type("compare 1")
        type("compare 2")
        #expect(lines().contains("Asks"))
    }
}

extension String {
    /// The text as numbers are written: thousands are parted by a thin space.
    fileprivate var replacingSpaces: String {
        split(separator: "1 000").joined(separator: "1\u{2009}000")
    }
}
