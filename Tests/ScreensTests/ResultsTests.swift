import LedgerCore
import Screens
import SyncCore
import TerminalCore
import TestSupport
import Testing

/// Results that come back, and what ends without the person, through real keys.
@Suite struct ResultsTests {
    @Test(arguments: Language.allCases)
    func `what is not wished for is not listed, and a wish is signed as it is ticked`(
        _ language: Language
    ) throws {
        var driver = ScreenDriver(.member, language: language)
        driver.press("3 E")
        #expect(!driver.text.contains(ResultClass.carrier.name[language]))
        #expect(driver.text.contains(ResultClass.actionable.name[language]))
        let project = try #require(driver.store.offers.first?.project)
        driver.press("Down Down Enter Space Down Space Enter")
        #expect(driver.actions == [.wishResults(project, [.carrier, .measurement])])
        // A machine that is shared opens nothing of the kind.
        var kiosk = ScreenDriver(.member, language: language, mode: .kiosk)
        kiosk.press("3 E")
        #expect(kiosk.tree.first(.dialog) == nil)
    }

    @Test func `signing what was signed before signs nothing`() {
        var driver = ScreenDriver(.member)
        driver.press("3 E Down Down Enter Space Space Enter")
        #expect(driver.actions.isEmpty)
    }

    @Test(arguments: Language.allCases)
    func `an authorization that ended without the person says why`(_ language: Language) {
        var store = SampleReading.member
        store.authorizationLines[0].state = .withdrawn
        store.authorizationLines[0].lapse = .incapable
        var driver = ScreenDriver(store, columns: 200, rows: 60, language: language)
        driver.press("3")
        let why = LapseCause.incapable.explained[language]
        #expect(driver.text.contains(why), "\(driver.text)")
    }
}
