import SyncCore
import TerminalCore

/// Where the parts of the screen are.
struct Layout: Equatable {
    /// The whole screen.
    let size: Size
    /// Between the rules, one column free at both sides.
    let body: Rect
    /// The pane of the list, or of all there is; empty while the detail fills one pane.
    let list: Rect
    /// The pane of the detail; empty where there is none.
    let detail: Rect
    /// The rows of `list` that hold lines; its heading is above them.
    let lines: Rect

    /// Everything between header and bar.
    var background: Rect { Rect(size).inset(top: 2, bottom: 2) }

    /// From this width on, list and detail stand side by side.
    static let wideColumns = 100
    /// Smaller screens show a friendly line.
    static let smallest = Size(columns: 40, rows: 12)

    static func isTooSmall(_ size: Size) -> Bool {
        size.columns < smallest.columns || size.rows < smallest.rows
    }

    init(_ model: AppModel) {
        size = model.settings.size
        body = Rect(size).inset(top: 2, left: 1, bottom: 2, right: 1)
        let isWide = size.columns >= Self.wideColumns && !model.settings.isPlain
        if isWide {
            let width = model.place == .home ? body.columns * 60 / 100 : body.columns * 55 / 100
            let parts = body.splitLeft(width)
            list = parts.left.inset(right: 1)
            detail = parts.rest.inset(left: 1)
        } else if model.place != .home, model.listState.isDetailOpen {
            list = Rect(row: body.row, column: body.column, rows: 0, columns: 0)
            detail = body
        } else {
            list = body
            detail = Rect(row: body.row, column: body.column, rows: 0, columns: 0)
        }
        lines = list.inset(top: Self.headRows(model, rows: body.rows))
    }

    /// The number of lines a list shows, as if it were visible.
    var listRows: Int { list.isEmpty ? max(body.rows - 1, 1) : max(lines.rows, 1) }

    private static func headRows(_ model: AppModel, rows: Int) -> Int {
        switch model.place {
        case .home: 0
        case .projects:
            1 + (model.projects.showsSearch ? 1 : 0)
                + (model.projects.query.facets.isEmpty ? 0 : 1)
        case .authorizations, .records: 1
        case .activity: model.activity.headRows
        case .points: rows >= 22 ? 9 : rows >= 14 ? 7 : 2
        }
    }
}
