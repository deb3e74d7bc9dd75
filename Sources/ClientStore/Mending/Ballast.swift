internal import Foundation

/// Room on the disk that is given up so that a revocation can still be stored and leave, and that a
/// broken promise of the node can still be noted.
extension ClientStore {
    /// The size of the file, in bytes.
    static let ballastBytes = 1 << 20
    /// Without this much room beside it none is taken, in bytes.
    private static let spareBytes: UInt64 = 1 << 24

    private static func ballastPath(_ directory: String) -> String { directory + "/ballast" }

    /// Takes the room, where there is plenty.
    ///
    /// What cannot be taken is no failure: a revocation then fits or not as everything else.
    static func keepBallast(in directory: String) {
        let path = ballastPath(directory)
        var volume = statvfs()
        guard access(path, F_OK) != 0, statvfs(directory, &volume) == 0,
            UInt64(volume.f_bavail) * UInt64(volume.f_frsize) > spareBytes
        else { return }
        let file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard file >= 0 else { return }
        defer { close(file) }
        if posix_fallocate(file, 0, off_t(ballastBytes)) != 0 { unlink(path) }
    }

    /// Stores something, and once more in the room that is given up for it where the disk is full and
    /// `isUrgent` says so.
    func usingBallast<Value>(
        if isUrgent: () throws -> Bool, _ store: () throws -> Value
    ) throws -> Value {
        do {
            return try store()
        } catch let failure as StoreFailure where failure.code == .full {
            guard try isUrgent(), unlink(ClientStore.ballastPath(directory)) == 0 else {
                throw failure
            }
            return try store()
        }
    }
}
