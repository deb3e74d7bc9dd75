import ArgumentParser
import ClientRuntime
import ClientStore
import LedgerCore
import Screens
import SyncCore
import TerminalCore

/// Says or sets whose cosignatures are asked for.
struct WitnessesCommand: AccordCommand {
    static let configuration = CommandConfiguration(
        commandName: "witnesses",
        abstract: Spoken.help(
            "Say, or set, whose cosignatures the ledger's checkpoints need.", "查看或设定账本检查点须由谁联署。"),
        discussion: Spoken.help(
            """
            A ledger that shows two members two histories needs its witnesses to sign both. With a \
            policy (C2SP tlog-policy) nothing is accepted that too few of them cosigned.
            """,
            """
            账本若要向两位成员展示两种历史，就需要见证方对两者都签名。设定策略（C2SP tlog-policy）后，\
            联署不足的内容一律不采纳。
            """))

    @Argument(help: Spoken.help("A file with a policy.", "策略文件。"), completion: .file())
    var file: String?
    @Flag(help: Spoken.help("Asks for nobody's cosignatures any more.", "不再要求任何联署。"))
    var none = false
    @OptionGroup var common: CommonOptions

    func validate() throws {
        guard !none || file == nil else { throw ValidationError("a file, or --none") }
    }

    func execute(_ output: Output) async throws {
        let policy = try file.map { try WitnessPolicy(file: $0, output) }
        let desk = try MemberDesk.reading(output)
        if none || policy != nil, desk.session.ward != nil {
            throw output.failure(
                .wrongUse, "the witnesses of a child are those of its guardian: leave out --for",
                "孩子的见证与监护人相同：请去掉 --for")
        }
        if let policy { try desk.pin(policy) }
        if none { try desk.store.setWitnessPolicy(nil) }
        let status = try desk.store.status()
        let pinned = try desk.store.witnessPolicy()
        output.json(
            jsonObject([
                ("confirmed_at", status.confirmedAt.map(JSONValue.time)),
                ("witnesses", Self.keys(of: pinned)),
            ]))
        guard let pinned else {
            return output.line("nobody's cosignatures are asked for", "未要求任何见证")
        }
        output.witnesses(of: pinned)
        output.line(output.confirmation(status, at: desk.now))
    }
}

/// Says or sets whose cosignatures an institution asks for.
struct StudyWitnesses: AccordCommand {
    static let configuration = CommandConfiguration(
        commandName: "witnesses",
        abstract: Spoken.help(
            "Say, or set, whose cosignatures the ledger's checkpoints need.", "查看或设定账本检查点须由谁联署。"),
        discussion: Spoken.help(
            """
            With a policy (C2SP tlog-policy) the entries of projects are read from a checkpoint \
            that enough witnesses cosigned, and from no other.
            """,
            """
            设定策略（C2SP tlog-policy）后，只从有足够见证方联署的检查点读取项目的条目。
            """))

    @Argument(help: Spoken.help("A file with a policy.", "策略文件。"), completion: .file())
    var file: String?
    @Flag(help: Spoken.help("Asks for nobody's cosignatures any more.", "不再要求任何联署。"))
    var none = false
    @Option(
        help: Spoken.help(
            "The folder of the institution; otherwise ACCORD_HOME.", "机构的文件夹；未指定时为 ACCORD_HOME。"),
        completion: .directory)
    var home: String?
    @OptionGroup var common: CommonOptions

    func validate() throws {
        guard !none || file == nil else { throw ValidationError("a file, or --none") }
    }

    func execute(_ output: Output) async throws {
        let folders = StudyOffice.folders(home)
        try folders.prepare()
        if none { try StudyDesk.setWitnessPolicy(nil, in: folders) }
        if let file {
            try StudyDesk.setWitnessPolicy(WitnessPolicy(file: file, output), in: folders)
        }
        let pinned = try StudyDesk.witnessPolicy(in: folders)
        output.json(jsonObject([("witnesses", WitnessesCommand.keys(of: pinned))]))
        guard let pinned else {
            return output.line("nobody's cosignatures are asked for", "未要求任何见证")
        }
        output.witnesses(of: pinned)
    }
}

extension WitnessesCommand {
    /// The keys of a policy's witnesses, for scripts.
    static func keys(of policy: WitnessPolicy?) -> JSONValue {
        .array((policy?.witnesses ?? []).map { .string($0.key.text) })
    }
}

extension Output {
    /// Prints a policy's witnesses, one on each line.
    func witnesses(of policy: WitnessPolicy) {
        for witness in policy.witnesses {
            let name = SafeText(untrusted: String(decoding: witness.name, as: UTF8.self))
            let key = SafeText(untrusted: witness.key.text)
            line("\(name)  \(key)", "\(name)  \(key)")
        }
    }
}

extension WitnessPolicy {
    /// Reads a policy from a file.
    init(file: String, _ output: Output) throws {
        do throws(PolicyFileProblem) {
            try self.init(path: file)
        } catch {
            switch error {
            case .notReadable:
                throw output.failure(.wrongUse, "could not read \(file)", "无法读取 \(file)")
            case .noPolicy(_, let why):
                let reason = output.words(why.explained)
                throw output.failure(.wrongUse, "\(file): \(reason)", "\(file)：\(reason)")
            }
        }
    }
}

extension MemberDesk {
    /// Asks for the cosignatures of a policy, if it is for the ledger that was joined.
    func pin(_ policy: WitnessPolicy) throws {
        guard let enrolment = try store.enrolment() else { throw VaultError.missing }
        guard policy.covers(enrolment.logKey) else {
            throw output.failure(
                .refused, "the policy is not for \(enrolment.origin): it was not taken",
                "该策略不适用于 \(enrolment.origin)，未采用")
        }
        try store.setWitnessPolicy(policy)
    }
}
