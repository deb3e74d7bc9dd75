import ClientRuntime
import Dispatch
import Foundation
import Screens
import Synchronization
import TerminalCore

/// A line on a terminal that tells how far something is; nothing where there is none.
final class WorkLine: Sendable {
    private let output: Output
    private let meter: WorkMeter
    private let isShown: Bool

    init(_ output: Output) {
        self.output = output
        let isShown = isatty(STDERR_FILENO) == 1 && !output.isJSON
        self.isShown = isShown
        let report = Mutex(WorkReport(output.words))
        let columns = output.columns ?? 80
        meter = WorkMeter { progress in
            guard isShown else { return }
            let text = TextWidth.standard.truncate(
                report.withLock { $0.line(progress) }, cells: columns - 1)
            Output.write("\r\(text.string)\u{1b}[K", to: STDERR_FILENO)
        }
    }

    /// Shows where something is, a few times a second.
    func show(_ progress: @autoclosure () -> WorkProgress) { _ = meter.report(progress) }

    /// Does work that tells how far it is and asks whether it goes on.
    ///
    /// Ctrl-C ends it with `CancellationError`; then `stopped` says what that means, and the program
    /// ends as the signal would have ended it.
    static func during<Value>(
        _ work: WorkProgress.Subject, in unit: WorkProgress.Unit, _ output: Output,
        body: (_ goesOn: (_ done: Int64, _ total: Int64) -> Bool) throws -> Value,
        stopped: () -> Void = {}
    ) throws -> Value {
        let line = WorkLine(output)
        let interrupt = Interrupt()
        do {
            defer { line.clear() }
            return try body { done, total in
                line.show(WorkProgress(work, done: done, total: total, unit: unit))
                return !interrupt.hasCome
            }
        } catch is CancellationError {
            stopped()
            interrupt.endLikeIt()
        }
    }

    /// Takes the line away.
    func clear() {
        if isShown { Output.write("\r\u{1b}[K", to: STDERR_FILENO) }
    }
}

/// Notes that the person pressed Ctrl-C, so that what is half done can be undone first.
///
/// A second one ends the program at once.
final class Interrupt {
    private final class Flag: Sendable {
        let isSet = Mutex(false)
    }

    private let source: any DispatchSourceSignal
    private let flag = Flag()

    init() {
        source = DispatchSource.makeSignalSource(
            signal: SIGINT, queue: DispatchQueue(label: "accord.interrupt"))
        source.setEventHandler { [flag] in
            let isSecond = flag.isSet.withLock { isSet in
                defer { isSet = true }
                return isSet
            }
            if isSecond { _exit(130) }
        }
        signal(SIGINT, SIG_IGN)
        source.resume()
    }

    /// Whether it was pressed.
    var hasCome: Bool { flag.isSet.withLock { $0 } }

    /// Ends the program as the signal would have: whoever waits for it can tell.
    func endLikeIt() -> Never {
        source.cancel()
        signal(SIGINT, SIG_DFL)
        // Whoever listens to a signal blocks it.
        var blocked = sigset_t()
        sigemptyset(&blocked)
        sigaddset(&blocked, SIGINT)
        pthread_sigmask(SIG_UNBLOCK, &blocked, nil)
        raise(SIGINT)
        exit(130)
    }
}
