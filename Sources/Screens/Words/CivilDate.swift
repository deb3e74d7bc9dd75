package import LedgerCore

/// A date and time of day in the Gregorian calendar, as a clock on the wall shows it.
package struct CivilDate: Equatable, Sendable {
    /// The year; 1970 to 9999 for the timestamps of entries.
    package let year: Int
    /// The month, 1...12.
    package let month: Int
    /// The day, 1...31.
    package let day: Int
    /// The hour, 0...23.
    package let hour: Int
    /// The minute, 0...59.
    package let minute: Int
    /// The number of the day, counted from 1970-01-01.
    package let dayNumber: Int64

    /// Computes the date of a timestamp at an offset from UTC in minutes.
    ///
    /// Days to civil: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms".
    package init(_ time: Timestamp, utcOffsetMinutes: Int = 0) {
        let seconds = Self.floor(time.milliseconds, by: 1_000) + Int64(utcOffsetMinutes) * 60
        let days = Self.floor(seconds, by: 86_400)
        dayNumber = days
        let rest = Int(seconds - days * 86_400)
        let shifted = Int(days) + 719_468
        let era = Int(Self.floor(Int64(shifted), by: 146_097))
        let dayOfEra = shifted - era * 146_097
        let yearOfEra =
            (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let marchMonth = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * marchMonth + 2) / 5 + 1
        month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        hour = rest / 3_600
        minute = rest / 60 % 60
    }

    private static func floor(_ value: Int64, by divisor: Int64) -> Int64 {
        let quotient = value / divisor
        return value % divisor < 0 ? quotient - 1 : quotient
    }

    /// Whether both are on the same day.
    package func isSameDay(as other: CivilDate) -> Bool {
        year == other.year && month == other.month && day == other.day
    }
}
