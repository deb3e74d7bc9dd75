package import LedgerCore

/// What a record of one kind is made of, but for its rows.
package struct RecordOutline: Equatable, Sendable {
    /// The kind of all its rows.
    package let kind: RecordKind
    /// How many rows.
    package internal(set) var rowCount = 0
    /// How many of them identify the person.
    package internal(set) var identifyingCount = 0
    /// The earliest time, in milliseconds since 1970 UTC; `nil` if no row has a date.
    package internal(set) var firstMilliseconds: Int64?
    /// The latest time.
    package internal(set) var lastMilliseconds: Int64?
    /// The names of the sorts of rows; a page holds indexes into them.
    package internal(set) var groups: [String] = []
    /// How many rows of each sort.
    package internal(set) var groupCounts: [Int] = []
    /// What is taken out of rows before they leave, and how often.
    package internal(set) var removed: [RemovedPart: Int] = [:]

    /// The outline of a record without rows.
    package init(kind: RecordKind) { self.kind = kind }

    /// The outline of a record that was stored.
    package init(
        kind: RecordKind, rowCount: Int, identifyingCount: Int, firstMilliseconds: Int64?,
        lastMilliseconds: Int64?, groups: [String], groupCounts: [Int],
        removed: [RemovedPart: Int]
    ) {
        self.kind = kind
        self.rowCount = rowCount
        self.identifyingCount = identifyingCount
        self.firstMilliseconds = firstMilliseconds
        self.lastMilliseconds = lastMilliseconds
        self.groups = groups
        self.groupCounts = groupCounts
        self.removed = removed
    }
}

/// Gathers what a reader finds, in pages for each kind, so that a file of any length takes the
/// memory of a few pages.
package final class RowCollector {
    /// Most sorts of rows told apart in one record; further ones share the last name.
    package static let groupLimit = 4_096

    /// What gave no row.
    package internal(set) var skipped = SkippedParts()
    /// The format and the frame of what the rows are cut from; set by the reader before it ends.
    package internal(set) var frame = ContentFrame(format: .fhir)

    private var records: [RecordKind: Building] = [:]
    private var full: [(kind: RecordKind, page: RowPage)] = []

    private struct Building {
        var outline: RecordOutline
        var page = RowPage()
        var groupNumbers: [String: UInt16] = [:]
    }

    /// A collector without rows.
    package init() {}

    /// The outlines of the records so far, kinds in their order.
    package var outlines: [RecordOutline] {
        records.values.map(\.outline).sorted { $0.kind < $1.kind }
    }

    /// How many rows there are so far.
    package var rowCount: Int { records.values.reduce(0) { $0 + $1.outline.rowCount } }

    /// Takes the pages that are full, oldest first.
    package func takePages() -> [(kind: RecordKind, page: RowPage)] {
        defer { full = [] }
        return full
    }

    /// Takes the pages that are full and those that are not, at the end of a file or a rest.
    package func takeAllPages() -> [(kind: RecordKind, page: RowPage)] {
        for kind in records.keys.sorted() { close(kind) }
        return takePages()
    }

    private func close(_ kind: RecordKind) {
        guard let page = records[kind]?.page, page.count > 0 else { return }
        records[kind]?.page = RowPage()
        full.append((kind, page))
    }

    /// Goes on with a record whose rows were taken.
    func restore(_ outline: RecordOutline) {
        var building = Building(outline: outline)
        for (number, name) in outline.groups.enumerated() {
            building.groupNumbers[name] = UInt16(clamping: number)
        }
        records[outline.kind] = building
    }

    /// The number of a sort of rows in a record.
    func group(_ name: String, in kind: RecordKind) -> UInt16 {
        if let number = records[kind]?.groupNumbers[name] { return number }
        let count = records[kind]?.outline.groups.count ?? 0
        guard count < RowCollector.groupLimit else { return UInt16(count - 1) }
        records[kind, default: Building(outline: RecordOutline(kind: kind))]
            .outline.groups.append(name)
        records[kind]?.outline.groupCounts.append(0)
        records[kind]?.groupNumbers[name] = UInt16(count)
        return UInt16(count)
    }

    /// Adds a row; `text` is what, when and value with `RowPage.fieldEnd` between them, `group` a
    /// number `group(_:in:)` gave for this kind.
    func add(
        _ kind: RecordKind, group: UInt16, time: Int64?, flags: RowFlags,
        text: UnsafeRawBufferPointer, unit: UnsafeRawBufferPointer
    ) {
        // One look-up for each row: this is the hot path of a genome.
        var isFull = false
        {
            (building: inout Building) in
            building.page.append(time: time, flags: flags, group: group, text: text, unit: unit)
            building.outline.rowCount += 1
            building.outline.groupCounts[Int(group)] += 1
            if flags.contains(.identifies) { building.outline.identifyingCount += 1 }
            if let time {
                building.outline.firstMilliseconds =
                    min(building.outline.firstMilliseconds ?? time, time)
                building.outline.lastMilliseconds =
                    max(building.outline.lastMilliseconds ?? time, time)
            }
            isFull = building.page.byteCount >= RowPage.fullBytes
        }(&records[kind, default: Building(outline: RecordOutline(kind: kind))])
        if isFull { close(kind) }
    }

    /// Adds a row in words.
    func add(
        _ kind: RecordKind, group: String, time: Int64?, flags: RowFlags = [], what: String,
        when: String, value: String, unit: some Collection<UInt8>
    ) {
        let number = self.group(group, in: kind)
        var text = Array(PlainText.line(what).utf8)
        text.append(RowPage.fieldEnd)
        text.append(contentsOf: PlainText.line(when, limit: 40).utf8)
        text.append(RowPage.fieldEnd)
        text.append(contentsOf: PlainText.line(value).utf8)
        let bytes = Array(unit)
        text.withUnsafeBytes { text in
            bytes.withUnsafeBytes { unit in
                add(kind, group: number, time: time, flags: flags, text: text, unit: unit)
            }
        }
    }

    /// Counts what is taken out of rows before they leave.
    func count(_ removed: [RemovedPart: Int], in kind: RecordKind) {
        guard !removed.isEmpty else { return }
        records[kind]?.outline.removed.merge(removed, uniquingKeysWith: +)
    }

    /// Notes a part without a row.
    func skip(_ place: RowPlace, _ reason: SkipReason, count: Int = 1) {
        skipped.add(place, reason, count: count)
    }
}
