import LedgerCore
import Testing

/// Rewards: reserved, handed over or released; lots that run out; invariants I4 and I13.
struct RedemptionTests {
    @Test func `a reservation sets the price aside and a redemption spends it`() throws {
        var ledger = try RuleLedger()
        let reservation = try ledger.reserve()
        let ada = ledger.ada.account
        #expect(ledger.balance(.available(ada)) == 400)
        #expect(ledger.balance(.reserved(ada)) == 200)
        try ledger.add(ledger.redeemed(reservation), by: \.node, about: ada)
        #expect(ledger.balance(.reserved(ada)) == 0)
        #expect(ledger.balance(.fulfilled(ledger.rewardID)) == 200)
        #expect(ledger.state.lots(of: ada).map(\.remainder) == [Points(400)])
    }

    @Test func `a reservation given up gives points and unit back`() throws {
        var ledger = try RuleLedger()
        let reservation = try ledger.reserve()
        let ada = ledger.ada.account
        try ledger.add(ledger.released(reservation, .cancelled), by: \.ada)
        #expect(ledger.balance(.available(ada)) == 600)
        #expect(ledger.state.rewards[ledger.rewardID]?.unitsLeft == 1)
        #expect(ledger.state.lots(of: ada).map(\.free) == [Points(600)])
        try ledger.add(
            .pointsReserved(.init(reward: ledger.rewardID, points: Points(200))), by: \.ada)
    }

    @Test func `what nobody hands over in 72 hours is released by the operator, once`() throws {
        var ledger = try RuleLedger()
        _ = try ledger.reserve()
        #expect(ledger.state.dueTimeouts(at: ledger.now).isEmpty)
        ledger.now = ledger.now.adding(milliseconds: 72 * 3_600_000)
        #expect(ledger.state.dueTimeouts(at: ledger.now).count == 1)
        try ledger.tick()
        #expect(ledger.state.dueTimeouts(at: ledger.now).isEmpty)
        #expect(ledger.balance(.available(ledger.ada.account)) == 600)
    }

    @Test func `an instant reward is owed at once, any other is not`() throws {
        var ledger = try RuleLedger()
        let slow = try ledger.reserve()
        #expect(ledger.state.redemptionOwed(for: slow) == nil)
        try ledger.add(.rewardOffered(ledger.reward(isInstant: true)), by: \.node)
        let fast = try ledger.add(
            .pointsReserved(.init(reward: ledger.rewardID, points: Points(200))), by: \.ada)
        let (account, redeemed) = try #require(ledger.state.redemptionOwed(for: fast))
        try ledger.add(.pointsRedeemed(redeemed), by: \.node, about: account)
        #expect(ledger.state.redemptionOwed(for: fast) == nil)
    }

    @Test func `the last unit goes to exactly one of two who want it`() throws {
        var ledger = try RuleLedger()
        try ledger.add(
            .projectAmended(
                .init(
                    terms: ledger.terms {
                        $0.minor = 1
                        $0.seats = 2
                    }, graceMilliseconds: 0)), by: \.sponsor)
        try ledger.add(.rewardOffered(ledger.reward()), by: \.node)
        for person in [\RuleLedger.ada, \RuleLedger.bo] {
            let account = ledger[keyPath: person].account
            try ledger.add(
                .signupJoined(.init(project: ledger.project, major: 1, minor: 1)), by: person)
            let contribution = try ledger.add(
                ledger.record(person == \RuleLedger.ada ? 1 : 2), by: person)
            let acceptance = try ledger.add(
                .contributionAccepted(
                    .init(project: ledger.project, contribution: contribution)),
                by: \.sponsor, about: account)
            try ledger.pay(acceptance)
        }
        ledger.now = ledger.now.adding(milliseconds: 1_000)
        try ledger.tick()
        let wish = EntryBody.pointsReserved(
            .init(reward: ledger.rewardID, points: Points(200)))
        try ledger.add(wish, by: \.bo)
        #expect(throws: EntryRejection.outOfStock) { try ledger.add(wish, by: \.ada) }
    }

    /// Bo's machine sees the catalogue and no reservation of Ada's.
    @Test func `what the node takes is taken by who sees less, however much is offered`() throws {
        var ledger = try RuleLedger()
        let tea = ledger.rewardID
        func left(_ state: LedgerState) -> Int64? { state.rewards[tea]?.unitsLeft }
        _ = try ledger.reserve(units: Reward.mostUnits)
        #expect(left(ledger.state) == Reward.mostUnits - 1)
        try ledger.add(.rewardOffered(ledger.reward(units: 1)), by: \.node)
        #expect(left(ledger.state) == Reward.mostUnits)
        let seen = ledger.log.filter { entry, _ in
            entry.payload.body.kind.isPublic || entry.payload.account == ledger.bo.account
        }
        #expect(left(try Replay.state(of: seen)) == Reward.mostUnits)
        try ledger.add(.rewardOffered(ledger.reward(units: Reward.mostUnits)), by: \.node)
        #expect(left(ledger.state) == Reward.mostUnits)
    }

    @Test func `the first lot to run out is spent first, and equal ones first in first out`()
        throws
    {
        var ledger = try RuleLedger()
        _ = try ledger.earn()
        try ledger.add(
            .programmeRuled(
                .init(
                    programme: .crossOmics, version: 1,
                    lifetimeMilliseconds: 2 * PointsTimes.notice)), by: \.node)
        let second = try ledger.add(ledger.record(2, kind: .clinical), by: \.ada)
        let acceptance = try ledger.add(
            .contributionAccepted(.init(project: ledger.project, contribution: second)),
            by: \.sponsor, about: ledger.ada.account)
        try ledger.pay(acceptance)
        ledger.now = ledger.now.adding(milliseconds: 1_000)
        try ledger.tick()
        try ledger.add(.rewardOffered(ledger.reward(price: 700)), by: \.node)
        try ledger.add(
            .pointsReserved(.init(reward: ledger.rewardID, points: Points(700))), by: \.ada)
        let lots = ledger.state.lots(of: ledger.ada.account)
        #expect(lots.map(\.held) == [Points(600), Points(100)])
        #expect(lots[0].expiresAt < lots[1].expiresAt)
    }

    @Test func `points run out only after their date and thirty days after the notice`() throws {
        var ledger = try RuleLedger()
        _ = try ledger.earn()
        let ada = ledger.ada.account
        let expiry = try #require(ledger.state.lots(of: ada).first?.expiresAt)
        ledger.now = expiry.adding(milliseconds: -PointsTimes.notice - 1)
        #expect(ledger.state.dueNotices(at: ledger.now).isEmpty)
        ledger.now = expiry.adding(milliseconds: -PointsTimes.notice)
        let notice = try #require(ledger.state.dueNotices(at: ledger.now).first)
        #expect(notice.1.at == expiry)
        try ledger.tick()
        ledger.now = expiry.adding(milliseconds: -1)
        #expect(ledger.state.dueLotExpiries(at: ledger.now).isEmpty)
        ledger.now = expiry
        try ledger.tick()
        #expect(ledger.balance(.available(ada)) == 0)
        #expect(ledger.balance(.breakage) == 600)
        #expect(ledger.state.lots(of: ada).isEmpty)
    }

    @Test func `a late notice puts the expiry off`() throws {
        var ledger = try RuleLedger()
        _ = try ledger.earn()
        let ada = ledger.ada.account
        let expiry = try #require(ledger.state.lots(of: ada).first?.expiresAt)
        ledger.now = expiry.adding(milliseconds: 5)
        try ledger.tick()
        #expect(ledger.balance(.available(ada)) == 600)
        ledger.now = ledger.now.adding(milliseconds: PointsTimes.notice - 1)
        #expect(ledger.state.dueLotExpiries(at: ledger.now).isEmpty)
        ledger.now = ledger.now.adding(milliseconds: 1)
        try ledger.tick()
        #expect(ledger.balance(.breakage) == 600)
    }

    @Test func `what is reserved does not run out, and what comes back of it does`() throws {
        var ledger = try RuleLedger()
        _ = try ledger.earn()
        let ada = ledger.ada.account
        let expiry = try #require(ledger.state.lots(of: ada).first?.expiresAt)
        try ledger.add(.rewardOffered(ledger.reward()), by: \.node)
        ledger.now = expiry.adding(milliseconds: -PointsTimes.notice)
        try ledger.tick()
        ledger.now = expiry.adding(milliseconds: -1)
        try ledger.add(
            .pointsReserved(.init(reward: ledger.rewardID, points: Points(200))), by: \.ada)
        ledger.now = expiry
        try ledger.tick()
        #expect(ledger.balance(.breakage) == 400)
        #expect(ledger.balance(.reserved(ada)) == 200)
        ledger.now = ledger.now.adding(milliseconds: PointsTimes.reservation)
        try ledger.tick()
        try ledger.tick()
        #expect(ledger.balance(.breakage) == 600)
        #expect(ledger.balance(.reserved(ada)) == 0)
    }
}
