import ClientStore
import LedgerCore
import Screens
import SyncCore
import TerminalCore

/// The page of an export a person reads: plain HTML, nothing in it runs or is fetched.
struct ExportPage {
    let facts: ExportFacts
    let words: Words
    let records: [LocalRecord]
    let points: [PointsLine]
    let uses: [UseLine]
    let summary: PointsSummary
    let refused: [ActivityLine]
    let waiting: [ActivityLine]
    let results: [ResultLine]

    init(
        _ facts: ExportFacts, _ words: Words, records: [LocalRecord], points: [PointsLine],
        uses: [UseLine], summary: PointsSummary, refused: [ActivityLine], waiting: [ActivityLine],
        results: [ResultLine]
    ) {
        self.facts = facts
        self.words = words
        self.records = records
        self.points = points
        self.uses = uses
        self.summary = summary
        self.refused = refused
        self.waiting = waiting
        self.results = results
    }

    /// The file's bytes.
    var html: [UInt8] {
        let title = text(words(ExportText.pageTitle))
        let tag = words.language == .chinese ? "zh-CN" : "en"
        var page = """
            <!doctype html>
            <html lang="\(tag)">
            <head>
            <meta charset="utf-8">
            <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>\(title)</title>
            <style>
            body { font: 16px/1.5 sans-serif; max-width: 60em; margin: 2em auto; padding: 0 1em }
            table { border-collapse: collapse; width: 100% }
            th, td { border-bottom: 1px solid #ccc; padding: .3em .6em; text-align: left; vertical-align: top }
            .warning { border-left: .3em solid #b00; padding-left: 1em }
            </style>
            </head>
            <body>
            <h1>\(title)</h1>

            """
        page += paragraph(words(ExportText.pageIntro))
        if let beginning = facts.beginning {
            let since = words.dateTime(beginning.since)
            page += paragraph(words(ExportText.pageSince, since), mark: "warning")
        }
        page += paragraph(words(ExportText.notEncrypted), mark: "warning")
        page +=
            "<p>\(text(words(ExportText.pageLedger))): \(text(SafeText(untrusted: facts.origin)))"
        page += "<br>\(text(words(ExportText.pageAccount))): \(facts.account.text)</p>\n"
        page += permissions + usesTable + resultsTable + recordsTable + pointsTable + entries
        page += unrecorded + folder
        return Array((page + "</body>\n</html>\n").utf8)
    }

    // MARK: Sections

    private var permissions: String {
        section(
            words(.authorizations), none: words(ExportText.nothingAllowed),
            [
                words(.project), words(.what), words(.purpose), words(.columnState),
                words(.until), words(.columnProof),
            ],
            facts.permissions.map { permission in
                let line = permission.line
                let kinds = words.list(line.grant.kinds.map { words($0.name) })
                return [
                    text(words(line.title)), text(kinds), text(terms(of: line)),
                    text(words(line.state.phrase)),
                    text(words.date(line.grant.until)),
                    link(ExportPath.consent(line.id), "JSON-LD"),
                ]
            })
    }

    /// What was agreed that data may be used for, and linked with.
    private func terms(of line: AuthorizationLine) -> SafeText {
        let grant = line.grant
        let links = line.links.map { words(.linked) + " " + words.linked($0) }
        return words.clauses(words.meanings(grant.purposes, of: grant.agreedDiseases) + links)
    }

    private var usesTable: String {
        section(
            words(.usesTitle), none: words(.nobodyUsed),
            [
                words(.when), words(.project), words(.who), words(.purpose), words(.columnState),
                words(.columnProof),
            ],
            uses.map { line in
                let denied = line.denial.map { words($0.explained) }
                return [
                    text(words.dateTime(line.at)), text(words(line.title)), text(words(line.name)),
                    text(words(line.purpose.meaning)), text(denied ?? "✓"),
                    link(ExportPath.receipt(line.index), "#\(line.index)"),
                ]
            })
    }

    private var resultsTable: String {
        section(
            words(ResultText.title), none: words(ResultText.nothingCame),
            [
                words(.when), words(.what), words(.project), words(.who), words(.columnFile),
                words(.columnProof),
            ],
            results.map { line in
                [
                    text(words.dateTime(line.at)), text(words(line.returned.result.name)),
                    text(words(line.title)), text(words(line.institution)),
                    link(ExportPath.result(line.index), "TXT"),
                    link(ExportPath.receipt(line.index), "#\(line.index)"),
                ]
            })
    }

    private var recordsTable: String {
        section(
            words(.records), none: words(ExportText.noRecordsHere),
            [words(.what), words(.columnFile), words(.rows)],
            records.map { record in
                [
                    text(words(record.kind.name)), text(SafeText(untrusted: record.fileName)),
                    text(words.number(Int64(record.rowCount))),
                ]
            })
    }

    private var pointsTable: String {
        section(
            words(.points) + " · " + words.points(summary.available),
            none: words(ExportText.nothingEarned),
            [words(.when), words(.what), words(.project), words(.columnProof)],
            points.map { line in
                [
                    text(words.dateTime(line.at)), text(words.amount(line)),
                    text(words(line.title)), link(ExportPath.receipt(line.index), "#\(line.index)"),
                ]
            })
    }

    private var entries: String {
        section(
            words(.activity), none: .empty,
            [words(.when), words(.what), words(.project), words(.columnProof)],
            facts.ownSinceBeginning.map { entry in
                let project = entry.payload.body.project.flatMap(facts.study)?.terms.title
                let line = ActivityLine(
                    entry: entry.id, index: entry.index, at: entry.at, body: entry.payload.body,
                    state: .proven, rejection: nil, isRead: true, title: project, actor: nil)
                return [
                    text(words.dateTime(entry.at)), text(words.headline(line)),
                    text(project.map { words($0) } ?? .empty),
                    link(ExportPath.receipt(entry.index), "#\(entry.index)"),
                ]
            }) + paragraph(words(ExportText.pageProof))
    }

    /// What was refused, with the reason, and what waits.
    private var unrecorded: String {
        section(
            words(ExportText.pageRefused), none: words(ExportText.nothingRefused),
            [words(.when), words(.what), words(.project), words(ExportText.columnReason)],
            refused.map { line in
                row(line) + [text(line.rejection.map { words($0.reason) } ?? .empty)]
            })
            + section(
                words(ExportText.pageWaiting), none: words(ExportText.nothingWaits),
                [words(.when), words(.what), words(.project), words(.columnState)],
                waiting.map { line in row(line) + [text(words(line.state.name))] })
            + (waiting.isEmpty ? "" : paragraph(words(ExportText.waitingStays)))
    }

    private func row(_ line: ActivityLine) -> [String] {
        [
            text(words.dateTime(line.at)), text(words.headline(line)),
            text(line.title.map { words($0) } ?? .empty),
        ]
    }

    private var folder: String {
        let files: [(String, ExportText)] = [
            (ExportPath.page, .filePage), ("manifest.json, manifest.note", .fileManifest),
            (ExportPath.key, .fileKey), ("fhir/", .fileFHIR), ("consents/", .fileConsents),
            (ExportPath.points, .filePoints), (ExportPath.uses, .fileUses),
            ("entries/", .fileEntries), ("receipts/", .fileReceipts),
            ("\(ExportPath.refused), \(ExportPath.waiting)", .fileUnrecorded),
            (ExportPath.unrecorded, .fileSigned),
            ("\(ExportPath.uploads), uploads/", .fileUploads), ("results/", .fileResults),
            ("records/", .fileRecords), ("records/*.rows", .fileRows),
            (ExportPath.kept, .fileKept),
        ]
        return section(
            words(ExportText.pageFolder), none: .empty, [words(.columnFile), words(.what)],
            files.map { ["<code>\($0)</code>", text(words($1))] })
    }

    // MARK: HTML

    private func section(
        _ title: SafeText, none: SafeText, _ columns: [SafeText], _ rows: [[String]]
    ) -> String {
        var section = "<h2>\(text(title))</h2>\n"
        guard !rows.isEmpty else { return section + paragraph(none) }
        section += "<table>\n<tr>"
        for column in columns { section += "<th>\(text(column))</th>" }
        section += "</tr>\n"
        for row in rows {
            section += "<tr>" + row.map { "<td>\($0)</td>" }.joined() + "</tr>\n"
        }
        return section + "</table>\n"
    }

    private func paragraph(_ words: SafeText, mark: String? = nil) -> String {
        "<p\(mark.map { " class=\"\($0)\"" } ?? "")>\(text(words))</p>\n"
    }

    private func link(_ path: String, _ label: String) -> String {
        "<a href=\"\(path)\">\(label)</a>"
    }

    /// Text with nothing in it that HTML reads as more than text.
    private func text(_ safe: SafeText) -> String {
        var escaped = ""
        for character in safe.string {
            switch character {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            case "'": escaped += "&#39;"
            default: escaped.append(character)
            }
        }
        return escaped
    }
}
