package import LedgerCore

/// Which entry a receipt is of, as a text short enough for a small QR code:
/// `ACCORD:198:` and the entry's id in 64 hexadecimal digits, capitals.
///
/// Capitals, digits and colons take half the room of other characters in a QR code
/// (ISO/IEC 18004, alphanumeric mode): 77 of them fit into a code of 29 by 29.
package struct ReceiptCode: Equatable, Sendable {
    /// The entry's index in the ledger.
    package let index: LeafIndex
    /// The entry.
    package let entry: Hash

    /// Names an entry.
    package init(index: LeafIndex, entry: Hash) {
        self.index = index
        self.entry = entry
    }

    /// Reads the text of a code, in capitals or not; `nil` for anything else.
    package init?(_ text: String) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0].uppercased() == "ACCORD",
            let index = LeafIndex(parts[1]), index >= 0,
            let entry = Hash(hex: parts[2].lowercased())
        else { return nil }
        self.init(index: index, entry: entry)
    }

    /// The text.
    package var text: String { "ACCORD:\(index):\(entry.hex.uppercased())" }
}
