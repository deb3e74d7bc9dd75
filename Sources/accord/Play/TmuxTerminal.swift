import ClientRuntime
import CursesTerminal
import Foundation
import TerminalCore

/// A terminal of tmux that a tape is played in: its keys are typed there as bytes, the curses
/// adapter reads and paints as it does for a person, and what tmux then shows is compared.
@MainActor
final class TmuxTerminal: TapeTerminal {
    private let terminal: CursesTerminal
    private let keys: AsyncStream<CursesTerminal.Wake>
    private let tmux: TmuxControl
    private let pane: String
    private var reader: Task<Void, Never>?
    private var app: AppRuntime?
    private var takenKeys = 0
    private var comparison: TerminalComparison

    /// How many screens were compared.
    private(set) var comparedCount = 0

    /// Takes over the terminal this process runs in.
    ///
    /// - Throws: `CommandFailure` outside tmux, `TerminalError`.
    init(theme: String) throws {
        let environment = Surroundings.environment
        guard let socket = environment["TMUX"]?.split(separator: ",").first,
            let pane = environment["TMUX_PANE"]
        else { throw CommandFailure(.wrongUse, "this has to run in tmux", "须在 tmux 中运行") }
        let read = Installed.theme(theme) ?? Theme.fallback
        comparison = TerminalComparison(theme: read)
        self.pane = pane
        tmux = try Tmux(socket: String(socket)).control()
        terminal = try CursesTerminal.open(theme: read)
        keys = terminal.events()
    }

    /// Gives the terminal back.
    func close() {
        reader?.cancel()
        terminal.close()
        tmux.close()
    }

    var sink: any FrameSink { TmuxSink(self) }

    fileprivate var size: Size { terminal.size }

    fileprivate func draw(_ frame: Frame) { terminal.draw(frame) }

    fileprivate func useTheme(named name: String) {
        guard let read = Installed.theme(name) else { return }
        comparison = TerminalComparison(theme: read)
        terminal.setTheme(read)
    }

    // MARK: Keys

    func press(_ keys: [Key], into app: AppRuntime) async throws {
        self.app = app
        startReading()
        let wanted = takenKeys + keys.count
        for key in keys {
            if case .resize(let size) = key {
                guard size != terminal.size else {
                    app.press([key])
                    takenKeys += 1
                    continue
                }
                try tmux.run("resize-window -t \(pane) -x \(size.columns) -y \(size.rows)")
            } else {
                try type(key.terminalBytes)
            }
        }
        let deadline = ContinuousClock.now + .seconds(10)
        while takenKeys < wanted, !app.hasQuit {
            guard ContinuousClock.now < deadline else {
                throw TapeProblem("the terminal did not bring \(keys.map(\.name)) within 10 s")
            }
            try await Task.sleep(for: .milliseconds(1))
        }
    }

    /// Types bytes as they are; a line of tmux is not endless, so not too many at once.
    private func type(_ bytes: [UInt8]) throws {
        for start in stride(from: 0, to: bytes.count, by: 512) {
            let part = bytes[start..<min(start + 512, bytes.count)]
            let codes = part.map { String($0, radix: 16) }.joined(separator: " ")
            try tmux.run("send-keys -t \(pane) -H \(codes)")
        }
    }

    private func startReading() {
        guard reader == nil else { return }
        let wakes = keys
        reader = Task { [weak self] in
            for await wake in wakes {
                guard let self, wake == .input else { return }
                let keys = terminal.readKeys()
                guard !keys.isEmpty else { continue }
                app?.press(keys)
                takenKeys += keys.count
            }
        }
    }

    // MARK: Screens

    func compare(with frame: Frame) async throws {
        // What was written last may still be on its way to tmux.
        let deadline = ContinuousClock.now + .seconds(5)
        var problem: String?
        repeat {
            let lines = try tmux.run("capture-pane -p -e -N -t \(pane)")
            let cursor = try tmux.run(
                "display-message -p -t \(pane) \"#{cursor_x} #{cursor_y} #{cursor_flag}\"")
            problem = comparison.difference(
                of: frame, from: lines, cursor: cursor.first ?? "")
            if problem == nil {
                comparedCount += 1
                return
            }
            try await Task.sleep(for: .milliseconds(2))
        } while ContinuousClock.now < deadline
        throw TapeProblem("the terminal shows another screen: \(problem ?? "")")
    }
}

/// The terminal as a place for frames.
@MainActor
private final class TmuxSink: FrameSink {
    private let terminal: TmuxTerminal

    init(_ terminal: TmuxTerminal) { self.terminal = terminal }

    var size: Size { terminal.size }

    func draw(_ frame: Frame) { terminal.draw(frame) }

    func useTheme(named name: String) { terminal.useTheme(named: name) }
}

/// A tmux server, by its socket.
struct Tmux: Sendable {
    private let program: URL
    private let socket: String

    /// - Throws: `CommandFailure` where tmux is not installed.
    init(socket: String) throws {
        let folders = (Surroundings.environment["PATH"] ?? "").split(separator: ":")
        let places = folders.map { "\($0)/tmux" }
        guard let found = places.first(where: FileManager.default.isExecutableFile) else {
            throw CommandFailure(
                .wrongUse, "--terminal needs tmux: apt install tmux",
                "--terminal 需要 tmux：apt install tmux")
        }
        program = URL(filePath: found)
        self.socket = socket
    }

    /// Attaches a client that commands can be given to one after the other.
    func control() throws -> TmuxControl { try TmuxControl(program, socket: socket) }

    /// Runs a command of tmux and returns what it prints.
    @discardableResult
    func run(_ arguments: [String], environment: [String: String]? = nil) throws -> String {
        let process = Process()
        let pipe = Pipe()
        process.executableURL = program
        process.arguments = ["-u", "-S", socket] + arguments
        if let environment { process.environment = environment }
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = pipe
        process.standardError = pipe
        try process.run()
        let output = try pipe.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        let text = String(decoding: output, as: UTF8.self)
        guard process.terminationStatus == 0 else { throw TapeProblem("tmux: \(text)") }
        return text
    }
}
