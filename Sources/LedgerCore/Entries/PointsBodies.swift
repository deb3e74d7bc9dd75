/// The rules of a programme for the points its projects pay; the operator changes them by a new
/// version.
package struct ProgrammeRuled: Equatable, Sendable {
    /// The programme.
    package let programme: Programme
    /// The version, from 1.
    package let version: Int64
    /// How long points stay after they became available, in milliseconds.
    package let lifetimeMilliseconds: Int64
    /// The most one member earns from the programme on one day (UTC); zero means no limit.
    package let dayCap: Points
    /// The most one member earns from the programme in one month (UTC); zero means no limit.
    package let monthCap: Points
    /// The most one member earns from the programme in all; zero means no limit.
    package let lifetimeCap: Points

    /// The versions there can be.
    package static let versions: ClosedRange<Int64> = 1...1_000_000
    /// The lifetimes there can be, in days, up to a hundred years: a shorter one would mean a notice
    /// with every payment.
    package static let lifetimeDays: ClosedRange<Int64> = 60...36_525

    /// Makes rules.
    package init(
        programme: Programme, version: Int64, lifetimeMilliseconds: Int64, dayCap: Points = .zero,
        monthCap: Points = .zero, lifetimeCap: Points = .zero
    ) {
        self.programme = programme
        self.version = version
        self.lifetimeMilliseconds = lifetimeMilliseconds
        self.dayCap = dayCap
        self.monthCap = monthCap
        self.lifetimeCap = lifetimeCap
    }
}

/// Something points can be redeemed for; offered again, it has a new price and more units.
package struct RewardOffered: Equatable, Sendable {
    /// The reward.
    package let reward: RewardID
    /// What it is called.
    package let title: LocalizedText
    /// What one unit costs, at least 1.
    package let price: Points
    /// How many units are added to the stock.
    package let units: Int64
    /// Whether the node hands it over at once; otherwise people do, within 72 hours.
    package let isInstant: Bool

    /// Makes an offer.
    package init(
        reward: RewardID, title: LocalizedText, price: Points, units: Int64, isInstant: Bool
    ) {
        self.reward = reward
        self.title = title
        self.price = price
        self.units = units
        self.isInstant = isInstant
    }
}

/// How what a project shares is parted among institutions.
package struct SplitRuled: Equatable, Sendable {
    /// The project.
    package let project: ProjectID
    /// The institutions and their weights, ascending by account, at least one.
    package let shares: [Share]

    /// One institution's part.
    package struct Share: Equatable, Sendable {
        /// The institution.
        package let account: AccountID
        /// Its weight beside the others', one of `weights`.
        package let weight: Int64

        /// The weights there can be.
        package static let weights: ClosedRange<Int64> = 1...1_000_000

        /// Makes a part.
        package init(_ account: AccountID, weight: Int64) {
            self.account = account
            self.weight = weight
        }
    }

    /// Makes a rule.
    package init(project: ProjectID, shares: [Share]) {
        self.project = project
        self.shares = shares.sorted { $0.account < $1.account }
    }
}

/// Points of one project: set aside for it, released from it, or shared under its rule.
package struct ProjectPoints: Equatable, Sendable {
    /// The project.
    package let project: ProjectID
    /// How many, at least 1.
    package let points: Points

    /// Makes an amount.
    package init(project: ProjectID, points: Points) {
        self.project = project
        self.points = points
    }
}

/// A member wants a reward: its price is set aside.
package struct PointsReserved: Equatable, Sendable {
    /// The reward.
    package let reward: RewardID
    /// The price the member was shown.
    package let points: Points

    /// Makes a reservation.
    package init(reward: RewardID, points: Points) {
        self.reward = reward
        self.points = points
    }
}

/// A reward was handed over.
package struct PointsRedeemed: Equatable, Sendable {
    /// The reservation (entry id).
    package let reservation: Hash
    /// The reward.
    package let reward: RewardID
    /// How many: all of the reservation.
    package let points: Points

    /// Makes a redemption.
    package init(reservation: Hash, reward: RewardID, points: Points) {
        self.reservation = reservation
        self.reward = reward
        self.points = points
    }
}

/// Why a reservation ended without a reward.
package enum ReleaseReason: String, CaseIterable, Sendable {
    /// The member changed their mind.
    case cancelled
    /// The reward cannot be handed over.
    case unavailable
    /// Nobody handed it over in time.
    case timedOut = "timed-out"
}

/// A reservation ended and its points can be spent again.
package struct PointsReleased: Equatable, Sendable {
    /// The reservation (entry id).
    package let reservation: Hash
    /// The reward.
    package let reward: RewardID
    /// How many: all of the reservation.
    package let points: Points
    /// Why.
    package let reason: ReleaseReason

    /// Makes a release.
    package init(reservation: Hash, reward: RewardID, points: Points, reason: ReleaseReason) {
        self.reservation = reservation
        self.reward = reward
        self.points = points
        self.reason = reason
    }
}

/// A lot will run out: said at least 30 days before.
package struct PointsExpiring: Equatable, Sendable {
    /// The lot: the entry that made the points available.
    package let lot: Hash
    /// What is left of it.
    package let points: Points
    /// When it runs out.
    package let at: Timestamp

    /// Makes a notice.
    package init(lot: Hash, points: Points, at: Timestamp) {
        self.lot = lot
        self.points = points
        self.at = at
    }
}

/// What was left of a lot ran out.
package struct PointsExpired: Equatable, Sendable {
    /// The lot: the entry that made the points available.
    package let lot: Hash
    /// How many: all that could be spent of it.
    package let points: Points

    /// Makes an expiry.
    package init(lot: Hash, points: Points) {
        self.lot = lot
        self.points = points
    }
}

/// Why points are corrected: the only reasons there are.
package enum CorrectionReason: String, CaseIterable, Sendable {
    /// The same thing was paid twice.
    case duplicate
    /// The record was forged.
    case fraud
    /// The amount was computed wrongly.
    case arithmetic
}

/// Which way a correction goes.
package enum CorrectionDirection: String, CaseIterable, Sendable {
    /// From the member, out of what is left of the accrual.
    case take
    /// Back to the member, out of what was taken for the same accrual.
    case giveBack = "give-back"
}

/// An officer wants to correct an accrual; the member is told and can appeal.
package struct CorrectionProposed: Equatable, Sendable {
    /// The accrual (entry id).
    package let accrual: Hash
    /// How many, at least 1.
    package let points: Points
    /// Which way.
    package let direction: CorrectionDirection
    /// Why.
    package let reason: CorrectionReason

    /// Makes a proposal.
    package init(
        accrual: Hash, points: Points, direction: CorrectionDirection, reason: CorrectionReason
    ) {
        self.accrual = accrual
        self.points = points
        self.direction = direction
        self.reason = reason
    }
}

/// A second officer confirmed a correction: now points move.
package struct CorrectionConfirmed: Equatable, Sendable {
    /// The proposal (entry id).
    package let proposal: Hash
    /// How many: all of the proposal.
    package let points: Points

    /// Makes a confirmation.
    package init(proposal: Hash, points: Points) {
        self.proposal = proposal
        self.points = points
    }
}
