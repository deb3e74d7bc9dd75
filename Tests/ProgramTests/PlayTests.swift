import Foundation
import Testing

/// Programs that only some machines have.
enum Tool {
    static func exists(_ name: String) -> Bool {
        let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
        return path.split(separator: ":").contains {
            FileManager.default.isExecutableFile(atPath: "\($0)/\(name)")
        }
    }

    /// Runs a tool and returns its status and all it printed.
    static func run(_ arguments: [String]) throws -> (status: Int32, text: String) {
        let process = Process()
        let pipe = Pipe()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = arguments
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = pipe
        process.standardError = pipe
        try process.run()
        let output = try pipe.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: output, as: UTF8.self))
    }
}

@Suite(.serialized) struct PlayTests {
    private static let tape = """
        Output a.cast
        Output a.svg
        Output a.txt
        Output a.ansi
        Output a.json
        Set Width 100
        Set Height 30
        Seed 3
        Down
        Enter
        Type "HELLO 睡眠"
        Tab@200ms
        Type@20ms "http://x"
        Sleep 1500ms
        Resize 60x20
        Escape
        Hide
        Type "L"
        Show
        Golden welcome
        Screenshot b.svg

        """

    private func play(_ tape: String, in scratch: Scratch, _ options: String...) throws
        -> (status: Int32, text: String)
    {
        let file = try scratch.write(tape, to: "a.tape")
        return try BuiltProgram.run("accord", ["play", file] + options)
    }

    private func json(_ line: Data) throws -> [Any] {
        try #require(try JSONSerialization.jsonObject(with: line) as? [Any])
    }

    @Test func `twenty plays of a tape write the same bytes`() throws {
        let scratch = try Scratch()
        let names = ["a.cast", "a.svg", "a.txt", "a.ansi", "a.json", "b.svg"]
        _ = try play(PlayTests.tape, in: scratch, "--update-golden")
        let first = try names.map { try Data(contentsOf: scratch.file($0)) }
        #expect(first.allSatisfy { $0.count > 500 })
        for _ in 0..<20 {
            let (status, text) = try play(PlayTests.tape, in: scratch)
            try #require(status == 0, "\(text)")
            let again = try names.map { try Data(contentsOf: scratch.file($0)) }
            try #require(again == first)
        }
    }

    @Test func `a play says how many steps it made in a second`() throws {
        let scratch = try Scratch()
        let (status, text) = try play("Down 150\nUp 150\n", in: scratch, "--time")
        #expect(status == 0, "\(text)")
        #expect(text.contains(/300 steps in \d+ ms: \d+ steps\/s/))
    }

    @Test func `a tape with a mistake ends with 2 and says where and what may be meant`() throws {
        let (status, text) = try play("# x\n  Wiat /x/\n", in: try Scratch())
        #expect(status == 2)
        #expect(text.contains("a.tape:2:3: Wiat is no command, did you mean Wait?"))
    }

    @Test func `a step that fails says what was expected and what happened last`() throws {
        let (status, text) = try play("Down\nUp\nWait+Screen@2s /never/\n", in: try Scratch())
        #expect(status == 1)
        #expect(text.contains("a.tape:3: expected /never/"))
        #expect(text.contains("last events: key Down"))
    }

    @Test func `waiting without a node costs no time`() throws {
        let began = ContinuousClock.now
        let (status, _) = try play("Wait+Screen@1h /never/\n", in: try Scratch())
        #expect(status == 1)
        #expect(ContinuousClock.now - began < .seconds(120))
    }

    // MARK: Recordings

    @Test func `a recording has the pauses, sizes and marks of its tape`() throws {
        let scratch = try Scratch()
        _ = try play(PlayTests.tape, in: scratch, "--update-golden")
        let lines = try Data(contentsOf: scratch.file("a.cast")).split(separator: 0x0a)
        let header = try JSONSerialization.jsonObject(with: try #require(lines.first))
        let fields = try #require(header as? [String: Any])
        #expect(fields["version"] as? Int == 2)
        #expect(fields["width"] as? Int == 100)
        let events = try lines.dropFirst().map(json)
        let times = events.compactMap { ($0[0] as? NSNumber)?.doubleValue }
        #expect(times == times.sorted())
        // Two keys, eight characters, Tab, eight faster ones, the pause, the resize, Escape.
        #expect(times.last == 0.05 * 10 + 0.2 + 0.02 * 8 + 1.5 + 0.05 * 3)
        #expect(events.contains { $0[1] as? String == "r" && $0[2] as? String == "60x20" })
        #expect(events.contains { $0[1] as? String == "m" && $0[2] as? String == "welcome" })
    }

    @Test func `version 3 counts from event to event and ends with the status`() throws {
        let scratch = try Scratch()
        _ = try play(PlayTests.tape, in: scratch, "--update-golden")
        let second = try Data(contentsOf: scratch.file("a.cast")).split(separator: 0x0a)
        let (status, text) = try play(PlayTests.tape, in: scratch, "--cast-version", "3")
        #expect(status == 0, "\(text)")
        let third = try Data(contentsOf: scratch.file("a.cast")).split(separator: 0x0a)
        let header = try JSONSerialization.jsonObject(with: try #require(third.first))
        let term = try #require((header as? [String: Any])?["term"] as? [String: Any])
        #expect(term["cols"] as? Int == 100)
        var events = try third.dropFirst().map(json)
        #expect(events.last?[1] as? String == "x")
        #expect(events.removeLast()[2] as? String == "0")
        // As version 2 has it: times add up to the same, and so does all the rest.
        var milliseconds = 0
        let old = try second.dropFirst().map(json)
        try #require(events.count == old.count)
        for (new, old) in zip(events, old) {
            milliseconds += Int(((new[0] as? NSNumber)?.doubleValue ?? 0) * 1_000 + 0.5)
            let time = Int(((old[0] as? NSNumber)?.doubleValue ?? 0) * 1_000 + 0.5)
            #expect(milliseconds == time)
            #expect(new[1] as? String == old[1] as? String)
            #expect(new[2] as? String == old[2] as? String)
        }
    }

    @Test(
        .enabled(
            if: Tool.exists("asciinema"), "asciinema is missing: pip install asciinema==2.4.0"))
    func `asciinema reads the recording to its end`() throws {
        let scratch = try Scratch()
        _ = try play(PlayTests.tape, in: scratch, "--update-golden")
        let file = scratch.file("a.cast")
        let (status, text) = try Tool.run(["asciinema", "cat", file.path])
        #expect(status == 0, "\(text)")
        let lines = try Data(contentsOf: file).split(separator: 0x0a)
        let output = try lines.dropFirst().map(json).filter { $0[1] as? String == "o" }
            .compactMap { $0[2] as? String }.joined()
        #expect(text == output)
    }

    // MARK: Pictures

    @Test func `a picture is well-formed XML with the words of the screen`() throws {
        let scratch = try Scratch()
        let (status, text) = try play(
            "Set Locale zh\nScreenshot a.svg\nScreenshot a.txt\n", in: scratch)
        #expect(status == 0, "\(text)")
        let svg = try String(contentsOf: scratch.file("a.svg"), encoding: .utf8)
        #expect(svg.hasPrefix("<svg xmlns=\"http://www.w3.org/2000/svg\""))
        #expect(svg.hasSuffix("</svg>\n"))
        #expect(svg.contains(">您</text>"))
        guard Tool.exists("python3") else { return }
        let check = "import sys,xml.dom.minidom as m; m.parse(sys.argv[1])"
        let parsed = try Tool.run(["python3", "-c", check, scratch.file("a.svg").path])
        #expect(parsed.status == 0, "\(parsed.text)")
    }

    @Test func `a PNG is written by rsvg-convert, or its absence is told`() throws {
        let scratch = try Scratch()
        let (status, text) = try play("Screenshot a.png\n", in: scratch)
        guard Tool.exists("rsvg-convert") else {
            #expect(status == 1)
            #expect(text.contains("librsvg2-bin"))
            return
        }
        #expect(status == 0, "\(text)")
        let bytes = try Data(contentsOf: scratch.file("a.png"))
        #expect(bytes.starts(with: [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]))
        #expect(bytes.count > 5_000)
    }

    // MARK: Lines

    @Test(.enabled(if: Tool.exists("python3"), "python3 is missing"))
    func `a program in another language drives the app by lines of JSON`() throws {
        let client = BuiltProgram.package.appending(path: "Tests/Scripts/play_client.py")
        let program = BuiltProgram.folder.appending(path: "accord")
        let (status, text) = try Tool.run(["python3", client.path, program.path])
        #expect(status == 0, "\(text)")
        #expect(text.contains("the line protocol holds"))
    }
}
