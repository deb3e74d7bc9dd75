import ArgumentParser
import ClientRuntime
import ClientStore
import LedgerCore
import Screens
import SyncCore
import TerminalCore

extension ResultClass: ExpressibleByArgument {}

/// The results of studies.
struct ResultsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "results",
        abstract: Spoken.help(
            "Read what studies returned to you, and say what you wish to know.",
            "阅读研究返还给您的结果，并选择希望知道的内容。"),
        discussion: Spoken.help(
            """
            Nothing is returned that you did not wish for. What you no longer wish to know is not \
            listed and not opened, even if it came back before.
            """,
            """
            您未选择的内容不会返还。您不再希望知道的内容，即使已经返还，也不再列出、不再打开。
            """),
        subcommands: [ListResults.self, ShowResult.self, WishResults.self],
        defaultSubcommand: ListResults.self)
}

/// Lists what came back, and what can be wished for.
struct ListResults: AccordCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: Spoken.help(
            "List what came back, and what you can wish to know.", "列出已返还的结果，以及可以选择知道的内容。"))

    @OptionGroup var common: CommonOptions

    func execute(_ output: Output) async throws {
        let desk = try MemberDesk.reading(output)
        let results = try desk.store.results().filter(\.isWished)
        let offers = try desk.store.resultOffers()
        output.json(
            jsonObject([
                ("offers", .array(offers.map(\.json))), ("results", .array(results.map(\.json))),
            ]))
        let words = output.words
        if results.isEmpty { output.line(words(ResultText.nothingCame)) }
        var table = Table(.right, .left, .left, .left)
        for line in results {
            table.add(
                "#\(line.index)", words.dateTime(line.at), words(line.returned.result.name),
                words(line.title))
        }
        output.lines(table.lines(columns: output.columns))
        output.line(words(ResultText.wishes))
        if offers.isEmpty { output.line(words(ResultText.noOffers)) }
        for offer in offers {
            output.line("\(offer.project.text) · \(words(offer.title))")
            for result in offer.classes {
                let mark = offer.wished.contains(result) ? "[x]" : "[ ]"
                output.line("  \(mark) \(result.rawValue) · \(words(result.name))")
            }
        }
    }
}

/// Reads one result.
struct ShowResult: AccordCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: Spoken.help("Read a result that came back.", "阅读一项返还的结果。"))

    @Argument(
        help: Spoken.help(
            "Its number in the ledger, as  accord results  lists it.", "它在账本中的序号，见  accord results。"
        ))
    var index: String
    @OptionGroup var passphrase: PassphraseOption
    @OptionGroup var common: CommonOptions

    func execute(_ output: Output) async throws {
        let desk = try MemberDesk.unlocked(output, passphrase)
        let digits = index.hasPrefix("#") ? String(index.dropFirst()) : index
        guard let line = try desk.store.results().first(where: { String($0.index) == digits }),
            let opened = try desk.session.actions().openResult(line.entry)
        else {
            throw output.failure(
                .refused, "no result has that number: look with  accord results",
                "没有该编号的结果：请用  accord results  查看")
        }
        let words = output.words
        switch opened.content {
        case .notWished:
            throw CommandFailure(.refused, words(ResultText.staysClosed))
        case .notForThisVault: throw CommandFailure(.refused, words(ResultText.otherKey))
        case .text(let text):
            output.json(
                jsonObject([("result", line.json), ("text", .string(text))]))
            output.line(
                "\(words(line.title)) · \(words(line.returned.result.name)) · \(words(line.institution)) · \(words.dateTime(line.at))"
            )
            for part in text.split(separator: "\n", omittingEmptySubsequences: false) {
                output.line(SafeText(untrusted: String(part)))
            }
            output.line(words(ResultText.noDiagnosis))
        }
    }
}

/// Says what the member wishes to know.
struct WishResults: DecisionCommand {
    static let configuration = CommandConfiguration(
        commandName: "wish",
        abstract: Spoken.help(
            "Say which results of a project you wish to know, in place of any earlier wish.",
            "选择希望知道项目的哪些结果，取代以前的选择。"),
        discussion: Spoken.help(
            "Without a sort, nothing is returned to you any more.", "不给出种类时，不再向您返还任何结果。"))

    @Argument(help: Spoken.help("The project.", "项目。"))
    var project: String
    @Argument(
        help: Spoken.help(
            "The sorts: summary, measurement, actionable, risk, carrier.",
            "种类：summary、measurement、actionable、risk、carrier。"))
    var sorts: [ResultClass] = []
    @OptionGroup var options: DecisionOptions

    func queue(_ desk: MemberDesk) throws -> [Hash] {
        [
            try desk.session.actions().wish(
                for: Set(sorts).sorted(), of: try desk.project(project).terms.project)
        ]
    }
}

extension ResultLine {
    /// The line for scripts.
    fileprivate var json: JSONValue {
        jsonObject([
            ("at", .time(at)), ("class", .string(returned.result.rawValue)),
            ("entry", .string(entry.hex)), ("index", .integer(index)),
            ("institution", .text(institution)),
            ("project", .string(returned.project.text)), ("title", .text(title)),
        ])
    }
}

extension ResultOffer {
    /// The line for scripts.
    fileprivate var json: JSONValue {
        jsonObject([
            ("classes", .array(classes.map { .string($0.rawValue) })),
            ("project", .string(project.text)),
            ("state", state.map { .string($0.rawValue) }), ("title", .text(title)),
            ("wished", .array(wished.map { .string($0.rawValue) })),
        ])
    }
}
