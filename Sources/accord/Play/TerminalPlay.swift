import ClientRuntime
import Foundation
import TerminalCore

/// `accord play --terminal`: the same tape in a private tmux.
enum TerminalPlay {
    /// Plays a tape in a tmux of its own and prints its report.
    ///
    /// - Parameters:
    ///   - arguments: What the play inside is called with, besides where its report goes.
    ///   - size: The size of the terminal at its start.
    /// - Throws: `CommandFailure`, `TapeFailure` as the play inside.
    static func run(_ arguments: [String], size: Size) async throws {
        let root = FileManager.default.temporaryDirectory.appending(
            path: "accord-tmux-\(UUID().uuidString.prefix(8))", directoryHint: .isDirectory)
        try HomeFolders.makePrivate(root)
        // What stays behind in the temporary folder harms nobody.
        defer { try? FileManager.default.removeItem(at: root) }
        let report = root.appending(path: "report")
        let configuration = root.appending(path: "tmux.conf")
        try HomeFolders.writePrivate(Array(TerminalPlay.configuration.utf8), to: configuration)
        let tmux = try Tmux(socket: root.appending(path: "tmux").path(percentEncoded: false))
        var environment = Surroundings.environment
        for name in ["TMUX", "TMUX_PANE", "COLORTERM", "NO_COLOR"] { environment[name] = nil }
        environment["LC_ALL"] = "C.UTF-8"
        try tmux.run(
            [
                "-f", configuration.path(percentEncoded: false), "new-session", "-d",
                "-x", String(size.columns), "-y", String(size.rows), Installed.executable, "play",
            ] + arguments + ["--report", report.path(percentEncoded: false)],
            environment: environment)
        let text = await text(of: report, tmux)
        // It has ended by itself, or is ended here.
        _ = try? tmux.run(["kill-server"])
        guard let text else {
            throw CommandFailure(
                .notReachable, "the play inside the terminal ended unheard",
                "终端中的播放没有给出结果")
        }
        let (status, rest) = (text.prefix { $0 != "\n" }, text.drop { $0 != "\n" }.dropFirst())
        guard status == "0" else {
            let words = rest.split(separator: "\n", omittingEmptySubsequences: false)
            for word in words { Output.complain(SafeText(untrusted: String(word))) }
            throw CommandFailure(ExitStatus(rawValue: Int32(status) ?? 1) ?? .refused)
        }
        print(rest, terminator: "")
    }

    private static let configuration = """
        set -g status off
        set -g default-terminal tmux-256color
        set -g escape-time 0
        set -g focus-events off

        """

    /// Waits for the report; `nil` where the server ends without one.
    private static func text(of report: URL, _ tmux: Tmux) async -> String? {
        let path = report.path(percentEncoded: false)
        var isOver = false
        while true {
            if let content = FileManager.default.contents(atPath: path) {
                return String(decoding: content, as: UTF8.self)
            }
            if isOver { return nil }
            // A server that cannot be asked has ended; the report may have come just before.
            isOver = (try? tmux.run(["has-session"])) == nil
            do {
                try await Task.sleep(for: .milliseconds(100))
            } catch {
                return nil
            }
        }
    }
}
