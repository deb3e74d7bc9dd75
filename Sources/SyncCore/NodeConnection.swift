package import NodeAPI

/// What a node answered to a call.
package enum NodeAnswer: Equatable, Sendable {
    /// The call succeeded; what the body holds depends on the call.
    case body([UInt8])
    /// There is nothing new: the answer to a long poll that ran out.
    case nothingNew
    /// The node said no, or not now.
    case problem(Problem)
}

/// Why there was no answer. Each of these is transient: try again, with a limit.
package enum NodeFailure: Error, Equatable, Sendable {
    /// The node cannot be reached; the text says what was tried.
    case unreachable(String)
    /// There was no answer within the deadline. The call may have had its effect.
    case timedOut
    /// The answer is longer than anything a node has to say.
    case answerTooLarge
    /// The answer is not of this protocol: something else listens there.
    case notANode(String)
}

/// The way to a node. Two implementations: HTTP, and a node inside a test.
package protocol NodeConnection: Sendable {
    /// Carries a call out, signed by this device where the call asks for it.
    ///
    /// - Parameter deadline: The longest time for the whole call.
    /// - Throws: `NodeFailure` where there was no answer, `CancellationError` when cancelled.
    func send(_ call: NodeCall, deadline: Duration) async throws -> NodeAnswer
}
