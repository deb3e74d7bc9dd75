import Foundation
import Glibc
import LedgerCore
import Testing

/// A record on its way while client and node are killed: it goes on where it was, and arrives whole.
@Suite(.serialized) struct UploadKillTests {
    private static let rowCount = 40_000

    private static func export() -> String {
        var text = "<HealthData locale=\"en_US\">\n"
        for row in 0..<rowCount {
            let date =
                "2023-0\(1 + row % 9)-1\(row % 10) 1\(row / 10 % 10):0\(row / 100 % 10):00 +0000"
            text += "<Record type=\"HKQuantityTypeIdentifierStepCount\" unit=\"count\" "
            text += "startDate=\"\(date)\" endDate=\"\(date)\" value=\"numbat\(100_000 + row)\"/>\n"
        }
        return text + "</HealthData>\n"
    }

    /// The bytes of the record that the node has so far; `nil` if it has none or all.
    private static func partialBytes(_ node: TestNode) throws -> Int? {
        let folder = node.scratch.file("node/records/partial")
        return try FileManager.default.contentsOfDirectory(
            at: folder, includingPropertiesForKeys: [.fileSizeKey]
        ).first.flatMap { try $0.resourceValues(forKeys: [.fileSizeKey]).fileSize }
    }

    @Test func `an upload goes on after each kill of client and node, and arrives whole`() throws {
        let node = try TestNode()
        let team = try node.institution("institute")
        let project = try node.scratch.write(projectFile("sleep-1"), to: "project.json")
        try team.json("study", "publish", project, "--node", node.address)
        let wei = try node.member("wei")
        try wei.decide("signup", "sleep-1")
        let path = try node.scratch.write(Self.export(), to: "export.xml")
        let imported = try wei.json("records", "import", path)
        #expect(imported["rows"]?.integer == Int64(Self.rowCount))
        let record = try #require(imported["records"]?.array?.first?["record"]?.integer)
        try wei.decide(
            "grant", "sleep-1", "--kinds", "clinical,wearable", "--until", "2037-12-31")
        node.stop()
        try wei.decide("contribute", "sleep-1", "--records", "\(record)")
        try node.restart()

        var reached = 0
        var pieces: Set<Int> = []
        for round in 0..<20 {
            let process = try Programs.start(
                "accord", ["sync", "--json"], ["ACCORD_HOME": wei.home],
                output: node.scratch.file("out"), errors: node.scratch.file("err"))
            // As soon as more has arrived than before, or a little later: in the next piece.
            for _ in 0..<2_000 where process.isRunning {
                if try (Self.partialBytes(node) ?? 0) > reached { break }
                usleep(1_000)
            }
            usleep(useconds_t(round * 7 % 20 * 500))
            if round.isMultiple(of: 3) { node.stop() }
            kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
            if round.isMultiple(of: 3) { try node.restart() }
            guard let bytes = try Self.partialBytes(node) else { continue }
            #expect(bytes >= reached, "what had arrived was sent again")
            reached = bytes
            pieces.insert(bytes)
        }
        #expect(pieces.count > 2, "the upload was cut at \(pieces.sorted()) only")
        // The node may still be writing what a killed program sent: then records wait.
        var ends: [String] = []
        for _ in 0..<100 where ends.last != "complete" {
            let end = try wei.run("sync", "--json").json()["sync"]?.string
            ends.append(try #require(end))
        }
        #expect(ends.last == "complete", "\(ends)")
        try wei.json("sync")
        #expect(try Self.partialBytes(node) == nil, "\(ends)")

        let folder = node.scratch.file("look").path
        let looked = try team.json("study", "review", "--open", folder)
        let file = try #require(
            looked["uses"]?.array?.first?["files"]?.array?.first?.string, "\(looked)")
        let text = try String(contentsOfFile: file, encoding: .utf8)
        let seen = Set(text.matches(of: /numbat([0-9]{6})/).compactMap { Int($0.output.1) })
        #expect(seen == Set(100_000..<100_000 + Self.rowCount))
        #expect(try wei.json("records", "list")["records"]?.array?.count == 1)
    }
}
