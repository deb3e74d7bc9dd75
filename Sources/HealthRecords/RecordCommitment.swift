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
    ///   - plaintext: What is sealed: the bytes of `ImportedFile.chosen(rows:)`.
    ///   - salt: 32 random bytes, of this record alone; without them equal records would show.
    /// - Returns: What the entry carries.
    package static func of(_ plaintext: [UInt8], salt: [UInt8]) -> Hash {
        precondition(salt.count == saltByteCount, "a salt has 32 bytes")
        return Hash.of(label: "accord/record/v1\n", salt, plaintext)
    }
}
