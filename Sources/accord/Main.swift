import ArgumentParser
import ClientRuntime
import Foundation
import SyncCore
import TerminalCore

/// The member's program.
@main
struct Accord: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "accord",
        abstract: "See which studies ask for your health data, and decide.",
        discussion: "Without a command, the app opens.",
        subcommands: [DemoCommand.self, PlayCommand.self])

    @OptionGroup var look: LookOptions

    func run() async throws {
        try await App.open(look: look, startsDemo: false)
    }

    static func main() async {
        umask(0o077)
        do {
            var command = try parseAsRoot()
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
        } catch let failure as CommandFailure {
            CommandFailure.end(failure)
        } catch let failure as TapeFailure {
            CommandFailure.end(CommandFailure(.refused, failure.description))
        } catch {
            end(parsing: error)
        }
    }

    private static func end(parsing error: any Error) -> Never {
        let code = exitCode(for: error)
        let message = fullMessage(for: error)
        if code == .success {
            print(message)
            Foundation.exit(ExitStatus.done.rawValue)
        }
        CommandFailure.end(
            CommandFailure(code == .validationFailure ? .wrongUse : .refused, message))
    }
}

/// How a command ends, as scripts read it.
enum ExitStatus: Int32 {
    case done = 0
    case refused = 1
    case wrongUse = 2
    case notReachable = 3
    case integrity = 4
}

/// Why a command ends without having done its work.
struct CommandFailure: Error, CustomStringConvertible {
    let status: ExitStatus
    let description: String

    init(_ status: ExitStatus, _ description: String) {
        self.status = status
        self.description = description
    }

    static func end(_ failure: CommandFailure) -> Never {
        // What others wrote may be in it: it is made visible line by line.
        for line in failure.description.split(separator: "\n", omittingEmptySubsequences: false) {
            let text = SafeText(untrusted: String(line)).string + "\n"
            FileHandle.standardError.write(Data(text.utf8))
        }
        Foundation.exit(failure.status.rawValue)
    }
}
