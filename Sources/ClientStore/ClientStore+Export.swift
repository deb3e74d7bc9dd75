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
    /// A record gets the number it brings. What the person keeps here already stays as it is.
    package func takeIn(_ records: [KeptRecord], _ words: KeptWords) throws {
        try write("take in what was brought along") { db in
            for kept in records {
                try ClientStore.insert(kept.record, in: db)
                for given in kept.handedOver {
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
                            given.sealed.data, given.entry.data, kept.record.id, given.sizeBytes,
                            given.queuedAt.milliseconds,
                        ])
                }
            }
            if words.profile != .nothing {
                try db.execute(
                    sql: "INSERT OR IGNORE INTO own (key, value) VALUES ('profile', ?)",
                    arguments: [words.profile.text])
            }
            for filter in words.filters {
                try ClientStore.insert(filter, or: "IGNORE", in: db)
            }
            for draft in words.drafts { try ClientStore.insert(draft, or: "IGNORE", in: db) }
        }
    }
}
