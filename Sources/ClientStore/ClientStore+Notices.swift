internal import GRDB
package import LedgerCore
package import SyncCore

/// What was told on this machine, so that nobody has to remember it.
extension ClientStore {
    /// How many notices are kept.
    package static let noticeLimit = 500

    /// Keeps what was told; the oldest gives way.
    package func keepNotice(_ text: String, tone: NoticeLine.Tone, at time: Timestamp) throws {
        try write("keep the notice") { db in
            try db.cachedStatement(sql: "INSERT INTO notice (at, tone, text) VALUES (?, ?, ?)")
                .execute(arguments: [time.milliseconds, tone.rawValue, String(text.prefix(1_000))])
            try db.cachedStatement(sql: "DELETE FROM notice WHERE id <= ?")
                .execute(arguments: [db.lastInsertedRowID - Int64(ClientStore.noticeLimit)])
        }
    }

    /// Returns what was told, newest first.
    package func notices(offset: Int, limit: Int) throws -> Page<NoticeLine> {
        try read("list the notices") { db in
            let total =
                try Int.fetchOne(db.cachedStatement(sql: "SELECT count(*) FROM notice")) ?? 0
            let start = min(max(offset, 0), total)
            let rows = try Row.fetchAll(
                db.cachedStatement(
                    sql: "SELECT id, at, tone, text FROM notice ORDER BY id DESC LIMIT ? OFFSET ?"),
                arguments: [max(limit, 0), start])
            let lines = try rows.map { row in
                NoticeLine(
                    id: row[0], at: row.time(1),
                    tone: try row.parsed(2, NoticeLine.Tone.init(rawValue:)), text: row[3])
            }
            return Page(offset: start, lines: lines, total: total)
        }
    }
}
