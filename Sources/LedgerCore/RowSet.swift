/// Some of the rows of a record, by position: one bit for each, so that a million cost 125 KB.
package struct RowSet: Equatable, Sendable {
    private var words: [UInt64]
    /// How many rows the record has.
    package let capacity: Int
    /// How many rows are in the set.
    package private(set) var count: Int

    /// No row of a record of `capacity` rows.
    package init(capacity: Int) {
        precondition(capacity >= 0, "a record has no fewer than no rows")
        self.capacity = capacity
        words = Array(repeating: 0, count: (capacity + 63) / 64)
        count = 0
    }

    /// The rows at `positions`; positions outside the record are left out.
    package init(_ positions: some Sequence<Int>, capacity: Int) {
        self.init(capacity: capacity)
        for position in positions { insert(position) }
    }

    /// Every row of a record of `capacity` rows.
    package static func all(_ capacity: Int) -> RowSet {
        var set = RowSet(capacity: capacity)
        set.insert(0..<capacity)
        return set
    }

    /// Whether no row is in the set.
    package var isEmpty: Bool { count == 0 }

    /// Whether the row is in the set; `false` outside the record.
    package func contains(_ position: Int) -> Bool {
        guard position >= 0, position < capacity else { return false }
        return words[position >> 6] & (1 << UInt64(position & 63)) != 0
    }

    /// Adds a row; one outside the record is ignored.
    package mutating func insert(_ position: Int) {
        guard position >= 0, position < capacity, !contains(position) else { return }
        words[position >> 6] |= 1 << UInt64(position & 63)
        count += 1
    }

    /// Adds a range of rows.
    package mutating func insert(_ range: Range<Int>) {
        change(range) { $0 | $1 }
    }

    /// Takes a range of rows out.
    package mutating func remove(_ range: Range<Int>) {
        change(range) { $0 & ~$1 }
    }

    /// Whether every row of the range is in the set.
    package func contains(_ range: Range<Int>) -> Bool {
        var missing = RowSet(capacity: capacity)
        missing.insert(range)
        missing.subtract(self)
        return missing.isEmpty
    }

    /// Adds the rows of another set of the same record.
    package mutating func formUnion(_ other: RowSet) { combine(other) { $0 | $1 } }

    /// Takes the rows of another set of the same record out.
    package mutating func subtract(_ other: RowSet) { combine(other) { $0 & ~$1 } }

    /// Keeps only rows that are in another set of the same record, too.
    package mutating func formIntersection(_ other: RowSet) { combine(other) { $0 & $1 } }

    /// Whether every row is in another set of the same record, too.
    package func isSubset(of other: RowSet) -> Bool {
        var rest = self
        rest.subtract(other)
        return rest.isEmpty
    }

    /// The positions, ascending.
    package var positions: [Int] { positions(from: 0, limit: count) }

    /// The positions of the set's rows number `start`, `start + 1` and so on, at most `limit`.
    ///
    /// - Complexity: O(capacity / 64 + `limit`).
    package func positions(from start: Int, limit: Int) -> [Int] {
        var positions: [Int] = []
        var passed = 0
        for (index, word) in words.enumerated() where word != 0 {
            let inWord = word.nonzeroBitCount
            if passed + inWord <= start {
                passed += inWord
                continue
            }
            var rest = word
            while rest != 0 {
                if positions.count >= limit { return positions }
                if passed >= start {
                    positions.append(index << 6 + rest.trailingZeroBitCount)
                }
                passed += 1
                rest &= rest - 1
            }
        }
        return positions
    }

    private mutating func change(
        _ range: Range<Int>, _ combine: (_ word: UInt64, _ mask: UInt64) -> UInt64
    ) {
        let range = range.clamped(to: 0..<capacity)
        var position = range.lowerBound
        while position < range.upperBound {
            let index = position >> 6
            let end = min((index + 1) << 6, range.upperBound)
            let length = UInt64(end - position)
            let ones = length == 64 ? UInt64.max : (1 << length) - 1
            let before = words[index].nonzeroBitCount
            words[index] = combine(words[index], ones << UInt64(position & 63))
            count += words[index].nonzeroBitCount - before
            position = end
        }
    }

    private mutating func combine(
        _ other: RowSet, _ combine: (_ word: UInt64, _ other: UInt64) -> UInt64
    ) {
        precondition(capacity == other.capacity, "sets of rows of different records")
        count = 0
        for index in words.indices {
            words[index] = combine(words[index], other.words[index])
            count += words[index].nonzeroBitCount
        }
    }
}
