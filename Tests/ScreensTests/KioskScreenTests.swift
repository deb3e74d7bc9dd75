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

    /// What may be told at a form.
    private static let told: [KioskText] = [
        .wrongSecret, .tooManyTries, .secretsDiffer, .secretTooShort, .codeRefused,
        .tooManyRequests, .keysRemoved, .keysUnknown, .versionDiffers, .notReachable,
        .notConfirmed, .notTrusted, .memoryFull, .noRoom,
    ]

    @Test(arguments: Language.allCases, [Key.enter, .tab])
    func `what is told is seen with all fields on the smallest screen`(
        language: Language, form: Key
    ) {
        for text in Self.told {
            var model = KioskModel(language: language, size: Size(columns: 40, rows: 12))
            _ = model.press(form)
            model.fail(KioskModel.Note(text, 7))
            expect(text.texts[language].replacing("{0}", with: "7"), in: model)
        }
        var model = KioskModel(language: language, size: Size(columns: 40, rows: 12))
        _ = model.press(.tab)
        expect(KioskText.firstTimeLine.texts[language], in: model)
        for text in ["b1", "code", "long enough", "long enough"] {
            _ = model.press(.paste(text))
            _ = model.press(.enter)
        }
        #expect(model.isWorking)
        expect(KioskText.working.texts[language], in: model)
    }

    /// Expects a text on the screen, however its lines are broken, and the names of all fields.
    private func expect(_ text: String, in model: KioskModel) {
        func squeezed(_ text: String) -> String { text.filter { !$0.isWhitespace } }
        let screen = squeezed(model.frame.rows.joined())
        #expect(screen.contains(squeezed(text)), "\(text)\n\(model.frame.rows)")
        let fields: [KioskText] =
            model.step == .firstTime ? [.badge, .code, .secret, .secretAgain] : [.badge, .secret]
        for field in fields {
            let name = squeezed(field.texts[model.language])
            #expect(screen.contains(name), "\(name)\n\(model.frame.rows)")
        }
    }
}
