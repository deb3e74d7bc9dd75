internal import LedgerCore
internal import NodeAPI
internal import NodeServer
internal import RulesModel
internal import SyncCore

/// What the network does to requests while it is not healthy.
struct NetworkFaults {
    /// How many of a hundred requests, and of a hundred answers, are lost.
    var requestLoss = 0
    var answerLoss = 0
    /// How many of a hundred requests arrive twice; the second answer goes nowhere.
    var duplicates = 0
    /// How many of a hundred connections fall silent without an end.
    var halfOpen = 0
    /// How many of a hundred checkpoints come out of a cache between.
    var staleCheckpoints = 0
    /// How long a message takes, in milliseconds.
    var delay: ClosedRange<Int64> = 1...20
}

/// Which way between a client and the node is cut.
enum Partition: CaseIterable {
    case none, outwards, inwards, both
}

/// The network: delays, loses, repeats, reorders.
///
/// Requests of one client overtake each other, since each has a delay of its own.
final class SimulatedNetwork: @unchecked Sendable {
    typealias Answer = Result<NodeAnswer, NodeFailure>

    private struct Pending {
        let process: ClientProcess
        let isPoll: Bool
        let continuation: CheckedContinuation<Answer, Never>
    }

    var faults = NetworkFaults()
    var numbers: SeededNumbers
    let time: VirtualTime
    let node: SimulatedNode
    /// Told of every answer that left the node.
    var onAnswer: (NodeCall, NodeAnswer) -> Void = { _, _ in }
    /// Told of what happens.
    var onTrace: (String) -> Void = { _ in }
    /// Where a planted bug sends a request; `nil` for the usual way.
    var divert: ((NodeCall, SimulatedClient) -> SimulatedNode?)?
    private var pending: [Int: Pending] = [:]
    private var number = 0
    private var checkpoints: [NodeAnswer] = []

    init(seed: UInt64, time: VirtualTime, node: SimulatedNode) {
        numbers = SeededNumbers(seed: seed)
        self.time = time
        self.node = node
    }

    private func happens(_ percent: Int) -> Bool { percent > 0 && numbers.below(100) < percent }

    private func delay() -> Int64 {
        let span = Int(faults.delay.upperBound - faults.delay.lowerBound + 1)
        return faults.delay.lowerBound + Int64(numbers.below(span))
    }

    /// Whether a request with a deadline, besides a poll, is on its way.
    func isAsking(_ process: ClientProcess) -> Bool {
        pending.values.contains { $0.process === process && !$0.isPoll }
    }

    /// The number of the next request.
    func next() -> Int {
        number += 1
        return number
    }

    /// Sends a request; `continuation` gets the answer, or why there is none.
    func send(
        _ id: Int, _ call: NodeCall, headers: [(name: String, value: String)],
        from process: ClientProcess, deadline: Duration,
        _ continuation: CheckedContinuation<Answer, Never>
    ) {
        guard process.isAlive else {
            return continuation.resume(returning: .failure(.unreachable("the process is dead")))
        }
        pending[id] = Pending(
            process: process, isPoll: call.path == "/v1/changes", continuation: continuation)
        time.after(deadline.components.seconds * 1000) {
            self.finish(id, .failure(.timedOut))
        }
        let partition = process.client.partition
        if partition == .outwards || partition == .both || happens(faults.requestLoss) {
            // Some networks say that there is no way, others say nothing.
            if numbers.once(in: 2) { fail(id, .noRoute) }
            return
        }
        if happens(faults.halfOpen) { return }
        let copies = happens(faults.duplicates) ? 2 : 1
        for copy in 0..<copies {
            time.after(delay()) { self.arrive(copy == 0 ? id : 0, call, headers, process) }
        }
    }

    /// Forgets a request nobody waits for any more.
    func cancel(_ id: Int) {
        pending.removeValue(forKey: id)?.continuation.resume(returning: .failure(.timedOut))
    }

    /// Ends all requests of a process that died.
    func drop(_ process: ClientProcess) {
        for (id, _) in pending.filter({ $0.value.process === process }).sorted(by: {
            $0.key < $1.key
        }) { cancel(id) }
    }

    private func fail(_ id: Int, _ cause: NodeOutage.Cause) {
        time.after(delay()) {
            self.finish(id, .failure(.away(NodeOutage(cause, at: World.authority))))
        }
    }

    private func finish(_ id: Int, _ answer: Answer) {
        guard let waiting = pending[id] else { return }
        waiting.process.whenAwake {
            guard self.pending.removeValue(forKey: id) != nil else { return }
            waiting.continuation.resume(returning: answer)
        }
    }

    private func arrive(
        _ id: Int, _ call: NodeCall, _ headers: [(name: String, value: String)],
        _ process: ClientProcess
    ) {
        let node = divert?(call, process.client) ?? node
        guard let running = node.process else { return fail(id, .refused) }
        let generation = node.generation
        Task {
            let answer = await running.server.answer(
                call, headers: headers, authority: World.authority, from: process.client.name)
            guard node.generation == generation else { return self.fail(id, .brokenOff) }
            self.onAnswer(call, answer)
            self.onTrace("\(process.client.name) \(call.path)?\(call.query): \(answer.status)")
            self.answered(id, call, answer, process)
        }
    }

    private func answered(
        _ id: Int, _ call: NodeCall, _ answer: NodeAnswer, _ process: ClientProcess
    ) {
        var answer = answer
        if call == .checkpoint, answer.status == 200 {
            checkpoints.append(answer)
            if happens(faults.staleCheckpoints), let old = numbers.pick(checkpoints) {
                answer = old
            }
        }
        let partition = process.client.partition
        guard partition != .inwards, partition != .both, !happens(faults.answerLoss) else {
            return
        }
        time.after(delay()) { self.finish(id, .success(answer)) }
    }
}

/// The way of one process to the node.
final class SimulatedConnection: NodeConnection, @unchecked Sendable {
    private weak let process: ClientProcess?
    private let network: SimulatedNetwork

    init(_ process: ClientProcess, _ network: SimulatedNetwork) {
        self.process = process
        self.network = network
    }

    func send(_ call: NodeCall, deadline: Duration, limit: Int) async throws(NodeFailure)
        -> [UInt8]
    {
        guard let process else { throw .unreachable("the process is dead") }
        do throws(NodeFailure) {
            return try await attempt(call, at: process.client.now(), process, deadline, limit)
        } catch {
            guard case .problem(let problem) = error, problem.code == .clockSkew,
                let time = problem.nodeTime
            else { throw error }
            return try await attempt(call, at: time, process, deadline, limit)
        }
    }

    private func attempt(
        _ call: NodeCall, at now: Timestamp, _ process: ClientProcess, _ deadline: Duration,
        _ limit: Int
    ) async throws(NodeFailure) -> [UInt8] {
        let id = network.next()
        let headers: [(name: String, value: String)]
        do {
            headers =
                call.isSigned
                ? try process.client.device.headers(
                    for: call, at: now, nonce: "nonce-\(id)-of-a-simulation") : []
        } catch {
            throw .locked
        }
        let answer = try await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                self.network.send(
                    id, call, headers: headers, from: process, deadline: deadline,
                    continuation)
                if Task.isCancelled { self.network.cancel(id) }
            }
        } onCancel: {
            self.network.cancel(id)
        }.get()
        switch answer.status {
        case 200, 201, 204:
            guard answer.body.count <= limit else { throw .malformed("the answer is too long") }
            if call == .checkpoint { process.client.receivedCheckpoint = answer.body }
            return answer.body
        default:
            guard let problem = try? Problem(body: answer.body) else {
                throw .malformed("HTTP status \(answer.status)")
            }
            throw .problem(problem)
        }
    }
}
