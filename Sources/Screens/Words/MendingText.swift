import SyncCore

extension StoreMending {
    /// What was saved, what was not, what to do; `{0}` is the folder of the damaged files.
    var texts: Bilingual {
        var parts = [
            Bilingual(
                "The database on this machine was damaged and was mended.", "本机数据库曾损坏，已修复。"),
            saved,
        ]
        if missing > 0 {
            parts.append(
                Bilingual(
                    "Earlier decisions that cannot be read: \(missing). What the ledger has comes back with the next sync; look at Activity and repeat what is missing.",
                    "无法读取：\(missing) 项先前的决定。账本中已有的会在下次同步时恢复；请查看“动态”，并重做缺少的部分。"))
        }
        if doubtful > 0 {
            parts.append(
                Bilingual(
                    "Not sent, as you may have taken them back: \(doubtful). Decide again what you still want.",
                    "未发送：\(doubtful) 项可能已被您收回的决定。如仍需要，请重新决定。"))
        }
        if !isEnrolled {
            parts.append(
                Bilingual(
                    "Which ledger you joined could not be read: put vault.json aside and add this machine from another device of yours, or join with a new code.",
                    "无法读取您加入的账本：请移开 vault.json，然后从您的另一台设备添加本机，或用新的邀请码加入。"))
        }
        if areWitnessesLost {
            parts.append(
                Bilingual(
                    "Which witnesses you asked for could not be read: none is asked for until you set them again with accord witnesses.",
                    "无法读取您要求的见证方：在您用 accord witnesses 重新设置之前，不要求任何见证。"))
        }
        parts.append(
            Bilingual(
                "The damaged files are in {0}, until something of yours is stopped or erased.",
                "损坏的文件保存在 {0}，直到您停止或删除某项内容为止。"))
        return Bilingual(
            parts.map(\.english).joined(separator: " "), parts.map(\.chinese).joined())
    }

    private var saved: Bilingual {
        Bilingual(
            "Saved: decisions that wait: \(decisions), revocations among them: \(revocations), records: \(records). What waits is sent again; nothing counts twice.",
            "已保住：\(decisions) 项等待发送的已签署决定（其中 \(revocations) 项为撤销）和 \(records) 份记录。决定会重新发送，不会重复计算。")
    }
}
