/// Dates as exports write them, apart from FHIR's.
///
/// A time without a zone counts as UTC: what people export seldom says where it was.
enum CivilTime {
    /// Whether the day or the month stands first where both are numbers below 13.
    enum Order { case monthFirst, dayFirst }

    /// Milliseconds since 1970 UTC; `nil` if the text is no date.
    ///
    /// Read are `2014-09-13 11:08:10 +0100`, `2016-10-24T11:24:17`, `2016/10/24`, `20161024`,
    /// `4/13/2016`, `4/13/2016 1:08:52 AM`, `04-12-16`, `04-12-16 0:00`, `13.4.2016` (day first)
    /// and `Sun Jun 11 07:34:09 PDT 2017`.
    static func milliseconds(_ text: String, order: Order = .monthFirst) -> Int64? {
        var reader = CivilReader(bytes: Array(text.utf8))
        guard let first = reader.bytes.first else { return nil }
        if !(0x30...0x39 ~= first) { return reader.unixStamp() }
        guard let date = reader.date(order) else { return nil }
        guard let days = FHIRDate.days(checking: date) else { return nil }
        let midnight = days * 86_400_000
        if reader.isAtEnd { return midnight }
        guard reader.take(0x54) || reader.take(0x20) else { return nil }
        guard let time = reader.timeOfDay(), reader.isAtEnd else { return nil }
        return midnight + time
    }
}

/// Reads the parts of a date from left to right.
private struct CivilReader {
    let bytes: [UInt8]
    var position = 0

    init(bytes: [UInt8]) { self.bytes = bytes }

    var isAtEnd: Bool { position >= bytes.count }

    mutating func take(_ byte: UInt8) -> Bool {
        guard position < bytes.count, bytes[position] == byte else { return false }
        position += 1
        return true
    }

    /// A number of one to `most` digits.
    mutating func number(most: Int) -> (value: Int64, digits: Int)? {
        var value: Int64 = 0
        let start = position
        while position < bytes.count, position - start < most, 0x30...0x39 ~= bytes[position] {
            value = value * 10 + Int64(bytes[position] - 0x30)
            position += 1
        }
        return position > start ? (value, position - start) : nil
    }

    mutating func date(_ order: CivilTime.Order) -> (year: Int64, month: Int64, day: Int64)? {
        guard let first = number(most: 8) else { return nil }
        if first.digits == 8 {
            return (first.value / 10_000, first.value / 100 % 100, first.value % 100)
        }
        guard first.digits <= 4, position < bytes.count else { return nil }
        let separator = bytes[position]
        guard [0x2d, 0x2f, 0x2e].contains(separator), take(separator),
            let second = number(most: 2), take(separator), let third = number(most: 4)
        else { return nil }
        if first.digits == 4 { return (first.value, second.value, third.value) }
        guard third.digits == 4 || third.digits == 2 else { return nil }
        let year = third.digits == 4 ? third.value : 2000 + third.value
        // A point stands after the day, in Germany as elsewhere.
        let isDayFirst =
            separator == 0x2e || first.value > 12 || (order == .dayFirst && second.value <= 12)
        return isDayFirst
            ? (year, second.value, first.value) : (year, first.value, second.value)
    }

    /// `11:08`, `11:08:10`, `1:08:52 AM`, with decimals, with a zone behind.
    mutating func timeOfDay() -> Int64? {
        guard var hour = number(most: 2)?.value, take(0x3a), let minute = number(most: 2)?.value,
            minute < 60
        else { return nil }
        var milliseconds: Int64 = 0
        if take(0x3a) {
            guard let second = number(most: 2)?.value, second <= 60 else { return nil }
            milliseconds = second * 1000
            if take(0x2e) || take(0x2c) {
                guard let decimals = number(most: 9) else { return nil }
                var fraction = decimals.value * 1000
                for _ in 0..<decimals.digits { fraction /= 10 }
                milliseconds += fraction
            }
        }
        let beforeHalf = position
        _ = take(0x20)
        if position + 1 < bytes.count, bytes[position + 1] | 0x20 == 0x6d {
            let half = bytes[position] | 0x20
            guard half == 0x61 || half == 0x70, 1...12 ~= hour else { return nil }
            hour = hour % 12 + (half == 0x70 ? 12 : 0)
            position += 2
        } else {
            position = beforeHalf
        }
        guard hour < 24, let zone = zone() else { return nil }
        return (hour * 60 + minute) * 60_000 + milliseconds - zone
    }

    private mutating func zone() -> Int64? {
        if isAtEnd { return 0 }
        _ = take(0x20)
        if take(0x5a) { return 0 }
        let isEast = take(0x2b)
        guard isEast || take(0x2d), let hour = number(most: 2), hour.digits == 2, hour.value <= 14
        else { return nil }
        _ = take(0x3a)
        guard let minute = number(most: 2), minute.value < 60 else { return nil }
        let offset = (hour.value * 60 + minute.value) * 60_000
        return isEast ? offset : -offset
    }

    /// `Sun Jun 11 07:34:09 PDT 2017`, as Java and Unix write it.
    mutating func unixStamp() -> Int64? {
        let words = String(decoding: bytes, as: UTF8.self).split(separator: " ")
        guard words.count == 6 || words.count == 5,
            let month = CivilReader.months.firstIndex(of: words[1].lowercased()),
            let day = Int64(words[2]), let year = Int64(words[words.count - 1]),
            let days = FHIRDate.days(checking: (year, Int64(month + 1), day))
        else { return nil }
        var time = CivilReader(bytes: Array(words[3].utf8))
        guard let milliseconds = time.timeOfDay(), time.isAtEnd else { return nil }
        let zone: Int64
        if words.count == 6 {
            guard let hours = CivilReader.zones[String(words[4])] else { return nil }
            zone = hours * 3_600_000
        } else {
            zone = 0
        }
        return days * 86_400_000 + milliseconds - zone
    }

    private static let months = [
        "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
    ]
    /// Hours east of Greenwich of the zones that write themselves as letters without doubt.
    private static let zones: [String: Int64] = [
        "UTC": 0, "GMT": 0, "Z": 0, "PST": -8, "PDT": -7, "MST": -7, "MDT": -6, "EST": -5,
        "EDT": -4, "CET": 1, "CEST": 2, "BST": 1, "HKT": 8, "JST": 9,
    ]
}
