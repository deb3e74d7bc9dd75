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

    /// One line of a recording.
    private struct Event: Equatable {
        let milliseconds: Int
        let code: String
        let data: String
    }

    private func event(_ line: Data) throws -> Event {
        let values = try #require(try JSONSerialization.jsonObject(with: line) as? [Any])
        try #require(values.count == 3)
        let seconds = try #require(values[0] as? NSNumber).doubleValue
        return Event(
            milliseconds: Int(seconds * 1_000 + 0.5), code: try #require(values[1] as? String),
            data: try #require(values[2] as? String))
    }

    /// The header of a recording and its events.
    private func recording(_ file: URL) throws -> ([String: Any], [Event]) {
        let lines = try Data(contentsOf: file).split(separator: 0x0a)
        let header = try JSONSerialization.jsonObject(with: try #require(lines.first))
        return (try #require(header as? [String: Any]), try lines.dropFirst().map(event))
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
        #expect(ContinuousClock.now - began < .seconds(60))
    }

    // MARK: Recordings

    @Test func `a recording has the pauses, sizes and marks of its tape`() throws {
        let scratch = try Scratch()
        _ = try play(PlayTests.tape, in: scratch, "--update-golden")
        let (header, events) = try recording(scratch.file("a.cast"))
        #expect(header["version"] as? Int == 2)
        #expect(header["width"] as? Int == 100)
        let times = events.map(\.milliseconds)
        #expect(times == times.sorted())
        // Two keys, eight characters, Tab, eight faster ones, the pause, the resize, Escape, L.
        let typed = 10 * 50 + 200 + 8 * 20
        #expect(times.last == typed + 1_500 + 3 * 50)
        let marks = events.filter { $0.code != "o" }.map(\.data)
        #expect(marks == ["60x20", "welcome"])
    }

    @Test func `version 3 counts from event to event and ends with the status`() throws {
        let scratch = try Scratch()
        _ = try play(PlayTests.tape, in: scratch, "--update-golden")
        let (_, second) = try recording(scratch.file("a.cast"))
        let (status, text) = try play(PlayTests.tape, in: scratch, "--cast-version", "3")
        #expect(status == 0, "\(text)")
        let (header, third) = try recording(scratch.file("a.cast"))
        #expect(header["version"] as? Int == 3)
        let terminal = try #require(header["term"] as? [String: Any])
        #expect(terminal["cols"] as? Int == 100)
        #expect(third.last?.code == "x")
        #expect(third.last?.data == "0")
        // As version 2 has it: times add up to the same, and so does all the rest.
        var now = 0
        let absolute = third.dropLast().map { event in
            now += event.milliseconds
            return Event(milliseconds: now, code: event.code, data: event.data)
        }
        #expect(absolute == second)
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
        let (_, events) = try recording(file)
        let output = events.filter { $0.code == "o" }.map(\.data).joined()
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

    @Test func `every picture of the documentation is there and made by a tape`() throws {
        let package = BuiltProgram.package
        let docs = package.appending(path: "docs")
        let names = try FileManager.default.contentsOfDirectory(atPath: docs.path)
        let tapes = try names.filter { $0.hasSuffix(".tape") }.map {
            try String(contentsOf: docs.appending(path: $0), encoding: .utf8)
        }
        let made = Set(tapes.joined(separator: "\n").matches(of: /(?m)^Screenshot (\S+)/).map(\.1))
        var shown: Set<Substring> = []
        let pages = ["README.md"] + names.filter { $0.hasSuffix(".md") }.map { "docs/\($0)" }
        let texts = try pages.map {
            try String(contentsOf: package.appending(path: $0), encoding: .utf8)
        }
        for text in texts {
            for match in text.matches(of: /!\[[^\]]*\]\((?:docs\/)?([^)]+)\)/) {
                shown.insert(match.1)
            }
        }
        #expect(!shown.isEmpty)
        for picture in shown {
            #expect(made.contains(picture), "\(picture) is made by no tape")
            #expect(FileManager.default.fileExists(atPath: docs.appending(path: "\(picture)").path))
        }
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
