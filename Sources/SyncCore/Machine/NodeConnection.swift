package import LedgerCore
package import NodeAPI

/// Why the node gave no answer that can be used; the case decides what happens next.
package enum NodeFailure: Error, Equatable, Sendable {
    /// No connection, or it broke off: try again later.
    case away(NodeOutage)
    /// Something on this machine stood in the way: try again later.
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
    /// Too few witnesses confirmed the checkpoint the node shows: try again later.
    case unconfirmed

    /// Whether it is certain that no byte of the call left this machine.
    package var hasSentNothing: Bool {
        switch self {
        case .away(let outage): outage.cause == .refused || outage.cause == .hostUnknown
        case .locked: true
        case .unreachable, .timedOut, .problem, .malformed, .incompatible, .unconfirmed: false
        }
    }

    /// What the node said; `nil` if it did not say no.
    package var said: LocalizedText? {
        guard case .problem(let problem) = self else { return nil }
        return problem.code.title
    }

    /// The earliest time to try again the node asked for, in seconds from now; 0 if it did not.
    package var retryAfterSeconds: Int64 {
        guard case .problem(let problem) = self else { return 0 }
        return max(0, problem.retryAfterSeconds ?? 0)
    }
}

/// Why there is no connection to a node.
package struct NodeOutage: Equatable, Sendable {
    /// What went wrong.
    package enum Cause: String, CaseIterable, Sendable {
        /// The machine is there and nobody listens at the port.
        case refused
        /// No machine has that name.
        case hostUnknown
        /// There is no way to the machine: no network, or a wall in between.
        case noRoute
        /// The machine does not answer.
        case silent
        /// The connection ended in the middle of an answer.
        case brokenOff
        /// The connection could not be used, for instance because its certificate is wrong.
        case unusable
    }

    /// Host and port, as the person gave them.
    package let address: String
    /// What went wrong.
    package let cause: Cause

    /// Makes an outage.
    package init(_ cause: Cause, at address: String) {
        self.address = address
        self.cause = cause
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
    /// How old the confirmation of witnesses may be before it is looked for anew, in milliseconds.
    package static let refreshMilliseconds: Int64 = 3_600_000
    /// How long to wait before a store that failed is opened to the engine again, in milliseconds.
    package static let storePauseMilliseconds: Int64 = 5000
    /// How long to wait for another process to finish, in milliseconds.
    package static let lockPauseMilliseconds: Int64 = 500
    /// The longest answer that is read, in bytes: a page of 500 entries.
    package static let answerBytes = 16 * 1024 * 1024
    /// The longest checkpoint that is read, in bytes.
    package static let checkpointBytes = 64 * 1024
    /// The length of one piece of an upload, in bytes.
    package static let pieceBytes = 256 * 1024
}
