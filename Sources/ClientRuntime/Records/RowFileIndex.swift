import Foundation
import HealthRecords
import LedgerCore

/// What a file of rows holds besides its pages.
struct RowFileIndex: Equatable {
    /// Where a page stands in the file.
    struct Place: Equatable {
        /// The first byte of the sealed page.
        let offset: Int64
        /// The length of the sealed page.
        let byteCount: Int
        /// The position of its first row in the record.
        let firstRow: Int
        let rowCount: Int
    }

    var outline: RecordOutline
    var frame: ContentFrame
    var pages: [Place] = []
    /// Positions of the rows that identify, ascending.
    var identifying: [Int] = []

    // MARK: As bytes

    var encoded: [UInt8] {
        var bytes = ByteWriter()
        bytes.text(outline.kind.rawValue)
        bytes.text(frame.format.rawValue)
        bytes.blob(frame.head)
        bytes.blob(frame.homeHead)
        bytes.blob(frame.separator)
        bytes.blob(frame.foot)
        bytes.numbers(frame.privateColumns)
        bytes.number(Int(frame.delimiter))
        bytes.number(outline.rowCount)
        bytes.number(outline.firstMilliseconds.map(Int.init) ?? Int.min)
        bytes.number(outline.lastMilliseconds.map(Int.init) ?? Int.min)
        bytes.number(outline.groups.count)
        for (name, count) in zip(outline.groups, outline.groupCounts) {
            bytes.text(name)
            bytes.number(count)
        }
        bytes.number(outline.removed.count)
        for (part, count) in outline.removed.sorted(by: { $0.key < $1.key }) {
            bytes.text(part.rawValue)
            bytes.number(count)
        }
        bytes.numbers(identifying)
        bytes.number(pages.count)
        for page in pages {
            bytes.number(Int(page.offset))
            bytes.number(page.byteCount)
            bytes.number(page.rowCount)
        }
        return bytes.bytes
    }

    init(outline: RecordOutline, frame: ContentFrame) {
        self.outline = outline
        self.frame = frame
    }

    /// Reads what `encoded` gave; `nil` for anything else.
    init?(encoded: [UInt8]) {
        var bytes = ByteReader(encoded)
        guard let kind = bytes.text().flatMap(RecordKind.init(rawValue:)),
            let format = bytes.text().flatMap(RecordFormat.init(rawValue:)),
            let head = bytes.blob(), let homeHead = bytes.blob(), let separator = bytes.blob(),
            let foot = bytes.blob(), let columns = bytes.numbers(),
            let delimiter = bytes.number().flatMap(UInt8.init(exactly:)),
            let rowCount = bytes.number(), let first = bytes.number(), let last = bytes.number(),
            let groupCount = bytes.number(), 0...RowCollector.groupLimit ~= groupCount
        else { return nil }
        frame = ContentFrame(
            format: format, head: head, homeHead: homeHead, separator: separator, foot: foot,
            privateColumns: columns, delimiter: delimiter)
        var groups: [(String, Int)] = []
        for _ in 0..<groupCount {
            guard let name = bytes.text(), let count = bytes.number() else { return nil }
            groups.append((name, count))
        }
        guard let removedCount = bytes.number(), 0...RemovedPart.allCases.count ~= removedCount
        else { return nil }
        var removed: [RemovedPart: Int] = [:]
        for _ in 0..<removedCount {
            guard let part = bytes.text().flatMap(RemovedPart.init(rawValue:)),
                let count = bytes.number()
            else { return nil }
            removed[part] = count
        }
        guard let identifying = bytes.numbers(), let pageCount = bytes.number() else { return nil }
        self.identifying = identifying
        var firstRow = 0
        for _ in 0..<pageCount {
            guard let offset = bytes.number(), let byteCount = bytes.number(),
                let rows = bytes.number(), rows >= 0, offset >= 0, byteCount >= 0
            else { return nil }
            pages.append(
                Place(
                    offset: Int64(offset), byteCount: byteCount, firstRow: firstRow,
                    rowCount: rows))
            firstRow += rows
        }
        guard bytes.isAtEnd, firstRow == rowCount else { return nil }
        outline = RecordOutline(
            kind: kind, rowCount: rowCount, identifyingCount: identifying.count,
            firstMilliseconds: first == Int.min ? nil : Int64(first),
            lastMilliseconds: last == Int.min ? nil : Int64(last), groups: groups.map(\.0),
            groupCounts: groups.map(\.1), removed: removed)
    }
}

/// Writes numbers and texts one after the other: 8 bytes each, little-endian; lengths in front.
struct ByteWriter {
    private(set) var bytes: [UInt8] = []

    mutating func number(_ number: Int) {
        withUnsafeBytes(of: Int64(number).littleEndian) { bytes.append(contentsOf: $0) }
    }

    mutating func blob(_ blob: [UInt8]) {
        number(blob.count)
        bytes.append(contentsOf: blob)
    }

    mutating func text(_ text: String) { blob(Array(text.utf8)) }

    mutating func numbers(_ numbers: [Int]) {
        number(numbers.count)
        for value in numbers { number(value) }
    }
}

/// Reads what `ByteWriter` wrote; `nil` where it does not fit.
struct ByteReader {
    private let bytes: [UInt8]
    private var position = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    var isAtEnd: Bool { position == bytes.count }

    mutating func number() -> Int? {
        guard bytes.count - position >= 8 else { return nil }
        var number: UInt64 = 0
        for index in (0..<8).reversed() {
            number = number << 8 | UInt64(bytes[position + index])
        }
        position += 8
        return Int(Int64(bitPattern: number))
    }

    mutating func blob() -> [UInt8]? {
        guard let count = number(), count >= 0, count <= bytes.count - position else { return nil }
        defer { position += count }
        return Array(bytes[position..<(position + count)])
    }

    mutating func text() -> String? { blob().map { String(decoding: $0, as: UTF8.self) } }

    mutating func numbers() -> [Int]? {
        guard let count = number(), count >= 0, count <= (bytes.count - position) / 8 else {
            return nil
        }
        return (0..<count).compactMap { _ in number() }
    }
}
