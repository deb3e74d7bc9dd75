import Foundation
import LedgerCore
import Testing

/// A study returns results, and members say what they wish to know: told in commands.
@Suite(.serialized) struct ResultStoryTests {
    private static let text = "Your blood pressure at night was usual.\n夜间血压正常。\n"

    private static func world() throws -> (
        node: TestNode, team: Person, wei: Person, account: String
    ) {
        let node = try TestNode()
        let team = try node.institution("institute")
        let terms = projectFile("sleep-1").replacing(
            "\"seats\": 0",
            with: "\"seats\": 0, \"returns\": [\"summary\", \"measurement\", \"risk\"]")
        let file = try node.scratch.write(terms, to: "sleep.json")
        try team.json("study", "publish", file, "--node", node.address)
        let wei = try node.member("wei")
        try wei.decide("signup", "sleep-1")
        let account = try #require(try wei.json("status")["account"]?.string)
        return (node, team, wei, account)
    }

    private static func giveBack(
        _ team: Person, _ account: String, _ sort: String, _ text: String = text,
        status: Int32 = 0
    ) throws -> JSONValue {
        let file = try team.node.scratch.write(text, to: "result-\(sort).txt")
        return try team.json(
            "study", "return", "sleep-1", file, "--member", account, "--class", sort,
            status: status)
    }

    /// What a refusal told, in both languages: the same whatever the reason.
    private static func refusal(_ team: Person, _ account: String, _ sort: String) throws
        -> [String]
    {
        let file = try team.node.scratch.write(text, to: "refused.txt")
        return try ["en_US.UTF-8", "zh_CN.UTF-8"].map { locale in
            let result = try team.run(
                [
                    "study", "return", "sleep-1", file, "--member", account, "--class", sort,
                ], locale: locale)
            #expect(result.status == 1)
            return result.errors
        }
    }

    @Test func `a result reaches the member who wished for it, and nobody else`() throws {
        let (node, team, wei, account) = try Self.world()
        let offers = try #require(try wei.json("results")["offers"]?.array)
        #expect(offers.first?["classes"]?.array?.count == 3)
        #expect(offers.first?["wished"]?.array?.isEmpty == true)
        let silent = try Self.refusal(team, account, "measurement")
        #expect(silent[0].contains("wishes no result of this sort now, or takes no part"))
        #expect(silent[1].contains("目前不希望知道此类结果"))

        try wei.decide("results", "wish", "sleep-1", "measurement", "summary")
        let wishes = try #require(try team.json("study", "wishes", "sleep-1")["wishes"]?.array)
        #expect(wishes.map { $0["account"]?.string } == [account])
        #expect(wishes[0]["classes"]?.array?.compactMap(\.string) == ["measurement", "summary"])
        #expect(
            try Self.giveBack(team, account, "measurement")["recorded"]?.integer == 1)
        // What was not wished for, a stranger and silence are refused with the same words.
        #expect(try Self.refusal(team, account, "risk") == silent)
        let nobody = String(repeating: "0", count: account.count)
        #expect(try Self.refusal(team, nobody, "measurement") == silent)

        try wei.json("sync")
        let results = try #require(try wei.json("results")["results"]?.array)
        #expect(results.map { $0["class"]?.string } == ["measurement"])
        let index = String(try #require(results[0]["index"]?.integer))
        #expect(try wei.json("results", "show", index)["text"]?.string == Self.text)
        let shown = try wei.run("results", "show", "#" + index)
        #expect(shown.text.contains("夜间血压正常") && shown.text.contains("no diagnosis"))
        #expect(try wei.run("results", "show", "999").status == 1)

        // Neither the node nor the member's own database holds the words.
        for folder in ["node", "wei"] {
            let files = FileManager.default.enumerator(atPath: node.scratch.file(folder).path)
            for case let path as String in files ?? .init() {
                let file = node.scratch.file(folder).appending(path: path)
                guard let content = FileManager.default.contents(atPath: file.path) else {
                    continue
                }
                #expect(content.range(of: Data("blood pressure at night".utf8)) == nil, "\(path)")
            }
        }
        try Self.isTakenHome(node, wei, index)
    }

    /// Another device opens it too, and it goes home in words.
    private static func isTakenHome(_ node: TestNode, _ wei: Person, _ index: String) throws {
        let second = Person(node: node, folder: "second")
        let pairing = try DeviceTests.pair(wei, second)
        try #require(pairing.new.status == 0, "\(pairing.new.errors)")
        try second.json("sync")
        #expect(try second.json("results", "show", index)["text"]?.string == text)
        try wei.json("sync")
        let home = try ExportTests.export(wei, to: "home")
        #expect(
            try String(contentsOf: home.appending(path: "results/\(index).txt"), encoding: .utf8)
                == text + "\n")
        let page = try String(contentsOf: home.appending(path: "index.html"), encoding: .utf8)
        #expect(page.contains("results/\(index).txt"))
        try ExportTests.compare(home, try ExportTests.export(second, to: "second-home"))
    }

    @Test func `what a member no longer wishes to know is closed at once, and opens again`() throws
    {
        let (node, team, wei, account) = try Self.world()
        try wei.decide("results", "wish", "sleep-1", "risk", "measurement")
        _ = try Self.giveBack(team, account, "risk", "A variant was found.")
        try wei.json("sync")
        let index = String(
            try #require(try wei.json("results")["results"]?.array?.first?["index"]?.integer))

        // Offline: the wish is only queued, and holds here all the same.
        node.stop()
        try wei.decide("results", "wish", "sleep-1", "measurement")
        #expect(try wei.json("results")["results"]?.array?.isEmpty == true)
        let closed = try wei.run("results", "show", index)
        #expect(closed.status == 1 && closed.errors.contains("it stays closed"))
        #expect(!closed.text.contains("variant") && !closed.errors.contains("risk"))
        // Nothing here names what was found, not even its sort.
        #expect(try !wei.run("activity").text.contains("risks nothing can be done"))
        let home = try ExportTests.export(wei, to: "home")
        let files = try ExportTests.content(home)
        #expect(!files.keys.contains { $0.hasPrefix("results/") })

        try node.restart()
        try wei.json("sync")
        let before = try Self.refusal(team, account, "risk")
        try wei.decide("results", "wish", "sleep-1")
        #expect(try Self.refusal(team, account, "risk") == before)
        #expect(try team.json("study", "wishes", "sleep-1")["wishes"]?.array?.isEmpty == true)
        try wei.decide("results", "wish", "sleep-1", "risk")
        #expect(try wei.json("results", "show", index)["text"]?.string == "A variant was found.")
        // Having left, a member keeps what came back, and gets nothing more.
        try wei.decide("leave", "sleep-1")
        #expect(try wei.json("results", "show", index)["text"]?.string == "A variant was found.")
        #expect(try wei.json("results")["offers"]?.array?.isEmpty == true)
        #expect(try Self.refusal(team, account, "risk") == before)
        let refused = try wei.json("results", "wish", "sleep-1", "risk", status: 1)
        #expect(refused["refused"]?["name"]?.string == "notSignedUp")
    }

    @Test func `a text that is none, and a sort the project does not return, are told`() throws {
        let (_, team, wei, account) = try Self.world()
        let beyond = try wei.json("results", "wish", "sleep-1", "carrier", status: 1)
        #expect(beyond["refused"]?["name"]?.string == "beyondProject")
        #expect(try wei.run("results", "wish", "sleep-1", "gossip").status == 2)
        try wei.decide("results", "wish", "sleep-1", "summary")
        for text in ["", String(repeating: "a", count: 4_095)] {
            let file = try team.node.scratch.write(text, to: "bad.txt")
            let result = try team.run(
                "study", "return", "sleep-1", file, "--member", account, "--class", "summary")
            #expect(result.status == 2 && result.errors.contains("nothing was returned"))
        }
        _ = try Self.giveBack(
            team, account, "summary", String(repeating: "b", count: 4_094))
    }
}
