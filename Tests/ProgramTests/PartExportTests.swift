import Foundation
import LedgerCore
import TestSupport
import Testing

/// What an export holds besides what the ledger has, and exports of what is newer.
@Suite(.serialized) struct PartExportTests {
    /// A node with a project for everybody and one with a single place that is taken, a member and
    /// a second device of theirs.
    private static func members() throws -> (node: TestNode, wei: Person, second: Person) {
        let node = try TestNode()
        let team = try node.institution("institute")
        let list =
            "[\(projectFile("sleep-1", title: "Sleep <i>& shifts</i>")),\(projectFile("full-1", seats: 1))]"
        let file = try node.scratch.write(list, to: "projects.json")
        try team.json("study", "publish", file, "--node", node.address)
        let (wei, li) = (try node.member("wei"), try node.member("li"))
        try li.decide("signup", "full-1")
        let second = Person(node: node, folder: "second")
        let pairing = try DeviceTests.pair(wei, second)
        try #require(pairing.new.status == 0, "\(pairing.new.errors)")
        try wei.json("sync")
        return (node, wei, second)
    }

    private static func text(_ folder: URL, _ name: String) throws -> String {
        try String(contentsOf: folder.appending(path: name), encoding: .utf8)
    }

    @Test func `what was refused comes home with its reason and back, what waits is named`()
        throws
    {
        let (node, wei, second) = try Self.members()
        let refused = try wei.decide("signup", "full-1", status: 1)
        #expect(refused["state"]?.string == "rejected")
        let refusedID = try #require(refused["entry"]?.string)
        node.stop()
        let waiting = try #require(try wei.decide("signup", "sleep-1")["entry"]?.string)
        let place = node.scratch.file("export")
        let exported = try wei.json("export", place.path)
        #expect(exported["refused"]?.integer == 1 && exported["waiting"]?.integer == 1)

        let page = try Self.text(place, "index.html")
        #expect(page.contains("All places are taken."))
        #expect(page.contains("the rest once you say so"))
        #expect(page.contains("&lt;i&gt;&amp; shifts") && !page.contains("<i>"))
        let table = try Self.text(place, "refused.csv").split(separator: "\n")
        #expect(table.count == 2 && table[1].contains(",rejected,signup.joined/1,full-1,"))
        #expect(table[1].contains(",projectFull,\"All places are taken.\",\(refusedID)"))
        let queue = try Self.text(place, "waiting.csv").split(separator: "\n")
        #expect(queue.count == 2 && queue[1].hasSuffix(waiting))
        #expect(queue[1].contains(",signup.joined/1,sleep-1,"))
        let chinese = try ExportTests.export(wei, to: "chinese", locale: "zh")
        #expect(try Self.text(chinese, "index.html").contains("名额已满。"))
        #expect(try wei.json("verify", place.path)["verified"] == .bool(true))

        // The other device: the refusal is there, the wish is not, and is told.
        try node.restart()
        try second.json("sync")
        let taken = try second.json("import", place.path)
        #expect(taken["refusals"]?.integer == 1)
        #expect(taken["waiting"]?.array?.compactMap { $0["entry"]?.string } == [waiting])
        let said = try second.run("import", place.path)
        #expect(said.errors.contains("is not sent from here"), "\(said.errors)")
        #expect(said.text.contains("Sleep <i>& shifts</i>"), "\(said.text)")
        let left = try #require(try wei.json("activity", "--refused")["entries"]?.array)
        #expect(try second.json("activity", "--refused")["entries"]?.array == left)
        #expect(try second.json("status")["outbox"]?.integer == 0)
        let project = try second.json("projects", "show", "sleep-1")
        #expect(project["participation"]?.string == "none")

        // The first machine sends it; what an old export says waits is then known as recorded.
        try wei.json("sync")
        try second.json("sync")
        let again = try second.json("import", place.path)
        #expect(again["refusals"]?.integer == 0 && again["waiting"]?.array?.isEmpty == true)
        try ExportTests.compare(
            try ExportTests.export(wei, to: "left"), try ExportTests.export(second, to: "right"))
    }

    @Test func `an export of what is newer completes an older one, and its gaps are found`() throws
    {
        let (node, wei, second) = try Self.members()
        let samples = ["wei-checkup", "wei-sleep"].map {
            Programs.package.appending(path: "Samples/records/\($0).json").path
        }
        let imported = try wei.run(["records", "import"] + samples + ["--json"])
        let records = try #require(try imported.json()["records"]?.array)
        let numbers = records.compactMap { $0["record"]?.integer.map(String.init) }
        try wei.decide("signup", "sleep-1")
        let kinds = records.compactMap { $0["kind"]?.string }
        let sleep = try #require(kinds.firstIndex(of: "wearable"))
        let checkup = try #require(kinds.firstIndex(of: "clinical"))
        try wei.decide("contribute", "sleep-1", "--records", numbers[sleep])
        try wei.decide(
            "grant", "sleep-1", "--kinds", "clinical,wearable", "--until", "2037-12-31")
        try wei.json("sync")
        let older = try ExportTests.export(wei, to: "older")
        let moment = Date.now.ISO8601Format(.init(includingFractionalSeconds: true))

        // Newer: an older record handed over, a record brought in, a decision, a refusal.
        try wei.decide("contribute", "sleep-1", "--records", numbers[checkup])
        let table = try node.scratch.write(
            "Date,Weight,BMI,Fat\n2023-03-01,61.5,22.1,20\n", to: "weight.csv")
        try wei.json("records", "import", table)
        try wei.decide("pause", "sleep-1")
        try wei.decide("signup", "full-1", status: 1)
        try wei.json("sync")
        let newer = try ExportTests.export(wei, to: "newer", "--since", moment)
        let whole = try ExportTests.export(wei, to: "whole")

        let checked = try wei.json("verify", newer.path)
        #expect(checked["verified"] == .bool(true))
        #expect(checked["own_entries"]?.integer == 2)
        #expect(checked["since"] != nil)
        let files = try ExportTests.content(newer)
        // The wearable record, handed over before, is not in it; the decisions it needs are.
        #expect(!files.keys.contains { $0.contains("records/\(numbers[sleep])-") })
        #expect(files.keys.count { $0.hasPrefix("records/") && $0.hasSuffix(".rows") } == 2)
        #expect(files.keys.contains { $0.hasPrefix("consents/") })
        #expect(try Self.text(newer, "index.html").contains("Only what is new since"))
        #expect(try Self.text(newer, "refused.csv").split(separator: "\n").count == 2)
        let nothing = try ExportTests.export(wei, to: "nothing", "--since", "2037-01-01")
        #expect(try wei.json("verify", nothing.path)["own_entries"]?.integer == 0)
        #expect(try wei.run("export", "/tmp/x", "--since", "soon").status != 0)

        // Older and newer, in either order, are the whole.
        try second.json("sync")
        let first = try second.json("import", newer.path)
        #expect(first["records"]?.integer == 2 && first["since"] != nil)
        let rest = try second.json("import", older.path)
        #expect(rest["records"]?.integer == Int64(records.count - 1) && rest["known"]?.integer == 1)
        let both = try second.json("import", newer.path)
        #expect(both["records"]?.integer == 0 && both["foreign_keys"]?.integer == 0)
        try ExportTests.compare(whole, try ExportTests.export(second, to: "again"))

        let receipts = files.keys.filter { $0.hasPrefix("receipts/") }.sorted {
            $0.localizedStandardCompare($1) == .orderedAscending
        }
        try FileManager.default.removeItem(
            at: newer.appending(path: try #require(receipts.last)))
        #expect(try wei.run("verify", newer.path).status == 4)
    }
}
