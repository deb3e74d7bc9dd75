import ArgumentParser
import ClientRuntime
import ClientStore
import Foundation
import LedgerCore
import Screens
import SyncCore
import SyncEngine
import TerminalCore

/// Joins a ledger.
struct JoinCommand: AccordCommand {
    static let configuration = CommandConfiguration(
        commandName: "join",
        abstract: Spoken.help(
            "Join with an invitation code, or with the code of a device of yours.",
            "用邀请码加入，或用您另一台设备的代码加入。"),
        discussion: Spoken.help(
            """
            A device of yours hands over whose cosignatures it asks for, and this one asks for the \
            same; --policy names others. A machine whose keys are bound to a keyring that is gone \
            gets new ones with --new-keys; the sealed file of the old ones is set aside.
            """,
            """
            您的设备会告知它要求谁联署，本机也要求同样的联署；--policy 可另行指定。若本机密钥所绑定的密钥环已丢失，\
            可用 --new-keys 生成新密钥；旧密钥的封存文件会另行保留。
            """))

    @Argument(
        help: Spoken.help(
            "An invitation code, or that of a device of yours: 13 letters and digits.",
            "邀请码，或您设备的代码：13 个字母和数字。"))
    var code: String
    @Option(
        help: Spoken.help(
            "The address of the node, such as https://ledger.example.org.",
            "节点的地址，例如 https://ledger.example.org。"))
    var node: String
    @Option(help: Spoken.help("Your name, as shown on this machine only.", "您的称呼，仅在本机显示。"))
    var name: String?
    @Option(
        help: Spoken.help(
            "A file that says whose cosignatures checkpoints need (C2SP tlog-policy).",
            "说明检查点须由谁联署的文件（C2SP tlog-policy）。"),
        completion: .file())
    var policy: String?
    @Option(
        help: Spoken.help(
            "A number that gives the same keys each time, for rehearsals.", "每次生成相同密钥的数字，用于演练。"))
    var seed: UInt64?
    @Flag(
        help: Spoken.help(
            "Make new keys in place of those whose keyring is gone for good.",
            "生成新密钥，替换密钥环已永久丢失的密钥。"))
    var newKeys = false
    @OptionGroup var passphrase: PassphraseOption
    @OptionGroup var common: CommonOptions

    func execute(_ output: Output) async throws {
        let policy = try policy.map { try WitnessPolicy(file: $0, output) }
        let desk = try MemberDesk(output, seed: seed)
        let known = try desk.store.enrolment()
        if newKeys { try checkKeyringIsGone(desk) }
        let isHere = try known != nil && !desk.session.hasLostKeys() && !newKeys
        let secret =
            isHere
            ? try desk.session.needsPassphrase ? passphrase.existing(output) : ""
            : try passphrase.new(output)
        var joined: JoinedDevice?
        if let joining = try await begin(desk, secret, policy, known, output) {
            desk.compare(joining.words, .waitsForOther)
            joined = try await desk.session.finishJoining(joining)
            if let policy, let handed = joined?.policy, handed.bytes != policy.bytes {
                output.note(
                    "your other device asks for other witnesses; this one asks for those you named",
                    "您的另一台设备要求其他见证方；本机采用您指定的策略")
            }
        }
        if let name { try desk.session.changeProfile { $0.name = name } }
        if secret.isEmpty, !isHere {
            Output.complain(output.words(SecretText.noPassphrase))
        }
        let outcome = try await desk.sync(within: .seconds(60))
        let closed = try await desk.session.syncWards()
        if outcome == .unfinished(.unconfirmed) {
            let reason = output.words.reason(.unconfirmed)
            output.note("\(reason)", "\(reason)")
        }
        guard let enrolment = try desk.store.enrolment() else { throw VaultError.missing }
        if newKeys, let known { tellSetAside(known.device, desk) }
        let status = try desk.store.status()
        let asked = try desk.store.witnessPolicy()
        let count = try desk.store.projects(ProjectQuery(), offset: 0, limit: 0).total
        output.json(
            jsonObject([
                ("account", .string(enrolment.account.text)),
                ("device", .string(enrolment.device.text)),
                ("node", .string(enrolment.nodeURL)), ("origin", .string(enrolment.origin)),
                ("projects", .integer(Int64(count))),
                ("sync", .string(outcome?.name ?? "timed-out")),
                ("verified", .integer(status.verifiedSize)),
                ("vkey", .string(enrolment.logKey.text)),
                ("witnesses", WitnessesCommand.keys(of: asked)),
            ]))
        output.line("joined \(enrolment.origin)", "已加入 \(enrolment.origin)")
        let number = output.words.number(Int64(count))
        output.line(
            "\(number) \(count == 1 ? "project asks" : "projects ask") for data; look with  accord projects list",
            "有 \(number) 个项目需要数据；用  accord projects list  查看")
        if let asked, !asked.needsNobody {
            output.line(
                "checkpoints need these witnesses; change that with  accord witnesses",
                "检查点须由以下见证方联署；可用  accord witnesses  更改")
            output.witnesses(of: asked)
        }
        for ward in try desk.session.readableWards() {
            let name = SafeText(untrusted: ward.name)
            output.line(
                "you act for \(name) here, too:  accord for NAME COMMAND …",
                "您在此也可为 \(name) 操作：accord for 称呼 命令 …")
        }
        if case .frozen? = outcome { throw desk.alarm() }
        if let trouble = joined?.trouble ?? closed {
            throw CommandFailure(.notReachable, output.words(trouble))
        }
    }

    /// New keys are for a machine whose own no keyring opens any more.
    private func checkKeyringIsGone(_ desk: MemberDesk) throws {
        guard desk.session.keyringTrouble() == nil else { return }
        throw desk.output.failure(
            .wrongUse,
            "no keyring keeps the keys of this machine closed: nothing was changed; leave --new-keys out",
            "本机密钥未被密钥环锁住：未作任何更改，请去掉 --new-keys")
    }

    /// Says where the old keys are, and that their right to sign is to be taken away.
    private func tellSetAside(_ device: DeviceID, _ desk: MemberDesk) {
        let file = desk.session.folders.setAsideFile(device).path(percentEncoded: false)
        desk.output.note(
            "the sealed file of the old keys is \(file); take their right to sign away:  accord devices remove \(device.text)",
            "旧密钥的封存文件为 \(file)；请取消其签名权限：  accord devices remove \(device.text)")
    }

    /// Begins; a device that joined before goes on only with the code of another one of its person.
    private func begin(
        _ desk: MemberDesk, _ secret: String, _ policy: WitnessPolicy?, _ known: Enrolment?,
        _ output: Output
    ) async throws -> JoiningDevice? {
        do {
            return try await desk.session.beginJoining(
                code: code, node: node, passphrase: secret, policy: policy, newKeys: newKeys)
        } catch VaultError.exists {
            guard let known else { throw VaultError.exists }
            throw output.failure(
                .refused, "joined already: \(known.origin) at \(known.nodeURL)",
                "已经加入：\(known.origin)（\(known.nodeURL)）")
        }
    }
}

/// Sends and fetches.
struct SyncCommand: AccordCommand {
    static let configuration = CommandConfiguration(
        commandName: "sync",
        abstract: Spoken.help(
            "Send what waits, fetch and verify what is new.", "发送等待的内容，获取并验证新的内容。"))

    @OptionGroup var passphrase: PassphraseOption
    @OptionGroup var common: CommonOptions

    func execute(_ output: Output) async throws {
        let desk = try MemberDesk.unlocked(output, passphrase)
        let outcome = try await desk.session.syncOnce()
        desk.tellTroubles()
        // What waits for a ward goes out with what waits for oneself.
        let trouble = try await desk.session.syncWards(desk.tellMending)
        let status = try desk.store.status()
        output.json(
            status.json(adding: [
                ("sync", .string(outcome.name)),
                ("why", output.forScripts.reason(outcome).map { .string($0.string) }),
            ]))
        guard let reason = output.reason(outcome) else {
            let size = output.words.number(status.verifiedSize)
            output.line(
                "in step: verified against a ledger of \(size) entries", "已同步：账本共 \(size) 条，已验证")
            output.waiting(status)
            if let trouble { throw CommandFailure(.notReachable, output.words(trouble)) }
            return
        }
        output.waiting(status)
        if let trouble { Output.complain(output.words(trouble)) }
        switch outcome {
        case .complete, .otherProcess:
            return output.line("\(reason)", "\(reason)")
        case .frozen: throw desk.alarm()
        case .revoked, .needsEnrolment: throw CommandFailure(.refused, reason)
        case .needsUnlock: throw CommandFailure(.wrongUse, reason)
        case .recordsWait:
            throw output.failure(
                .notReachable,
                "records or their keys wait here: \(reason); they are kept, try again later",
                "记录或其密钥仍在本机等待：\(reason)；已保存，请稍后重试")
        case .unfinished, .incompatible, .storeFailed:
            throw output.failure(
                .notReachable, "could not sync: \(reason); what waits is kept, try again later",
                "无法同步：\(reason)；待发内容已保存，请稍后重试")
        }
    }
}

/// Says where things stand.
struct StatusCommand: AccordCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: Spoken.help("Say where things stand, from this machine alone.", "说明当前状态，只依据本机。"))

    @OptionGroup var common: CommonOptions

    func execute(_ output: Output) async throws {
        let desk = try MemberDesk.reading(output)
        guard let enrolment = try desk.store.enrolment() else { throw VaultError.missing }
        let status = try desk.store.status()
        let frozen = try desk.store.frozenReason()
        let points = try desk.store.pointsSummary(at: desk.now)
        let name = desk.session.memberName
        output.json(
            status.json(adding: [
                ("account", .string(enrolment.account.text)),
                ("confirmed_at", status.confirmedAt.map(JSONValue.time)),
                ("needs_witnesses", .bool(status.needsWitnesses)),
                ("available", .integer(points.available.value)),
                ("device", .string(enrolment.device.text)),
                ("frozen", frozen.map(JSONValue.string)),
                ("keyring", .bool(desk.session.isBoundToKeyring)),
                ("name", name.isEmpty ? nil : .string(name)),
                ("node", .string(desk.session.profile.node ?? enrolment.nodeURL)),
                ("on_the_way", .integer(points.onTheWay.value)),
                ("origin", .string(enrolment.origin)),
                ("passphrase", .bool(desk.session.canLock)),
            ]))
        let words = output.words
        let size = words.number(status.verifiedSize)
        output.fields([
            (output.say("Ledger", "账本"), "\(enrolment.origin)"),
            (output.say("Node", "节点"), "\(desk.session.profile.node ?? enrolment.nodeURL)"),
            (
                output.say("Account", "账户"),
                name.isEmpty ? "\(enrolment.account.text)" : "\(name) (\(enrolment.account.text))"
            ),
            (
                output.say("Keys", "密钥"),
                words(
                    KeyringText.sealing(
                        passphrase: desk.session.canLock, keyring: desk.session.isBoundToKeyring
                    ).texts)
            ),
            (
                output.say("Verified", "已验证"),
                status.verifiedAt.map {
                    output.say(
                        "\(size) entries, \(words.dateTime($0))", "\(size) 条，\(words.dateTime($0))")
                } ?? output.say("nothing yet", "尚无")
            ),
            (
                output.say("Witnesses", "见证"),
                output.confirmation(status, at: desk.now)
            ),
            (
                output.say("Points", "积分"),
                output.say(
                    "\(words.points(points.available)) available, \(words.points(points.onTheWay)) on the way",
                    "可用 \(words.points(points.available))，待入账 \(words.points(points.onTheWay))")
            ),
        ])
        output.waiting(status)
        if frozen != nil { throw desk.alarm() }
    }
}

extension SyncStatus {
    /// The counts for scripts, with more members.
    func json(adding members: [(String, JSONValue?)]) -> JSONValue {
        jsonObject(
            [
                ("outbox", .integer(Int64(outboxCount))),
                ("queued_revocations", .integer(Int64(queuedRevocations))),
                ("unread_refusals", .integer(Int64(unreadRefusals))),
                ("verified", .integer(verifiedSize)),
                ("verified_at", verifiedAt.map(JSONValue.time)),
            ] + members)
    }
}

extension Output {
    /// Says when witnesses confirmed what was verified.
    func confirmation(_ status: SyncStatus, at now: Timestamp) -> SafeText {
        guard status.needsWitnesses else { return say("none asked for", "未要求") }
        guard let time = status.confirmedAt else { return words(.notConfirmedYet) }
        let moment = words.dateTime(time)
        return status.lacksConfirmation(at: now)
            ? words(.notConfirmedSince, moment)
            : say("confirmed \(moment)", "\(moment) 获见证")
    }

    /// Says what waits, and what was refused and not read.
    func waiting(_ status: SyncStatus) {
        let (outbox, revocations) = (status.outboxCount, status.queuedRevocations)
        if outbox > 0 {
            line("\(outbox) waiting to be sent", "\(outbox) 项等待发送")
        }
        if revocations > 0 { line(words.count(.revocationsWaiting, revocations)) }
        if status.unreadRefusals > 0 {
            let count = status.unreadRefusals
            line(
                "\(count) refused and not read: see  accord activity --refused",
                "\(count) 项未通过且未读：请查看  accord activity --refused")
        }
    }
}
