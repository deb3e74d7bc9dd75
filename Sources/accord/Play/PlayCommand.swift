import ArgumentParser
import ClientRuntime
import Foundation
import LedgerCore
import TerminalCore

/// Plays a tape: the app without a terminal.
struct PlayCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "play",
        abstract: Spoken.help("Plays a tape against the app, without a terminal.", "不用终端，按磁带操作应用。"),
        discussion: Spoken.help(
            """
            A tape has the commands of VHS and ours: one a line, # for comments. Time is virtual; \
            only a node's answers are waited for. A line that fails is printed with what was \
            expected, the frame and the last events; the exit code is 1 then, and 2 for a tape \
            with mistakes.

            Output and Screenshot write .txt .ascii .ansi .svg .json and .png, Output also .cast. A \
            .png is drawn by rsvg-convert (Debian: librsvg2-bin, and fonts-wqy-zenhei for \
            Chinese); where that is missing the tape fails and says so. Ids and ports, which \
            differ from play to play, are blotted out in all of them.

            With --stdio one JSON object is read a line, and one answered: {"key":"Down"}, \
            {"text":"sleep"}, {"resize":[100,30]}, {"click":[3,10]}, {"scroll":1}, {"paste":"…"}, \
            {"clock":"+1h"}, {"sleep":"2s"}, {"tape":"Node demo"}, {"want":"frame"}, \
            {"want":"tree"}, {"want":"text"}. The answer is changes, frame, tree, text or error.

            With --terminal the keys are typed into a private tmux, where the app reads and paints \
            as it does for a person, and each screen is compared with the frame cell by cell.
            """,
            """
            磁带使用 VHS 的命令和我们自己的命令：每行一条，# 为注释。时间是虚拟的，只等待节点的应答。某行失败时，\
            会打印期望的内容、画面和最近的事件，退出码为 1；磁带本身有错时为 2。

            Output 和 Screenshot 写出 .txt .ascii .ansi .svg .json 和 .png，\
            Output 还可写出 .cast。.png 由 rsvg-convert 绘制（Debian：\
            librsvg2-bin，中文还需 fonts-wqy-zenhei）；缺少时磁带失败并说明原因。\
            每次播放都不同的编号和端口在其中一律遮去。

            使用 --stdio 时每行读入一个 JSON 对象，并应答一个：{"key":"Down"}、\
            {"text":"sleep"}、{"resize":[100,30]}、{"click":[3,10]}、\
            {"scroll":1}、{"paste":"…"}、{"clock":"+1h"}、{"sleep":"2s"}、\
            {"tape":"Node demo"}、{"want":"frame"}、{"want":"tree"}、\
            {"want":"text"}。应答为 changes、frame、tree、text 或 error。

            使用 --terminal 时按键输入到一个私有的 tmux，应用在其中像对人一样读取和绘制，每个屏幕都与画面逐格比较。
            """))

    @Argument(
        help: Spoken.help(
            "The tape; with --stdio it may be left out, and is played first otherwise.",
            "磁带；使用 --stdio 时可省略，否则先播放它。"))
    var tape: String?
    @Option(
        help: Spoken.help(
            "The size of the screen, such as 100x30; it wins over the tape's.",
            "屏幕大小，例如 100x30；优先于磁带中的设置。"))
    var size: String?
    @OptionGroup var asked: LookOptions
    @Flag(
        help: Spoken.help(
            "Reads commands as lines of JSON from standard input.", "从标准输入逐行读取 JSON 命令。"))
    var stdio = false
    @Flag(
        help: Spoken.help(
            "Plays in a terminal of tmux and compares each screen with the frame.",
            "在 tmux 终端中播放，并将每个屏幕与画面比较。"))
    var terminal = false
    @Option(help: .hidden)
    var report: String?
    @Flag(
        help: Spoken.help(
            "Writes golden files rather than comparing with them.", "写出标准画面文件，而不是与之比较。"))
    var updateGolden = false
    @Flag(
        help: Spoken.help(
            "Keeps the folder the tape played in, and says where it is.", "保留播放所用的文件夹，并说明其位置。"))
    var keep = false
    @Flag(help: Spoken.help("Says how many steps were made in a second.", "说明每秒执行了多少步。"))
    var time = false
    @Option(help: Spoken.help("A file to record to as asciicast.", "录制为 asciicast 的文件。"))
    var cast: String?
    @Option(
        help: Spoken.help(
            "The version of asciicast, 2 or 3; it wins over the tape's.",
            "asciicast 的版本，2 或 3；优先于磁带中的设置。"))
    var castVersion: Int?

    func validate() throws {
        guard tape != nil || stdio else {
            throw ValidationError(
                english: "a tape is missing; or --stdio", chinese: "缺少磁带文件，或使用 --stdio")
        }
        guard !(terminal && stdio) else {
            throw ValidationError(
                english: "--terminal and --stdio do not go together",
                chinese: "--terminal 与 --stdio 不能同时使用")
        }
        guard castVersion.map({ [2, 3].contains($0) }) ?? true else {
            throw ValidationError(
                english: "--cast-version is 2 or 3", chinese: "--cast-version 为 2 或 3")
        }
    }

    @MainActor
    func run() async throws {
        let folder = tape.map { URL(filePath: $0).deletingLastPathComponent() }
        let lines = try tape.map { try TapeFile.read($0) } ?? []
        let (settings, fixed) = try settings()
        if terminal {
            try await TerminalPlay.run(forwarded, size: startSize(settings, fixed, lines))
            return
        }
        let typed = try report.map { _ in try TmuxTerminal(theme: settings.theme) }
        let stage = try PlayStage(folder: folder ?? URL(filePath: "."))
        defer {
            if keep {
                Output.complain(Spoken.say("kept \(stage.path)", "已保留 \(stage.path)"))
            } else {
                stage.remove()
            }
        }
        let player = TapePlayer(
            folder: folder ?? URL(filePath: "."), settings: settings, fixed: fixed, stage: stage,
            start: Timestamp(milliseconds: 1_795_334_400_000), themes: Installed.theme,
            terminal: typed)
        if stdio {
            try await StdioPlay.run(player, after: lines)
        } else if let report, let typed {
            try await play(player, lines, in: typed, report: URL(filePath: report))
        } else {
            let began = ContinuousClock.now
            try await player.play(lines, outputs: cast.map { [absolute($0)] } ?? [])
            print(result(player, ContinuousClock.now - began), terminator: "")
        }
    }

    @MainActor
    private func result(_ player: TapePlayer, _ duration: Duration) -> String {
        var text = "\(tape ?? ""): \(player.commandCount) commands passed\n"
        guard time else { return text }
        let seconds = max(duration / .seconds(1), 0.000_001)
        let rate = Int(Double(player.stepCount) / seconds)
        text += "\(player.stepCount) steps in \(Int(seconds * 1_000)) ms: \(rate) steps/s\n"
        return text
    }

    /// Plays inside the terminal; the report is written whole when all is over.
    @MainActor
    private func play(
        _ player: TapePlayer, _ lines: [TapeLine], in typed: TmuxTerminal, report: URL
    ) async throws {
        var text: String
        let began = ContinuousClock.now
        do {
            try await player.play(lines)
            text = "0\n" + result(player, ContinuousClock.now - began)
            text += "\(typed.comparedCount) screens are the same in the terminal\n"
        } catch {
            text = "1\n\(error)"
        }
        typed.close()
        try Data(text.utf8).write(to: report, options: .atomic)
    }

    /// What the play inside a terminal is called with.
    private var forwarded: [String] {
        var arguments = tape.map { [absolute($0)] } ?? []
        if let size { arguments += ["--size", size] }
        if let theme = asked.look.theme { arguments += ["--theme", theme] }
        if let locale = asked.look.locale { arguments += ["--locale", locale] }
        return arguments + (time ? ["--time"] : [])
    }

    /// The size the terminal has to have at its start.
    private func startSize(
        _ settings: TapeSettings, _ fixed: Set<String>, _ lines: [TapeLine]
    ) -> Size {
        var size = settings.size
        for case .set(let setting) in lines.map(\.command) where !fixed.contains("size") {
            if case .columns(let columns) = setting { size.columns = columns }
            if case .rows(let rows) = setting { size.rows = rows }
        }
        return size
    }

    /// A file the command line names counts from where the person is, not from the tape.
    private func absolute(_ file: String) -> String {
        URL(filePath: file).absoluteURL.path(percentEncoded: false)
    }

    private func settings() throws -> (TapeSettings, Set<String>) {
        var settings = TapeSettings()
        var fixed = Set<String>()
        if let size {
            guard case .resize(let wanted)? = Key(name: "Resize \(size)") else {
                throw CommandFailure(
                    .wrongUse, "--size is a size such as 100x30", "--size 是尺寸，例如 100x30")
            }
            settings.size = wanted
            fixed.insert("size")
        }
        if let theme = asked.look.theme {
            settings.theme = theme
            fixed.insert("theme")
        }
        if let locale = asked.look.locale {
            settings.locale = locale
            fixed.insert("locale")
        }
        if let castVersion {
            settings.castVersion = castVersion
            fixed.insert("cast")
        }
        settings.updatesGolden = updateGolden
        return (settings, fixed)
    }
}

/// Reads tapes from files.
enum TapeFile {
    /// Reads a tape and those it names as sources, beside it.
    ///
    /// - Throws: `CommandFailure` of wrong use, with file, line and column.
    static func read(_ name: String) throws -> [TapeLine] {
        let file = URL(filePath: name)
        do {
            return try TapeParser.parse(try content(file, name), file: name) { source in
                try content(file.deletingLastPathComponent().appending(path: source), source)
            }
        } catch let error as TapeError {
            throw CommandFailure(.wrongUse, "\(error.description)")
        }
    }

    private static func content(_ file: URL, _ name: String) throws -> String {
        guard let content = FileManager.default.contents(atPath: file.path(percentEncoded: false))
        else { throw CommandFailure(.wrongUse, "could not read \(name)", "无法读取 \(name)") }
        return String(decoding: content, as: UTF8.self)
    }
}
