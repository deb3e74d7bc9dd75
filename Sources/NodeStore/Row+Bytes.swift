internal import FoundationEssentials
internal import GRDB
internal import LedgerCore

extension Row {
    /// The bytes of a BLOB column, empty for NULL.
    func bytes(_ column: Int) -> [UInt8] {
        // Copies once, out of SQLite's memory.
        (try? withUnsafeData(atIndex: column) { data in data.map(Array.init) ?? [] }) ?? []
    }

    /// The hashes side by side in a BLOB column.
    func hashes(_ column: Int) -> [Hash] {
        let bytes = bytes(column)
        return stride(from: 0, through: bytes.count - Hash.byteCount, by: Hash.byteCount)
            .compactMap { Hash(bytes: bytes[$0..<$0 + Hash.byteCount]) }
    }

    /// A hash in a BLOB column; `nil` for NULL and other lengths.
    func hash(_ column: Int) -> Hash? {
        // Out of SQLite's memory, without an array between.
        try? withUnsafeData(atIndex: column) { data in data.flatMap { Hash(bytes: $0) } }
    }
}

extension Hash {
    var data: Data { withBytes { Data($0) } }
}
