package import TerminalCore

/// Blots out what differs from play to play: ids, which follow from salts and signatures, and the
/// port a private node was given.
package enum FrameMask {
    /// Returns the frame with an `x` for each digit of such a word; nothing else changes.
    package static func masked(_ frame: Frame) -> Frame {
        var masked = frame
        var former: Set<Int> = []
        for row in 0..<frame.size.rows {
            let columns = (0..<frame.size.columns).map { frame[row, $0].text }
            var found: Set<Int> = []
            for word in idWords(columns, after: former) {
                found.insert(word.lowerBound)
                blot(word, row, &masked)
            }
            former = found
            for port in ports(columns) { blot(port, row, &masked) }
        }
        return masked
    }

    private static func blot(_ columns: Range<Int>, _ row: Int, _ frame: inout Frame) {
        for column in columns {
            frame.write("x", row: row, column: column, role: frame[row, column].role)
        }
    }

    /// Hexadecimal words of 12 digits and more, and how they go on in the next row.
    private static func idWords(_ cells: [String], after former: Set<Int>) -> [Range<Int>] {
        var words: [Range<Int>] = []
        var start = 0
        while start < cells.count {
            var end = start
            while end < cells.count, isDigit(cells[end]) { end += 1 }
            guard end > start else {
                start += 1
                continue
            }
            let isAlone = start == 0 || cells[start - 1] == " "
            let endsThere = end == cells.count || cells[end].first?.isLetter != true
            if isAlone, endsThere, end - start >= 12 || former.contains(start) {
                words.append(start..<end)
            }
            start = end
        }
        return words
    }

    private static func isDigit(_ cell: String) -> Bool {
        guard cell.utf8.count == 1, let byte = cell.utf8.first else { return false }
        return (0x30...0x39).contains(byte) || (0x61...0x66).contains(byte)
    }

    private static func ports(_ cells: [String]) -> [Range<Int>] {
        let host = "127.0.0.1:".map(String.init)
        guard cells.count > host.count else { return [] }
        return (0..<(cells.count - host.count)).compactMap { start in
            guard Array(cells[start..<(start + host.count)]) == host else { return nil }
            let first = start + host.count
            let end = cells[first...].firstIndex { $0.first?.isNumber != true } ?? cells.count
            return first..<end
        }
    }
}
