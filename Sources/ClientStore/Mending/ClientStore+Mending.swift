internal import Foundation
internal import GRDB
internal import LedgerCore
internal import SyncCore

extension ClientStore {
    private static let databaseName = "accord.sqlite"
    /// How the folders of damaged files begin; the time follows.
    static let damagedPrefix = "damaged-"

    /// Looks through a database after an unclean stop.
    ///
    /// - Parameters:
    ///   - pool: The open database.
    ///   - isThorough: Whether indexes and every entry are compared too.
    /// - Throws: `StoreFailure` with code `corrupt`.
    static func check(_ pool: DatabasePool, isThorough: Bool) throws {
        func damaged(_ reason: String) -> StoreFailure {
            StoreFailure(.corrupt, operation: "check the store", reason: reason)
        }
        try pool.read { db in
            let pragma = isThorough ? "integrity_check" : "quick_check"
            let verdict = try String.fetchOne(db, sql: "PRAGMA \(pragma)(1)")
            guard verdict == "ok" else { throw damaged(verdict ?? "no answer") }
            // What a newer program's tables mean is not known here.
            guard try db.metaInteger(.schemaVersion) ?? 0 <= schemaVersion else { return }
            try checkPins(db)
            let waiting = try Row.fetchAll(
                db, sql: "SELECT device, seq, id, jws, idx, receipt FROM outbox")
            for row in waiting {
                let entry = Entry(bytes: row.bytes(3))
                guard let payload = try? entry.payload(), entry.id == (try row.hash(2)),
                    payload.device.text == row[0], payload.sequence == row[1]
                else { throw damaged("an entry that waits was changed") }
                guard let index = row[4] as LeafIndex? else { continue }
                let receipt = (row[5] as Data?).map { [UInt8]($0) } ?? []
                guard try isPromise(receipt, of: index, db) else {
                    throw damaged("a promise of the node was changed")
                }
            }
            if isThorough {
                try checkChains(db)
                try checkSize(db)
            }
        }
    }

    private static func isPromise(_ receipt: [UInt8], of index: LeafIndex, _ db: Database) throws
        -> Bool
    {
        guard let key = try db.metaText(.logKey).flatMap({ try? VerifierKey(parsing: $0) }) else {
            return false
        }
        return Salvage.isPromise(receipt, of: index, signedBy: key)
    }

    private static func checkPins(_ db: Database) throws {
        let pins = try [MetaKey.origin, .logKey, .nodeURL, .device, .account].map {
            try db.metaText($0)
        }
        if pins.allSatisfy({ $0 == nil }) { return }
        guard let origin = pins[0], let key = pins[1].flatMap({ try? VerifierKey(parsing: $0) }),
            key.name == origin, pins[2] != nil, pins[3].flatMap({ DeviceID($0) }) != nil,
            pins[4].flatMap({ AccountID($0) }) != nil
        else {
            throw StoreFailure(
                .corrupt, operation: "check the store", reason: "the enrolment was changed")
        }
    }

    /// Each chain of entries has to lead to the head that was verified.
    private static func checkChains(_ db: Database) throws {
        let damaged = StoreFailure(
            .corrupt, operation: "check the store", reason: "an entry was changed")
        var heads: [Int: (sequence: Int64, head: Hash)] = [:]
        let rows = try Row.fetchCursor(
            db, sql: "SELECT chain, aseq, id, jws, aprev FROM entry ORDER BY chain, aseq")
        while let row = try rows.next() {
            let known = heads[row[0]] ?? (0, AccountChain.start)
            let id = Hash.of(row.bytes(3))
            guard id == (try row.hash(2)), (row[1] as Int64) == known.sequence + 1,
                known.head == (try row.hash(4))
            else { throw damaged }
            heads[row[0]] = (known.sequence + 1, AccountChain.next(known.head, entryID: id))
        }
        for row in try Row.fetchAll(db, sql: "SELECT chain, aseq, head FROM cursor") {
            let chain = (row[0] as String) == ChainID.catalogue.text ? 0 : 1
            let known = heads.removeValue(forKey: chain) ?? (0, AccountChain.start)
            guard known.sequence == row[1], known.head == (try row.hash(2)) else { throw damaged }
        }
        // Without its cursor a chain would be fetched a second time.
        guard heads.isEmpty else { throw damaged }
    }

    /// What is shown as verified has to rest on a checkpoint of the log.
    private static func checkSize(_ db: Database) throws {
        let size = try db.metaInteger(.verifiedSize) ?? 0
        let newest = try Int64.fetchOne(db, sql: "SELECT max(idx) FROM entry") ?? -1
        if size == 0, newest < 0 { return }
        let note = try Data.fetchOne(
            db, sql: "SELECT note FROM checkpoint WHERE size = ?", arguments: [size])
        guard newest < size, let note,
            let key = try db.metaText(.logKey).flatMap({ try? VerifierKey(parsing: $0) }),
            let verified = try? VerifiedCheckpoint(
                parsing: [UInt8](note), logKey: key, origin: key.name),
            Int64(verified.checkpoint.size) == size
        else {
            throw StoreFailure(
                .corrupt, operation: "check the store", reason: "the checkpoint was changed")
        }
    }

    // MARK: Mending

    /// Puts what can be saved of a damaged database into a new one and sets the old one aside.
    ///
    /// Killed at any point, the next opening does it again or finishes it.
    ///
    /// - Parameters:
    ///   - directory: The folder, which no other process uses now.
    ///   - keys: The public keys of this machine's vault, or `nil` where there is none.
    ///   - time: This machine's clock: names the folder of the damaged files.
    /// - Returns: What was saved.
    /// - Throws: `StoreFailure` where nothing can be written, and with code `readOnly` where a newer
    ///   program wrote it; everything is then as it was.
    static func mend(_ directory: String, keys: DeviceKeys?, at time: Timestamp) throws
        -> StoreMending
    {
        let path = directory + "/" + databaseName
        let file = DamagedFile(database: try mapped(path), log: try mapped(path + "-wal"))
        let salvage = Salvage(file, keys: keys) { sealed in
            access("\(directory)/records/\(sealed.hex)", R_OK) == 0
        }
        guard salvage.version <= schemaVersion else {
            throw StoreFailure(
                .readOnly, operation: "mend the store",
                reason: "the database was written by a newer version of this program")
        }
        let draft = path + ".draft"
        for ending in ["", "-journal", "-wal", "-shm"] { unlink(draft + ending) }
        do {
            let queue = try DatabaseQueue(path: draft, configuration: configuration)
            try queue.writeWithoutTransaction { db in
                try db.execute(sql: "PRAGMA synchronous = FULL")
                try migrate(db)
            }
            try queue.write { db in try put(salvage, into: db) }
            try queue.close()
        } catch let error as DatabaseError {
            unlink(draft)
            throw StoreFailure(error, operation: "mend the store")
        }
        try require(chmod(draft, 0o600) == 0 && rename(draft, path + ".mended") == 0)
        let folder = "\(directory)/\(damagedPrefix)\(time.milliseconds)"
        try finishMending(directory, aside: folder)
        let revocations = salvage.waiting.filter {
            $0.payload.body.kind == .authorizationRevoked
        }
        return StoreMending(
            decisions: salvage.waiting.count, revocations: revocations.count,
            records: salvage.records.count, doubtful: salvage.doubtfulCount,
            missing: salvage.missingCount, isEnrolled: salvage.enrolment != nil,
            areWitnessesLost: salvage.areWitnessesLost, folder: folder)
    }

    /// Puts the new database in the place of the damaged one, where one was made.
    ///
    /// The log of the damaged one goes before: SQLite would replay it into the new one.
    static func finishMending(_ directory: String, aside: String) throws {
        let path = directory + "/" + databaseName
        guard access(path + ".mended", F_OK) == 0 else { return }
        try require(mkdir(aside, 0o700) == 0 || errno == EEXIST)
        for ending in ["", "-wal"] where access(path + ending, F_OK) == 0 {
            let isKept = link(path + ending, "\(aside)/\(databaseName)\(ending)") == 0
            try require(isKept || errno == EEXIST)
        }
        unlink(path + "-wal")
        unlink(path + "-shm")
        try require(rename(path + ".mended", path) == 0)
        let folder = open(directory, O_RDONLY | O_CLOEXEC)
        defer { close(folder) }
        try require(folder >= 0 && fsync(folder) == 0)
    }

    private static func require(_ isDone: Bool) throws {
        guard isDone else { throw failure("mend the store") }
    }

    /// The bytes of a file, none where it is missing.
    static func mapped(_ path: String) throws -> Data {
        guard access(path, F_OK) == 0 else { return Data() }
        do {
            return try Data(contentsOf: URL(filePath: path), options: .alwaysMapped)
        } catch {
            throw StoreFailure(
                .unavailable, operation: "mend the store", reason: String(describing: error))
        }
    }

    private static func put(_ salvage: Salvage, into db: Database) throws {
        for (key, text) in salvage.settings { try db.setMeta(key, text) }
        if let enrolment = salvage.enrolment { try pin(enrolment, in: db) }
        if let policy = salvage.witnessPolicy {
            try db.setMeta(.witnessPolicy, Data(policy.bytes))
            try db.setMeta(.needsWitnesses, policy.needsNobody ? 0 : 1)
        }
        for (device, cursor) in salvage.cursors {
            try db.execute(
                sql: "INSERT INTO device_cursor (device, seq, last) VALUES (?, ?, ?)",
                arguments: [device.text, cursor.sequence, cursor.last.data])
        }
        for waiting in salvage.waiting {
            // Nobody can know any more whether it left: it counts as sent, and is sent again.
            let state =
                waiting.promise == nil ? "sent" : waiting.isDisputed ? "disputed" : "accepted"
            try db.execute(
                sql: """
                    INSERT OR IGNORE INTO outbox (device, seq, id, jws, kind, project, state,
                        queued_at, attempts, first_sent, last_sent, idx, receipt)
                    VALUES (?, ?, ?, ?, ?, ?, ?, ?8, ?, ?8, ?8, ?, ?)
                    """,
                arguments: [
                    waiting.payload.device.text, waiting.payload.sequence, waiting.entry.id.data,
                    Data(waiting.entry.bytes), waiting.payload.body.kind.rawValue,
                    waiting.payload.body.project?.text, state, waiting.queuedAt, waiting.attempts,
                    waiting.promise?.index, waiting.promise.map { Data($0.receipt) },
                ])
        }
        for row in salvage.records + salvage.wishes + salvage.receipts {
            try db.execute(
                sql: row.sql, arguments: StatementArguments(row.values.map(\.databaseValue)))
        }
    }
}

extension DamagedFile.Value {
    fileprivate var databaseValue: DatabaseValue {
        switch self {
        case .null, .real: .null
        case .integer(let number): number.databaseValue
        case .text(let text): text.databaseValue
        case .blob(let bytes): Data(bytes).databaseValue
        }
    }
}
