package import LedgerCore

/// Where an entry of this member stands.
///
/// No state is skipped or undone.
package enum EntryState: String, CaseIterable, Sendable {
    /// Signed and stored here; not sent yet.
    case queued
    /// Sent, and no answer seen yet.
    case sent
    /// The node answered with an index; the proof is not checked yet.
    case accepted
    /// The proof was checked on this machine.
    case proven
    /// The node refused it, for ever.
    case rejected
    /// The node promised an index and the log does not hold it.
    case disputed
}

/// The connection to the node (`spec/SYNC.md` §3).
package enum ConnectionState: Equatable, Sendable {
    /// No work and no route, or the person chose it.
    case offline
    /// A request is on its way.
    case connecting
    case pushing
    case pulling
    /// In step with the node, waiting for news.
    case waiting
    /// Waiting to try again after failures.
    case backoff(attempts: Int, until: Timestamp)
    /// The vault is locked.
    case needsUnlock
    /// The node does not know this device.
    case needsEnrolment
    /// This device was revoked.
    case revoked
    /// The node speaks another version.
    case incompatible
    /// The node broke a promise: nothing is sent any more.
    case frozen(reason: String)
}

/// What the status line shows.
package struct SyncStatus: Equatable, Sendable {
    /// The connection.
    package var connection: ConnectionState
    /// The tree size of the last verified checkpoint; 0 before the first.
    package var verifiedSize: Int64
    /// When that checkpoint was verified, by this machine's clock.
    package var verifiedAt: Timestamp?
    /// Whether checkpoints need the cosignatures of witnesses.
    package var needsWitnesses: Bool
    /// When enough witnesses confirmed the newest checkpoint; `nil` if they never did.
    package var confirmedAt: Timestamp?
    /// Whether the node shows a checkpoint that too few witnesses confirmed, which was not accepted.
    package var isUnconfirmed = false
    /// Whether the node has no room for what waits.
    package var isNodeFull = false
    /// How many entries are queued or sent.
    package var outboxCount: Int
    /// How many of them revoke.
    package var queuedRevocations: Int
    /// How many refusals were not read yet.
    package var unreadRefusals: Int

    /// Makes a status.
    package init(
        connection: ConnectionState = .offline, verifiedSize: Int64 = 0,
        verifiedAt: Timestamp? = nil, needsWitnesses: Bool = false,
        confirmedAt: Timestamp? = nil, outboxCount: Int = 0, queuedRevocations: Int = 0,
        unreadRefusals: Int = 0
    ) {
        self.connection = connection
        self.verifiedSize = verifiedSize
        self.verifiedAt = verifiedAt
        self.needsWitnesses = needsWitnesses
        self.confirmedAt = confirmedAt
        self.outboxCount = outboxCount
        self.queuedRevocations = queuedRevocations
        self.unreadRefusals = unreadRefusals
    }
}

extension SyncStatus {
    /// How long a confirmation by witnesses counts, in milliseconds: a day.
    package static let confirmationMilliseconds: Int64 = 86_400_000

    /// From when on confirmations are looked for anew; `nil` where nobody has to confirm.
    package var refreshAt: Timestamp? {
        guard needsWitnesses else { return nil }
        return confirmedAt?.adding(milliseconds: SyncLimits.refreshMilliseconds)
            ?? Timestamp(milliseconds: 0)
    }

    /// Whether witnesses had to confirm what was verified, and did not within the last day: the node
    /// may show an old state of the ledger, or one made for this member alone.
    package func lacksConfirmation(at now: Timestamp) -> Bool {
        guard needsWitnesses else { return false }
        guard let confirmedAt else { return true }
        return now.milliseconds - confirmedAt.milliseconds > Self.confirmationMilliseconds
    }
}
