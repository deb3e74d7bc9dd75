package import Crypto
internal import FoundationEssentials

/// Why a key cannot be made or cannot sign.
package enum NoteSignerError: Error, Hashable, Sendable {
    /// The name is empty or holds a space, a plus sign or a control character.
    case nameInvalid
    /// The seed is not 32 bytes.
    case seedLengthWrong
    /// The cryptographic library refused to sign.
    case signingFailed
    /// The text cannot be a note's text, or the note would be too long.
    case note(NoteError)
    /// A cosignature's time is 0 or above 2⁶³ − 1.
    case timeOutOfRange
}

/// A log's private key, which signs notes: C2SP signed-note, type 01.
package struct NoteSigner: Sendable {
    /// The public key, with the name.
    package let verifierKey: VerifierKey

    private let privateKey: Curve25519.Signing.PrivateKey

    /// Names a private key.
    ///
    /// - Throws: `nameInvalid`.
    package init(name: String, privateKey: Curve25519.Signing.PrivateKey) throws(NoteSignerError) {
        verifierKey = try privateKey.verifierKey(name: name, algorithm: .ed25519)
        self.privateKey = privateKey
    }

    /// Names the private key of a 32-byte seed (RFC 8032 §5.1.5).
    ///
    /// - Throws: `nameInvalid`, `seedLengthWrong`.
    package init(name: String, seed: [UInt8]) throws(NoteSignerError) {
        try self.init(name: name, privateKey: .of(seed: seed))
    }

    /// Signs a text; the same text always gives the same note.
    ///
    /// The text is UTF-8 and ends in a newline.
    ///
    /// - Throws: `note`, `signingFailed`.
    package func sign(_ text: [UInt8]) throws(NoteSignerError) -> SignedNote {
        let signature = NoteSignature(
            name: verifierKey.name, keyID: verifierKey.keyID,
            signature: try privateKey.sign(text))
        do {
            return try SignedNote(text: text, signatures: [signature])
        } catch {
            throw .note(error)
        }
    }
}

/// A witness's private key, which cosigns checkpoints: C2SP tlog-cosignature v1, type 04.
///
/// The name is not part of what is signed, so a key belongs to one witness only.
package struct Cosigner: Sendable {
    /// The public key, with the name.
    package let verifierKey: VerifierKey

    private let privateKey: Curve25519.Signing.PrivateKey

    /// Names a private key.
    ///
    /// - Throws: `nameInvalid`.
    package init(name: String, privateKey: Curve25519.Signing.PrivateKey) throws(NoteSignerError) {
        verifierKey = try privateKey.verifierKey(name: name, algorithm: .cosignature)
        self.privateKey = privateKey
    }

    /// Names the private key of a 32-byte seed (RFC 8032 §5.1.5).
    ///
    /// - Throws: `nameInvalid`, `seedLengthWrong`.
    package init(name: String, seed: [UInt8]) throws(NoteSignerError) {
        try self.init(name: name, privateKey: .of(seed: seed))
    }

    /// Cosigns a checkpoint: returns the line to put below its note.
    ///
    /// The caller has checked the checkpoint against the last one it cosigned.
    ///
    /// The time is in seconds since 1970, from 1 to 2⁶³ − 1.
    ///
    /// - Throws: `timeOutOfRange`, `signingFailed`.
    package func cosign(checkpointText: [UInt8], timeSeconds: UInt64) throws(NoteSignerError)
        -> NoteSignature
    {
        guard Cosignature.times.contains(timeSeconds) else { throw .timeOutOfRange }
        let signature = try privateKey.sign(
            Cosignature.message(of: checkpointText, timeSeconds: timeSeconds))
        return NoteSignature(
            name: verifierKey.name, keyID: verifierKey.keyID,
            signature: Cosignature.bytes(timeSeconds: timeSeconds, signature: signature))
    }
}

/// The content of a cosignature line: time and signature.
struct Cosignature {
    /// The times a witness may give: not 0, and within 63 bits.
    static let times: ClosedRange<UInt64> = 1...UInt64(Int64.max)

    let timeSeconds: UInt64
    let signature: [UInt8]

    /// Reads big-endian time (8 bytes) ‖ signature (64 bytes); `nil` for anything else.
    init?(bytes: [UInt8]) {
        guard bytes.count == 72 else { return nil }
        timeSeconds = bytes[..<8].reduce(0) { $0 << 8 | UInt64($1) }
        signature = Array(bytes[8...])
        guard Cosignature.times.contains(timeSeconds) else { return nil }
    }

    /// The inverse of `init(bytes:)`.
    static func bytes(timeSeconds: UInt64, signature: [UInt8]) -> [UInt8] {
        (0..<8).map { UInt8(truncatingIfNeeded: timeSeconds >> (56 - 8 * $0)) } + signature
    }

    /// What is signed: a header, the time, and the whole text of the checkpoint.
    static func message(of checkpointText: [UInt8], timeSeconds: UInt64) -> [UInt8] {
        Array("cosignature/v1\ntime \(timeSeconds)\n".utf8) + checkpointText
    }
}

extension Curve25519.Signing.PrivateKey {
    fileprivate static func of(seed: [UInt8]) throws(NoteSignerError)
        -> Curve25519.Signing.PrivateKey
    {
        do {
            return try Curve25519.Signing.PrivateKey(rawRepresentation: seed)
        } catch {
            throw .seedLengthWrong
        }
    }

    fileprivate func verifierKey(name: String, algorithm: NoteAlgorithm) throws(NoteSignerError)
        -> VerifierKey
    {
        do {
            return try VerifierKey(
                name: name, algorithm: algorithm, publicKey: [UInt8](publicKey.rawRepresentation))
        } catch {
            throw .nameInvalid
        }
    }

    fileprivate func sign(_ message: [UInt8]) throws(NoteSignerError) -> [UInt8] {
        do {
            return [UInt8](try signature(for: message))
        } catch {
            throw .signingFailed
        }
    }
}
