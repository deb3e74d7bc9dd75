import TerminalCore

/// A stretch of text with what it means.
struct Run: Equatable {
    var text: SafeText
    var role: StyleRole

    init(_ text: SafeText, _ role: StyleRole = .text) {
        self.text = text
        self.role = role
    }
}

/// Lines of text from top to bottom, wrapped to a width: details, sheets, help.
///
/// Column 0 is kept for the mark of the choice that has the keys; text starts in column 1.
struct Document {
    let width: Int
    let textWidth: TextWidth
    private(set) var rows: [Row] = []
    var nodes: [SemanticNode] = []
    /// The row of the choice that has the keys.
    private(set) var focusRow: Int?
    /// Where the cursor stands while text is typed.
    private(set) var inputPoint: Point?

    struct Row: Equatable {
        var runs: [Run] = []
        var trailing: [Run] = []
        /// The position of the choice this row belongs to.
        var choice: Int?
        var isFocused = false
        /// The address that the last of its runs leads to.
        var link: String?
    }

    init(width: Int, textWidth: TextWidth) {
        self.width = width
        self.textWidth = textWidth
    }

    /// One column for the mark; two at the end for the arrows of a text that is cut.
    private var room: Int { max(width - 3, 1) }

    // MARK: Text

    mutating func blank() {
        if !rows.isEmpty { rows.append(Row()) }
    }

    mutating func text(_ text: SafeText, _ role: StyleRole = .text, node: Bool = true) {
        for line in textWidth.wrap(text, cells: room) { rows.append(Row(runs: [Run(line, role)])) }
        if node { nodes.append(SemanticNode(.text, text)) }
    }

    mutating func heading(_ text: SafeText, trailing: [Run] = []) {
        let used = trailing.reduce(0) { $0 + textWidth.cells(of: $1.text) }
        let lines = textWidth.wrap(text, cells: max(room - used - (used > 0 ? 1 : 0), 8))
        for (index, line) in lines.enumerated() {
            rows.append(
                Row(runs: [Run(line, .heading)], trailing: index == 0 ? trailing : []))
        }
        nodes.append(SemanticNode(.heading, text, value: Self.joined(trailing)))
    }

    /// One row of runs that is cut where it is too long.
    mutating func line(_ runs: [Run], trailing: [Run] = []) {
        rows.append(Row(runs: runs, trailing: trailing))
        nodes.append(SemanticNode(.text, Self.joined(runs) ?? "", value: Self.joined(trailing)))
    }

    /// Rows drawn only for the eye: what they show is said by a node of its own.
    mutating func drawing(_ lines: [[Run]]) {
        rows.append(contentsOf: lines.map { Row(runs: $0) })
    }

    /// A name and its value, the values below each other in a column.
    mutating func field(
        _ label: SafeText, _ value: SafeText, _ role: StyleRole = .text, labelWidth: Int = 10
    ) {
        guard !value.isEmpty else { return }
        fields(label, [Run(value, role)], labelWidth: labelWidth)
    }

    /// A name and an address below it in the column of values, which is a link where `isLink` says so.
    mutating func address(
        _ label: SafeText, _ before: SafeText, _ address: String, isLink: Bool,
        labelWidth: Int = 10
    ) {
        let text = SafeText(untrusted: address)
        let values = before.isEmpty ? [] : [Run(before, .textMuted)]
        let former = rows.count
        fields(label, values + [Run(text, isLink ? .link : .textMuted)], labelWidth: labelWidth)
        guard isLink else { return }
        for row in rows.indices[former...] where rows[row].runs.last?.role == .link {
            rows[row].link = address
        }
    }

    /// A name and several values, each on lines of its own.
    mutating func fields(_ label: SafeText, _ values: [Run], labelWidth: Int = 10) {
        let indent = room < 36 && labelWidth >= 8 ? 2 : labelWidth
        if indent != labelWidth { rows.append(Row(runs: [Run(label, .textMuted)])) }
        var isFirst = indent == labelWidth
        for value in values {
            for line in textWidth.wrap(value.text, cells: max(room - indent, 4)) {
                let lead =
                    isFirst
                    ? textWidth.pad(label, cells: labelWidth - 1) + " " : SafeText.spaces(indent)
                rows.append(Row(runs: [Run(lead, .textMuted), Run(line, value.role)]))
                isFirst = false
            }
        }
        let value = values.dropFirst().reduce(values.first?.text ?? "") { $0 + "; " + $1.text }
        nodes.append(SemanticNode(.field, label, value: value))
    }

    // MARK: Choices

    /// Something that keys act on; `isChecked` is `nil` for one without a box to tick.
    ///
    /// The note stands muted below it.
    mutating func choice(
        _ index: Int, isFocused: Bool, isChecked: Bool? = nil, _ runs: [Run],
        trailing: [Run] = [], note: SafeText? = nil, role: SemanticNode.Role = .item
    ) {
        if isFocused { focusRow = rows.count }
        let box: [Run] = isChecked.map { [Run($0 ? "[x] " : "[ ] ", .textMuted)] } ?? []
        rows.append(
            Row(runs: box + runs, trailing: trailing, choice: index, isFocused: isFocused))
        if let note {
            let indent = isChecked == nil ? 2 : 4
            for line in textWidth.wrap(note, cells: max(room - indent, 4)) {
                rows.append(
                    Row(
                        runs: [Run(SafeText.spaces(indent)), Run(line, .textMuted)], choice: index))
            }
        }
        var states: Set<SemanticNode.State> = isFocused ? [.selected] : []
        if isChecked == true { states.insert(.checked) }
        let said = runs.said(with: trailing)
        let value = [said.value, note].compactMap { $0 }
        nodes.append(
            SemanticNode(
                isChecked == nil ? role : .checkbox, said.name,
                value: value.first.map { value.dropFirst().reduce($0) { $0 + "; " + $1 } },
                states: states, position: index))
    }

    /// A place to type.
    mutating func input(
        _ label: SafeText, _ text: SafeText, hint: SafeText, isFocused: Bool, isHidden: Bool = false
    ) {
        let shown = isHidden ? SafeText("•").repeated(text.string.count) : text
        let lead = label.isEmpty ? label : label + " "
        let used = textWidth.cells(of: lead)
        let space = max(room - used - 1, 1)
        let visible = textWidth.suffix(shown, cells: space)
        if isFocused {
            inputPoint = Point(
                row: rows.count, column: 1 + used + textWidth.cells(of: visible))
        }
        let body =
            text.isEmpty
            ? Run(textWidth.truncate(hint, cells: space), .inputHint) : Run(visible, .input)
        rows.append(Row(runs: [Run(lead, .textMuted), body]))
        nodes.append(
            SemanticNode(
                .input, label.isEmpty ? hint : label, value: shown,
                states: isFocused ? [.focused] : []))
    }

    private static func joined(_ runs: [Run]) -> SafeText? {
        runs.isEmpty ? nil : runs.reduce(SafeText.empty) { $0 + $1.text }
    }
}

extension [Run] {
    /// What a line says: its name without signs, and beside it what is muted or at the right.
    func said(with trailing: [Run]) -> (name: SafeText, value: SafeText?) {
        func words(_ runs: [Run]) -> [SafeText] {
            runs.filter { $0.text.string.hasWords }
                .map {
                    $0.text.string.isTrimmed ? $0.text : SafeText(untrusted: $0.text.string.trimmed)
                }
        }
        // A key beside what it does is for the eye.
        let name = words(filter { $0.role != .textMuted && $0.role != .key })
        let value = words(filter { $0.role == .textMuted }) + words(trailing)
        return (
            name.first.map { name.dropFirst().reduce($0) { $0 + " " + $1 } } ?? "",
            value.first.map { value.dropFirst().reduce($0) { $0 + "; " + $1 } }
        )
    }
}

extension String {
    /// Whether there is a letter or a digit in it.
    fileprivate var hasWords: Bool {
        func isWord(_ byte: UInt8) -> Bool {
            (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte | 0x20)
        }
        return utf8.contains(where: isWord) || contains { $0.isLetter || $0.isNumber }
    }

    /// Whether there are no spaces at its ends.
    fileprivate var isTrimmed: Bool { utf8.first != 0x20 && utf8.last != 0x20 }

    /// The text without spaces at its ends.
    fileprivate var trimmed: String {
        var rest = drop { $0 == " " }
        while rest.last == " " { rest.removeLast() }
        return String(rest)
    }
}

extension SafeText {
    /// As many spaces.
    static func spaces(_ count: Int) -> SafeText { SafeText(" ").repeated(count) }
}

extension TextWidth {
    /// Returns the longest end of a text that takes at most `limit` cells.
    func suffix(_ text: SafeText, cells limit: Int) -> SafeText {
        guard cells(of: text) > limit else { return text }
        var used = 0
        var kept: [Character] = []
        for character in text.string.reversed() {
            used += cells(of: character)
            if used > limit { break }
            kept.append(character)
        }
        return SafeText(untrusted: String(kept.reversed()))
    }
}
