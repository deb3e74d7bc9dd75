import Foundation
import LedgerCore
package import Screens
package import SyncCore
import TerminalCore

/// Tables of an export: comma-separated values (RFC 4180) that no spreadsheet runs.
package struct ExportTables {
    private let words: Words

    /// Writes titles in the language of `words`.
    package init(_ words: Words) { self.words = words }

    /// Every movement of points, in the order given: what `change` adds up to is the balance,
    /// available and on the way.
    package func points(_ lines: [PointsLine]) -> [UInt8] {
        ExportTables.table(
            ["time", "index", "kind", "points", "change", "project", "title"],
            lines.map { line in
                [
                    line.at.iso, String(line.index), line.kind.rawValue,
                    String(line.points.value), String(line.change.value),
                    line.project?.text ?? line.reward?.text ?? "",
                    ExportTables.field(words(line.title).string),
                ]
            })
    }

    /// Every use and every denied one, in the order given, with the file of its proof.
    func uses(_ lines: [UseLine]) -> [UInt8] {
        ExportTables.table(
            [
                "time", "index", "project", "title", "user", "name", "purpose", "result",
                "reason", "contributions", "entry", "proof",
            ],
            lines.map { line in
                [
                    line.at.iso, String(line.index), line.project.text,
                    ExportTables.field(words(line.title).string), line.user.text,
                    ExportTables.field(words(line.name).string), line.purpose.text,
                    line.denial == nil ? "allowed" : "denied", line.denial?.rawValue ?? "",
                    line.contributions.map(\.hex).joined(separator: " "), line.entry.hex,
                    ExportPath.receipt(line.index),
                ]
            })
    }

    /// What is not in the ledger: its state, and why it was refused.
    func unrecorded(_ lines: [ActivityLine]) -> [UInt8] {
        ExportTables.table(
            ["time", "state", "kind", "project", "title", "what", "code", "reason", "entry"],
            lines.map { line in
                let project = line.body.project?.text ?? ""
                let title = line.title.map { words($0).string } ?? ""
                let reason = line.rejection.map { words($0.reason).string } ?? ""
                return [
                    line.at.iso, line.state.rawValue, line.body.kind.rawValue, project,
                    ExportTables.field(title),
                    ExportTables.field(words.headline(line).string),
                    line.rejection.map { "\($0)" } ?? "", ExportTables.field(reason),
                    line.entry.hex,
                ]
            })
    }

    private static func table(_ names: [String], _ rows: [[String]]) -> [UInt8] {
        Array(([names] + rows).map { $0.joined(separator: ",") + "\n" }.joined().utf8)
    }

    /// A field that no spreadsheet takes for a formula.
    package static func field(_ text: String) -> String {
        let isFormula = text.first.map { "=+-@\t\r＝＋－＠".contains($0) } ?? false
        let shown = (isFormula ? "'" : "") + text
        return "\"" + shown.replacing("\"", with: "\"\"") + "\""
    }
}
