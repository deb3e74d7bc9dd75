internal import GRDB
package import LedgerCore
internal import SyncCore

/// What became of the wish to take an entry back.
package enum Withdrawal: Equatable, Sendable {
    /// It is gone, as if it had never been signed.
    case done
    /// It may be at the node: only another decision can answer it.
    case alreadySent
    /// A later entry follows it by number and has to go first.
    case followed
    /// There is no such entry in the outbox: it was recorded, refused, or taken back.
    case unknown
}

extension ClientStore {
    /// Takes back an entry that was never sent, with what waits to be uploaded for it.
    ///
    /// Only the newest entry of the device can go: others follow it by number.
    @discardableResult
    package func withdraw(_ entry: Hash) throws -> Withdrawal {
        try write("withdraw the entry") { db in
            let row = try Row.fetchOne(
                db,
                sql: """
                    SELECT o.device, o.seq, o.jws, o.state = 'queued' AND o.attempts = 0, d.seq
                    FROM outbox o JOIN device_cursor d ON d.device = o.device WHERE o.id = ?
                    """, arguments: [entry.data])
            guard let row else { return .unknown }
            guard row[3] as Bool else { return .alreadySent }
            guard row[1] as Int64 == row[4] as Int64 else { return .followed }
            let payload = try Entry(bytes: row.bytes(2)).payload()
            try ClientStore.keepBack(payload.body, entry, in: db)
            try db.execute(sql: "DELETE FROM outbox WHERE id = ?", arguments: [entry.data])
            try db.execute(
                sql: "UPDATE device_cursor SET seq = ?, last = ? WHERE device = ?",
                arguments: [
                    (row[1] as Int64) - 1, payload.previous.data, row[0] as String,
                ])
            return .done
        }
    }

    /// Takes back what was never sent, from the newest to the first that was.
    ///
    /// - Returns: How many entries that were.
    package func withdrawUnsent() throws -> Int {
        var count = 0
        for newest in try undecided(limit: .max).reversed() {
            guard try withdraw(newest.entry.id) == .done else { break }
            count += 1
        }
        return count
    }

    /// Keeps here what was to be uploaded because of an entry: the record itself, or its keys.
    private static func keepBack(_ body: EntryBody, _ entry: Hash, in db: Database) throws {
        switch body {
        case .recordContributed:
            try db.execute(
                sql: "DELETE FROM upload WHERE contribution = ?", arguments: [entry.data])
        case .authorizationGranted(let grant):
            try db.execute(
                sql: """
                    UPDATE upload SET has_sent_wraps = 1
                    WHERE has_sent_wraps = 0 AND contribution IN (
                        SELECT entry FROM contribution WHERE project = ?1
                        UNION SELECT id FROM outbox WHERE project = ?1)
                    """, arguments: [grant.project.text])
        default: break
        }
    }
}
