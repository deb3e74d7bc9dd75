import ClientStore
package import LedgerCore
import SyncCore

extension MemberActions {
    /// Reserves a reward: its price is set aside until it is handed over, 72 hours at most.
    ///
    /// - Parameters:
    ///   - reward: The reward.
    ///   - price: The price that was shown; `nil` means the current one.
    /// - Returns: the entry that was queued.
    /// - Throws: `ActionRefusal` for a reward that is not in the catalogue, costs something else
    ///   or more than can be spent; `StoreFailure`.
    @discardableResult
    package func redeem(_ reward: RewardID, price: Points? = nil) throws -> Hash {
        guard let line = try store.rewards().first(where: { $0.id == reward }) else {
            throw ActionRefusal(.rewardUnknown)
        }
        guard price == nil || price == line.price else { throw ActionRefusal(.priceChanged) }
        guard line.isAffordable else { throw ActionRefusal(.balanceTooLow) }
        return try queue(.pointsReserved(PointsReserved(reward: reward, points: line.price)))
    }

    /// Gives a reservation up: its points can be spent again.
    @discardableResult
    package func cancelRedemption(_ reservation: Hash) throws -> Hash {
        guard let line = try store.redemptions().first(where: { $0.entry == reservation }) else {
            throw ActionRefusal(.reservationUnknown)
        }
        guard line.outcome == .open else { throw ActionRefusal(.reservationResolved) }
        let released = PointsReleased(
            reservation: reservation, reward: line.reward, points: line.points,
            reason: .cancelled)
        // Once more it would only be refused, which would be told of.
        let known = try store.activity(stating: .pointsReleased(released))
        guard known == nil || known?.state == .rejected else {
            throw ActionRefusal(.reservationResolved)
        }
        return try queue(
            .pointsReleased(released), after: line.state == .proven ? [] : [reservation])
    }

    /// Has a rejected contribution looked at again, once.
    @discardableResult
    package func appeal(contribution: Hash, to project: ProjectID) throws -> Hash {
        try queue(
            .contributionAppealed(
                ContributionReviewed(project: project, contribution: contribution)))
    }

    /// Stops a correction of points: the officers have to propose it anew.
    @discardableResult
    package func appeal(correction proposal: Hash) throws -> Hash {
        try queue(.correctionAppealed(proposal))
    }
}
