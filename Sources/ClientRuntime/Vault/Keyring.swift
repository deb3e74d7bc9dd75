import Crypto
package import LedgerCore
package import Screens

/// The keyring of a person's login, which keeps secrets of 32 bytes: each under the public keys of
/// the device it is for, and a name of its own.
///
/// Every call ends in bounded time, asks the person nothing and starts no program.
package protocol Keyring: Sendable {
    /// Finds out whether a secret could be stored now.
    func check() throws(KeyringProblem)
    /// Stores a secret: it is there after the login has ended, too.
    func store(_ secret: [UInt8], named name: String, of keys: DeviceKeys) throws(KeyringProblem)
    /// Reads a secret.
    func secret(named name: String, of keys: DeviceKeys) throws(KeyringProblem) -> [UInt8]
    /// Deletes a secret.
    func delete(_ name: String, of keys: DeviceKeys) throws(KeyringProblem)
}

/// The part of a vault's key that a keyring keeps: 32 bytes nobody can guess.
package struct KeyringSecret: Sendable, CustomStringConvertible, CustomReflectable {
    let bytes: [UInt8]

    /// Makes a new one.
    package init(random: RandomSource) { bytes = random.bytes(32) }

    /// Takes the bytes of one.
    package init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// Its name: a hash, which stands in the vault's file and tells whether a secret is the right
    /// one, so that a wrong passphrase is never taken for a wrong keyring.
    package var name: String { Hash.of(label: "accord/keyring-secret/v1\n", bytes).hex }

    /// Its name, nothing secret.
    package var description: String { "KeyringSecret(\(name))" }

    /// Nothing: a dump shows no key.
    package var customMirror: Mirror { Mirror(self, children: [:]) }
}
