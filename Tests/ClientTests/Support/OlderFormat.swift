import Foundation
import GRDB

@testable import ClientStore

/// Makes the database that an older program left: the tables of the steps it knew, with the rows of a
/// newer one as far as it had a place for them.
enum OlderFormat {
    /// What each format was the first to keep, taken out of a database of the newest one.
    ///
    /// What of it follows from the ledger comes back when the store is opened.
    private static let news: [(format: Int, sql: String)] = [
        (
            2,
            "UPDATE points SET reward = NULL; DELETE FROM reward; DELETE FROM reservation;"
        ),
        (3, "DELETE FROM notice;"),
        (4, "UPDATE authorization SET invalidated_by = NULL;"),
        (5, "DELETE FROM saved_filter; DELETE FROM own;"),
        (6, "DELETE FROM consent_draft;"),
        (7, "UPDATE authorization SET guardian_until = NULL;"),
        (10, "UPDATE consent_draft SET links = '';"),
    ]

    private static let newest = Int(ClientStore.schemaVersion)

    /// Every format a program of ours has written.
    static let all = Array(1...newest)

    /// Makes the store in a folder what the program of a format left.
    static func take(_ directory: String, backTo format: Int) throws {
        let path = directory + "/accord.sqlite"
        let draft = directory + "/older.sqlite"
        let queue = try DatabaseQueue(path: draft, configuration: ClientStore.configuration)
        try queue.writeWithoutTransaction { db in
            for step in ClientStore.steps.prefix(format) { try db.execute(sql: step) }
            try db.execute(sql: "ATTACH DATABASE ? AS newer", arguments: [path])
            for table in try tables(db) {
                let columns = try db.columns(in: table).map(\.name).joined(separator: ", ")
                try db.execute(
                    sql: """
                        INSERT INTO main.\(table) (\(columns)) SELECT \(columns) FROM newer.\(table)
                        """)
            }
            try db.execute(sql: "DETACH DATABASE newer")
            try db.execute(sql: "INSERT INTO project_search (project_search) VALUES ('rebuild')")
            try db.execute(
                sql: "UPDATE meta SET value = ? WHERE key = 'schema'", arguments: [format])
            // No program knew this before it could mend.
            try db.execute(sql: "DELETE FROM meta WHERE key = 'scrubbed'")
        }
        try queue.close()
        for ending in ["", "-wal", "-shm"] {
            // The database may have no log.
            try? FileManager.default.removeItem(atPath: path + ending)
        }
        try FileManager.default.moveItem(atPath: draft, toPath: path)
    }

    /// Takes out of a database of the newest format what a program of an older one cannot have kept.
    static func forget(_ directory: String, unknownTo format: Int) throws {
        let queue = try DatabaseQueue(path: directory + "/accord.sqlite")
        try queue.write { db in
            for new in news where new.format > format { try db.execute(sql: new.sql) }
        }
        try queue.close()
    }

    /// All rows of a store, by their tables.
    static func rows(_ directory: String) throws -> [String: [String]] {
        try reading(directory) { db in
            try tables(db).reduce(into: [:]) { content, table in
                let rows = try Row.fetchAll(db, sql: "SELECT * FROM \(table)")
                content[table] = rows.map(\.description).sorted()
            }
        }
    }

    /// The tables and indices of a store, as SQLite keeps them.
    static func schema(_ directory: String) throws -> [String] {
        try reading(directory) { db in
            try Row.fetchAll(db, sql: "SELECT type, name, sql FROM sqlite_master")
                .map(\.description).sorted()
        }
    }

    private static func reading<Value>(_ directory: String, _ body: (Database) throws -> Value)
        throws -> Value
    {
        let queue = try DatabaseQueue(
            path: directory + "/accord.sqlite", configuration: ClientStore.configuration)
        let value = try queue.read(body)
        try queue.close()
        return value
    }

    /// The tables whose rows are ours and not SQLite's.
    private static func tables(_ db: Database) throws -> [String] {
        try String.fetchAll(
            db,
            sql: """
                SELECT name FROM main.sqlite_master WHERE type = 'table'
                    AND name NOT LIKE 'sqlite~_%' ESCAPE '~' AND name NOT LIKE 'project~_search%'
                    ESCAPE '~'
                """)
    }
}
