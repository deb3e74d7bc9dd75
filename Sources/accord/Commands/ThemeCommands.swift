import ArgumentParser
import ClientRuntime
import Foundation
import LedgerCore
import Screens
import TerminalCore

/// The themes there are, and what is wrong with one.
struct ThemesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "themes",
        abstract: Spoken.help("Lists the themes, or checks theme files.", "列出主题，或检查主题文件。"),
        subcommands: [List.self, Check.self], defaultSubcommand: List.self)

    /// Lists the themes and the folders they are in.
    struct List: AccordCommand {
        static let configuration = CommandConfiguration(
            commandName: "list", abstract: Spoken.help("Lists the themes there are.", "列出现有的主题。"))

        @OptionGroup var common: CommonOptions

        func execute(_ output: Output) async throws {
            let names = Installed.themes
            output.json(jsonObject([("themes", .array(names.map { .string($0) }))]))
            for name in names { output.line(SafeText(untrusted: name)) }
            let own = HomeFolders(environment: Surroundings.environment).config
                .appending(path: "themes").path(percentEncoded: false)
            let place = SafeText(untrusted: own)
            output.line(
                "Themes of your own go into \(place); check one with  accord themes check FILE",
                "自己的主题放在 \(place)；检查主题：accord themes check 文件")
        }
    }

    /// Checks theme files.
    struct Check: AccordCommand {
        static let configuration = CommandConfiguration(
            commandName: "check",
            abstract: Spoken.help(
                "Checks theme files: mistakes, and text of low contrast.", "检查主题文件：错误，以及对比度过低的文字。"),
            discussion: Spoken.help(
                """
                Each problem is printed as FILE:LINE: PROBLEM. Text has to have a contrast of \
                4.5:1 (WCAG 2.2, AA), computed from the colours as written; colours of the \
                terminal's own palette cannot be computed. With 256 colours or fewer each becomes \
                the nearest there is, and a role that became illegible looks like plain text. \
                Exit code 0: all are good; 1: there are problems; 2: a file cannot be read.
                """,
                """
                每个问题输出为  文件:行号: 问题。文字的对比度须达到 4.5:1（WCAG 2.2 AA），按文件中所写的颜色计算；\
                终端自身调色板的颜色无法计算。只有 256 色或更少时，每种颜色取最接近的一种，因此变得难以辨认的样式显示为普通文字。\
                退出码 0：全部没有问题；1：有问题；2：有文件无法读取。
                """))

        @Argument(
            help: Spoken.help(
                "Theme files; without any, all themes there are.", "主题文件；不给出时为现有的全部主题。"))
        var files: [String] = []
        @OptionGroup var common: CommonOptions

        func execute(_ output: Output) async throws {
            let paths = files.isEmpty ? ThemeFile.paths(in: Installed.themeFolders) : files
            var problems: [ThemeProblem] = []
            for path in paths {
                let found = ThemeFile.check(path: path, in: Installed.themeFolders)
                problems += found
                output.lines(found.map { $0.text(output.words) })
                if found.isEmpty {
                    let name = SafeText(untrusted: path)
                    output.line("\(name): good", "\(name)：没有问题")
                }
            }
            output.json(
                jsonObject([
                    (
                        "problems",
                        .array(problems.map { .string($0.text(output.forScripts.words).string) })
                    )
                ]))
            if problems.contains(where: \.isMissingFile) {
                throw CommandFailure(.wrongUse)
            }
            if !problems.isEmpty { throw CommandFailure(.refused) }
        }
    }
}
