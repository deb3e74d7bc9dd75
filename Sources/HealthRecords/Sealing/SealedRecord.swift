import Crypto
import FoundationEssentials
package import LedgerCore

/// A record encrypted under its data key: what the node stores.
///
/// The STREAM construction (Hoang, Reyhanitabar, Rogaway, Vizár 2015) over ChaCha20-Poly1305:
/// ```
///     "accord-sealed/v1\n" ‖ prefix (7 random bytes) ‖ chunk 0 ‖ chunk 1 ‖ … ‖ last chunk
///     chunk = ciphertext of 65,536 bytes ‖ tag (16); the last holds 0...65,536 bytes,
///             and none only if the record is empty
///     nonce = prefix (7) ‖ chunk number (4, big endian) ‖ 1 for the last chunk, else 0
/// ```
/// The number and the flag in the nonce make a chunk that is missing, moved or added fail its tag.
package struct SealedRecord: Equatable, Sendable {
    /// The whole file, header included.
    package let bytes: [UInt8]

    /// The name the record is stored and asked for by: SHA-256 of `bytes`.
    package let address: Hash

    /// Takes bytes as they came, unchecked: only `open` tells whether they are a sealed record.
    package init(bytes: [UInt8]) {
        self.bytes = bytes
        address = Hash.of(bytes)
    }

    /// Encrypts a whole record in memory; `RecordSealer` does the same piece by piece.
    ///
    /// - Parameters:
    ///   - plaintext: At most 2^32 chunks.
    ///   - key: A key that has sealed nothing yet.
    ///   - randomBytes: Returns as many bytes as asked for.
    /// - Returns: The sealed record with its address.
    package static func seal(
        _ plaintext: [UInt8], with key: DataKey, randomBytes: (_ count: Int) -> [UInt8]
    ) -> SealedRecord {
        var sealer = RecordSealer(key: key, randomBytes: randomBytes)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(sealedByteCount(of: plaintext.count))
        sealer.append(plaintext[...], to: &bytes)
        sealer.finish(to: &bytes)
        return SealedRecord(bytes: bytes)
    }

    /// Decrypts the whole record; `RecordOpener` does the same piece by piece.
    ///
    /// - Throws: `SealingError` if a single bit differs from what was sealed, or the key does.
    package func open(with key: DataKey) throws(SealingError) -> [UInt8] {
        var opener = RecordOpener(key: key)
        var plaintext: [UInt8] = []
        plaintext.reserveCapacity(bytes.count)
        try opener.append(bytes[...], to: &plaintext)
        try opener.finish(to: &plaintext)
        return plaintext
    }

    /// Length of the sealed form of `plaintextBytes` bytes.
    package static func sealedByteCount(of plaintextBytes: Int) -> Int {
        let chunks = max((plaintextBytes + chunkBytes - 1) / chunkBytes, 1)
        return magic.count + prefixBytes + plaintextBytes + chunks * tagBytes
    }

    /// Plaintext bytes in every chunk but the last.
    package static let chunkBytes = 65_536

    static let magic = Array("accord-sealed/v1\n".utf8)
    static let prefixBytes = 7
    static let tagBytes = 16
}

/// Why a sealed record is refused.
package enum SealingError: Error, Equatable, Sendable {
    /// The first bytes are not those of a sealed record.
    case notSealedRecord
    /// The file ends inside its header or before its last chunk could begin.
    case cutOff
    /// Chunk `number`, from 0, is not what was sealed at this place under this key.
    case chunkRefused(number: UInt32)
    /// There are more chunks than a record may have.
    case tooLong
}

extension SealingError: CustomStringConvertible {
    /// The reason in words, in lower case and without a full stop.
    package var description: String {
        switch self {
        case .notSealedRecord: "not a sealed record"
        case .cutOff: "the sealed record is cut off"
        case .chunkRefused(let number): "chunk \(number) was changed, or the key is another's"
        case .tooLong: "the sealed record has too many chunks"
        }
    }
}

/// Encrypts a record piece by piece, keeping at most one chunk in memory.
package struct RecordSealer: ~Copyable {
    private let key: DataKey
    private var nonces: ChunkNonces
    private var pending: [UInt8] = []
    private var isHeaderWritten = false

    /// Starts a record; see `SealedRecord.seal` for the parameters.
    package init(key: DataKey, randomBytes: (_ count: Int) -> [UInt8]) {
        let prefix = randomBytes(SealedRecord.prefixBytes)
        precondition(
            prefix.count == SealedRecord.prefixBytes, "a nonce prefix takes 7 random bytes")
        self.key = key
        nonces = ChunkNonces(prefix: prefix)
    }

    /// Takes the next piece, of any length, and appends the sealed bytes that are ready.
    package mutating func append(_ piece: ArraySlice<UInt8>, to sealed: inout [UInt8]) {
        writeHeader(to: &sealed)
        var rest = piece
        // A full chunk waits for the byte after it: only then is it known not to be the last.
        while pending.count + rest.count > SealedRecord.chunkBytes {
            let taken = rest.prefix(SealedRecord.chunkBytes - pending.count)
            rest = rest.dropFirst(taken.count)
            if pending.isEmpty {
                seal(taken, isLast: false, to: &sealed)
            } else {
                pending.append(contentsOf: taken)
                seal(pending[...], isLast: false, to: &sealed)
                pending.removeAll(keepingCapacity: true)
            }
        }
        pending.append(contentsOf: rest)
    }

    /// Appends the last chunk; without it the record cannot be opened.
    package mutating func finish(to sealed: inout [UInt8]) {
        writeHeader(to: &sealed)
        seal(pending[...], isLast: true, to: &sealed)
    }

    private mutating func writeHeader(to sealed: inout [UInt8]) {
        guard !isHeaderWritten else { return }
        isHeaderWritten = true
        sealed.append(contentsOf: SealedRecord.magic)
        sealed.append(contentsOf: nonces.prefix)
    }

    private mutating func seal(
        _ chunk: ArraySlice<UInt8>, isLast: Bool, to sealed: inout [UInt8]
    ) {
        do {
            let nonce = try nonces.next(isLast: isLast)
            let box = try ChaChaPoly.seal(chunk, using: key.symmetricKey, nonce: nonce)
            box.ciphertext.withUnsafeBytes { sealed.append(contentsOf: $0) }
            box.tag.withUnsafeBytes { sealed.append(contentsOf: $0) }
        } catch {
            // Reached only by more than 2^32 chunks (256 TiB): the cipher itself refuses nothing
            // as long as this.
            preconditionFailure("could not seal a chunk: \(error)")
        }
    }
}

/// Decrypts a record piece by piece, keeping at most one chunk in memory.
///
/// What `append` gives is authentic and in order, but only `finish` tells that it is complete: do
/// not act on a record before.
package struct RecordOpener: ~Copyable {
    private let key: DataKey
    private var nonces: ChunkNonces?
    private var pending: [UInt8] = []

    private static let sealedChunkBytes = SealedRecord.chunkBytes + SealedRecord.tagBytes

    /// Starts a record.
    package init(key: DataKey) {
        self.key = key
    }

    /// Takes the next piece, of any length, and appends the plaintext of the chunks before the
    /// last.
    ///
    /// - Throws: `SealingError`; the opener then refuses the rest as well.
    package mutating func append(_ piece: ArraySlice<UInt8>, to plaintext: inout [UInt8])
        throws(SealingError)
    {
        var rest = piece
        if nonces == nil {
            let header = SealedRecord.magic.count + SealedRecord.prefixBytes
            let taken = rest.prefix(header - pending.count)
            pending.append(contentsOf: taken)
            rest = rest.dropFirst(taken.count)
            guard SealedRecord.magic.starts(with: pending.prefix(SealedRecord.magic.count)) else {
                throw .notSealedRecord
            }
            guard pending.count == header else { return }
            nonces = ChunkNonces(prefix: Array(pending.suffix(SealedRecord.prefixBytes)))
            pending.removeAll(keepingCapacity: true)
        }
        while pending.count + rest.count > Self.sealedChunkBytes {
            let taken = rest.prefix(Self.sealedChunkBytes - pending.count)
            rest = rest.dropFirst(taken.count)
            if pending.isEmpty {
                try open(taken, isLast: false, to: &plaintext)
            } else {
                pending.append(contentsOf: taken)
                try open(pending[...], isLast: false, to: &plaintext)
                pending.removeAll(keepingCapacity: true)
            }
        }
        pending.append(contentsOf: rest)
    }

    /// Opens the last chunk.
    ///
    /// - Throws: `SealingError` if the record is cut off, or goes on where it should have ended.
    package consuming func finish(to plaintext: inout [UInt8]) throws(SealingError) {
        guard let nonces else { throw .cutOff }
        guard pending.count >= SealedRecord.tagBytes else { throw .cutOff }
        let isEmpty = pending.count == SealedRecord.tagBytes
        // One plaintext has one sealed form: an empty chunk never follows a full one.
        if isEmpty, nonces.number > 0 { throw .chunkRefused(number: UInt32(nonces.number)) }
        try open(pending[...], isLast: true, to: &plaintext)
    }

    private mutating func open(
        _ chunk: ArraySlice<UInt8>, isLast: Bool, to plaintext: inout [UInt8]
    ) throws(SealingError) {
        guard let nonce = try nonces?.next(isLast: isLast) else { throw .cutOff }
        let number = UInt32(truncatingIfNeeded: (nonces?.number ?? 1) - 1)
        do {
            let box = try ChaChaPoly.SealedBox(
                nonce: nonce, ciphertext: chunk.dropLast(SealedRecord.tagBytes),
                tag: chunk.suffix(SealedRecord.tagBytes))
            let opened = try ChaChaPoly.open(box, using: key.symmetricKey)
            opened.withUnsafeBytes { plaintext.append(contentsOf: $0) }
        } catch {
            // The library says no more than that the tag does not fit.
            throw .chunkRefused(number: number)
        }
    }
}

/// The nonces of one record, each used once.
private struct ChunkNonces {
    let prefix: [UInt8]
    private(set) var number: UInt64 = 0

    init(prefix: [UInt8]) {
        self.prefix = prefix
    }

    mutating func next(isLast: Bool) throws(SealingError) -> ChaChaPoly.Nonce {
        guard let counter = UInt32(exactly: number) else { throw .tooLong }
        number += 1
        let bytes =
            prefix + [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: counter >> $0) }
            + [isLast ? 1 : 0]
        do {
            return try ChaChaPoly.Nonce(data: bytes)
        } catch {
            preconditionFailure("a nonce has 12 bytes: \(error)")
        }
    }
}
