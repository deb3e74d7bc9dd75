import ArgumentParser
import ClientRuntime
import Foundation
import LedgerCore
import Screens
import SyncCore
import TerminalCore

/// Copies everything of the member out.
struct ExportCommand: AccordCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: Spoken.help(
            "Copy everything of yours into a folder, in formats others read; needs no node.",
            "以通用格式将您的全部数据导出到文件夹；无需节点。"),
        discussion: Spoken.help(
            """
            Records in their own formats, consents and uses as HL7 FHIR R4 (consents in R5 too), \
            consent receipts after ISO/IEC TS 27560, every entry with its C2SP proof, points as \
            CSV, what was refused and what waits, a page to read. Nothing in the folder is \
            encrypted. accord verify checks it, accord import brings it back on another device of \
            yours. With --since only what is newer: records brought in or handed over, entries, \
            uses and points from that day on, and of what is older what they are about.
            """,
            """
            记录保持原有格式，同意与使用为 HL7 FHIR R4（同意另有 R5），同意凭证依 ISO/IEC TS 27560，\
            每个条目附 C2SP 证明，积分为 CSV，还有被拒绝和等待的内容，以及一页可读的说明。文件夹中的内容不加密。\
            accord verify 可验证它，accord import 可在您的另一台设备上恢复它。使用 --since \
            时只含较新的内容：自该日起导入或提交的记录、条目、使用和积分，以及它们所涉及的较旧内容。
            """))

    @Argument(
        help: Spoken.help("The folder; it must be new or empty.", "文件夹；须为新建或为空。"),
        completion: .directory)
    var directory: String
    @Option(
        help: Spoken.help(
            "Only what is new since this day, such as 2027-12-31 (UTC), or time.",
            "只导出自该日（例如 2027-12-31，UTC）或该时刻以来的新内容。"))
    var since: String?
    @OptionGroup var passphrase: PassphraseOption
    @OptionGroup var common: CommonOptions

    func validate() throws {
        guard since == nil || since.flatMap({ Timestamp(iso: $0) }) != nil else {
            throw ValidationError(
                english: "--since is a day such as 2027-12-31",
                chinese: "--since 应为日期，例如 2027-12-31")
        }
    }

    func execute(_ output: Output) async throws {
        let desk = try MemberDesk.unlocked(output, passphrase)
        let beginning = since.flatMap { Timestamp(iso: $0) }
        let report = try WorkLine.during(.exporting, in: .rows, output) { goesOn in
            try desk.session.export(
                to: directory, since: beginning, output.words, goesOn: goesOn)
        } stopped: {
            Output.complain(output.words(ExportText.stopped))
        }
        output.json(
            jsonObject([
                ("consents", .integer(Int64(report.consents))),
                ("directory", .string(report.folder)),
                ("entries", .integer(Int64(report.ownEntries))),
                ("proofs", .integer(Int64(report.entries))),
                ("records", .integer(Int64(report.records))),
                ("refused", .integer(Int64(report.refused))),
                ("rows", .integer(Int64(report.rows))), ("since", beginning.map(JSONValue.time)),
                ("waiting", .integer(Int64(report.waiting))),
            ]))
        let words = output.words
        output.line(words.exported(report))
        if let beginning { output.line(words(ExportText.pageSince, words.dateTime(beginning))) }
        if report.waiting > 0 {
            Output.complain(words.count(ExportText.writtenWaiting, report.waiting))
        }
        if !report.wards.isEmpty { Output.complain(words.wardsApart(report.wards)) }
        output.line(
            "check it with  accord verify \(SafeText(untrusted: report.folder))",
            "可用  accord verify \(SafeText(untrusted: report.folder))  核对")
    }
}

/// Brings back what an export holds.
struct ImportCommand: AccordCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: Spoken.help(
            "Bring back what an export holds, on another device of yours.", "在您的另一台设备上恢复导出的内容。"),
        discussion: Spoken.help(
            """
            Add the device first (accord devices add); your decisions come with accord sync, this \
            brings the records and what else was kept on the old machine. The whole export is \
            checked first; a damaged one is refused and changes nothing. What was refused comes \
            back with its reason. What waited on the old machine goes out from here with accord \
            sync, as it was signed: what stops the use of data without asking, all else once you say \
            so on the terminal or with --send-waiting, as you may have taken it back there since. What \
            was to stop use and cannot go out as it was signed, this device states anew, also where \
            it is one of its own that an older copy of this machine forgot. If both machines send \
            it, it counts once. Of several exports (--since) bring back each. Single files of \
            records are for  accord records import.
            """,
            """
            请先添加设备（accord devices add）；您的决定随 accord sync 而来，\
            本命令恢复记录以及旧机器上保存的其他内容。会先核对整个导出；已损坏的会被拒绝，不作任何更改。\
            被拒绝的内容连同原因一并恢复。在旧机器上等待的内容，会按原签名随 accord sync 从本机发出：\
            停止使用数据的决定无需询问；其他内容须您在终端确认或给出 --send-waiting，因为您可能已在旧机器上撤回。\
            要停止使用却不能按原签名发出的决定，由本机重新作出；若是本机自己的决定而被本机较旧的副本遗忘，也是如此。\
            两台机器都发送时，只算一次。有多个导出（--since）时，请逐一恢复。单个记录文件请用  accord \
            records import。
            """))

    @Argument(
        help: Spoken.help("The folder accord export wrote.", "accord export 写出的文件夹。"),
        completion: .directory)
    var directory: String
    @Flag(
        help: Spoken.help(
            "Send from here everything that waited on the old machine, without asking.",
            "将旧机器上等待的全部内容从本机发出，不再询问。"))
    var sendWaiting = false
    @OptionGroup var passphrase: PassphraseOption
    @OptionGroup var common: CommonOptions

    func execute(_ output: Output) async throws {
        let desk = try MemberDesk.unlocked(output, passphrase)
        if try desk.session.hasForgottenStops(in: directory) {
            // The ledger may have them; where it cannot be asked, they are said once more.
            _ = try await desk.sync(within: MemberDesk.patience)
        }
        let choice = try choice(desk, output)
        let taken = try WorkLine.during(.takingIn, in: .bytes, output) { goesOn in
            try desk.session.takeIn(directory, choice, goesOn: goesOn)
        } stopped: {
            Output.complain(
                output.say("stopped: nothing was brought back", "已停止：未恢复任何内容"))
        }
        output.json(
            jsonObject([
                ("anew", .array(taken.anew.map(\.json))),
                ("foreign_keys", .integer(Int64(taken.foreignKeys))),
                ("known", .integer(Int64(taken.known))),
                ("records", .integer(Int64(taken.records))),
                ("refusals", .integer(Int64(taken.refusals))),
                ("rows", .integer(Int64(taken.rows))), ("sent", .array(taken.sent.map(\.json))),
                ("since", taken.since.map(JSONValue.time)),
                ("waiting", .array(taken.waiting.map(\.json))),
            ]))
        let words = output.words
        let records = words.count(.recordCount, taken.records)
        let rows = words.count(.rowCount, taken.rows)
        output.line("brought back: \(records), \(rows)", "已恢复：\(records)，\(rows)")
        if taken.known > 0 {
            let known = words.count(.recordCount, taken.known)
            output.line("were here already: \(known)", "本机已有：\(known)")
        }
        if taken.refusals > 0 {
            output.line(
                "refusals with their reason: \(taken.refusals)", "未通过的操作及原因：\(taken.refusals)")
        }
        if let since = taken.since {
            output.line(words(ExportText.pageSince, words.dateTime(since)))
        }
        say(taken, wasAsked: choice == .everything, output)
        if taken.foreignKeys > 0 {
            output.note(
                "\(taken.foreignKeys) keys of contributions were sealed by another vault and stay out: hand those records over anew if you authorize them again",
                "\(taken.foreignKeys) 个提交数据的密钥由其他保管库加密，未恢复：如再次授权，请重新提交相应记录")
        }
    }
}

extension ImportCommand {
    /// Asks whether to send what waited, where there is something to ask about.
    private func choice(_ desk: MemberDesk, _ output: Output) throws -> WaitingChoice {
        if sendWaiting { return .everything }
        guard isatty(STDIN_FILENO) == 1 else { return .stopsOnly }
        let waiting = try desk.session.waitingToAskAbout(in: directory)
        guard !waiting.isEmpty else { return .stopsOnly }
        output.note(
            "this was signed on the other machine and not sent when it was exported:",
            "以下操作在另一台设备上签名，导出时尚未发送：")
        for line in waiting { Output.complain(text(line, output)) }
        let question = output.say(
            "send it from here? not if you took it back there since [y/N] ",
            "从本机发送？如之后已在那里收回，请勿发送 [y/N] ")
        return Output.isConfirmed(question) ? .everything : .stopsOnly
    }

    /// Says what became of what waited on the other device; `wasAsked` if all was to be sent.
    private func say(_ taken: TakenIn, wasAsked: Bool, _ output: Output) {
        if !taken.sent.isEmpty {
            output.line(
                "from the other machine, as it was signed there; sent with the next sync:",
                "来自另一台设备，签名不变，下次同步时发送：")
            for line in taken.sent { output.line(text(line, output)) }
        }
        if !taken.anew.isEmpty {
            output.line(
                "was to stop use, and neither this machine nor the ledger seen here has it; signed anew here, sent with the next sync:",
                "以下停止使用的决定在本机及已知账本中均不存在，已在本机重新签名，下次同步时发送：")
            for line in taken.anew { output.line(text(line, output)) }
        }
        guard !taken.waiting.isEmpty else { return }
        if wasAsked {
            output.note(
                "this waited and cannot be sent from here as it was signed: what still matters of it, decide again",
                "以下操作曾等待发送，无法以原签名从本机发送：如仍有需要，请重新决定")
        } else {
            output.note(
                "this waited on the other machine and is not sent from here: that machine sends it, you decide it again, or you import with --send-waiting",
                "以下操作仍在另一台设备上等待，本机不发送：由该设备发送、在本机重新决定，或导入时使用 --send-waiting")
        }
        for line in taken.waiting { output.line(text(line, output)) }
    }

    private func text(_ line: ActivityLine, _ output: Output) -> SafeText {
        let words = output.words
        let title = line.title.map { words($0) } ?? .empty
        return output.say(
            "  \(words.dateTime(line.at)) · \(words.headline(line)) · \(title)",
            "  \(words.dateTime(line.at)) · \(words.headline(line)) · \(title)")
    }
}

/// Checks a whole export and says what is proven.
struct ExportVerification {
    let folder: String
    /// The log's key, where one is known; otherwise the one in the folder is taken.
    let logKey: VerifierKey?
    /// Whose cosignatures the proofs need; `nil` for nobody's.
    let policy: WitnessPolicy?
    /// Whether the person named that policy, and did not only keep it.
    let isNamed: Bool

    func run(_ output: Output) throws {
        let check = try WorkLine.during(.takingIn, in: .bytes, output) { goesOn in
            try ExportCheck(folder, logKey: logKey, policy: policy, goesOn: goesOn)
        }
        if isNamed, let policy, let key = check.logKey, !policy.covers(key) {
            throw output.failure(notFor: key)
        }
        output.json(json(check))
        for defect in check.defects { Output.complain(output.words(defect)) }
        guard check.holds else {
            let count = check.defects.count
            throw output.failure(
                .integrity, "\(SafeText(untrusted: folder)) does not hold: \(count) found",
                "\(SafeText(untrusted: folder)) 核对未通过：发现 \(count) 处问题")
        }
        let missed = check.unconfirmed.count
        guard missed == 0 else {
            throw output.failure(
                .refused,
                "\(SafeText(untrusted: folder)): the ledger signed it, but too few witnesses cosigned \(missed) of \(check.entryCount) proofs, the first \(check.unconfirmed[0]). Others may have been shown another history; --log-only checks the ledger's signature alone",
                "\(SafeText(untrusted: folder))：账本已签名，但 \(check.entryCount) 份证明中有 \(missed) 份见证不足，第一份是 \(check.unconfirmed[0])。他人看到的历史可能不同；--log-only 仅核对账本的签名"
            )
        }
        say(check, output)
    }

    private func say(_ check: ExportCheck, _ output: Output) {
        let words = output.words
        let name = SafeText(untrusted: check.logKey?.name ?? "")
        output.line(
            "\(check.fileCount) files are as the device \(check.device?.text ?? "") wrote and signed them",
            "\(check.fileCount) 个文件与设备 \(check.device?.text ?? "") 写入并签名时一致")
        if let at = check.writtenAt {
            output.line(
                "written \(words.dateTime(at)), by that device's clock",
                "写入时间 \(words.dateTime(at))（该设备的时钟）")
        }
        output.line(
            "\(check.entryCount) entries are in the ledger \(name), each signed by its device",
            "\(check.entryCount) 个条目在账本 \(name) 中，均有设备签名")
        if let since = check.since {
            output.line(
                "\(check.ownEntryCount) of them are of account \(check.account?.text ?? "") and new since \(words.dateTime(since)): none is missing in between",
                "其中 \(check.ownEntryCount) 个属于账户 \(check.account?.text ?? "")，为 \(words.dateTime(since)) 以来的新条目：中间没有缺失"
            )
        } else {
            sayAll(check, output)
        }
        if let policy = check.policy {
            let count = policy.witnesses.count
            output.line(
                "each of their checkpoints was cosigned by enough of the \(count) witnesses",
                "其检查点均由 \(count) 个见证方中足够的见证方联署")
        } else {
            output.line(
                "no witness was checked: give --policy, or keep one with  accord witnesses FILE",
                "未核对见证：请用 --policy 指定，或用  accord witnesses 文件  设置")
        }
        if check.isKeyFromFolder {
            output.note(
                "the ledger's key came from the folder itself: compare it, or give --vkey: \(check.logKey?.text ?? "")",
                "账本密钥取自该文件夹：请自行比对，或使用 --vkey：\(check.logKey?.text ?? "")")
        }
    }

    private func sayAll(_ check: ExportCheck, _ output: Output) {
        output.line(
            "\(check.ownEntryCount) of them are of account \(check.account?.text ?? ""): from the first one on, none is missing in between",
            "其中 \(check.ownEntryCount) 个属于账户 \(check.account?.text ?? "")：自第一个起，中间没有缺失")
    }

    private func json(_ check: ExportCheck) -> JSONValue {
        jsonObject([
            ("account", check.account.map { .string($0.text) }),
            (
                "defects",
                .array(
                    check.defects.map {
                        jsonObject([
                            ("file", .string($0.file)), ("reason", .string($0.reason.name)),
                        ])
                    })
            ),
            ("device", check.device.map { .string($0.text) }),
            ("entries", .integer(Int64(check.entryCount))),
            ("files", .integer(Int64(check.fileCount))),
            ("key_from_folder", .bool(check.isKeyFromFolder)),
            ("own_entries", .integer(Int64(check.ownEntryCount))),
            ("since", check.since.map(JSONValue.time)),
            ("tree_size", .integer(check.treeSize)),
            (
                "unconfirmed",
                check.policy.map { _ in .array(check.unconfirmed.map(JSONValue.string)) }
            ),
            ("verified", .bool(check.holds && check.unconfirmed.isEmpty)),
            ("vkey", check.logKey.map { .string($0.text) }),
            ("witnesses", check.policy.map { WitnessesCommand.keys(of: $0) }),
            ("written", check.writtenAt.map(JSONValue.time)),
        ])
    }
}

extension Words {
    /// What an export holds and where it is.
    func exported(_ report: ExportReport) -> SafeText {
        self(
            ExportText.written, SafeText(untrusted: report.folder),
            count(.recordCount, report.records), count(.entryCount, report.ownEntries))
    }

    /// What does not hold in an export, and where.
    func callAsFunction(_ defect: ExportDefect) -> SafeText {
        let why: Bilingual =
            switch defect.reason {
            case .missing: Bilingual("it is missing", "文件缺失")
            case .unlisted: Bilingual("it is no file of this export", "不属于此次导出")
            case .notPlain: Bilingual("it is no plain file", "不是普通文件")
            case .changed: Bilingual("it was changed", "内容已被更改")
            case .noManifest:
                Bilingual("it is missing, or no manifest of accord", "文件缺失，或不是 accord 的清单")
            case .notSigned:
                Bilingual(
                    "it is missing, or not the signature of the device the manifest names",
                    "文件缺失，或不是清单所述设备的签名")
            case .writerUnknown:
                Bilingual(
                    "no entry here introduces the device that signed it",
                    "没有条目能证明签名设备属于该账户")
            case .otherLog: Bilingual("it is of another ledger", "属于另一个账本")
            case .receipt(let defect): defect.words
            case .misplaced:
                Bilingual(
                    "it is not the receipt of the entry its name says", "不是文件名所述条目的凭证")
            case .entryDiffers:
                Bilingual("it is not the entry of its receipt", "与凭证中的条目不一致")
            case .chainBroken:
                Bilingual(
                    "an entry of yours before it is missing", "在它之前缺少您的条目")
            case .unreadable: Bilingual("it cannot be read", "无法读取")
            }
        let file = SafeText(untrusted: defect.file)
        return language == .english
            ? "\(file): \(SafeText(untrusted: why.english))"
            : "\(file)：\(SafeText(untrusted: why.chinese))"
    }
}

extension Output {
    /// Why an export was not written, or not taken in.
    func failure(of refusal: ExportRefusal) -> CommandFailure {
        switch refusal {
        case .notEmpty(let folder):
            return CommandFailure(
                .wrongUse, words(ExportText.notEmpty, SafeText(untrusted: folder)))
        case .otherAccount:
            return failure(
                .refused,
                "it is of another account or ledger: nothing was brought back; add this device to that account first",
                "它属于另一个账户或账本，未恢复任何内容；请先将此设备加入该账户")
        case .damaged(let defect):
            let why = words(defect)
            return failure(
                .integrity, "nothing was brought back: \(why)", "未恢复任何内容：\(why)")
        }
    }
}

extension ExportDefect.Reason {
    /// The reason in a word for scripts.
    fileprivate var name: String {
        switch self {
        case .missing: "missing"
        case .unlisted: "unlisted"
        case .notPlain: "not-plain"
        case .changed: "changed"
        case .noManifest: "no-manifest"
        case .notSigned: "not-signed"
        case .writerUnknown: "writer-unknown"
        case .otherLog: "other-log"
        case .receipt: "receipt"
        case .misplaced: "misplaced"
        case .entryDiffers: "entry-differs"
        case .chainBroken: "chain-broken"
        case .unreadable: "unreadable"
        }
    }
}

extension Receipt.Defect {
    /// Why a receipt does not verify.
    fileprivate var words: Bilingual {
        switch self {
        case .entryMissing: Bilingual("it carries no entry", "其中没有条目")
        case .keyMissing:
            Bilingual(
                "it does not carry the key of the device that signed its entry",
                "没有签名设备的公钥")
        case .entryForged:
            Bilingual("its entry is not signed by the device it names", "条目的设备签名不正确")
        case .proof(.checkpoint): Bilingual("it is not signed by the ledger", "没有账本的签名")
        case .proof(.inclusion):
            Bilingual("its entry is not in the tree the ledger signed", "条目不在账本签名的树中")
        case .proof: Bilingual("it is damaged, or no receipt", "已损坏，或不是凭证")
        }
    }
}
