package import LedgerCore

extension NaiveLedger {
    func accrual(_ id: Hash) -> (item: Item, stated: PointsAccrued)? {
        guard let item = item(id), case .pointsAccrued(let stated) = item.body else { return nil }
        return (item, stated)
    }

    /// The contribution that earned an accrual; `nil` for a use.
    func origin(_ stated: PointsAccrued) -> Hash? {
        guard case .contributionAccepted(let reviewed)? = item(stated.trigger)?.body else {
            return nil
        }
        return reviewed.contribution
    }

    func programme(of accrual: Item, _ stated: PointsAccrued) -> Programme? {
        terms(stated.project, before: accrual.id)?.programme
    }

    func voided(_ accrual: Hash) -> Points {
        for item in items {
            if case .pointsVoided(let resolved) = item.body, resolved.accrual == accrual {
                return resolved.points
            }
        }
        return .zero
    }

    func vesting(_ accrual: Hash) -> Item? {
        items.first { item in
            guard case .pointsVested(let resolved) = item.body else { return false }
            return resolved.accrual == accrual
        }
    }

    /// Confirmed corrections of an accrual, in their order.
    func corrections(of accrual: Hash) -> [(item: Item, stated: CorrectionProposed)] {
        items.compactMap { item in
            guard case .correctionConfirmed(let confirmed) = item.body,
                case .correctionProposed(let stated)? = self.item(confirmed.proposal)?.body,
                stated.accrual == accrual
            else { return nil }
            return (item, stated)
        }
    }

    /// What of an accrual still waits.
    func waiting(_ accrual: Hash) -> Points {
        guard let (_, stated) = self.accrual(accrual), vesting(accrual) == nil,
            voided(accrual) == .zero
        else { return .zero }
        let taken = corrections(of: accrual).filter { $0.stated.direction == .take }
        return taken.reduce(stated.points) { $0 - $1.stated.points }
    }

    /// What a trigger earns.
    func due(_ trigger: Item, _ project: ProjectID, at time: Timestamp) -> Points {
        guard let terms = terms(project) else { return .zero }
        var total: Int64 = 0
        var uses: Int64 = 0
        var kinds = Set<RecordKind>()
        var ofProgramme = (day: Int64(0), month: Int64(0), all: Int64(0))
        for item in items where item.account == trigger.account {
            guard case .pointsAccrued(let stated) = item.body else { continue }
            let voided = voided(item.id)
            let counted = stated.points.value - voided.value
            if programme(of: item, stated) == terms.programme {
                ofProgramme.all += counted
                if item.time.day == time.day { ofProgramme.day += counted }
                if item.time.month == time.month { ofProgramme.month += counted }
            }
            guard stated.project == project else { continue }
            total += counted
            if let origin = origin(stated) {
                if voided == .zero, let kind = contribution(origin)?.stated.kind {
                    kinds.insert(kind)
                }
            } else {
                uses += stated.points.value
            }
        }
        let rule = terms.reward
        var room = rule.memberCap.value - total
        let rules = items.compactMap { item -> ProgrammeRuled? in
            guard case .programmeRuled(let ruled) = item.body else { return nil }
            return ruled.programme == terms.programme ? ruled : nil
        }.last
        if let rules {
            if rules.dayCap > .zero { room = min(room, rules.dayCap.value - ofProgramme.day) }
            if rules.monthCap > .zero {
                room = min(room, rules.monthCap.value - ofProgramme.month)
            }
            if rules.lifetimeCap > .zero {
                room = min(room, rules.lifetimeCap.value - ofProgramme.all)
            }
        }
        switch trigger.body {
        case .contributionAccepted(let reviewed):
            guard let kind = contribution(reviewed.contribution)?.stated.kind,
                !kinds.contains(kind)
            else { return .zero }
            return Points(max(0, min(rule.perContribution.value, room)))
        case .useAllowed:
            return Points(max(0, min(rule.perUse.value, room, rule.useCap.value - uses)))
        default: return .zero
        }
    }

    /// The latest thing that earns points of a member in a project.
    func trigger(_ account: AccountID, _ project: ProjectID) -> Item? {
        items.last { item in
            guard item.account == account else { return false }
            switch item.body {
            case .contributionAccepted(let reviewed): return reviewed.project == project
            case .useAllowed(let use): return use.project == project && use.purpose != .review
            default: return false
            }
        }
    }

    // MARK: Balances

    /// The movements of an entry: from, to, how many.
    func movements(_ item: Item) -> [(PointsAccount, PointsAccount, Points)] {
        let account = item.account
        switch item.body {
        case .budgetFunded(let points): return [(.issuer, .budget(account), points)]
        case .escrowPlaced(let placed):
            return [(.budget(account), .escrow(placed.project), placed.points)]
        case .escrowReleased(let released):
            guard let sponsor = sponsor(released.project) else { return [] }
            return [(.escrow(released.project), .budget(sponsor), released.points)]
        case .splitPaid(let paid):
            let shares = items.prefix { $0.id != item.id }.compactMap { item -> SplitRuled? in
                guard case .splitRuled(let ruled) = item.body else { return nil }
                return ruled.project == paid.project ? ruled : nil
            }.last
            return (shares.map { NaiveLedger.parts(of: paid.points.value, $0.shares) } ?? [])
                .map { (.budget(account), .budget($0.0), Points($0.1)) }
        case .pointsAccrued(let accrued):
            return [(.escrow(accrued.project), .pending(account), accrued.points)]
        case .pointsVested(let resolved):
            return [(.pending(account), .available(account), resolved.points)]
        case .pointsVoided(let resolved):
            return [(.pending(account), .escrow(resolved.project), resolved.points)]
        case .pointsReserved(let reserved):
            return [(.available(account), .reserved(account), reserved.points)]
        case .pointsRedeemed(let redeemed):
            return [(.reserved(account), .fulfilled(redeemed.reward), redeemed.points)]
        case .pointsReleased(let released):
            return [(.reserved(account), .available(account), released.points)]
        case .pointsExpired(let expired):
            return [(.available(account), .breakage, expired.points)]
        case .correctionConfirmed(let confirmed):
            guard case .correctionProposed(let stated)? = self.item(confirmed.proposal)?.body
            else { return [] }
            let case_ = PointsAccount.correction(stated.accrual)
            if stated.direction == .giveBack {
                return [(case_, .available(account), stated.points)]
            }
            let wasVested = items.prefix { $0.id != item.id }.contains { before in
                guard case .pointsVested(let resolved) = before.body else { return false }
                return resolved.accrual == stated.accrual
            }
            return [(wasVested ? .available(account) : .pending(account), case_, stated.points)]
        default: return []
        }
    }

    /// The balance of an account.
    package func balance(_ account: PointsAccount) -> Int64 {
        var sum: Int64 = 0
        for item in items {
            for (from, to, points) in movements(item) {
                if from == account { sum -= points.value }
                if to == account { sum += points.value }
            }
        }
        return sum
    }

    /// Hands out one point after the other to whoever is furthest behind their part.
    static func parts(of amount: Int64, _ shares: [SplitRuled.Share]) -> [(AccountID, Int64)] {
        let sum = shares.reduce(0) { $0 + $1.weight }
        var parts = shares.map { ($0.account, amount * $0.weight / sum) }
        var rests = shares.map { amount * $0.weight % sum }
        while parts.reduce(0, { $0 + $1.1 }) < amount {
            guard let most = rests.max(), let place = rests.firstIndex(of: most) else { break }
            parts[place].1 += 1
            rests[place] = -1
        }
        return parts
    }

    // MARK: Lots

    struct Lot {
        let id: Hash
        let bornAs: Timestamp
        var expiresAt: Timestamp
        var free: Int64
        var held: Int64 = 0
        var isNoticed = false
    }

    /// A member's lots, told from the first entry; used-up ones are left out.
    func lots(_ account: AccountID) -> [Lot] {
        var lots = [Lot]()
        var holds = [Hash: [(Hash, Int64)]]()
        func place(_ id: Hash) -> Int? { lots.firstIndex { $0.id == id } }
        for item in items where item.account == account {
            switch item.body {
            case .pointsVested(let resolved):
                guard let (accrual, stated) = accrual(resolved.accrual),
                    let programme = programme(of: accrual, stated)
                else { continue }
                lots.append(lot(item, resolved.points, programme))
            case .pointsReserved(let reserved):
                var open = reserved.points.value
                let order = lots.indices.sorted {
                    (lots[$0].bornAs, $0) < (lots[$1].bornAs, $1)
                }
                for index in order where open > 0 && lots[index].free > 0 {
                    let taken = min(open, lots[index].free)
                    lots[index].free -= taken
                    lots[index].held += taken
                    holds[item.id, default: []].append((lots[index].id, taken))
                    open -= taken
                }
            case .pointsRedeemed(let redeemed):
                for (id, points) in holds[redeemed.reservation] ?? [] {
                    if let place = place(id) { lots[place].held -= points }
                }
            case .pointsReleased(let released):
                for (id, points) in holds[released.reservation] ?? [] {
                    guard let place = place(id) else { continue }
                    lots[place].held -= points
                    lots[place].free += points
                }
            case .pointsExpiring(let expiring):
                guard let place = place(expiring.lot) else { continue }
                lots[place].isNoticed = true
                lots[place].expiresAt = expiring.at
            case .pointsExpired(let expired):
                if let place = place(expired.lot) { lots[place].free = 0 }
            case .correctionConfirmed(let confirmed):
                guard case .correctionProposed(let stated)? = self.item(confirmed.proposal)?.body,
                    let (accrual, accrued) = accrual(stated.accrual),
                    let programme = programme(of: accrual, accrued)
                else { continue }
                if stated.direction == .giveBack {
                    lots.append(lot(item, stated.points, programme))
                } else if let vest = vesting(stated.accrual), let place = place(vest.id) {
                    lots[place].free -= stated.points.value
                }
            default: continue
            }
        }
        return lots.filter { $0.free + $0.held > 0 }
    }

    private func lot(_ item: Item, _ points: Points, _ programme: Programme) -> Lot {
        var lifetime = PointsTimes.lifetime
        for before in items {
            if before.id == item.id { break }
            if case .programmeRuled(let ruled) = before.body, ruled.programme == programme {
                lifetime = ruled.lifetimeMilliseconds
            }
        }
        let at = item.time.adding(milliseconds: lifetime)
        return Lot(id: item.id, bornAs: at, expiresAt: at, free: points.value)
    }

    // MARK: Rewards

    func reservation(_ id: Hash) -> (item: Item, stated: PointsReserved)? {
        guard let item = item(id), case .pointsReserved(let stated) = item.body else { return nil }
        return (item, stated)
    }

    func isResolved(reservation id: Hash) -> Bool {
        items.contains { item in
            switch item.body {
            case .pointsRedeemed(let redeemed): redeemed.reservation == id
            case .pointsReleased(let released): released.reservation == id
            default: false
            }
        }
    }

    /// The latest offer of a reward, its units that are left, and whether it was withdrawn.
    func reward(_ id: RewardID) -> (offer: RewardOffered, left: Int64, isWithdrawn: Bool)? {
        var found: (offer: RewardOffered, left: Int64, isWithdrawn: Bool)?
        for item in items {
            switch item.body {
            case .rewardOffered(let offered) where offered.reward == id:
                found = (offered, (found?.left ?? 0) + offered.units, false)
            case .rewardWithdrawn(let withdrawn) where withdrawn == id: found?.isWithdrawn = true
            case .pointsReserved(let reserved) where reserved.reward == id: found?.left -= 1
            case .pointsReleased(let released) where released.reward == id: found?.left += 1
            default: continue
            }
            // More are not counted.
            if let left = found?.left, left > 1_000_000_000 { found?.left = 1_000_000_000 }
        }
        return found
    }
}
