import LedgerCore

/// Reads the dates registries write.
enum StudyDate {
    /// Which day a date without one means.
    enum Missing { case firstDay, lastDay }

    /// Reads a date; `nil` if it is none, or outside the years 1900 to 2200.
    ///
    /// Known are `2020-02-16`, `2025/10/27`, with or without a time behind, `2023-04`, `2023`,
    /// `August 1, 2021`, `July 2021` and `28/04/2021`. Dates before 1970 become its first day,
    /// the earliest a ledger knows.
    static func read(_ text: String?, missing: Missing = .firstDay) -> Timestamp? {
        guard let text, text.utf8.count <= 64 else { return nil }
        let parts = text.utf8.split { !isLetterOrDigit($0) }.prefix(3).map(Array.init)
        guard let first = parts.first else { return nil }
        let numbers = parts.map { number($0) }
        if let month = month(first) {
            guard let year = numbers.last ?? nil, parts.count >= 2 else { return nil }
            return day(year, month, parts.count == 3 ? numbers[1] : nil, missing)
        }
        if first.count == 4, let year = numbers[0] {
            guard parts.count >= 2, let month = numbers[1] else {
                return parts.count == 1
                    ? day(year, missing == .firstDay ? 1 : 12, nil, missing) : nil
            }
            return day(year, month, parts.count == 3 ? leadingNumber(parts[2]) : nil, missing)
        }
        guard parts.count == 3, let day = numbers[0], let month = numbers[1],
            let year = numbers[2], parts[2].count == 4
        else { return nil }
        return self.day(year, month, day, missing)
    }

    private static func day(_ year: Int, _ month: Int, _ day: Int?, _ missing: Missing)
        -> Timestamp?
    {
        guard (1900...2200).contains(year), (1...12).contains(month) else { return nil }
        let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        let lengths = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        let day = day ?? (missing == .firstDay ? 1 : lengths[month - 1])
        guard (1...lengths[month - 1]).contains(day) else { return nil }
        let days = Timestamp.dayNumber(year: Int64(year), month: Int64(month), day: Int64(day))
        return Timestamp(milliseconds: max(days * 86_400_000, 0))
    }

    private static func month(_ word: [UInt8]) -> Int? {
        guard word.count >= 3 else { return nil }
        let months: [StaticString] = [
            "january", "february", "march", "april", "may", "june", "july", "august", "september",
            "october", "november", "december",
        ]
        let lower = word.map { $0 | 0x20 }
        return months.firstIndex { $0.description.utf8.starts(with: lower) }.map { $0 + 1 }
    }

    private static func number(_ digits: [UInt8]) -> Int? {
        guard (1...4).contains(digits.count), digits.allSatisfy({ (0x30...0x39).contains($0) })
        else { return nil }
        return digits.reduce(0) { $0 * 10 + Int($1 - 0x30) }
    }

    /// The day of `16T00:00:00`, split as `16T00`.
    private static func leadingNumber(_ part: [UInt8]) -> Int? {
        number(Array(part.prefix { (0x30...0x39).contains($0) }))
    }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5a, 0x61...0x7a: true
        default: false
        }
    }
}
