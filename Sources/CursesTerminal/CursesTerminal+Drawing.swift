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
        styles = StyleTable(theme, depth: depth, hasTerminalColours: hasTerminalColours)
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
        for row in 0..<rows { draw(row: row, of: frame, isWhole: linked.contains(row), in: window) }
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
                repeating: Self.cell(" ", styles[.text]), count: link.columns.count)
            mvwadd_wchnstr(
                window, Int32(link.row), Int32(link.columns.lowerBound), blanks,
                Int32(blanks.count))
        }
        update(window)
        tray.hold()
        for link in fresh {
            var cells: [cchar_t] = []
            for column in link.columns {
                append(link.row, column, of: frame, width: 1, fits: true, to: &cells)
            }
            mvwadd_wchnstr(
                window, Int32(link.row), Int32(link.columns.lowerBound), cells,
                Int32(cells.count))
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

    /// Gives one row's changed stretch to ncurses, or all of it.
    private func draw(
        row: Int, of frame: Frame, isWhole: Bool, in window: UnsafeMutablePointer<WINDOW>
    ) {
        let columns = min(frame.size.columns, size.columns)
        let changed =
            isWhole ? 0..<columns : changedColumns(row, of: frame, columns: columns)
        guard var stretch = changed, !stretch.isEmpty else { return }
        if stretch.lowerBound > 0, frame.isRightHalf(row: row, column: stretch.lowerBound) {
            stretch = (stretch.lowerBound - 1)..<stretch.upperBound
        }
        while stretch.upperBound < columns, frame.isRightHalf(row: row, column: stretch.upperBound)
        {
            stretch = stretch.lowerBound..<(stretch.upperBound + 1)
        }
        var cells: [cchar_t] = []
        cells.reserveCapacity(stretch.count)
        for column in stretch where !frame.isRightHalf(row: row, column: column) {
            let next = column + 1
            let isWide = next < frame.size.columns && frame.isRightHalf(row: row, column: next)
            append(
                row, column, of: frame, width: isWide ? 2 : 1, fits: next < columns, to: &cells)
        }
        mvwadd_wchnstr(
            window, Int32(row), Int32(stretch.lowerBound), cells, Int32(cells.count))
    }

    private func changedColumns(_ row: Int, of frame: Frame, columns: Int) -> Range<Int>? {
        guard let shown, shown.size == frame.size else { return columns > 0 ? 0..<columns : nil }
        return frame.changedColumns(row, from: shown, columns: columns)
    }

    /// Adds what ncurses needs for one glyph, in the number of cells the frame gives it.
    private func append(
        _ row: Int, _ column: Int, of frame: Frame, width: Int, fits: Bool,
        to cells: inout [cchar_t]
    ) {
        if let (scalar, role) = frame.lone(row: row, column: column), width == 1 || fits,
            isDrawable(scalar, width: width)
        {
            return cells.append(Self.cell(scalar, styles[role]))
        }
        let cell = frame[row, column]
        let style = styles[cell.role]
        if width == 2, !fits {
            cells.append(Self.cell(" ", style))
        } else if isDrawable(cell.text, width: width) {
            cells.append(Self.cell(cell.text, style))
        } else {
            for character in Substitute.ascii(for: cell.text, cells: width) {
                cells.append(Self.cell(String(character), style))
            }
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
        return !profile.isASCII
            && Int(wcwidth(wchar_t(bitPattern: scalar.value))) == width
    }

    private static func cell(
        _ scalar: Unicode.Scalar, _ style: StyleTable.Entry
    ) -> cchar_t {
        var cell = cchar_t()
        cn_setcchar_one(
            &cell, wchar_t(bitPattern: scalar.value), style.attributes, style.pair)
        return cell
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
