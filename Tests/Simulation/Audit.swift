internal import ClientStore
internal import LedgerCore
internal import NodeAPI
internal import NodeSequencer
internal import NodeStore
internal import RulesModel
internal import SyncCore

/// Looks at everything once all is at rest.
final class Audit {
    let entries: [SequencedEntry]
    /// The tree of all leaves.
    let tree: MerkleLog
    private let simulation: Simulation
    private let database: NodeDatabase
    private let times: [Timestamp]
    /// What the entries say, read once they were verified.
    private var verified: [VerifiedEntry] = []
    private var oracles: Oracles { simulation.oracles }

    init(simulation: Simulation, database: NodeDatabase) {
        self.simulation = simulation
        self.database = database
        // A ledger that cannot be read shows as one without entries below.
        entries = (try? database.entries(from: 0, limit: .max)) ?? []
        tree = MerkleLog(leafHashes: entries.map { MerkleTree.leafHash($0.leafData) })
        times = entries.map {
            EntryEnvelope(bytes: $0.envelope)?.time ?? Timestamp(milliseconds: 0)
        }
    }

    func run() throws {
        try checkLedger()
        checkRules()
        checkVerdicts()
        for client in simulation.clients { try check(client) }
        try checkSnapshot()
    }

    private func fail(_ what: String) { oracles.fail(what) }

    /// The node's own ledger: I2, I10, and that time is the node's.
    private func checkLedger() throws {
        let report = try database.integrityReport()
        if report != "ok" { fail("I10: the node's database: \(report)") }
        do {
            let check = LedgerCheck(
                store: database, logKey: simulation.node.keys.log.verifierKey)
            _ = try simulation.time.wait { try await check.run() }
        } catch {
            fail("I10: the node's ledger: \(error)")
        }
        verified = try entries.map { try EntryVerifier.reread($0.entry) }
        var ids = Set<Hash>()
        var numbers = Set<String>()
        for (entry, verified) in zip(entries, verified) {
            if !ids.insert(entry.entry.id).inserted { fail("I2: an entry stands twice") }
            if verified.payload.body.kind != .authorizationRevoked,
                !numbers.insert("\(entry.device.text) \(entry.sequence)").inserted
            {
                fail("I2: number \(entry.sequence) of \(entry.device.text) stands twice")
            }
        }
        checkTimes()
    }

    /// Every entry has the time of the node's clock when it was recorded: consents end by it.
    private func checkTimes() {
        for (entry, time) in zip(entries, times) {
            let now = time.milliseconds - World.start.milliseconds
            let recording =
                oracles.recording(of: entry.entry.id) ?? Int64.min / 2...simulation.time.now
            if now < recording.lowerBound - World.nodeClockError
                || now > recording.upperBound + World.nodeClockError
            {
                let seconds = (now - recording.lowerBound) / 1_000
                return fail("I9: entry \(entry.index) has a time \(seconds) s off the node's")
            }
        }
    }

    /// A second model of the rules takes every entry (I9).
    private func checkRules() {
        guard entries.count <= 400 else { return }
        var naive = NaiveLedger()
        for (index, time) in times.enumerated() {
            let entry = verified[index]
            if let rejection = naive.offer(entry.payload, id: entry.id, at: time) {
                return fail("I9: entry \(index) breaks \(rejection)")
            }
        }
    }

    /// What the node keeps for its next start is what a replay from the first entry gives (I8).
    private func checkSnapshot() throws {
        // Asked to stop, it keeps what all entries add up to.
        guard let process = simulation.node.process else { return }
        try simulation.time.wait { await process.sequencer.stop() }
        simulation.time.settle()
        guard let bytes = try simulation.node.snapshots.newest() else {
            return fail("I8: the node keeps no snapshot")
        }
        let snapshot = try LedgerSnapshot(
            verifying: bytes, logKey: simulation.node.keys.log.verifierKey)
        guard snapshot.size == entries.count, snapshot.root == tree.root else {
            return fail("I8: the node's snapshot is not of its \(entries.count) entries")
        }
        var state = LedgerState()
        for (entry, time) in zip(verified, times) { try state.apply(entry, at: time) }
        if state != snapshot.state {
            fail("I8: the node's snapshot is not what its entries add up to")
        }
    }

    /// What the node said once is what the ledger says (I1, I3).
    private func checkVerdicts() {
        for (id, verdict) in oracles.allVerdicts {
            switch verdict {
            case .accepted(let acceptance):
                let index = Int(acceptance.index)
                if index >= entries.count || entries[index].entry.id != id {
                    return fail("I1: entry \(index) was recorded and is not there")
                }
            case .rejected(let refusal) where !refusal.receipt.isEmpty:
                let stored = try? database.refusal(id)
                if stored?.receipt != refusal.receipt {
                    return fail("I3: a refusal is not stored")
                }
            case .rejected, .retry: break
            }
        }
        let mine = simulation.clients.map { oracles.known(of: $0) }
        for entry in entries {
            guard
                let place = simulation.clients.firstIndex(where: {
                    $0.device.id == entry.device
                })
            else { continue }
            if mine[place].signed[entry.entry.id] == nil, entry.index >= templateSize {
                return fail("I2: nobody decided entry \(entry.index)")
            }
        }
    }

    private var templateSize: LeafIndex {
        LeafIndex(oracles.templateSize)
    }

    /// One machine at rest: I1, I4, I5, I7, I8, I10.
    private func check(_ client: SimulatedClient) throws {
        let known = oracles.known(of: client)
        guard let process = client.process else {
            return fail("I6: \(client.name) does not run")
        }
        let store = process.store.store
        let status = try store.status()
        let isRevoked = oracles.isRevoked(client)
        for (id, index) in known.promises
        where index >= entries.count || entries[Int(index)].entry.id != id {
            fail("I1: \(client.name) shows an entry as recorded that is not there")
        }
        for (size, root) in known.checkpoints
        where size > entries.count || (try? tree.root(size: size)) != root {
            fail("I5: \(client.name) verified a tree that is not the log's beginning")
        }
        guard isRevoked ? process.connection == .revoked : process.connection == .waiting else {
            return fail("I4: \(client.name) is \(process.connection) ten minutes after all healed")
        }
        guard isRevoked || status.outboxCount == 0 else {
            return fail("I4: \(status.outboxCount) entries still wait at \(client.name)")
        }
        for entry in known.waiting where !known.doubtful.contains(entry) && !isRevoked {
            let shown = known.toSend.contains(entry) ? nil : try store.activity(entry: entry)
            guard let shown, shown.state == .proven || shown.state == .rejected && !shown.isRead
            else {
                fail("I1: \(client.name) was told that \(entry.hex) is queued, and it is lost")
                continue
            }
        }
        try compareStates(of: client, known, store)
        try checkRefusals(of: client, known, store)
        let copy = client.volume.image(
            at: simulation.folder + "/check", keeping: .all, seed: 1)
        if let defect = copy.defect(ofDatabase: "accord.sqlite") {
            fail("I10: the store of \(client.name): \(defect)")
        }
    }

    /// What was verified piece by piece is what a replay gives, here and at the node (I4, I8).
    private func compareStates(
        of client: SimulatedClient, _ known: Oracles.Known, _ store: ClientStore
    ) throws {
        var expected = LedgerState()
        let size = try store.status().verifiedSize
        for (place, entry) in entries.enumerated() where entry.index < size {
            guard entry.chain == .catalogue || entry.chain == .account(client.device.account)
            else { continue }
            do throws(EntryRejection) {
                try expected.apply(verified[place], at: times[place])
            } catch {
                return fail("I9: the rules refuse entry \(entry.index) in its own chain: \(error)")
            }
        }
        if size != entries.count, !oracles.isRevoked(client) {
            return fail("I4: \(client.name) knows \(size) of \(entries.count) leaves")
        }
        var replayed = LedgerState()
        do {
            try store.replay { verified, _, time in try replayed.apply(verified, at: time) }
        } catch {
            return fail("I8: what \(client.name) stored does not replay: \(error)")
        }
        if replayed != expected { fail("I4: \(client.name) holds another state than the node") }
        if let state = known.state, state != replayed {
            fail("I8: a replay at \(client.name) differs from what was merged")
        }
        let summary = try store.pointsSummary(at: client.now())
        let account = client.device.account
        if summary.available != replayed.points.balance(of: .available(account))
            || summary.onTheWay != replayed.points.balance(of: .pending(account))
        {
            fail("I8: \(client.name) shows other points than the rules give")
        }
        let listed = try store.points(offset: 0, limit: 10_000).lines.map(\.entry)
        if Set(listed).count != listed.count {
            fail("I8: \(client.name) lists a movement of points twice")
        }
    }

    /// Every refusal is shown until it is read (I7).
    private func checkRefusals(
        of client: SimulatedClient, _ known: Oracles.Known, _ store: ClientStore
    ) throws {
        for (entry, state) in known.states where !known.doubtful.contains(entry) {
            guard let line = try store.activity(entry: entry) else {
                if oracles.isRevoked(client) { continue }
                return fail("I7: \(client.name) shows nothing of an entry that was \(state)")
            }
            if state == .rejected, line.state != .rejected || line.isRead {
                return fail("I7: \(client.name) hides a refusal")
            }
            if state == .proven, line.state != .proven {
                return fail("I7: \(client.name) shows a proven entry as \(line.state)")
            }
        }
    }
}

extension Simulation {
    /// The node's disk is replaced by an old copy, and the log goes on from there.
    func rollBack(_ audit: Audit) throws {
        guard let old = nodeBackup else { return }
        trace("the node is restored from an old backup")
        oracles.isNodeHostile = true
        node.forget()
        node.volume.restore(old)
        try node.start()
        let before = clients.map { oracles.known(of: $0).checkpoints.count }
        let size = try node.process?.database.newestCheckpoint()?.size ?? 0
        for client in clients.reversed() { decide(client, .signupLeft(World.projects[1])) }
        pass(600_000)
        guard let database = node.process?.database else { return }
        let tree = Audit(simulation: self, database: database).tree
        for (client, count) in zip(clients, before) {
            let known = oracles.known(of: client).checkpoints
            let last = known.prefix(count).last?.size ?? 0
            for (newSize, root) in known.dropFirst(count) {
                let isNew = (try? tree.root(size: newSize)) == root
                if isNew, last > size, newSize > size {
                    oracles.fail("I5: \(client.name) followed the node onto another log")
                }
            }
        }
    }
}
