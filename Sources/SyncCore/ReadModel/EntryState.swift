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
    /// How many entries are queued or sent.
    package var outboxCount: Int
    /// How many of them revoke.
    package var queuedRevocations: Int
    /// How many refusals were not read yet.
    package var unreadRefusals: Int

    /// Makes a status.
    package init(
        connection: ConnectionState = .offline, verifiedSize: Int64 = 0,
        verifiedAt: Timestamp? = nil, outboxCount: Int = 0, queuedRevocations: Int = 0,
        unreadRefusals: Int = 0
    ) {
        self.connection = connection
        self.verifiedSize = verifiedSize
        self.verifiedAt = verifiedAt
        self.outboxCount = outboxCount
        self.queuedRevocations = queuedRevocations
        self.unreadRefusals = unreadRefusals
    }
}
