import Foundation
import LedgerCore

/// The folders of exports that are not whole yet, noted among their member's own things.
///
/// What a stopped program leaves of one is in the clear: the app's next start, and the next export,
/// find it by its note and remove it. No other command looks for it: it may lie on a disk that does
/// not answer. A note is locked as long as its export goes on.
struct ExportDrafts {
    private static let prefix = "export-"
    private static let ending = ".draft"
    private let folder: String

    init(_ folders: HomeFolders) { self.init(folders.data) }

    private init(_ data: URL) { folder = data.path(percentEncoded: false).trimmedSlash }

    /// Notes a folder before there is anything in it.
    ///
    /// - Throws: `HomeError`.
    func note(_ draft: String, random: RandomSource) throws -> ExportNote {
        while true {
            let name = ExportDrafts.prefix + Hex.encode(random.bytes(6)) + ExportDrafts.ending
            let path = "\(folder)/\(name)"
            let handle = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
            guard handle >= 0 else { throw ExportDrafts.failure(path) }
            let note = ExportNote(path, handle)
            var status = stat()
            guard flock(handle, LOCK_EX) == 0, fstat(handle, &status) == 0 else {
                throw note.ended(ExportDrafts.failure(path))
            }
            // Another program swept it away before it was locked.
            if status.st_nlink == 0 { continue }
            do {
                try DurableFile.write(Array(draft.utf8), to: handle)
            } catch {
                throw note.ended(
                    HomeError(path: path, problem: .notWritable(String(describing: error))))
            }
            guard fsync(handle) == 0, HomeFolders.sync(folder: folder) else {
                throw note.ended(ExportDrafts.failure(path))
            }
            return note
        }
    }

    /// Removes what stopped programs left of a person's exports and those of the minors in their
    /// care.
    static func sweepAll(of folders: HomeFolders) {
        ExportDrafts(folders).sweep()
        // Where nothing can be listed the next start tries again.
        for ward in (try? folders.wardFiles()) ?? [] {
            ExportDrafts(ward.deletingLastPathComponent()).sweep()
        }
    }

    /// Removes what stopped programs left; what is being written stays.
    func sweep() {
        // Where nothing can be listed the next start tries again.
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        for name in names
        where name.hasPrefix(ExportDrafts.prefix) && name.hasSuffix(ExportDrafts.ending) {
            sweep(note: "\(folder)/\(name)")
        }
    }

    private func sweep(note: String) {
        let handle = open(note, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard handle >= 0 else { return }
        defer { close(handle) }
        guard flock(handle, LOCK_EX | LOCK_NB) == 0 else { return }
        var bytes = [UInt8](repeating: 0, count: 8_192)
        let count = read(handle, &bytes, bytes.count)
        guard count >= 0 else { return }
        if ExportDrafts.isGone(String(decoding: bytes.prefix(count), as: UTF8.self)) {
            unlink(note)
        }
    }

    /// Removes a draft if it is one of this person; `false` where it has to be tried again.
    private static func isGone(_ draft: String) -> Bool {
        guard isDraft(draft) else { return true }
        var status = stat()
        guard lstat(draft, &status) == 0 else {
            // A disk that is not there now may come back, with the draft on it.
            let above = URL(filePath: draft).deletingLastPathComponent()
            return errno == ENOENT
                && FileManager.default.fileExists(atPath: above.path(percentEncoded: false))
        }
        guard status.st_mode & S_IFMT == S_IFDIR, status.st_uid == getuid(),
            status.st_mode & 0o077 == 0
        else { return true }
        // What cannot be removed stays noted.
        return (try? FileManager.default.removeItem(atPath: draft)) != nil
    }

    /// The name of the folder an export to `target` is written to first.
    static func name(for target: String, random: RandomSource) -> String {
        ".\(target)-\(Hex.encode(random.bytes(6))).part"
    }

    private static func isDraft(_ path: String) -> Bool {
        guard path.hasPrefix("/"), let name = path.split(separator: "/").last else { return false }
        let number = name.dropLast(".part".count).suffix(12)
        return name.hasPrefix(".") && name.hasSuffix("-\(number).part") && number.count == 12
            && number.allSatisfy(\.isHexDigit)
    }

    private static func failure(_ path: String) -> HomeError {
        HomeError(path: path, problem: .notWritable(String(cString: strerror(errno))))
    }
}

/// The note of an export that goes on.
final class ExportNote {
    private let path: String
    private let descriptor: Descriptor

    fileprivate init(_ path: String, _ handle: Int32) {
        self.path = path
        descriptor = Descriptor(handle)
    }

    /// Removes the note: the draft has its name, or is gone.
    func end() { unlink(path) }

    /// Removes the note and returns why.
    fileprivate func ended(_ error: HomeError) -> HomeError {
        end()
        return error
    }
}
