import LedgerCore

/// A place between two rows of a file from where it can be read on.
package struct ReadingMark: Equatable, Codable, Sendable {
    /// Bytes of the file's content before it, unpacked.
    package let offset: Int64
    /// The line it stands in, from 1.
    package let line: Int

    /// Makes a mark.
    package init(offset: Int64, line: Int) {
        self.offset = offset
        self.line = line
    }
}

/// What was found in a file up to a mark, but for the rows: they were taken as pages.
package struct ReadingState: Codable, Sendable {
    /// Where to read on.
    package let mark: ReadingMark
    private let format: String
    private let outlines: [Outline]
    private let skipped: SkippedParts

    private struct Outline: Codable {
        let kind: String
        let rowCount: Int
        let identifyingCount: Int
        let first: Int64?
        let last: Int64?
        let groups: [String]
        let groupCounts: [Int]
        let removed: [String: Int]
    }

    /// Notes what a collector holds besides pages.
    init(_ mark: ReadingMark, _ format: RecordFormat, _ collector: RowCollector) {
        self.mark = mark
        self.format = format.rawValue
        skipped = collector.skipped
        outlines = collector.outlines.map { outline in
            Outline(
                kind: outline.kind.rawValue, rowCount: outline.rowCount,
                identifyingCount: outline.identifyingCount, first: outline.firstMilliseconds,
                last: outline.lastMilliseconds, groups: outline.groups,
                groupCounts: outline.groupCounts,
                removed: Dictionary(
                    uniqueKeysWithValues: outline.removed.map { ($0.key.rawValue, $0.value) }))
        }
    }

    /// Gives a collector what it held; `nil` if there is a name that is not known here.
    func restore(_ collector: RowCollector) -> RecordFormat? {
        guard let format = RecordFormat(rawValue: format) else { return nil }
        for outline in outlines {
            guard let kind = RecordKind(rawValue: outline.kind) else { return nil }
            var removed: [RemovedPart: Int] = [:]
            for (name, count) in outline.removed {
                guard let part = RemovedPart(rawValue: name) else { return nil }
                removed[part] = count
            }
            collector.restore(
                RecordOutline(
                    kind: kind, rowCount: outline.rowCount,
                    identifyingCount: outline.identifyingCount, firstMilliseconds: outline.first,
                    lastMilliseconds: outline.last, groups: outline.groups,
                    groupCounts: outline.groupCounts, removed: removed))
        }
        collector.skipped = skipped
        return format
    }
}

extension SkippedParts: Codable {
    private enum Name: CodingKey { case listed, reasons, counts }

    /// Reads what `encode` wrote.
    package init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: Name.self)
        let reasons = try values.decode([SkipReason].self, forKey: .reasons)
        let counts = try values.decode([Int].self, forKey: .counts)
        self.init(
            listed: try values.decode([Part].self, forKey: .listed),
            counts: Array(zip(reasons, counts)))
    }

    /// Writes what is listed and what is counted.
    package func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: Name.self)
        try values.encode(listed, forKey: .listed)
        try values.encode(counts.map(\.reason), forKey: .reasons)
        try values.encode(counts.map(\.count), forKey: .counts)
    }
}
