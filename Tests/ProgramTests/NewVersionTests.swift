import Foundation
import LedgerCore
import Testing

/// New versions of a project, told in commands: what members agree to anew, and what the team is
/// told.
struct NewVersionTests {
    /// Writes the template of a study of sleep, changed.
    private func write(_ team: Person, change: (String) -> String = { $0 }) throws -> String {
        let file = team.node.scratch.file("sleep-1.toml").path
        if !FileManager.default.fileExists(atPath: file) {
            try team.json("study", "new", "--template", "sleep", file)
        }
        let text = try String(contentsOfFile: file, encoding: .utf8)
        try change(text).write(toFile: file, atomically: true, encoding: .utf8)
        return file
    }

    private func states(_ person: Person) throws -> [Int64: String] {
        let lines = try person.json("authorizations")["authorizations"]?.array ?? []
        return Dictionary(
            uniqueKeysWithValues: lines.map {
                ($0["major"]?.integer ?? 0, $0["state"]?.string ?? "")
            })
    }

    @Test func `who agreed anew and pauses revokes the new version, and is asked no more`() throws {
        let node = try TestNode()
        let team = try node.institution("institute")
        let file = try write(team)
        try team.json("study", "publish", file, "--escrow", "5000", "--node", node.address)
        let wei = try node.member("wei")
        try wei.json("sync")
        try wei.json("signup", "sleep-1")
        try wei.decide("grant", "sleep-1", "--kinds", "wearable", "--until", "2027-06-30")
        _ = try write(team) {
            $0.replacing("collect_from = 2021-01-01", with: "collect_from = 2015-01-01")
        }
        #expect(try team.json("study", "amend", file)["recorded"]?.integer == 1)
        try wei.json("sync")
        #expect(try states(wei) == [1: "reconsent-due"])

        try wei.decide("grant", "sleep-1", "--kinds", "wearable", "--until", "2027-06-30")
        #expect(try states(wei) == [1: "replaced", 2: "active"])
        try wei.decide("pause", "sleep-1")
        #expect(try states(wei) == [1: "replaced", 2: "paused"])
        try wei.decide("revoke", "sleep-1")
        #expect(try states(wei) == [1: "replaced", 2: "withdrawn"])
        let shown = try wei.run("authorizations").text
        #expect(shown.contains("revoked") && shown.contains("replaced"))
        #expect(!shown.contains("agree anew"))
        // Nothing is left that could be revoked, nor resumed.
        #expect(try wei.run("resume", "sleep-1").status == 1)
    }

    /// A laptop that agreed to the new version, and a phone that decided about the old one where it
    /// could not know better; both are in step again.
    private func decideApart(_ decision: String...) throws -> (laptop: Person, phone: Person) {
        let node = try TestNode()
        let team = try node.institution("institute")
        let file = try write(team)
        try team.json("study", "publish", file, "--escrow", "5000", "--node", node.address)
        let laptop = try node.member("laptop")
        let phone = Person(node: node, folder: "phone")
        let pairing = try DeviceTests.pair(laptop, phone)
        try #require(pairing.old.status == 0 && pairing.new.status == 0, "\(pairing.old.errors)")
        try laptop.json("signup", "sleep-1")
        try laptop.decide("grant", "sleep-1", "--kinds", "wearable", "--until", "2027-06-30")
        try phone.json("sync")
        node.stop()
        let decided = try phone.run(decision + ["--json"])
        #expect(decided.status == 0, "\(decided.errors)")
        let entry = try decided.json()["entries"]?.array?.first
        #expect(entry?["state"]?.string != "proven")
        try node.restart()

        _ = try write(team) {
            $0.replacing("collect_from = 2021-01-01", with: "collect_from = 2015-01-01")
        }
        #expect(try team.json("study", "amend", file)["recorded"]?.integer == 1)
        try laptop.json("sync")
        try laptop.decide("grant", "sleep-1", "--kinds", "wearable", "--until", "2027-06-30")
        #expect(try states(laptop) == [1: "replaced", 2: "active"])
        try phone.json("sync")
        try laptop.json("sync")
        return (laptop, phone)
    }

    /// What the receipt of a version's consent says became of it, and the decisions FHIR names.
    private func exported(_ person: Person, to folder: String, major: Int64) throws
        -> (statuses: [String], decisions: [String])
    {
        let files = try ExportTests.content(try ExportTests.export(person, to: folder))
        let account = try #require(try person.json("status")["account"]?.string)
        let id = AuthorizationID(
            account: try #require(AccountID(account)), project: try #require(ProjectID("sleep-1")),
            major: major)
        func json(_ path: String) throws -> JSONValue {
            try JSONValue(canonical: Array(try #require(files[path], "\(path)").dropLast()))
        }
        let receipt = try json("consents/\(id.text).jsonld")
        let statuses = receipt["dpv:hasRecordOfActivity"]?["dpv:hasConsentStatus"]?.array ?? []
        let resources = try json("fhir/r4.json")["entry"]?.array ?? []
        let consent = try #require(
            resources.first {
                $0["resource"]?["identifier"]?.array?.first?["value"]?.string == id.text
            }?["fullUrl"]?.string)
        let decisions = resources.compactMap { $0["resource"] }.filter {
            $0["target"]?.array?.first?["reference"]?.string == consent
        }
        return (
            statuses.compactMap { $0["@type"]?.array?.first?.string },
            decisions.compactMap { $0["activity"]?["coding"]?.array?.first?["code"]?.string }
        )
    }

    @Test func `a revocation signed where the new version is not known ends that, too`() throws {
        let (laptop, phone) = try decideApart("revoke", "sleep-1", "--erase")
        #expect(try states(phone) == [1: "withdrawn", 2: "withdrawn"])
        #expect(try states(laptop) == [1: "withdrawn", 2: "withdrawn"])
        let home = try exported(laptop, to: "revoked", major: 2)
        #expect(home.statuses == ["dpv:ConsentGiven", "dpv:ConsentWithdrawn"])
        #expect(home.decisions == ["authorization.granted/1", "authorization.revoked/1"])
        // Whoever changes their mind says so knowing of the revocation.
        try laptop.decide("grant", "sleep-1", "--kinds", "wearable", "--until", "2027-06-30")
        #expect(try states(laptop)[2] == "active")
    }

    @Test
    func `a pause signed where the new version is not known pauses that, and goes home with it`()
        throws
    {
        let (laptop, phone) = try decideApart("pause", "sleep-1")
        #expect(try states(phone)[2] == "paused")
        #expect(try states(laptop)[2] == "paused")
        let paused = try exported(laptop, to: "paused", major: 2)
        #expect(paused.statuses == ["dpv:ConsentGiven", "dpv:ConsentWithdrawn"])
        #expect(paused.decisions == ["authorization.granted/1", "authorization.paused/1"])
        // It is resumed for the new version alone.
        try laptop.decide("resume", "sleep-1")
        #expect(try states(laptop)[2] == "active")
        let resumed = try exported(laptop, to: "resumed", major: 2)
        #expect(resumed.statuses.last == "dpv:RenewedConsentGiven")
        let former = try exported(laptop, to: "former", major: 1)
        #expect(former.decisions == ["authorization.granted/1", "authorization.paused/1"])
    }

    @Test func `a team that set no points aside is told, and so are members, until it does`() throws
    {
        let node = try TestNode()
        let team = try node.institution("institute")
        let file = try write(team) { $0.replacing("seats = 200", with: "seats = 1") }
        let published = try team.run("study", "publish", file, "--node", node.address)
        #expect(published.status == 0)
        #expect(published.errors.contains("0 ★ set aside of "))
        let wei = try node.member("wei")
        try wei.json("sync")
        let before = try wei.run("projects", "show", "sleep-1").text
        #expect(before.contains("no points are set aside"))

        // The same file again is no new version; it only sets points aside.
        let again = try team.run("study", "publish", file, "--escrow", "900")
        #expect(again.status == 0 && again.errors.contains("no new version"))
        let unchanged = try team.run("study", "amend", file)
        #expect(unchanged.status == 0 && unchanged.errors.contains("no new version"))
        #expect(try team.json("study", "list")["projects"]?.array?.first?["minor"]?.integer == 0)
        try wei.json("sync")
        let limited = try wei.run("projects", "show", "sleep-1").text
        #expect(limited.contains("limited: 900 ★ set aside for everybody"))
        try team.json("study", "publish", file, "--escrow", "900")
        try wei.json("sync")
        let enough = try wei.run("projects", "show", "sleep-1").text
        #expect(!enough.contains("limited") && !enough.contains("set aside"))
    }
}
