package import Foundation
import Glibc
package import LedgerCore
import Screens
import SyncCore
package import TerminalCore

/// What a tape needs of the world besides the app: nodes, and the app's own start.
@MainActor
package protocol TapeStage: AnyObject {
    /// Makes the app as it is at its start, on the data that is there.
    func open(_ set: TapeSettings, clock: RuntimeClock, sink: any FrameSink) async throws
        -> AppRuntime
    /// Starts a node with content, or ends it, or starts it again.
    func node(_ command: TapeNode, clock: RuntimeClock, set: TapeSettings) async throws
    /// Tells the node the time.
    func clockChanged(to time: Timestamp) throws
    /// Ends what the tape started.
    func close() async
}

/// How a tape plays: what its `Set`, `Seed` and `Env` lines say, and the command line.
package struct TapeSettings: Equatable, Sendable {
    /// The size of the screen.
    package var size = Size(columns: 80, rows: 24)
    /// The theme.
    package var theme = "dark"
    /// The language tag.
    package var locale = "en"
    /// What every key and random byte follows from, if anything.
    package var seed: UInt64?
    /// Variables for what is started.
    package var environment: [String: String] = [:]
    /// How long `Wait` waits for a node.
    package var waitSeconds = 15.0
    /// Whether golden files are written rather than compared.
    package var updatesGolden = false

    /// Makes the settings of a tape that says nothing.
    package init() {}
}

/// What failed in a tape, as it is printed.
package struct TapeFailure: Error, CustomStringConvertible, Sendable {
    /// `FILE:LINE: what was expected`, the frame, the newest events.
    package let description: String
}

/// Plays a tape against the real app, with no terminal.
///
/// Time is virtual: `Sleep` moves the person's clock. Only an answer of the node is really waited
/// for.
@MainActor
package final class TapePlayer: FrameSink {
    private let lines: [TapeLine]
    private let stage: any TapeStage
    private let folder: URL
    private let themes: (String) -> Theme?
    private var settings: TapeSettings
    private let fixed: Set<String>
    private let clock: RuntimeClock
    private var app: AppRuntime?
    private var shown: Frame?
    private var theme: Theme
    private var clipboard = ""
    private var outputs: [String] = []
    private var isHidden = false
    private var cast: Asciicast?
    private var frames: [String] = []
    private let startTime: Timestamp
    private var waitPattern: TapePattern?

    /// How many commands were carried out.
    package private(set) var commandCount = 0

    /// Makes a player.
    ///
    /// - Parameters:
    ///   - lines: The tape.
    ///   - folder: The folder of the tape: golden files are in `Golden` there.
    ///   - settings: What the command line says; its size, theme and locale win over the tape's
    ///     where `fixed` names them (`size`, `theme`, `locale`).
    ///   - fixed: What the tape cannot change.
    ///   - stage: Where the tape's world is: node, keys, files.
    ///   - start: What the clock shows before the tape sets it.
    ///   - themes: Reads a theme.
    package init(
        lines: [TapeLine], folder: URL, settings: TapeSettings, fixed: Set<String>,
        stage: any TapeStage, start: Timestamp, themes: @escaping (String) -> Theme?
    ) {
        self.lines = lines
        self.folder = folder
        self.stage = stage
        self.fixed = fixed
        self.themes = themes
        self.settings = settings
        clock = RuntimeClock(at: start)
        startTime = start
        theme = Theme.fallback
    }

    /// Plays to the end.
    ///
    /// - Parameter castFile: A file to record to besides those the tape names.
    /// - Throws: `TapeFailure` at the first line that fails.
    package func play(cast castFile: String? = nil) async throws {
        if let castFile { outputs.append(castFile) }
        for line in lines {
            do {
                try await carryOut(line.command)
            } catch {
                await end()
                throw failure(line, String(describing: error))
            }
            commandCount += 1
        }
        await end()
        try writeOutputs()
    }

    private func end() async {
        await app?.stop()
        app = nil
        await stage.close()
    }

    // MARK: Showing

    /// The size of the screen.
    package var size: Size { settings.size }

    /// Keeps a frame.
    package func draw(_ frame: Frame) {
        defer { shown = frame }
        guard !isHidden, shown != frame else { return }
        if outputs.contains(where: { $0.hasSuffix(".txt") || $0.hasSuffix(".ascii") }) {
            frames.append(FrameText.plain(frame))
        }
        guard outputs.contains(where: { $0.hasSuffix(".cast") }) else { return }
        let time = clock.now.milliseconds - castStart
        if cast == nil {
            cast = Asciicast(size: frame.size, start: clock.now, title: "accord")
            castStart = clock.now.milliseconds
            cast?.add(output: FrameText.ansi(frame, theme: theme), at: 0)
        } else {
            cast?.add(output: FrameText.ansi(frame, after: shown, theme: theme), at: max(time, 0))
        }
    }

    private var castStart: Int64 = 0

    /// Uses another theme from here on.
    package func useTheme(named name: String) {
        guard let read = themes(name) else { return }
        theme = read
        shown = nil
    }

    // MARK: Commands

    private func carryOut(_ command: TapeCommand) async throws {
        switch command {
        case .output(let file): outputs.append(file)
        case .require(let program): try require(program)
        case .environment(let name, let value): settings.environment[name] = value
        case .set(let setting): apply(setting)
        case .seed(let seed): settings.seed = seed
        case .node(let node): try await control(node)
        case .clock(let time): try await change(time)
        case .sleep(let milliseconds):
            clock.set(clock.now.adding(milliseconds: milliseconds))
            try await tick()
        case .type(let text): for character in text { try await press(.character(character)) }
        case .press(let key, let count): for _ in 0..<count { try await press(key) }
        case .click(let row, let column):
            try await press(.mouse(MouseEvent(.press, at: Point(row: row - 1, column: column - 1))))
        case .resize(let size):
            settings.size = size
            try await press(.resize(size))
            cast?.add(size: size, at: max(clock.now.milliseconds - castStart, 0))
        case .copy(let text): clipboard = text
        case .paste: try await press(.paste(clipboard))
        case .hide: isHidden = true
        case .show: isHidden = false
        case .wait(let scope, let pattern, let seconds):
            try await wait(scope, pattern, seconds: seconds ?? settings.waitSeconds)
        case .expect, .expectNot, .expectRole: try await check(command)
        case .golden(let name): try await golden(name)
        case .screenshot(let file): try await screenshot(file)
        case .kill:
            await app?.stop()
            app = nil
            _ = try await running()
        }
    }

    private func apply(_ setting: TapeSetting) {
        switch setting {
        case .columns(let columns): if !fixed.contains("size") { settings.size.columns = columns }
        case .rows(let rows): if !fixed.contains("size") { settings.size.rows = rows }
        case .theme(let name): if !fixed.contains("theme") { settings.theme = name }
        case .locale(let tag): if !fixed.contains("locale") { settings.locale = tag }
        case .waitTimeout(let seconds): settings.waitSeconds = seconds
        case .waitPattern(let pattern): waitPattern = pattern
        case .ignored: break
        }
    }

    /// The app, started by the first command that needs it.
    private func running() async throws -> AppRuntime {
        if let app {
            if !app.hasQuit { return app }
            // The person left; the next command finds them back.
            await app.stop()
        }
        shown = nil
        if let read = themes(settings.theme) { theme = read }
        let made = try await stage.open(settings, clock: clock, sink: self)
        app = made
        made.start()
        try await settle()
        return made
    }

    private func press(_ key: Key) async throws {
        try await running().press([key])
        try await settle()
    }

    private func tick() async throws {
        guard let app else { return }
        app.post(.clockTicked(clock.now))
        try await settle()
    }

    private func change(_ time: TapeTime) async throws {
        switch time {
        case .at(let time): clock.set(time)
        case .later(let milliseconds):
            clock.set(clock.now.adding(milliseconds: milliseconds))
        }
        try stage.clockChanged(to: clock.now)
        try await tick()
    }

    private func control(_ node: TapeNode) async throws {
        try stage.clockChanged(to: clock.now)
        try await stage.node(node, clock: clock, set: settings)
        app?.drain()
    }

    /// Lets what the last command started come to its end.
    private func settle() async throws {
        guard let app else { return }
        let deadline = ContinuousClock.now + .seconds(settings.waitSeconds)
        app.drain()
        while app.isWorking, !app.hasQuit {
            guard ContinuousClock.now < deadline else {
                throw TapeProblem("the app did not finish what it was doing")
            }
            try await Task.sleep(for: .milliseconds(2))
            app.drain()
        }
    }

    private func wait(_ scope: TapeScope, _ pattern: TapePattern, seconds: Double) async throws {
        let app = try await running()
        let deadline = ContinuousClock.now + .seconds(seconds)
        while !pattern.matches(text(of: scope)) {
            guard ContinuousClock.now < deadline else {
                throw TapeProblem("/\(pattern.source)/ did not appear within \(seconds) s")
            }
            try await Task.sleep(for: .milliseconds(10))
            app.drain()
        }
        try await settle()
    }

    private func check(_ command: TapeCommand) async throws {
        let app = try await running()
        app.drain()
        switch command {
        case .expect(let scope, let pattern):
            guard pattern.matches(text(of: scope)) else {
                throw TapeProblem("expected /\(pattern.source)/")
            }
        case .expectNot(let scope, let pattern):
            guard !pattern.matches(text(of: scope)) else {
                throw TapeProblem("did not expect /\(pattern.source)/")
            }
        case .expectRole(let role, let name, let states):
            let found = app.frame.semantics?.first(role, named: name, states: states)
            guard found != nil else {
                let wanted = states.map(\.rawValue).sorted().joined(separator: " ")
                let tree = app.frame.semantics?.lines.joined(separator: "\n") ?? "no tree"
                throw TapeProblem("expected \(role.rawValue) \"\(name)\" \(wanted) in\n\(tree)")
            }
        default: break
        }
    }

    private func text(of scope: TapeScope) -> String {
        guard let frame = app?.frame else { return "" }
        switch scope {
        case .screen: return frame.rows.joined(separator: "\n")
        case .line:
            if let cursor = frame.cursor { return frame.text(row: cursor.row) }
            return frame.rows.last { !$0.isEmpty } ?? ""
        }
    }

    private func golden(_ name: String) async throws {
        let frame = try await quietFrame()
        let size = "\(settings.size.columns)x\(settings.size.rows)"
        let file = folder.appending(path: "Golden/\(name).\(size).\(settings.locale).txt")
        let path = file.path(percentEncoded: false)
        let text = FrameText.golden(frame)
        if settings.updatesGolden {
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(text.utf8).write(to: file)
            return
        }
        guard let kept = FileManager.default.contents(atPath: path) else {
            throw TapeProblem("\(path) is missing: write it with --update-golden")
        }
        let expected = String(decoding: kept, as: UTF8.self)
        guard text != expected else { return }
        let differing = zip(
            expected.split(separator: "\n", omittingEmptySubsequences: false),
            text.split(separator: "\n", omittingEmptySubsequences: false)
        ).enumerated().filter { $0.element.0 != $0.element.1 }.prefix(8).map {
            "line \($0.offset + 1)\n  - \($0.element.0)\n  + \($0.element.1)"
        }
        throw TapeProblem("the frame differs from \(path)\n" + differing.joined(separator: "\n"))
    }

    /// The frame when nothing is being sent or fetched: a golden frame shows no moment of it.
    private func quietFrame() async throws -> Frame {
        let app = try await running()
        let deadline = ContinuousClock.now + .seconds(settings.waitSeconds)
        while ContinuousClock.now < deadline {
            switch app.model.status.connection {
            case .connecting, .pushing, .pulling: break
            case .offline, .waiting, .backoff, .needsUnlock, .needsEnrolment, .revoked,
                .incompatible, .frozen:
                return app.frame
            }
            try await Task.sleep(for: .milliseconds(10))
            app.drain()
        }
        throw TapeProblem("the app is still talking to the node")
    }

    private func screenshot(_ file: String) async throws {
        let frame = try await running().frame
        let text =
            file.hasSuffix(".ansi") ? FrameText.ansi(frame, theme: theme) : FrameText.plain(frame)
        try Data(text.utf8).write(to: URL(filePath: file, relativeTo: folder))
    }

    private func require(_ program: String) throws {
        let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
        guard folders.contains(where: { access("\($0)/\(program)", X_OK) == 0 }) else {
            throw TapeProblem("\(program) is not installed")
        }
    }

    private func writeOutputs() throws {
        for output in outputs {
            let file = URL(filePath: output, relativeTo: folder)
            if output.hasSuffix(".cast") {
                try Data((cast?.text ?? "").utf8).write(to: file)
            } else if output.hasSuffix(".txt") || output.hasSuffix(".ascii") {
                let rule = String(repeating: "─", count: 80) + "\n"
                try Data(frames.joined(separator: rule).utf8).write(to: file)
            }
        }
    }

    private func failure(_ line: TapeLine, _ problem: String) -> TapeFailure {
        var text = "\(line.file):\(line.number): \(problem)\n  \(line.text)\n"
        if let frame = shown {
            let edge = String(repeating: "─", count: frame.size.columns)
            text += "┌\(edge)\n"
            for row in frame.rows { text += "│\(row)\n" }
            text += "└\(edge)\n"
        }
        if !recent.isEmpty { text += "last events: \(recent.joined(separator: " · "))" }
        return TapeFailure(description: text)
    }

    private var recent: [String] { app?.recentMessages.suffix(12).map { $0 } ?? lastRecent }
    private var lastRecent: [String] = []
}

/// What a command of a tape found wrong.
struct TapeProblem: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
