import Foundation
import LedgerCore
import SyncCore

/// A consent receipt after ISO/IEC TS 27560:2023: JSON-LD in the terms of the Data Privacy
/// Vocabulary, as its guide "Consent Records and Receipts" writes them (profile `dpv-27560`).
struct ConsentReceipt {
    let facts: ExportFacts
    let permission: ExportFacts.Permission
    private let names: ExportNames

    init(_ permission: ExportFacts.Permission, _ facts: ExportFacts) {
        self.facts = facts
        self.permission = permission
        names = ExportNames(origin: facts.origin)
    }

    private var grant: AuthorizationGranted { permission.line.grant }

    /// The receipt: a wrapper around the record of the consent.
    var document: JSONValue {
        .document([
            "@context": ConsentReceipt.context,
            "@id": .string(
                "urn:uuid:" + ExportNames.uuid(permission.grant.id, "accord/export/receipt\n")),
            "@type": .string("dpv:ConsentReceipt"),
            "dct:conformsTo": .string("https://w3id.org/dpv/schema/dpv-27560#receipt"),
            "dct:created": .string((permission.decisions.last ?? permission.grant).at.iso),
            "dct:identifier": .string(permission.grant.id.hex),
            "dct:publisher": custodian,
            "dct:source": .array(
                permission.decisions.map { .string(ExportPath.receipt($0.index)) }),
            "dpv:hasRecordOfActivity": record,
            "schema:recipient": .string("dpv:DataSubject"),
        ])
    }

    private static let context = JSONValue.document([
        "dct": .string("http://purl.org/dc/terms/"), "dpv": .string("https://w3id.org/dpv#"),
        "duo": .string("http://purl.obolibrary.org/obo/"),
        "eu-gdpr": .string("https://w3id.org/dpv/legal/eu/gdpr#"),
        "loc": .string("https://w3id.org/dpv/loc#"),
        "rdf": .string("http://www.w3.org/1999/02/22-rdf-syntax-ns#"),
        "schema": .string("https://schema.org/"),
        "skos": .string("http://www.w3.org/2004/02/skos/core#"),
    ])

    private var record: JSONValue {
        .document([
            "@id": .string("urn:uuid:" + ExportNames.uuid(permission.line.id)),
            "@type": .string("dpv:ConsentRecord"),
            "dct:conformsTo": .string("https://w3id.org/dpv/schema/dpv-27560#record"),
            "dct:identifier": .string(permission.line.id.text),
            "dpv:hasApplicableLaw": .array([
                .document([
                    "@type": .string("dpv:Law"),
                    "dct:title": .string(
                        "Personal Information Protection Law of the People's Republic of China"),
                ]), .string("eu-gdpr:GDPR"),
            ]),
            "dpv:hasConsentControl": .document([
                "@type": .string("dpv:WithdrawConsent"),
                "dpv:isExercisedAt": .string("accord revoke \(permission.line.project.text)"),
            ]),
            "dpv:hasConsentStatus": .array(statuses),
            "dpv:hasDataController": facts.study(permission.line.project).map {
                party($0.sponsor, "dpv:DataController")
            },
            "dpv:hasDataSubject": .document([
                "@id": .string("urn:uuid:" + ExportNames.uuid(facts.account)),
                "@type": .string("dpv:DataSubject"),
                "dct:identifier": .string(facts.account.text),
            ]),
            "dpv:hasJurisdiction": .string(home),
            "dpv:hasLegalBasis": .array([
                .string("dpv:ExplicitlyExpressedConsent"), .string("eu-gdpr:A9-2-a"),
            ]),
            "dpv:hasNotice": notice, "dpv:hasProcess": process,
        ])
    }

    // MARK: What is allowed

    private var process: JSONValue {
        let limits = permission.terms?.limits ?? []
        let purposes =
            grant.purposes.map { purpose($0) }
            + grant.agreedDiseases.map { disease in
                JSONValue.document([
                    "@type": .string("dpv:Purpose"), "dct:subject": .string(disease.text),
                    "skos:broader": .string("duo:" + DataUse.diseaseSpecific.ontologyTerm),
                ])
            }
        return .document([
            "@type": .string("dpv:Process"),
            "dpv:hasDataSource": .string("dpv:DataSubject"),
            "dpv:hasPersonalData": .array(grant.kinds.map(personalData)),
            "dpv:hasProcessing": .array(
                [.string("dpv:Use"), .string("dpv:Store")] + grant.links.map(combination)),
            "dpv:hasPurpose": .array(purposes),
            "dpv:hasRecipient": .array(
                grant.recipients.map { party($0, "dpv:Recipient") }),
            "dpv:hasRule": .list(
                limits.map { limit in
                    .document([
                        "@id": .string("duo:" + limit.ontologyTerm),
                        "@type": .string("dpv:Rule"), "skos:notation": .string(limit.rawValue),
                    ])
                }),
            "dpv:hasStorageCondition": .array([
                .document([
                    "@type": .string("dpv:StorageLocation"), "dpv:hasLocation": .string(home),
                ]),
                .document([
                    "@type": .string("dpv:StorageDuration"),
                    "dpv:hasDuration": until(grant.until),
                ]),
                .document([
                    "@type": .string("dpv:StorageDeletion"),
                    "dpv:hasDuration": until(grant.eraseAt),
                ]),
            ]),
        ])
    }

    /// That the records may be linked with those of another project.
    private func combination(_ project: ProjectID) -> JSONValue {
        .document([
            "@type": .string("dpv:Combine"), "dct:source": .string(project.text),
        ])
    }

    private func purpose(_ use: DataUse) -> JSONValue {
        .document([
            "@id": .string("duo:" + use.ontologyTerm), "@type": .string("dpv:Purpose"),
            "skos:broader": .string(
                use == .clinicalCare ? "dpv:ServiceProvision" : "dpv:ResearchAndDevelopment"),
            "skos:notation": .string(use.rawValue),
        ])
    }

    /// Health data is sensitive everywhere; human genetic resources are told apart.
    private func personalData(_ kind: RecordKind) -> JSONValue {
        .document([
            "@id": .string(names.system("kinds/\(kind.rawValue)")),
            "@type": .array([
                .string("dpv:SensitivePersonalData"),
                .string("dpv:SpecialCategoryPersonalData"),
            ]),
            "dct:temporal": .string(
                grant.collectionFrom.isoDate + "/" + grant.collectionUntil.isoDate),
            "dct:title": .string(kind.rawValue),
            "dct:type": kind.isHumanGeneticResource ? .string("human genetic resource") : nil,
        ])
    }

    private var notice: JSONValue {
        let terms = permission.terms
        return .document([
            "@id": .string("urn:sha256:" + grant.terms.hex),
            "@type": .string("dpv:ConsentNotice"),
            "dct:coverage": .string(permission.grantedAt.iso + "/" + grant.until.iso),
            "dct:date": facts.study(grant.project)?.versions.first {
                $0.terms.hash == grant.terms
            }.map { .string($0.at.iso) },
            "dct:language": .string(grant.language == "zh" ? "zh-CN" : "en"),
            "dct:title": (terms?.title.mainText).flatMap(JSONValue.words),
        ])
    }

    private func until(_ time: Timestamp) -> JSONValue {
        .document(["@type": .string("dpv:UntilTimeDuration"), "rdf:value": .string(time.iso)])
    }

    // MARK: Who and where

    private func party(_ account: AccountID, _ type: String) -> JSONValue {
        .document([
            "@id": .string("urn:uuid:" + ExportNames.uuid(account)), "@type": .string(type),
            "dct:identifier": .string(account.text),
            "dct:title": (facts.institutions[account]?.name.mainText).flatMap(JSONValue.words),
            "dpv:hasLocation": .string(location(of: account)),
        ])
    }

    private var custodian: JSONValue {
        facts.custodian.map { party($0, "dpv:DataController") } ?? .string(facts.origin)
    }

    /// Where the ledger is kept.
    private var home: String {
        facts.custodian.map(location) ?? "loc:CN"
    }

    /// An institution that names no place is where the operator is, and that is in China.
    private func location(of account: AccountID) -> String {
        let region = facts.institutions[account]?.region ?? ""
        return "loc:" + (region.isEmpty ? "CN" : region)
    }

    // MARK: What became of it

    /// Every event, oldest first; last what follows from time alone.
    private var statuses: [JSONValue] {
        var hasBeenGiven = false
        var statuses = permission.decisions.compactMap { entry -> JSONValue? in
            let isGiven = hasBeenGiven
            if entry.payload.body.kind == .authorizationGranted { hasBeenGiven = true }
            return ConsentReceipt.event(entry.payload.body.kind, isRenewal: isGiven).map {
                status($0.term, at: entry.at, entry: entry, note: $0.note)
            }
        }
        switch permission.line.state {
        case .expired
        where !permission.decisions.contains { $0.payload.body.kind == .authorizationExpired }:
            statuses.append(status("ConsentExpired", at: expiry))
        case .terminated:
            statuses.append(
                status(
                    "ConsentRevoked",
                    at: facts.study(grant.project)?.closedAt ?? permission.grantedAt,
                    note: "the project ended"))
        case .replaced:
            statuses.append(
                status(
                    "ConsentExpired", at: permission.line.replacedAt ?? permission.grantedAt,
                    note: "given anew for a later version"))
        case .reconsentDue:
            statuses.append(status("ConsentExpired", at: expiry, note: "unless given anew"))
        default: break
        }
        return statuses
    }

    private var expiry: Timestamp { facts.end(of: permission) }

    private func status(
        _ term: String, at time: Timestamp, entry: ExportFacts.Kept? = nil, note: String? = nil
    ) -> JSONValue {
        let isMember = entry?.payload.body.kind.isTheMembers ?? false
        let isGiven = term == "ConsentGiven" || term == "RenewedConsentGiven"
        return .document([
            "@type": .array(
                [.string("dpv:" + term)]
                    + (isGiven ? [.string("dpv:ExplicitlyExpressedConsent")] : [])),
            "dct:description": note.map { .string($0) },
            "dct:source": entry.map { .string(ExportPath.receipt($0.index)) },
            "dpv:hasIndicationMethod": isMember ? .string("signed with a key of the member") : nil,
            "dpv:isIndicatedAtTime": .string(time.iso),
            "dpv:isIndicatedBy": .string(isMember ? "dpv:DataSubject" : "dpv:DataController"),
        ])
    }

    /// The state of DPV a decision leads to.
    ///
    /// Only the first two allow processing.
    static func event(_ kind: EntryKind, isRenewal: Bool) -> (term: String, note: String?)? {
        switch kind {
        case .authorizationGranted:
            (isRenewal ? "RenewedConsentGiven" : "ConsentGiven", nil)
        case .authorizationResumed: ("RenewedConsentGiven", "resumed after a pause")
        // DPV has no word for a pause; it has to read as invalid.
        case .authorizationPaused: ("ConsentWithdrawn", "paused: the member can resume it")
        case .authorizationRevoked: ("ConsentWithdrawn", nil)
        case .signupLeft: ("ConsentWithdrawn", "the member left the project")
        case .authorizationExpired: ("ConsentExpired", nil)
        case .authorizationInvalidated: ("ConsentInvalidated", nil)
        case .authorizationLapsed:
            ("ConsentTerminated", "the member died or can no longer decide")
        default: nil
        }
    }
}
