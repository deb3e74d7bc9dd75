package import LedgerCore
package import TerminalCore

/// What a tape needs of the world besides the app: nodes, and the app's own start.
@MainActor
package protocol TapeStage: AnyObject {
    /// Makes the app as it is at its start, on the data that is there.
    func open(_ set: TapeSettings, clock: RuntimeClock, sink: any FrameSink) async throws
        -> AppRuntime
    /// Starts a node with content, or ends it, or starts it again.
    ///
    /// - Returns: What a newcomer needs to join it, where the fixture invites one: it goes to the
    ///   tape's clipboard.
    func node(_ command: TapeNode, clock: RuntimeClock, set: TapeSettings) async throws -> String?
    /// Tells the node the time.
    func clockChanged(to time: Timestamp) throws
    /// Whether a node of the tape runs: only then is anything really waited for.
    var hasNode: Bool { get }
    /// Ends what the tape started.
    func close() async
}

/// A terminal that a tape is played in besides: keys go in there, and what it shows is compared.
@MainActor
package protocol TapeTerminal: AnyObject {
    /// Where the app paints.
    var sink: any FrameSink { get }
    /// Types keys and returns when the app has taken them.
    func press(_ keys: [Key], into app: AppRuntime) async throws
    /// Compares what the terminal shows with a frame, cell by cell.
    ///
    /// - Throws: if they differ for good.
    func compare(with frame: Frame) async throws
}

/// How a tape plays: what its `Set`, `Seed` and `Env` lines say, and the command line.
package struct TapeSettings: Equatable, Sendable {
    /// The size of the screen.
    package var size = Size(columns: 80, rows: 24)
    /// The theme.
    package var theme = "dark"
    /// The language tag.
    package var locale = "en"
    /// What every key and random byte follows from, if anything.
    package var seed: UInt64?
    /// Variables for what is started; `NO_COLOR` holds for recordings too.
    package var environment: [String: String] = [:]
    /// How long `Wait` waits for a node.
    package var waitSeconds = 15.0
    /// How long a key typed takes in a recording.
    package var typingMilliseconds: Int64 = 50
    /// The version of asciicast.
    package var castVersion = 2
    /// Whether golden files are written rather than compared.
    package var updatesGolden = false

    /// Makes the settings of a tape that says nothing.
    package init() {}
}

/// What failed in a tape, as it is printed.
package struct TapeFailure: Error, CustomStringConvertible, Sendable {
    /// `FILE:LINE: what was expected`, the frame, the newest events.
    package let description: String
}

/// What a command of a tape found wrong.
package struct TapeProblem: Error, CustomStringConvertible, Sendable {
    /// What is wrong.
    package let description: String

    /// Makes a problem.
    package init(_ description: String) { self.description = description }
}
