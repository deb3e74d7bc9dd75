import LedgerCore
import Testing

struct HashTests {
    @Test(arguments: [0, 8, 16, 24])
    func `hashes are ordered by their bytes`(commonBytes: Int) throws {
        let zeros = [UInt8](repeating: 0, count: commonBytes)
        let hashes = try (0..<100).map { number in
            let other = Hash.of([UInt8(number)]).bytes.dropFirst(commonBytes)
            return try #require(Hash(bytes: zeros + other))
        }
        let expected = hashes.sorted { $0.bytes.lexicographicallyPrecedes($1.bytes) }
        #expect(hashes.sorted() == expected)
        #expect(hashes.allSatisfy { !($0 < $0) })
    }

    @Test func `a hash is 64 lower-case hexadecimal digits and nothing else`() {
        let hash = Hash.of([1])
        #expect(Hash(hex: hash.hex) == hash)
        #expect(hash.hex.count == 64)
        for wrong in [
            "", String(hash.hex.dropLast()), String(hash.hex.dropLast(2)), hash.hex + "0",
            hash.hex + "00", hash.hex.uppercased(), "g" + hash.hex.dropFirst(),
            hash.hex.dropLast() + "é",
        ] {
            #expect(Hash(hex: wrong) == nil, "\(wrong)")
        }
    }
}
