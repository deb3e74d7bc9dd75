package import TerminalCore

/// The screens of a shared machine while nobody is signed in, as a value.
///
/// It knows nothing of a person but what is typed at the moment, and forgets that with every step.
package struct KioskModel: Equatable, Sendable {
    /// Which screen is shown.
    package enum Step: Equatable, Sendable {
        /// Waits for anybody.
        case attract
        /// Takes badge and secret.
        case signIn
        /// Takes badge, invitation code and a new secret.
        case firstTime
        /// The node cannot be reached: nothing can be done here.
        case closed
    }

    /// What a person asks for.
    package enum Request: Equatable, Sendable {
        /// Sign in with a badge and a secret.
        case signIn(badge: String, secret: String)
        /// Join with an invitation code, and keep the keys for this badge under a new secret.
        case join(badge: String, code: String, secret: String)
    }

    /// What is told, with a number where the text has a place for one.
    package struct Note: Equatable, Sendable {
        /// The text.
        package let text: KioskText
        /// The number.
        package let number: Int

        /// Makes a note.
        package init(_ text: KioskText, _ number: Int = 0) {
            self.text = text
            self.number = number
        }
    }

    /// A line to type in.
    enum Field: Equatable { case badge, code, secret, again }

    /// The fewest characters of a new secret.
    static let secretLength = 8

    /// The screen shown.
    package private(set) var step = Step.attract
    /// The language of the next person.
    package private(set) var language: Language
    /// Whether an answer is waited for: no key but Escape does anything meanwhile.
    package private(set) var isWorking = false
    /// The size of the screen.
    package var size: Size
    /// How cells are counted.
    package let textWidth: TextWidth
    /// What is told at the moment.
    package private(set) var note: Note?

    private let home: Language
    private var hasTyped = false
    private(set) var focus = 0
    private var typed: [TextField] = []

    /// Makes the screens; `language` is what everybody finds at first.
    package init(
        language: Language, size: Size, textWidth: TextWidth = .standard
    ) {
        self.language = language
        home = language
        self.size = size
        self.textWidth = textWidth
    }

    /// Whether somebody has begun to type: then time runs.
    package var isAttended: Bool { step == .signIn || step == .firstTime }

    /// Whether somebody typed something and turned away.
    ///
    /// What they typed is in the memory of this program still: only a new one has forgotten it.
    package var wasLeft: Bool { hasTyped && !isAttended }

    var fields: [Field] {
        switch step {
        case .attract, .closed: []
        case .signIn: [.badge, .secret]
        case .firstTime: [.badge, .code, .secret, .again]
        }
    }

    func text(_ field: Field) -> String {
        fields.firstIndex(of: field).map { typed[$0].text } ?? ""
    }

    // MARK: What happens

    /// Takes a key; returns what the person asks for, once they have said all of it.
    package mutating func press(_ key: Key) -> Request? {
        if case .resize(let size) = key {
            self.size = size
            return nil
        }
        if isWorking {
            if key == .escape { leave() }
            return nil
        }
        switch step {
        case .closed: return nil
        case .attract: return begin(with: key)
        case .signIn, .firstTime: return type(key)
        }
    }

    /// Goes back to the first screen, in the language everybody finds.
    package mutating func leave() {
        step = .attract
        language = home
        isWorking = false
        typed = []
        focus = 0
        note = nil
    }

    /// Tells why what was asked for did not work; the badge stays, secrets are typed anew.
    package mutating func fail(_ note: Note) {
        isWorking = false
        self.note = note
        for (index, field) in fields.enumerated() where field == .secret || field == .again {
            typed[index] = TextField()
        }
        focus = fields.firstIndex(of: .secret) ?? 0
    }

    /// Opens or closes the machine, as the node can be reached or not.
    ///
    /// Who is typing is not interrupted: they are told when they are done.
    package mutating func setReachable(_ isReachable: Bool) {
        if isReachable, step == .closed {
            leave()
        } else if !isReachable, step == .attract {
            step = .closed
        }
    }

    private mutating func begin(with key: Key) -> Request? {
        note = nil
        switch key {
        case .tab: open(.firstTime)
        case .left, .right: language = language == .english ? .chinese : .english
        case .enter: open(.signIn)
        case .mouse(let event) where event.action == .press: open(.signIn)
        case .character, .paste:
            open(.signIn)
            return type(key)
        default: break
        }
        return nil
    }

    private mutating func open(_ step: Step) {
        self.step = step
        focus = 0
        typed = fields.map { _ in TextField() }
    }

    private mutating func type(_ key: Key) -> Request? {
        note = nil
        switch key {
        case .escape: leave()
        case .enter: return enter()
        case .tab, .down: focus = (focus + 1) % fields.count
        case .shiftTab, .up: focus = (focus + fields.count - 1) % fields.count
        case .backspace: typed[focus].apply(.deletedBackward)
        case .control("u"): typed[focus].apply(.cleared)
        case .character(let character): insert(String(character))
        case .paste(let text): insert(text)
        default: break
        }
        return nil
    }

    private mutating func insert(_ text: String) {
        hasTyped = true
        typed[focus].apply(.inserted(text))
    }

    /// A badge reader ends with Enter: it leads to the next field that is empty.
    private mutating func enter() -> Request? {
        if let empty = typed.firstIndex(where: \.text.isEmpty) {
            focus = empty
            return nil
        }
        guard step == .firstTime else {
            isWorking = true
            return .signIn(badge: text(.badge), secret: text(.secret))
        }
        guard text(.secret) == text(.again) else {
            fail(Note(.secretsDiffer))
            return nil
        }
        guard text(.secret).count >= Self.secretLength else {
            fail(Note(.secretTooShort))
            return nil
        }
        isWorking = true
        return .join(badge: text(.badge), code: text(.code), secret: text(.secret))
    }
}
