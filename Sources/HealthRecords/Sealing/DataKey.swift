import Crypto

/// The key one record is sealed with: 32 bytes, used for nothing else.
///
/// It shows nothing of itself in descriptions and dumps, and its memory is cleared when the last
/// copy goes.
package struct DataKey: Equatable, Sendable, CustomStringConvertible, CustomReflectable {
    /// The number of bytes in a key.
    package static let byteCount = 32

    let symmetricKey: SymmetricKey

    /// Makes a new key.
    ///
    /// - Parameter randomBytes: Returns as many bytes as asked for, from a source fit for keys.
    package init(randomBytes: (_ count: Int) -> [UInt8]) {
        let bytes = randomBytes(DataKey.byteCount)
        precondition(bytes.count == DataKey.byteCount, "a data key takes 32 random bytes")
        symmetricKey = SymmetricKey(data: bytes)
    }

    /// Takes a key from 32 bytes; `nil` for any other count.
    package init?(bytes: some Collection<UInt8>) {
        guard bytes.count == DataKey.byteCount else { return nil }
        symmetricKey = SymmetricKey(data: Array(bytes))
    }

    /// The key itself, to be stored in the key store or wrapped, nowhere else.
    package var bytes: [UInt8] { symmetricKey.withUnsafeBytes { Array($0) } }

    /// A name without the key in it.
    package var description: String { "DataKey" }

    /// Nothing: a dump of a model shows no key.
    package var customMirror: Mirror { Mirror(self, children: [:]) }
}
