import CProcess
import Glibc

/// What keeps a shared machine's program where it is, and its memory to itself.
@MainActor
enum KioskProcess {
    private static var words: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?

    /// Keeps this process out of core files, swap and the reach of debuggers.
    static func hide() {
        // Where memory cannot be locked, swap has to be off: KIOSK.md says so.
        _ = kiosk_hide()
    }

    /// From here on no signal ends the program: what would is ignored, and a crash starts it anew.
    ///
    /// Call after the terminal was taken over, whose own handlers this replaces.
    static func hold() {
        let words = words ?? copiedArguments()
        self.words = words
        // The first of them is the path of the program, and stays for the life of the process.
        kiosk_hold(words[0], words + 1)
    }

    /// Has the terminal neither echo nor stop nor send signals while no program has taken it over.
    ///
    /// What is typed while the program starts anew is a secret, or the next person's.
    static func quieten() {
        var modes = termios()
        guard tcgetattr(STDIN_FILENO, &modes) == 0 else { return }
        modes.c_lflag &= ~tcflag_t(ICANON | ECHO | ECHONL | ISIG | IEXTEN)
        modes.c_iflag &= ~tcflag_t(IXON)
        tcsetattr(STDIN_FILENO, TCSANOW, &modes)
    }

    /// How to leave the terminal to a person; `nil` where there is none.
    ///
    /// Ask before `quieten`. Where it is quiet even then, that was a program before this one in the
    /// process, and how it was before that is lost: it gets what a person needs.
    static func formerModes() -> termios? {
        var modes = termios()
        guard tcgetattr(STDIN_FILENO, &modes) == 0 else { return nil }
        guard modes.c_lflag & tcflag_t(ICANON | ECHO) == 0 else { return modes }
        modes.c_lflag |= tcflag_t(ICANON | ECHO | ISIG | IEXTEN)
        modes.c_iflag |= tcflag_t(IXON)
        return modes
    }

    /// Gives the terminal its modes back: the program ends.
    static func giveBack(_ modes: termios?) {
        guard var modes else { return }
        // A terminal that refuses has hung up.
        tcsetattr(STDIN_FILENO, TCSANOW, &modes)
    }

    /// Replaces this program by a new one, in the same process: nothing stays in its memory.
    ///
    /// Returns only where that is not possible.
    static func restart() {
        hold()
        kiosk_restart()
    }

    private static func copiedArguments() -> UnsafeMutablePointer<UnsafeMutablePointer<CChar>?> {
        let texts =
            [strdup(Installed.executable)] + CommandLine.arguments.map { strdup($0) } + [nil]
        let list = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>.allocate(
            capacity: texts.count)
        list.initialize(from: texts, count: texts.count)
        return list
    }
}
