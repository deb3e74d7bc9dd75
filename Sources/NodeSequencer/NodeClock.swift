internal import FoundationEssentials
package import LedgerCore
internal import Synchronization

/// Where a node takes its time from.
package protocol NodeClock: Sendable {
    /// The time now; it may jump, the sequencer never lets it go back.
    func now() -> Timestamp
    /// Waits; throws when cancelled.
    func sleep(for duration: Duration) async throws
}

extension NodeClock {
    /// Waits as long as the machine says, whatever `now` shows.
    package func sleep(for duration: Duration) async throws {
        try await Task.sleep(for: duration)
    }
}

/// The clock of the machine.
package struct SystemClock: NodeClock {
    /// Makes a clock.
    package init() {}

    /// The time of the machine.
    package func now() -> Timestamp {
        Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1000))
    }
}

/// A clock that stands still until it is set: for tests.
package final class ManualClock: NodeClock {
    private let time: Mutex<Timestamp>

    /// Makes a clock that shows `start`.
    package init(_ start: Timestamp) {
        time = Mutex(start)
    }

    /// The time last set.
    package func now() -> Timestamp { time.withLock { $0 } }

    /// Sets the time.
    package func set(_ new: Timestamp) { time.withLock { $0 = new } }

    /// Lets time pass.
    package func advance(milliseconds: Int64) {
        time.withLock { $0 = $0.adding(milliseconds: milliseconds) }
    }
}

/// A clock whose time stands in a file, read each time: for rehearsed sessions.
///
/// The file holds one line, `2026-03-01T08:00:00Z`, with or without a fraction. While it cannot
/// be read the last time holds.
package final class FileClock: NodeClock {
    private let path: String
    private let last: Mutex<Timestamp>

    /// Opens a clock file; `nil` if it does not hold a time.
    package init?(path: String) {
        guard let time = FileClock.read(path) else { return nil }
        self.path = path
        last = Mutex(time)
    }

    /// The time in the file.
    package func now() -> Timestamp {
        let read = FileClock.read(path)
        return last.withLock { last in
            if let read { last = read }
            return last
        }
    }

    private static func read(_ path: String) -> Timestamp? {
        // A file that cannot be read right now is the documented case: the last time holds.
        guard let bytes = try? Data(contentsOf: URL(filePath: path)) else { return nil }
        return Timestamp(iso8601: String(decoding: bytes, as: UTF8.self).filter { $0 > " " })
    }
}

extension Timestamp {
    /// Reads `2026-03-01T08:00:00Z` or `2026-03-01T08:00:00.250Z`; `nil` for anything else.
    package init?(iso8601 text: String) {
        let bytes = Array(text.utf8)
        guard bytes.count >= 20, bytes.last == UInt8(ascii: "Z"), bytes[4] == 0x2d,
            bytes[7] == 0x2d, bytes[10] == UInt8(ascii: "T"), bytes[13] == 0x3a,
            bytes[16] == 0x3a,
            let year = Timestamp.number(bytes[0..<4]), let month = Timestamp.number(bytes[5..<7]),
            let day = Timestamp.number(bytes[8..<10]), let hour = Timestamp.number(bytes[11..<13]),
            let minute = Timestamp.number(bytes[14..<16]),
            let second = Timestamp.number(bytes[17..<19]), (1...12).contains(month),
            (1...31).contains(day), hour < 24, minute < 60, second < 60
        else { return nil }
        var fraction: Int64 = 0
        if bytes[19] == UInt8(ascii: ".") {
            guard (21...24).contains(bytes.count),
                let digits = Timestamp.number(bytes[20..<(bytes.count - 1)])
            else { return nil }
            fraction = [100, 10, 1][bytes.count - 22] * digits
        } else if bytes.count != 20 {
            return nil
        }
        let days = Timestamp.dayNumber(year: year, month: month, day: day)
        let seconds = days * 86_400 + hour * 3600 + minute * 60 + second
        self.init(milliseconds: seconds * 1000 + fraction)
    }

    private static func number(_ digits: ArraySlice<UInt8>) -> Int64? {
        guard !digits.isEmpty, digits.allSatisfy({ (0x30...0x39).contains($0) }) else {
            return nil
        }
        return digits.reduce(0) { $0 * 10 + Int64($1 - 0x30) }
    }
}
