internal import Crypto
internal import FoundationEssentials

/// Why a verifier key is refused.
package enum VerifierKeyError: Error, Hashable, Sendable {
    /// The text is not `name+hex+base64`, each part spelled as the specification says.
    case malformed
    /// The name is empty or holds a space, a plus sign or a control character.
    case nameInvalid
    /// The key is of another type than Ed25519 or cosignature/v1.
    case algorithmUnsupported
    /// The public key is not 32 bytes.
    case keyLengthWrong
    /// The key id in the text is not the one of this name and key.
    case keyIDMismatch
}

/// What a key signs: the type byte of C2SP signed-note.
package enum NoteAlgorithm: UInt8, Hashable, Sendable {
    /// Ed25519 over the text of a note.
    case ed25519 = 0x01
    /// Ed25519 over a time and a checkpoint: tlog-cosignature v1.
    case cosignature = 0x04
}

/// The public key of a log or witness, with its name: C2SP signed-note.
package struct VerifierKey: Hashable, Sendable {
    /// The name in signature lines; the origin for a log's key.
    package let name: String

    /// What the key signs.
    package let algorithm: NoteAlgorithm

    /// The Ed25519 public key, 32 bytes.
    package let publicKey: [UInt8]

    /// The first four bytes of SHA-256(name ‖ newline ‖ type ‖ public key), big-endian.
    package let keyID: UInt32

    /// Names a public key.
    ///
    /// - Throws: `nameInvalid`, `keyLengthWrong`.
    package init(name: String, algorithm: NoteAlgorithm, publicKey: [UInt8])
        throws(VerifierKeyError)
    {
        guard VerifierKey.isName(name) else { throw .nameInvalid }
        guard publicKey.count == 32 else { throw .keyLengthWrong }
        self.name = name
        self.algorithm = algorithm
        self.publicKey = publicKey
        let hash = Hash.of(Array(name.utf8) + [NoteText.newline, algorithm.rawValue] + publicKey)
        keyID = UInt32(bigEndianBytes: hash.bytes[..<4])
    }

    /// Reads the text form, `name+hex key id+base64(type ‖ public key)`.
    ///
    /// - Throws: any `VerifierKeyError`.
    package init(parsing text: String) throws(VerifierKeyError) {
        let parts = Array(text.utf8).split(
            separator: 0x2b, maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, let name = NoteText.string(parts[0]),
            let keyIDText = NoteText.string(parts[1]), let keyID = Hex.decode(keyIDText),
            keyID.count == 4, let material = Base64.standard.decode(parts[2]),
            let type = material.first
        else { throw .malformed }
        guard let algorithm = NoteAlgorithm(rawValue: type) else { throw .algorithmUnsupported }
        try self.init(name: name, algorithm: algorithm, publicKey: Array(material.dropFirst()))
        guard self.keyID == UInt32(bigEndianBytes: keyID[...]) else { throw .keyIDMismatch }
    }

    /// The text form, which `init(parsing:)` reads.
    package var text: String {
        let material = Base64.standard.encode([algorithm.rawValue] + publicKey)
        return "\(name)+\(Hex.encode(keyID.bigEndianBytes))+\(material)"
    }

    /// Whether `signature` is this key's Ed25519 signature (64 bytes) over exactly `message`.
    package func isValid(signature: [UInt8], over message: [UInt8]) -> Bool {
        // The initialiser fails only for keys that are not 32 bytes, which do not get here.
        guard signature.count == 64,
            let key = try? Curve25519.Signing.PublicKey(rawRepresentation: publicKey)
        else { return false }
        return key.isValidSignature(signature, for: message)
    }

    /// Whether signature lines may carry the name: not empty, no Unicode space, plus sign or
    /// control character.
    static func isName(_ name: String) -> Bool {
        NoteText.isLine(name)
            && name.unicodeScalars.allSatisfy { $0 != "+" && !$0.properties.isWhitespace }
    }
}

extension UInt32 {
    /// Reads four bytes, the most significant first.
    init(bigEndianBytes bytes: ArraySlice<UInt8>) {
        self = bytes.reduce(0) { $0 << 8 | UInt32($1) }
    }

    /// The four bytes, the most significant first.
    var bigEndianBytes: [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: self >> (24 - 8 * $0)) } }
}
