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
    private static var endedBy: Int32?

    private static var isOpen = false

    private let profile: TerminalProfile
    private let depth: ColourDepth
    private let screen: OpaquePointer
    private let input: Int32
    private let output: Int32
    private let reader: UnsafeMutablePointer<FILE>
    private let tray: OutputTray
    private let modes: TerminalModes
    private var hasTerminalColours = false
    private var styles: StyleTable
    private var shown: Frame?
    private var isClosed = false
    private var hasSentOpening = false
    private var usesMouse = true

    private var parser = KeyParser()
    private var received: [UInt8] = []
    private var sizeMayDiffer = false
    private var hasHungUp = false
    private var lastByte: ContinuousClock.Instant?
    private var listener: (@MainActor (Wake) -> Void)?
    private var whenClosed: (@MainActor () -> Void)?
    private var sources: [any DispatchSourceProtocol] = []
    private var timer: (any DispatchSourceTimer)?

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
        styles = StyleTable(theme, depth: depth, hasTerminalColours: hasTerminalColours)
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
    private var restoringBytes: [UInt8] {
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
        sources.forEach { $0.cancel() }
        sources = []
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

    // MARK: Drawing

    /// The terminal's size now, at least 1 by 1.
    package var size: Size {
        Size(columns: Int(getmaxx(cn_stdscr())), rows: Int(getmaxy(cn_stdscr())))
    }

    /// Changes the theme; the frame on the screen is drawn again.
    package func setTheme(_ theme: Theme) {
        guard !isClosed else { return }
        styles = StyleTable(theme, depth: depth, hasTerminalColours: hasTerminalColours)
        redraw()
    }

    /// Puts a text into the clipboard of the terminal, where it takes one.
    ///
    /// - Parameter base64: The text's bytes as Base64.
    package func copy(base64: String) {
        guard !isClosed else { return }
        tray.send(more: profile.copyBytes(base64), synchronized: false)
    }

    /// Listens to the mouse, or leaves it to the terminal, which selects text with it then.
    package func useMouse(_ isUsed: Bool) {
        usesMouse = isUsed
        guard !isClosed, hasSentOpening else { return }
        tray.send(more: profile.mouseBytes(isUsed), synchronized: false)
    }

    private func redraw() {
        guard let frame = shown else { return }
        shown = nil
        clearok(cn_curscr(), true)
        draw(frame)
    }

    /// Shows a frame: sends what differs from the last one, in one go, and places the cursor.
    ///
    /// A frame larger than the terminal is cut off; of a smaller one the rest is left as it was.
    package func draw(_ frame: Frame) {
        guard !isClosed, let window = cn_stdscr() else { return }
        let rows = min(frame.size.rows, size.rows)
        let linked = drawLinks(of: frame, in: window)
        for row in 0..<rows { draw(row: row, of: frame, isWhole: linked.contains(row), in: window) }
        let cursor = frame.cursor.flatMap { frame.bounds.contains($0) ? $0 : nil }
        if let cursor, cursor.row < size.rows, cursor.column < size.columns {
            curs_set(1)
            wmove(window, Int32(cursor.row), Int32(cursor.column))
        } else {
            curs_set(0)
        }
        update(window)
        // After the first frame: nothing is asked of the terminal before it shows something.
        let mouse = usesMouse ? "" : profile.mouseBytes(false)
        let more = hasSentOpening ? "" : profile.openingBytes + mouse
        hasSentOpening = true
        tray.send(more: more, synchronized: parser.knowsSynchronizedOutput)
        shown = frame
        shown?.semantics = nil
    }

    /// Draws what became a link by itself, so that nothing but its text stands between its marks.
    ///
    /// ncurses knows no links and sends no cell again that stays the same: what is or was a link is
    /// blanked first.
    ///
    /// - Returns: The rows it touched, which have to be given to ncurses whole.
    private func drawLinks(
        of frame: Frame, in window: UnsafeMutablePointer<WINDOW>
    ) -> Set<Int> {
        guard profile.isXtermLike else { return [] }
        let former = shown?.size == frame.size ? shown?.links ?? [] : []
        guard former != frame.links else { return [] }
        let isSeen: (Frame.Link) -> Bool = { [size] in
            $0.row < size.rows && $0.columns.upperBound <= size.columns
        }
        let gone = former.filter { !frame.links.contains($0) && isSeen($0) }
        let fresh = frame.links.filter { !former.contains($0) && isSeen($0) }
        for link in gone + fresh {
            let blanks = [cchar_t](
                repeating: Self.cell(" ", styles[.text]), count: link.columns.count)
            mvwadd_wchnstr(
                window, Int32(link.row), Int32(link.columns.lowerBound), blanks,
                Int32(blanks.count))
        }
        update(window)
        tray.hold()
        for link in fresh {
            var cells: [cchar_t] = []
            for column in link.columns {
                append(link.row, column, of: frame, width: 1, fits: true, to: &cells)
            }
            mvwadd_wchnstr(
                window, Int32(link.row), Int32(link.columns.lowerBound), cells,
                Int32(cells.count))
            update(window)
            let marks = profile.linkBytes(link.address)
            tray.hold(before: marks.before, after: marks.after)
        }
        return Set((gone + fresh).map(\.row))
    }

    private func update(_ window: UnsafeMutablePointer<WINDOW>) {
        wnoutrefresh(window)
        doupdate()
    }

    /// Gives one row's changed stretch to ncurses, or all of it.
    private func draw(
        row: Int, of frame: Frame, isWhole: Bool, in window: UnsafeMutablePointer<WINDOW>
    ) {
        let columns = min(frame.size.columns, size.columns)
        let changed =
            isWhole ? 0..<columns : changedColumns(row, of: frame, columns: columns)
        guard var stretch = changed, !stretch.isEmpty else { return }
        if stretch.lowerBound > 0, frame.isRightHalf(row: row, column: stretch.lowerBound) {
            stretch = (stretch.lowerBound - 1)..<stretch.upperBound
        }
        while stretch.upperBound < columns, frame.isRightHalf(row: row, column: stretch.upperBound)
        {
            stretch = stretch.lowerBound..<(stretch.upperBound + 1)
        }
        var cells: [cchar_t] = []
        cells.reserveCapacity(stretch.count)
        for column in stretch where !frame.isRightHalf(row: row, column: column) {
            let next = column + 1
            let isWide = next < frame.size.columns && frame.isRightHalf(row: row, column: next)
            append(
                row, column, of: frame, width: isWide ? 2 : 1, fits: next < columns, to: &cells)
        }
        mvwadd_wchnstr(
            window, Int32(row), Int32(stretch.lowerBound), cells, Int32(cells.count))
    }

    private func changedColumns(_ row: Int, of frame: Frame, columns: Int) -> Range<Int>? {
        guard let shown, shown.size == frame.size else { return columns > 0 ? 0..<columns : nil }
        return frame.changedColumns(row, from: shown, columns: columns)
    }

    /// Adds what ncurses needs for one glyph, in the number of cells the frame gives it.
    private func append(
        _ row: Int, _ column: Int, of frame: Frame, width: Int, fits: Bool,
        to cells: inout [cchar_t]
    ) {
        if let (scalar, role) = frame.lone(row: row, column: column), width == 1 || fits,
            isDrawable(scalar, width: width)
        {
            return cells.append(Self.cell(scalar, styles[role]))
        }
        let cell = frame[row, column]
        let style = styles[cell.role]
        if width == 2, !fits {
            cells.append(Self.cell(" ", style))
        } else if isDrawable(cell.text, width: width) {
            cells.append(Self.cell(cell.text, style))
        } else {
            for character in Substitute.ascii(for: cell.text, cells: width) {
                cells.append(Self.cell(String(character), style))
            }
        }
    }

    /// Whether the terminal shows this, and ncurses counts the cells that the frame does.
    private func isDrawable(_ text: String, width: Int) -> Bool {
        let scalars = text.unicodeScalars
        if let scalar = scalars.first, scalars.count == 1 {
            return isDrawable(scalar, width: width)
        }
        if profile.isASCII { return false }
        var total: Int32 = 0
        for (index, scalar) in scalars.enumerated() {
            let cells = wcwidth(wchar_t(bitPattern: scalar.value))
            if cells < 0 || (index > 0 && cells > 0) { return false }
            total += cells
        }
        return Int(total) == width
    }

    private func isDrawable(_ scalar: Unicode.Scalar, width: Int) -> Bool {
        if scalar.isASCII { return width == 1 }
        return !profile.isASCII
            && Int(wcwidth(wchar_t(bitPattern: scalar.value))) == width
    }

    private static func cell(
        _ scalar: Unicode.Scalar, _ style: StyleTable.Entry
    ) -> cchar_t {
        var cell = cchar_t()
        cn_setcchar_one(
            &cell, wchar_t(bitPattern: scalar.value), style.attributes, style.pair)
        return cell
    }

    private static func cell(_ text: String, _ style: StyleTable.Entry) -> cchar_t {
        var cell = cchar_t()
        var wide = text.unicodeScalars.prefix(Int(CCHARW_MAX)).map {
            wchar_t(bitPattern: $0.value)
        }
        wide.append(0)
        cn_setcchar(&cell, wide, style.attributes, style.pair)
        return cell
    }

    // MARK: Input

    /// Starts waiting for keys, for a new size and for the end of the terminal.
    ///
    /// Call once. A wake-up says that `readKeys` may have something; several become one. Nothing runs while
    /// nothing happens.
    package func events() -> AsyncStream<Wake> {
        let (stream, continuation) = AsyncStream.makeStream(
            of: Wake.self, bufferingPolicy: .bufferingNewest(4))
        listen { continuation.yield($0) }
        whenClosed = { continuation.finish() }
        return stream
    }

    /// Starts waiting as `events` does; `listener` is called where the wake-up happens.
    ///
    /// A key is shown sooner this way: between it and its frame no other thread is woken.
    package func listen(_ listener: @escaping @MainActor (Wake) -> Void) {
        self.listener = listener
        let source = DispatchSource.makeReadSource(fileDescriptor: input, queue: .main)
        source.setEventHandler { [weak self] in
            MainActor.assumeIsolated { self?.inputArrived() }
        }
        source.activate()
        sources.append(source)
        watchSignals()
    }

    private func watchSignals() {
        SignalPipe.watch(SIGTSTP)
        let descriptor = SignalPipe.watch(SIGWINCH)
        guard descriptor >= 0 else { return }
        let source = DispatchSource.makeReadSource(fileDescriptor: descriptor, queue: .main)
        source.setEventHandler { [weak self] in
            MainActor.assumeIsolated { self?.signalsArrived(SignalPipe.take(from: descriptor)) }
        }
        source.activate()
        sources.append(source)
    }

    private func signalsArrived(_ numbers: Set<Int32>) {
        if let number = [SIGTERM, SIGHUP].first(where: numbers.contains) {
            Self.endedBy = number
            listener?(.hungUp)
        }
        if numbers.contains(SIGTSTP) { suspend() }
        if numbers.contains(SIGWINCH) {
            sizeMayDiffer = true
            listener?(.input)
        }
    }

    /// Takes the bytes at once: a source fires again and again until they are taken.
    private func inputArrived() {
        drain()
        if hasHungUp { sources.first?.cancel() }
        listener?(hasHungUp ? .hungUp : .input)
    }

    /// Takes everything that has arrived, without waiting, and returns it as keys in order.
    ///
    /// A new size comes first, as `Key.resize`. A lone ESC is returned 25 ms after it came.
    package func readKeys() -> [Key] {
        guard !isClosed else { return [] }
        var keys: [Key] = []
        if let size = resized() { keys.append(.resize(size)) }
        drain()
        if !received.isEmpty {
            keys += parser.parse(received)
            received = []
            lastByte = .now
        } else if let patience, let lastByte, lastByte.duration(to: .now) >= patience {
            keys += parser.flush()
        }
        scheduleFlush()
        return keys
    }

    private static let readLimitBytes = 262_144

    private func drain() {
        var buffer = [UInt8](repeating: 0, count: 4_096)
        while received.count < Self.readLimitBytes, !hasHungUp {
            var ready = pollfd(fd: input, events: Int16(POLLIN), revents: 0)
            guard poll(&ready, 1, 0) > 0 else { return }
            let count = read(input, &buffer, buffer.count)
            if count > 0 {
                received += buffer[..<count]
            } else if count == 0 || (errno != EINTR && errno != EAGAIN) {
                hasHungUp = true
            }
        }
    }

    /// How long what the parser holds back may stay unfinished.
    private var patience: Duration? {
        switch parser.waiting {
        case .sequence: .milliseconds(25)
        case .paste: .seconds(1)
        case nil: nil
        }
    }

    private func scheduleFlush() {
        timer?.cancel()
        timer = nil
        guard let patience, listener != nil else { return }
        let timer = DispatchSource.makeTimerSource(queue: .main)
        let isPaste = patience == .seconds(1)
        timer.schedule(deadline: .now() + .milliseconds(isPaste ? 1_000 : 25))
        timer.setEventHandler { [weak self] in
            MainActor.assumeIsolated { self?.listener?(.input) }
        }
        timer.activate()
        self.timer = timer
    }

    /// Adopts a changed size; returns it, or `nil` if it is the same.
    private func resized() -> Size? {
        guard sizeMayDiffer else { return nil }
        sizeMayDiffer = false
        guard let now = currentSize(), now != size else { return nil }
        resizeterm(Int32(now.rows), Int32(now.columns))
        werase(cn_stdscr())
        clearok(cn_curscr(), true)
        shown = nil
        return size
    }

    private func currentSize() -> Size? {
        var rows: Int32 = 0
        var columns: Int32 = 0
        guard cn_winsize(output, &rows, &columns) == 0, rows > 0, columns > 0 else { return nil }
        return Size(columns: Int(columns), rows: Int(rows))
    }
}
