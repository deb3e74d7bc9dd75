package import Crypto
import FoundationEssentials
package import LedgerCore

/// Data keys wrapped for the recipients an authorization names (RFC 9180, HPKE, base mode).
///
/// Suite: DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, ChaCha20-Poly1305;
/// info = "accord/wrap/v1\n" ‖ authorization id (32) ‖ record address (32), so that a wrap fits
/// one record under one authorization only. Layout: encapsulated key (32) ‖ ciphertext (32 + 16).
package enum KeyWrap {
    /// The number of bytes in a wrapped key.
    package static let byteCount = 80

    /// Why a wrapped key is not accepted.
    package enum Failure: Error, Equatable, Sendable {
        /// The recipient's key is no usable X25519 key.
        case recipientKeyRefused
        /// It was wrapped for another key, authorization or record, or was changed.
        case refused
    }

    /// Wraps a data key for one recipient.
    ///
    /// Crypto draws the ephemeral key itself and offers no other way: this is the one function
    /// here whose result differs from call to call.
    ///
    /// - Parameters:
    ///   - key: The key of the record.
    ///   - recipient: The recipient's X25519 key.
    ///   - authorization: Id of the entry that grants the use.
    ///   - record: Address of the sealed record.
    /// - Returns: 80 bytes.
    /// - Throws: `Failure.recipientKeyRefused`, for a key of small order.
    package static func wrap(
        _ key: DataKey, for recipient: Curve25519.KeyAgreement.PublicKey, authorization: Hash,
        record: Hash
    ) throws(Failure) -> [UInt8] {
        guard contributes(recipient) else { throw .recipientKeyRefused }
        do {
            var sender = try HPKE.Sender(
                recipientKey: recipient, ciphersuite: .Curve25519_SHA256_ChachaPoly,
                info: info(authorization, record))
            let sealed = try key.symmetricKey.withUnsafeBytes { try sender.seal($0) }
            return [UInt8](sender.encapsulatedKey) + [UInt8](sealed)
        } catch {
            throw .recipientKeyRefused
        }
    }

    /// Unwraps a data key with the recipient's private key.
    ///
    /// - Throws: `Failure.refused` unless the key was wrapped for just this recipient,
    ///   authorization and record.
    package static func unwrap(
        _ wrapped: [UInt8], with privateKey: Curve25519.KeyAgreement.PrivateKey,
        authorization: Hash, record: Hash
    ) throws(Failure) -> DataKey {
        guard wrapped.count == byteCount else { throw .refused }
        do {
            var recipient = try HPKE.Recipient(
                privateKey: privateKey, ciphersuite: .Curve25519_SHA256_ChachaPoly,
                info: info(authorization, record), encapsulatedKey: Data(wrapped.prefix(32)))
            let opened = try recipient.open(wrapped.dropFirst(32))
            guard let key = DataKey(bytes: opened) else { throw Failure.refused }
            return key
        } catch {
            // HPKE gives no reason a caller could act on.
            throw .refused
        }
    }

    // A key of small order makes the shared secret zero whatever the other side draws: anyone
    // could unwrap. RFC 9180 §7.1.4 demands the check; Crypto's HPKE leaves it out. Every X25519
    // scalar is a multiple of 8, so that one fixed scalar tells for all.
    static func contributes(_ key: Curve25519.KeyAgreement.PublicKey) -> Bool {
        do {
            let probe = try Curve25519.KeyAgreement.PrivateKey(
                rawRepresentation: Array(repeating: UInt8(9), count: 32))
            let secret = try probe.sharedSecretFromKeyAgreement(with: key)
            return secret.withUnsafeBytes { $0.contains { $0 != 0 } }
        } catch {
            // The library has refused the key itself.
            return false
        }
    }

    private static func info(_ authorization: Hash, _ record: Hash) -> Data {
        Data(Array("accord/wrap/v1\n".utf8) + authorization.bytes + record.bytes)
    }
}
