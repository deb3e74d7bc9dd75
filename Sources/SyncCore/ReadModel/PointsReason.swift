package import LedgerCore

/// What one project paid a member.
package struct ProjectEarnings: Equatable, Sendable {
    /// The project.
    package var project: ProjectID
    /// Its title.
    package var title: LocalizedText
    /// What was earned, less what was taken back; what waits is part of it.
    package var earned: Points
    /// What waits to become available.
    package var waiting: Points
    /// Whether the member takes part now.
    package var takesPart: Bool

    /// Makes a line.
    package init(
        project: ProjectID, title: LocalizedText, earned: Points, waiting: Points,
        takesPart: Bool
    ) {
        self.project = project
        self.title = title
        self.earned = earned
        self.waiting = waiting
        self.takesPart = takesPart
    }
}

/// Something that earned points, or could have: an accepted contribution or a use.
package struct PointsTrigger: Equatable, Sendable {
    /// The entry: the acceptance, or the use.
    package var entry: Hash
    /// Its index.
    package var index: LeafIndex
    /// When it was recorded.
    package var at: Timestamp
    /// What it earns by the rules, as they stood when it was paid or could have been.
    package var reckoning: PointsReckoning
    /// What was paid; `nil` if nothing was.
    package var payment: Payment?

    /// An accrual and how it ended.
    package struct Payment: Equatable, Sendable {
        /// The accrual's entry.
        package var accrual: Hash
        /// How many.
        package var points: Points
        /// Whether the project's budget held less than what was due.
        package var isLimited: Bool
        /// When they become available.
        package var vestsAt: Timestamp
        /// How it ended, if it has.
        package var outcome: Accrual.Outcome
        /// The entry that ended it.
        package var resolution: Hash?
        /// What corrections took of it, less what they gave back.
        package var taken = Points.zero

        /// Makes a payment that waits.
        package init(accrual: Hash, points: Points, isLimited: Bool, vestsAt: Timestamp) {
            self.accrual = accrual
            self.points = points
            self.isLimited = isLimited
            self.vestsAt = vestsAt
            outcome = .pending
        }

        /// What corrections left of it.
        package var remaining: Points { points - taken }
    }

    /// Makes a trigger that was not paid.
    package init(entry: Hash, index: LeafIndex, at: Timestamp, reckoning: PointsReckoning) {
        self.entry = entry
        self.index = index
        self.at = at
        self.reckoning = reckoning
    }
}

/// Why a project paid a member what it paid, or nothing.
package struct PointsReason: Equatable, Sendable {
    /// The terms now.
    package var terms: ProjectTerms
    /// What was earned so far, as the caps count it.
    package var earned = Earned.nothing
    /// What earned points or could have, newest first.
    package var triggers: [PointsTrigger] = []
    /// How many contributions the study team has not looked at.
    package var unreviewed = 0
    /// Why contributions were not taken, in the order they were recorded.
    package var refusals: [ContributionRefusal] = []
    /// How many times the study team looked at a contribution to review it: that pays nothing.
    package var reviews = 0

    /// Makes a reason without any trigger.
    package init(terms: ProjectTerms) { self.terms = terms }

    /// The trigger of a movement of points: what an accrual, a vesting or a return comes from.
    package func trigger(of movement: Hash) -> PointsTrigger? {
        triggers.first {
            $0.payment?.accrual == movement || $0.payment?.resolution == movement
        }
    }
}

/// Reads a member's entries, and those of the catalogue about their projects, in order and notes
/// why points were paid.
///
/// The rules are those of `LedgerState`, which applies every entry here too: nothing is computed
/// twice, so an explanation cannot differ from what was paid.
package struct PointsStory: Equatable, Sendable {
    private var state = LedgerState()
    private var triggers: [PointsTrigger] = []
    private var projects: [ProjectID] = []
    private var positions: [Hash: Int] = [:]
    private var accruals: [Hash: Int] = [:]
    private var reviews: [ProjectID: Int] = [:]

    /// Starts before the first entry.
    package init() {}

    /// Reads the next entry.
    ///
    /// What the node accepted never fails here; an entry that did would only leave a gap.
    package mutating func add(_ verified: VerifiedEntry, index: LeafIndex, at time: Timestamp) {
        let body = verified.payload.body
        if case .pointsAccrued(let accrued) = body { pay(accrued, verified.id, at: time) }
        guard (try? state.apply(verified, at: time)) != nil else { return }
        switch body {
        case .useAllowed(let use) where use.purpose == .review:
            reviews[use.project, default: 0] += 1
        case .pointsVested(let resolved): resolve(resolved, verified.id, .vested)
        case .pointsVoided(let resolved): resolve(resolved, verified.id, .voided)
        case .correctionConfirmed(let confirmed): correct(confirmed, verified.id)
        default: break
        }
        guard let trigger = state.triggers[verified.id],
            let reckoning = state.reckoning(for: trigger, at: time)
        else { return }
        positions[verified.id] = triggers.count
        projects.append(trigger.project)
        triggers.append(
            PointsTrigger(entry: verified.id, index: index, at: time, reckoning: reckoning))
    }

    private mutating func pay(_ accrued: PointsAccrued, _ entry: Hash, at time: Timestamp) {
        guard let position = positions[accrued.trigger],
            let trigger = state.triggers[accrued.trigger],
            let reckoning = state.reckoning(for: trigger, at: time)
        else { return }
        accruals[entry] = position
        triggers[position].reckoning = reckoning
        triggers[position].payment = .init(
            accrual: entry, points: accrued.points, isLimited: accrued.isLimited,
            vestsAt: accrued.vestsAt)
    }

    private mutating func resolve(
        _ resolved: PointsResolved, _ entry: Hash, _ outcome: Accrual.Outcome
    ) {
        guard let position = accruals[resolved.accrual] else { return }
        triggers[position].payment?.outcome = outcome
        triggers[position].payment?.resolution = entry
    }

    private mutating func correct(_ confirmed: CorrectionConfirmed, _ entry: Hash) {
        guard let corrected = state.corrections[confirmed.proposal]?.statement.accrual,
            let position = accruals[corrected], let accrual = state.accruals[corrected]
        else { return }
        triggers[position].payment?.taken = state.points.balance(of: .correction(corrected))
        if accrual.outcome == .corrected, triggers[position].payment?.outcome == .pending {
            triggers[position].payment?.outcome = .corrected
            triggers[position].payment?.resolution = entry
        }
    }

    /// Returns the caps of a programme, and what each lets a member earn still at `time`.
    package func caps(
        of account: AccountID, in programme: Programme, at time: Timestamp
    ) -> [ProgrammeCap] {
        state.programmeCaps(of: account, in: programme, at: time)
    }

    /// Returns what was found about a project and a member; `nil` if there is no such project.
    package func reason(of project: ProjectID, for account: AccountID) -> PointsReason? {
        guard let terms = state.projects[project]?.terms else { return nil }
        var reason = PointsReason(terms: terms)
        let seat = Seat(account: account, project: project)
        reason.earned = state.earned(seat)
        reason.triggers = zip(triggers, projects).filter { $0.1 == project }.map(\.0).reversed()
        reason.reviews = reviews[project] ?? 0
        for entry in state.contributions(of: seat) {
            switch state.contributions[entry]?.review {
            case .waiting: reason.unreviewed += 1
            case .rejected(let refusal): reason.refusals.append(refusal)
            case .accepted, nil: break
            }
        }
        return reason
    }
}
