import LedgerCore
import TerminalCore

/// A recording that asciinema plays: asciicast version 2 or 3.
///
/// An event's text is a whole Swift string, so that no character is ever split between two events.
/// Times are whole milliseconds: the intervals of version 3 add up to the times of version 2.
struct Asciicast {
    private let version: Int
    private var lines: [String]
    private var last: Int64 = 0

    /// Begins a recording.
    init(version: Int, size: Size, start: Timestamp, title: String) {
        self.version = version
        let columns = JSONValue.integer(Int64(size.columns))
        let rows = JSONValue.integer(Int64(size.rows))
        let terminal = JSONValue.string("xterm-256color")
        var header: [JSONValue.Member] = [
            .init("timestamp", .integer(start.milliseconds / 1_000)),
            .init("title", .string(title)),
            .init("version", .integer(Int64(version))),
        ]
        if version == 2 {
            header += [
                .init(
                    "env", .sorted([.init("SHELL", .string("/bin/sh")), .init("TERM", terminal)])),
                .init("height", rows), .init("width", columns),
            ]
        } else {
            header += [
                .init("env", .sorted([.init("SHELL", .string("/bin/sh"))])),
                .init(
                    "term",
                    .sorted([.init("cols", columns), .init("rows", rows), .init("type", terminal)])),
            ]
        }
        lines = [Asciicast.line(.sorted(header))]
    }

    /// Adds what was written to the terminal, so many milliseconds after the beginning.
    mutating func add(output text: String, at milliseconds: Int64) { add("o", text, milliseconds) }

    /// Adds a new size.
    mutating func add(size: Size, at milliseconds: Int64) {
        add("r", "\(size.columns)x\(size.rows)", milliseconds)
    }

    /// Adds a mark with a name.
    mutating func add(mark name: String, at milliseconds: Int64) { add("m", name, milliseconds) }

    /// Adds how the program ended; version 2 has no word for it.
    mutating func add(exitStatus: Int32, at milliseconds: Int64) {
        if version == 3 { add("x", String(exitStatus), milliseconds) }
    }

    private mutating func add(_ code: String, _ text: String, _ milliseconds: Int64) {
        let time = max(milliseconds, last)
        let shown = version == 2 ? time : time - last
        last = time
        let rest = shown % 1_000
        let seconds = "\(shown / 1_000).\(rest < 10 ? "00" : rest < 100 ? "0" : "")\(rest)"
        lines.append("[\(seconds), \"\(code)\", \(Asciicast.line(.string(text)))]")
    }

    private static func line(_ value: JSONValue) -> String {
        String(decoding: value.canonicalBytes, as: UTF8.self)
    }

    /// The file.
    var text: String { lines.joined(separator: "\n") + "\n" }
}
