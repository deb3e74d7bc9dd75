internal import FoundationEssentials
internal import GRDB
package import LedgerCore
internal import NodeAPI
package import NodeSequencer
internal import Synchronization

/// The ledger in one SQLite file.
///
/// WAL with `synchronous=FULL`: a commit that returned has reached the disk. Other processes may
/// read, add invitations and add orders at the same time.
package final class NodeDatabase: LedgerStore {
    private let pool: DatabasePool
    /// Whether the log may still hold what a transaction destroyed.
    private let owesTruncation = Mutex(true)

    /// Opens or makes the file.
    ///
    /// - Throws: `LedgerStoreError.corrupt` if the file does not give the promises above.
    package init(path: String) throws {
        var configuration = Configuration()
        configuration.busyMode = .timeout(5)
        configuration.foreignKeysEnabled = true
        configuration.prepareDatabase { database in
            // What is deleted is overwritten: a key that was destroyed is in no free page.
            try database.execute(sql: "PRAGMA secure_delete = ON")
        }
        pool = try DatabasePool(path: path, configuration: configuration)
        try NodeSchema.migrator.migrate(pool)
        try pool.writeWithoutTransaction { database in
            // Only now: opening a pool sets NORMAL, which loses the last commits with the power.
            try database.execute(sql: "PRAGMA synchronous = FULL")
            let synchronous = try Int.fetchOne(database, sql: "PRAGMA synchronous")
            let journal = try String.fetchOne(database, sql: "PRAGMA journal_mode")
            guard synchronous == 2, journal == "wal" else {
                throw LedgerStoreError.corrupt("the database is not in WAL mode with full sync")
            }
            try NodeDatabase.settle(database)
        }
    }

    /// Brings to the disk what a killed process had written into the log and not synced.
    ///
    /// SQLite takes it for committed: an answer out of it has to outlive the power like any other.
    private static func settle(_ database: Database) throws {
        do {
            try database.checkpoint(.passive)
        } catch let error as DatabaseError
            where [.SQLITE_BUSY, .SQLITE_LOCKED, .SQLITE_FULL].contains(error.resultCode)
        {
            // Another process does it now. Or the disk is full, which shows once the log is synced.
            return
        }
    }

    /// The value of `PRAGMA synchronous` of the writer: 2 is FULL.
    package func synchronousLevel() throws -> Int {
        try pool.writeWithoutTransaction {
            try Int.fetchOne($0, sql: "PRAGMA synchronous") ?? -1
        }
    }

    /// Whether SQLite finds the file well formed; `ok`, or what is wrong.
    package func integrityReport() throws -> String {
        try pool.read {
            try String.fetchAll($0, sql: "PRAGMA integrity_check").joined(separator: "; ")
        }
    }

    /// Writes a consistent copy to a new file, also while others write.
    package func backUp(to path: String) throws {
        let copy = try DatabaseQueue(path: path)
        try pool.backup(to: copy)
        try copy.close()
    }

    /// Closes the file.
    package func close() throws {
        try pool.close()
    }

    /// Removes from a copy the keys that were wrapped for recipients.
    ///
    /// Who has the copy and the ciphertext can then open nothing, not even what is erased later.
    package static func removeKeys(from path: String) throws {
        let copy = try DatabaseQueue(path: path)
        try copy.writeWithoutTransaction { database in
            try database.execute(sql: "PRAGMA secure_delete = ON")
            try database.execute(sql: "DELETE FROM wrap")
            try database.execute(sql: "VACUUM")
        }
        try copy.close()
    }

    /// Writes the log of SQLite back and empties it, so that what was destroyed is in no file.
    ///
    /// Readers are not waited for: what they keep from going now goes with the next commit.
    private func truncateLog() throws {
        do {
            try pool.writeWithoutTransaction { database in
                try database.execute(sql: "PRAGMA busy_timeout = 0")
                defer {
                    // A pragma on an open connection has no way to fail.
                    try? database.execute(sql: "PRAGMA busy_timeout = 5000")
                }
                try database.checkpoint(.truncate)
            }
            owesTruncation.withLock { $0 = false }
        } catch let error as DatabaseError
            where [.SQLITE_BUSY, .SQLITE_LOCKED].contains(error.resultCode)
        {
            return
        }
    }

    /// A text kept beside the ledger.
    package func note(_ key: String) throws -> String? {
        try pool.read {
            try String.fetchOne($0, sql: "SELECT value FROM note WHERE key = ?", arguments: [key])
        }
    }

    /// Keeps a text beside the ledger; `nil` removes it.
    package func setNote(_ key: String, _ value: String?) throws {
        try pool.write { database in
            guard let value else {
                return try database.execute(
                    sql: "DELETE FROM note WHERE key = ?", arguments: [key])
            }
            try database.execute(
                sql: "INSERT OR REPLACE INTO note (key, value) VALUES (?, ?)",
                arguments: [key, value])
        }
    }
}

// Writing a batch.
extension NodeDatabase {
    /// See `LedgerStore`.
    package func commit(_ batch: LedgerBatch) async throws {
        let isDestroyed = try await pool.write { try NodeDatabase.write(batch, to: $0) }
        try clearLog(afterDestroying: isDestroyed)
    }

    /// As `commit(_:)`, on the thread of the caller, which it blocks: for a program of one thread.
    package func commitHere(_ batch: LedgerBatch) throws {
        let isDestroyed = try pool.write { try NodeDatabase.write(batch, to: $0) }
        try clearLog(afterDestroying: isDestroyed)
    }

    /// Sees to it that what a batch deleted goes from the log too.
    private func clearLog(afterDestroying isDestroyed: Bool) throws {
        let isDue = owesTruncation.withLock { owes in
            owes = owes || isDestroyed
            return owes
        }
        if isDue { try truncateLog() }
    }

    /// Writes a batch; returns whether keys or records were destroyed.
    private static func write(_ batch: LedgerBatch, to database: Database) throws -> Bool {
        try checkSize(batch, database)
        try insertEntries(batch, database)
        if let run = batch.pieces { try keep(run, database) }
        try insertRefusals(batch, database)
        try moveCursors(batch, database)
        let isDestroyed = try changeRecords(batch, database)
        for (lookup, entry) in batch.redeemed {
            try database.execute(
                sql: "UPDATE invitation SET used_by = ? WHERE lookup = ? AND used_by IS NULL",
                arguments: [entry.data, lookup])
            guard database.changesCount == 1 else {
                throw LedgerStoreError.corrupt("an invitation was used twice")
            }
        }
        for (order, result) in batch.settled {
            try database.execute(
                sql: "UPDATE operator_order SET result = ? WHERE id = ?",
                arguments: [Data(result.bytes), order])
        }
        return isDestroyed
    }

    private static func checkSize(_ batch: LedgerBatch, _ database: Database) throws {
        guard !batch.entries.isEmpty else { return }
        let found = try Int.fetchOne(
            database.cachedStatement(
                sql: "SELECT size FROM checkpoint ORDER BY size DESC LIMIT 1"))
        guard found ?? 0 == batch.expectedSize else {
            throw LedgerStoreError.sizeChanged(expected: batch.expectedSize, found: found ?? 0)
        }
        try database.cachedStatement(sql: "INSERT INTO checkpoint (size, note) VALUES (?, ?)")
            .execute(arguments: [
                batch.expectedSize + batch.entries.count, Data(batch.checkpoint),
            ])
    }

    private static func insertEntries(_ batch: LedgerBatch, _ database: Database) throws {
        let leaf = try database.cachedStatement(
            sql: "INSERT INTO leaf (idx, data) VALUES (?, ?)")
        let entry = try database.cachedStatement(
            sql: """
                INSERT INTO entry
                    (idx, id, jws, envelope, salt, chain, aseq, project, device, seq)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """)
        for sequenced in batch.entries {
            try leaf.execute(arguments: [sequenced.index, Data(sequenced.leafData)])
            try entry.execute(arguments: [
                sequenced.index, sequenced.entry.id.data, Data(sequenced.entry.bytes),
                Data(sequenced.envelope), Data(sequenced.salt), sequenced.chain.text,
                sequenced.chainSequence, sequenced.project?.text, sequenced.device.text,
                sequenced.sequence,
            ])
        }
    }

    private static func keep(_ run: PieceRun, _ database: Database) throws {
        var roots = Data(capacity: run.roots.count * Hash.byteCount)
        for root in run.roots { root.withBytes { roots.append(contentsOf: $0) } }
        try database.execute(
            sql: "DELETE FROM piece_run WHERE start >= ?", arguments: [run.start])
        try database.execute(
            sql: "INSERT INTO piece_run (start, roots) VALUES (?, ?)",
            arguments: [run.start, roots])
    }

    private static func insertRefusals(_ batch: LedgerBatch, _ database: Database) throws {
        let refusal = try database.cachedStatement(
            sql: "INSERT INTO refusal (id, code, receipt) VALUES (?, ?, ?)")
        for stored in batch.refusals {
            try refusal.execute(arguments: [
                stored.entry.data, Int(stored.code), Data(stored.receipt),
            ])
        }
    }

    private static func moveCursors(_ batch: LedgerBatch, _ database: Database) throws {
        let cursor = try database.cachedStatement(
            sql: "INSERT OR REPLACE INTO cursor (device, seq, last) VALUES (?, ?, ?)")
        for (device, moved) in batch.cursors {
            try cursor.execute(arguments: [device.text, moved.sequence, moved.last.data])
        }
    }

    private static func changeRecords(_ batch: LedgerBatch, _ database: Database) throws -> Bool {
        let before = database.totalChangesCount
        for authorization in batch.ended {
            try database.execute(
                sql: "DELETE FROM wrap WHERE authorization = ?", arguments: [authorization.text])
        }
        var destroyed = database.totalChangesCount - before
        for wrap in batch.wraps {
            try database.execute(
                sql: """
                    INSERT OR REPLACE INTO wrap (authorization, record, recipient, wrapped)
                    VALUES (?, ?, ?, ?)
                    """,
                arguments: [
                    wrap.key.authorization.text, wrap.record.data, wrap.key.recipient.text,
                    Data(wrap.key.wrapped),
                ])
        }
        for (record, owner) in batch.erased {
            try database.execute(
                sql: "DELETE FROM record WHERE sha = ? AND owner = ?",
                arguments: [record.data, owner.text])
            destroyed += database.changesCount
        }
        return destroyed > 0
    }
}

// Reading the log, most of it by one statement: that sees one state by itself, and the transaction
// that GRDB puts around takes as long as a short one.
extension NodeDatabase {
    /// See `LedgerStore`.
    package func newestCheckpoint() throws -> (size: Int, note: [UInt8])? {
        try pool.unsafeRead { database in
            try Row.fetchOne(
                database.cachedStatement(
                    sql: "SELECT size, note FROM checkpoint ORDER BY size DESC LIMIT 1")
            ).map { row in (size: row[0], note: row.bytes(1)) }
        }
    }

    /// See `LedgerStore`.
    package func checkpoint(size: Int) throws -> [UInt8]? {
        try pool.unsafeRead { database in
            try Row.fetchOne(
                database.cachedStatement(sql: "SELECT note FROM checkpoint WHERE size = ?"),
                arguments: [size]
            ).map { $0.bytes(0) }
        }
    }

    /// See `LedgerStore`.
    package func checkpointSizes() throws -> [Int] {
        try pool.read {
            try Int.fetchAll($0, sql: "SELECT size FROM checkpoint ORDER BY size")
        }
    }

    /// See `LedgerStore`.
    package func checkpointSize(including index: LeafIndex) throws -> Int? {
        try pool.unsafeRead { database in
            try Int.fetchOne(
                database.cachedStatement(
                    sql: "SELECT size FROM checkpoint WHERE size > ? ORDER BY size LIMIT 1"),
                arguments: [index])
        }
    }

    /// See `LedgerStore`.
    package func pieceRuns() throws -> [PieceRun] {
        try pool.read { database in
            let rows = try Row.fetchCursor(
                database, sql: "SELECT start, roots FROM piece_run ORDER BY start")
            var runs = [PieceRun]()
            while let row = try rows.next() {
                runs.append(PieceRun(start: row[0], roots: row.hashes(1)))
            }
            return runs
        }
    }

    /// See `LedgerStore`.
    package func leaves(from start: LeafIndex, to end: LeafIndex) throws -> [[UInt8]] {
        try pool.unsafeRead { database in
            let rows = try Row.fetchCursor(
                database.cachedStatement(
                    sql: "SELECT data FROM leaf WHERE idx >= ? AND idx < ? ORDER BY idx"),
                arguments: [start, end])
            var leaves = [[UInt8]]()
            while let row = try rows.next() { leaves.append(row.bytes(0)) }
            return leaves
        }
    }

    /// See `LedgerStore`.
    package func cursors() throws -> [DeviceID: DeviceCursor] {
        try pool.read { database in
            var cursors = [DeviceID: DeviceCursor]()
            let rows = try Row.fetchCursor(
                database, sql: "SELECT device, seq, last FROM cursor")
            while let row = try rows.next() {
                guard let device = DeviceID(row[0] as String), let last = row.hash(2) else {
                    throw LedgerStoreError.corrupt("a cursor cannot be read")
                }
                cursors[device] = DeviceCursor(sequence: row[1], last: last)
            }
            return cursors
        }
    }

    /// See `LedgerStore`.
    package func refusedEntries() throws -> [Hash] {
        try pool.read { database in
            let rows = try Row.fetchCursor(database, sql: "SELECT id FROM refusal")
            var entries = [Hash]()
            while let row = try rows.next() {
                guard let entry = row.hash(0) else {
                    throw LedgerStoreError.corrupt("a refusal cannot be read")
                }
                entries.append(entry)
            }
            return entries
        }
    }

    /// See `LedgerStore`.
    package func entries(from index: LeafIndex, limit: Int) throws -> [SequencedEntry] {
        try fetch("idx >= ? ORDER BY idx LIMIT ?", [index, limit])
    }

    /// See `LedgerStore`.
    package func entryCount(below size: LeafIndex) throws -> Int {
        try pool.unsafeRead { database in
            // The sign keeps SQLite from looking by place, where whole entries would be read.
            try Int.fetchOne(
                database.cachedStatement(sql: "SELECT count(*) FROM entry WHERE +idx < ?"),
                arguments: [size]) ?? 0
        }
    }

    /// See `LedgerStore`.
    package func entry(_ id: Hash) throws -> SequencedEntry? {
        try fetch("id = ?", [id.data]).first
    }

    /// See `LedgerStore`.
    package func index(of id: Hash) throws -> LeafIndex? {
        try pool.unsafeRead { database in
            let statement = try database.cachedStatement(sql: "SELECT idx FROM entry WHERE id = ?")
            return try LeafIndex.fetchOne(statement, arguments: [id.data])
        }
    }

    /// See `LedgerStore`.
    package func refusal(_ id: Hash) throws -> StoredRefusal? {
        try pool.unsafeRead { database in
            let statement = try database.cachedStatement(
                sql: "SELECT code, receipt FROM refusal WHERE id = ?")
            guard let row = try Row.fetchOne(statement, arguments: [id.data]) else { return nil }
            return StoredRefusal(entry: id, code: row[0], receipt: row.bytes(1))
        }
    }

    /// See `LedgerStore`.
    package func entries(
        of chain: ChainID, after: Int64, below size: LeafIndex, limit: Int
    ) throws -> [SequencedEntry] {
        try fetch(
            "chain = ? AND aseq > ? AND idx < ? ORDER BY aseq LIMIT ?",
            [chain.text, after, size, limit])
    }

    /// See `LedgerStore`.
    package func lastEntry(of chain: ChainID, below size: LeafIndex) throws -> SequencedEntry? {
        try fetch("chain = ? AND idx < ? ORDER BY aseq DESC LIMIT 1", [chain.text, size]).first
    }

    /// See `LedgerStore`.
    package func entries(
        about project: ProjectID, after: LeafIndex, below size: LeafIndex, limit: Int
    ) throws -> [SequencedEntry] {
        try fetch(
            "project = ? AND idx > ? AND idx < ? ORDER BY idx LIMIT ?",
            [project.text, after, size, limit])
    }

    /// See `LedgerStore`.
    package func entries(
        aboutAny projects: [ProjectID], after: LeafIndex, below size: LeafIndex, limit: Int
    ) throws -> [SequencedEntry] {
        let names = JSONValue.array(projects.map { .string($0.text) })
        return try fetch(
            """
            idx > ? AND idx < ? AND project IN (SELECT value FROM json_each(?))
            ORDER BY idx LIMIT ?
            """,
            [after, size, String(decoding: names.canonicalBytes, as: UTF8.self), limit])
    }

    private func fetch(_ condition: String, _ arguments: StatementArguments) throws
        -> [SequencedEntry]
    {
        try pool.unsafeRead { database in
            let statement = try database.cachedStatement(
                sql: """
                    SELECT idx, id, jws, envelope, salt, chain, aseq, project, device, seq,
                        (SELECT data FROM leaf WHERE leaf.idx = entry.idx)
                    FROM entry WHERE \(condition)
                    """)
            let rows = try Row.fetchCursor(statement, arguments: arguments)
            var entries = [SequencedEntry]()
            while let row = try rows.next() { entries.append(try SequencedEntry(row)) }
            return entries
        }
    }
}

// Invitations, keys, records and orders.
extension NodeDatabase {
    /// See `LedgerStore`.
    package func add(_ invitation: StoredInvitation) throws {
        try pool.write {
            try $0.execute(
                sql: "INSERT INTO invitation (lookup, key, expires) VALUES (?, ?, ?)",
                arguments: [
                    invitation.key.lookup, invitation.key.value.data,
                    invitation.expires.milliseconds,
                ])
        }
    }

    /// See `LedgerStore`.
    package func invitation(lookup: String) throws -> StoredInvitation? {
        try pool.read { database in
            guard
                let row = try Row.fetchOne(
                    database, sql: "SELECT key, expires, used_by FROM invitation WHERE lookup = ?",
                    arguments: [lookup])
            else { return nil }
            guard let key = row.hash(0) else {
                throw LedgerStoreError.corrupt("an invitation cannot be read")
            }
            return StoredInvitation(
                key: InvitationKey(key), expires: Timestamp(milliseconds: row[1]),
                usedBy: row.hash(2))
        }
    }

    /// See `LedgerStore`.
    package func wraps(of authorization: AuthorizationID, for recipient: AccountID) throws
        -> [Hash: [UInt8]]
    {
        try pool.read { database in
            let rows = try Row.fetchCursor(
                database,
                sql: "SELECT record, wrapped FROM wrap WHERE authorization = ? AND recipient = ?",
                arguments: [authorization.text, recipient.text])
            var wraps = [Hash: [UInt8]]()
            while let row = try rows.next() {
                if let record = row.hash(0) { wraps[record] = row.bytes(1) }
            }
            return wraps
        }
    }

    /// See `LedgerStore`.
    package func owners(of record: Hash) throws -> Set<AccountID> {
        try pool.read { database in
            Set(
                try String.fetchAll(
                    database, sql: "SELECT owner FROM record WHERE sha = ?",
                    arguments: [record.data]
                ).compactMap { AccountID($0) })
        }
    }

    /// See `LedgerStore`.
    package func addRecord(_ record: Hash, owner: AccountID, sizeBytes: Int64) async throws {
        try await pool.write {
            try $0.execute(
                sql: "INSERT OR REPLACE INTO record (sha, owner, size) VALUES (?, ?, ?)",
                arguments: [record.data, owner.text, sizeBytes])
        }
    }

    /// See `LedgerStore`.
    package func storedBytes(of owner: AccountID) throws -> Int64 {
        try pool.read {
            try Int64.fetchOne(
                $0, sql: "SELECT sum(size) FROM record WHERE owner = ?", arguments: [owner.text])
                ?? 0
        }
    }

    /// See `LedgerStore`.
    package func add(_ order: OperatorOrder) throws -> Int64 {
        try pool.write {
            try $0.execute(
                sql: "INSERT INTO operator_order (body) VALUES (?)",
                arguments: [Data(order.bytes)])
            return $0.lastInsertedRowID
        }
    }

    /// See `LedgerStore`.
    package func openOrders() throws -> [StoredOrder] {
        try pool.read { database in
            try Row.fetchAll(
                database,
                sql: "SELECT id, body FROM operator_order WHERE result IS NULL ORDER BY id"
            ).map { row in
                StoredOrder(id: row[0], order: try OperatorOrder(bytes: row.bytes(1)))
            }
        }
    }

    /// See `LedgerStore`.
    package func result(ofOrder id: Int64) throws -> OrderResult? {
        try pool.read { database in
            guard
                let row = try Row.fetchOne(
                    database,
                    sql: "SELECT result FROM operator_order WHERE id = ? AND result IS NOT NULL",
                    arguments: [id])
            else { return nil }
            return try OrderResult(bytes: row.bytes(0))
        }
    }
}

extension SequencedEntry {
    fileprivate init(_ row: Row) throws {
        guard let chain = ChainID(row[5] as String), let device = DeviceID(row[8] as String) else {
            throw LedgerStoreError.corrupt("entry \(row[0] as Int64) cannot be read")
        }
        let entry = Entry(bytes: row.bytes(2))
        guard entry.id == row.hash(1) else {
            throw LedgerStoreError.corrupt("entry \(row[0] as Int64) has another id")
        }
        self.init(
            index: row[0], entry: entry, envelope: row.bytes(3), salt: row.bytes(4),
            leafData: row.bytes(10), chain: chain, chainSequence: row[6],
            project: (row[7] as String?).flatMap { ProjectID($0) }, device: device,
            sequence: row[9])
    }
}

extension Row {
    /// The bytes of a BLOB column, empty for NULL.
    fileprivate func bytes(_ column: Int) -> [UInt8] {
        // Copies once, out of SQLite's memory.
        (try? withUnsafeData(atIndex: column) { data in data.map(Array.init) ?? [] }) ?? []
    }

    /// The hashes side by side in a BLOB column.
    fileprivate func hashes(_ column: Int) -> [Hash] {
        let bytes = bytes(column)
        return stride(from: 0, through: bytes.count - Hash.byteCount, by: Hash.byteCount)
            .compactMap { Hash(bytes: bytes[$0..<$0 + Hash.byteCount]) }
    }

    /// A hash in a BLOB column; `nil` for NULL and other lengths.
    fileprivate func hash(_ column: Int) -> Hash? {
        // Out of SQLite's memory, without an array between.
        try? withUnsafeData(atIndex: column) { data in data.flatMap { Hash(bytes: $0) } }
    }
}

extension Hash {
    fileprivate var data: Data { withBytes { Data($0) } }
}
