import Foundation
import LedgerCore
import TerminalCore
import TestSupport
import Testing

/// What was signed and not sent when an export was made: it comes back, counts once, and nothing
/// that opens data goes out unasked.
@Suite(.serialized) struct WaitingExportTests {
    /// A member who takes part and allows use, a second device of theirs, and the study team.
    private struct Story {
        let node: TestNode
        let team: Person
        let wei: Person
        let second: Person

        init() throws {
            node = try TestNode()
            team = try node.institution("institute")
            let list = "[\(projectFile("sleep-1")),\(projectFile("gut-1", title: "Gut & mood"))]"
            let file = try node.scratch.write(list, to: "projects.json")
            try team.json("study", "publish", file, "--node", node.address)
            wei = try node.member("wei")
            try wei.decide("signup", "sleep-1")
            let samples = Programs.package.appending(path: "Samples/records/wei-sleep.json").path
            try wei.json("records", "import", samples)
            try wei.decide("grant", "sleep-1", "--kinds", "clinical", "--until", "2037-12-31")
            second = Person(node: node, folder: "second")
            let pairing = try DeviceTests.pair(wei, second)
            try #require(pairing.new.status == 0, "\(pairing.new.errors)")
            try wei.json("sync")
            try second.json("sync")
        }

        func states(_ person: Person) throws -> [String?] {
            try person.json("activity")["entries"]?.array?.filter {
                $0["kind"]?.string?.contains("authorization") == true
                    || $0["kind"]?.string?.contains("signup") == true
                    || $0["kind"]?.string?.contains("record") == true
            }.map { $0["entry"]?.string } ?? []
        }
    }

    private static func entries(_ json: JSONValue, _ name: String) -> [String?]? {
        json[name]?.array?.map { $0["entry"]?.string }
    }

    private static func authorization(_ person: Person, _ project: String) throws -> String? {
        try person.json("authorizations")["authorizations"]?.array?
            .first { $0["project"]?.string == project }?["state"]?.string
    }

    @Test func `a revocation that waited is sent without asking, the rest once asked, all once`()
        throws
    {
        let story = try Story()
        let (node, wei, second) = (story.node, story.wei, story.second)
        node.stop()
        let revoked = try wei.decide("revoke", "sleep-1", "--erase")["entry"]?.string
        let joined = try wei.decide("signup", "gut-1")["entry"]?.string
        let place = try ExportTests.export(wei, to: "export")
        try node.restart()

        let first = try second.json("import", place.path)
        #expect(Self.entries(first, "sent") == [revoked])
        #expect(Self.entries(first, "waiting") == [joined])
        #expect(first["anew"]?.array?.isEmpty == true)
        #expect(try second.json("status")["queued_revocations"]?.integer == 1)
        try second.json("sync")
        #expect(try Self.authorization(second, "sleep-1") == "withdrawn")
        #expect(try second.json("projects", "show", "gut-1")["participation"]?.string == "none")

        // What was sent is known now; the rest is offered again.
        let told = try second.run("import", place.path)
        #expect(told.errors.contains("is not sent from here"), "\(told.errors)")
        let again = try second.json("import", place.path, "--send-waiting")
        #expect(Self.entries(again, "sent") == [joined])
        #expect(again["waiting"]?.array?.isEmpty == true)
        try second.json("sync")
        #expect(try second.json("projects", "show", "gut-1")["participation"]?.string == "joined")

        // The first machine sends the same entries: they are recorded once.
        try wei.json("sync")
        #expect(try wei.json("status")["outbox"]?.integer == 0)
        #expect(try wei.json("status")["unread_refusals"]?.integer == 0)
        try second.json("sync")
        let activity = try story.states(wei)
        #expect(activity == (try story.states(second)))
        #expect(activity.count == Set(activity).count)
        try ExportTests.compare(
            try ExportTests.export(wei, to: "left"), try ExportTests.export(second, to: "right"))
    }

    @Test func `a revocation behind what stays out, or of a removed device, is signed anew`() throws
    {
        let story = try Story()
        let (node, wei, second) = (story.node, story.wei, story.second)
        node.stop()
        let joined = try wei.decide("signup", "gut-1")["entry"]?.string
        let revoked = try wei.decide("revoke", "sleep-1")["entry"]?.string
        let place = try ExportTests.export(wei, to: "export")
        try node.restart()
        let device = try #require(
            try wei.json("devices")["devices"]?.array?.first { $0["here"] == .bool(true) }?[
                "device"]?.string)
        try second.decide("devices", "remove", device)

        // The machine is lost and removed: its signature counts for nothing but a revocation.
        let taken = try second.json("import", place.path, "--send-waiting")
        #expect(taken["sent"]?.array?.isEmpty == true)
        #expect(Self.entries(taken, "waiting") == [joined])
        let anew = try #require(Self.entries(taken, "anew"))
        #expect(anew.count == 1 && anew != [revoked])
        try second.json("sync")
        #expect(try Self.authorization(second, "sleep-1") == "withdrawn")
        let again = try second.json("import", place.path)
        #expect(
            again["anew"]?.array?.isEmpty == true, "a wish that is carried out is not signed twice")

        // Allowed anew since: an old export does not end it.
        try second.decide("grant", "sleep-1", "--kinds", "clinical", "--until", "2037-12-31")
        let late = try second.json("import", place.path)
        #expect(late["anew"]?.array?.isEmpty == true && late["sent"]?.array?.isEmpty == true)
        #expect(try Self.authorization(second, "sleep-1") == "active")
    }

    @Test func `what the other machine decided instead is refused, and told`() throws {
        let story = try Story()
        let (node, wei, second) = (story.node, story.wei, story.second)
        node.stop()
        let before = node.scratch.file("wei-before")
        try FileManager.default.copyItem(at: URL(filePath: wei.home), to: before)
        let joined = try #require(try wei.decide("signup", "gut-1")["entry"]?.string)
        let place = try ExportTests.export(wei, to: "export")
        // As if it had been taken back.
        try FileManager.default.removeItem(at: URL(filePath: wei.home))
        try FileManager.default.moveItem(at: before, to: URL(filePath: wei.home))
        try node.restart()
        try wei.decide("pause", "sleep-1")

        let taken = try second.json("import", place.path, "--send-waiting")
        #expect(Self.entries(taken, "sent") == [joined])
        try second.json("sync")
        let refused = try second.json("activity", "--refused")["entries"]?.array
        #expect(refused?.map { $0["entry"]?.string } == [joined])
        #expect(refused?.first?["rejection"]?["name"]?.string == "sequenceReused")
        #expect(try second.json("status")["outbox"]?.integer == 0)
        // This device goes on.
        try second.decide("signup", "gut-1")
        #expect(try Self.authorization(second, "sleep-1") == "paused")
    }

    /// Takes back what `decide` did on a machine, as a copy of its folder would.
    private static func undone(_ person: Person, _ decide: () throws -> Void) throws {
        let before = person.node.scratch.file("before")
        try FileManager.default.copyItem(at: URL(filePath: person.home), to: before)
        try decide()
        try FileManager.default.removeItem(at: URL(filePath: person.home))
        try FileManager.default.moveItem(at: before, to: URL(filePath: person.home))
    }

    @Test func `a revocation with the number of what was imported before is signed anew`() throws {
        let story = try Story()
        let (node, wei, second) = (story.node, story.wei, story.second)
        node.stop()
        try Self.undone(wei) {
            try wei.decide("pause", "sleep-1")
            let place = try ExportTests.export(wei, to: "paused")
            #expect(try second.json("import", place.path)["sent"]?.array?.count == 1)
        }
        let revoked = try wei.decide("revoke", "sleep-1")["entry"]?.string
        let place = try ExportTests.export(wei, to: "revoked")
        let taken = try second.json("import", place.path)
        #expect(taken["sent"]?.array?.isEmpty == true)
        let anew = try #require(Self.entries(taken, "anew"))
        #expect(anew.count == 1 && anew != [revoked])
        try node.restart()
        try second.json("sync")
        #expect(try Self.authorization(second, "sleep-1") == "withdrawn")
    }

    @Test func `a revocation is sent although the grant before it was imported, too`() throws {
        let story = try Story()
        let (node, wei, second) = (story.node, story.wei, story.second)
        node.stop()
        try wei.decide("grant", "sleep-1", "--kinds", "clinical,wearable", "--until", "2037-12-31")
        let granted = try ExportTests.export(wei, to: "granted")
        #expect(
            try second.json("import", granted.path, "--send-waiting")["sent"]?.array?.count == 1)
        let revoked = try wei.decide("revoke", "sleep-1")["entry"]?.string
        let place = try ExportTests.export(wei, to: "revoked")
        #expect(Self.entries(try second.json("import", place.path), "sent") == [revoked])
        try node.restart()
        try second.json("sync")
        #expect(try Self.authorization(second, "sleep-1") == "withdrawn")
    }

    @Test func `a revocation that can come no more as it was signed is signed anew`() throws {
        let story = try Story()
        let (node, wei, second) = (story.node, story.wei, story.second)
        node.stop()
        try Self.undone(wei) {
            try wei.decide("signup", "gut-1")
            try wei.decide("pause", "sleep-1")
            try wei.decide("revoke", "sleep-1")
            let place = try ExportTests.export(wei, to: "export")
            #expect(
                try second.json("import", place.path, "--send-waiting")["sent"]?.array?.count == 3)
        }
        try node.restart()
        // The machine goes on from an older copy, and uses the first number otherwise.
        try wei.decide("signup", "gut-1")
        _ = try second.run("sync")
        try second.json("sync")
        #expect(try Self.authorization(second, "sleep-1") == "withdrawn")
        #expect(try second.json("status")["queued_revocations"]?.integer == 0)
    }

    @Test func `a stop that an older copy of this machine forgot is stated anew`() throws {
        let story = try Story()
        let (node, wei, second) = (story.node, story.wei, story.second)
        node.stop()
        try Self.undone(wei) {
            try wei.decide("signup", "gut-1")
            try wei.decide("revoke", "sleep-1", "--erase")
            _ = try ExportTests.export(wei, to: "export")
        }
        let place = node.scratch.file("export")
        try node.restart()

        let told = try wei.run("import", place.path, "--json")
        let taken = try told.json()
        #expect(Self.entries(taken, "anew")?.count == 1 && taken["sent"]?.array?.isEmpty == true)
        #expect(Self.entries(taken, "waiting")?.count == 1, "what opens data is only named")
        try wei.json("sync")
        #expect(try Self.authorization(wei, "sleep-1") == "withdrawn")
        try second.json("sync")
        #expect(try Self.authorization(second, "sleep-1") == "withdrawn")
        let again = try wei.json("import", place.path)
        #expect(again["anew"]?.array?.isEmpty == true, "it is carried out")
        // Allowed anew since, with this very device: an old export does not end it.
        try wei.decide("grant", "sleep-1", "--kinds", "clinical", "--until", "2037-12-31")
        #expect(try wei.json("import", place.path)["anew"]?.array?.isEmpty == true)
        #expect(try Self.authorization(wei, "sleep-1") == "active")
    }

    @Test(arguments: [["pause", "sleep-1"], ["leave", "sleep-1"]])
    func `every stop that was forgotten is stated anew, and said to be`(_ stop: [String]) throws {
        let story = try Story()
        let (node, wei) = (story.node, story.wei)
        node.stop()
        try Self.undone(wei) {
            #expect(try wei.run(stop).status == 0)
            _ = try ExportTests.export(wei, to: "export")
        }
        try node.restart()
        let told = try wei.run("import", node.scratch.file("export").path)
        #expect(told.text.contains("signed anew here"), "\(told.text) \(told.errors)")
        try wei.json("sync")
        let state = try Self.authorization(wei, "sleep-1")
        #expect(state == (stop[0] == "pause" ? "paused" : "withdrawn"))
        #expect(try wei.json("status")["unread_refusals"]?.integer == 0)
    }

    @Test func `a stop that was forgotten and that the ledger has is not stated again`() throws {
        let story = try Story()
        let (node, wei, second) = (story.node, story.wei, story.second)
        try Self.undone(wei) {
            node.stop()
            try wei.decide("revoke", "sleep-1")
            _ = try ExportTests.export(wei, to: "export")
            try node.restart()
            try wei.json("sync")
        }
        let taken = try wei.json("import", node.scratch.file("export").path)
        #expect(taken["anew"]?.array?.isEmpty == true && taken["sent"]?.array?.isEmpty == true)
        #expect(taken["waiting"]?.array?.isEmpty == true)
        try wei.json("sync")
        #expect(try Self.authorization(wei, "sleep-1") == "withdrawn")
        for person in [wei, second] {
            try person.json("sync")
            let kinds = try person.json("activity")["entries"]?.array?.map { $0["kind"]?.string }
            #expect(kinds?.count { $0 == "authorization.revoked/1" } == 1)
        }
    }

    /// The wrapped keys that an export has still to send.
    private static func waitingWraps(_ export: URL) throws -> [[UInt8]] {
        let content = try #require(try ExportTests.content(export)["uploads.json"])
        let uploads = try JSONValue(canonical: Array(content.dropLast()))["uploads"]?.array ?? []
        return try uploads.compactMap { $0["wraps"]?.string }.flatMap { text in
            let body = try #require(Base64.standard.decode(text))
            // The grant they are wrapped for stands before them.
            let json = Data(body.drop { $0 != UInt8(ascii: "{") })
            let document = try JSONSerialization.jsonObject(with: json) as? [String: Any]
            let wraps = document?["wraps"] as? [[String: String]] ?? []
            return wraps.compactMap { $0["wrapped"].flatMap { Base64.url.decode($0) } }
        }
    }

    @Test func `keys wrapped under a grant that stays out go to nobody`() throws {
        let story = try Story()
        let (node, wei, second) = (story.node, story.wei, story.second)
        let records = try wei.json("records", "list")["records"]?.array
        func contribute(_ kind: String) throws {
            let record = records?.first { $0["kind"]?.string == kind }?["record"]?.integer
            try wei.decide("contribute", "sleep-1", "--records", "\(try #require(record))")
        }
        // One record of the kind that is allowed, and one of another: no key of that is anywhere.
        for kind in ["clinical", "wearable"] { try contribute(kind) }
        try wei.json("sync")
        node.stop()
        // The keys are wrapped for this grant, which is never sent.
        try wei.decide("grant", "sleep-1", "--kinds", "clinical,wearable", "--until", "2037-12-31")
        let place = try ExportTests.export(wei, to: "export")
        let wraps = try Self.waitingWraps(place)
        #expect(wraps.count == 2)
        try node.restart()
        try second.json("sync")
        let taken = try second.json("import", place.path)
        #expect(taken["sent"]?.array?.isEmpty == true)
        for _ in 0..<3 { try second.json("sync") }
        let files = try ExportTests.content(node.scratch.file("node")).values.map { Data($0) }
        #expect(files.contains { $0.range(of: Data("sleep-1".utf8)) != nil })
        for wrap in wraps {
            #expect(!files.contains { $0.range(of: Data(wrap)) != nil }, "a key is at the node")
        }
        // What is allowed is used as before.
        let ran = try story.team.run("study", "run", "--once", "--json")
        #expect(ran.text.contains("\"event\":\"used\""), "\(ran.text) \(ran.errors)")
    }

    @Test func `records handed over offline arrive from another device, whenever it is killed`()
        throws
    {
        let story = try Story()
        let (node, wei, second) = (story.node, story.wei, story.second)
        try wei.decide("grant", "sleep-1", "--kinds", "clinical,wearable", "--until", "2037-12-31")
        try second.json("sync")
        node.stop()
        let record = try #require(
            try wei.json("records", "list")["records"]?.array?
                .first { $0["kind"]?.string == "wearable" }?["record"]?.integer)
        let given = try wei.decide("contribute", "sleep-1", "--records", "\(record)")
        let place = try ExportTests.export(wei, to: "export")
        let files = try ExportTests.content(place)
        #expect(files.keys.count { $0.hasPrefix("uploads/") && $0.hasSuffix(".sealed") } == 1)
        #expect(try wei.json("verify", place.path)["verified"] == .bool(true))

        for pause in [2_000, 20_000, 60_000, 120_000] as [UInt32] {
            let process = try Programs.start(
                "accord", ["import", place.path, "--send-waiting", "--json"],
                ["ACCORD_HOME": second.home], output: node.scratch.file("out"),
                errors: node.scratch.file("err"))
            usleep(pause)
            kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
        }
        try second.json("import", place.path, "--send-waiting")
        let records = try second.json("records", "list")["records"]?.array
        #expect(records == (try wei.json("records", "list")["records"]?.array))
        try ExportTests.compare(place, try ExportTests.export(second, to: "again"))
        try node.restart()
        // The first machine is gone: its contribution arrives whole, and can be read.
        try second.json("sync")
        try second.json("sync")
        let entry = try #require(given["entry"]?.string)
        #expect(try story.states(second).count { $0 == entry } == 1)
        let ran = try story.team.run("study", "run", "--once", "--json")
        #expect(ran.text.contains("\"event\":\"used\""), "\(ran.text) \(ran.errors)")
    }

    @Test func `on a terminal the person is asked about what opens data`() throws {
        let story = try Story()
        let (node, wei, second) = (story.node, story.wei, story.second)
        node.stop()
        try wei.decide("signup", "gut-1")
        let place = try ExportTests.export(wei, to: "export")
        try node.restart()
        for answer in ["n", "y"] {
            let program = try TerminalProgram(
                "accord", ["import", place.path], environment: ["ACCORD_HOME": second.home],
                size: Size(columns: 120, rows: 30))
            try program.waits { $0.text.contains("send it from here?") }
            #expect(program.screen.text.contains("Gut & mood"), "\(program.screen.text)")
            program.type(answer + "\r")
            #expect(try program.ends() == 0)
            let outbox = try second.json("status")["outbox"]?.integer
            #expect(outbox == (answer == "y" ? 1 : 0))
        }
    }
}
