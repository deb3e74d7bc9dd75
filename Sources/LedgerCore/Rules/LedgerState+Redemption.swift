/// A reward as the ledger knows it.
package struct Reward: Equatable, Sendable {
    /// The latest offer; its units are those it added.
    package internal(set) var offer: RewardOffered
    /// How many units are not reserved, at most `mostUnits`.
    package internal(set) var unitsLeft: Int64
    /// Whether it can no longer be reserved.
    package internal(set) var isWithdrawn = false

    /// The most units that are counted: more are none.
    package static let mostUnits = Points.limit.value
}

/// Points set aside for a reward.
package struct Reservation: Equatable, Sendable {
    /// The member.
    package let account: AccountID
    /// What was stated.
    package let statement: PointsReserved
    /// The entry.
    package let entry: Hash
    /// When the node recorded it.
    package let at: Timestamp
    /// Which lots the points come from.
    package let parts: [Part]
    /// How it ended, if it has.
    package internal(set) var outcome = Outcome.open

    /// Points of one lot.
    package struct Part: Equatable, Sendable {
        /// The lot.
        package let lot: Hash
        /// How many.
        package let points: Points
    }

    /// How a reservation ends: once.
    package enum Outcome: Equatable, Sendable {
        case open
        case redeemed
        case released(ReleaseReason)
    }

    /// When it is released if nobody hands the reward over.
    package var expiresAt: Timestamp { at.adding(milliseconds: PointsTimes.reservation) }
}

extension LedgerState {
    /// The reservations nobody answered in time, at most 64: who, and what to sign.
    package func dueTimeouts(at time: Timestamp) -> [(AccountID, PointsReleased)] {
        reservationQueue.due(at: time, limit: 64) { reservations[$0]?.outcome == .open }
            .compactMap { reservations[$0] }
            .map { ($0.account, $0.release(.timedOut)) }
    }

    /// The reservations nobody answered yet, the oldest first.
    package var openReservations: [Reservation] {
        reservations.values.filter { $0.outcome == .open }
            .sorted { ($0.at, $0.entry.hex) < ($1.at, $1.entry.hex) }
    }

    /// What the operator signs at once for a reservation; `nil` if people hand the reward over.
    package func redemptionOwed(for reservation: Hash) -> (AccountID, PointsRedeemed)? {
        guard let known = reservations[reservation], known.outcome == .open,
            rewards[known.statement.reward]?.offer.isInstant == true
        else { return nil }
        return (known.account, known.redemption)
    }

    /// No stock is refused as too large: who sees no reservations of others would refuse what the
    /// node took.
    mutating func offer(_ offered: RewardOffered) {
        let before = rewards[offered.reward]?.unitsLeft ?? 0
        rewards[offered.reward] = Reward(
            offer: offered, unitsLeft: min(before + offered.units, Reward.mostUnits))
    }

    mutating func withdraw(_ reward: RewardID) throws(EntryRejection) {
        guard let known = rewards[reward] else { throw .rewardUnknown }
        guard !known.isWithdrawn else { throw .rewardWithdrawn }
        rewards[reward]?.isWithdrawn = true
    }

    mutating func reserve(
        _ reserved: PointsReserved, by verified: VerifiedEntry, at time: Timestamp
    ) throws(EntryRejection) {
        let account = verified.payload.account
        guard let reward = rewards[reserved.reward] else { throw .rewardUnknown }
        guard !reward.isWithdrawn else { throw .rewardWithdrawn }
        guard reward.offer.price == reserved.points else { throw .priceChanged }
        guard reward.unitsLeft > 0 else { throw .outOfStock }
        guard points.canMove(reserved.points, from: .available(account), to: .reserved(account))
        else { throw .balanceTooLow }
        points.move(reserved.points, from: .available(account), to: .reserved(account))
        rewards[reserved.reward]?.unitsLeft -= 1
        let parts = hold(reserved.points, of: account)
        let reservation = Reservation(
            account: account, statement: reserved, entry: verified.id, at: time, parts: parts)
        reservations[verified.id] = reservation
        reservationQueue.insert(verified.id, due: reservation.expiresAt)
    }

    mutating func redeem(_ redeemed: PointsRedeemed, of account: AccountID)
        throws(EntryRejection)
    {
        let reservation = try openReservation(
            redeemed.reservation, of: account, redeemed.reward, redeemed.points)
        let target = PointsAccount.fulfilled(redeemed.reward)
        guard points.canMove(redeemed.points, from: .reserved(account), to: target) else {
            throw .amountTooLarge
        }
        points.move(redeemed.points, from: .reserved(account), to: target)
        settle(reservation.parts, of: account, isSpent: true)
        end(reservation, as: .redeemed)
    }

    mutating func release(_ released: PointsReleased, of account: AccountID, at time: Timestamp)
        throws(EntryRejection)
    {
        let reservation = try openReservation(
            released.reservation, of: account, released.reward, released.points)
        if released.reason == .timedOut, time < reservation.expiresAt { throw .notDue }
        points.move(released.points, from: .reserved(account), to: .available(account))
        settle(reservation.parts, of: account, isSpent: false)
        if let reward = rewards[released.reward] {
            rewards[released.reward]?.unitsLeft = min(reward.unitsLeft + 1, Reward.mostUnits)
        }
        end(reservation, as: .released(released.reason))
    }

    private func openReservation(
        _ entry: Hash, of account: AccountID, _ reward: RewardID, _ points: Points
    ) throws(EntryRejection) -> Reservation {
        guard let reservation = reservations[entry], reservation.account == account,
            reservation.statement.reward == reward
        else { throw .reservationUnknown }
        guard reservation.outcome == .open else { throw .reservationResolved }
        guard reservation.statement.points == points else { throw .amountNotDue }
        return reservation
    }

    private mutating func end(_ reservation: Reservation, as outcome: Reservation.Outcome) {
        reservations[reservation.entry]?.outcome = outcome
        let ended = reservations
        reservationQueue.dropSettled { ended[$0]?.outcome != .open }
    }
}

extension Reservation {
    /// What ends this reservation with the reward.
    package var redemption: PointsRedeemed {
        PointsRedeemed(
            reservation: entry, reward: statement.reward, points: statement.points)
    }

    /// Returns what ends this reservation without the reward.
    package func release(_ reason: ReleaseReason) -> PointsReleased {
        PointsReleased(
            reservation: entry, reward: statement.reward, points: statement.points,
            reason: reason)
    }
}
