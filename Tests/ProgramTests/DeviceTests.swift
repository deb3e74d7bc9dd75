import Foundation
import LedgerCore
import Testing

/// A person with two devices: added, compared, side by side, lost.
struct DeviceTests {
    /// Adds `new` beside `old`, as a person with both before them does.
    ///
    /// `joining` is what the new one's command has besides code and node.
    static func pair(
        _ old: Person, _ new: Person, answer: String = "yes", joining more: [String] = []
    ) throws
        -> (old: Programs.Result, new: Programs.Result, words: (String, String))
    {
        let scratch = try Scratch()
        func begin(_ person: Person, _ arguments: [String], _ name: String, _ input: Pipe?) throws
            -> Process
        {
            let process = Process()
            process.executableURL = Programs.folder.appending(path: "accord")
            process.arguments = arguments
            process.environment = [
                "PATH": "/usr/bin:/bin", "LANG": "en_US.UTF-8", "TZ": "UTC",
                "ACCORD_HOME": person.home,
            ]
            process.standardInput = input ?? FileHandle.nullDevice
            for (end, file) in [("out", 0), ("err", 1)] {
                let url = scratch.file("\(name).\(end)")
                try Data().write(to: url)
                let handle = try FileHandle(forWritingTo: url)
                if file == 0 {
                    process.standardOutput = handle
                } else {
                    process.standardError = handle
                }
            }
            try process.run()
            return process
        }
        func text(_ name: String) throws -> String {
            String(decoding: try Data(contentsOf: scratch.file(name)), as: UTF8.self)
        }
        func wait(for marker: String, in name: String, _ process: Process) throws -> String {
            for _ in 0..<1200 {
                let content = try text(name)
                if content.contains(marker) { return content }
                if !process.isRunning { break }
                usleep(25_000)
            }
            return try text(name)
        }
        func words(_ content: String) -> String {
            content.split(separator: "\n").first { $0.hasPrefix("accord:   ") }
                .map { $0.dropFirst("accord:   ".count) }.map(String.init) ?? ""
        }
        let input = Pipe()
        let adding = try begin(old, ["devices", "add", "--json"], "old", input)
        let shown = try wait(for: "ten minutes", in: "old.err", adding)
        let code = try #require(
            shown.split(separator: "\n").first { $0.hasPrefix("accord: code ") }
                .map { String($0.dropFirst("accord: code ".count)) }, "\(shown)")
        let joining = try begin(
            new, ["join", code, "--node", new.node.address, "--json"] + more, "new", nil)
        let there = words(try wait(for: "differ", in: "new.err", joining))
        let here = words(try wait(for: "type yes", in: "old.err", adding))
        input.fileHandleForWriting.write(Data("\(answer)\n".utf8))
        input.fileHandleForWriting.closeFile()
        adding.waitUntilExit()
        if adding.terminationStatus != 0 { joining.terminate() }
        joining.waitUntilExit()
        func result(_ process: Process, _ name: String) throws -> Programs.Result {
            Programs.Result(
                status: process.terminationStatus,
                output: [UInt8](try Data(contentsOf: scratch.file("\(name).out"))),
                errors: try text("\(name).err"))
        }
        return (try result(adding, "old"), try result(joining, "new"), (here, there))
    }

    @Test func `a second device is added by code and words, works beside the first, and is lost`()
        throws
    {
        let node = try TestNode()
        let team = try node.institution("team")
        let terms = try node.scratch.write(projectFile("sleep"), to: "sleep.json")
        try team.json("study", "publish", terms, "--node", node.address)
        let laptop = try node.member("laptop")
        let phone = Person(node: node, folder: "phone")
        let pairing = try Self.pair(laptop, phone)
        try #require(pairing.old.status == 0, "\(pairing.old.errors)")
        try #require(pairing.new.status == 0, "\(pairing.new.errors)")
        #expect(pairing.words.0 == pairing.words.1)
        #expect(pairing.words.0.split(separator: " ").count == 6)
        let account = try laptop.json("status")["account"]?.string
        #expect(try pairing.new.json()["account"]?.string == account)
        let phoneID = try #require(try pairing.old.json()["device"]?.string)
        #expect(try phone.json("devices")["devices"]?.array?.count == 2)

        // Both sign for the account, and each sees what the other did.
        #expect(try phone.decide("signup", "sleep")["state"]?.string == "proven")
        try laptop.json("sync")
        let again = try laptop.run("signup", "sleep")
        #expect(again.status == 1)
        // A conflict: one leaves, the other does not know yet and leaves, too.
        #expect(try laptop.decide("leave", "sleep")["state"]?.string == "proven")
        let late = try phone.decide("leave", "sleep", status: 1)
        #expect(late["state"]?.string == "rejected")
        #expect(try phone.json("status")["unread_refusals"]?.integer == 1)

        // What they know of the account is the same, and a changed word is not.
        try laptop.json("sync")
        let code = try #require(try laptop.json("devices", "compare")["code"]?.string)
        #expect(try phone.json("devices", "compare")["code"]?.string == code)
        let parts = code.split(separator: " ").map(String.init)
        #expect(try phone.run(["devices", "compare"] + parts).status == 0)
        let other = parts.dropLast() + [parts.last == "acid" ? "acorn" : "acid"]
        #expect(try phone.run(["devices", "compare"] + other).status == 4)
        #expect(try phone.run(["devices", "compare", "99"] + parts.dropFirst()).status == 1)

        // The phone is lost; what it signs offline afterwards is refused and shown.
        node.stop()
        let offline = try phone.decide("signup", "sleep")
        #expect(offline["state"]?.string == "queued" || offline["state"]?.string == "sent")
        try node.restart()
        #expect(
            try laptop.decide("devices", "remove", String(phoneID.prefix(8)))["state"]?.string
                == "proven")
        #expect(try phone.run("sync").status == 1)
        let refused = try phone.json("activity", "--refused")["entries"]?.array
        #expect(refused?.contains { $0["entry"] == offline["entry"] } == true)
        let line = refused?.first { $0["entry"] == offline["entry"] }
        #expect(line?["rejection"]?["name"]?.string == "deviceRevoked")
        // A revocation counts even from there, and the laptop goes on.
        #expect(try laptop.decide("signup", "sleep")["state"]?.string == "proven")
    }

    @Test func `a device whose words are not the same gets nothing`() throws {
        let node = try TestNode()
        let laptop = try node.member("laptop")
        let thief = Person(node: node, folder: "thief")
        let pairing = try Self.pair(laptop, thief, answer: "no")
        #expect(pairing.old.status == 1)
        #expect(try laptop.json("devices")["devices"]?.array?.count == 1)
        #expect(try thief.run("status").status == 2)
    }
}
