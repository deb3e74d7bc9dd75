import ClientRuntime
import CursesTerminal
import Foundation
import LedgerCore
import Screens
import TerminalCore

/// The app in a terminal.
enum App {
    /// Opens the app and runs it until the person leaves.
    ///
    /// `startsDemo` has who joined nothing start the private node and join it; `isPlain` speaks in
    /// lines.
    @MainActor
    static func open(look: Look, startsDemo: Bool, isPlain: Bool = false) async throws {
        let folders = HomeFolders(environment: Surroundings.environment)
        let clock = RuntimeClock()
        let demo = DemoHolder(folders: folders, clock: clock)
        let session = try MemberSession(
            folders: folders, clock: clock, random: RandomSource(),
            wiring: .http(
                clock: clock, demo: { try await demo.start() }, keyring: LoginKeyring()))
        do {
            if isPlain || isDumb {
                if startsDemo { try await startDemo(session, look: look) }
                await PlainApp.run(session, demo, look: look, isChosen: isPlain)
            } else {
                try await run(session, demo, look: look, startsDemo: startsDemo)
            }
        } catch {
            await demo.stop()
            throw error
        }
        await demo.stop()
    }

    /// Whether this is a terminal that cannot place text.
    private static var isDumb: Bool {
        let term = Surroundings.environment["TERM"] ?? ""
        return ["", "dumb", "unknown"].contains(term) && isatty(STDIN_FILENO) == 1
            && isatty(STDOUT_FILENO) == 1
    }

    private static func startDemo(_ session: MemberSession, look: Look) async throws {
        guard session.stage == .welcome else { return }
        let language = look.configuration(of: session).preferences.language
        let words = Words(language, now: session.clock.now)
        Output.write(words(.startingNode).string + "\n", to: STDOUT_FILENO)
        let outcome = await session.perform(.startDemo)
        if case .failed(let trouble) = outcome {
            throw CommandFailure(.notReachable, words(trouble))
        }
    }

    @MainActor
    private static func run(
        _ session: MemberSession, _ demo: DemoHolder, look: Look, startsDemo: Bool
    ) async throws {
        guard isatty(STDIN_FILENO) == 1, isatty(STDOUT_FILENO) == 1 else {
            throw CommandFailure(
                .wrongUse,
                "the app needs a terminal for input and output; with pipes use  accord --plain",
                "应用需要终端作为输入和输出；使用管道时请运行  accord --plain")
        }
        let configuration = look.configuration(of: session)
        let terminal = try openTerminal(theme: configuration.preferences.theme)
        terminal.endsInGoodOrder()
        let sink = TerminalSink(terminal)
        var settings = Settings(
            stage: session.stage, configuration: configuration, themes: Installed.themes,
            memberName: session.profile.name, node: session.profile.node ?? "",
            size: terminal.size, now: session.clock.now,
            utcOffsetMinutes: Surroundings.utcOffsetMinutes,
            canLock: session.canLock)
        settings.offersTour = true
        settings.startsDemo = startsDemo
        let app = AppRuntime(settings: settings, session: session, sink: sink)
        // Who opens the app reads first: what the node has to say comes when that is on the screen.
        app.start(rest: .milliseconds(100))
        // A private node that was used before comes back by itself, after the first frame.
        demo.resume(session)
        let (keys, end) = AsyncStream.makeStream(of: [Key].self)
        terminal.listen { wake in
            guard wake != .hungUp else { return end.finish() }
            let keys = terminal.readKeys()
            if !keys.isEmpty { app.press(keys) }
        }
        await app.run(keys: keys)
        terminal.close()
        await app.stop()
    }

    /// Takes the terminal over, or says in the person's language why that cannot be.
    @MainActor
    static func openTerminal(theme: String) throws -> CursesTerminal {
        let colours: Theme
        do {
            colours = try ThemeFile.load(theme, in: Installed.themeFolders)
        } catch {
            let words = Words(Spoken.language, now: RuntimeClock().now)
            throw CommandFailure(.wrongUse, error.text(words))
        }
        do {
            return try CursesTerminal.open(theme: colours)
        } catch {
            let term = Surroundings.environment["TERM"] ?? ""
            let chinese: SafeText =
                switch error.code {
                case .notATerminal: "无法打开终端：输入和输出须为终端"
                case .unusable: "无法打开终端：TERM 为“\(term)”，无法定位文字；请使用  accord --plain"
                case .unknown: "无法打开终端：系统中没有“\(term)”的描述"
                case .busy: "无法打开终端：已在使用中"
                }
            throw CommandFailure(.wrongUse, "\(error.description)", chinese)
        }
    }

    @MainActor
    static func keys(of terminal: CursesTerminal) -> AsyncStream<[Key]> {
        let wakes = terminal.events()
        return AsyncStream { continuation in
            let task = Task { @MainActor in
                for await wake in wakes {
                    if wake == .hungUp { break }
                    let keys = terminal.readKeys()
                    if !keys.isEmpty { continuation.yield(keys) }
                }
                continuation.finish()
            }
            continuation.onTermination = { _ in task.cancel() }
        }
    }
}

/// A terminal as a place for frames.
@MainActor
final class TerminalSink: FrameSink {
    private let terminal: CursesTerminal

    init(_ terminal: CursesTerminal) { self.terminal = terminal }

    var size: Size { terminal.size }

    func draw(_ frame: Frame) { terminal.draw(frame) }

    func useTheme(named name: String) {
        guard let theme = Installed.theme(name) else { return }
        terminal.setTheme(theme)
    }

    func copy(_ text: String) {
        terminal.copy(base64: Data(text.utf8).base64EncodedString())
    }

    func useMouse(_ isUsed: Bool) { terminal.useMouse(isUsed) }

    func suspend() { terminal.suspend() }
}
