import CZip
import Foundation
import HealthRecords

/// A file a person offers, as pieces of what is in it: unpacked, never written anywhere.
///
/// Only the file itself is opened; what it names is not.
final class RecordSource {
    /// Bytes read at a time.
    static let pieceBytes = 256 * 1024
    /// Most files of an archive that are looked at.
    static let entryLimit = 10_000

    /// What the messages call it.
    let name: String
    /// The length of what is read from the disk or the archive, for progress.
    let sizeBytes: Int64
    /// How much of it was read.
    private(set) var readBytes: Int64 = 0
    /// How much of its content was given out or passed over, unpacked.
    private(set) var contentBytes: Int64 = 0
    /// The whole path of the file or the archive.
    let path: String
    /// What tells the file from others, and from itself after a change.
    let identity: ImportBookmark.Source

    private enum Stream {
        case plain(Descriptor)
        case gzip(Descriptor, Gunzip)
        case entry(ZipArchive, index: UInt64)
    }

    private let stream: Stream

    private init(
        name: String, path: String, sizeBytes: Int64, stream: Stream, status: stat
    ) {
        self.name = name
        self.path = path
        identity = ImportBookmark.Source(
            name: name, sizeBytes: Int64(status.st_size),
            changedNanoseconds: Int64(status.st_mtim.tv_sec) &* 1_000_000_000
                &+ Int64(status.st_mtim.tv_nsec), node: UInt64(status.st_ino))
        self.sizeBytes = sizeBytes
        self.stream = stream
    }

    // MARK: Opening

    /// Opens a file: itself, or the records in the archive it is.
    ///
    /// A path that begins with `~/` is one in the person's home.
    ///
    /// - Returns: What is to be read, and the names of files of an archive that are left out.
    /// - Throws: `RecordImportError`.
    static func open(_ given: String) throws -> (sources: [RecordSource], others: [String]) {
        let path = given.hasPrefix("~/") ? NSHomeDirectory() + given.dropFirst() : given
        let name = URL(filePath: path).lastPathComponent
        func refusal(_ reason: RecordImportError.Reason) -> RecordImportError {
            RecordImportError(file: name, place: nil, reason: reason)
        }
        // Without O_NONBLOCK a named pipe would wait for somebody to write to it.
        let handle = Foundation.open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard handle >= 0 else {
            throw refusal(.unreadable(String(cString: strerror(errno))))
        }
        let descriptor = Descriptor(handle)
        var status = stat()
        guard fstat(handle, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw refusal(.unreadable("not a file"))
        }
        let size = Int64(status.st_size)
        var beginning = [UInt8](repeating: 0, count: 4)
        let count = pread(handle, &beginning, beginning.count, 0)
        if count == 4, beginning == [0x50, 0x4b, 0x03, 0x04] {
            guard let library = czip_load() else { throw refusal(.archivesUnreadable) }
            guard let archive = ZipArchive(path, library.pointee) else {
                throw refusal(.badCompression)
            }
            return try entries(of: archive, name: name, path: path, status)
        }
        let stream: Stream =
            Gunzip.isBeginning(beginning.prefix(max(count, 0)))
            ? .gzip(descriptor, Gunzip()) : .plain(descriptor)
        let whole = URL(filePath: path).standardizedFileURL.path(percentEncoded: false)
        return (
            [
                RecordSource(
                    name: name, path: whole, sizeBytes: size, stream: stream, status: status)
            ], []
        )
    }

    /// The records of an archive: Apple Health's export if it is one, else every file of it.
    private static func entries(
        of archive: ZipArchive, name: String, path: String, _ status: stat
    ) throws
        -> (sources: [RecordSource], others: [String])
    {
        let all = archive.entries()
        let entries = Array(all.prefix(entryLimit))
        func source(_ entry: ZipArchive.Entry) -> RecordSource {
            RecordSource(
                name: "\(name)/\(entry.name)",
                path: URL(filePath: path).standardizedFileURL.path(percentEncoded: false),
                sizeBytes: entry.sizeBytes, stream: .entry(archive, index: entry.index),
                status: status)
        }
        let exports = entries.filter { archive.beginsAsAppleHealth($0) }
        let chosen = exports.isEmpty ? entries : [exports[0]]
        guard !chosen.isEmpty else {
            throw RecordImportError(file: name, place: nil, reason: .emptyArchive)
        }
        let taken = Set(chosen.map(\.index))
        return (chosen.map(source), all.filter { !taken.contains($0.index) }.map(\.name))
    }

    // MARK: Reading

    /// Calls `body` with one piece after the other, from a byte of the content until the end.
    ///
    /// What is packed is unpacked from its beginning: meanwhile `body` gets empty pieces.
    ///
    /// - Throws: `RecordImportError`, and what `body` throws.
    func read(from start: Int64 = 0, _ body: (UnsafeRawBufferPointer) throws -> Void) throws {
        if start > 0, case .plain(let descriptor) = stream {
            guard lseek(descriptor.handle, off_t(start), SEEK_SET) == off_t(start) else {
                throw RecordImportError(
                    file: name, place: nil, reason: .unreadable(String(cString: strerror(errno))))
            }
            (readBytes, contentBytes) = (start, start)
        }
        try readAll { piece in
            let skipped = Int(clamping: start - contentBytes)
            contentBytes += Int64(piece.count)
            guard skipped > 0 else { return try body(piece) }
            try body(UnsafeRawBufferPointer(rebasing: piece[min(skipped, piece.count)...]))
        }
    }

    private func readAll(_ body: (UnsafeRawBufferPointer) throws -> Void) throws {
        switch stream {
        case .plain(let descriptor): try pieces(of: descriptor, body)
        case .gzip(let descriptor, let gunzip):
            do {
                try pieces(of: descriptor) { try gunzip.append($0, body) }
                try gunzip.finish()
            } catch is Gunzip.Damaged {
                throw RecordImportError(file: name, place: nil, reason: .badCompression)
            }
        case .entry(let archive, let index):
            guard
                try archive.read(
                    index,
                    { piece in
                        readBytes += Int64(piece.count)
                        try body(piece)
                    })
            else { throw RecordImportError(file: name, place: nil, reason: .badCompression) }
        }
    }

    private func pieces(
        of descriptor: Descriptor, _ body: (UnsafeRawBufferPointer) throws -> Void
    ) throws {
        var buffer = [UInt8](repeating: 0, count: RecordSource.pieceBytes)
        defer { RowPage.zero(&buffer) }
        while true {
            let count = Foundation.read(descriptor.handle, &buffer, buffer.count)
            if count == 0 { return }
            if count < 0 {
                if errno == EINTR { continue }
                throw RecordImportError(
                    file: name, place: nil,
                    reason: .unreadable(String(cString: strerror(errno))))
            }
            readBytes += Int64(count)
            try buffer.withUnsafeBytes {
                try body(UnsafeRawBufferPointer(rebasing: $0[..<count]))
            }
        }
    }
}

/// An open file, closed when the last use of it ends.
final class Descriptor: Sendable {
    let handle: Int32

    init(_ handle: Int32) { self.handle = handle }

    deinit { close(handle) }
}

/// A zip archive, read with libzip: nothing of it is unpacked to the disk.
final class ZipArchive {
    struct Entry {
        let index: UInt64
        let name: String
        let sizeBytes: Int64
    }

    private let archive: OpaquePointer
    private let zip: czip

    /// Opens an archive with libzip; `nil` if it is damaged.
    init?(_ path: String, _ zip: czip) {
        guard let archive = zip.open(path, ZIP_RDONLY | ZIP_CHECKCONS, nil) else { return nil }
        self.archive = archive
        self.zip = zip
    }

    deinit { zip.discard(archive) }

    /// The files of the archive, without folders and what a Mac adds.
    func entries() -> [Entry] {
        let count = max(Int(zip.get_num_entries(archive, 0)), 0)
        return (0..<count).compactMap { index in
            var status = zip_stat_t()
            guard zip.stat_index(archive, UInt64(index), 0, &status) == 0,
                let name = status.name.map({ String(cString: $0) }), !name.hasSuffix("/"),
                !name.hasPrefix("__MACOSX/")
            else { return nil }
            return Entry(
                index: UInt64(index), name: name, sizeBytes: Int64(clamping: status.size))
        }
    }

    /// Whether the beginning of a file names the root of Apple Health's export.
    func beginsAsAppleHealth(_ entry: Entry) -> Bool {
        guard let file = zip.fopen_index(archive, entry.index, 0) else { return false }
        defer { _ = zip.fclose(file) }
        var beginning = [UInt8](repeating: 0, count: 4_096)
        let count = zip.fread(file, &beginning, UInt64(beginning.count))
        guard count > 0 else { return false }
        let text = String(decoding: beginning.prefix(Int(count)), as: UTF8.self)
        return text.contains("<!DOCTYPE HealthData") || text.contains("<HealthData")
    }

    /// Calls `body` with one piece of a file after the other; `false` if it is damaged.
    func read(_ index: UInt64, _ body: (UnsafeRawBufferPointer) throws -> Void) throws -> Bool {
        guard let file = zip.fopen_index(archive, index, 0) else { return false }
        defer { _ = zip.fclose(file) }
        var buffer = [UInt8](repeating: 0, count: RecordSource.pieceBytes)
        defer { RowPage.zero(&buffer) }
        while true {
            let count = zip.fread(file, &buffer, UInt64(buffer.count))
            if count == 0 { return true }
            guard count > 0 else { return false }
            try buffer.withUnsafeBytes {
                try body(UnsafeRawBufferPointer(rebasing: $0[..<Int(count)]))
            }
        }
    }
}
