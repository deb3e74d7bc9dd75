import ArgumentParser
import ClientRuntime
import Foundation
import LedgerCore
import Screens
import TerminalCore

/// The keys of the app, and what is wrong with `keys.toml`.
struct KeysCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keys",
        abstract: Spoken.help(
            "Lists the keys of the app, or checks keys.toml.", "列出应用的按键，或检查 keys.toml。"),
        subcommands: [List.self, Check.self], defaultSubcommand: List.self)

    private static var file: URL {
        HomeFolders(environment: Surroundings.environment).keysFile
    }

    /// Lists every action with its keys.
    struct List: AccordCommand {
        static let configuration = CommandConfiguration(
            commandName: "list",
            abstract: Spoken.help("Lists every action with its keys.", "列出每个操作及其按键。"),
            discussion: Spoken.help(
                """
                The names are those of keys.toml: [projects] and below it sign-up = "S", or \
                sign-up = ["S", "F2"]. Keys are written as Ctrl+S, Alt+x, F2, Space, Enter.
                """,
                """
                名称与 keys.toml 中相同：在 [projects] 之下写 sign-up = "S"，或 sign-up \
                = ["S", "F2"]。按键写作 Ctrl+S、Alt+x、F2、Space、Enter。
                """))

        @OptionGroup var common: CommonOptions

        func execute(_ output: Output) async throws {
            let (map, _) = KeysFile.read(from: KeysCommand.file)
            var scopes: [(String, JSONValue?)] = []
            for scope in KeyScope.allCases {
                let bindings = map.table(scope)
                output.line("[\(scope.rawValue)]")
                var table = Table(.left, .left, .left)
                for binding in bindings {
                    let keys = binding.keys.map(\.name).joined(separator: " ")
                    table.add(
                        "  \(binding.name)", SafeText(untrusted: keys),
                        output.words(binding.help))
                }
                output.lines(table.lines(columns: output.columns))
                scopes.append(
                    (
                        scope.rawValue,
                        jsonObject(
                            bindings.map { binding in
                                (
                                    binding.name,
                                    .array(binding.keys.map { .string($0.name) })
                                )
                            })
                    ))
            }
            output.json(jsonObject(scopes))
            let place = SafeText(untrusted: KeysCommand.file.path(percentEncoded: false))
            output.line("Change them in \(place)", "在 \(place) 中修改")
        }
    }

    /// Checks `keys.toml`.
    struct Check: AccordCommand {
        static let configuration = CommandConfiguration(
            commandName: "check", abstract: Spoken.help("Checks keys.toml.", "检查 keys.toml。"),
            discussion: Spoken.help(
                """
                Each problem is printed as FILE:LINE: PROBLEM; what it says there is ignored. \
                Exit code 0: good, or no file; 1: there are problems.
                """,
                """
                每个问题输出为  文件:行号: 问题；该处的设置不起作用。退出码 0：没有问题，或没有该文件；1：有问题。
                """))

        @OptionGroup var common: CommonOptions

        func execute(_ output: Output) async throws {
            let (_, problems) = KeysFile.read(from: KeysCommand.file)
            let told = problems.map { $0.text(output.words) }
            let printed = problems.map { JSONValue.string($0.text(output.forScripts.words).string) }
            output.json(jsonObject([("problems", .array(printed))]))
            output.lines(told)
            guard problems.isEmpty else {
                throw CommandFailure(.refused)
            }
            let place = SafeText(untrusted: KeysCommand.file.path(percentEncoded: false))
            output.line("\(place): good", "\(place)：没有问题")
        }
    }
}
