package import LedgerCore

/// The member's points.
package struct PointsSummary: Equatable, Sendable {
    /// What can be spent.
    package var available: Points
    /// What is on the way: waits, and cannot be spent.
    package var onTheWay: Points
    /// When the last of what waits may be spent; `nil` if nothing waits, or none of the newest
    /// movements does.
    package var waitsUntil: Timestamp?
    /// What is set aside for rewards that are not handed over yet.
    package var reserved: Points
    /// What of the available points will run out by a notice that was given.
    package var expiring: Points
    /// When the first of them run out; `nil` if none will.
    package var expiresAt: Timestamp?
    /// What was earned in each of the last twelve months, the present one last; months are UTC.
    package var months: [Points]

    /// Makes a summary.
    package init(
        available: Points, onTheWay: Points, months: [Points], reserved: Points = .zero,
        expiring: Points = .zero, expiresAt: Timestamp? = nil, waitsUntil: Timestamp? = nil
    ) {
        self.waitsUntil = waitsUntil
        self.available = available
        self.onTheWay = onTheWay
        self.reserved = reserved
        self.expiring = expiring
        self.expiresAt = expiresAt
        self.months = months
    }

    /// No points.
    package static let nothing = PointsSummary(
        available: .zero, onTheWay: .zero, months: Array(repeating: .zero, count: 12))
}

/// One movement of the member's points.
package struct PointsLine: Equatable, Sendable {
    /// The entry that moved them.
    package var entry: Hash
    /// Its index in the ledger.
    package var index: LeafIndex
    /// When it was recorded.
    package var at: Timestamp
    /// `pointsAccrued`, `pointsVested`, `pointsVoided`, `pointsReserved`, `pointsRedeemed`,
    /// `pointsReleased`, `pointsExpired` or `correctionConfirmed`.
    package var kind: EntryKind
    /// How many; below zero what a correction took.
    package var points: Points
    /// The project that pays, if one does.
    package var project: ProjectID?
    /// The reward, if it is about one.
    package var reward: RewardID?
    /// The title of the project or reward; empty if it is about neither.
    package var title: LocalizedText
    /// What earned them: an accepted contribution or an allowed use.
    package var cause: EntryKind?
    /// When an accrual vests.
    package var vestsAt: Timestamp?
    /// Whether the accrual still waits.
    package var isWaiting: Bool

    /// Makes a line.
    package init(
        entry: Hash, index: LeafIndex, at: Timestamp, kind: EntryKind, points: Points,
        project: ProjectID?, reward: RewardID? = nil, title: LocalizedText, cause: EntryKind?,
        vestsAt: Timestamp?, isWaiting: Bool
    ) {
        self.entry = entry
        self.index = index
        self.at = at
        self.kind = kind
        self.points = points
        self.project = project
        self.reward = reward
        self.title = title
        self.cause = cause
        self.vestsAt = vestsAt
        self.isWaiting = isWaiting
    }

    /// The amount as it changes what the member has, available or on the way.
    ///
    /// What goes is below zero, and what only changes its place changes nothing: all of them
    /// together are the balance.
    package var change: Points {
        switch kind {
        case .pointsVoided, .pointsReserved, .pointsExpired: .zero - points
        case .pointsVested, .pointsRedeemed: .zero
        default: points
        }
    }
}

/// A reward of the catalogue.
package struct RewardLine: Equatable, Sendable {
    /// The reward.
    package var id: RewardID
    /// What it is called.
    package var title: LocalizedText
    /// What one unit costs.
    package var price: Points
    /// Whether it is handed over at once; otherwise people do, within 72 hours.
    package var isInstant: Bool
    /// What can be spent: the available points, less what is on its way to the node.
    package var spendable: Points

    /// Whether that is enough for it.
    package var isAffordable: Bool { price <= spendable }

    /// Makes a line.
    package init(
        id: RewardID, title: LocalizedText, price: Points, isInstant: Bool, spendable: Points
    ) {
        self.id = id
        self.title = title
        self.price = price
        self.isInstant = isInstant
        self.spendable = spendable
    }
}

/// A reward the member asked for.
package struct RedemptionLine: Equatable, Sendable {
    /// The entry that reserved its price.
    package var entry: Hash
    /// The reward.
    package var reward: RewardID
    /// What it is called.
    package var title: LocalizedText
    /// Its price.
    package var points: Points
    /// When it was recorded, or queued.
    package var at: Timestamp
    /// When the points come back if nobody hands it over.
    package var expiresAt: Timestamp
    /// How far the entry came.
    package var state: EntryState
    /// How it ended, if it has.
    package var outcome: Reservation.Outcome

    /// Makes a line.
    package init(
        entry: Hash, reward: RewardID, title: LocalizedText, points: Points, at: Timestamp,
        expiresAt: Timestamp, state: EntryState, outcome: Reservation.Outcome
    ) {
        self.entry = entry
        self.reward = reward
        self.title = title
        self.points = points
        self.at = at
        self.expiresAt = expiresAt
        self.state = state
        self.outcome = outcome
    }
}
