import Foundation
import Glibc
import TestSupport
import Testing

/// The demo, from its first second.
@Suite(.serialized) struct DemoStartTests {
    @Test func `the demo starts inside the app, and one that was interrupted is made whole`() throws
    {
        let scratch = try Scratch()
        let home = ["ACCORD_HOME": scratch.url.path]
        let first = try TerminalProgram("accord", ["demo"], environment: home)
        try first.waits(for: "Starting a private node on this machine")
        // What is typed meanwhile is the app's, and nothing shows it.
        first.type("zj")
        try first.waits { $0.rows.contains { $0.contains("▌Join with a code") } }
        #expect(!first.screen.text.contains("z"))
        first.type("\u{3}")
        #expect(try first.ends() == 0)
        let left = try DemoStartTests.processes(in: scratch)
        #expect(left.isEmpty, "\(left)")

        let second = try TerminalProgram("accord", ["demo"], environment: home)
        try second.waits(for: "You joined")
        second.type("2")
        try second.waits(for: "Gut microbiome and sleep in shift workers")
        second.type("q")
        #expect(try second.ends() == 0)
        let last = try DemoStartTests.processes(in: scratch)
        #expect(last.isEmpty, "\(last)")
    }

    @Test func `what the demo started ends with the app, even where that is killed`() throws {
        let scratch = try Scratch()
        let program = try TerminalProgram(
            "accord", ["demo"], environment: ["ACCORD_HOME": scratch.url.path])
        try program.waits(for: "You joined")
        let started = try DemoStartTests.processes(in: scratch)
        #expect(started.contains { $0.contains("serve") }, "\(started)")
        program.signal(SIGKILL)
        _ = try program.ends()
        let deadline = ContinuousClock.now + .seconds(10)
        while try !DemoStartTests.processes(in: scratch).isEmpty, ContinuousClock.now < deadline {
            usleep(20_000)
        }
        let left = try DemoStartTests.processes(in: scratch)
        #expect(left.isEmpty, "\(left)")
    }

    /// The command lines that name a folder.
    private static func processes(in scratch: Scratch) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: "/proc").compactMap { entry in
            // What ended meanwhile has no command line any more.
            guard Int(entry) != nil,
                let line = FileManager.default.contents(atPath: "/proc/\(entry)/cmdline")
            else { return nil }
            let words = String(decoding: line, as: UTF8.self)
            return words.contains(scratch.url.path) ? words : nil
        }
    }
}
