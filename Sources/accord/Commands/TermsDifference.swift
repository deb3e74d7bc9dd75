import ClientRuntime
import Foundation
import LedgerCore
import Screens
import TerminalCore

/// What differs between two versions of a project, line by line, for those who sign it.
enum TermsDifference {
    private static let times: Set<String> = [
        "collect_from", "collect_until", "erase_at", "use_until",
    ]

    static func lines(_ old: ProjectTerms, _ next: ProjectTerms, _ output: Output) -> [SafeText] {
        StudyAmend.changes(old, next).flatMap { name -> [SafeText] in
            let (before, after) = (old.json[name], next.json[name])
            guard let one = before?.array.map(items), let two = after?.array.map(items) else {
                return [
                    "  \(name)", "  - \(text(before, name, output))",
                    "  + \(text(after, name, output))",
                ]
            }
            return ["  \(name)"] + one.filter { !two.contains($0) }.map { "  - \($0)" }
                + two.filter { !one.contains($0) }.map { "  + \($0)" }
        }
    }

    private static func items(_ list: [JSONValue]) -> [String] {
        list.map { item in
            if let pair = item.array, let kind = pair.first?.string {
                return "\(kind) (\(pair.last == .bool(true) ? "required" : "optional"))"
            }
            return item.string ?? JSONPrinter.text(item)
        }
    }

    private static func text(_ value: JSONValue?, _ name: String, _ output: Output) -> String {
        guard let value else { return "–" }
        if times.contains(name), let milliseconds = value.integer {
            return Timestamp(milliseconds: milliseconds).isoDate
        }
        return value.string ?? JSONPrinter.text(value)
    }
}

extension Output {
    /// Asks on the terminal; where there is none, whoever runs it decided before.
    static func isConfirmed(_ question: SafeText) -> Bool {
        guard isatty(STDIN_FILENO) == 1 else { return true }
        forgetTypedAhead()
        write(question.string, to: STDERR_FILENO)
        return ["y", "yes", "是"].contains(readLine()?.lowercased())
    }

    /// Drops what was typed before a question could be read: it answers something else.
    static func forgetTypedAhead() {
        if isatty(STDIN_FILENO) == 1 { tcflush(STDIN_FILENO, TCIFLUSH) }
    }
}
