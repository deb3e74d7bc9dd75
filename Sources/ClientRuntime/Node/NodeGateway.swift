package import NodeAPI
package import SyncCore

/// One call to a node at a time: what joining, importing studies and study teams need.
package struct NodeGateway: Sendable {
    private let connection: any NodeConnection

    /// Uses a connection.
    package init(_ connection: any NodeConnection) {
        self.connection = connection
    }

    /// Sends a call and returns the body of the answer.
    ///
    /// - Throws: the node's `Problem`, or `NodeUnreachable`.
    package func send(_ call: NodeCall, deadline: Duration = SyncLimits.requestDeadline)
        async throws -> [UInt8]
    {
        do {
            return try await connection.send(
                call, deadline: deadline, limit: Int(NodeLimits.recordBytes))
        } catch {
            if case .problem(let problem) = error { throw problem }
            throw NodeUnreachable(NodeUnreachable.words(error))
        }
    }

    /// Returns which log the node keeps.
    package func log() async throws -> LogDescription {
        try LogDescription(body: try await send(.log))
    }
}

/// The node did not answer.
package struct NodeUnreachable: Error, CustomStringConvertible, Sendable {
    /// What was tried and why it failed.
    package let description: String

    /// Makes an error.
    package init(_ reason: String) {
        description = "could not reach the node: \(reason)"
    }

    /// Returns why a node gave no answer, in words.
    package static func words(_ failure: NodeFailure) -> String {
        switch failure {
        case .problem(let problem): problem.code.title
        case .unreachable(let reason): reason
        case .timedOut: "it did not answer in time"
        case .malformed(let reason): "its answer makes no sense: \(reason)"
        case .incompatible: "it speaks another version"
        case .locked: "the vault is locked"
        }
    }
}
