package import LedgerCore

/// What is sealed when a record is handed over: the salt of its commitment, then the bundle.
///
/// Whoever can open it can check that it is what the ledger commits to; nobody else can guess
/// the record from the commitment.
package struct ContributionContent: Equatable, Sendable {
    /// The number of salt bytes in front.
    package static let saltByteCount = 32

    /// The salt of the commitment, 32 random bytes.
    package let salt: [UInt8]
    /// The FHIR bundle of the chosen rows.
    package let bundle: [UInt8]

    /// Makes content.
    ///
    /// - Precondition: `salt` has 32 bytes.
    package init(salt: [UInt8], bundle: [UInt8]) {
        precondition(salt.count == ContributionContent.saltByteCount, "a salt has 32 bytes")
        self.salt = salt
        self.bundle = bundle
    }

    /// Takes opened bytes apart; `nil` if they are too short to hold a salt.
    package init?(bytes: [UInt8]) {
        guard bytes.count >= ContributionContent.saltByteCount else { return nil }
        salt = Array(bytes.prefix(ContributionContent.saltByteCount))
        bundle = Array(bytes.dropFirst(ContributionContent.saltByteCount))
    }

    /// The bytes to seal.
    package var bytes: [UInt8] { salt + bundle }

    /// The commitment that stands in the ledger.
    package var commitment: Hash { RecordCommitment.of(bundle, salt: salt) }
}
