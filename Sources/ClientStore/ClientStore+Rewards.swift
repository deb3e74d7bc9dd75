internal import GRDB
internal import LedgerCore
package import SyncCore

extension ClientStore {
    func projectRewards(_ changes: LedgerChanges, _ state: LedgerState, in db: Database) throws {
        for id in changes.rewards {
            guard let reward = state.rewards[id] else { continue }
            try db.cachedStatement(
                sql: """
                    INSERT OR REPLACE INTO reward (id, title_en, title_zh, price, is_instant,
                        is_withdrawn)
                    VALUES (?, ?, ?, ?, ?, ?)
                    """
            ).execute(
                arguments: [
                    id.text, reward.offer.title.english, reward.offer.title.chinese,
                    reward.offer.price.value, reward.offer.isInstant, reward.isWithdrawn,
                ])
        }
        for entry in changes.reservations {
            guard let reservation = state.reservations[entry] else { continue }
            try db.cachedStatement(
                sql: """
                    INSERT OR REPLACE INTO reservation (entry, reward, points, time, outcome)
                    VALUES (?, ?, ?, ?, ?)
                    """
            ).execute(
                arguments: [
                    entry.data, reservation.statement.reward.text,
                    reservation.statement.points.value, reservation.at.milliseconds,
                    ClientStore.text(of: reservation.outcome),
                ])
        }
    }

    /// Returns the rewards that can be had, the cheapest first.
    package func rewards() throws -> [RewardLine] {
        try read("list the rewards") { db in
            let left = try spendable(db)
            return try Row.fetchAll(
                db.cachedStatement(
                    sql: """
                        SELECT id, title_en, title_zh, price, is_instant FROM reward
                        WHERE is_withdrawn = 0 ORDER BY price, id
                        """)
            ).map { row in
                RewardLine(
                    id: try row.parsed(0) { RewardID($0) }, title: row.text(1, 2),
                    price: Points(row[3]), isInstant: row[4], spendable: left)
            }
        }
    }

    /// Returns what the member redeemed or wants to, newest first, those on their way on top.
    package func redemptions() throws -> [RedemptionLine] {
        try read("list what was redeemed") { db in
            let waiting =
                try LocalWishes(db).entries.reversed().compactMap { wish in
                    guard case .pointsReserved(let reserved) = wish.payload.body else { return nil }
                    return RedemptionLine(
                        entry: wish.id, reward: reserved.reward,
                        title: try title(of: reserved.reward, in: db), points: reserved.points,
                        at: wish.queuedAt,
                        expiresAt: wish.queuedAt.adding(milliseconds: PointsTimes.reservation),
                        state: wish.state, outcome: .open)
                } as [RedemptionLine]
            let recorded = try Row.fetchAll(
                db.cachedStatement(
                    sql: """
                        SELECT r.entry, r.reward, r.points, r.time, r.outcome FROM reservation r
                        JOIN entry e ON e.id = r.entry ORDER BY e.idx DESC
                        """)
            ).map { row in
                let reward = try row.parsed(1) { RewardID($0) }
                return RedemptionLine(
                    entry: try row.hash(0), reward: reward, title: try title(of: reward, in: db),
                    points: Points(row[2]), at: row.time(3),
                    expiresAt: row.time(3).adding(milliseconds: PointsTimes.reservation),
                    state: .proven,
                    outcome: try row.parsed(4) { ClientStore.reservationOutcome($0) })
            }
            return waiting + recorded
        }
    }

    /// What can be spent: the verified balance less what is on its way to the node.
    private func spendable(_ db: Database) throws -> Points {
        let waiting = try LocalWishes(db).entries.reduce(Points.zero) { sum, wish in
            guard case .pointsReserved(let reserved) = wish.payload.body else { return sum }
            return sum + reserved.points
        }
        return Points(try db.metaInteger(.pointsAvailable) ?? 0) - waiting
    }

    func title(of reward: RewardID, in db: Database) throws -> LocalizedText {
        let row = try Row.fetchOne(
            db.cachedStatement(sql: "SELECT title_en, title_zh FROM reward WHERE id = ?"),
            arguments: [reward.text])
        return row?.text(0, 1) ?? LocalizedText(english: reward.text)
    }

    private static func text(of outcome: Reservation.Outcome) -> String {
        switch outcome {
        case .open: "open"
        case .redeemed: "redeemed"
        case .released(let reason): reason.rawValue
        }
    }

    private static func reservationOutcome(_ text: String) -> Reservation.Outcome? {
        switch text {
        case "open": .open
        case "redeemed": .redeemed
        default: ReleaseReason(rawValue: text).map(Reservation.Outcome.released)
        }
    }
}
