/// Points that became available together and run out together.
package struct PointsLot: Equatable, Sendable {
    /// The member.
    package let account: AccountID
    /// When they run out; a late notice puts it off.
    package internal(set) var expiresAt: Timestamp
    /// What can be spent.
    package internal(set) var free: Points
    /// What is set aside for rewards.
    package internal(set) var held = Points.zero
    /// Whether the member was told that they run out.
    package internal(set) var isNoticed = false

    /// What is left of the lot.
    package var remainder: Points { free + held }
}

extension LedgerState {
    /// The lots of a member that are not used up, the first to run out first; of equal ones the
    /// first in is the first out.
    package func lots(of account: AccountID) -> [PointsLot] {
        (lotsByAccount[account] ?? []).compactMap { lots[$0] }
    }

    mutating func addLot(
        _ id: Hash, of account: AccountID, _ amount: Points, programme: Programme,
        at time: Timestamp
    ) {
        let lifetime = programmeRules[programme]?.lifetimeMilliseconds ?? PointsTimes.lifetime
        let lot = PointsLot(
            account: account, expiresAt: time.adding(milliseconds: lifetime), free: amount)
        lots[id] = lot
        var order = lotsByAccount[account] ?? []
        let later = order.lastIndex { other in
            lots[other].map { $0.expiresAt <= lot.expiresAt } ?? true
        }
        order.insert(id, at: later.map { $0 + 1 } ?? 0)
        lotsByAccount[account] = order
        noticeQueue.insert(id, due: lot.expiresAt.adding(milliseconds: -PointsTimes.notice))
        lotQueue.insert(id, due: lot.expiresAt)
    }

    /// Sets points of a member's lots aside, the first to run out first.
    ///
    /// - Returns: how much of which lot.
    mutating func hold(_ amount: Points, of account: AccountID) -> [Reservation.Part] {
        var open = amount
        var parts = [Reservation.Part]()
        for id in lotsByAccount[account] ?? [] where open > .zero {
            guard let lot = lots[id], lot.free > .zero else { continue }
            let taken = min(lot.free, open)
            lots[id]?.free = lot.free - taken
            lots[id]?.held = lot.held + taken
            parts.append(Reservation.Part(lot: id, points: taken))
            open = open - taken
        }
        precondition(open == .zero, "the lots of a member are less than their balance")
        return parts
    }

    /// Ends what was held: spent, or free again.
    mutating func settle(_ parts: [Reservation.Part], of account: AccountID, isSpent: Bool) {
        for part in parts {
            guard let lot = lots[part.lot] else { continue }
            lots[part.lot]?.held = lot.held - part.points
            if isSpent {
                dropIfEmpty(part.lot, of: account)
            } else {
                lots[part.lot]?.free = lot.free + part.points
                // It may be the one thing that is left of a lot that ran out meanwhile.
                lotQueue.insert(part.lot, due: lot.expiresAt)
            }
        }
    }

    mutating func dropIfEmpty(_ id: Hash, of account: AccountID) {
        guard lots[id]?.remainder == .zero else { return }
        lots[id] = nil
        lotsByAccount[account]?.removeAll { $0 == id }
        if lotsByAccount[account]?.isEmpty == true { lotsByAccount[account] = nil }
        let left = lots
        noticeQueue.dropSettled { left[$0]?.isNoticed != false }
        lotQueue.dropSettled { left[$0].map { $0.free == .zero } ?? true }
    }

    /// The notices the operator owes at `time`, at most 64: who, and what to sign.
    package func dueNotices(at time: Timestamp) -> [(AccountID, PointsExpiring)] {
        noticeQueue.due(at: time, limit: 64) { lots[$0]?.isNoticed == false }.compactMap { id in
            lots[id].map { lot in
                let at = max(lot.expiresAt, time.adding(milliseconds: PointsTimes.notice))
                return (lot.account, PointsExpiring(lot: id, points: lot.remainder, at: at))
            }
        }
    }

    /// The expiries of lots the operator owes at `time`, at most 64: who, and what to sign.
    package func dueLotExpiries(at time: Timestamp) -> [(AccountID, PointsExpired)] {
        var seen = Set<Hash>()
        return lotQueue.due(at: time, limit: 64) { id in
            guard let lot = lots[id], lot.isNoticed, lot.free > .zero, time >= lot.expiresAt
            else { return false }
            return seen.insert(id).inserted
        }.compactMap { id in
            lots[id].map { ($0.account, PointsExpired(lot: id, points: $0.free)) }
        }
    }

    mutating func notice(_ expiring: PointsExpiring, of account: AccountID, at time: Timestamp)
        throws(EntryRejection)
    {
        guard let lot = lots[expiring.lot], lot.account == account else { throw .lotUnknown }
        guard !lot.isNoticed else { throw .noticeGiven }
        guard time >= lot.expiresAt.adding(milliseconds: -PointsTimes.notice) else {
            throw .notDue
        }
        let at = max(lot.expiresAt, time.adding(milliseconds: PointsTimes.notice))
        guard expiring.points == lot.remainder, expiring.at == at else { throw .amountNotDue }
        lots[expiring.lot]?.isNoticed = true
        lots[expiring.lot]?.expiresAt = at
        if at > lot.expiresAt { lotQueue.insert(expiring.lot, due: at) }
        let noticed = lots
        noticeQueue.dropSettled { noticed[$0]?.isNoticed != false }
    }

    mutating func expire(_ expired: PointsExpired, of account: AccountID, at time: Timestamp)
        throws(EntryRejection)
    {
        guard let lot = lots[expired.lot], lot.account == account else { throw .lotUnknown }
        guard lot.isNoticed, time >= lot.expiresAt else { throw .notDue }
        guard lot.free == expired.points else { throw .amountNotDue }
        guard points.canMove(expired.points, from: .available(account), to: .breakage) else {
            throw .amountTooLarge
        }
        points.move(expired.points, from: .available(account), to: .breakage)
        lots[expired.lot]?.free = .zero
        dropIfEmpty(expired.lot, of: account)
        let left = lots
        lotQueue.dropSettled { left[$0].map { $0.free == .zero } ?? true }
    }
}
