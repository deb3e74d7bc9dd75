import Foundation
import Glibc
import LedgerCore
import Screens
import Synchronization
import TerminalCore

/// Where a command's words go: lines of safe text, or one JSON document.
struct Output {
    /// Whether JSON is printed instead of text.
    let isJSON: Bool
    /// The person's language.
    let words: Words
    /// The width of the terminal in cells; `nil` where the output is no terminal.
    let columns: Int?

    init(isJSON: Bool, language: Language) {
        self.isJSON = isJSON
        let now = Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1_000))
        words = Words(
            language, utcOffsetMinutes: Surroundings.utcOffsetMinutes, now: now)
        columns = Output.terminalColumns()
    }

    /// The same output in the words of JSON, which scripts read: English, whatever the person's
    /// language.
    var forScripts: Output { Output(isJSON: isJSON, language: .english) }

    /// Returns the text of the person's language.
    func say(_ english: SafeText, _ chinese: SafeText) -> SafeText {
        words.language == .english ? english : chinese
    }

    /// Prints a line, unless JSON is wanted.
    func line(_ english: SafeText, _ chinese: SafeText) { line(say(english, chinese)) }

    /// Prints a line, unless JSON is wanted.
    func line(_ text: SafeText = .empty) {
        guard !isJSON else { return }
        Output.write(text.string + "\n", to: STDOUT_FILENO)
    }

    /// Prints lines, unless JSON is wanted.
    func lines(_ lines: [SafeText]) {
        guard !isJSON, !lines.isEmpty else { return }
        Output.write(lines.map { $0.string + "\n" }.joined(), to: STDOUT_FILENO)
    }

    /// Prints a document, if JSON is wanted.
    func json(_ value: @autoclosure () -> JSONValue) {
        guard isJSON else { return }
        Output.write(JSONPrinter.text(value()) + "\n", to: STDOUT_FILENO)
    }

    /// Prints named values, the names in one column, unless JSON is wanted; long ones wrap.
    func fields(_ fields: [(name: SafeText, value: SafeText)]) {
        guard !isJSON else { return }
        let width = TextWidth.standard
        let shown = fields.filter { !$0.value.isEmpty }
        let label = (shown.map { width.cells(of: $0.name) }.max() ?? 0) + 2
        let room = max((columns ?? 100) - label, 24)
        for (name, value) in shown {
            for (number, part) in width.wrap(value, cells: room).enumerated() {
                line(width.pad(number == 0 ? name : .empty, cells: label) + part)
            }
        }
    }

    /// Returns a failure in the person's language.
    func failure(_ status: ExitStatus, _ english: SafeText, _ chinese: SafeText) -> CommandFailure {
        CommandFailure(status, say(english, chinese))
    }

    /// Says on the error output what is worth knowing and no failure.
    func note(_ english: SafeText, _ chinese: SafeText) { Output.complain(say(english, chinese)) }

    /// Prints a line on the error output.
    static func complain(_ text: SafeText) {
        write("accord: \(text.string)\n", to: STDERR_FILENO)
    }

    /// Returns text whose every line is safe.
    static func cleaned(_ text: String) -> String {
        SafeText.paragraphs(untrusted: text).map(\.string).joined(separator: "\n")
    }

    /// Writes text whole; what does not arrive at standard output is kept for `checkArrived`.
    static func write(_ text: String, to descriptor: Int32) {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            let problem = errno
            if count > 0 {
                rest = rest.dropFirst(count)
            } else if count < 0, problem == EAGAIN {
                var waiting = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                poll(&waiting, 1, -1)
            } else if count == 0 || problem != EINTR {
                // A reader that went away has seen enough.
                guard problem != EPIPE, descriptor == STDOUT_FILENO else { return }
                return lost.withLock { $0 = problem }
            }
        }
    }

    /// Why something that was printed did not arrive, as the system numbers it.
    private static let lost = Mutex<Int32?>(nil)

    /// Makes the command fail where a script would take half of its output for all of it.
    static func checkArrived() throws(CommandFailure) {
        guard let problem = lost.withLock({ $0 }) else { return }
        let why = String(cString: strerror(problem))
        throw CommandFailure(
            .wrongUse, "the output could not be written: \(why); what was asked for is done",
            "输出无法写入：\(why)；所要求的操作已完成")
    }

    /// The width of the terminal that is written to, in cells; `nil` where it is none.
    static func terminalColumns() -> Int? {
        guard isatty(STDOUT_FILENO) == 1 else { return nil }
        var size = winsize()
        guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
        return Int(size.ws_col)
    }
}

/// Rows whose columns stand under each other.
struct Table {
    /// How each column stands; the last one is never filled.
    let alignments: [TextWidth.Alignment]
    private var rows: [[SafeText]] = []

    init(_ alignments: TextWidth.Alignment...) { self.alignments = alignments }

    /// Adds a row of as many cells as there are alignments.
    mutating func add(_ cells: SafeText...) { rows.append(cells) }

    /// Returns the rows; on a terminal of `columns` cells the last column is cut to fit.
    func lines(columns: Int?) -> [SafeText] {
        let width = TextWidth.standard
        let widths = alignments.indices.map { column in
            rows.map { width.cells(of: $0[column]) }.max() ?? 0
        }
        return rows.map { row in
            var line = SafeText.empty
            for (column, cell) in row.enumerated() {
                if column == row.count - 1 {
                    let room = columns.map { $0 - width.cells(of: line) }
                    line += room.map { width.truncate(cell, cells: max($0, 8)) } ?? cell
                } else if widths[column] > 0 {
                    line += width.pad(cell, cells: widths[column], alignments[column]) + "  "
                }
            }
            return line
        }
    }
}
