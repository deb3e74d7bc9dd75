import LedgerCore
import SyncCore
import TerminalCore

/// The uses of a month, day by day.
enum UseCalendar {
    struct Model: Equatable {
        private(set) var year: Int
        /// 1...12.
        private(set) var month: Int
        let utcOffsetMinutes: Int
        /// Days with uses, ascending.
        var days: [UseDay] = []

        init(now: Timestamp, _ utcOffsetMinutes: Int) {
            let date = CivilDate(now, utcOffsetMinutes: utcOffsetMinutes)
            year = date.year
            month = date.month
            self.utcOffsetMinutes = utcOffsetMinutes
        }

        /// Goes to another month, no further than 1970 and 9999.
        mutating func step(_ months: Int) {
            let number = min(max(year * 12 + month - 1 + months, 1_970 * 12), 9_999 * 12 + 10)
            year = number / 12
            month = number % 12 + 1
            days = []
        }

        /// Days since 1970 of the first of the month, and of the first of the next.
        var span: Range<Int64> {
            let next = month == 12 ? (year + 1, 1) : (year, month + 1)
            func first(_ year: Int, _ month: Int) -> Int64 {
                Timestamp.dayNumber(year: Int64(year), month: Int64(month), day: 1)
            }
            return first(year, month)..<first(next.0, next.1)
        }

        var request: Request {
            func start(_ day: Int64) -> Timestamp {
                Timestamp(
                    milliseconds: max(day * 86_400_000 - Int64(utcOffsetMinutes) * 60_000, 0))
            }
            return .account(
                .useDays(
                    start(span.lowerBound)..<max(start(span.upperBound), start(span.lowerBound)),
                    utcOffsetMinutes: utcOffsetMinutes))
        }
    }

    static func write(_ model: Model, _ say: Words, into page: inout Document) {
        page.heading(say.monthOfYear(model.month, model.year))
        page.drawing(grid(model, say, page.textWidth, cells: page.width < 46 ? 4 : 6))
        page.blank()
        let allowed = model.days.reduce(0) { $0 + $1.allowed }
        let denied = model.days.reduce(0) { $0 + $1.denied }
        guard allowed + denied > 0 else { return page.text(say(.noUsesInMonth), .textMuted) }
        page.text(say(.calendarLegend), .textMuted)
        page.text(say.uses(allowed, denied), .textStrong)
        for day in model.days {
            page.fields(
                say.dayOfMonth(day.day - model.span.lowerBound + 1, model.month),
                [Run(say.uses(day.allowed, day.denied))])
        }
    }

    /// A row of days for each week, Monday first, and below it the counts where there are any.
    private static func grid(_ model: Model, _ say: Words, _ width: TextWidth, cells: Int)
        -> [[Run]]
    {
        func right(_ text: SafeText) -> SafeText { width.pad(text, cells: cells, .right) }
        var rows: [[Run]] = [say.weekdaySigns.map { Run(right($0), .textMuted) }]
        let first = model.span.lowerBound
        // 1 January 1970 was a Thursday.
        let lead = Int((first + 3) % 7)
        let counts = Dictionary(uniqueKeysWithValues: model.days.map { ($0.day, $0) })
        for week in stride(from: -lead, to: Int(model.span.count), by: 7) {
            var days: [Run] = []
            var uses: [Run] = []
            for offset in week..<(week + 7) {
                let isInside = model.span.contains(first + Int64(offset))
                days.append(Run(isInside ? right("\(offset + 1)") : SafeText.spaces(cells)))
                let day = isInside ? counts[first + Int64(offset)] : nil
                uses.append(Run(right(sign(day)), day?.denied ?? 0 > 0 ? .statusWarning : .accent))
            }
            rows.append(days)
            if uses.contains(where: { !$0.text.string.allSatisfy(\.isWhitespace) }) {
                rows.append(uses)
            }
        }
        return rows
    }

    /// `3` for three uses, `!1` for a denied one, `3!1` for both.
    private static func sign(_ day: UseDay?) -> SafeText {
        guard let day else { return "" }
        let allowed: SafeText = day.allowed > 0 ? "\(min(day.allowed, 999))" : ""
        let denied: SafeText = day.denied > 0 ? "!\(min(day.denied, 99))" : ""
        return allowed + denied
    }
}
