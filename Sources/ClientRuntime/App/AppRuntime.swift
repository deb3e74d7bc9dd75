import ClientStore
import LedgerCore
package import Screens
import SyncCore
import SyncEngine
package import TerminalCore

/// Runs the app: owns its model, carries out its effects, paints its frames.
///
/// Keys that arrived together are all handled before one frame is painted. What screens read comes
/// from the local store at once; decisions run off the main actor and answer later.
@MainActor
package final class AppRuntime {
    /// The state of the app.
    package private(set) var model: AppModel
    /// The last frame that was painted.
    package var frame: Frame { painted?.frame ?? blank }
    /// Whether the app has ended.
    package private(set) var hasQuit = false
    /// The newest messages, where they are kept: keys are among them, and so is what is typed.
    package private(set) var recentMessages: [String] = []
    private let keepsMessages: Bool

    /// The person's own session, and that of whom they act for: the same, or a ward's.
    private let own: MemberSession
    private var session: MemberSession
    /// The sessions that were opened: all of them stay in step with the node.
    private var opened: [MemberSession] = []
    /// What was told while acting for others, by their account: it is there again with them.
    private var told: [AccountID?: [Notice]] = [:]
    /// Looks for wards for whom something waits, and whether to look once more after it.
    private var look: Task<Void, Never>?
    private var looksAgain = false
    /// What was told last of wards that cannot be opened.
    private var wardTrouble: Trouble?
    private let sink: any FrameSink
    private var tasks: [Task<Void, Never>] = []
    private var running: [ActionID: Task<Void, Never>] = [:]
    /// The folder that is being read.
    private var reading: (id: RequestID, task: Task<Void, Never>)?
    private var pending: [Message] = []
    private var waiting: [Effect] = []
    private let wakes: AsyncStream<Void>
    private let wake: AsyncStream<Void>.Continuation
    private var painted: Painted?
    /// The page that a key agrees to, if one was painted last, and since when it stands there.
    private var shownPage: ConsentPage?
    private var shownSince = Timestamp(milliseconds: 0)
    private let blank: Frame
    /// Whether nothing but moves in a list came since the frame was painted.
    private var hasOnlyMoved = false
    private var theme: String
    private var usesMouse = true

    /// Makes the app; nothing is painted before `start`.
    ///
    /// - Parameters:
    ///   - settings: What the app is told.
    ///   - session: Whose app it is.
    ///   - sink: Where frames go.
    ///   - keepsMessages: Whether the newest messages are kept, for a report when a tape fails.
    package init(
        settings: Settings, session: MemberSession, sink: any FrameSink, keepsMessages: Bool = false
    ) {
        self.keepsMessages = keepsMessages
        model = AppModel(settings)
        theme = settings.theme
        blank = Frame(size: settings.size, textWidth: settings.textWidth)
        own = session
        self.session = session
        self.sink = sink
        (wakes, wake) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    }

    /// Paints the first frame, from the local store alone, and only then starts everything else.
    ///
    /// - Parameter rest: How long the first frame stands before news from the node may move it.
    package func start(rest: Duration = .zero) {
        carryOut(AppModel.start(&model))
        if !model.settings.preferences.usesMouse {
            usesMouse = false
            sink.useMouse(false)
        }
        paint()
        guard rest > .zero else { return startTalking() }
        tasks.append(
            Task { [weak self] in
                // Cancelled means ended: nothing is started then.
                guard (try? await QuietTimer.sleep(for: rest)) != nil else { return }
                self?.startTalking()
            })
    }

    private func startTalking() {
        guard !hasQuit else { return }
        open(session)
        openWaitingWards()
    }

    /// Listens to a session and lets it talk to the node, unless the person works offline; what it
    /// tells while it is not the one shown is not said.
    private func open(_ session: MemberSession) {
        guard !opened.contains(where: { $0 === session }) else { return }
        opened.append(session)
        if session !== own, let mending = session.store.mending {
            handle(.loadFailed(RequestID(0), .storeMended(mending)))
        }
        let news = session.news
        tasks.append(
            Task { [weak self] in
                for await message in news { self?.hear(message, of: session) }
            })
        session.start(offline: session !== own && own.isOfflineChosen)
    }

    private func hear(_ message: Message, of session: MemberSession) {
        if self.session === session { post(message) }
        // With every round of the person's own; none of theirs waits for a ward.
        guard session === own, case .statusChanged(let status) = message else { return }
        switch status.connection {
        case .waiting, .backoff, .revoked: openWaitingWards()
        case .offline, .connecting, .pushing, .pulling, .needsUnlock, .needsEnrolment,
            .incompatible, .frozen:
            break
        }
    }

    /// Lets what waits for wards go out, whoever is acted for; tells once of a ward that cannot be
    /// opened.
    private func openWaitingWards() {
        guard own.stage == .open, !hasQuit else { return }
        guard look == nil else { return looksAgain = true }
        let known = Set(opened.compactMap { $0.ward?.account })
        look = Task { [weak self, own] in
            let found = await own.wardsThatWait(except: known)
            self?.take(found)
        }
    }

    private func take(_ found: (sessions: [MemberSession], trouble: Trouble?)) {
        look = nil
        guard !Task.isCancelled, own.stage == .open else { return }
        for session in found.sessions
        where !opened.contains(where: { $0.ward == session.ward }) {
            open(session)
        }
        if let trouble = found.trouble, trouble != wardTrouble {
            post(.loadFailed(RequestID(0), trouble))
        }
        wardTrouble = found.trouble
        if looksAgain {
            looksAgain = false
            openWaitingWards()
        }
    }

    /// Acts for a ward, or for the person again: everything shown is read anew.
    private func act(for account: AccountID?) {
        do {
            var next = own
            if let account {
                next = try opened.first { $0.ward?.account == account } ?? own.ward(account)
                if next.needsPassphrase { try next.openAsWard() }
            }
            session = next
        } catch {
            return handle(.loadFailed(RequestID(0), Trouble(error)))
        }
        var settings = model.settings
        told[settings.ward?.account] = model.notices
        settings.ward = session.ward
        settings.memberName = session.memberName
        settings.stage = session.stage
        settings.canLock = session.canLock
        settings.problems = []
        pending = []
        waiting = []
        reading?.task.cancel()
        reading = nil
        model = AppModel(
            settings, place: model.place, notices: told[settings.ward?.account] ?? [])
        carryOut(AppModel.start(&model))
        open(session)
        if let status = session.shownStatus { handle(.statusChanged(status)) }
    }

    /// Runs until the app ends: by itself, or because `keys` ends.
    package func run(keys: AsyncStream<[Key]>) async {
        tasks.append(
            Task { [weak self] in
                for await batch in keys { self?.press(batch) }
                self?.quit()
            })
        tasks.append(
            Task { [weak self] in
                // The clock shows minutes: nothing needs a wake-up sooner but a countdown.
                while let self, !Task.isCancelled {
                    let now = session.clock.now
                    let rest = AppModel.nextTick(model, after: now).milliseconds - now.milliseconds
                    // Cancelled means ended: the loop's condition sees it.
                    try? await QuietTimer.sleep(for: .milliseconds(rest + 5))
                    post(.clockTicked(session.clock.now))
                }
            })
        for await _ in wakes {
            drain()
            if hasQuit { break }
        }
    }

    /// Ends everything that runs.
    package func stop() async {
        let ended = tasks
        (ended + running.values).forEach { $0.cancel() }
        tasks = []
        look?.cancel()
        reading?.task.cancel()
        await look?.value
        // What is half done is undone before the program ends.
        for work in model.workActions { await running[work]?.value }
        running = [:]
        session.endVisit()
        for session in opened { await session.stop() }
        // They hold the store, and the last who lets go of it closes it.
        for task in ended { await task.value }
    }

    /// Handles keys at once, and paints once.
    ///
    /// What moves and typing want to see is read once, after the last of them. Nobody agrees to what
    /// was not on the screen: of keys that came together, those after one that turned a page that is
    /// agreed to are void, but Escape. So are those right after a device asked to be admitted.
    package func press(_ keys: [Key]) {
        var rest = keys[...]
        while let key = rest.first, !hasQuit {
            let run = rest.prefix { $0 == key }
            let isTyped = model.takesText
            if let effects = AppModel.pressAtOnce(
                &model, key, count: run.count, painted: hasOnlyMoved ? painted : nil)
            {
                if isTyped { hasOnlyMoved = false }
                for _ in run.prefix(Self.noteLimit) { note(.key(key)) }
                waiting += effects
                rest = rest.dropFirst(run.count)
            } else {
                settle()
                if case .resize(let size) = key {
                    handle(.resized(size))
                } else if !isBlind(key) {
                    handle(.key(key))
                }
                rest = rest.dropFirst()
            }
        }
        settle()
        paint()
        model.noteSeen()
        if hasQuit { wake.yield() }
    }

    /// Whether a key would answer a page that was not shown yet when it was pressed.
    private func isBlind(_ key: Key) -> Bool {
        guard key != .escape, let page = model.consentPage else { return false }
        let stands = session.clock.now.milliseconds - shownSince.milliseconds
        // Where the clock was put back nobody waits for it.
        return page != shownPage || stands >= 0 && stands < page.restMilliseconds
    }

    /// Does what a line of plain mode asks for, and paints once.
    package func answer(_ input: PlainInput) {
        hasOnlyMoved = false
        let effects = AppModel.answer(&model, input)
        keepNotices()
        carryOut(effects)
        paint()
        model.noteSeen()
        if hasQuit { wake.yield() }
    }

    /// Carries out what moves and typing left to do: of several loads for one part of the screen
    /// only the last, the others are void.
    private func settle() {
        let effects = waiting
        waiting = []
        carryOut(
            effects.filter { effect in
                guard case .load(let id, let request) = effect else { return true }
                return model.isNewest(id, request)
            })
    }

    /// Takes a message from anywhere on the main actor; it is handled with the next batch.
    package func post(_ message: Message) {
        pending.append(message)
        wake.yield()
    }

    /// Handles what has been posted, and paints if there was anything.
    package func drain() {
        guard !pending.isEmpty else { return }
        var hasReloaded = false
        while !pending.isEmpty {
            let batch = pending
            pending = []
            for message in batch {
                // Many changes of the store between two frames are read once.
                if message == .storeChanged {
                    if hasReloaded { continue }
                    hasReloaded = true
                }
                handle(message)
            }
        }
        paint()
    }

    /// Whether a decision is still being carried out, or a folder read.
    package var isWorking: Bool { !running.isEmpty || !pending.isEmpty || isReading }

    /// Whether a folder is still being read.
    package var isReading: Bool { reading != nil }

    /// Whether everything that was started has come to its end and is on the screen.
    package var isQuiet: Bool {
        !isWorking && look == nil && session.isQuiet(shown: model.status)
    }

    private func quit() {
        hasQuit = true
        wake.yield()
    }

    private func handle(_ message: Message) {
        hasOnlyMoved = false
        note(message)
        let effects = AppModel.update(&model, message)
        keepNotices()
        carryOut(effects)
        if case .unlocked = message { openWaitingWards() }
        if usesMouse != model.settings.preferences.usesMouse {
            usesMouse.toggle()
            sink.useMouse(usesMouse)
        }
    }

    private func keepNotices() {
        let fresh = model.takeFreshNotices()
        guard !fresh.isEmpty else { return }
        let session = session
        tasks.append(Task { await session.keep(fresh) })
    }

    private func carryOut(_ effects: [Effect]) {
        for effect in effects {
            switch effect {
            case .load(let id, .folder(let path)): read(path, id)
            case .load(let id, let request): handle(answer(id, request))
            case .perform(let id, let action): perform(id, action)
            case .cancel(let id): running[id]?.cancel()
            case .copy(let text): sink.copy(text)
            case .actFor(let account): act(for: account)
            case .suspend: sink.suspend()
            case .quit: quit()
            }
        }
    }

    private func answer(_ id: RequestID, _ request: Request) -> Message {
        do {
            return .loaded(id, try session.answer(request))
        } catch {
            return .loadFailed(id, Trouble(error))
        }
    }

    /// Reads a folder beside everything else; one that was asked for before is not waited for.
    private func read(_ path: String, _ id: RequestID) {
        let session = session
        reading?.task.cancel()
        let task = Task { [weak self] in
            let answer: Message
            do {
                answer = .loaded(id, .folder(try await session.list(path)))
            } catch {
                answer = .loadFailed(id, Trouble(error))
            }
            guard let self, self.reading?.id == id, self.session === session else { return }
            self.reading = nil
            self.post(answer)
        }
        reading = (id, task)
    }

    private func perform(_ id: ActionID, _ action: Action) {
        let session = session
        // One passphrase opens all of them, so that locking closes all of them.
        let others = opened.filter { $0 !== session }
        running[id] = Task { [weak self] in
            let outcome = await session.perform(action, as: id)
            switch action {
            case .lock: for other in others { await other.lock() }
            case .syncNow, .goOffline: for other in others { _ = await other.perform(action) }
            case .revokeDevice: self?.openWaitingWards()
            default: break
            }
            self?.running[id] = nil
            self?.post(.actionFinished(id, outcome))
        }
    }

    private func paint() {
        guard !hasQuit else { return }
        if theme != model.settings.theme {
            theme = model.settings.theme
            sink.useTheme(named: theme)
        }
        if hasOnlyMoved, painted?.follow(model) == true {
            assert(frame == AppModel.view(model), "a move was not painted as the whole is")
        } else {
            painted = Painted(model)
            hasOnlyMoved = true
        }
        sink.draw(frame)
        let page = model.consentPage
        if page != shownPage { shownSince = session.clock.now }
        shownPage = page
    }

    private static let noteLimit = 30

    private func note(_ message: Message) {
        guard keepsMessages else { return }
        let text: String
        switch message {
        case .loaded(let id, _): text = "loaded \(id.number)"
        case .key(let key): text = "key \(key.name)"
        case .storeChanged, .clockTicked: return
        default: text = String(String(describing: message).prefix(200))
        }
        recentMessages.append(text)
        if recentMessages.count > Self.noteLimit { recentMessages.removeFirst() }
    }
}
