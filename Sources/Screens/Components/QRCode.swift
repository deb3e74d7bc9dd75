import CQREncode
import TerminalCore

/// A QR code, drawn with two modules in each cell.
struct QRCode: Equatable {
    /// How many modules a side has, the light border not counted.
    let width: Int
    private let dark: [Bool]

    /// Makes the smallest code for a text; `nil` where none holds it.
    init?(_ text: String) {
        guard let code = cq_encode(text) else { return nil }
        defer { QRcode_free(code) }
        let width = Int(code.pointee.width)
        guard let modules = code.pointee.data else { return nil }
        self.width = width
        // The lowest bit of a module says that it is dark.
        dark = (0..<width * width).map { modules[$0] & 1 == 1 }
    }

    private func isDark(_ row: Int, _ column: Int) -> Bool {
        (0..<width).contains(row) && (0..<width).contains(column) && dark[row * width + column]
    }

    /// How many rows of cells it takes with a light border of so many modules.
    func rows(border: Int) -> Int { (width + 2 * border + 1) / 2 }

    /// The rows from the top; a reader wants a border of four modules and mostly reads one of one.
    func lines(border: Int) -> [SafeText] {
        (0..<rows(border: border)).map { row in
            let top = 2 * row - border
            let cells: [SafeText] = (-border..<width + border).map { column in
                switch (isDark(top, column), isDark(top + 1, column)) {
                case (true, true): "█"
                case (true, false): "▀"
                case (false, true): "▄"
                case (false, false): " "
                }
            }
            return cells.reduce(.empty) { $0 + $1 }
        }
    }
}
