/// One line of a table as text.
enum TableLine {
    /// Leaves columns out of a line, and what stands behind a closing quotation mark; everything
    /// else as it stands.
    ///
    /// - Returns: Nothing if the line has not `count` fields: it is not certain then which of
    ///   them are to stay.
    static func clean(
        _ unit: ArraySlice<UInt8>, without columns: [Int], of count: Int, delimiter: UInt8,
        removed: inout [RemovedPart: Int]
    ) -> [UInt8] {
        var fields = LineFields()
        var output: [UInt8] = []
        output.reserveCapacity(unit.count)
        ended(unit).withUnsafeBytes { line in
            guard fields.cutQuoted(line, at: delimiter), fields.count == count else { return }
            var next = 0
            for (column, range) in fields.ranges.enumerated() {
                if next < columns.count, columns[next] == column {
                    next += 1
                    if !range.isEmpty { removed[.identifier, default: 0] += 1 }
                    continue
                }
                if column > next { output.append(delimiter) }
                let isQuoted = range.lowerBound > 0 && line[range.lowerBound - 1] == 0x22
                let field = isQuoted ? range.lowerBound - 1..<range.upperBound + 1 : range
                output.append(contentsOf: line[field])
            }
            output.append(0x0a)
        }
        return output
    }

    /// How many fields a line has; 0 if a quotation mark does not end.
    static func fieldCount(_ unit: [UInt8], delimiter: UInt8) -> Int {
        var fields = LineFields()
        let isCut = ended(unit[...]).withUnsafeBytes { fields.cutQuoted($0, at: delimiter) }
        return isCut ? fields.count : 0
    }

    /// A line without its line break.
    private static func ended(_ unit: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        unit.last == 0x0a ? unit.dropLast() : unit
    }
}
