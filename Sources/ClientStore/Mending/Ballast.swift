internal import Foundation

/// Room on the disk that is given up so that a revocation can still be stored.
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

    /// Gives the room up; `false` if there was none.
    static func freeBallast(in directory: String) -> Bool { unlink(ballastPath(directory)) == 0 }
}
