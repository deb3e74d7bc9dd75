import CProcess
import Glibc

/// What the main thread does: it runs the main queue, and hears the terminal itself.
///
///     poll ──▶ a key ──▶ its frame
///          └─▶ the main queue ──▶ what else the main actor has to do
///
/// libdispatch would give both to threads of its own: between a key and its frame two would be woken,
/// each of which costs as much as the frame.
@MainActor
enum MainLoop {
    private struct Watched {
        let number: Int
        let descriptor: Int32
        let ready: @MainActor () -> Void
    }

    private static var watched: [Watched] = []
    private static var next = 0

    /// Calls `ready` whenever a descriptor can be read, until the closure that is returned is called.
    static func watch(_ descriptor: Int32, ready: @escaping @MainActor () -> Void)
        -> @MainActor () -> Void
    {
        let number = next
        next += 1
        watched.append(Watched(number: number, descriptor: descriptor, ready: ready))
        return { watched.removeAll { $0.number == number } }
    }

    /// Runs a program and ends the process when it has returned.
    static func run(_ program: @escaping @MainActor () async -> Void) -> Never {
        // Who starts a program may hold signals back, and hands that down; all other threads here do.
        var none = sigset_t()
        sigemptyset(&none)
        pthread_sigmask(SIG_SETMASK, &none, nil)
        let queue = main_queue_descriptor()
        Task {
            await program()
            exit(0)
        }
        while true {
            let watching = watched
            var polled = ([queue] + watching.map(\.descriptor)).map {
                pollfd(fd: $0, events: Int16(POLLIN), revents: 0)
            }
            // A signal interrupts it, and is told by a descriptor of its own.
            guard poll(&polled, nfds_t(polled.count), -1) > 0 else { continue }
            for (one, entry) in zip(watching, polled.dropFirst()) where entry.revents != 0 {
                // One before may have ended the watch.
                if watched.contains(where: { $0.number == one.number }) { one.ready() }
            }
            if polled[0].revents != 0 { main_queue_run() }
        }
    }
}
