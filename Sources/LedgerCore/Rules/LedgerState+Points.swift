/// Something on the ledger that earns points and was not paid yet.
package struct AccrualTrigger: Equatable, Sendable {
    /// The member who earned them.
    package let account: AccountID
    /// The project that pays.
    package let project: ProjectID
    /// What it was.
    package let cause: Cause

    /// What earns points: contribution and use, never consent.
    package enum Cause: Equatable, Sendable {
        /// An accepted contribution of this kind.
        case contribution(RecordKind, entry: Hash)
        /// A use.
        case use
    }
}

/// What a member earned in one project so far: what the caps are counted against.
package struct Earned: Equatable, Sendable {
    /// The kinds a contribution was paid for.
    package internal(set) var kinds: Set<RecordKind> = []
    /// The points of uses.
    package internal(set) var uses = Points.zero
    /// All points.
    package internal(set) var total = Points.zero

    /// Nothing yet.
    package static let nothing = Earned()
}

extension LedgerState {
    /// What a trigger earns by the project's rule and its caps, whatever the escrow holds.
    package func due(for trigger: AccrualTrigger) -> Points {
        guard let project = projects[trigger.project] else { return .zero }
        let rule = project.terms.reward
        let sofar = earned[Seat(account: trigger.account, project: trigger.project)] ?? .nothing
        let room = max(.zero, rule.memberCap - sofar.total)
        switch trigger.cause {
        case .contribution(let kind, _):
            return sofar.kinds.contains(kind) ? .zero : min(rule.perContribution, room)
        case .use:
            return min(rule.perUse, room, max(.zero, rule.useCap - sofar.uses))
        }
    }

    /// The accrual the operator owes for an entry that was just applied; `nil` if it earns nothing.
    ///
    /// An escrow that holds less than what is due pays what it holds, and the entry says so.
    package func accrualOwed(for trigger: Hash, at time: Timestamp) -> (AccountID, PointsAccrued)? {
        guard let cause = triggers[trigger], let project = projects[cause.project] else {
            return nil
        }
        let due = due(for: cause)
        let paid = min(due, points.balance(of: .escrow(cause.project)))
        guard paid > .zero else { return nil }
        let accrued = PointsAccrued(
            project: cause.project, trigger: trigger, points: paid,
            vestsAt: time.adding(
                milliseconds: project.terms.reward.qualityWindowMilliseconds),
            isLimited: paid < due)
        return (cause.account, accrued)
    }

    /// The accruals whose waiting time is over, at most 64: who, and what to sign.
    package func dueVestings(at time: Timestamp) -> [(AccountID, PointsResolved)] {
        vestingQueue.due(at: time, limit: 64) { accruals[$0]?.outcome == .pending }
            .compactMap { accruals[$0] }
            .map { ($0.account, $0.resolution) }
    }

    /// The accrual to void after a contribution was rejected; `nil` if none waits.
    package func voidOwed(for contribution: Hash) -> (AccountID, PointsResolved)? {
        guard let entry = contributionAccruals[contribution], let accrual = accruals[entry],
            accrual.outcome == .pending
        else { return nil }
        return (accrual.account, accrual.resolution)
    }

    mutating func accrue(_ accrued: PointsAccrued, by verified: VerifiedEntry, at time: Timestamp)
        throws(EntryRejection)
    {
        let account = verified.payload.account
        if paidTriggers.contains(accrued.trigger) { throw .triggerPaid }
        guard let trigger = triggers[accrued.trigger], trigger.account == account,
            trigger.project == accrued.project, let project = projects[accrued.project]
        else { throw .triggerUnknown }
        let due = due(for: trigger)
        let isDue = accrued.isLimited ? accrued.points < due : accrued.points == due
        let window = project.terms.reward.qualityWindowMilliseconds
        guard isDue, accrued.vestsAt == time.adding(milliseconds: window) else {
            throw .amountNotDue
        }
        guard
            points.canMove(
                accrued.points, from: .escrow(accrued.project), to: .pending(account))
        else { throw .budgetTooLow }
        points.move(accrued.points, from: .escrow(accrued.project), to: .pending(account))
        triggers[accrued.trigger] = nil
        paidTriggers.insert(accrued.trigger)
        count(accrued.points, for: trigger, accrual: verified.id)
        accruals[verified.id] = Accrual(
            account: account, statement: accrued, entry: verified.id)
        vestingQueue.insert(verified.id, due: accrued.vestsAt)
    }

    private mutating func count(_ points: Points, for trigger: AccrualTrigger, accrual: Hash) {
        let seat = Seat(account: trigger.account, project: trigger.project)
        var sofar = earned[seat] ?? .nothing
        sofar.total = sofar.total + points
        switch trigger.cause {
        case .contribution(let kind, let entry):
            sofar.kinds.insert(kind)
            contributionAccruals[entry] = accrual
            accrualContributions[accrual] = entry
        case .use: sofar.uses = sofar.uses + points
        }
        earned[seat] = sofar
    }

    mutating func vest(_ resolved: PointsResolved, at time: Timestamp) throws(EntryRejection) {
        let accrual = try pendingAccrual(resolved)
        guard time >= accrual.statement.vestsAt else { throw .notDue }
        points.move(
            resolved.points, from: .pending(accrual.account), to: .available(accrual.account))
        resolve(accrual, as: .vested)
    }

    mutating func void(_ resolved: PointsResolved) throws(EntryRejection) {
        let accrual = try pendingAccrual(resolved)
        guard let contribution = accrualContributions[accrual.entry],
            case .rejected = contributions[contribution]?.review
        else { throw .notDue }
        points.move(
            resolved.points, from: .pending(accrual.account), to: .escrow(resolved.project))
        resolve(accrual, as: .voided)
        // What went back does not count against the caps: a better record can earn it.
        let seat = Seat(account: accrual.account, project: resolved.project)
        guard var sofar = earned[seat] else { return }
        sofar.total = sofar.total - resolved.points
        if let kind = contributions[contribution]?.statement.kind { sofar.kinds.remove(kind) }
        earned[seat] = sofar
    }

    private func pendingAccrual(_ resolved: PointsResolved) throws(EntryRejection) -> Accrual {
        guard let accrual = accruals[resolved.accrual],
            accrual.statement.project == resolved.project
        else { throw .accrualUnknown }
        guard accrual.outcome == .pending else { throw .accrualResolved }
        guard accrual.statement.points == resolved.points else { throw .amountNotDue }
        return accrual
    }

    private mutating func resolve(_ accrual: Accrual, as outcome: Accrual.Outcome) {
        accruals[accrual.entry]?.outcome = outcome
        let resolved = accruals
        vestingQueue.dropSettled { resolved[$0]?.outcome != .pending }
    }
}

extension Accrual {
    /// What ends this accrual.
    var resolution: PointsResolved {
        PointsResolved(
            project: statement.project, accrual: entry, points: statement.points)
    }
}
