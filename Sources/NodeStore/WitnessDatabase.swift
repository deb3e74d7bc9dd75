internal import Foundation
internal import GRDB
package import LedgerCore
package import NodeSequencer

/// What a witness cosigned, in one SQLite file: WAL with `synchronous=FULL`.
package final class WitnessDatabase: WitnessStore {
    private let pool: DatabasePool

    /// Opens the file, or makes it where `isNew`.
    ///
    /// A witness whose file is lost has forgotten what it cosigned, so a missing one is not made anew.
    ///
    /// - Throws: `LedgerStoreError.corrupt`, `NodeFolder.Failure.memoryMissing`.
    package init(path: String, isNew: Bool) throws {
        guard isNew || FileManager.default.fileExists(atPath: path) else {
            throw NodeFolder.Failure.memoryMissing(path)
        }
        var configuration = Configuration()
        configuration.busyMode = .timeout(5)
        pool = try DatabasePool(path: path, configuration: configuration)
        try pool.writeWithoutTransaction { database in
            try database.execute(
                sql: """
                    CREATE TABLE IF NOT EXISTS log (
                        origin TEXT PRIMARY KEY,
                        vkey TEXT NOT NULL,
                        size INTEGER CHECK (size >= 0),
                        root BLOB CHECK (length(root) = 32),
                        note BLOB
                    ) STRICT, WITHOUT ROWID;
                    PRAGMA synchronous = FULL;
                    """)
            guard try Int.fetchOne(database, sql: "PRAGMA synchronous") == 2,
                try String.fetchOne(database, sql: "PRAGMA journal_mode") == "wal"
            else { throw LedgerStoreError.corrupt("not in WAL mode with full sync") }
        }
    }

    /// Looks after a log from now on.
    ///
    /// - Returns: `false` if there is one of this origin with another key.
    package func add(_ log: VerifierKey) throws -> Bool {
        try pool.write { database in
            try database.execute(
                sql: "INSERT OR IGNORE INTO log (origin, vkey) VALUES (?, ?)",
                arguments: [log.name, log.text])
            return try String.fetchOne(
                database, sql: "SELECT vkey FROM log WHERE origin = ?", arguments: [log.name])
                == log.text
        }
    }

    /// The origins of the logs the witness looks after.
    package func origins() throws -> [String] {
        try pool.read { try String.fetchAll($0, sql: "SELECT origin FROM log ORDER BY origin") }
    }

    /// Closes the file.
    package func close() throws {
        try pool.close()
    }

    /// See `WitnessStore`.
    package func logKey(of origin: String) throws -> VerifierKey? {
        try pool.read { database in
            let text = try String.fetchOne(
                database, sql: "SELECT vkey FROM log WHERE origin = ?", arguments: [origin])
            return try text.map { try VerifierKey(parsing: $0) }
        }
    }

    /// See `WitnessStore`.
    package func newest(of origin: String) throws -> WitnessedTree? {
        try pool.read { database in
            let row = try Row.fetchOne(
                database,
                sql: "SELECT size, root, note FROM log WHERE origin = ? AND size IS NOT NULL",
                arguments: [origin])
            guard let row else { return nil }
            guard let root = Hash(bytes: [UInt8](row[1] as Data)) else {
                throw LedgerStoreError.corrupt("a root cannot be read")
            }
            return WitnessedTree(size: row[0], root: root, note: [UInt8](row[2] as Data))
        }
    }

    /// See `WitnessStore`.
    package func advance(_ origin: String, from old: Int, to tree: WitnessedTree) async throws
        -> Bool
    {
        try await pool.write { database in
            try database.execute(
                sql: """
                    UPDATE log SET size = ?, root = ?, note = ?
                    WHERE origin = ? AND coalesce(size, 0) = ?
                        AND (size IS NULL OR size < ? OR root = ?)
                    """,
                arguments: [
                    tree.size, Data(tree.root.bytes), Data(tree.note), origin, old, tree.size,
                    Data(tree.root.bytes),
                ])
            return database.changesCount == 1
        }
    }
}
