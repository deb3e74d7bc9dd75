package import Foundation
package import LedgerCore
import Screens
import SyncCore
package import TerminalCore

/// Plays tapes against the real app, with no terminal.
///
/// Time is virtual: `Sleep` moves the person's clock. Only an answer of the node is really waited
/// for. After each command the app is at rest: nothing of it is on its way, and what is looked at
/// and recorded then does not depend on how fast the machine was.
@MainActor
package final class TapePlayer: FrameSink {
    private let stage: any TapeStage
    private let folder: URL
    private let themes: (String) -> Theme?
    private let fixed: Set<String>
    private let terminal: (any TapeTerminal)?
    private let startTime: Timestamp
    let clock: RuntimeClock
    var settings: TapeSettings
    private(set) var app: AppRuntime?
    private var theme: Theme
    private var clipboard = ""
    private var isHidden = false
    private var recording = TapeRecording(outputs: [], castVersion: 2)
    private var waitPattern: TapePattern?
    private var formerEvents: [String] = []

    /// How many commands were carried out.
    package private(set) var commandCount = 0
    /// How many keys were pressed and screens looked at.
    package private(set) var stepCount = 0

    /// Makes a player.
    ///
    /// - Parameters:
    ///   - folder: The folder of the tape: golden files are in `Golden` there.
    ///   - settings: What the command line says; its size, theme and locale win over the tape's
    ///     where `fixed` names them (`size`, `theme`, `locale`, `cast`).
    ///   - fixed: What the tape cannot change.
    ///   - stage: Where the tape's world is: node, keys, files.
    ///   - start: What the clock shows before the tape sets it.
    ///   - themes: Reads a theme.
    ///   - terminal: A terminal to type in and to compare with.
    package init(
        folder: URL, settings: TapeSettings, fixed: Set<String>, stage: any TapeStage,
        start: Timestamp, themes: @escaping (String) -> Theme?,
        terminal: (any TapeTerminal)? = nil
    ) {
        self.folder = folder
        self.stage = stage
        self.fixed = fixed
        self.themes = themes
        self.settings = settings
        self.terminal = terminal
        clock = RuntimeClock(at: start)
        startTime = start
        theme = themes(settings.theme) ?? Theme.fallback
    }

    /// Plays a tape to its end and writes what it records.
    ///
    /// - Parameters:
    ///   - lines: The tape.
    ///   - outputs: Files to record to besides those the tape names.
    /// - Throws: `TapeFailure` at the first line that fails.
    package func play(_ lines: [TapeLine], outputs: [String] = []) async throws {
        var files = outputs
        var version = settings.castVersion
        for case let command in lines.map(\.command) {
            if case .output(let file) = command { files.append(file) }
            if case .set(.castVersion(let wanted)) = command, !fixed.contains("cast") {
                version = wanted
            }
        }
        recording = TapeRecording(outputs: files, castVersion: version)
        for line in lines {
            do {
                try await perform(line.command)
            } catch {
                let failure = failure(line, String(describing: error))
                await end()
                throw failure
            }
        }
        await end()
        let title = lines.first?.file ?? "accord"
        try recording.write(in: folder, title: title)
    }

    /// Ends the app and what the tape started.
    package func end() async {
        await app?.stop()
        app = nil
        await stage.close()
    }

    // MARK: Showing

    /// The size of the screen.
    package var size: Size { settings.size }

    /// The frame on the screen; `nil` before the app has started.
    package var frame: Frame? { app?.frame }

    /// Whether the person has left the app.
    package var hasQuit: Bool { app?.hasQuit ?? false }

    /// Paints in the terminal, where there is one; what is recorded is the frame at rest.
    package func draw(_ frame: Frame) { terminal?.sink.draw(frame) }

    /// Uses another theme from here on.
    package func useTheme(named name: String) {
        guard let read = themes(name) else { return }
        theme = read
        terminal?.sink.useTheme(named: name)
    }

    private var look: FrameLook {
        let isPlain = !(settings.environment["NO_COLOR"] ?? "").isEmpty
        return FrameLook(theme: theme, depth: isPlain ? .none : .trueColour)
    }

    private func record(after milliseconds: Int64 = 0) {
        recording.advance(milliseconds: milliseconds)
        guard recording.isNeeded, !isHidden, let app, !app.hasQuit else { return }
        recording.add(FrameMask.masked(app.frame), look: look, start: startTime)
    }

    // MARK: Commands

    /// Carries out a command and lets the app come to rest.
    ///
    /// - Throws: `TapeProblem` where something is not as it has to be.
    package func perform(_ command: TapeCommand) async throws {
        switch command {
        case .output: break
        case .require(let program):
            guard PNGPicture.find(program) != nil else {
                throw TapeProblem("\(program) is not installed")
            }
        case .environment(let name, let value): settings.environment[name] = value
        case .set(let setting): try apply(setting)
        case .seed(let seed): settings.seed = seed
        case .node(let node): try await control(node)
        case .clock(let time): try await change(time)
        case .sleep(let milliseconds):
            try await letTimePass(milliseconds)
            record(after: milliseconds)
        case .type(let text, let each):
            // One by one as a terminal sends them, which knows no joined characters.
            for scalar in text.unicodeScalars {
                try await press([.character(Character(scalar))], each)
            }
        case .press(let keys, let count, let each):
            for _ in 0..<count { try await press(keys, each) }
        case .click(let row, let column):
            let point = Point(row: row - 1, column: column - 1)
            try await press([.mouse(MouseEvent(.press, at: point))], nil)
        case .resize(let size):
            settings.size = size
            try await press([.resize(size)], nil)
        case .copy(let text): clipboard = text
        case .paste: try await press([.paste(clipboard)], nil)
        case .hide: isHidden = true
        case .show:
            isHidden = false
            record()
        case .wait(let scope, let pattern, let seconds):
            try await wait(
                scope, try pattern ?? waitPattern ?? TapePattern(">$"),
                seconds: seconds ?? settings.waitSeconds)
        case .expect, .expectNot, .expectRole: try await check(command)
        case .golden(let name):
            try await golden(name)
            recording.mark(name)
        case .screenshot(let file):
            _ = try await running()
            try await settle()
            guard let frame else { throw TapeProblem("the app has ended") }
            try FramePicture.write(
                FrameMask.masked(frame), look: look, title: file,
                to: URL(filePath: file, relativeTo: folder))
        case .kill:
            await app?.stop()
            app = nil
            _ = try await running()
        }
        commandCount += 1
    }

    private func apply(_ setting: TapeSetting) throws {
        switch setting {
        case .columns(let columns): if !fixed.contains("size") { settings.size.columns = columns }
        case .rows(let rows): if !fixed.contains("size") { settings.size.rows = rows }
        case .theme(let name):
            guard !fixed.contains("theme") else { return }
            guard let read = themes(name) else { throw TapeProblem("there is no theme \(name)") }
            settings.theme = name
            theme = read
        case .locale(let tag): if !fixed.contains("locale") { settings.locale = tag }
        case .typingSpeed(let milliseconds): settings.typingMilliseconds = milliseconds
        case .waitTimeout(let seconds): settings.waitSeconds = seconds
        case .waitPattern(let pattern): waitPattern = pattern
        case .castVersion, .ignored: break
        }
    }

    /// The app, started by the first command that needs it.
    func running() async throws -> AppRuntime {
        if let app {
            if !app.hasQuit { return app }
            // The person left; the next command finds them back.
            formerEvents = app.recentMessages
            await app.stop()
        }
        terminal?.sink.useTheme(named: settings.theme)
        let made = try await stage.open(settings, clock: clock, sink: self)
        app = made
        made.start()
        try await settle()
        record()
        return made
    }

    private func press(_ keys: [Key], _ each: Int64?) async throws {
        let app = try await running()
        if let terminal {
            try await terminal.press(keys, into: app)
        } else {
            for key in keys { app.press([key]) }
        }
        stepCount += keys.count
        try await settle()
        record(after: each ?? settings.typingMilliseconds)
        if let terminal, !app.hasQuit { try await terminal.compare(with: app.frame) }
    }

    private func change(_ time: TapeTime) async throws {
        switch time {
        case .at(let time): clock.set(time)
        case .later(let milliseconds):
            clock.set(clock.now.adding(milliseconds: milliseconds))
        }
        try stage.clockChanged(to: clock.now)
        try await letTimePass(0)
        record()
    }

    private func control(_ node: TapeNode) async throws {
        try stage.clockChanged(to: clock.now)
        if let invitation = try await stage.node(node, clock: clock, set: settings) {
            clipboard = invitation
        }
        app?.drain()
    }

    /// Moves the person's clock and tells the app.
    func letTimePass(_ milliseconds: Int64) async throws {
        clock.set(clock.now.adding(milliseconds: milliseconds))
        guard let app else { return }
        app.post(.clockTicked(clock.now))
        try await settle()
    }

    /// Lets what the last command started come to its end.
    func settle() async throws {
        guard let app else { return }
        let deadline = ContinuousClock.now + .seconds(settings.waitSeconds)
        app.drain()
        while !app.isQuiet, !app.hasQuit {
            guard ContinuousClock.now < deadline else {
                // A node that hangs is no fault of the app; what the app does itself has an end.
                guard app.isWorking else { return }
                throw TapeProblem("the app did not finish what it was doing")
            }
            try await Task.sleep(for: .milliseconds(2))
            app.drain()
        }
    }

    private func wait(_ scope: TapeScope, _ pattern: TapePattern, seconds: Double) async throws {
        let app = try await running()
        let deadline = ContinuousClock.now + .seconds(seconds)
        var rest = Int64(seconds * 1_000)
        let step = max(100, rest / 600)
        while !pattern.matches(text(of: scope)) {
            if stage.hasNode {
                guard ContinuousClock.now < deadline else { throw timeout(pattern, seconds) }
                try await Task.sleep(for: .milliseconds(5))
                app.drain()
            } else {
                // Nobody is there who could answer: only time can change anything.
                guard rest > 0 else { throw timeout(pattern, seconds) }
                let pause = min(rest, step)
                rest -= pause
                recording.advance(milliseconds: pause)
                try await letTimePass(pause)
            }
        }
        try await settle()
        stepCount += 1
        record()
        if let terminal { try await terminal.compare(with: app.frame) }
    }

    private func timeout(_ pattern: TapePattern, _ seconds: Double) -> TapeProblem {
        TapeProblem("expected /\(pattern.source)/, and it did not appear within \(seconds) s")
    }

    private func failure(_ line: TapeLine, _ problem: String) -> TapeFailure {
        var text = "\(line.file):\(line.number): \(problem)\n  \(line.text)\n"
        if let frame {
            let edge = String(repeating: "─", count: frame.size.columns)
            text += "┌\(edge)\n"
            for row in frame.rows { text += "│\(row)\n" }
            text += "└\(edge)\n"
        }
        let recent = (formerEvents + (app?.recentMessages ?? [])).suffix(12)
        if !recent.isEmpty { text += "last events: \(recent.joined(separator: " · "))" }
        return TapeFailure(description: text)
    }

    /// Notes that a screen was looked at.
    func countStep() { stepCount += 1 }

    /// Compares with the terminal, where there is one.
    func compareTerminal() async throws {
        if let terminal, let frame { try await terminal.compare(with: frame) }
    }

    /// Where golden files of this tape are.
    func goldenFile(_ name: String) -> URL {
        let size = "\(settings.size.columns)x\(settings.size.rows)"
        return folder.appending(path: "Golden/\(name).\(size).\(settings.locale).txt")
    }
}
