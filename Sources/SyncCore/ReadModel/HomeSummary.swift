package import LedgerCore

/// What Home shows: kept ready, so that the first frame replays nothing.
package struct HomeSummary: Equatable, Sendable {
    /// The member's points.
    package var points: PointsSummary
    /// What needs attention, most urgent first.
    package var attention: [Attention]
    /// The newest entries about the member, newest first, at most `recentLimit`.
    package var recent: [ActivityLine]
    /// What happened since the app was left; `nil` where it never was.
    package var since: SinceLastTime?
    /// How many projects the catalogue has.
    package var projectCount: Int
    /// How many authorizations are in force.
    package var activeAuthorizations: Int
    /// How many records are on this machine.
    package var recordCount: Int

    /// The most entries Home shows.
    package static let recentLimit = 20
    /// An authorization that ends sooner than this needs attention, in milliseconds: 30 days.
    package static let expiryNotice: Int64 = 30 * 86_400_000

    /// Makes a summary; what needs attention is put in the order of its urgency.
    package init(
        points: PointsSummary, attention: [Attention], recent: [ActivityLine],
        since: SinceLastTime? = nil, projectCount: Int, activeAuthorizations: Int,
        recordCount: Int
    ) {
        self.points = points
        self.attention = Attention.byUrgency(attention)
        self.recent = recent
        self.since = since
        self.projectCount = projectCount
        self.activeAuthorizations = activeAuthorizations
        self.recordCount = recordCount
    }

    /// Something that needs attention, the most urgent sort first.
    package enum Attention: Equatable, Sendable {
        /// The member's data should be erased by now, and is not, or nobody says so.
        case erasureOverdue(OverdueErasure)
        /// A refusal that was not read: what was decided did not happen.
        case refused(ActivityLine)
        /// A revocation that is not in force yet.
        case revocationWaiting(AuthorizationLine)
        /// A proposal to take points back; the member can appeal against it until then.
        case correctionProposed(ActivityLine, Points, until: Timestamp)
        /// A project that changed and needs consent anew, until then.
        case reconsentDue(AuthorizationLine, until: Timestamp)
        /// An authorization that runs out within 30 days.
        case expiring(AuthorizationLine)
        /// Points that run out, by a notice that was given.
        case pointsExpiring(Points, at: Timestamp)
        /// A project the member joined and has not authorized.
        case authorizationMissing(ProjectLine)
        /// A project the member joined and has handed nothing to.
        case contributionMissing(ProjectLine)

        /// The sort, from 0 for the most urgent, and within it the time until which something can
        /// be done.
        private var urgency: (sort: Int, until: Timestamp) {
            switch self {
            case .erasureOverdue(let erasure): (0, erasure.dueAt)
            case .refused(let line): (1, line.at)
            case .revocationWaiting: (2, .latest)
            case .correctionProposed(_, _, let until): (3, until)
            case .reconsentDue(_, let until): (4, until)
            case .expiring(let line): (5, line.grant.until)
            case .pointsExpiring(_, let end): (6, end)
            case .authorizationMissing: (7, .latest)
            case .contributionMissing: (8, .latest)
            }
        }

        /// Returns the same, the most urgent first; what is equally urgent keeps its order.
        static func byUrgency(_ items: [Attention]) -> [Attention] {
            items.enumerated().map { (item: $1, key: ($1.urgency.sort, $1.urgency.until, $0)) }
                .sorted { $0.key < $1.key }.map(\.item)
        }
    }
}

/// What happened since the person left the app.
package struct SinceLastTime: Equatable, Sendable {
    /// When they left.
    package var at: Timestamp
    /// How many of the newest entries came since, 0...`HomeSummary.recentLimit`.
    package var shownCount: Int
    /// How many entries came since.
    package var entryCount: Int
    /// How often data was used.
    package var uses: Int
    /// How often a use was denied.
    package var denials: Int
    /// The points that accrued.
    package var earned: Points

    /// Puts it together.
    package init(
        at: Timestamp, shownCount: Int, entryCount: Int, uses: Int, denials: Int, earned: Points
    ) {
        self.at = at
        self.shownCount = shownCount
        self.entryCount = entryCount
        self.uses = uses
        self.denials = denials
        self.earned = earned
    }
}

/// Data of the member that should be erased by now.
package struct OverdueErasure: Equatable, Sendable {
    /// The project.
    package var project: ProjectID
    /// The project's title.
    package var title: LocalizedText
    /// Until when it should have been erased, or its erasure attested.
    package var dueAt: Timestamp
    /// The recipients who have not attested; empty where the node itself has not erased.
    package var waiting: [LocalizedText]
    /// The entry it follows from: the erasure, or the revocation that wants one; `nil` where the
    /// terms alone do.
    package var entry: Hash?

    /// Puts it together.
    package init(
        project: ProjectID, title: LocalizedText, dueAt: Timestamp, waiting: [LocalizedText],
        entry: Hash?
    ) {
        self.project = project
        self.title = title
        self.dueAt = dueAt
        self.waiting = waiting
        self.entry = entry
    }
}
