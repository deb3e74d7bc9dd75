import CNcursesw
import Glibc
package import TerminalCore

// What goes to the screen.
extension CursesTerminal {
    /// The terminal's size now, at least 1 by 1.
    package var size: Size {
        Size(columns: Int(getmaxx(cn_stdscr())), rows: Int(getmaxy(cn_stdscr())))
    }

    /// Changes the theme; the frame on the screen is drawn again.
    package func setTheme(_ theme: Theme) {
        guard !isClosed else { return }
        styles = StyleTable(
            theme, depth: depth, hasTerminalColours: hasTerminalColours,
            maySwap: tray.canSwapColours)
        tray.use(styles.own)
        redraw()
    }

    /// Puts a text into the clipboard of the terminal, where it takes one.
    ///
    /// - Parameter base64: The text's bytes as Base64.
    package func copy(base64: String) {
        guard !isClosed else { return }
        tray.send(more: profile.copyBytes(base64), synchronized: false)
    }

    /// Listens to the mouse, or leaves it to the terminal, which selects text with it then.
    package func useMouse(_ isUsed: Bool) {
        usesMouse = isUsed
        guard !isClosed, hasSentOpening else { return }
        tray.send(more: profile.mouseBytes(isUsed), synchronized: false)
    }

    func redraw() {
        guard let frame = shown else { return }
        shown = nil
        clearok(cn_curscr(), true)
        draw(frame)
    }

    /// Shows a frame: sends what differs from the last one, in one go, and places the cursor.
    ///
    /// A frame larger than the terminal is cut off; of a smaller one the rest is left as it was.
    package func draw(_ frame: Frame) {
        guard !isClosed, let window = cn_stdscr() else { return }
        let rows = min(frame.size.rows, size.rows)
        let linked = drawLinks(of: frame, in: window)
        var changed = (0..<rows).map { changedColumns($0, of: frame) }
        if linked.isEmpty { scroll(to: frame, &changed, in: window) }
        for row in linked { changed[row] = 0..<columnCount(of: frame) }
        for (row, columns) in changed.enumerated() {
            if let columns { draw(row: row, columns, of: frame, in: window) }
        }
        let cursor = frame.cursor.flatMap { frame.bounds.contains($0) ? $0 : nil }
        if let cursor, cursor.row < size.rows, cursor.column < size.columns {
            curs_set(1)
            wmove(window, Int32(cursor.row), Int32(cursor.column))
        } else {
            curs_set(0)
        }
        update(window)
        // After the first frame: nothing is asked of the terminal before it shows something.
        let mouse = usesMouse ? "" : profile.mouseBytes(false)
        let more = hasSentOpening ? "" : profile.openingBytes + mouse
        hasSentOpening = true
        tray.send(more: more, synchronized: parser.knowsSynchronizedOutput)
        shown = frame
        shown?.semantics = nil
    }

    /// Draws what became a link by itself, so that nothing but its text stands between its marks.
    ///
    /// ncurses knows no links and sends no cell again that stays the same: what is or was a link is
    /// blanked first.
    ///
    /// - Returns: The rows it touched, which have to be given to ncurses whole.
    private func drawLinks(
        of frame: Frame, in window: UnsafeMutablePointer<WINDOW>
    ) -> Set<Int> {
        guard profile.isXtermLike else { return [] }
        let former = shown?.size == frame.size ? shown?.links ?? [] : []
        guard former != frame.links else { return [] }
        let isSeen: (Frame.Link) -> Bool = { [size] in
            $0.row < size.rows && $0.columns.upperBound <= size.columns
        }
        let gone = former.filter { !frame.links.contains($0) && isSeen($0) }
        let fresh = frame.links.filter { !former.contains($0) && isSeen($0) }
        for link in gone + fresh {
            let blanks = [cchar_t](
                repeating: styles[.text].blank, count: link.columns.count)
            mvwadd_wchnstr(
                window, Int32(link.row), Int32(link.columns.lowerBound), blanks,
                Int32(blanks.count))
        }
        update(window)
        tray.hold()
        for link in fresh {
            draw(row: link.row, link.columns, of: frame, in: window)
            update(window)
            let marks = profile.linkBytes(link.address)
            tray.hold(before: marks.before, after: marks.after)
        }
        return Set((gone + fresh).map(\.row))
    }

    private func update(_ window: UnsafeMutablePointer<WINDOW>) {
        wnoutrefresh(window)
        doupdate()
    }

    /// How many columns of a frame the terminal has.
    private func columnCount(of frame: Frame) -> Int { min(frame.size.columns, size.columns) }

    /// The columns of a row that are not as they are on the screen.
    private func changedColumns(_ row: Int, of frame: Frame) -> Range<Int>? {
        let columns = columnCount(of: frame)
        guard let shown, shown.size == frame.size else { return columns > 0 ? 0..<columns : nil }
        return frame.changedColumns(row, from: shown, columns: columns)
    }

    /// Has ncurses move rows that only stand further up or down, so that they need not be given to it.
    ///
    /// - Parameters:
    ///   - frame: The frame to be shown.
    ///   - changed: The columns of each row that differ from what is shown; what is left of them.
    ///   - window: Where ncurses draws.
    private func scroll(
        to frame: Frame, _ changed: inout [Range<Int>?], in window: UnsafeMutablePointer<WINDOW>
    ) {
        // A line or a turn of the wheel; what moves further is written anew.
        guard let shown, shown.size == frame.size, frame.size == size,
            let (rows, up) = frame.scrolled(
                from: shown, by: [1, -1, 3, -3], changed.map { $0 != nil })
        else { return }
        let former = rows.lowerBound + up..<rows.upperBound + up
        let region =
            min(rows.lowerBound, former.lowerBound)..<max(rows.upperBound, former.upperBound)
        wsetscrreg(window, Int32(region.lowerBound), Int32(region.upperBound - 1))
        scrollok(window, true)
        wscrl(window, Int32(up))
        // Nothing scrolls when the last cell of the screen is written.
        scrollok(window, false)
        wsetscrreg(window, 0, Int32(size.rows - 1))
        for row in region { changed[row] = rows.contains(row) ? nil : 0..<size.columns }
    }

    /// Gives a stretch of a row to ncurses.
    private func draw(
        row: Int, _ changed: Range<Int>, of frame: Frame, in window: UnsafeMutablePointer<WINDOW>
    ) {
        let columns = columnCount(of: frame)
        var stretch = changed
        if stretch.lowerBound > 0, frame.isRightHalf(row: row, column: stretch.lowerBound) {
            stretch = (stretch.lowerBound - 1)..<stretch.upperBound
        }
        while stretch.upperBound < columns, frame.isRightHalf(row: row, column: stretch.upperBound)
        {
            stretch = stretch.lowerBound..<(stretch.upperBound + 1)
        }
        let cells = cells(row: row, stretch, of: frame)
        mvwadd_wchnstr(
            window, Int32(row), Int32(stretch.lowerBound), cells, Int32(cells.count))
    }

    /// What ncurses needs for a stretch of a row, each glyph in the number of cells the frame gives it.
    private func cells(row: Int, _ stretch: Range<Int>, of frame: Frame) -> [cchar_t] {
        let columns = columnCount(of: frame)
        let styles = styles
        var cells: [cchar_t] = []
        cells.reserveCapacity(stretch.count)
        frame.forEachGlyph(row: row, columns: stretch) { column, scalar, role, isWide in
            let style = styles[role]
            let width = isWide ? 2 : 1
            if column + width > columns {
                cells.append(style.blank)
            } else if let scalar {
                if isDrawable(scalar, width: width) { return cells.append(style.cell(scalar)) }
                append(String(scalar), style, width, to: &cells)
            } else {
                append(frame[row, column].text, style, width, to: &cells)
            }
        }
        return cells
    }

    /// Adds a text that fills so many cells, or what stands for it.
    private func append(
        _ text: String, _ style: StyleTable.Entry, _ width: Int, to cells: inout [cchar_t]
    ) {
        if isDrawable(text, width: width) { return cells.append(Self.cell(text, style)) }
        for character in Substitute.ascii(for: text, cells: width) {
            cells.append(Self.cell(String(character), style))
        }
    }

    /// Whether the terminal shows this, and ncurses counts the cells that the frame does.
    private func isDrawable(_ text: String, width: Int) -> Bool {
        let scalars = text.unicodeScalars
        if let scalar = scalars.first, scalars.count == 1 {
            return isDrawable(scalar, width: width)
        }
        if profile.isASCII { return false }
        var total: Int32 = 0
        for (index, scalar) in scalars.enumerated() {
            let cells = wcwidth(wchar_t(bitPattern: scalar.value))
            if cells < 0 || (index > 0 && cells > 0) { return false }
            total += cells
        }
        return Int(total) == width
    }

    private func isDrawable(_ scalar: Unicode.Scalar, width: Int) -> Bool {
        if scalar.isASCII { return width == 1 }
        if profile.isASCII { return false }
        // Lines and bars are many times the same.
        if scalar != lastMeasured.scalar {
            lastMeasured = (scalar, Int(wcwidth(wchar_t(bitPattern: scalar.value))))
        }
        return lastMeasured.cells == width
    }

    private static func cell(_ text: String, _ style: StyleTable.Entry) -> cchar_t {
        var cell = cchar_t()
        var wide = text.unicodeScalars.prefix(Int(CCHARW_MAX)).map {
            wchar_t(bitPattern: $0.value)
        }
        wide.append(0)
        cn_setcchar(&cell, wide, style.attributes, style.pair)
        return cell
    }
}
