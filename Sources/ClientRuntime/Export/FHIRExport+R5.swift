import Foundation
import LedgerCore
import SyncCore

/// The same consents in FHIR R5 (5.0.0), with whom they name.
extension FHIRExport {
    /// The bundle.
    var r5Bundle: JSONValue {
        bundle(of: [patient] + organizations + facts.permissions.map(r5Consent))
    }

    private func r5Consent(_ permission: ExportFacts.Permission) -> JSONValue {
        let (line, grant) = (permission.line, permission.line.grant)
        return .document([
            "category": .array([ExportNames.consentDocument]),
            "controller": facts.study(line.project).map { .array([reference($0.sponsor)]) },
            // R5 knows the day only; the time stands in the R4 bundle's Provenance.
            "date": .string(permission.grantedAt.isoDate),
            "decision": .string("permit"),
            "grantee": .list(grant.recipients.map(reference)),
            "grantor": .array([reference(facts.account)]),
            "id": .string(ExportNames.uuid(line.id)),
            "identifier": identifiers([
                ("authorizations", line.id.text), ("entries", permission.grant.id.hex),
                ("terms", grant.terms.hex),
            ]),
            "manager": facts.custodian.map { .array([reference($0)]) },
            "period": usePeriod(permission),
            "provision": .array([provision(permission, .r5)]),
            "regulatoryBasis": .array([
                .document(["text": .string(ExportNames.lawfulBasis)])
            ]),
            "resourceType": .string("Consent"), "sourceAttachment": .array([source(permission)]),
            "status": .string(line.state.fhirStatus), "subject": reference(facts.account),
            "verification": .array([
                .document([
                    "verificationDate": .array([.string(permission.grantedAt.iso)]),
                    "verified": .bool(true), "verifiedWith": reference(facts.account),
                ])
            ]),
        ])
    }
}
