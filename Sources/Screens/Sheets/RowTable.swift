import SyncCore
import TerminalCore

/// The rows of a record, to look through and to strike what must not leave.
struct RowTable: Equatable {
    let record: RecordLine
    private(set) var page = Page<RecordRowLine>.empty
    private(set) var identifying: Set<Int> = []
    private(set) var struck: Set<Int> = []
    private(set) var selection = 0
    private(set) var top = 0
    /// Where a range was begun.
    private(set) var anchor: Int?
    private(set) var hasRows = false

    /// How many rows are read at once.
    static let pageLength = 200
    /// The count above the rows, and the names of the columns.
    private static let headRows = 2

    init(_ record: RecordLine) { self.record = record }

    mutating func take(_ rows: RecordRows) {
        guard rows.record == record.id else { return }
        page = rows.page
        identifying = Set(rows.identifying)
        if !hasRows { struck = identifying }
        hasRows = true
    }

    mutating func move(_ step: Int, rows: Int) {
        let visible = max(rows - Self.headRows, 1)
        selection = min(max(selection + step, 0), max(record.rowCount - 1, 0))
        top = min(max(top, selection - visible + 1), selection)
    }

    /// The rows to read when a visible one is not there.
    func missing(rows: Int) -> Request? {
        let end = min(top + max(rows - Self.headRows, 1), record.rowCount)
        let loaded = page.positions
        guard top < end, top < loaded.lowerBound || end > loaded.upperBound else { return nil }
        return .recordRows(
            record: record.id, offset: max(top - Self.pageLength / 4, 0), limit: Self.pageLength)
    }

    mutating func strike(_ message: DialogMessage) {
        guard record.rowCount > 0 else { return }
        switch message {
        case .toggled:
            let range = anchor.map { min($0, selection)...max($0, selection) }
            let rows = Set(range ?? selection...selection)
            if rows.isSubset(of: struck) {
                struck.subtract(rows)
            } else {
                struck.formUnion(rows)
            }
            anchor = nil
        case .allToggled:
            let all = Set(0..<record.rowCount)
            struck = struck == all ? identifying : all
        case .dragged(let start, let end):
            // Every row passed over becomes like the one where the button went down.
            let rows = Set(min(start, end)...max(start, end))
            if struck.contains(start) { struck.formUnion(rows) } else { struck.subtract(rows) }
            selection = min(max(end, 0), record.rowCount - 1)
            anchor = nil
        case .rangeMarked: anchor = anchor == nil ? selection : nil
        default: break
        }
    }

    private func isInRange(_ position: Int) -> Bool {
        guard let anchor else { return false }
        return (min(anchor, selection)...max(anchor, selection)).contains(position)
    }

    private func position(_ say: Words) -> Run {
        let here = record.rowCount == 0 ? 0 : selection + 1
        return Run(
            "\(say.number(Int64(here)))/\(say.number(Int64(record.rowCount)))", .textMuted)
    }

    func write(_ say: Words, rows: Int, canStrike: Bool, into page: inout Document) {
        let leaving = record.rowCount - struck.count
        let counts =
            canStrike
            ? say(.rowsLeaveStay, say.number(Int64(leaving)), say.number(Int64(struck.count)))
            : say.count(.rowCount, record.rowCount)
        page.line(
            [Run(counts, .textStrong)],
            trailing: [position(say)])
        let columns = Columns(width: page.width - (canStrike ? 5 : 1))
        let width = page.textWidth
        page.drawing([
            [
                Run(canStrike ? "    " : ""),
                Run(columns.join(say(.what), say(.when), say(.value), width), .textMuted),
            ]
        ])
        for position in top..<min(top + max(rows - Self.headRows, 1), record.rowCount) {
            guard let row = self.page.line(at: position) else { continue }
            let isStruck = canStrike && struck.contains(position)
            let text = columns.join(
                SafeText(untrusted: row.what), SafeText(untrusted: row.when),
                SafeText(untrusted: row.value), width)
            let role: StyleRole =
                isInRange(position) ? .accent : (isStruck ? .textMuted : .text)
            page.choice(
                position, isFocused: position == selection,
                isChecked: canStrike ? !isStruck : nil, [Run(text, role)], role: .row)
        }
    }

    /// The widths of the three columns.
    private struct Columns {
        let what: Int
        let when: Int
        let value: Int

        init(width: Int) {
            when = width >= 44 ? 11 : 0
            value = max(min(width / 3, 30), 8)
            what = max(width - when - value, 4)
        }

        func join(
            _ what: SafeText, _ when: SafeText, _ value: SafeText, _ width: TextWidth
        ) -> SafeText {
            let first = width.pad(width.truncate(what, cells: self.what - 1), cells: self.what)
            let second =
                self.when == 0
                ? SafeText.empty : width.pad(width.prefix(when, cells: 10), cells: self.when)
            return first + second + width.truncate(value, cells: self.value)
        }
    }
}
