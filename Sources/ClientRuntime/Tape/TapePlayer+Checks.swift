import Foundation
import TerminalCore

/// What a tape looks at.
extension TapePlayer {
    /// The frame when nothing is on its way; the app is started if it has to be.
    ///
    /// After the person has left it is the last frame there was.
    func frameAtRest() async throws -> Frame {
        if let frame, hasQuit { return frame }
        let app = try await running()
        try await settle()
        return app.frame
    }

    func check(_ command: TapeCommand) async throws {
        let app = try await running()
        try await settle()
        countStep()
        switch command {
        case .expect(let scope, let pattern):
            guard pattern.matches(text(of: scope)) else {
                throw TapeProblem("expected /\(pattern.source)/")
            }
        case .expectNot(let scope, let pattern):
            guard !pattern.matches(text(of: scope)) else {
                throw TapeProblem("did not expect /\(pattern.source)/")
            }
        case .expectRole(let role, let name, let states):
            let found = app.frame.semantics?.first(role, named: name, states: states)
            guard found != nil else {
                let wanted = states.map(\.rawValue).sorted().joined(separator: " ")
                let tree = app.frame.semantics?.lines.joined(separator: "\n") ?? "no tree"
                throw TapeProblem("expected \(role.rawValue) \"\(name)\" \(wanted) in\n\(tree)")
            }
        default: break
        }
    }

    func text(of scope: TapeScope) -> String {
        guard let frame else { return "" }
        switch scope {
        case .screen: return frame.rows.joined(separator: "\n")
        case .line:
            if let cursor = frame.cursor { return frame.text(row: cursor.row) }
            return frame.rows.last { !$0.isEmpty } ?? ""
        }
    }

    func golden(_ name: String) async throws {
        let app = try await running()
        try await settle()
        countStep()
        guard app.isQuiet else { throw TapeProblem("the app is still talking to the node") }
        try await compareTerminal()
        let file = goldenFile(name)
        let path = file.path(percentEncoded: false)
        let text = FrameText.golden(app.frame)
        if settings.updatesGolden {
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(text.utf8).write(to: file)
            return
        }
        guard let kept = FileManager.default.contents(atPath: path) else {
            throw TapeProblem("\(path) is missing: write it with --update-golden")
        }
        let expected = String(decoding: kept, as: UTF8.self)
        guard text != expected else { return }
        throw TapeProblem(
            "the frame differs from \(path)\n" + difference(expected, text).joined(separator: "\n"))
    }

    private func difference(_ expected: String, _ found: String) -> [String] {
        let left = expected.split(separator: "\n", omittingEmptySubsequences: false)
        let right = found.split(separator: "\n", omittingEmptySubsequences: false)
        return (0..<max(left.count, right.count)).filter { row in
            row >= left.count || row >= right.count || left[row] != right[row]
        }.prefix(8).map { row in
            let (old, new) = (
                row < left.count ? left[row] : "", row < right.count ? right[row] : ""
            )
            return "line \(row + 1)\n  - \(old)\n  + \(new)"
        }
    }
}
