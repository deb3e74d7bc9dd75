import Foundation
import LedgerCore
import TerminalCore
import TestSupport
import Testing

/// The app in lines, through pipes, against a real node.
@Suite(.serialized) struct PlainTests {
    /// Runs the app with these lines; with `staysOpen` their end is not seen.
    private func run(
        _ lines: [String], home: URL, arguments: [String] = ["--plain"],
        environment: [String: String] = [:], staysOpen: Bool = false
    ) throws -> (status: Int32, text: String) {
        let folder = try Scratch()
        let typed = lines.joined(separator: "\n") + "\n"
        let input = try folder.write(typed, to: "in")
        let pipe = Pipe()
        let output = folder.file("out")
        try Data().write(to: output)
        let process = Process()
        process.executableURL = BuiltProgram.folder.appending(path: "accord")
        process.arguments = arguments
        var variables = [
            "PATH": "/usr/bin:/bin", "TZ": "UTC", "LANG": "C.UTF-8",
            "ACCORD_HOME": home.path(percentEncoded: false),
        ]
        variables.merge(environment) { _, new in new }
        process.environment = variables
        if staysOpen {
            try pipe.fileHandleForWriting.write(contentsOf: Data(typed.utf8))
            process.standardInput = pipe
        } else {
            process.standardInput = try FileHandle(forReadingFrom: URL(filePath: input))
        }
        let file = try FileHandle(forWritingTo: output)
        process.standardOutput = file
        process.standardError = file
        try process.run()
        // One that waits for more lines would do so for ever.
        for _ in 0..<2_400 where staysOpen && process.isRunning { usleep(50_000) }
        if staysOpen, process.isRunning { process.terminate() }
        process.waitUntilExit()
        // Open until here.
        try pipe.fileHandleForWriting.close()
        return (
            process.terminationStatus,
            String(decoding: try Data(contentsOf: output), as: UTF8.self)
        )
    }

    /// Fails unless the texts come one after the other.
    private func expect(_ text: String, tells parts: [String]) {
        var rest = text[...]
        for part in parts {
            guard let found = rest.range(of: part) else {
                Issue.record("\(part) is missing after what came before, in:\n\(text)")
                return
            }
            rest = rest[found.upperBound...]
        }
    }

    /// Lines alone: nothing that places a cursor, sets a colour or rings.
    private func expectPlain(_ text: String) {
        let controls = text.unicodeScalars.filter { $0.value < 0x20 && $0 != "\n" }
        #expect(controls.isEmpty)
        for sign in ["●", "▌", "│", "─", "★"] { #expect(!text.contains(sign), "\(sign)") }
    }

    private static var records: String {
        BuiltProgram.package.appending(path: "Samples/records/wei-sleep.json")
            .path(percentEncoded: false)
    }

    @Test func `the first day in lines: sign up, import, contribute, authorize, revoke`() throws {
        let home = try Scratch()
        let (status, text) = try run(
            [
                "1", "wait", "search shift workers", "sign up 1", "ok", "import \(Self.records)",
                "projects", "contribute 1", "1", "1", "ok", "ok", "authorize 1", "ok", "ok", "ok",
                "ok", "ok", "ok", "ok", "wait", "authorizations", "revoke 1", "ok", "wait",
                "activity", "nonsense",
                "quit",
            ], home: home.url)
        #expect(status == 0, "\(text)")
        expectPlain(text)
        expect(
            text,
            tells: [
                "1. Try the demo", "Everything is sent and checked.",
                "1. Gut microbiome and sleep in shift workers: 1200 points", "Sign up",
                "Type: ok = sign up; no = not now", "Next: g authorize", "wei-sleep.json",
                "Contribute", "ticked", "not ticked", "hand over", "Sealed and queued",
                "Authorize · step 1 of 7 · not signed".replacingOccurrences(of: " · ", with: ", "),
                "Type: ok = authorize", "Authorization in force", "1. Gut microbiome", "Revoke",
                "revoke", "Everything is sent and checked.",
                "You revoked the authorization", "“nonsense” means nothing here. Type help.",
            ])
    }

    @Test func `waiting ends when what was just decided is checked, and said`() throws {
        let home = try Scratch()
        let allow = ["search shift workers", "sign up 1", "ok", "authorize 1"]
        let pauses = Array(repeating: ["pause 1", "wait", "resume 1", "wait"], count: 3)
            .flatMap(\.self)
        let (status, text) = try run(
            ["1", "wait"] + allow + Array(repeating: "ok", count: 7)
                + ["wait", "authorizations"] + pauses + ["quit"], home: home.url)
        #expect(status == 0, "\(text)")
        let inForce = ["Paused: in force now.", "Resumed: in force now."]
        expect(
            text,
            tells: ["Authorization in force.", "Everything is sent and checked."]
                + (0..<6).flatMap { [inForce[$0 % 2], "Everything is sent and checked."] })
        #expect(text.components(separatedBy: "Everything is sent and checked.").count == 9)
    }

    @Test func `the first start asks for code, node and, where there is one, the policy`() throws {
        let (node, witness) = try TestNode.witnessed()
        defer { witness.stop() }
        let ada = Person(node: node, folder: "ada")
        let broken = try node.scratch.write("quorum Nobody\n", to: "broken")
        let code = try node.invitation()
        let (status, text) = try run(
            [
                "2", code, node.address, "/nowhere", broken, try node.foreignPolicy(),
                witness.policy, "wait", "quit",
            ], home: URL(filePath: ada.home))
        #expect(status == 0, "\(text)")
        expect(
            text,
            tells: [
                "Witnesses", "/nowhere cannot be read", "That is no policy of witnesses: ",
                "line 1: Nobody is not defined before", "The policy of witnesses is for another",
                "Everything is sent and checked.",
            ])
        #expect(try ada.json("witnesses")["witnesses"]?.array?.map(\.string) == [witness.key])
        #expect(try ada.json("status")["confirmed_at"]?.string != nil)
        // Most people have none: the field is left empty.
        let bo = Person(node: node, folder: "bo")
        let joined = try run(
            ["2", try node.invitation(), node.address, "ok", "wait", "quit"],
            home: URL(filePath: bo.home))
        #expect(joined.status == 0, "\(joined.text)")
        #expect(try bo.json("witnesses")["witnesses"]?.array?.isEmpty == true)
    }

    @Test func `the same in Chinese, by Chinese words`() throws {
        let home = try Scratch()
        let (status, text) = try run(
            ["1", "等待", "搜索 轮班", "报名 1", "好", "返回", "帮助", "退出"], home: home.url,
            arguments: ["demo", "--plain", "--locale", "zh"])
        #expect(status == 0, "\(text)")
        expectPlain(text)
        expect(
            text,
            tells: ["逐行模式", "已全部发送并验证。", "轮班", "报名参加", "可输入：好 = 确认报名", "下一步：g 授权"])
    }

    @Test func `a stopped node stays away over a restart, and a seat taken meanwhile is refused`()
        throws
    {
        let home = try Scratch()
        #expect(try run(["1", "wait", "quit"], home: home.url).status == 0)
        let stopped = try run([], home: home.url, arguments: ["demo", "stop-node"])
        #expect(stopped.status == 0 && stopped.text.contains("until  accord demo start-node"))
        // One quit leaves, though something waits: in a pipe nobody answers.
        let (left, offline) = try run(
            ["search NGLY1", "sign up 1", "ok", "search heart", "sign up 1", "ok", "quit"],
            home: home.url, staysOpen: true)
        expect(
            offline,
            tells: [
                "Sign-up signed", "joining", "Sign-up signed", "joining",
                "2 entries wait to be sent.",
            ])
        #expect(left == 0)
        let started = try run([], home: home.url, arguments: ["demo", "start-node"])
        #expect(started.status == 0 && started.text.contains("started the node"))
        let (_, online) = try run(["wait", "home", "activity", "quit"], home: home.url)
        for told in [
            "Everything is sent and checked.", "Refused: Your sign-up, One more person with NGLY1",
            "NGLY1 deficiency: refused", "You signed up, Insomnia",
        ] { #expect(online.contains(told), "\(online)") }
        // The node that start-node left running ended with the app.
        let again = try run([], home: home.url, arguments: ["demo", "start-node"])
        #expect(again.status == 0)
        // Who leaves at once ends the node that was on its way, too.
        #expect(try run(["quit"], home: home.url).status == 0)
        #expect(try nodes(in: home.url) == 0)
    }

    /// How many nodes serve a ledger below a folder.
    private func nodes(in folder: URL) throws -> Int {
        let path = folder.path(percentEncoded: false)
        return try FileManager.default.contentsOfDirectory(atPath: "/proc").count { entry in
            // What ended meanwhile has no command line any more.
            guard Int(entry) != nil,
                let line = FileManager.default.contents(atPath: "/proc/\(entry)/cmdline")
            else { return false }
            let words = line.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
            return words.contains("serve") && words.contains { $0.hasPrefix(path) }
        }
    }

    @Test func `in a terminal lines break between words`() throws {
        let home = try Scratch()
        let app = try TerminalProgram(
            "accord", ["--plain"], environment: ["ACCORD_HOME": home.url.path],
            size: Size(columns: 40, rows: 24))
        try app.waits(for: "ok = choose")
        #expect(app.screen.rows.contains { $0.hasPrefix("Accord, line by line. Type help for") })
        #expect(!app.screen.text.contains("help for wh\n"))
        app.type("quit\n")
        #expect(try app.ends() == 0)
    }

    @Test func `without a terminal the app says how to go on`() throws {
        let home = try Scratch()
        let (status, text) = try run([], home: home.url, arguments: [])
        #expect(status == 2)
        #expect(text.contains("accord --plain"))
    }
}
