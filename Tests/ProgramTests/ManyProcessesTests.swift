import Foundation
import LedgerCore
import Synchronization
import Testing

/// Eight programs at once on what is one person's.
///
/// `ACCORD_COMMANDS` says how many commands each of them gives.
@Suite(.serialized) struct ManyProcessesTests {
    private static let programs = 8
    private static let commands =
        ProcessInfo.processInfo.environment["ACCORD_COMMANDS"].flatMap { Int($0) } ?? 8

    /// What commands said.
    private struct Heard {
        /// The entries that were shown, each as often as it was signed.
        var entries: [String] = []
        var complaints: [String] = []

        mutating func take(_ command: [String], _ said: Result<Programs.Result, any Error>) {
            do {
                let result = try said.get()
                let isDecision = ManyProcessesTests.decisions.contains(command[0])
                let shown = isDecision ? try result.json()["entries"]?.array ?? [] : []
                entries += shown.compactMap { $0["entry"]?.string }
                let states = shown.map { $0["state"]?.string ?? "" }
                // Whoever comes while another one sends has their decision sent all the same.
                let isDone = states.allSatisfy { $0 == "proven" || $0 == "accepted" }
                guard result.status != 0 || !result.errors.isEmpty || !isDone else { return }
                complaints.append("\(command): \(result.status) \(states) \(result.errors)")
            } catch {
                complaints.append("\(command): \(error)")
            }
        }
    }

    private static let decisions = ["signup", "grant", "revoke", "leave"]

    @Test func `eight processes on one home lose nothing and do nothing twice`() throws {
        let node = try TestNode()
        let team = try node.institution("team")
        for number in 0..<Self.programs {
            let terms = try node.scratch.write(projectFile("p\(number)"), to: "p\(number).json")
            try team.json("study", "publish", terms, "--node", node.address)
        }
        let ada = try node.member("ada")
        try ada.json("sync")
        let heard = Mutex(Heard())
        DispatchQueue.concurrentPerform(iterations: Self.programs) { number in
            for turn in 0..<Self.commands {
                let command = Self.command(turn, project: "p\(number)")
                let said = Result { try ada.run(command + ["--json"]) }
                heard.withLock { $0.take(command, said) }
            }
        }
        let told = heard.withLock { $0 }
        #expect(told.complaints.isEmpty, "\(told.complaints.joined(separator: "\n"))")
        let decisions = (0..<Self.commands).count {
            Self.decisions.contains(Self.command($0, project: "p")[0])
        }
        #expect(told.entries.count == Self.programs * decisions)
        #expect(Set(told.entries).count == told.entries.count, "an entry was shown twice")

        try ada.json("sync")
        let status = try ada.json("status")
        #expect(status["outbox"]?.integer == 0 && status["unread_refusals"]?.integer == 0)
        let activity = try ada.json("activity", "--limit", "10000")["entries"]?.array ?? []
        let recorded = activity.compactMap { $0["entry"]?.string }
        #expect(Set(recorded).count == recorded.count && recorded.count == activity.count)
        #expect(Set(activity.compactMap { $0["index"]?.integer }).count == activity.count)
        #expect(activity.allSatisfy { $0["state"]?.string == "proven" })
        #expect(Set(told.entries).isSubset(of: recorded))
        // The enrolment, and what was decided: nobody signed anything else.
        #expect(recorded.count == told.entries.count + 1)
        node.stop()
        let data = node.scratch.file("node").path
        let check = try Programs.run("accord-node", ["check", "--data", data])
        #expect(check.status == 0, "\(check.errors)")
    }

    /// What a program does in a turn; each decides about a project of its own, so that no rule
    /// refuses anything.
    private static func command(_ turn: Int, project: String) -> [String] {
        switch turn % 8 {
        case 0: ["signup", project]
        case 1: ["status"]
        case 2: ["grant", project, "--kinds", "clinical,wearable", "--until", "2037-12-31"]
        case 3: ["activity"]
        case 4: ["revoke", project]
        case 5: ["sync"]
        case 6: ["leave", project]
        default: ["projects", "list"]
        }
    }
}
