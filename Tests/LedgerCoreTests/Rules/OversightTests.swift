import LedgerCore
import RulesModel
import Testing

/// Regulation as tests: genetic resources, diseases, linkage, ethics, erasure.
struct OversightTests {
    // MARK: Human genetic resources

    /// A ledger whose project asks for genomes and names a foreign recipient.
    private func genomeLedger(seats: Int64 = 0) throws -> (RuleLedger, ProjectTerms) {
        var ledger = try RuleLedger()
        try ledger.admit(\.board, [.sponsor], region: "GB")
        let name = try #require(ProjectID("genomes"))
        let terms = ledger.terms {
            $0.project = name
            $0.seats = seats
            $0.kinds = [.init(.genomic, isRequired: true), .init(.clinical, isRequired: false)]
            $0.recipients = [ledger.sponsor.account, ledger.board.account].sorted()
        }
        try ledger.add(.projectPublished(terms), by: \.sponsor)
        return (ledger, terms)
    }

    private func request(
        _ account: AccountID, _ terms: ProjectTerms, by user: AccountID, kinds: [RecordKind] = []
    ) -> UseRequest {
        UseRequest(
            account: account, project: terms.project, user: user,
            purpose: .research(.healthResearch), kinds: kinds)
    }

    private func record(_ terms: ProjectTerms, _ kind: RecordKind) -> EntryBody {
        .recordContributed(
            .init(
                project: terms.project, record: Hash.of(Array(kind.rawValue.utf8)),
                commitment: Hash.of(Array((kind.rawValue + "!").utf8)), kind: kind, rows: 1,
                from: Timestamp(milliseconds: 2_000), until: Timestamp(milliseconds: 3_000),
                sizeBytes: 1))
    }

    /// Ada takes part with records of these kinds.
    private func takePart(
        _ ledger: inout RuleLedger, _ terms: ProjectTerms, _ kinds: [RecordKind]
    ) throws {
        try ledger.add(
            .signupJoined(.init(project: terms.project, major: 1, minor: 0)), by: \.ada)
        try ledger.add(
            ledger.grant(kinds: [.genomic, .clinical], terms: terms), by: \.ada)
        for kind in kinds {
            let contribution = try ledger.add(record(terms, kind), by: \.ada)
            try ledger.add(
                .contributionAccepted(
                    .init(project: terms.project, contribution: contribution)), by: \.sponsor,
                about: ledger.ada.account)
        }
    }

    @Test func `a foreign recipient reads a genome only under an approval in force`() throws {
        var (ledger, terms) = try genomeLedger()
        try takePart(&ledger, terms, [.genomic, .clinical])
        let (ada, home, foreign) = (
            ledger.ada.account, ledger.sponsor.account, ledger.board.account
        )
        #expect(throws: Never.self) {
            try ledger.state.judge(request(ada, terms, by: home), at: ledger.now)
        }
        #expect(throws: UseDenial.approvalMissing) {
            try ledger.state.judge(request(ada, terms, by: foreign), at: ledger.now)
        }
        // Clinical data is no human genetic resource information.
        #expect(throws: Never.self) {
            try ledger.state.judge(
                request(ada, terms, by: foreign, kinds: [.clinical]), at: ledger.now)
        }
        let until = ledger.now.adding(milliseconds: 1_000)
        try ledger.add(
            .approvalFiled(
                .init(
                    project: terms.project, recipient: foreign, kind: .provision,
                    number: "2026-BC-0001", until: until)), by: \.node)
        #expect(throws: Never.self) {
            try ledger.state.judge(request(ada, terms, by: foreign), at: ledger.now)
        }
        ledger.now = until
        #expect(throws: UseDenial.approvalMissing) {
            try ledger.state.judge(request(ada, terms, by: foreign), at: ledger.now)
        }
    }

    @Test func `who is foreign follows from region and holding, seen from the operator`() throws {
        for (region, isForeignHeld, expected) in [
            ("", false, false), ("CN", false, false), ("GB", false, true), ("CN", true, true),
            ("", true, true),
        ] {
            var ledger = try RuleLedger()
            try ledger.admit(
                \.board, [.sponsor], region: region, isForeignHeld: isForeignHeld)
            #expect(ledger.state.isForeign(ledger.board.account) == expected)
        }
    }

    /// In `make soak` it is 140,000 people; the limit is the same here.
    @Test func `the genomes of many people do not leave without approval and review`() throws {
        var affair = try #require(try GenomeAffair(people: 620))
        #expect(try affair.run() == .init(unasked: 0, approved: 500, reviewed: 620))
    }

    // MARK: Purposes

    private func terms(
        _ ledger: RuleLedger, _ name: String, diseases: [String] = [], links: [String] = []
    ) -> ProjectTerms {
        ledger.terms {
            $0.project = ProjectID(name) ?? $0.project
            $0.purposes = [.diseaseSpecific, .healthResearch]
            $0.diseases = diseases.compactMap { DiseaseTerm($0) }
            $0.links = links.compactMap { ProjectID($0) }
        }
    }

    /// Ada takes part in a project and grants what it asks, but for the links given.
    private func join(_ ledger: inout RuleLedger, _ terms: ProjectTerms, links: [ProjectID]? = nil)
        throws
    {
        try ledger.add(.projectPublished(terms), by: \.sponsor)
        try ledger.add(
            .signupJoined(.init(project: terms.project, major: 1, minor: 0)), by: \.ada)
        try ledger.add(
            .authorizationGranted(
                .init(
                    project: terms.project, major: 1, minor: 0, terms: terms.hash, language: "en",
                    kinds: [.wearable], purposes: terms.purposes, recipients: terms.recipients,
                    collectionFrom: terms.collectionFrom, collectionUntil: terms.collectionUntil,
                    until: terms.useUntil, eraseAt: terms.eraseAt, cites: .zero, observedSize: 0,
                    observedRoot: .zero, diseases: terms.diseases, links: links ?? terms.links)),
            by: \.ada)
        let contribution = try ledger.add(record(terms, .wearable), by: \.ada)
        try ledger.add(
            .contributionAccepted(.init(project: terms.project, contribution: contribution)),
            by: \.sponsor, about: ledger.ada.account)
    }

    private func answer(_ ledger: RuleLedger, _ terms: ProjectTerms, _ purpose: String) throws
        -> UseDenial?
    {
        let request = UseRequest(
            account: ledger.ada.account, project: terms.project, user: ledger.sponsor.account,
            purpose: try #require(UsePurpose(purpose)))
        do throws(UseDenial) {
            _ = try ledger.state.judge(request, at: ledger.now)
            return nil
        } catch {
            return error
        }
    }

    @Test func `a use for another disease, or for none, is denied`() throws {
        var ledger = try RuleLedger()
        let terms = terms(ledger, "diabetes", diseases: ["MONDO:0005148"])
        try join(&ledger, terms)
        #expect(try answer(ledger, terms, "DS MONDO:0005148") == nil)
        #expect(try answer(ledger, terms, "DS MONDO:0004992") == .diseaseNotNamed)
        #expect(try answer(ledger, terms, "DS") == .diseaseNotNamed)
        #expect(try answer(ledger, terms, "HMB") == nil)
    }

    @Test(arguments: ["DS ", "DS MONDO", "DS a:b:c", "DS a: b", "link ", "link a b", "DSx"])
    func `a purpose that is none is not read`(text: String) {
        #expect(UsePurpose(text) == nil)
    }

    @Test func `two projects are linked only if the member agreed in both`() throws {
        for (first, second, expected) in [
            (true, true, nil), (true, false, .linkageNotNamed), (false, true, .linkageNotNamed),
        ] as [(Bool, Bool, UseDenial?)] {
            var ledger = try RuleLedger()
            let genes = terms(ledger, "genes", links: ["proteins"])
            let proteins = terms(ledger, "proteins", links: ["genes"])
            try join(&ledger, genes, links: first ? nil : [])
            try join(&ledger, proteins, links: second ? nil : [])
            #expect(try answer(ledger, genes, "link proteins") == expected)
            #expect(try answer(ledger, genes, "HMB") == nil)
        }
    }

    @Test func `a minor change may narrow diseases and links and never widen them`() throws {
        var ledger = try RuleLedger()
        let before = terms(ledger, "narrow", diseases: ["M:1", "M:2"], links: ["other"])
        try ledger.add(.projectPublished(before), by: \.sponsor)
        for (diseases, links) in [
            (["M:1", "M:3"], ["other"]), ([], ["other"]), (["M:1"], ["other", "third"]),
        ] {
            var next = terms(ledger, "narrow", diseases: diseases, links: links)
            next.minor = 1
            #expect(throws: EntryRejection.beyondProject) {
                try ledger.add(
                    .projectAmended(.init(terms: next, graceMilliseconds: 0)), by: \.sponsor)
            }
        }
        var next = terms(ledger, "narrow", diseases: ["M:1"])
        next.minor = 1
        try ledger.add(.projectAmended(.init(terms: next, graceMilliseconds: 0)), by: \.sponsor)
    }

    // MARK: Ethics, authorities, validity

    @Test func `where there is an ethics board a major change needs its agreement`() throws {
        var ledger = try RuleLedger()
        try ledger.admit(\.board, [.ethics])
        let next = ledger.terms {
            $0.major = 2
            $0.seats = 9
        }
        let amendment = EntryBody.projectAmended(.init(terms: next, graceMilliseconds: 0))
        #expect(throws: EntryRejection.ethicsMissing) {
            try ledger.add(amendment, by: \.sponsor)
        }
        try ledger.add(
            .amendmentEndorsed(.init(project: ledger.project, terms: next.hash)), by: \.board)
        try ledger.add(amendment, by: \.sponsor)
    }

    @Test func `an authority ends a project and what vested stands`() throws {
        var ledger = try RuleLedger()
        _ = try ledger.earn()
        try ledger.admit(\.board, [.regulator])
        try ledger.add(
            .projectTerminated(.init(project: ledger.project, reason: .approvalLapsed)),
            by: \.board)
        #expect(throws: UseDenial.projectClosed) {
            try ledger.state.judge(ledger.request(), at: ledger.now)
        }
        #expect(ledger.balance(.available(ledger.ada.account)) == 600)
    }

    @Test func `an authorization that was never valid allows nothing and reads so in FHIR`() throws
    {
        var ledger = try RuleLedger()
        _ = try ledger.takePart()
        let entry = try ledger.add(
            .authorizationInvalidated(
                .init(project: ledger.project, major: 1, reason: .wrongPerson)), by: \.node,
            about: ledger.ada.account)
        #expect(throws: UseDenial.invalidated) {
            try ledger.state.judge(ledger.request(), at: ledger.now)
        }
        #expect(AuthorizationState.invalidated.fhirStatus == "entered-in-error")
        try ledger.add(ledger.grant(cites: entry), by: \.ada)
        #expect(throws: Never.self) { try ledger.state.judge(ledger.request(), at: ledger.now) }
    }

    @Test(arguments: RevocationMode.allCases)
    func `an authorization whose member can decide no more ends as its terms said`(
        mode: RevocationMode
    ) throws {
        var ledger = try RuleLedger()
        var terms = ledger.terms { $0.lapse = mode }
        terms.major = 2
        try ledger.add(
            .projectAmended(.init(terms: terms, graceMilliseconds: 0)), by: \.sponsor)
        try ledger.add(
            .signupJoined(.init(project: ledger.project, major: 2, minor: 0)), by: \.ada)
        let contribution = try ledger.add(ledger.record(1), by: \.ada)
        try ledger.add(ledger.grant(terms: terms), by: \.ada)
        try ledger.add(
            .contributionAccepted(.init(project: ledger.project, contribution: contribution)),
            by: \.sponsor, about: ledger.ada.account)
        _ = try ledger.state.judge(ledger.request(), at: ledger.now)
        let lapsed = EntryBody.authorizationLapsed(
            .init(project: ledger.project, major: 2, cause: .died))
        #expect(throws: EntryRejection.signerNotAllowed) {
            try ledger.add(lapsed, by: \.sponsor, about: ledger.ada.account)
        }
        #expect(throws: EntryRejection.lapseNotConfirmed) {
            try ledger.add(lapsed, by: \.node, about: ledger.ada.account)
        }
        try ledger.reportLapse(.died)
        let entry = try ledger.add(lapsed, by: \.node, about: ledger.ada.account)
        #expect(throws: UseDenial.revoked) {
            try ledger.state.judge(ledger.request(), at: ledger.now)
        }
        let owed = ledger.state.erasuresOwed(
            to: ledger.ada.account, in: ledger.project, at: ledger.now)
        #expect(owed.flatMap(\.contributions) == (mode == .stopAndErase ? [contribution] : []))
        #expect(throws: EntryRejection.noAuthorization) {
            try ledger.add(lapsed, by: \.node, about: ledger.ada.account)
        }
        // Who recovers decides anew; nothing comes back by itself.
        #expect(throws: EntryRejection.decisionNotLatest) {
            try ledger.add(ledger.grant(terms: terms), by: \.ada)
        }
        ledger.now = ledger.now.adding(milliseconds: 1)
        try ledger.add(ledger.grant(cites: entry, terms: terms), by: \.ada)
        // The old word of the officers says nothing about it.
        #expect(throws: EntryRejection.lapseNotConfirmed) {
            try ledger.add(lapsed, by: \.node, about: ledger.ada.account)
        }
    }

    @Test func `one officer alone, or two about different things, end nothing`() throws {
        var ledger = try RuleLedger()
        _ = try ledger.takePart()
        let ada = ledger.ada.account
        #expect(throws: EntryRejection.signerNotAllowed) {
            try ledger.add(.lapseProposed(.init(cause: .died)), by: \.sponsor, about: ada)
        }
        #expect(throws: EntryRejection.signerNotAllowed) {
            try ledger.add(.lapseProposed(.init(cause: .died)), by: \.ada)
        }
        let report = try ledger.add(
            .lapseProposed(.init(cause: .died)), by: \.officer, about: ada)
        #expect(throws: EntryRejection.secondOfficerNeeded) {
            try ledger.add(
                .lapseConfirmed(.init(proposal: report, cause: .died)), by: \.officer, about: ada)
        }
        #expect(throws: EntryRejection.lapseUnknown) {
            try ledger.add(
                .lapseConfirmed(.init(proposal: report, cause: .incapable)),
                by: \.secondOfficer, about: ada)
        }
        let lapsed = EntryBody.authorizationLapsed(
            .init(project: ledger.project, major: 1, cause: .died))
        #expect(throws: EntryRejection.lapseNotConfirmed) {
            try ledger.add(lapsed, by: \.node, about: ada)
        }
        _ = try ledger.state.judge(ledger.request(), at: ledger.now)
        try ledger.add(
            .lapseConfirmed(.init(proposal: report, cause: .died)), by: \.secondOfficer, about: ada)
        try ledger.add(lapsed, by: \.node, about: ada)
    }

    @Test func `the rule for a member who can decide no more is part of what was agreed`() throws {
        var ledger = try RuleLedger()
        var terms = ledger.terms { $0.lapse = .stopAndKeepAnonymised }
        terms.minor = 1
        #expect(throws: EntryRejection.beyondProject) {
            try ledger.add(
                .projectAmended(.init(terms: terms, graceMilliseconds: 0)), by: \.sponsor)
        }
        // A new version says something else: who agreed to the old one ends as that one said.
        _ = try ledger.takePart()
        var next = ledger.terms { $0.lapse = .stopAndErase }
        next.major = 2
        try ledger.add(
            .projectAmended(.init(terms: next, graceMilliseconds: 86_400_000)), by: \.sponsor)
        try ledger.reportLapse(.incapable)
        try ledger.add(
            .authorizationLapsed(.init(project: ledger.project, major: 1, cause: .incapable)),
            by: \.node, about: ledger.ada.account)
        #expect(
            ledger.state.erasuresOwed(
                to: ledger.ada.account, in: ledger.project, at: ledger.now
            ).isEmpty)
        #expect(try ProjectTerms(json: next.json) == next)
    }

    // MARK: Erasure

    @Test func `what a member has erased is owed at once and covers nothing any more`() throws {
        var ledger = try RuleLedger()
        let part = try ledger.takePart()
        let ada = ledger.ada.account
        #expect(ledger.state.erasuresOwed(to: ada, in: ledger.project, at: ledger.now).isEmpty)
        let revocation = try ledger.add(ledger.revokeAndErase, by: \.ada)
        let owed = ledger.state.erasuresOwed(to: ada, in: ledger.project, at: ledger.now)
        #expect(owed.map(\.contributions) == [[part.contribution]])
        try ledger.add(.recordsErased(try #require(owed.first)), by: \.node, about: ada)
        #expect(ledger.state.erasuresOwed(to: ada, in: ledger.project, at: ledger.now).isEmpty)
        try ledger.add(ledger.grant(cites: revocation), by: \.ada)
        #expect(throws: UseDenial.nothingCovered) {
            try ledger.state.judge(ledger.request(), at: ledger.now)
        }
    }

    @Test func `what was accepted and then erased is not rejected, and its points vest`() throws {
        var ledger = try RuleLedger()
        let part = try ledger.takePart()
        let ada = ledger.ada.account
        let waiting = try ledger.add(ledger.record(2, kind: .clinical), by: \.ada)
        try ledger.add(ledger.revokeAndErase, by: \.ada)
        let owed = ledger.state.erasuresOwed(to: ada, in: ledger.project, at: ledger.now)
        for erased in owed { try ledger.add(.recordsErased(erased), by: \.node, about: ada) }
        let project = ledger.project
        func rejection(of contribution: Hash) -> EntryBody {
            .contributionRejected(
                .init(project: project, contribution: contribution, reason: .quality))
        }
        #expect(throws: EntryRejection.alreadyErased) {
            try ledger.add(rejection(of: part.contribution), by: \.sponsor, about: ada)
        }
        try ledger.add(rejection(of: waiting), by: \.sponsor, about: ada)
        ledger.now = ledger.now.adding(milliseconds: 1_000)
        try ledger.tick()
        #expect(ledger.balance(.available(ada)) == 600)
    }

    @Test func `everything is erased at the date of the terms, and recipients attest or are late`()
        throws
    {
        var ledger = try RuleLedger()
        _ = try ledger.takePart()
        ledger.now = ledger.terms().eraseAt
        let (account, erased) = try #require(ledger.state.dueErasures(at: ledger.now).first)
        let erasure = try ledger.add(.recordsErased(erased), by: \.node, about: account)
        #expect(ledger.state.dueErasures(at: ledger.now).isEmpty)
        #expect(ledger.state.overdueAttestations(at: ledger.now).isEmpty)
        ledger.now = ledger.now.adding(milliseconds: LedgerState.attestationTime)
        #expect(
            ledger.state.overdueAttestations(at: ledger.now).map(\.waiting)
                == [[ledger.sponsor.account]])
        try ledger.add(
            .erasureAttested(.init(project: ledger.project, erasure: erasure)), by: \.sponsor,
            about: account)
        #expect(ledger.state.overdueAttestations(at: ledger.now).isEmpty)
    }

    @Test func `what is handed over under an older version is kept no longer than that said`()
        throws
    {
        var ledger = try RuleLedger()
        _ = try ledger.takePart()
        let agreed = ledger.terms().eraseAt
        let next = ledger.terms {
            $0.major = 2
            $0.eraseAt = agreed.adding(milliseconds: 86_400_000)
        }
        try ledger.add(
            .projectAmended(.init(terms: next, graceMilliseconds: 1_000)), by: \.sponsor)
        let contribution = try ledger.add(ledger.record(2), by: \.ada)
        #expect(ledger.state.contributions[contribution]?.eraseAt == agreed)
        ledger.now = agreed
        let due = ledger.state.dueErasures(at: ledger.now).flatMap(\.1.contributions)
        #expect(due.contains(contribution))
        let erased = RecordsErased(project: ledger.project, contributions: [contribution])
        try ledger.add(.recordsErased(erased), by: \.node, about: ledger.ada.account)
    }

    /// A second version names the board too, and Ada takes part in it.
    private static func widen(_ ledger: inout RuleLedger) throws
        -> (terms: ProjectTerms, recipients: [AccountID])
    {
        try ledger.admit(\.board, [.sponsor])
        let recipients = [ledger.sponsor.account, ledger.board.account].sorted()
        let wide = ledger.terms {
            $0.major = 2
            $0.recipients = recipients
        }
        try ledger.add(.projectAmended(.init(terms: wide, graceMilliseconds: 0)), by: \.sponsor)
        try ledger.add(
            .signupJoined(.init(project: ledger.project, major: 2, minor: 0)), by: \.ada)
        return (wide, recipients)
    }

    @Test(arguments: [true, false])
    func `who is named in any version a member agreed to has to attest an erasure`(
        isAgreedAnew: Bool
    ) throws {
        var ledger = try RuleLedger()
        let (wide, recipients) = try Self.widen(&ledger)
        let contribution = try ledger.add(ledger.record(1), by: \.ada)
        try ledger.add(ledger.grant(terms: wide), by: \.ada)
        let narrow = ledger.terms { $0.major = 3 }
        try ledger.add(
            .projectAmended(.init(terms: narrow, graceMilliseconds: 1_000)), by: \.sponsor)
        if isAgreedAnew { try ledger.add(ledger.grant(terms: narrow), by: \.ada) }
        let major: Int64 = isAgreedAnew ? 3 : 2
        try ledger.add(
            .authorizationRevoked(
                .init(project: ledger.project, major: major, mode: .stopAndErase)), by: \.ada)
        let ada = ledger.ada.account
        let erased = RecordsErased(project: ledger.project, contributions: [contribution])
        let erasure = try ledger.add(.recordsErased(erased), by: \.node, about: ada)
        #expect(ledger.state.erasures[erasure]?.waiting == recipients)
        let attested = EntryBody.erasureAttested(.init(project: ledger.project, erasure: erasure))
        try ledger.add(attested, by: \.board, about: ada)
        #expect(ledger.state.erasures[erasure]?.waiting == [ledger.sponsor.account])
        #expect(throws: EntryRejection.alreadyAttested) {
            try ledger.add(attested, by: \.board, about: ada)
        }
    }

    @Test func `who is named no more since a member agreed anew has to attest an erasure`() throws {
        var ledger = try RuleLedger()
        let (wide, recipients) = try Self.widen(&ledger)
        let contribution = try ledger.add(ledger.record(1), by: \.ada)
        var latest = try ledger.add(ledger.grant(terms: wide), by: \.ada)
        for _ in 0..<2 {
            let narrow = ledger.grant(
                cites: latest, terms: wide, recipients: [ledger.sponsor.account])
            latest = try ledger.add(narrow, by: \.ada)
        }
        let ada = ledger.ada.account
        let id = AuthorizationID(account: ada, project: ledger.project, major: 2)
        #expect(ledger.state.authorizations[id]?.everNamed == Set(recipients))
        try ledger.add(
            .authorizationRevoked(
                .init(project: ledger.project, major: 2, mode: .stopAndErase)), by: \.ada)
        let erased = RecordsErased(project: ledger.project, contributions: [contribution])
        let erasure = try ledger.add(.recordsErased(erased), by: \.node, about: ada)
        #expect(ledger.state.erasures[erasure]?.waiting == recipients)
        try ledger.add(
            .erasureAttested(.init(project: ledger.project, erasure: erasure)), by: \.board,
            about: ada)
        #expect(ledger.state.erasures[erasure]?.waiting == [ledger.sponsor.account])
    }

    @Test func `an appeal has a rejected contribution looked at again, once`() throws {
        var ledger = try RuleLedger()
        try ledger.add(ledger.join, by: \.ada)
        let contribution = try ledger.add(ledger.record(1), by: \.ada)
        let reviewed = ContributionReviewed(
            project: ledger.project, contribution: contribution)
        try ledger.add(
            .contributionRejected(
                .init(project: ledger.project, contribution: contribution, reason: .quality)),
            by: \.sponsor, about: ledger.ada.account)
        try ledger.add(.contributionAppealed(reviewed), by: \.ada)
        let acceptance = try ledger.add(
            .contributionAccepted(reviewed), by: \.sponsor, about: ledger.ada.account)
        #expect(try ledger.pay(acceptance) != nil)
    }
}
