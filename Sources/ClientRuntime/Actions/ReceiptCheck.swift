package import LedgerCore
import SyncCore

/// A receipt that was checked offline.
package struct ReceiptCheck: Equatable, Sendable {
    /// What the entry states, and who signed.
    package let payload: EntryPayload
    /// The entry.
    package let entry: Hash
    /// Its index.
    package let index: LeafIndex
    /// When the node recorded it.
    package let recordedAt: Timestamp
    /// The size of the tree the proof is for.
    package let treeSize: Int64
    /// The log.
    package let origin: String
    /// Who cosigned the tree of those a policy names; `nil` where nobody was looked for.
    package let witnesses: WitnessPolicy.Finding?

    /// Checks a `.tlog-proof` file: the device's signature, the log's, inclusion, and what the leaf
    /// is made of.
    ///
    /// With a policy it says, too, whether enough witnesses cosigned; too few of them are no error.
    ///
    /// - Throws: `Receipt.Defect`, `EntryDefect`.
    package init(_ bytes: [UInt8], logKey: VerifierKey, policy: WitnessPolicy? = nil) throws {
        let receipt = try Receipt(parsing: bytes)
        let verified = try receipt.verify(logKey: logKey, origin: logKey.name)
        payload = try receipt.entry.payload()
        guard payload.audience == logKey.name else { throw EntryDefect.otherLedger }
        entry = receipt.entry.id
        index = LeafIndex(receipt.inclusion.leafIndex)
        recordedAt = receipt.envelope.time
        treeSize = Int64(verified.checkpoint.size)
        origin = verified.checkpoint.origin
        witnesses = policy?.finding(on: verified.note)
    }
}
