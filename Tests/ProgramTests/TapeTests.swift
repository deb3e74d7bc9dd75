import Foundation
import Testing

/// Every tape of `Tests/Tapes`, against real nodes.
@Suite(.serialized) struct TapeTests {
    /// A tape, a size and a language.
    struct Play: CustomTestStringConvertible, Sendable {
        let tape: String
        let size: String
        let locale: String

        var testDescription: String { "\(tape) at \(size) in \(locale)" }

        var arguments: [String] {
            let file = BuiltProgram.package.appending(path: "Tests/Tapes/\(tape).tape")
            return [
                "play", file.path(percentEncoded: false), "--size", size, "--locale", locale,
            ]
        }
    }

    /// The first day stands in `FirstDayTests`; the storm has sizes of its own.
    static let plays: [Play] =
        [
            ("newcomer", "80x24", "zh"), ("newcomer", "100x30", "zh"),
            ("revoke-offline", "80x24", "en"), ("revoke-offline", "100x30", "zh"),
            ("refused-when-full", "80x24", "zh"), ("refused-when-full", "100x30", "en"),
            ("lost-node", "80x24", "en"), ("lost-node", "100x30", "zh"),
            ("resize-storm", "80x24", "en"), ("resize-storm", "80x24", "zh"),
            ("guardian", "80x24", "en"), ("guardian", "100x30", "zh"),
            ("hostile", "80x24", "zh"), ("hostile", "100x30", "en"),
        ].map { Play(tape: $0.0, size: $0.1, locale: $0.2) }

    private static let firstDays: [Play] = ["80x24", "100x30"].flatMap { size in
        ["en", "zh"].map { Play(tape: "first-day", size: size, locale: $0) }
    }

    /// A terminal shows what the frame says, and the frame equals its golden files.
    private func playInTerminal(_ play: Play) throws {
        let (status, text) = try BuiltProgram.run("accord", play.arguments + ["--terminal"])
        #expect(status == 0, "\(text)")
        #expect(text.contains(/[1-9]\d* screens are the same in the terminal/))
    }

    // In a terminal the golden files are compared too: once is enough.
    @Test(.enabled(if: !Tool.exists("tmux"), "played in a terminal instead"), arguments: plays)
    func `a tape plays against a real node exactly as its golden frames say`(play: Play) throws {
        let (status, text) = try BuiltProgram.run("accord", play.arguments)
        #expect(status == 0, "\(text)")
    }

    @Test(.enabled(if: Tool.exists("tmux"), "tmux is missing"), arguments: firstDays + plays)
    func `the same tape typed in a terminal shows the same screens, cell by cell`(
        play: Play
    ) throws {
        try playInTerminal(play)
    }
}
