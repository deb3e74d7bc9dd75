/// One cell of a frame.
package struct Cell: Hashable, Sendable {
    /// What it shows; empty in the right half of a wide character.
    package let text: String
    /// What it means.
    package let role: StyleRole

    /// Makes a cell.
    package init(text: String, role: StyleRole) {
        self.text = text
        self.role = role
    }

    /// Whether it is the right half of the wide character before it.
    package var isRightHalf: Bool { text.isEmpty }
}

/// A screen as a value: a grid of cells, a cursor, and what it all means.
///
/// Nothing is ever drawn outside; a wide character is never cut in half: where an edge or an
/// overlay would do so, the half that is left becomes blank.
package struct Frame: Equatable, Sendable {
    /// Its size.
    package let size: Size
    /// How its cells are counted.
    package let textWidth: TextWidth
    /// The cells, row by row; `size.rows * size.columns` of them.
    private var cells: CellGrid
    /// Where the cursor stands and is seen; `nil` hides it.
    ///
    /// Screens put it on what has the keys.
    package var cursor: Point?
    /// The stretches of cells that are links, where the terminal knows links.
    package var links: [Link] = []
    /// What the screen says.
    package var semantics: SemanticNode?

    /// A stretch of cells in one row that leads to an address.
    package struct Link: Hashable, Sendable {
        /// The row.
        package let row: Int
        /// The columns.
        package let columns: Range<Int>
        /// The address: printable ASCII.
        package let address: String

        /// Makes a link.
        package init(row: Int, columns: Range<Int>, address: String) {
            self.row = row
            self.columns = columns
            self.address = address
        }
    }

    /// Makes an empty frame.
    package init(size: Size, textWidth: TextWidth = .standard) {
        self.size = size
        self.textWidth = textWidth
        self.cells = CellGrid(size)
    }

    /// The rectangle of the whole frame.
    package var bounds: Rect { Rect(size) }

    /// Returns the cell at a place, which has to lie inside.
    package subscript(row: Int, column: Int) -> Cell {
        precondition(bounds.contains(Point(row: row, column: column)), "cell outside the frame")
        return cells[row * size.columns + column]
    }

    /// Calls `body` with what begins in each of a row's cells: its column; its scalar, `nil` where it
    /// has several; its role; and whether it takes the next cell, too.
    package func forEachGlyph(
        row: Int, columns: Range<Int>,
        _ body: (_ column: Int, Unicode.Scalar?, StyleRole, _ isWide: Bool) -> Void
    ) {
        let start = row * size.columns
        cells.forEachGlyph(in: start + columns.lowerBound..<start + columns.upperBound) {
            body($0 - start, $1, $2, $3)
        }
    }

    /// Whether the cell at a place, which has to lie inside, is half of the wide one before it.
    package func isRightHalf(row: Int, column: Int) -> Bool {
        cells.isRightHalf(row * size.columns + column)
    }

    /// Whether anything takes two cells.
    package var hasWideText: Bool { cells.hasWideText }

    // MARK: Text

    /// Writes text in one row.
    ///
    /// - Parameters:
    ///   - text: What to write.
    ///   - row: Row counted from the top of `rect`.
    ///   - column: Column counted from the left of `rect`; may be negative, the start is cut off.
    ///   - role: What it means.
    ///   - rect: Where drawing is allowed; the whole frame if not given.
    /// - Returns: The column, counted from the left of `rect`, after the last cell written.
    @discardableResult
    package mutating func write(
        _ text: SafeText, row: Int, column: Int = 0, role: StyleRole = .text, in rect: Rect? = nil
    ) -> Int {
        let area = rect ?? bounds
        let allowed = area.intersection(bounds)
        let line = area.row + row
        var position = area.column + column
        guard line >= allowed.row, line < allowed.endRow, !allowed.isEmpty else { return column }
        if LoneScalars.isAll(of: text.string) {
            for scalar in text.string.unicodeScalars where position < allowed.endColumn {
                let width = scalar.value < 0x7F ? 1 : textWidth.cells(of: scalar)
                if width == 1, position >= allowed.column {
                    cells.put(scalar, role, at: line * size.columns + position)
                } else {
                    put(
                        Glyph(text: String(scalar), cells: width), row: line, column: position,
                        role: role, allowed: allowed)
                }
                position += width
            }
            return min(position, allowed.endColumn) - area.column
        }
        for character in text.string {
            textWidth.forEachGlyph(of: character) { glyph in
                put(glyph, row: line, column: position, role: role, allowed: allowed)
                position += glyph.cells
            }
            if position >= allowed.endColumn { break }
        }
        return min(position, allowed.endColumn) - area.column
    }

    /// Writes lines one below the other, starting at the top left of `rect` or below.
    ///
    /// - Returns: The row, counted from the top of `rect`, after the last line that fitted.
    @discardableResult
    package mutating func write(
        _ lines: [SafeText], row: Int = 0, column: Int = 0, role: StyleRole = .text, in rect: Rect
    ) -> Int {
        for (offset, line) in lines.enumerated() where row + offset < rect.rows {
            write(line, row: row + offset, column: column, role: role, in: rect)
        }
        return min(row + lines.count, rect.rows)
    }

    private mutating func put(
        _ glyph: Glyph, row: Int, column: Int, role: StyleRole, allowed: Rect
    ) {
        let end = column + glyph.cells
        let start = row * size.columns
        if column >= allowed.column, end <= allowed.endColumn {
            cells.put(glyph.text, role, at: start + column)
            if glyph.cells == 2 { cells.putRightHalf(role, at: start + column + 1) }
            return
        }
        for half in max(column, allowed.column)..<max(min(end, allowed.endColumn), column)
        where half < allowed.endColumn {
            cells.put(" ", role, at: start + half)
        }
    }

    /// Returns the columns between which a row differs from that of another frame of this size.
    ///
    /// - Returns: `nil` where it does not. Columns from `columns` on are not compared.
    package func changedColumns(_ row: Int, from other: Frame, columns: Int) -> Range<Int>? {
        precondition(size == other.size, "frames of two sizes")
        let start = row * size.columns
        return cells.differing(start..<start + min(columns, size.columns), from: other.cells)
            .map { $0.lowerBound - start..<$0.upperBound - start }
    }

    /// Finds rows that another frame of this size has as many rows further down.
    ///
    /// - Parameters:
    ///   - other: The other frame.
    ///   - shifts: How many rows further down is looked for; negative for further up.
    ///   - candidates: By row, whether it may be one of them.
    /// - Returns: The longest such stretch of rows, as they stand here; `nil` for fewer than eight.
    package func scrolled(
        from other: Frame, by shifts: [Int], _ candidates: [Bool]
    ) -> (rows: Range<Int>, up: Int)? {
        var best: (rows: Range<Int>, up: Int)?
        for shift in shifts {
            var length = 0
            for row in 0..<size.rows {
                let isThere =
                    candidates[row] && (0..<size.rows).contains(row + shift)
                    && cells.isSame(
                        row * size.columns..<(row + 1) * size.columns, in: other.cells,
                        shift: shift * size.columns)
                length = isThere ? length + 1 : 0
                if length >= 8, length > best?.rows.count ?? 0 {
                    best = (row + 1 - length..<row + 1, shift)
                }
            }
        }
        return best
    }

    // MARK: Areas

    /// Whether text of several scalars in one cell was written; what replaces it does not give back
    /// its room.
    package var hasClusters: Bool { cells.hasClusters }

    /// Moves the rows of an area up, or down where `rows` is negative; what comes in is blank.
    ///
    /// Wide characters must not lie across its edges.
    package mutating func scroll(_ rect: Rect, up rows: Int) {
        let area = rect.intersection(bounds)
        guard rows != 0, !area.isEmpty else { return }
        let inside = area.row..<area.endRow
        for row in rows > 0 ? Array(inside) : inside.reversed() {
            let start = row * size.columns + area.column
            if inside.contains(row + rows) {
                let from = start + rows * size.columns
                cells.copy(from..<from + area.columns, to: start)
            } else {
                cells.fill(start..<start + area.columns, with: " ", .text)
            }
        }
    }

    /// Fills an area with one scalar, which has to be one cell wide.
    package mutating func fill(
        _ rect: Rect, with character: Character = " ", role: StyleRole = .text
    ) {
        let area = rect.intersection(bounds)
        let scalars = character.unicodeScalars
        let isNarrow = scalars.count == 1 && textWidth.cells(of: character) == 1
        let scalar = isNarrow ? scalars[scalars.startIndex] : " "
        for row in area.row..<max(area.endRow, area.row) where !area.isEmpty {
            let start = row * size.columns + area.column
            cells.fill(start..<start + area.columns, with: scalar, role)
        }
    }

    /// Changes what an area means and leaves its text.
    package mutating func setRole(_ role: StyleRole, in rect: Rect) {
        let area = rect.intersection(bounds)
        for row in area.row..<max(area.endRow, area.row) {
            for column in area.column..<max(area.endColumn, area.column) {
                cells.setRole(role, at: row * size.columns + column)
            }
        }
    }

    /// How lines are drawn.
    package enum LineStyle: Hashable, Sendable {
        /// `─│┌┐└┘`
        case light
        /// `-|+`, for terminals without line characters or where they are two cells wide.
        case ascii

        var characters: (horizontal: Character, vertical: Character, corners: [Character]) {
            switch self {
            case .light: ("─", "│", ["┌", "┐", "└", "┘"])
            case .ascii: ("-", "|", ["+", "+", "+", "+"])
            }
        }
    }

    private func usable(_ style: LineStyle) -> LineStyle {
        textWidth.ambiguous == .two ? .ascii : style
    }

    /// Draws a line from left to right.
    package mutating func horizontalRule(
        row: Int, column: Int = 0, columns: Int? = nil, role: StyleRole = .border,
        style: LineStyle = .light
    ) {
        let line = Rect(row: row, column: column, rows: 1, columns: columns ?? size.columns)
        fill(line, with: usable(style).characters.horizontal, role: role)
    }

    /// Draws a line from top to bottom.
    package mutating func verticalRule(
        row: Int = 0, column: Int, rows: Int? = nil, role: StyleRole = .border,
        style: LineStyle = .light
    ) {
        let line = Rect(row: row, column: column, rows: rows ?? size.rows, columns: 1)
        fill(line, with: usable(style).characters.vertical, role: role)
    }

    /// Draws a box along the inner edge of a rectangle, with a title in its upper line.
    ///
    /// - Returns: The rectangle inside the box.
    @discardableResult
    package mutating func box(
        _ rect: Rect, title: SafeText = .empty, role: StyleRole = .border,
        titleRole: StyleRole = .heading, style: LineStyle = .light
    ) -> Rect {
        let inside = rect.inset(by: 1)
        guard rect.rows >= 2, rect.columns >= 2 else { return inside }
        let corners = usable(style).characters.corners
        let columns = rect.columns
        horizontalRule(
            row: rect.row, column: rect.column, columns: columns, role: role, style: style)
        horizontalRule(
            row: rect.endRow - 1, column: rect.column, columns: columns, role: role, style: style)
        for column in [rect.column, rect.endColumn - 1] {
            verticalRule(
                row: rect.row + 1, column: column, rows: rect.rows - 2, role: role, style: style)
        }
        let places = [
            (rect.row, rect.column), (rect.row, rect.endColumn - 1),
            (rect.endRow - 1, rect.column), (rect.endRow - 1, rect.endColumn - 1),
        ]
        for (corner, place) in zip(corners, places) {
            fill(Rect(row: place.0, column: place.1, rows: 1, columns: 1), with: corner, role: role)
        }
        if !title.isEmpty, columns > 6 {
            let shown = textWidth.truncate(title, cells: columns - 6)
            write(" \(shown) ", row: 0, column: 2, role: titleRole, in: rect)
        }
        return inside
    }

    /// Lays another frame over this one, its top left at `origin`; what lies outside is cut off.
    ///
    /// Its cursor replaces this one's, also when it has none: what lies on top has the keys.
    package mutating func overlay(_ other: Frame, at origin: Point) {
        let target = Rect(
            row: origin.row, column: origin.column, rows: other.size.rows,
            columns: other.size.columns)
        let area = target.intersection(bounds)
        for row in area.row..<max(area.endRow, area.row) {
            for column in area.column..<max(area.endColumn, area.column) {
                let cell = other[row - origin.row, column - origin.column]
                let isCut = cell.isRightHalf && column == area.column
                let loses =
                    column == area.endColumn - 1 && area.endColumn < target.endColumn
                    && other[row - origin.row, column - origin.column + 1].isRightHalf
                let text = isCut || loses ? " " : cell.text
                cells.put(text, cell.role, at: row * size.columns + column)
            }
        }
        cursor = other.cursor.map {
            Point(row: $0.row + origin.row, column: $0.column + origin.column)
        }
    }
}

// MARK: - Reading a frame

extension Frame {
    /// A stretch of cells in one row with one role.
    package struct RoleRun: Hashable, Sendable {
        /// Row.
        package let row: Int
        /// The columns.
        package let columns: Range<Int>
        /// The role.
        package let role: StyleRole

        /// Makes a stretch.
        package init(row: Int, columns: Range<Int>, role: StyleRole) {
            self.row = row
            self.columns = columns
            self.role = role
        }
    }

    /// The text of one row as the terminal shows it, spaces at its end left out.
    package func text(row: Int) -> String {
        guard row >= 0, row < size.rows else { return "" }
        let line = (0..<size.columns).map { self[row, $0].text }
        let end = line.lastIndex { $0 != " " && !$0.isEmpty }.map { $0 + 1 }
        guard let end else { return "" }
        return line[..<end].joined()
    }

    /// The text of all rows, spaces at the end of each left out.
    package var rows: [String] { (0..<size.rows).map(text(row:)) }

    /// All stretches whose role is not `text`, from the top left to the bottom right.
    package var roleRuns: [RoleRun] {
        var runs: [RoleRun] = []
        for row in 0..<size.rows {
            var start = 0
            while start < size.columns {
                let role = self[row, start].role
                var end = start + 1
                while end < size.columns, self[row, end].role == role { end += 1 }
                if role != .text {
                    runs.append(RoleRun(row: row, columns: start..<end, role: role))
                }
                start = end
            }
        }
        return runs
    }
}
