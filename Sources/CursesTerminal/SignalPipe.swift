import CNcursesw
import Glibc

/// Signals as bytes to read, which works whichever thread a signal is delivered to.
///
/// The only file that calls the `cn_signal` functions, whose state is one copy per object file: so
/// nothing here may be inlined into another.
@MainActor
enum SignalPipe {
    /// Catches a signal from here on; returns the descriptor to read from, or -1.
    @inline(never)
    @discardableResult
    static func watch(_ number: Int32) -> Int32 { cn_signal_watch(number) }

    /// Where numbers of signals can be written that are to be read with the others.
    @inline(never)
    static func entry() -> Int32 { cn_signal_entry() }

    /// Gives a signal back its usual effect.
    static func release(_ number: Int32) { signal(number, SIG_DFL) }

    /// Has a signal take its usual effect before this returns.
    ///
    /// Sent to the process, it could arrive on another thread and later; sent to this one, it waits
    /// for ever, because a thread of Dispatch holds back every signal.
    static func takeEffect(_ number: Int32) {
        release(number)
        var only = sigset_t()
        var before = sigset_t()
        sigemptyset(&only)
        sigaddset(&only, number)
        pthread_sigmask(SIG_UNBLOCK, &only, &before)
        raise(number)
        pthread_sigmask(SIG_SETMASK, &before, nil)
    }

    /// Returns the signals that came since the last call, each once.
    static func take(from descriptor: Int32) -> Set<Int32> {
        var buffer = [UInt8](repeating: 0, count: 256)
        var numbers: Set<Int32> = []
        while true {
            let count = read(descriptor, &buffer, buffer.count)
            guard count > 0 else { return numbers }
            numbers.formUnion(buffer[..<count].map { Int32($0) })
        }
    }
}
