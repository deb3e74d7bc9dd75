import LedgerCore
import Testing

/// Guardians and wards, and what becomes of a grant when a ward comes of age.
struct WardTests {
    /// The terms of these tests: for long enough, and with places for two.
    private static func ledger(_ change: @escaping (inout ProjectTerms) -> Void = { _ in }) throws
        -> RuleLedger
    {
        var ledger = try RuleLedger()
        let terms = ledger.terms {
            $0.major = 2
            $0.seats = 0
            $0.useUntil = Timestamp(milliseconds: 2_000_000_000_000)
            $0.eraseAt = Timestamp(milliseconds: 2_100_000_000_000)
            change(&$0)
        }
        try ledger.add(.projectAmended(.init(terms: terms, graceMilliseconds: 0)), by: \.sponsor)
        return ledger
    }

    private static func join(_ ledger: RuleLedger) -> EntryBody {
        .signupJoined(.init(project: ledger.project, major: 2, minor: 0))
    }

    private static func grant(_ ledger: RuleLedger, cites: Hash = .zero) throws -> EntryBody {
        ledger.grant(cites: cites, terms: try #require(ledger.state.projects[ledger.project]).terms)
    }

    private static func state(_ ledger: RuleLedger, of account: AccountID) throws
        -> AuthorizationState
    {
        let id = AuthorizationID(account: account, project: ledger.project, major: 2)
        let project = try #require(ledger.state.projects[ledger.project])
        return try #require(ledger.state.authorizations[id]).state(at: ledger.now, in: project)
    }

    private static func revoke(_ ledger: RuleLedger) -> EntryBody {
        .authorizationRevoked(.init(project: ledger.project, major: 2, mode: .stop))
    }

    @Test func `a mother's own grant and her child's are two, and end one without the other`()
        throws
    {
        for (ended, kept) in [(\RuleLedger.ada, \RuleLedger.ward), (\.ward, \.ada)] {
            var ledger = try Self.ledger()
            try ledger.declareWard(handsOver: false)
            for person in [\RuleLedger.ada, \.ward] {
                try ledger.add(Self.join(ledger), by: person)
                try ledger.add(try Self.grant(ledger), by: person)
            }
            try ledger.add(Self.revoke(ledger), by: ended)
            #expect(try Self.state(ledger, of: ledger[keyPath: ended].account) == .withdrawn)
            #expect(try Self.state(ledger, of: ledger[keyPath: kept].account) == .active)
        }
    }

    @Test func `a child can always stop what their guardian allowed, and not allow it again`()
        throws
    {
        var ledger = try Self.ledger()
        try ledger.declareWard()
        try ledger.add(Self.join(ledger), by: \.ward)
        let granted = try ledger.add(try Self.grant(ledger), by: \.ward)
        let subject = AuthorizationSubject(project: ledger.project, major: 2)
        try ledger.add(.authorizationPaused(subject), by: \.child, about: ledger.ward.account)
        #expect(throws: EntryRejection.guardianNeeded) {
            try ledger.add(.authorizationResumed(subject), by: \.child, about: ledger.ward.account)
        }
        ledger.child.sequence -= 1
        try ledger.add(.authorizationResumed(subject), by: \.ward)
        let revoked = try ledger.add(
            Self.revoke(ledger), by: \.child, about: ledger.ward.account)
        #expect(try Self.state(ledger, of: ledger.ward.account) == .withdrawn)
        #expect(granted != revoked)
        #expect(throws: EntryRejection.guardianNeeded) {
            try ledger.add(
                try Self.grant(ledger, cites: revoked), by: \.child, about: ledger.ward.account)
        }
    }

    @Test
    func `at 18 a guardian's grant is due again, ends with its grace, and only the child renews`()
        throws
    {
        var ledger = try Self.ledger()
        try ledger.declareWard()
        try ledger.add(Self.join(ledger), by: \.ward)
        let granted = try ledger.add(try Self.grant(ledger), by: \.ward)
        try ledger.comeOfAge()
        let turned = ledger.now
        ledger.now = turned.adding(milliseconds: -1)
        #expect(try Self.state(ledger, of: ledger.ward.account) == .active)
        #expect(ledger.state.dueOutgrowths(at: ledger.now).isEmpty)

        ledger.now = turned
        #expect(try Self.state(ledger, of: ledger.ward.account) == .reconsentDue)
        let due = ledger.state.dueOutgrowths(at: ledger.now)
        #expect(due.map(\.0) == [ledger.ward.account])
        try ledger.add(
            .authorizationOutgrown(try #require(due.first).1), by: \.node,
            about: ledger.ward.account)
        #expect(ledger.state.dueOutgrowths(at: ledger.now).isEmpty)
        #expect(throws: EntryRejection.cameOfAge) {
            try ledger.add(try Self.grant(ledger, cites: granted), by: \.ward)
        }

        ledger.now = turned.adding(milliseconds: ComingOfAge.grace - 1)
        #expect(try Self.state(ledger, of: ledger.ward.account) == .reconsentDue)
        ledger.now = turned.adding(milliseconds: ComingOfAge.grace)
        #expect(try Self.state(ledger, of: ledger.ward.account) == .expired)
        let request = UseRequest(
            account: ledger.ward.account, project: ledger.project, user: ledger.sponsor.account,
            purpose: .review)
        #expect(throws: UseDenial.reconsentDue) {
            try ledger.state.judge(request, at: ledger.now)
        }
        let expired = ledger.state.dueExpiries(at: ledger.now)
        #expect(expired.map(\.0) == [ledger.ward.account])

        try ledger.add(
            try Self.grant(ledger, cites: granted), by: \.child, about: ledger.ward.account)
        #expect(try Self.state(ledger, of: ledger.ward.account) == .active)
        #expect(ledger.state.dueOutgrowths(at: ledger.now).isEmpty)
    }

    @Test func `a project can name another age, and not change it without new consent`() throws {
        var ledger = try Self.ledger { $0.ofAge = 17 }
        try ledger.declareWard()
        let born = try #require(ledger.state.wards[ledger.ward.account]).born
        ledger.now = born.turns(17)
        #expect(throws: EntryRejection.cameOfAge) {
            try ledger.add(Self.join(ledger), by: \.ward)
        }
        ledger.ward.sequence -= 1
        try ledger.add(Self.join(ledger), by: \.child, about: ledger.ward.account)
        let minor = ledger.terms {
            $0 = ledger.state.projects[ledger.project]?.terms ?? $0
            $0.minor = 1
            $0.ofAge = 16
        }
        #expect(throws: EntryRejection.beyondProject) {
            try ledger.add(
                .projectAmended(.init(terms: minor, graceMilliseconds: 0)), by: \.sponsor)
        }
    }

    @Test func `an age below 14 or above 21 is no project's to choose`() throws {
        let ledger = try RuleLedger()
        for age in [13, 22] as [Int64] {
            let terms = ledger.terms { $0.ofAge = age }
            #expect(throws: EntryDefect.field("terms.of_age")) {
                try ProjectTerms(json: terms.json)
            }
        }
        let terms = ledger.terms { $0.ofAge = 14 }
        #expect(try ProjectTerms(json: terms.json) == terms)
    }

    @Test func `a further device of a guardian is a guardian's, one of the child is the child's`()
        throws
    {
        var ledger = try Self.ledger()
        try ledger.declareWard()
        let (tablet, phone) = (try RuleLedger.Person(12), try RuleLedger.Person(13))
        try ledger.add(.deviceAdded(tablet.keys), by: \.ward)
        try ledger.add(.deviceAdded(phone.keys), by: \.child, about: ledger.ward.account)
        #expect(ledger.state.devices[tablet.keys.device]?.isGuardians == true)
        #expect(ledger.state.devices[phone.keys.device]?.isGuardians == false)
    }

    /// The ward's machine sees the catalogue and the ward's chain, and computes the same.
    @Test func `without the guardian's chain the ward's says the same`() throws {
        var ledger = try Self.ledger()
        try ledger.declareWard()
        try ledger.add(Self.join(ledger), by: \.ward)
        try ledger.add(try Self.grant(ledger), by: \.ward)
        try ledger.comeOfAge()
        let own = ledger.log.filter { entry, _ in
            entry.chain == .catalogue || entry.payload.account == ledger.ward.account
        }
        let seen = try Replay.state(of: own)
        let id = AuthorizationID(
            account: ledger.ward.account, project: ledger.project, major: 2)
        #expect(seen.authorizations[id] == ledger.state.authorizations[id])
        #expect(
            seen.dueOutgrowths(at: ledger.now).map(\.1)
                == ledger.state.dueOutgrowths(at: ledger.now).map(\.1))
    }

    @Test(arguments: [
        ("2012-05", 1, "2013-06"), ("2011-12", 18, "2030-01"), ("1999-02", 0, "1999-03"),
    ])
    func `who is born in a month is of an age when the month has ended`(
        born: String, years: Int64, turned: String
    ) throws {
        let time = try #require(BirthMonth(born)).turns(years)
        #expect(BirthMonth(number: time.month)?.text == turned)
        #expect(time.adding(milliseconds: -1).month == time.month - 1)
    }

    @Test(arguments: ["", "2012", "2012-13", "2012-00", "2012-5", "12-05", "2012-05-01", "+012-05"])
    func `what is no month is not read`(text: String) {
        #expect(BirthMonth(text) == nil)
    }
}
