/// A terminal size in cells.
package struct Size: Hashable, Sendable {
    /// Cells from left to right, 0 or more.
    package var columns: Int
    /// Cells from top to bottom, 0 or more.
    package var rows: Int

    /// Makes a size; negative numbers count as 0, and at most 1,000 cells each way.
    package init(columns: Int, rows: Int) {
        self.columns = min(max(columns, 0), Size.limit)
        self.rows = min(max(rows, 0), Size.limit)
    }

    /// The largest number of columns or rows: no terminal is larger, and a frame stays small.
    package static let limit = 1_000
}

/// A cell's place, counted from 0 at the top left.
package struct Point: Hashable, Sendable {
    /// Row, 0 at the top.
    package var row: Int
    /// Column, 0 at the left.
    package var column: Int

    /// Makes a point.
    package init(row: Int, column: Int) {
        self.row = row
        self.column = column
    }
}

/// A rectangle of cells.
///
/// It may be empty, and may lie partly outside a frame.
package struct Rect: Hashable, Sendable {
    /// First row.
    package var row: Int
    /// First column.
    package var column: Int
    /// Number of rows, 0 or more.
    package var rows: Int
    /// Number of columns, 0 or more.
    package var columns: Int

    /// Makes a rectangle; negative numbers of rows or columns count as 0.
    package init(row: Int, column: Int, rows: Int, columns: Int) {
        self.row = row
        self.column = column
        self.rows = max(rows, 0)
        self.columns = max(columns, 0)
    }

    /// Makes the rectangle of a whole screen.
    package init(_ size: Size) {
        self.init(row: 0, column: 0, rows: size.rows, columns: size.columns)
    }

    /// The row after the last one.
    package var endRow: Int { row + rows }
    /// The column after the last one.
    package var endColumn: Int { column + columns }
    /// Whether there is no cell in it.
    package var isEmpty: Bool { rows == 0 || columns == 0 }
    /// Its size.
    package var size: Size { Size(columns: columns, rows: rows) }

    /// Returns whether the point lies inside.
    package func contains(_ point: Point) -> Bool {
        point.row >= row && point.row < endRow && point.column >= column
            && point.column < endColumn
    }

    /// Returns the rectangle made smaller on each side; empty where nothing is left.
    package func inset(top: Int = 0, left: Int = 0, bottom: Int = 0, right: Int = 0) -> Rect {
        Rect(
            row: row + top, column: column + left, rows: rows - top - bottom,
            columns: columns - left - right)
    }

    /// Returns the rectangle made smaller by the same number of cells on every side.
    package func inset(by cells: Int) -> Rect {
        inset(top: cells, left: cells, bottom: cells, right: cells)
    }

    /// Splits off rows at the top, at most all of them.
    package func splitTop(_ count: Int) -> (top: Rect, rest: Rect) {
        let taken = min(max(count, 0), rows)
        return (
            Rect(row: row, column: column, rows: taken, columns: columns), inset(top: taken)
        )
    }

    /// Splits off rows at the bottom, at most all of them.
    package func splitBottom(_ count: Int) -> (rest: Rect, bottom: Rect) {
        let taken = min(max(count, 0), rows)
        let parts = splitTop(rows - taken)
        return (parts.top, parts.rest)
    }

    /// Splits off columns at the left, at most all of them.
    package func splitLeft(_ count: Int) -> (left: Rect, rest: Rect) {
        let taken = min(max(count, 0), columns)
        return (
            Rect(row: row, column: column, rows: rows, columns: taken), inset(left: taken)
        )
    }

    /// Splits off columns at the right, at most all of them.
    package func splitRight(_ count: Int) -> (rest: Rect, right: Rect) {
        let taken = min(max(count, 0), columns)
        let parts = splitLeft(columns - taken)
        return (parts.left, parts.rest)
    }

    /// Returns a rectangle of the given size in the middle of this one, cut to fit.
    package func centred(_ size: Size) -> Rect {
        let height = min(size.rows, rows)
        let width = min(size.columns, columns)
        return Rect(
            row: row + (rows - height) / 2, column: column + (columns - width) / 2, rows: height,
            columns: width)
    }

    /// Returns the part both rectangles have in common; empty where there is none.
    package func intersection(_ other: Rect) -> Rect {
        let top = max(row, other.row)
        let left = max(column, other.column)
        return Rect(
            row: top, column: left, rows: min(endRow, other.endRow) - top,
            columns: min(endColumn, other.endColumn) - left)
    }
}
