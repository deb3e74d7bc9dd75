import LedgerCore
import TerminalCore

/// The first start, and the locked vault.
enum Welcome {
    /// What is typed to join, from the top.
    enum Field: Int, CaseIterable {
        case code, node, policy

        /// The field that a failure is about.
        init(_ trouble: Trouble) {
            switch trouble {
            case .nodeUnreachable: self = .node
            case .notReadable, .noPolicy, .policyElsewhere: self = .policy
            default: self = .code
            }
        }
    }

    struct Model: Equatable {
        /// Whether the code is being typed, and not the way chosen.
        var isJoining = false
        /// The choice or the field that has the keys.
        var focus = 0
        var code = TextField()
        var node = TextField()
        /// A file that says whose cosignatures checkpoints need; most people have none.
        var policy = TextField()
        var passphrase = TextField()
        /// Why the last attempt failed.
        var problem: SafeText?
        /// The words another device has to show, too, while it is asked; else none.
        var words: [String] = []

        /// The last choice or field.
        var lastFocus: Int { isJoining ? Field.allCases.count - 1 : 1 }
        var field: Field? { isJoining ? Field(rawValue: focus) : nil }

        func takesText(_ settings: Settings) -> Bool {
            settings.stage == .locked ? settings.canLock : isJoining
        }
    }

    static func keys(_ model: AppModel) -> [KeyBinding] {
        if model.settings.stage == .locked {
            return [KeyBinding([.enter], .joinRequested, .unlock)]
        }
        if model.welcome.isJoining {
            return [
                KeyBinding([.enter], .joinRequested, .join),
                KeyBinding([.tab, .down], .dialog(.moved(1)), .nextField),
                KeyBinding([.shiftTab, .up], .dialog(.moved(-1)), .formerField, shown: .helpOnly),
                KeyBinding([.escape], .dialog(.closed), .back),
            ]
        }
        return [
            KeyBinding([.enter], .dialog(.confirmed), .choose),
            KeyBinding(
                [.down, .character("j"), .tab], .dialog(.moved(1)), .down, shown: .helpOnly),
            KeyBinding(
                [.up, .character("k"), .shiftTab], .dialog(.moved(-1)), .up, shown: .helpOnly),
            KeyBinding([.character("L")], .dialog(.toggled), .otherLanguage),
            KeyBinding([.character("q")], .quitRequested, .quit, shown: .helpOnly),
        ]
    }

    static func update(_ model: inout AppModel, _ message: DialogMessage) -> [Effect] {
        switch message {
        case .moved(let step):
            let last = model.welcome.lastFocus
            model.welcome.focus = min(max(model.welcome.focus + step, 0), last)
        case .picked(let choice):
            if model.welcome.focus == choice { return update(&model, .confirmed) }
            model.welcome.focus = choice
        case .confirmed:
            guard model.settings.stage == .welcome, !model.isOpening else { return [] }
            model.welcome.problem = nil
            if model.welcome.focus == 0 { return [model.perform(.startDemo)] }
            model.welcome.isJoining = true
            model.welcome.focus = 0
        case .toggled:
            let language: Language =
                model.settings.language == .english ? .chinese : .english
            model.settings.language = language
            return [model.perform(.keepPreferences(model.settings.preferences))]
        case .closed, .steppedBack:
            model.welcome.isJoining = false
            model.welcome.focus = 1
            model.welcome.problem = nil
            guard !model.welcome.words.isEmpty else { return [] }
            model.welcome.words = []
            return [model.perform(.endInvitation)]
        case .pointed, .taken, .pagesMoved, .allToggled, .rangeMarked, .dragged: break
        }
        return []
    }

    static func type(_ model: inout AppModel, _ edit: TextEdit) {
        // What was wrong is being mended: the reason has been read.
        model.welcome.problem = nil
        if model.settings.stage == .locked {
            model.welcome.passphrase.apply(edit)
        } else {
            switch model.welcome.field {
            case .code: model.welcome.code.apply(edit)
            case .node: model.welcome.node.apply(edit)
            case .policy: model.welcome.policy.apply(edit)
            case nil: break
            }
        }
    }

    /// Joins with the code typed, or opens the vault with the passphrase typed.
    static func join(_ model: inout AppModel) -> [Effect] {
        guard !model.isOpening, model.welcome.words.isEmpty else { return [] }
        model.welcome.problem = nil
        if model.settings.stage == .locked {
            let typed = model.settings.canLock ? model.welcome.passphrase.text : ""
            return [model.perform(.unlock(passphrase: typed))]
        }
        let code = model.welcome.code.text
        let node = model.welcome.node.text
        guard !code.isEmpty else {
            model.welcome.focus = Field.code.rawValue
            return []
        }
        guard !node.isEmpty else {
            model.welcome.focus = Field.node.rawValue
            return []
        }
        let policy = model.welcome.policy.text
        return [
            model.perform(.join(code: code, node: node, policy: policy.isEmpty ? nil : policy))
        ]
    }

    /// Tells why, and puts the cursor where it can be mended.
    static func failed(_ model: inout AppModel, _ reason: SafeText, in field: Field) {
        model.welcome.problem = reason
        if model.welcome.isJoining { model.welcome.focus = field.rawValue }
        model.welcome.words = []
        model.welcome.passphrase.apply(.cleared)
    }

    // MARK: View

    static func paint(_ model: AppModel, _ painter: inout Painter) {
        let say = model.say
        let screen = Rect(model.settings.size)
        let width = min(screen.columns - 2, 64)
        var page = Document(width: width, textWidth: painter.textWidth)
        page.heading(say(.welcomeTitle))
        page.text(say(.welcomeLine), .textMuted)
        page.blank()
        model.settings.stage == .locked
            ? writeLocked(model, into: &page) : writeWays(model, into: &page)
        if let problem = model.welcome.problem {
            page.blank()
            page.text("✗ " + problem, .statusError)
        }
        if model.isOpening || !model.welcome.words.isEmpty {
            page.blank()
            let isStarting = model.running.values.contains(.startDemo)
            page.text(say(isStarting ? .startingNode : .oneMoment), .textMuted)
        }
        let free = screen.inset(top: 1, bottom: 2)
        let rect = free.centred(Size(columns: width, rows: page.rows.count))
        // What went wrong stands at the end: a screen too small for all shows that.
        let hidden = max(page.rows.count - rect.rows, 0)
        painter.draw(
            page, in: rect, scroll: model.welcome.problem == nil ? 0 : hidden, hasKeys: true)
        painter.nodes.append(SemanticNode(.group, say(.welcomeTitle), children: page.nodes))
    }

    private static func writeLocked(_ model: AppModel, into page: inout Document) {
        let say = model.say
        // Without a passphrase only a keyring keeps keys closed.
        guard model.settings.canLock else { return page.text(say(KeyringText.lockedLine.texts)) }
        page.text(say(.lockedLine))
        page.blank()
        page.input(
            say(.passphrase), SafeText(untrusted: model.welcome.passphrase.text),
            hint: "", isFocused: true, isHidden: true)
    }

    private static func writeWays(_ model: AppModel, into page: inout Document) {
        let say = model.say
        let welcome = model.welcome
        guard welcome.isJoining else {
            page.choice(
                0, isFocused: welcome.focus == 0, [Run(say(.tryDemo), .textStrong)],
                note: say(.tryDemoLine))
            page.blank()
            page.choice(
                1, isFocused: welcome.focus == 1, [Run(say(.joinWithCode), .textStrong)],
                note: say(.joinLine))
            return
        }
        guard welcome.words.isEmpty else {
            return AddDevice.write(words: welcome.words, .waitsForOther, say, into: &page)
        }
        page.text(say(.joinExplained))
        page.blank()
        page.input(
            say(.code), SafeText(untrusted: welcome.code.text), hint: "XXXX-XXXX-XXXXX",
            isFocused: welcome.field == .code)
        page.input(
            say(.nodeAddress), SafeText(untrusted: welcome.node.text), hint: "http://…",
            isFocused: welcome.field == .node)
        page.input(
            say(.witnesses), SafeText(untrusted: welcome.policy.text), hint: say(.policyHint),
            isFocused: welcome.field == .policy)
    }
}
