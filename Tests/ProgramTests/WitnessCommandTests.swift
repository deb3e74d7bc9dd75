import Foundation
import LedgerCore
import Testing

/// Members and institutions who ask for witnesses, as they type it.
struct WitnessCommandTests {
    /// A witness that runs, and a policy that needs it.
    private final class Watch {
        let process: Process
        let key: String
        let policy: String

        init(_ scratch: Scratch, log: String) throws {
            let data = scratch.file("witness").path
            func witness(_ arguments: String...) throws -> String {
                let result = try Programs.run(
                    "accord-node",
                    ["witness", arguments[0], "--data", data] + arguments.dropFirst())
                try #require(result.status == 0, "\(result.errors)")
                return result.text
            }
            key = try witness("init", "--name", "w.example/1").filter { $0 != "\n" }
            _ = try witness("add-log", log)
            let (process, address) = try Programs.serve(
                ["witness", "serve", "--data", data, "--listen", "127.0.0.1:0"], scratch,
                name: "witness")
            self.process = process
            policy = try scratch.write(
                "log \(log)\nwitness Union \(key) \(address)\nquorum Union\n", to: "policy")
        }

        deinit { stop() }

        func stop() {
            guard process.isRunning else { return }
            kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
        }
    }

    @Test func `a member asks for a witness, is confirmed, and told when that ends`() throws {
        var watch: Watch?
        let node = try TestNode { scratch, key in
            watch = try Watch(scratch, log: key)
            return watch?.policy
        }
        let witness = try #require(watch)
        let team = try node.institution("team")
        for project in ["sleep", "gut"] {
            let terms = try node.scratch.write(projectFile(project), to: "\(project).json")
            try team.json("study", "publish", terms, "--node", node.address)
        }
        let ada = Person(node: node, folder: "ada")
        let joined = try ada.json(
            "join", try node.invitation(), "--node", node.address, "--policy", witness.policy)
        #expect(joined["sync"]?.string == "complete")
        let status = try ada.json("status")
        #expect(status["needs_witnesses"] == .bool(true))
        #expect(status["confirmed_at"]?.string != nil)
        #expect(try ada.run("status").text.contains("confirmed"))
        #expect(try ada.run(["status"], locale: "zh_CN.UTF-8").text.contains("获见证"))
        let asked = try ada.json("witnesses")
        #expect(asked["witnesses"]?.array?.map(\.string) == [witness.key])
        #expect(try ada.run("witnesses").text.contains("Union  \(witness.key)"))
        // A decision is proven at once, though it takes a witness.
        #expect(try ada.decide("signup", "sleep")["state"]?.string == "proven")

        // The institution asks for the same.
        #expect(try team.json("study", "witnesses", witness.policy)["witnesses"]?.array?.count == 1)
        #expect(try team.run("study", "review", "sleep").status == 0)

        // Without the witness a decision is recorded, and not more than that.
        witness.stop()
        let waiting = try ada.run("signup", "gut", "--json").json()["entries"]?.array?.first
        #expect(waiting?["state"]?.string == "accepted")
        let bo = Person(node: node, folder: "bo")
        let late = try bo.run(
            "join", try node.invitation(), "--node", node.address, "--policy", witness.policy)
        // What the witness cosigned before is shown still: older, and confirmed.
        #expect(late.status == 0, "\(late.errors)")

        // Nobody is asked any more: then it is as the node says.
        let none = try ada.json("witnesses", "--none")
        #expect(none["witnesses"]?.array?.isEmpty == true)
        #expect(try ada.run("status").text.contains("none asked for"))
        #expect(try ada.run("witnesses", witness.policy).text.contains("not confirmed"))

        // What is no policy, or one for another ledger, changes nothing.
        #expect(try ada.run("witnesses", node.scratch.file("nothing").path).status == 2)
        let broken = try node.scratch.write("quorum W\n", to: "broken")
        let refused = try ada.run("witnesses", broken)
        #expect(refused.status == 2 && refused.errors.contains("line 1"))
        let other = try NoteSigner(name: "other", seed: [UInt8](repeating: 1, count: 32))
        let foreign = try node.scratch.write(
            "log \(other.verifierKey.text)\nquorum none\n", to: "foreign")
        #expect(try ada.run("witnesses", foreign).status == 1)
        #expect(try ada.json("witnesses")["witnesses"]?.array?.count == 1)
    }

    @Test func `an institution believes no checkpoint its witnesses did not cosign`() throws {
        let node = try TestNode()
        let team = try node.institution("team")
        let terms = try node.scratch.write(projectFile("sleep"), to: "sleep.json")
        try team.json("study", "publish", terms, "--node", node.address)
        let cosigner = try Cosigner(name: "w", seed: [UInt8](repeating: 2, count: 32))
        let rule = "witness W \(cosigner.verifierKey.text)\nquorum W\n"
        let policy = try node.scratch.write(rule, to: "policy")
        try team.json("study", "witnesses", policy)
        let refused = try team.run("study", "review", "sleep")
        #expect(refused.status == 3 && refused.errors.contains("too few witnesses"))
        let other = try NoteSigner(name: "other", seed: [UInt8](repeating: 1, count: 32))
        let foreign = try node.scratch.write(
            "log \(other.verifierKey.text)\n\(rule)", to: "foreign")
        try team.json("study", "witnesses", foreign)
        let doubted = try team.run("study", "review", "sleep")
        #expect(doubted.status == 4 && doubted.errors.contains("not the one the witnesses"))
        try team.json("study", "witnesses", "--none")
        #expect(try team.run("study", "review", "sleep").status == 0)
    }
}
