import Foundation
import Glibc
import LedgerCore
import TerminalCore
import TestSupport
import Testing

/// Rows that are struck stay: searched for in the memory of the app, in its files and the node's.
@Suite(.serialized) struct StruckRowsTests {
    private static let rowCount = 3_000

    /// An export of the even days of one year and of struck values of the next.
    private static func export() -> String {
        var text = "<HealthData locale=\"en_US\">\n"
        for row in 0..<rowCount * 2 {
            let isStruck = row >= rowCount
            let number = String(10_000 + row % rowCount)
            let date = "\(isStruck ? 2024 : 2023)-0\(1 + row % 9)-1\(row % 10) 10:00:00 +0000"
            text += "<Record type=\"HKQuantityTypeIdentifierStepCount\" unit=\"count\" "
            text += "startDate=\"\(date)\" endDate=\"\(date)\" "
            text += "value=\"\(isStruck ? "quokka" : "numbat")\(number)\"/>\n"
        }
        return text + "</HealthData>\n"
    }

    @Test func `a struck row is in no file of client and node, and not in memory afterwards`()
        throws
    {
        let node = try TestNode()
        let team = try node.institution("institute")
        let file = try node.scratch.write(projectFile("sleep-1"), to: "sleep.json")
        try team.json("study", "publish", file, "--escrow", "5000", "--node", node.address)
        let wei = try node.member("wei")
        try wei.decide("signup", "sleep-1")
        let path = try node.scratch.write(Self.export(), to: "export.xml")
        try wei.json("records", "import", path)
        unlink(path)

        let app = try TerminalProgram(
            "accord", environment: ["ACCORD_HOME": wei.home], size: Size(columns: 100, rows: 30))
        try app.waits(for: ": commands")
        app.type("2")
        try app.waits(for: "Sleep and shifts")
        app.type("c")
        try app.waits(for: "6\u{2009}000 rows")
        app.type("\r")
        try app.waits(for: "6\u{2009}000 go out · 0 stay here")
        app.type("/2024\r")
        try app.waits(for: "quokka10000")
        app.type("a")
        try app.waits(for: "3\u{2009}000 go out · 3\u{2009}000 stay here")
        if let sees = app.memoryHolds("quokka10000") {
            #expect(sees, "a scan that finds nothing even now proves nothing")
        }
        app.type("\r")
        try app.waits(for: "3\u{2009}000 struck")
        app.type("\r")
        try app.waits(for: "Sealed and queued")
        try app.waits { !$0.text.contains("outbox") && $0.text.contains("verified") }
        // Far from the rows that were on the screen.
        for number in [11_000, 12_345, 12_999] {
            guard let found = app.memoryHolds("quokka\(number)") else {
                print("skipped: the memory of another process cannot be read here")
                break
            }
            #expect(!found, "row \(number) is still in memory")
        }
        app.type("q")
        #expect(try app.ends() == 0)
        #expect(try !Self.files(below: node.scratch.url, hold: "quokka1"))
        // What left is what the table said: the node has the sealed rows, and no row in the clear.
        #expect(try !Self.files(below: node.scratch.url, hold: "numbat1"))
        let list = try #require(try wei.json("records", "list")["records"]?.array?.first)
        #expect(list["contributions"]?.array?.first?["rows"]?.integer == 3_000)
    }

    private static func files(below folder: URL, hold text: String) throws -> Bool {
        let files = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)
        while let file = files?.nextObject() as? URL {
            // A folder has no bytes of its own.
            guard let content = FileManager.default.contents(atPath: file.path) else { continue }
            if content.range(of: Data(text.utf8)) != nil { return true }
        }
        return false
    }
}

extension TerminalProgram {
    /// Whether a text is in the memory that the program can write to; `nil` where nobody may look.
    func memoryHolds(_ text: String) -> Bool? {
        let maps = FileManager.default.contents(atPath: "/proc/\(id)/maps") ?? Data()
        let file = open("/proc/\(id)/mem", O_RDONLY | O_CLOEXEC)
        guard file >= 0, !maps.isEmpty else { return nil }
        defer { close(file) }
        let wanted = Data(text.utf8)
        for line in String(decoding: maps, as: UTF8.self).split(separator: "\n") {
            let words = line.split(separator: " ")
            let ends = words[0].split(separator: "-").compactMap { UInt(String($0), radix: 16) }
            guard ends.count == 2, words[1].hasPrefix("rw") else { continue }
            var position = ends[0]
            var tail = Data()
            while position < ends[1] {
                var buffer = [UInt8](repeating: 0, count: Int(min(ends[1] - position, 1 << 20)))
                let count = pread(file, &buffer, buffer.count, off_t(position))
                guard count > 0 else { break }
                let piece = tail + Data(buffer[..<count])
                if piece.range(of: wanted) != nil { return true }
                tail = Data(piece.suffix(wanted.count))
                position += UInt(count)
            }
        }
        return false
    }
}
