import Crypto
import LedgerCore
import SyncCore
import ClientStore

/// What an import does with entries that waited where the export was written.
package enum WaitingChoice: Equatable, Sendable {
    /// What stops the use of data is carried out; all else is only named.
    case stopsOnly
    /// Everything is sent from here, as it was signed.
    case everything
}

/// What becomes of each entry that waited on another device.
///
/// The node takes the entries of a device in their order and asks only who signed them, so they can
/// be sent from anywhere: what the first device sends too is the same entry, and what it signed
/// instead has taken the number, so that this one is refused. But its owner may have taken one back
/// there since, so nothing that opens data is sent unasked. What stops the use of data is not asked
/// about; where an entry before it stays out, or its device may sign no more, it is decided anew
/// with this device. So is what this device signed itself and an older store forgot: its number may
/// have been used again.
struct WaitingPlan {
    /// Sent from here, the same bytes.
    private(set) var asSigned: [KeptWaiting] = []
    /// Decided anew by this device.
    private(set) var anew: [KeptWaiting] = []
    /// Only named.
    private(set) var left: [KeptWaiting] = []

    /// Plans.
    ///
    /// - Parameters:
    ///   - waiting: What waits and is not known here, in order for each device.
    ///   - choice: What the person wants.
    ///   - own: This device; what it signed and does not know any more was taken back here, or
    ///     forgotten by a store that was restored, which nobody can tell apart.
    ///   - devices: The devices that may sign, with their keys.
    ///   - origin: The log.
    ///   - isOvertaken: Whether a wish to stop has nothing left to stop.
    ///   - isNumberTaken: Whether its device used its number otherwise.
    /// - Throws: What reading an entry, and the questions, throw.
    init(
        _ waiting: [KeptWaiting], _ choice: WaitingChoice, own: DeviceID,
        devices: [DeviceID: DeviceKeys], origin: String,
        isOvertaken: (EntryPayload) throws -> Bool,
        isNumberTaken: (EntryPayload, Hash) throws -> Bool
    ) throws {
        var broken: Set<DeviceID> = []
        for entry in waiting {
            let payload = try entry.entry.payload()
            let stops = try payload.body.kind.onlyStopsUse && !isOvertaken(payload)
            let isSendable =
                try !broken.contains(payload.device) && payload.device != own
                && entry.state != .disputed && !isNumberTaken(payload, entry.entry.id)
                && WaitingPlan.isSigned(entry.entry, by: devices[payload.device], origin)
            if isSendable, stops || choice == .everything {
                asSigned.append(entry)
                continue
            }
            broken.insert(payload.device)
            if stops { anew.append(entry) } else { left.append(entry) }
        }
    }

    /// The projects that some of these grant the use of data to.
    static func grantedProjects(_ entries: [KeptWaiting]) throws -> Set<ProjectID> {
        Set(
            try entries.compactMap { waiting in
                let body = try waiting.entry.payload().body
                return body.kind == .authorizationGranted ? body.project : nil
            })
    }

    private static func isSigned(_ entry: Entry, by device: DeviceKeys?, _ origin: String) -> Bool {
        // A key that cannot be read signs nothing; which defect it is does not matter.
        guard let device,
            let key = try? Curve25519.Signing.PublicKey(rawRepresentation: device.signing),
            let verified = try? EntryVerifier.verify(entry, origin: origin, key: { _ in key })
        else { return false }
        return verified.payload.device == device.device
    }
}

/// Uploads that were not finished where the export was written: what the node needs of them.
struct UnfinishedUploads {
    /// An upload, and the data key it is sealed with, sealed under the storage key.
    struct Item: Equatable {
        var upload: KeptUpload
        let key: [UInt8]?
    }

    let items: [Item]

    init(_ items: [Item]) { self.items = items }

    var document: JSONValue {
        .document([
            "uploads": .array(
                items.map { item in
                    let upload = item.upload
                    return .document([
                        "contribution": .string(upload.contribution.hex),
                        "has_sent_bytes": .bool(upload.hasSentBytes),
                        "key": item.key.map { .string(Base64.standard.encode($0)) },
                        "queued": .integer(upload.queuedAt.milliseconds),
                        "record": upload.record.map { .integer($0) },
                        "sealed": .string(upload.sealed.hex),
                        "size": .integer(upload.sizeBytes),
                        "wraps": upload.wraps.map { .string(Base64.standard.encode($0)) },
                    ])
                }), "version": .integer(1),
        ])
    }

    /// Reads a document; `nil` for anything else.
    init?(_ bytes: [UInt8]) {
        // What it is not, does not matter.
        guard bytes.last == 0x0a, let json = try? JSONValue(canonical: bytes.dropLast()),
            json["version"]?.integer == 1, let uploads = json["uploads"]?.array
        else { return nil }
        items = uploads.compactMap(UnfinishedUploads.item)
        guard document == json else { return nil }
    }

    private static func item(_ json: JSONValue) -> Item? {
        guard let contribution = json["contribution"]?.string.flatMap({ Hash(hex: $0) }),
            let sealed = json["sealed"]?.string.flatMap({ Hash(hex: $0) }),
            let queued = json["queued"]?.integer,
            (0...Timestamp.latest.milliseconds).contains(queued),
            let size = json["size"]?.integer, size >= 0,
            case .bool(let hasSentBytes)? = json["has_sent_bytes"]
        else { return nil }
        let upload = KeptUpload(
            sealed: sealed, contribution: contribution, record: json["record"]?.integer,
            sizeBytes: size, hasSentBytes: hasSentBytes,
            wraps: json["wraps"]?.string.flatMap { Base64.standard.decode($0) },
            queuedAt: Timestamp(milliseconds: queued))
        return Item(
            upload: upload, key: json["key"]?.string.flatMap { Base64.standard.decode($0) })
    }
}
