import Foundation
import LedgerCore
import Testing

/// A witness that runs, and a policy that needs it.
final class WitnessWatch {
    let process: Process
    let key: String
    /// The file with the policy.
    let policy: String

    init(_ scratch: Scratch, log: String) throws {
        let data = scratch.file("witness").path
        func witness(_ arguments: String...) throws -> String {
            let result = try Programs.run(
                "accord-node",
                ["witness", arguments[0], "--data", data] + arguments.dropFirst())
            try #require(result.status == 0, "\(result.errors)")
            return result.text
        }
        key = try witness("init", "--name", "w.example/1").filter { $0 != "\n" }
        _ = try witness("add-log", log)
        let (process, address) = try Programs.serve(
            ["witness", "serve", "--data", data, "--listen", "127.0.0.1:0"], scratch,
            name: "witness")
        self.process = process
        policy = try scratch.write(
            "log \(log)\nwitness Union \(key) \(address)\nquorum Union\n", to: "policy")
    }

    deinit { stop() }

    func stop() {
        guard process.isRunning else { return }
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }
}

extension TestNode {
    /// A node that asks a witness for its cosignatures.
    static func witnessed() throws -> (node: TestNode, watch: WitnessWatch) {
        var watch: WitnessWatch?
        let node = try TestNode { scratch, key in
            watch = try WitnessWatch(scratch, log: key)
            return watch?.policy
        }
        return (node, try #require(watch))
    }

    /// Writes a policy that needs a witness nobody has seen.
    func foreignWitness() throws -> String {
        let cosigner = try Cosigner(name: "away.example", seed: [UInt8](repeating: 9, count: 32))
        return try scratch.write(
            "witness Away \(cosigner.verifierKey.text)\nquorum Away\n", to: "absent")
    }

    /// Writes a policy that is for another log.
    func foreignPolicy() throws -> String {
        let other = try NoteSigner(name: "other", seed: [UInt8](repeating: 1, count: 32))
        return try scratch.write("log \(other.verifierKey.text)\nquorum none\n", to: "foreign")
    }
}
