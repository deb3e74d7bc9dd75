internal import Foundation
internal import NodeSequencer

/// The newest snapshot in a file of its own.
///
/// A new one is written beside it and takes its place once it is on the disk: whenever the power
/// goes, the one or the other is there, whole.
package struct SnapshotFile: SnapshotKeeper {
    /// The path of the file.
    package let path: String

    /// Why the file cannot be read or written.
    package struct Failure: Error, CustomStringConvertible {
        /// What was tried, the file, and the system's reason.
        package let description: String

        fileprivate init(_ what: String, _ path: String) {
            description = "could not \(what) \(path): \(String(cString: strerror(errno)))"
        }
    }

    /// Names the file, which need not be there.
    package init(path: String) {
        self.path = path
    }

    /// See `SnapshotKeeper`.
    package func newest() throws -> [UInt8]? {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else {
            if errno == ENOENT { return nil }
            throw Failure("open", path)
        }
        defer { close(file) }
        var status = stat()
        guard fstat(file, &status) == 0 else { throw Failure("read", path) }
        let count = Int(status.st_size)
        return try [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            while filled < count {
                let rest = buffer.baseAddress.map { $0 + filled }
                let found = Foundation.read(file, rest, count - filled)
                guard found >= 0 else { throw Failure("read", path) }
                if found == 0 { return }
                filled += found
            }
        }
    }

    /// See `SnapshotKeeper`.
    package func keep(_ snapshot: [UInt8]) throws {
        let beside = "\(path).writing"
        let file = open(beside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw Failure("make", beside) }
        do {
            defer { close(file) }
            try snapshot.withUnsafeBytes { bytes in
                var rest = bytes[...]
                while !rest.isEmpty {
                    let part = UnsafeRawBufferPointer(rebasing: rest)
                    let written = write(file, part.baseAddress, part.count)
                    guard written > 0 else { throw Failure("write", beside) }
                    rest = rest.dropFirst(written)
                }
            }
            guard fsync(file) == 0 else { throw Failure("write", beside) }
            guard rename(beside, path) == 0 else { throw Failure("name", path) }
        } catch {
            // A full disk gets back what there is of it.
            unlink(beside)
            throw error
        }
        guard NodeFolder.synchronizes(folderOf: path) else { throw Failure("name", path) }
    }
}

extension NodeFolder {
    /// The file that keeps the newest snapshot.
    package var snapshots: SnapshotFile { SnapshotFile(path: "\(path)/ledger.snapshot") }
}
