import ClientRuntime
import ClientStore
import Foundation
import LedgerCore
import Screens
import SyncCore
import SyncEngine
import TerminalCore

/// The member's session as commands use it: decide first, then send, then wait for the verdict.
struct MemberDesk {
    /// How long a command waits for a verdict.
    static let patience = Duration.seconds(15)

    let session: MemberSession
    let output: Output
    /// The passphrase that was typed to open the vault, for an authorization that asks for it.
    private(set) var secret: String?

    /// Opens the person's folders, or those of whom they act for; with a seed, keys are the same every time, for rehearsals.
    init(_ output: Output, seed: UInt64? = nil) throws {
        self.output = output
        let own = try MemberSession(
            folders: HomeFolders(environment: Surroundings.environment),
            clock: RuntimeClock(), random: seed.map { RandomSource(seed: $0) } ?? RandomSource(),
            wiring: MemberSession.Wiring(
                connect: NodeWiring.connect, keyring: LoginKeyring()))
        session = try ForCommand.name.map { try own.ward(named: $0) } ?? own
        tellMending(of: own)
        if session !== own { tellMending(of: session) }
    }

    /// Says what was done if the database of a session was damaged.
    func tellMending(of session: MemberSession) {
        guard let mending = session.store.mending else { return }
        Output.complain(output.words(.storeMended(mending)))
    }

    /// Says what went wrong beside everything else.
    func tellTroubles() {
        for trouble in session.troubles { Output.complain(output.words(trouble)) }
    }

    /// Opens the folders of somebody who has joined, and the vault.
    static func unlocked(_ output: Output, _ passphrase: PassphraseOption = .none) throws
        -> MemberDesk
    {
        var desk = try MemberDesk(output)
        if desk.session.needsPassphrase {
            let secret = try passphrase.existing(output)
            try desk.session.unlock(passphrase: secret)
            desk.secret = secret
        }
        _ = try desk.session.actions()
        return desk
    }

    /// Opens the folders of somebody who has joined, for reading only.
    static func reading(_ output: Output) throws -> MemberDesk {
        let desk = try MemberDesk(output)
        guard try desk.store.enrolment() != nil else { throw VaultError.missing }
        return desk
    }

    var store: ClientStore { session.store }
    var now: Timestamp { session.clock.now }

    /// Reads a project's name, or says that the catalogue does not have it.
    func project(_ text: String) throws -> ProjectDetail {
        if let id = ProjectID(text), let detail = try store.project(id, at: now) { return detail }
        throw output.failure(
            .refused,
            "there is no project \(text) here: look with  accord projects list --search WORDS",
            "没有项目 \(text)：请用  accord projects list --search 关键词  查找")
    }

    // MARK: Sending

    /// Sends and fetches what can be now; `nil` if that takes longer than `limit`.
    func sync(within limit: Duration) async throws -> SyncOutcome? {
        try await withThrowingTaskGroup(of: SyncOutcome?.self) { group in
            group.addTask { [session] in try await session.syncOnce() }
            group.addTask {
                try await Task.sleep(for: limit)
                return nil
            }
            defer { group.cancelAll() }
            return try await group.next() ?? nil
        }
    }

    /// Sends what was queued, waits for its verdict, and says how it ended.
    ///
    /// - Parameters:
    ///   - entries: What was queued.
    ///   - mustBeDecided: Whether it is a failure when the node does not decide in time.
    /// - Throws: `CommandFailure` for a refusal or an alarm; what was queued is kept.
    func conclude(_ entries: [Hash], mustBeDecided: Bool) async throws {
        let start = ContinuousClock.now
        let queued = try entries.map { ($0, try store.activity(entry: $0)?.body) }
        // On its way an entry may get another number, and with it another id.
        func look() throws -> [ActivityLine] {
            try queued.compactMap { entry, body in
                try store.activity(entry: entry) ?? body.flatMap { try store.activity(stating: $0) }
            }
        }
        var outcome = try await sync(within: MemberDesk.patience)
        var lines = try look()
        while outcome == .otherProcess, lines.contains(where: \.isOnItsWay),
            ContinuousClock.now - start < MemberDesk.patience
        {
            // The app is open and talks to the node: it sends what was queued here. Or a command
            // did, which had sent all of its own before this came and has ended.
            try await Task.sleep(for: .milliseconds(100))
            outcome = try await sync(within: MemberDesk.patience)
            lines = try look()
        }
        tellTroubles()
        output.json(
            jsonObject([
                ("entries", .array(lines.map(\.json))),
                ("sync", .string(outcome?.name ?? "timed-out")),
            ]))
        for line in lines { output.line(verdict(line, outcome)) }
        if case .recordsWait(let failure)? = outcome {
            let why = output.words.reason(failure)
            output.note(
                "records or their keys wait here (\(why)): sent with the next sync",
                "记录或其密钥仍在本机等待（\(why)）：下次同步时发送")
        }
        if case .frozen? = outcome { throw alarm() }
        if lines.contains(where: { $0.state == .rejected }) { throw CommandFailure(.refused) }
        if lines.contains(where: { $0.state == .disputed }) { throw alarm() }
        if mustBeDecided, lines.contains(where: \.isOnItsWay) {
            throw CommandFailure(.notReachable)
        }
    }

    private func verdict(_ line: ActivityLine, _ outcome: SyncOutcome?) -> SafeText {
        let what = output.words.headline(line)
        switch line.state {
        case .proven:
            let index = line.index ?? 0
            return output.say(
                "\(what): recorded as #\(index), verified", "\(what)：已记录为 #\(index)，已验证")
        case .accepted:
            return output.say(
                "\(what): recorded, proof not checked yet", "\(what)：已记录，证明尚未核对")
        case .rejected:
            let why = line.rejection.map(output.refusal) ?? output.say("refused", "未通过")
            return output.say("\(what): \(why)", "\(what)：\(why)")
        case .disputed:
            return output.say(
                "\(what): promised by the node and not in the ledger", "\(what)：节点承诺却未记入账本")
        case .queued, .sent:
            let why = outcome.flatMap(output.reason) ?? output.say("no verdict yet", "尚无裁决")
            return output.say(
                "\(what): queued, not yet in force (\(why)); kept here, sent with the next sync",
                "\(what)：已排队，尚未生效（\(why)）；已保存在本机，下次同步时发送")
        }
    }

    /// The failure of a frozen client.
    func alarm() -> CommandFailure {
        // Where the evidence is can only be missing if the store is gone too.
        let path = (try? store.evidencePath()) ?? store.directory
        return output.failure(
            .integrity,
            "the node broke a promise: nothing is sent any more; evidence: \(path)",
            "节点违背承诺：已停止发送；证据：\(path)")
    }
}

extension PassphraseOption {
    /// No file: the terminal is asked.
    static var none: PassphraseOption {
        var option = PassphraseOption()
        option.passphraseFile = nil
        return option
    }
}

extension ActivityLine {
    /// Whether the node has not decided yet, or the proof is still to come.
    var isOnItsWay: Bool { state == .queued || state == .sent || state == .accepted }
}

extension Output {
    /// Why a synchronisation did not finish; `nil` if it did.
    func reason(_ outcome: SyncOutcome) -> SafeText? {
        switch outcome {
        case .complete: nil
        case .recordsWait(let failure): words.reason(failure)
        case .otherProcess: say("another accord is sending", "另一个 accord 正在发送")
        case .unfinished(let failure):
            failure.map(words.reason)
                ?? say("the node did not answer", "节点没有应答")
        case .needsUnlock: say("the vault is locked", "保管库已锁定")
        case .needsEnrolment: say("the node does not know this device", "节点不认识此设备")
        case .revoked: say("this device was removed", "此设备已被移除")
        case .incompatible: say("the node speaks another version", "节点版本不兼容")
        case .frozen(let reason): words.frozen(reason)
        case .storeFailed(let reason):
            say("the local store failed: \(reason)", "本机存储出错：\(reason)")
        }
    }
}

extension SyncOutcome {
    /// The outcome in a word for scripts.
    var name: String {
        switch self {
        case .complete: "complete"
        case .recordsWait: "records-wait"
        case .otherProcess: "other-process"
        case .unfinished: "unfinished"
        case .needsUnlock: "locked"
        case .needsEnrolment: "not-enrolled"
        case .revoked: "device-revoked"
        case .incompatible: "incompatible"
        case .frozen: "frozen"
        case .storeFailed: "store-failed"
        }
    }
}
