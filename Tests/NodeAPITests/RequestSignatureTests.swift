import Crypto
import LedgerCore
import NodeAPI
import Testing

struct RequestSignatureTests {
    private let key = Curve25519.Signing.PrivateKey()
    private var device: DeviceID {
        DeviceID(publicKey: [UInt8](key.publicKey.rawRepresentation))
    }

    private var signature: RequestSignature {
        RequestSignature(
            createdSeconds: 1_767_225_600, nonce: "0123456789abcdef", device: device)
    }

    private let components = SignedComponents(
        method: "GET", authority: "Node.Example:8443", path: "/v1/accounts/me/entries",
        query: "after=0", bodyDigest: Hash.of([]))

    @Test func `the signature base is the one of RFC 9421`() {
        let digest = "sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:"
        let expected = """
            "@method": GET
            "@authority": node.example:8443
            "@path": /v1/accounts/me/entries
            "@query": ?after=0
            "content-digest": \(digest)
            "@signature-params": ("@method" "@authority" "@path" "@query" "content-digest")\
            ;created=1767225600;nonce="0123456789abcdef";keyid="\(device.text)";tag="accord"
            """
        #expect(String(decoding: signature.base(of: components), as: UTF8.self) == expected)
    }

    @Test func `headers read back to what was signed`() throws {
        let bytes = [UInt8](try key.signature(for: signature.base(of: components)))
        let headers = Dictionary(
            uniqueKeysWithValues: signature.headers(for: components, signature: bytes)
                .map { ($0.name, $0.value) })
        #expect(RequestSignature(signatureInput: headers["Signature-Input"] ?? "") == signature)
        #expect(RequestSignature.signature(header: headers["Signature"] ?? "") == bytes)
        #expect(headers["Content-Digest"] == components.contentDigest)
    }

    @Test(arguments: ["created=01767225600", "nonce=\"short\"", "tag=\"other\"", "alg=\"none\""])
    func `an input header spelled otherwise is refused`(change: String) {
        let name = change.prefix { $0 != "=" }
        let parts = signature.parameters.split(separator: ";").map { part in
            part.hasPrefix(name) ? change : String(part)
        }
        var text = "accord=" + parts.joined(separator: ";")
        if !signature.parameters.contains(";\(name)=") { text += ";" + change }
        #expect(RequestSignature(signatureInput: text) == nil)
    }
}
