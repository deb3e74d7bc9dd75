internal import ArgumentParser
internal import Foundation
internal import LedgerCore
internal import NodeSequencer
internal import NodeStore

/// How a command ends, as scripts read it.
enum ExitStatus: Int32 {
    case done = 0
    case refused = 1
    case wrongUse = 2
    case notReachable = 3
    case integrity = 4
}

/// Why a command ends without having done its work.
struct CommandFailure: Error {
    let status: ExitStatus
    let message: String
}

/// The node's program.
struct AccordNode: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "accord-node",
        abstract: "Runs a ledger of consent to health data use.",
        subcommands: [
            Init.self, Serve.self, Key.self, Invite.self, Admit.self, Fund.self, Reward.self,
            ProgrammeRule.self, Approve.self, Invalidate.self, Overdue.self, Check.self,
            Backup.self, Restore.self, WitnessCommand.self,
        ])
}

@main
enum Program {
    static func main() async {
        do {
            var command = try AccordNode.parseAsRoot()
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
        } catch let failure as CommandFailure {
            end(failure.message, failure.status)
        } catch let failure as SequencerFailure {
            end(failure.explanation, .integrity)
        } catch let error as LedgerStoreError {
            end("integrity: \(error)", .integrity)
        } catch let failure as NodeFolder.Failure {
            end("\(failure)", failure.isAboutTheLedger ? .integrity : .notReachable)
        } catch {
            let code = AccordNode.exitCode(for: error)
            let message = AccordNode.fullMessage(for: error)
            if code == .success {
                print(message)
                guard fflush(nil) == 0 else { end("could not write the output", .wrongUse) }
                exit(ExitStatus.done.rawValue)
            }
            end(message, code == .validationFailure ? .wrongUse : .notReachable)
        }
    }

    private static func end(_ message: String, _ status: ExitStatus) -> Never {
        // Where nobody can be told, the status tells it.
        try? FileHandle.standardError.write(contentsOf: Data((message + "\n").utf8))
        exit(status.rawValue)
    }
}

/// The option every command has.
struct FolderOption: ParsableArguments {
    @Option(name: .customLong("data"), help: "The folder the node lives in.")
    var path: String

    var folder: NodeFolder { NodeFolder(path: path) }

    /// Opens the parts of an existing ledger.
    func open() throws -> (keys: NodeKeys, database: NodeDatabase, records: RecordFiles) {
        let folder = folder
        let keys = try folder.keys()
        return (
            keys, try NodeDatabase(path: folder.databasePath),
            try RecordFiles(folder: folder.recordsPath)
        )
    }
}

/// Opens the clock a command goes by: the given file, the one a server noted, or the machine's.
func clock(file: String?, noted database: NodeDatabase?) throws -> any NodeClock {
    guard let path = try file ?? database?.note("clock"), !path.isEmpty else {
        return SystemClock()
    }
    guard let clock = FileClock(path: path) else {
        throw CommandFailure(status: .wrongUse, message: "\(path) does not hold a time")
    }
    return clock
}

/// Sees that the machine's clock can be right, by the time of the newest entry: whatever a ledger is
/// told of the time stays so.
///
/// - Throws: `CommandFailure` where it is far beyond that.
func checkClock(_ clock: any NodeClock, after newest: Timestamp) throws {
    // Rehearsals set the time as they like.
    guard clock is SystemClock, WatchedClock.isDoubtful(clock.now(), after: newest) else { return }
    throw CommandFailure(
        status: .notReachable,
        message: """
            the clock of this machine is more than \(WatchedClock.silence / 86_400_000) days beyond \
            the newest entry. Gone by, it would end everything that has an end, and nothing mends \
            that. Set it right; if it is, start the node with "accord-node serve --trust-clock".
            """)
}
