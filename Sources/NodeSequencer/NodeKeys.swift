package import Crypto
package import LedgerCore

/// The keys a node holds.
package struct NodeKeys: Sendable {
    /// Signs checkpoints, account heads and receipts; its name is the log's origin.
    package let log: NoteSigner
    /// Signs the entries the rules give rise to.
    package let operatorSigning: Curve25519.Signing.PrivateKey
    /// The operator's key for wrapped record keys: part of its device, not used by the node.
    package let operatorWrapping: Curve25519.KeyAgreement.PrivateKey

    /// Takes over keys.
    package init(
        log: NoteSigner, operatorSigning: Curve25519.Signing.PrivateKey,
        operatorWrapping: Curve25519.KeyAgreement.PrivateKey
    ) {
        self.log = log
        self.operatorSigning = operatorSigning
        self.operatorWrapping = operatorWrapping
    }

    /// The name of the log.
    package var origin: String { log.verifierKey.name }

    /// The public keys of the operator's device.
    package var operatorKeys: DeviceKeys {
        DeviceKeys(
            signing: Array(operatorSigning.publicKey.rawRepresentation),
            wrapping: Array(operatorWrapping.publicKey.rawRepresentation))
    }

    /// Makes the keys of a new ledger.
    ///
    /// - Parameters:
    ///   - origin: The name of the log.
    ///   - seed: Gives the same keys each time, for rehearsals only; without one they are random.
    /// - Returns: The keys, and the 32 bytes of the log's private key.
    /// - Throws: `NoteSignerError` where the origin cannot name a log.
    package static func make(origin: String, seed: UInt64?) throws -> (
        keys: NodeKeys, logSeed: [UInt8]
    ) {
        func bytes(_ label: String) -> [UInt8] {
            guard let seed else {
                return Array(Curve25519.Signing.PrivateKey().rawRepresentation)
            }
            return Hash.of(label: "accord/test-key/v1\n", Array("\(label)\n\(seed)\n".utf8)).bytes
        }
        let log = bytes("log")
        let keys = NodeKeys(
            log: try NoteSigner(name: origin, seed: log),
            operatorSigning: try .init(rawRepresentation: bytes("operator signing")),
            operatorWrapping: try .init(rawRepresentation: bytes("operator wrapping")))
        return (keys, log)
    }

    /// The keys that follow from a number: the same ones each time, for rehearsals only.
    package static func reproducible(origin: String, seed: UInt64) throws -> NodeKeys {
        try make(origin: origin, seed: seed).keys
    }
}

/// Where the salts of leaves come from.
package enum SaltSource: Sendable {
    /// The system's random numbers.
    case random
    /// A number: the same salts each time, for rehearsals only.
    case reproducible(UInt64)

    func salt(for index: LeafIndex) -> [UInt8] {
        switch self {
        case .random:
            var generator = SystemRandomNumberGenerator()
            var salt = [UInt8]()
            salt.reserveCapacity(32)
            for _ in 0..<4 {
                withUnsafeBytes(of: generator.next()) { salt.append(contentsOf: $0) }
            }
            return salt
        case .reproducible(let seed):
            return Hash.of(label: "accord/test-salt/v1\n", Array("\(seed)\n\(index)\n".utf8)).bytes
        }
    }
}
