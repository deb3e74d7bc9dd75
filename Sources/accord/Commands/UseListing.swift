import ArgumentParser
import ClientRuntime
import ClientStore
import Foundation
import LedgerCore
import Screens
import SyncCore
import TerminalCore

extension ActivityType: ExpressibleByArgument {}

/// Who used the member's data: sentences for a person, every use with its proof for a script.
struct UseListing {
    let desk: MemberDesk
    let scope: UseScope

    func print(asCSV: Bool) throws {
        let output = desk.output
        if asCSV { return try printCSV() }
        guard !output.isJSON else {
            let rows = try desk.store.uses(scope).map { try json($0) }
            return output.json(jsonObject([("uses", .array(rows))]))
        }
        let words = output.words
        let summaries = try desk.store.useSummaries(scope)
        if summaries.isEmpty { output.line(words(.nobodyUsed)) }
        var project: ProjectID?
        for summary in summaries {
            if summary.project != project { output.line(words(summary.title)) }
            project = summary.project
            for sentence in words.sentences(summary) { output.line("  " + sentence.text) }
        }
    }

    private func json(_ line: UseLine) throws -> JSONValue {
        jsonObject([
            ("at", .time(line.at)),
            ("contributions", .array(line.contributions.map { .string($0.hex) })),
            ("entry", .string(line.entry.hex)), ("index", .integer(line.index)),
            ("name", .text(line.name)), ("project", .string(line.project.text)),
            ("proof", try receipt(line).map { .string($0) }),
            ("purpose", .string(line.purpose.text)),
            ("reason", line.denial.map { .string($0.rawValue) }),
            ("result", .string(result(line))), ("title", .text(line.title)),
            ("user", .string(line.user.text)),
        ])
    }

    /// RFC 4180; the proof is the `.tlog-proof` file in base64, so that a row stays one line.
    private func printCSV() throws {
        let words = desk.output.words
        var rows = [
            "time,index,project,title,user,name,purpose,result,reason,contributions,entry,proof"
        ]
        for line in try desk.store.uses(scope) {
            let proof = try receipt(line).map { Base64.standard.encode(Array($0.utf8)) }
            let fields = [
                line.at.iso, String(line.index), line.project.text,
                ExportTables.field(words(line.title).string), line.user.text,
                ExportTables.field(words(line.name).string), line.purpose.text, result(line),
                line.denial?.rawValue ?? "", line.contributions.map(\.hex).joined(separator: " "),
                line.entry.hex, proof ?? "",
            ]
            rows.append(fields.joined(separator: ","))
        }
        Output.write(rows.map { $0 + "\n" }.joined(), to: STDOUT_FILENO)
    }

    private func result(_ line: UseLine) -> String { line.denial == nil ? "allowed" : "denied" }

    private func receipt(_ line: UseLine) throws -> String? {
        try desk.store.proof(of: line.entry)?.receipt
    }
}
