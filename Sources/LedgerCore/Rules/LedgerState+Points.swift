/// Something on the ledger that earns points: the latest of its member in its project.
///
/// The accrual follows at once; what comes later in the same project takes its place.
package struct AccrualTrigger: Equatable, Sendable {
    /// The member who earned them.
    package let account: AccountID
    /// The project that pays.
    package let project: ProjectID
    /// What it was.
    package let cause: Cause
    /// Whether it was paid.
    package internal(set) var isPaid = false

    /// What earns points: contribution and use, never consent.
    package enum Cause: Equatable, Sendable {
        /// An accepted contribution of this kind.
        case contribution(RecordKind, entry: Hash)
        /// A use.
        case use
    }
}

/// What a member earned in one project so far: what the project's caps are counted against.
package struct Earned: Equatable, Sendable {
    /// The kinds a contribution was paid for.
    package internal(set) var kinds: Set<RecordKind> = []
    /// The points of uses.
    package internal(set) var uses = Points.zero
    /// All points.
    package internal(set) var total = Points.zero

    /// Puts what was earned together.
    package init(kinds: Set<RecordKind> = [], uses: Points = .zero, total: Points = .zero) {
        self.kinds = kinds
        self.uses = uses
        self.total = total
    }

    /// Nothing yet.
    package static let nothing = Earned()
}

/// A member in a programme.
package struct ProgrammeSeat: Hashable, Sendable {
    /// The member.
    package let account: AccountID
    /// The programme.
    package let programme: Programme

    /// Names a member in a programme.
    package init(account: AccountID, programme: Programme) {
        self.account = account
        self.programme = programme
    }
}

/// A cap of a programme, and what it lets one member earn still.
package struct ProgrammeCap: Equatable, Sendable {
    /// What a cap is counted over; days and months are those of UTC.
    package enum Span: String, CaseIterable, Sendable {
        case day
        case month
        case lifetime
    }

    /// What it is counted over.
    package let span: Span
    /// The most a member earns in that.
    package let limit: Points
    /// How much of it is left.
    package let left: Points

    /// Makes a cap.
    package init(_ span: Span, limit: Points, left: Points) {
        self.span = span
        self.limit = limit
        self.left = left
    }
}

/// What a member earned in one programme so far: what the programme's caps are counted against.
package struct ProgrammeEarned: Equatable, Sendable {
    /// The day (UTC) of the last accrual.
    package internal(set) var day: Int64 = 0
    /// The points of that day.
    package internal(set) var onDay = Points.zero
    /// The month (UTC) of the last accrual.
    package internal(set) var month: Int64 = 0
    /// The points of that month.
    package internal(set) var inMonth = Points.zero
    /// All points.
    package internal(set) var total = Points.zero

    mutating func add(_ points: Points, at time: Timestamp) {
        if day != time.day { (day, onDay) = (time.day, .zero) }
        if month != time.month { (month, inMonth) = (time.month, .zero) }
        onDay = onDay + points
        inMonth = inMonth + points
        total = total + points
    }

    /// Takes back what was added at `time`; of a day or month that is over only the total counts.
    mutating func remove(_ points: Points, addedAt time: Timestamp) {
        if day == time.day { onDay = onDay - points }
        if month == time.month { inMonth = inMonth - points }
        total = total - points
    }

    /// How much more each cap of `rules` lets a member earn at `time`.
    func caps(under rules: ProgrammeRuled, at time: Timestamp) -> [ProgrammeCap] {
        let counted: [(ProgrammeCap.Span, limit: Points, earned: Points)] = [
            (.day, rules.dayCap, day == time.day ? onDay : .zero),
            (.month, rules.monthCap, month == time.month ? inMonth : .zero),
            (.lifetime, rules.lifetimeCap, total),
        ]
        return counted.filter { $0.limit > .zero }.map { span, limit, earned in
            ProgrammeCap(span, limit: limit, left: max(.zero, limit - earned))
        }
    }
}

extension LedgerState {
    /// What a trigger earns at `time` by the rules of project and programme and their caps,
    /// whatever the escrow holds.
    package func due(for trigger: AccrualTrigger, at time: Timestamp) -> Points {
        reckoning(for: trigger, at: time)?.due ?? .zero
    }

    /// How much more a member can earn in a programme at `time`.
    package func programmeRoom(
        of account: AccountID, in programme: Programme, at time: Timestamp
    ) -> Points {
        programmeCaps(of: account, in: programme, at: time).map(\.left).min() ?? .limit
    }

    /// The caps of a programme, and what each lets a member earn still at `time`; none where it
    /// has none.
    package func programmeCaps(
        of account: AccountID, in programme: Programme, at time: Timestamp
    ) -> [ProgrammeCap] {
        guard let rules = programmeRules[programme] else { return [] }
        let seat = ProgrammeSeat(account: account, programme: programme)
        return (programmeEarned[seat] ?? ProgrammeEarned()).caps(under: rules, at: time)
    }

    /// The accrual the operator owes for an entry that was just applied; `nil` if it earns nothing.
    ///
    /// An escrow that holds less than what is due pays what it holds, and the entry says so.
    package func accrualOwed(for trigger: Hash, at time: Timestamp) -> (AccountID, PointsAccrued)? {
        guard let cause = triggers[trigger], !cause.isPaid, let project = projects[cause.project]
        else { return nil }
        let due = due(for: cause, at: time)
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
        guard let entry = contributions[contribution]?.accrual, let accrual = accruals[entry],
            accrual.outcome == .pending
        else { return nil }
        return (accrual.account, accrual.resolution)
    }

    /// Makes an entry the one its seat can be paid for.
    mutating func setTrigger(_ entry: Hash, _ trigger: AccrualTrigger) {
        let seat = Seat(account: trigger.account, project: trigger.project)
        if let former = histories[seat]?.trigger { triggers[former] = nil }
        histories[seat, default: SeatHistory()].trigger = entry
        triggers[entry] = trigger
    }

    mutating func accrue(_ accrued: PointsAccrued, by verified: VerifiedEntry, at time: Timestamp)
        throws(EntryRejection)
    {
        let account = verified.payload.account
        guard let trigger = triggers[accrued.trigger], trigger.account == account,
            trigger.project == accrued.project, let project = projects[accrued.project]
        else { throw .triggerUnknown }
        if trigger.isPaid { throw .triggerPaid }
        let due = due(for: trigger, at: time)
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
        triggers[accrued.trigger]?.isPaid = true
        let programme = project.terms.programme
        programmeEarned[
            ProgrammeSeat(account: account, programme: programme), default: ProgrammeEarned()
        ].add(accrued.points, at: time)
        let contribution = count(accrued.points, for: trigger, accrual: verified.id)
        accruals[verified.id] = Accrual(
            account: account, statement: accrued, entry: verified.id, at: time,
            programme: programme, contribution: contribution, remaining: accrued.points)
        projects[accrued.project]?.pendingCount += 1
        vestingQueue.insert(verified.id, due: accrued.vestsAt)
    }

    /// Counts points against the project's caps; returns the contribution that earned them.
    private mutating func count(_ points: Points, for trigger: AccrualTrigger, accrual: Hash)
        -> Hash?
    {
        let seat = Seat(account: trigger.account, project: trigger.project)
        var sofar = earned(seat)
        sofar.total = sofar.total + points
        defer { histories[seat, default: SeatHistory()].earned = sofar }
        switch trigger.cause {
        case .contribution(let kind, let entry):
            sofar.kinds.insert(kind)
            contributions[entry]?.accrual = accrual
            return entry
        case .use:
            sofar.uses = sofar.uses + points
            return nil
        }
    }

    mutating func vest(_ resolved: PointsResolved, by verified: VerifiedEntry, at time: Timestamp)
        throws(EntryRejection)
    {
        let accrual = try pendingAccrual(resolved, of: verified.payload.account)
        guard time >= accrual.statement.vestsAt else { throw .notDue }
        points.move(
            resolved.points, from: .pending(accrual.account), to: .available(accrual.account))
        accruals[accrual.entry]?.lot = verified.id
        addLot(
            verified.id, of: accrual.account, resolved.points, programme: accrual.programme,
            at: time)
        resolve(accrual, as: .vested)
    }

    mutating func void(_ resolved: PointsResolved, of account: AccountID) throws(EntryRejection) {
        let accrual = try pendingAccrual(resolved, of: account)
        guard let contribution = accrual.contribution,
            case .rejected = contributions[contribution]?.review
        else { throw .notDue }
        points.move(
            resolved.points, from: .pending(accrual.account), to: .escrow(resolved.project))
        resolve(accrual, as: .voided)
        // What went back does not count against the caps: a better record can earn it.
        programmeEarned[
            ProgrammeSeat(account: account, programme: accrual.programme),
            default: ProgrammeEarned()
        ].remove(resolved.points, addedAt: accrual.at)
        let seat = Seat(account: account, project: resolved.project)
        var sofar = earned(seat)
        sofar.total = sofar.total - resolved.points
        if let kind = contributions[contribution]?.statement.kind { sofar.kinds.remove(kind) }
        histories[seat, default: SeatHistory()].earned = sofar
    }

    private func pendingAccrual(_ resolved: PointsResolved, of account: AccountID)
        throws(EntryRejection) -> Accrual
    {
        guard let accrual = accruals[resolved.accrual], accrual.account == account,
            accrual.statement.project == resolved.project
        else { throw .accrualUnknown }
        guard accrual.outcome == .pending else { throw .accrualResolved }
        guard accrual.remaining == resolved.points else { throw .amountNotDue }
        return accrual
    }

    /// Ends an accrual: what is left of it was moved.
    mutating func resolve(_ accrual: Accrual, as outcome: Accrual.Outcome) {
        accruals[accrual.entry]?.outcome = outcome
        accruals[accrual.entry]?.remaining = .zero
        projects[accrual.statement.project]?.pendingCount -= 1
        let resolved = accruals
        vestingQueue.dropSettled { resolved[$0]?.outcome != .pending }
    }
}

extension Accrual {
    /// What ends this accrual.
    var resolution: PointsResolved {
        PointsResolved(project: statement.project, accrual: entry, points: remaining)
    }
}
