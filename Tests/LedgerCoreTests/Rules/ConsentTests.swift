import LedgerCore
import Testing

struct ConsentTests {
    struct DenialRow: Sendable, CustomTestStringConvertible {
        let denial: UseDenial
        let prepare: @Sendable (inout RuleLedger) throws -> UseRequest
        var testDescription: String { denial.rawValue }
    }

    static let rows: [DenialRow] = [
        DenialRow(denial: .noAuthorization) { $0.request() },
        DenialRow(denial: .revoked) { ledger in
            _ = try ledger.takePart()
            try ledger.add(ledger.revoke, by: \.ada)
            return ledger.request()
        },
        DenialRow(denial: .revoked) { ledger in
            _ = try ledger.takePart()
            try ledger.add(.signupLeft(ledger.project), by: \.ada)
            return ledger.request()
        },
        DenialRow(denial: .paused) { ledger in
            _ = try ledger.takePart()
            try ledger.add(
                .authorizationPaused(.init(project: ledger.project, major: 1)), by: \.ada)
            return ledger.request()
        },
        DenialRow(denial: .expired) { ledger in
            _ = try ledger.takePart()
            ledger.now = ledger.terms().useUntil
            return ledger.request()
        },
        DenialRow(denial: .reconsentDue) { ledger in
            _ = try ledger.takePart()
            try ledger.amendMajor(grace: 1_000)
            ledger.now = ledger.now.adding(milliseconds: 1_000)
            return ledger.request()
        },
        DenialRow(denial: .projectClosed) { ledger in
            _ = try ledger.takePart()
            try ledger.add(.projectClosed(ledger.project), by: \.sponsor)
            return ledger.request()
        },
        DenialRow(denial: .recipientNotNamed) { ledger in
            _ = try ledger.takePart()
            return ledger.request(user: ledger.other.account)
        },
        DenialRow(denial: .purposeNotNamed) { ledger in
            _ = try ledger.takePart()
            return ledger.request(.research(.generalResearch))
        },
        DenialRow(denial: .nothingCovered) { ledger in
            _ = try ledger.takePart()
            return ledger.request(kinds: [.clinical])
        },
    ]

    @Test(arguments: rows)
    func `a use without matching permission is denied with its reason`(row: DenialRow) throws {
        var ledger = try RuleLedger()
        let request = try row.prepare(&ledger)
        #expect(throws: row.denial) { try ledger.state.judge(request, at: ledger.now) }
    }

    @Test func `every denial has a row, or is the node's own to give`() {
        #expect(
            Set(UseDenial.allCases)
                == Set(Self.rows.map(\.denial)).union([.recordMissing]).union(
                    // `OversightTests` has them.
                    [
                        .diseaseNotNamed, .linkageNotNamed, .approvalMissing,
                        .securityReviewMissing, .invalidated,
                    ]))
    }

    @Test func `an authorized use names the records it may read`() throws {
        var ledger = try RuleLedger()
        let part = try ledger.takePart()
        let permission = try ledger.state.judge(ledger.request(), at: ledger.now)
        #expect(permission.grant == part.grant)
        #expect(permission.contributions.map(\.entry) == [part.contribution])
    }

    @Test func `a contribution that waits for review can be reviewed and not used`() throws {
        var ledger = try RuleLedger()
        try ledger.add(ledger.join, by: \.ada)
        try ledger.add(ledger.record(1), by: \.ada)
        try ledger.add(ledger.grant(), by: \.ada)
        #expect(throws: Never.self) {
            try ledger.state.judge(ledger.request(.review), at: ledger.now)
        }
        #expect(throws: UseDenial.nothingCovered) {
            try ledger.state.judge(ledger.request(), at: ledger.now)
        }
    }

    @Test func `a revocation is accepted twice, unasked, and from a revoked device`() throws {
        var ledger = try RuleLedger()
        try ledger.add(ledger.revoke, by: \.bo)
        _ = try ledger.takePart()
        try ledger.add(.deviceRevoked(ledger.ada.keys.device), by: \.ada)
        try ledger.add(ledger.revoke, by: \.ada)
        try ledger.add(ledger.revoke, by: \.ada)
        #expect(throws: UseDenial.revoked) {
            try ledger.state.judge(ledger.request(), at: ledger.now)
        }
    }

    @Test func `a second revocation can only add erasure`() throws {
        var ledger = try RuleLedger()
        _ = try ledger.takePart()
        try ledger.add(
            .authorizationRevoked(
                .init(project: ledger.project, major: 1, mode: .stopAndErase)), by: \.ada)
        try ledger.add(ledger.revoke, by: \.ada)
        let id = AuthorizationID(account: ledger.ada.account, project: ledger.project, major: 1)
        #expect(ledger.state.authorizations[id]?.revocation?.mode == .stopAndErase)
    }

    @Test func `after a revocation a grant that cites it allows use again`() throws {
        var ledger = try RuleLedger()
        _ = try ledger.takePart()
        let revocation = try ledger.add(ledger.revoke, by: \.ada)
        try ledger.add(ledger.grant(cites: revocation), by: \.ada)
        #expect(throws: Never.self) { try ledger.state.judge(ledger.request(), at: ledger.now) }
    }

    @Test func `a pause stops use and a resumption lets it go on`() throws {
        var ledger = try RuleLedger()
        _ = try ledger.takePart()
        let subject = AuthorizationSubject(project: ledger.project, major: 1)
        try ledger.add(.authorizationPaused(subject), by: \.ada)
        try ledger.add(.authorizationResumed(subject), by: \.ada)
        #expect(throws: Never.self) { try ledger.state.judge(ledger.request(), at: ledger.now) }
    }

    @Test func `an authorization ends at its date, marker or not, and is marked once`() throws {
        var ledger = try RuleLedger()
        _ = try ledger.takePart()
        #expect(ledger.state.dueExpiries(at: ledger.now).isEmpty)
        ledger.now = ledger.terms().useUntil
        let due = ledger.state.dueExpiries(at: ledger.now)
        let (account, subject) = try #require(due.first)
        #expect(due.count == 1)
        try ledger.add(.authorizationExpired(subject), by: \.node, about: account)
        #expect(ledger.state.dueExpiries(at: ledger.now).isEmpty)
        #expect(throws: EntryRejection.notExpired) {
            try ledger.add(.authorizationExpired(subject), by: \.node, about: account)
        }
    }

    @Test func `what runs out is named in the order of its end, however it was added`() throws {
        var ledger = try RuleLedger()
        let order = [5, 2, 7, 0, 6, 1, 4, 3]
        for number in order {
            let name = try #require(ProjectID("project-\(number)"))
            let terms = ledger.terms { $0.project = name }
            try ledger.add(.projectPublished(terms), by: \.sponsor)
            try ledger.add(.signupJoined(.init(project: name, major: 1, minor: 0)), by: \.ada)
            let until = ledger.now.adding(milliseconds: 1_000 + Int64(number) / 2)
            try ledger.add(ledger.grant(until: until, terms: terms), by: \.ada)
        }
        ledger.now = ledger.now.adding(milliseconds: 2_000)
        let due = ledger.state.dueExpiries(at: ledger.now)
        let names = due.map(\.1.project.text.last)
        #expect(names == ["0", "1", "2", "3", "5", "4", "7", "6"])
        for (account, subject) in due {
            try ledger.add(.authorizationExpired(subject), by: \.node, about: account)
        }
        #expect(ledger.state.dueExpiries(at: ledger.now).isEmpty)
    }

    @Test func `a major change keeps the old scope until the grace period ends`() throws {
        var ledger = try RuleLedger()
        _ = try ledger.takePart()
        try ledger.amendMajor(grace: 1_000)
        #expect(throws: Never.self) { try ledger.state.judge(ledger.request(), at: ledger.now) }
        ledger.now = ledger.now.adding(milliseconds: 1_000)
        #expect(throws: UseDenial.reconsentDue) {
            try ledger.state.judge(ledger.request(), at: ledger.now)
        }
    }

    @Test func `an authorization whose grace is over is marked then, and once`() throws {
        var ledger = try RuleLedger()
        _ = try ledger.takePart()
        try ledger.amendMajor(grace: 1_000)
        #expect(ledger.state.dueExpiries(at: ledger.now).isEmpty)
        // Long after both its ends.
        #expect(ledger.state.dueExpiries(at: ledger.terms().useUntil).count == 1)
        ledger.now = ledger.now.adding(milliseconds: 1_000)
        let (account, subject) = try #require(ledger.state.dueExpiries(at: ledger.now).first)
        #expect(subject == AuthorizationSubject(project: ledger.project, major: 1))
        try ledger.add(.authorizationExpired(subject), by: \.node, about: account)
        #expect(ledger.state.dueExpiries(at: ledger.terms().useUntil).isEmpty)
    }

    @Test func `a further major change lets no older authorization hold longer`() throws {
        var ledger = try RuleLedger()
        _ = try ledger.takePart()
        try ledger.amendMajor(grace: 1_000)
        ledger.now = ledger.now.adding(milliseconds: 500)
        try ledger.amendMajor(grace: 10_000, to: 3)
        #expect(throws: Never.self) { try ledger.state.judge(ledger.request(), at: ledger.now) }
        ledger.now = ledger.now.adding(milliseconds: 500)
        #expect(throws: UseDenial.reconsentDue) {
            try ledger.state.judge(ledger.request(), at: ledger.now)
        }
        // Nor come back.
        try ledger.amendMajor(grace: 10_000, to: 4)
        #expect(throws: UseDenial.reconsentDue) {
            try ledger.state.judge(ledger.request(), at: ledger.now)
        }
    }

    @Test func `a revocation from a device that knows no later version ends that, too`() throws {
        for isGranted in [true, false] {
            var ledger = try RuleLedger()
            _ = try ledger.takePart()
            let next = try ledger.amendMajor(grace: 1_000)
            if isGranted { try ledger.add(ledger.grant(terms: next), by: \.ada) }
            let revocation = try ledger.add(ledger.revokeAndErase, by: \.ada)
            #expect(throws: UseDenial.revoked) {
                try ledger.state.judge(ledger.request(), at: ledger.now)
            }
            // A grant that was on its way does not undo it; one that knows of it does.
            #expect(throws: EntryRejection.decisionNotLatest) {
                try ledger.add(ledger.grant(terms: next), by: \.ada)
            }
            #expect(
                ledger.state.erasuresOwed(
                    to: ledger.ada.account, in: ledger.project, at: ledger.now
                ).isEmpty == false)
            try ledger.add(ledger.grant(cites: revocation, terms: next), by: \.ada)
            #expect(throws: Never.self) {
                try ledger.state.judge(ledger.request(), at: ledger.now)
            }
        }
    }

    @Test func `a revocation of a version that was never granted ends the one in force`() throws {
        for isGranted in [false, true] {
            var ledger = try RuleLedger()
            _ = try ledger.takePart()
            let next = try ledger.amendMajor(grace: 1_000)
            if isGranted { try ledger.add(ledger.grant(terms: next), by: \.ada) }
            try ledger.add(
                .authorizationRevoked(
                    .init(project: ledger.project, major: 2, mode: .stopAndErase)), by: \.ada)
            #expect(throws: UseDenial.revoked) {
                try ledger.state.judge(ledger.request(), at: ledger.now)
            }
            #expect(
                ledger.state.erasuresOwed(
                    to: ledger.ada.account, in: ledger.project, at: ledger.now
                ).isEmpty == false)
            let first = AuthorizationID(
                account: ledger.ada.account, project: ledger.project, major: 1)
            #expect((ledger.state.authorizations[first]?.revocation == nil) == isGranted)
        }
    }

    @Test func `a pause from a device that knows no later version pauses that, too`() throws {
        var ledger = try RuleLedger()
        _ = try ledger.takePart()
        let next = try ledger.amendMajor(grace: 1_000)
        try ledger.add(ledger.grant(terms: next), by: \.ada)
        try ledger.add(
            .authorizationPaused(.init(project: ledger.project, major: 1)), by: \.ada)
        #expect(throws: UseDenial.paused) {
            try ledger.state.judge(ledger.request(), at: ledger.now)
        }
    }

    @Test func `a pause of a version that was never granted pauses the one in force`() throws {
        var ledger = try RuleLedger()
        _ = try ledger.takePart()
        try ledger.amendMajor(grace: 1_000)
        try ledger.add(
            .authorizationPaused(.init(project: ledger.project, major: 2)), by: \.ada)
        #expect(throws: UseDenial.paused) {
            try ledger.state.judge(ledger.request(), at: ledger.now)
        }
        try ledger.add(
            .authorizationResumed(.init(project: ledger.project, major: 1)), by: \.ada)
        #expect(throws: Never.self) { try ledger.state.judge(ledger.request(), at: ledger.now) }
    }

    @Test func `a pause that names a version no longer in force pauses the one that is`() throws {
        var ledger = try RuleLedger()
        _ = try ledger.takePart()
        let first = EntryBody.authorizationPaused(.init(project: ledger.project, major: 1))
        try ledger.add(first, by: \.ada)
        #expect(throws: EntryRejection.noAuthorization) { try ledger.add(first, by: \.ada) }
        let next = try ledger.amendMajor(grace: 1_000)
        let second = AuthorizationSubject(project: ledger.project, major: 2)
        try ledger.add(ledger.grant(terms: next), by: \.ada)
        // The first version is paused.
        try ledger.add(first, by: \.ada)
        try ledger.add(.authorizationResumed(second), by: \.ada)
        // And now its time is over.
        ledger.now = ledger.now.adding(milliseconds: 1_000)
        try ledger.add(first, by: \.ada)
        #expect(throws: UseDenial.paused) {
            try ledger.state.judge(ledger.request(), at: ledger.now)
        }
        #expect(throws: EntryRejection.noAuthorization) { try ledger.add(first, by: \.ada) }
    }

    @Test func `a minor change may ask for less and never for more`() throws {
        var ledger = try RuleLedger()
        let more = ledger.terms {
            $0.minor = 1
            $0.kinds.insert(.init(.genomic, isRequired: false), at: 0)
        }
        let elsewhere = ledger.terms {
            $0.minor = 1
            $0.programme = .staffPlan
        }
        for beyond in [more, elsewhere] {
            #expect(throws: EntryRejection.beyondProject) {
                try ledger.add(
                    .projectAmended(.init(terms: beyond, graceMilliseconds: 0)), by: \.sponsor)
            }
        }
        let less = ledger.terms {
            $0.minor = 1
            $0.purposes = [.healthResearch]
        }
        try ledger.add(.projectAmended(.init(terms: less, graceMilliseconds: 0)), by: \.sponsor)
        #expect(ledger.state.projects[ledger.project]?.terms == less)
    }

    @Test func `a review reads what waits, for the sponsor, and is no way round a purpose`() throws
    {
        var ledger = try RuleLedger()
        let both = ledger.terms {
            $0.recipients = [ledger.sponsor.account, ledger.other.account].sorted()
        }
        let part = try ledger.takePart()
        #expect(throws: UseDenial.nothingCovered) {
            try ledger.state.judge(ledger.request(.review), at: ledger.now)
        }
        let next = both.version(2)
        try ledger.add(
            .projectAmended(.init(terms: next, graceMilliseconds: 0)), by: \.sponsor)
        try ledger.add(ledger.grant(terms: next), by: \.ada)
        let waiting = try ledger.add(ledger.record(2), by: \.ada)
        let permission = try ledger.state.judge(ledger.request(.review), at: ledger.now)
        #expect(permission.contributions.map(\.entry) == [waiting])
        #expect(throws: UseDenial.purposeNotNamed) {
            try ledger.state.judge(
                ledger.request(.review, user: ledger.other.account), at: ledger.now)
        }
        #expect(part.contribution != waiting)
    }

    @Test func `whom nobody named gets one answer, whatever the member decided`() throws {
        var ledger = try RuleLedger()
        let stranger = ledger.bo.account
        func answer() -> UseDenial? {
            do throws(UseDenial) {
                _ = try ledger.state.judge(ledger.request(user: stranger), at: ledger.now)
                return nil
            } catch {
                return error
            }
        }
        var answers = [answer()]
        _ = try ledger.takePart()
        answers.append(answer())
        try ledger.add(.authorizationPaused(.init(project: ledger.project, major: 1)), by: \.ada)
        answers.append(answer())
        try ledger.add(ledger.revoke, by: \.ada)
        answers.append(answer())
        #expect(Set(answers) == [.recipientNotNamed])
    }

    @Test func `a grant signed before its member left does not come into force later`() throws {
        var ledger = try RuleLedger()
        try ledger.add(ledger.join, by: \.ada)
        let departure = try ledger.add(.signupLeft(ledger.project), by: \.ada)
        try ledger.add(ledger.join, by: \.ada)
        #expect(throws: EntryRejection.decisionNotLatest) {
            try ledger.add(ledger.grant(), by: \.ada)
        }
        try ledger.add(ledger.grant(cites: departure), by: \.ada)
    }

    @Test func `a grant signed before a pause does not end it`() throws {
        var ledger = try RuleLedger()
        let part = try ledger.takePart()
        let subject = AuthorizationSubject(project: ledger.project, major: 1)
        try ledger.add(.authorizationPaused(subject), by: \.ada)
        try ledger.add(ledger.grant(cites: part.grant), by: \.ada)
        #expect(throws: UseDenial.paused) {
            try ledger.state.judge(ledger.request(), at: ledger.now)
        }
        try ledger.add(.authorizationResumed(subject), by: \.ada)
        #expect(throws: Never.self) { try ledger.state.judge(ledger.request(), at: ledger.now) }
    }

    @Test func `a revocation is accepted whatever its number, project, version and time`() throws {
        var ledger = try RuleLedger()
        _ = try ledger.takePart()
        let before = try #require(ledger.state.devices[ledger.ada.keys.device])
        for number in [1, before.lastSequence, Int64.max - 1] {
            ledger.ada.sequence = number - 1
            try ledger.add(ledger.revoke, by: \.ada)
        }
        #expect(ledger.state.devices[ledger.ada.keys.device] == before)
        ledger.ada.sequence = before.lastSequence
        let nowhere = try #require(ProjectID("nowhere"))
        for (project, major) in [(nowhere, 1), (ledger.project, 9_999)] as [(ProjectID, Int64)] {
            try ledger.add(
                .authorizationRevoked(.init(project: project, major: major, mode: .stopAndErase)),
                by: \.ada)
        }
        try ledger.add(.projectClosed(ledger.project), by: \.sponsor)
        try ledger.add(.signupLeft(ledger.project), by: \.ada)
        ledger.now = .latest
        try ledger.add(ledger.revoke, by: \.ada)
    }

    @Test func `leaving frees the seat for the next member`() throws {
        var ledger = try RuleLedger()
        try ledger.add(ledger.join, by: \.ada)
        try ledger.add(.signupLeft(ledger.project), by: \.ada)
        try ledger.add(ledger.join, by: \.bo)
        #expect(ledger.state.projects[ledger.project]?.seatsTaken == 1)
    }
}

extension ProjectTerms {
    fileprivate func version(_ major: Int64) -> ProjectTerms {
        var next = self
        next.major = major
        return next
    }
}

extension RuleLedger {
    var revoke: EntryBody {
        .authorizationRevoked(.init(project: project, major: 1, mode: .stop))
    }

    @discardableResult
    mutating func amendMajor(grace: Int64, to major: Int64 = 2) throws -> ProjectTerms {
        let next = terms {
            $0.major = major
            $0.kinds.append(.init(.microbiome, isRequired: false))
            $0.kinds.sort { $0.kind < $1.kind }
        }
        try add(.projectAmended(.init(terms: next, graceMilliseconds: grace)), by: \.sponsor)
        return next
    }
}
