package import Screens
package import TerminalCore

/// Runs the app line by line: what is typed is a line, what is said is a line, nothing is drawn.
@MainActor
package final class PlainRunner {
    private let app: AppRuntime
    private let sink: PlainSink
    private let say: (SafeText) -> Void
    private var shown: PlainView?
    private var notice: SafeText?
    private var hint: SafeText?
    private var status: [Int]?
    private var isAnswering = false
    private var wasReading = false
    private let waitsForWork: Bool

    /// Makes the app; `say` prints one line.
    ///
    /// With `waitsForWork` the next line is read when what takes a while has ended, and `quit` is not
    /// asked about: in a pipe nobody can look at it meanwhile, nor answer.
    package init(
        settings: Settings, session: MemberSession, waitsForWork: Bool = true,
        say: @escaping (SafeText) -> Void
    ) {
        self.waitsForWork = waitsForWork
        var settings = settings
        settings.isPlain = true
        settings.size = Size(columns: 200, rows: 27)
        sink = PlainSink()
        app = AppRuntime(settings: settings, session: session, sink: sink)
        self.say = say
    }

    /// Whether what is typed next must not be seen: a passphrase.
    package var hidesInput: Bool { app.model.hidesText }

    /// The state of the app.
    package var model: AppModel { app.model }

    /// Runs until the lines end or say `quit`: at a terminal twice, where leaving would end or hold
    /// something up; in a pipe once, and what that is has been said.
    package func run(
        lines: AsyncStream<String>, greeting: [SafeText], hasAsked: @escaping () -> Void = {}
    ) async {
        greeting.forEach(say)
        let (keys, end) = AsyncStream.makeStream(of: [Key].self)
        sink.hasDrawn = { [weak self] in self?.announce() }
        isAnswering = true
        app.start()
        showAll()
        isAnswering = false
        hasAsked()
        let reader = Task { [weak self] in
            for await line in lines {
                guard let self, await answer(line) else { break }
                hasAsked()
            }
            end.finish()
        }
        await app.run(keys: keys)
        reader.cancel()
        await app.stop()
    }

    // MARK: Answering

    /// Does what a line asks for, and says what came of it; `false` at the end.
    private func answer(_ line: String) async -> Bool {
        let words = app.model.say
        isAnswering = true
        defer { isAnswering = false }
        let input = PlainInput(line, app.model)
        switch input {
        case .quit where app.model.asksToQuit: return false
        case .quit:
            app.answer(input)
            if !app.hasQuit { showChanges() }
            // More lines may never come.
            if waitsForWork { return false }
        case .unknown(let text): say(words(.plainUnknown, SafeText(untrusted: text)))
        case .help: PlainHelp.lines(app.model).forEach(say)
        case .again: showAll()
        case .status: say(words(.plainStatus, PlainView.status(app.model)))
        case .wait: await waitUntilSettled()
        case .item(let position) where !PlainView.hasItem(app.model, position):
            say(words(.plainNoItem, words.number(Int64(position + 1))))
        case .more:
            app.answer(input)
            if PlainView(app.model) == shown { say(words(.plainNoMore)) }
            if isSheet { showChanges() } else { sayNews() }
        case .keys, .item, .itemKeys, .find, .search, .importFile, .text:
            let former = selected
            app.answer(input)
            if isWaiting { await finishActions() }
            if app.hasQuit { return false }
            announce()
            showChanges()
            if let selected, selected != former { say(words(.plainChosen, selected)) }
        }
        return !app.hasQuit
    }

    /// What keys act on in the sheet on top, where a choice is selected before it is taken.
    private var selected: SafeText? {
        guard let dialog = app.frame.semantics?.children.last(where: { $0.role == .dialog }) else {
            return nil
        }
        let chosen = dialog.children.first {
            $0.role == .item && $0.states.contains(.selected)
        }
        return chosen?.name
    }

    /// Whether the next line waits for what the last one began; nobody sits before a pipe who could
    /// do something else while a folder is read.
    private var isWaiting: Bool { app.model.isBusy || waitsForWork && app.isReading }

    private func finishActions() async {
        for await _ in sink.frames
        where !isWaiting || app.hasQuit
            || !waitsForWork && app.model.tellsOfWork
        { break }
    }

    /// Whether everything decided is at the node and checked, and has been told.
    ///
    /// The status alone is not enough: right after a decision it is that of before.
    private var isSettled: Bool { PlainView.isSettled(app.model) && app.isQuiet }

    /// Waits until the outbox is empty, two minutes at most.
    private func waitUntilSettled() async {
        let limit = Task { [sink] in
            // Cancelled means settled before.
            try? await Task.sleep(for: .seconds(120))
            sink.wake()
        }
        defer { limit.cancel() }
        let started = ContinuousClock.now
        while !isSettled, started.duration(to: .now) < .seconds(120), !app.hasQuit {
            guard PlainView.isSettled(app.model) else {
                for await _ in sink.frames { break }
                continue
            }
            // The engine has yet to see what was decided, or ends a round that shows nothing new.
            try? await Task.sleep(for: .milliseconds(5))
        }
        announce()
        showChanges()
        let words = app.model.say
        say(words(isSettled ? .plainWaited : .plainStillWaiting))
    }

    // MARK: Saying

    /// Says what was told, and how the connection stands, when that is new.
    private func announce() {
        let words = app.model.say
        let told = PlainView.notice(app.model)
        if let told, told != notice { say(told) }
        notice = told
        let advice = PlainView.hint(app.model)
        if let advice, advice != hint { say(advice) }
        hint = advice ?? hint
        if let now = PlainView.announced(app.model), now != status {
            status = now
            if app.model.settings.stage == .open {
                say(words(.plainStatus, PlainView.status(app.model)))
            }
        }
        let hasRead = wasReading && !app.isReading
        wasReading = app.isReading
        guard !isAnswering else { return }
        // What is in a folder was asked for, and comes when it was read.
        hasRead ? showChanges() : sayNews()
    }

    private func showAll() {
        let view = PlainView(app.model)
        say(view.title)
        view.lines.forEach(say)
        shown = view
    }

    /// Says what was not said before: all of another sheet or place, else the lines that are new.
    private func showChanges() {
        let view = PlainView(app.model)
        guard view != shown else { return }
        guard let shown, shown.title == view.title, isSheet else { return showAll() }
        view.news(since: shown).forEach(say)
        self.shown = view
    }

    /// Says what has changed by itself: in a place the lines that are new, else all.
    ///
    /// A sheet waits until it is asked: what moves in it is progress.
    private func sayNews() {
        let view = PlainView(app.model)
        guard view != shown else { return }
        guard let shown, shown.title == view.title else { return showAll() }
        guard !isSheet, app.model.settings.stage == .open else { return }
        view.news(since: shown).forEach(say)
        self.shown = view
    }

    private var isSheet: Bool {
        app.frame.semantics?.children.contains { $0.role == .dialog } == true
    }
}

/// Notes that there is a new frame.
@MainActor
private final class PlainSink: FrameSink {
    var hasDrawn: () -> Void = {}
    let frames: AsyncStream<Void>
    private let next: AsyncStream<Void>.Continuation

    init() {
        (frames, next) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    }

    var size: Size { Size(columns: 200, rows: 27) }

    func draw(_ frame: Frame) {
        hasDrawn()
        next.yield()
    }

    nonisolated func wake() { next.yield() }

    func useTheme(named name: String) {}
}
