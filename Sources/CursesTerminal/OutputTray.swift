import CNcursesw
import Glibc
import TerminalCore

/// Where ncurses writes, and the way from there to the terminal: one write for each frame.
///
/// ncurses writes as it goes, in several pieces for one key. It is given a file in memory; what
/// it left there after a frame is rewritten by `StyleSaver` and sent whole.
@MainActor
final class OutputTray {
    /// The file for ncurses; the tray closes it.
    let file: UnsafeMutablePointer<FILE>

    private let memory: Int32
    private let terminal: Int32
    private var saver: StyleSaver?
    private var held: [UInt8] = []

    /// Makes a tray for a terminal; `savesStyle` says that it knows the SGR of ECMA-48.
    init?(to terminal: Int32, savesStyle: Bool) {
        memory = cn_memory_file()
        guard memory >= 0, let file = fdopen(memory, "w") else { return nil }
        self.file = file
        self.terminal = terminal
        saver = savesStyle ? StyleSaver() : nil
    }

    /// Whether colours can stand for what ncurses takes for the terminal's own: where what is erased
    /// gets the colour drawn with, which a terminal's description says.
    var canSwapColours: Bool { saver != nil && tigetflag("bce") == 1 }

    /// From here on these colours are shown where ncurses believes in the terminal's own.
    func use(_ own: (foreground: Colour, background: Colour)) {
        saver?.use(foreground: own.foreground, background: own.background)
    }

    /// Closes the file; nothing may be sent afterwards.
    func close() { fclose(file) }

    /// Frames up to this length are shown without synchronized output: it is sixteen bytes more,
    /// and not worth it for a key's echo.
    private static let smallFrameBytes = 200

    /// Keeps what ncurses wrote so far, with marks around it, to be sent with the rest.
    func hold(before: String = "", after: String = "") {
        held += Array(before.utf8) + rewritten() + Array(after.utf8)
    }

    private func rewritten() -> [UInt8] {
        let bytes = take()
        guard var saver else { return bytes }
        defer { self.saver = saver }
        return saver.rewrite(bytes)
    }

    /// Sends what ncurses wrote, and `more` after it.
    func send(more: String = "", synchronized: Bool) {
        var bytes = held + rewritten()
        held = []
        if synchronized, bytes.count > Self.smallFrameBytes {
            bytes = Array("\u{1B}[?2026h".utf8) + bytes + Array("\u{1B}[?2026l".utf8)
        }
        write(bytes + Array(more.utf8))
    }

    /// Sends what ncurses wrote for the end, before it `first`; the style is the terminal's own
    /// afterwards.
    func finish(first: String) {
        let end = take()
        let plain = saver?.reset() ?? []
        write(Array(first.utf8) + plain + end)
    }

    private func take() -> [UInt8] {
        let length = Int(lseek(memory, 0, SEEK_CUR))
        guard length > 0 else { return [] }
        let bytes = [UInt8](unsafeUninitializedCapacity: length) { buffer, count in
            count = max(pread(memory, buffer.baseAddress, length, 0), 0)
        }
        // A file in memory has no way to refuse this.
        lseek(memory, 0, SEEK_SET)
        return bytes
    }

    private func write(_ bytes: [UInt8]) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(terminal, $0.baseAddress, $0.count) }
            // A terminal that takes nothing any more has hung up; reading will tell.
            if count <= 0, errno != EINTR { return }
            rest = rest.dropFirst(max(count, 0))
        }
    }
}

/// The modes of a terminal's line discipline.
struct TerminalModes {
    private let terminal: Int32
    private let before: termios?

    /// Remembers the modes a terminal has; of a pipe or file there are none.
    init(of terminal: Int32) {
        self.terminal = terminal
        var modes = termios()
        before = tcgetattr(terminal, &modes) == 0 ? modes : nil
    }

    /// Has every key reach the program as it is, ^C ^\ ^Z ^S ^Q ^V included, and output the
    /// terminal.
    func makeRaw() {
        guard var modes = before else { return }
        modes.c_lflag &= ~tcflag_t(ICANON | ECHO | ECHONL | ISIG | IEXTEN)
        modes.c_iflag &= ~tcflag_t(
            IXON | ICRNL | INLCR | IGNCR | BRKINT | PARMRK | ISTRIP)
        modes.c_oflag &= ~tcflag_t(OPOST)
        withUnsafeMutableBytes(of: &modes.c_cc) { characters in
            characters[Int(VMIN)] = 1
            characters[Int(VTIME)] = 0
        }
        // A terminal that refuses has hung up; reading will tell.
        tcsetattr(terminal, TCSANOW, &modes)
    }

    /// Gives the modes back.
    func restore() {
        guard var modes = before else { return }
        tcsetattr(terminal, TCSANOW, &modes)
    }
}
