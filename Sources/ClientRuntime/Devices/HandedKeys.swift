import ClientStore
import Foundation
import HealthRecords
import LedgerCore
import NodeAPI

/// What a new device gets from one that was there before: the storage key, whose cosignatures to ask
/// for, the minors in the person's care, and the data keys of what was contributed, so that it can
/// wrap them for a later grant.
///
/// Bytes: the storage key (32), the length of the policy of witnesses (4, big endian; 0 for none) and
/// the policy, the length of the wards (4, big endian; 0 for none) and the wards, then for each
/// contribution whose it is (1: 0 for the person, 1 for the first ward), the content address (32), the
/// entry (32), the data key (32) and the length of the ciphertext (8, big endian).
struct HandedKeys: Equatable {
    struct Item: Equatable {
        /// 0 for the person, otherwise the number of the ward, from 1.
        var owner: UInt8 = 0
        let record: Hash
        let contribution: Hash
        let key: DataKey
        let sizeBytes: Int64
    }

    /// The 32 bytes of the storage key.
    let storage: [UInt8]
    /// Whose cosignatures the device that hands over asks for; `nil` for nobody's.
    let policy: WitnessPolicy?
    let wards: [HandedWard]
    let items: [Item]

    private static let headBytes = 32 + 4 + 4
    private static let itemBytes = 1 + 32 + 32 + 32 + 8
    /// The most bytes of wards: dozens of them.
    static let wardBytes = 16_384
    /// The most contributions that fit into one message, with room for what seals it.
    static let limit =
        (PairingLimits.messageBytes(.handover) - 256 - headBytes - WitnessPolicy.byteLimit
            - wardBytes) / itemBytes

    init(storage: [UInt8], policy: WitnessPolicy?, wards: [HandedWard] = [], items: [Item]) {
        self.storage = storage
        self.policy = policy
        self.wards = wards
        self.items = items
    }

    /// Reads what `bytes` gives; `nil` for anything else.
    init?(_ bytes: [UInt8]) {
        var rest = bytes[...]
        guard let storage = HandedKeys.take(32, of: &rest),
            let stated = HandedKeys.takeCounted(of: &rest),
            let wards = HandedKeys.takeCounted(of: &rest),
            rest.count.isMultiple(of: HandedKeys.itemBytes)
        else { return nil }
        self.storage = storage
        do throws(WitnessPolicyError) {
            policy = stated.isEmpty ? nil : try WitnessPolicy(parsing: stated)
        } catch {
            return nil
        }
        guard let read = wards.isEmpty ? [] : HandedWard.list(wards) else { return nil }
        self.wards = read
        var items: [Item] = []
        while let bytes = HandedKeys.take(HandedKeys.itemBytes, of: &rest) {
            let size = HandedKeys.number(bytes[97...])
            guard Int(bytes[0]) <= read.count,
                let record = Hash(bytes: Array(bytes[1..<33])),
                let contribution = Hash(bytes: Array(bytes[33..<65])),
                let key = DataKey(bytes: Array(bytes[65..<97])),
                size <= UInt64(NodeLimits.recordBytes)
            else { return nil }
            items.append(
                Item(
                    owner: bytes[0], record: record, contribution: contribution, key: key,
                    sizeBytes: Int64(size)))
        }
        self.items = items
    }

    private static func take(_ count: Int, of rest: inout ArraySlice<UInt8>) -> [UInt8]? {
        guard rest.count >= count else { return nil }
        defer { rest = rest.dropFirst(count) }
        return Array(rest.prefix(count))
    }

    private static func takeCounted(of rest: inout ArraySlice<UInt8>) -> [UInt8]? {
        guard let length = take(4, of: &rest).map({ Int(number($0[...])) }) else { return nil }
        return take(length, of: &rest)
    }

    var bytes: [UInt8] {
        let stated = policy?.bytes ?? []
        let known = wards.isEmpty ? [] : HandedWard.bytes(wards)
        let head =
            storage + HandedKeys.bytes(of: UInt64(stated.count), count: 4) + stated
            + HandedKeys.bytes(of: UInt64(known.count), count: 4) + known
        return items.reduce(into: head) { bytes, item in
            bytes.append(item.owner)
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

/// A minor whom the new device may act for: what is kept of them, and keys of its own for it.
struct HandedWard: Equatable {
    let file: WardFile
    /// The secrets of the new device for the ward, as `VaultKeys` has them; `noSecrets` for a device
    /// that goes on with its own.
    let secrets: [UInt8]

    private var json: JSONValue {
        .sorted([
            .init("secrets", .string(Base64.url.encode(secrets))), .init("ward", file.json),
        ])
    }

    static func bytes(_ wards: [HandedWard]) -> [UInt8] {
        JSONValue.array(wards.map(\.json)).canonicalBytes
    }

    /// Reads a list; `nil` for anything else.
    static func list(_ bytes: [UInt8]) -> [HandedWard]? {
        // What it is not, does not matter.
        guard let list = try? JSONValue(canonical: bytes).array else { return nil }
        let wards = list.compactMap { item -> HandedWard? in
            guard let file = item["ward"].flatMap(WardFile.init(json:)),
                let secrets = item["secrets"]?.string.flatMap({ Base64.url.decode($0) }),
                secrets.count == 96
            else { return nil }
            return HandedWard(file: file, secrets: secrets)
        }
        return wards.count == list.count && HandedWard.bytes(wards) == bytes ? wards : nil
    }
}

/// What a new device sends to the one that adds it: its public keys, and the minors it acts for
/// already, where it is not new.
struct PairingRequest: Equatable {
    let keys: DeviceKeys
    let wards: [AccountID]

    init(keys: DeviceKeys, wards: [AccountID]) {
        self.keys = keys
        self.wards = wards
    }

    var bytes: [UInt8] {
        JSONValue.sorted([
            .init("device", EntryBody.deviceAdded(keys).json),
            .init("wards", .array(wards.map { .string($0.text) })),
        ]).canonicalBytes
    }

    /// Reads a request.
    ///
    /// - Throws: `VaultError.damaged`, and what reading JSON and keys throws.
    init(_ bytes: [UInt8]) throws {
        let json = try JSONValue(canonical: bytes)
        guard let device = json["device"], let wards = json["wards"]?.array,
            case .deviceAdded(let keys) = try EntryBody(
                kind: EntryKind.deviceAdded.rawValue, json: device)
        else { throw VaultError.damaged }
        self.init(keys: keys, wards: wards.compactMap { $0.string.flatMap { AccountID($0) } })
    }
}
