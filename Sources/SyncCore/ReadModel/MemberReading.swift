package import LedgerCore

/// What the screens and commands read: answered from the local store, in about a millisecond.
///
/// `time` is the reader's clock: expiry and grace are computed with it.
package protocol MemberReading: Sendable {
    /// Returns what Home shows.
    func home(at time: Timestamp) throws -> HomeSummary
    /// Returns lines `offset..<offset + limit` of the projects that match.
    func projects(_ query: ProjectQuery, offset: Int, limit: Int) throws -> Page<ProjectLine>
    /// Returns one project, or `nil` if the catalogue does not have it.
    func project(_ id: ProjectID, at time: Timestamp) throws -> ProjectDetail?
    /// Returns the member's authorizations, those in force first.
    func authorizations(at time: Timestamp) throws -> [AuthorizationLine]
    /// Returns the records on this machine, newest first.
    func records() throws -> [RecordLine]
    /// Returns the balances.
    func pointsSummary(at time: Timestamp) throws -> PointsSummary
    /// Returns the movements of points, newest first.
    func points(offset: Int, limit: Int) throws -> Page<PointsLine>
    /// Returns the rewards that can be had, the cheapest first.
    func rewards() throws -> [RewardLine]
    /// Returns what the member redeemed or wants to, newest first, those on their way on top.
    func redemptions() throws -> [RedemptionLine]
    /// Returns the entries about the member, newest first, entries on their way on top.
    func activity(offset: Int, limit: Int) throws -> Page<ActivityLine>
    /// Returns one entry about the member.
    func activity(entry: Hash) throws -> ActivityLine?
    /// Returns the proof of a recorded entry; `nil` if it is not proven.
    func proof(of entry: Hash) throws -> EntryProof?
    /// Returns the counts of the status line; the connection is the sync engine's to tell.
    func status() throws -> SyncStatus
}
