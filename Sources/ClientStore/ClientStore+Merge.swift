internal import Foundation
internal import GRDB
package import LedgerCore
package import SyncCore
internal import Synchronization

extension ClientStore: SyncStoring {
    /// Returns the note of the last verified checkpoint, or `nil` before the first.
    package func checkpointNote() throws -> [UInt8]? {
        try read("read the checkpoint") { db in
            guard let size = try db.metaInteger(.verifiedSize) else { return nil }
            let note = try Data.fetchOne(
                db.cachedStatement(sql: "SELECT note FROM checkpoint WHERE size = ?"),
                arguments: [size])
            guard let note else {
                throw StoreFailure(
                    .corrupt, operation: "read the checkpoint", reason: "it is missing")
            }
            return [UInt8](note)
        }
    }

    /// Returns the version of the wire format this program and the node agreed on, or `nil`
    /// before they did.
    package func wireVersion() throws -> Int64? {
        try readOne("read the version of the node") { db in try db.metaInteger(.wireVersion) }
    }

    /// Keeps the version of the wire format, so that it is not asked for in every round.
    package func agree(onWireVersion version: Int64) throws {
        try write("keep the version of the node") { db in
            try db.setMeta(.wireVersion, version)
        }
    }

    /// Returns how far a chain was verified.
    package func cursor(of chain: ChainID) throws -> ChainCursor {
        try read("read a cursor") { db in
            let row = try Row.fetchOne(
                db.cachedStatement(sql: "SELECT aseq, head, note FROM cursor WHERE chain = ?"),
                arguments: [chain.text])
            var cursor = ChainCursor(chain: chain)
            if let row {
                cursor = ChainCursor(
                    chain: chain, sequence: row[0], head: try row.hash(1), note: row.bytes(2))
            }
            let last = try Row.fetchOne(
                db.cachedStatement(
                    sql: """
                        SELECT aseq, aprev, id FROM entry
                        WHERE chain = ? ORDER BY aseq DESC LIMIT 1
                        """), arguments: [chain == .catalogue ? 0 : 1])
            let head = try last.map {
                AccountChain.next(try $0.hash(1), entryID: try $0.hash(2))
            }
            // Otherwise the node would be blamed for what this disk did.
            guard cursor.sequence == last?[0] ?? 0, cursor.head == head ?? AccountChain.start else {
                throw StoreFailure(
                    .corrupt, operation: "read a cursor", reason: "it is not at the last entry")
            }
            return cursor
        }
    }

    /// Returns the note of the largest verified checkpoint of at most this size, or `nil`.
    package func checkpointNote(atMost size: Int64) throws -> [UInt8]? {
        try readOne("read a checkpoint") { db in
            try Data.fetchOne(
                db.cachedStatement(
                    sql: "SELECT note FROM checkpoint WHERE size <= ? ORDER BY size DESC LIMIT 1"),
                arguments: [size]
            ).map { [UInt8]($0) }
        }
    }

    /// Returns how far a chain went in a smaller tree, by what was verified; without the note.
    package func cursor(of chain: ChainID, inTreeOf size: Int64) throws -> ChainCursor {
        try read("read a cursor") { db in
            let row = try Row.fetchOne(
                db,
                sql: """
                    SELECT aseq, aprev, id FROM entry
                    WHERE chain = ? AND idx < ? ORDER BY idx DESC LIMIT 1
                    """, arguments: [chain == .catalogue ? 0 : 1, size])
            guard let row else { return ChainCursor(chain: chain) }
            return ChainCursor(
                chain: chain, sequence: row[0],
                head: AccountChain.next(try row.hash(1), entryID: try row.hash(2)))
        }
    }

    /// Returns one of these entries that stands in the first `size` places of the ledger, or `nil`.
    package func recorded(among entries: Set<Hash>, in size: Int64) throws -> Hash? {
        guard !entries.isEmpty else { return nil }
        return try read("look for entries") { db in
            let statement = try db.cachedStatement(
                sql: "SELECT 1 FROM entry WHERE id = ? AND idx < ?")
            return try entries.first {
                try Int.fetchOne(statement, arguments: [$0.data, size]) != nil
            }
        }
    }

    /// Stores a verified round if the checkpoint is still the one it started from.
    ///
    /// Wrapped keys of what ended with it are in no file of this machine afterwards, and what was
    /// erased is gone.
    package func merge(_ round: VerifiedRound, at time: Timestamp) throws -> MergeOutcome {
        var hasForgotten = false
        func store(_ db: Database) throws -> MergeOutcome {
            let size = try db.metaInteger(.verifiedSize) ?? 0
            guard size == round.previousSize else { return .outrun }
            let newSize = Int64(round.checkpoint.checkpoint.size)
            try insert(round.entries, size: newSize, in: db)
            try db.cachedStatement(
                sql: """
                    INSERT OR REPLACE INTO checkpoint (size, note, verified_at) VALUES (?, ?, ?)
                    """
            ).execute(
                arguments: [newSize, Data(round.checkpoint.note.bytes), time.milliseconds])
            let insertion = try db.cachedStatement(
                sql: "INSERT OR REPLACE INTO cursor (chain, aseq, head, note) VALUES (?,?,?,?)")
            for cursor in round.cursors {
                try insertion.execute(arguments: [
                    cursor.chain.text, cursor.sequence, cursor.head.data, Data(cursor.note),
                ])
            }
            try db.setMeta(.verifiedSize, newSize)
            try db.setMeta(.verifiedAt, time.milliseconds)
            try project(round, in: db)
            hasForgotten = try forgetKeys(round.entries, in: db)
            return .merged
        }
        let outcome: MergeOutcome
        do {
            outcome = try write("store what was verified", store)
        } catch let failure as StoreFailure where failure.code == .constraint {
            // What was verified fits to what was verified before, unless that was damaged.
            throw noted(
                StoreFailure(.corrupt, operation: failure.operation, reason: failure.reason))
        }
        guard hasForgotten || owesTruncation.load(ordering: .relaxed) else { return outcome }
        try destroyErased()
        try truncateLog()
        return outcome
    }

    private func insert(_ entries: [ProvenEntry], size: Int64, in db: Database) throws {
        guard !entries.isEmpty else { return }
        let device = try db.metaText(.device).flatMap { DeviceID($0) }
        var lastOwn: VerifiedEntry?
        let insertion = try db.cachedStatement(
            sql: """
                INSERT INTO entry (idx, id, chain, aseq, jws, aprev, time, salt, kind, project,
                    proof, size)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """)
        let removal = try db.cachedStatement(sql: "DELETE FROM outbox WHERE id = ?")
        // What only this machine took for refused.
        let pardon = try db.cachedStatement(
            sql: "DELETE FROM refusal WHERE id = ? AND length(receipt) = 0")
        let hasPardons =
            try Int.fetchOne(
                db.cachedStatement(
                    sql: "SELECT EXISTS (SELECT 1 FROM refusal WHERE length(receipt) = 0)")) == 1
        let hasOutbox =
            try Int.fetchOne(db.cachedStatement(sql: "SELECT EXISTS (SELECT 1 FROM outbox)")) == 1
        for entry in entries {
            let payload = entry.verified.payload
            insertion.setUncheckedArguments([
                entry.index, entry.verified.id.data, entry.verified.chain == .catalogue ? 0 : 1,
                entry.envelope.chainSequence, Data(entry.verified.entry.bytes),
                entry.envelope.previousHead.data, entry.envelope.time.milliseconds,
                Data(entry.salt), payload.body.kind.rawValue, payload.body.project?.text,
                ClientStore.data(of: entry.proof), size,
            ])
            try insertion.execute()
            // A machine whose keys were replaced has entries of its former ones on their way too.
            if hasOutbox, entry.verified.chain != .catalogue {
                try removal.execute(arguments: [entry.verified.id.data])
            }
            guard payload.device == device else { continue }
            if hasPardons { try pardon.execute(arguments: [entry.verified.id.data]) }
            if payload.sequence >= lastOwn?.payload.sequence ?? 0 { lastOwn = entry.verified }
        }
        if let lastOwn {
            try ClientStore.noteRecorded(lastOwn.payload, id: lastOwn.id, in: db)
        }
    }

    private static func data(of hashes: [Hash]) -> Data {
        var data = Data(capacity: hashes.count * Hash.byteCount)
        for hash in hashes { hash.withBytes { data.append(contentsOf: $0) } }
        return data
    }

    /// How many verified entries are on this machine.
    package func entryCount() throws -> Int64 {
        try read("count the entries") { db in
            try Int64.fetchOne(db, sql: "SELECT COUNT(*) FROM entry") ?? 0
        }
    }

    /// Calls `body` with every verified entry, by ascending index.
    package func replay(_ body: (VerifiedEntry, LeafIndex, Timestamp) throws -> Void) throws {
        try read("replay the entries") { db in
            let rows = try Row.fetchCursor(
                db, sql: "SELECT idx, jws, time FROM entry ORDER BY idx")
            while let row = try rows.next() {
                let verified = try EntryVerifier.reread(Entry(bytes: row.bytes(1)))
                try body(verified, row[0], row.time(2))
            }
        }
    }

    /// Returns why nothing may be sent any more, or `nil`.
    package func frozenReason() throws -> String? {
        try readOne("read the state") { db in try db.metaText(.frozenReason) }
    }

    /// Returns the path of the evidence file of a freeze, or `nil`.
    package func evidencePath() throws -> String? {
        try readOne("read the state") { db in try db.metaText(.evidencePath) }
    }

    /// Stops sending for good: writes the evidence beside the database, marks broken promises.
    ///
    /// - Returns: the path of the evidence file.
    package func freeze(
        reason: String, evidence: [UInt8], disputed: [Hash], at time: Timestamp
    ) throws -> String {
        let folder = directory + "/evidence"
        let name = Hash.of(evidence).hex.prefix(16)
        let path = "\(folder)/\(time.milliseconds)-\(name).json"
        // A full disk must not keep the person from being told.
        try usingBallast(if: { true }) {
            if mkdir(folder, 0o700) != 0, errno != EEXIST {
                throw ClientStore.failure("write the evidence")
            }
            try ClientStore.writeDurably(evidence, to: path)
            try write("stop sending") { db in
                try db.setMeta(.frozenReason, reason)
                try db.setMeta(.evidencePath, path)
                for entry in disputed {
                    try db.execute(
                        sql: """
                            UPDATE outbox SET state = 'disputed' WHERE id = ? AND idx IS NOT NULL
                            """, arguments: [entry.data])
                }
            }
        }
        return path
    }

    /// Writes a private file so that it is on disk under its name, complete or not at all.
    static func writeDurably(_ bytes: [UInt8], to path: String) throws {
        let draft = "\(path).\(getpid()).draft"
        let descriptor = open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw failure("write \(path)") }
        var written = 0
        while written < bytes.count {
            let count = bytes[written...].withUnsafeBytes {
                Foundation.write(descriptor, $0.baseAddress, $0.count)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                let failure = failure("write \(path)")
                close(descriptor)
                unlink(draft)
                throw failure
            }
            written += count
        }
        let isSynced = fsync(descriptor) == 0
        close(descriptor)
        guard isSynced, rename(draft, path) == 0 else {
            let failure = failure("write \(path)")
            unlink(draft)
            throw failure
        }
        let parent = path[..<(path.lastIndex(of: "/") ?? path.startIndex)]
        let folder = open(String(parent), O_RDONLY | O_CLOEXEC)
        guard folder >= 0 else { throw failure("write \(path)") }
        defer { close(folder) }
        guard fsync(folder) == 0 else { throw failure("write \(path)") }
    }

    static func failure(_ operation: String) -> StoreFailure {
        StoreFailure(
            errno == ENOSPC ? .full : .unavailable, operation: operation,
            reason: String(cString: strerror(errno)))
    }
}

extension ClientStore {
    /// Tries to become the one process that talks to the node; `false` if another is.
    package func lockSync() throws -> Bool {
        try lock.withLock { held in
            if held != nil { return false }
            let descriptor = open(directory + "/sync.lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
            guard descriptor >= 0 else { throw ClientStore.failure("open sync.lock") }
            if flock(descriptor, LOCK_EX | LOCK_NB) == 0 {
                held = descriptor
                return true
            }
            let reason = errno
            close(descriptor)
            guard reason == EWOULDBLOCK else { throw ClientStore.failure("lock sync.lock") }
            return false
        }
    }

    /// Lets another process talk to the node.
    package func unlockSync() {
        lock.withLock { held in
            if let descriptor = held { close(descriptor) }
            held = nil
        }
    }
}
