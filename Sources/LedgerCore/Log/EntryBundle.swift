/// Why an entry bundle is refused.
package enum EntryBundleError: Error, Hashable, Sendable {
    /// An entry is longer than 65,535 bytes.
    case entryTooLong
    /// There are more than 256 entries.
    case tooManyEntries
    /// The bytes end within an entry.
    case truncated
}

/// The entries of a tile, one after the other: C2SP tlog-tiles.
///
///     length (2 bytes, big-endian) ‖ entry, repeated
package enum EntryBundle {
    /// Joins up to 256 entries.
    ///
    /// - Throws: `entryTooLong`, `tooManyEntries`.
    package static func encode(_ entries: [[UInt8]]) throws(EntryBundleError) -> [UInt8] {
        guard entries.count <= TilePath.fullWidth else { throw .tooManyEntries }
        var bytes = [UInt8]()
        bytes.reserveCapacity(entries.reduce(0) { $0 + 2 + $1.count })
        for entry in entries {
            guard let length = UInt16(exactly: entry.count) else { throw .entryTooLong }
            bytes.append(UInt8(length >> 8))
            bytes.append(UInt8(truncatingIfNeeded: length))
            bytes.append(contentsOf: entry)
        }
        return bytes
    }

    /// Takes a bundle apart; the caller compares the count with the tile's width.
    ///
    /// - Throws: `tooManyEntries`, `truncated`.
    package static func decode(_ bytes: [UInt8]) throws(EntryBundleError) -> [[UInt8]] {
        var entries = [[UInt8]]()
        var start = 0
        while start < bytes.count {
            guard entries.count < TilePath.fullWidth else { throw .tooManyEntries }
            guard start + 2 <= bytes.count else { throw .truncated }
            let end = start + 2 + (Int(bytes[start]) << 8 | Int(bytes[start + 1]))
            guard end <= bytes.count else { throw .truncated }
            entries.append(Array(bytes[(start + 2)..<end]))
            start = end
        }
        return entries
    }
}
