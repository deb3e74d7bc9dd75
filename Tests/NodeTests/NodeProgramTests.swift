import AsyncHTTPClient
import Crypto
import Foundation
import LedgerCore
import NIOCore
import NIOHTTP1
import NodeAPI
import TestSupport
import Testing

/// The program itself, as its users run it.
struct NodeProgramTests {
    @Test func `one commit costs one sync of the log`() async throws {
        let strace = "/usr/bin/strace"
        guard FileManager.default.isExecutableFile(atPath: strace) else {
            print("skipped: there is no strace")
            return
        }
        guard let program = NodeProgram.path else {
            print("skipped: accord-node is not built")
            return
        }
        try await withFolder { folder in
            let trace = folder.appendingPathExtension("trace").path
            defer { try? FileManager.default.removeItem(atPath: trace) }
            try NodeProgram.run("init", folder, "--origin", LedgerBuilder.origin, "--seed", "3")
            let server = try NodeProgram(
                strace, ["-f", "-y", "-e", "trace=fsync,fdatasync", "-o", trace, program],
                serving: folder)
            var device = try await server.member("ada", folder)
            func syncs() throws -> Int {
                String(decoding: try Data(contentsOf: URL(filePath: trace)), as: UTF8.self)
                    .split(separator: "\n").count {
                        $0.contains("sqlite-wal") && $0.contains("sync(")
                    }
            }
            // The first commit of a node empties the log, and the next one begins it anew.
            try await server.revoke(1, by: &device)
            let before = try syncs()
            let commits = 20
            try await server.revoke(commits, by: &device)
            // Every answer was preceded by its sync, and nothing is synchronised twice.
            #expect(try syncs() - before == commits)
            try server.stop(SIGTERM)
            #expect(server.exitCode == 0)
        }
    }

    @Test func `a log that takes no more ends no node`() async throws {
        guard let program = NodeProgram.path else {
            print("skipped: accord-node is not built")
            return
        }
        try await withFolder { folder in
            try NodeProgram.run("init", folder, "--origin", LedgerBuilder.origin, "--seed", "3")
            let server = try NodeProgram(
                "/bin/sh", ["-c", "exec \"$0\" \"$@\" 2> /dev/full", program], serving: folder)
            _ = try await server.member("ada", folder)
            try server.stop(SIGTERM)
            #expect(server.exitCode == 0)
        }
    }

    @Test func `what was acknowledged survives a kill`() async throws {
        guard NodeProgram.path != nil else {
            print("skipped: accord-node is not built")
            return
        }
        try await withFolder { folder in
            try NodeProgram.run("init", folder, "--origin", LedgerBuilder.origin, "--seed", "3")
            var server = try NodeProgram(serving: folder)
            var device = try await server.member("ada", folder)
            let project = try #require(ProjectID("any"))
            var acknowledged = [(Hash, Verdict)]()
            for _ in 0..<8 {
                for _ in 0..<5 {
                    let entry = try device.entry(
                        .authorizationRevoked(.init(project: project, major: 1, mode: .stop)))
                    let answer = try await server.send(.submit(EntrySubmission([entry])))
                    acknowledged.append((entry.id, try VerdictList(body: answer).verdicts[0]))
                }
                try server.stop(SIGKILL)
                server = try NodeProgram(serving: folder)
            }
            for (entry, verdict) in acknowledged {
                #expect(try Verdict(body: try await server.send(.verdict(of: entry))) == verdict)
            }
            try server.stop(SIGTERM)
            #expect(try NodeProgram.run("check", folder).contains("all verified"))
        }
    }

    @Test func `a node that serves carries out orders as they come, not one a tick`() async throws {
        guard NodeProgram.path != nil else {
            print("skipped: accord-node is not built")
            return
        }
        try await withFolder { folder in
            try NodeProgram.run("init", folder, "--origin", LedgerBuilder.origin, "--seed", "3")
            var server = try NodeProgram(serving: folder)
            // One after the other they took as many ticks of a second.
            let orders = 10
            let start = ContinuousClock.now
            for number in 0..<orders {
                try NodeProgram.run(
                    "reward offer", folder, "r\(number)", "--price", "5", "--units", "1",
                    "--name-en",
                    "Cup")
            }
            #expect(ContinuousClock.now - start < .seconds(Double(orders) * 0.6))
            // Who was killed left the bell behind; what others made in its place is not listened to.
            try server.stop(SIGKILL)
            let bell = folder.appending(path: "node.bell")
            try FileManager.default.removeItem(at: bell)
            try Data("not a pipe".utf8).write(to: bell)
            server = try NodeProgram(serving: folder)
            try NodeProgram.run(
                "reward offer", folder, "last", "--price", "5", "--units", "1", "--name-en", "Cup")
            #expect(try String(contentsOf: bell, encoding: .utf8) == "not a pipe")
            try server.stop(SIGTERM)
            #expect(server.exitCode == 0)
            #expect(try NodeProgram.run("check", folder).contains("all verified"))
        }
    }

    @Test func `a statement no entry can hold is wrong use, and the node goes on`() async throws {
        guard NodeProgram.path != nil else {
            print("skipped: accord-node is not built")
            return
        }
        try await withFolder { folder in
            try NodeProgram.run("init", folder, "--origin", LedgerBuilder.origin, "--seed", "3")
            let server = try NodeProgram(serving: folder)
            let numbers = [
                "--days=40000", "--days=59", "--days=200000000000", "--version=0", "--day-cap=-1",
                "--month-cap=2000000000", "--lifetime-cap=-1",
            ]
            for number in numbers {
                let told = try NodeProgram.complaint(2, "programme", folder, "staff-plan", number)
                #expect(told.contains("--days 60 to 36525"), "\(number): \(told)")
            }
            let long = String(repeating: "a", count: 5_000)
            for (english, chinese, what) in [("", "", "--name-en"), (long, long, "8192")] {
                let told = try NodeProgram.complaint(
                    2, "reward offer", folder, "tea", "--price", "5", "--units", "1", "--name-en",
                    english, "--name-zh", chinese)
                #expect(told.contains(what), "\(told)")
            }
            let unnamed = try NodeProgram.complaint(
                2, "admit", folder, "--keys", "nowhere", "--name-en", "")
            #expect(unnamed.contains("--name-en"), "\(unnamed)")
            let nobody = String(repeating: "f", count: 32)
            let version = try NodeProgram.complaint(
                2, "invalidate", folder, "any", "--member", nobody, "--major", "20000", "--reason",
                "wrong-person")
            #expect(version.contains("10000"), "\(version)")
            let early = try NodeProgram.complaint(
                2, "approve", folder, "any", "--recipient", nobody, "--number", "1", "--until",
                "1969-12-30")
            #expect(early.contains("body.until"), "\(early)")
            try NodeProgram.run(
                "programme", folder, "staff-plan", "--days", "60", "--day-cap", "1000000000")
            try server.stop(SIGTERM)
            #expect(server.exitCode == 0)
        }
    }

    @Test func `a ledger whose making was interrupted is finished by the same command`()
        async throws
    {
        guard NodeProgram.path != nil else {
            print("skipped: accord-node is not built")
            return
        }
        try await withFolder { folder in
            let origin = LedgerBuilder.origin
            func content(_ name: String) -> Data? {
                FileManager.default.contents(atPath: folder.appending(path: name).path)
            }
            // Killed ever later, until it ended before it was killed.
            var (killed, unfinished) = (0, 0)
            for milliseconds in stride(from: 4, to: 2_000, by: 4) {
                try? FileManager.default.removeItem(at: folder)
                let wasKilled = try NodeProgram.isKilled(
                    after: milliseconds, "init", folder, "--origin", origin)
                killed += wasKilled ? 1 : 0
                let key = content("ledger.sqlite").map { _ in content("log.key") }
                if content("init.unfinished") != nil {
                    unfinished += 1
                    let told = try NodeProgram.complaint(
                        3, "serve", folder, "--listen", "127.0.0.1:0")
                    #expect(told.contains("run accord-node init once more"), "\(told)")
                    #expect(try NodeProgram.status("check", folder) == 3)
                    let other = try NodeProgram.complaint(
                        3, "init", folder, "--origin", "other.example/x")
                    #expect(other.contains("--origin \(origin)"), "\(other)")
                }
                let again = try NodeProgram.launch("init", folder, ["--origin", origin])
                #expect(again.status == 0 || again.complaint.contains("already"), "\(again)")
                #expect(try NodeProgram.run("check", folder).contains("all verified"))
                // With a database there are keys, and these stay.
                if let key { #expect(key != nil && content("log.key") == key) }
                guard wasKilled else { break }
            }
            #expect(killed > 0 && unfinished > 0)
            #expect(try NodeProgram.status("init", folder, "--origin", origin) == 3)
        }
    }

    @Test func `commands end with the codes scripts rely on`() async throws {
        guard NodeProgram.path != nil else {
            print("skipped: accord-node is not built")
            return
        }
        try await withFolder { folder in
            #expect(try NodeProgram.status("bogus", folder) == 2)
            #expect(try NodeProgram.status("key", folder) == 3)
            #expect(try NodeProgram.status("init", folder, "--origin", "no origin") == 2)
            try NodeProgram.run("init", folder, "--origin", LedgerBuilder.origin)
            #expect(try NodeProgram.status("init", folder, "--origin", LedgerBuilder.origin) == 3)
            let nobody = String(repeating: "f", count: 32)
            #expect(try NodeProgram.status("fund", folder, nobody, "5") == 1)
            #expect(try NodeProgram.status("fund", folder, nobody, "0") == 2)
            #expect(try NodeProgram.status("check", folder) == 0)
            let codes = try NodeProgram.run("invite", folder, "--count", "3")
                .split(separator: "\n")
            #expect(codes.count == 3)
            #expect(codes.allSatisfy { InvitationCode(typed: String($0)) != nil })
            let copy = folder.appending(path: "copy").path
            #expect(try NodeProgram.status("backup", folder, copy) == 0)
            #expect(try NodeProgram.status("backup", folder, copy) == 2)
        }
    }
}

/// A running `accord-node serve`, or one of its commands.
final class NodeProgram {
    private let process = Process()
    private let output = Pipe()
    let url: String

    /// The program, where the build put it; `nil` if it is not built.
    static var path: String? {
        let folder = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent()
        let path = folder.appending(path: "accord-node").path
        return FileManager.default.isExecutableFile(atPath: path) ? path : nil
    }

    init(
        _ wrapper: String? = nil, _ wrapped: [String] = [], serving folder: URL,
        as command: [String] = ["serve"], arguments: [String] = [],
        environment: [String: String] = [:], log: URL? = nil
    ) throws {
        process.executableURL = URL(filePath: try #require(wrapper ?? NodeProgram.path))
        process.arguments =
            wrapped + command + ["--data", folder.path, "--listen", "127.0.0.1:0"] + arguments
        process.standardOutput = output
        if let log {
            try Data().write(to: log)
            process.standardError = try FileHandle(forWritingTo: log)
        } else {
            process.standardError = FileHandle.nullDevice
        }
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        try process.run()
        let line = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
        let prefix = "listening on "
        try #require(line.hasPrefix(prefix))
        url = String(line.dropFirst(prefix.count).prefix { $0 != "\n" })
    }

    var exitCode: Int32 { process.terminationStatus }

    /// Sends a signal to the program, not to what it runs under, and waits for its end.
    func stop(_ signal: Int32) throws {
        let id = process.processIdentifier
        let children = String(
            decoding: FileManager.default.contents(atPath: "/proc/\(id)/task/\(id)/children")
                ?? Data(), as: UTF8.self)
        kill(pid_t(children.split(separator: " ").first ?? "") ?? id, signal)
        process.waitUntilExit()
    }

    func send(_ call: NodeCall) async throws -> [UInt8] {
        var request = HTTPClientRequest(url: url + call.path)
        request.method = call.method == .get ? .GET : .POST
        if !call.body.isEmpty { request.body = .bytes(call.body) }
        let response = try await HTTPClient.shared.execute(request, timeout: .seconds(30))
        return Array(try await response.body.collect(upTo: 1 << 20).readableBytesView)
    }

    func post(_ path: String, _ body: [UInt8]) async throws -> (
        status: Int, type: String, text: String
    ) {
        var request = HTTPClientRequest(url: url + path)
        request.method = .POST
        request.body = .bytes(body)
        return try await answer(to: request)
    }

    /// Asks in the name of a device and returns the status.
    func ask(_ call: NodeCall, as device: TestDevice) async throws -> Int {
        let signature = RequestSignature(
            createdSeconds: Int64(Date().timeIntervalSince1970), nonce: TestNode.nonce(),
            device: device.id)
        let components = SignedComponents(
            method: call.method.rawValue, authority: String(url.dropFirst("http://".count)),
            path: call.path, query: call.query, bodyDigest: Hash.of(call.body))
        var request = HTTPClientRequest(
            url: url + call.path + (call.query.isEmpty ? "" : "?" + call.query))
        for header in signature.headers(
            for: components,
            signature: [UInt8](
                try device.signing.signature(for: signature.base(of: components))))
        {
            request.headers.add(name: header.name, value: header.value)
        }
        return try await answer(to: request).status
    }

    func get(_ path: String) async throws -> (status: Int, type: String, text: String) {
        try await answer(to: HTTPClientRequest(url: url + path))
    }

    private func answer(to request: HTTPClientRequest) async throws -> (
        status: Int, type: String, text: String
    ) {
        let response = try await HTTPClient.shared.execute(request, timeout: .seconds(30))
        return (
            Int(response.status.code), response.headers.first(name: "Content-Type") ?? "",
            String(buffer: try await response.body.collect(upTo: 1 << 20))
        )
    }

    /// Records revocations, each by a request of its own: they need no project.
    func revoke(_ count: Int, by device: inout TestDevice) async throws {
        let project = try #require(ProjectID("any"))
        for _ in 0..<count {
            let entry = try device.entry(
                .authorizationRevoked(.init(project: project, major: 1, mode: .stop)))
            let answer = try await send(.submit(EntrySubmission([entry])))
            guard case .accepted = try VerdictList(body: answer).verdicts[0] else {
                Issue.record("not accepted")
                return
            }
        }
    }

    func member(_ name: String, _ folder: URL) async throws -> TestDevice {
        var device = try TestDevice(name)
        let code = try #require(
            InvitationCode(
                typed: NodeProgram.run("invite", folder).filter {
                    !$0.isWhitespace
                }))
        let log = try LogDescription(body: try await send(.log))
        let entry = try device.entry(.memberEnrolled(device.keys))
        let answer = try EnrolmentAnswer(
            body: try await send(
                .enrol(EnrolmentRequest(code: code, entry: entry, verifierKey: log.verifierKey))))
        guard case .accepted = answer.verdict else { throw EntryDefect.field("enrolment") }
        return device
    }

    static func status(_ command: String, _ folder: URL, _ arguments: String...) throws -> Int32 {
        try launch(command, folder, arguments).status
    }

    @discardableResult
    static func run(_ command: String, _ folder: URL, _ arguments: String...) throws -> String {
        let (status, output, complaint) = try launch(command, folder, arguments)
        try #require(status == 0, "\(complaint)")
        return output
    }

    /// Runs a command that has to end with `status`, and returns what it says about that.
    static func complaint(
        _ status: Int32, _ command: String, _ folder: URL, _ arguments: String...
    ) throws -> String {
        let ended = try launch(command, folder, arguments)
        #expect(ended.status == status, "\(ended)")
        return ended.complaint
    }

    /// Runs a command and ends it as a power cut would; returns whether it was still running.
    static func isKilled(
        after milliseconds: Int, _ command: String, _ folder: URL, _ arguments: String...
    ) throws -> Bool {
        let process = Process()
        process.executableURL = URL(filePath: try #require(path))
        process.arguments = [command, "--data", folder.path] + arguments
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        usleep(UInt32(milliseconds) * 1_000)
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
        return process.terminationReason == .uncaughtSignal
    }

    static func launch(_ command: String, _ folder: URL, _ arguments: [String]) throws -> (
        status: Int32, output: String, complaint: String
    ) {
        let process = Process()
        process.executableURL = URL(filePath: try #require(path))
        // What is no option before the folder names a command of a command.
        process.arguments =
            command.split(separator: " ").map(String.init)
            + ["--data", folder.path] + arguments
        let pipe = Pipe()
        process.standardOutput = pipe
        // A file takes any amount, so that the program never waits for a reader.
        let complaints = FileManager.default.temporaryDirectory.appending(
            path: "accord-complaint-\(UUID().uuidString)")
        try Data().write(to: complaints)
        defer { try? FileManager.default.removeItem(at: complaints) }
        process.standardError = try FileHandle(forWritingTo: complaints)
        try process.run()
        let output = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (
            process.terminationStatus, String(decoding: output, as: UTF8.self),
            String(decoding: try Data(contentsOf: complaints), as: UTF8.self)
        )
    }
}
