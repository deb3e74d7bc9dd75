internal import Foundation
internal import ServiceLifecycle

/// Tells systemd how far the service is (sd_notify(3)).
enum ServiceManager {
    /// Sends `state` to the socket that `NOTIFY_SOCKET` names; does nothing without one.
    ///
    /// Losing the message is right: a service manager that cannot be told must not stop the node.
    static func notify(_ state: String) {
        guard let name = ProcessInfo.processInfo.environment["NOTIFY_SOCKET"],
            name.hasPrefix("/") || name.hasPrefix("@")
        else { return }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        var path = Array(name.utf8)
        // A name that starts with @ is none of a file; its first byte is 0.
        if path[0] == UInt8(ascii: "@") { path[0] = 0 }
        guard path.count < MemoryLayout.size(ofValue: address.sun_path) else { return }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path) }
        let descriptor = socket(
            AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        let length = socklen_t(MemoryLayout<sa_family_t>.size + path.count)
        let message = Array(state.utf8)
        withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { plain in
                _ = sendto(descriptor, message, message.count, Int32(MSG_NOSIGNAL), plain, length)
            }
        }
    }
}

/// Tells the service manager that the node is about to end: first of all that stops.
struct StopNotice: Service {
    func run() async throws {
        do {
            try await gracefulShutdown()
            ServiceManager.notify("STOPPING=1")
        } catch is CancellationError {
            // Something else failed and ends the node: it is no stop that was asked for.
        }
    }
}
