import ClientStore
import Foundation
import HealthRecords
import LedgerCore
import NodeAPI

/// What a new device gets from one that was there before: the storage key, and the data keys of what
/// was contributed, so that it can wrap them for a later grant.
///
/// Bytes: the storage key (32), then for each contribution the content address (32), the entry (32),
/// the data key (32) and the length of the ciphertext (8, big endian).
struct HandedKeys: Equatable {
    struct Item: Equatable {
        let record: Hash
        let contribution: Hash
        let key: DataKey
        let sizeBytes: Int64
    }

    /// The 32 bytes of the storage key.
    let storage: [UInt8]
    let items: [Item]

    private static let itemBytes = 32 + 32 + 32 + 8
    /// The most contributions that fit into one message, with room for what seals it.
    static let limit = (PairingLimits.messageBytes(.handover) - 256) / itemBytes

    init(storage: [UInt8], items: [Item]) {
        self.storage = storage
        self.items = items
    }

    /// Reads what `bytes` gives; `nil` for anything else.
    init?(_ bytes: [UInt8]) {
        guard bytes.count >= 32, (bytes.count - 32).isMultiple(of: HandedKeys.itemBytes) else {
            return nil
        }
        storage = Array(bytes.prefix(32))
        var items: [Item] = []
        for start in stride(from: 32, to: bytes.count, by: HandedKeys.itemBytes) {
            let size = bytes[(start + 96)..<(start + 104)].reduce(UInt64(0)) {
                $0 << 8 | UInt64($1)
            }
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
        items.reduce(into: storage) { bytes, item in
            bytes += item.record.bytes + item.contribution.bytes + item.key.bytes
            let size = UInt64(item.sizeBytes)
            for shift in stride(from: 56, through: 0, by: -8) {
                bytes.append(UInt8(truncatingIfNeeded: size >> UInt64(shift)))
            }
        }
    }
}
