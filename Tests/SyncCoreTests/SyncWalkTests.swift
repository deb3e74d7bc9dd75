import LedgerCore
import NodeAPI
import SyncCore
import Testing

/// Long random walks: whatever happens in whatever order, work that waits is never forgotten.
@Suite struct SyncWalkTests {
    @Test(arguments: 0..<8)
    func `whatever happens, waiting work has a timer or a request and gets done in the end`(
        seed: Int
    ) {
        for walk in 0..<250 {
            var walker = Walker(seed: UInt64(seed * 1_000 + walk))
            walker.wander(steps: 200)
            walker.heal()
            if let problem = walker.problem {
                Issue.record("walk \(seed * 1_000 + walk): \(problem)")
                return
            }
        }
    }
}

/// A machine, the requests that are on their way, and a node that does what it likes.
private struct Walker {
    private(set) var problem: String?
    private var machine = SyncMachine(verifiedSize: 0)
    private var seed: UInt64
    private var time = Timestamp(milliseconds: 1_000_000_000)
    private var lanes: Set<SyncAction.Lane> = []
    private var timer: Timestamp?
    private var undecided: Int
    private var uploads: Int
    private var isOffline = false
    private var isLocked = false
    /// Before this time the node asked not to be asked; a person's wish lifts it.
    private var quietUntil = Timestamp(milliseconds: .min)

    init(seed: UInt64) {
        self.seed = seed &* 2_862_933_555_777_941_757 &+ 3_037_000_493
        undecided = 1
        uploads = 1
        undecided = Int(next(3))
        uploads = Int(next(3))
        feed(.started(undecided: undecided, uploads: uploads))
    }

    private mutating func next(_ bound: UInt64) -> UInt64 {
        seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return (seed >> 33) % bound
    }

    private mutating func feed(_ event: SyncEvent) {
        let random = next(1 << 31)
        for action in machine.step(event, now: time, random: random) { note(action) }
        if let broken = machine.debugInvariant { fail("\(event): \(broken)") }
        guard machine.canTalk else { return }
        if undecided > 0, timer == nil, !lanes.contains(.main) {
            fail("\(event): \(undecided) entries are forgotten in \(machine.connection)")
        }
        if uploads > 0, timer == nil, lanes.isEmpty { fail("\(event): uploads are forgotten") }
    }

    private mutating func note(_ action: SyncAction) {
        switch action {
        case .setTimer(let at): timer = at
        case .cancelTimer: timer = nil
        case .cancelPoll: lanes.remove(.poll)
        case .push, .pull, .upload, .poll:
            guard let lane = action.lane else { return }
            if !lanes.insert(lane).inserted { fail("two requests in one lane: \(action)") }
            if isOffline || isLocked { fail("\(action) though nothing may be sent") }
            if lane == .main, time < quietUntil { fail("\(action) before Retry-After") }
        }
    }

    private mutating func fail(_ text: String) {
        problem = problem ?? text
    }

    /// Goes through random events.
    mutating func wander(steps: Int) {
        for _ in 0..<steps where problem == nil {
            switch next(20) {
            case 0: change()
            case 1: wish()
            case 2: jump()
            default: proceed()
            }
        }
    }

    /// Lets everything go well from now on: all work has to get done, without another event.
    mutating func heal() {
        isOffline = false
        isLocked = false
        quietUntil = time
        feed(.offlineChosen(false))
        feed(.vaultLocked(false))
        feed(.woken)
        for _ in 0..<40 where problem == nil {
            if lanes.remove(.main) != nil {
                if machine.connection == .pushing {
                    undecided = 0
                    feed(.pushFinished(.answered(decided: 1, undecided: 0)))
                } else {
                    feed(.pullFinished(.verified(size: 99)))
                }
            } else if lanes.remove(.upload) != nil {
                uploads = max(uploads - 1, 0)
                feed(.uploadAdvanced(remaining: uploads))
            } else if let due = timer {
                fire(due)
            }
        }
        guard problem == nil else { return }
        if undecided > 0 || uploads > 0 { fail("\(undecided) entries, \(uploads) uploads stay") }
        if machine.connection != .waiting { fail("it ends in \(machine.connection)") }
        if !lanes.contains(.poll) { fail("nobody waits for news") }
    }

    /// Time passes until the timer, or a request ends.
    private mutating func proceed() {
        let running = lanes.sorted { $0.rawValue < $1.rawValue }
        let choice = Int(next(UInt64(running.count + 1)))
        guard choice < running.count else {
            guard let due = timer else { return }
            return fire(due)
        }
        time = time.adding(milliseconds: Int64(next(3_000)))
        lanes.remove(running[choice])
        switch running[choice] {
        case .main: machine.connection == .pushing ? endPush() : endPull()
        case .poll: next(2) == 0 ? feed(.pollFinished(size: Int64(next(90)))) : endPoll()
        case .upload: endUpload()
        }
    }

    private mutating func fire(_ due: Timestamp) {
        time = max(time, due)
        timer = nil
        feed(.timerFired)
    }

    private mutating func endPush() {
        switch next(4) {
        case 0: feed(.pushFinished(.failed(failure())))
        case 1:
            undecided = Int(next(3))
            feed(.pushFinished(.answered(decided: Int(next(3)), undecided: undecided)))
        case 2: feed(.pushFinished(.stopped(decided: 0, undecided: undecided, reason: .busy)))
        default:
            undecided = 0
            feed(.pushFinished(.answered(decided: 1, undecided: 0)))
        }
    }

    private mutating func endPull() {
        switch next(5) {
        case 0: feed(.pullFinished(.failed(failure())))
        case 1: feed(.pullFinished(.stale))
        case 2: feed(.pullFinished(.outrun))
        default: feed(.pullFinished(.verified(size: Int64(next(90)))))
        }
    }

    private mutating func endPoll() {
        next(2) == 0 ? feed(.pollFinished(size: nil)) : feed(.pollFailed(failure()))
    }

    private mutating func endUpload() {
        switch next(4) {
        case 0: feed(.uploadFailed(failure(isQuiet: false)))
        case 1: feed(.uploadDeferred)
        default:
            uploads = Int(next(2))
            feed(.uploadAdvanced(remaining: uploads))
        }
    }

    private mutating func failure(isQuiet: Bool = true) -> NodeFailure {
        switch next(8) {
        case 0: .timedOut
        case 1: .away(NodeOutage(.refused, at: "node:1"))
        case 2: .malformed("")
        case 3: .incompatible
        case 4: .problem(Problem(.deviceUnknown))
        case 5: .problem(Problem(.deviceRevoked))
        default: asking(isQuiet)
        }
    }

    /// The node asks to be left alone for a while.
    private mutating func asking(_ isQuiet: Bool) -> NodeFailure {
        let seconds = Int64(next(90))
        if isQuiet, machine.canTalk {
            quietUntil = max(quietUntil, time.adding(milliseconds: seconds * 1_000))
        }
        return .problem(Problem(.busy, retryAfterSeconds: seconds))
    }

    private mutating func change() {
        undecided += Int(next(2))
        uploads += Int(next(2))
        feed(.workChanged(undecided: undecided, uploads: uploads))
    }

    private mutating func wish() {
        quietUntil = Timestamp(milliseconds: .min)
        switch next(4) {
        case 0:
            isOffline.toggle()
            feed(.offlineChosen(isOffline))
        case 1:
            isLocked.toggle()
            feed(.vaultLocked(isLocked))
        default: feed(.woken)
        }
    }

    /// Somebody sets the clock, by up to ten years; the timer counts on and fires.
    private mutating func jump() {
        quietUntil = Timestamp(milliseconds: .min)
        let years = Int64(next(20)) - 10
        time = time.adding(milliseconds: years * 31_536_000_000 + 5)
        guard timer != nil else { return }
        timer = nil
        feed(.timerFired)
    }
}

extension SyncAction {
    /// Where one request goes at a time.
    fileprivate enum Lane: Int {
        case main, poll, upload
    }

    fileprivate var lane: Lane? {
        switch self {
        case .push, .pull: .main
        case .poll: .poll
        case .upload: .upload
        case .setTimer, .cancelTimer, .cancelPoll: nil
        }
    }
}
