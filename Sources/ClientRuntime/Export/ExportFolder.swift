import Crypto
import Foundation
import LedgerCore

/// Writes the files of an export beside where it goes, and gives it its name once all are there.
///
/// Without `finish` nothing of it stays.
final class ExportFolder {
    private let target: String
    private let draft: String
    private(set) var files: [ExportManifest.File] = []
    private var isFinished = false

    /// Begins an export to a folder, which may be there if it is empty.
    ///
    /// - Throws: `ExportRefusal.notEmpty`, `HomeError`.
    init(_ folder: String, random: RandomSource) throws {
        target =
            URL(filePath: folder, directoryHint: .isDirectory).standardizedFileURL
            .path(percentEncoded: false).trimmedSlash
        try ExportFolder.checkEmpty(target)
        let above = URL(filePath: target).deletingLastPathComponent()
        let name = URL(filePath: target).lastPathComponent
        if !FileManager.default.fileExists(atPath: above.path(percentEncoded: false)) {
            try HomeFolders.makePrivate(above)
        }
        draft = above.appending(path: ".\(name)-\(Hex.encode(random.bytes(6))).part")
            .path(percentEncoded: false)
        guard mkdir(draft, 0o700) == 0 else { throw ExportFolder.failure(target) }
    }

    deinit {
        // What is left harms nobody but takes room.
        if !isFinished { try? FileManager.default.removeItem(atPath: draft) }
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
        // Everything on the disk at once: thousands of files would wait for it one by one.
        sync()
        // An empty folder in its place gives way; one that was filled meanwhile does not.
        if rmdir(target) != 0, errno != ENOENT { throw ExportRefusal.notEmpty(target) }
        guard rename(draft, target) == 0 else { throw ExportFolder.failure(target) }
        isFinished = true
        return target
    }

    fileprivate static func failure(_ path: String) -> HomeError {
        HomeError(path: path, problem: .notWritable(String(cString: strerror(errno))))
    }
}

/// One file of an export, hashed as it is written.
final class ExportFile {
    let path: String
    private let whole: String
    private let descriptor: Descriptor
    private var digest = SHA256()
    private var byteCount: Int64 = 0
    private var buffer: [UInt8] = []

    init(_ path: String, in folder: String) throws {
        self.path = path
        whole = folder + "/" + path
        let handle = open(whole, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard handle >= 0 else { throw ExportFolder.failure(whole) }
        descriptor = Descriptor(handle)
        buffer.reserveCapacity(1 << 18)
    }

    func append(_ bytes: some Sequence<UInt8>) throws {
        buffer.append(contentsOf: bytes)
        if buffer.count >= 1 << 17 { try flush() }
    }

    private func flush() throws {
        buffer.withUnsafeBytes { digest.update(bufferPointer: $0) }
        do {
            try DurableFile.write(buffer, to: descriptor.handle)
        } catch {
            throw HomeError(path: whole, problem: .notWritable(String(describing: error)))
        }
        byteCount += Int64(buffer.count)
        buffer.removeAll(keepingCapacity: true)
    }

    fileprivate func end() throws -> ExportManifest.File {
        try flush()
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
