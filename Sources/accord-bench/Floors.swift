import Crypto
import Foundation
import GRDB
import LedgerCore

/// What the machine can do at most: the yardsticks of `spec/SYNC.md` §4.
enum FloorFigures {
    static func measure(in scratch: ScratchFolder) throws -> [Figure] {
        let verify = try VerifyFloor()
        let disk = try DiskFloor(path: scratch.file("append"))
        let rows = try RowFloor(path: scratch.file("rows.sqlite"))
        var verified = [Double]()
        var single = [Double]()
        var batched = [Double]()
        var hashed = [Double]()
        var syncs = [Double]()
        for _ in 0..<5 {
            verified.append(verify.rate(count: 2_000))
            syncs += try disk.seconds(count: 100)
            single.append(try rows.rate(commits: 100, rowsEach: 1))
            batched.append(try rows.rate(commits: 40, rowsEach: 256))
            hashed.append(HashFloor.nanoseconds())
        }
        let starts = try (0..<11).map { _ in try BareStart.milliseconds() }
        return [
            Figure("F1 Ed25519 verify, one core", verified.median, "/s"),
            Figure("F2 append 4 KiB + fdatasync, p50", syncs.percentile(0.5) * 1000, "ms"),
            Figure("F2 append 4 KiB + fdatasync, p99", syncs.percentile(0.99) * 1000, "ms"),
            Figure("F3a SQLite FULL, 1 row per commit", single.median, "rows/s"),
            Figure("F3b SQLite FULL, 256 rows per commit", batched.median, "rows/s"),
            Figure("F5 SHA-256 of 65 bytes", hashed.median, "ns"),
            Figure("F7 bare start of this program", starts.median, "ms"),
        ]
    }
}

/// F1: Ed25519 verification on one core, the key parsed once, messages as long as an entry.
struct VerifyFloor {
    private let key: Curve25519.Signing.PublicKey
    private let signed: [(message: [UInt8], signature: Data)]

    init() throws {
        let secret = Curve25519.Signing.PrivateKey()
        key = secret.publicKey
        signed = try (0..<64).map { number in
            let message = [UInt8](repeating: UInt8(number), count: 640)
            return (message, try secret.signature(for: message))
        }
    }

    /// Signatures in a second.
    func rate(count: Int) -> Double {
        var valid = 0
        let seconds = Stopwatch.seconds {
            for number in 0..<count {
                let (message, signature) = signed[number % signed.count]
                if key.isValidSignature(signature, for: message) { valid += 1 }
            }
        }
        precondition(valid == count, "a good signature was refused")
        return Double(count) / seconds
    }
}

/// F2: appending 4 KiB and waiting until it is on the disk.
struct DiskFloor {
    private let path: String

    init(path: String) throws {
        self.path = path
    }

    /// The time of each append in seconds.
    func seconds(count: Int) throws -> [Double] {
        let file = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw BenchFailure("could not open \(path)") }
        defer { close(file) }
        let block = [UInt8](repeating: 7, count: 4096)
        return try (0..<count).map { _ in
            let seconds = Stopwatch.seconds {
                if write(file, block, block.count) != block.count || fdatasync(file) != 0 {
                    perror("append")
                }
            }
            guard seconds > 0 else { throw BenchFailure("the clock stands still") }
            return seconds
        }
    }
}

/// F3: rows made durable by SQLite: two integers, a short text and a 32-byte blob.
final class RowFloor {
    private let queue: DatabaseQueue
    private var number: Int64 = 0

    init(path: String) throws {
        queue = try DatabaseQueue(path: path)
        // Neither can change inside a transaction.
        try queue.writeWithoutTransaction { database in
            try database.execute(sql: "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL")
        }
        try queue.write { database in
            let level = try Int.fetchOne(database, sql: "PRAGMA synchronous")
            guard level == 2 else { throw BenchFailure("synchronous is not FULL") }
            try database.execute(
                sql: """
                    CREATE TABLE row (
                        id INTEGER PRIMARY KEY, time INTEGER NOT NULL, kind TEXT NOT NULL,
                        hash BLOB NOT NULL)
                    """)
        }
    }

    /// Rows in a second.
    func rate(commits: Int, rowsEach: Int) throws -> Double {
        let hash = Data(repeating: 9, count: 32)
        let seconds = try Stopwatch.seconds {
            for _ in 0..<commits {
                try queue.write { database in
                    let insert = try database.cachedStatement(
                        sql: "INSERT INTO row VALUES (?, ?, ?, ?)")
                    for _ in 0..<rowsEach {
                        number += 1
                        insert.setUncheckedArguments([
                            number, number * 1000, "signup.joined/1", hash,
                        ])
                        try insert.execute()
                    }
                }
            }
        }
        return Double(commits * rowsEach) / seconds
    }
}

/// F5: hashing a node of the Merkle tree.
enum HashFloor {
    static func nanoseconds() -> Double {
        let count = 200_000
        let bytes = [UInt8](repeating: 3, count: 65)
        var last: UInt8 = 0
        let seconds = Stopwatch.seconds {
            for _ in 0..<count {
                bytes.withUnsafeBytes { buffer in
                    var hasher = SHA256()
                    hasher.update(bufferPointer: buffer)
                    hasher.finalize().withUnsafeBytes { last ^= $0[0] }
                }
            }
        }
        precondition(last == 0, "an even number of equal bytes cancel out")
        return seconds / Double(count) * 1e9
    }
}
