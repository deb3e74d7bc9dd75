internal import FoundationEssentials
internal import GRDB
package import LedgerCore
package import NodeSequencer

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
