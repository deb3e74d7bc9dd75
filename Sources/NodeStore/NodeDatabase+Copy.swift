internal import Foundation

// A copy for other places.
extension NodeDatabase {
    /// Writes a consistent copy, also while others write, that has its name only once it is whole: with
    /// the keys that were wrapped for recipients, or without them.
    ///
    /// Until then it is `….unfinished`, which whoever is stopped leaves behind, with keys in it, and the
    /// next one for the same name replaces.
    ///
    /// - Throws: `NodeFolder.Failure.file`; database errors. Then there is nothing.
    package func writeCopy(to path: String, withKeys: Bool) throws {
        let draft = "\(path).unfinished"
        func removeDraft() {
            // What is not there need not be removed.
            for part in ["", "-journal", "-wal", "-shm"] { unlink(draft + part) }
        }
        removeDraft()
        defer { removeDraft() }
        try backUp(to: draft)
        if !withKeys { try NodeDatabase.removeKeys(from: draft) }
        guard rename(draft, path) == 0, NodeFolder.synchronizes(folderOf: path) else {
            throw NodeFolder.Failure.file(path, reason: NodeFolder.systemReason)
        }
    }
}
