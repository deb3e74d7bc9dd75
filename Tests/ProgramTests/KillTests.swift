import Foundation
import Glibc
import RulesModel
import Testing

/// Kills node and client with SIGKILL at random moments under load, and looks at what is left.
///
/// `ACCORD_KILLS` says how often each is killed; `SEED` replays a run.
@Suite(.serialized) struct KillTests {
    private static let rounds =
        ProcessInfo.processInfo.environment["ACCORD_KILLS"].flatMap { Int($0) } ?? 20

    @Test func `no kill loses a recorded entry or records one twice`() async throws {
        let seed =
            ProcessInfo.processInfo.environment["SEED"].flatMap { UInt64($0) }
            ?? UInt64.random(in: 0...UInt64(Int64.max))
        var random = SeededNumbers(state: seed)
        let field = try KillField()
        defer { field.end() }
        try field.startNode()
        try field.join()
        var seen: [String: Int] = [:]
        var kills = (node: 0, client: 0)
        // Moments before and after the commit are as likely on a slow machine as on a fast one.
        let usual = try ContinuousClock().measure {
            for joins in [true, false] { try field.startDecision(joins: joins).waitUntilExit() }
        }
        let window = Int(usual / .microseconds(1))
        // By turns; a client that ended before its moment came is no kill, and another one starts.
        for round in 0..<(20 * KillTests.rounds)
        where min(kills.node, kills.client) < KillTests.rounds {
            let client = try field.startDecision(joins: round.isMultiple(of: 2))
            usleep(useconds_t(random.below(window)))
            if kills.node > kills.client {
                if client.isRunning { kills.client += 1 }
                kill(client.processIdentifier, SIGKILL)
                client.waitUntilExit()
            } else {
                field.killNode()
                kills.node += 1
                client.waitUntilExit()
                try field.startNode()
            }
            for (entry, index) in try field.recorded() {
                #expect(seen[entry] ?? index == index, "an entry moved; SEED=\(seed)")
                seen[entry] = index
            }
        }
        #expect(kills == (KillTests.rounds, KillTests.rounds), "SEED=\(seed)")
        let status = try field.accord(["sync"]).status
        #expect(status == 0, "SEED=\(seed)")
        let final = try field.recorded()
        #expect(Set(final.map(\.1)).count == final.count, "an index twice; SEED=\(seed)")
        #expect(Set(final.map(\.0)).count == final.count, "an entry twice; SEED=\(seed)")
        let kept = Dictionary(final) { first, _ in first }
        for (entry, index) in seen {
            #expect(kept[entry] == index, "a recorded entry is missing; SEED=\(seed)")
        }
        let missing = seen.count { kept[$0.key] != $0.value }
        print(
            "\(kills.node) kills of the node, \(kills.client) of the client: \(final.count) entries",
            "recorded, missing \(missing), twice \(final.count - kept.count)")
        #expect(final.count > KillTests.rounds / 4, "the load was no load; SEED=\(seed)")
        field.stopNode()
        let (check, text) = try BuiltProgram.run("accord-node", ["check", "--data", field.data])
        #expect(check == 0, "\(text) SEED=\(seed)")
    }
}

/// A ledger with projects, one member, and processes to kill.
private final class KillField {
    private let root: URL
    private let home: URL
    private var node: Process?
    private var address = ""

    init() throws {
        root = FileManager.default.temporaryDirectory.appending(
            path: "accord-kills-\(UUID().uuidString)")
        home = root.appending(path: "home")
        try FileManager.default.createDirectory(
            at: root, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        let world = root.appending(path: "world").path(percentEncoded: false)
        let (status, text) = try BuiltProgram.run(
            "accord", ["demo", "make", "--world", world], home: home)
        try #require(status == 0, "\(text)")
        address = text.split(separator: "\n").last.map(String.init) ?? ""
    }

    var data: String { root.appending(path: "world/node").path(percentEncoded: false) }

    func startNode() throws {
        let output = root.appending(path: "node.out")
        let listen = address.replacingOccurrences(of: "http://", with: "")
        for _ in 0..<50 {
            let process = try BuiltProgram.start(
                "accord-node", ["serve", "--data", data, "--listen", listen], output: output)
            while process.isRunning {
                if try String(contentsOf: output, encoding: .utf8).contains("listening on") {
                    node = process
                    return
                }
                usleep(5_000)
            }
        }
        Issue.record("the node does not start: \(try String(contentsOf: output, encoding: .utf8))")
    }

    func killNode() {
        guard let node else { return }
        kill(node.processIdentifier, SIGKILL)
        node.waitUntilExit()
    }

    func stopNode() {
        guard let node, node.isRunning else { return }
        kill(node.processIdentifier, SIGTERM)
        node.waitUntilExit()
    }

    func join() throws {
        let code = try BuiltProgram.run("accord-node", ["invite", "--data", data]).text
            .trimmingCharacters(in: .whitespacesAndNewlines)
        let (status, text) = try accord(["join", code, "--node", address])
        try #require(status == 0, "\(text)")
    }

    func accord(_ arguments: [String]) throws -> (status: Int32, text: String) {
        try BuiltProgram.run("accord", arguments, home: home)
    }

    /// Starts the program that signs up or leaves; either may be refused, as kills go.
    func startDecision(joins: Bool) throws -> Process {
        try BuiltProgram.start(
            "accord", [joins ? "signup" : "leave", "gut-sleep-shift"], home: home,
            output: root.appending(path: "client.out"))
    }

    /// What this machine shows as recorded: entry and index.
    func recorded() throws -> [(String, Int)] {
        let (status, text) = try accord(["activity", "--json", "--limit", "10000"])
        try #require(status == 0, "\(text)")
        let json = try JSONSerialization.jsonObject(with: Data(text.utf8))
        let entries = try #require((json as? [String: Any])?["entries"] as? [[String: Any]])
        return entries.compactMap { entry in
            guard let id = entry["entry"] as? String, let index = entry["index"] as? Int else {
                return nil
            }
            return (id, index)
        }
    }

    func end() {
        killNode()
        try? FileManager.default.removeItem(at: root)
    }
}
