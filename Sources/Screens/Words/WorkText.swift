package import TerminalCore

/// What is said about things that take a while.
package enum WorkText: CaseIterable, Sendable {
    case title, nothingRuns, workGoesOn
    case workImporting, workSealing, workSyncing, workUploading, workChecking, workSearching
    case workTakingIn
    case workPercent, workOf, workRate, workWentOn, workWaits
    case secondsLeft, minutesLeft, hoursLeft
    case workRuns, workShare, workMany
    case importStopped, importStoppedGoesOn, importKeptBefore, sealingStopped, checkStopped
    case checkHolds, checkFailed, quitStopsWork
}

extension WorkText {
    /// The text in both languages; `{0}`, `{1}` … stand for what is filled in.
    package var texts: Bilingual {
        switch self {
        case .title: Bilingual("Work", "进行中的任务")
        case .nothingRuns: Bilingual("Nothing is running.", "没有进行中的任务。")
        case .workGoesOn:
            Bilingual(
                "It goes on in the background; {work=W} shows it again.",
                "转入后台后任务继续进行；按 {work=W} 可再次查看。")
        case .workImporting: Bilingual("Importing {0}", "正在导入 {0}")
        case .workSealing: Bilingual("Sealing the rows that leave", "正在加密要提交的行")
        case .workSyncing: Bilingual("Fetching and checking the ledger", "正在获取并核对账本")
        case .workUploading: Bilingual("Sending sealed records", "正在发送已加密的记录")
        case .workChecking: Bilingual("Checking your copy of the ledger", "正在核对本机账本副本")
        case .workSearching: Bilingual("Looking through the rows", "正在查找行")
        case .workTakingIn: Bilingual("Checking an export and taking it in", "正在核对并恢复导出内容")
        case .workPercent: Bilingual("{0} %", "{0}%")
        case .workOf: Bilingual("{0} of {1}", "{0}，共 {1}")
        case .workRate: Bilingual("{0} a second", "每秒 {0}")
        case .workWentOn: Bilingual("went on from {0}", "从 {0} 处继续")
        case .workWaits: Bilingual("waiting to begin", "等待开始")
        case .secondsLeft: Bilingual("about {0} s left", "大约还需 {0} 秒")
        case .minutesLeft: Bilingual("about {0} min left", "大约还需 {0} 分钟")
        case .hoursLeft: Bilingual("about {0} h left", "大约还需 {0} 小时")
        case .workRuns: Bilingual("working", "进行中")
        case .workShare: Bilingual("working {0} %", "进行中 {0}%")
        case .workMany: Bilingual("{0} at work", "{0} 项进行中")
        case .importStopped:
            Bilingual(
                "Stopped. Nothing of {0} was kept. Import it again to begin anew.",
                "已停止，未保留 {0} 的任何内容。再次导入将重新开始。")
        case .importStoppedGoesOn:
            Bilingual(
                "Stopped at {1} %. Nothing of {0} is in your records yet; what was read is kept, sealed. Import the same file again to go on.",
                "已在 {1}% 处停止。{0} 尚未加入您的记录；已读取的部分已加密保留。再次导入同一文件即可继续。")
        case .importKeptBefore:
            Bilingual(
                "The files before it are in your records: {0}.", "之前的文件已加入您的记录：{0}。")
        case .sealingStopped:
            Bilingual(
                "Stopped. Nothing was handed over, and nothing was signed.",
                "已停止。未提交任何内容，也未签名。")
        case .checkStopped:
            Bilingual("Stopped. Nothing was changed.", "已停止，未作任何更改。")
        case .checkHolds:
            Bilingual(
                "Your copy of the ledger holds: {0} checked, every signature and every rule.",
                "本机账本副本无误：已核对 {0}，签名与规则均有效。")
        case .checkFailed:
            Bilingual(
                "Your copy of the ledger does not hold at entry {0}. Nothing was changed. Restore the folder from a backup, or join on a new one.",
                "本机账本副本在第 {0} 条处有误，未作任何更改。请从备份恢复数据文件夹，或使用新文件夹重新加入。")
        case .quitStopsWork:
            Bilingual(
                "Something is still running: leaving stops it. Nothing half done is kept.",
                "仍有任务进行中：退出将停止任务，不会留下未完成的内容。")
        }
    }
}

extension Words {
    /// Returns what is said about work, its `{0}`, `{1}` … replaced.
    package func callAsFunction(_ text: WorkText, _ arguments: SafeText...) -> SafeText {
        fill(text.texts[language], arguments)
    }
}
