import Foundation
import Glibc
import LedgerCore
import TerminalCore
import TestSupport
import Testing

/// Importing long files with the real program.
@Suite(.serialized) struct ImportTests {
    /// Writes an export that takes a while, and returns how many rows it has.
    private static func export(_ member: Person, megabytes: Int) throws -> (path: String, rows: Int)
    {
        let file = member.node.scratch.file("export-\(UUID().uuidString).xml")
        let record = """
             <Record type="HKQuantityTypeIdentifierHeartRate" sourceName="Watch" unit="count/min" \
            creationDate="2023-01-01 10:00:00 +0000" startDate="2023-01-01 10:00:00 +0000" \
            endDate="2023-01-01 10:00:00 +0000" value="64"/>

            """
        let rows = (megabytes << 20) / record.utf8.count
        try Data("<HealthData locale=\"en_US\">\n".utf8).write(to: file)
        let handle = try FileHandle(forWritingTo: file)
        try handle.seekToEnd()
        let block = Data(String(repeating: record, count: 1_000).utf8)
        for _ in 0..<(rows / 1_000) { try handle.write(contentsOf: block) }
        try handle.write(contentsOf: Data("</HealthData>\n".utf8))
        try handle.close()
        return (file.path, rows / 1_000 * 1_000)
    }

    private static func bookmarks(_ member: Person) -> [String] {
        let files = FileManager.default.enumerator(atPath: member.home)
        return (files?.allObjects as? [String] ?? []).filter {
            $0.contains("/bookmark-") && !$0.hasSuffix(".new")
        }
    }

    @Test func `an import that is killed goes on where it was, and nothing is there twice`() throws
    {
        let node = try TestNode()
        let member = try node.member("member")
        let (path, rows) = try Self.export(member, megabytes: 40)
        let process = try Programs.start(
            "accord", ["records", "import", path], ["ACCORD_HOME": member.home],
            output: node.scratch.file("out"), errors: node.scratch.file("err"))
        while Self.bookmarks(member).isEmpty, process.isRunning { usleep(5_000) }
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
        try #require(process.terminationReason == .uncaughtSignal, "it ended before it was killed")
        #expect(try member.json("records", "list")["records"]?.array?.isEmpty == true)
        let again = try member.run("records", "import", path)
        #expect(again.status == 0)
        #expect(again.errors.contains("went on where it was ended"), "\(again.errors)")
        #expect(!again.errors.contains("\r"), "a pipe gets no progress")
        let records = try #require(try member.json("records", "list")["records"]?.array)
        #expect(records.count == 1)
        #expect(records.first?["rows"]?.integer == Int64(rows))
        #expect(Self.bookmarks(member).isEmpty)
    }

    @Test func `Ctrl-C ends an import on a terminal and leaves no half of it`() throws {
        let node = try TestNode()
        let member = try node.member("member")
        let (path, _) = try Self.export(member, megabytes: 60)
        let program = try TerminalProgram(
            "accord", ["records", "import", path], environment: ["ACCORD_HOME": member.home],
            size: Size(columns: 120, rows: 24))
        try program.waits { $0.text.contains(" MB of ") && $0.text.contains("%") }
        program.type("\u{3}")
        #expect(try program.ends() == -SIGINT)
        #expect(program.screen.text.contains("stopped at"), "\(program.screen.text)")
        #expect(try member.json("records", "list")["records"]?.array?.isEmpty == true)
    }

    @Test(arguments: [SIGTERM, SIGKILL])
    func `an export that is stopped leaves nothing in the clear`(signal: Int32) throws {
        let node = try TestNode()
        let member = try node.member("member")
        let (path, _) = try Self.export(member, megabytes: 40)
        #expect(try member.run("records", "import", path).status == 0)
        func drafts() -> [String] {
            let names = try? FileManager.default.contentsOfDirectory(atPath: node.scratch.url.path)
            return names?.filter { $0.hasPrefix(".home-") && $0.hasSuffix(".part") } ?? []
        }
        let target = node.scratch.file("home")
        let process = try Programs.start(
            "accord", ["export", target.path], ["ACCORD_HOME": member.home],
            output: node.scratch.file("out"), errors: node.scratch.file("err"))
        while drafts().isEmpty, process.isRunning { usleep(1_000) }
        kill(process.processIdentifier, signal)
        process.waitUntilExit()
        try #require(process.terminationReason == .uncaughtSignal, "it ended before it was stopped")
        #expect(process.terminationStatus == signal)
        if signal == SIGKILL {
            #expect(drafts().count == 1)
            // The next export removes it, and the app's next start; no other command looks for it.
            try member.json("records", "list")
            #expect(drafts().count == 1)
            try member.json("export", node.scratch.file("other").path)
        }
        #expect(drafts().isEmpty)
        #expect(!FileManager.default.fileExists(atPath: target.path))
    }

    @Test func `an export that a script runs beside itself is not stopped by Ctrl-C`() throws {
        let node = try TestNode()
        let member = try node.member("member")
        let (path, _) = try Self.export(member, megabytes: 40)
        #expect(try member.run("records", "import", path).status == 0)
        let target = node.scratch.file("home")
        let process = try Programs.start(
            "/bin/sh",
            [
                "-c", "trap '' INT; exec \"$0\" \"$@\"",
                Programs.folder.appending(path: "accord").path, "export", target.path,
            ], ["ACCORD_HOME": member.home], output: node.scratch.file("out"),
            errors: node.scratch.file("err"))
        func hasBegun() -> Bool {
            let names = try? FileManager.default.contentsOfDirectory(atPath: node.scratch.url.path)
            return names?.contains { $0.hasPrefix(".home-") || $0 == "home" } ?? false
        }
        while !hasBegun(), process.isRunning { usleep(1_000) }
        kill(process.processIdentifier, SIGINT)
        process.waitUntilExit()
        #expect(process.terminationReason == .exit)
        #expect(process.terminationStatus == 0)
        #expect(FileManager.default.fileExists(atPath: target.path))
    }

    @Test func `keys are answered while a long file is imported`() throws {
        let node = try TestNode()
        let member = try node.member("member")
        let (path, _) = try Self.export(member, megabytes: 60)
        let app = try TerminalProgram("accord", environment: ["ACCORD_HOME": member.home])
        try app.waits(for: ": commands")
        app.type("4i")
        app.settles()
        app.type(path + "\r")
        try app.waits { $0.text.contains("Importing") && $0.text.contains("%") }
        app.type("\r")
        try app.waits { !$0.text.contains("Importing") }
        for (key, heading) in [("2", "Projects ·"), ("1", "Needs attention")] {
            app.type(key)
            try app.waits(for: heading)
            #expect(app.screen.text.contains("working"), "\(app.screen.text)")
        }
        app.type("Wx")
        try app.waits(for: "Stopped at")
        #expect(try member.json("records", "list")["records"]?.array?.isEmpty == true)
    }
}
