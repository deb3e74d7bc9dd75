import Crypto
import Foundation
import HealthRecords
import LedgerCore

/// Writes what a contribution hands over: kept rows only, cleaned, committed to and sealed in one
/// pass, in the memory of a page.
///
/// What is written is ciphertext from its first byte; without `finish` nothing of it stays.
struct HandOver: ~Copyable {
    /// What was written.
    struct Result {
        let address: Hash
        let commitment: Hash
        let sizeBytes: Int64
        let rowCount: Int
        let firstMilliseconds: Int64?
        let lastMilliseconds: Int64?
        /// What was taken out of the rows, and how often.
        let removed: [RemovedPart: Int]
    }

    private let file: RowFile
    private let aliases: RecordAliases
    private var pipeline: SealingPipeline
    private var rowCount = 0
    private var first: Int64?
    private var last: Int64?
    private var removed: [RemovedPart: Int] = [:]

    /// Begins to hand over rows of a file: the ciphertext goes to `path`, under a key that has
    /// sealed nothing yet.
    init(_ file: RowFile, to path: String, key: DataKey, random: RandomSource) throws {
        self.file = file
        aliases = RecordAliases(key: random.bytes(32))
        pipeline = try SealingPipeline(
            path: path, key: key, salt: random.bytes(ContributionContent.saltByteCount),
            random: random)
    }

    /// Writes the rows that are kept.
    ///
    /// - Parameters:
    ///   - isKept: Whether a row leaves, by its position and time.
    ///   - goesOn: Asked before each page, with the rows that were looked at; `false` ends it.
    /// - Throws: `CancellationError` if it is ended.
    mutating func write(
        where isKept: (_ row: Int, _ time: Int64?) -> Bool, goesOn: (_ rows: Int) -> Bool
    ) throws {
        let frame = file.frame
        try pipeline.append(frame.head)
        try file.forEachPage { page, firstRow in
            guard goesOn(firstRow) else { throw CancellationError() }
            for row in 0..<page.count {
                let time = page.time(at: row)
                guard isKept(firstRow + row, time) else { continue }
                var unit = frame.cleaned(
                    page.unit(at: row), aliases: aliases, removed: &removed)
                if unit.isEmpty {
                    // It was shown as leaving: that it does not is told.
                    removed[.other, default: 0] += 1
                    continue
                }
                if rowCount > 0, !frame.separator.isEmpty { try pipeline.append(frame.separator) }
                try pipeline.append(unit)
                RowPage.zero(&unit)
                rowCount += 1
                if let time {
                    first = min(first ?? time, time)
                    last = max(last ?? time, time)
                }
            }
        }
        try pipeline.append(frame.foot)
    }

    /// Ends the ciphertext and names it; `nil`, and nothing stays, if no row was kept.
    consuming func finish(path: (Hash) -> String) throws -> Result? {
        guard rowCount > 0 else { return nil }
        let (count, first, last, removed) = (rowCount, first, last, removed)
        let (address, commitment, size) = try pipeline.finish(path: path)
        return Result(
            address: address, commitment: commitment, sizeBytes: size, rowCount: count,
            firstMilliseconds: first, lastMilliseconds: last, removed: removed)
    }
}

/// Commitment, cipher and address of a record in one pass over its bytes.
///
/// Bytes are gathered in blocks; while one core seals a block, the other hashes: the plaintext of
/// this block for the commitment, the ciphertext of the block before for the address.
final class SealingPipeline {
    /// Bytes sealed at a time: a multiple of a chunk, so that chunks are sealed where they lie.
    static let blockBytes = 16 * SealedRecord.chunkBytes

    private let path: String
    private let descriptor: Descriptor
    private var commitment: RecordCommitter
    private var address = SHA256()
    private var sealer: RecordSealer
    private var block: [UInt8] = []
    private var sealed: [UInt8] = []
    private var written: Int64 = 0
    private var isFinished = false

    /// Begins a file at a path of its own.
    init(path: String, key: DataKey, salt: [UInt8], random: RandomSource) throws {
        self.path = path
        let handle = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard handle >= 0 else { throw RowFileProblem("store what is handed over", errno) }
        descriptor = Descriptor(handle)
        commitment = RecordCommitter(salt: salt)
        sealer = RecordSealer(key: key, randomBytes: random.bytes)
        block.reserveCapacity(SealingPipeline.blockBytes)
        sealed.reserveCapacity(SealedRecord.sealedByteCount(of: SealingPipeline.blockBytes))
        sealer.append(salt[...], to: &sealed)
    }

    deinit {
        RowPage.zero(&block)
        if !isFinished { unlink(path) }
    }

    /// Takes the next bytes.
    func append(_ bytes: [UInt8]) throws {
        block.append(contentsOf: bytes)
        if block.count >= SealingPipeline.blockBytes { try flush() }
    }

    private func flush() throws {
        commitment.update(block)
        sealer.append(block[...], to: &sealed)
        try put()
        RowPage.zero(&block)
        block.removeAll(keepingCapacity: true)
    }

    private func put() throws {
        sealed.withUnsafeBytes { address.update(bufferPointer: $0) }
        try DurableFile.write(sealed, to: descriptor.handle)
        written += Int64(sealed.count)
        sealed.removeAll(keepingCapacity: true)
    }

    /// Ends the file, makes it durable and names it by its address.
    func finish(path: (Hash) -> String) throws -> (
        address: Hash, commitment: Hash, sizeBytes: Int64
    ) {
        try flush()
        sealer.finish(to: &sealed)
        try put()
        let name = Hash(address.finalize())
        guard fsync(descriptor.handle) == 0, rename(self.path, path(name)) == 0 else {
            throw RowFileProblem("store what is handed over", errno)
        }
        isFinished = true
        return (name, commitment.finish(), written)
    }
}
