internal import Crypto
internal import Foundation
internal import LedgerCore
package import NodeSequencer

extension NodeFolder {
    /// Makes the folder and its keys, or goes on where that was interrupted.
    ///
    /// Until `finish()` nothing else takes it for a ledger.
    ///
    /// - Parameters:
    ///   - origin: The name of the log.
    ///   - seed: Gives reproducible keys, for rehearsals; without one they are random. Keys that are
    ///     there already stay.
    ///   - kept: The file that keeps the newest checkpoint, where it is not to lie in the folder.
    /// - Returns: The keys, and the right to decide.
    /// - Throws: `Failure.exists`, `.otherOrigin`, `.locked`, `.keyFile`; `NoteSignerError`.
    package func create(
        origin: String, seed: UInt64?, kept: String? = nil
    ) throws -> (keys: NodeKeys, lock: NodeLock) {
        let made = try NodeFolder.makeKeys(origin: origin, seed: seed)
        let files = FileManager.default
        func isThere(_ name: String) -> Bool { files.fileExists(atPath: "\(path)/\(name)") }
        guard isUnfinished || !isThere("log.key") && !isThere("ledger.sqlite") else {
            throw Failure.exists(path)
        }
        try make()
        let lock = try lock()
        if !isUnfinished { try write("", to: unfinishedPath) }
        if isThere("kept.path") { try files.removeItem(atPath: keptNamePath) }
        if let kept { try write("\(kept)\n", to: keptNamePath) }
        guard NodeFolder.synchronizes(folderOf: unfinishedPath) else {
            throw Failure.keyFile(unfinishedPath)
        }
        // The keys are whole before there is a database.
        let keys = try isThere("ledger.sqlite") ? writtenKeys() : write(made)
        guard keys.origin == origin else {
            throw Failure.otherOrigin(path, origin: keys.origin)
        }
        return (keys, lock)
    }

    /// Says that the ledger that was begun is whole.
    ///
    /// - Throws: `Failure.keyFile` where the disk does not take that.
    package func finish() throws {
        guard unlink(unfinishedPath) == 0, NodeFolder.synchronizes(folderOf: unfinishedPath) else {
            throw Failure.keyFile(unfinishedPath)
        }
    }

    /// Keys, and what of them only the file has.
    private typealias MadeKeys = (keys: NodeKeys, log: Curve25519.Signing.PrivateKey)

    private static func makeKeys(origin: String, seed: UInt64?) throws -> MadeKeys {
        if let seed {
            let bytes = Hash.of(
                label: "accord/test-key/v1\n", Array("log\n\(seed)\n".utf8)
            ).bytes
            return (
                try .reproducible(origin: origin, seed: seed), try .init(rawRepresentation: bytes)
            )
        }
        let log = Curve25519.Signing.PrivateKey()
        let keys = NodeKeys(
            log: try NoteSigner(name: origin, privateKey: log),
            operatorSigning: .init(), operatorWrapping: .init())
        return (keys, log)
    }

    /// Writes the keys in the place of what an interrupted try left of them.
    private func write(_ made: MadeKeys) throws -> NodeKeys {
        let (keys, log) = made
        let contents = [
            "log.key": [keys.origin, Hex.encode(log.rawRepresentation)],
            "operator.key": [
                Hex.encode(keys.operatorSigning.rawRepresentation),
                Hex.encode(keys.operatorWrapping.rawRepresentation),
            ],
        ]
        for (name, lines) in contents {
            unlink("\(path)/\(name)")
            try write(lines.map { $0 + "\n" }.joined(), to: "\(path)/\(name)")
        }
        return keys
    }
}
