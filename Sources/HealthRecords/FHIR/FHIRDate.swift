import LedgerCore

/// FHIR dates (R4 datatypes: date, dateTime, instant) as points in time.
enum FHIRDate {
    /// Milliseconds since 1970 UTC, negative before; `nil` if the text is not a FHIR date.
    ///
    /// A year, a month or a day stands for its first moment in UTC.
    static func milliseconds(_ text: String) -> Int64? {
        var digits = Reader(bytes: Array(text.utf8))
        guard let year = digits.number(4), year > 0 else { return nil }
        if digits.isAtEnd { return Timestamp.dayNumber(year: year, month: 1, day: 1) * 86_400_000 }
        guard digits.take(0x2d), let month = digits.number(2), 1...12 ~= month else { return nil }
        if digits.isAtEnd {
            return Timestamp.dayNumber(year: year, month: month, day: 1) * 86_400_000
        }
        guard digits.take(0x2d), let day = digits.number(2),
            1...dayCount(year, month) ~= day
        else { return nil }
        let midnight = Timestamp.dayNumber(year: year, month: month, day: day) * 86_400_000
        if digits.isAtEnd { return midnight }
        guard digits.take(0x54), let time = digits.timeOfDay(), let zone = digits.zone(),
            digits.isAtEnd
        else { return nil }
        return midnight + time - zone
    }

    /// A point in time as a FHIR dateTime in UTC, to the second.
    static func text(_ milliseconds: Int64) -> String {
        let seconds = milliseconds >= 0 ? milliseconds / 1000 : (milliseconds - 999) / 1000
        let days = seconds >= 0 ? seconds / 86_400 : (seconds - 86_399) / 86_400
        let rest = seconds - days * 86_400
        // Howard Hinnant, civil_from_days.
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra =
            (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let marchMonth = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * marchMonth + 2) / 5 + 1
        let month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        func two(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return "\(year)-\(two(month))-\(two(day))T\(two(rest / 3600)):\(two(rest / 60 % 60))"
            + ":\(two(rest % 60))Z"
    }

    /// Days since 1970-01-01; `nil` if there is no such day.
    static func days(checking date: (year: Int64, month: Int64, day: Int64)) -> Int64? {
        guard 1...9_999 ~= date.year, 1...12 ~= date.month,
            1...dayCount(date.year, date.month) ~= date.day
        else { return nil }
        return Timestamp.dayNumber(year: date.year, month: date.month, day: date.day)
    }

    private static func dayCount(_ year: Int64, _ month: Int64) -> Int64 {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    private struct Reader {
        let bytes: [UInt8]
        var position = 0

        var isAtEnd: Bool { position == bytes.count }

        mutating func take(_ byte: UInt8) -> Bool {
            guard position < bytes.count, bytes[position] == byte else { return false }
            position += 1
            return true
        }

        mutating func number(_ count: Int) -> Int64? {
            guard position + count <= bytes.count else { return nil }
            var number: Int64 = 0
            for byte in bytes[position..<position + count] {
                guard 0x30...0x39 ~= byte else { return nil }
                number = number * 10 + Int64(byte - 0x30)
            }
            position += count
            return number
        }

        // hh:mm:ss with any number of decimals; 60 seconds are a leap second.
        mutating func timeOfDay() -> Int64? {
            guard let hour = number(2), hour < 24, take(0x3a), let minute = number(2),
                minute < 60, take(0x3a), let second = number(2), second <= 60
            else { return nil }
            var milliseconds: Int64 = 0
            if take(0x2e) {
                var scale: Int64 = 100
                let start = position
                while let digit = number(1) {
                    milliseconds += digit * scale
                    scale /= 10
                }
                guard position > start else { return nil }
            }
            return ((hour * 60 + minute) * 60 + second) * 1000 + milliseconds
        }

        mutating func zone() -> Int64? {
            if take(0x5a) { return 0 }
            let isEast = take(0x2b)
            guard isEast || take(0x2d), let hour = number(2), hour <= 14, take(0x3a),
                let minute = number(2), minute < 60
            else { return nil }
            let offset = (hour * 60 + minute) * 60_000
            return isEast ? offset : -offset
        }
    }
}
