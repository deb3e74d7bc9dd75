import ClientStore
import Foundation
import HealthRecords
import LedgerCore
import NodeAPI

/// What a new device gets from one that was there before: the storage key, whose cosignatures to ask
/// for, and the data keys of what was contributed, so that it can wrap them for a later grant.
///
/// Bytes: the storage key (32), the length of the policy of witnesses (4, big endian; 0 for none) and
/// the policy, then for each contribution the content address (32), the entry (32), the data key (32)
/// and the length of the ciphertext (8, big endian).
struct HandedKeys: Equatable {
    struct Item: Equatable {
        let record: Hash
        let contribution: Hash
        let key: DataKey
        let sizeBytes: Int64
    }

    /// The 32 bytes of the storage key.
    let storage: [UInt8]
    /// Whose cosignatures the device that hands over asks for; `nil` for nobody's.
    let policy: WitnessPolicy?
    let items: [Item]

    private static let headBytes = 32 + 4
    private static let itemBytes = 32 + 32 + 32 + 8
    /// The most contributions that fit into one message, with room for what seals it.
    static let limit =
        (PairingLimits.messageBytes(.handover) - 256 - headBytes - WitnessPolicy.byteLimit)
        / itemBytes

    init(storage: [UInt8], policy: WitnessPolicy?, items: [Item]) {
        self.storage = storage
        self.policy = policy
        self.items = items
    }

    /// Reads what `bytes` gives; `nil` for anything else.
    init?(_ bytes: [UInt8]) {
        let head = HandedKeys.headBytes
        guard bytes.count >= head else { return nil }
        let length = Int(HandedKeys.number(bytes[32..<head]))
        guard length <= bytes.count - head,
            (bytes.count - head - length).isMultiple(of: HandedKeys.itemBytes)
        else { return nil }
        storage = Array(bytes.prefix(32))
        do throws(WitnessPolicyError) {
            policy =
                length == 0
                ? nil : try WitnessPolicy(parsing: Array(bytes[head..<(head + length)]))
        } catch {
            return nil
        }
        var items: [Item] = []
        for start in stride(from: head + length, to: bytes.count, by: HandedKeys.itemBytes) {
            let size = HandedKeys.number(bytes[(start + 96)..<(start + 104)])
            guard let record = Hash(bytes: Array(bytes[start..<(start + 32)])),
                let contribution = Hash(bytes: Array(bytes[(start + 32)..<(start + 64)])),
                let key = DataKey(bytes: Array(bytes[(start + 64)..<(start + 96)])),
                size <= UInt64(NodeLimits.recordBytes)
            else { return nil }
            items.append(
                Item(record: record, contribution: contribution, key: key, sizeBytes: Int64(size)))
        }
        self.items = items
    }

    var bytes: [UInt8] {
        let stated = policy?.bytes ?? []
        let head = storage + HandedKeys.bytes(of: UInt64(stated.count), count: 4) + stated
        return items.reduce(into: head) { bytes, item in
            bytes += item.record.bytes + item.contribution.bytes + item.key.bytes
            bytes += HandedKeys.bytes(of: UInt64(item.sizeBytes), count: 8)
        }
    }

    private static func number(_ bytes: ArraySlice<UInt8>) -> UInt64 {
        bytes.reduce(0) { $0 << 8 | UInt64($1) }
    }

    private static func bytes(of number: UInt64, count: Int) -> [UInt8] {
        (0..<count).reversed().map { UInt8(truncatingIfNeeded: number >> UInt64(8 * $0)) }
    }
}
