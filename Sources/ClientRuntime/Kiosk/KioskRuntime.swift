import LedgerCore
package import Screens
package import TerminalCore

/// Runs a shared machine for one visit: waits for somebody, lets them work, and ends.
///
/// It ends as well when somebody typed something and turned away. The program then replaces itself
/// by a new one, so that nothing of the person is left in its memory.
@MainActor
package final class KioskRuntime {
    /// How long a person may do nothing.
    package struct Patience: Sendable {
        /// Until they are signed out.
        package var idle = Duration.seconds(60)
        /// How long before that they are warned.
        package var warning = Duration.seconds(15)

        /// Makes the usual ones.
        package init() {}
    }

    private let desk: KioskDesk
    private let sink: any FrameSink
    private let patience: Patience
    private let makeSettings: @MainActor (MemberSession, Language, Size) -> Settings
    private var model: KioskModel
    private var lastKey = ContinuousClock.now
    private var visit: KioskDesk.Visit?
    /// Lets somebody in; `nil` while nobody waits for that.
    private var admission: Task<KioskDesk.Visit?, Never>?
    private var shown: WarningSink?
    private var app: AppRuntime?
    private var appKeys: AsyncStream<[Key]>.Continuation?
    private var tasks: [Task<Void, Never>] = []
    private var ticker: Task<Void, Never>?
    private let events: AsyncStream<Event>
    private let post: AsyncStream<Event>.Continuation

    private enum Event: Sendable {
        case keys([Key])
        case hungUp
        case ticked
        case reachable(Bool)
        case admitted(Result<KioskDesk.Visit, KioskProblem>)
        case left
    }

    /// Makes the machine; `settings` says how the app looks to whoever signed in.
    package init(
        model: KioskModel, desk: KioskDesk, sink: any FrameSink, patience: Patience,
        settings: @escaping @MainActor (MemberSession, Language, Size) -> Settings
    ) {
        self.model = model
        self.desk = desk
        self.sink = sink
        self.patience = patience
        makeSettings = settings
        (events, post) = AsyncStream.makeStream()
    }

    /// Runs until a visit has ended, or somebody turned away from what they had typed.
    ///
    /// - Returns: Whether the terminal is still there.
    package func run(keys: AsyncStream<[Key]>) async -> Bool {
        sink.draw(model.frame)
        tasks.append(
            Task { [post] in
                for await batch in keys { post.yield(.keys(batch)) }
                post.yield(.hungUp)
            })
        tasks.append(watchNode())
        var isThere = true
        for await event in events {
            if case .hungUp = event { isThere = false }
            if await isOver(after: event) { break }
        }
        tasks.forEach { $0.cancel() }
        ticker?.cancel()
        await app?.stop()
        admission?.cancel()
        // Who was let in after they had turned away is shown nothing.
        let late = await admission?.value
        if let visit = visit ?? late { await desk.dismiss(visit) }
        return isThere
    }

    private func watchNode() -> Task<Void, Never> {
        Task { [post, desk] in
            while !Task.isCancelled {
                let isOpen = await desk.isOpen()
                post.yield(.reachable(isOpen))
                // A shared machine asks now and then; who signs in asks anyhow.
                try? await Task.sleep(for: .seconds(isOpen ? 30 : 5))
            }
        }
    }

    /// Handles what happened; returns whether the visit is over.
    private func isOver(after event: Event) async -> Bool {
        switch event {
        case .hungUp, .left: return true
        case .keys(let keys):
            press(keys)
            keepTime()
            return isLeft
        case .ticked: return hasRunOut()
        case .reachable(let isReachable):
            guard visit == nil else { return false }
            model.setReachable(isReachable)
            sink.draw(model.frame)
        case .admitted(.success(let visit)): open(visit)
        case .admitted(.failure(let problem)):
            admission = nil
            // What is told can be read for as long as a form stands without a key.
            lastKey = .now
            model.fail(problem.note)
            sink.draw(model.frame)
        }
        return false
    }

    /// Whether somebody turned away from what they had typed.
    private var isLeft: Bool { visit == nil && model.wasLeft }

    /// Time runs while somebody is there, and only then: an idle machine sleeps.
    private func keepTime() {
        guard visit != nil || model.isAttended else {
            ticker?.cancel()
            ticker = nil
            return
        }
        guard ticker == nil else { return }
        ticker = Task { [post] in
            while !Task.isCancelled {
                // Cancelled means that nobody is there: the loop's condition sees it.
                try? await Task.sleep(for: .seconds(1))
                post.yield(.ticked)
            }
        }
    }

    private func press(_ keys: [Key]) {
        let sizes = keys.filter { if case .resize = $0 { true } else { false } }
        if sizes.count < keys.count { lastKey = .now }
        if let appKeys, let shown {
            // The key that keeps a person signed in does nothing else.
            appKeys.yield(shown.seconds == nil ? keys : sizes)
            if sizes.count < keys.count { shown.seconds = nil }
            return
        }
        for key in keys {
            if let request = model.press(key) { admit(request) }
            // The next program shows the first screen: what is typed at this one's would be lost.
            guard !isLeft else { return }
        }
        sink.draw(model.frame)
    }

    private func admit(_ request: KioskModel.Request) {
        admission = Task { [post, desk] () -> KioskDesk.Visit? in
            do throws(KioskProblem) {
                let visit = try await desk.admit(request)
                post.yield(.admitted(.success(visit)))
                return visit
            } catch {
                post.yield(.admitted(.failure(error)))
                return nil
            }
        }
    }

    /// Warns who does nothing, and signs them out in the end.
    private func hasRunOut() -> Bool {
        let quiet = lastKey.duration(to: .now)
        guard let shown else {
            guard model.isAttended, quiet >= patience.idle else { return false }
            model.leave()
            guard !isLeft else { return true }
            sink.draw(model.frame)
            keepTime()
            return false
        }
        guard quiet < patience.idle else { return true }
        let left = patience.idle - quiet
        if let app { shown.language = app.model.settings.language }
        if left <= patience.warning { shown.seconds = Int(left.components.seconds) + 1 }
        return false
    }

    private func open(_ visit: KioskDesk.Visit) {
        admission = nil
        self.visit = visit
        lastKey = .now
        let shown = WarningSink(sink, language: model.language)
        self.shown = shown
        let app = AppRuntime(
            settings: makeSettings(visit.session, model.language, model.size),
            session: visit.session, sink: shown)
        self.app = app
        model.leave()
        let (keys, continuation) = AsyncStream.makeStream(of: [Key].self)
        appKeys = continuation
        app.start()
        tasks.append(
            Task { [post] in
                await app.run(keys: keys)
                post.yield(.left)
            })
    }
}

/// Shows the app's frames, and over them how long its person stays signed in.
@MainActor
private final class WarningSink: FrameSink {
    private let sink: any FrameSink
    /// The language of the app, which its person may change.
    var language: Language
    private var last: Frame?
    /// What is left; `nil` while nobody has to be warned.
    var seconds: Int? {
        didSet {
            guard seconds != oldValue, let last else { return }
            draw(last)
        }
    }

    init(_ sink: any FrameSink, language: Language) {
        self.sink = sink
        self.language = language
    }

    var size: Size { sink.size }

    func draw(_ frame: Frame) {
        last = frame
        let warned = seconds.map { IdleWarning.over(frame, seconds: $0, language: language) }
        sink.draw(warned ?? frame)
    }

    func useTheme(named name: String) { sink.useTheme(named: name) }
}
