package import Crypto
internal import FoundationEssentials

/// The keys of the devices that are known, parsed once.
package struct EntryKeys: Sendable {
    private var keys: [DeviceID: Curve25519.Signing.PublicKey] = [:]

    /// Knows no device.
    package init() {}

    /// Knows the devices of a state.
    package init(_ state: LedgerState) {
        for device in state.devices.values { add(device.keys) }
    }

    /// Knows one device by its Ed25519 key; none if the bytes are not a key.
    package init(signing: [UInt8]) {
        add(DeviceKeys(signing: signing, wrapping: []))
    }

    /// Learns a device; bytes that are no key are left out, so what it signs is refused.
    package mutating func add(_ introduced: DeviceKeys) {
        // Losing the error is right: what is no key verifies nothing.
        keys[introduced.device] = try? Curve25519.Signing.PublicKey(
            rawRepresentation: introduced.signing)
    }

    /// Learns the device an entry introduces, if it introduces one.
    package mutating func learn(from payload: EntryPayload) {
        if let introduced = payload.body.introducedKeys { add(introduced) }
    }

    /// The key of a device, or `nil`.
    package subscript(device: DeviceID) -> Curve25519.Signing.PublicKey? { keys[device] }

    /// The 32 bytes of a device's key, or `nil`.
    package func bytes(of device: DeviceID) -> [UInt8]? {
        keys[device].map { [UInt8]($0.rawRepresentation) }
    }
}
