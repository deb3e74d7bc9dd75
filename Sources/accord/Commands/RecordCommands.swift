import ArgumentParser
import ClientRuntime
import ClientStore
import LedgerCore
import Screens
import SyncCore
import TerminalCore

/// The records on this machine.
struct RecordsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "records", abstract: "Import, look at and erase records on this machine.",
        subcommands: [
            ImportRecords.self, ListRecords.self, ShowRecord.self, EraseRecord.self,
        ], defaultSubcommand: ListRecords.self)
}

/// Imports files.
struct ImportRecords: AccordCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Import FHIR R4 bundles: sealed on this machine, nothing is sent.")

    @Argument(help: "The files.", completion: .file())
    var files: [String]
    @OptionGroup var passphrase: PassphraseOption
    @OptionGroup var common: CommonOptions

    func execute(_ output: Output) async throws {
        let desk = try MemberDesk.unlocked(output, passphrase)
        let report = try desk.session.actions().importRecords(files)
        let lines = try desk.store.records().filter { report.records.contains($0.id) }
        output.json(
            jsonObject([
                ("problems", .array(report.problems.map(JSONValue.string))),
                ("records", .array(lines.reversed().map(\.json))),
                ("rows", .integer(Int64(report.rowCount))),
            ]))
        output.lines(output.records(lines.reversed()))
        for problem in report.problems { Output.complain("\(problem)") }
        if report.records.isEmpty {
            throw output.failure(
                .refused, "no record was imported; nothing changed here", "没有导入任何记录，本机未作更改")
        }
        output.line(
            "sealed on this machine; hand over with  accord contribute PROJECT --records N",
            "已加密保存在本机；用  accord contribute 项目 --records 编号  提交")
    }
}

/// Lists records.
struct ListRecords: AccordCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the records on this machine.")

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
        commandName: "show", abstract: "Show the rows of a record; ! marks those that name you.")

    @Argument(help: "The number of the record.")
    var record: Int64
    @OptionGroup var passphrase: PassphraseOption
    @OptionGroup var common: CommonOptions

    func execute(_ output: Output) async throws {
        let desk = try MemberDesk.unlocked(output, passphrase)
        let rows = try desk.session.rows(of: record, offset: 0, limit: 1 << 30)
        output.json(
            jsonObject([
                ("record", .integer(record)),
                (
                    "rows",
                    .array(
                        rows.page.lines.map { row in
                            jsonObject([
                                ("identifies", .bool(row.identifies)),
                                ("row", .integer(Int64(row.position + 1))),
                                ("value", .string(row.value)), ("what", .string(row.what)),
                                ("when", .string(row.when)),
                            ])
                        })
                ),
            ]))
        var table = Table(.right, .left, .left, .left, .left)
        for row in rows.page.lines {
            table.add(
                "\(row.position + 1)", row.identifies ? "!" : "", "\(row.when)", "\(row.what)",
                "\(row.value)")
        }
        output.lines(table.lines(columns: output.columns))
    }
}

/// Erases a record from this machine.
struct EraseRecord: AccordCommand {
    static let configuration = CommandConfiguration(
        commandName: "erase",
        abstract: "Erase a record from this machine; what was handed over stays with the project.")

    @Argument(help: "The number of the record.")
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
