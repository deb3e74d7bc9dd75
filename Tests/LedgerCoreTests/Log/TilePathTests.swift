import LedgerCore
import Testing

@Suite struct TilePathTests {
    @Test(arguments: [
        ("tile/0/000", 0, 0, 256), ("tile/0/999", 0, 999, 256),
        ("tile/1/x001/000", 1, 1000, 256), ("tile/0/x001/x234/067", 0, 1_234_067, 256),
        ("tile/0/x001/x234/067.p/8", 0, 1_234_067, 8), ("tile/63/000.p/255", 63, 0, 255),
        ("tile/2/x001/x000/x000/000.p/1", 2, 1_000_000_000, 1),
    ])
    func `a path is written and read as specified`(
        _ text: String, _ level: Int, _ index: Int, _ width: Int
    ) throws {
        let path = try #require(
            TilePath(content: .hashes(level: level), index: index, width: width))
        #expect(path.text == text)
        #expect(TilePath(parsing: text) == path)
        let entries = try #require(TilePath(content: .entries, index: index, width: width))
        #expect(TilePath(parsing: entries.text) == entries)
        #expect(
            entries.text == "tile/entries/"
                + text.split(separator: "/").dropFirst(2).joined(
                    separator: "/"))
    }

    @Test(arguments: [
        "", "tile", "tile/", "tile/0", "tile/0/", "/tile/0/000", "tile/0/000/", "tile/00/000",
        "tile/64/000", "tile/-1/000", "tile/0/00", "tile/0/0000", "tile/0/1", "tile/0/x000",
        "tile/0/x000/001", "tile/0/001/000", "tile/0/x001/x000", "tile/0/X001/000",
        "tile/0/000.p", "tile/0/000.p/", "tile/0/000.p/0", "tile/0/000.p/01", "tile/0/000.p/256",
        "tile/0/000.p/8/9", "tile/0/.p/8", "tile/0.p/8", "tile/0/000.q/8", "tile/data/000",
        "tile/entries", "tile/entries/00a", "tile/0/../000", "tile/0/٠٠٠",
        "tile/0/x999/x999/x999/x999/x999/x999/x999/999", "tile/0/x999/x999/x999/x999/x999/999",
    ])
    func `a path spelled otherwise is refused`(_ text: String) {
        #expect(TilePath(parsing: text) == nil)
    }

    @Test func `numbers out of range name no tile`() {
        #expect(TilePath(content: .hashes(level: 64), index: 0) == nil)
        #expect(TilePath(content: .entries, index: -1) == nil)
        #expect(TilePath(content: .entries, index: Int.max) == nil)
        #expect(TilePath(content: .entries, index: 0, width: 0) == nil)
        #expect(TilePath(content: .entries, index: 0, width: 257) == nil)
        #expect(TilePath(parsing: "tile/0/001.p/9")?.full?.text == "tile/0/001")
    }

    @Test func `a tree of 70,000 leaves has the tiles of the specification's example`() {
        func width(_ level: Int, _ index: Int) -> Int {
            TilePath.width(.hashes(level: level), index: index, treeSize: 70_000)
        }
        #expect(width(0, 272) == 256)
        #expect(width(0, 273) == 112)
        #expect(width(0, 274) == 0)
        #expect(width(1, 0) == 256)
        #expect(width(1, 1) == 17)
        #expect(width(2, 0) == 1)
        #expect(width(3, 0) == 0)
        #expect(TilePath.width(.entries, index: 273, treeSize: 70_000) == 112)
        let paths = TilePath.written(from: 0, to: 70_000)
        #expect(paths.count == 2 * 274 + 2 + 1)
        #expect(paths.last?.text == "tile/2/000.p/1")
    }

    @Test(arguments: [
        (256, ["tile/entries/000", "tile/0/000", "tile/1/000.p/1"]),
        (257, ["tile/entries/001.p/1", "tile/0/001.p/1"]),
        (255, ["tile/entries/000.p/255", "tile/0/000.p/255"]),
    ])
    func `growing by one leaf writes the tiles it changes`(_ size: Int, _ expected: [String]) {
        #expect(TilePath.written(from: size - 1, to: size).map(\.text) == expected)
    }

    @Test func `every written tile is in the log with its width`() throws {
        var log = MerkleLog()
        for index in 0..<600 { log.append(leafData: Array("\(index)".utf8)) }
        for old in [0, 1, 255, 256, 511, 599] {
            for path in TilePath.written(from: old, to: 600) {
                guard case .hashes(let level) = path.content else { continue }
                #expect(
                    try log.tile(level: level, index: path.index, width: path.width)?.count
                        == 32 * path.width)
                #expect(
                    TilePath.width(path.content, index: path.index, treeSize: 600) == path.width)
            }
        }
        #expect(TilePath.written(from: 600, to: 600).isEmpty)
    }
}

@Suite struct EntryBundleTests {
    @Test func `entries come back as they were`() throws {
        let entries: [[UInt8]] = [[], [1], Array(repeating: 7, count: 65_535), [2, 3]]
        let bytes = try EntryBundle.encode(entries)
        #expect(bytes.prefix(5) == [0, 0, 0, 1, 1])
        #expect(try EntryBundle.decode(bytes) == entries)
        #expect(try EntryBundle.decode([]) == [])
    }

    @Test func `bundles over a limit or cut short are refused`() throws {
        #expect(throws: EntryBundleError.entryTooLong) {
            try EntryBundle.encode([Array(repeating: 0, count: 65_536)])
        }
        #expect(throws: EntryBundleError.tooManyEntries) {
            try EntryBundle.encode(Array(repeating: [1], count: 257))
        }
        #expect(throws: EntryBundleError.tooManyEntries) {
            try EntryBundle.decode(Array(repeating: 0, count: 2 * 257))
        }
        let bytes = try EntryBundle.encode([[1, 2, 3]])
        for count in 1..<bytes.count {
            #expect(throws: EntryBundleError.truncated) {
                try EntryBundle.decode(Array(bytes.prefix(count)))
            }
        }
    }
}
