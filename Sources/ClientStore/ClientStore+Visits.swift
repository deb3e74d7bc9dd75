internal import GRDB
package import LedgerCore
internal import SyncCore

/// What is new to the person: what was recorded since they left the app.
extension ClientStore {
    /// When the person left, and the index of the newest entry they could have seen; -1 for none.
    private struct Visit {
        var end: Timestamp
        var lastIndex: LeafIndex

        init(end: Timestamp, lastIndex: LeafIndex) {
            self.end = end
            self.lastIndex = lastIndex
        }

        init?(text: String) {
            let numbers = text.split(separator: " ").compactMap { Int64($0) }
            guard numbers.count == 2 else { return nil }
            self.init(end: Timestamp(milliseconds: numbers[0]), lastIndex: numbers[1])
        }

        var text: String { "\(end.milliseconds) \(lastIndex)" }
    }

    /// Keeps, on this machine only, that the person leaves the app now.
    package func endVisit(at time: Timestamp) throws {
        try write("keep when you left") { db in
            let last = try Int64.fetchOne(
                db, sql: "SELECT idx FROM entry WHERE chain = 1 ORDER BY aseq DESC LIMIT 1")
            let visit = Visit(end: time, lastIndex: last ?? -1)
            try db.execute(
                sql: "INSERT OR REPLACE INTO own (key, value) VALUES ('visit', ?)",
                arguments: [visit.text])
        }
    }

    /// What happened since the person left; `nil` where they never did.
    func sinceLastTime(_ recent: [ActivityLine], in db: Database) throws -> SinceLastTime? {
        let text = try String.fetchOne(
            db.cachedStatement(sql: "SELECT value FROM own WHERE key = 'visit'"))
        guard let visit = text.flatMap(Visit.init(text:)) else { return nil }
        let counts = try Row.fetchOne(
            db.cachedStatement(
                sql: """
                    SELECT
                        (SELECT count(*) FROM entry WHERE chain = 1 AND aseq >
                            coalesce((SELECT aseq FROM entry WHERE idx = ?1 AND chain = 1), 0)),
                        (SELECT count(*) FROM use_log
                            WHERE idx > ?1 AND denial IS NULL AND purpose <> ?3),
                        (SELECT count(*) FROM use_log WHERE idx > ?1 AND denial IS NOT NULL),
                        (SELECT coalesce(sum(points), 0) FROM points WHERE idx > ?1 AND kind = ?2)
                    """),
            arguments: [
                visit.lastIndex, EntryKind.pointsAccrued.rawValue, UsePurpose.review.text,
            ])
        return SinceLastTime(
            at: visit.end,
            shownCount: recent.prefix { ($0.index ?? .max) > visit.lastIndex }.count,
            entryCount: counts?[0] ?? 0, uses: counts?[1] ?? 0, denials: counts?[2] ?? 0,
            earned: Points(counts?[3] ?? 0))
    }
}
