internal import LedgerCore
internal import NodeAPI
internal import NodeServer
internal import SyncCore

/// Watches every step for broken promises (`I1` to `I10`).
///
/// It knows what people were told, what the node answered and what each machine verified, and
/// nothing of how the programs work.
final class Oracles: @unchecked Sendable {
    /// What a person at one machine was told.
    struct Known {
        /// What was signed here, whether or not it was stored.
        var signed: [Hash: EntryKind] = [:]
        /// What was shown as queued and has no end yet, in order.
        var waiting: [Hash] = []
        /// Where each entry stands.
        var states: [Hash: EntryState] = [:]
        /// What may or may not be stored: the machine died while it was.
        var doubtful: Set<Hash> = []
        /// What the node had answered when the machine died: the answer may or may not be stored.
        var perhapsDecided: Set<Hash> = []
        /// What was shown as queued and is surely not decided here.
        var toSend: [Hash] { waiting.filter { !perhapsDecided.contains($0) } }
        /// The index each accepted entry was promised.
        var promises: [Hash: LeafIndex] = [:]
        /// The checkpoints that were verified, in order.
        var checkpoints: [(size: Int, root: Hash)] = []
        /// The state after the last merge; `nil` if none is known to be the last.
        var state: LedgerState?
    }

    struct Contribution {
        let entry: Hash
        let account: AccountID
        let project: ProjectID
    }

    private(set) var violation: String?
    /// How many leaves the log had when it began.
    var templateSize = 0
    var onTrace: (String) -> Void = { _ in }
    /// Whether the node broke a promise on purpose: then machines may freeze.
    var isNodeHostile = false
    private let time: VirtualTime
    private let logKey: VerifierKey
    private var known: [String: Known] = [:]
    private var verdicts: [Hash: Verdict] = [:]
    private var moments: [Hash: (signed: Int64, answered: Int64?)] = [:]
    private var contributions: [Contribution] = []
    private var revoked: Set<DeviceID> = []
    private var witnesses: [String: Witness] = [:]

    init(time: VirtualTime, logKey: VerifierKey) {
        self.time = time
        self.logKey = logKey
    }

    func fail(_ what: String) {
        guard violation == nil else { return }
        violation = what
        onTrace(what)
    }

    func add(_ client: SimulatedClient) { known[client.name] = Known() }

    func known(of client: SimulatedClient) -> Known { known[client.name] ?? Known() }

    func isRevoked(_ client: SimulatedClient) -> Bool { revoked.contains(client.device.id) }

    /// When an entry was recorded, in milliseconds of true time: after a person here signed it, and
    /// before the node answered it for the first time, or until now.
    ///
    /// `nil` for what nobody here signed.
    func recording(of entry: Hash) -> ClosedRange<Int64>? {
        guard let (signed, answered) = moments[entry] else { return nil }
        return signed...(answered ?? time.now)
    }

    /// Every verdict the node gave, by entry.
    var allVerdicts: [Hash: Verdict] { verdicts }

    // MARK: People

    func signed(_ entry: Entry, by client: SimulatedClient) {
        // It was signed a line above.
        guard let payload = try? entry.payload() else { return }
        moments[entry.id] = (time.now, nil)
        known[client.name]?.signed[entry.id] = payload.body.kind
    }

    func queued(_ entry: Hash, by client: SimulatedClient) {
        known[client.name]?.waiting.append(entry)
        known[client.name]?.states[entry] = .queued
    }

    /// Whether a machine has nothing to send and knows `size` leaves.
    func isAtRest(_ client: SimulatedClient, _ size: Int) -> Bool {
        let known = known(of: client)
        return known.toSend.isEmpty && known.checkpoints.last?.size ?? templateSize == size
    }

    func newestQueued(of client: SimulatedClient) -> Hash? {
        let known = known(of: client)
        return known.waiting.last.flatMap { known.states[$0] == .queued ? $0 : nil }
    }

    func withdrawn(_ entry: Hash, by client: SimulatedClient) {
        known[client.name]?.waiting.removeAll { $0 == entry }
        known[client.name]?.states[entry] = nil
        known[client.name]?.signed[entry] = nil
    }

    func mayBeWithdrawn(_ entry: Hash, by client: SimulatedClient) {
        known[client.name]?.doubtful.insert(entry)
    }

    /// The machine died: what it was about to store is known to nobody.
    func died(_ client: SimulatedClient) {
        let answered = known(of: client).waiting.filter { verdicts[$0] != nil }
        known[client.name]?.perhapsDecided.formUnion(answered)
        known[client.name]?.state = nil
    }

    /// An old copy of the disk is back: what was decided since is known to nobody here, and may or
    /// may not have been sent.
    func restored(_ client: SimulatedClient, to backup: Known) {
        var now = backup
        now.signed.merge(known(of: client).signed) { $1 }
        now.doubtful.formUnion(known(of: client).waiting)
        known[client.name] = now
    }

    // MARK: The node

    /// Takes in what left the node: verdicts never change (I3).
    func answered(_ call: NodeCall, _ answer: NodeAnswer) {
        guard call.path == "/v1/entries", answer.status == 200,
            let sent = try? EntrySubmission(body: call.body),
            let given = try? VerdictList(body: answer.body)
        else { return }
        for (bytes, verdict) in zip(sent.entries, given.verdicts) {
            let entry = Entry(bytes: bytes)
            if case .retry = verdict { continue }
            if let before = verdicts[entry.id], before != verdict {
                return fail("I3: the verdict on \(entry.id.hex) changed")
            }
            guard verdicts.updateValue(verdict, forKey: entry.id) == nil else { continue }
            noteAccepted(entry, verdict)
        }
    }

    private func noteAccepted(_ entry: Entry, _ verdict: Verdict) {
        moments[entry.id]?.answered = time.now
        guard case .accepted = verdict, let payload = try? entry.payload() else { return }
        switch payload.body {
        case .recordContributed(let contributed):
            contributions.append(
                Contribution(
                    entry: entry.id, account: payload.account, project: contributed.project))
        case .deviceRevoked(let device): revoked.insert(device)
        default: break
        }
    }

    func popContribution() -> Contribution? {
        contributions.isEmpty ? nil : contributions.removeFirst()
    }

    // MARK: Machines

    func witness(of client: SimulatedClient) -> any StoreWitness {
        let witness = Witness(client: client, oracles: self)
        witnesses[client.name] = witness
        return witness
    }

    private final class Witness: StoreWitness {
        unowned let client: SimulatedClient
        unowned let oracles: Oracles

        init(client: SimulatedClient, oracles: Oracles) {
            self.client = client
            self.oracles = oracles
        }

        func stored(_ what: StoredChange) {
            // What a dead process believes it stored is not on the disk.
            guard client.process?.isAlive != false else { return }
            switch what {
            case .sent(let entries): oracles.sent(entries, by: client)
            case .decided(let decisions): oracles.decided(decisions, by: client)
            case .merged(let round): oracles.merged(round, by: client)
            case .renumbering(let entries): oracles.mayBeRenumbered(entries, by: client)
            case .renumbered(let refused, let gone, let anew):
                oracles.renumbered(refused, gone, anew, by: client)
            case .frozen(let reason):
                guard !oracles.isNodeHostile else { return }
                oracles.fail("I6: \(client.name) is frozen by an honest node: \(reason)")
            }
        }
    }

    private func mayBeRenumbered(_ entries: [Hash], by client: SimulatedClient) {
        known[client.name]?.doubtful.formUnion(entries)
    }

    /// What is refused here must never be on the ledger; what is signed anew stands for what is gone.
    private func renumbered(
        _ refused: [Hash], _ gone: [Hash], _ anew: [Entry], by client: SimulatedClient
    ) {
        onTrace("\(client.name) renumbers \(anew.count) and refuses \(refused.count)")
        for entry in gone { withdrawn(entry, by: client) }
        for entry in refused {
            known[client.name]?.waiting.removeAll { $0 == entry }
            known[client.name]?.doubtful.remove(entry)
            known[client.name]?.states[entry] = .rejected
        }
        for entry in anew {
            signed(entry, by: client)
            queued(entry.id, by: client)
        }
    }

    private func sent(_ entries: [Hash], by client: SimulatedClient) {
        onTrace("\(client.name) notes \(entries.count) as sent")
        for entry in entries {
            known[client.name]?.perhapsDecided.remove(entry)
            move(entry, of: client, to: .sent, from: [nil, .queued, .sent])
        }
    }

    private func decided(
        _ decisions: [(entry: Hash, decision: Decision)], by client: SimulatedClient
    ) {
        for (entry, decision) in decisions {
            onTrace("\(client.name) stores a verdict on \(entry.hex.prefix(6)): \(decision.short)")
            switch decision {
            case .accepted(let index, _):
                move(entry, of: client, to: .accepted, from: [nil, .queued, .sent])
                known[client.name]?.promises[entry] = index
                if case .accepted(let acceptance)? = verdicts[entry], acceptance.index != index {
                    fail("I1: \(client.name) shows another index than the node gave")
                }
            case .rejected:
                move(entry, of: client, to: .rejected, from: [nil, .queued, .sent])
            }
            known[client.name]?.waiting.removeAll { $0 == entry }
        }
    }

    /// States are neither skipped backwards nor undone (I7).
    private func move(
        _ entry: Hash, of client: SimulatedClient, to state: EntryState, from: [EntryState?]
    ) {
        let before = known[client.name]?.states[entry]
        // What is decided already does not change by what is stored late.
        if before == .proven || before == .accepted || before == .rejected { return }
        guard from.contains(before) else {
            return fail("I7: an entry of \(client.name) went from \(before as Any) to \(state)")
        }
        known[client.name]?.states[entry] = state
    }

    /// Verified checkpoints only grow (I5).
    private func merged(_ round: VerifiedRound, by client: SimulatedClient) {
        let checkpoint = round.checkpoint.checkpoint
        onTrace(
            "\(client.name) merges \(checkpoint.size) leaves, \(round.entries.count) entries")
        if let last = known[client.name]?.checkpoints.last, checkpoint.size < last.size {
            fail("I5: \(client.name) went back from \(last.size) to \(checkpoint.size) leaves")
        }
        known[client.name]?.checkpoints.append((checkpoint.size, checkpoint.root))
        known[client.name]?.state = round.state
        for entry in round.entries where known[client.name]?.signed[entry.verified.id] != nil {
            if known[client.name]?.states[entry.verified.id] == .rejected {
                fail("I7: \(client.name) was told no, and the entry is on the ledger")
            }
            known[client.name]?.states[entry.verified.id] = .proven
            known[client.name]?.promises[entry.verified.id] = entry.index
            known[client.name]?.waiting.removeAll { $0 == entry.verified.id }
        }
    }

    /// Whenever nothing can run: whoever has something to send will go on (I6).
    func look(_ clients: [SimulatedClient], isHealed: Bool) {
        for client in clients {
            guard let process = client.process, process.isAlive, !process.isSuspended else {
                continue
            }
            if process.hasEnded {
                fail("I6: the engine of \(client.name) has ended, and nothing starts it")
            }
            guard known[client.name]?.toSend.isEmpty == false, !client.isOfflineChosen else {
                continue
            }
            switch process.connection {
            case .offline, .connecting, .pushing, .pulling, .waiting, .backoff:
                guard !process.isArmed else { continue }
                fail(
                    "I6: \(client.name) has something to send and waits for nothing "
                        + "(\(process.connection))")
            case .needsUnlock, .needsEnrolment, .incompatible:
                fail("I6: \(client.name) rests in \(process.connection)")
            case .revoked:
                if !isRevoked(client) { fail("I6: \(client.name) believes to be revoked") }
            case .frozen: break
            }
        }
    }
}

extension Decision {
    /// For the trace.
    fileprivate var short: String {
        switch self {
        case .accepted(let index, _): "recorded as \(index)"
        case .rejected(let code, _): "refused, code \(code)"
        }
    }
}
