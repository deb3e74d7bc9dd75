internal import Foundation
internal import GRDB
package import LedgerCore
package import SyncCore

/// A record of this machine as it is stored: only what a list shows is in the clear.
package struct LocalRecord: Equatable, Sendable {
    /// The row; 0 before it is stored.
    package var id: Int64
    /// The name of the file it came from.
    package var fileName: String
    /// The kind.
    package var kind: RecordKind
    /// How many rows.
    package var rowCount: Int
    /// How many rows name the person.
    package var identifyingCount: Int
    /// The earliest date.
    package var from: Timestamp?
    /// The latest date.
    package var until: Timestamp?
    /// When it was imported.
    package var importedAt: Timestamp
    /// SHA-256 of the sealed rows: the name of their file.
    package var sealed: Hash

    /// Makes a record.
    package init(
        id: Int64 = 0, fileName: String, kind: RecordKind, rowCount: Int, identifyingCount: Int,
        from: Timestamp?, until: Timestamp?, importedAt: Timestamp, sealed: Hash
    ) {
        self.id = id
        self.fileName = fileName
        self.kind = kind
        self.rowCount = rowCount
        self.identifyingCount = identifyingCount
        self.from = from
        self.until = until
        self.importedAt = importedAt
        self.sealed = sealed
    }
}

extension ClientStore {
    /// Stores sealed rows as a file of their own, named by their SHA-256; returns that name.
    ///
    /// Written before the row that names it: a crash leaves at most a file nothing refers to.
    @discardableResult
    package func storeSealed(_ bytes: [UInt8]) throws -> Hash {
        let name = Hash.of(bytes)
        let path = sealedPath(name)
        if access(path, R_OK) != 0 { try ClientStore.writeDurably(bytes, to: path) }
        return name
    }

    /// The path of sealed rows.
    package func sealedPath(_ sealed: Hash) -> String { "\(directory)/records/\(sealed.hex)" }

    /// Reads sealed rows whole.
    package func sealedBytes(of sealed: Hash) throws -> [UInt8] {
        try sealedBytes(of: sealed, offset: 0, count: Int.max)
    }

    /// Returns the ciphertext `offset..<offset + count` of a record, less at its end.
    package func sealedBytes(of record: Hash, offset: Int64, count: Int) throws -> [UInt8] {
        let descriptor = open(sealedPath(record), O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw ClientStore.failure("read a sealed record") }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            throw ClientStore.failure("read a sealed record")
        }
        let available = max(0, Int(status.st_size) - Int(offset))
        var bytes = [UInt8](repeating: 0, count: min(count, available))
        var filled = 0
        while filled < bytes.count {
            let read = bytes[filled...].withUnsafeMutableBytes {
                pread(descriptor, $0.baseAddress, $0.count, off_t(offset) + off_t(filled))
            }
            if read < 0, errno == EINTR { continue }
            guard read > 0 else { throw ClientStore.failure("read a sealed record") }
            filled += read
        }
        return bytes
    }

    /// Stores a record whose sealed rows are stored already; returns its row.
    @discardableResult
    package func insertRecord(_ record: LocalRecord) throws -> Int64 {
        try write("store the record") { db in try ClientStore.insert(record, in: db) }
    }

    /// Stores the records of a file in one step and returns their numbers.
    package func insertRecords(_ records: [LocalRecord]) throws -> [Int64] {
        try write("store the records") { db in
            try records.map { try ClientStore.insert($0, in: db) }
        }
    }

    /// Whether there is a record that looks the same: the file's name, kind, rows and times.
    package func hasRecord(like record: LocalRecord) throws -> Bool {
        try read("look for the record") { db in
            try Bool.fetchOne(
                db,
                sql: """
                    SELECT EXISTS (SELECT 1 FROM record WHERE file_name = ? AND kind = ?
                        AND row_count = ? AND identifying_count = ? AND first_time IS ?
                        AND last_time IS ?)
                    """,
                arguments: [
                    record.fileName, record.kind.rawValue, record.rowCount,
                    record.identifyingCount, record.from?.milliseconds, record.until?.milliseconds,
                ]) ?? false
        }
    }

    /// Stores a record under its number, or under the next one if it has none.
    @discardableResult
    static func insert(_ record: LocalRecord, in db: Database) throws -> Int64 {
        try db.execute(
            sql: """
                INSERT INTO record (id, file_name, kind, row_count, identifying_count, first_time,
                    last_time, imported_at, sealed)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                record.id == 0 ? nil : record.id, record.fileName, record.kind.rawValue,
                record.rowCount,
                record.identifyingCount, record.from?.milliseconds,
                record.until?.milliseconds, record.importedAt.milliseconds,
                record.sealed.data,
            ])
        return db.lastInsertedRowID
    }

    /// Returns one record, or `nil` if it is not there.
    package func record(_ id: Int64) throws -> LocalRecord? {
        try read("read the record") { db in
            try Row.fetchOne(
                db, sql: ClientStore.recordColumns + " WHERE id = ?", arguments: [id]
            ).map(ClientStore.record)
        }
    }

    static let recordColumns = """
        SELECT id, file_name, kind, row_count, identifying_count, first_time, last_time,
            imported_at, sealed FROM record
        """

    static func record(_ row: Row) throws -> LocalRecord {
        LocalRecord(
            id: row[0], fileName: row[1], kind: try row.parsed(2, RecordKind.init(rawValue:)),
            rowCount: row[3], identifyingCount: row[4],
            from: (row[5] as Int64?).map { Timestamp(milliseconds: $0) },
            until: (row[6] as Int64?).map { Timestamp(milliseconds: $0) },
            importedAt: row.time(7), sealed: try row.hash(8))
    }

    /// Deletes a record from this machine, and its sealed rows if nothing else needs them.
    package func deleteRecord(_ id: Int64) throws {
        let orphan: Hash? = try write("delete the record") { db in
            let sealed = try Data.fetchOne(
                db, sql: "SELECT sealed FROM record WHERE id = ?", arguments: [id])
            guard let sealed else { return nil }
            try db.execute(sql: "DELETE FROM record WHERE id = ?", arguments: [id])
            let isNeeded = try Int.fetchOne(
                db,
                sql: """
                    SELECT EXISTS (SELECT 1 FROM record WHERE sealed = ?1)
                        OR EXISTS (SELECT 1 FROM upload WHERE sha = ?1 AND position < total)
                    """, arguments: [sealed])
            return isNeeded == 1 ? nil : try Hash(column: sealed)
        }
        if let orphan { unlink(sealedPath(orphan)) }
        try destroyDamaged()
    }

    /// Puts a sealed record on its way to the node; its ciphertext is stored already.
    ///
    /// Queued again for the same contribution, as after a new grant, only the wrapped keys are
    /// sent anew.
    ///
    /// - Parameters:
    ///   - sealed: SHA-256 of the ciphertext.
    ///   - contribution: The entry that contributes it.
    ///   - record: The row it was made from, or `nil`.
    ///   - sizeBytes: The length of the ciphertext.
    ///   - wraps: A `WrapUpload` as it is kept, or empty.
    ///   - time: This machine's clock: decides the order of uploads.
    /// - Throws: `StoreFailure`.
    package func enqueueUpload(
        sealed: Hash, contribution: Hash, record: Int64?, sizeBytes: Int64, wraps: [UInt8],
        at time: Timestamp
    ) throws {
        try write("queue the upload") { db in
            try db.execute(
                sql: """
                    INSERT INTO upload (sha, contribution, record, total, wraps, queued_at)
                    VALUES (?, ?, ?, ?, ?, ?)
                    ON CONFLICT (sha, contribution) DO UPDATE SET
                        wraps = excluded.wraps, has_sent_wraps = 0
                    """,
                arguments: [
                    sealed.data, contribution.data, record, sizeBytes, Data(wraps),
                    time.milliseconds,
                ])
        }
    }

    /// Returns every upload, finished ones too, oldest first.
    package func uploads() throws -> [PendingUpload] { try uploads("") }

    /// Returns the records on their way, oldest first.
    ///
    /// Keys stay here as long as a wish to stop their use is on its way.
    package func pendingUploads() throws -> [PendingUpload] {
        try uploads(
            """
            WHERE (position < total OR has_sent_wraps = 0 AND NOT \(ClientStore.isBeingStopped))
                AND NOT EXISTS (SELECT 1 FROM refusal r WHERE r.id = contribution)
            """)
    }

    /// Whether the use of an upload's project is to end, by what waits, and is not allowed anew.
    private static let isBeingStopped = """
        EXISTS (SELECT 1 FROM outbox s
            WHERE s.kind IN ('\(EntryKind.authorizationRevoked.rawValue)',
                    '\(EntryKind.signupLeft.rawValue)')
                AND s.project IN (
                    SELECT project FROM contribution WHERE entry = upload.contribution
                    UNION ALL SELECT project FROM outbox WHERE id = upload.contribution)
                AND NOT EXISTS (SELECT 1 FROM outbox g
                    WHERE g.kind = '\(EntryKind.authorizationGranted.rawValue)'
                        AND g.project = s.project
                        AND (g.device <> s.device OR g.seq > s.seq)))
        """

    private func uploads(_ filter: String) throws -> [PendingUpload] {
        try read("list the uploads") { db in
            try Row.fetchAll(
                db.cachedStatement(
                    sql: """
                        SELECT sha, contribution, total, position, wraps, has_sent_wraps
                        FROM upload \(filter) ORDER BY queued_at, sha
                        """)
            ).map { row in
                PendingUpload(
                    record: try row.hash(0), contribution: try row.hash(1), sizeBytes: row[2],
                    offset: row[3], wraps: row.bytes(4), hasSentWraps: row[5])
            }
        }
    }

    /// Notes how far an upload came.
    package func advanceUpload(_ record: Hash, contribution: Hash, offset: Int64) throws {
        try write("note the upload") { db in
            try db.cachedStatement(
                sql: "UPDATE upload SET position = ? WHERE sha = ? AND contribution = ?"
            ).execute(arguments: [offset, record.data, contribution.data])
        }
    }

    /// Notes that the wrapped keys of an upload are at the node, unless others wait meanwhile.
    package func noteSentWraps(of upload: PendingUpload) throws {
        try write("note the upload") { db in
            try db.cachedStatement(
                sql: """
                    UPDATE upload SET has_sent_wraps = 1
                    WHERE sha = ? AND contribution = ? AND wraps = ?
                    """
            ).execute(arguments: [
                upload.record.data, upload.contribution.data, Data(upload.wraps),
            ])
        }
    }

    /// Notes that less of a record is at the node than was noted, if its ciphertext is here.
    ///
    /// Another device of the person may have it, and sends it then. What was erased meanwhile stays.
    ///
    /// - Returns: Whether it is here.
    package func returnUpload(_ upload: PendingUpload, to offset: Int64) throws -> Bool {
        var status = stat()
        guard stat(sealedPath(upload.record), &status) == 0, status.st_size == upload.sizeBytes
        else { return false }
        try write("note the upload") { db in
            try db.cachedStatement(
                sql: """
                    UPDATE upload SET position = ?
                    WHERE sha = ? AND contribution = ? AND has_sent_wraps = 0
                    """
            ).execute(arguments: [offset, upload.record.data, upload.contribution.data])
        }
        return true
    }

    /// Returns the records on this machine, newest first.
    package func records() throws -> [RecordLine] {
        try read("list the records") { db in
            let wishes = try LocalWishes(db)
            let rows = try Row.fetchAll(
                db, sql: ClientStore.recordColumns + " ORDER BY imported_at DESC, id DESC")
            return try rows.map { row in
                let record = try ClientStore.record(row)
                let uploaded = try Data.fetchAll(
                    db.cachedStatement(sql: "SELECT contribution FROM upload WHERE record = ?"),
                    arguments: [record.id])
                let entries = try Set(uploaded.map { try Hash(column: $0) })
                return RecordLine(
                    id: record.id, fileName: record.fileName, kind: record.kind,
                    rowCount: record.rowCount, identifyingCount: record.identifyingCount,
                    from: record.from, until: record.until, importedAt: record.importedAt,
                    contributions: try contributions(entries, wishes, in: db))
            }
        }
    }
}

extension ClientStore {
    /// The contributions to a project, the newest first, those on their way on top.
    func contributions(to project: ProjectID, _ wishes: LocalWishes, in db: Database) throws
        -> [ContributionLine]
    {
        let statement = try db.cachedStatement(
            sql: ClientStore.contributionColumns + " WHERE project = ? ORDER BY idx DESC")
        let recorded = try Row.fetchAll(statement, arguments: [project.text])
        return try waiting(wishes, in: db) { _, stated in stated.project == project }
            + recorded.map { try contribution($0, in: db) }
    }

    private func contributions(
        _ entries: Set<Hash>, _ wishes: LocalWishes, in db: Database
    ) throws -> [ContributionLine] {
        let statement = try db.cachedStatement(
            sql: ClientStore.contributionColumns + " WHERE entry = ?")
        let recorded = try entries.sorted().compactMap { entry in
            try Row.fetchOne(statement, arguments: [entry.data]).map {
                try contribution($0, in: db)
            }
        }
        return try waiting(wishes, in: db) { id, _ in entries.contains(id) } + recorded
    }

    private static let contributionColumns =
        "SELECT entry, project, kind, rows, review, record FROM contribution"

    private func contribution(_ row: Row, in db: Database) throws -> ContributionLine {
        let project = try row.project(1)
        let entry = try row.hash(0)
        return ContributionLine(
            entry: entry, project: project,
            title: try title(of: project, in: db) ?? LocalizedText(english: project.text),
            kind: try row.parsed(2, RecordKind.init(rawValue:)), rows: row[3], state: .proven,
            review: try row.parsed(4, ClientStore.review),
            uploadedPercent: try uploadedPercent(of: entry, in: db))
    }

    private func waiting(
        _ wishes: LocalWishes, in db: Database, where isWanted: (Hash, RecordContributed) -> Bool
    ) throws -> [ContributionLine] {
        try wishes.entries.reversed().compactMap { wish in
            guard case .recordContributed(let stated) = wish.payload.body,
                isWanted(wish.id, stated)
            else { return nil }
            return ContributionLine(
                entry: wish.id, project: stated.project,
                title: try title(of: stated.project, in: db)
                    ?? LocalizedText(english: stated.project.text),
                kind: stated.kind, rows: stated.rows, state: wish.state, review: .waiting,
                uploadedPercent: try uploadedPercent(of: wish.id, in: db))
        }
    }

    private func uploadedPercent(of entry: Hash, in db: Database) throws -> Int? {
        let row = try Row.fetchOne(
            db.cachedStatement(
                sql: "SELECT sum(position), sum(total) FROM upload WHERE contribution = ?"),
            arguments: [entry.data])
        guard let row, let position = row[0] as Int64?, let total = row[1] as Int64? else {
            return nil
        }
        return total == 0 ? 100 : Int(position * 100 / total)
    }
}
