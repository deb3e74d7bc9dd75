import LedgerCore
package import SyncCore
import TerminalCore

/// The whole state of the app as a value: `update` changes it, `view` shows it.
package struct AppModel: Equatable, Sendable {
    /// What the app was told at its start, and what the person changed since.
    package internal(set) var settings: Settings
    /// The place shown.
    package internal(set) var place = Place.home
    /// The connection and the counts of the status line.
    package internal(set) var status = SyncStatus()

    var welcome = Welcome.Model()
    var home = Home.Model()
    var projects = Projects.Model()
    var authorizations = Authorizations.Model()
    var records = Records.Model()
    var points = PointsPlace.Model()
    var activity = ActivityPlace.Model()
    /// The project of the selected line, in any place.
    var detail: ProjectDetail?

    /// Sheets and overlays, the top one last: it has the keys.
    var overlays: [Overlay] = []
    /// What was told, the newest last.
    package internal(set) var notices: [Notice]
    /// What was told and is not in the store yet.
    private var fresh: [Notice] = []
    /// What is told at the moment; gone with the next key.
    var banner: Notice?
    /// What is told first once the vault is open: how work ended meanwhile, or what went wrong.
    var held: Notice?

    /// The pause on the screen when the last key was done, of the authorization it acted on.
    var seenPause: SeenPause?
    /// What was paused here, and has not been seen in force since.
    var pausedHere: [AuthorizationSubject] = []
    /// What can be undone, the latest last.
    var undoable: [Undoable] = []
    /// The hints for somebody new, while they are shown.
    var tour: Tour?
    /// The sign-up after which what may be used is asked at once.
    var followUp: ActionID?

    /// The number typed before a key: how often it is meant.
    var count: Int?
    /// The choice or line where the mouse button went down.
    var dragStart: Int?
    /// When a key was pressed last.
    var lastKeyAt: Timestamp
    /// What takes a while, the oldest first.
    var works: [Work] = []
    /// The node, the ledger and the devices, once settings were opened.
    var machine: MachineView?

    /// The newest request of each part of the screen.
    private(set) var latest: [RequestSlot: RequestID] = [:]
    /// What is to happen with an answer besides being kept.
    var awaiting: [RequestID: Awaited] = [:]
    /// Actions that have not finished.
    var running: [ActionID: Action] = [:]
    private var lastNumber = 0

    /// Makes the state at the start; `start` says what to load.
    ///
    /// - Parameters:
    ///   - settings: What the app is told.
    ///   - place: The place shown first.
    ///   - notices: What was told before and is still to be read.
    package init(_ settings: Settings, place: Place = .home, notices: [Notice] = []) {
        self.settings = settings
        self.place = place
        self.notices = notices
        lastKeyAt = settings.now
        welcome.node = TextField(settings.node)
    }

    /// Returns what to do first: loads what Home shows, or, before the vault is open, nothing but a
    /// start of the demo that was asked for.
    package static func start(_ model: inout AppModel) -> [Effect] {
        for problem in model.settings.problems { model.tell(problem.text(model.say), .warning) }
        guard model.settings.stage == .open else {
            let isAsked = model.settings.startsDemo && model.settings.stage == .welcome
            return isAsked ? [model.perform(.startDemo)] : []
        }
        return model.reload() + (model.settings.offersTour ? model.startTour() : [])
    }

    /// What the person sees said in their language.
    package var say: Words {
        Words(
            settings.language, utcOffsetMinutes: settings.utcOffsetMinutes, now: settings.now,
            keys: settings.keys, scope: KeyScope(place), isPlain: settings.isPlain)
    }

    /// Whether an action is still being carried out.
    package var isBusy: Bool { !running.isEmpty }

    /// Whether the vault is being made or opened.
    var isOpening: Bool { running.values.contains(where: \.opensVault) }

    // MARK: Asking the world

    /// Asks for something; an earlier question of the same part of the screen becomes void.
    mutating func load(_ request: Request, then awaited: Awaited? = nil) -> Effect {
        lastNumber += 1
        let id = RequestID(lastNumber)
        if let former = latest[request.slot] { awaiting[former] = nil }
        latest[request.slot] = id
        awaiting[id] = awaited
        return .load(id, request)
    }

    /// Starts an action.
    mutating func perform(_ action: Action) -> Effect {
        lastNumber += 1
        let id = ActionID(lastNumber)
        running[id] = action
        if let work = action.work { works.append(Work(waiting: id, work)) }
        return .perform(id, action)
    }

    /// Whether nothing was asked for the same part of the screen since.
    package func isNewest(_ id: RequestID, _ request: Request) -> Bool {
        latest[request.slot] == id
    }

    /// Whether an answer is the one waited for, and not a late one.
    func isCurrent(_ id: RequestID, _ loaded: Loaded) -> Bool { latest[loaded.slot] == id }

    // MARK: Telling the person

    /// Shows until the next key why a key does nothing: nothing happened, so nothing is kept.
    mutating func hint(_ text: SafeText, _ tone: Notice.Tone) {
        banner = Notice(text: text, tone: tone, at: settings.now)
    }

    /// Takes what was told since this was asked last, to be kept in the store; none before the vault
    /// is open.
    package mutating func takeFreshNotices() -> [NoticeLine] {
        guard settings.stage == .open else { return [] }
        defer { fresh = [] }
        return fresh.map {
            NoticeLine(id: 0, at: $0.at, tone: $0.tone.kept, text: $0.text.string)
        }
    }

    /// Shows a notice until the next key, and keeps it in the list of notices.
    mutating func tell(_ text: SafeText, _ tone: Notice.Tone) {
        hint(text, tone)
        // The same thing told again within a minute is one notice.
        let since = settings.now.milliseconds - 60_000
        let isRepeated = notices.suffix(10).contains {
            $0.text == text && $0.tone == tone && $0.at.milliseconds > since
        }
        guard !isRepeated || tone == .done else { return }
        let notice = Notice(text: text, tone: tone, at: settings.now)
        fresh.append(notice)
        notices.append(notice)
        if notices.count > Notice.limit { notices.removeFirst(notices.count - Notice.limit) }
    }
}

/// Something that was told.
package struct Notice: Equatable, Sendable {
    var text: SafeText
    var tone: Tone
    var at: Timestamp
    /// What the text says will be in force once it is recorded.
    var awaited: Recording?

    /// A decision on its way, and what to say once it is recorded.
    struct Recording: Equatable {
        var entry: Hash
        var sentence: Sentence
    }

    enum Tone: Equatable {
        case done, warning, error
        /// Advice: shown, and not kept.
        case hint

        var kept: NoticeLine.Tone {
            switch self {
            case .done, .hint: .done
            case .warning: .warning
            case .error: .error
            }
        }
    }

    /// How many are kept.
    static let limit = 200

    var role: StyleRole {
        switch tone {
        case .done: .statusOK
        case .hint: .accent
        case .warning: .statusWarning
        case .error: .statusError
        }
    }

    /// The sign before the text: meaning does not rest on colour.
    var sign: SafeText {
        switch tone {
        case .done: "✓ "
        case .hint: "→ "
        case .warning: "! "
        case .error: "✗ "
        }
    }
}

/// What an answer opens.
enum Awaited: Equatable {
    case signUp
    case leave
    case grant
    case contribute
    case proof
    case refusal
    case entry
    case recording
    case picker
    case rows
    case extend
    case narrow
    case why
    case quit
}

/// A part of the screen that one request fills.
enum RequestSlot: Hashable {
    case home, projects, project, authorizations, records, rows, points, activity, entry, proof
    case folder, find, machine, wards, waiting
    case account(AccountRequest.Slot)
    case catalogue(CatalogueRequest.Slot)
}

extension Request {
    var slot: RequestSlot {
        switch self {
        case .home: .home
        case .projects: .projects
        case .project: .project
        case .authorizations: .authorizations
        case .records: .records
        case .recordRows, .foundRows: .rows
        case .points: .points
        case .activity: .activity
        case .entry: .entry
        case .proof: .proof
        case .folder: .folder
        case .account(let request): .account(request.slot)
        case .catalogue(let request): .catalogue(request.slot)
        case .find: .find
        case .machine: .machine
        case .wards: .wards
        case .waiting: .waiting
        }
    }
}

extension Loaded {
    var slot: RequestSlot {
        switch self {
        case .found: .find
        case .machine: .machine
        case .wards: .wards
        case .waiting: .waiting
        case .home: .home
        case .projects: .projects
        case .project: .project
        case .authorizations: .authorizations
        case .records: .records
        case .recordRows: .rows
        case .points: .points
        case .activity: .activity
        case .entry: .entry
        case .proof: .proof
        case .folder: .folder
        case .account(let answer): .account(answer.slot)
        case .catalogue(let answer): .catalogue(answer.slot)
        }
    }
}
