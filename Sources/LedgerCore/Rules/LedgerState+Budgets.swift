extension LedgerState {
    mutating func fund(_ account: AccountID, _ points: Points) throws(EntryRejection) {
        guard institutions[account] != nil else { throw .accountUnknown }
        guard self.points.canMove(points, from: .issuer, to: .budget(account)) else {
            throw .amountTooLarge
        }
        self.points.move(points, from: .issuer, to: .budget(account))
    }

    mutating func rule(_ ruled: ProgrammeRuled) throws(EntryRejection) {
        let version = programmeRules[ruled.programme]?.version ?? 0
        guard ruled.version == version + 1 else { throw .versionNotNext }
        programmeRules[ruled.programme] = ruled
    }

    mutating func place(_ placed: ProjectPoints, by account: AccountID) throws(EntryRejection) {
        guard let project = projects[placed.project] else { throw .projectUnknown }
        guard !project.isClosed else { throw .projectClosed }
        guard points.canMove(placed.points, from: .budget(account), to: .escrow(placed.project))
        else { throw .budgetTooLow }
        points.move(placed.points, from: .budget(account), to: .escrow(placed.project))
    }

    /// The escrows of closed projects that can go back at `time`: to whom, and what to sign.
    package func dueReleases(at time: Timestamp) -> [(AccountID, ProjectPoints)] {
        closing.sorted().compactMap { id in
            guard let project = projects[id], project.isSettled(at: time) else { return nil }
            let left = min(points.balance(of: .escrow(id)), .limit)
            guard left > .zero else { return nil }
            return (project.sponsor, ProjectPoints(project: id, points: left))
        }
    }

    mutating func release(_ released: ProjectPoints, at time: Timestamp) throws(EntryRejection) {
        guard let project = projects[released.project] else { throw .projectUnknown }
        guard project.isSettled(at: time) else { throw .notDue }
        let (source, target) = (
            PointsAccount.escrow(released.project), PointsAccount.budget(project.sponsor)
        )
        guard points.canMove(released.points, from: source, to: target) else {
            throw .budgetTooLow
        }
        points.move(released.points, from: source, to: target)
        if points.balance(of: source) == .zero { closing.remove(released.project) }
    }

    mutating func rule(_ ruled: SplitRuled) throws(EntryRejection) {
        guard projects[ruled.project] != nil else { throw .projectUnknown }
        guard ruled.shares.allSatisfy({ institutions[$0.account] != nil }) else {
            throw .accountUnknown
        }
        splits[ruled.project] = ruled
    }

    mutating func pay(_ paid: ProjectPoints, by account: AccountID) throws(EntryRejection) {
        guard projects[paid.project] != nil else { throw .projectUnknown }
        guard let rule = splits[paid.project] else { throw .splitUnknown }
        guard points.balance(of: .budget(account)) >= paid.points else { throw .budgetTooLow }
        let parts = rule.parts(of: paid.points)
        let source = PointsAccount.budget(account)
        let isPossible = parts.allSatisfy { part in
            part.points == .zero || part.account == account
                || points.canMove(part.points, from: source, to: .budget(part.account))
        }
        guard isPossible else { throw .amountTooLarge }
        for part in parts where part.points > .zero && part.account != account {
            points.move(part.points, from: source, to: .budget(part.account))
        }
    }
}

extension SplitRuled {
    /// Parts an amount by the weights: the parts add up to it exactly.
    ///
    /// What rounding down leaves goes by one to the largest remainders, of equal ones to the first
    /// account.
    package func parts(of amount: Points) -> [(account: AccountID, points: Points)] {
        let sum = shares.reduce(0) { $0 + $1.weight }
        guard sum > 0 else { return [] }
        var parts = shares.map { share in
            (account: share.account, points: Points(amount.value * share.weight / sum))
        }
        let rounded = parts.reduce(0) { $0 + $1.points.value }
        let byRemainder = shares.indices.sorted { left, right in
            let remainders = (
                amount.value * shares[left].weight % sum,
                amount.value * shares[right].weight % sum
            )
            return remainders.0 != remainders.1 ? remainders.0 > remainders.1 : left < right
        }
        for index in byRemainder.prefix(Int(amount.value - rounded)) {
            parts[index].points = parts[index].points + Points(1)
        }
        return parts
    }
}

extension Project {
    /// Whether it is closed and nothing can be paid out of it any more.
    func isSettled(at time: Timestamp) -> Bool {
        guard let closedAt, pendingCount == 0 else { return false }
        return waitingCount == 0 || time >= closedAt.adding(milliseconds: PointsTimes.review)
    }
}
