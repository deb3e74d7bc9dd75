internal import LedgerCore

extension NaiveLedger {
    private func isPossible(_ points: Points, _ from: PointsAccount) -> Bool {
        points > .zero && points <= .limit && balance(from) >= points.value
    }

    func pointsVerdict(_ item: Item) -> EntryRejection? {
        let account = item.account
        switch item.body {
        case .budgetFunded(let points):
            if institution(account) == nil { return .accountUnknown }
            return points > .zero && points <= .limit ? nil : .amountTooLarge
        case .escrowPlaced(let placed):
            if terms(placed.project) == nil { return .projectUnknown }
            if closedAt(placed.project) != nil { return .projectClosed }
            return isPossible(placed.points, .budget(account)) ? nil : .budgetTooLow
        case .escrowReleased(let released):
            if terms(released.project) == nil { return .projectUnknown }
            if !isSettled(released.project, at: item.time) { return .notDue }
            return isPossible(released.points, .escrow(released.project)) ? nil : .budgetTooLow
        case .splitRuled(let ruled):
            if terms(ruled.project) == nil { return .projectUnknown }
            return ruled.shares.allSatisfy { institution($0.account) != nil }
                ? nil : .accountUnknown
        case .splitPaid(let paid):
            if terms(paid.project) == nil { return .projectUnknown }
            let hasRule = items.contains { item in
                guard case .splitRuled(let ruled) = item.body else { return false }
                return ruled.project == paid.project
            }
            if !hasRule { return .splitUnknown }
            return balance(.budget(account)) >= paid.points.value ? nil : .budgetTooLow
        case .programmeRuled(let ruled):
            let count = items.count { item in
                guard case .programmeRuled(let other) = item.body else { return false }
                return other.programme == ruled.programme
            }
            return ruled.version == Int64(count) + 1 ? nil : .versionNotNext
        case .pointsAccrued(let accrued): return accrualVerdict(accrued, item)
        case .pointsVested(let resolved), .pointsVoided(let resolved):
            return resolutionVerdict(resolved, item)
        default: return nil
        }
    }

    func isSettled(_ project: ProjectID, at time: Timestamp) -> Bool {
        guard let closedAt = closedAt(project) else { return false }
        var isWaiting = false
        for item in items {
            switch item.body {
            case .pointsAccrued(let accrued)
            where accrued.project == project && waiting(item.id) > .zero:
                return false
            case .recordContributed(let stated)
            where stated.project == project && review(item.id) == nil && !isErased(item.id):
                isWaiting = true
            default: continue
            }
        }
        return !isWaiting || closedAt.adding(milliseconds: PointsTimes.review) <= time
    }

    private func accrualVerdict(_ accrued: PointsAccrued, _ item: Item) -> EntryRejection? {
        guard let trigger = self.item(accrued.trigger),
            self.trigger(item.account, accrued.project)?.id == trigger.id,
            let terms = terms(accrued.project)
        else { return .triggerUnknown }
        let isPaid = items.contains { other in
            guard case .pointsAccrued(let paid) = other.body else { return false }
            return paid.trigger == accrued.trigger
        }
        if isPaid { return .triggerPaid }
        let due = due(trigger, accrued.project, at: item.time)
        let isDue = accrued.isLimited ? accrued.points < due : accrued.points == due
        let vestsAt = item.time.adding(milliseconds: terms.reward.qualityWindowMilliseconds)
        if !isDue || accrued.vestsAt != vestsAt { return .amountNotDue }
        return isPossible(accrued.points, .escrow(accrued.project)) ? nil : .budgetTooLow
    }

    private func resolutionVerdict(_ resolved: PointsResolved, _ item: Item) -> EntryRejection? {
        guard let (accrual, stated) = accrual(resolved.accrual), accrual.account == item.account,
            stated.project == resolved.project
        else { return .accrualUnknown }
        let waiting = waiting(accrual.id)
        if waiting == .zero { return .accrualResolved }
        if waiting != resolved.points { return .amountNotDue }
        if item.body.kind == .pointsVested { return stated.vestsAt <= item.time ? nil : .notDue }
        guard let origin = origin(stated), review(origin)?.kind == .contributionRejected else {
            return .notDue
        }
        return nil
    }

    // MARK: Rewards, expiry, corrections

    func redemptionVerdict(_ item: Item) -> EntryRejection? {
        let account = item.account
        switch item.body {
        case .rewardOffered: return nil
        case .rewardWithdrawn(let id):
            guard let reward = reward(id) else { return .rewardUnknown }
            return reward.isWithdrawn ? .rewardWithdrawn : nil
        case .pointsReserved(let reserved):
            guard let reward = reward(reserved.reward) else { return .rewardUnknown }
            if reward.isWithdrawn { return .rewardWithdrawn }
            if reward.offer.price != reserved.points { return .priceChanged }
            if reward.left < 1 { return .outOfStock }
            return isPossible(reserved.points, .available(account)) ? nil : .balanceTooLow
        case .pointsRedeemed(let redeemed):
            return reservationVerdict(
                redeemed.reservation, redeemed.reward, redeemed.points, account)
        case .pointsReleased(let released):
            if let rejection = reservationVerdict(
                released.reservation, released.reward, released.points, account)
            {
                return rejection
            }
            guard released.reason == .timedOut, let (first, _) = reservation(released.reservation)
            else { return nil }
            let end = first.time.adding(milliseconds: PointsTimes.reservation)
            return end <= item.time ? nil : .notDue
        case .pointsExpiring(let expiring):
            guard let lot = lots(account).first(where: { $0.id == expiring.lot }) else {
                return .lotUnknown
            }
            if lot.isNoticed { return .noticeGiven }
            let soonest = item.time.adding(milliseconds: PointsTimes.notice)
            if lot.expiresAt > soonest { return .notDue }
            let isRight = expiring.points.value == lot.free + lot.held
            return isRight && expiring.at == max(lot.expiresAt, soonest) ? nil : .amountNotDue
        case .pointsExpired(let expired):
            guard let lot = lots(account).first(where: { $0.id == expired.lot }) else {
                return .lotUnknown
            }
            if !lot.isNoticed || lot.expiresAt > item.time { return .notDue }
            if lot.free != expired.points.value { return .amountNotDue }
            return lot.free > 0 ? nil : .amountTooLarge
        default: return correctionVerdict(item)
        }
    }

    private func reservationVerdict(
        _ id: Hash, _ reward: RewardID, _ points: Points, _ account: AccountID
    ) -> EntryRejection? {
        guard let (item, stated) = reservation(id), item.account == account,
            stated.reward == reward
        else { return .reservationUnknown }
        if isResolved(reservation: id) { return .reservationResolved }
        return stated.points == points ? nil : .amountNotDue
    }

    private func correctable(_ accrual: Hash, _ direction: CorrectionDirection) -> Int64 {
        if direction == .giveBack { return balance(.correction(accrual)) }
        if let vest = vesting(accrual), let owner = item(accrual)?.account {
            return lots(owner).first { $0.id == vest.id }?.free ?? 0
        }
        return waiting(accrual).value
    }

    private func correctionVerdict(_ item: Item) -> EntryRejection? {
        switch item.body {
        case .correctionProposed(let proposed):
            guard let (accrual, _) = accrual(proposed.accrual), accrual.account == item.account
            else { return .accrualUnknown }
            let start =
                proposed.direction == .take
                ? accrual.time : lastTaking(of: proposed.accrual) ?? accrual.time
            let latest = start.adding(milliseconds: PointsTimes.correction)
            if latest < item.time { return .correctionTooLate }
            let most = correctable(proposed.accrual, proposed.direction)
            return proposed.points.value <= most ? nil : .balanceTooLow
        case .correctionConfirmed(let confirmed):
            guard let (first, stated) = proposal(confirmed.proposal, item.account) else {
                return .correctionUnknown
            }
            if isDecided(confirmed.proposal) { return .correctionResolved }
            if account(of: first.payload.device) == account(of: item.payload.device) {
                return .secondOfficerNeeded
            }
            let from = first.time.adding(milliseconds: PointsTimes.appeal)
            if item.time < from { return .notDue }
            if from.adding(milliseconds: PointsTimes.correction) < item.time {
                return .correctionTooLate
            }
            if confirmed.points != stated.points { return .amountNotDue }
            let most = correctable(stated.accrual, stated.direction)
            return stated.points.value <= most ? nil : .balanceTooLow
        case .correctionAppealed(let id):
            guard let (first, stated) = proposal(id, item.account) else {
                return .correctionUnknown
            }
            if isDecided(id) { return .correctionResolved }
            let hasAppealed = items.contains { other in
                guard case .correctionAppealed(let earlier) = other.body,
                    let (_, about) = proposal(earlier, item.account)
                else { return false }
                return about.accrual == stated.accrual
            }
            if hasAppealed { return .alreadyAppealed }
            let end = first.time.adding(milliseconds: PointsTimes.appeal)
            return item.time < end ? nil : .correctionResolved
        default: return nil
        }
    }

    /// The last day on which what was taken of an accrual could have been taken.
    private func lastTaking(of accrual: Hash) -> Timestamp? {
        items.compactMap { item -> Timestamp? in
            guard case .correctionConfirmed(let confirmed) = item.body,
                let (first, stated) = proposal(confirmed.proposal, item.account),
                stated.direction == .take, stated.accrual == accrual
            else { return nil }
            return first.time.adding(milliseconds: PointsTimes.appeal + PointsTimes.correction)
        }.max()
    }

    private func proposal(_ id: Hash, _ account: AccountID) -> (Item, CorrectionProposed)? {
        guard let item = item(id), item.account == account,
            case .correctionProposed(let stated) = item.body
        else { return nil }
        return (item, stated)
    }

    private func isDecided(_ proposal: Hash) -> Bool {
        items.contains { item in
            switch item.body {
            case .correctionConfirmed(let confirmed): confirmed.proposal == proposal
            case .correctionAppealed(let appealed): appealed == proposal
            default: false
            }
        }
    }
}
