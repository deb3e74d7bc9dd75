import Foundation
import Glibc
import LedgerCore
import TestSupport
import Testing

/// Files as people have them, offered by name: what is in them decides, and nothing of them is
/// dropped in silence.
struct RecordFilesTests {
    private static func variants(_ version: String, bad: Bool = false) -> String {
        var text = "##fileformat=VCFv\(version)\n"
        text += "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tWei\n"
        for place in 1...40 {
            let position = bad && place.isMultiple(of: 20) ? "nowhere" : String(1_000 + place)
            text += "1\t\(position)\trs\(place)\tG\tT\t50\tPASS\t.\tGT\t0/1\n"
        }
        return text
    }

    /// The checksum of gzip (RFC 1952 section 8).
    private static func checksum(_ bytes: ArraySlice<UInt8>) -> UInt32 {
        ~bytes.reduce(0xffff_ffff as UInt32) { sum, byte in
            (0..<8).reduce(sum ^ UInt32(byte)) { sum, _ in
                sum & 1 == 1 ? sum >> 1 ^ 0xedb8_8320 : sum >> 1
            }
        }
    }

    /// A gzip member that stores its bytes; with `size` the one of BGZF, which tells its length.
    private static func member(_ bytes: ArraySlice<UInt8>, isBlocked: Bool) -> [UInt8] {
        func little<Number: FixedWidthInteger>(_ number: Number) -> [UInt8] {
            (0..<Number.bitWidth / 8).map { UInt8(truncatingIfNeeded: number >> Number(8 * $0)) }
        }
        let length = UInt16(bytes.count)
        let body =
            [1] + little(length) + little(~length) + bytes + little(checksum(bytes))
            + little(UInt32(bytes.count))
        guard isBlocked else { return [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255] + body }
        let size = UInt16(18 + body.count - 1)
        return [0x1f, 0x8b, 8, 4, 0, 0, 0, 0, 0, 255, 6, 0, 0x42, 0x43, 2, 0] + little(size) + body
    }

    private static func packed(_ text: String, isBlocked: Bool) -> Data {
        let bytes = Array(text.utf8)
        var packed: [UInt8] = []
        for start in stride(from: 0, to: bytes.count, by: 500) {
            let part = bytes[start..<min(start + 500, bytes.count)]
            packed += member(part, isBlocked: isBlocked)
        }
        // The empty block that ends a BGZF file (SAM specification, section 4.1.2).
        if isBlocked {
            packed += [
                0x1f, 0x8b, 8, 4, 0, 0, 0, 0, 0, 255, 6, 0, 0x42, 0x43, 2, 0, 0x1b, 0, 3, 0, 0, 0,
                0, 0, 0, 0, 0, 0,
            ]
        }
        return Data(packed)
    }

    @Test func `a genome is read in each version, packed or not, whatever its file is called`()
        throws
    {
        let node = try TestNode()
        let wei = try node.member("wei")
        let plain = Data(Self.variants("4.0").utf8)
        let files = [
            ("a.pdf", plain), ("b", Data(Self.variants("4.1").utf8)),
            ("c.csv", Data(Self.variants("4.2").utf8)),
            ("d.xml", Self.packed(Self.variants("4.3"), isBlocked: false)),
            ("e.txt", Self.packed(Self.variants("4.2"), isBlocked: true)),
        ]
        for (name, content) in files {
            let place = node.scratch.file(name)
            try content.write(to: place)
            let read = try wei.json("records", "import", place.path)
            #expect(read["rows"]?.integer == 40, "\(name)")
            #expect(read["problems"]?.array?.isEmpty == true, "\(name)")
            let record = try #require(read["records"]?.array?.first)
            #expect(record["kind"]?.string == "genomic", "\(name)")
        }
        // Cut off, it is refused or told of, and never taken for the whole.
        let cut = node.scratch.file("cut.gz")
        try Self.packed(Self.variants("4.2"), isBlocked: true).prefix(900).write(to: cut)
        let refused = try wei.run("records", "import", cut.path)
        #expect(refused.status == 1, "\(refused.text)")
        #expect(refused.errors.contains("cut.gz"), "\(refused.errors)")
    }

    @Test(arguments: ["en_US.UTF-8", "zh_CN.UTF-8"])
    func `each row that is left out is told with its place and its reason`(locale: String) throws {
        let node = try TestNode()
        let wei = try node.member("wei")
        let path = try node.scratch.write(Self.variants("4.2", bad: true), to: "genome.vcf")
        let told = try wei.run(["records", "import", path, "--details"], locale: locale)
        #expect(told.status == 0, "\(told.errors)")
        // Two lines before the first variant: the 20th and the 40th stand on 22 and 42.
        for line in ["22", "42"] {
            // Each stands on a line of its own below the count of its reason.
            let row = told.errors.split(separator: "\n").filter {
                $0.hasPrefix("accord:   ") && $0.contains(line)
            }
            #expect(row.count == 1, "\(told.errors)")
        }
        let read = try wei.json("records", "import", path)
        #expect(read["rows"]?.integer == 38)
        let file = try #require(read["files"]?.array?.first)
        let parts = try #require(file["listed"]?.array)
        #expect(parts.count == 2, "\(file)")
        for part in parts {
            #expect(part["place"]?.string?.isEmpty == false, "\(file)")
            #expect(part["reason"]?.string?.isEmpty == false, "\(file)")
        }
    }

    @Test func `an entity from outside is neither read nor asked for`() throws {
        let node = try TestNode()
        let wei = try node.member("wei")
        let canary = try node.scratch.write("capybara-4711", to: "secret.txt")
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        try #require(listener >= 0)
        defer { close(listener) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { place in
                _ = bind(listener, place, length)
                _ = listen(listener, 16)
                _ = getsockname(listener, place, &length)
            }
        }
        _ = fcntl(listener, F_SETFL, O_NONBLOCK)
        let port = UInt16(bigEndian: address.sin_port)
        let outside = "http://127.0.0.1:\(port)/x"
        let row =
            "<Record type=\"HKQuantityTypeIdentifierStepCount\" unit=\"count\" "
            + "startDate=\"2024-01-01 10:00:00 +0000\" endDate=\"2024-01-01 10:05:00 +0000\" "
            + "sourceName=\"Watch\" value=\""
        let types = [
            "[<!ENTITY x SYSTEM \"file://\(canary)\">]", "[<!ENTITY x SYSTEM \"\(outside)\">]",
            "[<!ENTITY % y SYSTEM \"\(outside)\"> %y;]", "SYSTEM \"\(outside)\"",
            "PUBLIC \"-//x//y\" \"\(outside)\"",
        ]
        for (number, type) in types.enumerated() {
            for value in ["7\"/>", "&x;\"/>", "7\">&x;</Record>"] {
                let text =
                    "<?xml version=\"1.0\"?>\n<!DOCTYPE HealthData \(type)>\n"
                    + "<HealthData locale=\"en_US\">\(row)\(value)</HealthData>\n"
                let path = try node.scratch.write(text, to: "export-\(number).xml")
                let told = try wei.run("records", "import", path, "--json")
                #expect([0, 1].contains(told.status), "\(told.errors)")
                #expect(!told.text.contains("capybara") && !told.errors.contains("capybara"))
                let records = try wei.json("records", "list")["records"]?.array ?? []
                for record in records {
                    let id = try #require(record["record"]?.integer)
                    #expect(try !wei.run("records", "show", "\(id)").text.contains("capybara"))
                }
            }
        }
        #expect(accept(listener, nil, nil) < 0, "somebody asked")
    }
}
