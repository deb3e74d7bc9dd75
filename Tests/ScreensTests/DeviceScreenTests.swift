import LedgerCore
import Screens
import TerminalCore
import TestSupport
import Testing

/// Adding a device of one's own, as both screens show it.
@Suite struct DeviceScreenTests {
    private let asking = AskingDevice(
        keys: DeviceKeys(
            signing: [UInt8](repeating: 1, count: 32), wrapping: [UInt8](repeating: 2, count: 32)),
        words: ["amber", "basil", "coral", "delta", "ember", "falcon"])

    /// The old device, its devices open and `a` pressed.
    private func adding(columns: Int, rows: Int, _ language: Language) -> ScreenDriver {
        var driver = ScreenDriver(.member, columns: columns, rows: rows, language: language)
        driver.outcome = { action in
            action == .inviteDevice
                ? .deviceInvited(code: "7KQ2-M9XT-4HB8C") : .done(entry: nil)
        }
        driver.press(",")
        driver.send(.settingChosen(.devices))
        driver.press("a")
        return driver
    }

    @Test func `a code is shown, words are compared, and only then the device is added`() {
        var driver = adding(columns: 80, rows: 24, .english)
        #expect(driver.text.contains("7KQ2-M9XT-4HB8C"))
        driver.press("Enter")
        #expect(driver.actions.last == .inviteDevice)
        driver.send(.deviceAsked(asking))
        #expect(driver.text.contains("amber   basil   coral"))
        driver.press("Enter")
        #expect(
            driver.actions.contains(.admitDevice(asking.keys, code: "7KQ2-M9XT-4HB8C")))
        #expect(!driver.text.contains("amber"))
    }

    @Test(arguments: Language.allCases)
    func `a child the new device does not act for yet is named, with what to do`(
        language: Language
    ) {
        var driver = adding(columns: 80, rows: 24, language)
        driver.send(.deviceAsked(asking))
        driver.outcome = { _ in .failed(.wardsNotHandedOver(names: ["Lily"])) }
        driver.press("Enter")
        #expect(!driver.text.contains("amber"), "a second Enter would add it again")
        #expect(driver.text.contains("Lily"), "\(driver.text)")
    }

    @Test func `saying no adds nothing and voids the code`() {
        var driver = adding(columns: 80, rows: 24, .english)
        driver.send(.deviceAsked(asking))
        driver.press("Escape")
        #expect(driver.actions.last == .endInvitation)
        // A device that asks now finds nobody who would add it.
        driver.send(.deviceAsked(asking))
        #expect(!driver.text.contains("amber"))
    }

    @Test func `the new device shows the same words, and says why nothing came of it`() {
        var driver = ScreenDriver(.member, stage: .welcome)
        let words = asking.words
        driver.outcome = { _ in .awaitingDevice(words: words) }
        driver.press("Down Enter")
        driver.type("7KQ2M9XT4HB8C")
        driver.press("Tab")
        driver.type("http://127.0.0.1:9")
        driver.press("Enter")
        #expect(driver.text.contains("amber   basil   coral"))
        driver.press("Enter")
        #expect(driver.actions.count == 1)
        driver.send(.pairingFailed(.codeRefused))
        #expect(!driver.text.contains("amber"))
        #expect(driver.text.contains("does not accept the code"))
    }

    @Test(arguments: Language.allCases)
    func `both sides look as they were agreed`(language: Language) throws {
        var text = ""
        for size in GoldenScreens.sizes {
            var driver = adding(columns: size.columns, rows: size.rows, language)
            text += "code \(size.columns)x\(size.rows)\n" + Golden.text(driver.frame)
            driver.send(.deviceAsked(asking))
            text += "words \(size.columns)x\(size.rows)\n" + Golden.text(driver.frame)
            var other = ScreenDriver(
                .member, columns: size.columns, rows: size.rows, language: language,
                stage: .welcome)
            let words = asking.words
            other.outcome = { _ in .awaitingDevice(words: words) }
            other.press("Down Enter A Tab B Enter")
            text += "new \(size.columns)x\(size.rows)\n" + Golden.text(other.frame)
        }
        try Golden.expect(text, "add-device-\(language.rawValue)")
    }
}
