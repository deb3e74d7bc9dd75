import Foundation
import LedgerCore
import Testing

/// A member who can decide no more: what was allowed ends as the terms said, told in commands.
@Suite(.serialized) struct LapseStoryTests {
    @Test func `everything a member allowed ends by the rule each project showed, and stays so`()
        throws
    {
        let node = try TestNode()
        let team = try node.institution("institute")
        let erasing = projectFile("erase-1").replacing(
            "\"seats\": 0", with: "\"seats\": 0, \"lapse\": \"erase\"")
        let file = try node.scratch.write(
            "[\(erasing),\(projectFile("stop-1"))]", to: "projects.json")
        try team.json("study", "publish", file, "--escrow", "5000", "--node", node.address)
        let wei = try node.member("wei")
        let sample = Programs.package.appending(path: "Samples/records/wei-checkup.json").path
        let imported = try wei.json("records", "import", sample)
        let record = try #require(
            imported["records"]?.array?.first { $0["kind"]?.string == "clinical" }?["record"]?
                .integer)
        for project in ["erase-1", "stop-1"] {
            try wei.decide("signup", project)
            try wei.decide("contribute", project, "--records", String(record))
            try wei.decide("grant", project, "--kinds", "clinical", "--until", "2037-12-31")
        }
        #expect(try team.run("study", "run", "--once", "--json").status == 0)
        let account = try #require(try wei.json("status")["account"]?.string)

        #expect(
            try Programs.run(
                "accord-node",
                [
                    "lapse", "--data", node.scratch.file("node").path, "--member", account,
                    "--cause", "bored",
                ]
            ).status == 2)
        let ended = try node.operate("lapse", "--member", account, "--cause", "died")["ended"]
        let rules = try #require(ended?.array).map {
            "\($0["project"]?.string ?? "") \($0["rule"]?.string ?? "")"
        }
        #expect(rules == ["erase-1 erase", "stop-1 stop"])
        // Nothing is left to end, and nothing is read.
        let again = try node.operate("lapse", "--member", account, "--cause", "died")
        #expect(again["ended"]?.array?.isEmpty == true)
        for project in ["erase-1", "stop-1"] {
            let used = try team.run(
                "study", "use", project, "--out", node.scratch.file("out-\(project)").path)
            #expect(used.status == 1, "\(used.text)")
        }

        try wei.json("sync")
        let lines = try #require(try wei.json("authorizations")["authorizations"]?.array)
        #expect(lines.map { $0["state"]?.string } == ["withdrawn", "withdrawn"])
        let entries = try #require(try wei.json("activity")["entries"]?.array)
        let kinds = entries.compactMap { $0["kind"]?.string }
        #expect(kinds.count { $0 == "authorization.lapsed/1" } == 2)
        #expect(kinds.count { $0 == "records.erased/1" } == 1)
        #expect(try wei.run("activity").text.contains("the member was reported dead"))
        let home = try ExportTests.export(wei, to: "home")
        #expect(try wei.json("verify", home.path)["verified"] == .bool(true))
        let receipts = try ExportTests.content(home).filter { $0.key.hasPrefix("consents/") }
        #expect(receipts.count == 2)
        for receipt in receipts.values {
            #expect(String(decoding: receipt, as: UTF8.self).contains("dpv:ConsentTerminated"))
        }
        // Who was reported by mistake, or recovers, decides anew.
        try wei.decide("grant", "stop-1", "--kinds", "clinical", "--until", "2037-12-31")
        #expect(
            try team.json("study", "use", "stop-1", "--out", node.scratch.file("anew").path)[
                "uses"]?.array?.first?["files"]?.array?.count == 1)
        _ = try node.operate("check")
    }
}
