import ArgumentParser
import ClientRuntime
import Foundation
import LedgerCore
import Screens
import TerminalCore

/// Projects as files: TOML as people write it, or JSON.
enum ProjectDrafts {
    /// Reads a file; everything that is wrong with it is told, with line and column.
    static func read(_ file: String, account: AccountID, _ output: Output) throws -> [ProjectTerms]
    {
        guard let content = FileManager.default.contents(atPath: file) else {
            throw output.failure(.wrongUse, "could not read \(file)", "无法读取 \(file)")
        }
        guard file.hasSuffix(".toml") else {
            return try TermsFile.read(content, file: file, account: account)
        }
        let text = String(decoding: content, as: UTF8.self)
        let reading = ProjectFile.read(text, account: account)
        guard let terms = reading.terms else {
            throw output.failure(of: reading.problems, in: file)
        }
        return [terms]
    }
}

extension Output {
    /// Tells what is wrong in a file, a line for each problem, and returns how the command ends.
    func failure(of problems: [StudyFileProblem], in file: String) -> CommandFailure {
        for problem in problems { Output.complain(place(problem, file) + words(problem.what)) }
        return failure(
            .wrongUse, "\(file): \(problems.count) to put right; nothing was sent",
            "\(file)：有 \(problems.count) 处需要更正；未发送任何内容")
    }

    private func place(_ problem: StudyFileProblem, _ file: String) -> SafeText {
        problem.line == 0 ? "\(file): " : "\(file):\(problem.line):\(problem.column): "
    }
}

/// Writes a project file to begin with.
struct StudyNew: AccordCommand {
    static let configuration = CommandConfiguration(
        commandName: "new",
        abstract: Spoken.help("Write a project file to begin with, commented.", "写出带注释的项目文件，作为起点。"),
        discussion: Spoken.help(
            "Templates: sleep, genome, maternal, rare, tumour.",
            "模板：sleep（睡眠）、genome（基因组）、maternal（母婴）、rare（罕见病）、tumour（肿瘤）。"))

    @Option(
        help: Spoken.help(
            "What kind of study: sleep, genome, maternal, rare or tumour.",
            "研究的类型：sleep、genome、maternal、rare 或 tumour。"))
    var template = ProjectTemplate.sleep.rawValue
    @Argument(
        help: Spoken.help("The file to write; it must not exist.", "要写入的文件；须尚不存在。"),
        completion: .file())
    var file: String
    @OptionGroup var common: CommonOptions

    func validate() throws {
        guard ProjectTemplate(rawValue: template) != nil else {
            let known = ProjectTemplate.allCases.map(\.rawValue).joined(separator: ", ")
            throw ValidationError(
                english: "--template \(template) is not known: choose of \(known)",
                chinese: "没有模板 \(template)，可选：\(known)")
        }
        guard file.hasSuffix(".toml") else {
            throw ValidationError(
                english: "the file's name has to end in .toml", chinese: "文件名须以 .toml 结尾")
        }
    }

    func execute(_ output: Output) async throws {
        guard let template = ProjectTemplate(rawValue: template) else { return }
        guard !FileManager.default.fileExists(atPath: file) else {
            throw output.failure(
                .wrongUse, "\(file) exists: nothing was written", "\(file) 已存在：未写入任何内容")
        }
        let name = URL(filePath: file).deletingPathExtension().lastPathComponent
        let project = ProjectID(name)?.text ?? "\(template.rawValue)-1"
        let text = template.text(project: project, now: RuntimeClock().now)
        try HomeFolders.writePrivate(
            Array(text.utf8), to: URL(filePath: file), amongOthers: true)
        output.json(jsonObject([("file", .string(file)), ("project", .string(project))]))
        output.line(
            "wrote \(file); change it, then:  accord study check \(file)",
            "已写入 \(file)；修改后请运行：accord study check \(file)")
    }
}

/// Checks a project file without sending anything.
struct StudyCheck: AccordCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: Spoken.help(
            "Check a project file, or the rules of study run.", "检查项目文件，或 study run 的规则。"),
        discussion: Spoken.help(
            "Every problem is told with line and column; nothing is sent.", "指出每个问题所在的行和列；不发送任何内容。")
    )

    @Argument(help: Spoken.help("The file.", "文件。"), completion: .file())
    var file: String
    @Flag(
        help: Spoken.help(
            "The file holds rules for  accord study run.", "文件中是  accord study run  的规则。"))
    var rules = false
    @OptionGroup var common: CommonOptions

    func execute(_ output: Output) async throws {
        guard let content = FileManager.default.contents(atPath: file) else {
            throw output.failure(.wrongUse, "could not read \(file)", "无法读取 \(file)")
        }
        let text = String(decoding: content, as: UTF8.self)
        let problems: [StudyFileProblem]
        var terms: ProjectTerms?
        if rules {
            problems = StudyRules.read(text).problems
        } else if file.hasSuffix(".toml") {
            // Who reads the data does not matter here: nothing is sent.
            guard let nobody = AccountID(String(repeating: "0", count: 32)) else { return }
            let reading = ProjectFile.read(text, account: nobody)
            (problems, terms) = (reading.problems, reading.terms)
        } else {
            throw output.failure(
                .wrongUse, "\(file) is no .toml file: write one with  accord study new",
                "\(file) 不是 .toml 文件：请用  accord study new  生成")
        }
        output.json(
            jsonObject([
                (
                    "problems",
                    .array(
                        problems.map {
                            jsonObject([
                                ("column", .integer(Int64($0.column))),
                                ("line", .integer(Int64($0.line))), ("what", .text($0.what)),
                            ])
                        })
                ), ("project", terms.map { .string($0.project.text) }),
            ]))
        guard problems.isEmpty else { throw output.failure(of: problems, in: file) }
        if let terms { hints(terms, output) }
        output.line("\(file) is in order", "\(file) 没有问题")
    }

    /// What is allowed and seldom meant.
    private func hints(_ terms: ProjectTerms, _ output: Output) {
        let isGenetic = terms.kinds.contains { $0.kind.isHumanGeneticResource }
        if isGenetic, terms.ethics.isEmpty {
            output.note(
                "genetic data is asked for, and no ethics approval is named",
                "请求了遗传数据，但未注明伦理批件")
        }
        if terms.title.english.isEmpty || terms.title.chinese.isEmpty
            || terms.why.english.isEmpty || terms.why.chinese.isEmpty
        {
            output.note(
                "people read it in English and in Chinese: title or reason has one language only",
                "成员会以中文或英文阅读：标题或目的只写了一种语言")
        }
        if terms.reward == .none {
            output.note("it pays no points", "不支付积分")
        }
    }
}

/// Tells how many people take part.
struct StudyCount: AccordCommand {
    static let configuration = CommandConfiguration(
        commandName: "counts",
        abstract: Spoken.help(
            "How many people take part, in numbers in which nobody can be found.",
            "有多少人参加，以无法找出任何个人的数字表示。"),
        discussion: Spoken.help(
            """
            Counts are told in steps of ten (--least), as they stood when the last day (UTC) ended, \
            and stay until at least ten people changed: neither two counts nor two days show what a \
            few people did. Fewer than ten are told as "fewer than 10".
            """,
            """
            人数以十为单位（--least），截至上一日（UTC）结束时，至少十人变动后才更新：\
            比较两个数字或两天都看不出少数人的行为。不足十人时显示“少于 10 人”。
            """))

    @Argument(help: Spoken.help("The project.", "项目。"))
    var project: String
    @Option(
        help: Spoken.help("The fewest people a count is told of, at least 10.", "人数的最小单位，至少为 10。"))
    var least: Int64 = CohortCounting.leastPeople
    @OptionGroup var office: OfficeOptions
    @OptionGroup var common: CommonOptions

    func validate() throws {
        guard (CohortCounting.leastPeople...1_000_000).contains(least) else {
            throw ValidationError(
                english: "--least is \(CohortCounting.leastPeople) or more",
                chinese: "--least 至少为 \(CohortCounting.leastPeople)")
        }
    }

    func execute(_ output: Output) async throws {
        try await StudyOffice.open(office, output) { office in
            let terms = try office.terms(project, in: try await office.catalogue(), output)
            let counts = StudyCounts(
                try await office.desk.entries(of: terms.project, after: nil))
            let now = try await office.desk.nodeTime()
            let rule = CohortCounting(k: least)
            func told(_ group: StudyCounts.Group) -> Int64? {
                counts.told(group, by: rule, at: now)
            }
            let kinds = terms.kinds.map(\.kind)
            output.json(
                jsonObject([
                    ("authorized", told(.authorized).map(JSONValue.integer)),
                    ("contributed", told(.contributed).map(JSONValue.integer)),
                    (
                        "kinds",
                        jsonObject(
                            kinds.map {
                                ($0.rawValue, told(.kind($0)).map(JSONValue.integer))
                            })
                    ), ("least", .integer(rule.k)), ("project", .string(terms.project.text)),
                    ("signed_up", told(.signedUp).map(JSONValue.integer)),
                ]))
            func line(_ group: StudyCounts.Group) -> SafeText {
                told(group).map { output.say("at least \($0)", "至少 \($0) 人") }
                    ?? output.say("fewer than \(rule.k)", "少于 \(rule.k) 人")
            }
            var fields: [(name: SafeText, value: SafeText)] = [
                (output.say("signed up", "已报名"), line(.signedUp)),
                (output.say("contributed", "已提交数据"), line(.contributed)),
                (output.say("authorized", "已授权"), line(.authorized)),
            ]
            for kind in kinds {
                fields.append(("  " + output.words(kind.name), line(.kind(kind))))
            }
            output.fields(fields)
            output.line(
                "in steps of \(rule.k), as of the end of the last day; they move once \(rule.k) people did",
                "以 \(rule.k) 为单位，截至上一日结束；至少 \(rule.k) 人变动后才更新")
        }
    }
}
