import Foundation
import TestSupport
import Testing

/// What a file of a stranger may take of a machine.
@Suite(.enabled(if: SharedData.isPresent, Comment(rawValue: SharedData.comment)))
struct RecordMemoryTests {
    @Test func `real and hostile files are read or refused by name, in 256 MiB at most`() throws {
        let node = try TestNode()
        let wei = try node.member("wei")
        let folder = try #require(SharedData.folder)
        var files: [String] = []
        for name in ["health", "hostile"] {
            let walk = try #require(
                FileManager.default.enumerator(
                    at: folder.appending(path: name),
                    includingPropertiesForKeys: [.isRegularFileKey]))
            files += walk.compactMap { $0 as? URL }
                .filter {
                    (try? $0.resourceValues(forKeys: [.isRegularFileKey]))?.isRegularFile == true
                }
                .map(\.path)
        }
        #expect(files.count > 500)
        let process = Process()
        process.executableURL = URL(filePath: "/bin/sh")
        // Beyond the limit no memory is to be had, and the program ends by a signal.
        process.arguments =
            [
                "-c", "ulimit -d 262144; exec \"$0\" records import --details \"$@\"",
                Programs.folder.appending(path: "accord").path,
            ] + files.sorted()
        process.environment = [
            "ACCORD_HOME": wei.home, "PATH": "/usr/bin:/bin", "LANG": "en_US.UTF-8",
        ]
        let told = node.scratch.file("told")
        try Data().write(to: told)
        process.standardInput = FileHandle.nullDevice
        let output = try FileHandle(forWritingTo: told)
        process.standardOutput = output
        process.standardError = output
        try process.run()
        process.waitUntilExit()
        #expect(process.terminationReason == .exit)
        #expect(process.terminationStatus == 0)
        let text = String(decoding: try Data(contentsOf: told), as: UTF8.self)
        let unnamed = files.map { ($0 as NSString).lastPathComponent }.filter { !text.contains($0) }
        #expect(unnamed == [])
    }
}
