import ArgumentParser
import ClientRuntime
import Foundation
import LedgerCore
import NodeAPI
import SyncCore
import TerminalCore

/// Where an institution keeps its keys, and which node it works with.
struct OfficeOptions: ParsableArguments {
    @Option(
        help: Spoken.help(
            "The folder of the institution; otherwise ACCORD_HOME.", "机构的文件夹；未指定时为 ACCORD_HOME。"),
        completion: .directory)
    var home: String?
    @Option(help: Spoken.help("The address of the node; remembered once given.", "节点的地址；给出一次后即记住。"))
    var node: String?
    @OptionGroup var passphrase: PassphraseOption
}

/// An institution at its desk: its folders, its keys, its way to the node.
final class StudyOffice {
    let folders: HomeFolders
    let keys: VaultKeys
    let link: NodeLink
    let gateway: NodeGateway
    let desk: StudyDesk
    let clock: RuntimeClock

    /// Opens the office of an institution whose keys were made before.
    init(
        home: String?, node: String?, passphrase: PassphraseOption, output: Output,
        clock: RuntimeClock = RuntimeClock()
    ) throws {
        folders = StudyOffice.folders(home)
        self.clock = clock
        try folders.prepare()
        let vault: Vault
        do {
            vault = try Vault.read(from: folders.vaultFile)
        } catch VaultError.missing {
            throw output.failure(
                .wrongUse, "the institution has no keys here: run  accord study keys",
                "此处没有机构密钥：请运行  accord study keys")
        }
        keys = try vault.unlock(
            in: folders, passphrase: vault.hasPassphrase ? passphrase.existing(output) : "",
            now: clock.now)
        var profile = try Profile.read(from: folders.profileFile)
        if let node, node != profile.node {
            profile.node = node
            try profile.write(to: folders.profileFile)
        }
        guard let address = profile.node else {
            throw output.failure(
                .wrongUse, "say which node: --node URL", "请用 --node 指明节点地址")
        }
        link = try NodeWiring.connect(address, keys)
        gateway = NodeGateway(link.connection)
        desk = try StudyDesk(keys: keys, gateway: gateway, folders: folders, clock: clock)
        desk.onWait = {
            output.note(
                "another program of the institution is sending: waiting for it",
                "该机构的另一个程序正在发送：正在等待")
        }
    }

    convenience init(_ options: OfficeOptions, _ output: Output) throws {
        try self.init(
            home: options.home, node: options.node, passphrase: options.passphrase, output: output)
    }

    /// Opens an office, works in it, and closes it again.
    static func open<Value>(
        _ options: OfficeOptions, _ output: Output, _ work: (StudyOffice) async throws -> Value
    ) async throws -> Value {
        let office = try StudyOffice(options, output)
        do {
            let value = try await work(office)
            await office.link.close()
            office.tellRefused(output)
            return value
        } catch {
            await office.link.close()
            office.tellRefused(output)
            throw error
        }
    }

    /// Says what the node refused of what was stored before this command.
    private func tellRefused(_ output: Output) {
        for (body, refusal) in desk.takeRefused() {
            let told = output.refused(body, refusal)
            output.note("stated before: \(told)", "此前的声明：\(told)")
        }
    }

    static func folders(_ home: String?) -> HomeFolders {
        home.map { HomeFolders(root: URL(filePath: $0, directoryHint: .isDirectory)) }
            ?? HomeFolders(environment: Surroundings.environment)
    }

    // MARK: The catalogue

    /// What the catalogue says about projects.
    struct Catalogue {
        /// The current terms of every project of anybody.
        var terms: [ProjectID: ProjectTerms] = [:]
        /// Who sponsors it.
        var sponsors: [ProjectID: AccountID] = [:]
        /// The current terms of the institution's own projects, under its own signature.
        var own: [ProjectID: ProjectTerms] = [:]
        /// Those of them that were closed.
        var closed: Set<ProjectID> = []
        /// What the institution was given, and what it set aside.
        var budget = Points.zero
        /// How projects share points: its own under its own signature, the others' by the node.
        var sharing: [ProjectID: Sharing] = [:]
        /// What the institutions are called.
        var institutions: [AccountID: LocalizedText] = [:]

        /// The terms of the institution's open projects, by id.
        var open: [ProjectTerms] {
            own.values.filter { !closed.contains($0.project) }.sorted { $0.project < $1.project }
        }
    }

    /// Reads the catalogue, which the desk has checked.
    func catalogue() async throws -> Catalogue {
        var catalogue = Catalogue()
        for entry in try await desk.catalogue() { read(entry.payload, into: &catalogue) }
        return catalogue
    }

    private func read(_ payload: EntryPayload, into catalogue: inout Catalogue) {
        switch payload.body {
        case .projectPublished(let terms):
            catalogue.terms[terms.project] = terms
            catalogue.sponsors[terms.project] = payload.account
        case .projectAmended(let amended): catalogue.terms[amended.terms.project] = amended.terms
        case .institutionAdmitted(let admitted):
            catalogue.institutions[payload.account] = admitted.name
        default: break
        }
        if case .budgetFunded(let points) = payload.body, payload.account == desk.account {
            catalogue.budget = catalogue.budget + points
        }
        if case .escrowReleased(let released) = payload.body, payload.account == desk.account {
            catalogue.budget = catalogue.budget + released.points
        }
        guard payload.device == keys.device else {
            // Of its own projects only what it signed itself counts.
            let isOwn = payload.body.project.map { catalogue.own[$0] != nil } ?? false
            if !isOwn { share(payload, into: &catalogue) }
            return
        }
        switch payload.body {
        case .projectPublished(let terms): catalogue.own[terms.project] = terms
        case .projectAmended(let amended): catalogue.own[amended.terms.project] = amended.terms
        case .projectClosed(let project): catalogue.closed.insert(project)
        case .escrowPlaced(let placed): catalogue.budget = catalogue.budget - placed.points
        default: break
        }
        share(payload, into: &catalogue)
    }

    /// Counts a rule for sharing, or what was shared by it.
    private func share(_ payload: EntryPayload, into catalogue: inout Catalogue) {
        switch payload.body {
        case .splitRuled(let ruled):
            catalogue.sharing[ruled.project, default: Sharing(rule: ruled)].rule = ruled
        case .splitPaid(let paid):
            let parts = catalogue.sharing[paid.project]?.pay(paid.points) ?? []
            for part in parts {
                // What the one who shares keeps does not move.
                if part.account == desk.account, payload.account != desk.account {
                    catalogue.budget = catalogue.budget + part.points
                } else if part.account != desk.account, payload.account == desk.account {
                    catalogue.budget = catalogue.budget - part.points
                }
            }
        default: break
        }
    }

    /// Returns the terms of an own project.
    func terms(_ name: String, in catalogue: Catalogue, _ output: Output) throws -> ProjectTerms {
        if let id = ProjectID(name), let terms = catalogue.own[id] { return terms }
        throw output.failure(
            .refused, "the institution has no project \(name): look with  accord study list",
            "该机构没有项目 \(name)：请用  accord study list  查看")
    }

    // MARK: Stating

    /// States things in batches, and counts what was recorded and refused.
    func state(
        _ statements: [EntryBody], about account: AccountID? = nil, _ output: Output
    ) async throws -> Stated {
        var stated = Stated()
        let batchCount = 512
        for start in stride(from: 0, to: statements.count, by: batchCount) {
            let batch = statements[start..<min(start + batchCount, statements.count)]
            let decided = try await desk.enter(batch.map { (account ?? desk.account, $0) })
            stated.note(Array(batch), decided.map(\.verdict))
            for case (let entry, .accepted) in decided { stated.entries.append(entry) }
            if statements.count > batchCount, isatty(STDERR_FILENO) == 1 {
                output.note(
                    "\(stated.recorded) of \(statements.count) recorded",
                    "已记录 \(stated.recorded) / \(statements.count)")
            }
        }
        return stated
    }

    /// What the node decided.
    struct Stated {
        var recorded = 0
        /// What was recorded, in its order.
        var entries: [Hash] = []
        var refused: [(body: EntryBody, refusal: Refusal)] = []

        /// Counts the verdicts on statements, in their order.
        mutating func note(_ bodies: [EntryBody], _ verdicts: [Verdict]) {
            for (body, verdict) in zip(bodies, verdicts) {
                switch verdict {
                case .accepted: recorded += 1
                case .rejected(let refusal): refused.append((body, refusal))
                case .retry: break
                }
            }
        }

        /// The refusals for scripts.
        var json: JSONValue {
            .array(
                refused.map { body, refusal in
                    jsonObject([
                        ("code", .integer(Int64(refusal.code))),
                        ("kind", .string(body.kind.rawValue)), ("name", .string(refusal.name)),
                        ("project", body.project.map { .string($0.text) }),
                    ])
                })
        }

        /// Says what was refused, and makes the command fail if anything was.
        func conclude(_ output: Output) throws {
            for (body, refusal) in refused {
                let told = output.refused(body, refusal)
                output.note(told, told)
            }
            if !refused.isEmpty { throw CommandFailure(.refused) }
        }
    }
}

extension Output {
    /// What was refused, and why.
    fileprivate func refused(_ body: EntryBody, _ refusal: Refusal) -> SafeText {
        let why =
            refusal.rejection.map(self.refusal)
            ?? say("refused: \(refusal.name)", "被拒绝：\(refusal.name)")
        let what = SafeText(untrusted: body.project?.text ?? body.kind.rawValue)
        return say("\(what): \(why)", "\(what)：\(why)")
    }
}
