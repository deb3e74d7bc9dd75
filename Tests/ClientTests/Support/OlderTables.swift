import GRDB

/// Takes a store's tables back to what an older program made, one version after the other.
enum OlderTables {
    /// The newest version comes first: each step undoes one.
    private static let undo: [(version: Int, sql: String)] = [
        (8, "DROP INDEX use_by_authorization;"),
        (7, "ALTER TABLE authorization DROP COLUMN guardian_until;"),
        (
            6,
            """
            DROP TABLE consent_draft;
            ALTER TABLE institution DROP COLUMN region;
            ALTER TABLE institution DROP COLUMN is_foreign_held;
            """
        ),
        (
            5,
            """
            DROP INDEX project_by_key_en; DROP INDEX project_by_key_zh;
            DROP INDEX project_by_end; DROP INDEX project_by_facet;
            ALTER TABLE project DROP COLUMN kind_bits;
            ALTER TABLE project DROP COLUMN required_bits;
            ALTER TABLE project DROP COLUMN age_from;
            ALTER TABLE project DROP COLUMN age_until;
            ALTER TABLE project DROP COLUMN sex;
            ALTER TABLE project DROP COLUMN programme_bits;
            ALTER TABLE project DROP COLUMN regions;
            ALTER TABLE project DROP COLUMN key_en;
            ALTER TABLE project DROP COLUMN key_zh;
            DROP TABLE saved_filter; DROP TABLE own;
            CREATE INDEX project_by_title ON project (sort_title, row, open_until, programme);
            """
        ),
        (4, "ALTER TABLE authorization DROP COLUMN invalidated_by;"),
        (
            3,
            """
            DROP TABLE use_log; DROP TABLE use_record; DROP TABLE notice;
            DROP INDEX entry_of_account; DROP INDEX entry_of_account_by_kind;
            DROP INDEX entry_of_catalogue; DROP INDEX entry_of_no_project;
            """
        ),
    ]

    /// Makes the store of a member what the program of a version left.
    static func take(_ directory: String, backTo version: Int) throws {
        let queue = try DatabaseQueue(path: directory + "/accord.sqlite")
        try queue.write { db in
            for step in undo where step.version > version { try db.execute(sql: step.sql) }
            try db.execute(
                sql: "UPDATE meta SET value = ? WHERE key = 'schema'", arguments: [version])
        }
        try queue.close()
    }
}
