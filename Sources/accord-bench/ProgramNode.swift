import Crypto
import Foundation
import Glibc
import LedgerCore
import NodeAPI
import NodeSequencer
import NodeStore
import Synchronization

/// A node as it is installed: the program `accord-node` in a process of its own.
final class ProgramNode {
    let port: Int
    private let folder: NodeFolder
    private let process: ChildProcess

    /// Makes a ledger in a new folder and serves it.
    convenience init(folder path: String) throws {
        try ProgramNode.make(path)
        try self.init(serving: path)
    }

    /// Makes a ledger in a new folder.
    static func make(_ path: String) throws {
        let made = try ChildProcess(
            [
                try ChildProcess.sibling("accord-node"), "init", "--data", path, "--origin",
                BenchLedger.origin,
            ], terminal: nil)
        guard made.wait() == 0 else { throw BenchFailure("the node could not be made") }
    }

    /// Serves the ledger in a folder; returns once it answers, after ten minutes at most.
    init(serving path: String) throws {
        folder = NodeFolder(path: path)
        port = try FloodSocket.freePort()
        process = try ChildProcess(
            [
                try ChildProcess.sibling("accord-node"), "serve", "--data", path, "--listen",
                "127.0.0.1:\(port)", "--trust-clock",
            ], terminal: nil)
        for _ in 0..<120_000 where !process.waits(seconds: 0) {
            if let connection = try? LoopbackConnection(port: port),
                (try? connection.answer(to: connection.request(.health))) != nil
            {
                return
            }
            usleep(5_000)
        }
        end()
        throw BenchFailure("the node did not start")
    }

    /// Makes an invitation, as the operator does beside the running node.
    func invite() throws -> InvitationCode {
        let code = InvitationCode(random: (0..<13).map { _ in UInt8.random(in: 0...31) })
        let database = try NodeDatabase(path: folder.databasePath)
        try database.add(
            StoredInvitation(
                key: code.key,
                expires: SystemClock().now().adding(
                    milliseconds: NodeLimits.invitationMilliseconds)))
        try database.close()
        return code
    }

    /// What the process has in memory; 0 if it has ended.
    var memoryBytes: Int { process.memoryBytes }

    func end() {
        process.signal(SIGTERM)
        guard !process.waits(seconds: 10) else { return }
        Progress.say("the node did not end after SIGTERM")
        process.signal(SIGKILL)
        process.wait()
    }
}

/// A member who decides something, looks at what is theirs and at the log, at an easy pace.
final class HealthyClient: Sendable {
    private struct State {
        var signer: Signer
        var connection: LoopbackConnection?
        var turn = 0
        /// What was signed and is not answered: it is sent again.
        var pending: Entry?
    }

    private let port: Int
    private let state: Mutex<State>

    /// Joins the node's ledger.
    init(_ number: Int, at node: ProgramNode) throws {
        port = node.port
        var signer = try Signer(UInt32(100 + number))
        let connection = try LoopbackConnection(port: port)
        let log = try LogDescription(body: connection.answer(to: connection.request(.log)))
        let enrolment = EnrolmentRequest(
            code: try node.invite(),
            entry: try signer.sign(.memberEnrolled(signer.keys), origin: BenchLedger.origin),
            verifierKey: log.verifierKey)
        let answer = try EnrolmentAnswer(
            body: connection.answer(to: connection.request(.enrol(enrolment))))
        guard case .accepted = answer.verdict else { throw BenchFailure("not enrolled") }
        state = Mutex(State(signer: signer))
    }

    /// Works for a while; how long each request took, and how many got no proper answer.
    func work(for time: Duration) -> (milliseconds: [Double], misses: Int) {
        state.withLock { state in
            var milliseconds = [Double]()
            var misses = 0
            let end = ContinuousClock.now + time
            while ContinuousClock.now < end {
                do {
                    milliseconds.append(try turn(&state) * 1000)
                } catch {
                    Progress.say("a healthy request: \(error)")
                    misses += 1
                    state.connection = nil
                }
                usleep(15_000)
            }
            return (milliseconds, misses)
        }
    }

    /// Makes the next request; the seconds until its whole answer was there.
    private func turn(_ state: inout State) throws -> Double {
        let connection = try state.connection ?? LoopbackConnection(port: port)
        state.connection = connection
        state.turn += 1
        switch state.turn % 4 {
        case 0:
            let request = connection.request(.checkpoint)
            return try Stopwatch.seconds { _ = try connection.answer(to: request) }
        case 1:
            let call = NodeCall.accountPage(
                after: max(state.signer.sequence - 20, 0), at: nil, limit: 20)
            let request = try connection.request(call, by: state.signer)
            return try Stopwatch.seconds { _ = try connection.answer(to: request) }
        default:
            let entry = try state.pending ?? Self.decision(of: &state.signer)
            state.pending = entry
            let request = connection.request(.submit(EntrySubmission([entry])))
            var answer = [UInt8]()
            let seconds = try Stopwatch.seconds { answer = try connection.answer(to: request) }
            guard case .accepted? = try VerdictList(body: answer).verdicts.first else {
                throw BenchFailure("a revocation was not accepted")
            }
            state.pending = nil
            return seconds
        }
    }

    /// What is never refused and needs no project: a revocation.
    private static func decision(of signer: inout Signer) throws -> Entry {
        let project = try BenchLedger.terms(1, by: signer.account).project
        return try signer.sign(
            .authorizationRevoked(.init(project: project, major: 1, mode: .stop)),
            origin: BenchLedger.origin)
    }

    /// Entries of this member whose signatures are wrong.
    func forgeries(_ count: Int) throws -> [Entry] {
        try state.withLock { state in
            var signer = state.signer
            return try (0..<count).map { number in
                var bytes = try Self.decision(of: &signer).bytes
                // A letter in the middle of the signature, which is 86 letters long.
                let place = bytes.count - 10 - number % 60
                bytes[place] =
                    bytes[place] == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A")
                return Entry(bytes: bytes)
            }
        }
    }

    /// A signed request whose signature is wrong.
    func forgedRequest() throws -> [UInt8] {
        let connection = try LoopbackConnection(port: port)
        return try state.withLock { state in
            try connection.request(
                .accountPage(after: 0, at: nil, limit: 20), by: state.signer, isForged: true)
        }
    }
}

extension LoopbackConnection {
    /// The bytes of a request that nobody signs.
    func request(_ call: NodeCall) -> [UInt8] { request(call, headers: []) }

    /// The bytes of a request signed by a member; with `isForged` the signature is of something else.
    func request(_ call: NodeCall, by signer: Signer, isForged: Bool = false) throws -> [UInt8] {
        let components = SignedComponents(call, authority: "127.0.0.1:\(port)")
        let signature = RequestSignature(
            createdSeconds: SystemClock().now().milliseconds / 1000,
            nonce: Base64.url.encode((0..<18).map { _ in UInt8.random(in: 0...255) }),
            device: signer.keys.device)
        let base = isForged ? [1, 2, 3] : signature.base(of: components)
        return request(
            call,
            headers: signature.headers(
                for: components, signature: [UInt8](try signer.key.signature(for: base))))
    }

    private func request(_ call: NodeCall, headers: [(name: String, value: String)]) -> [UInt8] {
        var head = "\(call.method.rawValue) \(call.path)"
        if !call.query.isEmpty { head += "?\(call.query)" }
        head += " HTTP/1.1\r\nHost: 127.0.0.1:\(port)\r\n"
        for header in headers { head += "\(header.name): \(header.value)\r\n" }
        if !call.body.isEmpty {
            head += "Content-Type: \(call.contentType)\r\nContent-Length: \(call.body.count)\r\n"
        }
        return Array("\(head)\r\n".utf8) + call.body
    }
}
