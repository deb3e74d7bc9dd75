import Foundation
import TerminalCore
import Testing

/// The help, in both languages, as the program prints it.
struct HelpTests {
    /// A command as the parser describes it.
    private struct Command: Decodable {
        struct Argument: Decodable {
            struct Name: Decodable {
                let name: String
            }

            let shouldDisplay: Bool
            let preferredName: Name?
            let valueName: String?
            let abstract: String?

            var label: String { preferredName?.name ?? valueName ?? "" }
        }

        let commandName: String
        let abstract: String?
        let discussion: String?
        let arguments: [Argument]?
        let subcommands: [Command]?

        /// Every command, with the words that lead to it.
        func all(after path: [String] = []) -> [(path: [String], command: Command)] {
            [(path, self)]
                + (subcommands ?? []).flatMap { $0.all(after: path + [$0.commandName]) }
        }
    }

    private struct Dump: Decodable {
        let command: Command
    }

    private static let chinese = ["LANG": "zh_CN.UTF-8", "ACCORD_HOME": "/nonexistent"]
    private static let english = ["LANG": "en_US.UTF-8", "ACCORD_HOME": "/nonexistent"]

    /// What the parser says by itself; it is put into Chinese where a page is printed.
    private static let ofParser: Set<String> = [
        "Show the version.", "Show help information.", "Show subcommand help information.",
    ]

    private static func commands(_ environment: [String: String]) throws -> [(
        path: [String], command: Command
    )] {
        let dumped = try Programs.run(
            "accord", ["--experimental-dump-help"], environment: environment)
        return try JSONDecoder().decode(Dump.self, from: Data(dumped.output)).command.all()
    }

    private static func page(_ arguments: [String], _ environment: [String: String]) throws
        -> [String]
    {
        let printed = try Programs.run("accord", arguments, environment: environment)
        #expect(printed.status == 0 && printed.errors.isEmpty, "\(arguments): \(printed.errors)")
        return printed.text.split(separator: "\n", omittingEmptySubsequences: false)
            .map(String.init)
    }

    private static func cells(_ line: String) -> Int {
        TextWidth.standard.cells(of: SafeText(untrusted: line))
    }

    private static func hasChinese(_ text: String) -> Bool {
        text.unicodeScalars.contains { (0x3400...0x9FFF).contains($0.value) }
    }

    /// Four words in a row that are no names: a sentence in English.
    private static func sentences(_ text: String) -> [String] {
        text.matches(of: #/(?:\b[A-Za-z][a-z']+ ){3,}[A-Za-z][a-z']+/#).map { String($0.output) }
    }

    @Test func `everything the help says of a command and what belongs to it is in both languages`()
        throws
    {
        let (told, original) = (try Self.commands(Self.chinese), try Self.commands(Self.english))
        #expect(told.map(\.path) == original.map(\.path) && told.count > 70)
        var count = 0
        for ((path, command), english) in zip(told, original.map(\.command)) {
            var texts = [("abstract", command.abstract, english.abstract)]
            if command.discussion != nil || english.discussion != nil {
                texts.append(("discussion", command.discussion, english.discussion))
            }
            texts += zip(command.arguments ?? [], english.arguments ?? [])
                .filter { $0.0.shouldDisplay }
                .map { ($0.0.label, $0.0.abstract, $0.1.abstract) }
            for (label, chinese, english) in texts {
                // The command `help` is the parser's own.
                guard path != ["help"], !Self.ofParser.contains(chinese ?? "") else { continue }
                let place = "\((path + [label]).joined(separator: " "))"
                count += 1
                #expect(Self.hasChinese(chinese ?? ""), "\(place): \(chinese ?? "nothing")")
                #expect(Self.sentences(chinese ?? "").isEmpty, "\(place): \(chinese ?? "")")
                #expect(english?.isEmpty == false && !Self.hasChinese(english ?? ""), "\(place)")
            }
        }
        #expect(count > 400)
    }

    private static let titles: Set<String> = [
        "ARGUMENTS:", "OPTIONS:", "SUBCOMMANDS:", "参数：", "选项：", "子命令：",
    ]

    /// Expects no line wider than the terminal, and every meaning in one column.
    private static func expectSet(_ page: [String], _ name: String, columns: Int) {
        var isList = false
        for line in page {
            #expect(cells(line) <= columns, "\(name): \(line)")
            if !line.isEmpty, !line.hasPrefix(" ") { isList = titles.contains(line) }
            guard isList, line.hasPrefix(" "), !line.hasPrefix("  See"), !line.hasPrefix("  详见")
            else { continue }
            let indent = line.prefix { $0 == " " }.count
            #expect(indent == 2 || indent == 26, "\(name): \(line)")
            // What a long name means stands below it.
            guard line.dropFirst(indent).contains("  ") else { continue }
            let start = TextWidth.standard.prefix(SafeText(untrusted: line), cells: 26).string
            #expect(cells(start) == 26 && start.hasSuffix(" "), "\(name): \(line)")
        }
    }

    @Test func `no line of the help is too wide, and what is said stands in one column`() throws {
        for (path, _) in try Self.commands(Self.english) where path != ["help"] {
            let name = (["accord"] + path).joined(separator: " ")
            let page = try Self.page(path + ["--help"], Self.chinese)
            Self.expectSet(page, name, columns: 80)
            let text = page.joined(separator: "\n")
            #expect(text.hasPrefix("概述："), "\(name)")
            #expect(text.contains("\n用法：\(name)"), "\(name)")
            #expect(text.contains("\n选项：\n"), "\(name)")
            for word in [
                "OVERVIEW", "USAGE", "OPTIONS", "ARGUMENTS", "COMMANDS", "(default", "Show ",
            ] {
                #expect(!text.contains(word), "\(name): \(word)")
            }
            #expect(Self.sentences(text).isEmpty, "\(name): \(Self.sentences(text))")
        }
    }

    @Test func `in English no line is too wide either`() throws {
        for path in [
            [], ["study"], ["study", "new"], ["records", "import"], ["import"], ["play"],
        ] {
            let page = try Self.page(path + ["--help"], Self.english)
            Self.expectSet(page, "\(path)", columns: 80)
            #expect(page.first?.hasPrefix("OVERVIEW: ") == true)
            #expect(!Self.hasChinese(page.joined()))
        }
    }

    @Test func `a narrow terminal gets narrow lines`() throws {
        for environment in [Self.chinese, Self.english] {
            let narrow = environment.merging(["COLUMNS": "52"]) { $1 }
            for path in [[], ["study", "new"], ["records", "import"]] {
                Self.expectSet(try Self.page(path + ["--help"], narrow), "\(path)", columns: 52)
            }
        }
    }

    @Test func `one page, word for word, in both languages`() throws {
        let english = try Self.page(["study", "new", "--help"], Self.english)
        #expect(
            english.joined(separator: "\n") == """
                OVERVIEW: Write a project file to begin with, commented.

                Templates: sleep, genome, maternal, rare, tumour.

                USAGE: accord study new [--template <template>] <file> [--json]
                       [--locale <locale>]

                ARGUMENTS:
                  <file>                  The file to write; it must not exist.

                OPTIONS:
                  --template <template>   What kind of study: sleep, genome, maternal, rare or
                                          tumour. (default: sleep)
                  --json                  Print JSON: one line, keys sorted.
                  --locale <locale>       The language, en or zh; otherwise your setting or LANG
                                          decides.
                  --version               Show the version.
                  -h, --help              Show help information.


                """)
        let chinese = try Self.page(["study", "new", "--help"], Self.chinese)
        #expect(
            chinese.joined(separator: "\n") == """
                概述：写出带注释的项目文件，作为起点。

                模板：sleep（睡眠）、genome（基因组）、maternal（母婴）、rare（罕见病）、tumour
                （肿瘤）。

                用法：accord study new [--template <template>] <file> [--json]
                      [--locale <locale>]

                参数：
                  <file>                  要写入的文件；须尚不存在。

                选项：
                  --template <template>   研究的类型：sleep、genome、maternal、rare 或 tumour。
                                          （默认：sleep）
                  --json                  输出 JSON：一行，键已排序。
                  --locale <locale>       语言：en 或 zh；未指定时按您的设置或 LANG。
                  --version               显示版本。
                  -h, --help              显示帮助。


                """)
    }

    @Test(arguments: [
        ["help", "study", "new"], ["study", "new", "-h"],
        ["--locale", "zh", "study", "new", "--help"], ["study", "new", "--help", "--locale=zh"],
    ])
    func `the help is the same however it is asked for`(arguments: [String]) throws {
        let asked = arguments.contains { $0.hasPrefix("--locale") }
        let page = try Self.page(arguments, asked ? Self.english : Self.chinese)
        #expect(page == (try Self.page(["study", "new", "--help"], Self.chinese)))
    }

    @Test(arguments: [
        (["projects", "list", "--order", "best"], "无效，可选：'reward', 'newest', 'title', 'ending'"),
        (["projects", "list", "--kind", "blood"], "无效，可选：\n  - genomic"),
        (["status", "--json=1"], "错误：选项 '--json' 不带值，却给出了 '1'"),
        (["points", "--limit", "many"], "说明：--limit <limit>  最多多少项变动；0 表示全部。"),
        (["---"], "错误：选项无效：---"),
        (["--generate-completion-script=sushi"], "请使用 --generate-completion-script=<shell>，可选："),
    ])
    func `what the parser refuses is told in Chinese`(arguments: [String], told: String) throws {
        let refused = try Programs.run("accord", arguments, environment: Self.chinese)
        #expect(refused.status == 2)
        #expect(refused.errors.contains(told), "\(refused.errors)")
        #expect(Self.sentences(refused.errors).isEmpty, "\(refused.errors)")
    }

    @Test func `versions and scripts are printed as they are`() throws {
        let version = try Programs.run("accord", ["--version"], environment: Self.chinese)
        #expect(version.status == 0 && version.text.hasPrefix("0."))
        let script = try Programs.run(
            "accord", ["--generate-completion-script=bash"], environment: Self.chinese)
        #expect(script.status == 0 && script.text.hasPrefix("#!/bin/bash\n"))
    }
}
