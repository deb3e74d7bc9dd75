import LedgerCore
import TerminalCore

/// A recording that asciinema plays: asciicast v2.
package struct Asciicast {
    private var lines: [String]
    private let start: Timestamp

    /// Begins a recording.
    init(size: Size, start: Timestamp, title: String) {
        self.start = start
        let header = JSONValue.sorted([
            .init(
                "env",
                .sorted([
                    .init("SHELL", .string("/bin/sh")), .init("TERM", .string("xterm-256color")),
                ])),
            .init("height", .integer(Int64(size.rows))),
            .init("timestamp", .integer(start.milliseconds / 1_000)),
            .init("title", .string(title)),
            .init("version", .integer(2)),
            .init("width", .integer(Int64(size.columns))),
        ])
        lines = [String(decoding: header.canonicalBytes, as: UTF8.self)]
    }

    /// Adds what was written to the terminal, so many milliseconds after the beginning.
    mutating func add(output text: String, at milliseconds: Int64) { add("o", text, milliseconds) }

    /// Adds a new size.
    mutating func add(size: Size, at milliseconds: Int64) {
        add("r", "\(size.columns)x\(size.rows)", milliseconds)
    }

    private mutating func add(_ code: String, _ text: String, _ milliseconds: Int64) {
        let rest = milliseconds % 1_000
        let seconds = "\(milliseconds / 1_000).\(rest < 10 ? "00" : rest < 100 ? "0" : "")\(rest)"
        let quoted = String(decoding: JSONValue.string(text).canonicalBytes, as: UTF8.self)
        lines.append("[\(seconds), \"\(code)\", \(quoted)]")
    }

    /// The file.
    var text: String { lines.joined(separator: "\n") + "\n" }
}
