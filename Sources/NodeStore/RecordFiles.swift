internal import Crypto
internal import Foundation
package import LedgerCore
package import NodeAPI
package import NodeSequencer
internal import Synchronization

/// Ciphertext in files named by their SHA-256.
///
///     records/<first two digits>/<sha256>      complete, checked, durable
///     records/partial/<sha256>-<owner>         what came so far
package final class RecordFiles: SealedRecordStore {
    private let folder: String
    /// One piece at a time for one record: two uploads of the same cannot mix.
    private let writing = Mutex<Set<String>>([])

    /// Opens or makes the folder.
    package init(folder: String) throws {
        self.folder = folder
        try FileManager.default.createDirectory(
            atPath: "\(folder)/partial", withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700])
    }

    /// See `SealedRecordStore`.
    package func progress(of record: Hash, owner: AccountID) throws -> UploadProgress {
        UploadProgress(offset: fileSize(partial(record, owner)) ?? 0, isComplete: false)
    }

    /// See `SealedRecordStore`.
    package func append(
        _ bytes: [UInt8], at offset: Int64, length: Int64, to record: Hash, owner: AccountID
    ) throws -> UploadProgress {
        let path = partial(record, owner)
        guard writing.withLock({ $0.insert(path).inserted }) else {
            throw SealedRecordError.beingWritten
        }
        defer { writing.withLock { _ = $0.remove(path) } }
        let before = fileSize(path) ?? 0
        // It came whole, and the node was ended before it got its name.
        if before == length { return try finish(path, as: record, length: length) }
        guard before == offset else { throw SealedRecordError.offsetMismatch(expected: before) }
        let after = before + Int64(bytes.count)
        guard after <= length else { throw SealedRecordError.contentMismatch }
        let file = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw RecordFileError("open a piece", errno) }
        defer { close(file) }
        try writeAll(bytes, to: file)
        guard after == length else { return UploadProgress(offset: after, isComplete: false) }
        return try finish(path, as: record, length: length)
    }

    /// Checks a file that has all bytes, makes it durable and gives it its name.
    private func finish(
        _ path: String, as record: Hash, length: Int64
    ) throws -> UploadProgress {
        guard try hash(of: path) == record else {
            unlink(path)
            throw SealedRecordError.contentMismatch
        }
        let file = open(path, O_WRONLY | O_CLOEXEC)
        guard file >= 0 else { throw RecordFileError("open a record", errno) }
        defer { close(file) }
        guard fsync(file) == 0 else { throw RecordFileError("sync a record", errno) }
        try publish(path, as: record)
        return UploadProgress(offset: length, isComplete: true)
    }

    /// See `SealedRecordStore`.
    package func read(_ record: Hash, offset: Int64, count: Int) throws -> [UInt8]? {
        let file = open(complete(record), O_RDONLY | O_CLOEXEC)
        guard file >= 0 else {
            if errno == ENOENT { return nil }
            throw RecordFileError("open a record", errno)
        }
        defer { close(file) }
        var failure: Int32 = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            filled = 0
            while filled < count {
                let got = pread(
                    file, buffer.baseAddress?.advanced(by: filled), count - filled,
                    off_t(offset) + off_t(filled))
                if got == 0 { break }
                if got < 0 {
                    if errno == EINTR { continue }
                    failure = errno
                    break
                }
                filled += got
            }
        }
        guard failure == 0 else { throw RecordFileError("read a record", failure) }
        return bytes
    }

    /// See `SealedRecordStore`.
    package func size(of record: Hash) throws -> Int64? {
        fileSize(complete(record))
    }

    /// See `SealedRecordStore`.
    package func removePart(of record: Hash, owner: AccountID) throws {
        try remove(partial(record, owner))
    }

    /// See `SealedRecordStore`.
    package func erase(_ record: Hash, owner: AccountID) throws {
        try remove(complete(record))
        try removePart(of: record, owner: owner)
    }

    private func remove(_ path: String) throws {
        guard unlink(path) == 0 || errno == ENOENT else {
            throw RecordFileError("remove a record", errno)
        }
    }

    /// See `SealedRecordStore`.
    package func partialBytes(of owner: AccountID, besides record: Hash) throws -> Int64 {
        let folder = "\(folder)/partial"
        return try FileManager.default.contentsOfDirectory(atPath: folder)
            .filter { $0.hasSuffix("-\(owner.text)") && !$0.hasPrefix(record.hex) }
            .reduce(0) {
                $0 + max(fileSize("\(folder)/\($1)") ?? 0, NodeLimits.leastRecordBytes)
            }
    }

    /// See `SealedRecordStore`.
    package func freeSpace() throws -> FreeSpace { try FreeSpace(at: folder) }

    /// Removes what is left over: complete records `isOwned` does not name, by a stop at the wrong
    /// moment, and pieces of records to which none was added since `time`, by who gave up.
    ///
    /// `time` is in seconds since 1970, as the file system counts them.
    package func sweep(piecesBefore time: Int64, _ isOwned: (Hash) throws -> Bool) throws {
        let manager = FileManager.default
        for name in try manager.contentsOfDirectory(atPath: "\(folder)/partial") {
            let path = "\(folder)/partial/\(name)"
            var status = stat()
            if stat(path, &status) == 0, Int64(status.st_mtim.tv_sec) < time { unlink(path) }
        }
        for directory in try manager.contentsOfDirectory(atPath: folder)
        where directory.utf8.count == 2 {
            for name in try manager.contentsOfDirectory(atPath: "\(folder)/\(directory)") {
                guard let record = Hash(hex: name), try !isOwned(record) else { continue }
                unlink(complete(record))
            }
        }
    }

    private func publish(_ path: String, as record: Hash) throws {
        let target = complete(record)
        let directory = String(target.prefix(target.count - 65))
        try FileManager.default.createDirectory(
            atPath: directory, withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700])
        guard rename(path, target) == 0 else { throw RecordFileError("name a record", errno) }
        for folder in [directory, folder] {
            let handle = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
            guard handle >= 0 else { throw RecordFileError("open a folder", errno) }
            defer { close(handle) }
            guard fsync(handle) == 0 else { throw RecordFileError("sync a folder", errno) }
        }
    }

    private func hash(of path: String) throws -> Hash {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw RecordFileError("open a piece", errno) }
        defer { close(file) }
        var hasher = SHA256()
        var buffer = [UInt8](repeating: 0, count: 256 * 1024)
        while true {
            let got = Foundation.read(file, &buffer, buffer.count)
            if got == 0 { return Hash(hasher.finalize()) }
            if got < 0 {
                if errno == EINTR { continue }
                throw RecordFileError("read a piece", errno)
            }
            buffer.withUnsafeBytes {
                hasher.update(bufferPointer: UnsafeRawBufferPointer(rebasing: $0[..<got]))
            }
        }
    }

    private func writeAll(_ bytes: [UInt8], to file: Int32) throws {
        var written = 0
        while written < bytes.count {
            let count = bytes.withUnsafeBytes {
                write(file, $0.baseAddress?.advanced(by: written), bytes.count - written)
            }
            if count < 0 {
                if errno == EINTR { continue }
                throw RecordFileError("write a piece", errno)
            }
            written += count
        }
    }

    private func complete(_ record: Hash) -> String {
        let name = record.hex
        return "\(folder)/\(name.prefix(2))/\(name)"
    }

    private func partial(_ record: Hash, _ owner: AccountID) -> String {
        "\(folder)/partial/\(record.hex)-\(owner.text)"
    }

    private func fileSize(_ path: String) -> Int64? {
        var status = stat()
        return stat(path, &status) == 0 ? Int64(status.st_size) : nil
    }
}

/// Why a file operation failed.
package struct RecordFileError: Error, CustomStringConvertible {
    /// What was tried.
    package let operation: String
    /// The system's error number.
    package let code: Int32

    init(_ operation: String, _ code: Int32) {
        self.operation = operation
        self.code = code
    }

    /// What was tried and why it failed.
    package var description: String {
        "could not \(operation): \(String(cString: strerror(code)))"
    }
}
