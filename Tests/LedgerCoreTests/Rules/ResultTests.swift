import LedgerCore
import Testing

/// Results come back to those who wished for them, and to nobody else.
struct ResultTests {
    private static func ledger(
        _ change: (inout ProjectTerms) -> Void = { $0.returns = [.actionable, .summary] }
    ) throws -> RuleLedger {
        var ledger = try RuleLedger()
        var terms = ledger.terms()
        terms.minor = 1
        change(&terms)
        try ledger.add(
            .projectAmended(.init(terms: terms, graceMilliseconds: 0)), by: \.sponsor)
        return ledger
    }

    private static func join(_ ledger: inout RuleLedger) throws {
        try ledger.add(
            .signupJoined(.init(project: ledger.project, major: 1, minor: 1)), by: \.ada)
    }

    private static func wish(_ ledger: RuleLedger, _ classes: ResultClass...) -> EntryBody {
        .resultsWished(
            .init(project: ledger.project, classes: classes, key: ledger.ada.keys.wrapping))
    }

    private static func result(
        _ ledger: RuleLedger, _ result: ResultClass = .summary, wish: Hash
    ) -> EntryBody {
        .resultReturned(
            .init(
                project: ledger.project, result: result, wish: wish,
                sealed: [UInt8](repeating: 0, count: 80)))
    }

    @Test func `a result that was wished for stands in the member's chain, also after the end`()
        throws
    {
        var ledger = try Self.ledger()
        try Self.join(&ledger)
        let wish = try ledger.add(Self.wish(ledger, .summary), by: \.ada)
        try ledger.add(Self.result(ledger, wish: wish), by: \.sponsor, about: ledger.ada.account)
        try ledger.add(.projectClosed(ledger.project), by: \.sponsor)
        try ledger.add(Self.result(ledger, wish: wish), by: \.sponsor, about: ledger.ada.account)
        let returned = ledger.log.filter { $0.0.payload.body.kind == .resultReturned }
        #expect(returned.map(\.0.payload.account) == [ledger.ada.account, ledger.ada.account])
        #expect(!EntryKind.resultReturned.isPublic && !EntryKind.resultsWished.isPublic)
    }

    @Test func `every reason why a result is not wanted is told with the same word`() throws {
        var ledger = try Self.ledger()
        func isRefused(_ wish: Hash, _ result: ResultClass = .summary) {
            #expect(throws: EntryRejection.resultNotWished) {
                var ledger = ledger
                try ledger.add(
                    Self.result(ledger, result, wish: wish), by: \.sponsor,
                    about: ledger.ada.account)
            }
        }
        isRefused(.zero)
        try Self.join(&ledger)
        isRefused(.zero)
        let first = try ledger.add(Self.wish(ledger, .summary, .actionable), by: \.ada)
        isRefused(first, .risk)
        isRefused(.zero)
        let second = try ledger.add(Self.wish(ledger, .actionable), by: \.ada)
        isRefused(first)
        isRefused(second, .summary)
        let none = try ledger.add(Self.wish(ledger), by: \.ada)
        isRefused(none)
        let again = try ledger.add(Self.wish(ledger, .summary), by: \.ada)
        try ledger.add(.signupLeft(ledger.project), by: \.ada)
        isRefused(again)
        // Coming back does not renew what was wished for.
        try Self.join(&ledger)
        isRefused(again)
        // Somebody else's wish is not this member's.
        #expect(throws: EntryRejection.resultNotWished) {
            try ledger.add(
                Self.result(ledger, wish: again), by: \.sponsor, about: ledger.bo.account)
        }
    }

    @Test func `only what the project returns can be wished for, and only by who takes part`()
        throws
    {
        var ledger = try Self.ledger()
        #expect(throws: EntryRejection.notSignedUp) {
            try ledger.add(Self.wish(ledger, .summary), by: \.ada)
        }
        try Self.join(&ledger)
        #expect(throws: EntryRejection.beyondProject) {
            try ledger.add(Self.wish(ledger, .risk), by: \.ada)
        }
        #expect(throws: EntryRejection.signerNotAllowed) {
            try ledger.add(Self.wish(ledger, .summary), by: \.sponsor, about: ledger.ada.account)
        }
        let wish = try ledger.add(Self.wish(ledger, .summary), by: \.ada)
        // An institution the project does not name, and a member, return nothing.
        for signer in [\RuleLedger.other, \RuleLedger.bo] {
            #expect(throws: EntryRejection.signerNotAllowed) {
                try ledger.add(
                    Self.result(ledger, wish: wish), by: signer, about: ledger.ada.account)
            }
        }
    }

    @Test func `a project that only says that results come back returns every sort`() throws {
        var ledger = try Self.ledger { $0.limits = [.returnResults] }
        try Self.join(&ledger)
        let wish = try ledger.add(Self.wish(ledger, .carrier, .risk), by: \.ada)
        try ledger.add(
            Self.result(ledger, .carrier, wish: wish), by: \.sponsor, about: ledger.ada.account)
        #expect(ledger.terms().resultClasses.isEmpty)
    }

    @Test func `a guardian's wish ends when the child comes of age`() throws {
        var ledger = try Self.ledger()
        try ledger.declareWard()
        let account = ledger.ward.account
        try ledger.add(
            .signupJoined(.init(project: ledger.project, major: 1, minor: 1)), by: \.ward)
        let wish = try ledger.add(Self.wish(ledger, .summary), by: \.ward)
        try ledger.add(Self.result(ledger, wish: wish), by: \.sponsor, about: account)
        try ledger.comeOfAge()
        #expect(throws: EntryRejection.resultNotWished) {
            try ledger.add(Self.result(ledger, wish: wish), by: \.sponsor, about: account)
        }
        #expect(throws: EntryRejection.cameOfAge) {
            try ledger.add(Self.wish(ledger, .actionable), by: \.ward)
        }
        // To wish for nothing is open to both.
        try ledger.add(Self.wish(ledger), by: \.ward)
    }

    @Test func `what is no wish and no result is refused where it is read`() throws {
        let ledger = try RuleLedger()
        let short = EntryBody.resultReturned(
            .init(project: ledger.project, result: .risk, wish: .zero, sealed: [1]))
        #expect(throws: EntryDefect.field("body.sealed")) {
            try EntryBody(kind: "result.returned/1", json: short.json)
        }
        let long = EntryBody.resultReturned(
            .init(
                project: ledger.project, result: .risk, wish: .zero,
                sealed: [UInt8](repeating: 0, count: ResultReturned.sealedBytes.upperBound + 1)))
        #expect(throws: EntryDefect.field("body.sealed")) {
            try EntryBody(kind: "result.returned/1", json: long.json)
        }
        let twice = EntryBody.resultsWished(
            .init(project: ledger.project, classes: [.risk, .risk], key: ledger.ada.keys.wrapping))
        #expect(throws: EntryDefect.field("body.classes")) {
            try EntryBody(kind: "results.wished/1", json: twice.json)
        }
        var terms = ledger.terms()
        terms.returns = [.summary, .risk].sorted()
        #expect(try ProjectTerms(json: terms.json) == terms)
    }
}
