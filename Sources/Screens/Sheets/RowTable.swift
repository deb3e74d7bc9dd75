import LedgerCore
import SyncCore
import TerminalCore

/// The rows of a record, to look through and to strike what must not leave.
///
/// However many rows there are, only a page of them is here; what is struck is one bit for each.
struct RowTable: Equatable {
    let record: RecordLine
    /// Rows that name the person: struck unless the person keeps them.
    private(set) var identifying: RowSet
    /// Rows that the person, or the rule above, leaves here.
    private(set) var struck: RowSet
    /// Rows that stay because of their date; `nil` while they are counted.
    private(set) var outside: RowSet?
    /// The sorts of rows, and how many there are of each.
    private(set) var sorts: [RowSort] = []
    /// What is looked for.
    private(set) var query = RowQuery()
    /// The rows that fit it; `nil` for all.
    private(set) var found: RowSet?
    /// What is being typed to look for; `nil` while keys do something else.
    var field: TextField?
    /// The search that has not answered yet.
    var searching: ActionID?
    private(set) var selection = 0
    /// Where a range was begun, among the rows shown.
    private(set) var anchor: Int?
    private(set) var hasRows = false

    private var page = Page<RecordRowLine>.empty
    private var top = 0
    private var former: [RowSet] = []

    /// How many rows are read at once.
    static let pageLength = 200
    /// How many strikes can be taken back.
    private static let undoLimit = 20

    init(_ record: RecordLine) {
        self.record = record
        identifying = RowSet(capacity: record.rowCount)
        struck = RowSet(capacity: record.rowCount)
    }

    // MARK: Reading

    /// How many rows are shown: all, or those that were looked for.
    var shownCount: Int { found?.count ?? record.rowCount }

    /// Rows above the first one: counts, what is looked for, names of columns.
    private var headRows: Int { query.isEmpty && field == nil ? 2 : 3 }

    mutating func take(_ rows: RecordRows) {
        guard rows.record == record.id, rows.page.total == shownCount else { return }
        page = rows.page
        guard !hasRows else { return }
        hasRows = true
        sorts = rows.sorts
        identifying = RowSet(rows.identifying, capacity: record.rowCount)
        struck = identifying
    }

    /// Takes the rows that stay because of their date.
    mutating func take(outside rows: RowSet) {
        if rows.capacity == record.rowCount { outside = rows }
    }

    /// Waits for the rows that stay because of their date.
    mutating func forgetOutside() { outside = nil }

    /// Shows only what fits; `nil` shows everything again.
    mutating func show(_ query: RowQuery, _ rows: RowSet?) {
        self.query = query
        found = rows.flatMap { $0.capacity == record.rowCount ? $0 : nil }
        searching = nil
        page = .empty
        (selection, top, anchor) = (0, 0, nil)
    }

    mutating func move(_ step: Int, rows: Int) {
        let visible = max(rows - headRows, 1)
        selection = min(max(selection + step, 0), max(shownCount - 1, 0))
        top = min(max(top, selection - visible + 1), selection)
    }

    /// The rows to read when a visible one is not there.
    func missing(rows: Int) -> Request? {
        let end = min(top + max(rows - headRows, 1), shownCount)
        let loaded = page.positions
        guard top < end, top < loaded.lowerBound || end > loaded.upperBound else { return nil }
        let start = max(top - Self.pageLength / 4, 0)
        guard let found else {
            return .recordRows(record: record.id, offset: start, limit: Self.pageLength)
        }
        return .foundRows(
            record: record.id, positions: found.positions(from: start, limit: Self.pageLength),
            offset: start, total: found.count)
    }

    // MARK: Striking

    /// What stays here: struck, or out of the dates that are asked for.
    var staying: RowSet {
        var rows = struck
        if let outside { rows.formUnion(outside) }
        return rows
    }

    /// How many rows leave this machine.
    var leavingCount: Int { record.rowCount - staying.count }

    /// Why rows stay, and how many for each reason: together they are all that stay.
    func reasons(_ say: Words) -> [SafeText] {
        guard outside != nil else { return [say(.rowsCounting)] }
        var naming = struck
        naming.formIntersection(identifying)
        let chosen = struck.count - naming.count
        let late = staying.count - struck.count
        return [
            (naming.count, RowText.stayNaming), (chosen, .stayStruck), (late, .stayOutside),
        ].filter { $0.0 > 0 }.map { say.count($0.1.texts, $0.0) }
    }

    /// The rows of a range of what is shown.
    private func rows(_ range: ClosedRange<Int>) -> RowSet {
        var rows = RowSet(capacity: record.rowCount)
        guard let found else {
            rows.insert(range.lowerBound..<range.upperBound + 1)
            return rows
        }
        for position in found.positions(from: range.lowerBound, limit: range.count) {
            rows.insert(position)
        }
        return rows
    }

    mutating func strike(_ message: DialogMessage) {
        guard shownCount > 0 else { return }
        var changed = struck
        switch message {
        case .toggled:
            let range = anchor.map { min($0, selection)...max($0, selection) }
            let rows = rows(range ?? selection...selection)
            if rows.isSubset(of: struck) {
                changed.subtract(rows)
            } else {
                changed.formUnion(rows)
            }
            anchor = nil
        case .allToggled:
            let all = found ?? .all(record.rowCount)
            if all.isSubset(of: struck) {
                var kept = all
                kept.subtract(identifying)
                changed.subtract(kept)
            } else {
                changed.formUnion(all)
            }
        case .dragged(let start, let end):
            // Every row passed over becomes like the one where the button went down.
            let last = shownCount - 1
            let (start, end) = (min(max(start, 0), last), min(max(end, 0), last))
            let rows = rows(min(start, end)...max(start, end))
            if struck.contains(position(of: start)) {
                changed.formUnion(rows)
            } else {
                changed.subtract(rows)
            }
            selection = end
            anchor = nil
        case .rangeMarked: anchor = anchor == nil ? selection : nil
        default: break
        }
        guard changed != struck else { return }
        former.append(struck)
        if former.count > Self.undoLimit { former.removeFirst() }
        struck = changed
    }

    /// Whether there is a strike to take back.
    var canUndo: Bool { !former.isEmpty }

    /// Takes the last strike back.
    mutating func undo() {
        if let last = former.popLast() { struck = last }
    }

    private func position(of shown: Int) -> Int {
        guard let found else { return shown }
        return found.positions(from: shown, limit: 1).first ?? -1
    }

    // MARK: Showing

    private func isInRange(_ shown: Int) -> Bool {
        guard let anchor else { return false }
        return (min(anchor, selection)...max(anchor, selection)).contains(shown)
    }

    private func place(_ say: Words) -> Run {
        let here = shownCount == 0 ? 0 : selection + 1
        return Run("\(say.number(Int64(here)))/\(say.number(Int64(shownCount)))", .textMuted)
    }

    private func writeQuery(_ say: Words, into page: inout Document) {
        if let field {
            page.input(
                "/", SafeText(untrusted: field.text), hint: say(.rowSearchHint), isFocused: true)
            return
        }
        guard !query.isEmpty else { return }
        var looked: [SafeText] = []
        if !query.text.isEmpty { looked.append("/" + SafeText(untrusted: query.text)) }
        if let sort = query.sort { looked.append(SafeText(untrusted: sort)) }
        let words = looked.dropFirst().reduce(looked.first ?? "") { $0 + " · " + $1 }
        page.line(
            [Run(words, .accent)],
            trailing: [
                Run(
                    searching != nil
                        ? say(.rowSearching) : say.count(.rowCount, shownCount), .textMuted)
            ])
    }

    func write(_ say: Words, rows: Int, canStrike: Bool, into page: inout Document) {
        let counts =
            canStrike
            ? say(
                .rowsLeaveStay, say.number(Int64(leavingCount)),
                say.number(Int64(record.rowCount - leavingCount)))
            : say.count(.rowCount, record.rowCount)
        page.line([Run(counts, .textStrong)], trailing: [place(say)])
        writeQuery(say, into: &page)
        let columns = Columns(width: page.width - (canStrike ? 5 : 1))
        let width = page.textWidth
        page.drawing([
            [
                Run(canStrike ? "    " : ""),
                Run(columns.join(say(.what), say(.when), say(.value), width), .textMuted),
            ]
        ])
        if shownCount == 0 { page.text(say(.nothingFound), .textMuted) }
        let room = max(rows - headRows, 1)
        // The sheet keeps its size while rows are looked for.
        var free = min(room, record.rowCount) - (shownCount == 0 ? 1 : 0)
        defer { for _ in 0..<max(free, 0) { page.blank() } }
        for shown in top..<max(min(top + room, shownCount), top) {
            guard let row = self.page.line(at: shown) else { continue }
            let stays =
                canStrike
                && (struck.contains(row.position) || outside?.contains(row.position) == true)
            let text = columns.join(
                SafeText(untrusted: row.what), SafeText(untrusted: row.when),
                SafeText(untrusted: row.value), width)
            let role: StyleRole = isInRange(shown) ? .accent : (stays ? .textMuted : .text)
            free -= 1
            page.choice(
                shown, isFocused: shown == selection && field == nil,
                isChecked: canStrike ? !stays : nil, [Run(text, role)], role: .row)
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
