import Foundation
import LedgerCore
import Synchronization
import Testing

/// The programs as a person starts them: real binaries beside the test bundle.
enum Programs {
    /// The folder with the programs that were built with the tests.
    static let folder = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
        .deletingLastPathComponent()

    /// The folder of the package.
    static let package = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    /// How a program ended.
    struct Result {
        let status: Int32
        let output: [UInt8]
        let errors: String

        var text: String { String(decoding: output, as: UTF8.self) }

        /// The document printed, where some of its text had to be escaped for the terminal.
        func document() throws -> [String: Any] {
            let value = try JSONSerialization.jsonObject(with: Data(output))
            return try #require(value as? [String: Any])
        }

        /// The document printed; it has to be canonical JSON.
        func json() throws -> JSONValue {
            let line = output.last == 0x0a ? Array(output.dropLast()) : output
            return try JSONValue(canonical: line)
        }
    }

    /// Runs a program to its end, with nothing on its input but what is given.
    static func run(
        _ name: String, _ arguments: [String], environment: [String: String] = [:],
        input: String = ""
    ) throws -> Result {
        let scratch = try Scratch()
        let (output, errors) = (scratch.file("out"), scratch.file("err"))
        let typed = try scratch.write(input, to: "in")
        let process = try start(
            name, arguments, environment, input: typed, output: output, errors: errors)
        process.waitUntilExit()
        return Result(
            status: process.terminationStatus, output: [UInt8](try Data(contentsOf: output)),
            errors: String(decoding: try Data(contentsOf: errors), as: UTF8.self))
    }

    static func start(
        _ name: String, _ arguments: [String], _ environment: [String: String],
        input: String = "/dev/null", output: URL, errors: URL
    ) throws -> Process {
        let process = Process()
        process.executableURL =
            name.hasPrefix("/") ? URL(filePath: name) : folder.appending(path: name)
        process.arguments = arguments
        var variables = ["PATH": "/usr/bin:/bin", "LANG": "en_US.UTF-8", "TZ": "UTC"]
        variables.merge(environment) { _, new in new }
        process.environment = variables
        process.standardInput = FileHandle(forReadingAtPath: input)
        for file in [output, errors] {
            try Data().write(to: file)
        }
        process.standardOutput = try FileHandle(forWritingTo: output)
        process.standardError = try FileHandle(forWritingTo: errors)
        try process.run()
        return process
    }

    /// Starts `accord-node` and waits until it says where it listens.
    static func serve(_ arguments: [String], _ scratch: Scratch, name: String) throws
        -> (process: Process, address: String)
    {
        let output = scratch.file("\(name).out")
        let process = try start(
            "accord-node", arguments, [:], output: output, errors: scratch.file("\(name).err"))
        for _ in 0..<600 {
            let printed = String(decoding: try Data(contentsOf: output), as: UTF8.self)
            if let line = printed.split(separator: "\n").first(where: { $0.contains("http") }) {
                return (process, String(line.split(separator: " ").last ?? ""))
            }
            guard process.isRunning else { break }
            usleep(50_000)
        }
        if process.isRunning { process.terminate() }
        throw CocoaError(.executableNotLoadable)
    }
}

/// A folder that is deleted when nobody needs it any more.
final class Scratch: Sendable {
    let url: URL

    init() throws {
        url = FileManager.default.temporaryDirectory
            .appending(path: "accord-commands-\(UUID().uuidString)", directoryHint: .isDirectory)
        try FileManager.default.createDirectory(
            at: url, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    }

    deinit {
        // A folder that stays behind harms nobody.
        try? FileManager.default.removeItem(at: url)
    }

    func file(_ name: String) -> URL { url.appending(path: name) }

    func write(_ text: String, to name: String) throws -> String {
        try Data(text.utf8).write(to: file(name))
        return file(name).path
    }
}

/// A node of its own, and an institution it has admitted.
final class TestNode: Sendable {
    let scratch: Scratch
    /// The address it is reached at, the same after a restart.
    let address: String
    private let process: Mutex<Process?>
    private let policy: String?

    /// Starts a node; `policy` gets the log's key and returns the file with whom to ask for
    /// cosignatures, `nil` for nobody.
    init(policy: (_ scratch: Scratch, _ key: String) throws -> String? = { _, _ in nil }) throws {
        scratch = try Scratch()
        let data = scratch.file("node").path
        let made = try Programs.run(
            "accord-node", ["init", "--data", data, "--origin", "ledger.test/commands"])
        try #require(made.status == 0, "\(made.errors)")
        self.policy = try policy(scratch, made.text.filter { $0 != "\n" })
        let (process, address) = try TestNode.serve(
            scratch, data: data, listen: "127.0.0.1:0", policy: self.policy)
        self.process = Mutex(process)
        self.address = address
    }

    deinit { stop() }

    private static func serve(
        _ scratch: Scratch, data: String, listen: String, policy: String?
    ) throws -> (Process, String) {
        let more = policy.map { ["--policy", $0] } ?? []
        return try Programs.serve(
            ["serve", "--data", data, "--listen", listen] + more, scratch, name: "node")
    }

    /// Kills the node as a power cut would.
    func stop() {
        process.withLock { process in
            guard let running = process else { return }
            kill(running.processIdentifier, SIGKILL)
            running.waitUntilExit()
            process = nil
        }
    }

    /// Has it take in what comes and answer nothing, until it is thawed.
    func freeze() { signal(SIGSTOP) }

    /// Lets it answer again.
    func thaw() { signal(SIGCONT) }

    private func signal(_ number: Int32) {
        process.withLock { process in
            if let running = process { kill(running.processIdentifier, number) }
        }
    }

    /// Starts it again on the same port.
    func restart() throws {
        let listen = String(address.dropFirst("http://".count))
        // Somebody else's connection may stand on the port for a moment.
        for left in (0..<20).reversed() {
            do {
                let (again, _) = try TestNode.serve(
                    scratch, data: scratch.file("node").path, listen: listen, policy: policy)
                process.withLock { $0 = again }
                return
            } catch {
                guard left > 0 else { throw error }
            }
        }
    }

    /// Runs a command of the operator and returns its JSON.
    @discardableResult
    func operate(_ arguments: String...) throws -> JSONValue {
        let result = try Programs.run(
            "accord-node", arguments + ["--data", scratch.file("node").path, "--json"])
        try #require(result.status == 0, "\(result.errors)")
        return try result.json()
    }

    func invitation() throws -> String {
        try #require(try operate("invite")["codes"]?.array?.first?.string)
    }

    /// Admits an institution with keys of its own, and gives it points.
    func institution(_ folder: String, points: Int64 = 1_000_000, role: String = "sponsor") throws
        -> Person
    {
        let person = Person(node: self, folder: folder)
        let keys = scratch.file("\(folder).json").path
        try person.json("study", "keys", "--out", keys)
        let admitted = try operate(
            "admit", "--keys", keys, "--name-en", "Sleep Institute", "--role", role)
        let account = try #require(admitted["account"]?.string)
        if role == "sponsor" { try operate("fund", account, String(points)) }
        return person
    }

    /// Makes a member who has joined.
    func member(_ folder: String) throws -> Person {
        let person = Person(node: self, folder: folder)
        let joined = try person.json("join", try invitation(), "--node", address)
        #expect(joined["sync"]?.string == "complete")
        return person
    }
}

/// Somebody with a folder of their own who types commands.
struct Person {
    let node: TestNode
    let folder: String

    var home: String { node.scratch.file(folder).path }

    func run(_ arguments: [String], locale: String = "en_US.UTF-8") throws -> Programs.Result {
        try Programs.run(
            "accord", arguments, environment: ["ACCORD_HOME": home, "LANG": locale])
    }

    func run(_ arguments: String...) throws -> Programs.Result { try run(arguments) }

    /// Runs a command with `--json`, which has to end with `status`.
    @discardableResult
    func json(_ arguments: String..., status: Int32 = 0) throws -> JSONValue {
        let result = try run(arguments + ["--json"])
        #expect(result.status == status, "\(arguments): \(result.errors)")
        return try result.json()
    }

    /// Runs a decision and returns the first entry it made.
    @discardableResult
    func decide(_ arguments: String..., status: Int32 = 0) throws -> JSONValue {
        let result = try run(arguments + ["--json"])
        #expect(result.status == status, "\(arguments): \(result.errors)")
        return try #require(try result.json()["entries"]?.array?.first)
    }
}

/// A project as a study team writes it.
func projectFile(_ id: String, title: String = "Sleep and shifts", seats: Int = 0) -> String {
    """
    {
      "project": "\(id)", "programme": "staff-plan", "title": {"en": "\(title)"},
      "why": {"en": "To find out what shift work does to sleep."},
      "kinds": [["wearable", false], ["clinical", true]], "purposes": ["HMB"],
      "collect_from": "2005-01-01", "collect_until": "2037-12-31",
      "use_until": "2038-12-31", "erase_at": "2039-06-30", "seats": \(seats),
      "reward": {"contribution": 600, "use": 20, "use_cap": 600, "member_cap": 2000, "window": 0}
    }
    """
}
