import ClientStore
package import HealthRecords
package import LedgerCore
package import Screens
import SyncCore
import Synchronization

// The rows of records on this machine.
extension MemberSession {
    /// Returns some rows of a record.
    package func rows(of id: Int64, offset: Int, limit: Int) throws -> RecordRows {
        let actions = try actions()
        let record = try actions.record(id)
        let file = try rows(of: record, actions)
        let end = min(offset, file.rowCount) + min(limit, max(file.rowCount - offset, 0))
        let lines = try MemberSession.lines(of: file, at: Array(min(offset, end)..<end))
        return RecordRows(
            record: id,
            page: Page(offset: min(offset, end), lines: lines, total: file.rowCount),
            identifying: file.index.identifying,
            sorts: zip(file.outline.groups, file.outline.groupCounts).map(RowSort.init))
    }

    /// Returns rows of a record at positions, which are a part of what was found.
    func rows(of id: Int64, at positions: [Int], offset: Int, total: Int) throws -> RecordRows {
        RecordRows(
            record: id,
            page: Page(offset: offset, lines: try lines(of: id, at: positions), total: total),
            identifying: [])
    }

    /// Returns which rows of a record a filter fits, or which stay because of a project's dates.
    func findRows(_ action: Action, _ meter: WorkMeter) throws -> RowSet {
        let actions = try actions()
        func goesOn(_ file: RowFile) -> (Int) -> Bool {
            { rows in
                meter.report {
                    WorkProgress(
                        .searching, done: Int64(rows), total: Int64(file.rowCount), unit: .rows)
                }
            }
        }
        switch action {
        case .findRows(let record, let query):
            let file = try rows(of: actions.record(record), actions)
            return try file.rows(
                matching: RowFilter(typed: query.text, group: query.sort), goesOn: goesOn(file))
        case .findOutside(let record, let project):
            let terms = try actions.project(project).terms
            let file = try rows(of: actions.record(record), actions)
            return try file.rows(
                outside: terms.collectionFrom.milliseconds...terms.collectionUntil.milliseconds,
                goesOn: goesOn(file))
        default: return RowSet(capacity: 0)
        }
    }

    /// Returns which rows of a record a filter fits.
    package func rows(of id: Int64, matching filter: RowFilter) throws -> RowSet {
        let actions = try actions()
        return try rows(of: actions.record(id), actions).rows(matching: filter)
    }

    /// Returns the rows of a record at positions, in their order.
    package func lines(of id: Int64, at positions: [Int]) throws -> [RecordRowLine] {
        let actions = try actions()
        return try MemberSession.lines(of: rows(of: actions.record(id), actions), at: positions)
    }

    private static func lines(of file: RowFile, at positions: [Int]) throws -> [RecordRowLine] {
        var lines: [RecordRowLine] = []
        try file.forRows(at: positions) { page, row, position in
            let text = page.text(at: row)
            lines.append(
                RecordRowLine(
                    position: position, what: text.what, when: text.when, value: text.value,
                    identifies: page.flags(at: row).contains(.identifies)))
        }
        return lines
    }

    /// The last file opened is kept: a person looks through its rows page by page.
    private func rows(of record: LocalRecord, _ actions: MemberActions) throws -> RowFile {
        let known = state.withLock { $0.rows }
        if let known, known.sealed == record.sealed { return known.file }
        let file = try actions.rows(of: record)
        state.withLock { $0.rows = (record.sealed, file) }
        return file
    }
}
