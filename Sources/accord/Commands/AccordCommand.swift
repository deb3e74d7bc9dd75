import ArgumentParser
import ClientRuntime
import ClientStore
import Foundation
import LedgerCore
import NodeAPI
import Screens
import SyncCore
import TerminalCore

/// The options every command has.
struct CommonOptions: ParsableArguments {
    @Flag(help: Spoken.help("Print JSON: one line, keys sorted.", "输出 JSON：一行，键已排序。"))
    var json = false
    @OptionGroup var speech: LanguageOption

    /// Makes the output the person asked for.
    func output() -> Output { Output(isJSON: json, language: language) }

    private var language: Language {
        let folders = HomeFolders(environment: Surroundings.environment)
        // A profile that cannot be read is reported when the session opens.
        let chosen = (try? Profile.read(from: folders.profileFile))?.locale
        return Spoken.language(asked: speech.locale, chosen: chosen)
    }
}

/// A command: it does its work or says why not, in the person's language.
protocol AccordCommand: AsyncParsableCommand {
    /// The options every command has.
    var common: CommonOptions { get }
    /// Does the work.
    func execute(_ output: Output) async throws
}

extension AccordCommand {
    func run() async throws {
        let output = common.output()
        do {
            try await execute(output)
        } catch let refusal as ActionRefusal {
            output.json(
                jsonObject([("entries", .array([])), ("refused", refusal.rejection.json)]))
            throw CommandFailure(.refused, output.refusal(refusal.rejection))
        } catch {
            throw output.failure(of: error)
        }
    }
}

extension Output {
    /// Why a rule says no, and what to do next.
    func refusal(_ rejection: EntryRejection) -> SafeText {
        let (reason, next) = (words(rejection.reason), words(rejection.nextStep))
        return say("refused: \(reason) \(next)", "被拒绝：\(reason)\(next)")
    }

    /// Returns what to tell the person about an error, and how the command ends.
    func failure(of error: any Error) -> CommandFailure {
        switch error {
        case let failure as CommandFailure: return failure
        case JoinError.notReachable(let failure):
            return CommandFailure(.notReachable, words.joinFailure(failure))
        case let problem as SecretProblem:
            return CommandFailure(.refused, words(problem.trouble))
        case let error as JoinError:
            return CommandFailure(error.status, words(Trouble(error)))
        case VaultError.missing:
            return failure(
                .wrongUse, "nobody has joined here yet: run  accord join CODE --node URL",
                "尚未加入：请运行  accord join 邀请码 --node 地址")
        case let problem as WardProblem:
            return CommandFailure(.wrongUse, words(Trouble(problem)))
        case is VaultError, is SessionLocked, is HomeError, is RecordProblem:
            return CommandFailure(.wrongUse, words(Trouble(error)))
        case let refusal as ExportRefusal: return failure(of: refusal)
        case is ProofMissing:
            return failure(
                .refused, "there is no proof of that entry here yet: run  accord sync",
                "本机尚无该条目的证明：请运行  accord sync")
        case let problem as Problem: return self.failure(of: problem)
        case let error as NodeUnreachable:
            let reason =
                error.failure.map(words.reason)
                ?? say("the node did not answer", "节点没有应答")
            return failure(
                .notReachable, "\(reason); nothing is lost, try again later",
                "\(reason)；内容未丢失，请稍后重试")
        case is StudyTurnTaken:
            return failure(
                .notReachable,
                "another program of the institution keeps sending: try again when it is done",
                "该机构的另一个程序一直在发送：请待其完成后重试")
        case let error as StudyLogDamaged:
            return failure(
                .wrongUse,
                """
                \(error.path) is damaged: nothing was done; if this is the node you know, remove the \
                file: what the node shows next is taken for the ledger
                """,
                "\(error.path) 已损坏：未作任何操作；如确认节点无误，请删除该文件，此后以节点所示账本为准")
        case let error as StudyDoubt:
            return failure(
                .integrity,
                "\(words(error.what)): nothing more was sent; tell the people who run the node",
                "\(words(error.what))：已停止发送，请联系节点管理员")
        default: return CommandFailure(.notReachable, words(Trouble(error)))
        }
    }

    private func failure(of problem: Problem) -> CommandFailure {
        if let denial = problem.denial {
            return failure(
                .refused, "denied: \(denial.rawValue); it is in the ledger, no data was sent",
                "被拒绝：\(denial.rawValue)；已记入账本，未发送任何数据")
        }
        let isRule =
            ![.busy, .tooManyRequests, .internalError, .storageFull].contains(problem.code)
        let title = words(problem.code.title)
        return failure(
            isRule ? .refused : .notReachable, "the node says: \(title)", "节点答复：\(title)")
    }
}

extension JoinError {
    /// How `join` ends.
    var status: ExitStatus {
        switch self {
        case .notACode: .wrongUse
        case .codeRefused, .refused, .policyElsewhere: .refused
        case .nodeNotAuthentic: .integrity
        case .notReachable, .notStored: .notReachable
        }
    }
}
