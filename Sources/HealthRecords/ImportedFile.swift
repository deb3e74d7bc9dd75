package import LedgerCore

/// A file as it was read: its rows, and its bytes to cut the kept resources from.
///
/// It lives in memory only. Struck rows leave it on no path.
package struct ImportedFile: Sendable {
    /// Name of the file, as it was given.
    package let name: String
    /// SHA-256 of the whole file.
    package let sha256: Hash
    /// One row for each resource, in the order of the file.
    package let rows: [RecordRow]
    /// Entries that give no row.
    package let skipped: [SkippedResource]
    /// Where each row's resource stands in `bytes`.
    package let resources: [ResourceSlice]
    /// The file.
    package let bytes: [UInt8]

    /// The place of one resource in the bytes of a file.
    package struct ResourceSlice: Equatable, Sendable {
        /// The resource, from its opening to its closing brace.
        package let resource: Range<Int>
        /// The entry's `fullUrl` with its quotation marks, to which other entries may refer.
        package let fullURL: Range<Int>?
    }

    /// Rows kept unless the person decides otherwise: all that do not identify.
    package var keptByDefault: Set<Int> {
        Set(rows.lazy.filter { !$0.identifies }.map(\.id))
    }

    /// The rows by kind, kinds in the order of `RecordKind`; kinds without rows are left out.
    ///
    /// - Parameter kept: Ids of rows to include; others are left out.
    /// - Returns: One set for each kind that has kept rows.
    package func sets(keeping kept: Set<Int>) -> [RecordSet] {
        let groups = Dictionary(grouping: rows.filter { kept.contains($0.id) }, by: \.kind)
        return groups.sorted { $0.key < $1.key }.map { RecordSet(kind: $0.key, rows: $0.value) }
    }

    /// Count and dates of all rows.
    package var summary: RecordSummary { RecordSummary(rows) }

    /// Returns what is sealed: a FHIR Bundle of type "collection" with the kept resources only.
    ///
    /// Each kept resource is copied byte for byte from the file; nothing of a struck one is there.
    ///
    /// - Parameter kept: Ids of rows, in any order; ids of no row are ignored.
    /// - Returns: JSON in UTF-8, resources in the order of the file.
    package func chosen(rows kept: Set<Int>) -> [UInt8] {
        var bundle = Array(#"{"resourceType":"Bundle","type":"collection""#.utf8)
        bundle.reserveCapacity(bytes.count)
        var separator = #","entry":[{"#
        for (id, slice) in resources.enumerated() where kept.contains(id) {
            bundle.append(contentsOf: separator.utf8)
            if let fullURL = slice.fullURL {
                bundle.append(contentsOf: #""fullUrl":"#.utf8)
                bundle.append(contentsOf: bytes[fullURL])
                bundle.append(0x2c)
            }
            bundle.append(contentsOf: #""resource":"#.utf8)
            bundle.append(contentsOf: bytes[slice.resource])
            bundle.append(0x7d)
            separator = ",{"
        }
        // FHIR has no empty arrays: a bundle of nothing has no "entry".
        bundle.append(contentsOf: (separator == ",{" ? "]}" : "}").utf8)
        return bundle
    }
}
