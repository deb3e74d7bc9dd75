package import LedgerCore

/// What this machine is tied to: the node, the ledger, the devices of the account.
package struct MachineView: Equatable, Sendable {
    /// The path of `config.toml`.
    package var configFile: String
    /// The path of `keys.toml`.
    package var keysFile: String
    /// The node's address.
    package var node: String
    /// The name of the ledger.
    package var origin: String
    /// The ledger's key, as its id in hexadecimal digits.
    package var fingerprint: String
    /// The number of entries of the last checkpoint that was verified.
    package var verifiedSize: Int64
    /// When it was verified; `nil` before the first.
    package var verifiedAt: Timestamp?
    /// Its root hash; `nil` before the first.
    package var root: Hash?
    /// Whether the keys of this machine are bound to the keyring of a login.
    package var isBoundToKeyring: Bool
    /// The devices, oldest first.
    package var devices: [Device]
    /// What another device of the person has to know, too, if the ledger shows both the same.
    package var comparison: String?

    /// A device of the account.
    package struct Device: Equatable, Sendable {
        /// The device.
        package var id: DeviceID
        /// When it was added.
        package var since: Timestamp
        /// When its right to sign ended.
        package var removedAt: Timestamp?
        /// Whether it is this one.
        package var isHere: Bool

        /// Makes a device.
        package init(id: DeviceID, since: Timestamp, removedAt: Timestamp? = nil, isHere: Bool) {
            self.id = id
            self.since = since
            self.removedAt = removedAt
            self.isHere = isHere
        }
    }

    /// Puts it together.
    package init(
        configFile: String, keysFile: String, node: String = "", origin: String = "",
        fingerprint: String = "", verifiedSize: Int64 = 0, verifiedAt: Timestamp? = nil,
        root: Hash? = nil, isBoundToKeyring: Bool = false, devices: [Device] = []
    ) {
        self.configFile = configFile
        self.keysFile = keysFile
        self.node = node
        self.origin = origin
        self.fingerprint = fingerprint
        self.verifiedSize = verifiedSize
        self.verifiedAt = verifiedAt
        self.root = root
        self.isBoundToKeyring = isBoundToKeyring
        self.devices = devices
    }
}
