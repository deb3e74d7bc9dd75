import Crypto
import LedgerCore
import Testing

struct EntryTests {
    private let key: Curve25519.Signing.PrivateKey
    private let device: DeviceID
    private let keys: DeviceKeys

    init() throws {
        key = try Curve25519.Signing.PrivateKey(rawRepresentation: [UInt8](repeating: 7, count: 32))
        keys = DeviceKeys(
            signing: [UInt8](key.publicKey.rawRepresentation),
            wrapping: [UInt8](repeating: 9, count: 32))
        device = keys.device
    }

    private func payload(_ body: EntryBody) -> EntryPayload {
        EntryPayload(
            account: AccountID(firstDevice: device), audience: "ledger.example/test",
            device: device, sequence: 1, previous: .zero,
            issuedAt: Timestamp(milliseconds: 1_700_000_000_000), body: body)
    }

    private func verify(_ entry: Entry) throws(EntryVerifier.Failure) -> VerifiedEntry {
        let known = key.publicKey
        return try EntryVerifier.verify(entry, origin: "ledger.example/test") { asked in
            asked == device ? known : nil
        }
    }

    /// Signs header and payload texts as they are, whatever they say.
    private func forged(header: String, payload: String) throws -> Entry {
        let text =
            Base64.url.encode(Array(header.utf8)) + "." + Base64.url.encode(Array(payload.utf8))
        let signature = try key.signature(for: Array(text.utf8))
        return Entry(bytes: Array((text + "." + Base64.url.encode(signature)).utf8))
    }

    private var header: String {
        #"{"alg":"Ed25519","kid":"\#(device.text)","typ":"accord-entry+jws"}"#
    }

    private var payloadText: String {
        String(decoding: payload(.memberEnrolled(keys)).json.canonicalBytes, as: UTF8.self)
    }

    @Test func `every kind of body survives signing and reading`() throws {
        for body in EntryExamples.bodies(keys: keys) {
            let entry = try Entry.signed(payload(body), with: key)
            #expect(try verify(entry).payload.body == body, "\(body.kind)")
        }
        #expect(
            Set(EntryExamples.bodies(keys: keys).map(\.kind)) == Set(EntryKind.allCases))
    }

    @Test func `signing the same payload twice gives the same bytes and id`() throws {
        let first = try Entry.signed(payload(.memberEnrolled(keys)), with: key)
        let second = try Entry.signed(payload(.memberEnrolled(keys)), with: key)
        #expect(first == second)
        #expect(first.id == Hash.of(first.bytes))
    }

    @Test(arguments: [
        #"{"alg":"none","kid":"KID","typ":"accord-entry+jws"}"#,
        #"{"alg":"EdDSA","kid":"KID","typ":"accord-entry+jws"}"#,
        #"{"alg":"Ed25519","crit":["b64"],"kid":"KID","typ":"accord-entry+jws"}"#,
        #"{"alg":"Ed25519","jwk":{},"kid":"KID","typ":"accord-entry+jws"}"#,
        #"{"kid":"KID","alg":"Ed25519","typ":"accord-entry+jws"}"#,
        #"{"alg":"Ed25519", "kid":"KID","typ":"accord-entry+jws"}"#,
        #"{"alg":"Ed25519","kid":"00000000000000000000000000000000","typ":"accord-entry+jws"}"#,
        "{}",
    ])
    func `a header other than the template is refused though its signature is right`(
        template: String
    ) throws {
        let header = template.replacing("KID", with: device.text)
        let entry = try forged(header: header, payload: payloadText)
        #expect(throws: EntryVerifier.Failure.defect(.headerNotAllowed)) { try verify(entry) }
    }

    @Test func `a payload with a field too many, too few or twice is refused`() throws {
        let more = payloadText.replacing(#""seq":1"#, with: #""seq":1,"zz":1"#)
        let fewer = payloadText.replacing(#""seen":"","#, with: "")
        let twice = payloadText.replacing(#""seq":1"#, with: #""seq":1,"seq":1"#)
        #expect(throws: EntryVerifier.Failure.defect(.field("entry.*"))) {
            try verify(forged(header: header, payload: more))
        }
        #expect(throws: EntryVerifier.Failure.defect(.field("entry.seen"))) {
            try verify(forged(header: header, payload: fewer))
        }
        #expect(throws: EntryVerifier.Failure.defect(.payloadNotCanonical(.keysNotAscending))) {
            try verify(forged(header: header, payload: twice))
        }
    }

    @Test func `a kind nobody knows is named in the refusal`() throws {
        let text = payloadText.replacing("member.enrolled/1", with: "member.enrolled/9")
        #expect(throws: EntryVerifier.Failure.defect(.kindUnknown("member.enrolled/9"))) {
            try verify(forged(header: header, payload: text))
        }
    }

    @Test func `an entry for another ledger is refused`() throws {
        var other = payload(.memberEnrolled(keys))
        other.audience = "ledger.example/other"
        let entry = try Entry.signed(other, with: key)
        #expect(throws: EntryVerifier.Failure.defect(.otherLedger)) { try verify(entry) }
    }

    @Test func `each flipped bit of an entry breaks it`() throws {
        let entry = try Entry.signed(payload(.memberEnrolled(keys)), with: key)
        for position in stride(from: 0, to: entry.bytes.count, by: 3) {
            var bytes = entry.bytes
            bytes[position] ^= 1
            #expect(throws: EntryVerifier.Failure.self) { try verify(Entry(bytes: bytes)) }
        }
    }

    @Test func `the signature of another key is refused`() throws {
        let other = try Curve25519.Signing.PrivateKey(
            rawRepresentation: [UInt8](repeating: 8, count: 32))
        let entry = try Entry.signed(payload(.memberEnrolled(keys)), with: other)
        #expect(throws: EntryVerifier.Failure.defect(.signatureInvalid)) { try verify(entry) }
    }

    @Test func `a device nobody enrolled is unknown unless it introduces itself`() throws {
        let joined = payload(.signupLeft(EntryExamples.project))
        let entry = try Entry.signed(joined, with: key)
        #expect(throws: EntryVerifier.Failure.deviceUnknown(device)) {
            try EntryVerifier.verify(entry, origin: "ledger.example/test") { _ in nil }
        }
        let enrolment = try Entry.signed(payload(.memberEnrolled(keys)), with: key)
        #expect(throws: Never.self) {
            try EntryVerifier.verify(enrolment, origin: "ledger.example/test") { _ in nil }
        }
    }

    @Test func `a payload over the limit is not signed`() throws {
        var terms = EntryExamples.terms
        terms.why = LocalizedText(
            english: String(repeating: "a", count: 4_500),
            chinese: String(repeating: "字", count: 1_500))
        #expect(throws: EntryDefect.self) {
            try Entry.signed(payload(.projectPublished(terms)), with: key)
        }
    }

    @Test func `a leaf shows nothing that is the same for the same entry twice`() throws {
        let entry = try Entry.signed(payload(.memberEnrolled(keys)), with: key)
        let envelope = EntryEnvelope(
            previousHead: .zero, chainSequence: 1, time: Timestamp(milliseconds: 5))
        let one = envelope.leafData(entry: entry.id, salt: [UInt8](repeating: 1, count: 32))
        let two = envelope.leafData(entry: entry.id, salt: [UInt8](repeating: 2, count: 32))
        #expect(one != two)
        #expect(EntryEnvelope(bytes: envelope.bytes) == envelope)
        #expect(EntryEnvelope(bytes: envelope.bytes + [0x20]) == nil)
    }
}

/// One well-formed body of each kind.
enum EntryExamples {
    static let project = SampleID.project

    static let terms = ProjectTerms(
        project: project, programme: .crossOmics,
        title: LocalizedText(english: "Gut and sleep", chinese: "肠道与睡眠"),
        why: LocalizedText(english: "Find out."),
        recipients: [AccountID(firstDevice: DeviceID(publicKey: [1]))],
        kinds: [.init(.wearable, isRequired: true), .init(.clinical, isRequired: false)],
        purposes: [.healthResearch], limits: [.notForProfit],
        collectionFrom: Timestamp(milliseconds: 0),
        collectionUntil: Timestamp(milliseconds: 4_000_000_000_000),
        useUntil: Timestamp(milliseconds: 3_000_000_000_000),
        eraseAt: Timestamp(milliseconds: 3_100_000_000_000), seats: 2,
        reward: RewardRule(
            perContribution: Points(600), perUse: Points(20), useCap: Points(60),
            memberCap: Points(1_200), qualityWindowMilliseconds: 1_000))

    static func bodies(keys: DeviceKeys) -> [EntryBody] {
        let user = AccountID(firstDevice: keys.device)
        let subject = AuthorizationSubject(project: project, major: 1)
        return [
            .institutionAdmitted(
                .init(name: terms.title, keys: keys, roles: [.sponsor, .operator])),
            .memberEnrolled(keys), .deviceAdded(keys), .deviceRevoked(keys.device),
            .projectPublished(terms),
            .projectAmended(.init(terms: terms, graceMilliseconds: 5)),
            .projectClosed(project), .budgetFunded(Points(5)),
            .escrowPlaced(.init(project: project, points: Points(5))),
            .signupJoined(.init(project: project, major: 1, minor: 0)), .signupLeft(project),
            .authorizationGranted(
                .init(
                    project: project, major: 1, minor: 0, terms: terms.hash, language: "zh",
                    kinds: [.wearable], purposes: [.healthResearch],
                    recipients: terms.recipients, collectionFrom: terms.collectionFrom,
                    collectionUntil: terms.collectionUntil, until: terms.useUntil,
                    eraseAt: terms.eraseAt, cites: .zero, observedSize: 3, observedRoot: .zero)),
            .authorizationPaused(subject), .authorizationResumed(subject),
            .authorizationRevoked(.init(project: project, major: 1, mode: .stopAndErase)),
            .authorizationExpired(subject), .authorizationOutgrown(subject),
            .wardHandedOver(keys),
            .dataDerived(
                .init(
                    project: project, grant: .zero, purpose: .research(.healthResearch),
                    inputs: [.zero], output: .zero)),
            .resultsWished(
                .init(
                    project: project, classes: [.risk, .carrier],
                    key: [UInt8](repeating: 7, count: 32))),
            .resultsWished(
                .init(project: project, classes: [], key: [UInt8](repeating: 7, count: 32))),
            .resultReturned(
                .init(
                    project: project, result: .measurement, wish: .zero,
                    sealed: [UInt8](repeating: 9, count: 1_072))),
        ] + wards(keys: keys) + [
            .recordContributed(
                .init(
                    project: project, record: Hash.of([1]), commitment: Hash.of([2]),
                    kind: .wearable, rows: 3, from: .init(milliseconds: 1),
                    until: .init(milliseconds: 2), sizeBytes: 9)),
            .contributionAccepted(.init(project: project, contribution: .zero)),
            .contributionRejected(
                .init(project: project, contribution: .zero, reason: .outsideWindow)),
            .useAllowed(
                .init(
                    project: project, user: user, grant: .zero,
                    purpose: .research(.healthResearch), contributions: [.zero])),
            .useDenied(.init(project: project, user: user, purpose: .review, reason: .revoked)),
            .pointsAccrued(
                .init(
                    project: project, trigger: .zero, points: Points(5),
                    vestsAt: .init(milliseconds: 7), isLimited: false)),
            .pointsVested(.init(project: project, accrual: .zero, points: Points(5))),
            .pointsVoided(.init(project: project, accrual: .zero, points: Points(5))),
        ] + points(project: project, account: user)
    }

    private static func wards(keys: DeviceKeys) -> [EntryBody] {
        guard let born = BirthMonth("2012-05") else { return [] }
        let declared = WardDeclared(keys: keys, born: born)
        return [
            .wardDeclared(declared),
            .wardEnrolled(
                .init(
                    declared, guardian: AccountID(firstDevice: keys.device), declaration: .zero)),
        ]
    }

    private static func points(project: ProjectID, account: AccountID) -> [EntryBody] {
        guard let reward = RewardID("tea") else { return [] }
        return [
            .programmeRuled(
                .init(
                    programme: .staffPlan, version: 1,
                    lifetimeMilliseconds: PointsTimes.lifetime, dayCap: Points(5))),
            .rewardOffered(
                .init(
                    reward: reward, title: LocalizedText(english: "Tea", chinese: "茶"),
                    price: Points(5), units: 3, isInstant: true)),
            .rewardWithdrawn(reward),
            .splitRuled(.init(project: project, shares: [.init(account, weight: 3)])),
            .splitPaid(.init(project: project, points: Points(5))),
            .escrowReleased(.init(project: project, points: Points(5))),
            .pointsReserved(.init(reward: reward, points: Points(5))),
            .pointsRedeemed(.init(reservation: .zero, reward: reward, points: Points(5))),
            .pointsReleased(
                .init(
                    reservation: .zero, reward: reward, points: Points(5), reason: .timedOut)),
            .pointsExpiring(
                .init(lot: .zero, points: Points(5), at: Timestamp(milliseconds: 9))),
            .pointsExpired(.init(lot: .zero, points: Points(5))),
            .correctionProposed(
                .init(
                    accrual: .zero, points: Points(5), direction: .giveBack, reason: .fraud)),
            .correctionConfirmed(.init(proposal: .zero, points: Points(5))),
            .correctionAppealed(.zero),
            .approvalFiled(
                .init(
                    project: project, recipient: account, kind: .securityReview,
                    number: "2026-SZ-140000", until: Timestamp(milliseconds: 9))),
            .amendmentEndorsed(.init(project: project, terms: .zero)),
            .projectTerminated(.init(project: project, reason: .ethicsLapsed)),
            .authorizationInvalidated(
                .init(project: project, major: 2, reason: .falseAuthority)),
            .authorizationLapsed(.init(project: project, major: 2, cause: .incapable)),
            .lapseProposed(.init(cause: .died)),
            .lapseConfirmed(.init(proposal: .zero, cause: .incapable)),
            .contributionAppealed(.init(project: project, contribution: .zero)),
            .recordsErased(.init(project: project, contributions: [.zero])),
            .erasureAttested(.init(project: project, erasure: .zero)),
        ]
    }
}

private enum SampleID {
    static let project: ProjectID = {
        guard let id = ProjectID("gut-sleep") else { preconditionFailure("not an id") }
        return id
    }()
}
