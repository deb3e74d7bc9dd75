import Foundation
import LedgerCore
import RulesModel
import Screens
import SyncCore
import TerminalCore
import TestSupport
import Testing

@Suite struct RobustnessTests {
    static let keys: [Key] =
        "123456jkgGhlsrpcxifovmdenyTL?:/q <>".map { .character($0) } + [
            .enter, .escape, .tab, .shiftTab, .up, .down, .left, .right, .pageUp, .pageDown,
            .home, .end, .backspace, .delete, .control("d"), .control("u"), .control("n"),
            .paste("睡眠\nsleep\u{1b}[31m"), .function(5), .alt("x"),
            .mouse(MouseEvent(.press, at: Point(row: 7, column: 12))),
            .mouse(MouseEvent(.press, at: Point(row: 0, column: 30))),
            .mouse(MouseEvent(.scrollDown, at: Point(row: 5, column: 5))),
        ]

    /// Fails unless every row of the frame fills the screen exactly and shows no control.
    static func check(_ frame: Frame, _ context: String) {
        for row in 0..<frame.size.rows {
            let cells = (0..<frame.size.columns).reduce(0) { sum, column in
                let cell = frame[row, column]
                return sum + cell.text.reduce(0) { $0 + frame.textWidth.cells(of: $1) }
            }
            #expect(cells == frame.size.columns, "row \(row) of \(context)")
            for column in 0..<frame.size.columns {
                let next = column + 1
                let isCut = next < frame.size.columns ? !frame[row, next].isRightHalf : true
                let width = frame[row, column].text.reduce(0) { $0 + frame.textWidth.cells(of: $1) }
                if width == 2 { #expect(!isCut, "row \(row), column \(column) of \(context)") }
            }
            let isClean = frame.text(row: row).unicodeScalars.allSatisfy {
                $0.value >= 0x20 && $0.value != 0x7F && !(0x80..<0xA0).contains($0.value)
                    && !(0x202A...0x202E).contains($0.value)
            }
            #expect(isClean, "row \(row) of \(context)")
        }
        if let cursor = frame.cursor { #expect(frame.bounds.contains(cursor)) }
    }

    @Test(arguments: [1, 2, 3, 4] as [UInt64])
    func `thousands of random keys and sizes leave a whole screen`(_ seed: UInt64) {
        var numbers = SeededNumbers(state: seed)
        var driver = ScreenDriver(
            .member, language: seed.isMultiple(of: 2) ? .chinese : .english,
            textWidth: TextWidth(ambiguous: seed > 2 ? .two : .one))
        for step in 0..<700 {
            if let key = Self.keys.randomElement(using: &numbers) { driver.press(key) }
            if step.isMultiple(of: 5) {
                driver.send(
                    .resized(
                        Size(
                            columns: Int.random(in: 0...160, using: &numbers),
                            rows: Int.random(in: 0...50, using: &numbers))))
            }
            Self.check(driver.frame, "seed \(seed), step \(step)")
        }
        driver.send(.resized(Size(columns: 80, rows: 24)))
        driver.press("Escape Escape Escape Escape Escape Escape 1")
        #expect(driver.tree.first(.tab, states: [.selected]) != nil)
        #expect(driver.model.place == .home)
    }

    @Test func `a screen too small for anything shows a friendly line`() {
        let driver = ScreenDriver(.member, columns: 39, rows: 11)
        #expect(driver.text.contains("A little more room, please"))
    }

    private static func hostile(_ text: String) -> SampleReading {
        var store = SampleReading.member
        let words = LocalizedText(english: text, chinese: text)
        for index in store.details.indices.prefix(3) {
            store.details[index].terms.title = words
            store.details[index].terms.why = words
            store.details[index].terms.ethics = text
            store.details[index].institution = words
            store.details[index].recipients = [words]
        }
        for index in store.authorizationLines.indices {
            store.authorizationLines[index].title = words
        }
        for index in store.recordLines.indices { store.recordLines[index].fileName = text }
        for index in store.entries.indices {
            store.entries[index].title = words
            store.entries[index].actor = words
        }
        return store
    }

    /// Wide, combining, joined, right-to-left, invisible and controlling characters in one line.
    static let worst =
        "中\u{301}风👨‍👩‍👧‍👦🇨🇳é\u{202E}abc\u{202C}שלוםﷺ①“x”\u{1B}[31m\u{200B}\u{FEFF}𝕏Ａ｡"
        + String(repeating: "\u{335}", count: 40) + "한글ก็็็็็⚠️…\u{0}\u{85}\u{2028}末"

    @Test(arguments: Scene.all)
    func `the worst text breaks no screen, whatever the width of ambiguous characters`(
        _ scene: Scene
    ) {
        var scene = scene
        if scene.store.entries.isEmpty == false { scene.store = Self.hostile(Self.worst) }
        for (columns, ambiguous) in [
            (40, TextWidth.Ambiguous.two), (79, .one), (81, .two), (100, .one), (101, .two),
        ] {
            var driver = ScreenDriver(
                scene.store, columns: columns, rows: columns == 40 ? 12 : 24,
                language: columns.isMultiple(of: 2) ? .chinese : .english, stage: scene.stage,
                textWidth: TextWidth(ambiguous: ambiguous), canLock: scene.canLock)
            driver.press(scene.keys)
            Self.check(driver.frame, "\(scene.name) at \(columns), \(ambiguous)")
        }
    }

    @Test(.enabled(if: SharedData.isPresent, Comment(rawValue: SharedData.comment)))
    func `no hostile text breaks a row or reaches the terminal raw`() throws {
        let bytes = try SharedData.bytes("hostile/strings/blns.json")
        let strings = try JSONDecoder().decode([String].self, from: Data(bytes))
        #expect(strings.count > 200)
        let scenes = Scene.all.filter { $0.stage == .open }
        for (index, text) in strings.enumerated() {
            let scene = scenes[index % scenes.count]
            let store = Self.hostile(text)
            let ambiguous: TextWidth.Ambiguous = index.isMultiple(of: 2) ? .one : .two
            for columns in [40, 79, 100] {
                var driver = ScreenDriver(
                    store, columns: columns, rows: 24,
                    textWidth: TextWidth(ambiguous: ambiguous))
                driver.press(scene.keys)
                Self.check(driver.frame, "string \(index) in \(scene.name)")
            }
        }
    }

    @Test(.enabled(if: SharedData.isPresent, Comment(rawValue: SharedData.comment)))
    func `titles of real registries fit`() throws {
        let text = try SharedData.text("studies/registry_titles.csv")
        let titles = text.split(whereSeparator: \.isNewline)
        #expect(titles.count > 100)
        for start in stride(from: 0, to: min(titles.count, 4_800), by: 24) {
            var store = SampleReading.newcomer
            for (offset, title) in titles[start...].prefix(24).enumerated() {
                store.details[offset].terms.title = LocalizedText(english: String(title))
            }
            var driver = ScreenDriver(store, columns: start.isMultiple(of: 48) ? 80 : 101)
            driver.press("2")
            Self.check(driver.frame, "titles from \(start)")
        }
    }
}
