package import Crypto
import FoundationEssentials
package import LedgerCore

/// A result that a study returns, sealed for the member who wished for it (RFC 9180, HPKE, base
/// mode), so that only they read it.
///
/// Suite as in `KeyWrap`; info = "accord/result/v1\n" ‖ id of the wish (32) ‖ class, so that it fits
/// one wish and one class. Layout: encapsulated key (32) ‖ ciphertext. What is sealed is the length
/// of the text in two bytes, big endian, the text in UTF-8, and zeros up to a multiple of 1,024
/// bytes, so that a length tells little.
package enum SealedResult {
    /// The longest text, in bytes of UTF-8.
    package static let textBytes = 4 * block - 2

    private static let block = 1_024

    /// Why a result is not sealed or not opened.
    package enum Failure: Error, Equatable, Sendable {
        /// The text is empty or longer than `textBytes`.
        case textRefused
        /// The member's key is no usable X25519 key.
        case keyRefused
        /// It was sealed for another key, wish or class, or was changed.
        case refused
    }

    /// Seals a text.
    ///
    /// - Parameters:
    ///   - text: 1 to `textBytes` bytes of UTF-8.
    ///   - key: The X25519 key of the wish, 32 bytes.
    ///   - wish: The entry id of the wish.
    ///   - result: The class.
    /// - Returns: What `ResultReturned.sealedBytes` allows.
    /// - Throws: `Failure.textRefused`, `Failure.keyRefused`.
    package static func seal(_ text: String, for key: [UInt8], wish: Hash, _ result: ResultClass)
        throws(Failure) -> [UInt8]
    {
        let bytes = Array(text.utf8)
        guard !bytes.isEmpty, bytes.count <= textBytes else { throw .textRefused }
        var padded = [UInt8(bytes.count >> 8), UInt8(bytes.count & 0xff)] + bytes
        padded += [UInt8](repeating: 0, count: (block - padded.count % block) % block)
        do {
            let recipient = try Curve25519.KeyAgreement.PublicKey(rawRepresentation: key)
            guard KeyWrap.contributes(recipient) else { throw Failure.keyRefused }
            var sender = try HPKE.Sender(
                recipientKey: recipient, ciphersuite: .Curve25519_SHA256_ChachaPoly,
                info: info(wish, result))
            let sealed = try sender.seal(padded)
            return [UInt8](sender.encapsulatedKey) + [UInt8](sealed)
        } catch {
            throw .keyRefused
        }
    }

    /// Opens a text with the private key of the wish.
    ///
    /// - Throws: `Failure.refused` unless it was sealed for just this key, wish and class.
    package static func open(
        _ sealed: [UInt8], with privateKey: Curve25519.KeyAgreement.PrivateKey, wish: Hash,
        _ result: ResultClass
    ) throws(Failure) -> String {
        guard ResultReturned.sealedBytes.contains(sealed.count) else { throw .refused }
        do {
            var recipient = try HPKE.Recipient(
                privateKey: privateKey, ciphersuite: .Curve25519_SHA256_ChachaPoly,
                info: info(wish, result), encapsulatedKey: Data(sealed.prefix(32)))
            let padded = [UInt8](try recipient.open(sealed.dropFirst(32)))
            guard padded.count >= 2 else { throw Failure.refused }
            let count = Int(padded[0]) << 8 | Int(padded[1])
            guard count > 0, count <= padded.count - 2,
                let text = String(validating: padded[2..<(2 + count)], as: UTF8.self)
            else { throw Failure.refused }
            return text
        } catch {
            // HPKE gives no reason a caller could act on.
            throw .refused
        }
    }

    private static func info(_ wish: Hash, _ result: ResultClass) -> Data {
        Data(Array("accord/result/v1\n".utf8) + wish.bytes + Array(result.rawValue.utf8))
    }
}
