import LedgerCore
import RulesModel
import Testing

struct PointsTests {
    @Test func `an accepted contribution puts exactly the rule's amount on the way`() throws {
        var ledger = try RuleLedger()
        _ = try ledger.takePart()
        #expect(ledger.balance(.pending(ledger.ada.account)) == 600)
        #expect(ledger.balance(.available(ledger.ada.account)) == 0)
        #expect(ledger.balance(.escrow(ledger.project)) == 4_400)
        #expect(ledger.state.points.sum == 0)
    }

    @Test func `granting alone pays nothing`() throws {
        var ledger = try RuleLedger()
        try ledger.add(ledger.join, by: \.ada)
        let grant = try ledger.add(ledger.grant(), by: \.ada)
        #expect(ledger.state.accrualOwed(for: grant, at: ledger.now) == nil)
    }

    @Test func `a second contribution of the same kind pays nothing, another kind does`() throws {
        var ledger = try RuleLedger()
        _ = try ledger.takePart()
        for (number, kind, expected) in [
            (2, RecordKind.wearable, nil as Int64?), (3, .clinical, 600),
        ] {
            let contribution = try ledger.add(
                ledger.record(UInt8(number), kind: kind), by: \.ada)
            let acceptance = try ledger.add(
                .contributionAccepted(.init(project: ledger.project, contribution: contribution)),
                by: \.sponsor, about: ledger.ada.account)
            let owed = ledger.state.accrualOwed(for: acceptance, at: ledger.now)
            #expect(owed?.1.points.value == expected)
        }
    }

    @Test func `uses pay up to the cap and then nothing`() throws {
        var ledger = try RuleLedger()
        let part = try ledger.takePart()
        var paid = [Int64]()
        for _ in 0..<4 {
            let use = try ledger.add(
                ledger.use([part.contribution], grant: part.grant), by: \.node,
                about: ledger.ada.account)
            let before = ledger.balance(.pending(ledger.ada.account))
            try ledger.pay(use)
            paid.append(ledger.balance(.pending(ledger.ada.account)) - before)
        }
        #expect(paid == [20, 20, 10, 0])
    }

    @Test func `a look for quality pays nothing`() throws {
        var ledger = try RuleLedger()
        let part = try ledger.takePart()
        let second = try ledger.add(ledger.record(2), by: \.ada)
        let use = try ledger.add(
            ledger.use([second], grant: part.grant, purpose: .review), by: \.node,
            about: ledger.ada.account)
        #expect(ledger.state.accrualOwed(for: use, at: ledger.now) == nil)
    }

    @Test func `an escrow that holds less pays what it holds and says so`() throws {
        var ledger = try RuleLedger()
        let small = try #require(ProjectID("small"))
        let terms = ledger.terms { $0.project = small }
        try ledger.add(.projectPublished(terms), by: \.sponsor)
        try ledger.add(.escrowPlaced(.init(project: small, points: Points(100))), by: \.sponsor)
        try ledger.add(.signupJoined(.init(project: small, major: 1, minor: 0)), by: \.ada)
        let contribution = try ledger.add(
            .recordContributed(
                .init(
                    project: small, record: Hash.of([9]), commitment: Hash.of([8]),
                    kind: .wearable, rows: 1, from: Timestamp(milliseconds: 2_000),
                    until: Timestamp(milliseconds: 2_000), sizeBytes: 1)), by: \.ada)
        let acceptance = try ledger.add(
            .contributionAccepted(.init(project: small, contribution: contribution)),
            by: \.sponsor, about: ledger.ada.account)
        let owed = try #require(ledger.state.accrualOwed(for: acceptance, at: ledger.now))
        #expect(owed.1.points == Points(100))
        #expect(owed.1.isLimited)
        try ledger.pay(acceptance)
        #expect(ledger.balance(.escrow(small)) == 0)
    }

    @Test func `points become available when the quality window is over, and once`() throws {
        var ledger = try RuleLedger()
        _ = try ledger.takePart()
        #expect(ledger.state.dueVestings(at: ledger.now).isEmpty)
        ledger.now = ledger.now.adding(milliseconds: 1_000)
        let (account, resolved) = try #require(ledger.state.dueVestings(at: ledger.now).first)
        try ledger.add(.pointsVested(resolved), by: \.node, about: account)
        #expect(ledger.balance(.available(ledger.ada.account)) == 600)
        #expect(ledger.state.dueVestings(at: ledger.now).isEmpty)
    }

    @Test func `a rejected contribution gives waiting points back to the project`() throws {
        var ledger = try RuleLedger()
        let part = try ledger.takePart()
        try ledger.add(
            .contributionRejected(
                .init(project: ledger.project, contribution: part.contribution, reason: .quality)),
            by: \.sponsor, about: ledger.ada.account)
        let (account, voided) = try #require(ledger.state.voidOwed(for: part.contribution))
        try ledger.add(.pointsVoided(voided), by: \.node, about: account)
        #expect(ledger.balance(.pending(ledger.ada.account)) == 0)
        #expect(ledger.balance(.escrow(ledger.project)) == 5_000)
    }

    @Test func `points that went back can be earned by a better record`() throws {
        var ledger = try RuleLedger()
        let part = try ledger.takePart()
        try ledger.add(
            .contributionRejected(
                .init(project: ledger.project, contribution: part.contribution, reason: .quality)),
            by: \.sponsor, about: ledger.ada.account)
        let (account, voided) = try #require(ledger.state.voidOwed(for: part.contribution))
        try ledger.add(.pointsVoided(voided), by: \.node, about: account)
        let better = try ledger.add(ledger.record(2), by: \.ada)
        let acceptance = try ledger.add(
            .contributionAccepted(.init(project: ledger.project, contribution: better)),
            by: \.sponsor, about: ledger.ada.account)
        try ledger.pay(acceptance)
        #expect(ledger.balance(.pending(ledger.ada.account)) == 600)
        #expect(ledger.balance(.escrow(ledger.project)) == 4_400)
    }

    @Test func `a revocation changes no balance and what waits still vests`() throws {
        var ledger = try RuleLedger()
        _ = try ledger.takePart()
        let before = ledger.state.points
        try ledger.add(ledger.revoke, by: \.ada)
        #expect(ledger.state.points == before)
        ledger.now = ledger.now.adding(milliseconds: 1_000)
        let (account, resolved) = try #require(ledger.state.dueVestings(at: ledger.now).first)
        try ledger.add(.pointsVested(resolved), by: \.node, about: account)
        #expect(ledger.balance(.available(ledger.ada.account)) == 600)
    }

    @Test(arguments: 0..<40)
    func `whatever happens in whatever order, the books balance and replay agrees`(
        seed: Int
    ) throws {
        var ledger = try RuleLedger()
        var random = SeededNumbers(state: UInt64(seed))
        var contributions = [Hash]()
        var grants = [Hash]()
        var latest = Hash.zero
        for step in 0..<120 {
            do {
                switch Int.random(in: 0..<9, using: &random) {
                case 0: try ledger.add(ledger.join, by: \.ada)
                case 1:
                    let kind: RecordKind = Bool.random(using: &random) ? .wearable : .clinical
                    contributions.append(
                        try ledger.add(ledger.record(UInt8(step), kind: kind), by: \.ada))
                case 2:
                    latest = try ledger.add(ledger.grant(cites: latest), by: \.ada)
                    grants.append(latest)
                case 3: latest = try ledger.add(ledger.revoke, by: \.ada)
                case 4:
                    guard let picked = contributions.randomElement(using: &random) else { break }
                    let acceptance = try ledger.add(
                        .contributionAccepted(
                            .init(project: ledger.project, contribution: picked)),
                        by: \.sponsor, about: ledger.ada.account)
                    try ledger.pay(acceptance)
                case 5:
                    guard let picked = contributions.randomElement(using: &random) else { break }
                    try ledger.add(
                        .contributionRejected(
                            .init(
                                project: ledger.project, contribution: picked, reason: .quality)),
                        by: \.sponsor, about: ledger.ada.account)
                    if let (account, voided) = ledger.state.voidOwed(for: picked) {
                        try ledger.add(.pointsVoided(voided), by: \.node, about: account)
                    }
                case 6:
                    guard let grant = grants.last,
                        let permission = try? ledger.state.judge(
                            ledger.request(), at: ledger.now)
                    else { break }
                    let use = try ledger.add(
                        ledger.use(permission.contributions.map(\.entry), grant: grant),
                        by: \.node, about: ledger.ada.account)
                    try ledger.pay(use)
                case 7:
                    ledger.now = ledger.now.adding(
                        milliseconds: Int64.random(in: 0...900, using: &random))
                    for (account, resolved) in ledger.state.dueVestings(at: ledger.now) {
                        try ledger.add(.pointsVested(resolved), by: \.node, about: account)
                    }
                default:
                    latest = try ledger.add(.signupLeft(ledger.project), by: \.ada)
                }
            } catch is EntryRejection {}
            #expect(ledger.state.points.sum == 0)
            let ada = ledger.ada.account
            for account in [
                PointsAccount.pending(ada), .available(ada), .escrow(ledger.project),
                .budget(ledger.sponsor.account),
            ] {
                #expect(ledger.balance(account) >= 0)
            }
            let inPlay =
                ledger.balance(.pending(ada)) + ledger.balance(.available(ada))
                + ledger.balance(.escrow(ledger.project))
            #expect(inPlay == 5_000)
            #expect(ledger.balance(.pending(ada)) + ledger.balance(.available(ada)) <= 1_230)
        }
        #expect(try Replay.state(of: ledger.log) == ledger.state)
    }
}
