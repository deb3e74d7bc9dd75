import Foundation
import LedgerCore
import Testing

/// More contributions of one member than one use can name, where a part of them cannot be used.
@Suite(.serialized) struct StudyBatchTests {
    /// A node, a team, and a member who allows the use of the clinical record alone.
    private struct Story {
        let node: TestNode
        let team: Person
        let wei: Person
        private let wearable: String
        private let clinical: String

        init() throws {
            node = try TestNode()
            team = try node.institution("institute")
            let file = try node.scratch.write(projectFile("sleep-1"), to: "project.json")
            try team.json("study", "publish", file, "--node", node.address)
            wei = try node.member("wei")
            try wei.decide("signup", "sleep-1")
            let samples = Programs.package.appending(path: "Samples/records/wei-sleep.json").path
            let records = try wei.json("records", "import", samples)["records"]?.array
            func record(_ kind: String) throws -> String {
                let found = records?.first { $0["kind"]?.string == kind }
                return String(try #require(found?["record"]?.integer))
            }
            (wearable, clinical) = (try record("wearable"), try record("clinical"))
            try wei.decide("grant", "sleep-1", "--kinds", "clinical", "--until", "2037-12-31")
        }

        /// Hands as many wearable records over as one use can name, and a clinical one before or
        /// after them.
        func give(clinicalFirst: Bool) throws {
            let many = Array(repeating: wearable, count: EntryLimits.listCount)
            let order = clinicalFirst ? [clinical] + many : many + [clinical]
            let given = try wei.run(["contribute", "sleep-1", "--json", "--records"] + order)
            try #require(given.status == 0, "\(given.errors)")
            try wei.json("sync")
        }
    }

    private func events(_ ran: Programs.Result) throws -> [JSONValue] {
        #expect(ran.status == 0, "\(ran.errors)")
        return try ran.output.split(separator: 0x0a).map { try JSONValue(canonical: Array($0)) }
    }

    @Test func `what is not covered holds up nothing that is asked for after it`() throws {
        let story = try Story()
        try story.give(clinicalFirst: false)
        let looked = try story.team.run(
            "study", "review", "--open", story.node.scratch.file("look").path, "--json")
        let outcome = try #require(try looked.json()["uses"]?.array?.first)
        #expect(outcome["denied"]?.string == "nothing-covered")
        #expect(outcome["files"]?.array?.count == 1)
        #expect(outcome["missing"]?.integer == Int64(EntryLimits.listCount))

        let ran = try events(story.team.run("study", "run", "--once", "--json"))
        let told = ran.map { $0["event"]?.string }
        #expect(told.filter { $0 == "denied" }.count == 1, "\(told)")
        #expect(told.filter { $0 == "reviewed" }.count == 1, "\(told)")
        #expect(told.filter { $0 == "used" }.count == 1, "\(told)")
        // The next run asks for what is left, and for nothing that was read.
        let again = try events(story.team.run("study", "run", "--once", "--json"))
        #expect(!again.contains { $0["event"]?.string == "reviewed" }, "\(again)")
    }

    @Test func `files that were read stay when what is asked for after them is not covered`() throws
    {
        let story = try Story()
        try story.give(clinicalFirst: true)
        let folder = story.node.scratch.file("look")
        let looked = try story.team.run("study", "review", "--open", folder.path, "--json")
        #expect(looked.status == 1)
        let outcome = try #require(try looked.json()["uses"]?.array?.first)
        #expect(outcome["denied"]?.string == "nothing-covered")
        let files = try #require(outcome["files"]?.array).compactMap { $0.string }
        #expect(files.count == 1)
        for file in files { #expect(FileManager.default.fileExists(atPath: file)) }
        let manifest = try JSONValue(
            canonical: [UInt8](Data(contentsOf: folder.appending(path: "manifest.json"))))
        #expect(manifest["files"]?.array?.count == 1)
        // Once the member allows nothing, they go.
        try story.wei.decide("revoke", "sleep-1")
        let denied = try story.team.run("study", "review", "--open", folder.path, "--json")
        #expect(try denied.json()["uses"]?.array?.first?["denied"]?.string == "revoked")
        for file in files { #expect(!FileManager.default.fileExists(atPath: file)) }
    }
}
