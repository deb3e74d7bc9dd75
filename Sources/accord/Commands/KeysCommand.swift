import ArgumentParser
import ClientRuntime
import Foundation
import LedgerCore
import Screens
import TerminalCore

/// The keys of the app, and what is wrong with `keys.toml`.
struct KeysCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keys", abstract: "Lists the keys of the app, or checks keys.toml.",
        subcommands: [List.self, Check.self], defaultSubcommand: List.self)

    private static var file: URL {
        HomeFolders(environment: ProcessInfo.processInfo.environment).keysFile
    }

    /// Lists every action with its keys.
    struct List: AccordCommand {
        static let configuration = CommandConfiguration(
            commandName: "list", abstract: "Lists every action with its keys.",
            discussion: """
                The names are those of keys.toml: [projects] and below it sign-up = "S", or \
                sign-up = ["S", "F2"]. Keys are written as Ctrl+S, Alt+x, F2, Space, Enter.
                """)

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
            commandName: "check", abstract: "Checks keys.toml.",
            discussion: """
                Each problem is printed as FILE:LINE: PROBLEM; what it says there is ignored. \
                Exit code 0: good, or no file; 1: there are problems.
                """)

        @OptionGroup var common: CommonOptions

        func execute(_ output: Output) async throws {
            let (_, problems) = KeysFile.read(from: KeysCommand.file)
            let told = problems.map { $0.text(output.words) }
            output.json(
                jsonObject([("problems", .array(told.map { .string($0.string) }))]))
            output.lines(told)
            guard problems.isEmpty else {
                throw CommandFailure(.refused)
            }
            let place = SafeText(untrusted: KeysCommand.file.path(percentEncoded: false))
            output.line("\(place): good", "\(place)：没有问题")
        }
    }
}
