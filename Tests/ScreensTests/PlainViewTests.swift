import LedgerCore
import Screens
import SyncCore
import TerminalCore
import TestSupport
import Testing

/// The app in lines, without a program around it.
@Suite struct PlainViewTests {
    /// Types a line as plain mode would.
    private func type(_ line: String, _ driver: inout ScreenDriver) {
        driver.answer(PlainInput(line, driver.model))
    }

    private func text(_ driver: ScreenDriver) -> String {
        let view = PlainView(driver.model)
        return ([view.title] + view.lines).map(\.string).joined(separator: "\n")
    }

    @Test(arguments: Scene.all, Language.allCases)
    func `every screen can be read as lines without signs`(_ scene: Scene, _ language: Language) {
        let driver = scene.driver(columns: 200, rows: 27, language: language)
        let view = PlainView(driver.model)
        #expect(!view.title.isEmpty)
        #expect(!view.lines.isEmpty, "\(scene.name) says nothing")
        for line in view.lines {
            #expect(!line.string.contains { "●○✓✗▌│─★→".contains($0) }, "\(line)")
            #expect(!line.string.contains("  "), "\(line)")
            #expect(!line.string.hasSuffix(": "), "\(line)")
        }
    }

    @Test func `a line is opened by its number, a choice is selected before it is taken`() {
        var driver = ScreenDriver(.member, columns: 200, rows: 27)
        type("projects", &driver)
        type("3", &driver)
        #expect(PlainView(driver.model).title == "Projects. Details")
        type("back", &driver)
        type("authorizations", &driver)
        type("revoke 1", &driver)
        #expect(PlainView(driver.model).title == "Revoke")
        type("2", &driver)
        #expect(driver.actions.isEmpty)
        type("2", &driver)
        #expect(driver.actions.isEmpty)
        type("ok", &driver)
        guard case .revoke(let revoked)? = driver.actions.last else {
            Issue.record("\(text(driver))")
            return
        }
        #expect(revoked.mode != .stop)
    }

    @Test(arguments: [
        ("sign up", PlainInput.keys([.character("s")])), ("SIGN-UP", .keys([.character("s")])),
        ("报名", .keys([.character("s")])), ("s", .keys([.character("s")])),
        ("ok", .keys([.enter])), ("好", .keys([.enter])), ("no", .keys([.escape])),
        ("search gut 4", .search("gut 4")), ("搜索 睡眠", .search("睡眠")),
        ("import /a b.json", .importFile("/a b.json")), ("find theme", .find("theme")),
        ("authorize 2", .itemKeys(1, [.character("g")])), ("help", .help), ("", .again),
        ("wait", .wait), ("quit", .quit), ("7", .item(6)), ("more", .more), ("退出", .quit),
        ("no such thing", .unknown("no such thing")), ("work off", .keys([.character("O")])),
    ])
    func `a line is understood in both languages`(_ line: String, _ input: PlainInput) {
        var driver = ScreenDriver(.newcomer)
        driver.press("2")
        #expect(PlainInput(line, driver.model) == input)
    }

    @Test func `a passphrase is typed as it is, whatever word it is`() {
        var driver = ScreenDriver(.member, stage: .locked, canLock: true)
        #expect(PlainInput("help", driver.model) == .text("help"))
        type("back", &driver)
        #expect(driver.actions.last == .unlock(passphrase: "back"))
    }

    @Test(arguments: [("ok", nil), ("/media/usb/policy", "/media/usb/policy")])
    func `joining asks for the code, the node, and the policy if there is one`(
        _ line: String, _ policy: String?
    ) {
        var driver = ScreenDriver(.newcomer, stage: .welcome)
        type("2", &driver)
        type("ABCD-EFGH-IJKLM", &driver)
        type("http://127.0.0.1:9", &driver)
        #expect(driver.actions.isEmpty)
        type(line, &driver)
        #expect(
            driver.actions.last
                == .join(code: "ABCD-EFGH-IJKLM", node: "http://127.0.0.1:9", policy: policy))
    }

    @Test func `rows are struck by their numbers and said to be ticked or not`() {
        var driver = ScreenDriver(.newcomer, columns: 200, rows: 27)
        type("projects", &driver)
        type("sign up 1", &driver)
        type("ok", &driver)
        type("contribute 1", &driver)
        type("1", &driver)
        let before = text(driver)
        type("4", &driver)
        let changed = text(driver).split(separator: "\n").filter { !before.contains($0) }
        #expect(changed.contains { $0.hasPrefix("4. ") && $0.hasSuffix(", not ticked") })
    }

    @Test func `a number that is looked for strikes no row, and nothing is line 0`() throws {
        var driver = ScreenDriver(.newcomer, columns: 200, rows: 27)
        driver.press("2 s Enter c Enter /")
        for number in ["5", "0", "-1"] {
            #expect(PlainInput(number, driver.model) == .text(number))
        }
        type("5", &driver)
        driver.press("Escape Enter Enter")
        guard case .contribute(let draft)? = driver.actions.last else {
            Issue.record("\(text(driver))")
            return
        }
        #expect(draft.struck == [0, 1])
        driver.press("2 /")
        #expect(PlainInput("0", driver.model) == .text("0"))
        driver.press("Escape : s")
        #expect(PlainInput("0", driver.model) == .text("0"))
        #expect(PlainInput("-3", driver.model) == .text("-3"))
        #expect(PlainInput("1", driver.model) == .item(0))
    }

    @Test func `quit tells first of what waits to be sent`() {
        var driver = ScreenDriver(.member, columns: 200, rows: 27)
        type("quit", &driver)
        #expect(!driver.hasQuit)
        #expect(driver.model.asksToQuit)
        #expect(text(driver).contains("1 entry waits to be sent."), "\(text(driver))")
        type("no", &driver)
        #expect(!driver.model.asksToQuit)
        // What was decided since the status was told counts.
        driver.store.counts.outboxCount += 1
        type("quit", &driver)
        #expect(text(driver).contains("2 entries wait to be sent."), "\(text(driver))")
        var idle = ScreenDriver(.newcomer, columns: 200, rows: 27)
        type("quit", &idle)
        #expect(idle.hasQuit)
    }

    @Test func `a long list says how far it was told, and more tells each other line once`() {
        var driver = ScreenDriver(.newcomer, columns: 200, rows: 12, isPlain: true)
        type("projects", &driver)
        var view = PlainView(driver.model)
        var told = view.lines
        while told.last?.string.hasSuffix("Type more for the next.") == true {
            type("more", &driver)
            let news = PlainView(driver.model).news(since: view)
            guard !news.isEmpty else { break }
            view = PlainView(driver.model)
            told += news
        }
        let numbers = told.compactMap { line in
            line.string.firstIndex(of: ".").flatMap { Int(line.string[..<$0]) }
        }
        #expect(driver.store.details.count > 10)
        #expect(numbers == Array(1...driver.store.details.count))
        let last = PlainView(driver.model)
        type("more", &driver)
        #expect(PlainView(driver.model) == last)
    }

    @Test(arguments: [(Language.english, "projects"), (.chinese, "项目")])
    func `a place is named by a word that can be typed, for its digit is a line`(
        _ language: Language, _ word: String
    ) {
        var driver = ScreenDriver(
            .newcomer, columns: 200, rows: 27, language: language, isPlain: true)
        type("home", &driver)
        let words = Words(language, now: SampleReading.now, isPlain: true)
        #expect(words(.firstStep).string.contains("“\(word)”"))
        #expect(words(.noAuthorizations).string.contains("“\(word)”"))
        #expect(words(.signedUpNext).string.contains("g "))
        type(word, &driver)
        #expect(driver.model.place == .projects)
        let help = PlainHelp.lines(driver.model).map(\.string)
        #expect(help.contains(words(.projects).string))
        #expect(!help.contains { $0.hasSuffix(": 2") || $0.contains("Ctrl+D") })
    }

    @Test func `a choice is numbered once`() {
        var driver = ScreenDriver(.member, columns: 200, rows: 27, isPlain: true)
        type("authorizations", &driver)
        type("revoke 1", &driver)
        #expect(PlainView(driver.model).lines.contains { $0.string == "1. Stop" })
    }

    @Test(arguments: Scene.all)
    func `Chinese words are joined by Chinese marks`(_ scene: Scene) {
        let driver = scene.driver(columns: 200, rows: 27, language: .chinese)
        let view = PlainView(driver.model)
        for line in [view.title] + view.lines {
            let characters = Array(line.string)
            for (index, mark) in characters.enumerated().dropFirst()
            where ",;:".contains(mark) {
                let isJoined = (0x4E00...0x9FFF).contains(
                    characters[index - 1].unicodeScalars.first?.value ?? 0)
                #expect(!isJoined, "\(line)")
            }
        }
    }

    @Test func `what came is news, a line that only moved down is not`() {
        var store = SampleReading.member
        store.lastVisit = nil
        let full = ScreenDriver(store, columns: 200, rows: 27, isPlain: true)
        let newest = store.entries.removeFirst()
        let former = ScreenDriver(store, columns: 200, rows: 27, isPlain: true)
        let news = PlainView(full.model).news(since: PlainView(former.model)).map(\.string)
        #expect(news.count == 1)
        #expect(news.first?.contains(full.model.say.headline(newest).string) == true)
    }

    @Test func `what is not there is said`() {
        let driver = ScreenDriver(.newcomer)
        #expect(!PlainView.hasItem(driver.model, 40))
        var empty = driver
        type("2", &empty)
        #expect(empty.model.place == .projects)
    }
}
