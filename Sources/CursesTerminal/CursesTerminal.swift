import CNcursesw
import Dispatch
import Glibc
package import TerminalCore

/// The terminal the program runs in, drawn by ncurses.
///
/// One per process: ncurses keeps its state in globals and is not thread-safe. ncurses draws only;
/// input is read here and understood by `KeyParser`, which no byte sequence can confuse for long.
@MainActor
package final class CursesTerminal {
    /// Why the program should look at the terminal.
    package enum Wake: Hashable, Sendable {
        /// There may be keys: call `readKeys`.
        case input
        /// The terminal has gone, or a signal asked the program to end: nothing more will come.
        case hungUp
    }

    /// The signal that asked the program to end, if one did.
    static var endedBy: Int32?

    private static var isOpen = false

    /// How the terminal waits: calls a closure whenever a descriptor can be read, until the closure it
    /// returned is called.
    ///
    /// A program that has a loop of its own sets it before it opens the terminal.
    package static var watch:
        @MainActor (Int32, @escaping @MainActor () -> Void) -> @MainActor () -> Void =
            watchByDispatch

    let profile: TerminalProfile
    let depth: ColourDepth
    let screen: OpaquePointer
    let input: Int32
    let output: Int32
    let reader: UnsafeMutablePointer<FILE>
    let tray: OutputTray
    let modes: TerminalModes
    var hasTerminalColours = false
    var styles: StyleTable
    var shown: Frame?
    /// The scalar whose width ncurses was asked for last, and its answer.
    var lastMeasured: (scalar: Unicode.Scalar, cells: Int) = (" ", 1)
    var isClosed = false
    var hasSentOpening = false
    var usesMouse = true

    var parser = KeyParser()
    var received: [UInt8] = []
    var sizeMayDiffer = false
    var hasHungUp = false
    var lastByte: ContinuousClock.Instant?
    var listener: (@MainActor (Wake) -> Void)?
    var whenClosed: (@MainActor () -> Void)?
    var watches: [@MainActor () -> Void] = []
    var timer: (any DispatchSourceTimer)?

    // MARK: Opening

    /// Takes over the terminal that standard input and output are connected to.
    ///
    /// - Throws: `TerminalError`; the terminal is then as it was.
    package static func open(theme: Theme) throws(TerminalError) -> CursesTerminal {
        guard isatty(STDIN_FILENO) == 1, isatty(STDOUT_FILENO) == 1 else {
            throw TerminalError(
                code: .notATerminal,
                description: "could not open terminal: input and output have to be a terminal")
        }
        var environment: [String: String] = [:]
        for name in ["TERM", "COLORTERM", "NO_COLOR"] {
            if let value = getenv(name) { environment[name] = String(cString: value) }
        }
        return try open(
            theme: theme, environment: environment, input: STDIN_FILENO, output: STDOUT_FILENO)
    }

    /// Takes over a terminal, pipe or file by its descriptors, which stay open.
    package static func open(
        theme: Theme, environment: [String: String], input: Int32, output: Int32
    ) throws(TerminalError) -> CursesTerminal {
        guard !isOpen else {
            throw TerminalError(
                code: .busy, description: "could not open terminal: it is in use already")
        }
        let profile = try TerminalProfile(environment: environment)
        useUnicode()
        guard let tray = OutputTray(to: output, savesStyle: profile.knowsStyles),
            let reader = fdopen(dup(input), "r")
        else {
            throw TerminalError(
                code: .notATerminal, description: "could not open terminal: no descriptor left")
        }
        // ncurses leaves alone the signals that have an action already.
        TerminalGuard.install(output)
        SignalPipe.watch(SIGWINCH)
        SignalPipe.watch(SIGTSTP)
        signal(SIGPIPE, SIG_IGN)
        guard let screen = newterm(profile.term, tray.file, reader) else {
            TerminalGuard.remove()
            tray.close()
            fclose(reader)
            throw TerminalError(
                code: .unknown,
                description: "could not open terminal: no description of \"\(profile.term)\"")
        }
        set_term(screen)
        guard capability("cup") != nil else {
            endwin()
            delscreen(screen)
            TerminalGuard.remove()
            tray.close()
            fclose(reader)
            throw TerminalError(
                code: .unusable,
                description: "could not open terminal: \"\(profile.term)\" cannot place text")
        }
        isOpen = true
        return CursesTerminal(
            profile: profile, theme: theme, screen: screen, input: input, output: output,
            reader: reader, tray: tray)
    }

    private init(
        profile: TerminalProfile, theme: Theme, screen: OpaquePointer, input: Int32,
        output: Int32, reader: UnsafeMutablePointer<FILE>, tray: OutputTray
    ) {
        self.profile = profile
        self.screen = screen
        self.input = input
        self.output = output
        self.reader = reader
        self.tray = tray
        modes = TerminalModes(of: input)
        var depth = ColourDepth.none
        if profile.wantsColour, has_colors() {
            start_color()
            hasTerminalColours = use_default_colors() == OK
            depth = profile.depth(colours: Int(cn_colors()))
        }
        self.depth = depth
        styles = StyleTable(
            theme, depth: depth, hasTerminalColours: hasTerminalColours,
            maySwap: tray.canSwapColours)
        tray.use(styles.own)
        setModes()
    }

    private func setModes() {
        // ncurses knows no terminal, only a file: its modes are set here.
        modes.makeRaw()
        nonl()
        typeahead(-1)
        let window = cn_stdscr()
        idlok(window, true)
        leaveok(window, false)
        TerminalGuard.arm(restoringBytes)
        if let size = currentSize(), is_term_resized(Int32(size.rows), Int32(size.columns)) {
            resizeterm(Int32(size.rows), Int32(size.columns))
        }
    }

    /// The locale of the environment, or `C.UTF-8` where that is not a Unicode one.
    private static func useUnicode() {
        setlocale(LC_ALL, "")
        if cn_is_utf8() == 0 { setlocale(LC_CTYPE, "C.UTF-8") }
    }

    private static func capability(_ name: String) -> String? {
        // ncurses answers -1 as a pointer for a name that is no text capability.
        guard let text = name.withCString({ tigetstr($0) }), Int(bitPattern: text) != -1 else {
            return nil
        }
        return String(cString: text)
    }

    /// What undoes everything sent, delays of the description left out.
    var restoringBytes: [UInt8] {
        let names = ["sgr0", "op", "rmkx", "cnorm", "rmcup"]
        let ends = names.compactMap(Self.capability).joined()
        var bytes: [UInt8] = []
        var isDelay = false
        for byte in (profile.closingBytes + ends).utf8 {
            if byte == UInt8(ascii: "$") { isDelay = true }
            if !isDelay { bytes.append(byte) }
            if isDelay, byte == UInt8(ascii: ">") { isDelay = false }
        }
        return bytes + Array("\r\n".utf8)
    }

    // MARK: Closing

    /// Gives the terminal back; drawing after this does nothing.
    ///
    /// Calling it again is harmless.
    package func close() {
        guard !isClosed else { return }
        isClosed = true
        timer?.cancel()
        watches.forEach { $0() }
        watches = []
        listener = nil
        whenClosed?()
        giveBack()
        TerminalGuard.remove()
        SignalPipe.release(SIGWINCH)
        SignalPipe.release(SIGTSTP)
        delscreen(screen)
        fclose(reader)
        tray.close()
        Self.isOpen = false
    }

    private func giveBack() {
        endwin()
        tray.finish(first: profile.closingBytes)
        modes.restore()
    }

    /// From here on SIGTERM and SIGHUP end the events, so that the program can close what it has open.
    ///
    /// When it has, it calls `endBySignal`; a second later it is ended wherever it is.
    package func endsInGoodOrder() { TerminalGuard.letEnd(SignalPipe.entry()) }

    /// Ends the process by the signal that asked for it; returns if none did.
    package static func endBySignal() {
        if let endedBy { SignalPipe.takeEffect(endedBy) }
    }

    /// Gives the terminal back, stops the process until it is continued, and takes it over again.
    ///
    /// The system does not stop a process that nobody could continue: it goes on at once then.
    package func suspend() {
        guard !isClosed else { return }
        giveBack()
        SignalPipe.takeEffect(SIGTSTP)
        SignalPipe.watch(SIGTSTP)
        modes.makeRaw()
        hasSentOpening = false
        sizeMayDiffer = true
        redraw()
        // Whoever listens may be what asked for this.
        DispatchQueue.main.async { [weak self] in
            MainActor.assumeIsolated { self?.listener?(.input) }
        }
    }
}
