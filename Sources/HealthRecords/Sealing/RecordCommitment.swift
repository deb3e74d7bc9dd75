import Crypto
package import LedgerCore

/// What the ledger holds of a record: a hash that tells nothing without its salt.
///
/// commitment = SHA-256("accord/record/v1\n" ‖ salt ‖ plaintext)
package enum RecordCommitment {
    /// The number of bytes in a salt.
    package static let saltByteCount = 32

    /// Computes the commitment to `plaintext`.
    ///
    /// - Parameters:
    ///   - plaintext: What is sealed: head, kept units and foot of a file of its format.
    ///   - salt: 32 random bytes, of this record alone; without them equal records would show.
    /// - Returns: What the entry carries.
    package static func of(_ plaintext: [UInt8], salt: [UInt8]) -> Hash {
        precondition(salt.count == saltByteCount, "a salt has 32 bytes")
        return Hash.of(label: "accord/record/v1\n", salt, plaintext)
    }
}

/// Computes a commitment piece by piece.
package struct RecordCommitter {
    private var hasher = SHA256()

    /// Starts a commitment; see `RecordCommitment.of`.
    package init(salt: [UInt8]) {
        precondition(salt.count == RecordCommitment.saltByteCount, "a salt has 32 bytes")
        hasher.update(data: Array("accord/record/v1\n".utf8))
        hasher.update(data: salt)
    }

    /// Takes the next piece.
    package mutating func update(_ piece: [UInt8]) {
        piece.withUnsafeBytes { hasher.update(bufferPointer: $0) }
    }

    /// The commitment to all pieces.
    package func finish() -> Hash { Hash(hasher.finalize()) }
}
