package import LedgerCore
package import TerminalCore

/// One command of a tape (`accord play`): the words of VHS, and ours.
package enum TapeCommand: Equatable, Sendable {
    /// Write a recording, the frames or the last frame to a file.
    case output(String)
    /// Give up unless a program is installed.
    case require(String)
    /// Set an environment variable of what the tape starts.
    case environment(name: String, value: String)
    /// Change how the tape plays.
    case set(TapeSetting)
    /// Type characters one by one, each taking so many milliseconds; `nil` as `TypingSpeed` says.
    case type(String, each: Int64?)
    /// Press what a key with its modifiers sends, some times.
    case press([Key], count: Int, each: Int64?)
    /// Let the person's clock go on.
    case sleep(milliseconds: Int64)
    /// Wait until the screen shows something; `nil` as `WaitPattern` and `WaitTimeout` say.
    case wait(TapeScope, TapePattern?, seconds: Double?)
    /// Record no frames until `show`.
    case hide
    /// Record frames again.
    case show
    /// Write the frame to a file.
    case screenshot(String)
    /// Put text on the tape's clipboard.
    case copy(String)
    /// Paste the tape's clipboard.
    case paste
    /// The screen has to show something.
    case expect(TapeScope, TapePattern)
    /// The screen must not show something.
    case expectNot(TapeScope, TapePattern)
    /// The semantic tree has to hold a node.
    case expectRole(SemanticNode.Role, name: String, states: Set<SemanticNode.State>)
    /// The frame has to equal a file.
    case golden(String)
    /// Set the clock of the person and of the node.
    case clock(TapeTime)
    /// Make every key and random byte follow from a number.
    case seed(UInt64)
    /// Start or stop a node.
    case node(TapeNode)
    /// Give the terminal another size.
    case resize(Size)
    /// Click, with rows and columns from 1.
    case click(row: Int, column: Int)
    /// End the app with no farewell, and start it again on the same data.
    case kill
}

/// A time a tape sets.
package enum TapeTime: Equatable, Sendable {
    /// This time.
    case at(Timestamp)
    /// So many milliseconds after the time set before.
    case later(milliseconds: Int64)
}

/// What a tape does with a node.
package enum TapeNode: Equatable, Sendable {
    /// Start a private one with this content.
    case fixture(String)
    /// End its process with SIGKILL.
    case kill
    /// Start it again on the same data.
    case start
}

/// Which part of the screen a pattern is looked for in.
package enum TapeScope: Equatable, Sendable {
    /// All rows, joined by newlines.
    case screen
    /// The row the cursor is on, or the last one that is not empty.
    case line
}

/// A setting of a tape.
package enum TapeSetting: Equatable, Sendable {
    case columns(Int)
    case rows(Int)
    case theme(String)
    case locale(String)
    /// How long each key typed takes in a recording, in milliseconds.
    case typingSpeed(milliseconds: Int64)
    case waitTimeout(seconds: Double)
    case waitPattern(TapePattern)
    /// The version of asciicast: 2 or 3.
    case castVersion(Int)
    /// Pictures of windows know it; frames have no use for it.
    case ignored(String)

    /// Whether it says how the app is when it starts, and so has to stand before the first key.
    var isForTheStart: Bool {
        switch self {
        case .columns, .rows, .theme, .locale, .castVersion: true
        case .typingSpeed, .waitTimeout, .waitPattern, .ignored: false
        }
    }
}

/// A regular expression as a tape writes it.
package struct TapePattern: Equatable, Sendable {
    /// What stands between the slashes.
    package let source: String

    /// Takes an expression.
    ///
    /// - Throws: if it is not one.
    package init(_ source: String) throws {
        _ = try Regex(source)
        self.source = source
    }

    /// Whether `text` has a match somewhere.
    package func matches(_ text: String) -> Bool {
        // It was checked when it was made.
        guard let regex = try? Regex(source) else { return false }
        return text.firstMatch(of: regex.anchorsMatchLineEndings()) != nil
    }
}

/// A command and where it stands.
package struct TapeLine: Equatable, Sendable {
    /// The file as it was named.
    package let file: String
    /// The number of the line, from 1.
    package let number: Int
    /// The line itself.
    package let text: String
    /// The command.
    package let command: TapeCommand
}

/// Why a tape cannot be played.
package struct TapeError: Error, Equatable, CustomStringConvertible, Sendable {
    /// `FILE:LINE:COLUMN: what is wrong`, and what may have been meant.
    package let description: String
    /// What is wrong, without the place.
    package let problem: String

    init(_ file: String, _ line: Int, _ column: Int, _ problem: String) {
        self.problem = problem
        description = "\(file):\(line):\(column): \(problem)"
    }
}
