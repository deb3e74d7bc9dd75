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
        abstract: "Print the proof of an entry: a C2SP tlog-proof that verifies offline.")

    @Argument(
        help: "The index of the entry, as  accord activity  shows it, or the text of its QR code.")
    var entry: String
    @Option(help: "The file to write; otherwise the receipt is printed.", completion: .file())
    var out: String?
    @Flag(help: "Replace a file that is there.")
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
        commandName: "verify", abstract: "Verify a receipt or a whole export, offline.",
        discussion: """
            Of an export every file is checked against its manifest, the manifest's signature, \
            every proof, and that no entry of the member is missing in between.
            """)

    @Argument(
        help: "The .tlog-proof file, or the folder accord export wrote.", completion: .file())
    var file: String
    @Option(help: "The log's verifier key; otherwise that of the ledger you joined.")
    var vkey: String?
    @OptionGroup var common: CommonOptions

    func execute(_ output: Output) async throws {
        var isFolder: ObjCBool = false
        if FileManager.default.fileExists(atPath: file, isDirectory: &isFolder), isFolder.boolValue
        {
            return try ExportVerification(folder: file, logKey: try knownKey(output)).run(output)
        }
        guard let content = FileManager.default.contents(atPath: file) else {
            throw output.failure(
                .wrongUse, "could not read \(file): there is no such file", "无法读取 \(file)：文件不存在")
        }
        let key = try logKey(output)
        let check: ReceiptCheck
        do {
            check = try ReceiptCheck([UInt8](content), logKey: key)
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
                ("tree_size", .integer(check.treeSize)), ("verified", .bool(true)),
                ("vkey", .string(key.text)),
            ]))
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

    private func logKey(_ output: Output) throws -> VerifierKey {
        if let key = try knownKey(output) { return key }
        throw output.failure(
            .wrongUse, "say which log: --vkey KEY (accord-node key prints it)",
            "请用 --vkey 指明账本密钥（accord-node key 可打印）")
    }

    /// The key that was named, or that of the ledger that was joined here.
    private func knownKey(_ output: Output) throws -> VerifierKey? {
        if let vkey {
            do {
                return try VerifierKey(parsing: vkey)
            } catch {
                throw output.failure(
                    .wrongUse, "--vkey is no verifier key: \(String(describing: error))",
                    "--vkey 不是验证密钥：\(String(describing: error))")
            }
        }
        return try MemberDesk(output).store.enrolment()?.logKey
    }
}
