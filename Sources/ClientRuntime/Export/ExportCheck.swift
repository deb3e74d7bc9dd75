import Crypto
import Foundation
package import LedgerCore
package import SyncCore

/// Why something in an export does not hold.
package struct ExportDefect: Equatable, Sendable {
    /// What is wrong with a file.
    package enum Reason: Equatable, Sendable {
        /// It is not there.
        case missing
        /// It is there and the manifest does not name it.
        case unlisted
        /// It is no plain file.
        case notPlain
        /// Its bytes are not those the manifest names.
        case changed
        /// It is no manifest of this format.
        case noManifest
        /// It is not the signature of the device the manifest names.
        case notSigned
        /// The device that signed is none of the account's, by the entries in the export.
        case writerUnknown
        /// The key of the log is another one than the one asked for.
        case otherLog
        /// It is no receipt that verifies.
        case receipt(Receipt.Defect)
        /// It is the receipt of another entry than its name says, or of no entry of this ledger.
        case misplaced
        /// The entry beside its receipt is another one, or missing.
        case entryDiffers
        /// An entry of the member is missing before it.
        case chainBroken
        /// What it says cannot be read.
        case unreadable
    }

    /// The file, as the manifest names it.
    package let file: String
    /// What is wrong with it.
    package let reason: Reason

    /// Names a defect.
    package init(_ file: String, _ reason: Reason) {
        self.file = file
        self.reason = reason
    }
}

/// An export that was checked, alone and offline.
package struct ExportCheck: Sendable {
    /// The folder.
    package let folder: String
    /// Everything that does not hold, in the order of the files.
    package private(set) var defects: [ExportDefect] = []
    /// The files whose bytes are those the manifest names.
    package private(set) var fileCount = 0
    /// The entries that are proven to be in the log.
    package private(set) var entryCount = 0
    /// The member's own among them, without a gap: from the first one on, or from `since` on.
    package private(set) var ownEntryCount = 0
    /// The largest tree an entry is proven in.
    package private(set) var treeSize: Int64 = 0
    /// The log the proofs were checked against.
    package private(set) var logKey: VerifierKey?
    /// Whether that key came from the export itself.
    package private(set) var isKeyFromFolder = false
    /// Whose cosignatures were looked for; `nil` for nobody's.
    package private(set) var policy: WitnessPolicy?
    /// The receipts that verify, and whose trees too few of those witnesses cosigned.
    package private(set) var unconfirmed: [String] = []
    /// The account the export is about.
    package private(set) var account: AccountID?
    /// The device that wrote it.
    package private(set) var device: DeviceID?
    /// When it was written, by that device's clock.
    package private(set) var writtenAt: Timestamp?
    /// The time from which on it holds what is newer; `nil` if it holds everything.
    package private(set) var since: Timestamp?

    private(set) var manifest: ExportManifest?

    /// Whether everything holds.
    package var holds: Bool { defects.isEmpty }

    /// Checks a folder: each file against the manifest, the manifest's signature, each receipt, the
    /// chain of the member's entries.
    ///
    /// - Parameters:
    ///   - folder: The folder.
    ///   - logKey: The key of the log; `nil` takes the one in the folder.
    ///   - policy: Whose cosignatures to look for; one that is not for this log, or needs nobody,
    ///     is left aside.
    ///   - goesOn: Asked before each file, with bytes read and bytes in all; `false` ends it.
    /// - Throws: `CancellationError` if it is ended.
    package init(
        _ folder: String, logKey: VerifierKey?, policy: WitnessPolicy? = nil,
        goesOn: (_ done: Int64, _ total: Int64) -> Bool = { _, _ in true }
    ) throws {
        self.folder = folder
        guard
            let content = ExportCheck.content(
                folder, ExportPath.manifest, limit: ExportManifest.byteLimit),
            let manifest = ExportManifest(bytes: content)
        else {
            note(ExportPath.manifest, .noManifest)
            return
        }
        self.manifest = manifest
        account = manifest.account
        device = manifest.device
        writtenAt = manifest.writtenAt
        since = manifest.beginning?.since
        let key = logKey ?? manifest.logKey
        self.logKey = key
        isKeyFromFolder = logKey == nil
        if key != manifest.logKey || key.name != manifest.origin {
            note(ExportPath.manifest, .otherLog)
            return
        }
        self.policy = policy.flatMap { $0.covers(key) && !$0.needsNobody ? $0 : nil }
        let note = ExportCheck.content(folder, ExportPath.signature, limit: 1 << 16)
        if !manifest.isSigned(by: note ?? []) { self.note(ExportPath.signature, .notSigned) }
        try checkFiles(manifest, goesOn)
        checkUnlisted(manifest)
        checkEntries(manifest, key)
    }

    private mutating func note(_ file: String, _ reason: ExportDefect.Reason) {
        defects.append(ExportDefect(file, reason))
    }

    /// Whether a file is among those that do not hold.
    private func isBad(_ path: String) -> Bool { defects.contains { $0.file == path } }

    // MARK: Files

    private mutating func checkFiles(
        _ manifest: ExportManifest, _ goesOn: (Int64, Int64) -> Bool
    ) throws {
        let total = manifest.files.reduce(Int64(0)) { $0 &+ $1.sizeBytes }
        var done: Int64 = 0
        for file in manifest.files {
            guard let source = try ExportSource(folder, file.path) else {
                note(file.path, ExportCheck.isThere(folder, file.path) ? .notPlain : .missing)
                continue
            }
            // Longer than it says is another file: it need not be read to its end.
            guard source.sizeBytes == file.sizeBytes else {
                note(file.path, .changed)
                continue
            }
            repeat {
                guard goesOn(done + source.position, total) else { throw CancellationError() }
            } while try source.skip(1 << 22)
            done += file.sizeBytes
            if source.digest == file.digest { fileCount += 1 } else { note(file.path, .changed) }
        }
    }

    private mutating func checkUnlisted(_ manifest: ExportManifest) {
        let listed = Set(manifest.files.map(\.path) + [ExportPath.manifest, ExportPath.signature])
        let folders = Set(
            listed.flatMap { path in
                let parts = path.split(separator: "/").dropLast()
                return parts.indices.map { parts[...$0].joined(separator: "/") }
            })
        let found = FileManager.default.enumerator(atPath: folder)?.allObjects ?? []
        for path in found.compactMap({ $0 as? String }).sorted()
        where !listed.contains(path) && !folders.contains(path) {
            note(path, .unlisted)
        }
    }

    private static func isThere(_ folder: String, _ path: String) -> Bool {
        var status = stat()
        return lstat(folder + "/" + path, &status) == 0
    }

    /// A small file whole; `nil` if it is missing, no plain file or longer than `limit`.
    static func content(_ folder: String, _ path: String, limit: Int) -> [UInt8]? {
        // Any failure is the same: it cannot be read.
        guard let source = try? ExportSource(folder, path), source.sizeBytes <= Int64(limit)
        else { return nil }
        return try? source.take(Int(source.sizeBytes))
    }

    // MARK: Entries

    private mutating func checkEntries(_ manifest: ExportManifest, _ key: VerifierKey) {
        let paths = Set(manifest.files.map(\.path))
        var own: [(path: String, receipt: Receipt)] = []
        var devices: Set<DeviceID> = []
        for file in manifest.files where file.path.hasPrefix("receipts/") && !isBad(file.path) {
            guard
                let bytes = ExportCheck.content(
                    folder, file.path, limit: TransparencyProof.maxByteCount),
                let receipt = checked(bytes, file.path, key)
            else { continue }
            let entry = ExportPath.entry(receipt.index)
            let beside =
                paths.contains(entry)
                ? ExportCheck.content(folder, entry, limit: TransparencyProof.maxByteCount) : nil
            guard beside == receipt.parsed.entry.bytes else {
                note(entry, .entryDiffers)
                continue
            }
            entryCount += 1
            if let found = receipt.witnesses, found.seconds == nil { unconfirmed.append(file.path) }
            treeSize = max(treeSize, receipt.treeSize)
            guard !receipt.payload.body.kind.isPublic, receipt.payload.account == manifest.account
            else { continue }
            own.append((file.path, receipt.parsed))
            if let keys = receipt.payload.body.introducedKeys { devices.insert(keys.device) }
        }
        for path in paths.sorted() where path.hasPrefix("entries/") {
            let index = path.dropFirst("entries/".count).dropLast(".jws".count)
            if LeafIndex(index).map({ paths.contains(ExportPath.receipt($0)) }) != true {
                note(path, .entryDiffers)
            }
        }
        checkChain(own, after: manifest.beginning?.after ?? 0)
        if !devices.contains(manifest.device) { note(ExportPath.signature, .writerUnknown) }
    }

    private struct Checked {
        let parsed: Receipt
        let payload: EntryPayload
        let index: LeafIndex
        let treeSize: Int64
        let witnesses: WitnessPolicy.Finding?
    }

    private mutating func checked(_ bytes: [UInt8], _ path: String, _ key: VerifierKey)
        -> Checked?
    {
        do {
            let check = try ReceiptCheck(bytes, logKey: key, policy: policy)
            guard ExportPath.receipt(check.index) == path else {
                note(path, .misplaced)
                return nil
            }
            return Checked(
                parsed: try Receipt(parsing: bytes), payload: check.payload, index: check.index,
                treeSize: check.treeSize, witnesses: check.witnesses)
        } catch let defect as Receipt.Defect {
            note(path, .receipt(defect))
        } catch {
            note(path, .misplaced)
        }
        return nil
    }

    /// The node numbered the member's entries and chained them: none can be missing in between.
    ///
    /// Of those up to `start` an export of what is newer holds only some.
    private mutating func checkChain(
        _ own: [(path: String, receipt: Receipt)], after start: Int64
    ) {
        let ordered = own.filter { $0.receipt.envelope.chainSequence > start }.sorted {
            $0.receipt.envelope.chainSequence < $1.receipt.envelope.chainSequence
        }
        var head = start == 0 ? AccountChain.start : nil
        for (number, (path, receipt)) in ordered.enumerated() {
            let previous = receipt.envelope.previousHead
            guard receipt.envelope.chainSequence == start + Int64(number) + 1,
                head == nil || head == previous
            else { return note(path, .chainBroken) }
            head = AccountChain.next(previous, entryID: receipt.entry.id)
        }
        ownEntryCount = ordered.count
    }
}

/// A file of an export, hashed as it is read.
final class ExportSource {
    let sizeBytes: Int64
    private(set) var position: Int64 = 0
    private let descriptor: Descriptor
    private var hash = SHA256()
    private var buffer: [UInt8] = []
    private var start = 0
    private var piece: [UInt8] = []

    /// Opens a file, following no link; `nil` if it is missing or no plain file.
    init?(_ folder: String, _ path: String) throws {
        let handle = open(folder + "/" + path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        guard handle >= 0 else { return nil }
        descriptor = Descriptor(handle)
        var status = stat()
        guard fstat(handle, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
        sizeBytes = Int64(status.st_size)
    }

    /// SHA-256 of what was read; of the whole file once it was read to its end.
    var digest: Hash { Hash(hash.finalize()) }

    /// Whether everything was taken.
    var isAtEnd: Bool { start == buffer.count && position >= sizeBytes }

    private func fill() throws -> Bool {
        if start > 0 {
            buffer.removeFirst(start)
            start = 0
        }
        // One byte more than there should be: a file that grows is noticed.
        let room = Int(min(max(sizeBytes - position, 0) + 1, 1 << 18))
        if piece.count != room { piece = [UInt8](repeating: 0, count: room) }
        while true {
            let got = piece.withUnsafeMutableBytes {
                read(descriptor.handle, $0.baseAddress, $0.count)
            }
            if got < 0, errno == EINTR { continue }
            guard got >= 0 else { throw RowFileProblem("read a file", errno) }
            piece.withUnsafeBytes { bytes in
                let bytes = UnsafeRawBufferPointer(rebasing: bytes[..<got])
                hash.update(bufferPointer: bytes)
                buffer.append(contentsOf: bytes)
            }
            position += Int64(got)
            return got > 0
        }
    }

    /// Reads about `count` bytes and forgets them; `false` at the end.
    func skip(_ count: Int) throws -> Bool {
        let end = position + Int64(count)
        while position < end {
            start = buffer.count
            guard try fill() else { return false }
        }
        start = buffer.count
        return true
    }

    /// Takes exactly `count` bytes; `nil` if there are fewer.
    func take(_ count: Int) throws -> [UInt8]? {
        while buffer.count - start < count {
            guard try fill() else { return nil }
        }
        defer { start += count }
        return Array(buffer[start..<start + count])
    }

    /// Takes a line without its end; `nil` where there is none, or it is longer than `limit`.
    func line(limit: Int) throws -> [UInt8]? {
        var looked = 0
        while true {
            let end = buffer.withUnsafeBytes { bytes -> Int? in
                guard let base = bytes.baseAddress, start + looked < bytes.count else { return nil }
                return memchr(base + start + looked, 0x0a, bytes.count - start - looked)
                    .map { base.distance(to: $0) }
            }
            if let end {
                defer { start = end + 1 }
                return Array(buffer[start..<end])
            }
            looked = buffer.count - start
            guard looked <= limit, try fill() else { return nil }
        }
    }
}
