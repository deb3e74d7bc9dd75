import LedgerCore
import RulesModel
import Testing

/// Caps of programmes, splits, corrections, and what a closed project gives back.
struct BudgetTests {
    @Test func `a programme's caps bind by the day, the month and in all`() throws {
        for (rules, expected) in [
            (caps(day: 100), [100, 0, 100, 100]), (caps(month: 250), [250, 0, 0, 250]),
            (caps(all: 700), [600, 100, 0, 0]),
        ] as [(ProgrammeRuled, [Int64])] {
            var ledger = try RuleLedger()
            try ledger.add(.programmeRuled(rules), by: \.node)
            var paid = [Int64]()
            // 14 November 2023: twice on one day, on the next, and in the next month.
            for (number, days) in [0, 0, 1, 30].enumerated() {
                let name = try #require(ProjectID("capped-\(number)"))
                let terms = ledger.terms { $0.project = name }
                ledger.now = Timestamp(milliseconds: 1_700_000_000_000 + Int64(days) * 86_400_000)
                try ledger.add(.projectPublished(terms), by: \.sponsor)
                try ledger.add(
                    .escrowPlaced(.init(project: name, points: Points(1_000))), by: \.sponsor)
                try ledger.add(.signupJoined(.init(project: name, major: 1, minor: 0)), by: \.ada)
                let before = ledger.balance(.pending(ledger.ada.account))
                let contribution = try ledger.add(
                    .recordContributed(
                        .init(
                            project: name, record: Hash.of([UInt8(number)]),
                            commitment: Hash.of([UInt8(number), 1]), kind: .wearable, rows: 1,
                            from: Timestamp(milliseconds: 2_000),
                            until: Timestamp(milliseconds: 2_000), sizeBytes: 1)), by: \.ada)
                let acceptance = try ledger.add(
                    .contributionAccepted(.init(project: name, contribution: contribution)),
                    by: \.sponsor, about: ledger.ada.account)
                try ledger.pay(acceptance)
                paid.append(ledger.balance(.pending(ledger.ada.account)) - before)
            }
            #expect(paid == expected)
        }
    }

    private func caps(day: Int64 = 0, month: Int64 = 0, all: Int64 = 0) -> ProgrammeRuled {
        ProgrammeRuled(
            programme: .crossOmics, version: 1, lifetimeMilliseconds: PointsTimes.lifetime,
            dayCap: Points(day), monthCap: Points(month), lifetimeCap: Points(all))
    }

    @Test(arguments: 0..<200) func `a split adds up exactly and repeats itself`(seed: Int) throws {
        var random = SeededNumbers(state: UInt64(seed))
        let shares = (0..<Int.random(in: 1...64, using: &random)).map { number in
            SplitRuled.Share(
                AccountID(firstDevice: DeviceID(publicKey: [UInt8(number)])),
                weight: Int64.random(in: 1...1_000_000, using: &random))
        }
        let project = try #require(ProjectID("p"))
        let rule = SplitRuled(project: project, shares: shares)
        let amount = Points(Int64.random(in: 1...1_000_000_000, using: &random))
        let parts = rule.parts(of: amount)
        #expect(parts.reduce(0) { $0 + $1.points.value } == amount.value)
        let sum = rule.shares.reduce(0) { $0 + $1.weight }
        for (part, share) in zip(parts, rule.shares) {
            let exact = Double(amount.value) * Double(share.weight) / Double(sum)
            #expect(abs(Double(part.points.value) - exact) < 1.001)
        }
        let again = SplitRuled(project: project, shares: shares.reversed()).parts(of: amount)
        #expect(again.map(\.points) == parts.map(\.points))
    }

    @Test func `a sponsor shares its budget by the rule on the ledger`() throws {
        var ledger = try RuleLedger()
        try ledger.add(
            .splitRuled(
                .init(
                    project: ledger.project,
                    shares: [
                        .init(ledger.sponsor.account, weight: 1),
                        .init(ledger.other.account, weight: 2),
                    ])), by: \.sponsor)
        try ledger.add(
            .splitPaid(.init(project: ledger.project, points: Points(1_000))), by: \.sponsor)
        #expect(ledger.balance(.budget(ledger.other.account)) == 667)
        #expect(ledger.balance(.budget(ledger.sponsor.account)) == 4_333)
        #expect(ledger.state.points.sum == 0)
    }

    @Test func `a closed project gives its escrow back once nothing waits`() throws {
        var ledger = try RuleLedger()
        _ = try ledger.takePart()
        try ledger.add(.projectClosed(ledger.project), by: \.sponsor)
        #expect(ledger.state.dueReleases(at: ledger.now).isEmpty)
        ledger.now = ledger.now.adding(milliseconds: 1_000)
        try ledger.tick()
        #expect(ledger.balance(.available(ledger.ada.account)) == 600)
        #expect(ledger.balance(.escrow(ledger.project)) == 0)
        #expect(ledger.balance(.budget(ledger.sponsor.account)) == 9_400)
        #expect(ledger.state.dueReleases(at: ledger.now).isEmpty)
    }

    @Test func `a contribution nobody reviewed holds the escrow for thirty days`() throws {
        var ledger = try RuleLedger()
        try ledger.add(ledger.join, by: \.ada)
        let waiting = try ledger.add(ledger.record(1), by: \.ada)
        try ledger.add(.projectClosed(ledger.project), by: \.sponsor)
        #expect(ledger.state.dueReleases(at: ledger.now).isEmpty)
        let before = ledger.state
        let acceptance = try ledger.add(
            .contributionAccepted(.init(project: ledger.project, contribution: waiting)),
            by: \.sponsor, about: ledger.ada.account)
        #expect(try ledger.pay(acceptance) != nil)
        let later = ledger.now.adding(milliseconds: PointsTimes.review)
        #expect(before.dueReleases(at: later).map(\.1.points) == [Points(5_000)])
    }

    @Test func `a correction takes what is left after the appeal time, and can be undone`() throws {
        var ledger = try RuleLedger()
        let (part, _) = try ledger.earn()
        let ada = ledger.ada.account
        let proposal = try ledger.add(
            ledger.correction(of: part.accrual, 500), by: \.officer, about: ada)
        ledger.now = ledger.now.adding(milliseconds: PointsTimes.appeal)
        try ledger.add(
            .correctionConfirmed(.init(proposal: proposal, points: Points(500))),
            by: \.secondOfficer, about: ada)
        #expect(ledger.balance(.available(ada)) == 100)
        #expect(ledger.balance(.correction(part.accrual)) == 500)
        #expect(throws: EntryRejection.balanceTooLow) {
            try ledger.add(
                ledger.correction(of: part.accrual, 501, .giveBack), by: \.officer, about: ada)
        }
        let undo = try ledger.add(
            ledger.correction(of: part.accrual, 500, .giveBack), by: \.secondOfficer, about: ada)
        ledger.now = ledger.now.adding(milliseconds: PointsTimes.appeal)
        try ledger.add(
            .correctionConfirmed(.init(proposal: undo, points: Points(500))), by: \.officer,
            about: ada)
        #expect(ledger.balance(.available(ada)) == 600)
        #expect(ledger.state.lots(of: ada).map(\.remainder) == [Points(100), Points(500)])
    }

    @Test func `what was taken late can be given back, and what nobody confirmed lapses`() throws {
        var ledger = try RuleLedger()
        let (part, _) = try ledger.earn()
        let ada = ledger.ada.account
        ledger.now = ledger.now.adding(milliseconds: PointsTimes.correction - 1_000)
        let taking = try ledger.add(
            ledger.correction(of: part.accrual, 500), by: \.officer, about: ada)
        let forgotten = try ledger.add(
            ledger.correction(of: part.accrual, 100), by: \.officer, about: ada)
        ledger.now = ledger.now.adding(milliseconds: PointsTimes.appeal + PointsTimes.correction)
        try ledger.add(
            .correctionConfirmed(.init(proposal: taking, points: Points(500))),
            by: \.secondOfficer, about: ada)
        ledger.now = ledger.now.adding(milliseconds: 1)
        #expect(throws: EntryRejection.correctionTooLate) {
            try ledger.add(
                .correctionConfirmed(.init(proposal: forgotten, points: Points(100))),
                by: \.secondOfficer, about: ada)
        }
        #expect(throws: EntryRejection.correctionTooLate) {
            try ledger.add(ledger.correction(of: part.accrual, 5), by: \.officer, about: ada)
        }
        ledger.now = ledger.now.adding(milliseconds: PointsTimes.correction - 1)
        let undo = try ledger.add(
            ledger.correction(of: part.accrual, 500, .giveBack), by: \.secondOfficer, about: ada)
        ledger.now = ledger.now.adding(milliseconds: PointsTimes.appeal)
        try ledger.add(
            .correctionConfirmed(.init(proposal: undo, points: Points(500))), by: \.officer,
            about: ada)
        #expect(ledger.balance(.available(ada)) == 600)
    }

    @Test func `a correction of what waits leaves the rest to vest, or nothing`() throws {
        var ledger = try RuleLedger()
        let long = ledger.terms {
            $0.major = 2
            $0.reward = RewardRule(
                perContribution: Points(600), perUse: Points(20), useCap: Points(50),
                memberCap: Points(1_230), qualityWindowMilliseconds: 30 * 86_400_000)
        }
        try ledger.add(
            .projectAmended(.init(terms: long, graceMilliseconds: 0)), by: \.sponsor)
        try ledger.add(
            .signupJoined(.init(project: ledger.project, major: 2, minor: 0)), by: \.ada)
        let contribution = try ledger.add(ledger.record(1), by: \.ada)
        let acceptance = try ledger.add(
            .contributionAccepted(.init(project: ledger.project, contribution: contribution)),
            by: \.sponsor, about: ledger.ada.account)
        let accrual = try #require(try ledger.pay(acceptance))
        for amount in [100, 500] as [Int64] {
            let proposal = try ledger.add(
                ledger.correction(of: accrual, amount), by: \.officer, about: ledger.ada.account)
            ledger.now = ledger.now.adding(milliseconds: PointsTimes.appeal)
            try ledger.add(
                .correctionConfirmed(.init(proposal: proposal, points: Points(amount))),
                by: \.secondOfficer, about: ledger.ada.account)
            #expect(
                ledger.balance(.pending(ledger.ada.account)) == (amount == 100 ? 500 : 0))
        }
        ledger.now = ledger.now.adding(milliseconds: 40 * 86_400_000)
        #expect(ledger.state.dueVestings(at: ledger.now).isEmpty)
    }
}
