import Foundation
import Testing

/// The programs beside the test bundle, run to their end.
enum BuiltProgram {
    static let folder = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
        .deletingLastPathComponent()
    static let package = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    static func start(
        _ name: String, _ arguments: [String], home: URL? = nil, output: URL
    ) throws -> Process {
        let process = Process()
        process.executableURL = folder.appending(path: name)
        process.arguments = arguments
        var environment = ProcessInfo.processInfo.environment
        environment["ACCORD_HOME"] = home?.path(percentEncoded: false)
        environment["LANG"] = "C.UTF-8"
        process.environment = environment
        process.standardInput = FileHandle.nullDevice
        try Data().write(to: output)
        let file = try FileHandle(forWritingTo: output)
        process.standardOutput = file
        process.standardError = file
        try process.run()
        return process
    }

    /// Runs a program and returns its status and all it printed.
    static func run(_ name: String, _ arguments: [String], home: URL? = nil) throws
        -> (status: Int32, text: String)
    {
        let output = FileManager.default.temporaryDirectory.appending(
            path: "accord-output-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: output) }
        let process = try start(name, arguments, home: home, output: output)
        process.waitUntilExit()
        let text = String(decoding: try Data(contentsOf: output), as: UTF8.self)
        return (process.terminationStatus, text)
    }
}

@Suite(.serialized) struct FirstDayTests {
    @Test(arguments: ["80x24", "100x30"], ["en", "zh"])
    func `the first day plays against a real node exactly as its golden frames say`(
        size: String, locale: String
    ) throws {
        let tape = BuiltProgram.package.appending(path: "Tests/Tapes/first-day.tape")
        let (status, text) = try BuiltProgram.run(
            "accord",
            ["play", tape.path(percentEncoded: false), "--size", size, "--locale", locale])
        #expect(status == 0, "\(text)")
    }

    @Test func `a tape that expects what is not there fails with its line and the frame`() throws {
        let folder = FileManager.default.temporaryDirectory.appending(
            path: "accord-tape-test-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let tape = folder.appending(path: "wrong.tape")
        try Data("# first\nExpect /no such words/\n".utf8).write(to: tape)
        let (status, text) = try BuiltProgram.run("accord", ["play", tape.path])
        #expect(status == 1)
        #expect(text.contains("wrong.tape:2: expected /no such words/"))
        #expect(text.contains("┌──"))
    }

    @Test func `a tape records an asciicast whose lines are JSON`() throws {
        let folder = FileManager.default.temporaryDirectory.appending(
            path: "accord-tape-test-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let tape = folder.appending(path: "cast.tape")
        try Data("Output welcome.cast\nType \"?\"\nSleep 1s\nResize 90x20\n".utf8).write(to: tape)
        let (status, text) = try BuiltProgram.run("accord", ["play", tape.path])
        #expect(status == 0, "\(text)")
        let cast = try Data(contentsOf: folder.appending(path: "welcome.cast"))
        let lines = cast.split(separator: 0x0a)
        #expect(lines.count > 1)
        for line in lines { _ = try JSONSerialization.jsonObject(with: line) }
        let header = try #require(
            try JSONSerialization.jsonObject(with: lines[0]) as? [String: Any])
        #expect(header["version"] as? Int == 2)
        #expect(header["width"] as? Int == 80)
    }
}
