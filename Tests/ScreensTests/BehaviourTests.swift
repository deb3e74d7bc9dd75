import LedgerCore
import Screens
import SyncCore
import TerminalCore
import TestSupport
import Testing

@Suite struct BehaviourTests {
    @Test func `search filters with every character, and Escape brings all back`() throws {
        var driver = ScreenDriver(.member)
        driver.press("2 /")
        driver.type("blood")
        #expect(driver.tree.first(.list, named: "Projects")?.value?.string == "1/4")
        #expect(driver.tree.first(.input, states: [.focused])?.value?.string == "blood")
        driver.press("Escape")
        #expect(driver.tree.first(.list, named: "Projects")?.value?.string == "1/24")
    }

    @Test func `an answer that comes late is ignored`() {
        var model = AppModel(
            Settings(size: Size(columns: 80, rows: 24), now: SampleReading.now))
        _ = AppModel.start(&model)
        let first = AppModel.update(&model, .placeChosen(.projects))
        let second = AppModel.update(&model, .orderChanged)
        let line = SampleCatalogue.line(SampleCatalogue.details[0])
        let late = Loaded.projects(Page(offset: 0, lines: [line], total: 1))
        let current = Loaded.projects(Page(offset: 0, lines: [], total: 0))
        for case .load(let id, .projects) in second {
            _ = AppModel.update(&model, .loaded(id, current))
        }
        let before = model
        for case .load(let id, .projects) in first {
            _ = AppModel.update(&model, .loaded(id, late))
        }
        #expect(model == before)
    }

    @Test func `a folder that is read late opens nothing, and takes nothing typed away`() throws {
        var model = AppModel(Settings(size: Size(columns: 80, rows: 24), now: SampleReading.now))
        _ = AppModel.start(&model)
        func ask() throws -> RequestID {
            for case .load(let id, .folder) in AppModel.update(&model, .importRequested) {
                return id
            }
            throw CancellationError()
        }
        func name() -> String { AppModel.view(model).rows.joined(separator: "\n") }
        let first = try ask()
        _ = AppModel.update(&model, .dialog(.closed))
        let closed = model
        _ = AppModel.update(&model, .loaded(first, .folder(SampleMember.folder)))
        #expect(AppModel.view(model) == AppModel.view(closed))
        let second = try ask()
        for character in "synthea" { _ = AppModel.update(&model, .key(.character(character))) }
        var folder = SampleMember.folder
        folder.notShown = 17
        _ = AppModel.update(&model, .loaded(first, .folder(FolderListing(path: "/", items: []))))
        #expect(!name().contains("Nothing here"))
        _ = AppModel.update(&model, .loaded(second, .folder(folder)))
        #expect(name().contains("synthea-amelia-lin.json") && !name().contains("2025"), "\(name())")
        #expect(name().contains("17 more are not shown"), "\(name())")
    }

    @Test func `a list as long as the catalogue is never asked for as a whole`() {
        var model = AppModel(Settings(size: Size(columns: 80, rows: 24), now: SampleReading.now))
        let line = SampleCatalogue.line(SampleCatalogue.details[0])
        var largest = 0
        func answer(_ effects: [Effect]) {
            for case .load(let id, .projects(_, let offset, let limit)) in effects {
                largest = max(largest, limit)
                let lines = Array(repeating: line, count: min(limit, 5_000 - offset))
                answer(
                    AppModel.update(
                        &model,
                        .loaded(id, .projects(Page(offset: offset, lines: lines, total: 5_000)))))
            }
        }
        answer(AppModel.update(&model, .placeChosen(.projects)))
        for key: Key in [.end, .pageUp, .home, .pageDown, .control("d"), .character("G")] {
            answer(AppModel.update(&model, .key(key)))
            let list = AppModel.view(model).semantics?.first(.list)
            #expect(list?.children.count == 19)
        }
        #expect(largest <= 100)
    }

    @Test func `a line stays selected when new ones come above it`() {
        var driver = ScreenDriver(.member)
        driver.press("6 Down Down")
        let before = driver.tree.first(.item, states: [.selected])?.name
        driver.store.entries.insert(driver.store.entries[3], at: 0)
        driver.store.entries[0].entry = .zero
        driver.send(.storeChanged)
        #expect(driver.tree.first(.item, states: [.selected])?.name == before)
        #expect(driver.tree.first(.list)?.value?.string == "4/10")
    }

    @Test func `a queued revocation is called not yet in force wherever it is shown`() {
        var driver = ScreenDriver(.member)
        driver.press("3 r Enter")
        #expect(driver.text.contains("not yet in force"))
        driver.press("2 Enter")
        #expect(driver.text.contains("not yet in force"))
        driver.press("1")
        #expect(driver.text.contains("Not yet in force"))
        #expect(driver.tree.first(.status)?.value?.string.contains("not yet in force") == true)
    }

    @Test func `a refusal stays in sight until it is read`() {
        var driver = ScreenDriver(.member)
        #expect(driver.text.contains("Refused: Your sign-up"))
        driver.press("Enter")
        #expect(driver.text.contains("All places are taken."))
        #expect(driver.text.contains("Choose another project."))
        driver.press("Escape")
        #expect(driver.text.contains("Refused: Your sign-up"))
        driver.press("Enter Enter")
        #expect(!driver.text.contains("Refused: Your sign-up"))
    }

    @Test func `an action that fails keeps the sheet and says why`() {
        var driver = ScreenDriver(.newcomer)
        driver.outcome = { _ in .failed("could not open the vault: no space left") }
        driver.press("2 s Enter")
        #expect(driver.tree.first(.dialog, named: "Sign up") != nil)
        #expect(driver.tree.first(.notice)?.name.string.contains("no space left") == true)
        driver.outcome = { _ in .refused(.projectFull) }
        driver.press("Enter")
        #expect(driver.tree.first(.notice)?.name.string.contains("All places are taken.") == true)
    }

    @Test func `a sheet that waits for its action takes no second Enter`() {
        var driver = ScreenDriver(.newcomer)
        driver.outcome = { _ in nil }
        driver.press("2 s Enter Enter Enter")
        #expect(driver.actions.count == 1)
    }

    @Test(arguments: ["3 r", "5 c Enter", "3 c Enter Enter"])
    func `a double click on the key that decides decides once`(_ way: String) throws {
        var driver = ScreenDriver(.member)
        driver.press(way)
        driver.outcome = { _ in nil }
        let row = try #require(driver.frame.rows.firstIndex { $0.contains("⏎ ") })
        let cells = Array(driver.frame.text(row: row))
        let column = try #require(cells.firstIndex(of: "⏎"))
        let click = Key.mouse(MouseEvent(.press, at: Point(row: row, column: column)))
        let before = driver.actions.count
        driver.press(click, click)
        #expect(driver.actions.count == before + 1, "\(driver.actions)")
        #expect(driver.cancelled.isEmpty)
        #expect(driver.tree.first(.dialog) != nil, "\(driver.text)")
    }

    @Test func `the page that says what leaves is one that has to be seen`() {
        var driver = ScreenDriver(.newcomer)
        driver.press("2 s")
        #expect(driver.model.consentPage != nil)
        driver.press("Enter c Enter")
        #expect(driver.tree.first(.dialog) != nil && driver.model.consentPage == nil)
        driver.press("Enter")
        #expect(driver.model.consentPage != nil, "\(driver.text)")
    }

    @Test(arguments: ["3 r", "3 Down Down e"])
    func `a click on the choice that has the keys signs nothing`(_ way: String) throws {
        var driver = ScreenDriver(.member)
        driver.press(way)
        #expect(driver.tree.first(.dialog) != nil)
        let before = driver.actions.count
        let row = try #require(driver.frame.cursor?.row)
        let click = Key.mouse(MouseEvent(.press, at: Point(row: row, column: 30)))
        driver.press(click, click)
        #expect(driver.actions.count == before, "\(driver.text)")
        driver.press("Enter")
        #expect(driver.actions.count == before + 1, "\(driver.text)")
    }

    @Test func `moving through themes shows each, and Escape takes the choice back`() {
        var driver = ScreenDriver(.member)
        driver.press("T Down Down")
        #expect(driver.model.settings.theme == "high-contrast")
        driver.press("Escape")
        #expect(driver.model.settings.theme == "dark")
        driver.press("T Down Enter")
        #expect(driver.kept?.theme == "light")
    }

    @Test func `the language changes at once`() {
        var driver = ScreenDriver(.member)
        driver.press("L Down Enter")
        #expect(driver.tree.first(.tab, named: "首页") != nil)
        #expect(driver.kept?.language == .chinese)
    }

    @Test func `the palette runs what a few letters find`() {
        var driver = ScreenDriver(.member)
        driver.press("2 :")
        driver.type("revo")
        driver.press("Enter")
        #expect(driver.tree.first(.dialog, named: "Revoke") != nil)
    }

    @Test func `tabs, lines and keys can be clicked, and the wheel moves`() throws {
        var driver = ScreenDriver(.member)
        driver.press(.mouse(MouseEvent(.press, at: Point(row: 0, column: 10))))
        #expect(driver.model.place == .projects)
        driver.press(.mouse(MouseEvent(.press, at: Point(row: 5, column: 10))))
        #expect(driver.frame.cursor?.row == 5)
        driver.press(.mouse(MouseEvent(.scrollDown, at: Point(row: 5, column: 10))))
        #expect(driver.frame.cursor?.row == 8)
        let bar = driver.frame.text(row: 23)
        let column = try #require(bar.firstIndex(of: ":"))
        driver.press(
            .mouse(
                MouseEvent(
                    .press,
                    at: Point(row: 23, column: bar.distance(from: bar.startIndex, to: column)))))
        #expect(driver.tree.first(.dialog, named: "Commands") != nil)
    }

    @Test(arguments: Scene.all)
    func `the cursor stands on what has the keys, and a dialog is in the tree`(_ scene: Scene) {
        let driver = scene.driver(columns: 80, rows: 24)
        #expect(driver.tree.role == .screen)
        if scene.name != "authorizations-empty" { #expect(driver.frame.cursor != nil) }
        guard let cursor = driver.frame.cursor, driver.tree.first(.dialog) == nil else { return }
        let marked = driver.frame.roleRuns.filter { $0.role == .marker }.map(\.row)
        if !driver.model.takesText, !marked.isEmpty, !scene.name.contains("detail"),
            !scene.name.hasPrefix("activity-")
        {
            #expect(marked.contains(cursor.row))
        }
    }
}
