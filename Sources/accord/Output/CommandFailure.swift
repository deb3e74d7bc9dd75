import Screens
import TerminalCore

/// How a command ends, as scripts read it.
enum ExitStatus: Int32 {
    case done = 0
    case refused = 1
    case wrongUse = 2
    case notReachable = 3
    case integrity = 4
}

/// Why a command ends without having done its work.
struct CommandFailure: SpeakingError {
    let status: ExitStatus
    /// What to tell the person; empty where it was printed already.
    let text: SafeText

    init(_ status: ExitStatus, _ text: SafeText = .empty) {
        self.status = status
        self.text = text
    }

    /// Makes a failure told in the language of this run.
    init(_ status: ExitStatus, _ english: SafeText, _ chinese: SafeText) {
        self.init(status, Spoken.say(english, chinese))
    }
}
