package import LedgerCore

/// A FHIR file as it was read: its rows, and its bytes to cut their resources from.
package struct FHIRFile: Sendable {
    /// One row for each resource, in the order of the file.
    package let rows: [FHIRRow]
    /// Entries that give no row.
    package let skipped: SkippedParts
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

    /// A row's entry of a bundle, copied byte for byte: `{"fullUrl":…,"resource":…}`.
    package func unit(of row: Int) -> [UInt8] {
        let slice = resources[row]
        var unit: [UInt8] = []
        unit.reserveCapacity(slice.resource.count + 64)
        if let fullURL = slice.fullURL {
            unit.append(contentsOf: #"{"fullUrl":"#.utf8)
            unit.append(contentsOf: bytes[fullURL])
            unit.append(contentsOf: #","resource":"#.utf8)
        } else {
            unit.append(contentsOf: #"{"resource":"#.utf8)
        }
        unit.append(contentsOf: bytes[slice.resource])
        unit.append(0x7d)
        return unit
    }

    /// Hands rows, units and what was skipped to a collector that has none yet.
    func collect(into collector: RowCollector) {
        collector.skipped = skipped
        for row in rows {
            let unit = unit(of: row.id)
            let value = row.unit.isEmpty ? row.value : "\(row.value) \(row.unit)"
            collector.add(
                row.kind, group: row.resourceType, time: row.whenMilliseconds,
                flags: row.identifies ? .identifies : [], what: row.what, when: row.when,
                value: value, unit: unit)
            var removed: [RemovedPart: Int] = [:]
            _ = FHIRCleaner.clean(unit[...], aliases: nil, removed: &removed)
            collector.count(removed, in: row.kind)
        }
    }
}

/// One resource of a FHIR file as a line of the table in which a person chooses.
package struct FHIRRow: Equatable, Sendable, Identifiable {
    /// Position in `FHIRFile.rows`, from 0.
    package let id: Int
    /// The unit of consent it belongs to.
    package let kind: RecordKind
    /// FHIR resource type, such as "Observation".
    package let resourceType: String
    /// What it is about, in words: the text of the code, else its display, else the code.
    package let what: String
    /// First code of what it is about, such as LOINC "4548-4"; `nil` if it has none.
    package let code: String?
    /// Date or date and time as written in the file; empty if it has none.
    package let when: String
    /// `when` in milliseconds since 1970 UTC, negative before; `nil` if there is no valid date.
    package let whenMilliseconds: Int64?
    /// The finding in words; numbers as written in the file; empty if none.
    package let value: String
    /// Unit of `value`, such as "mmol/L"; empty if it has none.
    package let unit: String
    /// Whether it says who or where rather than what, or is of a kind that cannot be judged:
    /// struck until the person keeps it.
    package let identifies: Bool
    /// Whether its reference to the person carries a name or a number of theirs.
    package let namesPerson: Bool
}
