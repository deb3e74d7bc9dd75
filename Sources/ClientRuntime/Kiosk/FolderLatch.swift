package import Foundation
import Glibc

/// Keeps a folder for one program: no other one has it meanwhile, and however the program ends, the
/// folder is free again.
package final class FolderLatch: Sendable {
    private let descriptor: Int32

    /// Takes a folder.
    ///
    /// - Throws: `HomeError`, `inUse` where another program has it.
    package init(_ folder: URL) throws {
        let path = folder.path(percentEncoded: false)
        let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw HomeError(
                path: path, problem: .unreadable(String(cString: strerror(errno))))
        }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let problem = errno
            close(descriptor)
            throw HomeError(
                path: path,
                problem: problem == EWOULDBLOCK
                    ? .inUse : .notWritable(String(cString: strerror(problem))))
        }
        self.descriptor = descriptor
    }

    deinit { close(descriptor) }
}
