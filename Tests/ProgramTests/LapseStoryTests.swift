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

        let officers = try ["clinic", "registry"].map {
            try node.institution($0, role: "officer")
        }
        #expect(
            try officers[0].run(
                "study", "lapse", "--member", account, "--cause", "bored", "--node", node.address
            ).status == 2)
        let reported = try officers[0].json(
            "study", "lapse", "--member", account, "--cause", "died", "--node", node.address)
        let report = try #require(reported["entries"]?.array?.first?.string)
        // One officer ends nothing, and cannot be the second one.
        let alone = try officers[0].run(
            "study", "lapse", "--member", account, "--cause", "died", "--confirm", report)
        #expect(alone.status == 1 && alone.errors.contains("A second officer has to confirm it."))
        let chinese = try officers[0].run(
            ["study", "lapse", "--member", account, "--cause", "died", "--confirm", report],
            locale: "zh_CN.UTF-8")
        #expect(chinese.errors.contains("须由第二位管理人员确认。"), "\(chinese.errors)")
        try wei.json("sync")
        #expect(
            try wei.run("activity").text.contains("not confirmed: the member was reported dead"))
        let still = try wei.json("authorizations")["authorizations"]?.array
        #expect(still?.map { $0["state"]?.string } == ["active", "active"])
        try officers[1].json(
            "study", "lapse", "--member", account, "--cause", "died", "--confirm", report,
            "--node", node.address)
        // Said twice it is refused.
        let again = try officers[1].run(
            "study", "lapse", "--member", account, "--cause", "died", "--confirm", report)
        #expect(again.status == 1 && again.errors.contains("It was confirmed before."))
        // Everything ended by the rule it was granted under, and nothing is read.
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
        #expect(kinds.count { $0 == "lapse.confirmed/1" } == 1)
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
