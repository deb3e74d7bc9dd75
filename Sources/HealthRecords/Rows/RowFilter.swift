import CZlib
import Foundation

/// Which rows of a table a person wants to see or to strike.
package struct RowFilter: Equatable, Hashable, Sendable {
    /// Words every row has to show, in any order; ASCII letters of both cases count as one.
    package var words: [String]
    /// The sort of rows; `nil` for all.
    package var group: String?
    /// The earliest time, in milliseconds since 1970 UTC; `nil` for any.
    package var fromMilliseconds: Int64?
    /// The latest time; `nil` for any.
    package var untilMilliseconds: Int64?

    /// Makes a filter; by default it fits every row.
    package init(
        words: [String] = [], group: String? = nil, fromMilliseconds: Int64? = nil,
        untilMilliseconds: Int64? = nil
    ) {
        self.words = words
        self.group = group
        self.fromMilliseconds = fromMilliseconds
        self.untilMilliseconds = untilMilliseconds
    }

    /// Reads what a person typed: words, and days, months or years with `..` between them.
    ///
    /// `heart 2019`, `2019-03..2019-06 steps`, `..2018`, `rs1234`.
    package init(typed: String, group: String? = nil) {
        self.init(group: group)
        for word in typed.split(whereSeparator: \.isWhitespace) {
            guard let span = RowFilter.span(String(word)) else {
                words.append(String(word))
                continue
            }
            fromMilliseconds = span.from
            untilMilliseconds = span.until
        }
    }

    /// Whether it fits every row.
    package var isEmpty: Bool { self == RowFilter() }

    private static func span(_ word: String) -> (from: Int64?, until: Int64?)? {
        guard let dots = word.firstRange(of: "..") else {
            guard let day = days(word) else { return nil }
            return (day.from, day.until)
        }
        let first = String(word[..<dots.lowerBound])
        let last = String(word[dots.upperBound...])
        let from = first.isEmpty ? nil : days(first)
        let until = last.isEmpty ? nil : days(last)
        guard !(first.isEmpty && last.isEmpty), first.isEmpty || from != nil,
            last.isEmpty || until != nil
        else { return nil }
        return (from?.from, until?.until)
    }

    /// The first and last millisecond of a year, month or day such as 2019, 2019-03, 2019-03-31.
    private static func days(_ text: String) -> (from: Int64, until: Int64)? {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count <= 3, parts[0].utf8.count == 4, let year = Int64(parts[0]),
            1900...2200 ~= year, parts.dropFirst().allSatisfy({ $0.utf8.count == 2 })
        else { return nil }
        let month = parts.count > 1 ? Int64(parts[1]) : 1
        let day = parts.count > 2 ? Int64(parts[2]) : 1
        guard let month, let day, let first = FHIRDate.days(checking: (year, month, day)) else {
            return nil
        }
        let after: Int64? =
            switch parts.count {
            case 1: FHIRDate.days(checking: (year + 1, 1, 1))
            case 2:
                FHIRDate.days(
                    checking: month == 12 ? (year + 1, 1, 1) : (year, month + 1, 1))
            default: first + 1
            }
        guard let after else { return nil }
        return (first * 86_400_000, after * 86_400_000 - 1)
    }

    /// Which of the sorts of a record it fits; `nil` for all.
    package func groups(of names: [String]) -> Set<Int>? {
        group.map { group in Set(names.indices.filter { names[$0] == group }) }
    }
}

extension RowPage {
    /// Calls `found` with the rows of the page a filter fits, ascending; `groups` are the sorts it
    /// fits, as `RowFilter.groups(of:)` gave them.
    ///
    /// - Complexity: O(bytes of text): one search through the page for each word.
    package func match(
        _ filter: RowFilter, groups: Set<Int>?, _ found: (_ row: Int) -> Void
    ) {
        var isFit = [Bool](repeating: true, count: count)
        if let from = filter.fromMilliseconds {
            for row in 0..<count where times[row] < from { isFit[row] = false }
        }
        if let until = filter.untilMilliseconds {
            for row in 0..<count where times[row] > until || times[row] == RowPage.undated {
                isFit[row] = false
            }
        }
        if let groups {
            for row in 0..<count where !groups.contains(Int(self.groups[row])) {
                isFit[row] = false
            }
        }
        if !filter.words.isEmpty {
            var folded = texts
            RowPage.fold(&folded)
            for word in filter.words { restrict(&isFit, to: word, in: folded) }
            RowPage.zero(&folded)
        }
        for row in 0..<count where isFit[row] { found(row) }
    }

    /// Makes ASCII capital letters small.
    private static func fold(_ bytes: inout [UInt8]) {
        bytes.withUnsafeMutableBufferPointer { buffer in
            for index in buffer.indices where buffer[index] &- 0x41 < 26 { buffer[index] |= 0x20 }
        }
    }

    /// Leaves only rows whose text holds a word.
    ///
    /// The whole page is searched at once: a word cannot reach into the next row, because it
    /// holds no line break.
    private func restrict(_ isFit: inout [Bool], to word: String, in folded: [UInt8]) {
        var needle = Array(word.utf8)
        RowPage.fold(&needle)
        guard !needle.isEmpty else { return }
        var hits = [Bool](repeating: false, count: count)
        folded.withUnsafeBytes { texts in
            needle.withUnsafeBytes { needle in
                guard let base = texts.baseAddress, let wanted = needle.baseAddress else { return }
                var position = 0
                var row = 0
                while position < texts.count,
                    let hit = memmem(base + position, texts.count - position, wanted, needle.count)
                {
                    let offset = UnsafeRawPointer(hit) - base
                    while row < count, Int(textEnds[row]) <= offset { row += 1 }
                    guard row < count else { return }
                    hits[row] = true
                    position = Int(textEnds[row])
                }
            }
        }
        for row in 0..<count where !hits[row] { isFit[row] = false }
    }
}
