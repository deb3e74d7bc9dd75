import ArgumentParser
import ClientRuntime
import CursesTerminal
import Foundation
import LedgerCore
import Screens
import TerminalCore

/// The app on a screen that many people use.
struct KioskCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "kiosk",
        abstract: Spoken.help(
            "The app on a shared screen: one person after the other, nothing left behind.",
            "公共屏幕上的应用：逐人使用，不留痕迹。"),
        discussion: Spoken.help(
            """
            Who comes holds a badge to the reader (or types a number) and gives a secret. Decisions \
            reach the ledger at once or not at all. After a minute without a key the person is signed \
            out; the program then starts anew in the same process. No key and no signal leads out: \
            end it from elsewhere, with kill -9 or by systemd. How to set up a machine for it is in \
            KIOSK.md.
            """,
            """
            使用者刷工牌（或输入编号）并输入口令。决定要么立即写入账本，要么完全不写入。一分钟无按键即退出登录，\
            随后程序在同一进程中重新开始。任何按键和信号都不能退出：请从别处用 kill -9 或 systemd 结束。\
            如何为此设置机器，见 KIOSK.md。
            """))

    @Option(help: Spoken.help("The address of the node.", "节点的地址。"))
    var node: String
    @Option(
        help: Spoken.help(
            "The folder for the members' sealed keys, one file for each badge.",
            "存放成员已封存密钥的文件夹，每张工牌一个文件。"))
    var cards: String?
    @Option(help: Spoken.help("A folder in memory (tmpfs) for the visit.", "供每次使用的内存文件夹（tmpfs）。"))
    var memory: String?
    @Option(
        help: Spoken.help(
            "A file that says whose cosignatures checkpoints need (C2SP tlog-policy).",
            "说明检查点须由谁联署的文件（C2SP tlog-policy）。"),
        completion: .file())
    var policy: String?
    @Option(
        help: Spoken.help(
            "Seconds without a key until a person is signed out, 15 to 900.",
            "无按键多少秒后退出登录，15 至 900。"))
    var idle: Int = 60
    @OptionGroup var asked: LookOptions

    func validate() throws {
        guard (15...900).contains(idle) else {
            throw ValidationError(
                english: "--idle takes 15 to 900 seconds", chinese: "--idle 为 15 到 900 秒")
        }
    }

    @MainActor
    func run() async throws {
        let modes = KioskProcess.formerModes()
        do {
            try await serve()
        } catch {
            // Whoever reads why has to be able to type.
            KioskProcess.giveBack(modes)
            throw error
        }
    }

    /// Serves one visit; returns only where the terminal has hung up.
    @MainActor
    private func serve() async throws {
        let policy = try policy.map {
            try WitnessPolicy(
                file: $0, Output(isJSON: false, language: asked.look.language(Profile())))
        }
        KioskProcess.hide()
        // Until the terminal brings handlers of its own, and again afterwards.
        KioskProcess.hold()
        let clock = RuntimeClock()
        let home = HomeFolders(environment: Surroundings.environment)
        let desk: KioskDesk
        do {
            desk = try KioskDesk(
                cards: cards.map { URL(filePath: $0, directoryHint: .isDirectory) }
                    ?? home.data.appending(path: "kiosk", directoryHint: .isDirectory),
                memory: URL(
                    filePath: memory ?? "/dev/shm/accord-kiosk-\(getuid())",
                    directoryHint: .isDirectory),
                node: node, clock: clock, random: RandomSource(),
                wiring: .http(clock: clock), policy: policy)
        } catch let error as HomeError {
            let words = Words(asked.look.language(Profile()), now: clock.now)
            throw CommandFailure(.wrongUse, words(Trouble(error)))
        }
        let theme = asked.look.theme ?? "dark"
        KioskProcess.quieten()
        let terminal = try App.openTerminal(theme: theme)
        let keys = App.keys(of: terminal)
        KioskProcess.hold()
        var patience = KioskRuntime.Patience()
        patience.idle = .seconds(idle)
        let kiosk = KioskRuntime(
            model: KioskModel(language: asked.look.language(Profile()), size: terminal.size),
            desk: desk, sink: TerminalSink(terminal), patience: patience
        ) { session, language, size in
            Settings(
                mode: .kiosk, stage: .open, language: language, theme: theme,
                themes: Installed.themes, node: node, size: size, now: clock.now,
                utcOffsetMinutes: Surroundings.utcOffsetMinutes)
        }
        let isThere = await kiosk.run(keys: keys)
        terminal.close()
        // What was on the screen is not to be scrolled back to; a terminal that is gone shows nothing.
        try? FileHandle.standardOutput.write(contentsOf: Data("\u{1b}[H\u{1b}[2J\u{1b}[3J".utf8))
        guard isThere else { return }
        KioskProcess.restart()
        throw CommandFailure(.wrongUse, "could not start anew", "无法重新启动")
    }
}
