package import LedgerCore
package import Screens
import SyncCore
package import TerminalCore

/// Presses real keys through the real key tables and answers effects from a sample store.
package struct ScreenDriver {
    /// The state after the last key.
    package private(set) var model: AppModel
    /// The store that answers.
    package var store: SampleReading
    /// What was asked to be done, in order.
    package private(set) var actions: [Action] = []
    /// What was asked of this machine, in order.
    package private(set) var requests: [Request] = []
    /// What was asked to be ended.
    package private(set) var cancelled: [ActionID] = []
    /// The ids of what was asked to be done, in order.
    package private(set) var actionIDs: [ActionID] = []
    /// The text copied last.
    package private(set) var clipboard: String?
    /// How often the app asked to be suspended.
    package private(set) var suspensions = 0
    /// Whether the app asked to end.
    package private(set) var hasQuit = false
    /// How many keys were pressed.
    package private(set) var keyCount = 0
    /// The rows that a search ends in; `nil` for what is no search.
    package var finds: @Sendable (Action) -> RowSet? = { SampleMember.find($0) }
    /// What actions end in; `nil` leaves them running.
    package var outcome: @Sendable (Action) -> ActionOutcome? = { action in
        switch action {
        case .importFiles: .imported(records: 1, rows: 312, problems: [])
        case .takeHome(let path):
            .tookHome(path: path, records: 5, entries: 41, waiting: 1, wards: [])
        case .exportReceipt: .saved(path: "/home/wei/accord-198.tlog-proof")
        default: .done(entry: nil)
        }
    }

    /// Starts the app.
    package init(
        _ store: SampleReading = .member, columns: Int = 80, rows: Int = 24,
        language: Language = .english, stage: Stage = .open, mode: Mode = .personal,
        textWidth: TextWidth = .standard, keys: KeyMap = KeyMap(), canLock: Bool = false,
        isPlain: Bool = false, marksByBar: Bool = false
    ) {
        self.store = store
        var settings = Settings(
            mode: mode, stage: stage, language: language, theme: "dark",
            themes: ["dark", "light", "high-contrast", "monochrome"], memberName: "Wei",
            node: "https://node.example.org",
            size: Size(columns: columns, rows: rows), textWidth: textWidth,
            now: SampleReading.now, keys: keys, canLock: canLock)
        settings.isPlain = isPlain
        settings.preferences.marksByBar = marksByBar
        model = AppModel(settings)
        let effects = AppModel.start(&model)
        run(effects)
        send(.statusChanged(store.counts))
    }

    /// Presses keys one after the other.
    package mutating func press(_ keys: Key...) {
        for key in keys {
            keyCount += 1
            send(.key(key))
            model.noteSeen()
        }
    }

    /// Presses a key as the app does where it is a move in a list.
    ///
    /// - Returns: Whether it was one, and asked for nothing.
    package mutating func move(_ key: Key, count: Int, painted: Painted) -> Bool {
        guard
            let effects = AppModel.pressAtOnce(&model, key, count: count, painted: painted)
        else { return false }
        run(effects)
        return effects.isEmpty
    }

    /// Presses keys by the names tapes use, parted by spaces: `2 Enter s`.
    package mutating func press(_ names: String) {
        for name in names.split(separator: " ") {
            guard let key = Key(name: String(name)) else { continue }
            press(key)
        }
    }

    /// Types a text, character by character.
    package mutating func type(_ text: String) {
        for character in text { press(.character(character)) }
    }

    /// Tells the app something and carries out what it asks for.
    package mutating func send(_ message: Message) {
        let effects = AppModel.update(&model, message)
        store.noticeLines += model.takeFreshNotices().enumerated().map { number, line in
            var kept = line
            kept.id = Int64(store.noticeLines.count + number + 1)
            return kept
        }
        run(effects)
    }

    /// Does what a line of plain mode asks for.
    package mutating func answer(_ input: PlainInput) {
        run(AppModel.answer(&model, input))
        model.noteSeen()
    }

    private mutating func run(_ effects: [Effect]) {
        for effect in effects {
            switch effect {
            case .load(let id, let request):
                requests.append(request)
                do {
                    send(.loaded(id, try store.anyAnswer(request, at: SampleReading.now)))
                } catch {
                    send(.loadFailed(id, .other("\(error)")))
                }
            case .perform(let id, let action):
                actions.append(action)
                actionIDs.append(id)
                let found = finds(action).map { ActionOutcome.foundRows($0) }
                guard let outcome = found ?? outcome(action) else { continue }
                switch outcome {
                case .done, .noted: store.apply(action)
                default: break
                }
                send(.actionFinished(id, outcome))
            case .cancel(let id): cancelled.append(id)
            case .copy(let text): clipboard = text
            case .actFor(let account): act(for: account)
            case .suspend: suspensions += 1
            case .quit: hasQuit = true
            }
        }
    }

    /// Acts for a minor, from the same store: what is theirs is not what is tested here.
    private mutating func act(for account: AccountID?) {
        var settings = model.settings
        settings.ward = store.wards.first { $0.account == account }
        settings.memberName = settings.ward?.name ?? "Wei"
        model = AppModel(settings, place: model.place)
        run(AppModel.start(&model))
        send(.statusChanged(store.counts))
    }

    /// The preferences that were kept last.
    package var kept: Preferences? {
        if case .keepPreferences(let preferences)? = actions.last { preferences } else { nil }
    }

    /// The screen.
    package var frame: Frame { AppModel.view(model) }

    /// The screen as text, row by row.
    package var text: String { frame.rows.joined(separator: "\n") }

    /// What the screen says.
    package var tree: SemanticNode { frame.semantics ?? SemanticNode(.screen, "") }
}
