import TerminalCore

/// A list as a place shows it: what it is called, where it stands and what its lines say.
struct ListPane {
    let name: SafeText
    let state: ListState
    let count: Int
    let rect: Rect
    let hasKeys: Bool
    /// The line at a position; `nil` where it is not loaded.
    let line: (Int) -> ListLine?

    /// The positions that there is room for with a line at the top.
    func positions(from top: Int) -> Range<Int> { top..<max(min(top + rect.rows, count), top) }
}

/// One line of a list.
struct ListLine {
    var runs: [Run]
    var trailing: [Run] = []
}

extension Painter {
    /// Draws the visible lines of a list.
    mutating func list(_ list: ListPane) {
        var items: [SemanticNode] = []
        for position in list.positions(from: list.state.top) {
            guard let line = list.line(position) else { continue }
            items.append(write(line, at: position, of: list))
            hits.append(
                HitArea(
                    rect: rect(of: position, in: list), message: .list(.picked(position))))
        }
        nodes.append(
            SemanticNode(.list, list.name, value: Self.standing(list), children: items))
    }

    /// Draws again what moves in a list have changed since it was drawn: the lines that came into
    /// sight, and the two that lost and got the mark.
    ///
    /// - Parameters:
    ///   - list: The list as it is now.
    ///   - former: Where the person was in it then.
    /// - Returns: `false`, and nothing is drawn, where a line is not loaded or was not.
    mutating func follow(_ list: ListPane, from former: ListState) -> Bool {
        let shown = list.positions(from: list.state.top)
        let before = list.positions(from: former.top)
        let kept = shown.clamped(to: before)
        guard let index = nodes.firstIndex(where: { $0.role == .list }),
            nodes[index].children.count == before.count
        else { return false }
        var fresh: [(position: Int, line: ListLine)] = []
        for position in shown
        where !kept.contains(position) || position == former.selection
            || position == list.state.selection
        {
            guard let line = list.line(position) else { return false }
            fresh.append((position, line))
        }
        if shown != before {
            scroll(list.rect, up: shown.lowerBound - before.lowerBound)
            let items = nodes[index].children
            nodes[index].children = shown.map { position in
                kept.contains(position)
                    ? items[position - before.lowerBound] : SemanticNode(.item, "")
            }
        }
        for (position, line) in fresh {
            clear(rect(of: position, in: list))
            nodes[index].children[position - shown.lowerBound] = write(
                line, at: position, of: list)
        }
        nodes[index].value = Self.standing(list)
        return true
    }

    /// Where the selection stands: `12/10000`.
    private static func standing(_ list: ListPane) -> SafeText {
        list.count == 0 ? "0" : SafeText("\(list.state.selection + 1)/\(list.count)")
    }

    private func rect(of position: Int, in list: ListPane) -> Rect {
        Rect(
            row: list.rect.row + position - list.state.top, column: list.rect.column, rows: 1,
            columns: list.rect.columns)
    }

    /// Writes a line of a list where it stands, with the mark if it is selected.
    private mutating func write(
        _ line: ListLine, at position: Int, of list: ListPane
    ) -> SemanticNode {
        let row = position - list.state.top
        let isSelected = position == list.state.selection
        write(line.runs, trailing: line.trailing, row: row, column: 1, in: list.rect)
        if isSelected {
            mark(row: row, in: list.rect, hasKeys: list.hasKeys)
            if list.hasKeys {
                placeCursor(Point(row: list.rect.row + row, column: list.rect.column + 1))
            }
        }
        let said = line.runs.said(with: line.trailing)
        return SemanticNode(
            .item, said.name, value: said.value, states: isSelected ? [.selected] : [],
            position: position)
    }
}
