import Foundation
import Glibc
package import LedgerCore
import Synchronization

/// The time a person's clock shows.
///
/// A tape sets it by hand, or a file says it.
package final class RuntimeClock: Sendable {
    private let fixed: Mutex<Timestamp?>
    private let file: String?

    /// Makes a clock: the machine's, or one that stands still at `time` until it is set.
    package init(at time: Timestamp? = nil) {
        fixed = Mutex(time)
        file = nil
    }

    /// Makes a clock whose time stands in a file, as `2026-11-22T14:03:00Z`, read each time.
    ///
    /// While the file cannot be read the last time holds.
    package init(file: String) {
        fixed = Mutex(nil)
        self.file = file
    }

    /// The time now.
    package var now: Timestamp {
        if let file, let content = FileManager.default.contents(atPath: file),
            let time = Timestamp(iso: String(decoding: content, as: UTF8.self).filter { $0 > " " })
        {
            fixed.withLock { $0 = time }
        }
        return fixed.withLock { $0 } ?? RuntimeClock.machineTime
    }

    /// Whether the clock is set by hand.
    package var isFixed: Bool { fixed.withLock { $0 != nil } }

    /// Stops the clock at `time`.
    package func set(_ time: Timestamp) {
        fixed.withLock { $0 = time }
    }

    private static var machineTime: Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(
            milliseconds: Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000)
    }
}

extension Timestamp {
    /// Reads `2026-11-22`, `2026-11-22T14:03:00Z` or `2026-11-22T14:03:00.250Z`, in UTC.
    package init?(iso text: String) {
        let parts = text.split(separator: "T", maxSplits: 1)
        guard let date = parts.first else { return nil }
        let numbers = date.split(separator: "-", omittingEmptySubsequences: false)
            .map { Int64($0) }
        guard numbers.count == 3, let year = numbers[0], let month = numbers[1],
            let day = numbers[2], (1970...9999).contains(year), (1...12).contains(month),
            (1...31).contains(day)
        else { return nil }
        var seconds = Timestamp.dayNumber(year: year, month: month, day: day) * 86_400
        var milliseconds: Int64 = 0
        if parts.count == 2 {
            guard parts[1].hasSuffix("Z") else { return nil }
            let clock = parts[1].dropLast().split(separator: ":")
            guard (2...3).contains(clock.count), let hour = Int64(clock[0]),
                let minute = Int64(clock[1]), (0...23).contains(hour), (0...59).contains(minute)
            else { return nil }
            seconds += hour * 3_600 + minute * 60
            if clock.count == 3 {
                guard let second = Double(clock[2]), (0..<60).contains(second) else { return nil }
                milliseconds = Int64((second * 1_000).rounded())
            }
        }
        self.init(milliseconds: seconds * 1_000 + milliseconds)
    }

    /// The time in UTC as `2026-11-22T14:03:00Z`; milliseconds follow where there are any.
    package var iso: String {
        let seconds = milliseconds / 1_000
        let rest = milliseconds % 1_000
        let (year, month, day) = Timestamp.date(days: seconds / 86_400)
        let clock = seconds % 86_400
        func two(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let fraction = rest == 0 ? "" : ".\(rest < 10 ? "00" : rest < 100 ? "0" : "")\(rest)"
        return "\(year)-\(two(month))-\(two(day))T\(two(clock / 3_600))"
            + ":\(two(clock / 60 % 60)):\(two(clock % 60))\(fraction)Z"
    }

    /// The date in UTC as `2026-11-22`.
    package var isoDate: String { String(iso.prefix(10)) }

    // A date from the days since 1970, in the proleptic Gregorian calendar (Howard Hinnant,
    // "chrono-Compatible Low-Level Date Algorithms").
    private static func date(days: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let shifted = days + 719_468
        let era = shifted / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra =
            (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let part = (5 * dayOfYear + 2) / 153
        let month = part < 10 ? part + 3 : part - 9
        return (
            yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month,
            dayOfYear - (153 * part + 2) / 5 + 1
        )
    }
}
