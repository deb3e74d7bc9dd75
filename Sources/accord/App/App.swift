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
    /// `startsDemo` starts the private node and joins it first.
    @MainActor
    static func open(look: LookOptions, startsDemo: Bool) async throws {
        let folders = HomeFolders(environment: ProcessInfo.processInfo.environment)
        let clock = RuntimeClock()
        let demo = DemoHolder(folders: folders, clock: clock)
        let session = try MemberSession(
            folders: folders, clock: clock, random: RandomSource(),
            wiring: .http(clock: clock, demo: { try await demo.start() }))
        do {
            try await run(session, demo, look: look, startsDemo: startsDemo)
        } catch {
            await demo.stop()
            throw error
        }
        await demo.stop()
    }

    @MainActor
    private static func run(
        _ session: MemberSession, _ demo: DemoHolder, look: LookOptions, startsDemo: Bool
    ) async throws {
        if startsDemo, session.stage == .welcome {
            print("Starting a private node on this machine …")
            let outcome = await session.perform(.startDemo)
            if case .failed(let trouble) = outcome {
                let words = Words(look.language(session.profile), now: session.clock.now)
                throw CommandFailure(.notReachable, words(trouble))
            }
        }
        let name = look.themeName(session.profile)
        let terminal = try CursesTerminal.open(
            theme: try ThemeFile.load(name, in: Installed.themeFolders))
        let sink = TerminalSink(terminal)
        let language = look.language(session.profile)
        let app = AppRuntime(
            settings: Settings(
                stage: session.stage, language: language, theme: name, themes: Installed.themes,
                memberName: session.profile.name, node: session.profile.node ?? "",
                size: terminal.size, now: session.clock.now,
                utcOffsetMinutes: TimeZone.current.secondsFromGMT() / 60),
            session: session, sink: sink)
        app.start()
        // A private node that was used before comes back by itself, after the first frame.
        if demo.exists, session.profile.node == nil || demo.isNode(session.profile.node) {
            demo.resume(session)
        }
        await app.run(keys: keys(of: terminal))
        terminal.close()
        await app.stop()
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
}
