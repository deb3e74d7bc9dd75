internal import Crypto
internal import LedgerCore
internal import NodeAPI
internal import SyncCore

/// A device with keys that follow from its name.
struct SimulatedDevice: Sendable {
    let signing: Curve25519.Signing.PrivateKey
    let keys: DeviceKeys
    let account: AccountID

    /// Makes the device `name`, of an account or the first of its own.
    init(_ name: String, account: AccountID? = nil) throws {
        func seed(_ use: String) -> [UInt8] {
            Hash.of(label: "accord/simulated-device/v1\n", Array("\(use)\n\(name)\n".utf8)).bytes
        }
        signing = try .init(rawRepresentation: seed("signing"))
        let wrapping = try Curve25519.KeyAgreement.PrivateKey(rawRepresentation: seed("wrapping"))
        keys = DeviceKeys(
            signing: Array(signing.publicKey.rawRepresentation),
            wrapping: Array(wrapping.publicKey.rawRepresentation))
        self.account = account ?? AccountID(firstDevice: keys.device)
    }

    var id: DeviceID { keys.device }

    /// Signs what a person decides, as the next entry of this device.
    func sign(
        _ body: EntryBody, at cursor: OutboxCursor, about other: AccountID? = nil,
        issuedAt: Timestamp
    ) throws -> Entry {
        try .signed(
            EntryPayload(
                account: other ?? account, audience: World.origin, device: id,
                sequence: cursor.nextSequence, previous: cursor.previous, issuedAt: issuedAt,
                body: body), with: signing)
    }

    /// The headers that sign a request.
    func headers(for call: NodeCall, at time: Timestamp, nonce: String) throws
        -> [(name: String, value: String)]
    {
        let components = SignedComponents(
            method: call.method.rawValue, authority: World.authority, path: call.path,
            query: call.query, bodyDigest: Hash.of(call.body))
        let signature = RequestSignature(
            createdSeconds: time.milliseconds / 1000, nonce: nonce, device: id)
        return signature.headers(
            for: components,
            signature: [UInt8](try signing.signature(for: signature.base(of: components))))
    }
}

/// What every simulation starts with: names, times, studies.
enum World {
    static let origin = "ledger.simulated/main"
    static let authority = "node.simulated"
    /// When virtual time is 0: 1 March 2026.
    static let start = Timestamp(milliseconds: 1_772_323_200_000)
    static let day: Int64 = 86_400_000
    /// By how much the node's clock may be wrong, in milliseconds.
    static let nodeClockError: Int64 = 3_600_000
    static let accountCount = 6
    static let projects = ["open", "scarce", "poor"].compactMap { ProjectID($0) }
    static let reward = RewardID("tea")

    /// `open` takes everybody, `scarce` two people, `poor` can pay once.
    static func terms(of project: ProjectID, sponsor: AccountID) -> ProjectTerms {
        ProjectTerms(
            project: project, programme: .staffPlan, title: LocalizedText(english: project.text),
            why: LocalizedText(english: "To plan kinder shifts."), recipients: [sponsor],
            kinds: [.init(.wearable, isRequired: true), .init(.clinical, isRequired: false)],
            purposes: [.healthResearch], collectionFrom: start.adding(milliseconds: -365 * day),
            collectionUntil: start.adding(milliseconds: 365 * day),
            useUntil: start.adding(milliseconds: 20 * day),
            eraseAt: start.adding(milliseconds: 400 * day), seats: project == projects[1] ? 2 : 0,
            reward: RewardRule(
                perContribution: Points(50), perUse: Points(2), useCap: Points(10),
                memberCap: Points(200), qualityWindowMilliseconds: day / 4))
    }
}
