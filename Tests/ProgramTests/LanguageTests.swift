import Foundation
import LedgerCore
import Testing

/// Commands speak the person's language, and none besides.
struct LanguageTests {
    private static func hasChinese(_ text: String) -> Bool {
        text.unicodeScalars.contains { (0x3400...0x9FFF).contains($0.value) }
    }

    @Test(arguments: [
        ["--locale", "zh-Hans", "status"], ["status", "--locale", "zh-Hans"],
        ["--locale=zh", "records", "list"], ["records", "list", "--locale=zh"],
        ["records", "import", "/nowhere", "--locale", "zh-Hans"],
        ["--locale", "zh-Hans", "records", "import", "/nowhere"],
        ["records", "--locale", "zh", "import", "/nowhere"], ["frobnicate", "--locale", "zh"],
    ])
    func `the language is heard before and after the name of a command`(arguments: [String])
        throws
    {
        let scratch = try Scratch()
        let result = try Programs.run(
            "accord", arguments, environment: ["ACCORD_HOME": scratch.file("home").path])
        #expect(result.status == 2)
        #expect(Self.hasChinese(result.errors), "\(result.errors)")
    }

    @Test func `the language is also that of the app's own errors`() throws {
        let result = try Programs.run("accord", ["--locale", "zh"])
        #expect(result.status == 2)
        #expect(result.errors.contains("应用需要终端"))
    }

    /// Four words in a row that are no names: a sentence in English.
    private static func sentences(_ text: String) -> [String] {
        text.split(separator: "\n").flatMap { line in
            line.matches(of: #/(?:\b[A-Za-z][a-z']+ ){3,}[A-Za-z][a-z']+/#).map {
                String($0.output)
            }
        }
    }

    @Test func `an English sentence is found`() {
        #expect(Self.sentences("accord: could not read the file") == ["could not read the file"])
        #expect(Self.sentences("accord：请运行  accord projects list").isEmpty)
    }

    private func expectChinese(_ result: Programs.Result, _ arguments: [String]) {
        let found = Self.sentences(result.text) + Self.sentences(result.errors)
        #expect(found.isEmpty, "\(arguments): \(found)")
        #expect(Self.hasChinese(result.text + result.errors), "\(arguments) says nothing")
    }

    @Test(arguments: [
        ["frobnicate"], ["signup"], ["grant", "x", "--kinds", "clinical"],
        ["contribute", "x", "--records", "1", "--strike", "5-3"], ["status"],
        ["projects", "list"], ["revoke", "x", "--erase", "--keep-anonymised"],
        ["join", "short", "--node", "http://127.0.0.1:1"],
        ["join", "QAYM-TSQ4-VHB4M", "--node", "no address"],
        ["join", "QAYM-TSQ4-VHB4M", "--node", "http://127.0.0.1:1"], ["verify", "/nowhere"],
        ["study", "list"], ["study", "run", "--every", "often"], ["demo", "stop-node"],
        ["demo", "start-node"], ["play", "/nowhere.tape"], ["play"], ["receipt", "1"],
        ["sync", "--jsn"], ["points", "--json", "extra"], ["redeem", "tea"], ["export"],
        ["kiosk", "--node", "http://127.0.0.1:1", "--idle", "1"],
    ])
    func `what goes wrong is told in Chinese, and in nothing else`(arguments: [String]) throws {
        let scratch = try Scratch()
        let result = try Programs.run(
            "accord", arguments,
            environment: ["ACCORD_HOME": scratch.file("home").path, "LANG": "zh_CN.UTF-8"])
        #expect(result.status != 0)
        expectChinese(result, arguments)
    }

    @Test func `a member's day is told in Chinese, and in nothing else`() throws {
        let node = try TestNode()
        let team = try node.institution("institute")
        let file = try node.scratch.write(
            projectFile("sleep-1", title: "睡眠"), to: "sleep.json")
        #expect(try team.run("study", "publish", file, "--node", node.address).status == 0)
        let records = Programs.package.appending(path: "Samples/records").path
        let samples = try FileManager.default.contentsOfDirectory(atPath: records).sorted()
        let sample = try #require(samples.first { $0.hasSuffix(".json") })
        let wei = Person(node: node, folder: "wei")
        var told = ""
        for arguments in [
            ["join", try node.invitation(), "--node", node.address], ["status"], ["sync"],
            ["projects", "list"], ["signup", "sleep-1"], ["signup", "sleep-1"],
            ["signup", "nowhere"], ["records", "import", "\(records)/\(sample)"],
            ["records", "list"], ["records", "show", "99"],
            ["contribute", "sleep-1", "--records", "99"],
            ["contribute", "sleep-1", "--records", "1"],
            ["grant", "sleep-1", "--kinds", "clinical", "--until", "2037-01-01", "--yes"],
            ["authorizations"], ["pause", "sleep-1"], ["resume", "sleep-1"],
            ["revoke", "sleep-1"], ["revoke", "sleep-1"], ["activity"], ["points"],
            ["receipt", "99"], ["devices", "list"], ["records", "erase", "1"],
            ["redeem", "list"], ["leave", "sleep-1"],
        ] {
            let result = try wei.run(arguments, locale: "zh_CN.UTF-8")
            expectChinese(result, arguments)
            told += result.text
        }
        #expect(told.contains("已验证"))
        node.stop()
        expectChinese(try wei.run(["sync"], locale: "zh_CN.UTF-8"), ["sync"])
    }
}
