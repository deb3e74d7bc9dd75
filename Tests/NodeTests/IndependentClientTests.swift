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
        guard let package = PythonPackage("aics-tlog", version: "0.2.1", module: "aics_tlog") else {
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
            let (status, output) = try package.run(
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
}
