/// One line of a table as text.
enum TableLine {
    /// Leaves columns out of a line, everything else as it stands.
    static func clean(
        _ unit: ArraySlice<UInt8>, without columns: [Int], delimiter: UInt8,
        removed: inout [RemovedPart: Int]
    ) -> [UInt8] {
        guard !columns.isEmpty else { return Array(unit) }
        var output: [UInt8] = []
        output.reserveCapacity(unit.count)
        var column = 0
        var next = 0
        var start = unit.startIndex
        var isQuoted = false
        var isFirst = true
        func end(at index: Int) {
            if next < columns.count, columns[next] == column {
                next += 1
                if index > start { removed[.identifier, default: 0] += 1 }
            } else {
                if !isFirst { output.append(delimiter) }
                output.append(contentsOf: unit[start..<index])
                isFirst = false
            }
            column += 1
            start = index + 1
        }
        for index in unit.indices {
            let byte = unit[index]
            if byte == 0x22 { isQuoted.toggle() }
            if byte == delimiter, !isQuoted { end(at: index) }
            if byte == 0x0a, index == unit.endIndex - 1 {
                end(at: index)
                output.append(0x0a)
                return output
            }
        }
        end(at: unit.endIndex)
        return output
    }
}
