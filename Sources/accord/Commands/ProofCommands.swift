import ArgumentParser
import ClientRuntime
import ClientStore
import Foundation
import LedgerCore
import Screens
import SyncCore
import TerminalCore

/// Prints a receipt.
struct ReceiptCommand: AccordCommand {
    static let configuration = CommandConfiguration(
        commandName: "receipt",
        abstract: Spoken.help(
            "Print the proof of an entry: a C2SP tlog-proof that verifies offline.",
            "输出条目的证明：可离线验证的 C2SP tlog-proof。"))

    @Argument(
        help: Spoken.help(
            "The index of the entry, as  accord activity  shows it, or the text of its QR code.",
            "条目的账本序号，见  accord activity，或其二维码的文字。"))
    var entry: String
    @Option(
        help: Spoken.help(
            "The file to write; otherwise the receipt is printed.", "要写入的文件；未指定时直接输出凭证。"),
        completion: .file())
    var out: String?
    @Flag(help: Spoken.help("Replace a file that is there.", "覆盖已有的文件。"))
    var force = false
    @OptionGroup var common: CommonOptions

    func execute(_ output: Output) async throws {
        let desk = try MemberDesk.reading(output)
        let lines = try desk.store.activity(offset: 0, limit: 1 << 30).lines
        let index = LeafIndex(entry)
        let code = ReceiptCode(entry)
        let found = lines.first { code?.entry == $0.entry || index != nil && $0.index == index }
        guard let line = found else {
            throw output.failure(
                .refused, "there is no entry \(entry) about you here: look with  accord activity",
                "本机没有关于您的条目 \(entry)：请用  accord activity  查看")
        }
        guard let proof = try desk.store.proof(of: line.entry) else { throw ProofMissing() }
        let path = try out.map { out in
            let written = try desk.session.exportReceipt(line.entry, to: out, isReplacing: force)
            guard let written else {
                throw output.failure(
                    .wrongUse, "\(out) is there already: nothing was written; --force replaces it",
                    "\(out) 已存在，未写入；用 --force 替换")
            }
            return written
        }
        output.json(
            jsonObject([
                ("entry", .string(proof.entry.hex)), ("file", path.map(JSONValue.string)),
                ("index", .integer(proof.index)), ("receipt", .string(proof.receipt)),
                ("recorded", .time(proof.recordedAt)), ("root", .string(proof.root.hex)),
                ("tree_size", .integer(proof.treeSize)),
            ]))
        if let path {
            output.line("wrote \(path)", "已写入 \(path)")
        } else {
            let text =
                proof.receipt.hasSuffix("\n") ? String(proof.receipt.dropLast()) : proof.receipt
            output.lines(SafeText.paragraphs(untrusted: text))
        }
    }
}

/// Verifies a receipt or an export.
struct VerifyCommand: AccordCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: Spoken.help("Verify a receipt or a whole export, offline.", "离线验证凭证或整个导出。"),
        discussion: Spoken.help(
            """
            Of an export every file is checked against its manifest, the manifest's signature, \
            every proof, and that no entry of the member is missing in between. With a policy of \
            witnesses, the one given or the one kept here, each proof's checkpoint also needs \
            their cosignatures: too few of them end it with 1.
            """,
            """
            对于导出，会核对清单中的每个文件、清单的签名、每份证明，以及其间没有缺少成员的条目。有见证策略时（给出的或本机保存的），\
            每份证明的检查点还须有其联署：不足则以 1 结束。
            """))

    @Argument(
        help: Spoken.help(
            "The .tlog-proof file, or the folder accord export wrote.",
            ".tlog-proof 文件，或 accord export 写出的文件夹。"), completion: .file())
    var file: String
    @Option(
        help: Spoken.help(
            "The log's verifier key; otherwise that of the ledger you joined.",
            "账本的验证公钥；未指定时用您所加入账本的公钥。"))
    var vkey: String?
    @Option(
        help: Spoken.help(
            "A file that says whose cosignatures are needed; otherwise, without --vkey, the policy kept here.",
            "说明须由谁联署的文件；未指定且无 --vkey 时，用本机保存的策略。"),
        completion: .file())
    var policy: String?
    @Flag(
        help: Spoken.help(
            "Look for no cosignatures, whatever policy is kept here.", "无论本机保存了什么策略，都不核对联署。"))
    var logOnly = false
    @OptionGroup var common: CommonOptions

    func validate() throws {
        guard policy == nil || !logOnly else {
            throw ValidationError(
                english: "--policy FILE, or --log-only", chinese: "--policy 文件 与 --log-only 只能选一个")
        }
    }

    func execute(_ output: Output) async throws {
        let named = try policy.map { try WitnessPolicy(file: $0, output) }
        var isFolder: ObjCBool = false
        if FileManager.default.fileExists(atPath: file, isDirectory: &isFolder), isFolder.boolValue
        {
            let (key, kept) = try known(output)
            return try ExportVerification(
                folder: file, logKey: key, policy: named ?? kept, isNamed: named != nil
            ).run(output)
        }
        guard let content = FileManager.default.contents(atPath: file) else {
            throw output.failure(
                .wrongUse, "could not read \(file): there is no such file", "无法读取 \(file)：文件不存在")
        }
        let (logKey, kept) = try known(output)
        guard let key = logKey else {
            throw output.failure(
                .wrongUse, "say which log: --vkey KEY (accord-node key prints it)",
                "请用 --vkey 指明账本密钥（accord-node key 可打印）")
        }
        if let named, !named.covers(key) { throw output.failure(notFor: key) }
        let policy = named ?? kept
        let check: ReceiptCheck
        do {
            check = try ReceiptCheck(
                [UInt8](content), logKey: key, policy: policy?.needsNobody == false ? policy : nil)
        } catch let defect as Receipt.Defect {
            throw failure(defect, key, output)
        } catch {
            throw output.failure(
                .integrity,
                "\(file): the entry in it is not one of \(key.name): keep the file, tell the people who run the node",
                "\(file)：其中的条目不属于 \(key.name)：请保留文件并联系节点管理员")
        }
        output.json(
            jsonObject([
                ("account", .string(check.payload.account.text)),
                ("body", check.payload.body.json), ("device", .string(check.payload.device.text)),
                ("entry", .string(check.entry.hex)), ("index", .integer(check.index)),
                ("kind", .string(check.payload.body.kind.rawValue)),
                ("origin", .string(check.origin)), ("recorded", .time(check.recordedAt)),
                ("tree_size", .integer(check.treeSize)), ("verified", .bool(check.isConfirmed)),
                ("vkey", .string(key.text)), ("witnesses", check.witnesses?.json),
            ]))
        guard check.isConfirmed else {
            let found = output.found(check.witnesses)
            throw output.failure(
                .refused,
                "\(file): \(key.name) signed it, but too few witnesses cosigned: \(found). Others may have been shown another history; --log-only checks the signature of \(key.name) alone",
                "\(file)：\(key.name) 已签名，但见证不足：\(found)。他人看到的历史可能不同；--log-only 仅核对 \(key.name) 的签名")
        }
        let words = output.words
        let line = ActivityLine(
            entry: check.entry, index: check.index, at: check.recordedAt, body: check.payload.body,
            state: .proven, rejection: nil, isRead: true, title: nil, actor: nil)
        output.line("verified: entry #\(check.index) is in the log", "验证通过：条目 #\(check.index) 在账本中")
        output.fields([
            (output.say("Log", "账本"), "\(check.origin)"),
            (output.say("Key", "密钥"), "\(key.text)"),
            (words(.what), words.headline(line)),
            (words(.project), "\(check.payload.body.project?.text ?? "")"),
            (words(.recorded), words.dateTime(check.recordedAt)),
            (output.say("Account", "账户"), "\(check.payload.account.text)"),
            (output.say("Device", "设备"), "\(check.payload.device.text)"),
            (words(.entryID), "\(check.entry.hex)"),
            (words(.witnesses), output.found(check.witnesses)),
            (output.say("Tree size", "树的大小"), "\(check.treeSize)"),
        ])
    }

    /// What is no receipt is wrong use; a receipt that does not hold is an alarm.
    private func failure(_ defect: Receipt.Defect, _ key: VerifierKey, _ output: Output)
        -> CommandFailure
    {
        switch defect {
        case .entryMissing:
            return output.failure(
                .wrongUse, "\(file) carries no entry: it is no receipt of accord",
                "\(file) 中没有条目：不是 accord 的凭证")
        case .keyMissing:
            return output.failure(
                .integrity,
                "\(file) does not carry the key of the device that signed its entry: save the receipt again",
                "\(file) 没有签名设备的公钥：请重新保存凭证")
        case .entryForged:
            return output.failure(
                .integrity,
                "\(file) does not verify: its entry is not signed by the device it names",
                "\(file) 验证失败：条目的设备签名不正确")
        case .proof(.checkpoint(.originMismatch)), .proof(.checkpoint(.logSignatureMissing)):
            return output.failure(
                .integrity, "\(file) is not signed by \(key.name)", "\(file) 没有 \(key.name) 的签名")
        case .proof(.checkpoint(let error)):
            return output.failure(
                .integrity,
                "\(file) does not verify under the key of \(key.name): \(String(describing: error))",
                "\(file) 无法用 \(key.name) 的密钥验证：\(String(describing: error))")
        case .proof(.inclusion):
            return output.failure(
                .integrity,
                "\(file) does not verify: its entry is not in the tree \(key.name) signed",
                "\(file) 验证失败：条目不在 \(key.name) 签名的树中")
        case .proof(let error):
            return output.failure(
                .integrity, "\(file) is damaged, or no receipt: \(String(describing: error))",
                "\(file) 已损坏，或不是凭证：\(String(describing: error))")
        }
    }

    /// The key that was named; otherwise that of the ledger that was joined here, and the policy
    /// kept for it.
    private func known(_ output: Output) throws -> (key: VerifierKey?, policy: WitnessPolicy?) {
        if let vkey {
            do {
                return (try VerifierKey(parsing: vkey), nil)
            } catch {
                throw output.failure(
                    .wrongUse, "--vkey is no verifier key: \(String(describing: error))",
                    "--vkey 不是验证密钥：\(String(describing: error))")
            }
        }
        let store = try MemberDesk(output).store
        return (try store.enrolment()?.logKey, logOnly ? nil : try store.witnessPolicy())
    }
}

extension ReceiptCheck {
    /// Whether enough of the witnesses that were looked for cosigned.
    fileprivate var isConfirmed: Bool { witnesses.map { $0.seconds != nil } ?? true }
}

extension WitnessPolicy.Finding {
    /// When enough witnesses had cosigned, by their clocks.
    fileprivate var time: Timestamp? {
        let latest = UInt64(Timestamp.latest.milliseconds / 1000)
        return seconds.map { Timestamp(milliseconds: Int64(min($0, latest)) * 1000) }
    }

    /// For scripts.
    fileprivate var json: JSONValue {
        jsonObject([
            ("confirmed_at", time.map(JSONValue.time)),
            ("cosigned", .array(cosigned.map { .string($0.key.text) })),
            ("of", .integer(Int64(witnessCount))),
        ])
    }
}

extension Output {
    /// Says which witnesses cosigned, or that nobody looked for any.
    fileprivate func found(_ witnesses: WitnessPolicy.Finding?) -> SafeText {
        guard let witnesses else {
            return say(
                "none was checked: give --policy, or keep one with  accord witnesses FILE",
                "未核对：请用 --policy 指定，或用  accord witnesses 文件  设置")
        }
        let names = witnesses.cosigned.map {
            SafeText(untrusted: String(decoding: $0.name, as: UTF8.self))
        }
        let (count, all) = (names.count, witnesses.witnessCount)
        let list = names.first.map { names.dropFirst().reduce($0) { $0 + ", " + $1 } } ?? .empty
        let lead = say("\(count) of \(all) cosigned", "\(all) 个见证方中有 \(count) 个联署")
        let whole = list.isEmpty ? lead : lead + " (" + list + ")"
        guard let time = witnesses.time else { return whole }
        let moment = words.dateTime(time)
        return say("\(whole), enough since \(moment)", "\(whole)，\(moment) 起足够")
    }

    /// A policy that was named is for other ledgers.
    func failure(notFor key: VerifierKey) -> CommandFailure {
        failure(
            .refused, "the policy is not for \(key.name): nothing was verified",
            "该策略不适用于 \(key.name)，未作核对")
    }
}
