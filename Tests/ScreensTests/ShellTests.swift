import LedgerCore
import Screens
import SyncCore
import TerminalCore
import TestSupport
import Testing

@Suite struct ShellTests {
    static let english = Words(.english, now: SampleReading.now)

    // MARK: Palette

    @Test(arguments: Scene.all.filter { $0.stage == .open })
    func `every key of a table is found in the help or the palette`(_ scene: Scene) {
        let start = scene.driver(columns: 100, rows: 60)
        guard !start.model.takesText else { return }
        let bindings = AppModel.bindings(start.model)
        guard bindings.contains(where: { $0.message == .helpRequested }) else { return }
        var driver = start
        driver.press("?")
        let told = driver.tree.lines.joined(separator: "\n")
        for binding in bindings {
            #expect(told.contains(Self.english(binding.help).string), "\(binding.name) is hidden")
        }
    }

    @Test func `the palette finds commands, places, settings and projects by a few letters`() {
        func found(_ text: String, _ language: Language = .english) -> [String] {
            var driver = ScreenDriver(.member, rows: 60, language: language)
            driver.press("2 :")
            driver.type(text)
            let dialog = driver.tree.first(.dialog)?.children ?? []
            return dialog.filter { $0.role == .item }.map(\.name.string)
        }
        #expect(found("sgn").first == "sign up")
        #expect(found("setth").first == "Theme")
        #expect(found("act").first == "go to Activity")
        #expect(found("撤销", .chinese).first == "撤销")
        #expect(found("xuesha", .chinese).isEmpty)
        #expect(found("blood pressure").contains { $0.lowercased().contains("blood") })
        #expect(found("语言", .chinese).first == "语言")
    }

    @Test func `a project chosen in the palette opens with its terms`() {
        var driver = ScreenDriver(.member)
        driver.press(":")
        driver.type("blood pressure")
        driver.press("End Down Down Down Down Down Down Down Down Down Down Down Down Enter")
        #expect(driver.model.place == .projects)
        #expect(driver.tree.first(.group, named: "Details") != nil)
        #expect(driver.text.lowercased().contains("blood"))
    }

    @Test func `a command that is disabled is shown with its reason, and says it`() {
        var driver = ScreenDriver(.newcomer, rows: 60)
        driver.press("2 :")
        driver.type("revoke")
        #expect(driver.text.contains("nothing here is authorized"))
        driver.press("Enter")
        #expect(driver.tree.first(.notice)?.name.string == "nothing here is authorized")
    }

    // MARK: Keys

    @Test func `a remapped key works, is shown, and is taken from what had it`() {
        let map = KeyMap([
            .projects: ["sign-up": [.character("S")], "leave": [.character("s")]],
            .everywhere: ["help": [.function(2)]],
        ])
        var driver = ScreenDriver(.newcomer, columns: 120, keys: map)
        driver.press("2")
        #expect(driver.frame.text(row: 23).contains("S sign up"))
        #expect(driver.frame.text(row: 23).contains("F2 keys"))
        driver.press("s")
        #expect(driver.tree.first(.dialog) == nil)
        driver.press("S")
        #expect(driver.tree.first(.dialog, named: "Sign up") != nil)
        driver.press("Escape F2")
        #expect(driver.tree.first(.dialog, named: "Keys") != nil)
    }

    @Test func `Escape closes every sheet whatever the map says`() {
        let names = KeyCatalogue.bindings(.sheets).map(\.name)
        let map = KeyMap([
            .sheets: Dictionary(names.map { ($0, [Key.function(9)]) }) { first, _ in first }
        ])
        for scene in Scene.all where scene.stage == .open {
            var driver = scene.driver(columns: 80, rows: 24)
            guard driver.tree.first(.dialog) != nil else { continue }
            driver = ScreenDriver(scene.store, keys: map)
            driver.press(scene.keys)
            for _ in 0..<4 { driver.press("Escape") }
            #expect(driver.tree.first(.dialog) == nil, "\(scene.name)")
        }
    }

    @Test(arguments: ["not-now", "down", "outcome-erase"])
    func `what a sheet offers can be confirmed, whoever is given its key`(_ action: String) {
        let map = KeyMap([.sheets: [action: [.enter]]])
        var driver = ScreenDriver(.member, keys: map)
        driver.press("3 r Enter")
        guard case .revoke(let revoked)? = driver.actions.last else {
            Issue.record("nothing was revoked:\n\(driver.text)")
            return
        }
        #expect(revoked.mode == .stop)
        // The action it was given to keeps what it had.
        driver = ScreenDriver(.member, keys: map)
        driver.press("3 r Down 2 Escape")
        #expect(driver.tree.first(.dialog) == nil && driver.actions.isEmpty)
        // With a key of its own the sheet leaves Enter to the other one.
        let both = KeyMap([.sheets: [action: [.enter], "confirm-revoke": [.character("y")]]])
        driver = ScreenDriver(.member, keys: both)
        driver.press("3 r Enter")
        #expect(driver.actions.isEmpty)
        if driver.tree.first(.dialog) != nil { driver.press("y") }
        #expect(driver.actions.isEmpty == (action == "not-now"))
    }

    @Test func `what is typed is confirmed with Enter, whatever the map says`() {
        let map = KeyMap([
            .welcome: ["unlock": [.character("u")]],
            .sheets: [
                "run": [.character("x")], "search": [.character("s")], "back": [.enter],
            ],
            .projects: ["done": [.character("d")]],
        ])
        var driver = ScreenDriver(.member, stage: .locked, keys: map, canLock: true)
        driver.type("guru")
        #expect(driver.frame.text(row: 23).contains("⏎ unlock"), "\(driver.text)")
        driver.press("Enter")
        #expect(driver.actions.last == .unlock(passphrase: "guru"))
        driver = ScreenDriver(.member, keys: map)
        driver.press("2 /")
        driver.type("blood")
        driver.press("Enter")
        #expect(!driver.model.takesText)
        driver = ScreenDriver(.member, keys: map)
        driver.press("2 :")
        driver.type("revo")
        driver.press("Enter")
        #expect(driver.tree.first(.dialog, named: "Revoke") != nil, "\(driver.text)")
        driver = ScreenDriver(.newcomer, columns: 100, rows: 30, keys: map)
        driver.press("2 s Enter c Enter s")
        driver.type("systolic")
        driver.press("Enter")
        #expect(driver.text.contains("/systolic"), "\(driver.text)")
        #expect(!driver.model.takesText)
    }

    @Test func `every action of every table can be remapped by its name`() {
        for scene in Scene.all {
            let driver = scene.driver(columns: 80, rows: 24)
            let names = Set(KeyScope.allCases.flatMap { KeyCatalogue.bindings($0).map(\.name) })
            for binding in AppModel.bindings(driver.model) {
                #expect(names.contains(binding.name), "\(binding.name) of \(scene.name)")
            }
        }
    }

    @Test func `a count moves as many lines, and goes to a line`() {
        func position(_ keys: String, _ digitsCount: Bool = false) -> String? {
            var driver = ScreenDriver(.member)
            driver.press("2")
            if digitsCount {
                var preferences = driver.model.settings.preferences
                preferences.digitsCount = true
                driver.send(.configured(Configuration(preferences: preferences)))
            }
            driver.press(keys)
            return driver.tree.first(.list, named: "Projects")?.value?.string
        }
        #expect(position("Alt+5 j") == "6/24")
        #expect(position("Alt+1 2 j") == "13/24")
        #expect(position("Alt+9 G") == "9/24")
        #expect(position("Alt+5 Escape j") == "2/24")
        #expect(position("5 j", true) == "6/24")
        #expect(position("1 0 j 3 k", true) == "8/24")
        var driver = ScreenDriver(.member)
        driver.press("Alt+3")
        #expect(driver.model.place == .home)
        #expect(driver.frame.text(row: 23).hasPrefix(" 3 "))
    }

    @Test func `dragging over rows makes them like the first`() {
        var driver = ScreenDriver(.newcomer)
        driver.press("2 s Enter c Enter")
        let rows = driver.frame.rows
        let first = rows.firstIndex { $0.contains("[x]") } ?? 0
        func mouse(_ action: MouseEvent.Action, _ row: Int) {
            driver.press(.mouse(MouseEvent(action, at: Point(row: row, column: 20))))
        }
        mouse(.press, first)
        mouse(.drag, first + 2)
        mouse(.drag, first + 4)
        mouse(.release, first + 4)
        mouse(.drag, first + 6)
        #expect((first...first + 4).allSatisfy { driver.frame.rows[$0].contains("[ ]") })
        #expect(driver.frame.rows[first + 6].contains("[x]"))
    }

    @Test func `a paste becomes one line without what nobody sees`() {
        var driver = ScreenDriver(.member)
        driver.press("2 /")
        driver.press(.paste("blood\n\tpressure\u{1B}[31m\u{202E}\u{200B}"))
        #expect(
            driver.tree.first(.input, states: [.focused])?.value?.string == "blood pressure[31m")
    }

    // MARK: Clipboard

    @Test func `titles, ids and receipts are copied on the person's command only`() {
        var driver = ScreenDriver(.member)
        driver.press("2 y")
        #expect(
            driver.clipboard == SampleCatalogue.details.first.map { _ in driver.clipboard ?? "" })
        #expect(driver.clipboard?.isEmpty == false)
        driver.press("Y")
        #expect(driver.clipboard.map { ProjectID($0) != nil } == true)
        driver.press("6 G v y")
        #expect(driver.clipboard == "c2sp.org/tlog-proof@v1\n")
        var kiosk = ScreenDriver(.member, mode: .kiosk)
        kiosk.press("2 y Y")
        #expect(kiosk.clipboard == nil)
    }

    // MARK: Settings

    @Test func `each setting changes at once and is kept`() {
        var driver = ScreenDriver(.member, canLock: true)
        driver.press(", Down Down Enter")
        #expect(driver.kept?.marksByBar == true)
        driver.press("Down Enter")
        #expect(driver.kept?.reducesMotion == true)
        driver.press("Down Enter")
        #expect(driver.model.settings.textWidth.ambiguous == .two)
        driver.press("Enter Down Enter")
        #expect(driver.kept?.usesMouse == false)
        driver.press("Down Enter Down Enter Enter")
        #expect(driver.kept?.digitsCount == true)
        #expect(driver.kept?.lockAfterMinutes == 5)
    }

    @Test
    func `the node's key and the devices are shown, and a device is removed after a question`() {
        var driver = ScreenDriver(.member)
        driver.press(", End G")
        for _ in 0..<10 { driver.press("Down") }
        driver.press("Enter")
        #expect(driver.text.contains("ledger.example.org/consent+5c6ee48a"))
        driver.press("Escape Down Enter Down d")
        #expect(driver.tree.first(.dialog, named: "Remove a device") != nil)
        driver.press("Enter")
        guard case .revokeDevice(let device)? = driver.actions.last else {
            Issue.record("\(driver.actions)")
            return
        }
        #expect(device.text == String(repeating: "a1", count: 16))
    }

    @Test func `a bar instead of a mark leaves the cursor where it was`() {
        var driver = ScreenDriver(.member)
        driver.press("2 Down")
        let cursor = driver.frame.cursor
        var preferences = driver.model.settings.preferences
        preferences.marksByBar = true
        driver.send(.configured(Configuration(preferences: preferences)))
        #expect(driver.frame.cursor == cursor)
        #expect(driver.frame.roleRuns.contains { $0.role == .selection && $0.row == cursor?.row })
        #expect(!driver.frame.roleRuns.contains { $0.role == .marker })
    }

    @Test func `what is wrong in the configuration is told with its line`() {
        var driver = ScreenDriver(.member)
        let problem = ConfigurationProblem(
            file: "config.toml", line: 3, reason: .unknownSetting("themme", meant: "theme"))
        driver.send(.configured(Configuration(problems: [problem])))
        #expect(
            driver.tree.first(.notice)?.name.string
                == "config.toml:3: there is no setting \"themme\". Did you mean \"theme\"?")
    }

    // MARK: Lock

    private static func after(_ seconds: Int64) -> Timestamp {
        Timestamp(milliseconds: SampleReading.now.milliseconds + seconds * 1_000)
    }

    private static func idle(reducesMotion: Bool = false) -> ScreenDriver {
        var driver = ScreenDriver(.member, canLock: true)
        var preferences = driver.model.settings.preferences
        preferences.lockAfterMinutes = 2
        preferences.reducesMotion = reducesMotion
        driver.send(.configured(Configuration(preferences: preferences)))
        driver.press("2")
        return driver
    }

    @Test func `an idle vault locks after a countdown of a minute`() {
        var driver = Self.idle()
        #expect(AppModel.nextTick(driver.model, after: SampleReading.now) == Self.after(60))
        driver.send(.clockTicked(Self.after(60)))
        #expect(driver.text.contains("Locks in 60 seconds. Any key goes on."))
        #expect(AppModel.nextTick(driver.model, after: Self.after(60)) == Self.after(61))
        driver.send(.clockTicked(Self.after(119)))
        #expect(driver.text.contains("Locks in 1 second."))
        driver.send(.clockTicked(Self.after(120)))
        #expect(driver.actions.last == .lock)
    }

    @Test func `any key goes on and does nothing else`() {
        var driver = Self.idle()
        driver.send(.clockTicked(Self.after(90)))
        driver.press("3")
        #expect(driver.model.place == .projects)
        #expect(!driver.text.contains("Locks in"))
        driver.send(.clockTicked(Self.after(120)))
        #expect(driver.actions.last != .lock)
        driver.press("3")
        #expect(driver.model.place == .authorizations)
    }

    @Test func `with reduced motion the countdown changes every ten seconds`() {
        let driver = Self.idle(reducesMotion: true)
        #expect(AppModel.nextTick(driver.model, after: Self.after(60)) == Self.after(70))
        #expect(AppModel.nextTick(driver.model, after: Self.after(61)) == Self.after(70))
    }
}
