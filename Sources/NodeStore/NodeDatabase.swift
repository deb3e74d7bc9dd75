internal import FoundationEssentials
internal import GRDB
internal import LedgerCore
internal import NodeAPI
package import NodeSequencer
internal import Synchronization

/// The ledger in one SQLite file.
///
/// WAL with `synchronous=FULL`: a commit that returned has reached the disk. Other processes may
/// read, add invitations and add orders at the same time.
package final class NodeDatabase: LedgerStore {
    let pool: DatabasePool
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

    /// Writes a consistent copy to a new file that only its owner can read, also while others write.
    package func backUp(to path: String) throws {
        // SQLite would let everybody read it; what it keeps beside a file is as private as the file.
        try NodeFolder.makePrivateFile(path)
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
    /// Where it `isCompacted` it gets smaller, too, which writes all of it once more.
    package static func removeKeys(from path: String, isCompacted: Bool = true) throws {
        let copy = try DatabaseQueue(path: path)
        try copy.writeWithoutTransaction { database in
            try database.execute(sql: "PRAGMA secure_delete = ON")
            try database.execute(sql: "DELETE FROM wrap")
            if isCompacted { try database.execute(sql: "VACUUM") }
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
        for (record, authorization) in batch.uncovered {
            try database.execute(
                sql: "DELETE FROM wrap WHERE authorization = ? AND record = ?",
                arguments: [authorization.text, record.data])
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
