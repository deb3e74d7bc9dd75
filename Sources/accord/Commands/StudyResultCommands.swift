import ArgumentParser
import ClientRuntime
import Foundation
import HealthRecords
import LedgerCore
import Screens
import TerminalCore

/// Who wishes to know what of a project's results, as its entries say.
struct StudyWishes {
    /// One member's wish.
    struct Wish {
        let account: AccountID
        let entry: Hash
        let wished: ResultsWished
    }

    /// Those that wish for something, in the order they said so.
    let wishes: [Wish]

    init(_ entries: [StudyEntry]) {
        var wishes: [Wish] = []
        for entry in entries {
            let account = entry.payload.account
            switch entry.payload.body {
            case .resultsWished(let wished):
                wishes.removeAll { $0.account == account }
                wishes.append(Wish(account: account, entry: entry.id, wished: wished))
            case .signupLeft: wishes.removeAll { $0.account == account }
            default: break
            }
        }
        self.wishes = wishes.filter { !$0.wished.classes.isEmpty }
    }
}

/// Lists who wishes to know what.
struct StudyWishesCommand: AccordCommand {
    static let configuration = CommandConfiguration(
        commandName: "wishes",
        abstract: Spoken.help("List which results members wish to know.", "列出成员希望知道哪些结果。"),
        discussion: Spoken.help(
            """
            Who is not listed wishes for nothing, never answered or takes no part: which of these \
            is nobody's to know.
            """,
            """
            未列出的成员或不希望知道，或从未答复，或未参加：究竟属于哪一种，任何人都无从得知。
            """))

    @Argument(help: Spoken.help("The project.", "项目。"))
    var project: String
    @OptionGroup var office: OfficeOptions
    @OptionGroup var common: CommonOptions

    func execute(_ output: Output) async throws {
        try await StudyOffice.open(office, output) { office in
            let id = try await office.readable(project, output)
            let wishes = StudyWishes(try await office.desk.entries(of: id, after: nil)).wishes
            output.json(
                jsonObject([
                    (
                        "wishes",
                        .array(
                            wishes.map { wish in
                                jsonObject([
                                    ("account", .string(wish.account.text)),
                                    (
                                        "classes",
                                        .array(wish.wished.classes.map { .string($0.rawValue) })
                                    ),
                                ])
                            })
                    )
                ]))
            if wishes.isEmpty { output.line("nobody wishes for results", "没有成员希望知道结果") }
            for wish in wishes {
                let names = wish.wished.classes.map { SafeText(untrusted: $0.rawValue) }
                output.line("\(wish.account.text)  \(output.words.list(names))")
            }
        }
    }
}

/// Returns a result to one member.
struct StudyReturn: AccordCommand {
    static let configuration = CommandConfiguration(
        commandName: "return",
        abstract: Spoken.help(
            "Return a result to one member: sealed, so that only they read it.",
            "向一位成员返还结果：加密，只有本人能读。"),
        discussion: Spoken.help(
            """
            The file is a text in words the member understands, of at most 4,094 bytes. It is sealed \
            for the key of the member's wish and recorded in their own chain. A member who does not \
            wish to know results of that sort gets nothing, and why is not told.
            """,
            """
            文件是成员能看懂的文字，最多 4,094 字节。它用成员作选择时给出的密钥加密，并记入成员自己的链。\
            成员若不希望知道此类结果，则不会收到，也不说明原因。
            """))

    @Argument(help: Spoken.help("The project.", "项目。"))
    var project: String
    @Argument(help: Spoken.help("The file with the text.", "含有文字的文件。"), completion: .file())
    var file: String
    @Option(help: Spoken.help("The member's account.", "成员的账户。"))
    var member: String
    @Option(name: .customLong("class"), help: Spoken.help("The sort of the result.", "结果的种类。"))
    var result: ResultClass
    @OptionGroup var office: OfficeOptions
    @OptionGroup var common: CommonOptions

    func validate() throws {
        guard AccountID(member) != nil else {
            throw ValidationError(english: "--member is an account", chinese: "--member 应为账户")
        }
    }

    func execute(_ output: Output) async throws {
        let text = try text(output)
        try await StudyOffice.open(office, output) { office in
            let id = try await office.readable(project, output)
            let wishes = StudyWishes(try await office.desk.entries(of: id, after: nil)).wishes
            // What the node would say of a wish that is not there: the same words for every cause.
            guard let wish = wishes.first(where: { $0.account.text == member }),
                wish.wished.classes.contains(result)
            else { throw ActionRefusal(.resultNotWished) }
            let body = EntryBody.resultReturned(
                ResultReturned(
                    project: id, result: result, wish: wish.entry,
                    sealed: try SealedResult.seal(
                        text, for: wish.wished.key, wish: wish.entry, result)))
            let stated = try await office.state([body], about: wish.account, output)
            output.json(
                jsonObject([
                    ("recorded", .integer(Int64(stated.recorded))), ("refused", stated.json),
                ]))
            if stated.recorded > 0 {
                output.line(
                    "returned: only the member can read it", "已返还：只有该成员可以阅读")
            }
            try stated.conclude(output)
        }
    }

    private func text(_ output: Output) throws -> String {
        guard let content = FileManager.default.contents(atPath: file) else {
            throw output.failure(.wrongUse, "could not read \(file)", "无法读取 \(file)")
        }
        guard let text = String(validating: content, as: UTF8.self),
            (1...SealedResult.textBytes).contains(content.count)
        else {
            throw output.failure(
                .wrongUse,
                "\(file) is no text of 1 to \(SealedResult.textBytes) bytes: nothing was returned",
                "\(file) 不是 1 到 \(SealedResult.textBytes) 字节的文本：未返还任何内容")
        }
        return text
    }
}

extension StudyOffice {
    /// Returns the id of a project of the catalogue; whether it may be read is the node's to say.
    fileprivate func readable(_ name: String, _ output: Output) async throws -> ProjectID {
        guard let id = ProjectID(name), try await catalogue().terms[id] != nil else {
            throw output.failure(
                .refused, "there is no project \(name)", "没有项目 \(name)")
        }
        return id
    }
}
