internal import Foundation
internal import GRDB
package import LedgerCore
internal import SyncCore
internal import Synchronization

/// What goes from this machine once its use ended, or it was erased.
extension ClientStore {
    /// What ends the use of a project's records.
    private static let endings: [EntryKind] = [
        .authorizationRevoked, .signupLeft, .authorizationInvalidated, .recordsErased,
        .authorizationExpired, .authorizationLapsed,
    ]

    /// Forgets the wrapped keys of projects whose use ended in a round: none goes out any more.
    ///
    /// - Returns: Whether the log of SQLite may still hold some.
    func forgetKeys(_ entries: [ProvenEntry], in db: Database) throws -> Bool {
        var ended: Set<ProjectID> = []
        for entry in entries where entry.verified.chain != .catalogue {
            let body = entry.verified.payload.body
            guard let project = body.project else { continue }
            if ClientStore.endings.contains(body.kind) { ended.insert(project) }
            if body.kind == .authorizationGranted { ended.remove(project) }
        }
        for project in ended.sorted() {
            try db.execute(
                sql: """
                    UPDATE upload SET wraps = zeroblob(0), has_sent_wraps = 1
                    WHERE contribution IN (SELECT entry FROM contribution WHERE project = ?1)
                        AND NOT EXISTS (SELECT 1 FROM outbox
                            WHERE project = ?1 AND kind = ?2)
                    """,
                arguments: [project.text, EntryKind.authorizationGranted.rawValue])
        }
        return !ended.isEmpty
    }

    /// An erased contribution of which this machine still keeps something.
    private struct Leftover {
        let contribution: Hash
        /// The files to destroy: none where the ciphertext is also that of something else.
        let files: [String]
    }

    /// Destroys here what was erased: data keys and ciphertext of contributions, not the person's
    /// own records.
    ///
    /// Done after each round that erases and at each start, as often as it takes.
    ///
    /// - Throws: `StoreFailure`.
    package func destroyErased() throws {
        // They hold keys that went with it.
        if try !damagedFolders().isEmpty, try read("look for what was erased", hasEnded) {
            try destroyDamaged()
        }
        let leftovers = try read("look for what was erased", leftovers)
        guard !leftovers.isEmpty else { return }
        try write("forget what was erased") { db in
            for leftover in leftovers {
                // Nothing of it is sent any more: there is nothing to send.
                try db.execute(
                    sql: """
                        UPDATE upload SET position = total, wraps = zeroblob(0),
                            has_sent_wraps = 1 WHERE contribution = ?
                        """, arguments: [leftover.contribution.data])
            }
        }
        // The files go last: as long as they are there all of it is done again.
        for file in leftovers.flatMap(\.files) { try ClientStore.destroy(file) }
        try truncateLog()
    }

    /// Destroys the files of damaged databases, which hold what is erased from the mended one.
    ///
    /// - Throws: `StoreFailure`.
    func destroyDamaged() throws {
        for folder in try damagedFolders() {
            for file in ["accord.sqlite", "accord.sqlite-wal"] {
                try ClientStore.destroy("\(folder)/\(file)")
            }
            guard rmdir(folder) == 0 else { throw ClientStore.failure("erase a folder") }
        }
    }

    private func damagedFolders() throws -> [String] {
        do {
            return try FileManager.default.contentsOfDirectory(atPath: directory)
                .filter { $0.hasPrefix(ClientStore.damagedPrefix) }.map { "\(directory)/\($0)" }
        } catch {
            throw StoreFailure(
                .unavailable, operation: "erase a file", reason: String(describing: error))
        }
    }

    private func hasEnded(_ db: Database) throws -> Bool {
        try ClientStore.endings.contains { kind in
            try Bool.fetchOne(
                db.cachedStatement(
                    sql: "SELECT EXISTS (SELECT 1 FROM entry WHERE chain = 1 AND kind = ?)"),
                arguments: [kind.rawValue]) ?? false
        }
    }

    /// Returns the contributions that were erased.
    package func erasedContributions() throws -> Set<Hash> {
        try read("look for what was erased", erased)
    }

    private func erased(_ db: Database) throws -> Set<Hash> {
        let statements = try Data.fetchAll(
            db.cachedStatement(sql: "SELECT jws FROM entry WHERE chain = 1 AND kind = ?"),
            arguments: [EntryKind.recordsErased.rawValue])
        var erased: Set<Hash> = []
        for jws in statements {
            guard
                case .recordsErased(let statement) = try Entry(bytes: [UInt8](jws)).payload().body
            else { continue }
            erased.formUnion(statement.contributions)
        }
        return erased
    }

    private func leftovers(_ db: Database) throws -> [Leftover] {
        let erased = try erased(db)
        guard !erased.isEmpty else { return [] }
        let rows = try Row.fetchAll(
            db.cachedStatement(
                sql: """
                    SELECT contribution, sha, position < total OR has_sent_wraps = 0
                        OR length(wraps) > 0 FROM upload
                    """))
        let uploads = try rows.map { (try $0.hash(0), try $0.hash(1), $0[2] as Bool) }
        // The same ciphertext may stand for a contribution that goes on.
        let needed = Set(uploads.filter { !erased.contains($0.0) }.map(\.1))
        return try uploads.filter { erased.contains($0.0) }.compactMap {
            contribution, sealed, waits in
            let isRecord =
                try Bool.fetchOne(
                    db.cachedStatement(
                        sql: "SELECT EXISTS (SELECT 1 FROM record WHERE sealed = ?)"),
                    arguments: [sealed.data]) ?? true
            let path = sealedPath(sealed)
            var files: [String] = isRecord || needed.contains(sealed) ? [] : [path, path + ".key"]
            files.removeAll { access($0, F_OK) != 0 }
            return waits || !files.isEmpty
                ? Leftover(contribution: contribution, files: files) : nil
        }
    }

    /// Overwrites a file and removes it; one that is not there is gone already.
    private static func destroy(_ path: String) throws {
        let file = open(path, O_WRONLY | O_CLOEXEC)
        guard file >= 0 else {
            if errno == ENOENT { return }
            throw failure("erase a file")
        }
        defer { close(file) }
        let zeros = [UInt8](repeating: 0, count: 1 << 16)
        var left = Int(lseek(file, 0, SEEK_END))
        lseek(file, 0, SEEK_SET)
        while left > 0 {
            let count = Foundation.write(file, zeros, min(left, zeros.count))
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw failure("erase a file") }
            left -= count
        }
        guard fsync(file) == 0, unlink(path) == 0 else { throw failure("erase a file") }
    }

    /// Writes the log of SQLite back and empties it, so that what was deleted is in no file.
    ///
    /// Readers of other processes are not waited for: the next round does it again.
    func truncateLog() throws {
        do {
            try pool.writeWithoutTransaction { db in
                try db.execute(sql: "PRAGMA busy_timeout = 0")
                defer {
                    // A pragma on an open connection has no way to fail.
                    try? db.execute(sql: "PRAGMA busy_timeout = 5000")
                }
                try db.checkpoint(.truncate)
            }
            owesTruncation.store(false, ordering: .relaxed)
        } catch let error as DatabaseError
            where [.SQLITE_BUSY, .SQLITE_LOCKED].contains(error.resultCode)
        {
            owesTruncation.store(true, ordering: .relaxed)
        } catch let error as DatabaseError {
            throw StoreFailure(error, operation: "empty the log")
        }
    }
}
