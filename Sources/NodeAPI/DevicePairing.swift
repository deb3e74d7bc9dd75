internal import Crypto
package import LedgerCore

/// The three sealed messages with which a person adds a device, left at the node in turn.
///
///     old device ── offer ──► node ──► new device      which ledger this is
///     new device ── request ─► node ──► old device     its public keys
///     old device ── handover ► node ──► new device     the storage key and whose cosignatures to
///                                                      ask for, once `device.added` stands
///
/// The node sees none of it: each is sealed under a key that follows from the code, which only the
/// two devices know.
package enum PairingStep: String, CaseIterable, Sendable {
    case offer, request, handover
}

/// What both devices derive from the code that one shows and the other is told.
package struct PairingKey: Hashable, Sendable {
    private let value: Hash

    /// Derives the key from a code.
    package init(_ code: InvitationCode) {
        value = Hash.of(label: "accord/pairing/v1\n", Array(code.text.utf8))
    }

    /// What the pairing is named by at the node: 32 hexadecimal digits that do not tell the key.
    package var lookup: String {
        Hex.encode(Hash.of(label: "lookup\n", value.bytes).bytes.prefix(16))
    }

    /// Seals a message.
    ///
    /// The nonce follows from key and message, so that the same message gives the same bytes and a
    /// lost answer can be asked for again (RFC 8452 calls this synthetic).
    package func seal(_ message: [UInt8], as step: PairingStep) -> [UInt8] {
        let key = key(of: step)
        let tag = HMAC<SHA256>.authenticationCode(for: message, using: key)
        do {
            let nonce = try ChaChaPoly.Nonce(data: Array(tag.prefix(12)))
            return [UInt8](
                try ChaChaPoly.seal(
                    message, using: key, nonce: nonce,
                    authenticating: Array(step.rawValue.utf8)
                ).combined)
        } catch {
            preconditionFailure("a key of 32 bytes and a nonce of 12 always seal: \(error)")
        }
    }

    /// Opens what the other device sealed; `nil` if a bit differs, or the code was another one.
    package func open(_ sealed: [UInt8], as step: PairingStep) -> [UInt8]? {
        // The library says no more than that it does not fit.
        guard let box = try? ChaChaPoly.SealedBox(combined: sealed) else { return nil }
        return
            (try? ChaChaPoly.open(
                box, using: key(of: step), authenticating: Array(step.rawValue.utf8))).map {
                [UInt8]($0)
            }
    }

    private func key(of step: PairingStep) -> SymmetricKey {
        SymmetricKey(
            data: Hash.of(
                label: "accord/pairing-key/v1\n", value.bytes, Array(step.rawValue.utf8)
            ).bytes)
    }
}

/// Which ledger a device is to join, and for whom.
package struct PairingOffer: Equatable, Sendable {
    /// The origin of the log.
    package let origin: String
    /// The log's key, as text.
    package let verifierKey: String
    /// The account the device will sign for.
    package let account: AccountID

    /// Makes an offer.
    package init(origin: String, verifierKey: String, account: AccountID) {
        self.origin = origin
        self.verifierKey = verifierKey
        self.account = account
    }

    /// Reads a message.
    package init(body: [UInt8]) throws(MessageDefect) {
        var reader = try MessageReader(body)
        (account, origin, verifierKey) = try reader.read { fields throws(EntryDefect) in
            (
                try fields.parsed("account") { AccountID($0) },
                try fields.text("origin", limit: 256), try fields.text("vkey", limit: 512)
            )
        }
        try reader.finish()
    }

    /// The message.
    package var body: [UInt8] {
        JSONValue.sorted([
            .init("account", .string(account.text)), .init("origin", .string(origin)),
            .init("vkey", .string(verifierKey)),
        ]).canonicalBytes
    }

    /// What both screens have to show alike before the device is added: six words of 48 bits that
    /// follow from the ledger, the account and the new device's keys.
    package func words(for keys: DeviceKeys) -> [String] {
        FingerprintWords.words(
            of: Hash.of(label: "accord/pairing-words/v1\n", body + keys.signing + keys.wrapping),
            count: 6)
    }
}

/// The limits of adding a device.
package enum PairingLimits {
    /// The longest sealed message of a step, in bytes; what is handed over at the end is the keys of
    /// 627 contributions at most beside the longest policy of witnesses.
    package static func messageBytes(_ step: PairingStep) -> Int {
        step == .handover ? 131_072 : 4_096
    }
    /// How long a code can be used, in milliseconds.
    package static let milliseconds: Int64 = 600_000
    /// The most codes of one account at a time.
    package static let openCount = 4
}
