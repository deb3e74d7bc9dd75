import LedgerCore
import NodeAPI
import SyncCore
import Testing

@Suite struct SyncMachineTests {
    private let now = Timestamp(milliseconds: 1_000_000)

    private func started(undecided: Int = 0, uploads: Int = 0, polls: Bool = true) -> (
        SyncMachine, [SyncAction]
    ) {
        var machine = SyncMachine(verifiedSize: 5, polls: polls)
        let event = SyncEvent.started(undecided: undecided, uploads: uploads)
        let actions = machine.step(event, now: now, random: 7)
        return (machine, actions)
    }

    @Test func `it pushes first, then pulls, then waits for news`() {
        var (machine, actions) = started(undecided: 2)
        #expect(actions == [.push])
        #expect(machine.connection == .pushing)
        actions = machine.step(
            .pushFinished(.answered(decided: 2, undecided: 0)), now: now, random: 7)
        #expect(actions == [.pull])
        #expect(machine.connection == .pulling)
        actions = machine.step(.pullFinished(.verified(size: 9)), now: now, random: 7)
        #expect(actions == [.poll(since: 9)])
        #expect(machine.connection == .waiting)
        actions = machine.step(.pollFinished(size: 11), now: now, random: 7)
        #expect(actions == [.pull])
    }

    @Test func `a poll without news leads to a round once confirmations are due`() {
        var (machine, _) = started()
        _ = machine.step(.pullFinished(.verified(size: 9)), now: now, random: 7)
        let later = now.adding(milliseconds: 25_000)
        machine.refreshAt = later.adding(milliseconds: 1)
        #expect(
            machine.step(.pollFinished(size: nil), now: later, random: 7) == [.poll(since: 9)])
        let due = later.adding(milliseconds: 25_000)
        machine.refreshAt = due
        #expect(machine.step(.pollFinished(size: nil), now: due, random: 7) == [.pull])
    }

    @Test func `what too few confirmed is asked for again, as what did not arrive`() {
        var (machine, _) = started()
        let actions = machine.step(.pullFinished(.failed(.unconfirmed)), now: now, random: 99)
        #expect(actions == [.setTimer(now.adding(milliseconds: 100))])
        guard case .backoff(1, _) = machine.connection else {
            Issue.record("\(machine.connection)")
            return
        }
    }

    @Test func `what is queued while it polls is sent at once`() {
        var (machine, _) = started()
        _ = machine.step(.pullFinished(.verified(size: 9)), now: now, random: 7)
        let actions = machine.step(
            .workChanged(undecided: 1, uploads: 0), now: now, random: 7)
        #expect(actions == [.push])
    }

    @Test(arguments: [
        (0, Int64(500)), (1, 1000), (2, 2000), (6, 32_000), (7, 60_000), (400, 60_000),
    ])
    func `the bound of the back-off doubles up to a minute`(attempts: Int, bound: Int64) {
        #expect(SyncMachine.backoffBoundMilliseconds(attempts: attempts) == bound)
    }

    @Test func `a failure arms one timer, and only a verified round resets the back-off`() {
        var (machine, _) = started(undecided: 1)
        var actions = machine.step(
            .pushFinished(.failed(.timedOut)), now: now, random: 99)
        #expect(actions == [.setTimer(now.adding(milliseconds: 100))])
        #expect(
            machine.connection
                == .backoff(attempts: 1, until: now.adding(milliseconds: 100)))
        let later = now.adding(milliseconds: 100)
        actions = machine.step(.timerFired, now: later, random: 0)
        #expect(actions == [.push])
        _ = machine.step(
            .pushFinished(.answered(decided: 1, undecided: 0)), now: later, random: 0)
        // The push went well, the round did not: the attempts go on counting.
        _ = machine.step(
            .pullFinished(.failed(.unreachable(""))), now: later, random: 999)
        #expect(
            machine.connection
                == .backoff(attempts: 2, until: later.adding(milliseconds: 1000)))
    }

    @Test(arguments: [ProblemCode.busy, .tooManyRequests])
    func `what the node asks to wait is the least`(code: ProblemCode) {
        var (machine, _) = started(undecided: 1)
        let asked = NodeFailure.problem(Problem(code, retryAfterSeconds: 9))
        let actions = machine.step(.pushFinished(.failed(asked)), now: now, random: 3)
        #expect(actions == [.setTimer(now.adding(milliseconds: 9000))])
    }

    @Test func `a node without room is asked what is new all the same, and then left alone`() {
        var (machine, _) = started(undecided: 1)
        let full = NodeFailure.problem(Problem(.storageFull))
        #expect(machine.step(.pushFinished(.failed(full)), now: now, random: 99) == [.pull])
        let actions = machine.step(.pullFinished(.verified(size: 9)), now: now, random: 99)
        #expect(actions == [.setTimer(now.adding(milliseconds: 100))])
        let later = now.adding(milliseconds: 100)
        #expect(machine.step(.timerFired, now: later, random: 99) == [.push])
        #expect(machine.debugInvariant == nil)
    }

    @Test func `what a node without room took is fetched before the rest is sent again`() {
        var (machine, _) = started(undecided: 2)
        let answer = SyncEvent.PushOutcome.stopped(decided: 1, undecided: 1, reason: .busy)
        #expect(machine.step(.pushFinished(answer), now: now, random: 99) == [.pull])
        let actions = machine.step(.pullFinished(.verified(size: 9)), now: now, random: 99)
        #expect(actions == [.setTimer(now.adding(milliseconds: 100))])
    }

    @Test func `a person's wish cuts the back-off short`() {
        var (machine, _) = started(undecided: 1)
        _ = machine.step(.pushFinished(.failed(.timedOut)), now: now, random: 400)
        let actions = machine.step(.woken, now: now, random: 0)
        #expect(actions == [.cancelTimer, .push] || actions == [.push, .cancelTimer])
    }

    @Test(arguments: [
        (NodeFailure.problem(Problem(.deviceUnknown)), ConnectionState.needsEnrolment),
        (.problem(Problem(.deviceRevoked)), .revoked),
        (.incompatible, .incompatible),
        (.locked, .needsUnlock),
    ])
    func `a failure that waiting does not mend rests and asks for nothing more`(
        failure: NodeFailure, state: ConnectionState
    ) {
        var (machine, _) = started(undecided: 1)
        let actions = machine.step(.pushFinished(.failed(failure)), now: now, random: 1)
        #expect(machine.connection == state)
        #expect(actions.isEmpty)
        #expect(machine.step(.timerFired, now: now, random: 1).isEmpty)
        // Nobody signed what the answer claims: a person's wish asks once more.
        let again = machine.step(.woken, now: now, random: 1)
        #expect(again == (state == .needsUnlock ? [] : [.push]))
        #expect(machine.debugInvariant == nil)
    }

    @Test func `a revocation the ledger shows is for ever`() {
        var (machine, _) = started()
        _ = machine.step(.pullFinished(.revoked), now: now, random: 1)
        for event in [SyncEvent.woken, .vaultLocked(false), .timerFired] {
            #expect(machine.step(event, now: now, random: 1).isEmpty)
            #expect(machine.connection == .revoked)
        }
    }

    @Test func `a clock that is set back does not make a wait longer`() {
        var (machine, _) = started(undecided: 1)
        _ = machine.step(.pushFinished(.failed(.timedOut)), now: now, random: 400)
        let decadeAgo = now.adding(milliseconds: -315_360_000_000)
        #expect(machine.step(.timerFired, now: decadeAgo, random: 1) == [.push])
        // And one that fires too early for another reason is armed again.
        let busy = NodeFailure.problem(Problem(.busy, retryAfterSeconds: 9))
        _ = machine.step(.pushFinished(.failed(busy)), now: now, random: 3)
        #expect(
            machine.step(.timerFired, now: now, random: 1)
                == [.setTimer(now.adding(milliseconds: 9000))])
    }

    @Test func `a clock that stands still does not make a wait endless`() {
        var (machine, _) = started(undecided: 1)
        _ = machine.step(.pushFinished(.failed(.timedOut)), now: now, random: 400)
        // One timer may go off too early by chance; two in a row mean that the clock stands.
        #expect(
            machine.step(.timerFired, now: now, random: 1)
                == [.setTimer(now.adding(milliseconds: 401))])
        #expect(machine.step(.timerFired, now: now, random: 1) == [.push])
    }

    @Test func `unlocking while offline by choice stays offline`() {
        var (machine, _) = started(undecided: 1)
        _ = machine.step(.pushFinished(.failed(.timedOut)), now: now, random: 400)
        _ = machine.step(.offlineChosen(true), now: now, random: 1)
        _ = machine.step(.vaultLocked(true), now: now, random: 1)
        #expect(machine.step(.vaultLocked(false), now: now, random: 1).isEmpty)
        #expect(machine.connection == .offline)
        #expect(machine.step(.offlineChosen(false), now: now, random: 1) == [.push])
    }

    @Test func `an alarm is for ever`() {
        var (machine, _) = started(undecided: 1)
        _ = machine.step(.pushFinished(.answered(decided: 1, undecided: 0)), now: now, random: 1)
        _ = machine.step(.pullFinished(.alarm("fork")), now: now, random: 1)
        for event in [SyncEvent.woken, .offlineChosen(false), .vaultLocked(false), .timerFired] {
            #expect(machine.step(event, now: now, random: 1).isEmpty)
            #expect(machine.connection == .frozen(reason: "fork"))
        }
    }

    @Test func `a locked vault keeps the outbox and unlocking goes on`() {
        var (machine, _) = started(undecided: 1)
        _ = machine.step(.pushFinished(.failed(.timedOut)), now: now, random: 400)
        #expect(machine.step(.vaultLocked(true), now: now, random: 1) == [.cancelTimer])
        #expect(machine.connection == .needsUnlock)
        #expect(machine.step(.vaultLocked(false), now: now, random: 1) == [.push])
    }

    @Test func `offline by choice stops the poll and asks for nothing`() {
        var (machine, _) = started()
        _ = machine.step(.pullFinished(.verified(size: 9)), now: now, random: 7)
        #expect(machine.step(.offlineChosen(true), now: now, random: 7) == [.cancelPoll])
        #expect(machine.connection == .offline)
        #expect(machine.step(.workChanged(undecided: 1, uploads: 0), now: now, random: 7).isEmpty)
        #expect(machine.step(.offlineChosen(false), now: now, random: 7) == [.push])
    }

    @Test func `uploads have a back-off of their own`() {
        var (machine, actions) = started(uploads: 1)
        #expect(actions == [.upload, .pull])
        actions = machine.step(.uploadFailed(.timedOut), now: now, random: 99)
        #expect(actions == [.setTimer(now.adding(milliseconds: 100))])
        actions = machine.step(.pullFinished(.verified(size: 9)), now: now, random: 7)
        #expect(actions == [.poll(since: 9)])
        let later = now.adding(milliseconds: 100)
        actions = machine.step(.timerFired, now: later, random: 7)
        #expect(actions == [.upload])
    }

    @Test func `an upload whose entry is not recorded yet waits for the next round`() {
        var (machine, _) = started(uploads: 1)
        #expect(machine.step(.uploadDeferred, now: now, random: 7).isEmpty)
        let actions = machine.step(.pullFinished(.verified(size: 9)), now: now, random: 7)
        #expect(actions == [.upload, .poll(since: 9)])
    }

    @Test func `an upload that is told only after the round it needed is tried once more`() {
        var (machine, _) = started(uploads: 1)
        let actions = machine.step(.pullFinished(.verified(size: 9)), now: now, random: 7)
        #expect(actions == [.poll(since: 9)])
        #expect(machine.step(.uploadDeferred, now: now, random: 7) == [.upload])
        #expect(machine.step(.uploadDeferred, now: now, random: 7).isEmpty)
    }
}
