import CKeyring
import ClientRuntime
import LedgerCore
import Screens

/// The keyring of this login: the freedesktop Secret Service of its session, through libsecret.
///
/// It is asked for keys that are bound to it alone, and where a session bus listens at a socket of
/// this machine: nothing is started for it, nobody is asked to unlock it.
struct LoginKeyring: Keyring {
    /// How long a call may take, in milliseconds: the bus may have to start the service first.
    private static let limit: Int32 = 5_000

    func check() throws(KeyringProblem) { try Self.judge(keyring_check(Self.limit)) }

    func store(_ secret: [UInt8], named name: String, of keys: DeviceKeys) throws(KeyringProblem) {
        precondition(secret.count == Int(KEYRING_SECRET_BYTES), "a secret has another length")
        let label = "Accord \(keys.device.text.prefix(16))"
        try Self.judge(keyring_store(Self.key(keys), name, label, secret, Self.limit))
    }

    func secret(named name: String, of keys: DeviceKeys) throws(KeyringProblem) -> [UInt8] {
        var secret = [UInt8](repeating: 0, count: Int(KEYRING_SECRET_BYTES))
        try Self.judge(keyring_read(Self.key(keys), name, &secret, Self.limit))
        return secret
    }

    func delete(_ name: String, of keys: DeviceKeys) throws(KeyringProblem) {
        try Self.judge(keyring_delete(Self.key(keys), name, Self.limit))
    }

    /// What secrets are found by, beside their names: the public key that signs.
    private static func key(_ keys: DeviceKeys) -> String { Base64.url.encode(keys.signing) }

    private static func judge(_ answer: keyring_answer) throws(KeyringProblem) {
        switch answer {
        case KEYRING_DONE: return
        case KEYRING_LOCKED: throw .locked
        case KEYRING_SILENT: throw .silent
        case KEYRING_MISSING: throw .missing
        case KEYRING_NO_PLACE: throw .noPlace
        case KEYRING_REFUSED: throw .refused
        default: throw .unreachable
        }
    }
}
