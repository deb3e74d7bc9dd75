import Screens
import TerminalCore
import Testing

/// The screens of a shared machine while nobody is signed in.
@Suite struct KioskScreenTests {
    /// Somebody has typed badge and secret at a machine of this size, and waits.
    private func waiting(_ size: Size) -> KioskModel {
        var model = KioskModel(language: .english, size: size)
        for character in "b1" { _ = model.press(.character(character)) }
        _ = model.press(.enter)
        for character in "long enough" { _ = model.press(.character(character)) }
        let request = model.press(.enter)
        #expect(request == .signIn(badge: "b1", secret: "long enough"))
        return model
    }

    @Test func `Escape gives up what is waited for, and nothing else does anything meanwhile`() {
        var model = waiting(Size(columns: 80, rows: 24))
        let before = model
        let keys: [Key] = [.enter, .tab, .backspace, .character("x")]
        let requests = keys.compactMap { model.press($0) }
        #expect(requests.isEmpty)
        #expect(model == before)
        #expect(model.frame.text(row: 23).contains("esc"))
        #expect(!model.wasLeft)
        _ = model.press(.escape)
        #expect(model.step == .attract)
        #expect(model.wasLeft)
    }

    @Test func `who typed nothing has left nothing`() {
        var model = KioskModel(language: .english, size: Size(columns: 80, rows: 24))
        let keys: [Key] = [.tab, .enter, .backspace, .escape, .left, .enter, .escape]
        let requests = keys.compactMap { model.press($0) }
        #expect(requests.isEmpty)
        #expect(model.step == .attract)
        #expect(!model.wasLeft)
    }
}
