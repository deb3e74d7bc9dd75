package import LedgerCore

/// The parts of a request that its signature covers.
package struct SignedComponents: Equatable, Sendable {
    /// The method, upper case.
    package let method: String
    /// Host and port as in the `Host` header, lower case; no port where it is the default one.
    package let authority: String
    /// The path, starting with a slash.
    package let path: String
    /// The query without the question mark; empty where there is none.
    package let query: String
    /// The SHA-256 of the body; that of no bytes where there is no body.
    package let bodyDigest: Hash

    /// Names the parts.
    package init(method: String, authority: String, path: String, query: String, bodyDigest: Hash) {
        self.method = method
        self.authority = authority.lowercased()
        self.path = path
        self.query = query
        self.bodyDigest = bodyDigest
    }

    /// The parts of `call` when it is sent to `authority`.
    package init(_ call: NodeCall, authority: String) {
        self.init(
            method: call.method.rawValue, authority: authority, path: call.path,
            query: call.query, bodyDigest: Hash.of(call.body))
    }

    /// The value of the `Content-Digest` header (RFC 9530).
    package var contentDigest: String {
        "sha-256=:\(Base64.standard.encode(bodyDigest.bytes)):"
    }
}

/// How a request is signed: one fixed profile of RFC 9421.
///
/// Always these components, in this order, and these parameters:
///
///     Signature-Input: accord=("@method" "@authority" "@path" "@query" "content-digest")
///         ;created=1767225600;nonce="…";keyid="…";tag="accord"
///     Signature: accord=:base64 of an Ed25519 signature:
package struct RequestSignature: Equatable, Sendable {
    /// When it was signed, in seconds since 1970.
    package let createdSeconds: Int64
    /// 16 to 64 characters of base64url, never used twice by a device.
    package let nonce: String
    /// The device whose key signs.
    package let device: DeviceID

    /// Names the parameters.
    ///
    /// - Precondition: `isNonce(nonce)`.
    package init(createdSeconds: Int64, nonce: String, device: DeviceID) {
        precondition(RequestSignature.isNonce(nonce), "a nonce is 16 to 64 base64url characters")
        self.createdSeconds = createdSeconds
        self.nonce = nonce
        self.device = device
    }

    /// Whether a text can be a nonce.
    package static func isNonce(_ text: String) -> Bool {
        (16...64).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                switch byte {
                case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, 0x2d, 0x5f: true
                default: false
                }
            }
    }

    /// The value of `@signature-params`.
    package var parameters: String {
        "(\"@method\" \"@authority\" \"@path\" \"@query\" \"content-digest\")"
            + ";created=\(createdSeconds);nonce=\"\(nonce)\";keyid=\"\(device.text)\""
            + ";tag=\"accord\""
    }

    /// The bytes the device signs: the signature base (RFC 9421 §2.5).
    package func base(of components: SignedComponents) -> [UInt8] {
        var text = "\"@method\": \(components.method)\n"
        text += "\"@authority\": \(components.authority)\n"
        text += "\"@path\": \(components.path)\n"
        text += "\"@query\": ?\(components.query)\n"
        text += "\"content-digest\": \(components.contentDigest)\n"
        text += "\"@signature-params\": \(parameters)"
        return Array(text.utf8)
    }

    /// The headers of a signed request: `Content-Digest`, `Signature-Input`, `Signature`.
    ///
    /// The signature is the device's Ed25519 signature over `base(of:)`, 64 bytes.
    package func headers(for components: SignedComponents, signature: [UInt8])
        -> [(name: String, value: String)]
    {
        [
            ("Content-Digest", components.contentDigest),
            ("Signature-Input", "accord=\(parameters)"),
            ("Signature", "accord=:\(Base64.standard.encode(signature)):"),
        ]
    }

    /// Reads a `Signature-Input` header; `nil` unless it is spelled exactly as `headers` does.
    package init?(signatureInput: String) {
        // What stands around the values is compared with all else below.
        let parts = signatureInput.utf8.split(separator: UInt8(ascii: ";"))
        guard parts.count == 5,
            let created = Int64(Substring(parts[1].dropFirst("created=".utf8.count)))
        else { return nil }
        let nonce = RequestSignature.quoted(parts[2], "nonce")
        guard RequestSignature.isNonce(nonce),
            let device = DeviceID(RequestSignature.quoted(parts[3], "keyid"))
        else { return nil }
        self.init(createdSeconds: created, nonce: nonce, device: device)
        guard signatureInput == "accord=\(parameters)" else { return nil }
    }

    /// What stands between the quotes of a parameter.
    private static func quoted(_ parameter: Substring.UTF8View, _ name: String) -> String {
        String(Substring(parameter.dropFirst(name.utf8.count + 2).dropLast()))
    }

    /// Reads a `Signature` header; `nil` unless it is one signature of 64 bytes.
    package static func signature(header: String) -> [UInt8]? {
        guard header.hasPrefix("accord=:"), header.hasSuffix(":"), header.utf8.count > 9,
            let bytes = Base64.standard.decode(String(header.dropFirst(8).dropLast())),
            bytes.count == 64
        else { return nil }
        return bytes
    }
}
