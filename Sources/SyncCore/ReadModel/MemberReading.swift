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
    /// Returns the facets one can choose, and how many projects each would leave beside what the
    /// other groups and the search ask.
    func facets(_ query: ProjectQuery) throws -> [FacetCount]
    /// Returns the filters the person gave a name, by their names.
    func savedFilters() throws -> [SavedFilter]
    /// Returns every version of a project that was published, newest first.
    func versions(of project: ProjectID) throws -> [ProjectVersion]
    /// Returns what the person wrote down about themselves, on this machine only.
    func ownProfile() throws -> OwnProfile
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
    /// Returns what each project paid: those that pay or in which the member takes part.
    func pointsByProject() throws -> [ProjectEarnings]
    /// Returns why a project paid what it paid, or nothing; `nil` for an unknown project.
    func pointsReason(of project: ProjectID) throws -> PointsReason?
    /// Returns every version of a project the member agreed to, newest first.
    func agreements(on project: ProjectID) throws -> [Agreement]
    /// Returns the entries about the member that match, newest first, entries on their way on top.
    func activity(_ query: ActivityQuery, offset: Int, limit: Int) throws -> Page<ActivityLine>
    /// Returns the results that studies returned, newest first.
    func results() throws -> [ResultLine]
    /// Returns the projects the member takes part in that return results, by their ids.
    func resultOffers() throws -> [ResultOffer]
    /// Returns how often data was used, and denied, on the days of a span.
    func useDays(_ span: Range<Timestamp>, utcOffsetMinutes: Int) throws -> [UseDay]
    /// Returns who used the member's data, project by project, the latest use first.
    func useSummaries(_ scope: UseScope) throws -> [UseSummary]
    /// Returns every use, and every denied one, the newest first.
    func uses(_ scope: UseScope) throws -> [UseLine]
    /// Returns what this machine told the person, newest first.
    func notices(offset: Int, limit: Int) throws -> Page<NoticeLine>
    /// Returns one entry about the member.
    func activity(entry: Hash) throws -> ActivityLine?
    /// Returns the proof of a recorded entry; `nil` if it is not proven.
    func proof(of entry: Hash) throws -> EntryProof?
    /// Returns the counts of the status line; the connection is the sync engine's to tell.
    func status() throws -> SyncStatus
}

extension MemberReading {
    /// Returns the entries about the member, newest first, entries on their way on top.
    package func activity(offset: Int, limit: Int) throws -> Page<ActivityLine> {
        try activity(ActivityQuery(), offset: offset, limit: limit)
    }
}
