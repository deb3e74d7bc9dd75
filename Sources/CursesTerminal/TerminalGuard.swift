import CNcursesw

/// Gives the terminal back however the process ends: `exit`, a signal, a crash.
///
/// The only file that calls the `cn_guard` functions, whose state is one copy per object file: so
/// nothing here may be inlined into another.
@MainActor
enum TerminalGuard {
    /// Remembers the terminal's modes; call before ncurses changes them.
    @inline(never)
    static func install(_ descriptor: Int32) { cn_guard_install(descriptor) }

    /// Sets the bytes that undo what was sent to the terminal.
    @inline(never)
    static func arm(_ bytes: [UInt8]) {
        let isTaken = bytes.withUnsafeBytes { buffer in
            cn_guard_arm(buffer.baseAddress?.assumingMemoryBound(to: CChar.self), buffer.count) == 0
        }
        precondition(isTaken, "terminal description has an absurdly long way to end")
    }

    /// Has SIGTERM and SIGHUP written to a descriptor, for the program to end in good order.
    ///
    /// One that does not end within a second is ended by the signal all the same.
    @inline(never)
    static func letEnd(_ descriptor: Int32) { cn_guard_let_end(descriptor) }

    /// Ends the watch; call after the terminal has been given back.
    @inline(never)
    static func remove() { cn_guard_remove() }
}
