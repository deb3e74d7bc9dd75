package import LedgerCore
package import NodeAPI
package import SyncCore

/// Why somebody could not join.
package enum EnrolmentFailure: Error, Equatable, Sendable {
    /// The code is wrong, used, or older than ten minutes.
    case invitationRefused
    /// The node does not know the code it should have made: not the node it seems to be.
    case nodeNotGenuine
    /// The policy of witnesses is for other logs than the node's: nothing was sent.
    case policyElsewhere
    /// The rules refuse the entry.
    case refused(code: UInt16, name: String)
    /// The node gave no answer that can be used; trying again is safe.
    case node(NodeFailure)
    /// The local store failed; trying again is safe.
    case store(String)
}

/// Joins a ledger with an invitation code: the only time the log's key is learnt.
package struct Enroller: Sendable {
    private let store: any SyncStoring
    private let node: any NodeConnection
    private let clock: SyncClock

    /// Makes an enroller for an unsigned connection.
    package init(store: any SyncStoring, node: any NodeConnection, clock: SyncClock) {
        self.store = store
        self.node = node
        self.clock = clock
    }

    /// Joins, and pins the log.
    ///
    /// The entry is stored before it is sent, so a lost answer is asked for again with the same
    /// bytes and gets the same verdict.
    ///
    /// - Parameters:
    ///   - code: What the person was told.
    ///   - nodeURL: Where the node is, for later.
    ///   - keys: The public keys of the new device.
    ///   - policy: Whose cosignatures checkpoints need from the first one on; `nil` leaves it as it
    ///     is.
    ///   - sign: Signs the entry with the device's key.
    /// - Returns: What was pinned.
    /// - Throws: `EnrolmentFailure`.
    package func enrol(
        code: InvitationCode, nodeURL: String, keys: DeviceKeys, policy: WitnessPolicy? = nil,
        sign: (EntryPayload) throws -> Entry
    ) async throws(EnrolmentFailure) -> Enrolment {
        let log = try await ask(.log) { try LogDescription(body: $0) }
        guard let version = log.commonWireVersion else { throw .node(.incompatible) }
        let key: VerifierKey
        do {
            key = try VerifierKey(parsing: log.verifierKey)
        } catch {
            throw .node(.malformed("the log's key: \(error)"))
        }
        if let policy, !policy.covers(key) { throw .policyElsewhere }
        let entry = try prepare(keys, origin: log.origin, sign)
        let request = EnrolmentRequest(code: code, entry: entry, verifierKey: log.verifierKey)
        let answer = try await ask(.enrol(request)) { try EnrolmentAnswer(body: $0) }
        guard
            code.key.isNodeProof(
                answer.confirmation, entry: entry.id, verifierKey: log.verifierKey)
        else { throw .nodeNotGenuine }
        let enrolment = Enrolment(
            origin: log.origin, logKey: key, nodeURL: nodeURL, device: keys.device,
            account: AccountID(firstDevice: keys.device))
        try confirm(enrolment, entry, answer.verdict, policy, version)
        return enrolment
    }

    private func ask<Answer>(_ call: NodeCall, _ read: ([UInt8]) throws -> Answer)
        async throws(EnrolmentFailure) -> Answer
    {
        do throws(NodeFailure) {
            return try await node.ask(call, read)
        } catch {
            if case .problem(let problem) = error, problem.code == .invitationRefused {
                throw .invitationRefused
            }
            throw .node(error)
        }
    }

    private func prepare(
        _ keys: DeviceKeys, origin: String, _ sign: (EntryPayload) throws -> Entry
    ) throws(EnrolmentFailure) -> Entry {
        do {
            if let entry = try store.pendingEnrolment() {
                let payload = try entry.payload()
                if payload.device == keys.device, payload.audience == origin { return entry }
            }
            let entry = try sign(
                EntryPayload(
                    account: AccountID(firstDevice: keys.device), audience: origin,
                    device: keys.device, sequence: 1, previous: .zero, issuedAt: clock.now(),
                    body: .memberEnrolled(keys)))
            try store.prepareEnrolment(entry)
            return entry
        } catch {
            throw .store("\(error)")
        }
    }

    private func confirm(
        _ enrolment: Enrolment, _ entry: Entry, _ verdict: Verdict, _ policy: WitnessPolicy?,
        _ version: Int64
    ) throws(EnrolmentFailure) {
        let acceptance: Acceptance
        switch verdict {
        case .accepted(let accepted): acceptance = accepted
        case .rejected(let refusal): throw .refused(code: refusal.code, name: refusal.name)
        case .retry: throw .node(.problem(Problem(.busy)))
        }
        guard
            acceptance.isProven(
                for: entry.id, logKey: enrolment.logKey, origin: enrolment.origin)
        else { throw .node(.malformed("the proof of the enrolment")) }
        do {
            try store.confirmEnrolment(
                enrolment, entry: entry, index: acceptance.index, receipt: acceptance.proof,
                policy: policy, at: clock.now())
            try store.agree(onWireVersion: version)
        } catch {
            throw .store("\(error)")
        }
    }
}
