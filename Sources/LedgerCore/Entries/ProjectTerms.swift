/// A family of projects with common rules.
package enum Programme: String, CaseIterable, Comparable, Sendable {
    case staffPlan = "staff-plan"
    case maternalChild = "maternal-child"
    case rareDisease = "rare-disease"
    case crossOmics = "cross-omics"
    case tumourCare = "tumour-care"

    /// Orders by name.
    package static func < (left: Programme, right: Programme) -> Bool {
        left.rawValue < right.rawValue
    }
}

/// A use permission or modifier of the GA4GH Data Use Ontology, by its shorthand.
///
/// Source: EBISPOT/DUO `duo.csv`. The ontology's two grouping terms are left out.
package enum DataUse: String, CaseIterable, Sendable, Comparable {
    case generalResearch = "GRU"
    case healthResearch = "HMB"
    case diseaseSpecific = "DS"
    case ancestryResearch = "POA"
    case clinicalCare = "CC"
    case geneticStudies = "GSO"
    case noRestriction = "NRES"
    case ethicsApproval = "IRB"
    case publicationRequired = "PUB"
    case userSpecific = "US"
    case ancestryProhibited = "NPOA"
    case collaborationRequired = "COL"
    case nonCommercial = "NCU"
    case notForProfitNonCommercial = "NPUNCU"
    case researchSpecific = "RS"
    case timeLimit = "TS"
    case notForProfit = "NPU"
    case publicationMoratorium = "MOR"
    case returnResults = "RTN"
    case noMethodsResearch = "NMDS"
    case institutionSpecific = "IS"
    case geographical = "GS"
    case projectSpecific = "PS"

    /// Whether the term permits a purpose (as opposed to limiting one).
    package var isPermission: Bool {
        switch self {
        case .generalResearch, .healthResearch, .diseaseSpecific, .ancestryResearch,
            .clinicalCare, .geneticStudies, .noRestriction:
            true
        default: false
        }
    }

    /// Orders by shorthand.
    package static func < (left: DataUse, right: DataUse) -> Bool {
        left.rawValue < right.rawValue
    }
}

/// A text in English, in Chinese, or in both.
package struct LocalizedText: Hashable, Sendable {
    /// The English text, or empty.
    package let english: String
    /// The Simplified Chinese text, or empty.
    package let chinese: String

    /// Makes a text; at least one language should not be empty.
    package init(english: String, chinese: String = "") {
        self.english = english
        self.chinese = chinese
    }

    init?(json: JSONValue) {
        guard case .object(let members) = json, !members.isEmpty,
            members.allSatisfy({ ["en", "zh"].contains($0.key) })
        else { return nil }
        english = json["en"]?.string ?? ""
        chinese = json["zh"]?.string ?? ""
        guard !english.isEmpty || !chinese.isEmpty else { return nil }
        guard self.json == json else { return nil }
    }

    var json: JSONValue {
        var members = [JSONValue.Member]()
        if !english.isEmpty { members.append(.init("en", .string(english))) }
        if !chinese.isEmpty { members.append(.init("zh", .string(chinese))) }
        return .object(members)
    }
}

/// One kind of data a project asks for.
package struct KindRequest: Hashable, Sendable {
    /// The kind.
    package let kind: RecordKind
    /// Whether taking part needs it.
    package let isRequired: Bool

    /// Makes a request.
    package init(_ kind: RecordKind, isRequired: Bool) {
        self.kind = kind
        self.isRequired = isRequired
    }
}

/// What a project pays for contribution and use, and no more than what.
package struct RewardRule: Hashable, Sendable {
    /// For the first accepted contribution of each kind.
    package let perContribution: Points
    /// For each logged use.
    package let perUse: Points
    /// The most that uses can earn one member.
    package let useCap: Points
    /// The most one member can earn from the project in all: bounds contribute–revoke–repeat.
    package let memberCap: Points
    /// How long earned points wait before they are available, in milliseconds.
    package let qualityWindowMilliseconds: Int64

    /// Makes a rule.
    package init(
        perContribution: Points, perUse: Points, useCap: Points, memberCap: Points,
        qualityWindowMilliseconds: Int64
    ) {
        self.perContribution = perContribution
        self.perUse = perUse
        self.useCap = useCap
        self.memberCap = memberCap
        self.qualityWindowMilliseconds = qualityWindowMilliseconds
    }

    /// A project that pays nothing.
    package static let none = RewardRule(
        perContribution: .zero, perUse: .zero, useCap: .zero, memberCap: .zero,
        qualityWindowMilliseconds: 0)

    init(json: JSONValue) throws(EntryDefect) {
        var fields = try FieldReader(json, path: "reward")
        perContribution = try fields.points("contribution")
        memberCap = try fields.points("member_cap")
        perUse = try fields.points("use")
        useCap = try fields.points("use_cap")
        qualityWindowMilliseconds = try fields.integer("window", in: 0...31_536_000_000)
        try fields.finish()
    }

    var json: JSONValue {
        .sorted([
            .init("contribution", .points(perContribution)),
            .init("member_cap", .points(memberCap)),
            .init("use", .points(perUse)),
            .init("use_cap", .points(useCap)),
            .init("window", .integer(qualityWindowMilliseconds)),
        ])
    }
}

/// One version of a project: what is asked, for what, by whom, until when, for what reward.
///
/// The terms map to FHIR R4 ResearchStudy; purposes and limits are DUO terms.
package struct ProjectTerms: Hashable, Sendable {
    /// The project.
    package var project: ProjectID
    /// The major version, from 1; a change of it needs each member's consent anew.
    package var major: Int64
    /// The minor version, from 0; a change of it is only told.
    package var minor: Int64
    /// The family the project belongs to.
    package var programme: Programme
    /// The title.
    package var title: LocalizedText
    /// Why the data is needed, in plain words.
    package var why: LocalizedText
    /// Who may read the data: accounts of institutions, ascending.
    package var recipients: [AccountID]
    /// The reference of the ethics approval, or empty.
    package var ethics: String
    /// Where the text comes from: a registry number or link, or empty.
    package var source: String
    /// The kinds asked, ascending by kind, at least one.
    package var kinds: [KindRequest]
    /// The purposes (DUO permissions), ascending, at least one.
    package var purposes: [DataUse]
    /// The limits on them (DUO modifiers), ascending.
    package var limits: [DataUse]
    /// The earliest date of records asked for.
    package var collectionFrom: Timestamp
    /// The latest date of records asked for.
    package var collectionUntil: Timestamp
    /// When use ends.
    package var useUntil: Timestamp
    /// When everything handed over is erased.
    package var eraseAt: Timestamp
    /// How many members can take part; 0 means no limit.
    package var seats: Int64
    /// What is earned.
    package var reward: RewardRule
    /// The diseases research on one disease (DUO `DS`) is about, ascending; empty means any.
    package var diseases: [DiseaseTerm]
    /// The projects whose records of the same person may be linked with these, ascending.
    package var links: [ProjectID]
    /// Who is looked for: told only, each person's program judges it.
    package var criteria: EligibilityCriteria
    /// A question before consent, by which a person sees whether the terms were clear; or `nil`.
    package var question: ComprehensionQuestion?
    /// Whether each authorization is confirmed with the member's own secret.
    package var asksSecret: Bool
    /// The years after which a member decides themself and no guardian does, 14 to 21.
    package var ofAge: Int64
    /// The classes of results that come back to members who wish to know them, ascending.
    package var returns: [ResultClass]
    /// How an authorization ends when its member dies or can no longer decide.
    package var lapse: RevocationMode

    /// Makes terms.
    package init(
        project: ProjectID, major: Int64 = 1, minor: Int64 = 0, programme: Programme,
        title: LocalizedText, why: LocalizedText, recipients: [AccountID], ethics: String = "",
        source: String = "", kinds: [KindRequest], purposes: [DataUse], limits: [DataUse] = [],
        collectionFrom: Timestamp, collectionUntil: Timestamp, useUntil: Timestamp,
        eraseAt: Timestamp, seats: Int64 = 0, reward: RewardRule = .none,
        diseases: [DiseaseTerm] = [], links: [ProjectID] = [],
        criteria: EligibilityCriteria = .none,
        question: ComprehensionQuestion? = nil, asksSecret: Bool = false,
        ofAge: Int64 = ComingOfAge.years, returns: [ResultClass] = [],
        lapse: RevocationMode = .stop
    ) {
        self.project = project
        self.major = major
        self.minor = minor
        self.programme = programme
        self.title = title
        self.why = why
        self.recipients = recipients.sorted()
        self.ethics = ethics
        self.source = source
        self.kinds = kinds.sorted { $0.kind < $1.kind }
        self.purposes = purposes.sorted()
        self.limits = limits.sorted()
        self.collectionFrom = collectionFrom
        self.collectionUntil = collectionUntil
        self.useUntil = useUntil
        self.eraseAt = eraseAt
        self.seats = seats
        self.reward = reward
        self.diseases = diseases.sorted()
        self.links = links.sorted()
        self.criteria = criteria
        self.question = question
        self.asksSecret = asksSecret
        self.ofAge = ofAge
        self.returns = returns.sorted()
        self.lapse = lapse
    }

    /// Reads the canonical JSON form.
    package init(json: JSONValue) throws(EntryDefect) {
        var fields = try FieldReader(json, path: "terms")
        collectionFrom = try fields.time("collect_from")
        collectionUntil = try fields.time("collect_until")
        criteria = .none
        if let json = fields.optional("criteria") {
            criteria = try EligibilityCriteria(json: json)
        }
        asksSecret = try fields.flag("confirm_secret")
        if let asked = fields.optional("question") {
            question = try ComprehensionQuestion(json: asked)
        }
        diseases = try fields.optionalSet("diseases") { DiseaseTerm($0) }
        links = try fields.optionalSet("links") { ProjectID($0) }
        eraseAt = try fields.time("erase_at")
        ethics = try fields.text("ethics", limit: 200)
        kinds = try fields.list("kinds") { json in
            guard case .array(let pair) = json, pair.count == 2,
                let kind = pair[0].string.flatMap(RecordKind.init(rawValue:)),
                case .bool(let isRequired) = pair[1]
            else { return nil }
            return KindRequest(kind, isRequired: isRequired)
        }
        lapse = try fields.optional("lapse", or: .stop) { json in
            json.string.flatMap(RevocationMode.init(rawValue:))
        }
        limits = try fields.set("limits", DataUse.init(rawValue:))
        major = try fields.major()
        minor = try fields.integer("minor", in: 0...10_000)
        ofAge = try fields.optional("of_age", or: ComingOfAge.years) { json in
            json.integer.flatMap { ComingOfAge.projectYears.contains($0) ? $0 : nil }
        }
        programme = try fields.parsed("programme", Programme.init(rawValue:))
        project = try fields.parsed("project") { ProjectID($0) }
        purposes = try fields.set("purposes", DataUse.init(rawValue:))
        recipients = try fields.set("recipients") { AccountID($0) }
        returns = try fields.optionalSet("returns", ResultClass.init(rawValue:))
        reward = try RewardRule(json: try fields.value("reward"))
        seats = try fields.integer("seats", in: 0...1_000_000_000)
        source = try fields.text("source", limit: 500)
        guard let title = LocalizedText(json: try fields.value("title")) else {
            throw .field("terms.title")
        }
        self.title = title
        useUntil = try fields.time("use_until")
        guard let why = LocalizedText(json: try fields.value("why")) else {
            throw .field("terms.why")
        }
        self.why = why
        try fields.finish()
        try check()
    }

    private func check() throws(EntryDefect) {
        guard !kinds.isEmpty, zip(kinds, kinds.dropFirst()).allSatisfy({ $0.kind < $1.kind })
        else { throw .field("terms.kinds") }
        guard !purposes.isEmpty, purposes.allSatisfy(\.isPermission) else {
            throw .field("terms.purposes")
        }
        guard diseases.isEmpty || purposes.contains(.diseaseSpecific) else {
            throw .field("terms.diseases")
        }
        guard limits.allSatisfy({ !$0.isPermission }) else { throw .field("terms.limits") }
        guard collectionFrom <= collectionUntil else { throw .field("terms.collect_until") }
        guard useUntil <= eraseAt else { throw .field("terms.erase_at") }
        guard !recipients.isEmpty else { throw .field("terms.recipients") }
    }

    /// The canonical JSON form.
    package var json: JSONValue {
        .sorted(
            [
                .init("collect_from", .time(collectionFrom)),
                .init("collect_until", .time(collectionUntil)),
                .init("erase_at", .time(eraseAt)),
                .init("ethics", .string(ethics)),
                .init(
                    "kinds",
                    .array(kinds.map { .array([.string($0.kind.rawValue), .bool($0.isRequired)]) })),
                .init("limits", .texts(limits.map(\.rawValue))),
                .init("major", .integer(major)),
                .init("minor", .integer(minor)),
                .init("programme", .string(programme.rawValue)),
                .init("project", .string(project.text)),
                .init("purposes", .texts(purposes.map(\.rawValue))),
                .init("recipients", .texts(recipients.map(\.text))),
                .init("reward", reward.json),
                .init("seats", .integer(seats)),
                .init("source", .string(source)),
                .init("title", title.json),
                .init("use_until", .time(useUntil)),
                .init("why", why.json),
            ] + JSONValue.optional(diseases: diseases, links: links)
                + (criteria == .none ? [] : [.init("criteria", criteria.json)])
                + (asksSecret ? [.init("confirm_secret", .bool(true))] : [])
                + (ofAge == ComingOfAge.years ? [] : [.init("of_age", .integer(ofAge))])
                + (lapse == .stop ? [] : [.init("lapse", .string(lapse.rawValue))])
                + (returns.isEmpty ? [] : [.init("returns", .texts(returns.map(\.rawValue)))])
                + (question.map { [.init("question", $0.json)] } ?? []))
    }

    /// The hash of these terms: what a person was shown (`seen`) and what a grant names.
    package var hash: Hash { Hash.of(json.canonicalBytes) }

    /// The kinds that taking part needs.
    package var requiredKinds: [RecordKind] { kinds.filter(\.isRequired).map(\.kind) }

    /// The most one member can earn, as the catalogue shows it.
    package var offer: Points {
        let contributions = Points(reward.perContribution.value * Int64(kinds.count))
        return min(reward.memberCap, contributions + reward.useCap)
    }
}
