/// A set of row numbers, a bit for each.
struct RowSet: Sendable {
    private var words: [UInt64] = []
    /// How many rows it has.
    private(set) var count = 0

    /// Adds a row; rows are not negative.
    mutating func insert(_ row: Int64) {
        let word = Int(row >> 6)
        if word >= words.count {
            words.append(contentsOf: repeatElement(0, count: word + 1 - words.count))
        }
        let bit = UInt64(1) << UInt64(row & 63)
        if words[word] & bit == 0 { count += 1 }
        words[word] |= bit
    }

    /// Whether it has a row.
    func contains(_ row: Int64) -> Bool {
        let word = Int(row >> 6)
        return word < words.count && words[word] & (1 << UInt64(row & 63)) != 0
    }

    /// How many rows both have.
    func count(with other: RowSet) -> Int {
        zip(words, other.words).reduce(0) { $0 + ($1.0 & $1.1).nonzeroBitCount }
    }
}
