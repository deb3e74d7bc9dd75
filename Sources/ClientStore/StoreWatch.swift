@preconcurrency import Dispatch
import Glibc

/// Tells when a file of a folder is written, by this process or another; quiet otherwise.
///
/// inotify(7): the kernel wakes us, nobody looks every second.
enum StoreWatch {
    /// Returns a stream that has an element whenever something was written since the last one.
    ///
    /// - Returns: `nil` where the kernel gives no watch, for instance because too many are open.
    static func changes(in folder: String) -> AsyncStream<Void>? {
        let descriptor = inotify_init1(Int32(IN_NONBLOCK | IN_CLOEXEC))
        guard descriptor >= 0 else { return nil }
        guard inotify_add_watch(descriptor, folder, UInt32(IN_MODIFY)) >= 0 else {
            close(descriptor)
            return nil
        }
        let (stream, sink) = AsyncStream.makeStream(
            of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let source = DispatchSource.makeReadSource(
            fileDescriptor: descriptor, queue: DispatchQueue(label: "accord.store-watch"))
        source.setEventHandler { @Sendable in
            // What was written does not matter: the events are only drained.
            var events = [UInt8](repeating: 0, count: 4_096)
            while Glibc.read(descriptor, &events, events.count) > 0 {}
            sink.yield()
        }
        source.setCancelHandler { @Sendable in close(descriptor) }
        sink.onTermination = { @Sendable _ in source.cancel() }
        source.resume()
        return stream
    }
}
