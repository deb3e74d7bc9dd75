import Crypto
import Foundation
import Glibc
import HealthRecords
import LedgerCore

/// Which rows a study team has seen, as fingerprints under its own key: they tell nobody else what
/// the rows say, and still show that somebody handed over the same twice.
///
/// Ids inside a record get other names for each contribution, so the fingerprint is of what a
/// person reads: what, when and value of every row, in any order.
///
/// The file has a line for each, fingerprint and contribution in hexadecimal digits, and only grows:
/// noting one costs the same however many there are. A line that a crash cut off counts for nothing,
/// and its rows are noted again. Whoever has the file's lock reads what others noted before it notes
/// something: a service and a command see each other's.
final class SeenRows {
    private var contributions: [Hash: Hash] = [:]
    private let file: URL
    private let descriptor: Descriptor
    /// How much of the file was read.
    private var readCount = 0

    private static let lineBytes = 64 + 1 + 64 + 1

    /// Opens the file; one that is missing has seen nothing.
    init(file: URL) throws {
        self.file = file
        let path = file.path(percentEncoded: false)
        let handle = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard handle >= 0 else { throw SeenRows.failure(file) }
        descriptor = Descriptor(handle)
        try locked { try readOn() }
    }

    /// Notes rows; false if another contribution had the same ones before.
    ///
    /// - Throws: `HomeError` if they could not be noted.
    func note(_ fingerprint: Hash, contribution: Hash) throws -> Bool {
        try locked {
            try readOn()
            if let first = contributions[fingerprint] { return first == contribution }
            do {
                try DurableFile.write(
                    Array("\(fingerprint.hex) \(contribution.hex)\n".utf8),
                    to: descriptor.handle)
            } catch {
                throw HomeError(
                    path: file.path(percentEncoded: false),
                    problem: .notWritable(String(describing: error)))
            }
            guard fdatasync(descriptor.handle) == 0 else { throw SeenRows.failure(file) }
            contributions[fingerprint] = contribution
            readCount += SeenRows.lineBytes
            return true
        }
    }

    private func locked<Value>(_ body: () throws -> Value) throws -> Value {
        while flock(descriptor.handle, LOCK_EX) != 0 {
            guard errno == EINTR else { throw SeenRows.failure(file) }
        }
        defer { flock(descriptor.handle, LOCK_UN) }
        return try body()
    }

    /// Reads what was added, and takes away what was cut off: only who has the lock writes.
    private func readOn() throws {
        let handle = descriptor.handle
        let length = Int(lseek(handle, 0, SEEK_END))
        guard length >= 0 else { throw SeenRows.failure(file) }
        if length < readCount {
            // Somebody put another file's content here.
            contributions = [:]
            readCount = 0
        }
        let content = try content(from: readCount, to: length)
        let whole = content.count / SeenRows.lineBytes * SeenRows.lineBytes
        for start in stride(from: 0, to: whole, by: SeenRows.lineBytes) {
            let line = String(
                decoding: content[start..<(start + SeenRows.lineBytes - 1)], as: UTF8.self)
            let parts = line.split(separator: " ")
            guard parts.count == 2, content[start + SeenRows.lineBytes - 1] == 0x0a,
                let fingerprint = Hash(hex: String(parts[0])),
                let contribution = Hash(hex: String(parts[1]))
            else {
                throw HomeError(
                    path: file.path(percentEncoded: false),
                    problem: .unreadable("it is no list of rows"))
            }
            contributions[fingerprint] = contribution
        }
        readCount += whole
        guard whole == content.count || ftruncate(handle, off_t(readCount)) == 0 else {
            throw SeenRows.failure(file)
        }
    }

    private func content(from start: Int, to end: Int) throws -> [UInt8] {
        do {
            return try RowFile.read(descriptor.handle, at: Int64(start), count: end - start)
        } catch {
            throw SeenRows.failure(file)
        }
    }

    private static func failure(_ file: URL) -> HomeError {
        HomeError(
            path: file.path(percentEncoded: false),
            problem: .notWritable(String(cString: strerror(errno))))
    }

    static func fingerprint(
        of rows: RowCollector, in project: ProjectID, key: SymmetricKey
    ) -> Hash {
        var lines = [String]()
        for (kind, page) in rows.takeAllPages() {
            for row in 0..<page.count {
                let text = page.text(at: row)
                lines.append(
                    "\(kind.rawValue)\u{1f}\(text.what)\u{1f}\(text.when)\u{1f}\(text.value)")
            }
        }
        var code = HMAC<SHA256>(key: key)
        code.update(data: Array("accord/seen-rows/v1\n\(project.text)\n".utf8))
        for line in lines.sorted() { code.update(data: Array("\(line)\n".utf8)) }
        guard let fingerprint = Hash(bytes: Array(code.finalize())) else {
            preconditionFailure("a code of SHA-256 has 32 bytes")
        }
        return fingerprint
    }
}
