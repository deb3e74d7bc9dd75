internal import Foundation
internal import NodeSequencer

extension FreeSpace {
    /// What is left where a file or folder lies.
    init(at path: String) throws {
        var volume = statvfs()
        guard statvfs(path, &volume) == 0 else { throw RecordFileError("read free space", errno) }
        let (bytes, isBeyond) = Int64(clamping: volume.f_bavail)
            .multipliedReportingOverflow(by: Int64(clamping: volume.f_frsize))
        self.init(
            bytes: isBeyond ? .max : bytes,
            files: Int64(clamping: volume.f_favail), of: Int64(clamping: volume.f_files))
    }
}
