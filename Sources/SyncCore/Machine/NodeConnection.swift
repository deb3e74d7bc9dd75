package import NodeAPI

/// Why the node gave no answer that can be used; the case decides what happens next.
package enum NodeFailure: Error, Equatable, Sendable {
    /// No route, refused, reset, or not a node: try again later.
    case unreachable(String)
    /// No answer within the deadline: what was sent may have arrived.
    case timedOut
    /// The node said no, and why.
    case problem(Problem)
    /// The answer is not what the call is answered with: try again later.
    case malformed(String)
    /// The node speaks another version.
    case incompatible
    /// The call has to be signed and the vault is locked: nothing was sent.
    case locked

    /// The earliest time to try again the node asked for, in seconds from now; 0 if it did not.
    package var retryAfterSeconds: Int64 {
        guard case .problem(let problem) = self else { return 0 }
        return max(0, problem.retryAfterSeconds ?? 0)
    }
}

/// The way to a node: one call, one answer.
///
/// Stateful: it keeps connections open. `NodeClient` speaks HTTP; tests answer from memory.
package protocol NodeConnection: Sendable {
    /// Sends a call and returns the body of a successful answer; no body where there is none.
    ///
    /// - Parameters:
    ///   - call: What to ask.
    ///   - deadline: When to give up.
    ///   - limit: The longest body that is read, in bytes.
    /// - Returns: The body.
    /// - Throws: `NodeFailure`.
    func send(_ call: NodeCall, deadline: Duration, limit: Int) async throws(NodeFailure)
        -> [UInt8]
}

extension NodeConnection {
    /// Sends a call with the usual deadline and reads its answer.
    package func ask<Answer>(
        _ call: NodeCall, deadline: Duration = SyncLimits.requestDeadline,
        limit: Int = SyncLimits.answerBytes, _ read: ([UInt8]) throws -> Answer
    ) async throws(NodeFailure) -> Answer {
        let body = try await send(call, deadline: deadline, limit: limit)
        do {
            return try read(body)
        } catch {
            throw .malformed("\(call.path): \(error)")
        }
    }
}

/// The times and sizes of synchronisation (`spec/SYNC.md` §2.3).
package enum SyncLimits {
    /// How long one request may take.
    package static let requestDeadline = Duration.seconds(30)
    /// How long a poll may take: the node answers within 25 s.
    package static let pollDeadline = Duration.seconds(40)
    /// The first step of the back-off, in milliseconds.
    package static let backoffBaseMilliseconds: Int64 = 500
    /// The longest back-off of our own, in milliseconds.
    package static let backoffCapMilliseconds: Int64 = 60_000
    /// How long to wait before the same poll again when it ends early, in milliseconds.
    package static let pollPauseMilliseconds: Int64 = 1000
    /// How long to wait for another process to finish, in milliseconds.
    package static let lockPauseMilliseconds: Int64 = 500
    /// The longest answer that is read, in bytes: a page of 500 entries.
    package static let answerBytes = 16 * 1024 * 1024
    /// The longest checkpoint that is read, in bytes.
    package static let checkpointBytes = 64 * 1024
    /// The length of one piece of an upload, in bytes.
    package static let pieceBytes = 256 * 1024
}
