internal import Foundation
internal import GRDB
package import LedgerCore
package import SyncCore

/// A contribution that arrived at the node, as this machine knows it.
package struct HandedOver: Equatable, Sendable {
    /// The entry that states it.
    package var entry: Hash
    /// SHA-256 of the ciphertext.
    package var sealed: Hash
    /// The length of the ciphertext.
    package var sizeBytes: Int64
    /// When it was queued here.
    package var queuedAt: Timestamp

    /// Names a contribution.
    package init(entry: Hash, sealed: Hash, sizeBytes: Int64, queuedAt: Timestamp) {
        self.entry = entry
        self.sealed = sealed
        self.sizeBytes = sizeBytes
        self.queuedAt = queuedAt
    }
}

/// A record and what was handed over of it.
package struct KeptRecord: Equatable, Sendable {
    /// The record.
    package var record: LocalRecord
    /// What was handed over of it, the oldest first.
    package var handedOver: [HandedOver]

    /// Puts a record together.
    package init(record: LocalRecord, handedOver: [HandedOver]) {
        self.record = record
        self.handedOver = handedOver
    }
}

/// An entry the node refused, with the log's word for it.
package struct KeptRefusal: Equatable, Sendable {
    /// What was refused.
    package var entry: Entry
    /// The rule, as the log gave it.
    package var code: UInt16
    /// The signed receipt.
    package var receipt: [UInt8]
    /// When it was queued here.
    package var queuedAt: Timestamp
    /// When the answer came.
    package var refusedAt: Timestamp
    /// The member's last recorded entry then, by its number in the chain.
    package var after: Int64
    /// Whether the person has read it.
    package var isRead: Bool

    /// Names a refusal.
    package init(
        entry: Entry, code: UInt16, receipt: [UInt8], queuedAt: Timestamp, refusedAt: Timestamp,
        after: Int64, isRead: Bool
    ) {
        self.entry = entry
        self.code = code
        self.receipt = receipt
        self.queuedAt = queuedAt
        self.refusedAt = refusedAt
        self.after = after
        self.isRead = isRead
    }
}

/// An entry of this machine that has no proof yet.
package struct KeptWaiting: Equatable, Sendable {
    /// What was signed.
    package var entry: Entry
    /// How far it came.
    package var state: EntryState
    /// When it was queued here.
    package var queuedAt: Timestamp

    /// Names an entry on its way.
    package init(entry: Entry, state: EntryState, queuedAt: Timestamp) {
        self.entry = entry
        self.state = state
        self.queuedAt = queuedAt
    }
}

/// A sealed record that is not wholly at the node, or whose wrapped keys are not.
package struct KeptUpload: Equatable, Sendable {
    /// SHA-256 of the ciphertext.
    package var sealed: Hash
    /// The entry that contributes it.
    package var contribution: Hash
    /// The record it was made from, if that is still there.
    package var record: Int64?
    /// The length of the ciphertext.
    package var sizeBytes: Int64
    /// Whether the ciphertext is at the node.
    package var hasSentBytes: Bool
    /// The wrapped keys to send, a `WrapUpload` as it is kept; `nil` where they are at the node.
    package var wraps: [UInt8]?
    /// When it was queued here.
    package var queuedAt: Timestamp

    /// Names an upload.
    package init(
        sealed: Hash, contribution: Hash, record: Int64?, sizeBytes: Int64, hasSentBytes: Bool,
        wraps: [UInt8]?, queuedAt: Timestamp
    ) {
        self.sealed = sealed
        self.contribution = contribution
        self.record = record
        self.sizeBytes = sizeBytes
        self.hasSentBytes = hasSentBytes
        self.wraps = wraps
        self.queuedAt = queuedAt
    }
}

/// What an import brings along.
package struct BroughtAlong: Sendable {
    /// Records that are new here, their rows stored already.
    package var records: [KeptRecord] = []
    /// What was handed over of records that are here, by their number.
    package var handedOver: [(record: Int64, given: HandedOver)] = []
    /// What was refused.
    package var refusals: [KeptRefusal] = []
    /// Entries of other devices to send from here, in their order.
    package var waiting: [KeptWaiting] = []
    /// Uploads to go on with; their ciphertext is stored already.
    package var uploads: [KeptUpload] = []
    /// What the person keeps beside them.
    package var words: KeptWords

    /// Begins with what the person keeps.
    package init(_ words: KeptWords) { self.words = words }
}

/// What a person keeps on this machine beside records and entries.
package struct KeptWords: Equatable, Sendable {
    /// What they wrote down about themselves.
    package var profile: OwnProfile
    /// Filters they gave a name.
    package var filters: [SavedFilter]
    /// Authorizations they began and did not sign, by project.
    package var drafts: [ConsentDraft]

    /// Puts them together.
    package init(profile: OwnProfile, filters: [SavedFilter], drafts: [ConsentDraft]) {
        self.profile = profile
        self.filters = filters
        self.drafts = drafts
    }
}

/// Everything a member takes home, and brings back.
extension ClientStore {
    /// Returns the verified entries that are the member's own or that theirs are about, by index.
    ///
    /// Their own; of the catalogue, what concerns projects they have entries about, and the
    /// institutions.
    package func entriesToTakeHome() throws -> [Hash] {
        try read("list the entries") { db in
            try Data.fetchAll(
                db,
                sql: """
                    SELECT id FROM entry
                    WHERE chain = 1 OR kind = 'institution.admitted/1' OR project IN
                        (SELECT project FROM entry WHERE chain = 1 AND project IS NOT NULL)
                    ORDER BY idx
                    """
            ).map { try Hash(column: $0) }
        }
    }

    /// Returns the records of this machine with what arrived of them at the node, by number.
    package func recordsToTakeHome() throws -> [KeptRecord] {
        try read("list the records") { db in
            try Row.fetchAll(db, sql: ClientStore.recordColumns + " ORDER BY id").map { row in
                let record = try ClientStore.record(row)
                let uploads = try Row.fetchAll(
                    db.cachedStatement(
                        sql: """
                            SELECT contribution, sha, total, queued_at FROM upload
                            WHERE record = ? AND position = total AND has_sent_wraps = 1
                                AND contribution IN (SELECT entry FROM contribution)
                            ORDER BY queued_at, sha
                            """), arguments: [record.id])
                return KeptRecord(
                    record: record,
                    handedOver: try uploads.map {
                        HandedOver(
                            entry: try $0.hash(0), sealed: try $0.hash(1), sizeBytes: $0[2],
                            queuedAt: $0.time(3))
                    })
            }
        }
    }

    /// Returns what the person keeps beside them.
    package func wordsToTakeHome() throws -> KeptWords {
        let filters = try savedFilters()
        return try read("list what is kept") { db in
            let projects = try String.fetchAll(
                db, sql: "SELECT project FROM consent_draft ORDER BY project")
            return KeptWords(
                profile: try ownProfile(in: db), filters: filters,
                drafts: try projects.compactMap { project in
                    try ProjectID(project).flatMap { try ClientStore.draft(of: $0, in: db) }
                })
        }
    }

    /// Returns what the node refused, in the order the answers came.
    package func refusalsToTakeHome() throws -> [KeptRefusal] {
        try read("list the refusals") { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT jws, code, receipt, queued_at, refused_at, after_aseq, is_read
                    FROM refusal WHERE length(receipt) > 0 ORDER BY refused_at, id
                    """
            ).map { row in
                KeptRefusal(
                    entry: Entry(bytes: row.bytes(0)), code: UInt16(clamping: row[1] as Int64),
                    receipt: row.bytes(2), queuedAt: row.time(3), refusedAt: row.time(4),
                    after: row[5], isRead: row[6])
            }
        }
    }

    /// Returns what has no proof yet, in the order it was signed.
    package func waitingToTakeHome() throws -> [KeptWaiting] {
        try read("list what waits") { db in
            try LocalWishes(db).entries.map { wish in
                KeptWaiting(entry: wish.entry, state: wish.state, queuedAt: wish.queuedAt)
            }
        }
    }

    /// Returns the uploads that are not finished, oldest first.
    package func uploadsToTakeHome() throws -> [KeptUpload] {
        try read("list the uploads") { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT sha, contribution, record, total, position = total, has_sent_wraps,
                        wraps, queued_at
                    FROM upload WHERE (position < total OR has_sent_wraps = 0)
                        AND NOT EXISTS (SELECT 1 FROM refusal r WHERE r.id = contribution)
                    ORDER BY queued_at, sha, contribution
                    """
            ).map { row in
                KeptUpload(
                    sealed: try row.hash(0), contribution: try row.hash(1), record: row[2],
                    sizeBytes: row[3], hasSentBytes: row[4],
                    wraps: row[5] ? nil : row.bytes(6), queuedAt: row.time(7))
            }
        }
    }

    /// Returns the numbers records would get that bring some along: a number that is taken gives
    /// way to the next one.
    package func numbers(for wanted: [Int64]) throws -> [Int64] {
        try read("look for numbers") { db in
            var taken = try Int64.fetchSet(db, sql: "SELECT id FROM record")
            let last = try Int64.fetchOne(
                db, sql: "SELECT seq FROM sqlite_sequence WHERE name = 'record'")
            var next = max(last ?? 0, wanted.max() ?? 0) + 1
            return wanted.map { number in
                guard number <= 0 || !taken.insert(number).inserted else { return number }
                defer { next += 1 }
                return next
            }
        }
    }

    /// Takes everything in that was brought along, in one step; sealed rows are stored already.
    ///
    /// A record gets the number it brings. What the person keeps here already stays as it is. An
    /// entry of another device is sent from here, the same bytes.
    ///
    /// - Returns: How many refusals are new here.
    @discardableResult
    package func takeIn(_ brought: BroughtAlong) throws -> Int {
        try write("take in what was brought along") { db in
            for kept in brought.records {
                try ClientStore.insert(kept.record, in: db)
                for given in kept.handedOver {
                    try ClientStore.insert(given, of: kept.record.id, in: db)
                }
            }
            for (record, given) in brought.handedOver {
                try ClientStore.insert(given, of: record, in: db)
            }
            var refusals = 0
            for refusal in brought.refusals where try ClientStore.insert(refusal, in: db) {
                refusals += 1
            }
            for waiting in brought.waiting { try ClientStore.insert(waiting, in: db) }
            for upload in brought.uploads { try ClientStore.insert(upload, in: db) }
            let words = brought.words
            if words.profile != .nothing {
                try db.execute(
                    sql: "INSERT OR IGNORE INTO own (key, value) VALUES ('profile', ?)",
                    arguments: [words.profile.text])
            }
            for filter in words.filters {
                try ClientStore.insert(filter, or: "IGNORE", in: db)
            }
            for draft in words.drafts { try ClientStore.insert(draft, or: "IGNORE", in: db) }
            return refusals
        }
    }

    private static func insert(_ given: HandedOver, of record: Int64, in db: Database) throws {
        try db.cachedStatement(
            sql: """
                INSERT INTO upload (sha, contribution, record, total,
                    position, wraps, has_sent_wraps, queued_at)
                VALUES (?1, ?2, ?3, ?4, ?4, x'', 1, ?5)
                ON CONFLICT (sha, contribution) DO UPDATE SET
                    record = excluded.record, queued_at = excluded.queued_at
                WHERE upload.record IS NULL
                """
        ).execute(
            arguments: [
                given.sealed.data, given.entry.data, record, given.sizeBytes,
                given.queuedAt.milliseconds,
            ])
    }

    /// Stores a refusal, and says whether it is new here.
    private static func insert(_ refusal: KeptRefusal, in db: Database) throws -> Bool {
        let payload = try refusal.entry.payload()
        try db.cachedStatement(
            sql: """
                INSERT INTO refusal (id, jws, kind, project, code, receipt, queued_at,
                    refused_at, after_aseq, is_read)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING
                """
        ).execute(
            arguments: [
                refusal.entry.id.data, Data(refusal.entry.bytes), payload.body.kind.rawValue,
                payload.body.project?.text, Int64(refusal.code), Data(refusal.receipt),
                refusal.queuedAt.milliseconds, refusal.refusedAt.milliseconds, refusal.after,
                refusal.isRead,
            ])
        return db.changesCount > 0
    }

    /// Puts an entry of another device on its way, unless it is known here already; one that was
    /// sent cannot be taken back here either.
    private static func insert(_ waiting: KeptWaiting, in db: Database) throws {
        let payload = try waiting.entry.payload()
        let isSent = waiting.state != .queued
        try db.cachedStatement(
            sql: """
                INSERT INTO outbox
                    (device, seq, id, jws, kind, project, state, queued_at, attempts)
                SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9
                WHERE NOT EXISTS (SELECT 1 FROM entry WHERE id = ?3)
                    AND NOT EXISTS (SELECT 1 FROM refusal WHERE id = ?3)
                ON CONFLICT DO NOTHING
                """
        ).execute(
            arguments: [
                payload.device.text, payload.sequence, waiting.entry.id.data,
                Data(waiting.entry.bytes), payload.body.kind.rawValue, payload.body.project?.text,
                (isSent ? EntryState.sent : .queued).rawValue, waiting.queuedAt.milliseconds,
                isSent ? 1 : 0,
            ])
        guard db.changesCount > 0 else { return }
        // So that the newest of them can be taken back.
        try advance(
            to: OutboxCursor(
                device: payload.device, nextSequence: payload.sequence + 1,
                previous: waiting.entry.id),
            in: db)
    }

    private static func insert(_ upload: KeptUpload, in db: Database) throws {
        try db.cachedStatement(
            sql: """
                INSERT INTO upload (sha, contribution, record, total, position, wraps,
                    has_sent_wraps, queued_at)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT (sha, contribution) DO UPDATE SET
                    record = excluded.record, position = excluded.position,
                    wraps = excluded.wraps, has_sent_wraps = excluded.has_sent_wraps
                WHERE upload.record IS NULL
                """
        ).execute(
            arguments: [
                upload.sealed.data, upload.contribution.data, upload.record, upload.sizeBytes,
                upload.hasSentBytes ? upload.sizeBytes : 0, Data(upload.wraps ?? []),
                upload.wraps == nil, upload.queuedAt.milliseconds,
            ])
    }
}
