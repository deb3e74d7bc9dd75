import CProcess
import Crypto
import Foundation
import LedgerCore

/// Writes the files of an export beside where it goes, and gives it its name once all are there.
///
/// Without `finish` nothing of it stays; where the program is stopped, `ExportDrafts` sees to that.
final class ExportFolder {
    private let target: String
    private let above: String
    private let draft: String
    private let note: ExportNote
    /// The draft, opened before anything is written to it: it is told what could not be.
    private let descriptor: Descriptor
    private var folders: Set<String> = []
    private(set) var files: [ExportManifest.File] = []
    private var isFinished = false

    /// Begins an export to a folder, which may be there if it is empty.
    ///
    /// - Throws: `ExportRefusal.notEmpty`, `HomeError`.
    init(_ folder: String, drafts: ExportDrafts, random: RandomSource) throws {
        target =
            URL(filePath: folder, directoryHint: .isDirectory).standardizedFileURL
            .path(percentEncoded: false).trimmedSlash
        try ExportFolder.checkEmpty(target)
        let above = URL(filePath: target).deletingLastPathComponent()
        let name = URL(filePath: target).lastPathComponent
        if !FileManager.default.fileExists(atPath: above.path(percentEncoded: false)) {
            try HomeFolders.makePrivate(above)
        }
        self.above = above.path(percentEncoded: false)
        draft = above.appending(path: ExportDrafts.name(for: name, random: random))
            .path(percentEncoded: false)
        note = try drafts.note(draft, random: random)
        guard mkdir(draft, 0o700) == 0 else {
            let failure = ExportFolder.failure(target)
            note.end()
            throw failure
        }
        descriptor = Descriptor(open(draft, O_RDONLY | O_DIRECTORY | O_CLOEXEC))
        guard descriptor.handle >= 0 else { throw ExportFolder.failure(target) }
    }

    deinit {
        guard !isFinished else { return }
        // What cannot be removed now stays noted: the next sweep removes it.
        guard (try? FileManager.default.removeItem(atPath: draft)) != nil else { return }
        note.end()
    }

    private static func checkEmpty(_ folder: String) throws {
        var status = stat()
        guard lstat(folder, &status) == 0 else { return }
        guard status.st_mode & S_IFMT == S_IFDIR else { throw ExportRefusal.notEmpty(folder) }
        do {
            let present = try FileManager.default.contentsOfDirectory(atPath: folder)
            guard present.isEmpty else { throw ExportRefusal.notEmpty(folder) }
        } catch let refusal as ExportRefusal {
            throw refusal
        } catch {
            throw HomeError(path: folder, problem: .unreadable(String(describing: error)))
        }
    }

    /// Writes a file whole.
    func write(_ bytes: [UInt8], to path: String) throws {
        let file = try begin(path)
        try file.append(bytes)
        try end(file)
    }

    /// Writes a document of JSON.
    func write(_ document: JSONValue, to path: String) throws {
        try write(document.canonicalBytes + [0x0a], to: path)
    }

    /// Begins a file that is written piece by piece.
    func begin(_ path: String) throws -> ExportFile {
        precondition(ExportPath.isSafe(path), "an export has no file \(path)")
        let parts = path.split(separator: "/")
        if parts.count > 1 {
            let folder = draft + "/" + parts.dropLast().joined(separator: "/")
            guard mkdir(folder, 0o700) == 0 || errno == EEXIST else {
                throw ExportFolder.failure(target)
            }
            folders.insert(folder)
        }
        return try ExportFile(path, in: draft)
    }

    /// Ends a file and notes it.
    func end(_ file: ExportFile) throws { files.append(try file.end()) }

    /// Writes what is not listed: the manifest itself, and its signature.
    func writeUnlisted(_ bytes: [UInt8], to path: String) throws {
        let file = try ExportFile(path, in: draft)
        try file.append(bytes)
        _ = try file.end()
    }

    /// Gives the folder its name, and returns it.
    func finish() throws -> String {
        // Once for all: there may be thousands of files, and each would wait for the disk. A file
        // system that knows no such thing has done so.
        let problem = file_system_sync(descriptor.handle)
        guard [0, EINVAL, ENOSYS, EOPNOTSUPP].contains(problem) else {
            throw ExportFolder.failure(target, problem)
        }
        for folder in folders.sorted() + [draft] {
            guard HomeFolders.sync(folder: folder) else { throw ExportFolder.failure(target) }
        }
        // An empty folder in its place gives way; one that was filled meanwhile does not.
        if rmdir(target) != 0, errno != ENOENT { throw ExportRefusal.notEmpty(target) }
        guard rename(draft, target) == 0 else { throw ExportFolder.failure(target) }
        guard HomeFolders.sync(folder: above) else {
            let failure = ExportFolder.failure(target)
            // Under its own name it would pass for one that is whole.
            rename(target, draft)
            throw failure
        }
        isFinished = true
        note.end()
        return target
    }

    fileprivate static func failure(_ path: String, _ number: Int32 = errno) -> HomeError {
        HomeError(path: path, problem: .notWritable(String(cString: strerror(number))))
    }
}

/// One file of an export, hashed as it is written.
final class ExportFile {
    let path: String
    private let whole: String
    private var handle: Int32
    private var digest = SHA256()
    private var byteCount: Int64 = 0
    private var buffer: [UInt8] = []

    init(_ path: String, in folder: String) throws {
        self.path = path
        whole = folder + "/" + path
        handle = open(whole, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard handle >= 0 else { throw ExportFolder.failure(whole) }
        buffer.reserveCapacity(1 << 18)
    }

    deinit { if handle >= 0 { close(handle) } }

    func append(_ bytes: some Sequence<UInt8>) throws {
        buffer.append(contentsOf: bytes)
        if buffer.count >= 1 << 17 { try flush() }
    }

    private func flush() throws {
        buffer.withUnsafeBytes { digest.update(bufferPointer: $0) }
        do {
            try DurableFile.write(buffer, to: handle)
        } catch {
            throw HomeError(path: whole, problem: .notWritable(String(describing: error)))
        }
        byteCount += Int64(buffer.count)
        buffer.removeAll(keepingCapacity: true)
    }

    fileprivate func end() throws -> ExportManifest.File {
        try flush()
        let ended = handle
        handle = -1
        // What could not be written may be told only now.
        guard close(ended) == 0 || errno == EINTR else { throw ExportFolder.failure(whole) }
        return ExportManifest.File(
            path: path, digest: Hash(digest.finalize()), sizeBytes: byteCount)
    }
}

/// Why an export cannot be written or taken in.
package enum ExportRefusal: Error, Equatable, Sendable {
    /// The folder is there and holds something.
    case notEmpty(String)
    /// It is about another account, or another ledger.
    case otherAccount
    /// Something in it does not hold.
    case damaged(ExportDefect)
}
