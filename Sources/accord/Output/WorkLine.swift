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
    /// Ctrl-C, or a signal that asks the program to end, ends it with `CancellationError`; then
    /// `stopped` says what that means, and the program ends as the signal would have ended it.
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
/// Ctrl-C or SIGTERM after that ends the program at once.
final class Interrupt {
    private final class Flag: Sendable {
        /// The signal that came.
        let number = Mutex<Int32?>(nil)
    }

    /// What is listened to, and what was done at it before.
    private var sources: [(number: Int32, source: any DispatchSourceSignal, before: sigaction)] = []
    private let flag = Flag()

    init() {
        let queue = DispatchQueue(label: "accord.interrupt")
        for number in [SIGINT, SIGHUP, SIGTERM] {
            var before = sigaction()
            sigaction(number, nil, &before)
            // Under nohup the program outlives its terminal; Ctrl-C is not meant for one that a
            // script runs beside itself.
            guard !Interrupt.isIgnored(before) else { continue }
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
            source.setEventHandler { [flag] in
                let isSecond = flag.number.withLock { known in
                    defer { known = known ?? number }
                    return known != nil
                }
                // A terminal that is closed says so more than once.
                if isSecond, number != SIGHUP { _exit(128 + number) }
            }
            source.resume()
            sources.append((number, source, before))
        }
    }

    deinit { giveBack() }

    private static func isIgnored(_ action: sigaction) -> Bool {
        unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self)
            == unsafeBitCast(SIG_IGN, to: Int.self)
    }

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
        for (number, source, former) in sources {
            var before = former
            source.cancel()
            sigaction(number, &before, nil)
            sigaddset(&blocked, number)
        }
        // Whoever listens to a signal blocks it.
        pthread_sigmask(SIG_UNBLOCK, &blocked, nil)
        sources = []
    }
}
