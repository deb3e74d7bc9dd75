/// Where a person is in a list, and whether the detail of the selected line is open.
package struct ListState: Equatable, Sendable {
    /// The selected position.
    package internal(set) var selection = 0
    /// The position of the first line shown.
    var top = 0
    /// Whether the detail has the keys (or, in one pane, the screen).
    package internal(set) var isDetailOpen = false
    /// How many lines of the detail are scrolled away.
    var scroll = 0

    /// Selects a position and scrolls no more than needed.
    mutating func select(_ position: Int, count: Int, rows: Int) {
        let bounded = min(max(position, 0), max(count - 1, 0))
        if bounded != selection { scroll = 0 }
        selection = bounded
        let visible = max(rows, 1)
        top = min(max(top, selection - visible + 1), selection)
        top = min(max(top, 0), max(count - visible, 0))
    }
}
