import Foundation

/// One measured number, beside the floor it was measured with.
struct Figure: Codable, Equatable {
    /// What was measured.
    let name: String
    /// The median.
    let value: Double
    /// The unit of value and floor.
    let unit: String
    /// What the floor is; empty where the floor is zero or the figure is one itself.
    var floorName = ""
    /// The median of the floor.
    var floor: Double?
    /// Value through floor: the median over the rounds.
    var ratio: Double?
    /// What is wanted, in words; empty for none.
    var goal = ""
    /// Whether the goal is met; `nil` without a goal.
    var isMet: Bool?

    /// A number that is a floor or has no goal.
    init(_ name: String, _ value: Double, _ unit: String) {
        self.name = name
        self.value = value
        self.unit = unit
    }

    /// A number beside its floor, both taken in each round.
    init(_ name: String, _ rounds: PairedRounds, _ unit: String, floor floorName: String) {
        self.init(name, rounds.values.median, unit)
        self.floorName = floorName
        floor = rounds.floors.median
        ratio = zip(rounds.values, rounds.floors).map { $0 / $1 }.median
    }

    /// Wants a ratio to the floor of at least `least`.
    func wanting(ratioAtLeast least: Double) -> Figure {
        judged("≥ \(Report.short(least)) × floor", (ratio ?? 0) >= least)
    }

    /// Wants a value of at most `most`.
    func wanting(atMost most: Double) -> Figure {
        judged("≤ \(Report.short(most)) \(unit)", value <= most)
    }

    /// Wants a value of at least `least`.
    func wanting(atLeast least: Double) -> Figure {
        judged("≥ \(Report.short(least)) \(unit)", value >= least)
    }

    /// Wants a value of at most `most` above the floor.
    func wanting(aboveFloorAtMost most: Double) -> Figure {
        judged("≤ floor + \(Report.short(most)) \(unit)", value - (floor ?? 0) <= most)
    }

    /// Adds a goal that is stated and judged by the caller.
    func judged(_ goal: String, _ isMet: Bool) -> Figure {
        var figure = self
        figure.goal = goal
        figure.isMet = isMet
        return figure
    }
}

/// A value and its floor, measured in turns.
struct PairedRounds {
    var values: [Double] = []
    var floors: [Double] = []

    /// Measures the floor, then the value, `count` times.
    static func of(
        _ count: Int, floor: () throws -> Double, value: () throws -> Double
    ) rethrows -> PairedRounds {
        var rounds = PairedRounds()
        for _ in 0..<count {
            rounds.floors.append(try floor())
            rounds.values.append(try value())
        }
        return rounds
    }
}

/// All figures of a run, as people or programs read them.
struct Report: Codable {
    let figures: [Figure]

    func json() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(self), as: UTF8.self)
    }

    /// A table with aligned columns: figure, value, floor, ratio, goal, ok or short.
    func table() -> String {
        let head = ["figure", "value", "floor", "ratio", "goal", ""]
        let rows = figures.map { figure in
            [
                figure.name, "\(Report.short(figure.value)) \(figure.unit)",
                figure.floor.map { "\(Report.short($0)) \(figure.unit), \(figure.floorName)" }
                    ?? "", figure.ratio.map { Report.short($0) } ?? "", figure.goal,
                figure.isMet.map { $0 ? "ok" : "short" } ?? "",
            ]
        }
        let widths = head.indices.map { column in
            ([head] + rows).map { $0[column].count }.max() ?? 0
        }
        return ([head] + rows).map { row in
            let cells = row.enumerated().map { column, cell in
                cell + String(repeating: " ", count: widths[column] - cell.count)
            }
            return String(cells.joined(separator: "  ").reversed().drop { $0 == " " }.reversed())
        }.joined(separator: "\n")
    }

    /// Three significant digits, with separators for thousands.
    static func short(_ number: Double) -> String {
        guard number.isFinite else { return "\(number)" }
        if number == number.rounded(), abs(number) < 1000 { return String(Int(number)) }
        if abs(number) >= 100 {
            var digits = Array(String(Int(abs(number).rounded())))
            for position in stride(from: digits.count - 3, to: 0, by: -3) {
                digits.insert(",", at: position)
            }
            return (number < 0 ? "-" : "") + String(digits)
        }
        return String(
            format: abs(number) >= 10 ? "%.1f" : abs(number) >= 1 ? "%.2f" : "%.3f", number)
    }
}

/// Says on standard error what takes so long.
enum Progress {
    static func say(_ text: String) {
        FileHandle.standardError.write(Data("accord-bench: \(text)\n".utf8))
    }
}
