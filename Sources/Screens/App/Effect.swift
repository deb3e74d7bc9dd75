package import LedgerCore

/// What the app asks of the world; each case is a value, so a test compares it.
package enum Effect: Equatable, Sendable {
    /// Read something now and answer with `loaded` or `loadFailed`, before the next frame; a
    /// folder when it was read.
    case load(RequestID, Request)
    /// Carry out a decision and answer with `actionFinished`.
    case perform(ActionID, Action)
    /// End an action that takes a while; it answers with `actionFinished` as ever.
    case cancel(ActionID)
    /// Put a text into the clipboard of the terminal.
    case copy(String)
    /// Act for a minor from now on, or for oneself: everything shown is read anew.
    case actFor(AccountID?)
    /// Give the terminal back and stop until the shell continues the program.
    case suspend
    /// End the program.
    case quit
}
