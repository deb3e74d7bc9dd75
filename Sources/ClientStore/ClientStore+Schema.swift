internal import GRDB
internal import LedgerCore

extension ClientStore {
    /// The steps to the newest tables: shipped ones never change, a new one is added at the end.
    static let steps = [
        tables, rewards, usesAndNotices, invalidations, facets, consentDrafts, wards,
        usesCountedAnew, remainders, draftLinks,
    ]

    /// The version of the tables: the number of steps.
    static let schemaVersion = Int64(steps.count)

    /// Takes the steps that are missing, in one transaction.
    static func migrate(_ db: Database) throws {
        try db.inTransaction(.immediate) {
            let isNew =
                try Int.fetchOne(
                    db, sql: "SELECT count(*) FROM sqlite_master WHERE name = 'meta'") == 0
            let version = isNew ? 0 : try db.metaInteger(.schemaVersion) ?? 1
            // A newer program's tables are left alone.
            guard version < schemaVersion else { return .commit }
            guard version >= 0 else {
                throw StoreFailure(
                    .corrupt, operation: "open the store", reason: "its version is none")
            }
            for step in steps[Int(version)...] { try db.execute(sql: step) }
            if (1..<3).contains(version) {
                try logRecordedUses(db)
                try db.execute(sql: usesCountedAnew)
            }
            if (1..<5).contains(version) { try fillFacets(db) }
            if (1..<6).contains(version) { try placeInstitutions(db) }
            if (1..<9).contains(version) { try countCorrections(db) }
            if isNew { try db.setMeta(.isScrubbed, 1) }
            try db.setMeta(.schemaVersion, schemaVersion)
            return .commit
        }
    }

    /// Refuses to write what a newer program keeps in tables this one does not know.
    static func checkVersion(_ db: Database, for operation: String) throws {
        let version = try db.metaInteger(.schemaVersion) ?? 0
        guard version <= schemaVersion else {
            throw StoreFailure(
                .readOnly, operation: operation,
                reason: "the database was written by a newer version of this program")
        }
    }

    private static let tables = """
        CREATE TABLE meta (key TEXT PRIMARY KEY, value ANY) STRICT, WITHOUT ROWID;

        -- Entries of this device that are not proven yet.
        CREATE TABLE outbox (
            device TEXT NOT NULL,
            seq INTEGER NOT NULL CHECK (seq > 0),
            id BLOB NOT NULL UNIQUE CHECK (length(id) = 32),
            jws BLOB NOT NULL,
            kind TEXT NOT NULL,
            project TEXT,
            state TEXT NOT NULL CHECK (state IN ('queued', 'sent', 'accepted', 'disputed')),
            queued_at INTEGER NOT NULL,
            attempts INTEGER NOT NULL DEFAULT 0,
            first_sent INTEGER,
            last_sent INTEGER,
            idx INTEGER,
            receipt BLOB,
            CHECK ((state IN ('accepted', 'disputed')) = (idx IS NOT NULL)),
            PRIMARY KEY (device, seq)
        ) STRICT, WITHOUT ROWID;

        -- The last entry this device signed: kept when the entry itself has left the outbox.
        CREATE TABLE device_cursor (
            device TEXT PRIMARY KEY,
            seq INTEGER NOT NULL,
            last BLOB NOT NULL CHECK (length(last) = 32)
        ) STRICT, WITHOUT ROWID;

        -- Entries the node refused: kept for ever, on top until read.
        CREATE TABLE refusal (
            id BLOB PRIMARY KEY CHECK (length(id) = 32),
            jws BLOB NOT NULL,
            kind TEXT NOT NULL,
            project TEXT,
            code INTEGER NOT NULL,
            receipt BLOB NOT NULL,
            queued_at INTEGER NOT NULL,
            refused_at INTEGER NOT NULL,
            after_aseq INTEGER NOT NULL,
            is_read INTEGER NOT NULL DEFAULT 0
        ) STRICT;

        -- Verified entries: chain 0 is the catalogue, 1 the member's own.
        CREATE TABLE entry (
            idx INTEGER PRIMARY KEY,
            id BLOB NOT NULL,
            chain INTEGER NOT NULL CHECK (chain IN (0, 1)),
            aseq INTEGER NOT NULL,
            jws BLOB NOT NULL,
            aprev BLOB NOT NULL,
            time INTEGER NOT NULL,
            salt BLOB NOT NULL,
            kind TEXT NOT NULL,
            project TEXT,
            proof BLOB NOT NULL,
            size INTEGER NOT NULL
        ) STRICT;
        CREATE UNIQUE INDEX entry_by_id ON entry (id);
        CREATE UNIQUE INDEX entry_by_chain ON entry (chain, aseq);

        CREATE TABLE checkpoint (
            size INTEGER PRIMARY KEY,
            note BLOB NOT NULL,
            verified_at INTEGER NOT NULL
        ) STRICT;

        CREATE TABLE cursor (
            chain TEXT PRIMARY KEY,
            aseq INTEGER NOT NULL,
            head BLOB NOT NULL CHECK (length(head) = 32),
            note BLOB NOT NULL
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE institution (
            account TEXT PRIMARY KEY,
            name_en TEXT NOT NULL,
            name_zh TEXT NOT NULL,
            signing BLOB NOT NULL,
            wrapping BLOB NOT NULL
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE project (
            row INTEGER PRIMARY KEY,
            id TEXT NOT NULL UNIQUE,
            sponsor TEXT NOT NULL,
            programme TEXT NOT NULL,
            title_en TEXT NOT NULL,
            title_zh TEXT NOT NULL,
            sort_title TEXT NOT NULL,
            kinds TEXT NOT NULL,
            offer INTEGER NOT NULL,
            seats INTEGER NOT NULL,
            open_until INTEGER NOT NULL,
            is_closed INTEGER NOT NULL,
            changed_at INTEGER NOT NULL,
            grace_end INTEGER NOT NULL,
            escrow INTEGER NOT NULL DEFAULT 0,
            published_by BLOB NOT NULL,
            terms BLOB NOT NULL
        ) STRICT;
        CREATE INDEX project_by_offer
            ON project (offer DESC, row, open_until, programme);
        CREATE INDEX project_by_change
            ON project (changed_at DESC, row DESC, open_until, programme);
        CREATE INDEX project_by_title
            ON project (sort_title, row, open_until, programme);

        CREATE TABLE project_text (row INTEGER PRIMARY KEY, words TEXT NOT NULL) STRICT;
        CREATE VIRTUAL TABLE project_search USING fts5(
            words, content = 'project_text', content_rowid = 'row', columnsize = 0,
            prefix = '1 2 3', tokenize = 'accord_words');

        CREATE TABLE seat (project TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;

        CREATE TABLE authorization (
            id TEXT PRIMARY KEY,
            project TEXT NOT NULL,
            major INTEGER NOT NULL,
            grant_entry BLOB NOT NULL,
            granted_at INTEGER NOT NULL,
            latest BLOB NOT NULL,
            is_paused INTEGER NOT NULL,
            revoked_at INTEGER,
            revoked_mode TEXT,
            revoked_entry BLOB,
            uses INTEGER NOT NULL DEFAULT 0,
            last_use INTEGER
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX authorization_by_project ON authorization (project, major);

        -- The latest decision where nothing was ever granted.
        CREATE TABLE bare_decision (id TEXT PRIMARY KEY, entry BLOB NOT NULL)
            STRICT, WITHOUT ROWID;

        CREATE TABLE contribution (
            idx INTEGER PRIMARY KEY,
            entry BLOB NOT NULL UNIQUE,
            project TEXT NOT NULL,
            record BLOB NOT NULL,
            kind TEXT NOT NULL,
            rows INTEGER NOT NULL,
            review TEXT NOT NULL
        ) STRICT;
        CREATE INDEX contribution_by_project ON contribution (project);
        CREATE INDEX contribution_by_record ON contribution (record);

        CREATE TABLE points (
            idx INTEGER PRIMARY KEY,
            entry BLOB NOT NULL UNIQUE,
            time INTEGER NOT NULL,
            kind TEXT NOT NULL,
            points INTEGER NOT NULL,
            project TEXT NOT NULL,
            cause TEXT,
            vests_at INTEGER,
            is_waiting INTEGER NOT NULL
        ) STRICT;

        CREATE TABLE points_month (month INTEGER PRIMARY KEY, points INTEGER NOT NULL) STRICT;

        -- Records of this machine: only what a list shows is in the clear.
        CREATE TABLE record (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            file_name TEXT NOT NULL,
            kind TEXT NOT NULL,
            row_count INTEGER NOT NULL,
            identifying_count INTEGER NOT NULL,
            first_time INTEGER,
            last_time INTEGER,
            imported_at INTEGER NOT NULL,
            sealed BLOB NOT NULL CHECK (length(sealed) = 32)
        ) STRICT;
        CREATE INDEX record_by_sealed ON record (sealed);

        -- Sealed records on their way to the node, and those that arrived.
        CREATE TABLE upload (
            sha BLOB NOT NULL CHECK (length(sha) = 32),
            contribution BLOB NOT NULL CHECK (length(contribution) = 32),
            record INTEGER,
            total INTEGER NOT NULL,
            position INTEGER NOT NULL DEFAULT 0 CHECK (position BETWEEN 0 AND total),
            wraps BLOB NOT NULL,
            has_sent_wraps INTEGER NOT NULL DEFAULT 0,
            queued_at INTEGER NOT NULL,
            PRIMARY KEY (sha, contribution)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX upload_by_record ON upload (record);
        """

    /// Rewards, what was redeemed, and movements of points that are about no project.
    private static let rewards = """
        ALTER TABLE points ADD COLUMN reward TEXT;

        CREATE TABLE reward (
            id TEXT PRIMARY KEY,
            title_en TEXT NOT NULL,
            title_zh TEXT NOT NULL,
            price INTEGER NOT NULL,
            is_instant INTEGER NOT NULL,
            is_withdrawn INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE reservation (
            entry BLOB PRIMARY KEY CHECK (length(entry) = 32),
            reward TEXT NOT NULL,
            points INTEGER NOT NULL,
            time INTEGER NOT NULL,
            outcome TEXT NOT NULL
        ) STRICT, WITHOUT ROWID;
        """

    /// Who used what, found without reading every entry; what was told the person.
    private static let usesAndNotices = """
        -- Uses and denied uses of the member's data; `authorization` is that of an allowed one.
        CREATE TABLE use_log (
            idx INTEGER PRIMARY KEY,
            time INTEGER NOT NULL,
            project TEXT NOT NULL,
            authorization TEXT,
            user TEXT NOT NULL,
            purpose TEXT NOT NULL,
            denial TEXT
        ) STRICT;
        CREATE INDEX use_by_time ON use_log (time);
        CREATE INDEX use_by_project ON use_log (project, time);

        CREATE TABLE use_record (
            contribution BLOB NOT NULL,
            idx INTEGER NOT NULL,
            PRIMARY KEY (contribution, idx)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX use_record_by_use ON use_record (idx);

        -- What was told on this machine; only the newest are kept.
        CREATE TABLE notice (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            at INTEGER NOT NULL,
            tone TEXT NOT NULL CHECK (tone IN ('done', 'warning', 'error')),
            text TEXT NOT NULL
        ) STRICT;

        CREATE INDEX entry_of_account ON entry (project, idx) WHERE chain = 1;
        CREATE INDEX entry_of_account_by_kind ON entry (kind, aseq) WHERE chain = 1;
        CREATE INDEX entry_of_catalogue ON entry (project, idx)
            WHERE chain = 0 AND kind <> 'project.published/1';
        CREATE INDEX entry_of_no_project ON entry (idx) WHERE chain = 0 AND project IS NULL;
        """

    /// Authorizations that were never valid.
    private static let invalidations = """
        ALTER TABLE authorization ADD COLUMN invalidated_by BLOB;
        """

    /// What projects are filtered and sorted by, read without their terms; what a person chose to
    /// keep about the catalogue on this machine.
    private static let facets = """
        ALTER TABLE project ADD COLUMN kind_bits INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE project ADD COLUMN required_bits INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE project ADD COLUMN age_from INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE project ADD COLUMN age_until INTEGER NOT NULL DEFAULT 1000;
        ALTER TABLE project ADD COLUMN sex TEXT NOT NULL DEFAULT '';
        ALTER TABLE project ADD COLUMN programme_bits INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE project ADD COLUMN regions TEXT NOT NULL DEFAULT '';
        ALTER TABLE project ADD COLUMN key_en TEXT NOT NULL DEFAULT '';
        ALTER TABLE project ADD COLUMN key_zh TEXT NOT NULL DEFAULT '';
        DROP INDEX project_by_title;
        CREATE INDEX project_by_key_en ON project (key_en, row);
        CREATE INDEX project_by_key_zh ON project (key_zh, row);
        CREATE INDEX project_by_end ON project (open_until, row);
        CREATE INDEX project_by_facet ON project (programme, kind_bits, offer, open_until, seats,
            sponsor, required_bits, age_from, age_until, sex, programme_bits, regions);

        CREATE TABLE saved_filter (
            name TEXT PRIMARY KEY,
            facets TEXT NOT NULL,
            search TEXT NOT NULL,
            ordering TEXT NOT NULL
        ) STRICT, WITHOUT ROWID;

        -- What a person wrote down about themselves, and the mark of what they have seen.
        CREATE TABLE own (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
        """

    /// Where institutions are; authorizations that were begun and not signed.
    private static let consentDrafts = """
        ALTER TABLE institution ADD COLUMN region TEXT NOT NULL DEFAULT '';
        ALTER TABLE institution ADD COLUMN is_foreign_held INTEGER NOT NULL DEFAULT 0;

        CREATE TABLE consent_draft (
            project TEXT PRIMARY KEY,
            terms BLOB NOT NULL CHECK (length(terms) = 32),
            kinds TEXT NOT NULL,
            purposes TEXT NOT NULL,
            until INTEGER NOT NULL,
            step INTEGER NOT NULL CHECK (step >= 0),
            changed_at INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        """

    /// When a member comes of age whose guardian granted.
    private static let wards = """
        ALTER TABLE authorization ADD COLUMN guardian_until INTEGER;
        """

    /// Uses counted anew: looks at new contributions had been counted with them.
    private static let usesCountedAnew = """
        UPDATE authorization SET (uses, last_use) = (
            SELECT count(*), max(time) FROM use_log u
            WHERE u.project = authorization.project AND u.authorization = authorization.id
                AND denial IS NULL AND purpose <> 'review');
        """

    /// What still waits of each accrual: a correction may have taken a part of it.
    private static let remainders = """
        ALTER TABLE points ADD COLUMN waiting INTEGER NOT NULL DEFAULT 0;
        UPDATE points SET waiting = points WHERE is_waiting = 1;
        """

    /// The projects to link with that were chosen so far in an authorization that was begun.
    private static let draftLinks = """
        ALTER TABLE consent_draft ADD COLUMN links TEXT NOT NULL DEFAULT '';
        """
}
