import ClientRuntime
import Dispatch
import Foundation
import Glibc
import LedgerCore
import Screens
import TerminalCore

/// The app line by line, on standard input and output.
@MainActor
enum PlainApp {
    /// Runs the app until the lines end; `isChosen` is false where the terminal leaves no choice.
    static func run(
        _ session: MemberSession, _ demo: DemoHolder, look: Look, isChosen: Bool
    ) async {
        var configuration = look.configuration(of: session)
        configuration.preferences.reducesMotion = true
        session.show(configuration.preferences)
        let settings = Settings(
            stage: session.stage, configuration: configuration, themes: Installed.themes,
            memberName: session.profile.name, node: session.profile.node ?? "",
            size: Size(columns: 80, rows: 24), now: session.clock.now,
            utcOffsetMinutes: Surroundings.utcOffsetMinutes, canLock: session.canLock)
        let words = Words(configuration.preferences.language, now: session.clock.now)
        let runner = PlainRunner(
            settings: settings, session: session, waitsForWork: isatty(STDIN_FILENO) != 1
        ) { line in
            // A terminal would break long lines in the middle of words.
            let lines =
                Output.terminalColumns().map { settings.textWidth.wrap(line, cells: $0) } ?? [line]
            Output.write(lines.map { $0.string + "\n" }.joined(), to: STDOUT_FILENO)
        }
        demo.resume(session)
        let echo = Echo()
        let greeting = isChosen ? [words(.plainHello)] : [words(.plainDumb), words(.plainHello)]
        await runner.run(lines: lines(), greeting: greeting) {
            echo.set(!runner.hidesInput)
        }
        echo.set(true)
    }

    /// The lines of standard input, read away from the main actor.
    private static func lines() -> AsyncStream<String> {
        AsyncStream { continuation in
            Thread.detachNewThread {
                while let line = readLine() { continuation.yield(line) }
                continuation.finish()
            }
        }
    }
}

/// Whether the terminal shows what is typed.
@MainActor
private final class Echo {
    private var isOn = true

    func set(_ shouldShow: Bool) {
        guard shouldShow != isOn, isatty(STDIN_FILENO) == 1 else { return }
        var modes = termios()
        guard tcgetattr(STDIN_FILENO, &modes) == 0 else { return }
        if shouldShow {
            modes.c_lflag |= tcflag_t(ECHO)
        } else {
            modes.c_lflag &= ~tcflag_t(ECHO)
        }
        if tcsetattr(STDIN_FILENO, TCSANOW, &modes) == 0 { isOn = shouldShow }
    }
}
