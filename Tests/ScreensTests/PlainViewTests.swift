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
        ("wait", .wait), ("quit", .quit), ("7", .item(6)), ("more", .keys([.pageDown])),
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

    @Test func `what is not there is said`() {
        let driver = ScreenDriver(.newcomer)
        #expect(!PlainView.hasItem(driver.model, 40))
        var empty = driver
        type("2", &empty)
        #expect(empty.model.place == .projects)
    }
}
