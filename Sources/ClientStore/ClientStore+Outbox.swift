internal import Foundation
internal import GRDB
package import LedgerCore
package import SyncCore

extension ClientStore {
    /// Signs entries and stores them as queued, in one transaction.
    ///
    /// - Parameters:
    ///   - time: This machine's clock, for the list only.
    ///   - build: Gets the place of the next entry of this device and returns what it signed, in
    ///     order; any error of it leaves nothing behind. No other process can queue meanwhile. It
    ///     is called once more for a revocation that a full disk refused at first.
    /// - Returns: the ids of the entries.
    /// - Throws: `StoreFailure` with code `full` if nothing was saved for lack of room, `missing`
    ///   before enrolment, and what `build` throws.
    @discardableResult
    package func enqueue(at time: Timestamp, _ build: (OutboxCursor) throws -> [Entry]) throws
        -> [Hash]
    {
        var isRevocation = false
        func queue(_ db: Database) throws -> [Hash] {
            guard let device = try db.metaText(.device).flatMap({ DeviceID($0) }) else {
                throw StoreFailure(
                    .missing, operation: "queue the entry", reason: "this device is not enrolled")
            }
            var cursor = try ClientStore.outboxCursor(of: device, in: db)
            let entries = try build(cursor)
            isRevocation = try entries.contains {
                try $0.payload().body.kind == .authorizationRevoked
            }
            for entry in entries {
                try ClientStore.insert(entry, at: cursor, time: time, in: db)
                cursor = cursor.after(entry)
            }
            try ClientStore.advance(to: cursor, in: db)
            return entries.map(\.id)
        }
        return try usingBallast(if: { isRevocation }) { try write("queue the entry", queue) }
    }

    private static func outboxCursor(of device: DeviceID, in db: Database) throws -> OutboxCursor {
        let row = try Row.fetchOne(
            db.cachedStatement(sql: "SELECT seq, last FROM device_cursor WHERE device = ?"),
            arguments: [device.text])
        guard let row else { return OutboxCursor(device: device, nextSequence: 1, previous: .zero) }
        return OutboxCursor(
            device: device, nextSequence: (row[0] as Int64) + 1, previous: try row.hash(1))
    }

    static func advance(to cursor: OutboxCursor, in db: Database) throws {
        guard cursor.nextSequence > 1 else { return }
        try db.cachedStatement(
            sql: """
                INSERT INTO device_cursor (device, seq, last) VALUES (?, ?, ?)
                ON CONFLICT (device) DO UPDATE SET seq = excluded.seq, last = excluded.last
                WHERE excluded.seq > device_cursor.seq
                """
        ).execute(
            arguments: [cursor.device.text, cursor.nextSequence - 1, cursor.previous.data])
    }

    static func insert(
        _ entry: Entry, at cursor: OutboxCursor, time: Timestamp, in db: Database
    ) throws {
        let payload = try entry.payload()
        guard payload.device == cursor.device, payload.sequence == cursor.nextSequence,
            payload.previous == cursor.previous
        else {
            throw StoreFailure(
                .constraint, operation: "queue the entry",
                reason: "it does not follow this device's last entry")
        }
        try db.cachedStatement(
            sql: """
                INSERT INTO outbox (device, seq, id, jws, kind, project, state, queued_at)
                VALUES (?, ?, ?, ?, ?, ?, 'queued', ?)
                """
        ).execute(
            arguments: [
                payload.device.text, payload.sequence, entry.id.data, Data(entry.bytes),
                payload.body.kind.rawValue, payload.body.project?.text, time.milliseconds,
            ])
        // What was signed is no draft any more.
        if payload.body.kind == .authorizationGranted, let project = payload.body.project {
            try forgetDraft(project, in: db)
        }
    }

    /// Moves the device's cursor past an entry that was recorded: a restored backup must not use
    /// its number again.
    static func noteRecorded(_ payload: EntryPayload, id: Hash, in db: Database) throws {
        try advance(
            to: OutboxCursor(
                device: payload.device, nextSequence: payload.sequence + 1, previous: id),
            in: db)
    }
}

extension ClientStore {
    /// Returns the pinned ledger, or `nil` before enrolment.
    package func enrolment() throws -> Enrolment? {
        try read("read the enrolment") { db in
            guard let origin = try db.metaText(.origin),
                let keyText = try db.metaText(.logKey),
                let node = try db.metaText(.nodeURL),
                let device = try db.metaText(.device).flatMap({ DeviceID($0) }),
                let account = try db.metaText(.account).flatMap({ AccountID($0) })
            else { return nil }
            return Enrolment(
                origin: origin, logKey: try VerifierKey(parsing: keyText), nodeURL: node,
                device: device, account: account)
        }
    }

    /// Pins a ledger this device is enrolled in already; `cursor` says where its next entry goes.
    ///
    /// For a store that starts empty: what the ledger holds comes with the next round. With a
    /// policy, its witnesses are asked for from the first round on; without one it stays as it is.
    package func adopt(
        _ enrolment: Enrolment, cursor: OutboxCursor, policy: WitnessPolicy? = nil
    ) throws {
        try write("keep the enrolment") { db in
            try ClientStore.pin(enrolment, in: db)
            if let policy { try ClientStore.ask(for: policy, in: db) }
            try ClientStore.advance(to: cursor, in: db)
        }
    }

    /// Returns where the next entry of a device goes.
    package func cursor(of device: DeviceID) throws -> OutboxCursor {
        try readOne("read the cursor") { db in
            try ClientStore.outboxCursor(of: device, in: db)
        }
    }

    static func pin(_ enrolment: Enrolment, in db: Database) throws {
        try db.setMeta(.origin, enrolment.origin)
        try db.setMeta(.logKey, enrolment.logKey.text)
        try db.setMeta(.nodeURL, enrolment.nodeURL)
        try db.setMeta(.device, enrolment.device.text)
        try db.setMeta(.account, enrolment.account.text)
    }

    /// Returns the enrolment entry that was prepared and not confirmed, or `nil`.
    package func pendingEnrolment() throws -> Entry? {
        try read("read the enrolment") { db in
            try db.metaText(.pendingEnrolment).map { Entry(bytes: Array($0.utf8)) }
        }
    }

    /// Keeps the enrolment entry before it is sent: a lost answer is asked for again with the
    /// same bytes.
    package func prepareEnrolment(_ entry: Entry) throws {
        try write("keep the enrolment") { db in
            try db.setMeta(.pendingEnrolment, String(decoding: entry.bytes, as: UTF8.self))
        }
    }

    /// Pins the ledger and puts the recorded enrolment entry in the outbox until it is proven.
    ///
    /// With a policy, its witnesses are asked for from the first round on; without one it stays as
    /// it is.
    package func confirmEnrolment(
        _ enrolment: Enrolment, entry: Entry, index: LeafIndex, receipt: [UInt8],
        policy: WitnessPolicy? = nil, at time: Timestamp
    ) throws {
        try write("keep the enrolment") { db in
            try ClientStore.pin(enrolment, in: db)
            if let policy { try ClientStore.ask(for: policy, in: db) }
            try db.execute(
                sql: "DELETE FROM meta WHERE key = ?",
                arguments: [MetaKey.pendingEnrolment.rawValue])
            let cursor = OutboxCursor(
                device: enrolment.device, nextSequence: 1, previous: .zero)
            try ClientStore.insert(entry, at: cursor, time: time, in: db)
            try ClientStore.advance(to: cursor.after(entry), in: db)
            try ClientStore.accept(entry.id, index: index, receipt: receipt, in: db)
        }
    }

    /// Returns up to `limit` entries the node has not decided, in the order they were signed.
    ///
    /// What an import brought of other devices comes first, as this device decided after it; it
    /// takes half of the places at most, so that it cannot hold this device's own up.
    package func undecided(limit: Int) throws -> [OutboxEntry] {
        try read("read the outbox") { db in
            let others = try ClientStore.outbox(
                "state IN ('queued', 'sent') AND NOT \(ClientStore.isOwnDevice)",
                limit: limit / 2, in: db)
            return others
                + (try ClientStore.outbox(
                    "state IN ('queued', 'sent') AND \(ClientStore.isOwnDevice)",
                    limit: limit - others.count, in: db))
        }
    }

    /// Returns the entries the node accepted and that are not proven yet.
    package func promised() throws -> [OutboxEntry] {
        try readOne("read the outbox") { db in
            try ClientStore.outbox("state = 'accepted'", limit: -1, in: db)
        }
    }

    /// Whether a row of the outbox is this device's own.
    static let isOwnDevice = "(device IS (SELECT value FROM meta WHERE key = 'device'))"

    private static func outbox(_ condition: String, limit: Int, in db: Database) throws
        -> [OutboxEntry]
    {
        let statement = try db.cachedStatement(
            sql: """
                SELECT jws, seq, state, attempts, idx, receipt FROM outbox WHERE \(condition)
                ORDER BY device, seq LIMIT ?
                """)
        return try Row.fetchAll(statement, arguments: [limit]).map { row in
            OutboxEntry(
                entry: Entry(bytes: row.bytes(0)), sequence: row[1],
                state: try row.parsed(2, EntryState.init(rawValue:)), attempts: row[3],
                index: row[4], receipt: (row[5] as Data?).map { [UInt8]($0) } ?? [])
        }
    }

    /// Notes that entries are being sent: a revocation among them leaves on a full disk, too.
    package func markSent(_ entries: [Hash], at time: Timestamp) throws {
        try usingBallast(if: { try hasRevocation(entries) }) {
            try write("note what is sent") { db in
                let statement = try db.cachedStatement(
                    sql: """
                        UPDATE outbox SET state = 'sent', attempts = attempts + 1,
                            first_sent = coalesce(first_sent, ?1), last_sent = ?1
                        WHERE id = ?2 AND state IN ('queued', 'sent')
                        """)
                for entry in entries {
                    try statement.execute(arguments: [time.milliseconds, entry.data])
                }
            }
        }
    }

    private func hasRevocation(_ entries: [Hash]) throws -> Bool {
        try read("read the outbox") { db in
            let statement = try db.cachedStatement(sql: "SELECT kind FROM outbox WHERE id = ?")
            return try entries.contains {
                try String.fetchOne(statement, arguments: [$0.data])
                    == EntryKind.authorizationRevoked.rawValue
            }
        }
    }

    /// Notes that entries were not sent after all; one that was sent before stays as it was then.
    package func markUnsent(_ entries: [Hash]) throws {
        try write("note what was not sent") { db in
            let statement = try db.cachedStatement(
                sql: """
                    UPDATE outbox SET attempts = attempts - 1,
                        state = CASE attempts WHEN 1 THEN 'queued' ELSE state END,
                        first_sent = CASE attempts WHEN 1 THEN NULL ELSE first_sent END
                    WHERE id = ? AND state = 'sent' AND attempts > 0
                    """)
            for entry in entries { try statement.execute(arguments: [entry.data]) }
        }
    }

    /// Stores decisions; one for an entry that is decided already changes nothing.
    package func settle(_ decisions: [(entry: Hash, decision: Decision)], at time: Timestamp)
        throws
    {
        try write("store the verdicts") { db in
            for (entry, decision) in decisions {
                switch decision {
                case .accepted(let index, let receipt):
                    try ClientStore.accept(entry, index: index, receipt: receipt, in: db)
                case .rejected(let code, let receipt):
                    if code == EntryRejection.sequenceReused.rawValue {
                        try ClientStore.refuseFollowers(of: entry, at: time, in: db)
                    }
                    try ClientStore.refuse(entry, code: code, receipt: receipt, at: time, in: db)
                }
            }
        }
    }

    private static func accept(
        _ entry: Hash, index: LeafIndex, receipt: [UInt8], in db: Database
    ) throws {
        try db.cachedStatement(
            sql: """
                UPDATE outbox SET state = 'accepted', idx = ?, receipt = ?
                WHERE id = ? AND state IN ('queued', 'sent')
                """
        ).execute(arguments: [index, Data(receipt), entry.data])
    }

    static func refuse(
        _ entry: Hash, code: UInt16, receipt: [UInt8], at time: Timestamp, in db: Database
    ) throws {
        try db.cachedStatement(
            sql: """
                INSERT INTO refusal
                    (id, jws, kind, project, code, receipt, queued_at, refused_at, after_aseq)
                SELECT id, jws, kind, project, ?, ?, queued_at, ?,
                    coalesce((SELECT max(aseq) FROM entry WHERE chain = 1), 0)
                FROM outbox WHERE id = ? AND state IN ('queued', 'sent')
                """
        ).execute(arguments: [Int64(code), Data(receipt), time.milliseconds, entry.data])
        try db.cachedStatement(
            sql: "DELETE FROM outbox WHERE id = ? AND state IN ('queued', 'sent')"
        ).execute(arguments: [entry.data])
    }

    /// Notes that a refusal was read; it moves from the top of the list into history.
    package func markRefusalRead(_ entry: Hash) throws {
        try write("note that the refusal was read") { db in
            try db.execute(
                sql: "UPDATE refusal SET is_read = 1 WHERE id = ?", arguments: [entry.data])
        }
    }
}
