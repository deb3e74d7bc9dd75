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
    private let nonces = NonceCache(keptSeconds: NodeLimits.nonceSeconds)

    init(ledger: PublishedLedger, clock: any NodeClock) {
        self.ledger = ledger
        self.clock = clock
    }

    /// Returns who signed a request.
    ///
    /// - Throws: a `Problem` of status 401.
    func requester(of request: NodeRequest) throws -> Requester {
        let now = clock.now()
        guard let input = request.headers[.signatureInput],
            let signatureHeader = request.headers[.signature],
            let digest = request.headers[.contentDigest]
        else { throw Problem(.signatureMissing, nodeTime: now) }
        guard let signature = RequestSignature(signatureInput: input),
            let signed = RequestSignature.signature(header: signatureHeader)
        else { throw Problem(.signatureInvalid) }
        let components = SignedComponents(
            method: request.method, authority: request.authority, path: request.path,
            query: request.query, bodyDigest: Hash.of(request.body))
        guard digest == components.contentDigest else {
            throw Problem(.signatureInvalid, detail: "the body has another digest")
        }
        let nowSeconds = now.milliseconds / 1000
        let window = NodeLimits.signatureWindowSeconds
        guard (nowSeconds - window...nowSeconds + window).contains(signature.createdSeconds) else {
            throw Problem(.clockSkew, nodeTime: now)
        }
        guard let device = ledger.device(signature.device) else { throw Problem(.deviceUnknown) }
        guard device.key.isValidSignature(signed, for: signature.base(of: components)) else {
            throw Problem(.signatureInvalid)
        }
        guard !device.isRevoked else { throw Problem(.deviceRevoked) }
        guard nonces.insert("\(signature.device.text) \(signature.nonce)", at: nowSeconds) else {
            throw Problem(.nonceUsed)
        }
        return Requester(device: signature.device, account: device.account)
    }
}

/// Remembers nonces for a while.
final class NonceCache: Sendable {
    private struct Content {
        var current = Set<String>()
        var previous = Set<String>()
        var since: Int64 = 0
    }

    private let content = Mutex(Content())
    private let keptSeconds: Int64

    init(keptSeconds: Int64) {
        self.keptSeconds = keptSeconds
    }

    /// Remembers a nonce for at least `keptSeconds`; `false` if it is known.
    func insert(_ nonce: String, at seconds: Int64) -> Bool {
        content.withLock { content in
            if seconds - content.since >= keptSeconds {
                let isRecent = seconds - content.since < 2 * keptSeconds
                content.previous = isRecent ? content.current : []
                content.current = []
                content.since = seconds
            }
            guard !content.previous.contains(nonce) else { return false }
            return content.current.insert(nonce).inserted
        }
    }
}

extension HTTPField.Name {
    static let signatureInput = HTTPField.Name("Signature-Input") ?? .authorization
    static let signature = HTTPField.Name("Signature") ?? .authorization
    static let contentDigest = HTTPField.Name("Content-Digest") ?? .authorization
}
