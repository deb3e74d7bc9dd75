import LedgerCore
import Screens
import StudyImport
import SyncCore
import TerminalCore
import TestSupport
import Testing

/// Authorizing, decision by decision, through real keys.
@Suite struct ConsentTests {
    /// A newcomer who has just signed up for the first project that a search finds.
    private func signedUp(
        _ search: String = "", _ language: Language = .english, columns: Int = 80, rows: Int = 24
    ) -> ScreenDriver {
        var driver = ScreenDriver(
            .newcomer, columns: columns, rows: rows, language: language, canLock: true)
        driver.press("2")
        if !search.isEmpty {
            driver.press("/")
            driver.type(search)
            driver.press("Enter")
        }
        driver.press("s Enter")
        return driver
    }

    private func title(_ driver: ScreenDriver) -> String {
        driver.tree.children.last { $0.role == .dialog }?.name.string ?? ""
    }

    /// The screen without its boxes, every space one.
    private func words(_ driver: ScreenDriver) -> String {
        driver.text.split { $0.isWhitespace || $0 == "│" }.joined(separator: " ")
    }

    /// What was decided for good: drafts are no decisions.
    private func decisions(_ driver: ScreenDriver) -> [Action] {
        driver.actions.filter {
            switch $0 {
            case .keepDraft, .discardDraft: false
            default: true
            }
        }
    }

    private func kept(_ driver: ScreenDriver) -> [ConsentDraft] {
        driver.store.details.compactMap(\.draft)
    }

    // MARK: What is promised

    @Test func `what is not set aside is said wherever points are promised`() {
        for (language, least, nothing) in [
            (Language.english, "limited: 300 ★ set aside", "nothing for now"),
            (.chinese, "有限：共预留 300 ★", "目前没有：尚未预留积分"),
        ] {
            for (points, said) in [(Points(300), least), (.zero, nothing)] {
                var driver = ScreenDriver(.newcomer, columns: 100, rows: 40, language: language)
                for index in driver.store.details.indices {
                    driver.store.details[index].escrow = points
                }
                driver.press("2 Enter")
                #expect(words(driver).contains(said))
                driver.press("s")
                #expect(words(driver).contains(said))
                driver.press("g Enter Enter Enter Enter")
                #expect(words(driver).contains(said), "\(words(driver))")
                driver.press("Enter Enter")
                #expect(words(driver).contains(said), "\(words(driver))")
            }
        }
        var enough = ScreenDriver(.newcomer, columns: 100, rows: 40)
        enough.press("2 Enter")
        #expect(!words(enough).contains("limited"))
    }

    @Test func `the day a project ends is offered once`() {
        for (days, offered) in [(Int64(365), false), (366, true)] {
            var driver = ScreenDriver(.newcomer, columns: 100, rows: 40)
            for index in driver.store.details.indices {
                driver.store.details[index].terms.useUntil = SampleReading.now.adding(
                    milliseconds: days * 86_400_000 + 3_600_000)
            }
            driver.press("2 s Enter g Enter Enter Enter")
            #expect(words(driver).contains("until the project ends"), "\(words(driver))")
            #expect(words(driver).contains("for half a year"))
            #expect(words(driver).contains("for one year") == offered, "\(words(driver))")
        }
    }

    @Test func `a programme's caps and what is left of them stand with what a project earns`() {
        for (language, said) in [
            (Language.english, ["pays you at most", "40 ★ left today", "0 ★ left this month"]),
            (.chinese, ["最多支付您", "今天还剩 40 ★", "本月还剩 0 ★"]),
        ] {
            var driver = ScreenDriver(.newcomer, columns: 100, rows: 60, language: language)
            driver.press("2 Enter")
            for part in said { #expect(!words(driver).contains(part), "\(words(driver))") }
            for index in driver.store.details.indices {
                driver.store.details[index].caps = [
                    ProgrammeCap(.day, limit: Points(100), left: Points(40)),
                    ProgrammeCap(.month, limit: Points(900), left: .zero),
                ]
            }
            driver.send(.storeChanged)
            for part in said { #expect(words(driver).contains(part), "\(words(driver))") }
        }
    }

    @Test func `nothing that is set aside is enough for more than can be counted`() {
        func isLimited(seats: Int64, _ cap: Points, _ escrow: Points) -> Bool {
            var driver = ScreenDriver(.newcomer, columns: 100, rows: 40)
            for index in driver.store.details.indices {
                driver.store.details[index].terms.seats = seats
                driver.store.details[index].terms.reward = RewardRule(
                    perContribution: cap, perUse: .zero, useCap: .zero, memberCap: cap,
                    qualityWindowMilliseconds: 1_000)
                driver.store.details[index].escrow = escrow
            }
            driver.press("2 Enter")
            return words(driver).contains("limited: ")
        }
        // Anybody can take part, and what was paid to others is not known.
        #expect(isLimited(seats: 0, Points(300), .limit))
        #expect(!isLimited(seats: 0, .zero, .zero))
        #expect(isLimited(seats: 2_000, Points(1_000_000), .limit))
        #expect(!isLimited(seats: 2_000, Points(1_000_000), Points(2_000_000_000)))
        #expect(isLimited(seats: .max, .limit, .limit))
    }

    // MARK: Twelve keys

    @Test(arguments: ["2 Enter s g", "2 Enter s Enter g"])
    func `from a cold client browse, open, sign up and authorize take twelve keys at most`(
        _ way: String
    ) {
        var driver = ScreenDriver(.newcomer)
        driver.press(way)
        #expect(title(driver).contains("step 1 of 7"))
        driver.press("Enter Enter Enter Enter Enter Enter Enter")
        #expect(driver.keyCount <= 12)
        let decided = decisions(driver)
        guard decided.count == 2, case .signUp(let project, 1, 0, let seen) = decided[0],
            case .grant(let draft) = decided[1]
        else {
            Issue.record("not signed up and authorized: \(decided)")
            return
        }
        #expect(draft.project == project)
        #expect(draft.terms == seen)
        #expect(draft.kinds == [.wearable])
        #expect(driver.tree.first(.dialog) == nil)
    }

    @Test func `every project of the demo can be authorized with twelve keys`() throws {
        let account = SampleCatalogue.institution
        for terms in DemoCatalogue.projects(recipients: [account], now: SampleReading.now) {
            var store = SampleReading.newcomer
            store.details[0].terms = terms
            store.details = [store.details[0]]
            var driver = ScreenDriver(store)
            driver.press("2 Enter s g")
            while driver.tree.first(.dialog) != nil, driver.keyCount < 20 {
                let isQuestion = title(driver).contains("step 7 of 8") && terms.question != nil
                driver.press(isQuestion ? "\((terms.question?.right ?? 0) + 1)" : "Enter")
            }
            guard case .grant? = decisions(driver).last else {
                Issue.record("\(terms.project.text) was not authorized:\n\(driver.text)")
                continue
            }
            #expect(driver.keyCount <= 12, "\(terms.project.text)")
        }
    }

    @Test(arguments: Language.allCases)
    func `each decision is seen whole, in a box of at most twenty lines at 80x24`(
        _ language: Language
    ) throws {
        let account = SampleCatalogue.institution
        let demo = DemoCatalogue.projects(recipients: [account], now: SampleReading.now)
        for terms in SampleCatalogue.details.prefix(6).map(\.terms) + demo {
            var store = SampleReading.newcomer
            store.details[0].terms = terms
            store.details[0].recipients = Array(
                repeating: SampleCatalogue.institutionName, count: terms.recipients.count)
            store.details[0].links = terms.links.map { LinkedProject($0) }
            store.details = [store.details[0]]
            var driver = ScreenDriver(store, language: language, canLock: true)
            driver.press("2 s g")
            var screens = 0
            while driver.tree.first(.dialog) != nil, screens < 12 {
                screens += 1
                let place = "\(terms.project.text), screen \(screens)"
                let rows = driver.frame.rows
                let top = rows.firstIndex { $0.contains("┌") || $0.contains("╭") }
                let bottom = rows.lastIndex { $0.contains("└") || $0.contains("╰") }
                let height = try #require(bottom) - #require(top) + 1
                #expect(height <= 20, "\(place) has \(height) lines")
                #expect(!driver.text.contains("↓"), "\(place) hides something:\n\(driver.text)")
                driver.press(terms.question.map { "Enter \($0.right + 1)" } ?? "Enter")
                if driver.model.hidesText { driver.press("x Enter") }
            }
        }
    }

    // MARK: Declining

    @Test func `saying no takes one key on every screen, has the same weight and tells nobody`() {
        for steps in 0..<8 {
            for project in ["", "blood"] {
                var driver = signedUp(project)
                let before = decisions(driver)
                driver.press("g")
                for _ in 0..<steps { driver.press(steps == 7 ? "2" : "Enter") }
                guard driver.tree.first(.dialog) != nil else { continue }
                let keys = driver.tree.all(.key).filter { ["⏎", "esc"].contains($0.name.string) }
                #expect(keys.count == 2, "after \(steps)")
                #expect(keys.last?.value?.string == "not now (nobody is told)")
                driver.press("Escape")
                #expect(driver.tree.first(.dialog) == nil)
                #expect(decisions(driver) == before)
            }
        }
    }

    // MARK: Drafts

    @Test func `who leaves half-way finds the draft where they were, not signed`() {
        var driver = signedUp()
        driver.press("g Enter Down Space Enter Enter Down")
        #expect(title(driver).contains("step 4 of 7 · not signed"))
        driver.press("Enter Escape")
        #expect(words(driver).contains("Kept as a draft. Not signed, and nobody was told."))
        #expect(kept(driver).map(\.step) == [4])
        driver.press("1 2 g")
        #expect(words(driver).contains("Not signed. Nobody was told."))
        #expect(words(driver).contains("at step 5 of 7"))
        driver.press("Enter")
        #expect(title(driver).contains("step 5 of 7"))
        driver.press("Enter Enter Enter")
        guard case .grant(let draft)? = decisions(driver).last else {
            Issue.record("not authorized:\n\(driver.text)")
            return
        }
        #expect(draft.kinds == [.clinical, .wearable])
        #expect(draft.until == SampleReading.now.adding(milliseconds: 365 * 86_400_000))
        #expect(kept(driver).isEmpty)
    }

    @Test func `a lost terminal loses no decision, and the first screen keeps nothing`() {
        var driver = signedUp()
        driver.press("g Escape")
        #expect(kept(driver).isEmpty)
        driver.press("g Enter Enter")
        // The terminal is gone here: no key was pressed to leave.
        var again = ScreenDriver(driver.store)
        again.press("2 g")
        #expect(again.text.contains("at step 3 of 7"))
    }

    @Test func `one key discards a draft, and the next time begins anew`() {
        var driver = signedUp()
        driver.press("g Enter Enter Escape g d")
        #expect(kept(driver).isEmpty)
        #expect(title(driver).contains("step 1 of 7"))
        driver.press("Enter Enter d")
        #expect(driver.tree.first(.dialog) == nil)
        #expect(words(driver).contains("Draft discarded. Nobody was told."))
        #expect(kept(driver).isEmpty)
    }

    @Test func `a draft about terms that changed is void, and says so`() {
        var driver = signedUp()
        driver.press("g Enter Enter Escape")
        driver.store.details[0].terms.minor = 1
        driver.press("g")
        #expect(words(driver).contains("The terms changed since your draft"))
        #expect(words(driver).contains("Nothing was signed."))
        #expect(kept(driver).isEmpty)
        driver.press("Enter")
        #expect(title(driver).contains("step 1 of 7"))
    }

    @Test func `a draft left where links are chosen goes on with those that were`() {
        let link = SampleCatalogue.project("P-00")
        var driver = signedUp("registry")
        driver.press("g Enter Enter Enter Space Escape")
        #expect(kept(driver).map(\.step) == [3])
        #expect(kept(driver).map(\.links) == [[link]])
        // One that the terms do not ask for is not signed.
        driver.store.details[5].draft?.links.insert(SampleCatalogue.project("A"), at: 0)
        driver.press("g Enter")
        #expect(title(driver).contains("step 4 of 8"))
        let ticked = driver.tree.first(.checkbox, states: [.checked])?.name.string
        #expect(ticked?.hasPrefix("P-00") == true, "\(driver.text)")
        driver.press("Enter Enter Enter Enter Enter")
        driver.type("secret")
        driver.press("Enter")
        guard case .grant(let draft)? = decisions(driver).last else {
            Issue.record("not authorized:\n\(driver.text)")
            return
        }
        #expect(draft.links == [link])
    }

    // MARK: The question, care and research

    @Test func `a wrong answer explains, lets one read again, and never stands in the way of no`() {
        var driver = signedUp("blood")
        driver.press("g Enter Enter Enter Enter Enter Enter")
        #expect(title(driver).contains("step 7 of 8"))
        driver.press("Enter")
        #expect(title(driver).contains("step 7 of 8"))
        #expect(words(driver).contains("Nobody at work is told: the study team sees a number"))
        var reader = driver
        reader.press("Left")
        #expect(title(reader).contains("step 6 of 8"))
        var leaver = driver
        leaver.press("Escape")
        #expect(leaver.tree.first(.dialog) == nil)
        driver.press("2")
        #expect(title(driver).contains("step 8 of 8"))
        driver.press("Enter")
        guard case .grant? = decisions(driver).last else {
            Issue.record("not authorized:\n\(driver.text)")
            return
        }
    }

    @Test func `a yes to care is no yes to research`() {
        var driver = signedUp("newborn")
        driver.press("g Enter")
        #expect(words(driver).contains("Saying no to research changes nothing about your care."))
        #expect(
            driver.tree.first(.checkbox, named: "care of patients", states: [.checked]) != nil)
        var careOnly = driver
        careOnly.press("Enter Enter Enter Enter Enter Enter Enter")
        guard case .grant(let care)? = decisions(careOnly).last else {
            Issue.record("not authorized:\n\(careOnly.text)")
            return
        }
        #expect(care.purposes == [.clinicalCare])
        driver.press("Down Space Enter Enter Enter Enter Enter Enter Enter")
        guard case .grant(let both)? = decisions(driver).last else {
            Issue.record("not authorized:\n\(driver.text)")
            return
        }
        #expect(both.purposes == [.clinicalCare, .healthResearch])
    }

    @Test func `recipients are named one by one with where they are`() {
        var driver = signedUp()
        driver.press("g Enter Enter")
        #expect(words(driver).contains("• Shenzhen Institute of Metagenomics"))
        #expect(words(driver).contains("in mainland China"))
    }

    @Test func `a kind says how many rows fall under it, and only those the project collects`() {
        var driver = signedUp()
        driver.press("g Enter")
        #expect(words(driver).contains("312 rows of yours"))
        driver.press("Escape")
        driver.store.recordLines[0].from = SampleCatalogue.day(-2_000)
        driver.store.recordLines[0].until = SampleCatalogue.day(-1_000)
        driver.press("g d Enter")
        #expect(!words(driver).contains("312 rows of yours"))
    }

    // MARK: The secret

    private let toSecretSetting = ", Down Down Down Down Down Down Down Down Enter"

    @Test func `who wants it so types the passphrase before an authorization is signed`() {
        var driver = signedUp()
        driver.press(toSecretSetting + " Escape")
        #expect(driver.kept?.asksSecret == true)
        let before = decisions(driver).count
        driver.press("2 g Enter Enter Enter Enter Enter Enter Enter")
        #expect(title(driver) == "Is it you?")
        #expect(decisions(driver).count == before)
        driver.press("Enter")
        #expect(decisions(driver).count == before)
        driver.type("open sesame")
        #expect(!words(driver).contains("open sesame"))
        driver.outcome = { _ in .failed(.wrongSecret) }
        driver.press("Enter")
        #expect(words(driver).contains("Nothing was signed. Type it again."))
        #expect(title(driver) == "Is it you?")
        driver.outcome = { _ in .done(entry: nil) }
        driver.type("again")
        driver.press("Enter")
        guard case .grant(let draft)? = decisions(driver).last else {
            Issue.record("not authorized:\n\(driver.text)")
            return
        }
        #expect(draft.secret == "again")
        #expect(driver.tree.first(.dialog) == nil)
    }

    @Test func `a passphrase that another window made wanted is asked for, and not called wrong`() {
        var driver = signedUp()
        driver.outcome = { action in
            if case .grant(let draft) = action, draft.secret == nil { return .failed(.wrongSecret) }
            return .done(entry: nil)
        }
        driver.press("g Enter Enter Enter Enter Enter Enter Enter")
        #expect(title(driver) == "Is it you?")
        #expect(!words(driver).contains("not your passphrase"))
        driver.type("mine")
        driver.press("Enter")
        guard case .grant(let draft)? = decisions(driver).last else {
            Issue.record("not authorized:\n\(driver.text)")
            return
        }
        #expect(draft.secret == "mine")
        #expect(driver.tree.first(.dialog) == nil)
    }

    @Test func `asking for the passphrase is stopped with the passphrase alone`() {
        var driver = signedUp()
        driver.press(toSecretSetting)
        driver.press("Enter")
        #expect(title(driver) == "Is it you?")
        driver.press("Escape")
        #expect(driver.model.settings.preferences.asksSecret)
        driver.press("Enter")
        driver.type("secret")
        driver.press("Enter")
        #expect(driver.actions.last == .stopAskingSecret("secret"))
        #expect(!driver.model.settings.preferences.asksSecret)
    }

    @Test func `a passphrase is set from the settings, typed twice, and changed with the old one`()
    {
        var driver = signedUp()
        driver.outcome = { _ in .done(entry: nil) }
        driver.press(",")
        for _ in 1..<Setting.allCases.count { driver.press("Down") }
        driver.press("Enter")
        #expect(title(driver) == "Passphrase of your keys")
        #expect(driver.model.hidesText)
        driver.type("old one")
        driver.press("Enter")
        driver.type("short")
        driver.press("Enter")
        #expect(words(driver).contains("can guess it"))
        driver.type("shorter")
        driver.press("Enter")
        #expect(words(driver).contains("not the same"))
        driver.type("five words that are new")
        driver.press("Enter")
        driver.type("five words that are new")
        driver.press("Enter")
        #expect(
            driver.actions.last
                == .changePassphrase(from: "old one", to: "five words that are new"))
        #expect(driver.model.settings.canLock)
        #expect(!words(driver).contains("five words that are new"))
    }

    @Test func `keys are bound to the keyring from the palette, after the passphrase`() {
        var driver = ScreenDriver(.member, canLock: true)
        driver.outcome = { action in
            if case .bindKeyring("wrong", _) = action { return .failed(.wrongPassphrase) }
            return .done(entry: nil)
        }
        driver.press(":")
        driver.type("keyring")
        driver.press("Enter")
        #expect(title(driver) == "Keyring of your login")
        #expect(words(driver).contains("the keys on this machine are lost with it"))
        // Nothing is bound by the first Enter.
        driver.press("Enter")
        #expect(driver.model.hidesText && driver.actions.isEmpty)
        driver.type("wrong")
        driver.press("Enter")
        #expect(driver.model.hidesText)
        driver.type("the right one")
        driver.press("Enter")
        #expect(driver.actions.last == .bindKeyring(passphrase: "the right one", isBound: true))
        #expect(words(driver).contains("bound to the keyring of this login"))
        #expect(!driver.model.hidesText)
    }

    @Test func `without a passphrase one Enter unbinds, and Esc leaves all as it was`() {
        var reading = SampleReading.member
        reading.machine.isBoundToKeyring = true
        var driver = ScreenDriver(reading)
        driver.outcome = { _ in .done(entry: nil) }
        driver.press(":")
        driver.type("keyring")
        driver.press("Enter Escape")
        #expect(driver.actions.isEmpty)
        driver.press(":")
        driver.type("keyring")
        driver.press("Enter Enter")
        #expect(driver.actions.last == .bindKeyring(passphrase: "", isBound: false))
        #expect(words(driver).contains("need the keyring no more"))
    }

    @Test func `where a keyring keeps a part of the keys, the settings say so`() {
        var reading = SampleReading.member
        reading.machine.isBoundToKeyring = true
        var driver = ScreenDriver(reading, canLock: true)
        driver.press(",")
        #expect(words(driver).contains("on, with keyring"))
        for _ in 1..<Setting.allCases.count { driver.press("Down") }
        driver.press("Enter")
        driver.type("old one")
        driver.press("Enter")
        #expect(words(driver).contains("keyring is unlocked"))
        driver.type("1234")
        driver.press("Enter")
        // Who has a copy of the files has not the keyring.
        #expect(!words(driver).contains("can guess it"))
    }

    @Test func `keys that only a keyring keeps closed are opened without anything typed`() {
        var driver = ScreenDriver(.member, stage: .locked)
        #expect(words(driver).contains("Unlock the keyring"))
        driver.press("a b Enter")
        #expect(driver.actions.last == .unlock(passphrase: ""))
    }

    @Test func `a project may want the secret, and one without a secret says so`() {
        var driver = signedUp("registry")
        driver.press("g Enter Enter Enter Enter Enter Enter Enter Enter")
        #expect(title(driver) == "Is it you?")
        var bare = ScreenDriver(.newcomer)
        bare.press("2 /")
        bare.type("registry")
        bare.press("Enter s Enter g Enter Enter Enter Enter Enter Enter Enter Enter")
        #expect(bare.tree.first(.notice)?.name.string.contains("your vault has none") == true)
        if case .grant? = decisions(bare).last { Issue.record("signed without a secret") }
    }

    @Test func `on a shared machine every authorization takes the personal secret`() {
        var driver = ScreenDriver(.newcomer, mode: .kiosk)
        driver.press("2 s g Enter Enter Enter Enter Enter Enter Enter")
        #expect(title(driver) == "Is it you?")
        #expect(words(driver).contains("This machine never signs for you without it."))
        var extending = ScreenDriver(.member, mode: .kiosk)
        extending.press("3 Down Down e Enter")
        #expect(title(extending) == "Is it you?")
    }

    @Test func `what was paused goes on only with the secret that a grant takes`() {
        var shared = ScreenDriver(.member, mode: .kiosk)
        let before = decisions(shared).count
        shared.press("3 Down Down p")
        #expect(title(shared) == "Is it you?")
        #expect(words(shared).contains("resume this authorization"))
        #expect(decisions(shared).count == before)
        shared.type("mine")
        shared.press("Enter")
        guard case .resume(_, _, let secret)? = decisions(shared).last else {
            Issue.record("not resumed:\n\(shared.text)")
            return
        }
        #expect(secret == "mine")
        // Pausing and revoking take nothing away from anybody: they are never asked for it.
        var pausing = ScreenDriver(.member, mode: .kiosk)
        pausing.press("3 p")
        guard case .pause? = decisions(pausing).last else {
            Issue.record("not paused:\n\(pausing.text)")
            return
        }
        var own = ScreenDriver(.member)
        own.press("3 Down Down p")
        guard case .resume(_, _, nil)? = decisions(own).last else {
            Issue.record("not resumed:\n\(own.text)")
            return
        }
    }

    @Test func `news that put the authorizations in another order leave the selected one selected`()
    {
        var store = SampleReading.member
        store.authorizationLines[1].pending = nil
        let meant = store.authorizationLines[1].project
        var driver = ScreenDriver(store)
        driver.press("3 Down")
        driver.store.authorizationLines.swapAt(1, 2)
        driver.send(.storeChanged)
        driver.press("p")
        guard case .pause(let subject)? = driver.actions.last else {
            Issue.record("not paused:\n\(driver.text)")
            return
        }
        #expect(subject.project == meant)
    }

    @Test func `a key that stops use starts none that was stopped elsewhere meanwhile`() {
        func resumed(_ driver: ScreenDriver) -> [Hash?] {
            driver.actions.compactMap {
                if case .resume(_, let shown, _) = $0 { .some(shown) } else { nil }
            }
        }
        func pauseElsewhere(_ driver: inout ScreenDriver) {
            driver.store.authorizationLines[0].state = .paused
            driver.store.authorizationLines[0].pausedBy = Hash.of(label: "elsewhere")
            driver.send(.storeChanged)
        }
        var driver = ScreenDriver(.member)
        driver.press("3")
        pauseElsewhere(&driver)
        driver.press("p")
        #expect(resumed(driver).isEmpty)
        #expect(words(driver).contains("It was paused meanwhile"), "\(driver.text)")
        driver.press("p")
        #expect(resumed(driver) == [Hash.of(label: "elsewhere")])

        var plain = ScreenDriver(.member, isPlain: true)
        plain.press("3")
        pauseElsewhere(&plain)
        for word in ["pause", "pause 1", "暂停", "paus"] {
            plain.answer(PlainInput(word, plain.model))
            #expect(resumed(plain).isEmpty, "\(word)")
        }
        plain.answer(PlainInput("resume", plain.model))
        #expect(resumed(plain).count == 1)

        var palette = ScreenDriver(.member)
        palette.press("3 :")
        palette.type("pause")
        pauseElsewhere(&palette)
        palette.press("Enter")
        #expect(resumed(palette).isEmpty)
    }

    @Test func `a command that pauses in another place says that nothing was paused yet`() {
        var driver = ScreenDriver(.member)
        driver.press(":")
        driver.type("pause")
        driver.press("Enter")
        #expect(driver.model.place != .home)
        #expect(!driver.actions.contains { if case .pause = $0 { true } else { false } })
        #expect(words(driver).contains("Nothing was changed yet: p pauses"), "\(driver.text)")
    }
}

extension SemanticNode {
    /// All nodes of a role, in reading order.
    fileprivate func all(_ role: Role) -> [SemanticNode] {
        (self.role == role ? [self] : []) + children.flatMap { $0.all(role) }
    }
}
