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
    /// Ctrl-C, or another wish that it ends, ends it with `CancellationError`; then `stopped` says what that means, and the program
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

/// Notes that the person pressed Ctrl-C, or that the program is to end, so that what is half done
/// can be undone first.
///
/// Ctrl-C after that ends the program at once.
final class Interrupt {
    private final class Flag: Sendable {
        /// The signal that came.
        let number = Mutex<Int32?>(nil)
    }

    private var sources: [(number: Int32, source: any DispatchSourceSignal)] = []
    private let flag = Flag()

    init() {
        let queue = DispatchQueue(label: "accord.interrupt")
        for number in [SIGINT, SIGHUP, SIGTERM] {
            let before = signal(number, SIG_IGN)
            // Under nohup the program outlives its terminal.
            if number == SIGHUP, unsafeBitCast(before, to: Int.self) == Interrupt.ignored {
                continue
            }
            let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
            source.setEventHandler { [flag] in
                let isSecond = flag.number.withLock { known in
                    defer { known = known ?? number }
                    return known != nil
                }
                if isSecond, number == SIGINT { _exit(130) }
            }
            source.resume()
            sources.append((number, source))
        }
    }

    deinit { giveBack() }

    private static let ignored = unsafeBitCast(SIG_IGN, to: Int.self)

    /// Whether one came.
    var hasCome: Bool { flag.number.withLock { $0 != nil } }

    /// Ends the program as the signal would have: whoever waits for it can tell.
    func endLikeIt() -> Never {
        let number = flag.number.withLock { $0 } ?? SIGINT
        giveBack()
        raise(number)
        exit(128 + number)
    }

    /// Lets the signals do again what they do.
    private func giveBack() {
        var blocked = sigset_t()
        sigemptyset(&blocked)
        for (number, source) in sources {
            source.cancel()
            signal(number, SIG_DFL)
            sigaddset(&blocked, number)
        }
        // Whoever listens to a signal blocks it.
        pthread_sigmask(SIG_UNBLOCK, &blocked, nil)
        sources = []
    }
}
