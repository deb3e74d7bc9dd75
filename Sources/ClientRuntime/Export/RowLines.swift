import ClientStore
import Foundation
import HealthRecords
import LedgerCore

/// The rows of a record in lines of canonical JSON, beside the record in its own format.
///
/// The first line is the head: what the store holds of the record besides its rows. Each other
/// line is a row: `[time, flags, sort, bytes, what, when, value]`: milliseconds since 1970 UTC or
/// `""`, the bits of `RowFlags`, the position of its sort in the head, the length of the row's
/// bytes in the file of its own format, and the words a person sees.
///
/// So both together give the record back exactly, and nothing has to be recognised anew.
struct RowLines {
    /// The record and what was handed over of it.
    let kept: KeptRecord
    /// The data keys of what was handed over, sealed under the storage key, in the same order.
    let keys: [[UInt8]?]
    let outline: RecordOutline
    let frame: ContentFrame

    static let version: Int64 = 1
    /// The longest line that is read, in bytes: a head holds what stands before the rows.
    static let lineLimit = 64 << 20
    /// The longest row that is read, in bytes: a FHIR resource can be a whole file.
    static let unitLimit = FHIRBundle.maximumFileBytes

    init(_ kept: KeptRecord, keys: [[UInt8]?], outline: RecordOutline, frame: ContentFrame) {
        self.kept = kept
        self.keys = keys
        self.outline = outline
        self.frame = frame
    }

    // MARK: The head

    /// The first line, without its end.
    var head: [UInt8] {
        let record = kept.record
        let given = zip(kept.handedOver, keys).map { given, key in
            JSONValue.document([
                "entry": .string(given.entry.hex),
                "key": key.map { .string(Base64.standard.encode($0)) },
                "queued": .integer(given.queuedAt.milliseconds),
                "sealed": .string(given.sealed.hex), "size": .integer(given.sizeBytes),
            ])
        }
        let sorts = zip(outline.groups, outline.groupCounts).map {
            JSONValue.array([.string($0), .integer(Int64($1))])
        }
        let removed = outline.removed.sorted { $0.key < $1.key }.map {
            JSONValue.array([.string($0.key.rawValue), .integer(Int64($0.value))])
        }
        return JSONValue.document([
            "delimiter": .integer(Int64(frame.delimiter)), "file": .string(record.fileName),
            "first": outline.firstMilliseconds.map { .integer($0) },
            "foot": bytes(frame.foot), "format": .string(frame.format.rawValue),
            "from": record.from.map { .integer($0.milliseconds) }, "handed_over": .array(given),
            "head": bytes(frame.head), "home_head": bytes(frame.homeHead),
            "identifying": .integer(Int64(record.identifyingCount)),
            "imported": .integer(record.importedAt.milliseconds),
            "kind": .string(record.kind.rawValue),
            "last": outline.lastMilliseconds.map { .integer($0) },
            "private_columns": .array(frame.privateColumns.map { .integer(Int64($0)) }),
            "record": .integer(record.id), "removed": .array(removed),
            "rows": .integer(Int64(record.rowCount)), "separator": bytes(frame.separator),
            "sorts": .array(sorts), "until": record.until.map { .integer($0.milliseconds) },
            "version": .integer(RowLines.version),
        ]).canonicalBytes
    }

    private func bytes(_ bytes: [UInt8]) -> JSONValue { .string(Base64.standard.encode(bytes)) }

    /// Reads the first line; `nil` for anything else.
    init?(head line: [UInt8]) {
        // What it is not, does not matter.
        guard let json = try? JSONValue(canonical: line),
            json["version"]?.integer == RowLines.version,
            let kind = json["kind"]?.string.flatMap(RecordKind.init(rawValue:)),
            let format = json["format"]?.string.flatMap(RecordFormat.init(rawValue:)),
            let name = json["file"]?.string,
            let id = json["record"]?.integer, id > 0,
            let rows = json["rows"]?.integer.flatMap({ Int(exactly: $0) }), rows >= 0,
            let identifying = json["identifying"]?.integer.flatMap({ Int(exactly: $0) }),
            (0...rows).contains(identifying),
            let imported = RowLines.time(json["imported"]),
            let delimiter = json["delimiter"]?.integer.flatMap({ UInt8(exactly: $0) }),
            let head = RowLines.bytes(json["head"]),
            let homeHead = RowLines.bytes(json["home_head"]),
            let separator = RowLines.bytes(json["separator"]),
            let foot = RowLines.bytes(json["foot"]),
            let columns = RowLines.all(
                json["private_columns"], { $0.integer.flatMap { Int(exactly: $0) } }),
            let sorts = RowLines.pairs(json["sorts"]),
            sorts.count <= RowCollector.groupLimit,
            let cut = RowLines.pairs(json["removed"]),
            let given = RowLines.all(json["handed_over"], RowLines.handedOver)
        else { return nil }
        var removed: [RemovedPart: Int] = [:]
        for (name, count) in cut {
            guard let part = RemovedPart(rawValue: name) else { return nil }
            removed[part] = count
        }
        outline = RecordOutline(
            kind: kind, rowCount: rows, identifyingCount: identifying,
            firstMilliseconds: json["first"]?.integer, lastMilliseconds: json["last"]?.integer,
            groups: sorts.map(\.0), groupCounts: sorts.map(\.1), removed: removed)
        frame = ContentFrame(
            format: format, head: head, homeHead: homeHead, separator: separator, foot: foot,
            privateColumns: columns, delimiter: delimiter)
        kept = KeptRecord(
            record: LocalRecord(
                id: id, fileName: name, kind: kind, rowCount: rows, identifyingCount: identifying,
                from: RowLines.time(json["from"]), until: RowLines.time(json["until"]),
                importedAt: imported, sealed: .zero),
            handedOver: given.map(\.0))
        keys = given.map(\.1)
    }

    private static func time(_ json: JSONValue?) -> Timestamp? {
        json?.integer.flatMap {
            (0...Timestamp.latest.milliseconds).contains($0) ? Timestamp(milliseconds: $0) : nil
        }
    }

    private static func bytes(_ json: JSONValue?) -> [UInt8]? {
        json?.string.flatMap { Base64.standard.decode($0) }
    }

    private static func all<Value>(_ json: JSONValue?, _ read: (JSONValue) -> Value?) -> [Value]? {
        guard let list = json?.array else { return nil }
        let values = list.compactMap(read)
        return values.count == list.count ? values : nil
    }

    private static func pairs(_ json: JSONValue?) -> [(String, Int)]? {
        all(json) { pair in
            guard let parts = pair.array, parts.count == 2, let name = parts[0].string,
                let count = parts[1].integer.flatMap({ Int(exactly: $0) }), count >= 0
            else { return nil }
            return (name, count)
        }
    }

    private static func handedOver(_ json: JSONValue) -> (HandedOver, [UInt8]?)? {
        guard let entry = json["entry"]?.string.flatMap({ Hash(hex: $0) }),
            let sealed = json["sealed"]?.string.flatMap({ Hash(hex: $0) }),
            let size = json["size"]?.integer, size >= 0, let queued = time(json["queued"])
        else { return nil }
        return (
            HandedOver(entry: entry, sealed: sealed, sizeBytes: size, queuedAt: queued),
            bytes(json["key"])
        )
    }

    // MARK: Rows

    /// The line of a row, without its end.
    static func line(of row: Int, in page: RowPage) -> [UInt8] {
        let text = page.text(at: row)
        return JSONValue.array([
            page.time(at: row).map { .integer($0) } ?? .string(""),
            .integer(Int64(page.flags(at: row).rawValue)), .integer(Int64(page.group(at: row))),
            .integer(Int64(page.unit(at: row).count)), .string(text.what), .string(text.when),
            .string(text.value),
        ]).canonicalBytes
    }

    /// A row but for its bytes.
    struct Row {
        let time: Int64?
        let flags: RowFlags
        let group: UInt16
        let unitByteCount: Int
        let text: (what: String, when: String, value: String)
    }

    /// Reads the line of a row; `nil` for anything else.
    func row(_ line: [UInt8]) -> Row? {
        // What it is not, does not matter.
        guard let parts = (try? JSONValue(canonical: line))?.array, parts.count == 7,
            parts[0].integer != nil || parts[0].string == "",
            let flags = parts[1].integer.flatMap({ UInt8(exactly: $0) }),
            RowFlags.identifies.isSuperset(of: RowFlags(rawValue: flags)),
            let group = parts[2].integer.flatMap({ UInt16(exactly: $0) }),
            outline.groups.indices.contains(Int(group)),
            let count = parts[3].integer.flatMap({ Int(exactly: $0) }),
            (0...RowLines.unitLimit).contains(count),
            let what = parts[4].string, let when = parts[5].string, let value = parts[6].string,
            [what, when, value].allSatisfy(RowPage.mayShow)
        else { return nil }
        return Row(
            time: parts[0].integer, flags: RowFlags(rawValue: flags), group: group,
            unitByteCount: count, text: (what, when, value))
    }
}
