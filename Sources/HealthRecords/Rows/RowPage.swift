import Foundation

/// What a row says of itself besides its words.
package struct RowFlags: OptionSet, Hashable, Sendable {
    /// The bits.
    package let rawValue: UInt8

    /// Takes the bits as they are stored.
    package init(rawValue: UInt8) { self.rawValue = rawValue }

    /// It says who or where rather than what: struck until the person keeps it.
    package static let identifies = RowFlags(rawValue: 1)
}

/// Some hundred or thousand rows in columns: what a table shows, and the bytes that may leave.
///
/// Nothing here is an object for each row: a page is seven arrays, however many rows it holds.
/// ```
///     times     8 bytes each, milliseconds since 1970 UTC; `undated` for none
///     flags     1 byte each
///     groups    2 bytes each, an index into the names of sorts of rows
///     textEnds  4 bytes each, where the row's text ends in `texts`
///     texts     what ‖ 1f ‖ when ‖ 1f ‖ value ‖ 0a for each row, UTF-8
///     unitEnds  4 bytes each, where the row's unit ends in `units`
///     units     the bytes that stand for the row in a file of its format
/// ```
package struct RowPage: Equatable, Sendable {
    /// The time of a row without one.
    package static let undated = Int64.min
    /// Bytes after which a page is full, unless a single row is longer.
    package static let fullBytes = 256 * 1024

    private(set) var times: [Int64] = []
    private(set) var flags: [UInt8] = []
    private(set) var groups: [UInt16] = []
    private(set) var textEnds: [UInt32] = []
    private(set) var texts: [UInt8] = []
    private(set) var unitEnds: [UInt32] = []
    private(set) var units: [UInt8] = []

    static let fieldEnd: UInt8 = 0x1f
    static let rowEnd: UInt8 = 0x0a

    /// A page without rows.
    package init() {}

    /// The number of rows.
    package var count: Int { times.count }

    /// Memory the rows take, in bytes.
    package var byteCount: Int { texts.count + units.count + times.count * 19 }

    /// Adds a row; `text` is what, when and value with `fieldEnd` between them.
    mutating func append(
        time: Int64?, flags: RowFlags, group: UInt16, text: UnsafeRawBufferPointer,
        unit: UnsafeRawBufferPointer
    ) {
        times.append(time ?? RowPage.undated)
        self.flags.append(flags.rawValue)
        groups.append(group)
        texts.append(contentsOf: text)
        texts.append(RowPage.rowEnd)
        textEnds.append(UInt32(texts.count))
        units.append(contentsOf: unit)
        unitEnds.append(UInt32(units.count))
    }

    /// Adds a row in words.
    ///
    /// - Precondition: `mayShow` holds for each text.
    package mutating func append(
        time: Int64?, flags: RowFlags, group: UInt16,
        text: (what: String, when: String, value: String), unit: [UInt8]
    ) {
        var words = Array(text.what.utf8)
        words.append(RowPage.fieldEnd)
        words.append(contentsOf: text.when.utf8)
        words.append(RowPage.fieldEnd)
        words.append(contentsOf: text.value.utf8)
        words.withUnsafeBytes { words in
            unit.withUnsafeBytes { unit in
                append(time: time, flags: flags, group: group, text: words, unit: unit)
            }
        }
    }

    /// Whether a text can stand in a row: it holds no end of a field or a row.
    package static func mayShow(_ text: String) -> Bool {
        text.utf8.allSatisfy { $0 != fieldEnd && $0 != rowEnd }
    }

    // MARK: Rows

    /// When a row was, in milliseconds since 1970 UTC; `nil` if it has no date.
    package func time(at row: Int) -> Int64? {
        times[row] == RowPage.undated ? nil : times[row]
    }

    /// What a row says of itself.
    package func flags(at row: Int) -> RowFlags { RowFlags(rawValue: flags[row]) }

    /// The sort of a row, an index into the names of sorts.
    package func group(at row: Int) -> Int { Int(groups[row]) }

    /// The bytes of a row in a file of its format.
    package func unit(at row: Int) -> ArraySlice<UInt8> {
        units[(row == 0 ? 0 : Int(unitEnds[row - 1]))..<Int(unitEnds[row])]
    }

    /// What a row shows: what it is about, its date as written, the finding with its unit.
    package func text(at row: Int) -> (what: String, when: String, value: String) {
        let start = row == 0 ? 0 : Int(textEnds[row - 1])
        let line = texts[start..<Int(textEnds[row]) - 1]
        let fields = line.split(
            separator: RowPage.fieldEnd, maxSplits: 2, omittingEmptySubsequences: false
        ).map { String(decoding: $0, as: UTF8.self) }
        guard fields.count == 3 else { return (String(decoding: line, as: UTF8.self), "", "") }
        return (fields[0], fields[1], fields[2])
    }

    /// Overwrites everything that was read with zeros and forgets it.
    package mutating func wipe() {
        RowPage.zero(&texts)
        RowPage.zero(&units)
        self = RowPage()
    }

    /// Overwrites bytes with zeros in place.
    package static func zero(_ bytes: inout [UInt8]) {
        bytes.withUnsafeMutableBytes { buffer in
            guard let start = buffer.baseAddress else { return }
            explicit_bzero(start, buffer.count)
        }
    }
}

// MARK: - As bytes

extension RowPage {
    /// The page as bytes, little-endian: counts of rows, text bytes and unit bytes, then the
    /// columns in their order.
    package func encoded() -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(12 + byteCount)
        for number in [times.count, texts.count, units.count] {
            RowPage.put([UInt32(number)], to: &bytes)
        }
        RowPage.put(times, to: &bytes)
        RowPage.put(flags, to: &bytes)
        RowPage.put(groups, to: &bytes)
        RowPage.put(textEnds, to: &bytes)
        RowPage.put(unitEnds, to: &bytes)
        bytes.append(contentsOf: texts)
        bytes.append(contentsOf: units)
        return bytes
    }

    /// Reads what `encoded` gave; `nil` for anything else.
    package init?(encoded bytes: [UInt8]) {
        var reader = Columns(bytes: bytes)
        guard let counts: [UInt32] = reader.take(3) else { return nil }
        let rows = Int(counts[0])
        guard let times: [Int64] = reader.take(rows), let flags: [UInt8] = reader.take(rows),
            let groups: [UInt16] = reader.take(rows),
            let textEnds: [UInt32] = reader.take(rows), let unitEnds: [UInt32] = reader.take(rows),
            let texts: [UInt8] = reader.take(Int(counts[1])),
            let units: [UInt8] = reader.take(Int(counts[2])), reader.isAtEnd,
            RowPage.isAscending(textEnds, to: texts.count, least: 1),
            RowPage.isAscending(unitEnds, to: units.count, least: 0)
        else { return nil }
        self.times = times
        self.flags = flags
        self.groups = groups
        self.textEnds = textEnds
        self.texts = texts
        self.unitEnds = unitEnds
        self.units = units
    }

    private static func put<Number: FixedWidthInteger>(_ column: [Number], to bytes: inout [UInt8])
    {
        column.withUnsafeBytes { bytes.append(contentsOf: $0) }
    }

    private static func isAscending(_ ends: [UInt32], to total: Int, least: UInt32) -> Bool {
        var last: UInt32 = 0
        for end in ends {
            guard end >= last, end - last >= least else { return false }
            last = end
        }
        return Int(last) == total
    }

    private struct Columns {
        let bytes: [UInt8]
        var position = 0

        var isAtEnd: Bool { position == bytes.count }

        mutating func take<Number: FixedWidthInteger>(_ count: Int) -> [Number]? {
            let size = MemoryLayout<Number>.stride
            let (length, isTooLong) = count.multipliedReportingOverflow(by: size)
            guard !isTooLong, length <= bytes.count - position else { return nil }
            let column = [Number](unsafeUninitializedCapacity: count) { buffer, filled in
                bytes.withUnsafeBytes { source in
                    UnsafeMutableRawBufferPointer(buffer).copyMemory(
                        from: UnsafeRawBufferPointer(
                            rebasing: source[position..<position + length]))
                }
                filled = count
            }
            position += length
            return column
        }
    }
}
