import ClientStore
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
        let entryRows = try EntryRowFloor(directory: scratch.file("entry-rows"))
        var verified = [Double]()
        var single = [Double]()
        var batched = [Double]()
        var small = [Double]()
        var hashed = [Double]()
        var syncs = [Double]()
        for _ in 0..<5 {
            verified.append(verify.rate(count: 2_000))
            syncs += try disk.seconds(count: 100)
            single.append(try rows.rate(commits: 100, rowsEach: 1))
            batched.append(try entryRows.rate(commits: 20))
            small.append(try rows.rate(commits: 40, rowsEach: 256))
            hashed.append(HashFloor.nanoseconds())
        }
        let starts = try (0..<11).map { _ in try BareStart.milliseconds() }
        return [
            Figure("F1 Ed25519 verify, one core", verified.median, "/s"),
            Figure("F2 append 4 KiB + fdatasync, p50", syncs.percentile(0.5) * 1000, "ms"),
            Figure("F2 append 4 KiB + fdatasync, p99", syncs.percentile(0.99) * 1000, "ms"),
            Figure("F3a SQLite FULL, 1 row per commit", single.median, "rows/s"),
            Figure("F3b SQLite FULL, 256 entry rows per commit", batched.median, "rows/s"),
            Figure("F3c SQLite FULL, 256 rows of 60 bytes per commit", small.median, "rows/s"),
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

/// F3a, F3c: rows made durable by SQLite: two integers, a short text and a 32-byte blob, no index.
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

/// F3b: rows as an entry needs them in the member's store, made durable 256 at a time.
///
/// The very table and indices of the store, `synchronous=FULL`; a random payload as long as a
/// signed entry, an inclusion proof for a tree of 10,000. Nothing is parsed, hashed or verified,
/// and nothing else is written: less a store of entries cannot do.
final class EntryRowFloor {
    private let queue: DatabaseQueue
    private let payload: Data
    private let proof: Data
    private var random = SystemRandomNumberGenerator()
    private var number: Int64 = 0

    init(directory: String) throws {
        // The store makes the tables; this connection only fills one of them.
        _ = try ClientStore(directory: directory, clock: { BenchWorld.now() })
        queue = try DatabaseQueue(path: directory + "/accord.sqlite")
        try queue.writeWithoutTransaction { database in
            try database.execute(sql: "PRAGMA synchronous = FULL")
            let level = try Int.fetchOne(database, sql: "PRAGMA synchronous")
            let mode = try String.fetchOne(database, sql: "PRAGMA journal_mode")
            guard level == 2, mode == "wal" else { throw BenchFailure("not WAL with FULL") }
        }
        var member = try Signer(3)
        let project = try BenchLedger.terms(1, by: member.account).project
        let entry = try BenchLedger.nextTurn(
            of: &member, in: project, origin: BenchLedger.origin)
        payload = Data(entry.bytes.indices.map { _ in UInt8.random(in: 0...255) })
        proof = Data((0..<14 * 32).map { _ in UInt8.random(in: 0...255) })
    }

    /// Rows in a second.
    func rate(commits: Int) throws -> Double {
        let rowsEach = 256
        let seconds = try Stopwatch.seconds {
            for _ in 0..<commits {
                try queue.write { database in
                    let insert = try database.cachedStatement(
                        sql: "INSERT INTO entry VALUES (?, ?, 1, ?, ?, ?, ?, ?, ?, ?, ?, 10000)")
                    for _ in 0..<rowsEach {
                        number += 1
                        let hash = nextHash()
                        insert.setUncheckedArguments([
                            number, hash, number, payload, hash, number * 1000, hash,
                            "signup.joined/1", "bench-1", proof,
                        ])
                        try insert.execute()
                    }
                }
            }
        }
        return Double(commits * rowsEach) / seconds
    }

    /// 32 random bytes, as an entry's id is.
    private func nextHash() -> Data {
        var bytes = Data(capacity: 32)
        for _ in 0..<4 {
            withUnsafeBytes(of: random.next()) { bytes.append(contentsOf: $0) }
        }
        return bytes
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
