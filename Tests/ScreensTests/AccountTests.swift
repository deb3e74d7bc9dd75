import LedgerCore
import Screens
import SyncCore
import TerminalCore
import TestSupport
import Testing

@Suite struct AccountTests {
    // MARK: Authorizations

    @Test func `extending grants the same again with a later end`() throws {
        var driver = ScreenDriver(.member)
        let line = try #require(driver.store.authorizationLines.dropFirst(2).first)
        driver.press("3 Down Down e Enter")
        guard case .grant(let draft)? = driver.actions.last else {
            Issue.record("nothing was granted:\n\(driver.text)")
            return
        }
        #expect(draft.project == line.project)
        #expect(draft.kinds == line.grant.kinds)
        #expect(draft.purposes == line.grant.purposes)
        #expect(draft.changed == line.pending?.grant ?? line.grant)
        #expect(draft.until == line.grant.until.adding(milliseconds: 30 * 86_400_000))
    }

    @Test(arguments: ["e", "s"])
    func `what was paused in a former version is agreed to anew, not changed`(_ key: String) {
        var store = SampleReading.member
        store.authorizationLines[2].isOfFormerVersion = true
        store.details[2].participation = .joined
        var driver = ScreenDriver(store)
        driver.press("3 Down Down \(key)")
        #expect(driver.tree.first(.dialog) == nil, "\(driver.text)")
        let said = driver.tree.first(.notice)?.name.string
        #expect(said?.hasPrefix("agree to the new version first") == true, "\(driver.text)")
        driver.press("g")
        #expect(driver.tree.first(.dialog) != nil, "\(driver.text)")
    }

    /// Opens the authorizations of a member who agreed to some of the links a project asks for.
    private func linked(_ position: Int, agreed: [String]) throws -> ScreenDriver {
        var store = SampleReading.member
        let links = ["a-1", "b-2"].compactMap { ProjectID($0) }
        store.details[position].terms.links = links
        store.details[position].links = links.map { LinkedProject($0) }
        let grant = store.authorizationLines[position].grant
        store.authorizationLines[position].grant = AuthorizationGranted(
            project: grant.project, major: grant.major, minor: grant.minor, terms: grant.terms,
            language: grant.language, kinds: grant.kinds, purposes: grant.purposes,
            recipients: grant.recipients, collectionFrom: grant.collectionFrom,
            collectionUntil: grant.collectionUntil, until: grant.until, eraseAt: grant.eraseAt,
            cites: grant.cites, observedSize: grant.observedSize,
            observedRoot: grant.observedRoot, links: agreed.compactMap { ProjectID($0) })
        var driver = ScreenDriver(store)
        driver.press("3")
        return driver
    }

    @Test(arguments: [[], ["b-2"], ["a-1", "b-2"]] as [[String]])
    func `extending links no more than was agreed to`(agreed: [String]) throws {
        var driver = try linked(2, agreed: agreed)
        driver.press("Down Down e Enter")
        guard case .grant(let draft)? = driver.actions.last else {
            Issue.record("nothing was granted:\n\(driver.text)")
            return
        }
        #expect(draft.links.map(\.text) == agreed)
    }

    @Test func `sharing less can take a link away and leave all else as it was`() throws {
        var driver = try linked(0, agreed: ["b-2"])
        let grant = try #require(driver.store.authorizationLines.first).grant
        driver.press("s Down Down Down Space Enter")
        guard case .grant(let draft)? = driver.actions.last else {
            Issue.record("nothing was granted:\n\(driver.text)")
            return
        }
        #expect(draft.links.isEmpty)
        #expect(draft.kinds == grant.kinds && draft.purposes == grant.purposes)
    }

    @Test func `an authorization as long as its project says so, and signs nothing`() {
        var driver = ScreenDriver(.member)
        driver.press("3 e")
        #expect(driver.text.contains("It already runs as long as the project"))
        driver.press("Enter")
        #expect(driver.actions.isEmpty)
        #expect(driver.tree.first(.dialog) == nil)
    }

    @Test func `sharing less leaves out what is unticked, and never what is required`() {
        var driver = ScreenDriver(.member)
        driver.press("3 s Enter")
        #expect(driver.tree.first(.notice)?.name.string.contains("Untick something") == true)
        driver.press("Down Space Enter")
        #expect(driver.actions.isEmpty, "a required kind was left out")
        driver.press("Up Space Enter")
        guard case .grant(let draft)? = driver.actions.last else {
            Issue.record("nothing was granted:\n\(driver.text)")
            return
        }
        #expect(draft.kinds == [.wearable])
    }

    @Test func `what is revoked or on its way out can be neither extended nor narrowed`() {
        for key in ["e", "s"] {
            var driver = ScreenDriver(.member)
            driver.press("3 End \(key)")
            #expect(driver.tree.first(.notice)?.name.string == "it is not in force")
            driver.press("Home Down \(key)")
            #expect(driver.tree.first(.notice)?.name.string == "it is not in force")
        }
    }

    @Test func `a version tells what changed since the one before, and what was shown`() {
        var driver = ScreenDriver(.member, columns: 100, rows: 50)
        driver.press("3 v Enter")
        #expect(driver.text.contains("+ wearable data"))
        #expect(driver.text.contains("− 2 Mar 2027"))
        #expect(driver.text.contains("you were shown exactly these terms, in"))
        driver.press("v")
        #expect(driver.tree.first(.dialog, named: "Proof") != nil)
    }

    // MARK: Points

    @Test func `a movement opens the entry it comes from`() {
        var driver = ScreenDriver(.member)
        driver.press("5 e")
        #expect(driver.tree.first(.dialog, named: "Entry") != nil)
        #expect(driver.text.contains("Used by Shenzhen Institute of Metagenomics"))
    }

    @Test func `every amount is explained by its rule`() throws {
        let driver = ScreenDriver(.member)
        let project = driver.store.details[0].terms.project
        var model = driver
        model.press("5 w")
        let reason = try #require(try driver.store.pointsReason(of: project))
        #expect(reason.triggers.count == 4)
        for text in [
            "20 ★ for a use", "the project's budget held no more", "each kind is paid once",
            "for the first clinical records",
        ] {
            let said = model.tree.texts.contains { $0.contains(text) }
            #expect(said, "\(text) is not said")
        }
    }

    @Test func `points that a correction took are not announced`() {
        func notes(_ taken: Int64) -> [String] {
            var driver = ScreenDriver(.member)
            driver.store.taken = Points(taken)
            driver.press("5 w")
            return driver.tree.texts.filter { $0.contains("20 ★ for a use") }
        }
        #expect(notes(0).contains { $0.contains("Yours on") && !$0.contains("correction") })
        let part = "A correction took 5 ★ back: 15 ★ are left."
        #expect(notes(5).contains { $0.contains(part) && $0.contains("Yours on") })
        let all = notes(20)
        #expect(all.contains { $0.contains("A correction took them back.") })
        #expect(!all.contains { $0.contains("Yours on") })
    }

    @Test(arguments: [
        (Language.english, "50 ★ are to be taken back: appeal by"),
        (.chinese, "拟扣回 50 ★"),
    ])
    func `a proposal to take points back opens from Home and says how to appeal`(
        language: Language, told: String
    ) throws {
        let (store, index) = try Self.withProposal()
        let number = try #require(store.entries[index].index)
        var driver = ScreenDriver(store, columns: 100, rows: 40, language: language)
        let attention = try store.home(at: SampleReading.now).attention
        let position = try #require(
            attention.firstIndex {
                if case .correctionProposed = $0 { true } else { false }
            })
        #expect(driver.tree.texts.contains { $0.contains(told) })
        driver.press(String(repeating: "Down ", count: position) + "Enter")
        let how = "accord appeal \(number)"
        #expect(driver.tree.texts.contains { $0.contains(how) })
    }

    /// A store in which points are to be taken back, with the place of the entry that says so.
    private static func withProposal() throws -> (store: SampleReading, index: Int) {
        var store = SampleReading.member
        let index = try #require(store.entries.firstIndex { $0.body.kind == .pointsAccrued })
        store.entries[index].body = .correctionProposed(
            CorrectionProposed(
                accrual: Hash.of([3]), points: Points(50), direction: .take, reason: .duplicate))
        return (store, index)
    }

    /// A store in which a named officer wants to take points back, and where that stands.
    private static func withOfficersProposal() throws -> (store: SampleReading, index: Int) {
        let store = SampleReading.corrected
        let index = store.entries.firstIndex { $0.body.kind == .correctionProposed }
        return (store, try #require(index))
    }

    private func isAppeal(_ driver: ScreenDriver) -> Bool {
        driver.tree.first(.dialog, named: "Appeal") != nil
    }

    @Test func `an appeal is signed from Home, once, after all is said of what was proposed`()
        throws
    {
        let (store, index) = try Self.withOfficersProposal()
        var driver = ScreenDriver(store, columns: 100, rows: 40)
        let attention = try store.home(at: SampleReading.now).attention
        let position = try #require(
            attention.firstIndex {
                if case .correctionProposed = $0 { true } else { false }
            })
        driver.press(String(repeating: "Down ", count: position) + "a")
        #expect(isAppeal(driver), "\(driver.text)")
        let until = Words(.english, now: SampleReading.now).dateTime(
            store.entries[index].at.adding(milliseconds: PointsTimes.appeal))
        for said in ["50 ★", "the same thing was paid twice", "Points office", until.string] {
            #expect(driver.text.contains(said), "\(said) in \(driver.text)")
        }
        driver.press("Escape")
        #expect(!isAppeal(driver) && driver.actions.isEmpty)
        // From the entry it leads to as well.
        driver.press("Enter a")
        #expect(isAppeal(driver), "\(driver.text)")
        driver.press("Enter")
        #expect(driver.actions == [.appealCorrection(store.entries[index].entry)])
        #expect(driver.tree.first(.notice)?.name.string.contains("Appeal signed") == true)
        driver.press("Escape a")
        #expect(!isAppeal(driver) && driver.actions.count == 1)
        #expect(
            driver.tree.first(.notice)?.name.string == "nothing here can be appealed against")
    }

    @Test func `an appeal is found in Activity, among the keys, the commands and plain words`()
        throws
    {
        let (store, index) = try Self.withOfficersProposal()
        var driver = ScreenDriver(store, columns: 100, rows: 40)
        driver.press("6 " + String(repeating: "Down ", count: index))
        for word in ["appeal", "申诉"] {
            #expect(PlainInput(word, driver.model) == .keys([.character("a")]))
        }
        driver.press("?")
        #expect(driver.text.contains("appeal"), "\(driver.text)")
        driver.press("Escape :")
        driver.type("appeal")
        driver.press("Enter")
        #expect(isAppeal(driver), "\(driver.text)")
        driver.press("Escape a Enter")
        #expect(driver.actions == [.appealCorrection(store.entries[index].entry)])
        var shared = ScreenDriver(store, columns: 100, rows: 40, mode: .kiosk)
        shared.press("6 " + String(repeating: "Down ", count: index) + "a")
        #expect(!isAppeal(shared) && shared.actions.isEmpty)
        #expect(shared.tree.first(.notice)?.name.string == "not at a shared screen")
    }

    @Test func `after an appeal no further one is offered`() throws {
        let (store, index) = try Self.withProposal()
        var driver = ScreenDriver(store, columns: 100, rows: 40)
        driver.press("6 " + String(repeating: "Down ", count: index) + "Enter")
        func offers() -> Bool { driver.tree.texts.contains { $0.contains("accord appeal") } }
        #expect(offers(), "\(driver.text)")
        var appeal = store.entries[index]
        appeal.entry = Hash.of([4])
        appeal.body = .correctionAppealed(store.entries[index].entry)
        driver.store.entries.append(appeal)
        driver.send(.storeChanged)
        #expect(driver.tree.texts.contains { $0.contains("50 ★") }, "\(driver.text)")
        #expect(!offers(), "\(driver.text)")
    }

    @Test(arguments: [
        (Language.english, "on your own machine"), (.chinese, "请在您自己的设备上"),
    ])
    func `at a shared screen an appeal is for one's own machine`(
        language: Language, said: String
    ) throws {
        let (store, index) = try Self.withProposal()
        var driver = ScreenDriver(
            store, columns: 100, rows: 40, language: language, mode: .kiosk)
        driver.press("6 " + String(repeating: "Down ", count: index) + "Enter")
        func bare(_ text: String) -> String { text.filter { !$0.isWhitespace } }
        #expect(bare(driver.tree.texts.joined()).contains(bare(said)), "\(driver.text)")
    }

    @Test func `a project that paid nothing says why`() {
        var driver = ScreenDriver(.member)
        driver.press("5 b Down Down Enter")
        let said = driver.tree.texts.contains {
            $0.contains("nothing you handed over here was accepted or used")
        }
        #expect(said)
    }

    @Test func `what is only handed over changes nothing any more, and has no sign`() {
        var driver = ScreenDriver(.member)
        let paid = driver.store.pointsLines[0]
        driver.store.pointsLines = [EntryKind.pointsRedeemed, .pointsReserved].map { kind in
            var line = paid
            line.kind = kind
            line.points = Points(150)
            return line
        }
        driver.press("5")
        let rows = driver.frame.rows
        #expect(rows.contains { $0.contains("handed over") && $0.contains(" (150 ★)") })
        #expect(rows.contains { $0.contains("set aside") && $0.contains("-150 ★") })
        #expect(!rows.contains { $0.contains("+150 ★") })
    }

    @Test func `a reward is asked for at the price that was shown, if there are enough points`() {
        var driver = ScreenDriver(.member)
        driver.press("5 c Enter Enter")
        guard case .redeem(let reward, let price)? = driver.actions.last else {
            Issue.record("nothing was redeemed:\n\(driver.text)")
            return
        }
        let first = driver.store.rewardLines[0]
        #expect(reward == first.id && price == first.price)
        driver.press("c Down Down Enter")
        #expect(driver.actions.count == 1)
        #expect(driver.tree.first(.notice)?.name.string.contains("Not enough points") == true)
    }

    @Test func `what can be spent is what is not on its way already`() {
        var driver = ScreenDriver(.member)
        for index in driver.store.rewardLines.indices {
            driver.store.rewardLines[index].spendable = Points(1_980)
        }
        driver.press("5 c Enter")
        #expect(driver.text.contains("You have  1\u{2009}980 ★"), "\(driver.text)")
    }

    @Test func `points by month are read again when a month begins`() {
        for keys in ["1", "5"] {
            var driver = ScreenDriver(.member)
            driver.press(keys)
            let before = driver.requests.count
            let day: Int64 = 86_400_000
            driver.send(.clockTicked(SampleReading.now.adding(milliseconds: day)))
            #expect(driver.requests.count == before)
            // It is the first of December then.
            driver.send(.clockTicked(SampleReading.now.adding(milliseconds: 9 * day)))
            let read = driver.requests.dropFirst(before).contains { request in
                switch request {
                case .home, .points: true
                default: false
                }
            }
            #expect(read)
        }
    }

    // MARK: Proofs

    @Test func `a receipt is saved where it was typed, and a file that is there is not lost`() {
        var driver = ScreenDriver(.member)
        driver.outcome = { action in
            if case .exportReceipt(_, let path, let isReplacing) = action {
                return isReplacing ? .saved(path: path) : .fileExists
            }
            return .done(entry: nil)
        }
        driver.press("6 G v e Ctrl+U")
        driver.type("/tmp/a")
        driver.press("Enter")
        #expect(driver.text.contains("There is a file of this name."))
        driver.type("b")
        #expect(!driver.text.contains("There is a file of this name."))
        driver.press("Enter Enter")
        let asked = driver.actions.map { action -> String in
            guard case .exportReceipt(_, let path, let isReplacing) = action else { return "" }
            return "\(path) \(isReplacing)"
        }
        #expect(asked == ["/tmp/a false", "/tmp/ab false", "/tmp/ab true"])
        #expect(driver.tree.first(.notice)?.name.string.contains("/tmp/ab") == true)
    }

    @Test func `everything is taken home from any place, and a full folder is refused in words`() {
        for language in Language.allCases {
            var driver = ScreenDriver(.member, language: language)
            driver.outcome = { action in
                guard case .takeHome(let path) = action, path.hasSuffix("new") else {
                    return .failed(.folderNotEmpty(path: "/tmp/full"))
                }
                return .tookHome(path: path, records: 2, entries: 9, waiting: 0, wards: ["Leo"])
            }
            driver.press("2 X Ctrl+U")
            driver.type("/tmp/full")
            driver.press("Enter")
            let refused = Trouble.folderNotEmpty(path: "/tmp/full").texts[language]
            #expect(driver.tree.first(.notice)?.name.string == refused)
            driver.press("Ctrl+U")
            driver.type("/tmp/new")
            driver.press("Enter")
            #expect(driver.actions == [.takeHome(path: "/tmp/full"), .takeHome(path: "/tmp/new")])
            #expect(driver.tree.first(.notice)?.name.string.contains("/tmp/new") == true)
        }
        // A shared machine keeps nothing: there is no folder to write into.
        var kiosk = ScreenDriver(.member, mode: .kiosk)
        kiosk.press("4 X Enter")
        #expect(kiosk.actions.isEmpty)
    }

    @Test func `one export at a time: asked for again, it says where the first is`() {
        var driver = ScreenDriver(.member)
        driver.outcome = { $0.isExport ? nil : .done(entry: nil) }
        driver.press("4 X Enter Escape Escape X")
        #expect(driver.actions.count == 1)
        #expect(driver.tree.first(.dialog) == nil)
        #expect(driver.tree.first(.notice)?.name.string == "An export is under way: W shows it.")
    }

    @Test func `a proof is told in three lines, its ids only when asked for`() {
        var driver = ScreenDriver(.member)
        driver.press("6 G v")
        for text in [
            "Your device 4f4f4f4f", "included in the checkpoint of size 214",
            "follows all those seen here before",
        ] {
            let said = driver.tree.texts.contains { $0.contains(text) }
            #expect(said, "\(text) is not said")
        }
        #expect(!driver.text.contains("Entry ID"))
        driver.press("i")
        #expect(driver.text.contains("Entry ID"))
    }

    @Test func `what went wrong is said in the person's language`() {
        for language in Language.allCases {
            var driver = ScreenDriver(.member, language: language)
            driver.outcome = { _ in .failed(.diskFull) }
            driver.press("3 p")
            let told = driver.tree.first(.notice)?.name.string
            #expect(told == Trouble.diskFull.texts[language])
        }
    }

    // MARK: Activity

    @Test func `shelves show one sort of entries each`() {
        var driver = ScreenDriver(.member)
        driver.press("6")
        var counts: [String] = []
        for _ in 0..<7 {
            counts.append(driver.tree.first(.list)?.value?.string ?? "none")
            driver.press("f")
        }
        #expect(counts == ["1/9", "1/2", "1/4", "1/1", "1/2", "1/1", "0"])
    }

    @Test func `words find entries by project, institution and what happened`() {
        for (words, count) in [("metagenomics", "1/3"), ("Blood", "1/1"), ("denied", "1/1")] {
            var driver = ScreenDriver(.member)
            driver.press("6 /")
            driver.type(words)
            #expect(driver.tree.first(.list)?.value?.string == count, "\(words)")
            driver.press("Escape")
            #expect(driver.tree.first(.list)?.value?.string == "1/9")
        }
    }

    @Test func `a denied use is told apart by its word`() {
        var driver = ScreenDriver(.member)
        driver.press("6 f Down")
        let item = driver.tree.first(.item, states: [.selected])
        #expect(item?.name.string.contains("Denied: ") == true)
    }

    @Test func `the calendar moves by months and says what it draws`() {
        var driver = ScreenDriver(.member)
        driver.press("6 c")
        #expect(driver.text.contains("November 2026"))
        #expect(driver.tree.texts.contains { $0.contains("18 uses, 2 denied") })
        driver.press("Left")
        #expect(driver.text.contains("October 2026"))
        #expect(driver.tree.texts.contains { $0.contains("4 uses, 2 denied") })
        driver.press("Left")
        #expect(driver.text.contains("No uses in this month."))
        driver.press("t")
        #expect(driver.text.contains("November 2026"))
    }

    @Test func `what was told stays to be read, and why a key does nothing does not`() {
        var driver = ScreenDriver(.member)
        driver.outcome = { _ in .failed("the disk is full") }
        driver.press("3 p 6 m F")
        #expect(driver.tree.first(.list)?.value?.string == "1/1")
        #expect(driver.text.contains("the disk is full"))
    }
}

extension SemanticNode {
    /// Names and values of the whole tree.
    var texts: [String] {
        [name.string, value?.string].compactMap { $0 } + children.flatMap(\.texts)
    }
}
