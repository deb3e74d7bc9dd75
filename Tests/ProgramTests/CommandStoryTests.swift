import Foundation
import LedgerCore
import Testing

/// The first day of a member, told in commands.
struct CommandStoryTests {
    private func sample(_ name: String) -> String {
        Programs.package.appending(path: "Samples/records/\(name).json").path
    }

    @Test func `a member joins, contributes, allows, earns, revokes, and the next use is denied`()
        throws
    {
        let node = try TestNode()
        let team = try node.institution("institute")
        let file = try node.scratch.write(projectFile("sleep-1"), to: "sleep.json")
        try team.json("study", "publish", file, "--escrow", "5000", "--node", node.address)
        let wei = try node.member("wei")

        #expect(try wei.decide("signup", "sleep-1")["state"]?.string == "proven")
        try handOver(wei)
        let granted = try wei.decide(
            "grant", "sleep-1", "--kinds", "clinical,wearable", "--until", "2037-12-31")
        #expect(granted["kind"]?.string == "authorization.granted/1")
        #expect(granted["state"]?.string == "proven")

        try earn(wei, team)
        try revokeAndAsk(wei, team)
        try keepProofs(wei)
    }

    private func handOver(_ wei: Person) throws {
        let imported = try wei.json(
            "records", "import", sample("wei-checkup"), sample("wei-sleep"))
        let records = try #require(imported["records"]?.array)
        func record(_ kind: String, _ file: String) throws -> String {
            let found = records.first {
                $0["kind"]?.string == kind && $0["file"]?.string == file
            }
            return String(try #require(found?["record"]?.integer))
        }
        let sleep = try record("wearable", "wei-sleep.json")
        let rows = try wei.json("records", "show", sleep)
        let count = Int64(try #require(rows["rows"]?.array?.count))
        // Rows that were to stay and are not there under that name leave in no case.
        let missed = try wei.run(
            ["contribute", "sleep-1", "--records", sleep, "--strike-found", "quokka"])
        #expect(missed.status == 2, "\(missed.errors)")
        #expect(missed.errors.contains("nothing was sent"), "\(missed.errors)")
        let struck = try wei.decide(
            "contribute", "sleep-1", "--records", sleep, "--strike", "1,3-5")
        #expect(struck["body"]?["rows"]?.integer == count - 4)
        let checkup = try record("clinical", "wei-checkup.json")
        #expect(
            try wei.decide("contribute", "sleep-1", "--records", checkup)["state"]?.string
                == "proven")
        // A kind that is not asked never leaves.
        let images = try record("imaging", "wei-checkup.json")
        let refused = try wei.json("contribute", "sleep-1", "--records", images, status: 1)
        #expect(refused["refused"]?["name"]?.string == "kindNotAsked")
    }

    @Test func `a team uses for the disease that was named, and the person reads which`() throws {
        let node = try TestNode()
        let team = try node.institution("institute")
        let project = projectFile("sleep-1").replacing(
            #""purposes": ["HMB"],"#,
            with: #""purposes": ["DS"], "diseases": ["MONDO:0005148"], "links": ["elsewhere"],"#)
        let file = try node.scratch.write(project, to: "project.json")
        try team.json("study", "publish", file, "--node", node.address)
        let wei = try node.member("wei")
        let shown = try wei.run("projects", "show", "sleep-1")
        for words in ["MONDO:0005148", "May link", "elsewhere"] {
            #expect(shown.text.contains(words), "\(shown.text)")
        }
        try wei.decide("signup", "sleep-1")
        try grantLinks(wei)
        try wei.json("records", "import", sample("wei-checkup"))
        let record = try #require(
            wei.json("records", "list")["records"]?.array?.first {
                $0["kind"]?.string == "clinical"
            }?["record"]?.integer)
        try wei.decide("contribute", "sleep-1", "--records", "\(record)")
        let ran = try team.run("study", "run", "--once", "--json")
        let used = try JSONValue(
            canonical: Array(try #require(ran.output.split(separator: 0x0a).last)))
        #expect(used["event"]?.string == "used" && used["purpose"]?.string == "DS MONDO:0005148")
        try wei.json("sync")
        let entries = try #require(try wei.json("activity")["entries"]?.array)
        #expect(!entries.contains { $0["kind"]?.string == "use.denied/1" })
    }

    /// Grants with a link and then without: linking is chosen, each time anew.
    private func grantLinks(_ wei: Person) throws {
        let grant = ["grant", "sleep-1", "--kinds", "clinical", "--until", "2037-12-31"]
        let refused = try wei.run(grant + ["--links", "elsewhere,nowhere"])
        #expect(refused.status == 2, "\(refused.errors)")
        #expect(refused.errors.contains("does not ask for links with nowhere: choose of elsewhere"))
        #expect(try wei.json("authorizations")["authorizations"]?.array?.isEmpty == true)
        for links in [["elsewhere"], nil] as [[String]?] {
            let chosen = links.map { ["--links"] + $0 } ?? []
            let decided = try wei.run(grant + chosen + ["--json"])
            #expect(try decided.json()["entries"]?.array?.first?["state"]?.string == "proven")
            let granted = try wei.json("authorizations")["authorizations"]?.array?.first
            #expect(granted?["diseases"]?.array?.map(\.string) == ["MONDO:0005148"])
            #expect(granted?["links"]?.array?.compactMap(\.string) == links)
        }
    }

    private func earn(_ wei: Person, _ team: Person) throws {
        let ran = try team.run("study", "run", "--once", "--json")
        #expect(ran.status == 0, "\(ran.errors)")
        let events = try ran.output.split(separator: 0x0a).map {
            try JSONValue(canonical: Array($0))
        }
        #expect(events.filter { $0["event"]?.string == "reviewed" }.count == 2)
        #expect(events.last?["event"]?.string == "used")
        #expect(events.last?["records"]?.integer == 2)
        // Two kinds accepted and one use; the node's next tick makes them available.
        let deadline = ContinuousClock.now + .seconds(20)
        var points = try wei.json("points")
        while points["available"]?.integer != 1_220, ContinuousClock.now < deadline {
            try wei.json("sync")
            points = try wei.json("points")
        }
        #expect(points["available"]?.integer == 1_220)
        #expect(points["on_the_way"]?.integer == 0)
        let causes = try #require(points["movements"]?.array).compactMap { $0["cause"]?.string }
        #expect(
            causes.sorted() == [
                "contribution.accepted/1", "contribution.accepted/1", "use.allowed/1",
            ])
    }

    private func revokeAndAsk(_ wei: Person, _ team: Person) throws {
        let out = wei.node.scratch.file("used").path
        let used = try team.json("study", "use", "sleep-1", "--out", out)
        #expect(used["uses"]?.array?.first?["files"]?.array?.count == 2)
        #expect(try wei.decide("revoke", "sleep-1")["state"]?.string == "proven")
        let denied = try team.json("study", "use", "sleep-1", "--out", out, status: 1)
        #expect(denied["uses"]?.array?.first?["denied"]?.string == "revoked")
        try wei.json("sync")
        let activity = try #require(try wei.json("activity")["entries"]?.array)
        // The points of the last use may become available after the denial: newer, not first.
        let entry = try #require(
            activity.first { $0["kind"]?.string == "use.denied/1" }, "the denial is not shown")
        #expect(entry["body"]?["reason"]?.string == "revoked")
        #expect(entry["actor"]?["en"]?.string == "Sleep Institute")
        let authorizations = try wei.json("authorizations")["authorizations"]?.array
        #expect(authorizations?.first?["state"]?.string == "withdrawn")
        #expect(try #require(try wei.json("points")["available"]?.integer) >= 1_220)
    }

    private func keepProofs(_ wei: Person) throws {
        let scratch = wei.node.scratch
        let entries = try #require(try wei.json("activity")["entries"]?.array)
        let denial = entries.first { $0["kind"]?.string == "use.denied/1" }
        let index = String(try #require(denial?["index"]?.integer))
        let receipt = scratch.file("receipt.tlog-proof")
        try wei.json("receipt", index, "--out", receipt.path)
        let verified = try wei.json("verify", receipt.path)
        #expect(verified["verified"] == .bool(true))
        #expect(verified["origin"]?.string == "ledger.test/commands")
        #expect(verified["kind"]?.string == "use.denied/1")

        // Without a ledger of one's own, a key has to be named.
        let nobody = Person(node: wei.node, folder: "nobody")
        #expect(try nobody.run("verify", receipt.path).status == 2)
        let key = try #require(verified["vkey"]?.string)
        #expect(try nobody.run("verify", receipt.path, "--vkey", key).status == 0)

        var bytes = [UInt8](try Data(contentsOf: receipt))
        let place = try #require(bytes.firstIndex(of: UInt8(ascii: "i")))
        bytes[place] = UInt8(ascii: "j")
        try Data(bytes).write(to: scratch.file("damaged.tlog-proof"))
        #expect(try wei.run("verify", scratch.file("damaged.tlog-proof").path).status == 4)

        let folder = scratch.file("export").path
        let exported = try wei.json("export", folder)
        #expect(exported["entries"]?.integer == Int64(entries.count))
        for entry in entries {
            let number = try #require(entry["index"]?.integer)
            let jws = try Data(contentsOf: URL(filePath: "\(folder)/entries/\(number).jws"))
            #expect(Hash.of([UInt8](jws)).hex == entry["entry"]?.string)
        }
        #expect(try wei.run("export", folder).status == 2)
    }

    @Test
    func `what is decided offline is kept, sent after a restart, and refusals stay until read`()
        throws
    {
        let node = try TestNode()
        let team = try node.institution("institute")
        let list = "[\(projectFile("full-1", seats: 1)),\(projectFile("wide-1"))]"
        let file = try node.scratch.write(list, to: "projects.json")
        try team.json("study", "publish", file, "--node", node.address)
        let (wei, li) = (try node.member("wei"), try node.member("li"))

        node.stop()
        let queued = try wei.decide("signup", "full-1")
        let waiting = try wei.decide("signup", "wide-1", "--wait", status: 3)
        for entry in [queued, waiting] {
            // A connection that fails cannot tell whether anything arrived.
            #expect(["queued", "sent"].contains(entry["state"]?.string))
            #expect(entry["index"] == nil)
        }
        let offline = try wei.run("sync")
        #expect(offline.status == 3)
        #expect(offline.errors.contains("what waits is kept"))
        #expect(try wei.json("status")["outbox"]?.integer == 2)

        try node.restart()
        #expect(try li.decide("signup", "full-1")["state"]?.string == "proven")
        #expect(try wei.json("sync")["unread_refusals"]?.integer == 1)
        let refused = try #require(try wei.json("activity", "--refused")["entries"]?.array)
        #expect(refused.count == 1)
        #expect(refused.first?["rejection"]?["name"]?.string == "projectFull")
        let text = try wei.run("activity", "--refused", "--mark-read").text
        #expect(text.contains("All places are taken. Choose another project."))
        #expect(try wei.json("status")["unread_refusals"]?.integer == 0)
        #expect(try wei.json("status")["outbox"]?.integer == 0)
        let projects = try #require(try wei.json("projects", "list")["projects"]?.array)
        let standing = projects.map {
            "\($0["project"]?.string ?? "") \($0["participation"]?.string ?? "")"
        }
        #expect(standing.sorted() == ["full-1 none", "wide-1 joined"])
    }
}
