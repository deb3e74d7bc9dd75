package import TerminalCore

/// What a terminal of xterm's kind shows after the bytes that were sent to it.
///
/// Knows the control functions that ncurses uses with xterm's description, and fails no test by
/// guessing: what it does not know is noted in `unknown`.
package struct TerminalScreen {
    /// A cell with its look.
    package struct Cell: Hashable, Sendable {
        /// What it shows; empty in the right half of a wide character.
        package var text = " "
        /// The attributes and colours it was drawn with, sorted as `CSI m` names them.
        package var style = Style()
    }

    /// How text is drawn.
    package struct Style: Hashable, Sendable {
        /// Attributes turned on, 1...9.
        package var attributes: Set<Int> = []
        /// The foreground; empty for the terminal's own.
        package var foreground = ""
        /// The background; empty for the terminal's own.
        package var background = ""

        /// What can be seen of it on a blank.
        package var blank: Style {
            let isReversed = attributes.contains(7)
            let hasLine = !attributes.isDisjoint(with: [4, 9])
            return Style(
                attributes: attributes.subtracting(isReversed ? [3] : [1, 2, 3]),
                foreground: isReversed || hasLine ? foreground : "", background: background)
        }
    }

    /// The size.
    package private(set) var size: Size
    /// Where the cursor stands.
    package private(set) var cursor = Point(row: 0, column: 0)
    /// DEC private modes that are on.
    package private(set) var modes: Set<Int> = [25]
    /// Whether the keypad sends application keys.
    package private(set) var hasApplicationKeypad = false
    /// Control functions that are not known here.
    package private(set) var unknown: [String] = []
    /// How many frames were sent as one by mode 2026.
    package private(set) var synchronizedFrames = 0

    private var cells: [[Cell]]
    private var style = Style()
    private var wraps = false
    private var top = 0
    private var bottom: Int
    private var saved: (Point, Style) = (Point(row: 0, column: 0), Style())
    private var last: String?
    private var rest: [UInt8] = []

    /// Makes an empty screen.
    package init(_ size: Size) {
        self.size = size
        bottom = size.rows - 1
        cells = Array(repeating: Array(repeating: Cell(), count: size.columns), count: size.rows)
    }

    /// Returns the cell at a place inside.
    package subscript(row: Int, column: Int) -> Cell { cells[row][column] }

    /// The rows as text, spaces at the end of each left out.
    package var rows: [String] {
        cells.map { row in
            let end = row.lastIndex { $0.text != " " }.map { $0 + 1 } ?? 0
            return row[..<end].map(\.text).joined()
        }
    }

    /// The whole text.
    package var text: String { rows.joined(separator: "\n") }

    /// Changes the size as xterm does with the alternate screen: at the top left all stays.
    package mutating func resize(_ new: Size) {
        var changed = cells.prefix(new.rows).map { row in
            Array(row.prefix(new.columns))
                + Array(repeating: Cell(), count: max(new.columns - row.count, 0))
        }
        while changed.count < new.rows {
            changed.append(Array(repeating: Cell(), count: new.columns))
        }
        (cells, size, top, bottom) = (changed, new, 0, new.rows - 1)
        cursor = Point(
            row: min(cursor.row, new.rows - 1), column: min(cursor.column, new.columns - 1))
        wraps = false
    }

    /// Takes what was sent; a sequence may be cut anywhere.
    package mutating func feed(_ bytes: [UInt8]) {
        let bytes = rest + bytes
        var position = 0
        while position < bytes.count {
            guard let next = step(bytes, position) else { break }
            position = next
        }
        rest = Array(bytes[position...])
    }

    private mutating func step(_ bytes: [UInt8], _ start: Int) -> Int? {
        let byte = bytes[start]
        switch byte {
        case 0x1B: return escape(bytes, start)
        case 0x0A: lineFeed()
        case 0x0D: move(to: cursor.row, 0)
        case 0x08: move(to: cursor.row, cursor.column - 1)
        case 0x09: move(to: cursor.row, min((cursor.column / 8 + 1) * 8, size.columns - 1))
        case 0..<0x20: break
        default: return draw(bytes, start)
        }
        return start + 1
    }

    // MARK: Text

    private mutating func draw(_ bytes: [UInt8], _ start: Int) -> Int? {
        let length = bytes[start] < 0x80 ? 1 : bytes[start] < 0xE0 ? 2 : bytes[start] < 0xF0 ? 3 : 4
        guard start + length <= bytes.count else { return nil }
        let text = String(decoding: bytes[start..<(start + length)], as: UTF8.self)
        for scalar in text.unicodeScalars { draw(scalar) }
        return start + length
    }

    private mutating func draw(_ scalar: Unicode.Scalar) {
        let width = TextWidth.standard.cells(of: scalar)
        guard width > 0 else {
            var column = wraps ? cursor.column : cursor.column - 1
            if column > 0, cells[cursor.row][column].text.isEmpty { column -= 1 }
            if column >= 0 { cells[cursor.row][column].text.unicodeScalars.append(scalar) }
            return
        }
        if wraps || cursor.column + width > size.columns {
            move(to: cursor.row, 0)
            lineFeed()
        }
        put(Cell(text: String(scalar), style: style), cursor.column)
        // On a screen of one column a wide character is cut.
        if width == 2, size.columns > 1 { put(Cell(text: "", style: style), cursor.column + 1) }
        last = String(scalar)
        wraps = cursor.column + width == size.columns
        cursor.column = min(cursor.column + width, size.columns - 1)
    }

    /// Replaces a cell; the other half of a wide character it cuts becomes blank.
    private mutating func put(_ cell: Cell, _ column: Int) {
        let row = cursor.row
        if cells[row][column].text.isEmpty, !cell.text.isEmpty, column > 0 {
            cells[row][column - 1].text = " "
        }
        if column + 1 < size.columns, cells[row][column + 1].text.isEmpty {
            cells[row][column + 1].text = " "
        }
        cells[row][column] = cell
    }

    private var blank: Cell { Cell(text: " ", style: Style(background: style.background)) }

    private mutating func move(to row: Int, _ column: Int) {
        cursor = Point(
            row: min(max(row, 0), size.rows - 1), column: min(max(column, 0), size.columns - 1))
        wraps = false
    }

    private mutating func lineFeed() {
        wraps = false
        if cursor.row == bottom { scroll(1) } else { move(to: cursor.row + 1, cursor.column) }
    }

    /// Scrolls the region up, or down by a negative number.
    private mutating func scroll(_ count: Int, from first: Int? = nil) {
        let first = first ?? top
        for _ in 0..<min(abs(count), size.rows) {
            let empty = Array(repeating: blank, count: size.columns)
            if count > 0 {
                cells.remove(at: first)
                cells.insert(empty, at: bottom)
            } else {
                cells.remove(at: bottom)
                cells.insert(empty, at: first)
            }
        }
    }

    // MARK: Control functions

    private mutating func escape(_ bytes: [UInt8], _ start: Int) -> Int? {
        guard start + 1 < bytes.count else { return nil }
        switch bytes[start + 1] {
        case UInt8(ascii: "["):
            var index = start + 2
            while index < bytes.count, bytes[index] < 0x40 { index += 1 }
            guard index < bytes.count else { return nil }
            control(String(decoding: bytes[(start + 2)..<index], as: UTF8.self), bytes[index])
            return index + 1
        case UInt8(ascii: "("), UInt8(ascii: ")"):
            guard start + 2 < bytes.count else { return nil }
            if bytes[start + 2] != UInt8(ascii: "B") { unknown.append("character set") }
            return start + 3
        case UInt8(ascii: "M"):
            if cursor.row == top { scroll(-1) } else { move(to: cursor.row - 1, cursor.column) }
        case UInt8(ascii: "7"): saved = (cursor, style)
        case UInt8(ascii: "8"): (cursor, style) = saved
        case UInt8(ascii: "="): hasApplicationKeypad = true
        case UInt8(ascii: ">"): hasApplicationKeypad = false
        default: unknown.append("ESC \(bytes[start + 1])")
        }
        return start + 2
    }

    private mutating func control(_ parameters: String, _ final: UInt8) {
        let letter = Character(Unicode.Scalar(final))
        if parameters.hasPrefix("?") {
            setModes(parameters.dropFirst(), letter)
            return
        }
        let numbers = parameters.split(separator: ";", omittingEmptySubsequences: false)
            .map { Int($0) ?? 0 }
        let first = numbers.first ?? 0
        let count = max(first, 1)
        switch letter {
        case "m": setStyle(parameters)
        case "H", "f": move(to: count - 1, max(numbers.count > 1 ? numbers[1] : 1, 1) - 1)
        case "A": move(to: cursor.row - count, cursor.column)
        case "B": move(to: cursor.row + count, cursor.column)
        case "C": move(to: cursor.row, cursor.column + count)
        case "D": move(to: cursor.row, cursor.column - count)
        case "G": move(to: cursor.row, count - 1)
        case "d": move(to: count - 1, cursor.column)
        case "Z": move(to: cursor.row, max(cursor.column - 1, 0) / 8 * 8)
        case "r":
            top = count - 1
            bottom =
                min(numbers.count > 1 && numbers[1] > 0 ? numbers[1] : size.rows, size.rows) - 1
            move(to: 0, 0)
        case "S": scroll(count)
        case "T": scroll(-count)
        case "L": scroll(-count, from: cursor.row)
        case "M": scroll(count, from: cursor.row)
        case "b": for _ in 0..<count { last?.unicodeScalars.forEach { draw($0) } }
        case "l", "h", "t", "c", "q", "n", "p": break
        default: edit(letter, first, count)
        }
    }

    private mutating func edit(_ letter: Character, _ first: Int, _ count: Int) {
        let row = cursor.row
        let column = cursor.column
        func erase(_ row: Int, _ columns: Range<Int>) {
            for column in columns { cells[row][column] = blank }
        }
        switch letter {
        case "K":
            erase(row, (first == 0 ? column : 0)..<(first == 1 ? column + 1 : size.columns))
        case "J":
            if first == 0 {
                erase(row, column..<size.columns)
                for row in (row + 1)..<max(size.rows, row + 1) { erase(row, 0..<size.columns) }
            } else {
                for row in 0..<size.rows { erase(row, 0..<size.columns) }
            }
        case "X": erase(row, column..<min(column + count, size.columns))
        case "P":
            cells[row].removeSubrange(column..<min(column + count, size.columns))
            while cells[row].count < size.columns { cells[row].append(blank) }
        case "@":
            cells[row].insert(contentsOf: Array(repeating: blank, count: count), at: column)
            cells[row].removeLast(count)
        default: unknown.append("CSI \(letter)")
        }
        wraps = false
    }

    private mutating func setModes(_ parameters: Substring, _ letter: Character) {
        guard letter == "h" || letter == "l" else { return }
        for number in parameters.split(separator: ";").compactMap({ Int($0) }) {
            if letter == "h" {
                modes.insert(number)
                if number == 2026 { synchronizedFrames += 1 }
            } else {
                modes.remove(number)
            }
        }
    }

    private mutating func setStyle(_ parameters: String) {
        let parts = parameters.split(separator: ";", omittingEmptySubsequences: false)
        var index = 0
        while index < parts.count {
            let number = Int(parts[index]) ?? 0
            switch number {
            case 0: style = Style()
            case 1...9: style.attributes.insert(number)
            case 22: style.attributes.subtract([1, 2])
            case 23...29: style.attributes.remove(number - 20)
            case 30...37, 90...97: style.foreground = "\(number)"
            case 40...47, 100...107: style.background = "\(number)"
            case 39: style.foreground = ""
            case 49: style.background = ""
            case 38, 48:
                let length = parts.count > index + 1 && parts[index + 1] == "5" ? 3 : 5
                let colour = parts[index..<min(index + length, parts.count)].joined(separator: ";")
                if number == 38 { style.foreground = colour } else { style.background = colour }
                index += length - 1
            default: unknown.append("CSI \(number) m")
            }
            index += 1
        }
        if parts.isEmpty { style = Style() }
    }
}
