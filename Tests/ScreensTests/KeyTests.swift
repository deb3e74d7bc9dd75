import LedgerCore
import Screens
import SyncCore
import TerminalCore
import TestSupport
import Testing

@Suite struct KeyTests {
    @Test(arguments: Scene.all)
    func `every key of a table does something, or says why not`(_ scene: Scene) {
        let start = scene.driver(columns: 80, rows: 24)
        for binding in AppModel.bindings(start.model) {
            for key in binding.keys {
                var driver = start
                driver.press(key)
                let chosen = AppModel.bindings(start.model).first { $0.keys.contains(key) }
                guard let chosen, chosen == binding else { continue }
                if let reason = binding.disabled {
                    let told = Words(.english, now: SampleReading.now)(reason).string
                    #expect(driver.tree.first(.notice)?.name.string == told, "\(key) is silent")
                } else if !Self.mayStay(binding.message) {
                    let changed =
                        driver.model != start.model || driver.hasQuit
                        || driver.actions.count > start.actions.count
                        || driver.suspensions > start.suspensions
                    #expect(changed, "\(key.name) does nothing in \(scene.name)")
                }
            }
        }
    }

    /// Moving does nothing at an end of a list; a message without a selection neither.
    private static func mayStay(_ message: Message) -> Bool {
        switch message {
        case .list, .dialog(.moved), .dialog(.pagesMoved), .placeChosen, .joinRequested,
            .dialog(.toggled), .dialog(.pointed), .searchEnded, .rows(.firstReached),
            .rows(.lastReached):
            true
        default: false
        }
    }

    @Test(arguments: Scene.all)
    func `no key of a table hides another of the same table, but g and 2`(_ scene: Scene) {
        let driver = scene.driver(columns: 80, rows: 24)
        var seen: [Key: KeyBinding] = [:]
        for binding in AppModel.bindings(driver.model) {
            for key in binding.keys where key != .character("g") && key != .character("2") {
                let former = seen[key]
                #expect(
                    former == nil,
                    "\(key.name): \(String(describing: former?.help)), \(binding.help) in \(scene.name)"
                )
                seen[key] = binding
            }
        }
    }

    @Test func `a required kind stays ticked and an optional one is ticked by space`() {
        var driver = ScreenDriver(.newcomer)
        driver.press("2 s Enter g Enter")
        #expect(driver.tree.first(.checkbox, named: "microbiome", states: [.checked]) == nil)
        driver.press("Space")
        #expect(driver.tree.first(.checkbox, named: "microbiome", states: [.checked]) != nil)
        driver.press("Down Down Space")
        #expect(
            driver.tree.first(.checkbox, named: "wearable data", states: [.checked])
                != nil)
    }

    @Test func `rows are struck one by one, as a range and all at once`() {
        var driver = ScreenDriver(.newcomer)
        driver.press("2 s Enter c Enter Down Down v Down Down Space")
        #expect(driver.text.contains("307 go out · 5 stay here"))
        driver.press("a")
        #expect(driver.text.contains("0 go out · 312 stay here"))
        driver.press("Enter")
        #expect(driver.tree.first(.notice) != nil)
        driver.press("a Enter Enter")
        guard case .contribute(let draft)? = driver.actions.last else {
            Issue.record("nothing was contributed")
            return
        }
        #expect(draft.struck == [0, 1])
    }

    @Test func `in a kiosk there is no file and no way out but to sign out`() {
        var driver = ScreenDriver(.member, mode: .kiosk)
        driver.press("Ctrl+C Ctrl+Z O 4 i")
        #expect(!driver.hasQuit)
        #expect(driver.tree.first(.dialog) == nil)
        driver.press("q")
        #expect(driver.hasQuit)
    }

    @Test(
        arguments: ["", "2 Enter s Enter", "2 Enter g", "2 Enter c", "3 Enter", "4 Enter", "6 v"])
    func `at a shared screen no keys lead to the files of the machine`(_ first: String) {
        for seed in 1...6 {
            #expect(!Self.cameToFiles(Self.wander(after: first, seed: UInt64(seed))))
        }
    }

    @Test(arguments: ["4 i", "X Enter"])
    func `keys that lead to the files of one's own machine lead nowhere at a shared screen`(
        _ way: String
    ) {
        for mode in [Mode.personal, .kiosk] {
            var driver = ScreenDriver(.member, mode: mode)
            driver.press(way)
            #expect(Self.cameToFiles(driver) == (mode == .personal), "\(driver.text)")
        }
    }

    /// Presses keys at a shared screen, then others of the tables as chance has it.
    private static func wander(after first: String, seed: UInt64) -> ScreenDriver {
        var number = seed
        var driver = ScreenDriver(.member, mode: .kiosk)
        driver.press(first)
        for _ in 0..<120 {
            let keys = AppModel.bindings(driver.model).flatMap(\.keys)
            number = number &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            guard !keys.isEmpty else { break }
            driver.press(keys[Int((number >> 33) % UInt64(keys.count))])
        }
        return driver
    }

    /// Whether a folder was asked for, or a file read or written.
    private static func cameToFiles(_ driver: ScreenDriver) -> Bool {
        driver.requests.contains { if case .folder = $0 { true } else { false } }
            || driver.actions.contains(where: \.usesFiles)
    }

    @Test func `quitting asks only while something waits to be sent`() {
        var waiting = ScreenDriver(.member)
        waiting.press("q")
        #expect(!waiting.hasQuit)
        waiting.press("Enter")
        #expect(waiting.hasQuit)
        var idle = ScreenDriver(.newcomer)
        idle.press("q")
        #expect(idle.hasQuit)
    }
}
