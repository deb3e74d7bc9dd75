internal import Dispatch
internal import Foundation
package import NodeSequencer

/// How a command tells the process that serves that an order of the operator waits.
///
/// It is a named pipe in the folder; what is in it says nothing but that there is something. Without
/// one, as on file systems that have none, an order waits for the next tick.
package struct OrderBell: Sendable {
    private let path: String

    init(path: String) {
        self.path = path
    }

    /// Tells who listens, if anybody does.
    package func ring() {
        // For both directions: a pipe without a reader ends whoever writes into it.
        let file = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC | O_NOFOLLOW)
        guard file >= 0 else { return }
        defer { close(file) }
        // Where the pipe is full it has been rung often enough.
        if OrderBell.isPipe(file) { _ = write(file, [0x0a], 1) }
    }

    /// Has a sequencer look at its orders each time the bell is rung, until the task is cancelled.
    package func listen(for sequencer: Sequencer) async {
        guard let file = opened() else { return }
        let (rings, ring) = AsyncStream.makeStream(
            of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let source = DispatchSource.makeReadSource(fileDescriptor: file)
        source.setEventHandler {
            var heard = [UInt8](repeating: 0, count: 512)
            while read(file, &heard, heard.count) > 0 {}
            ring.yield()
        }
        source.setCancelHandler { close(file) }
        source.resume()
        defer { source.cancel() }
        for await _ in rings { await sequencer.requestTick() }
    }

    /// Opens the pipe for both directions, so that it does not end with who rang; `nil` where there is
    /// none and none can be made.
    private func opened() -> Int32? {
        _ = mkfifo(path, 0o600)
        let file = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC | O_NOFOLLOW)
        guard file >= 0 else { return nil }
        guard OrderBell.isPipe(file) else {
            close(file)
            return nil
        }
        return file
    }

    private static func isPipe(_ file: Int32) -> Bool {
        var status = stat()
        return fstat(file, &status) == 0 && status.st_mode & S_IFMT == S_IFIFO
    }
}
