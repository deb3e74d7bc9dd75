package import LedgerCore

/// Runs both models of the rules over the same random entries and compares all they say.
package struct Agreement: Sendable {
    /// What was run.
    package struct Report: Sendable {
        package var entries = 0
        package var accepted = 0
        /// How often each rule refused, and how often each kind was accepted.
        package var refusals: [EntryRejection: Int] = [:]
        package var kinds: [EntryKind: Int] = [:]
        package var denials: [UseDenial: Int] = [:]
        /// What differed, or which invariant broke: empty if nothing.
        package var failures: [String] = []

        package init() {}
    }

    /// Entries of one ledger.
    package let entriesPerLedger: Int

    package init(entriesPerLedger: Int = 240) { self.entriesPerLedger = entriesPerLedger }

    /// Runs ledgers of these seeds until `entries` were offered; stops at the first difference.
    package func run(entries: Int, firstSeed: UInt64) -> Report {
        var report = Report()
        var seed = firstSeed
        while report.entries < entries, report.failures.isEmpty {
            runOne(seed: seed, into: &report)
            seed += 1
        }
        return report
    }

    private func runOne(seed: UInt64, into report: inout Report) {
        var world = RandomWorld(seed: seed)
        var state = LedgerState()
        var naive = NaiveLedger()
        var log: [(VerifiedEntry, Timestamp)] = []
        var waiting = world.opening()[...]
        for step in 0..<entriesPerLedger {
            if waiting.isEmpty { world.wait() }
            guard let payload = waiting.popFirst() ?? world.next(after: state) else { continue }
            let entry = world.nextEntry()
            let verified = EntryVerifier.assume(payload, as: entry)
            var rejection: EntryRejection?
            do throws(EntryRejection) {
                try state.apply(verified, at: world.now)
                log.append((verified, world.now))
            } catch {
                rejection = error
            }
            let other = naive.offer(payload, id: entry.id, at: world.now)
            world.history.append((payload, entry.id))
            report.entries += 1
            if let rejection {
                report.refusals[rejection, default: 0] += 1
            } else {
                report.accepted += 1
                report.kinds[payload.body.kind, default: 0] += 1
            }
            func fail(_ what: String) {
                report.failures.append(
                    "seed \(seed), step \(step), \(payload.body.kind.rawValue): \(what)")
            }
            guard rejection == other else {
                return fail("the rules say \(says(rejection)), the naive model \(says(other))")
            }
            if step.isMultiple(of: 8) || step + 1 == entriesPerLedger {
                if let broken = Invariants.broken(state, world) { return fail(broken) }
                if let different = difference(state, naive, &world, &report) {
                    return fail(different)
                }
            }
        }
        let replayed = Agreement.replay(log)
        if replayed != state { report.failures.append("seed \(seed): replay differs") }
    }

    private func says(_ rejection: EntryRejection?) -> String {
        rejection.map { "\($0)" } ?? "accepted"
    }

    static func replay(_ log: [(VerifiedEntry, Timestamp)]) -> LedgerState? {
        var state = LedgerState()
        for (entry, time) in log {
            // A refusal of what was accepted before shows as a difference.
            guard (try? state.apply(entry, at: time)) != nil else { return nil }
        }
        return state
    }

    /// Where balances or the answer to a random wish to read differ.
    private func difference(
        _ state: LedgerState, _ naive: NaiveLedger, _ world: inout RandomWorld,
        _ report: inout Report
    ) -> String? {
        for account in world.accounts {
            let (one, two) = (state.points.balance(of: account).value, naive.balance(account))
            if one != two { return "balance of \(account): \(one), \(two)" }
        }
        for account in world.takers {
            for project in world.projects {
                if let what = difference(account, project, state, naive, world.now) {
                    return what
                }
            }
            let project = world.numbers.pick(world.projects) ?? world.projects[0]
            let request = world.request(account, project)
            let one: Result<[Hash], UseDenial>
            do throws(UseDenial) {
                one = .success(
                    try state.judge(request, at: world.now).contributions.map(\.entry))
            } catch {
                one = .failure(error)
                report.denials[error, default: 0] += 1
            }
            let two = naive.judge(request, at: world.now)
            if one != two { return "a use: \(one), \(two)" }
        }
        return nil
    }
}

extension Agreement {
    /// Where the authorizations of a member for a project, or what is to be erased, differ.
    private func difference(
        _ account: AccountID, _ project: ProjectID, _ state: LedgerState, _ naive: NaiveLedger,
        _ now: Timestamp
    ) -> String? {
        guard let known = state.projects[project] else { return nil }
        for major in 1...known.terms.major {
            let id = AuthorizationID(account: account, project: project, major: major)
            let story = naive.story(account, project, major)
            let one = state.authorizations[id]
            let (here, there) = (
                one?.state(at: now, in: known), naive.state(story, project, at: now)
            )
            if here != there { return "an authorization: \(says(here)), \(says(there))" }
            if state.latestDecision(for: id) != story.latest { return "a latest decision" }
            if one?.revocation?.mode != story.mode { return "how it was revoked" }
            if (one?.everNamed ?? []) != story.named { return "whom it named" }
        }
        let owed = state.erasuresOwed(to: account, in: project, at: now).flatMap(\.contributions)
        let due = naive.contributions(account, project).filter {
            !naive.isErased($0) && naive.isErasureDue($0, at: now)
        }
        return owed == due.sorted() || Set(owed) == Set(due) ? nil : "what is to be erased"
    }

    private func says(_ state: AuthorizationState?) -> String { state?.rawValue ?? "none" }
}

extension RandomWorld {
    /// Every account of the points book somebody here can have.
    var accounts: [PointsAccount] {
        var accounts: [PointsAccount] = [.issuer, .breakage]
        accounts += institutions.prefix(2).map { .budget($0.account) }
        accounts += projects.map { .escrow($0) }
        accounts += rewards.map { .fulfilled($0) }
        for taker in takers {
            accounts += [.pending(taker), .available(taker), .reserved(taker)]
        }
        return accounts
    }
}

/// The invariants of `spec/POINTS.md` that one state shows.
enum Invariants {
    static func broken(_ state: LedgerState, _ world: RandomWorld) -> String? {
        if state.points.sum != 0 { return "I1: the sum is \(state.points.sum)" }
        for account in world.accounts where account != .issuer {
            if state.points.balance(of: account) < .zero { return "I2: \(account) is negative" }
        }
        for member in world.members.prefix(3) {
            let lots = state.lots(of: member.account)
            let free = lots.reduce(0) { $0 + $1.free.value }
            let held = lots.reduce(0) { $0 + $1.held.value }
            let available = state.points.balance(of: .available(member.account)).value
            let reserved = state.points.balance(of: .reserved(member.account)).value
            if free != available || held != reserved { return "I4: lots and balance differ" }
            let pending = state.accruals.values.filter { $0.account == member.account }
                .reduce(0) { $0 + $1.remaining.value }
            if pending != state.points.balance(of: .pending(member.account)).value {
                return "I6: what waits is not what is pending"
            }
        }
        for project in world.projects {
            let accruals = state.accruals.values.filter { $0.statement.project == project }
            for member in world.members.prefix(3) {
                let earned = accruals.filter { $0.account == member.account }
                    .filter { $0.outcome != .voided }
                    .reduce(0) { $0 + $1.statement.points.value }
                let cap = state.projects[project]?.terms.reward.memberCap.value ?? 0
                if earned > cap { return "I7: \(earned) points in \(project.text)" }
            }
        }
        return nil
    }
}
