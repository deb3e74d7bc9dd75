/// Why a terminal cannot be used.
package struct TerminalError: Error, Equatable, CustomStringConvertible {
    /// The reasons.
    package enum Code: Hashable, Sendable {
        /// Input or output is a file or a pipe.
        case notATerminal
        /// `TERM` is missing, `dumb`, or names a terminal that cannot place text.
        case unusable
        /// The system has no description of the terminal that `TERM` names.
        case unknown
        /// Another terminal of this process is open.
        case busy
    }

    /// The reason.
    package let code: Code
    /// What was tried and why it failed, for people.
    package let description: String

    /// Equal if the reasons are: the words do not count.
    package static func == (left: TerminalError, right: TerminalError) -> Bool {
        left.code == right.code
    }
}
