package import LedgerCore
package import SyncCore

/// The engine's way to time and chance, passed in so that tests own both.
package struct SyncClock: Sendable {
    /// Returns this machine's time.
    package var now: @Sendable () -> Timestamp
    /// Waits; throws when cancelled.
    package var sleep: @Sendable (Duration) async throws -> Void
    /// Returns a random number.
    package var random: @Sendable () -> UInt64

    /// Makes a clock.
    package init(
        now: @escaping @Sendable () -> Timestamp,
        sleep: @escaping @Sendable (Duration) async throws -> Void = {
            try await QuietTimer.sleep(for: $0)
        },
        random: @escaping @Sendable () -> UInt64 = { UInt64.random(in: 0...UInt64.max) }
    ) {
        self.now = now
        self.sleep = sleep
        self.random = random
    }
}

/// News for whoever shows the state of things.
package struct SyncUpdate: Equatable, Sendable {
    /// The counts and the connection.
    package var status: SyncStatus
    /// Changes whenever something stored changed: read the screens anew then.
    package var changeCount: Int64
    /// How far what is under way has come.
    package var exchange = Exchange()
}

/// How far the exchange with the node has come, while there is one.
package struct Exchange: Equatable, Sendable {
    /// Entries of this round that were fetched; nobody knows how many there will be.
    package var fetchedEntries: Int64?
    /// What was sent of the records that are on their way.
    package var upload: Upload?

    /// Records on their way, the finished ones of the same run included.
    package struct Upload: Equatable, Sendable {
        /// Bytes the node has.
        package var sentBytes: Int64
        /// Bytes of all.
        package var totalBytes: Int64
    }
}

/// How one synchronisation ended.
package enum SyncOutcome: Equatable, Sendable {
    /// Everything was sent, and everything the ledger holds was verified.
    case complete
    /// All the same, but records or their keys wait here: sending them failed.
    case recordsWait(NodeFailure)
    /// Another process talks to the node at present.
    case otherProcess
    /// The node could not be reached or did not decide: what waits is kept.
    case unfinished(NodeFailure?)
    /// The vault is locked.
    case needsUnlock
    /// This machine is not enrolled, or the node does not know its device.
    case needsEnrolment
    /// This device was revoked.
    case revoked
    /// The node speaks another version.
    case incompatible
    /// The node broke a promise.
    case frozen(reason: String)
    /// The local store failed.
    case storeFailed(String)
}
