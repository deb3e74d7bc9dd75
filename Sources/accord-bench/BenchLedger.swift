import Crypto
import LedgerCore

/// Someone who signs entries one after another.
struct Signer {
    let key: Curve25519.Signing.PrivateKey
    let keys: DeviceKeys
    private(set) var sequence: Int64
    private(set) var last: Hash

    /// Makes the signer of a number: the same keys each time.
    init(_ number: UInt32) throws {
        let seed = Hash.of(label: "accord/bench-key/v1\n", Array("\(number)\n".utf8)).bytes
        try self.init(
            key: Curve25519.Signing.PrivateKey(rawRepresentation: seed),
            wrapping: Array(
                Curve25519.KeyAgreement.PrivateKey(rawRepresentation: seed).publicKey
                    .rawRepresentation))
    }

    /// Goes on with a key that signed before.
    init(
        key: Curve25519.Signing.PrivateKey, wrapping: [UInt8], sequence: Int64 = 0,
        last: Hash = .zero
    ) throws {
        self.key = key
        keys = DeviceKeys(signing: Array(key.publicKey.rawRepresentation), wrapping: wrapping)
        self.sequence = sequence
        self.last = last
    }

    var account: AccountID { AccountID(firstDevice: keys.device) }

    /// Signs the next entry.
    mutating func sign(_ body: EntryBody, for other: AccountID? = nil, origin: String) throws
        -> Entry
    {
        sequence += 1
        let entry = try Entry.signed(
            EntryPayload(
                account: other ?? account, audience: origin, device: keys.device,
                sequence: sequence, previous: last, issuedAt: BenchLedger.start, body: body),
            with: key)
        last = entry.id
        return entry
    }
}

/// The people, projects and entries that figures are measured with.
struct BenchLedger {
    static let start = Timestamp(milliseconds: 1_780_000_000_000)
    static let origin = "bench.accord.example/ledger"

    /// Everything a project asks for, allowed until its end, as a first decision.
    static func grant(of terms: ProjectTerms) -> EntryBody {
        .authorizationGranted(
            AuthorizationGranted(
                project: terms.project, major: 1, minor: 0, terms: terms.hash, language: "en",
                kinds: terms.kinds.map(\.kind), purposes: terms.purposes,
                recipients: terms.recipients, collectionFrom: terms.collectionFrom,
                collectionUntil: terms.collectionUntil, until: terms.useUntil,
                eraseAt: terms.eraseAt, cites: .zero, observedSize: 0, observedRoot: .zero))
    }

    /// A project everybody may join.
    static func terms(_ number: Int, by sponsor: AccountID) throws -> ProjectTerms {
        guard let project = ProjectID("bench-\(number)") else {
            throw BenchFailure("bench-\(number) is no project id")
        }
        return ProjectTerms(
            project: project, programme: Programme.allCases[number % Programme.allCases.count],
            title: LocalizedText(
                english: "Sleep, steps and blood pressure in year \(number)",
                chinese: "第\(number)年的睡眠、步数与血压"),
            why: LocalizedText(
                english: "Find out whether regular sleep goes with lower blood pressure."),
            recipients: [sponsor],
            kinds: [.init(.wearable, isRequired: true), .init(.clinical, isRequired: false)],
            purposes: [.healthResearch], collectionFrom: Timestamp(milliseconds: 1_000),
            collectionUntil: start, useUntil: start.adding(milliseconds: 300_000_000_000),
            eraseAt: start.adding(milliseconds: 310_000_000_000),
            reward: RewardRule(
                perContribution: Points(600), perUse: Points(20), useCap: Points(50),
                memberCap: Points(1_230), qualityWindowMilliseconds: 1_000))
    }

    /// The next entry of a member who joins and leaves a project by turns.
    static func nextTurn(of member: inout Signer, in project: ProjectID, origin: String) throws
        -> Entry
    {
        // The first entry of a member is the enrolment.
        let isJoin = !member.sequence.isMultiple(of: 2)
        let body: EntryBody =
            isJoin
            ? .signupJoined(SignupJoined(project: project, major: 1, minor: 0))
            : .signupLeft(project)
        return try member.sign(body, origin: origin)
    }

    /// A verified history: one project, `members` people, each with `turns` entries, by turns.
    static func history(members: Int, turns: Int) throws -> [VerifiedEntry] {
        var node = try Signer(1)
        var sponsor = try Signer(2)
        var people = try (0..<members).map { try Signer(UInt32(100 + $0)) }
        let terms = try terms(1, by: sponsor.account)
        let nodeName = LocalizedText(english: "Node")
        var entries = [
            try node.sign(
                .institutionAdmitted(.init(name: nodeName, keys: node.keys, roles: [.operator])),
                origin: origin),
            try node.sign(
                .institutionAdmitted(
                    .init(
                        name: LocalizedText(english: "Study"), keys: sponsor.keys,
                        roles: [.sponsor])),
                for: sponsor.account, origin: origin),
            try sponsor.sign(.projectPublished(terms), origin: origin),
        ]
        for index in people.indices {
            entries.append(
                try people[index].sign(.memberEnrolled(people[index].keys), origin: origin))
        }
        for _ in 0..<turns {
            for index in people.indices {
                entries.append(
                    try nextTurn(of: &people[index], in: terms.project, origin: origin))
            }
        }
        var keys = [DeviceID: Curve25519.Signing.PublicKey]()
        for signer in [node, sponsor] + people { keys[signer.keys.device] = signer.key.publicKey }
        return try entries.map { entry in
            try EntryVerifier.verify(entry, origin: origin) { keys[$0] }
        }
    }
}
