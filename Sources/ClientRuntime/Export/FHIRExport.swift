import Foundation
import LedgerCore
import SyncCore

/// What a member decided and what happened to it, as a FHIR R4 (4.0.1) bundle.
///
/// Consent, ResearchSubject and ResearchStudy tell how things stand; Provenance and AuditEvent tell
/// how they came to it, an entry each. Statuses are computed from the ledger's state
/// (`spec/CONSENT.md`), so that nothing withdrawn or invalidated reads as active.
struct FHIRExport {
    let facts: ExportFacts
    let names: ExportNames

    init(_ facts: ExportFacts) {
        self.facts = facts
        names = ExportNames(origin: facts.origin)
    }

    /// The bundle.
    var bundle: JSONValue {
        bundle(
            of: [patient] + organizations + facts.studies.map(study)
                + facts.permissions.map(consent) + subjects + provenances + auditEvents)
    }

    /// A collection of resources that refer to each other by their `fullUrl`.
    func bundle(of resources: [JSONValue]) -> JSONValue {
        let entries = resources.compactMap { resource in
            resource["id"]?.string.map {
                JSONValue.document(["fullUrl": .string("urn:uuid:" + $0), "resource": resource])
            }
        }
        return .document([
            "entry": .list(entries), "id": .string(ExportNames.uuid(facts.account)),
            "resourceType": .string("Bundle"), "type": .string("collection"),
        ])
    }

    // MARK: Who

    /// The member under their pseudonym: the ledger knows no name.
    var patient: JSONValue {
        .document([
            "active": .bool(true), "id": .string(ExportNames.uuid(facts.account)),
            "identifier": identifiers([("accounts", facts.account.text)]),
            "resourceType": .string("Patient"),
        ])
    }

    /// Institutions that are named somewhere.
    var organizations: [JSONValue] {
        var named = Set(facts.studies.map(\.sponsor))
        if let custodian = facts.custodian { named.insert(custodian) }
        for permission in facts.permissions { named.formUnion(permission.line.grant.recipients) }
        for entry in facts.own {
            switch entry.payload.body {
            case .useAllowed(let use): named.insert(use.user)
            case .useDenied(let use): named.insert(use.user)
            default: continue
            }
        }
        return named.sorted().map { account in
            let name = facts.institutions[account]?.name
            return .document([
                "active": .bool(true),
                "alias": name?.otherText.flatMap(JSONValue.words).map { .array([$0]) },
                "id": .string(ExportNames.uuid(account)),
                "identifier": identifiers([("accounts", account.text)]),
                "name": JSONValue.words(name?.mainText ?? account.text),
                "resourceType": .string("Organization"),
            ])
        }
    }

    // MARK: What for

    private func study(_ study: ExportFacts.Study) -> JSONValue {
        let terms = study.terms
        return .document([
            "description": .words(terms.why.mainText), "id": .string(names.uuid(study.id)),
            "identifier": identifiers([("projects", study.id.text)]),
            "keyword": .list(terms.kinds.map { concept([$0.kind.coding(names)]) }),
            "period": .document(["end": .string(terms.useUntil.iso)]),
            "resourceType": .string("ResearchStudy"), "sponsor": reference(study.sponsor),
            "status": .string(study.closedAt == nil ? "active" : "administratively-completed"),
            "title": .words(terms.title.mainText),
        ])
    }

    private var subjects: [JSONValue] {
        facts.studies.compactMap { study in
            var joined: Timestamp?
            var left: Timestamp?
            for entry in facts.own {
                switch entry.payload.body {
                case .signupJoined(let signup) where signup.project == study.id:
                    (joined, left) = (entry.at, nil)
                case .signupLeft(let project) where project == study.id: left = entry.at
                default: continue
                }
            }
            guard let joined else { return nil }
            let consent = facts.permissions.last { $0.line.project == study.id }
            let status =
                left != nil ? "withdrawn" : study.closedAt != nil ? "off-study" : "on-study"
            return .document([
                "consent": consent.map { reference(ExportNames.uuid($0.line.id)) },
                "id": .string(
                    ExportNames.uuid(
                        Hash.of(
                            label: "accord/export/subject\n",
                            Array("\(facts.account.text)\n\(study.id.text)".utf8)
                        ).bytes)),
                "identifier": identifiers([("accounts", facts.account.text)]),
                "individual": reference(facts.account),
                "period": .document([
                    "end": (left ?? study.closedAt).map { .string($0.iso) },
                    "start": .string(joined.iso),
                ]),
                "resourceType": .string("ResearchSubject"), "status": .string(status),
                "study": reference(names.uuid(study.id)),
            ])
        }
    }

    private func consent(_ permission: ExportFacts.Permission) -> JSONValue {
        let (line, grant) = (permission.line, permission.line.grant)
        return .document([
            "category": .array([ExportNames.consentDocument]),
            "dateTime": .string(permission.grantedAt.iso),
            "id": .string(ExportNames.uuid(line.id)),
            "identifier": identifiers([
                ("authorizations", line.id.text), ("entries", permission.grant.id.hex),
                ("terms", grant.terms.hex),
            ]),
            "organization": facts.study(line.project).map { .array([reference($0.sponsor)]) },
            "patient": reference(facts.account),
            "performer": .array([reference(facts.account)]),
            "policyRule": .document(["text": .string(ExportNames.lawfulBasis)]),
            "provision": provision(permission, .r4),
            "resourceType": .string("Consent"),
            "scope": concept([
                .document([
                    "code": .string("research"),
                    "system": .string("http://terminology.hl7.org/CodeSystem/consentscope"),
                ])
            ]),
            "sourceAttachment": source(permission),
            "status": .string(line.state.fhirStatus),
            "verification": .array([
                .document([
                    "verificationDate": .string(permission.grantedAt.iso),
                    "verified": .bool(true), "verifiedWith": reference(facts.account),
                ])
            ]),
        ])
    }

    // MARK: What happened

    private var provenances: [JSONValue] {
        facts.permissions.flatMap { permission in
            permission.decisions.map { provenance($0, of: permission) }
        }
    }

    private func provenance(_ entry: ExportFacts.Kept, of permission: ExportFacts.Permission)
        -> JSONValue
    {
        let isMember = entry.payload.body.kind.isTheMembers
        let who = isMember ? reference(facts.account) : custodian
        let kind = entry.payload.body.kind.rawValue
        return .document([
            "activity": concept([
                .document([
                    "code": .string(kind), "system": .string(names.system("entry-kinds")),
                ])
            ]),
            "agent": .array([
                .document([
                    "type": concept([
                        .document([
                            "code": .string(isMember ? "author" : "custodian"),
                            "system": .string(
                                "http://terminology.hl7.org/CodeSystem/provenance-participant-type"
                            ),
                        ])
                    ]), "who": who,
                ])
            ]),
            "entity": .array([
                .document(["role": .string("source"), "what": entryReference(entry.id)])
            ]),
            "id": .string(
                ExportNames.uuid(
                    Hash.of(
                        label: "accord/export/provenance\n", entry.id.bytes,
                        Array(permission.line.id.text.utf8)
                    ).bytes)),
            "occurredDateTime": .string(entry.payload.issuedAt.iso),
            "recorded": .string(entry.at.iso), "resourceType": .string("Provenance"),
            "signature": .array([
                .document([
                    "data": .string(Base64.standard.encode(entry.receipt.entry.bytes)),
                    "sigFormat": .string("application/jose"),
                    "type": .array([
                        .document([
                            "code": .string("1.2.840.10065.1.12.1.1"),
                            "display": .string("Author's Signature"),
                            "system": .string("urn:iso-astm:E1762-95:2013"),
                        ])
                    ]), "when": .string(entry.payload.issuedAt.iso), "who": who,
                ])
            ]),
            "target": .array([reference(ExportNames.uuid(permission.line.id))]),
        ])
    }

    private var auditEvents: [JSONValue] {
        facts.own.compactMap { entry in
            switch entry.payload.body {
            case .useAllowed(let use):
                let permission = facts.permissions.first { permission in
                    permission.decisions.contains { $0.id == use.grant }
                }
                return auditEvent(
                    entry, user: use.user, project: use.project, purpose: use.purpose, denial: nil,
                    contributions: use.contributions, permission: permission)
            case .useDenied(let use):
                return auditEvent(
                    entry, user: use.user, project: use.project, purpose: use.purpose,
                    denial: use.reason, contributions: [], permission: nil)
            default: return nil
            }
        }
    }

    private func auditEvent(
        _ entry: ExportFacts.Kept, user: AccountID, project: ProjectID, purpose: UsePurpose,
        denial: UseDenial?, contributions: [Hash], permission: ExportFacts.Permission?
    ) -> JSONValue {
        var entities = [entity(reference(facts.account), role: "1", type: "1")]
        entities.append(entity(reference(names.uuid(project)), role: "4", type: "2"))
        if let permission {
            entities.append(
                entity(reference(ExportNames.uuid(permission.line.id)), role: "4", type: "2"))
        }
        entities += contributions.map { entity(entryReference($0), role: "4", type: "2") }
        return .document([
            "action": .string("R"),
            "agent": .array([
                .document(["requestor": .bool(true), "who": reference(user)])
            ]),
            "entity": .array(entities),
            "id": .string(ExportNames.uuid(entry.id, "accord/export/audit-event\n")),
            "outcome": .string(denial == nil ? "0" : "8"),
            "outcomeDesc": denial.map { .string($0.rawValue) },
            "purposeOfEvent": .array([concept(purpose.codings(names))]),
            "recorded": .string(entry.at.iso), "resourceType": .string("AuditEvent"),
            "source": .document([
                "observer": custodian, "site": .string(facts.origin),
            ]),
            "type": .document([
                "code": .string("access"),
                "display": .string("Access/View Record Lifecycle Event"),
                "system": .string("http://terminology.hl7.org/CodeSystem/iso-21089-lifecycle"),
            ]),
        ])
    }

    private func entity(_ what: JSONValue, role: String, type: String) -> JSONValue {
        .document([
            "role": .document([
                "code": .string(role),
                "system": .string("http://terminology.hl7.org/CodeSystem/object-role"),
            ]),
            "type": .document([
                "code": .string(type),
                "system": .string("http://terminology.hl7.org/CodeSystem/audit-entity-type"),
            ]), "what": what,
        ])
    }
}

// MARK: - Parts of both versions

extension FHIRExport {
    func reference(_ uuid: String) -> JSONValue {
        .document(["reference": .string("urn:uuid:" + uuid)])
    }

    func reference(_ account: AccountID) -> JSONValue { reference(ExportNames.uuid(account)) }

    /// Whoever runs the ledger.
    var custodian: JSONValue {
        facts.custodian.map(reference)
            ?? .document([
                "display": .string(facts.origin),
                "identifier": .document([
                    "system": .string(names.system("log")), "value": .string(facts.logKey.text),
                ]),
            ])
    }

    func entryReference(_ entry: Hash) -> JSONValue {
        .document([
            "identifier": .document([
                "system": .string(names.system("entries")), "value": .string(entry.hex),
            ])
        ])
    }

    func identifiers(_ pairs: [(system: String, value: String)]) -> JSONValue {
        .array(
            pairs.map {
                .document([
                    "system": .string(names.system($0.system)), "value": .string($0.value),
                ])
            })
    }

    func concept(_ codings: [JSONValue]) -> JSONValue { .document(["coding": .array(codings)]) }

    func period(_ from: Timestamp, _ until: Timestamp) -> JSONValue {
        .document(["end": .string(until.iso), "start": .string(from.iso)])
    }

    /// The terms that were agreed to, as they were signed for.
    func source(_ permission: ExportFacts.Permission) -> JSONValue {
        let terms = permission.terms
        return .document([
            "contentType": .string("application/json"),
            "data": terms.map { .string(Base64.standard.encode($0.json.canonicalBytes)) },
            "language": .string(permission.line.grant.language == "zh" ? "zh-CN" : "en"),
            "title": (terms?.title.mainText).flatMap(JSONValue.words),
        ])
    }

    /// When use may happen: until the grace period ends where authorizing anew is due.
    func usePeriod(_ permission: ExportFacts.Permission) -> JSONValue {
        let line = permission.line
        let isDue = line.state == .reconsentDue
        return period(
            permission.grantedAt,
            line.replacedAt ?? (isDue ? facts.end(of: permission) : line.grant.until))
    }

    /// What is allowed, and what is not.
    ///
    /// Excepted are the limits of the terms, and use after everything is erased. R5 has no types of
    /// provisions: the decision says it.
    func provision(_ permission: ExportFacts.Permission, _ version: FHIRVersion) -> JSONValue {
        let grant = permission.line.grant
        var actors = grant.recipients.map { actor("IRCP", reference($0)) }
        if let account = facts.custodian { actors.append(actor("CST", reference(account))) }
        let limits = permission.terms?.limits ?? []
        var members: [JSONValue.Member] = [
            .init("actor", .array(actors)),
            .init(
                "action",
                .array([
                    concept([
                        .document([
                            "code": .string("use"),
                            "system": .string(
                                "http://terminology.hl7.org/CodeSystem/consentaction"),
                        ])
                    ])
                ])),
            .init("dataPeriod", period(grant.collectionFrom, grant.collectionUntil)),
            .init("period", usePeriod(permission)),
            .init(
                "purpose",
                .array(grant.purposes.map(\.coding) + grant.agreedDiseases.map(\.coding))),
        ]
        let kinds = grant.kinds.map { $0.coding(names) }
        switch version {
        case .r4: members.append(.init("class", .array(kinds)))
        case .r5: members.append(.init("code", .array(kinds.map { concept([$0]) })))
        }
        if !grant.links.isEmpty { members.append(.init("data", .array(grant.links.map(linked)))) }
        if version == .r4 { members.append(.init("type", .string("permit"))) }
        let type: JSONValue? = version == .r4 ? .string("deny") : nil
        var exceptions: [JSONValue] = [
            .document([
                "code": .array([.document(["text": .string("everything is erased")])]),
                "period": .document(["start": .string(grant.eraseAt.iso)]), "type": type,
            ])
        ]
        if !limits.isEmpty {
            exceptions.append(
                .document(["purpose": .array(limits.map(\.coding)), "type": type]))
        }
        members.append(.init("provision", .array(exceptions)))
        return .sorted(members)
    }

    /// A project whose records of the same person may be linked with these.
    private func linked(_ project: ProjectID) -> JSONValue {
        .document([
            "meaning": .string("related"),
            "reference": .document([
                "identifier": .document([
                    "system": .string(names.system("projects")), "value": .string(project.text),
                ])
            ]),
        ])
    }

    private func actor(_ role: String, _ who: JSONValue) -> JSONValue {
        .document([
            "reference": who,
            "role": concept([
                .document([
                    "code": .string(role),
                    "system": .string(
                        "http://terminology.hl7.org/CodeSystem/v3-ParticipationType"),
                ])
            ]),
        ])
    }
}

/// A version of FHIR.
enum FHIRVersion {
    case r4, r5
}

extension ExportNames {
    /// Why the processing is lawful.
    static let lawfulBasis =
        "separate consent: PIPL article 29; explicit consent: GDPR article 9(2)(a)"

    /// The category of a consent: LOINC's consent document.
    static let consentDocument = JSONValue.document([
        "coding": .array([
            .document([
                "code": .string("59284-0"), "display": .string("Consent Document"),
                "system": .string("http://loinc.org"),
            ])
        ])
    ])
}

extension EntryKind {
    /// Whether a decision is the member's own, signed by a device of theirs.
    var isTheMembers: Bool {
        switch self {
        case .authorizationExpired, .authorizationInvalidated, .authorizationLapsed: false
        default: true
        }
    }
}
