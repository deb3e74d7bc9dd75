internal import Foundation
package import LedgerCore
internal import NodeSequencer
internal import Synchronization

/// The newest checkpoint in a file of its own.
///
/// Two places of 4 KiB are written by turns, so that one always holds a whole note: a torn one does
/// not verify. The file is locked while it is open: one process signs.
package final class CheckpointFile: CheckpointKeeper {
    private static let slotBytes = 4096

    private struct Content {
        /// What the file holds; `nil` before the first note.
        var note: [UInt8]?
        /// The place that is written next: 0 or 1.
        var next = 0
    }

    private let path: String
    private let file: Int32
    private let content: Mutex<Content>

    /// Opens the file, or makes it where `isNew`.
    ///
    /// - Throws: `NodeFolder.Failure.keptMissing`, `.keptFile`, `.locked`.
    package init(path: String, logKey: VerifierKey, isNew: Bool) throws {
        let made = isNew ? O_CREAT : 0
        file = open(path, O_RDWR | O_CLOEXEC | made, 0o600)
        guard file >= 0 else {
            guard errno == ENOENT, !isNew else {
                throw NodeFolder.Failure.keptFile(path, reason: "cannot be opened")
            }
            throw NodeFolder.Failure.keptMissing(path)
        }
        self.path = path
        let slots: [[UInt8]]
        do {
            guard flock(file, LOCK_EX | LOCK_NB) == 0 else {
                throw NodeFolder.Failure.locked(path)
            }
            slots = try CheckpointFile.slots(of: file, path)
            if isNew { try CheckpointFile.synchronizeFolder(of: path) }
        } catch {
            close(file)
            throw error
        }
        let newest = CheckpointFile.newest(of: slots, logKey)
        content = Mutex(
            Content(note: newest.map { slots[$0] }, next: newest.map { 1 - $0 } ?? 0))
        guard newest != nil || slots.allSatisfy({ $0.isEmpty }) else {
            throw NodeFolder.Failure.keptFile(path, reason: "holds no checkpoint of this log")
        }
    }

    deinit {
        close(file)
    }

    /// Reads the newest note of a file another process may hold; `nil` if there is none.
    package static func note(at path: String, logKey: VerifierKey) throws -> [UInt8]? {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        let slots = try slots(of: file, path)
        return newest(of: slots, logKey).map { slots[$0] }
    }

    /// See `CheckpointKeeper`.
    package func newest() throws -> [UInt8]? { content.withLock { $0.note } }

    /// See `CheckpointKeeper`.
    package func keep(_ note: [UInt8], after previous: [UInt8]?) throws {
        try content.withLock { content in
            let slots = try CheckpointFile.slots(of: file, path)
            guard content.note == previous, previous ?? [] == slots[1 - content.next] else {
                throw NodeFolder.Failure.keptFile(path, reason: "was changed by somebody else")
            }
            guard note.count <= CheckpointFile.slotBytes else {
                throw NodeFolder.Failure.keptFile(path, reason: "has no room for the checkpoint")
            }
            let padding = CheckpointFile.slotBytes - note.count
            let bytes = note + [UInt8](repeating: 0, count: padding)
            let offset = off_t(content.next * CheckpointFile.slotBytes)
            guard pwrite(file, bytes, bytes.count, offset) == bytes.count, fdatasync(file) == 0
            else { throw NodeFolder.Failure.keptFile(path, reason: "cannot be written") }
            content = Content(note: note, next: 1 - content.next)
        }
    }

    /// What the two places hold, without the zeros behind it.
    private static func slots(of file: Int32, _ path: String) throws -> [[UInt8]] {
        var bytes = [UInt8](repeating: 0, count: 2 * slotBytes)
        guard pread(file, &bytes, bytes.count, 0) >= 0 else {
            throw NodeFolder.Failure.keptFile(path, reason: "cannot be read")
        }
        return [bytes[..<slotBytes], bytes[slotBytes...]].map { slot in
            Array(slot.prefix { $0 != 0 })
        }
    }

    /// The place with the note of the larger tree; `nil` if neither holds one of this log.
    private static func newest(of slots: [[UInt8]], _ logKey: VerifierKey) -> Int? {
        let sizes = slots.map { slot in
            // A torn place holds no note: the other one counts.
            try? VerifiedCheckpoint(parsing: slot, logKey: logKey, origin: logKey.name)
                .checkpoint.size
        }
        return sizes.indices.filter { sizes[$0] != nil }.max { sizes[$0] ?? 0 < sizes[$1] ?? 0 }
    }

    fileprivate static func synchronizeFolder(of path: String) throws {
        guard NodeFolder.synchronizes(folderOf: path) else {
            throw NodeFolder.Failure.keptFile(path, reason: "cannot be made")
        }
    }
}

extension NodeFolder {
    private static let keptNote = "kept"

    /// Brings the names in the folder of a file to the disk; returns whether that worked.
    static func synchronizes(folderOf path: String) -> Bool {
        let folder = open(
            URL(filePath: path).deletingLastPathComponent().path(percentEncoded: false),
            O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        defer { close(folder) }
        return folder >= 0 && fsync(folder) == 0
    }

    /// Opens the file that keeps the newest checkpoint.
    ///
    /// It is made only for a ledger that never had one.
    ///
    /// - Throws: `Failure.keptMissing`, `Failure.keptFile`, `Failure.locked`; database errors.
    package func keeper(for database: NodeDatabase, logKey: VerifierKey) throws -> CheckpointFile {
        let isNew = try isUnfinished || database.note(NodeFolder.keptNote) == nil
        let file = try CheckpointFile(path: keptPath, logKey: logKey, isNew: isNew)
        if isNew { try database.setNote(NodeFolder.keptNote, "1") }
        return file
    }

    /// Puts a copy of the database in the place of the one that is there.
    ///
    /// The old one stays beside it, as `ledger.sqlite.before-N`.
    ///
    /// - Parameters:
    ///   - copy: The path of the copy.
    ///   - check: Checks it against what is kept; what it throws leaves everything as it was.
    /// - Returns: The path of the old database; `nil` if there was none.
    /// - Throws: `Failure`, what `check` throws, file and database errors.
    package func restore(
        from copy: String, checking check: (NodeDatabase, _ kept: [UInt8]?) async throws -> Void
    ) async throws -> String? {
        let logKey = try keys().log.verifierKey
        let lock = try lock()
        let files = FileManager.default
        let staged = "\(databasePath).restoring"
        let parts = ["", "-wal", "-shm"]
        func removeStaged() {
            // What is not there need not be removed.
            for part in parts { try? files.removeItem(atPath: staged + part) }
        }
        removeStaged()
        defer { removeStaged() }
        guard files.fileExists(atPath: copy) else { throw Failure.missing(copy) }
        // A copy made by hand of a running node's files has its newest commits in the second one.
        for part in parts.prefix(2) where files.fileExists(atPath: copy + part) {
            try files.copyItem(atPath: copy + part, toPath: staged + part)
        }
        let database = try NodeDatabase(path: staged)
        do {
            let kept = try CheckpointFile.note(at: keptPath, logKey: logKey)
            try await check(database, kept)
            // The first to serve it makes the file anew if it is missing: it was checked by hand.
            try database.setNote(NodeFolder.keptNote, kept == nil ? nil : "1")
            try database.close()
        } catch {
            try database.close()
            throw error
        }
        var number = 1
        while files.fileExists(atPath: "\(databasePath).before-\(number)") { number += 1 }
        let old = "\(databasePath).before-\(number)"
        let hadOne = files.fileExists(atPath: databasePath)
        for part in parts where files.fileExists(atPath: databasePath + part) {
            try files.moveItem(atPath: databasePath + part, toPath: old + part)
        }
        for part in parts.prefix(2) where files.fileExists(atPath: staged + part) {
            try files.moveItem(atPath: staged + part, toPath: databasePath + part)
        }
        try CheckpointFile.synchronizeFolder(of: databasePath)
        withExtendedLifetime(lock) {}
        return hadOne ? old : nil
    }
}
