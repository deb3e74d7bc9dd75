package import Crypto

/// A SHA-256 digest: entry ids, chain heads, Merkle tree nodes, content addresses.
///
/// Four words in memory order, so that millions of hashes cost no heap allocation.
package struct Hash: Hashable, Sendable, Comparable {
    /// The number of bytes in a digest.
    package static let byteCount = 32

    private var word0: UInt64
    private var word1: UInt64
    private var word2: UInt64
    private var word3: UInt64

    /// Thirty-two zero bytes: "no entry before this one", the start of every chain.
    package static let zero = Hash()

    private init() {
        word0 = 0
        word1 = 0
        word2 = 0
        word3 = 0
    }

    /// Reads a digest from exactly 32 bytes; `nil` for any other length.
    package init?(bytes: some Collection<UInt8>) {
        guard bytes.count == Hash.byteCount else { return nil }
        self.init()
        withUnsafeMutableBytes(of: &self) { $0.copyBytes(from: bytes) }
    }

    /// Reads 64 lower-case hexadecimal digits; `nil` for anything else.
    package init?(hex: String) {
        self.init()
        let isRead = withUnsafeMutableBytes(of: &self) { Hex.decode(hex, to: $0) }
        guard isRead else { return nil }
    }

    /// Takes over the digest of a finished SHA-256 computation.
    package init(_ digest: SHA256.Digest) {
        self.init()
        withUnsafeMutableBytes(of: &self) { target in
            digest.withUnsafeBytes { target.copyMemory(from: $0) }
        }
    }

    /// Returns the SHA-256 of `bytes`.
    package static func of(_ bytes: [UInt8]) -> Hash { of(bytes[...]) }

    /// Returns the SHA-256 of a part of an array, without a copy.
    package static func of(_ bytes: ArraySlice<UInt8>) -> Hash {
        bytes.withUnsafeBytes { buffer in
            var hasher = SHA256()
            hasher.update(bufferPointer: buffer)
            return Hash(hasher.finalize())
        }
    }

    /// Returns the SHA-256 of the UTF-8 bytes of `label` followed by each of `parts`.
    package static func of(label: StaticString, _ parts: [UInt8]...) -> Hash {
        var hasher = SHA256()
        hasher.update(
            bufferPointer: UnsafeRawBufferPointer(
                start: label.utf8Start, count: label.utf8CodeUnitCount))
        for part in parts {
            part.withUnsafeBytes { hasher.update(bufferPointer: $0) }
        }
        return Hash(hasher.finalize())
    }

    /// Calls `body` with the 32 bytes, valid during the call.
    package func withBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows
        -> Result
    {
        try withUnsafeBytes(of: self, body)
    }

    /// The 32 bytes as an array.
    package var bytes: [UInt8] { withUnsafeBytes(of: self) { Array($0) } }

    /// Sixty-four lower-case hexadecimal digits.
    package var hex: String { withBytes { Hex.encode($0) } }

    /// Orders by the bytes, as unsigned big-endian numbers.
    package static func < (left: Hash, right: Hash) -> Bool {
        if left.word0 != right.word0 { return left.word0.bigEndian < right.word0.bigEndian }
        if left.word1 != right.word1 { return left.word1.bigEndian < right.word1.bigEndian }
        if left.word2 != right.word2 { return left.word2.bigEndian < right.word2.bigEndian }
        return left.word3.bigEndian < right.word3.bigEndian
    }
}

/// Lower-case hexadecimal, the only spelling the ledger accepts.
package enum Hex {
    /// Encodes bytes as lower-case digits, two for each byte.
    package static func encode(_ bytes: some Collection<UInt8>) -> String {
        String(unsafeUninitializedCapacity: bytes.count * 2) { text in
            var written = 0
            for byte in bytes {
                text[written] = digit(byte >> 4)
                text[written + 1] = digit(byte & 0x0f)
                written += 2
            }
            return written
        }
    }

    /// Decodes lower-case digits; `nil` for an odd count or any other character.
    package static func decode(_ text: String) -> [UInt8]? {
        let count = text.utf8.count / 2
        var isRead = false
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, written in
            let room = UnsafeMutableRawBufferPointer(start: buffer.baseAddress, count: count)
            isRead = decode(text, to: room)
            written = isRead ? count : 0
        }
        return isRead ? bytes : nil
    }

    /// Decodes as many digits as fill `bytes`; `false` for another count or any other character.
    static func decode(_ text: String, to bytes: UnsafeMutableRawBufferPointer) -> Bool {
        var text = text
        return text.withUTF8 { digits in
            guard digits.count == 2 * bytes.count else { return false }
            for place in bytes.indices {
                guard let high = value(digits[2 * place]), let low = value(digits[2 * place + 1])
                else { return false }
                bytes[place] = high << 4 | low
            }
            return true
        }
    }

    /// Whether a text is nothing but lower-case digits.
    static func isPlain(_ text: String) -> Bool {
        var text = text
        return text.withUTF8 { digits in digits.allSatisfy { value($0) != nil } }
    }

    private static func digit(_ value: UInt8) -> UInt8 {
        value < 10 ? 0x30 + value : 0x57 + value
    }

    private static func value(_ digit: UInt8) -> UInt8? {
        switch digit {
        case 0x30...0x39: digit - 0x30
        case 0x61...0x66: digit - 0x57
        default: nil
        }
    }
}
