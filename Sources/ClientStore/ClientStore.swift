internal import Foundation
internal import GRDB
package import LedgerCore
package import SyncCore
internal import Synchronization

/// The member's machine: outbox, verified entries, cursors, checkpoint and what screens read.
///
/// One SQLite file, shared by several processes. What a writing call stored is on disk when it
/// returns: WAL with `synchronous=FULL`, which is asserted when the file is opened.
package final class ClientStore: Sendable {
    /// The folder with the database, the sealed records and the evidence.
    package let directory: String
    /// What was done about a damaged database when this store was opened; `nil` for nothing.
    package let mending: StoreMending?
    let pool: DatabasePool
    let clock: @Sendable () -> Timestamp
    let caches = Mutex(StoreCaches())
    let writes = Atomic<Int64>(0)
    let lock = Mutex<Int32?>(nil)
    /// Whether the log of SQLite may still hold what was deleted.
    let owesTruncation = Atomic<Bool>(false)
    private let latch: StoreLatch?

    /// What is kept beside the database.
    package enum Surroundings: Sendable {
        /// A lock that shows an unclean stop, and room for a revocation on a full disk.
        ///
        /// `boot` names the machine's run, which a loss of power ends.
        case folder(boot: String)
        /// Nothing: for a database whose file system is not that of the folder.
        case none

        /// The folder of a store on this machine.
        package static var machine: Surroundings { .folder(boot: StoreLatch.bootID) }
    }

    /// Opens the database in `directory`, which is made if it is missing.
    ///
    /// After an unclean stop it is looked through; a damaged one is set aside, and what can be
    /// saved goes into a new one: see `mending`.
    ///
    /// - Parameters:
    ///   - directory: An absolute path; it gets mode 0700, the files in it 0600.
    ///   - clock: This machine's clock: decides only what is shown as open.
    ///   - pageLimit: The most pages of 4 KiB the file may have; `nil` for no limit of our own.
    ///   - keys: The public keys of this machine's vault: what they signed can be saved.
    ///   - surroundings: What is kept beside the database.
    /// - Throws: `StoreFailure`.
    package init(
        directory: String, clock: @escaping @Sendable () -> Timestamp, pageLimit: Int? = nil,
        keys: DeviceKeys? = nil, surroundings: Surroundings = .machine
    ) throws {
        self.directory = directory
        self.clock = clock
        try ClientStore.makePrivate(directory: directory)
        try ClientStore.makePrivate(directory: directory + "/records")
        switch surroundings {
        case .none:
            latch = nil
            mending = nil
            pool = try ClientStore.openPool(directory, pageLimit: pageLimit)
        case .folder(let boot):
            let latch = try StoreLatch(directory: directory, boot: boot)
            self.latch = latch
            (pool, mending) = try ClientStore.openWhole(
                directory, latch, keys: keys, pageLimit: pageLimit, at: clock())
            ClientStore.keepBallast(in: directory)
        }
    }

    deinit {
        // SQLite writes its log back only where no reader is open, and GRDB closes its readers last.
        // Who leaves last does it; where it cannot be done the log is read the next time.
        if latch != nil { try? truncateLog() }
        // Readers that are still busy close it when they end.
        try? pool.close()
    }

    private static func openPool(_ directory: String, pageLimit: Int?) throws -> DatabasePool {
        let path = directory + "/accord.sqlite"
        try ClientStore.makePrivate(file: path)
        do {
            let pool = try DatabasePool(path: path, configuration: ClientStore.configuration)
            try pool.writeWithoutTransaction { db in
                // GRDB turns NORMAL on with WAL, which loses acknowledged entries at power loss.
                try db.execute(sql: "PRAGMA synchronous = FULL")
                try ClientStore.checkDurability(db)
                try ClientStore.migrate(db)
                try ClientStore.settleLog(db)
                if let pageLimit {
                    try db.execute(sql: "PRAGMA max_page_count = \(pageLimit)")
                }
            }
            return pool
        } catch let error as DatabaseError {
            let failure = StoreFailure(error, operation: "open the store")
            // Tables that are not those of their version, or not SQLite's any more.
            let isForm = [.SQLITE_ERROR, .SQLITE_CONSTRAINT, .SQLITE_FORMAT, .SQLITE_MISMATCH]
                .contains(error.resultCode)
            throw isForm
                ? StoreFailure(.corrupt, operation: failure.operation, reason: failure.reason)
                : failure
        } catch let failure as StoreFailure {
            throw failure
        } catch {
            // A step to the newest tables read an entry, or terms, that are none any more.
            throw StoreFailure(
                .corrupt, operation: "open the store", reason: String(describing: error))
        }
    }

    /// Brings to the disk what a killed process had written into the log and not synced.
    ///
    /// SQLite takes it for committed, and a person sees it as queued from now on.
    private static func settleLog(_ db: Database) throws {
        do {
            try db.checkpoint(.passive)
        } catch let error as DatabaseError
            where [.SQLITE_BUSY, .SQLITE_LOCKED, .SQLITE_FULL].contains(error.resultCode)
        {
            // Another process does it now. Or the disk is full, which shows once the log is synced.
            return
        }
    }

    /// Opens a database that may be damaged; who is alone looks, and mends.
    private static func openWhole(
        _ directory: String, _ latch: StoreLatch, keys: DeviceKeys?, pageLimit: Int?,
        at time: Timestamp
    ) throws -> (DatabasePool, StoreMending?) {
        let isAlone = latch.takeAlone()
        if !isAlone { try latch.share() }
        do {
            guard isAlone else {
                let pool = try openPool(directory, pageLimit: pageLimit)
                latch.join()
                return (pool, nil)
            }
            try finishMending(directory, aside: "\(directory)/\(damagedPrefix)\(time.milliseconds)")
            let pool = try openChecked(directory, latch.trace, pageLimit: pageLimit)
            try scrub(pool)
            latch.noteOpen()
            try latch.share()
            return (pool, nil)
        } catch let failure as StoreFailure where failure.code == .corrupt {
            guard isAlone || latch.waitAlone() else { throw failure }
            let mending = try mend(directory, keys: keys, at: time)
            let pool = try openPool(directory, pageLimit: pageLimit)
            latch.noteOpen()
            try latch.share()
            return (pool, mending)
        }
    }

    /// Overwrites once what was deleted before deleting overwrote: in free pages and in the log.
    private static func scrub(_ pool: DatabasePool) throws {
        do {
            try pool.writeWithoutTransaction { db in
                guard try db.metaInteger(.isScrubbed) == nil,
                    try db.metaInteger(.schemaVersion) ?? 0 <= schemaVersion
                else { return }
                try db.execute(sql: "VACUUM")
                try db.setMeta(.isScrubbed, 1)
                try db.checkpoint(.truncate)
            }
        } catch let error as DatabaseError {
            // For want of room it is done another time.
            let passing: [ResultCode] = [
                .SQLITE_FULL, .SQLITE_BUSY, .SQLITE_READONLY, .SQLITE_CANTOPEN, .SQLITE_IOERR,
            ]
            guard passing.contains(error.resultCode) else {
                throw StoreFailure(error, operation: "open the store")
            }
        }
    }

    private static func openChecked(
        _ directory: String, _ trace: StoreLatch.Trace, pageLimit: Int?
    ) throws -> DatabasePool {
        let path = directory + "/accord.sqlite"
        var status = stat()
        // SQLite takes an empty file for a new database, and removes the log beside it.
        if trace != .none, stat(path, &status) != 0 || status.st_size == 0 {
            throw StoreFailure(.corrupt, operation: "open the store", reason: "it is empty")
        }
        if trace == .damaged {
            throw StoreFailure(
                .corrupt, operation: "open the store", reason: "damage was met before")
        }
        let isNew = stat(path, &status) != 0 || status.st_size == 0
        // Who closes it as the last empties the log. After a loss of power it holds what was written
        // since: so the note that it was closed need not be durable.
        let hasLog = stat(path + "-wal", &status) == 0 && status.st_size > 0
        let isWhole = trace == .closed || trace == .closedBefore && !hasLog
        if !isWhole, DamagedFile.isBroken(log: try mapped(path + "-wal")) {
            throw StoreFailure(
                .corrupt, operation: "open the store", reason: "its log has a damaged middle")
        }
        let pool = try openPool(directory, pageLimit: pageLimit)
        if isWhole || isNew { return pool }
        do {
            try check(pool, isThorough: trace != .suspect)
            return pool
        } catch {
            // It is opened again, or not at all.
            try? pool.close()
            switch error {
            case let failure as StoreFailure: throw failure
            case let error as DatabaseError:
                throw StoreFailure(error, operation: "check the store")
            default:
                throw StoreFailure(
                    .corrupt, operation: "check the store", reason: String(describing: error))
            }
        }
    }

    static var configuration: Configuration {
        var configuration = Configuration()
        configuration.busyMode = .timeout(5)
        configuration.maximumReaderCount = 3
        configuration.prepareDatabase { db in
            db.add(tokenizer: WordTokenizer.self)
            // What is deleted is overwritten: a key that was destroyed is in no free page.
            try db.execute(sql: "PRAGMA secure_delete = ON")
        }
        return configuration
    }

    private static func makePrivate(directory: String) throws {
        if mkdir(directory, 0o700) != 0, errno != EEXIST {
            // A missing parent is made too: the first start of all.
            try? FileManager.default.createDirectory(
                atPath: directory, withIntermediateDirectories: true)
        }
        guard chmod(directory, 0o700) == 0 else {
            throw StoreFailure(
                .unavailable, operation: "open \(directory)",
                reason: String(cString: strerror(errno)))
        }
    }

    private static func makePrivate(file path: String) throws {
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0, fchmod(descriptor, 0o600) == 0 else {
            throw StoreFailure(
                .unavailable, operation: "open \(path)", reason: String(cString: strerror(errno)))
        }
        close(descriptor)
    }
}

extension ClientStore {
    /// Checks that what is stored is on disk when a writing call returns.
    ///
    /// - Throws: `StoreFailure` if the writing connection does not run WAL with FULL.
    package func checkDurability() throws {
        try pool.writeWithoutTransaction(ClientStore.checkDurability)
    }

    private static func checkDurability(_ db: Database) throws {
        let level = try Int.fetchOne(db, sql: "PRAGMA synchronous")
        let mode = try String.fetchOne(db, sql: "PRAGMA journal_mode")
        guard level == 2, mode == "wal" else {
            throw StoreFailure(
                .unavailable, operation: "open the store",
                reason: "the database does not keep WAL with synchronous=FULL")
        }
    }

    /// Runs `body` in one immediate transaction; any error leaves everything as it was.
    ///
    /// GRDB prepares the two statements of a transaction anew each time, which takes as long as a
    /// short one: here, and in `read`, each connection prepares them once.
    func write<Value>(_ operation: String, _ body: (Database) throws -> Value) throws -> Value {
        do {
            let value = try pool.writeWithoutTransaction { db in
                try ClientStore.transaction("IMMEDIATE", in: db) {
                    try ClientStore.checkVersion(db, for: operation)
                    return try body(db)
                }
            }
            writes.add(1, ordering: .relaxed)
            return value
        } catch let error as DatabaseError {
            throw noted(StoreFailure(error, operation: operation))
        } catch let failure as StoreFailure {
            throw noted(failure)
        }
    }

    /// Sees to it that damage is looked for before the database is opened the next time.
    func noted(_ failure: StoreFailure) -> StoreFailure {
        // What this program does not understand of a newer one's tables is no damage.
        if failure.code == .corrupt, !isNewer { latch?.noteDamage() }
        return failure
    }

    private var isNewer: Bool {
        // One that cannot be read says nothing about its version.
        let version = try? pool.read { try $0.metaInteger(.schemaVersion) }
        return version.flatMap(\.self) ?? 0 > ClientStore.schemaVersion
    }

    /// Runs `body` on one snapshot.
    func read<Value>(_ operation: String, _ body: (Database) throws -> Value) throws -> Value {
        try reading(operation) {
            try pool.unsafeRead { db in
                try ClientStore.transaction("DEFERRED", in: db) { try body(db) }
            }
        }
    }

    private static func transaction<Value>(
        _ kind: String, in db: Database, _ body: () throws -> Value
    ) throws -> Value {
        try db.cachedStatement(sql: "BEGIN \(kind) TRANSACTION").execute()
        do {
            let value = try body()
            try db.cachedStatement(sql: "COMMIT TRANSACTION").execute()
            return value
        } catch {
            // Whatever this says, what went wrong before is told.
            try? db.rollback()
            throw error
        }
    }

    /// Runs `body`, which executes one statement: that sees one snapshot by itself.
    func readOne<Value>(_ operation: String, _ body: (Database) throws -> Value) throws -> Value {
        try reading(operation) { try pool.unsafeRead(body) }
    }

    private func reading<Value>(_ operation: String, _ body: () throws -> Value) throws -> Value {
        do {
            return try body()
        } catch let error as DatabaseError {
            throw noted(StoreFailure(error, operation: operation))
        } catch let failure as StoreFailure {
            throw noted(failure)
        } catch let defect as EntryDefect {
            // What is stored was verified: only damage can have changed it.
            throw noted(
                StoreFailure(.corrupt, operation: operation, reason: String(describing: defect)))
        }
    }

    /// Returns a stream with an element after a file of the store was written.
    package func changeSignals() -> AsyncStream<Void>? {
        StoreWatch.changes(in: directory)
    }

    /// Returns a number that changes whenever this or another process changed something.
    ///
    /// `PRAGMA data_version` on the writing connection moves with other connections' commits
    /// only, so our own are counted beside it.
    package func changeCount() throws -> Int64 {
        do {
            let foreign = try pool.writeWithoutTransaction { db in
                try Int64.fetchOne(db.cachedStatement(sql: "PRAGMA data_version")) ?? 0
            }
            return foreign << 32 | (writes.load(ordering: .relaxed) & 0xffff_ffff)
        } catch let error as DatabaseError {
            throw StoreFailure(error, operation: "look for changes")
        }
    }
}

/// Settings and counters: one row each.
enum MetaKey: String {
    case schemaVersion = "schema"
    case origin
    case logKey = "vkey"
    case nodeURL = "node"
    case device
    case account
    case verifiedSize = "verified_size"
    case verifiedAt = "verified_at"
    case frozenReason = "frozen"
    case evidencePath = "evidence"
    case pointsAvailable = "points_available"
    case pointsPending = "points_pending"
    case pointsReserved = "points_reserved"
    case pointsExpiring = "points_expiring"
    case pointsExpireAt = "points_expire_at"
    case catalogueGeneration = "catalogue_generation"
    case pendingEnrolment = "pending_enrolment"
    case wireVersion = "wire_version"
    case witnessPolicy = "witness_policy"
    case needsWitnesses = "needs_witnesses"
    case confirmedAt = "confirmed_at"
    case isScrubbed = "scrubbed"
}

extension Database {
    func metaText(_ key: MetaKey) throws -> String? {
        try String.fetchOne(
            cachedStatement(sql: "SELECT value FROM meta WHERE key = ?"), arguments: [key.rawValue])
    }

    func metaInteger(_ key: MetaKey) throws -> Int64? {
        try Int64.fetchOne(
            cachedStatement(sql: "SELECT value FROM meta WHERE key = ?"), arguments: [key.rawValue])
    }

    func metaBytes(_ key: MetaKey) throws -> [UInt8]? {
        try Data.fetchOne(
            cachedStatement(sql: "SELECT value FROM meta WHERE key = ?"), arguments: [key.rawValue]
        ).map { [UInt8]($0) }
    }

    func setMeta(_ key: MetaKey, _ value: (any DatabaseValueConvertible)?) throws {
        try cachedStatement(sql: "INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)")
            .execute(arguments: [key.rawValue, value])
    }
}

extension Hash {
    /// The 32 bytes for a column.
    var data: Data { withBytes { Data($0) } }

    /// Reads a column written with `data`.
    init(column data: Data) throws {
        guard let hash = Hash(bytes: data) else {
            throw StoreFailure(.corrupt, operation: "read a hash", reason: "not 32 bytes")
        }
        self = hash
    }
}

extension Row {
    func hash(_ column: Int) throws -> Hash { try Hash(column: self[column]) }

    func bytes(_ column: Int) -> [UInt8] { [UInt8](self[column] as Data) }

    func time(_ column: Int) -> Timestamp { Timestamp(milliseconds: self[column]) }

    func project(_ column: Int) throws -> ProjectID {
        try parsed(column) { ProjectID($0) }
    }

    func parsed<Value>(_ column: Int, _ parse: (String) -> Value?) throws -> Value {
        guard let value = parse(self[column]) else {
            throw StoreFailure(.corrupt, operation: "read a column", reason: "unknown value")
        }
        return value
    }

    func text(_ english: Int, _ chinese: Int) -> LocalizedText {
        LocalizedText(english: self[english], chinese: self[chinese])
    }
}
