import ClientStore
import LedgerCore
import NodeAPI
import SyncCore

/// What the member signed and the ledger does not hold, with the signed bytes.
///
/// An import brings back what was refused: it is final, and its receipt is the log's. What waits
/// carries the signature of its own device, so any device of the member can send it, as
/// `WaitingPlan` says.
struct Unrecorded {
    let refused: [KeptRefusal]
    let waiting: [KeptWaiting]

    init(refused: [KeptRefusal], waiting: [KeptWaiting]) {
        self.refused = refused
        self.waiting = waiting
    }

    var document: JSONValue {
        .document([
            "refused": .array(
                refused.map { refusal in
                    .document([
                        "after": .integer(refusal.after), "code": .integer(Int64(refusal.code)),
                        "entry": .string(Unrecorded.text(refusal.entry)),
                        "queued": .integer(refusal.queuedAt.milliseconds),
                        "read": .bool(refusal.isRead),
                        "receipt": .string(Base64.standard.encode(refusal.receipt)),
                        "refused": .integer(refusal.refusedAt.milliseconds),
                    ])
                }), "version": .integer(1),
            "waiting": .array(
                waiting.map { waiting in
                    .document([
                        "entry": .string(Unrecorded.text(waiting.entry)),
                        "queued": .integer(waiting.queuedAt.milliseconds),
                        "state": .string(waiting.state.rawValue),
                    ])
                }),
        ])
    }

    private static func text(_ entry: Entry) -> String {
        String(decoding: entry.bytes, as: UTF8.self)
    }

    /// Reads a document of an account; `nil` for anything else, and for a refusal the log did not
    /// sign.
    init?(_ bytes: [UInt8], of account: AccountID, logKey: VerifierKey) {
        // What it is not, does not matter.
        guard bytes.last == 0x0a, let json = try? JSONValue(canonical: bytes.dropLast()),
            json["version"]?.integer == 1, let refused = json["refused"]?.array,
            let waiting = json["waiting"]?.array
        else { return nil }
        self.init(
            refused: refused.compactMap { Unrecorded.refusal($0, account, logKey) },
            waiting: waiting.compactMap { Unrecorded.waiting($0, account) })
        guard document == json else { return nil }
    }

    private static func entry(_ json: JSONValue, of account: AccountID) -> Entry? {
        guard let entry = json["entry"]?.string.map({ Entry(bytes: Array($0.utf8)) }),
            // What cannot be read is none.
            let payload = try? entry.payload(), payload.account == account
        else { return nil }
        return entry
    }

    private static func time(_ json: JSONValue?) -> Timestamp? {
        json?.integer.flatMap {
            (0...Timestamp.latest.milliseconds).contains($0) ? Timestamp(milliseconds: $0) : nil
        }
    }

    private static func refusal(_ json: JSONValue, _ account: AccountID, _ logKey: VerifierKey)
        -> KeptRefusal?
    {
        guard let entry = entry(json, of: account), let queued = time(json["queued"]),
            let refused = time(json["refused"]), let after = json["after"]?.integer, after >= 0,
            let code = json["code"]?.integer.flatMap({ UInt16(exactly: $0) }),
            case .bool(let isRead)? = json["read"],
            let note = json["receipt"]?.string.flatMap({ Base64.standard.decode($0) }),
            let receipt = RefusalReceipt(verifying: note, logKey: logKey),
            receipt.entry == entry.id, receipt.code == code
        else { return nil }
        return KeptRefusal(
            entry: entry, code: code, receipt: note, queuedAt: queued, refusedAt: refused,
            after: after, isRead: isRead)
    }

    private static func waiting(_ json: JSONValue, _ account: AccountID) -> KeptWaiting? {
        guard let entry = entry(json, of: account), let queued = time(json["queued"]),
            let state = json["state"]?.string.flatMap(EntryState.init(rawValue:))
        else { return nil }
        return KeptWaiting(entry: entry, state: state, queuedAt: queued)
    }
}
