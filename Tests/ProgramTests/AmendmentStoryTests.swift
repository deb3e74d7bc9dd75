import Foundation
import LedgerCore
import Testing

/// A project that changes: what a member is shown of it, and what they have to agree to anew.
struct AmendmentStoryTests {
    @Test func `a smaller change goes on as it was agreed, a larger one asks the member anew`()
        throws
    {
        let node = try TestNode()
        let team = try node.institution("institute")
        let file = node.scratch.file("sleep-1.toml").path
        try team.json("study", "new", "--template", "sleep", file)
        try team.json("study", "publish", file, "--escrow", "5000", "--node", node.address)
        let wei = try node.member("wei")
        try wei.json("signup", "sleep-1")
        let sample = Programs.package.appending(path: "Samples/records/wei-sleep.json").path
        let imported = try wei.json("records", "import", sample)
        let record = try #require(
            imported["records"]?.array?.first { $0["kind"]?.string == "wearable" }?["record"]?
                .integer)
        try wei.decide("contribute", "sleep-1", "--records", "\(record)")
        try wei.decide("grant", "sleep-1", "--kinds", "wearable", "--until", "2027-06-30")
        func state() throws -> String? {
            try wei.json("authorizations")["authorizations"]?.array?.first?["state"]?.string
        }
        func amend(_ old: String, _ new: String) throws -> String {
            let text = try String(contentsOfFile: file, encoding: .utf8)
            #expect(text.contains(old))
            try text.replacing(old, with: new).write(
                toFile: file, atomically: true, encoding: .utf8)
            let shown = try team.run("study", "amend", file, "--dry-run")
            #expect(try team.json("study", "amend", file)["recorded"]?.integer == 1)
            try wei.json("sync")
            return shown.text
        }
        func used() throws -> Bool {
            let ran = try team.run("study", "run", "--once", "--json")
            return ran.text.contains("\"event\":\"used\"")
        }
        #expect(try used())

        // Less is asked for: nobody has to agree to that.
        let smaller = try amend("clinical = \"optional\"\n", "")
        #expect(smaller.contains("version 1.1"), "\(smaller)")
        #expect(try state() == "active")

        // More is asked for: shown before, and agreed to anew.
        let larger = try amend(
            "wearable = \"required\"\n", "wearable = \"required\"\ngenomic = \"optional\"\n")
        #expect(larger.contains("version 2.0") && larger.contains("+ genomic (optional)"))
        #expect(try state() == "reconsent-due")
        let told = try wei.run("authorizations")
        #expect(told.text.contains("agree anew"), "\(told.text)")
        // A signature under the terms of before is none under those of now.
        let grant = try wei.decide(
            "grant", "sleep-1", "--kinds", "wearable", "--until", "2027-06-30")
        #expect(grant["state"]?.string == "proven")
        let lines = try wei.json("authorizations")["authorizations"]?.array
        #expect(lines?.contains { $0["state"]?.string == "active" } == true, "\(lines ?? [])")
    }
}
