internal import GRDB

/// The tables of a node; shipped migrations never change.
enum NodeSchema {
    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1 ledger") { database in
            try database.execute(sql: ledger)
        }
        migrator.registerMigration("2 pieces of the tree") { database in
            try database.execute(sql: pieces)
        }
        return migrator
    }

    /// Empty for a ledger from before: its first start reads all leaves, its first commit fills it.
    private static let pieces = """
        CREATE TABLE piece_run (
            start INTEGER PRIMARY KEY CHECK (start >= 0 AND start % 16 = 0),
            roots BLOB NOT NULL CHECK (length(roots) > 0 AND length(roots) % 32 = 0)
        ) STRICT;
        """

    private static let ledger = """
        CREATE TABLE note (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;

        CREATE TABLE leaf (
            idx INTEGER PRIMARY KEY CHECK (idx >= 0),
            data BLOB NOT NULL CHECK (length(data) = 32)
        ) STRICT;

        CREATE TABLE entry (
            idx INTEGER PRIMARY KEY REFERENCES leaf (idx),
            id BLOB NOT NULL UNIQUE CHECK (length(id) = 32),
            jws BLOB NOT NULL,
            envelope BLOB NOT NULL,
            salt BLOB NOT NULL CHECK (length(salt) = 32),
            chain TEXT NOT NULL,
            aseq INTEGER NOT NULL CHECK (aseq > 0),
            project TEXT,
            device TEXT NOT NULL,
            seq INTEGER NOT NULL CHECK (seq > 0),
            UNIQUE (chain, aseq)
        ) STRICT;
        CREATE INDEX entry_by_project ON entry (project, idx) WHERE project IS NOT NULL;

        CREATE TABLE refusal (
            id BLOB PRIMARY KEY CHECK (length(id) = 32),
            code INTEGER NOT NULL,
            receipt BLOB NOT NULL
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE cursor (
            device TEXT PRIMARY KEY,
            seq INTEGER NOT NULL CHECK (seq > 0),
            last BLOB NOT NULL CHECK (length(last) = 32)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE checkpoint (
            size INTEGER PRIMARY KEY CHECK (size > 0),
            note BLOB NOT NULL
        ) STRICT;

        CREATE TABLE invitation (
            lookup TEXT PRIMARY KEY,
            key BLOB NOT NULL CHECK (length(key) = 32),
            expires INTEGER NOT NULL,
            used_by BLOB CHECK (length(used_by) = 32)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE record (
            sha BLOB NOT NULL CHECK (length(sha) = 32),
            owner TEXT NOT NULL,
            size INTEGER NOT NULL CHECK (size > 0),
            PRIMARY KEY (sha, owner)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX record_by_owner ON record (owner, size);

        CREATE TABLE wrap (
            authorization TEXT NOT NULL,
            record BLOB NOT NULL CHECK (length(record) = 32),
            recipient TEXT NOT NULL,
            wrapped BLOB NOT NULL CHECK (length(wrapped) BETWEEN 1 AND 1024),
            PRIMARY KEY (authorization, record, recipient)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE operator_order (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            body BLOB NOT NULL,
            result BLOB
        ) STRICT;
        """
}
