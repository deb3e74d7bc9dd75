import LedgerCore
import Screens
import SyncCore
import TerminalCore
import TestSupport
import Testing

/// What a screen says follows what happened, and what it offers can be done.
@Suite struct TruthTests {
    private static let queued = Hash.of(label: "queued")

    // MARK: What happened

    @Test func `a node without room for what waits is told from one that is away`() {
        var reading = SampleReading.newcomer
        reading.counts.connection = .backoff(attempts: 3, until: SampleReading.now)
        #expect(!ScreenDriver(reading).text.contains("the node has no room"))
        reading.counts.isNodeFull = true
        #expect(ScreenDriver(reading).text.contains("the node has no room"))
    }

    @Test func `a decision that the node refused stops being called signed`() throws {
        var driver = ScreenDriver(.newcomer)
        driver.outcome = { _ in .done(entry: TruthTests.queued) }
        driver.press("2 s Enter")
        let told = try #require(driver.tree.first(.notice)?.name.string)
        #expect(told.contains("it counts once recorded"))
        var line = try #require(ScreenDriver(.member).store.entries.first)
        line.entry = Self.queued
        line.index = nil
        line.state = .rejected
        line.rejection = .projectFull
        driver.store.entries.insert(line, at: 0)
        driver.send(.storeChanged)
        let now = try #require(driver.tree.first(.notice)?.name.string)
        #expect(now.contains("All places are taken"))
        driver.press("n")
        #expect(driver.text.contains("All places are taken"))
    }

    @Test(arguments: [Mode.personal, .kiosk])
    func `what another device has to open is told after the grant, and at no shared screen`(
        mode: Mode
    ) throws {
        let records = ScreenDriver(.member).store.recordLines
        let names = ContributionName.names(of: records.flatMap(\.contributions))
        #expect(!names.isEmpty)
        var driver = ScreenDriver(.newcomer, mode: mode)
        driver.outcome = { action in
            if case .grant = action { nil } else { .done(entry: nil) }
        }
        driver.press("2 s Enter g")
        for _ in 0..<10 {
            if case .grant? = driver.actions.last { break }
            if driver.tree.first(.dialog, named: "Is it you?") != nil { driver.type("secret") }
            driver.press("Enter")
        }
        guard case .grant? = driver.actions.last else {
            Issue.record("not authorized:\n\(driver.text)")
            return
        }
        let id = try #require(driver.actionIDs.last)
        driver.send(
            .actionFinished(id, .noted(entry: Self.queued, .keysElsewhere(of: names))))
        let told = driver.model.say(Trouble.keysElsewhere(of: names)).string
        let lines = driver.store.noticeLines
        guard mode == .personal else {
            #expect(!lines.contains { $0.text == told })
            return
        }
        #expect(lines.suffix(2).map(\.tone) == [.done, .warning])
        #expect(lines.suffix(2).first?.text.hasPrefix("Authorization signed") == true)
        #expect(lines.last?.text == told)
        #expect(driver.tree.first(.notice)?.name.string == told)
        var line = try #require(ScreenDriver(.member).store.entries.first)
        line.entry = Self.queued
        line.state = .proven
        line.rejection = nil
        driver.store.entries.insert(line, at: 0)
        driver.send(.storeChanged)
        let now = try #require(driver.tree.first(.notice)?.name.string)
        #expect(now.contains("Authorization in force"), "\(now)")
    }

    @Test(arguments: [
        (ActionOutcome.notReachable(.timedOut), "Node"), (.failed(.policyElsewhere), "Witnesses"),
        (.failed(.other("no such code")), "Code"),
    ])
    func `after a failed try to join the cursor is where it can be mended`(
        outcome: ActionOutcome, field: String
    ) throws {
        var driver = ScreenDriver(.newcomer, stage: .welcome)
        driver.outcome = { _ in outcome }
        driver.press("Down Enter A Tab B Tab C Enter")
        let cursor = try #require(driver.frame.cursor)
        let row = driver.frame.rows[cursor.row]
        #expect(row.contains(field), "the cursor is in \(row)")
    }

    @Test func `the first screen has help, and typing has it where a question mark is text`() {
        var driver = ScreenDriver(.newcomer, stage: .welcome)
        driver.press("?")
        #expect(driver.tree.first(.dialog) != nil)
        #expect(driver.text.contains("↓ j tab"), "\(driver.text)")
        driver.press("Escape")
        #expect(driver.tree.first(.dialog) == nil)
        driver.press("Down Enter ? F1")
        #expect(driver.tree.first(.dialog) != nil)
        driver.press("Escape A")
        #expect(driver.text.contains("?A"), "\(driver.text)")
        #expect(driver.actions.isEmpty)
    }

    @Test func `what ends after the vault was locked opens no sheet over it`() throws {
        var driver = ScreenDriver(.newcomer, canLock: true)
        driver.outcome = { _ in nil }
        driver.press("2 s g")
        let id = try #require(driver.actionIDs.last)
        driver.send(.needsUnlock)
        driver.send(.actionFinished(id, .done(entry: nil)))
        #expect(driver.tree.first(.dialog) == nil, "\(driver.text)")
        driver.press("F1")
        #expect(driver.tree.first(.dialog) != nil)
    }

    @Test func `work that goes on locks nobody out, and how it ended is told then`() throws {
        var driver = ScreenDriver(.member, canLock: true)
        driver.outcome = { action in
            if case .importFiles = action { nil } else { .done(entry: nil) }
        }
        driver.press("4 i")
        driver.type("/home/wei/export.xml")
        driver.press("Enter")
        let id = try #require(driver.actionIDs.last)
        driver.send(.needsUnlock)
        driver.type("correct")
        driver.press("Enter")
        #expect(driver.actions.last == .unlock(passphrase: "correct"))
        let asked = driver.actions.count
        driver.send(.actionFinished(id, .failed(.diskFull)))
        #expect(driver.tree.first(.notice) == nil, "\(driver.text)")
        #expect(!driver.text.contains("The disk is full"), "\(driver.text)")
        #expect(driver.store.noticeLines.isEmpty)
        driver.press("Enter")
        #expect(driver.actions.count == asked + 1)
        #expect(driver.actions.last == .unlock(passphrase: "correct"), "what was typed is gone")
        driver.send(.unlocked(memberName: "Wei"))
        let told = Trouble.diskFull.texts.english
        #expect(driver.tree.first(.notice)?.name.string == told)
        #expect(driver.store.noticeLines.map(\.text) == [told])
    }

    @Test(arguments: [
        Trouble.notReadable(path: "/home/wei/CANARY"), .wardsClosed(names: ["CANARY"]),
        "could not open /home/wei/CANARY",
    ])
    func `what goes wrong beside everything else names nothing over the locked screen`(
        trouble: Trouble
    ) throws {
        var driver = ScreenDriver(.member, canLock: true)
        driver.send(.needsUnlock)
        driver.send(.loadFailed(RequestID(0), trouble))
        #expect(driver.tree.first(.notice) == nil && !driver.text.contains("CANARY"))
        driver.send(.unlocked(memberName: "Wei"))
        let told = driver.model.say(trouble).string
        #expect(told.contains("CANARY"))
        #expect(driver.tree.first(.notice)?.name.string == told)
        #expect(driver.store.noticeLines.map(\.text) == [told])
    }

    @Test func `that the keys are gone is told where they would be opened`() {
        var driver = ScreenDriver(.member, canLock: true)
        driver.send(.needsUnlock)
        driver.send(.loadFailed(RequestID(0), .vaultWiped))
        let told = driver.model.say(Trouble.vaultWiped).string
        #expect(driver.tree.first(.notice)?.name.string == told)
    }

    @Test(arguments: Language.allCases)
    func `a list shows the day it is sorted by`(language: Language) {
        var driver = ScreenDriver(.newcomer, language: language)
        let say = driver.model.say
        driver.press("2")
        let changed = say.date(SampleCatalogue.day(-19)).string
        let ending = say.date(SampleCatalogue.day(404)).string
        var counts: [[Int]] = []
        for _ in 0..<4 {
            counts.append(
                [changed, ending].map { day in
                    driver.frame.rows.filter { $0.contains(day) }.count
                })
            driver.press("o")
        }
        #expect(counts.count { $0[0] > 10 } == 1 && counts.count { $0[1] > 10 } == 1, "\(counts)")
    }

    @Test func `a project that is opened again is read again`() {
        var driver = ScreenDriver(.member)
        driver.press("2 Enter")
        #expect(driver.text.contains("you take part"))
        driver.press("Escape")
        for index in driver.store.details.indices {
            driver.store.details[index].participation = .leaving(.queued)
        }
        driver.send(.storeChanged)
        driver.press("Enter")
        #expect(!driver.text.contains("you take part"))
    }

    // MARK: Handing over

    @Test
    func `a kind that is not authorized is called so where it is chosen and before it leaves`() {
        var driver = ScreenDriver(.newcomer)
        driver.press("2 s Enter c")
        #expect(driver.text.contains("not authorized"))
        driver.press("Enter Enter")
        #expect(driver.text.contains("You have not authorized"))
        #expect(!driver.text.contains("Only those you authorize can read it."))
        driver = ScreenDriver(.member)
        driver.press("2 c Enter Enter")
        #expect(driver.text.contains("Only those you authorize can read it."))
    }

    @Test func `where no project can take a record, no key to go on is shown`() {
        var driver = ScreenDriver(.newcomer)
        driver.press("4 c")
        #expect(driver.tree.first(.dialog)?.children.contains { $0.role == .item } == false)
        #expect(driver.text.contains("You take part in no project that asks for this."))
        #expect(!driver.text.contains("⏎ next"))
    }

    @Test func `what cannot be narrowed says so and opens nothing`() {
        var driver = ScreenDriver(.member)
        for index in driver.store.authorizationLines.indices {
            let grant = driver.store.authorizationLines[index].grant
            driver.store.authorizationLines[index].grant = AuthorizationGranted(
                project: grant.project, major: grant.major, minor: grant.minor,
                terms: grant.terms, language: grant.language, kinds: [.wearable],
                purposes: [grant.purposes[0]], recipients: grant.recipients,
                collectionFrom: grant.collectionFrom, collectionUntil: grant.collectionUntil,
                until: grant.until, eraseAt: grant.eraseAt, cites: grant.cites,
                observedSize: grant.observedSize, observedRoot: grant.observedRoot)
            driver.store.authorizationLines[index].pending = nil
        }
        driver.press("3 s")
        #expect(driver.tree.first(.dialog) == nil)
        #expect(driver.tree.first(.notice)?.name.string.contains("needs all of this") == true)
    }

    // MARK: Finding things

    @Test(arguments: [
        (Language.english, "import a", "import a file"),
        (.english, "export", "take everything home"),
        (.english, "reward", "rewards"), (.chinese, "监护", "为孩子或为自己操作"),
        (.chinese, "导出", "导出全部数据"),
    ])
    func `the palette finds commands of other places, and what others call them`(
        language: Language, typed: String, name: String
    ) {
        var driver = ScreenDriver(.member, rows: 60, language: language)
        driver.press(":")
        driver.type(typed)
        let items = driver.tree.first(.dialog)?.children.filter { $0.role == .item } ?? []
        #expect(items.contains { $0.name.string == name }, "\(items.map(\.name.string))")
    }

    @Test func `a command of another place goes there and does it`() {
        var driver = ScreenDriver(.member)
        driver.press(":")
        driver.type("import a file")
        driver.press("Enter")
        #expect(driver.model.place == .records)
        #expect(driver.tree.first(.dialog, named: "Import a file") != nil)
    }

    @Test func `no command stands twice in the palette`() {
        for language in Language.allCases {
            var driver = ScreenDriver(.member, rows: 90, language: language)
            driver.press(":")
            let items = driver.tree.first(.dialog)?.children.filter { $0.role == .item } ?? []
            let names = items.map(\.name.string)
            #expect(names.count > 20)
            #expect(Set(names).count == names.count, "\(names.sorted())")
        }
    }

    @Test func `the text below the last setting can be read on a small screen`() {
        var driver = ScreenDriver(.member)
        driver.press(",")
        #expect(!driver.text.contains("config.toml"))
        for _ in 0..<20 { driver.press("Down") }
        #expect(driver.text.contains("config.toml"))
        driver.press("Up")
        #expect(driver.text.contains("▌"))
    }

    @Test func `whoever has not seen the hints gets them on every way into the app, once`() {
        var settings = ScreenDriver(.member).model.settings
        settings.offersTour = true
        var app = AppModel(settings)
        let effects = AppModel.start(&app)
        #expect(AppModel.view(app).rows.contains { $0.contains("1/6") })
        #expect(
            effects.contains {
                if case .perform(_, .keepPreferences(let kept)) = $0 {
                    kept.hasSeenTour
                } else {
                    false
                }
            })
        settings.stage = .locked
        var locked = AppModel(settings)
        _ = AppModel.start(&locked)
        #expect(!AppModel.view(locked).rows.contains { $0.contains("1/6") })
        _ = AppModel.update(&locked, .unlocked(memberName: "Wei"))
        #expect(AppModel.view(locked).rows.contains { $0.contains("1/6") })
        settings.stage = .open
        settings.preferences.hasSeenTour = true
        var again = AppModel(settings)
        _ = AppModel.start(&again)
        #expect(!AppModel.view(again).rows.contains { $0.contains("1/6") })
    }
}
