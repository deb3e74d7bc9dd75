package import Crypto
package import LedgerCore

/// A device with keys that follow from its name, and its place in its own sequence.
package struct TestDevice: Sendable {
    /// Signs entries and requests.
    package let signing: Curve25519.Signing.PrivateKey
    /// Opens wrapped keys.
    package let wrapping: Curve25519.KeyAgreement.PrivateKey
    /// The account it signs for.
    package var account: AccountID
    /// The number of its last entry.
    package var sequence: Int64 = 0
    /// The id of its last entry.
    package var previous = Hash.zero
    /// The log its entries are for.
    package var origin: String

    /// Makes the device `name`, the first of its account.
    package init(_ name: String, origin: String = LedgerBuilder.origin) throws {
        func seed(_ use: String) -> [UInt8] {
            Hash.of(label: "accord/test-device/v1\n", Array("\(use)\n\(name)\n".utf8)).bytes
        }
        signing = try .init(rawRepresentation: seed("signing"))
        wrapping = try .init(rawRepresentation: seed("wrapping"))
        account = AccountID(
            firstDevice: DeviceID(publicKey: Array(signing.publicKey.rawRepresentation)))
        self.origin = origin
    }

    /// The public keys.
    package var keys: DeviceKeys {
        DeviceKeys(
            signing: Array(signing.publicKey.rawRepresentation),
            wrapping: Array(wrapping.publicKey.rawRepresentation))
    }

    /// The device's id.
    package var id: DeviceID { keys.device }

    /// Signs the next entry.
    ///
    /// It concerns `account`, the device's own where none is given.
    package mutating func entry(
        _ body: EntryBody, about account: AccountID? = nil, after: [Hash] = []
    ) throws -> Entry {
        let entry = try peek(body, about: account, after: after)
        sequence += 1
        previous = entry.id
        return entry
    }

    /// Signs what would be the next entry, and does not count it.
    package func peek(
        _ body: EntryBody, about account: AccountID? = nil, after: [Hash] = [],
        sequence: Int64? = nil, issuedAt: Int64 = 0
    ) throws -> Entry {
        try .signed(
            EntryPayload(
                account: account ?? self.account, audience: origin, device: id,
                sequence: sequence ?? self.sequence + 1, previous: previous,
                issuedAt: Timestamp(milliseconds: issuedAt), body: body, after: after),
            with: signing)
    }
}

/// Bodies of entries for tests, around one project with one kind and usual terms.
package struct LedgerBuilder: Sendable {
    /// The name of the log.
    package static let origin = "ledger.test/main"
    /// The time the tests' clocks start at: 1 March 2026.
    package static let start = Timestamp(milliseconds: 1_772_323_200_000)
    private static let day: Int64 = 86_400_000

    /// The project.
    package let project: ProjectID
    /// Its sponsor, who is a recipient.
    package let sponsor: AccountID
    /// The other recipients.
    package var partners: [AccountID] = []
    /// What it pays.
    package var reward: RewardRule
    /// How many can take part.
    package var seats: Int64 = 0

    /// Names a project.
    package init(project: String = "sleep-and-shift", sponsor: AccountID) throws {
        guard let id = ProjectID(project) else { throw EntryDefect.field("project") }
        self.project = id
        self.sponsor = sponsor
        reward = RewardRule(
            perContribution: Points(50), perUse: Points(2), useCap: Points(10),
            memberCap: Points(100), qualityWindowMilliseconds: 7 * LedgerBuilder.day)
    }

    /// The terms, version 1.0.
    package var terms: ProjectTerms {
        ProjectTerms(
            project: project, programme: .staffPlan,
            title: LocalizedText(english: "Sleep and shift work", chinese: "轮班与睡眠"),
            why: LocalizedText(english: "To plan kinder shifts.", chinese: "为了更合理的排班。"),
            recipients: ([sponsor] + partners).sorted(),
            kinds: [.init(.wearable, isRequired: true), .init(.clinical, isRequired: false)],
            purposes: [.healthResearch],
            collectionFrom: LedgerBuilder.start.adding(milliseconds: -365 * LedgerBuilder.day),
            collectionUntil: LedgerBuilder.start.adding(milliseconds: 365 * LedgerBuilder.day),
            useUntil: LedgerBuilder.start.adding(milliseconds: 365 * LedgerBuilder.day),
            eraseAt: LedgerBuilder.start.adding(milliseconds: 400 * LedgerBuilder.day),
            seats: seats, reward: reward)
    }

    /// A sign-up.
    package var join: EntryBody { .signupJoined(.init(project: project, major: 1, minor: 0)) }

    /// A revocation.
    package func revoke(_ mode: RevocationMode = .stop) -> EntryBody {
        .authorizationRevoked(.init(project: project, major: 1, mode: mode))
    }

    /// A grant of all that is asked, in version 1.0 or in the terms given, to all recipients or
    /// those given.
    package func grant(
        cites: Hash = .zero, terms: ProjectTerms? = nil, recipients: [AccountID]? = nil
    ) -> EntryBody {
        let terms = terms ?? self.terms
        return .authorizationGranted(
            AuthorizationGranted(
                project: project, major: terms.major, minor: terms.minor, terms: terms.hash,
                language: "en",
                kinds: terms.kinds.map(\.kind), purposes: terms.purposes,
                recipients: recipients ?? terms.recipients, collectionFrom: terms.collectionFrom,
                collectionUntil: terms.collectionUntil, until: terms.useUntil,
                eraseAt: terms.eraseAt, cites: cites, observedSize: 0, observedRoot: .zero))
    }

    /// The authorization of a member for version 1.
    package func authorization(of account: AccountID) -> AuthorizationID {
        AuthorizationID(account: account, project: project, major: 1)
    }

    /// A contribution of a sealed record.
    package func contribution(
        _ record: Hash, kind: RecordKind = .wearable, sizeBytes: Int64 = 1
    ) -> EntryBody {
        .recordContributed(
            RecordContributed(
                project: project, record: record,
                commitment: Hash.of(label: "commitment\n", record.bytes), kind: kind, rows: 30,
                from: LedgerBuilder.start.adding(milliseconds: -30 * LedgerBuilder.day),
                until: LedgerBuilder.start, sizeBytes: sizeBytes))
    }
}
