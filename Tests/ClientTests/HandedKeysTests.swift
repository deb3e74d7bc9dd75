import HealthRecords
import LedgerCore
import NodeAPI
import Testing

@testable import ClientRuntime

/// What one device hands over to another.
struct HandedKeysTests {
    private static func keys(policy: WitnessPolicy?, items: Int) throws -> HandedKeys {
        let key = try #require(DataKey(bytes: Hash.of([7]).bytes))
        return HandedKeys(
            storage: Hash.of([1]).bytes, policy: policy,
            items: (0..<items).map { number in
                HandedKeys.Item(
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
        for policy in [nil, longest] {
            let handed = try Self.keys(policy: policy, items: HandedKeys.limit)
            // What seals it: an encapsulated key, two tags, a nonce.
            #expect(
                handed.bytes.count + 32 + 16 + 28 <= PairingLimits.messageBytes(.handover))
            #expect(HandedKeys(handed.bytes) == handed)
        }
    }

    @Test func `what is cut off, or has no policy where one is announced, is refused`() throws {
        let policy = try WitnessPolicy(parsing: Array("quorum none\n".utf8))
        let bytes = try Self.keys(policy: policy, items: 1).bytes
        // Only the item as a whole can be missing: how many there are is not announced.
        let whole = 36 + policy.bytes.count
        for count in 0..<bytes.count where count != whole {
            #expect(HandedKeys(Array(bytes.prefix(count))) == nil)
        }
        var broken = bytes
        broken[36] = UInt8(ascii: "x")
        #expect(HandedKeys(broken) == nil)
    }
}
