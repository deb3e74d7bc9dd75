import HealthRecords
import LedgerCore
import NodeAPI
import Testing

@testable import ClientRuntime

/// What one device hands over to another.
struct HandedKeysTests {
    private static func keys(policy: WitnessPolicy?, items: Int, wards: Int = 0) throws
        -> HandedKeys
    {
        let key = try #require(DataKey(bytes: Hash.of([7]).bytes))
        let born = try #require(BirthMonth("2015-03"))
        return HandedKeys(
            storage: Hash.of([1]).bytes, policy: policy,
            wards: try (0..<wards).map { number in
                let keys = try VaultKeys(random: RandomSource(seed: UInt64(number + 1)))
                return HandedWard(
                    file: WardFile(
                        account: AccountID(firstDevice: keys.device), name: "Lily \(number) 莉莉",
                        born: born, devices: [keys.device: keys.device]), secrets: keys.secrets)
            },
            items: (0..<items).map { number in
                HandedKeys.Item(
                    owner: UInt8(wards == 0 ? 0 : number % (wards + 1)),
                    record: Hash.of([2, UInt8(number % 256)]), contribution: Hash.of([3]),
                    key: key, sizeBytes: Int64(number) << 10)
            })
    }

    @Test func `keys and the longest policy fit into one message and are read as they were`()
        throws
    {
        let end = "\nquorum none\n"
        let note = String(repeating: "x", count: WitnessPolicy.byteLimit - end.utf8.count - 1)
        let longest = try WitnessPolicy(parsing: Array("#\(note)\(end)".utf8))
        #expect(longest.bytes.count == WitnessPolicy.byteLimit)
        for (policy, wards) in [(nil, 0), (longest, 0), (longest, 24)] {
            let handed = try Self.keys(policy: policy, items: HandedKeys.limit, wards: wards)
            #expect(HandedWard.bytes(handed.wards).count <= HandedKeys.wardBytes)
            // What seals it: an encapsulated key, two tags, a nonce.
            #expect(
                handed.bytes.count + 32 + 16 + 28 <= PairingLimits.messageBytes(.handover))
            #expect(HandedKeys(handed.bytes) == handed)
        }
    }

    @Test func `a key of a ward that was not handed over is refused, and so is half a ward`() throws
    {
        let handed = try Self.keys(policy: nil, items: 3, wards: 2)
        #expect(HandedKeys(handed.bytes) == handed)
        var bytes = handed.bytes
        let owner = bytes.count - 105
        #expect(bytes[owner] == 2)
        bytes[owner] = 3
        #expect(HandedKeys(bytes) == nil)
        let wards = HandedWard.bytes(handed.wards)
        #expect(HandedWard.list(wards) == handed.wards)
        for count in 0..<wards.count { #expect(HandedWard.list(Array(wards.prefix(count))) == nil) }
        let request = PairingRequest(
            keys: try VaultKeys(random: RandomSource(seed: 9)).publicKeys,
            wards: handed.wards.map(\.file.account))
        #expect(try PairingRequest(request.bytes) == request)
        #expect(throws: (any Error).self) { try PairingRequest(Array(request.bytes.dropLast())) }
    }

    @Test func `what is cut off, or has no policy where one is announced, is refused`() throws {
        let policy = try WitnessPolicy(parsing: Array("quorum none\n".utf8))
        let bytes = try Self.keys(policy: policy, items: 1).bytes
        // Only the item as a whole can be missing: how many there are is not announced.
        let whole = 40 + policy.bytes.count
        for count in 0..<bytes.count where count != whole {
            #expect(HandedKeys(Array(bytes.prefix(count))) == nil)
        }
        var broken = bytes
        broken[36] = UInt8(ascii: "x")
        #expect(HandedKeys(broken) == nil)
    }
}
