package import LedgerCore
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
            switch error {
            case .problem(let problem): throw problem
            case .unreachable(let reason): throw NodeUnreachable(reason)
            case .timedOut: throw NodeUnreachable("it did not answer in time")
            case .malformed(let reason):
                throw NodeUnreachable("its answer makes no sense: \(reason)")
            case .incompatible: throw NodeUnreachable("it speaks another version")
            }
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
}

/// What joining gives: the pinned ledger and the recorded entry.
package struct JoinedLedger: Sendable {
    /// The log's name.
    package let origin: String
    /// The log's key, authenticated by the invitation code.
    package let logKey: VerifierKey
    /// The entry that enrolled this device.
    package let entry: Entry
    /// Its index.
    package let index: LeafIndex
    /// Its receipt, a C2SP tlog-proof.
    package let receipt: [UInt8]
}

/// Why joining failed.
package enum JoinError: Error, Equatable, CustomStringConvertible, Sendable {
    /// What was typed is no code.
    case notACode
    /// The node does not know the code, or it was used or ran out.
    case codeRefused
    /// The node does not know the code it claims to: somebody answers in its place.
    case nodeNotAuthentic
    /// A rule refuses the enrolment.
    case refused(String)

    /// What to tell the person.
    package var description: String {
        switch self {
        case .notACode: "that is no invitation code: it has 13 letters and digits"
        case .codeRefused: "the node does not accept the code: it was used, or is too old"
        case .nodeNotAuthentic: "the node could not prove that it made the code: nothing was joined"
        case .refused(let why): "the node refused the enrolment: \(why)"
        }
    }
}

extension NodeGateway {
    /// Joins a ledger with an invitation code.
    ///
    /// - Parameters:
    ///   - former: The entry of an attempt whose answer was lost; the same bytes are sent again.
    ///   - prepared: Keeps the entry before it is sent.
    /// - Throws: `JoinError`, `Problem`, `NodeUnreachable`.
    package func join(
        code typed: String, keys: VaultKeys, at time: Timestamp, former: Entry?,
        prepared: (Entry) throws -> Void
    ) async throws -> JoinedLedger {
        guard let code = InvitationCode(typed: typed) else { throw JoinError.notACode }
        let log = try await log()
        let logKey = try VerifierKey(parsing: log.verifierKey)
        let device = keys.device
        let entry: Entry
        if let former, let payload = try? former.payload(), payload.device == device,
            payload.audience == log.origin
        {
            entry = former
        } else {
            entry = try Entry.signed(
                EntryPayload(
                    account: AccountID(firstDevice: device), audience: log.origin, device: device,
                    sequence: 1, previous: .zero, issuedAt: time,
                    body: .memberEnrolled(keys.publicKeys)), with: keys.signing)
        }
        try prepared(entry)
        let request = EnrolmentRequest(code: code, entry: entry, verifierKey: log.verifierKey)
        let answer: EnrolmentAnswer
        do {
            answer = try EnrolmentAnswer(body: try await send(.enrol(request)))
        } catch let problem as Problem where problem.code == .invitationRefused {
            throw JoinError.codeRefused
        }
        guard
            code.key.isNodeProof(
                answer.confirmation, entry: entry.id, verifierKey: log.verifierKey)
        else { throw JoinError.nodeNotAuthentic }
        switch answer.verdict {
        case .accepted(let acceptance):
            return JoinedLedger(
                origin: log.origin, logKey: logKey, entry: entry, index: acceptance.index,
                receipt: acceptance.proof)
        case .rejected(let refusal): throw JoinError.refused(refusal.name)
        case .retry(let reason): throw NodeUnreachable("it asks to try again (\(reason.rawValue))")
        }
    }
}
