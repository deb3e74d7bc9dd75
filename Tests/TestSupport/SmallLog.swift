package import LedgerCore

/// A log of a few leaves, with a key of its own and, if wanted, another last leaf.
package enum SmallLog {
    /// The name of the log.
    package static let origin = "log.example/a"

    /// The key of the log, the same each time.
    package static func signer() throws -> NoteSigner {
        try NoteSigner(name: origin, seed: [UInt8](repeating: 9, count: 32))
    }

    /// The tree of so many leaves; a fork differs in the last one.
    package static func tree(_ size: Int, fork: Bool = false) -> MerkleLog {
        var tree = MerkleLog()
        for number in 0..<size {
            tree.append(leafData: [UInt8(number), fork && number == size - 1 ? 1 : 0])
        }
        return tree
    }
}
