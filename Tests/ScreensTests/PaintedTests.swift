import Screens
import TerminalCore
import TestSupport
import Testing

/// A frame that follows moves, beside one painted from the state.
@Suite struct PaintedTests {
    private static let moves: [Key] = [
        .down, .down, .down, .up, .up, .pageDown, .pageUp, .home, .end, .control("d"),
        .control("u"), .character("j"), .character("G"),
    ]

    @Test(arguments: [Size(columns: 80, rows: 24), Size(columns: 40, rows: 12)], [false, true])
    func `following moves gives the frame that painting gives`(
        size: Size, inChinese: Bool
    ) throws {
        var random = SystemRandomNumberGenerator()
        for place in 1...6 {
            for marksByBar in [false, true] {
                var driver = ScreenDriver(
                    columns: size.columns, rows: size.rows,
                    language: inChinese ? .chinese : .english, marksByBar: marksByBar)
                driver.press("\(place)")
                var painted = Painted(driver.model)
                var followed = 0
                for _ in 0..<120 {
                    let key = Self.moves.randomElement(using: &random) ?? .down
                    let count = Int.random(in: 1...3, using: &random)
                    if driver.move(key, count: count, painted: painted),
                        painted.follow(driver.model)
                    {
                        followed += 1
                    } else {
                        painted = Painted(driver.model)
                    }
                    // The first that differs says enough.
                    try #require(painted.frame == driver.frame, "\(place) \(key)")
                }
                // Home is no plain list; what is selected elsewhere asks for nothing more.
                #expect(place == 1 ? followed == 0 : followed > 20, "\(place)")
            }
        }
    }
}
