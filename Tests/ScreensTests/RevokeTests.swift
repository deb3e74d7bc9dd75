import LedgerCore
import RulesModel
import Screens
import SyncCore
import TerminalCore
import TestSupport
import Testing

/// Revoking: three named outcomes, from anywhere, never with more keys than granting.
@Suite struct RevokeTests {
    private func revoked(_ driver: ScreenDriver) -> AuthorizationRevoked? {
        if case .revoke(let revoked)? = driver.actions.last { revoked } else { nil }
    }

    @Test(
        arguments: zip(
            ["", "1", "2", "3"],
            [RevocationMode.stop, .stop, .stopAndErase, .stopAndKeepAnonymised]))
    func `one key chooses each outcome, and what it means is seen before Enter`(
        _ key: String, _ mode: RevocationMode
    ) {
        var driver = ScreenDriver(.member)
        driver.press("3 r " + key)
        #expect(driver.actions.isEmpty)
        let said = [
            RevocationMode.stop: "keys made for others are deleted there",
            .stopAndErase: "It cannot be brought back.",
            .stopAndKeepAnonymised: "cannot be erased later",
        ]
        for other in RevocationMode.allCases {
            let text = driver.text.split { $0.isWhitespace || $0 == "│" }
                .joined(separator: " ")
            #expect(text.contains(said[other] ?? "?") == (other == mode), "\(other) in \(text)")
        }
        driver.press("Enter")
        #expect(revoked(driver)?.mode == mode)
    }

    @Test(arguments: [
        "2", "2 Enter", "3", "3 Enter", "5", "5 Enter", "6 Down Down", "6 Down Down Enter",
        "Down Down Down Down Down Down", "3 v", "3 v Enter", "3 U",
    ])
    func `r revokes wherever a project, an authorization, a use or an entry is shown`(
        _ way: String
    ) throws {
        var driver = ScreenDriver(.member)
        driver.press(way)
        let before = driver.keyCount
        driver.press("r Enter")
        let revocation = try #require(revoked(driver), "\(way):\n\(driver.text)")
        #expect(revocation.project == SampleCatalogue.details[0].terms.project)
        #expect(driver.keyCount - before == 2)
    }

    @Test(arguments: ["yes", "ok", "是"])
    func `a yes that is typed revokes, whatever key means it and whatever Enter means`(
        _ word: String
    ) throws {
        let map = KeyMap([
            .sheets: ["confirm-revoke": [.character("y")], "not-now": [.enter]]
        ])
        var driver = ScreenDriver(.member, keys: map, isPlain: true)
        driver.press("3 r 2")
        driver.answer(PlainInput(word, driver.model))
        let revocation = try #require(revoked(driver), "\(driver.text)")
        #expect(revocation.mode == .stopAndErase)
    }

    @Test func `the notice says that a revocation is in force once that is proven, not before`() {
        var driver = ScreenDriver(.member)
        let entry = driver.store.entries[0].entry
        driver.outcome = { _ in .done(entry: entry) }
        driver.store.entries[0].state = .queued
        driver.press("3 r Enter")
        for state in [EntryState.queued, .sent, .accepted, .rejected, .disputed] {
            driver.store.entries[0].state = state
            driver.send(.storeChanged)
            #expect(driver.text.contains("Revoked: in force once it is recorded."), "\(state)")
            #expect(!driver.text.contains("in force now"))
        }
        driver.store.entries[0].state = .proven
        driver.send(.storeChanged)
        #expect(driver.text.contains("Revoked: in force now. Your points stay."))
        driver.press("Down")
        driver.send(.storeChanged)
        #expect(!driver.text.contains("in force now"))
    }

    @Test func `an authorization that is narrowed while paused is not told to be in force`() throws
    {
        var driver = ScreenDriver(.member)
        let project = driver.store.authorizationLines[0].project
        let place = try #require(
            driver.store.entries.firstIndex { $0.body.project == project })
        let entry = driver.store.entries[place].entry
        driver.store.authorizationLines[0].state = .paused
        driver.outcome = { _ in .done(entry: entry) }
        driver.store.entries[place].state = .queued
        driver.press("3 s Space Enter")
        #expect(driver.actions.last?.isGrant == true, "\(driver.text)")
        driver.store.authorizationLines[0].state = .paused
        driver.store.authorizationLines[0].pending = nil
        driver.store.entries[place].state = .proven
        driver.send(.storeChanged)
        #expect(driver.text.contains("Authorization recorded; it stays paused."))
    }

    @Test func `a record that went to several projects asks which, one that went to one does not`()
    {
        var store = SampleReading.member
        store.authorizationLines[1].pending = nil
        var driver = ScreenDriver(store)
        driver.press("4 r")
        #expect(driver.tree.first(.dialog, named: "Revoke which?") != nil)
        driver.press("Down Enter Enter")
        #expect(revoked(driver)?.project == SampleCatalogue.details[1].terms.project)
        var single = ScreenDriver(.member)
        single.press("4 r Enter")
        #expect(revoked(single)?.project == SampleCatalogue.details[0].terms.project)
    }

    @Test func `an authorization on its way again can be revoked before it is recorded`() {
        var store = SampleReading.member
        store.authorizationLines[0].state = .withdrawn
        store.authorizationLines[0].pending = .init(kind: .authorizationGranted, state: .queued)
        var driver = ScreenDriver(store)
        driver.press("3 r Enter")
        #expect(revoked(driver)?.mode == .stop)
    }

    // MARK: Effort

    static let keys: [Key] =
        "1234561234566jkgGescvupwxfhn?".map { .character($0) } + [
            .enter, .enter, .escape, .up, .down, .down, .down, .left, .right, .tab, .home, .end,
        ]

    /// Sheets in which something is decided already, or typed: they are on the way from a place.
    private static func isOnTheWay(_ driver: ScreenDriver) -> Bool {
        if driver.model.takesText { return true }
        let dialog = driver.tree.first(.dialog)?.name.string
        let deciding = [
            "Authorize", "Revoke", "Extend", "Share less", "Sign up", "Leave", "Commands", "Quit",
            "Which", "Hand over", "Erase", "Is it you?", "Remove",
        ]
        return dialog.map { name in deciding.contains { name.hasPrefix($0) } } ?? false
    }

    private static func after(_ driver: ScreenDriver, _ keys: String) -> ScreenDriver {
        var driver = driver
        driver.press(keys)
        return driver
    }

    /// The fewest keys among the ways a person would take that end in an authorization.
    private static func cheapestGrant(
        _ start: ScreenDriver
    ) -> (keys: Int, project: ProjectID, end: ScreenDriver)? {
        var best: (keys: Int, project: ProjectID, end: ScreenDriver)?
        for way in ["", "g", "e", "s Space", "s Down Space", "Escape", "Escape g", "Escape e"] {
            var driver = after(start, way)
            for _ in 0..<9 {
                driver.press("Enter")
                let keys = driver.keyCount - start.keyCount
                if keys >= best?.keys ?? 12 { break }
                if driver.actions.count > start.actions.count,
                    case .grant(let draft)? = driver.actions.last(where: \.isDecision)
                {
                    best = (keys, draft.project, driver)
                    break
                }
            }
        }
        return best
    }

    /// The fewest keys that revoke the authorization of a project.
    private static func cheapestRevocation(_ start: ScreenDriver, _ project: ProjectID) -> Int? {
        let places = (0..<6).map { "3 " + String(repeating: "Down ", count: $0) }
        let ways = [
            "r Enter", "Escape r Enter", "Escape Escape r Enter", "r Enter Enter",
        ]
        let all = ways + places.map { $0 + "r Enter" }
        return all.compactMap { way in
            let driver = after(start, way)
            guard case .revoke(let revoked)? = driver.actions.last, revoked.project == project,
                driver.actions.count > start.actions.count
            else { return nil }
            return driver.keyCount - start.keyCount
        }.min()
    }

    @Test(arguments: [1, 2, 3, 4] as [UInt64])
    func `wherever random keys lead, revoking takes no more keys than authorizing did`(
        _ seed: UInt64
    ) {
        var numbers = SeededNumbers(state: seed)
        var seen: Set<String> = []
        var granted = 0
        for _ in 0..<6 {
            var driver = ScreenDriver(seed.isMultiple(of: 2) ? .newcomer : .member)
            if seed.isMultiple(of: 2) { driver.press("2 s Enter Down s Enter") }
            for _ in 0..<25 {
                guard let key = Self.keys.randomElement(using: &numbers) else { continue }
                driver.press(key)
                guard !Self.isOnTheWay(driver), seen.insert(driver.text).inserted,
                    let grant = Self.cheapestGrant(driver)
                else { continue }
                granted += 1
                let keys = Self.cheapestRevocation(grant.end, grant.project)
                #expect(
                    keys ?? .max <= grant.keys,
                    "authorizing took \(grant.keys) keys, revoking \(keys ?? -1), at\n\(driver.text)"
                )
            }
        }
        #expect(granted > 1, "random keys found no place to authorize from")
    }
}

extension Action {
    fileprivate var isDecision: Bool {
        switch self {
        case .keepDraft, .discardDraft: false
        default: true
        }
    }
}

extension Action {
    fileprivate var isGrant: Bool { if case .grant = self { true } else { false } }
}
