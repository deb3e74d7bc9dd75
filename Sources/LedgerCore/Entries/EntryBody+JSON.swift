extension EntryBody {
    /// The canonical JSON form of the body, without its kind.
    package var json: JSONValue {
        switch self {
        case .institutionAdmitted(let admitted): admitted.json
        case .memberEnrolled(let keys), .deviceAdded(let keys), .wardHandedOver(let keys):
            keys.json
        case .dataDerived(let derived): derived.json
        case .resultsWished(let wished): wished.json
        case .resultReturned(let returned): returned.json
        case .authorizationLapsed(let lapsed): lapsed.json
        case .lapseProposed(let proposed): proposed.json
        case .lapseConfirmed(let confirmed): confirmed.json
        case .wardDeclared(let declared): declared.json
        case .wardEnrolled(let enrolled): enrolled.json
        case .deviceRevoked(let device): .object([.init("device", .string(device.text))])
        case .projectPublished(let terms): terms.json
        case .projectAmended(let amended):
            .sorted([
                .init("grace", .integer(amended.graceMilliseconds)),
                .init("terms", amended.terms.json),
            ])
        case .projectClosed(let project), .signupLeft(let project):
            .object([.init("project", .string(project.text))])
        case .budgetFunded(let points): .object([.init("points", .points(points))])
        case .escrowPlaced(let amount), .splitPaid(let amount), .escrowReleased(let amount):
            amount.json
        case .signupJoined(let joined):
            .sorted([
                .init("major", .integer(joined.major)), .init("minor", .integer(joined.minor)),
                .init("project", .string(joined.project.text)),
            ])
        case .authorizationGranted(let granted): granted.json
        case .authorizationPaused(let subject), .authorizationResumed(let subject),
            .authorizationExpired(let subject), .authorizationOutgrown(let subject):
            .sorted([
                .init("major", .integer(subject.major)),
                .init("project", .string(subject.project.text)),
            ])
        case .authorizationRevoked(let revoked):
            .sorted([
                .init("major", .integer(revoked.major)),
                .init("mode", .string(revoked.mode.rawValue)),
                .init("project", .string(revoked.project.text)),
            ])
        case .recordContributed(let contributed): contributed.json
        case .contributionAccepted(let reviewed):
            .sorted([
                .init("contribution", .hash(reviewed.contribution)),
                .init("project", .string(reviewed.project.text)),
            ])
        case .contributionRejected(let rejected):
            .sorted([
                .init("contribution", .hash(rejected.contribution)),
                .init("project", .string(rejected.project.text)),
                .init("reason", .string(rejected.reason.rawValue)),
            ])
        case .useAllowed(let use): use.json
        case .useDenied(let use):
            .sorted([
                .init("project", .string(use.project.text)),
                .init("purpose", .string(use.purpose.text)),
                .init("reason", .string(use.reason.rawValue)),
                .init("user", .string(use.user.text)),
            ])
        case .pointsAccrued(let accrued): accrued.json
        case .pointsVested(let resolved), .pointsVoided(let resolved):
            .sorted([
                .init("accrual", .hash(resolved.accrual)),
                .init("points", .points(resolved.points)),
                .init("project", .string(resolved.project.text)),
            ])
        case .programmeRuled(let ruled): ruled.json
        case .rewardOffered(let offered): offered.json
        case .rewardWithdrawn(let reward): .object([.init("reward", .string(reward.text))])
        case .splitRuled(let ruled): ruled.json
        case .pointsReserved(let reserved): reserved.json
        case .pointsRedeemed(let redeemed): redeemed.json
        case .pointsReleased(let released): released.json
        case .pointsExpiring(let expiring): expiring.json
        case .pointsExpired(let expired): expired.json
        case .correctionProposed(let proposed): proposed.json
        case .correctionConfirmed(let confirmed): confirmed.json
        case .correctionAppealed(let proposal): .object([.init("proposal", .hash(proposal))])
        case .approvalFiled(let filed): filed.json
        case .amendmentEndorsed(let endorsed): endorsed.json
        case .projectTerminated(let terminated): terminated.json
        case .authorizationInvalidated(let invalidated): invalidated.json
        case .contributionAppealed(let appealed):
            .sorted([
                .init("contribution", .hash(appealed.contribution)),
                .init("project", .string(appealed.project.text)),
            ])
        case .recordsErased(let erased): erased.json
        case .erasureAttested(let attested): attested.json
        }
    }

    /// Reads a body of the named kind.
    package init(kind name: String, json: JSONValue) throws(EntryDefect) {
        guard let kind = EntryKind(rawValue: name) else { throw .kindUnknown(name) }
        if kind == .projectPublished {
            self = .projectPublished(try ProjectTerms(json: json))
            return
        }
        var fields = try FieldReader(json, path: "body")
        self = try EntryBody.read(kind, from: &fields)
        try fields.finish()
    }

    private static func read(_ kind: EntryKind, from fields: inout FieldReader)
        throws(EntryDefect) -> EntryBody
    {
        switch kind {
        case .institutionAdmitted: return .institutionAdmitted(try .init(from: &fields))
        case .memberEnrolled: return .memberEnrolled(try .init(from: &fields))
        case .deviceAdded: return .deviceAdded(try .init(from: &fields))
        case .deviceRevoked: return .deviceRevoked(try fields.parsed("device") { DeviceID($0) })
        case .projectPublished: return .projectPublished(try .init(json: try fields.value("terms")))
        case .projectAmended:
            let grace = try fields.integer("grace", in: 0...31_536_000_000)
            let terms = try ProjectTerms(json: try fields.value("terms"))
            return .projectAmended(.init(terms: terms, graceMilliseconds: grace))
        case .projectClosed: return .projectClosed(try fields.project())
        case .budgetFunded: return .budgetFunded(try fields.points("points", minimum: 1))
        case .escrowPlaced: return .escrowPlaced(try .init(from: &fields))
        case .signupJoined:
            let major = try fields.major()
            let minor = try fields.integer("minor", in: 0...10_000)
            return .signupJoined(.init(project: try fields.project(), major: major, minor: minor))
        case .signupLeft: return .signupLeft(try fields.project())
        case .authorizationGranted: return .authorizationGranted(try .init(from: &fields))
        case .authorizationPaused: return .authorizationPaused(try .init(from: &fields))
        case .authorizationResumed: return .authorizationResumed(try .init(from: &fields))
        case .authorizationExpired: return .authorizationExpired(try .init(from: &fields))
        case .authorizationRevoked:
            let major = try fields.major()
            let mode = try fields.parsed("mode", RevocationMode.init(rawValue:))
            return .authorizationRevoked(
                .init(project: try fields.project(), major: major, mode: mode))
        case .recordContributed: return .recordContributed(try .init(from: &fields))
        case .contributionAccepted:
            let contribution = try fields.hash("contribution")
            return .contributionAccepted(
                .init(project: try fields.project(), contribution: contribution))
        case .contributionRejected:
            let contribution = try fields.hash("contribution")
            let project = try fields.project()
            let reason = try fields.parsed("reason", ContributionRefusal.init(rawValue:))
            return .contributionRejected(
                .init(project: project, contribution: contribution, reason: reason))
        case .useAllowed: return .useAllowed(try .init(from: &fields))
        case .useDenied: return .useDenied(try .init(from: &fields))
        case .pointsAccrued: return .pointsAccrued(try .init(from: &fields))
        case .pointsVested: return .pointsVested(try .init(from: &fields))
        case .pointsVoided: return .pointsVoided(try .init(from: &fields))
        case .programmeRuled: return .programmeRuled(try .init(from: &fields))
        case .rewardOffered: return .rewardOffered(try .init(from: &fields))
        case .rewardWithdrawn: return .rewardWithdrawn(try fields.parsed("reward") { RewardID($0) })
        case .splitRuled: return .splitRuled(try .init(from: &fields))
        case .splitPaid: return .splitPaid(try .init(from: &fields))
        case .escrowReleased: return .escrowReleased(try .init(from: &fields))
        case .pointsReserved: return .pointsReserved(try .init(from: &fields))
        case .pointsRedeemed: return .pointsRedeemed(try .init(from: &fields))
        case .pointsReleased: return .pointsReleased(try .init(from: &fields))
        case .pointsExpiring: return .pointsExpiring(try .init(from: &fields))
        case .pointsExpired: return .pointsExpired(try .init(from: &fields))
        case .correctionProposed: return .correctionProposed(try .init(from: &fields))
        case .correctionConfirmed: return .correctionConfirmed(try .init(from: &fields))
        case .correctionAppealed: return .correctionAppealed(try fields.hash("proposal"))
        case .approvalFiled: return .approvalFiled(try .init(from: &fields))
        case .amendmentEndorsed: return .amendmentEndorsed(try .init(from: &fields))
        case .projectTerminated: return .projectTerminated(try .init(from: &fields))
        case .authorizationInvalidated:
            return .authorizationInvalidated(try .init(from: &fields))
        case .contributionAppealed:
            let contribution = try fields.hash("contribution")
            return .contributionAppealed(
                .init(project: try fields.project(), contribution: contribution))
        case .recordsErased: return .recordsErased(try .init(from: &fields))
        case .erasureAttested: return .erasureAttested(try .init(from: &fields))
        case .dataDerived: return .dataDerived(try .init(from: &fields))
        case .resultsWished: return .resultsWished(try .init(from: &fields))
        case .resultReturned: return .resultReturned(try .init(from: &fields))
        case .authorizationLapsed: return .authorizationLapsed(try .init(from: &fields))
        case .lapseProposed: return .lapseProposed(try .init(from: &fields))
        case .lapseConfirmed: return .lapseConfirmed(try .init(from: &fields))
        case .wardDeclared: return .wardDeclared(try .init(from: &fields))
        case .wardEnrolled: return .wardEnrolled(try .init(from: &fields))
        case .wardHandedOver: return .wardHandedOver(try .init(from: &fields))
        case .authorizationOutgrown: return .authorizationOutgrown(try .init(from: &fields))
        }
    }
}

extension FieldReader {
    mutating func project() throws(EntryDefect) -> ProjectID {
        try parsed("project") { ProjectID($0) }
    }

    mutating func major() throws(EntryDefect) -> Int64 {
        try integer("major", in: EntryLimits.majors)
    }
}

extension DeviceKeys {
    var json: JSONValue {
        .sorted([.init("key", .base64(signing)), .init("wrap", .base64(wrapping))])
    }

    init(from fields: inout FieldReader) throws(EntryDefect) {
        let signing = try fields.bytes("key", count: 32)
        let wrapping = try fields.bytes("wrap", count: 32)
        self.init(signing: signing, wrapping: wrapping)
    }
}

extension InstitutionAdmitted {
    fileprivate var json: JSONValue {
        var members: [JSONValue.Member] = [
            .init("key", .base64(keys.signing)), .init("name", name.json),
            .init("roles", .texts(roles.map(\.rawValue))), .init("wrap", .base64(keys.wrapping)),
        ]
        if isForeignHeld { members.append(.init("foreign", .bool(true))) }
        if !region.isEmpty { members.append(.init("region", .string(region))) }
        return .sorted(members)
    }

    fileprivate init(from fields: inout FieldReader) throws(EntryDefect) {
        guard let name = LocalizedText(json: try fields.value("name")) else {
            throw .field("body.name")
        }
        self.name = name
        roles = try fields.set("roles", InstitutionRole.init(rawValue:))
        isForeignHeld = try fields.flag("foreign")
        region = try fields.optional("region", or: "") { json in
            json.string.flatMap { text in
                text.utf8.count == 2 && text.utf8.allSatisfy { (0x41...0x5a).contains($0) }
                    ? text : nil
            }
        }
        keys = try DeviceKeys(from: &fields)
    }
}

extension AuthorizationSubject {
    fileprivate init(from fields: inout FieldReader) throws(EntryDefect) {
        major = try fields.major()
        project = try fields.project()
    }
}

extension AuthorizationGranted {
    fileprivate var json: JSONValue {
        .sorted(
            [
                .init("cites", .hash(cites)),
                .init("collect_from", .time(collectionFrom)),
                .init("collect_until", .time(collectionUntil)),
                .init("erase_at", .time(eraseAt)),
                .init("kinds", .texts(kinds.map(\.rawValue))),
                .init("lang", .string(language)),
                .init("major", .integer(major)),
                .init("minor", .integer(minor)),
                .init("observed_root", .hash(observedRoot)),
                .init("observed_size", .integer(observedSize)),
                .init("project", .string(project.text)),
                .init("purposes", .texts(purposes.map(\.rawValue))),
                .init("recipients", .texts(recipients.map(\.text))),
                .init("terms", .hash(terms)),
                .init("until", .time(until)),
            ] + JSONValue.optional(diseases: diseases, links: links))
    }

    fileprivate init(from fields: inout FieldReader) throws(EntryDefect) {
        cites = try fields.hash("cites")
        collectionFrom = try fields.time("collect_from")
        collectionUntil = try fields.time("collect_until")
        eraseAt = try fields.time("erase_at")
        kinds = try fields.set("kinds", RecordKind.init(rawValue:))
        language = try fields.parsed("lang") { ["en", "zh"].contains($0) ? $0 : nil }
        major = try fields.major()
        minor = try fields.integer("minor", in: 0...10_000)
        observedRoot = try fields.hash("observed_root")
        observedSize = try fields.integer("observed_size", in: 0...Int64.max)
        project = try fields.project()
        purposes = try fields.set("purposes", DataUse.init(rawValue:))
        recipients = try fields.set("recipients") { AccountID($0) }
        terms = try fields.hash("terms")
        until = try fields.time("until")
        diseases = try fields.optionalSet("diseases") { DiseaseTerm($0) }
        links = try fields.optionalSet("links") { ProjectID($0) }
    }
}

extension RecordContributed {
    fileprivate var json: JSONValue {
        .sorted([
            .init("commitment", .hash(commitment)),
            .init("from", .time(from)),
            .init("kind", .string(kind.rawValue)),
            .init("project", .string(project.text)),
            .init("record", .hash(record)),
            .init("rows", .integer(rows)),
            .init("size", .integer(sizeBytes)),
            .init("until", .time(until)),
        ])
    }

    fileprivate init(from fields: inout FieldReader) throws(EntryDefect) {
        commitment = try fields.hash("commitment")
        from = try fields.time("from")
        kind = try fields.parsed("kind", RecordKind.init(rawValue:))
        project = try fields.project()
        record = try fields.hash("record")
        rows = try fields.integer("rows", in: 1...1_000_000_000)
        sizeBytes = try fields.integer("size", in: 1...1_000_000_000_000)
        until = try fields.time("until")
        guard from <= until else { throw .field("body.until") }
    }
}

extension UseAllowed {
    fileprivate var json: JSONValue {
        .sorted([
            .init("contributions", .array(contributions.map { .hash($0) })),
            .init("grant", .hash(grant)),
            .init("project", .string(project.text)),
            .init("purpose", .string(purpose.text)),
            .init("user", .string(user.text)),
        ])
    }

    fileprivate init(from fields: inout FieldReader) throws(EntryDefect) {
        contributions = try fields.set("contributions") { Hash(hex: $0) }
        grant = try fields.hash("grant")
        project = try fields.project()
        purpose = try fields.parsed("purpose") { UsePurpose($0) }
        user = try fields.parsed("user") { AccountID($0) }
    }
}

extension UseDenied {
    fileprivate init(from fields: inout FieldReader) throws(EntryDefect) {
        project = try fields.project()
        purpose = try fields.parsed("purpose") { UsePurpose($0) }
        reason = try fields.parsed("reason", UseDenial.init(rawValue:))
        user = try fields.parsed("user") { AccountID($0) }
    }
}

extension PointsAccrued {
    fileprivate var json: JSONValue {
        .sorted([
            .init("limited", .bool(isLimited)),
            .init("points", .points(points)),
            .init("project", .string(project.text)),
            .init("trigger", .hash(trigger)),
            .init("vests_at", .time(vestsAt)),
        ])
    }

    fileprivate init(from fields: inout FieldReader) throws(EntryDefect) {
        isLimited = try fields.bool("limited")
        points = try fields.points("points", minimum: 1)
        project = try fields.project()
        trigger = try fields.hash("trigger")
        vestsAt = try fields.time("vests_at")
    }
}

extension PointsResolved {
    fileprivate init(from fields: inout FieldReader) throws(EntryDefect) {
        accrual = try fields.hash("accrual")
        points = try fields.points("points", minimum: 1)
        project = try fields.project()
    }
}
