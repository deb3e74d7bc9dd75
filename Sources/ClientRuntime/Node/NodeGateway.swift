import LedgerCore
package import NodeAPI
import Screens
package import SyncCore
import TerminalCore

/// One call to a node at a time: what joining, importing studies and study teams need.
package struct NodeGateway: Sendable {
    private let connection: any NodeConnection

    /// Uses a connection.
    package init(_ connection: any NodeConnection) {
        self.connection = connection
    }

    /// Sends a call and returns the body of the answer.
    ///
    /// A node that asks to wait for a moment is asked again after it, for some minutes.
    ///
    /// - Throws: the node's `Problem`, or `NodeUnreachable`.
    package func send(_ call: NodeCall, deadline: Duration = SyncLimits.requestDeadline)
        async throws -> [UInt8]
    {
        var attempts = 0
        while true {
            do {
                return try await connection.send(
                    call, deadline: deadline, limit: Int(NodeLimits.recordBytes))
            } catch {
                guard case .problem(let problem) = error else { throw NodeUnreachable(error) }
                attempts += 1
                guard problem.code == .tooManyRequests, let wait = problem.retryAfterSeconds,
                    wait <= NodeGateway.momentSeconds, attempts < NodeGateway.attemptCount
                else { throw problem }
                // Jitter: many that were told so at once do not come back at once.
                let earliest = max(wait, 1) * 1_000
                try await Task.sleep(
                    for: .milliseconds(Int64.random(in: earliest...earliest * 3 / 2)))
            }
        }
    }

    /// The longest wait that is no answer yet: a person is asked about a longer one.
    private static let momentSeconds: Int64 = 10
    private static let attemptCount = 100

    /// Returns which log the node keeps.
    package func log() async throws -> LogDescription {
        try LogDescription(body: try await send(.log))
    }
}

/// The node did not answer.
package struct NodeUnreachable: Error, CustomStringConvertible, Sendable {
    /// Why, where it is known: to be said in the person's language.
    package let failure: NodeFailure?
    /// What was tried and why it failed, in English.
    package let description: String

    /// Makes an error.
    package init(_ reason: String) {
        failure = nil
        description = "could not reach the node: \(reason)"
    }

    /// Makes an error from why a call was not answered.
    package init(_ failure: NodeFailure) {
        self.failure = failure
        description = "could not reach the node: \(failure.english)"
    }
}

extension NodeFailure {
    /// Why a node gave no answer, in English.
    var english: String {
        Words(.english, now: Timestamp(milliseconds: 0)).reason(self).string
    }
}
