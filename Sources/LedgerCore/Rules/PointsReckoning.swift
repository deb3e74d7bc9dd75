/// What a trigger earns by a project's rule, and the cap that held it down.
package struct PointsReckoning: Equatable, Sendable {
    /// The rule in force.
    package let rule: RewardRule
    /// What happened.
    package let cause: AccrualTrigger.Cause
    /// What the member had earned in the project before.
    package let before: Earned
    /// What the rule gives for such a trigger, caps left aside.
    package let full: Points
    /// What is due, caps counted; the project's escrow may still hold less.
    package let due: Points
    /// Why less is due than the rule gives; `nil` where all of it is.
    package let limit: Limit?

    /// What can hold an amount down.
    package enum Limit: Equatable, Sendable {
        /// A contribution of this kind was paid before.
        case kindPaid
        /// The most that uses can earn one member is reached.
        case useCap
        /// The most one member can earn from the project is reached.
        case memberCap
        /// The most one member can earn from the programme, now or at all, is reached.
        case programmeCap
    }

    /// Puts a reckoning together.
    package init(
        rule: RewardRule, cause: AccrualTrigger.Cause, before: Earned, full: Points, due: Points,
        limit: Limit?
    ) {
        self.rule = rule
        self.cause = cause
        self.before = before
        self.full = full
        self.due = due
        self.limit = limit
    }
}

extension LedgerState {
    /// Reckons what a trigger earns at `time`, whatever the escrow holds; `nil` for an unknown project.
    ///
    /// The one place where the amounts are computed: paying and explaining both read it.
    package func reckoning(for trigger: AccrualTrigger, at time: Timestamp) -> PointsReckoning? {
        guard let project = projects[trigger.project] else { return nil }
        let rule = project.terms.reward
        let before = earned(Seat(account: trigger.account, project: trigger.project))
        let ownRoom = max(.zero, rule.memberCap - before.total)
        let programmeRoom = programmeRoom(
            of: trigger.account, in: project.terms.programme, at: time)
        let room = min(ownRoom, programmeRoom)
        let cap: PointsReckoning.Limit = programmeRoom < ownRoom ? .programmeCap : .memberCap
        let full: Points
        let due: Points
        let limit: PointsReckoning.Limit
        switch trigger.cause {
        case .contribution(let kind, _):
            let isPaid = before.kinds.contains(kind)
            full = rule.perContribution
            due = isPaid ? .zero : min(full, room)
            limit = isPaid ? .kindPaid : cap
        case .use:
            let useRoom = max(.zero, rule.useCap - before.uses)
            full = rule.perUse
            due = min(full, room, useRoom)
            limit = useRoom <= room ? .useCap : cap
        }
        return PointsReckoning(
            rule: rule, cause: trigger.cause, before: before, full: full, due: due,
            limit: due < full ? limit : nil)
    }
}
