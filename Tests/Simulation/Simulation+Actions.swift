internal import ClientStore
internal import LedgerCore
internal import NodeAPI
internal import NodeSequencer
internal import NodeServer
internal import RulesModel
internal import SyncCore
internal import SyncEngine

// What people do and what goes wrong, by chance.
extension Simulation {
    /// One thing happens.
    func act() {
        var roll = numbers.below(1_000)
        func isNext(_ share: Int) -> Bool {
            defer { roll -= share }
            return roll < share && roll >= 0
        }
        guard let client = numbers.pick(clients) else { return }
        let keep = numbers.pick(SimulatedVolume.Keep.allCases) ?? .all
        if isNext(setting.nights) {
            night()
        } else if isNext(setting.partitions) {
            client.partition = numbers.pick(Partition.allCases) ?? .none
            trace("\(client.name) is cut off: \(client.partition)")
        } else if isNext(setting.clientKills) {
            if client.process != nil { clientDied(client, .all) }
        } else if isNext(setting.clientCuts) {
            if client.process != nil { clientDied(client, keep) }
        } else if isNext(setting.clientTraps) {
            trap(client.volume, in: numbers.below(40), keep) { [unowned self] in
                clientDied(client, $0)
            }
        } else if isNext(setting.nodeKills) {
            if node.process != nil { nodeDied(.all) }
        } else if isNext(setting.nodeCuts) {
            if node.process != nil { nodeDied(keep) }
        } else if isNext(setting.nodeTraps) {
            trap(node.volume, in: numbers.below(40), keep) { [unowned self] in nodeDied($0) }
        } else if isNext(setting.suspensions) {
            suspend(client)
        } else if isNext(setting.restores) {
            restore(client)
        } else if isNext(setting.clockJumps) {
            bendClock(of: client)
        } else if isNext(setting.clientDiskFaults) {
            hurt(client.volume)
        } else if isNext(setting.nodeDiskFaults) {
            hurt(node.volume)
        } else if numbers.once(in: 6) {
            sponsorActs()
        } else {
            personActs(client)
        }
    }

    /// All machines sleep for hours; the node does not.
    private func night() {
        trace("night falls")
        isNight = true
        for client in clients { client.process?.suspend() }
        pass(Int64(1 + numbers.below(48)) * 3_600_000)
        isNight = false
        for client in clients { client.process?.resume() }
        trace("morning comes")
    }

    private func suspend(_ client: SimulatedClient) {
        guard let process = client.process, !process.isSuspended else { return }
        process.suspend()
        time.after(Int64(100 + numbers.below(600_000))) { [unowned self] in
            if !isNight { process.resume() }
        }
    }

    private func hurt(_ volume: SimulatedVolume) {
        let fault = numbers.pick(SimulatedVolume.Fault.allCases) ?? .inputOutput
        volume.failOften(
            fault == .inputOutput ? .any : .changes,
            partsInAMillion: [2_000, 50_000, 1_000_000][numbers.below(3)], with: fault)
        trace("\(volume.directory.split(separator: "/").last ?? "") fails: \(fault)")
        time.after(Int64(1_000 + numbers.below(60_000))) { volume.heal() }
    }

    /// Brings an old copy of a machine's disk back, or makes the copy.
    private func restore(_ client: SimulatedClient) {
        guard let index = clients.firstIndex(where: { $0 === client }) else { return }
        guard let backup = backups.removeValue(forKey: index) else {
            backups[index] = (
                client.volume.image(
                    at: folder + "/backup-\(index)", keeping: .all, seed: setting.seed),
                oracles.known(of: client)
            )
            return
        }
        trace("\(client.name) is restored from a backup")
        client.volume.watch(.any, nil)
        client.process?.die()
        client.process = nil
        client.volume.restore(backup.volume)
        oracles.restored(client, to: backup.known)
        time.after(1_000) { self.startClient(client) }
    }

    private func bendClock(of client: SimulatedClient) {
        let decade = 10 * 365 * World.day
        switch numbers.below(4) {
        case 0: client.clock = .offset(Int64(numbers.below(Int(2 * decade))) - decade)
        case 1: client.clock = .frozen(client.now())
        case 2: client.clock = .offset(0)
        default:
            let error = World.nodeClockError
            nodeClockOffset = Int64(numbers.below(Int(2 * error))) - error
        }
        trace("the clock of \(client.name) shows \(client.now().milliseconds)")
    }

    func personActs(_ client: SimulatedClient) {
        guard let process = client.process, process.isAlive, !process.isSuspended else { return }
        switch numbers.below(20) {
        case 0:
            client.isOfflineChosen.toggle()
            process.engine.chooseOffline(client.isOfflineChosen)
            trace("\(client.name) goes \(client.isOfflineChosen ? "offline" : "online")")
        case 1: process.engine.wake()
        case 2: withdraw(client, process)
        default:
            let project = numbers.pick(World.projects) ?? World.projects[0]
            guard let body = body(by: client, process, about: project) else { return }
            decide(client, body)
        }
    }

    /// A decision that has a chance, mostly.
    private func body(
        by client: SimulatedClient, _ process: ClientProcess, about project: ProjectID
    ) -> EntryBody? {
        switch numbers.below(24) {
        case 0...6: return .signupJoined(SignupJoined(project: project, major: 1, minor: 0))
        case 7: return .signupLeft(project)
        case 8...11: return grant(by: client, process, for: project)
        case 12, 13:
            return .authorizationRevoked(
                AuthorizationRevoked(
                    project: project, major: 1, mode: numbers.once(in: 3) ? .stopAndErase : .stop))
        case 14:
            return .authorizationPaused(AuthorizationSubject(project: project, major: 1))
        case 15:
            return .authorizationResumed(AuthorizationSubject(project: project, major: 1))
        case 16, 17:
            guard let reward = World.reward else { return nil }
            return .pointsReserved(PointsReserved(reward: reward, points: Points(40)))
        case 18 where numbers.once(in: 4):
            let other = clients.first {
                $0 !== client && $0.device.account == client.device.account
            }
            return other.map { .deviceRevoked($0.device.id) }
        default:
            let record = Hash.of(Array("record \(setting.seed) \(numbers.next())".utf8))
            return .recordContributed(
                RecordContributed(
                    project: project, record: record, commitment: Hash.of(record.bytes),
                    kind: .wearable, rows: 30, from: World.start.adding(milliseconds: -World.day),
                    until: World.start, sizeBytes: 10))
        }
    }

    private func grant(
        by client: SimulatedClient, _ process: ClientProcess, for project: ProjectID
    ) -> EntryBody? {
        let terms = World.terms(of: project, sponsor: sponsor.account)
        let id = AuthorizationID(account: client.device.account, project: project, major: 1)
        let store = process.store.store
        // A disk that fails now lets nobody decide now.
        guard let cites = try? store.latestDecision(for: id), let tree = try? store.observedTree()
        else { return nil }
        return .authorizationGranted(
            AuthorizationGranted(
                project: project, major: 1, minor: 0, terms: terms.hash, language: "en",
                kinds: terms.kinds.map(\.kind), purposes: terms.purposes,
                recipients: terms.recipients, collectionFrom: terms.collectionFrom,
                collectionUntil: terms.collectionUntil, until: terms.useUntil,
                eraseAt: terms.eraseAt, cites: cites, observedSize: tree.size,
                observedRoot: tree.root))
    }

    /// Signs and queues a decision, and notes what the person was told.
    func decide(_ client: SimulatedClient, _ body: EntryBody) {
        guard let process = client.process, process.isAlive else { return }
        do {
            let queued = try process.store.enqueue(at: client.now()) { cursor in
                let entry = try client.device.sign(body, at: cursor, issuedAt: client.now())
                oracles.signed(entry, by: client)
                return [entry]
            }
            // Who died on the way told nobody anything.
            guard process.isAlive else { return }
            for entry in queued { oracles.queued(entry, by: client) }
            trace("\(client.name) queues \(body.kind.rawValue)")
            process.store.announce()
        } catch {
            trace("\(client.name) is told: \(error)")
        }
    }

    private func withdraw(_ client: SimulatedClient, _ process: ClientProcess) {
        guard let last = oracles.newestQueued(of: client) else { return }
        do {
            guard try process.store.store.withdraw(last) == .done, process.isAlive else {
                oracles.mayBeWithdrawn(last, by: client)
                return
            }
            trace("\(client.name) withdraws its last entry")
            oracles.withdrawn(last, by: client)
            process.store.announce()
        } catch {
            oracles.mayBeWithdrawn(last, by: client)
            trace("\(client.name) is told: \(error)")
        }
    }

    /// The sponsor judges a contribution, or goes on with what has no verdict.
    func sponsorActs() {
        guard let process = node.process else { return }
        if sponsorEntry == nil, let contribution = oracles.popContribution() {
            let review = ContributionReviewed(
                project: contribution.project, contribution: contribution.entry)
            let body: EntryBody =
                numbers.once(in: 4)
                ? .contributionRejected(
                    ContributionRejected(
                        project: contribution.project, contribution: contribution.entry,
                        reason: .quality))
                : .contributionAccepted(review)
            sponsorEntry = try? sponsor.sign(
                body, at: sponsorCursor, about: contribution.account, issuedAt: World.start)
        }
        guard let entry = sponsorEntry else { return }
        let (call, generation) = (NodeCall.submit(EntrySubmission([entry])), node.generation)
        Task {
            let answer = await process.server.answer(
                call, headers: [], authority: World.authority, from: "sponsor")
            guard self.node.generation == generation, self.sponsorEntry == entry else { return }
            self.oracles.answered(call, answer)
            guard let verdict = try? VerdictList(body: answer.body).verdicts.first else { return }
            if case .retry = verdict { return }
            self.trace("the sponsor has judged a contribution")
            self.sponsorCursor = self.sponsorCursor.after(entry)
            self.sponsorEntry = nil
        }
    }
}
