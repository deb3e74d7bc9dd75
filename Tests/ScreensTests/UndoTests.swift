import LedgerCore
import Screens
import SyncCore
import TerminalCore
import TestSupport
import Testing

/// Undoing what nobody else knows of yet, the hints for somebody new, and the first screen.
@Suite struct UndoTests {
    private static let queued = Hash.of(label: "queued")

    /// A decision that waits to be sent.
    private func decided(_ keys: String = "2 s Enter") -> ScreenDriver {
        var driver = ScreenDriver(.newcomer)
        driver.outcome = { action in
            switch action {
            case .signUp, .grant: .done(entry: UndoTests.queued)
            default: .done(entry: nil)
            }
        }
        driver.press(keys)
        var status = driver.model.status
        status.outboxCount = 1
        driver.send(.statusChanged(status))
        return driver
    }

    @Test func `right after a decision u takes it back while it waits, and the bar says so`() {
        var driver = decided()
        driver.press("Down")
        #expect(driver.tree.first(.key, named: "u")?.value?.string == "undo")
        driver.press("u")
        #expect(driver.actions.last == .withdraw(UndoTests.queued))
        #expect(driver.text.contains("Taken back. It was never sent, and nobody was told."))
        driver.press("u")
        #expect(driver.text.contains("nothing waits that can be undone"))
    }

    @Test func `what is sent cannot be undone, and the reason is said`() {
        var driver = decided()
        driver.send(.statusChanged(driver.store.counts))
        #expect(driver.tree.first(.key, named: "u") == nil)
        driver.outcome = { _ in .failed(.cannotUndoSent) }
        driver.press("u")
        #expect(driver.text.contains("It was sent already, so it cannot be taken back."))
    }

    @Test func `in Activity u takes back the selected entry that waits`() throws {
        var driver = ScreenDriver(.member)
        driver.store.entries[0].state = .queued
        let entry = driver.store.entries[0].entry
        driver.press("6 u")
        #expect(driver.actions.last == .withdraw(entry))
        #expect(!driver.store.entries.contains { $0.entry == entry })
    }

    @Test func `in Activity u takes nothing else back when the selected entry was sent meanwhile`()
    {
        var driver = ScreenDriver(.member)
        driver.outcome = { action in
            if case .revoke = action { return .done(entry: UndoTests.queued) }
            return .done(entry: nil)
        }
        driver.press("3 r Enter")
        driver.store.entries[0].state = .queued
        let entry = driver.store.entries[0].entry
        driver.press("6")
        driver.store.entries[0].state = .sent
        driver.send(.storeChanged)
        driver.press("u")
        #expect(driver.actions.last == .withdraw(entry))
    }

    @Test func `a discarded draft comes back`() {
        var driver = ScreenDriver(.newcomer)
        driver.press("2 s Enter g Enter Enter d")
        #expect(driver.store.details.compactMap(\.draft).isEmpty)
        driver.press("u")
        #expect(driver.text.contains("The draft is back. Not signed."))
        driver.press("g")
        #expect(driver.text.contains("at step 3 of 7"))
    }

    // MARK: Hints

    /// Somebody who joins by the first screen.
    private func joined(_ language: Language = .english, mode: Mode = .personal) -> ScreenDriver {
        var driver = ScreenDriver(.newcomer, language: language, stage: .welcome, mode: mode)
        driver.send(.unlocked(memberName: "Wei"))
        return driver
    }

    @Test(arguments: Language.allCases)
    func `six hints of one line each are shown once to somebody who joined`(_ language: Language) {
        var driver = joined(language)
        var seen: Set<String> = []
        for _ in 0..<6 {
            let hint = driver.tree.first(.notice)?.name.string ?? ""
            #expect(seen.insert(hint).inserted)
            #expect(driver.model.settings.textWidth.cells(of: SafeText(untrusted: hint)) <= 76)
            driver.press("t")
        }
        #expect(driver.tree.first(.notice) == nil)
        #expect(driver.kept?.hasSeenTour == true)
        driver.send(.needsEnrolment)
        driver.send(.unlocked(memberName: "Wei"))
        #expect(driver.tree.first(.notice) == nil)
    }

    @Test func `a hint stands in nobody's way, ends for good with one key, and can be called back`()
    {
        var driver = joined()
        driver.press("2 Down s")
        #expect(driver.tree.first(.dialog, named: "Sign up") != nil)
        driver.press("Escape Ctrl+T")
        #expect(!driver.text.contains("Hint 1/6"))
        driver.press(":")
        driver.type("hints")
        driver.press("Enter")
        #expect(driver.text.contains("Hint 1/6"))
    }

    @Test func `on a shared machine there are no hints`() {
        let driver = joined(mode: .kiosk)
        #expect(driver.tree.first(.notice) == nil)
        #expect(driver.kept == nil)
    }

    // MARK: The first screen

    @Test func `why a code failed goes with the next key that is typed`() {
        var driver = ScreenDriver(.newcomer, stage: .welcome)
        driver.outcome = { _ in .failed(.notACode) }
        driver.press("Down Enter 1 2 3 Enter")
        #expect(driver.text.contains("✗"))
        driver.press("Backspace")
        #expect(!driver.text.contains("✗"))
    }
}
