internal import NodeAPI
internal import Synchronization

/// Where those wait whose signatures the node has no reason to expect to be good: one at a time,
/// beside the others and never before them.
final class NarrowLane: Sendable {
    private struct State {
        var isTaken = false
        /// Those who were told that they may wait.
        var admittedCount = 0
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())
    private let waitingCount: Int

    /// Lets at most `waitingCount` wait.
    init(waitingCount: Int) {
        self.waitingCount = waitingCount
    }

    /// Waits for the turn; `leave` has to follow.
    ///
    /// - Returns: `false` if too many wait: there is no turn then.
    func enter() async -> Bool {
        let isNext = state.withLock { state -> Bool? in
            guard state.isTaken else {
                state.isTaken = true
                return true
            }
            guard state.admittedCount < waitingCount else { return nil }
            state.admittedCount += 1
            return false
        }
        guard let isNext else { return false }
        guard !isNext else { return true }
        await withCheckedContinuation { continuation in
            let isNext = state.withLock { state in
                guard state.isTaken else {
                    state.isTaken = true
                    state.admittedCount -= 1
                    return true
                }
                state.waiting.append(continuation)
                return false
            }
            if isNext { continuation.resume() }
        }
        return true
    }

    /// Gives the turn on.
    func leave() {
        let next = state.withLock { state -> CheckedContinuation<Void, Never>? in
            guard !state.waiting.isEmpty else {
                state.isTaken = false
                return nil
            }
            state.admittedCount -= 1
            return state.waiting.removeFirst()
        }
        next?.resume()
    }
}
