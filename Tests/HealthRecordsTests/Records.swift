import Foundation
import HealthRecords
import LedgerCore
import TestSupport

/// Files for the tests of this target.
enum Records {
    /// Reads one of the sample files that ship with the product.
    static func sample(_ name: String) throws -> [UInt8] {
        let root = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        return [UInt8](try Data(contentsOf: root.appending(path: "Samples/records/\(name)")))
    }

    static func read(_ text: String) throws -> FHIRFile {
        try FHIRBundle.read(Array(text.utf8), name: "test.json")
    }

    /// The row of a file with one resource.
    static func row(_ text: String) throws -> FHIRRow {
        let rows = try read(text).rows
        guard rows.count == 1 else { throw CocoaError(.coderInvalidValue) }
        return rows[0]
    }

    /// A file read as whatever it is: its rows in words, and what would leave.
    struct Table {
        var format: RecordFormat
        var rows: [Row] = []
        var outlines: [RecordOutline]
        var skipped: SkippedParts
        /// All rows but those that identify, as they leave.
        var leaving: [UInt8] = []
        var removed: [RemovedPart: Int] = [:]

        struct Row: Equatable {
            var kind: RecordKind
            var what: String
            var when: String
            var value: String
            var milliseconds: Int64?
            var identifies: Bool
        }

        var leavingText: String { String(decoding: leaving, as: UTF8.self) }
    }

    /// Reads bytes as whatever they are.
    static func table(
        _ bytes: [UInt8], name: String = "file", person: String? = nil,
        aliases: RecordAliases? = nil, pieceBytes: Int = 1 << 20
    ) throws -> Table {
        var reader = RecordFileReader(name: name, options: RecordReadOptions(person: person))
        try bytes.withUnsafeBytes { bytes in
            for start in stride(from: 0, to: bytes.count, by: pieceBytes) {
                let end = min(start + pieceBytes, bytes.count)
                try reader.append(UnsafeRawBufferPointer(rebasing: bytes[start..<end]))
            }
        }
        try reader.finish()
        let collector = reader.collector
        let frame = collector.frame
        var table = Table(
            format: frame.format, outlines: collector.outlines, skipped: collector.skipped,
            leaving: frame.head)
        var isFirst = true
        for (kind, page) in collector.takeAllPages() {
            let decoded = RowPage(encoded: page.encoded())
            guard decoded == page else { throw CocoaError(.coderInvalidValue) }
            for row in 0..<page.count {
                let text = page.text(at: row)
                let identifies = page.flags(at: row).contains(.identifies)
                table.rows.append(
                    Table.Row(
                        kind: kind, what: text.what, when: text.when, value: text.value,
                        milliseconds: page.time(at: row), identifies: identifies))
                if identifies { continue }
                if !isFirst { table.leaving += frame.separator }
                isFirst = false
                table.leaving += frame.cleaned(
                    page.unit(at: row), aliases: aliases, removed: &table.removed)
            }
        }
        table.leaving += frame.foot
        return table
    }

    static func table(_ text: String, person: String? = nil) throws -> Table {
        try table(Array(text.utf8), person: person)
    }

    /// What Foundation's parser makes of the resources of a bundle: an independent reading.
    static func resources(_ bytes: [UInt8]) throws -> [[String: Any]] {
        let bundle = try JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any]
        let entries = bundle?["entry"] as? [[String: Any]] ?? []
        return entries.compactMap { $0["resource"] as? [String: Any] }
    }

    /// Bytes that differ from place to place, the same on every run.
    static func bytes(_ count: Int) -> [UInt8] {
        var state: UInt32 = 1
        return (0..<count).map { _ in
            state = state &* 1_664_525 &+ 1_013_904_223
            return UInt8(truncatingIfNeeded: state >> 24)
        }
    }
}
