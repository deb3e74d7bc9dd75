import CNcursesw
import Dispatch
import Glibc
package import TerminalCore

// What comes from the person and the system.
extension CursesTerminal {
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

    /// Starts waiting as `events` does; `listener` is called where the wake-up happens, so that a key is
    /// shown sooner.
    package func listen(_ listener: @escaping @MainActor (Wake) -> Void) {
        self.listener = listener
        watches.append(Self.watch(input) { [weak self] in self?.inputArrived() })
        watchSignals()
    }

    static func watchByDispatch(_ descriptor: Int32, _ ready: @escaping @MainActor () -> Void)
        -> @MainActor () -> Void
    {
        let source = DispatchSource.makeReadSource(fileDescriptor: descriptor, queue: .main)
        source.setEventHandler { MainActor.assumeIsolated { ready() } }
        source.activate()
        return { source.cancel() }
    }

    private func watchSignals() {
        SignalPipe.watch(SIGTSTP)
        let descriptor = SignalPipe.watch(SIGWINCH)
        guard descriptor >= 0 else { return }
        watches.append(
            Self.watch(descriptor) { [weak self] in
                self?.signalsArrived(SignalPipe.take(from: descriptor))
            })
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
        if hasHungUp { watches.first?() }
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
        withUnsafeTemporaryAllocation(byteCount: 4_096, alignment: 1) { buffer in
            while received.count < Self.readLimitBytes, !hasHungUp {
                var ready = pollfd(fd: input, events: Int16(POLLIN), revents: 0)
                guard poll(&ready, 1, 0) > 0 else { return }
                let count = read(input, buffer.baseAddress, buffer.count)
                if count > 0 {
                    received += buffer[..<count]
                    // A terminal gives all it has.
                    if count < buffer.count { return }
                } else if count == 0 || (errno != EINTR && errno != EAGAIN) {
                    hasHungUp = true
                }
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

    func currentSize() -> Size? {
        var rows: Int32 = 0
        var columns: Int32 = 0
        guard cn_winsize(output, &rows, &columns) == 0, rows > 0, columns > 0 else { return nil }
        return Size(columns: Int(columns), rows: Int(rows))
    }
}
