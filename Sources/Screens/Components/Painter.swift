import TerminalCore

/// A part of the screen that can be clicked.
struct HitArea: Equatable {
    let rect: Rect
    let message: Message
}

/// Draws into a frame and notes, beside it, what it means and what can be clicked.
struct Painter {
    private(set) var frame: Frame
    var nodes: [SemanticNode] = []
    var hits: [HitArea] = []
    let say: Words
    /// Whether the selected line is a bar and not a mark beside it.
    let marksByBar: Bool

    init(size: Size, textWidth: TextWidth, say: Words, marksByBar: Bool = false) {
        self.marksByBar = marksByBar
        frame = Frame(size: size, textWidth: textWidth)
        self.say = say
    }

    /// Goes on drawing in a finished frame.
    init(on finished: Frame, say: Words, marksByBar: Bool) {
        self.marksByBar = marksByBar
        self.say = say
        frame = finished
        nodes = finished.semantics?.children ?? []
        frame.semantics = nil
    }

    var textWidth: TextWidth { frame.textWidth }

    mutating func placeCursor(_ point: Point?) {
        guard let point, frame.bounds.contains(point) else { return }
        frame.cursor = point
    }

    mutating func clearCursor() { frame.cursor = nil }

    /// What lies below something is no link any more.
    mutating func clearLinks() { frame.links = [] }

    /// The frame with its meaning.
    func finished(name: SafeText) -> Frame {
        var done = frame
        done.semantics = SemanticNode(.screen, name, children: nodes)
        return done
    }

    // MARK: Rows

    /// Writes runs one after the other; the last is cut with `…` at the end of `rect`.
    @discardableResult
    mutating func write(_ runs: [Run], row: Int, column: Int = 0, in rect: Rect) -> Int {
        var position = column
        for run in runs {
            let room = rect.columns - position
            guard room > 0 else { break }
            let shown = textWidth.truncate(run.text, cells: room)
            position = frame.write(shown, row: row, column: position, role: run.role, in: rect)
        }
        return position
    }

    /// Writes runs at the left and runs at the right; the left ones give way.
    mutating func write(
        _ runs: [Run], trailing: [Run], row: Int, column: Int = 0, in rect: Rect
    ) {
        let used = trailing.reduce(0) { $0 + textWidth.cells(of: $1.text) }
        let gap = used > 0 ? used + 1 : 0
        write(runs, row: row, column: column, in: rect.inset(right: gap))
        if used > 0, used <= rect.columns {
            write(trailing, row: row, column: rect.columns - used, in: rect)
        }
    }

    /// Writes a muted text below a heading, wrapped: why there is no line.
    mutating func explain(_ text: SafeText, row: Int, in rect: Rect) {
        for (offset, line) in textWidth.wrap(text, cells: rect.columns - 2).enumerated() {
            write([Run(line, .textMuted)], row: row + offset, column: 1, in: rect)
        }
    }

    mutating func rule(row: Int, column: Int = 0, columns: Int? = nil) {
        frame.horizontalRule(row: row, column: column, columns: columns)
    }

    mutating func verticalRule(column: Int, in rect: Rect) {
        frame.verticalRule(row: rect.row, column: column, rows: rect.rows)
    }

    mutating func clear(_ rect: Rect, role: StyleRole = .text) {
        frame.fill(rect, role: role)
    }

    mutating func scroll(_ rect: Rect, up rows: Int) { frame.scroll(rect, up: rows) }

    mutating func box(_ rect: Rect, title: SafeText) -> Rect {
        frame.fill(rect)
        return frame.box(rect, title: title, role: .borderActive)
    }

    // MARK: Documents and lists

    /// Draws the part of a document that starts `scroll` rows below its top.
    ///
    /// - Returns: The scroll used: no further than needed, and so that the choice with the keys
    ///   is seen.
    @discardableResult
    mutating func draw(_ document: Document, in rect: Rect, scroll: Int, hasKeys: Bool) -> Int {
        var top = min(max(scroll, 0), max(document.rows.count - rect.rows, 0))
        if let focus = document.focusRow ?? document.inputPoint?.row {
            let last =
                focus + 1 < document.rows.count
                    && document.rows[focus + 1].choice == document.rows[focus].choice
                    && document.rows[focus].choice != nil ? focus + 1 : focus
            top = max(top, last - rect.rows + 1)
            top = min(top, focus)
        }
        let text = document.rows.count > rect.rows ? rect.inset(right: 2) : rect
        for offset in 0..<rect.rows where top + offset < document.rows.count {
            let row = document.rows[top + offset]
            write(row.runs, trailing: row.trailing, row: offset, column: 1, in: text)
            if let address = row.link { link(row, address, offset, in: text) }
            if row.isFocused { mark(row: offset, in: rect, hasKeys: hasKeys) }
            if let choice = row.choice {
                hits.append(
                    HitArea(
                        rect: Rect(
                            row: rect.row + offset, column: rect.column, rows: 1,
                            columns: rect.columns),
                        message: .dialog(.picked(choice))))
            }
        }
        if document.rows.count > top + rect.rows, rect.rows > 0 {
            write(
                [Run(narrow("↓", or: "v"), .textMuted)], row: rect.rows - 1,
                column: rect.columns - 1, in: rect)
        }
        if top > 0 {
            write(
                [Run(narrow("↑", or: "^"), .textMuted)], row: 0, column: rect.columns - 1,
                in: rect)
        }
        if hasKeys {
            let point = document.inputPoint ?? Point(row: document.focusRow ?? top, column: 1)
            placeCursor(
                Point(row: rect.row + point.row - top, column: rect.column + point.column))
        }
        return top
    }

    /// Has the last run of a row lead to an address.
    private mutating func link(
        _ row: Document.Row, _ address: String, _ offset: Int, in rect: Rect
    ) {
        let before = row.runs.dropLast().reduce(1) { $0 + textWidth.cells(of: $1.text) }
        let end = min(
            before + (row.runs.last.map { textWidth.cells(of: $0.text) } ?? 0), rect.columns)
        guard before < end else { return }
        frame.links.append(
            Frame.Link(
                row: rect.row + offset, columns: rect.column + before..<rect.column + end,
                address: address))
    }

    /// A sign for the one cell it has, or its look-alike where it would take two.
    private func narrow(_ sign: SafeText, or other: SafeText) -> SafeText {
        textWidth.cells(of: sign) == 1 ? sign : other
    }

    /// Shows that a row is selected; the thin mark stands where the keys are elsewhere.
    mutating func mark(row: Int, in rect: Rect, hasKeys: Bool) {
        guard marksByBar else {
            let sign = hasKeys ? narrow("▌", or: ">") : narrow("▏", or: "|")
            write([Run(sign, .marker)], row: row, in: rect)
            return
        }
        frame.setRole(
            hasKeys ? .selection : .selectionInactive,
            in: Rect(row: rect.row + row, column: rect.column, rows: 1, columns: rect.columns))
    }
}
