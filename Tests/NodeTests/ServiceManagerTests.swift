import Foundation
import TestSupport
import Testing

/// What the service manager of the machine is told.
struct ServiceManagerTests {
    @Test(arguments: [false, true])
    func `the node says when it serves and when it is about to end`(isAbstract: Bool) async throws {
        guard NodeProgram.path != nil else {
            print("skipped: accord-node is not built")
            return
        }
        try await withFolder { folder in
            try NodeProgram.run("init", folder, "--origin", LedgerBuilder.origin)
            let name = isAbstract ? "@accord-\(UUID().uuidString)" : "\(folder.path)/notify"
            let listener = try NotifySocket(name: name)
            let server = try NodeProgram(serving: folder, environment: ["NOTIFY_SOCKET": name])
            #expect(try listener.message().hasPrefix("READY=1\nSTATUS=serving on port "))
            try server.stop(SIGTERM)
            #expect(try listener.message() == "STOPPING=1")
            #expect(server.exitCode == 0)
        }
    }

    @Test func `a ledger that is not served is not ready`() async throws {
        guard NodeProgram.path != nil else {
            print("skipped: accord-node is not built")
            return
        }
        try await withFolder { folder in
            try NodeProgram.run("init", folder, "--origin", LedgerBuilder.origin)
            let listener = try NotifySocket(name: "\(folder.path)/notify")
            #expect(try NodeProgram.status("check", folder) == 0)
            #expect(throws: (any Error).self) { try listener.message() }
        }
    }

    @Test(arguments: ["accord-node", "accord-witness"])
    func `systemd reads the unit`(name: String) throws {
        let analyze = "/usr/bin/systemd-analyze"
        guard FileManager.default.isExecutableFile(atPath: analyze) else {
            print("skipped: there is no systemd")
            return
        }
        let root = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let unit = try String(
            contentsOf: root.appending(path: "packaging/\(name).service"), encoding: .utf8
        ).replacingOccurrences(of: "/usr/local/bin/accord-node", with: "/bin/true")
        let file = FileManager.default.temporaryDirectory.appending(
            path: "accord-\(UUID().uuidString).service")
        defer { try? FileManager.default.removeItem(at: file) }
        try unit.write(to: file, atomically: true, encoding: .utf8)
        let process = Process()
        process.executableURL = URL(filePath: analyze)
        process.arguments = ["verify", "--man=no", file.path]
        let pipe = Pipe()
        process.standardError = pipe
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        let output = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        #expect(
            process.terminationStatus == 0 && output.isEmpty,
            "\(String(decoding: output, as: UTF8.self))")
    }
}

/// The other side of `NOTIFY_SOCKET`.
private final class NotifySocket {
    struct Silent: Error {}

    private let descriptor: Int32

    init(name: String) throws {
        descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        var path = Array(name.utf8)
        if path[0] == UInt8(ascii: "@") { path[0] = 0 }
        try #require(path.count < MemoryLayout.size(ofValue: address.sun_path))
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path) }
        let length = socklen_t(MemoryLayout<sa_family_t>.size + path.count)
        let bound = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, length)
            }
        }
        try #require(bound == 0)
        var patience = timeval(tv_sec: 3, tv_usec: 0)
        setsockopt(
            descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience,
            socklen_t(MemoryLayout<timeval>.size))
    }

    deinit { close(descriptor) }

    /// Waits for the next message, for three seconds at most.
    func message() throws -> String {
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = recv(descriptor, &bytes, bytes.count, 0)
        guard count > 0 else { throw Silent() }
        return String(decoding: bytes[..<count], as: UTF8.self)
    }
}
