import Foundation
import LedgerCore
import Testing

/// Members and institutions who ask for witnesses, as they type it.
struct WitnessCommandTests {
    @Test func `a member asks for a witness, is confirmed, and told when that ends`() throws {
        let (node, witness) = try TestNode.witnessed()
        defer { witness.stop() }
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
        #expect(try ada.run("witnesses", node.foreignPolicy()).status == 1)
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

    @Test func `a policy for another ledger joins nothing, and the code stays good`() throws {
        let node = try TestNode()
        let ada = Person(node: node, folder: "ada")
        let code = try node.invitation()
        let foreign = try node.foreignPolicy()
        let refused = try ada.run(["join", code, "--node", node.address, "--policy", foreign])
        #expect(refused.status == 1)
        #expect(refused.errors.contains("for another ledger"))
        #expect(try ada.run("status").status == 2)
        #expect(try ada.json("join", code, "--node", node.address)["sync"]?.string == "complete")
    }

    @Test func `a device that is added asks for the witnesses of the one that adds it`() throws {
        let (node, witness) = try TestNode.witnessed()
        defer { witness.stop() }
        let laptop = Person(node: node, folder: "laptop")
        try laptop.json(
            "join", try node.invitation(), "--node", node.address, "--policy", witness.policy)
        let phone = Person(node: node, folder: "phone")
        let pairing = try DeviceTests.pair(laptop, phone)
        try #require(pairing.new.status == 0, "\(pairing.new.errors)")
        let keys = try pairing.new.json()["witnesses"]?.array?.map(\.string)
        #expect(keys == [witness.key])
        #expect(try phone.json("witnesses")["witnesses"]?.array?.map(\.string) == [witness.key])
        let status = try phone.json("status")
        #expect(status["needs_witnesses"] == .bool(true))
        #expect(status["confirmed_at"]?.string != nil)

        // Who names another policy there gets that one, and is told that it is another.
        let tablet = Person(node: node, folder: "tablet")
        let policy = try node.foreignWitness()
        let other = try DeviceTests.pair(laptop, tablet, joining: ["--policy", policy])
        #expect(other.new.errors.contains("your other device asks for other witnesses"))
        let asked = try tablet.json("witnesses")["witnesses"]?.array?.map(\.string)
        #expect(asked?.count == 1 && asked != [witness.key])

        // Where the first device asks for nobody, there is nothing to hand over.
        try laptop.json("witnesses", "--none")
        let watch = Person(node: node, folder: "watch")
        let plain = try DeviceTests.pair(laptop, watch)
        #expect(try plain.new.json()["witnesses"]?.array?.isEmpty == true)
    }

    @Test func `a receipt and an export are checked for cosignatures, and it is said when not`()
        throws
    {
        let (node, witness) = try TestNode.witnessed()
        defer { witness.stop() }
        let ada = try node.member("ada")
        let index = try #require(
            try ada.json("activity")["entries"]?.array?.first?["index"]?.integer)
        let receipt = node.scratch.file("ada.tlog-proof").path
        try ada.json("receipt", String(index), "--out", receipt)
        let export = node.scratch.file("export").path
        try ada.json("export", export)
        let absent = try node.foreignWitness()
        let foreign = try node.foreignPolicy()
        for file in [receipt, export] {
            let alone = try ada.run("verify", file)
            #expect(alone.status == 0 && alone.text.contains("was checked: give --policy"))
            #expect(try ada.json("verify", file)["verified"] == .bool(true))
            let missed = try ada.run("verify", file, "--policy", absent)
            #expect(missed.status == 1, "\(missed.errors)")
            #expect(missed.errors.contains("too few witnesses cosigned"))
            let told = try ada.json("verify", file, "--policy", absent, status: 1)
            #expect(told["verified"] == .bool(false))
            let other = try ada.run("verify", file, "--policy", foreign)
            #expect(other.status == 1 && other.errors.contains("is not for"))
            #expect(try ada.run("verify", file, "--policy", receipt).status == 2)
        }
        let cosigned = try ada.run("verify", receipt, "--policy", witness.policy)
        #expect(cosigned.status == 0, "\(cosigned.errors)")
        #expect(cosigned.text.contains("1 of 1 cosigned (Union), enough since"))
        let whole = try ada.run("verify", export, "--policy", witness.policy)
        #expect(whole.status == 0, "\(whole.errors)")
        #expect(whole.text.contains("cosigned by enough of the 1 witnesses"))

        // The policy kept here is asked for without being named, and can be left aside.
        try ada.json("witnesses", witness.policy)
        let kept = try ada.json("verify", receipt)["witnesses"]
        #expect(kept?["cosigned"]?.array?.map(\.string) == [witness.key])
        #expect(kept?["of"]?.integer == 1)
        try ada.json("witnesses", absent)
        for file in [receipt, export] {
            #expect(try ada.run("verify", file).status == 1)
            #expect(try ada.run("verify", file, "--log-only").status == 0)
            #expect(
                try ada.run("verify", file, "--log-only", "--policy", absent).status == 2)
        }
        // Somebody without a home of theirs names both.
        let nobody = Person(node: node, folder: "nobody")
        let key = try #require(try ada.json("verify", receipt, "--log-only")["vkey"]?.string)
        let checked = try nobody.run(
            ["verify", receipt, "--vkey", key, "--policy", witness.policy])
        #expect(checked.status == 0, "\(checked.errors)")
        #expect(try nobody.run("verify", export, "--policy", absent).status == 1)
    }
}
