import Foundation
import Glibc

/// The turn of one program to sign for an institution: its service and a command beside it would
/// give two entries one number, of which the ledger takes one.
final class StudyTurn: Sendable {
    private static let patience = Duration.seconds(120)

    private let descriptor: Int32

    private init(_ descriptor: Int32) { self.descriptor = descriptor }

    /// Waits for the turn; however the program that has it ends, the next one gets it.
    ///
    /// - Parameter folder: Where the book of the institution lies.
    /// - Returns: The turn, until it is let go.
    /// - Throws: `HomeError`; `NodeUnreachable` where another program keeps the turn for minutes.
    static func take(in folder: URL) async throws -> StudyTurn {
        let path = folder.path(percentEncoded: false)
        let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw HomeError(path: path, problem: .unreadable(String(cString: strerror(errno))))
        }
        let turn = StudyTurn(descriptor)
        let end = ContinuousClock.now + patience
        while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
            guard errno == EWOULDBLOCK || errno == EINTR else {
                throw HomeError(
                    path: path, problem: .notWritable(String(cString: strerror(errno))))
            }
            guard ContinuousClock.now < end else {
                throw NodeUnreachable("another program of the institution keeps sending")
            }
            try await Task.sleep(for: .milliseconds(Int.random(in: 10...50)))
        }
        return turn
    }

    deinit { close(descriptor) }
}
