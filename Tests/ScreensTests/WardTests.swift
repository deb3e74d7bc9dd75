import LedgerCore
import Screens
import TerminalCore
import TestSupport
import Testing

/// Acting for a minor, as the guardian does it.
@Suite struct WardScreenTests {
    @Test func `a guardian chooses whom to act for, and sees it on every decision`() throws {
        var driver = ScreenDriver(.newcomer, columns: 100, rows: 30)
        driver.press("A")
        #expect(driver.text.contains("for Lily"))
        driver.press("Down Enter")
        #expect(driver.model.settings.ward?.name == "Lily")
        #expect(driver.text.contains("for Lily ·"))
        driver.press("2 s")
        #expect(driver.text.contains("For Lily: you decide as guardian. Under 14"))
        driver.press("g")
        for _ in 0..<6 {
            #expect(driver.text.contains("For Lily: you decide as guardian. Under 14"))
            driver.press("Enter")
        }
        #expect(driver.text.contains("For Lily: you decide as guardian. Under 14"))
        driver.press("Escape A Home Up Up Enter")
        #expect(driver.model.settings.ward == nil)
        #expect(!driver.text.contains("for Lily"))
    }

    @Test func `a child of 14 and more is not told to be under 14`() {
        var driver = ScreenDriver(.newcomer)
        driver.press("A Down Down Enter 2 s")
        #expect(driver.text.contains("For 丽丽: you decide as guardian."))
        #expect(!driver.text.contains("Under 14"))
    }

    @Test func `a child is declared by a name and a month, and nothing else`() throws {
        var driver = ScreenDriver(.newcomer)
        driver.press("A a")
        driver.type("Lily")
        driver.press("Enter")
        #expect(driver.text.contains("That is no name and month"))
        #expect(driver.actions.isEmpty)
        driver.type(" Ann 2019-07")
        driver.press("Enter")
        let born = try #require(BirthMonth("2019-07"))
        #expect(driver.actions == [.declareWard(name: "Lily Ann", born: born)])
        #expect(driver.text.contains("Lily Ann has an account once it is recorded"))
    }

    @Test func `while something runs nobody else is acted for`() {
        var driver = ScreenDriver(.newcomer)
        driver.outcome = { _ in nil }
        driver.press("R A Down Enter")
        #expect(driver.model.settings.ward == nil)
        #expect(driver.text.contains("Something is still being done"))
    }

    @Test func `in lines it is said whom a decision is for, too`() {
        var driver = ScreenDriver(.newcomer)
        driver.press("A Down Enter 2 s")
        let lines = PlainView(driver.model).lines.map(\.string)
        #expect(lines.contains { $0.contains("For Lily: you decide as guardian.") })
    }
}
