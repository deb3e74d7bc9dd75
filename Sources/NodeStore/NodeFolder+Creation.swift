internal import Crypto
internal import Foundation
internal import LedgerCore
package import NodeSequencer

extension NodeFolder {
    /// Makes the folder and its keys, or goes on where that was interrupted.
    ///
    /// Until `finish()` nothing else takes it for a ledger. Once there is a database the keys stay.
    ///
    /// - Parameters:
    ///   - origin: The name of the log.
    ///   - seed: Gives reproducible keys, for rehearsals; without one they are random.
    ///   - kept: The file that keeps the newest checkpoint, where it is not to lie in the folder.
    /// - Returns: The keys, and the right to decide.
    /// - Throws: `Failure.exists`, `.otherOptions`, `.locked`, `.file`; `NoteSignerError`.
    package func create(
        origin: String, seed: UInt64?, kept: String? = nil
    ) throws -> (keys: NodeKeys, lock: NodeLock) {
        let made = try NodeKeys.make(origin: origin, seed: seed)
        try refuseLedger()
        try make()
        let lock = try lock()
        // Whoever had the lock may have made one meanwhile.
        try refuseLedger()
        if let kept, !isUnfinished { try checkPlace(kept) }
        let options =
            "--origin \(origin)" + (seed.map { " --seed \($0)" } ?? "")
            + (kept.map { " --kept \($0)" } ?? "")
        if isUnfinished {
            let begun = try lines(unfinishedPath).first ?? ""
            guard begun == options else {
                throw Failure.otherOptions(path, begun, isEmpty: !isThere("ledger.sqlite"))
            }
        } else {
            try write("\(options)\n", to: unfinishedPath)
        }
        if let kept, !isThere("kept.path") { try write("\(kept)\n", to: keptNamePath) }
        // What is written is on the disk: keys that a database was begun with are whole.
        guard !isThere("ledger.sqlite") else { return (try writtenKeys(), lock) }
        try replace("log.key", [origin, Hex.encode(made.logSeed)])
        try replace(
            "operator.key",
            [
                Hex.encode(made.keys.operatorSigning.rawRepresentation),
                Hex.encode(made.keys.operatorWrapping.rawRepresentation),
            ])
        return (made.keys, lock)
    }

    /// Says that the ledger that was begun is whole.
    ///
    /// - Throws: `Failure.file` where the disk does not take that.
    package func finish() throws {
        guard unlink(unfinishedPath) == 0, NodeFolder.synchronizes(folderOf: unfinishedPath) else {
            throw Failure.file(unfinishedPath, reason: NodeFolder.systemReason)
        }
    }

    /// Looks, before anything is begun that would have to be finished with it, whether a file can be
    /// made for the kept checkpoint: there may be an empty one.
    private func checkPlace(_ kept: String) throws {
        let folder = URL(filePath: kept).deletingLastPathComponent()
        guard access(folder.path(percentEncoded: false), W_OK | X_OK) == 0 else {
            throw Failure.file(kept, reason: NodeFolder.systemReason)
        }
        var status = stat()
        guard stat(kept, &status) == 0 else { return }
        guard status.st_mode & S_IFMT == S_IFREG, status.st_size == 0 else {
            throw Failure.file(kept, reason: "a new ledger needs a new file for its checkpoint")
        }
    }

    /// Refuses a folder that has anything of a ledger, unless that is one to go on with.
    private func refuseLedger() throws {
        let witness = ["witness.key", "witness.sqlite"]
        guard isUnfinished || !hasLedger && !witness.contains(where: isThere) else {
            throw Failure.exists(path)
        }
    }

    /// Whether there is anything of a ledger.
    package var hasLedger: Bool {
        ["log.key", "operator.key", "ledger.sqlite", "kept.path", "init.unfinished"]
            .contains(where: isThere)
    }

    private func isThere(_ name: String) -> Bool {
        FileManager.default.fileExists(atPath: "\(path)/\(name)")
    }

    /// Writes a key file in the place of the one that an interrupted try left.
    private func replace(_ name: String, _ lines: [String]) throws {
        unlink("\(path)/\(name)")
        try createKeyFile(name, lines)
    }
}
