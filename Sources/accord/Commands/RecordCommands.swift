import ArgumentParser
import ClientRuntime
import ClientStore
import Foundation
import HealthRecords
import LedgerCore
import Screens
import SyncCore
import TerminalCore

/// The records on this machine.
struct RecordsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "records",
        abstract: Spoken.help(
            "Import, look at and erase records on this machine.", "在本机导入、查看和删除记录。"),
        subcommands: [
            ImportRecords.self, ListRecords.self, ShowRecord.self, EraseRecord.self,
        ], defaultSubcommand: ListRecords.self)
}

/// Imports files.
struct ImportRecords: AccordCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: Spoken.help(
            "Import records: sealed on this machine, nothing is sent.", "导入记录：在本机加密保存，不发送任何内容。"),
        discussion: Spoken.help(
            """
            A file is recognised by what is in it: FHIR R4 (JSON, NDJSON), Apple Health \
            (export.xml or its .zip), Fitbit, Dexcom and other tables, Garmin FIT, VCF (also \
            .gz), 23andMe, AncestryDNA, MyHeritage, FTDNA, and lists of expression, proteins, \
            metabolites or taxa.
            """,
            """
            文件按内容识别：FHIR R4（JSON、NDJSON）、Apple 健康（export.xml 或其 .zip）、\
            Fitbit、Dexcom 等表格、Garmin FIT、VCF（含 .gz）、23andMe、AncestryDNA、\
            MyHeritage、FTDNA，以及表达量、蛋白质、代谢物或菌群的列表。
            """))

    @Argument(help: Spoken.help("The files.", "文件。"), completion: .file())
    var files: [String]
    @Option(
        help: Spoken.help(
            "Whose rows to take from a file about several people: the name of a sample.",
            "文件涉及多人时取谁的行：样本的名称。"))
    var person: String?
    @Flag(help: Spoken.help("List everything that was left out, one by one.", "逐一列出所有略过的内容。"))
    var details = false
    @OptionGroup var passphrase: PassphraseOption
    @OptionGroup var common: CommonOptions

    func execute(_ output: Output) async throws {
        let desk = try MemberDesk.unlocked(output, passphrase)
        let report = try importing(desk, output)
        let lines = try desk.store.records().filter { report.records.contains($0.id) }
        output.json(
            jsonObject([
                ("files", .array(report.files.map(\.json))),
                (
                    "problems",
                    .array(report.problems.map { .string($0.english) })
                ),
                ("records", .array(lines.reversed().map(\.json))),
                ("rows", .integer(Int64(report.rowCount))),
            ]))
        for file in report.files { output.lines(output.understood(file)) }
        output.lines(output.records(lines.reversed()))
        for file in report.files { complain(file, output) }
        if let stop = report.stop { throw CommandFailure(.refused, output.words(stop.words)) }
        if report.records.isEmpty {
            throw output.failure(
                .refused, "no record was imported; nothing changed here", "没有导入任何记录，本机未作更改")
        }
        output.line(
            "sealed on this machine; hand over with  accord contribute PROJECT --records N",
            "已加密保存在本机；用  accord contribute 项目 --records 编号  提交")
    }

    private func importing(_ desk: MemberDesk, _ output: Output) throws -> ImportReport {
        let line = WorkLine(output)
        let interrupt = Interrupt()
        defer { line.clear() }
        do {
            return try desk.session.actions().importRecords(
                files, options: RecordReadOptions(person: person)
            ) { progress in
                line.show(
                    WorkProgress(
                        .importing(file: progress.file), done: progress.readBytes,
                        total: progress.sizeBytes, unit: .bytes, before: progress.startBytes,
                        rows: Int64(progress.rows)))
                return !interrupt.hasCome
            }
        } catch let cancelled as ImportCancelled {
            line.clear()
            Output.complain(output.words(cancelled.words))
            interrupt.endLikeIt()
        }
    }

    private func complain(_ file: ImportedFile, _ output: Output) {
        for problem in file.problems { Output.complain(output.words(problem)) }
        guard file.refusal == nil, file.skipped.total > 0 else { return }
        let shown = details ? file.skipped.listed.count : min(file.skipped.listed.count, 10)
        for part in file.skipped.listed.prefix(shown) {
            let (place, reason) = (part.place.words, part.reason.words)
            Output.complain(
                output.say(
                    "  \(place.english): \(reason.english)", "  \(place.chinese)：\(reason.chinese)"
                ))
        }
        let rest = file.skipped.total - shown
        guard rest > 0 else { return }
        Output.complain(
            (details
                ? output.say("  and \(rest) more", "  另有 \(rest) 处")
                : output.say(
                    "  and \(rest) more: --details lists them", "  另有 \(rest) 处：--details 可逐条列出"))
        )
    }
}

extension Output {
    /// What was understood of a file, in a line.
    fileprivate func understood(_ file: ImportedFile) -> [SafeText] {
        guard file.refusal == nil, let format = file.format else { return [] }
        let (name, count) = (PlainText.line(file.name), file.rowCount)
        return [
            say(
                "\(name): \(format.name.english), \(count) rows, \(file.skipped.total) left out",
                "\(name)：\(format.name.chinese)，\(count) 行，略过 \(file.skipped.total) 处")
        ]
    }
}

extension ImportedFile {
    /// The report of a file for other programs.
    fileprivate var json: JSONValue {
        let counts: [JSONValue] = skipped.counts.map { reason, count in
            jsonObject([
                ("count", .integer(Int64(count))), ("reason", .string(reason.words.english)),
            ])
        }
        let parts: [JSONValue] = skipped.listed.map { part in
            jsonObject([
                ("place", .string(part.place.words.english)),
                ("reason", .string(part.reason.words.english)),
            ])
        }
        let unread: [JSONValue] = others.map { .string($0) }
        var members: [(String, JSONValue)] = [
            ("file", .string(name)), ("left_out", .array(counts)), ("listed", .array(parts)),
            ("others", .array(unread)), ("rows", .integer(Int64(rowCount))),
        ]
        if let format { members.append(("format", .string(format.rawValue))) }
        if let refusal { members.append(("refused", .string(refusal.description))) }
        return jsonObject(members)
    }
}

/// Lists records.
struct ListRecords: AccordCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: Spoken.help("List the records on this machine.", "列出本机的记录。"))

    @OptionGroup var common: CommonOptions

    func execute(_ output: Output) async throws {
        let records = try MemberDesk.reading(output).store.records()
        output.json(jsonObject([("records", .array(records.map(\.json)))]))
        if records.isEmpty {
            output.line(
                "no records yet; import some with  accord records import FILE",
                "尚无记录；用  accord records import 文件  导入")
        }
        output.lines(output.records(records))
    }
}

extension Output {
    /// Records, one to a line.
    func records(_ records: [RecordLine]) -> [SafeText] {
        var table = Table(.right, .left, .right, .left, .left, .left)
        for record in records {
            let dates =
                if let from = record.from, let until = record.until {
                    words.date(from) == words.date(until)
                        ? words.date(from) : words.span(from, until)
                } else {
                    SafeText.empty
                }
            let handed: SafeText =
                record.contributions.isEmpty
                ? .empty : words(.handedOver) + " ×\(record.contributions.count)"
            table.add(
                "\(record.id)", words(record.kind.name),
                words.count(.rowCount, record.rowCount), dates, handed, "\(record.fileName)")
        }
        return table.lines(columns: columns)
    }
}

extension RecordLine {
    /// The line for scripts.
    var json: JSONValue {
        jsonObject([
            ("contributions", .array(contributions.map(\.json))), ("file", .string(fileName)),
            ("from", from.map(JSONValue.time)), ("identifying", .integer(Int64(identifyingCount))),
            ("imported", .time(importedAt)), ("kind", .string(kind.rawValue)),
            ("record", .integer(id)), ("rows", .integer(Int64(rowCount))),
            ("until", until.map(JSONValue.time)),
        ])
    }
}

/// Shows the rows of a record.
struct ShowRecord: AccordCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: Spoken.help(
            "Show the rows of a record; ! marks those that name you.", "显示记录的各行；! 标出可识别您身份的行。"))

    @Argument(help: Spoken.help("The number of the record.", "记录的编号。"))
    var record: Int64
    @Option(
        help: Spoken.help(
            "Only rows that show these words, or of these days: \"heart 2019-03..2019-06\".",
            "只显示含有这些词或属于这些日期的行：\"heart 2019-03..2019-06\"。"))
    var find: String?
    @Option(
        help: Spoken.help("Only rows of this sort, as --sorts lists them.", "只显示此种类的行，种类见 --sorts。")
    )
    var sort: String?
    @Flag(help: Spoken.help("List the sorts of rows instead of the rows.", "列出行的种类，而不是各行。"))
    var sorts = false
    @Option(help: Spoken.help("The first row to show, from 1.", "从第几行开始显示，从 1 计。"))
    var from = 1
    @Option(help: Spoken.help("How many rows to show at most.", "最多显示多少行。"))
    var limit = 10_000
    @OptionGroup var passphrase: PassphraseOption
    @OptionGroup var common: CommonOptions

    func validate() throws {
        guard from >= 1, limit >= 0 else {
            throw ValidationError(
                english: "--from begins at 1, --limit at 0", chinese: "--from 从 1 开始，--limit 从 0 开始"
            )
        }
    }

    func execute(_ output: Output) async throws {
        let desk = try MemberDesk.unlocked(output, passphrase)
        if sorts { return try showSorts(desk, output) }
        let filter = RowFilter(typed: find ?? "", group: sort)
        let matching = try desk.session.rows(of: record, matching: filter)
        let rows = try desk.session.lines(
            of: record, at: matching.positions(from: from - 1, limit: limit))
        output.json(
            jsonObject([
                ("matching", .integer(Int64(matching.count))), ("record", .integer(record)),
                ("rows", .array(rows.map(\.json))),
            ]))
        var table = Table(.right, .left, .left, .left, .left)
        for row in rows {
            table.add(
                "\(row.position + 1)", row.identifies ? "!" : "", "\(row.when)", "\(row.what)",
                "\(row.value)")
        }
        output.lines(table.lines(columns: output.columns))
        let rest = matching.count - (from - 1) - rows.count
        if rest > 0 {
            output.line(
                "\(rest) more: --from \(from + rows.count) goes on",
                "另有 \(rest) 行：用 --from \(from + rows.count) 继续")
        }
    }

    private func showSorts(_ desk: MemberDesk, _ output: Output) throws {
        let actions = try desk.session.actions()
        let outline = try actions.rows(of: actions.record(record)).outline
        let sorts = zip(outline.groups, outline.groupCounts)
        output.json(
            jsonObject([
                ("record", .integer(record)),
                (
                    "sorts",
                    .array(
                        sorts.map { name, count in
                            jsonObject([
                                ("count", .integer(Int64(count))), ("name", .string(name)),
                            ])
                        })
                ),
            ]))
        var table = Table(.right, .left)
        for (name, count) in sorts { table.add("\(count)", "\(name)") }
        output.lines(table.lines(columns: output.columns))
    }
}

extension RecordRowLine {
    /// A row for other programs.
    fileprivate var json: JSONValue {
        jsonObject([
            ("identifies", .bool(identifies)), ("row", .integer(Int64(position + 1))),
            ("value", .string(value)), ("what", .string(what)), ("when", .string(when)),
        ])
    }
}

/// Erases a record from this machine.
struct EraseRecord: AccordCommand {
    static let configuration = CommandConfiguration(
        commandName: "erase",
        abstract: Spoken.help(
            "Erase a record from this machine; what was handed over stays with the project.",
            "从本机删除记录；已提交的部分仍留在项目中。"))

    @Argument(help: Spoken.help("The number of the record.", "记录的编号。"))
    var record: Int64
    @OptionGroup var passphrase: PassphraseOption
    @OptionGroup var common: CommonOptions

    func execute(_ output: Output) async throws {
        let desk = try MemberDesk.unlocked(output, passphrase)
        try desk.session.actions().erase(record)
        output.json(jsonObject([("erased", .integer(record))]))
        output.line("erased record \(record) from this machine", "已从本机删除记录 \(record)")
    }
}
