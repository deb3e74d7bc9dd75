internal import Crypto
internal import HTTPTypes
internal import LedgerCore
internal import NodeAPI
internal import NodeSequencer
internal import Synchronization

/// Who signed a request.
struct Requester: Sendable {
    let device: DeviceID
    let account: AccountID
}

/// Checks the signature of requests (`RequestSignature`).
struct RequestAuthenticator: Sendable {
    private let ledger: PublishedLedger
    private let clock: any NodeClock
    private let nonces: NonceCache
    private let door: FrontDoor
    private let lane: NarrowLane

    init(
        ledger: PublishedLedger, clock: any NodeClock, memory: (any NonceMemory)?,
        door: FrontDoor, lane: NarrowLane
    ) {
        self.ledger = ledger
        self.clock = clock
        self.door = door
        self.lane = lane
        nonces = NonceCache(keptSeconds: NodeLimits.nonceSeconds, memory: memory)
    }

    /// Returns who signed a request.
    ///
    /// What costs least is looked at first, the signature last.
    ///
    /// - Throws: a `Problem` of status 401, or `busy` where too many wait whom the node does not
    ///   know.
    func requester(of request: NodeRequest) async throws -> Requester {
        let now = clock.now()
        guard let input = request.headers[.signatureInput],
            let signatureHeader = request.headers[.signature],
            let digest = request.headers[.contentDigest]
        else { throw Problem(.signatureMissing, nodeTime: now) }
        guard let signature = RequestSignature(signatureInput: input),
            let signed = RequestSignature.signature(header: signatureHeader)
        else { throw Problem(.signatureInvalid) }
        let nowSeconds = now.milliseconds / 1000
        let window = NodeLimits.signatureWindowSeconds
        let oldest = max(nowSeconds - window, nonces.knownFromSeconds)
        guard oldest <= nowSeconds + window,
            (oldest...nowSeconds + window).contains(signature.createdSeconds)
        else { throw Problem(.clockSkew, nodeTime: now) }
        guard let device = ledger.device(signature.device) else { throw Problem(.deviceUnknown) }
        let components = SignedComponents(
            method: request.method, authority: request.authority, path: request.path,
            query: request.query, bodyDigest: Hash.of(request.body))
        guard digest == components.contentDigest else {
            throw Problem(.signatureInvalid, detail: "the body has another digest")
        }
        let base = signature.base(of: components)
        guard try await inTurn(request, { device.key.isValidSignature(signed, for: base) }) else {
            if request.standing == .stranger { door.blame(signature.device) }
            throw Problem(.signatureInvalid)
        }
        guard !device.isRevoked else { throw Problem(.deviceRevoked) }
        guard try nonces.insert("\(signature.device.text) \(signature.nonce)", at: nowSeconds)
        else {
            throw Problem(.nonceUsed)
        }
        door.prove(request.source)
        return Requester(device: signature.device, account: device.account)
    }

    /// Checks at once for those who are known, one after the other for everybody else.
    private func inTurn(_ request: NodeRequest, _ check: () -> Bool) async throws -> Bool {
        guard request.standing == .stranger else { return check() }
        guard await lane.enter() else {
            door.count(.verification)
            throw Problem(.busy, retryAfterSeconds: 1)
        }
        defer { lane.leave() }
        return check()
    }
}

/// Remembers nonces for a while, also those an earlier process took.
final class NonceCache: Sendable {
    private struct Content {
        var current = Set<String>()
        var previous = Set<String>()
        var since: Int64?
    }

    /// What was signed before this is not known to be new.
    let knownFromSeconds: Int64
    private let content: Mutex<Content>
    private let keptSeconds: Int64
    private let memory: (any NonceMemory)?

    init(keptSeconds: Int64, memory: (any NonceMemory)? = nil) {
        self.keptSeconds = keptSeconds
        self.memory = memory
        let recalled = memory?.recalled ?? RecalledNonces()
        knownFromSeconds = recalled.knownFromSeconds
        content = Mutex(Content(current: recalled.nonces))
    }

    /// Remembers a nonce for at least `keptSeconds`; `false` if it is known.
    ///
    /// - Throws: if it cannot be remembered over a restart.
    func insert(_ nonce: String, at seconds: Int64) throws -> Bool {
        try content.withLock { content in
            let since = content.since ?? seconds
            content.since = since
            if seconds - since >= keptSeconds {
                let isRecent = seconds - since < 2 * keptSeconds
                try memory?.turn()
                if !isRecent { try memory?.turn() }
                content.previous = isRecent ? content.current : []
                content.current = []
                content.since = seconds
            }
            guard !content.previous.contains(nonce), !content.current.contains(nonce) else {
                return false
            }
            try memory?.remember(nonce)
            content.current.insert(nonce)
            return true
        }
    }
}

extension HTTPField.Name {
    static let forwardedFor = HTTPField.Name("X-Forwarded-For") ?? .authorization
    static let signatureInput = HTTPField.Name("Signature-Input") ?? .authorization
    static let signature = HTTPField.Name("Signature") ?? .authorization
    static let contentDigest = HTTPField.Name("Content-Digest") ?? .authorization
}
