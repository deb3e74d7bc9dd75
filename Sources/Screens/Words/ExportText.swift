package import TerminalCore

/// What is said about taking everything home.
package enum ExportText: CaseIterable, Sendable {
    // The page of an export.
    case pageTitle, pageIntro, pageProof, notEncrypted, pageLedger, pageAccount
    case pageFolder, filePage, fileManifest, fileFHIR, fileConsents, filePoints, fileUses,
        fileEntries
    case fileReceipts, fileRecords, fileRows, fileKept, fileKey, fileUnrecorded, fileSigned,
        fileUploads
    case fileResults
    case pageSince, pageRefused, pageWaiting, nothingRefused, nothingWaits, waitingStays
    case columnReason
    case nothingAllowed, nothingEarned, noRecordsHere, columnState, columnProof, columnFile
    // In the app.
    case askFolder, written, writtenWaiting, wardsApart, notEmpty, stopped, exporting, runsAlready
}

extension ExportText {
    /// The text in both languages; `{0}`, `{1}` … stand for what is filled in.
    package var texts: Bilingual {
        switch self {
        case .pageTitle: Bilingual("Everything of yours", "您的全部数据")
        case .pageIntro:
            Bilingual(
                "What this machine holds of you: your records, what you allowed, what was done with it, and what you earned.",
                "本机保存的您的全部内容：您的记录、您授权的内容、使用情况，以及您获得的积分。")
        case .pageProof:
            Bilingual(
                "Each entry comes with a proof that anybody can check without a network: accord verify, or any program that reads C2SP tlog-proof.",
                "每个条目都附有证明，任何人都可离线核对：使用 accord verify，或任何能读取 C2SP tlog-proof 的程序。")
        case .notEncrypted:
            Bilingual(
                "Nothing in this folder is encrypted. Keep it where only you can read it.",
                "此文件夹中的内容均未加密。请存放在只有您能读取的地方。")
        case .pageLedger: Bilingual("Ledger", "账本")
        case .pageAccount: Bilingual("Your account", "您的账户")
        case .pageFolder: Bilingual("What is in this folder", "此文件夹的内容")
        case .filePage: Bilingual("this page", "本页面")
        case .fileManifest:
            Bilingual(
                "the hash of every file, and the signature of the device that wrote them",
                "每个文件的哈希值，以及写入设备的签名")
        case .fileFHIR:
            Bilingual(
                "consents, changes to them, uses and denials for medical software (HL7 FHIR R4; consents in R5 too)",
                "供医疗软件读取的同意、变更、使用与未放行记录（HL7 FHIR R4；同意另有 R5 版本）")
        case .fileConsents:
            Bilingual(
                "consent receipts after ISO/IEC TS 27560", "符合 ISO/IEC TS 27560 的同意回执")
        case .filePoints:
            Bilingual("every movement of points, for a spreadsheet", "每笔积分变动，可用表格软件打开")
        case .fileUses:
            Bilingual("every use and every denied one, for a spreadsheet", "每次使用与未放行的使用，可用表格软件打开")
        case .fileEntries: Bilingual("the signed entries", "已签名的条目")
        case .fileReceipts: Bilingual("their proofs, each with its entry", "条目的证明，各附条目内容")
        case .fileRecords: Bilingual("your records, each in its own format", "您的记录，保持各自的格式")
        case .fileRows:
            Bilingual(
                "the same rows as accord keeps them: accord import brings them back",
                "accord 保存的相同各行：accord import 可恢复")
        case .fileKept:
            Bilingual(
                "what you wrote down about yourself, filters and drafts", "您填写的个人情况、筛选条件和草稿")
        case .fileKey: Bilingual("the key the proofs are checked with", "核对证明所用的密钥")
        case .fileUnrecorded:
            Bilingual(
                "what the ledger refused and what waits, for a spreadsheet",
                "未通过的与等待中的操作，可用表格软件打开")
        case .fileSigned:
            Bilingual(
                "both as you signed them, with the receipts of the ledger",
                "上述操作的签名原文，及账本的回执")
        case .fileUploads:
            Bilingual(
                "what was handed over and is not wholly at the ledger's node, sealed",
                "已提交但尚未完整送达账本节点的数据（已加密）")
        case .fileResults:
            Bilingual("results of studies that you wish to know", "您希望知道的研究结果")
        case .pageSince:
            Bilingual(
                "Only what is new since {0}. What is older is in earlier exports.",
                "仅含 {0} 以来的新内容，更早的内容在此前的导出中。")
        case .pageRefused: Bilingual("Refused by the ledger", "未通过")
        case .pageWaiting: Bilingual("Not in the ledger yet", "尚未记入账本")
        case .nothingRefused: Bilingual("Nothing was refused.", "没有未通过的操作。")
        case .nothingWaits: Bilingual("Nothing waits.", "没有等待中的操作。")
        case .waitingStays:
            Bilingual(
                "The machine that wrote this sends it as soon as it reaches the ledger. accord import on another device of yours sends it from there: what stops use at once, the rest once you say so. Whatever you take back here afterwards, do not send from there.",
                "写入此导出的设备一旦连上账本就会发送。在您的另一台设备上用 accord import 也可发送：停止使用的决定立即发送，其余经您确认后发送。之后在本机收回的操作，请勿再从另一台设备发送。"
            )
        case .columnReason: Bilingual("Reason", "原因")
        case .nothingAllowed: Bilingual("You allowed nothing yet.", "您尚未授权任何内容。")
        case .nothingEarned: Bilingual("No points moved yet.", "尚无积分变动。")
        case .noRecordsHere: Bilingual("There are no records on this machine.", "本机没有记录。")
        case .columnState: Bilingual("State", "状态")
        case .columnProof: Bilingual("Proof", "证明")
        case .columnFile: Bilingual("File", "文件")
        case .askFolder:
            Bilingual(
                "A new folder. What is written there is not encrypted.",
                "请输入新文件夹。其中的内容不会加密。")
        case .written:
            Bilingual(
                "Everything of yours is in {0}: {1}, {2}. It is not encrypted there.",
                "您的全部数据已写入 {0}：{1}，{2}。其中内容未加密。")
        case .writtenWaiting:
            Bilingual(
                "{0} decision has no proof yet: it is listed as waiting.|{0} decisions have no proof yet: they are listed as waiting.",
                "另有 {0} 项决定尚无证明，已列为等待中。")
        case .wardsApart:
            Bilingual(
                "What belongs to {0} is not in it: act for each of them and export that, too.",
                "其中不含{0}的数据：请分别代为操作并导出。")
        case .notEmpty:
            Bilingual(
                "{0} is not empty: nothing was written. Choose a new folder.",
                "{0} 不是空文件夹，未写入任何内容。请选择新文件夹。")
        case .stopped: Bilingual("Stopped. Nothing was written.", "已停止，未写入任何内容。")
        case .runsAlready:
            Bilingual("An export is under way: {work=W} shows it.", "正在导出：按 {work=W} 查看进度。")
        case .exporting: Bilingual("Writing everything of yours", "正在导出您的全部数据")
        }
    }
}

extension Words {
    /// That an export does not hold what belongs to wards, by name.
    package func wardsApart(_ names: [String]) -> SafeText {
        self(ExportText.wardsApart, list(names.map { SafeText(untrusted: $0) }))
    }

    /// Returns what is said about an export, its `{0}`, `{1}` … replaced.
    package func callAsFunction(_ text: ExportText, _ arguments: SafeText...) -> SafeText {
        fill(text.texts[language], arguments)
    }

    /// Returns it with a number as `{0}`, in the form for one or for many.
    package func count(_ text: ExportText, _ number: Int) -> SafeText {
        count(text.texts, number)
    }
}
