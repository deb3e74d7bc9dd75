import Foundation
import LedgerCore
import NodeAPI
import NodeSequencer
import TestSupport
import Testing

/// A program others wrote verifies a live node: PyPI `aics-tlog`, which needs Python 3.12.
struct IndependentClientTests {
    private struct Report: Decodable {
        let bundles: Int
        let checkpoints: Int
        let proofs: Int
        let size: Int
        let tiles: Int
    }

    @Test func `an independent client verifies every tile and proof of a live node`() async throws {
        guard let python = Self.python() else {
            print("skipped: no Python 3.12 with aics-tlog, and it could not be installed")
            return
        }
        try await withNode { node in
            let folder = node.folder.appending(path: "said")
            try FileManager.default.createDirectory(
                at: folder, withIntermediateDirectories: true)
            let (_, builder) = try await node.sponsor()
            var ada = try await node.member("ada")
            var checkpoints = 0
            var proofs = 0
            for round in 0..<12 {
                let count = round < 8 ? round + 1 : 64
                let entries = try (0..<count).map { _ in try ada.entry(builder.revoke()) }
                let answer = try await node.send(.submit(EntrySubmission(entries)))
                for verdict in try VerdictList(body: answer.body).verdicts {
                    guard case .accepted(let acceptance) = verdict else { continue }
                    try Data(acceptance.proof).write(
                        to: folder.appending(path: "\(acceptance.index).tlog-proof"))
                    proofs += 1
                }
                let note = try await node.send(.checkpoint).body
                try Data(note).write(to: folder.appending(path: "\(round).checkpoint"))
                checkpoints += 1
            }
            let (status, output) = try Self.run(
                python,
                [
                    Self.script.path, node.url, node.keys.log.verifierKey.text, folder.path,
                ])
            #expect(status == 0, "\(output)")
            let report = try JSONDecoder().decode(Report.self, from: Data(output.utf8))
            #expect(report.size == node.sequencer.ledger.newest.size)
            #expect(report.size > 256)
            #expect(report.proofs == proofs)
            #expect(report.checkpoints == checkpoints)
            #expect(report.tiles == 3)
            #expect(report.bundles == 2)
        }
    }

    private static let script = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "Scripts/tlog_check.py")

    /// A Python that has the package: kept in `.build`, so it is installed once.
    private static func python() -> String? {
        let root = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let place = root.appending(path: ".build/aics-tlog-0.2.1")
        let python = place.appending(path: "bin/python").path
        let hasPackage = { (try? run(python, ["-c", "import aics_tlog"]))?.status == 0 }
        if hasPackage() { return python }
        for interpreter in interpreters() {
            guard (try? run(interpreter, ["-m", "venv", place.path]))?.status == 0,
                (try? run(python, ["-m", "pip", "install", "-q", "aics-tlog==0.2.1"]))?.status == 0
            else { continue }
            if hasPackage() { return python }
        }
        return nil
    }

    private static func interpreters() -> [String] {
        let environment = ProcessInfo.processInfo.environment
        let versions = "\(environment["HOME"] ?? "")/.pyenv/versions"
        // Without pyenv there is nothing to list.
        let installed = (try? FileManager.default.contentsOfDirectory(atPath: versions)) ?? []
        var paths = installed.filter { $0.hasPrefix("3.12") || $0.hasPrefix("3.13") }.sorted()
            .map { "\(versions)/\($0)/bin/python" }
        for folder in (environment["PATH"] ?? "").split(separator: ":") {
            paths += ["\(folder)/python3.12", "\(folder)/python3.13", "\(folder)/python3"]
        }
        return paths.filter { path in
            FileManager.default.isExecutableFile(atPath: path)
                && (try? run(path, ["-c", "import sys; sys.exit(sys.version_info < (3, 12))"]))?
                    .status == 0
        }
    }

    private static func run(_ program: String, _ arguments: [String]) throws -> (
        status: Int32, output: String
    ) {
        let process = Process()
        process.executableURL = URL(filePath: program)
        process.arguments = arguments
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        try process.run()
        let output = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: output, as: UTF8.self))
    }
}
