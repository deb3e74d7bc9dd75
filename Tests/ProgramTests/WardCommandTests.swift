import Foundation
import LedgerCore
import Testing

/// A guardian who types commands: for herself, and for a child.
struct WardCommandTests {
    @Test func `a child is declared, and decided for apart from the guardian`() throws {
        let node = try TestNode()
        let team = try node.institution("team")
        let terms = try node.scratch.write(projectFile("sleep"), to: "sleep.json")
        try team.json("study", "publish", terms, "--node", node.address)
        let mother = try node.member("mother")

        #expect(try mother.run("wards", "add", "Grandpa", "--born", "1950-01").status == 1)
        #expect(try mother.run("wards", "add", "Lily", "--born", "March").status == 2)
        let declared = try mother.decide("wards", "add", "Lily", "--born", "2015-03")
        #expect(declared["state"]?.string == "proven")
        #expect(try mother.run("wards", "add", "Lily", "--born", "2015-03").status == 2)
        let wards = try #require(try mother.json("wards")["wards"]?.array)
        #expect(wards.map { $0["name"]?.string } == ["Lily"])

        for who in [[], ["for", "Lily"]] {
            for what in [
                ["signup", "sleep"],
                ["grant", "sleep", "--kinds", "clinical", "--until", "2031-01-31"],
            ] {
                let result = try mother.run(who + what + ["--json"])
                #expect(result.status == 0, "\(result.errors)")
                let entry = try result.json()["entries"]?.array?.first
                #expect(entry?["state"]?.string == "proven")
            }
        }
        #expect(try mother.run("for", "Lily", "revoke", "sleep").status == 0)
        func state(_ arguments: [String]) throws -> String? {
            let lines = try mother.run(arguments + ["authorizations", "--json"]).json()
            return lines["authorizations"]?.array?.first?["state"]?.string
        }
        #expect(try state(["for", "Lily"]) == "withdrawn")
        #expect(try state([]) == "active")

        // What the child has goes home as the guardian's does, and verifies.
        for who in [["for", "Lily"], []] {
            let folder = node.scratch.file("home-\(who.count)").path
            #expect(try mother.run(who + ["export", folder]).status == 0)
            let verified = try mother.run("verify", folder)
            #expect(verified.status == 0, "\(verified.errors)")
        }

        // Another device of the guardian acts for the child, and gets back what the child had.
        let sample = Programs.package.appending(path: "Samples/records/wei-sleep.json").path
        #expect(try mother.run("for", "Lily", "records", "import", sample).status == 0)
        let taken = node.scratch.file("lily").path
        #expect(try mother.run("for", "Lily", "export", taken).status == 0)
        let second = Person(node: node, folder: "second")
        let pairing = try DeviceTests.pair(mother, second)
        try #require(pairing.new.status == 0, "\(pairing.new.errors)")
        #expect(try second.json("wards") == mother.json("wards"))
        let back = try second.json("for", "Lily", "import", taken)
        #expect(back["records"]?.integer == 2)
        #expect(
            try second.json("for", "Lily", "records", "list")
                == mother.json("for", "Lily", "records", "list"))
        #expect(try second.run("for", "Lily", "leave", "sleep").status == 0)
        #expect(try mother.run("sync").status == 0)
        let seen = try mother.json("for", "Lily", "projects", "show", "sleep")
        #expect(seen["participation"]?.string == "none")

        // Nobody else is acted for, and not everything is done for somebody else.
        #expect(try mother.run("for", "Nobody", "status").status == 2)
        #expect(try mother.run("for", "Lily", "study", "list").status == 2)
        #expect(try mother.run("for", "Lily", "for", "Lily", "status").status == 2)
        let account = try mother.json("status")["account"]?.string
        let child = try mother.json("for", "Lily", "status")
        #expect(child["name"]?.string == "Lily")
        #expect(child["account"]?.string == wards.first?["account"]?.string)
        #expect(child["account"]?.string != account)
    }
}
