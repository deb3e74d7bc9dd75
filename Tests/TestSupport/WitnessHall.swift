package import LedgerCore
package import NodeSequencer
import Synchronization

/// Several witnesses in this process, `W1` and so on, and a policy that says how many it takes.
package final class WitnessHall: WitnessLink {
    private struct Away: Error {}

    private struct State {
        var away: Set<String> = []
        var slow: Set<String> = []
        var asked: [String: Int] = [:]
    }

    /// The policy.
    package let policy: WitnessPolicy
    private let witnesses: [String: Witness]
    private let state = Mutex(State())

    /// Makes `count` witnesses that look after a log and have cosigned nothing yet.
    ///
    /// The same names have the same keys in every hall. `needed` of `nil` needs nobody.
    package init(count: Int, needed: Int?, log: VerifierKey, clock: any NodeClock) throws {
        var witnesses = [String: Witness]()
        var lines = ["log \(log.text)"]
        for number in 1...count {
            let cosigner = try Self.cosigner(number)
            witnesses["W\(number)"] = Witness(
                store: MemoryWitnessStore(log), cosigner: cosigner, clock: clock)
            lines.append("witness W\(number) \(cosigner.verifierKey.text) http://W\(number)")
        }
        let names = (1...count).map { "W\($0)" }.joined(separator: " ")
        if let needed {
            lines += ["group enough \(needed) \(names)", "quorum enough"]
        } else {
            lines.append("quorum none")
        }
        policy = try WitnessPolicy(parsing: Array(lines.map { $0 + "\n" }.joined().utf8))
        self.witnesses = witnesses
    }

    /// The key of the witness with this number, from 1.
    package static func cosigner(_ number: Int) throws -> Cosigner {
        try Cosigner(
            name: "w\(number).example", seed: [UInt8](repeating: UInt8(number), count: 32))
    }

    /// How often a witness was asked.
    package func askedCount(_ name: String) -> Int { state.withLock { $0.asked[name] ?? 0 } }

    /// Says which witnesses cannot be reached from now on.
    package func setAway(_ names: Set<String>) { state.withLock { $0.away = names } }

    /// Says which witnesses take a request and do not answer from now on.
    package func setSlow(_ names: Set<String>) { state.withLock { $0.slow = names } }

    /// Answers as the HTTP side of a witness does.
    package func addCheckpoint(_ body: [UInt8], at url: String) async throws -> WitnessReply {
        let name = String(url.dropFirst("http://".count))
        let (isAway, isSlow) = state.withLock { state in
            state.asked[name, default: 0] += 1
            return (state.away.contains(name), state.slow.contains(name))
        }
        // Ends when nobody waits for it any more.
        if isSlow { try await Task.sleep(for: .seconds(3600)) }
        guard let witness = witnesses[name], !isAway else { throw Away() }
        switch try await witness.answer(to: body) {
        case .cosigned(let line): return WitnessReply(status: 200, type: "text/plain", body: line)
        case .refused(.conflict(let size)):
            return WitnessReply(
                status: 409, type: "text/x.tlog.size", body: Array("\(size)\n".utf8))
        case .refused: return WitnessReply(status: 422, type: "text/plain", body: [])
        }
    }
}

/// Keeps what a witness cosigned in memory.
private final class MemoryWitnessStore: WitnessStore {
    private let log: VerifierKey
    private let tree = Mutex<WitnessedTree?>(nil)

    init(_ log: VerifierKey) { self.log = log }

    func logKey(of origin: String) throws -> VerifierKey? { origin == log.name ? log : nil }

    func newest(of origin: String) throws -> WitnessedTree? { tree.withLock { $0 } }

    func advance(_ origin: String, from old: Int, to new: WitnessedTree) async throws -> Bool {
        tree.withLock { tree in
            guard tree?.size ?? 0 == old else { return false }
            tree = new
            return true
        }
    }
}
