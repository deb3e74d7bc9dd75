import LedgerCore
import SyncCore
import TerminalCore

/// Which rows of a record a person looks for.
package struct RowQuery: Equatable, Sendable {
    /// Words every row has to show, and days: `heart 2019-03..2019-06`, as the commands take them.
    package var text: String
    /// The sort of rows; `nil` for all.
    package var sort: String?

    /// Looks for everything, or for what is given.
    package init(text: String = "", sort: String? = nil) {
        self.text = text
        self.sort = sort
    }

    /// Whether every row fits.
    package var isEmpty: Bool { text.allSatisfy(\.isWhitespace) && sort == nil }
}

/// A sort of rows, and how many there are of it.
package struct RowSort: Equatable, Sendable {
    /// What the file calls it, in words.
    package var name: String
    /// How many rows.
    package var count: Int

    /// Makes a sort.
    package init(name: String, count: Int) {
        self.name = name
        self.count = count
    }
}

/// Choosing a sort of rows: only those are shown then.
enum RowSorts {
    static func write(
        _ sorts: [RowSort], _ say: Words, focus: Int, rows: Int, into page: inout Document
    ) {
        let visible = max(rows, 1)
        let count = sorts.count + 1
        let top = min(max(focus - visible + 1, 0), max(count - visible, 0))
        for index in top..<min(top + visible, count) {
            guard index > 0 else {
                page.choice(0, isFocused: focus == 0, [Run(say(.allSorts))])
                continue
            }
            let sort = sorts[index - 1]
            page.choice(
                index, isFocused: index == focus, [Run(SafeText(untrusted: sort.name))],
                trailing: [Run(say.count(.rowCount, sort.count), .textMuted)])
        }
    }
}

/// Looking for rows in the table on top.
extension AppModel {
    mutating func updateRows(_ message: RowMessage) -> [Effect] {
        guard let top = overlays.indices.last else { return [] }
        if case .rowSorts(let sorts) = overlays[top].content {
            guard message == .sortPicked else { return [] }
            let focus = overlays[top].focus
            overlays.removeLast()
            guard var query = overlays.last?.table?.query else { return [] }
            query.sort = sorts.indices.contains(focus - 1) ? sorts[focus - 1].name : nil
            return find(query)
        }
        guard var table = overlays[top].table else { return [] }
        switch message {
        case .searchStarted: table.field = TextField(table.query.text)
        case .searchEnded:
            guard let field = table.field else { return [] }
            table.field = nil
            overlays[top].table = table
            return find(RowQuery(text: field.text, sort: table.query.sort))
        case .searchDropped: table.field = nil
        case .sortsAsked:
            let index = table.sorts.firstIndex { $0.name == table.query.sort }
            overlays.append(Overlay(.rowSorts(table.sorts), focus: index.map { $0 + 1 } ?? 0))
            return []
        case .undone: table.undo()
        case .firstReached: return updateDialog(.moved(-table.shownCount))
        case .lastReached: return updateDialog(.moved(table.shownCount))
        case .sortPicked: return []
        }
        overlays[top].table = table
        return []
    }

    /// Shows only rows that fit; the answer comes when all pages were looked at.
    private mutating func find(_ query: RowQuery) -> [Effect] {
        guard let top = overlays.indices.last, var table = overlays[top].table else { return [] }
        var effects: [Effect] = []
        if let former = table.searching {
            effects.append(.cancel(former))
            running[former] = nil
        }
        guard !query.isEmpty else {
            table.show(query, nil)
            overlays[top].table = table
            return effects + readRows(top)
        }
        table.show(query, RowSet(capacity: table.record.rowCount))
        let effect = perform(.findRows(record: table.record.id, query))
        if case .perform(let id, _) = effect { table.searching = id }
        overlays[top].table = table
        return effects + [effect]
    }

    /// Asks which rows stay because of their date.
    mutating func findOutside(_ contribute: Contribute.Model) -> [Effect] {
        guard let record = contribute.record, let target = contribute.target else { return [] }
        return [perform(.findOutside(record: record.id, target.project))]
    }

    private mutating func readRows(_ top: Int) -> [Effect] {
        guard let request = overlays[top].table?.missing(rows: room(for: overlays[top]).rows)
        else { return [] }
        return [load(request)]
    }

    /// Gives what was found to the table that asked for it.
    mutating func take(_ rows: RowSet, of action: Action, _ id: ActionID) -> [Effect] {
        for top in overlays.indices.reversed() {
            switch action {
            case .findRows(let record, let query):
                guard var table = overlays[top].table, table.searching == id,
                    table.record.id == record
                else { continue }
                table.show(query, rows)
                overlays[top].table = table
                return readRows(top)
            case .findOutside(let record, let project):
                guard case .contribute(var contribute) = overlays[top].content,
                    contribute.record?.id == record, contribute.target?.project == project
                else { continue }
                contribute.table?.take(outside: rows)
                overlays[top].content = .contribute(contribute)
                return []
            default: return []
            }
        }
        return []
    }
}

/// What happened in a table of rows.
package enum RowMessage: Equatable, Sendable {
    case searchStarted
    /// What was typed is looked for.
    case searchEnded
    /// What is typed is forgotten.
    case searchDropped
    case sortsAsked
    case sortPicked
    /// The last strike is taken back.
    case undone
    case firstReached
    case lastReached
}
