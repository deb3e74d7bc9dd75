import ClientRuntime
import Foundation
import Glibc

/// A client of tmux in control mode: commands are lines, answers stand between `%begin` and `%end`.
///
/// One client for the whole tape: to start a program for each key would take longer than the rest.
final class TmuxControl {
    private let process = Process()
    private let input = Pipe()
    private let output = Pipe()
    private var pending: [UInt8] = []

    /// Attaches to a server without changing the size of its window.
    init(_ program: URL, socket: String) throws {
        process.executableURL = program
        process.arguments = [
            "-u", "-S", socket, "-C", "attach-session", "-f", "no-output,ignore-size",
        ]
        process.standardInput = input
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
    }

    /// Detaches.
    func close() {
        // The client ends with its input; an error says that it has ended before.
        try? input.fileHandleForWriting.close()
    }

    /// Runs a command and returns the lines of its answer.
    @discardableResult
    func run(_ command: String) throws -> [String] {
        try input.fileHandleForWriting.write(contentsOf: Data((command + "\n").utf8))
        var answer: [String] = []
        var mark: Substring?
        while true {
            let line = try line()
            if let mark {
                if line == "%end" + mark { return answer }
                if line == "%error" + mark {
                    throw TapeProblem("tmux: \(command): \(answer.joined(separator: " "))")
                }
                answer.append(line)
            } else if line.hasPrefix("%begin "), line.hasSuffix(" 1") {
                // Answers to other clients, and to the attaching itself, end with 0.
                mark = line.dropFirst("%begin".count)
            }
        }
    }

    private func line() throws -> String {
        while true {
            if let end = pending.firstIndex(of: 0x0a) {
                let line = String(decoding: pending[..<end], as: UTF8.self)
                pending.removeSubrange(...end)
                return line
            }
            var buffer = [UInt8](repeating: 0, count: 65_536)
            let count = read(output.fileHandleForReading.fileDescriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw TapeProblem("tmux has ended") }
            pending += buffer[..<count]
        }
    }
}
