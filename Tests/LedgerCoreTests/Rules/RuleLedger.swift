import Crypto
import LedgerCore
import Testing

/// A ledger for rule tests: real keys, real signatures, entries applied as the node would.
struct RuleLedger {
    /// Someone who signs.
    struct Person {
        let key: Curve25519.Signing.PrivateKey
        let keys: DeviceKeys
        var sequence: Int64 = 0
        var account: AccountID { AccountID(firstDevice: keys.device) }

        init(_ number: UInt8) throws {
            key = try Curve25519.Signing.PrivateKey(
                rawRepresentation: [UInt8](repeating: number, count: 32))
            keys = DeviceKeys(
                signing: [UInt8](key.publicKey.rawRepresentation),
                wrapping: [UInt8](repeating: number, count: 32))
        }
    }

    var state = LedgerState()
    var now = Timestamp(milliseconds: 1_700_000_000_000)
    var node: Person
    var sponsor: Person
    var other: Person
    var ada: Person
    var bo: Person
    var officer: Person
    var secondOfficer: Person
    /// An ethics board, a regulator or a foreign institution, once it is admitted.
    var board: Person
    /// The keys Ada signs with for her child, and the child's own.
    var ward: Person
    var child: Person
    private(set) var log: [(VerifiedEntry, Timestamp)] = []

    let project: ProjectID
    let rewardID: RewardID

    init() throws {
        node = try Person(1)
        sponsor = try Person(2)
        other = try Person(3)
        ada = try Person(4)
        bo = try Person(5)
        officer = try Person(6)
        secondOfficer = try Person(7)
        board = try Person(8)
        ward = try Person(10)
        child = try Person(11)
        project = try #require(ProjectID("gut-sleep"))
        rewardID = try #require(RewardID("tea"))
        let operatorName = LocalizedText(english: "Node")
        try add(
            .institutionAdmitted(.init(name: operatorName, keys: node.keys, roles: [.operator])),
            by: \.node)
        for keys in [sponsor.keys, other.keys] {
            try add(
                .institutionAdmitted(
                    .init(name: .init(english: "Study"), keys: keys, roles: [.sponsor])),
                by: \.node, about: AccountID(firstDevice: keys.device))
        }
        for keys in [officer.keys, secondOfficer.keys] {
            try add(
                .institutionAdmitted(
                    .init(name: .init(english: "Audit"), keys: keys, roles: [.officer])),
                by: \.node, about: AccountID(firstDevice: keys.device))
        }
        try add(.memberEnrolled(ada.keys), by: \.ada)
        try add(.memberEnrolled(bo.keys), by: \.bo)
        try add(.budgetFunded(Points(10_000)), by: \.node, about: sponsor.account)
        try add(.projectPublished(terms()), by: \.sponsor)
        try add(.escrowPlaced(.init(project: project, points: Points(5_000))), by: \.sponsor)
    }

    /// The terms of the project; `change` alters them.
    func terms(_ change: (inout ProjectTerms) -> Void = { _ in }) -> ProjectTerms {
        var terms = ProjectTerms(
            project: project, programme: .crossOmics,
            title: LocalizedText(english: "Gut and sleep"),
            why: LocalizedText(english: "Find out."), recipients: [sponsor.account],
            kinds: [.init(.wearable, isRequired: true), .init(.clinical, isRequired: false)],
            purposes: [.healthResearch, .generalResearch],
            collectionFrom: Timestamp(milliseconds: 1_000),
            collectionUntil: Timestamp(milliseconds: 1_800_000_000_000),
            useUntil: Timestamp(milliseconds: 1_750_000_000_000),
            eraseAt: Timestamp(milliseconds: 1_760_000_000_000), seats: 1,
            reward: RewardRule(
                perContribution: Points(600), perUse: Points(20), useCap: Points(50),
                memberCap: Points(1_230), qualityWindowMilliseconds: 1_000))
        change(&terms)
        return terms
    }

    /// A grant of everything the project asks; `change` alters it.
    func grant(
        cites: Hash = .zero, kinds: [RecordKind] = [.wearable, .clinical],
        purposes: [DataUse] = [.healthResearch], until: Timestamp? = nil,
        terms: ProjectTerms? = nil, recipients: [AccountID]? = nil
    ) -> EntryBody {
        let terms = terms ?? self.terms()
        return .authorizationGranted(
            .init(
                project: terms.project, major: terms.major, minor: terms.minor,
                terms: terms.hash, language: "en", kinds: kinds, purposes: purposes,
                recipients: recipients ?? terms.recipients, collectionFrom: terms.collectionFrom,
                collectionUntil: terms.collectionUntil, until: until ?? terms.useUntil,
                eraseAt: terms.eraseAt, cites: cites, observedSize: 0, observedRoot: .zero))
    }

    /// A contribution of a record named by `number`.
    func record(_ number: UInt8, kind: RecordKind = .wearable, from: Int64 = 2_000) -> EntryBody {
        .recordContributed(
            .init(
                project: project, record: Hash.of([number]), commitment: Hash.of([number, 1]),
                kind: kind, rows: 3, from: Timestamp(milliseconds: from),
                until: Timestamp(milliseconds: 3_000_000), sizeBytes: 100))
    }

    var join: EntryBody { .signupJoined(.init(project: project, major: 1, minor: 0)) }

    /// Signs `body`, verifies it and applies it; returns the entry's id.
    @discardableResult
    mutating func add(
        _ body: EntryBody, by person: WritableKeyPath<RuleLedger, Person>,
        about account: AccountID? = nil
    ) throws -> Hash {
        self[keyPath: person].sequence += 1
        let signer = self[keyPath: person]
        let payload = EntryPayload(
            account: account ?? signer.account, audience: "rules", device: signer.keys.device,
            sequence: signer.sequence, previous: .zero, issuedAt: now, body: body)
        let entry = try Entry.signed(payload, with: signer.key)
        let known = state.devices
        let verified = try EntryVerifier.verify(entry, origin: "rules") { device in
            known[device].flatMap {
                try? Curve25519.Signing.PublicKey(rawRepresentation: $0.keys.signing)
            }
        }
        try state.apply(verified, at: now)
        log.append((verified, now))
        return verified.id
    }

    /// Signs what the operator owes for `trigger`, as the node does in the same transaction.
    @discardableResult
    mutating func pay(_ trigger: Hash) throws -> Hash? {
        guard let (account, accrued) = state.accrualOwed(for: trigger, at: now) else { return nil }
        return try add(.pointsAccrued(accrued), by: \.node, about: account)
    }

    /// Ada joins, contributes, grants; the contribution is accepted and paid.
    mutating func takePart() throws -> Participation {
        try add(join, by: \.ada)
        let contribution = try add(record(1), by: \.ada)
        let grant = try add(grant(), by: \.ada)
        let acceptance = try add(
            .contributionAccepted(.init(project: project, contribution: contribution)),
            by: \.sponsor, about: ada.account)
        let accrual = try #require(try pay(acceptance))
        return Participation(
            contribution: contribution, grant: grant, acceptance: acceptance, accrual: accrual)
    }

    /// Ada declares her child, who is enrolled and then hands the child's own device over.
    ///
    /// `born` is by default such that the child comes of age in 18 months.
    mutating func declareWard(born: BirthMonth? = nil, handsOver: Bool = true) throws {
        let born = try #require(born ?? BirthMonth(number: now.month - 198))
        let declared = WardDeclared(keys: ward.keys, born: born)
        let declaration = try add(.wardDeclared(declared), by: \.ada)
        try add(
            .wardEnrolled(.init(declared, guardian: ada.account, declaration: declaration)),
            by: \.node, about: ward.account)
        guard handsOver else { return }
        try add(.wardHandedOver(child.keys), by: \.ward)
    }

    /// Lets time go by until the child comes of age.
    mutating func comeOfAge() throws {
        now = try #require(state.wards[ward.account]).born.turns(18)
    }

    /// Admits an institution.
    mutating func admit(
        _ person: WritableKeyPath<RuleLedger, Person>, _ roles: [InstitutionRole],
        region: String = "", isForeignHeld: Bool = false
    ) throws {
        let keys = self[keyPath: person].keys
        try add(
            .institutionAdmitted(
                .init(
                    name: .init(english: "Board"), keys: keys, roles: roles, region: region,
                    isForeignHeld: isForeignHeld)),
            by: \.node, about: AccountID(firstDevice: keys.device))
    }

    /// Ends the authorization and has everything erased.
    var revokeAndErase: EntryBody {
        .authorizationRevoked(.init(project: project, major: 1, mode: .stopAndErase))
    }

    /// A grant that covers no record from before the year 2020.
    var narrowGrant: EntryBody {
        let terms = terms()
        return .authorizationGranted(
            .init(
                project: project, major: 1, minor: 0, terms: terms.hash, language: "en",
                kinds: [.wearable], purposes: [.healthResearch], recipients: terms.recipients,
                collectionFrom: Timestamp(milliseconds: 1_577_836_800_000),
                collectionUntil: terms.collectionUntil, until: terms.useUntil,
                eraseAt: terms.eraseAt, cites: .zero, observedSize: 0, observedRoot: .zero))
    }

    /// Ada takes part and her points become available; the lot is returned with it.
    mutating func earn() throws -> (part: Participation, lot: Hash) {
        let part = try takePart()
        now = now.adding(milliseconds: 1_000)
        let lot = try add(
            .pointsVested(.init(project: project, accrual: part.accrual, points: Points(600))),
            by: \.node, about: ada.account)
        return (part, lot)
    }

    /// A reward for 200 points.
    func reward(price: Int64 = 200, units: Int64 = 1, isInstant: Bool = false) -> RewardOffered {
        RewardOffered(
            reward: rewardID, title: LocalizedText(english: "Tea"), price: Points(price),
            units: units, isInstant: isInstant)
    }

    /// Ada earns 600 points and reserves a reward for 200.
    mutating func reserve(units: Int64 = 1) throws -> Hash {
        _ = try earn()
        try add(.rewardOffered(reward(units: units)), by: \.node)
        return try add(
            .pointsReserved(.init(reward: rewardID, points: Points(200))), by: \.ada)
    }

    func redeemed(_ reservation: Hash, points: Int64 = 200) -> EntryBody {
        .pointsRedeemed(
            .init(reservation: reservation, reward: rewardID, points: Points(points)))
    }

    func released(_ reservation: Hash, _ reason: ReleaseReason) -> EntryBody {
        .pointsReleased(
            .init(
                reservation: reservation, reward: rewardID, points: Points(200), reason: reason))
    }

    func correction(
        of accrual: Hash, _ points: Int64, _ direction: CorrectionDirection = .take
    ) -> EntryBody {
        .correctionProposed(
            .init(
                accrual: accrual, points: Points(points), direction: direction,
                reason: .duplicate))
    }

    /// Two officers state that Ada can decide no more.
    mutating func reportLapse(_ cause: LapseCause) throws {
        let report = try add(
            .lapseProposed(.init(cause: cause)), by: \.officer, about: ada.account)
        try add(
            .lapseConfirmed(.init(proposal: report, cause: cause)), by: \.secondOfficer,
            about: ada.account)
    }

    /// Signs everything the operator owes for time alone, as the node's tick does.
    mutating func tick() throws {
        for (account, resolved) in state.dueVestings(at: now) {
            try add(.pointsVested(resolved), by: \.node, about: account)
        }
        for (account, released) in state.dueTimeouts(at: now) {
            try add(.pointsReleased(released), by: \.node, about: account)
        }
        for (account, expiring) in state.dueNotices(at: now) {
            try add(.pointsExpiring(expiring), by: \.node, about: account)
        }
        for (account, expired) in state.dueLotExpiries(at: now) {
            try add(.pointsExpired(expired), by: \.node, about: account)
        }
        for (account, released) in state.dueReleases(at: now) {
            try add(.escrowReleased(released), by: \.node, about: account)
        }
    }

    struct Participation {
        let contribution: Hash
        let grant: Hash
        let acceptance: Hash
        let accrual: Hash
    }

    /// The statement of a use of `contributions` under `grant`.
    func use(
        _ contributions: [Hash], grant: Hash,
        purpose: UsePurpose = .research(.healthResearch)
    ) -> EntryBody {
        .useAllowed(
            .init(
                project: project, user: sponsor.account, grant: grant, purpose: purpose,
                contributions: contributions))
    }

    func request(
        _ purpose: UsePurpose = .research(.healthResearch), user: AccountID? = nil,
        kinds: [RecordKind] = []
    ) -> UseRequest {
        UseRequest(
            account: ada.account, project: project, user: user ?? sponsor.account,
            purpose: purpose, kinds: kinds)
    }

    func balance(_ account: PointsAccount) -> Int64 { state.points.balance(of: account).value }
}
