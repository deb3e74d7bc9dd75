internal import Foundation
internal import GRDB
package import LedgerCore
package import SyncCore

/// Entries whose numbers the node can never take: this machine was restored from a copy, or lost its
/// memory of a refusal, and counts otherwise than the node does.
extension ClientStore {
    /// No device signs as many entries: from here on counting could end.
    private static let placeLimit: Int64 = 1 << 53

    /// Puts what this device has not had decided behind the place where its next entry goes.
    ///
    /// What only takes something away is signed anew, in the order it was signed first; a revocation
    /// that others may have is sent as it was signed all the same. The rest may cite what
    /// is not there any more: it is refused, as the node refuses a number it has seen, and the person
    /// decides again if they still want it. The receipt of such a refusal is empty.
    ///
    /// - Returns: How many entries there were; 0 where the place is another device's, contradicts
    ///   what the ledger holds, is beyond all sense, or is where the first of them goes already.
    /// - Throws: `StoreFailure`, what `sign` throws; nothing is changed then.
    package func renumber(
        to place: OutboxCursor, at time: Timestamp, sign: (EntryPayload) throws -> Entry
    ) throws -> Int {
        try write("put entries in their place") { db in
            guard place.nextSequence < ClientStore.placeLimit,
                try db.metaText(.device) == place.device.text,
                try place.nextSequence > ClientStore.lastDecided(of: place.device, in: db)
            else { return 0 }
            let waiting = try ClientStore.ownUndecided(in: db)
            if let first = waiting.first?.payload, first.sequence == place.nextSequence,
                first.previous == place.previous
            {
                return 0
            }
            for item in waiting where !item.payload.body.kind.mayBeSignedAnew {
                try ClientStore.refuseHere(item.entry.id, at: time, in: db)
            }
            let gone = Set(waiting.map(\.entry.id))
            var cursor = place
            func signAnew(_ item: Waiting) throws {
                var payload = item.payload
                payload.sequence = cursor.nextSequence
                payload.previous = cursor.previous
                payload.after.removeAll(where: gone.contains)
                let entry = try sign(payload)
                try ClientStore.insert(entry, at: cursor, time: item.queuedAt, in: db)
                // What was sent under its former number is not taken back as if it never had been.
                try db.execute(
                    sql: "UPDATE outbox SET attempts = ? WHERE id = ?",
                    arguments: [item.attempts, entry.id.data])
                cursor = cursor.after(entry)
            }
            let kept = waiting.filter { $0.payload.body.kind.mayBeSignedAnew }
            func stands(_ item: Waiting) -> Bool {
                item.mayBeElsewhere && item.payload.sequence - place.nextSequence <= 64
            }
            let (standing, moving) = (kept.filter(stands), kept.filter { !stands($0) })
            for item in moving {
                try db.execute(
                    sql: "DELETE FROM outbox WHERE id = ?", arguments: [item.entry.id.data])
            }
            // The node takes a revocation under a number that was used, or is the next: the numbers
            // before it are filled by stating it more than once.
            for item in standing where item.payload.sequence >= cursor.nextSequence {
                while cursor.nextSequence < item.payload.sequence { try signAnew(item) }
                cursor = cursor.after(item.entry)
            }
            for item in moving { try signAnew(item) }
            try ClientStore.move(to: cursor, in: db)
            return waiting.count
        }
    }

    /// Refuses what another device signed after an entry whose number it had used before.
    ///
    /// The node never takes it. Wishes to stop stay, to be signed by this device.
    static func refuseFollowers(of entry: Hash, at time: Timestamp, in db: Database) throws {
        let followers = try Row.fetchAll(
            db,
            sql: """
                SELECT f.id, f.jws FROM outbox f JOIN outbox e ON e.device = f.device
                WHERE e.id = ? AND f.seq > e.seq AND f.state IN ('queued', 'sent')
                    AND NOT (f.device IS (SELECT value FROM meta WHERE key = 'device'))
                """, arguments: [entry.data])
        for row in followers {
            let payload = try Entry(bytes: row.bytes(1)).payload()
            guard !payload.body.kind.onlyStopsUse else { continue }
            try refuseHere(row.hash(0), at: time, in: db)
        }
    }

    private struct Waiting {
        let entry: Entry
        let payload: EntryPayload
        let queuedAt: Timestamp
        let attempts: Int64

        /// Whether others may have its bytes already: a revocation is taken under any number, also
        /// long after, so it is sent until it is decided.
        var mayBeElsewhere: Bool { payload.body.kind == .authorizationRevoked && attempts > 0 }
    }

    private static func ownUndecided(in db: Database) throws -> [Waiting] {
        try Row.fetchAll(
            db,
            sql: """
                SELECT jws, queued_at, attempts FROM outbox
                WHERE state IN ('queued', 'sent') AND \(isOwnDevice) ORDER BY seq
                """
        ).map { row in
            let entry = Entry(bytes: row.bytes(0))
            return Waiting(
                entry: entry, payload: try entry.payload(), queuedAt: row.time(1),
                attempts: row[2])
        }
    }

    /// The highest number of a device's entries that are on the ledger, as far as is known here;
    /// revocations left out, which are taken under any number.
    private static func lastDecided(of device: DeviceID, in db: Database) throws -> Int64 {
        let accepted =
            try Int64.fetchOne(
                db,
                sql: "SELECT max(seq) FROM outbox WHERE device = ? AND state = 'accepted'",
                arguments: [device.text]) ?? 0
        let recorded = try newestRecorded(of: device, in: db) {
            $0.body.kind != .authorizationRevoked
        }
        return max(accepted, recorded?.sequence ?? 0)
    }

    private static func refuseHere(_ entry: Hash, at time: Timestamp, in db: Database) throws {
        try refuse(
            entry, code: EntryRejection.sequenceReused.rawValue, receipt: [], at: time, in: db)
    }

    /// Sets the device's cursor, also back.
    private static func move(to cursor: OutboxCursor, in db: Database) throws {
        try db.execute(
            sql: """
                INSERT INTO device_cursor (device, seq, last) VALUES (?, ?, ?)
                ON CONFLICT (device) DO UPDATE SET seq = excluded.seq, last = excluded.last
                """,
            arguments: [cursor.device.text, cursor.nextSequence - 1, cursor.previous.data])
    }
}
