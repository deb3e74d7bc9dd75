import Foundation
import LedgerCore
import SyncCore

/// Names and codes the documents of an export share.
struct ExportNames {
    let origin: String

    /// The namespace of something in this ledger.
    ///
    /// A log's origin is a URL without its scheme.
    func system(_ name: String) -> String { "https://\(origin)/\(name)" }

    /// A UUID made of 16 bytes of a hash or an id (RFC 9562, version 8).
    static func uuid(_ bytes: some Collection<UInt8>) -> String {
        var bytes = Array(bytes.prefix(16))
        precondition(bytes.count == 16, "a UUID has 16 bytes")
        bytes[6] = bytes[6] & 0x0f | 0x80
        bytes[8] = bytes[8] & 0x3f | 0x80
        let digits = Hex.encode(bytes)
        var text = ""
        for (position, digit) in digits.enumerated() {
            if [8, 12, 16, 20].contains(position) { text.append("-") }
            text.append(digit)
        }
        return text
    }

    /// The UUID of an account.
    static func uuid(_ account: AccountID) -> String { uuid(Hex.decode(account.text) ?? []) }

    /// The UUID of an authorization.
    static func uuid(_ authorization: AuthorizationID) -> String {
        uuid(Hex.decode(authorization.text) ?? [])
    }

    /// The UUID of something an entry gave rise to.
    static func uuid(_ entry: Hash, _ label: StaticString) -> String {
        uuid(Hash.of(label: label, entry.bytes).bytes)
    }

    /// The UUID of a project in this ledger.
    func uuid(_ project: ProjectID) -> String {
        Self.uuid(
            Hash.of(label: "accord/export/study\n", Array((origin + "\n" + project.text).utf8))
                .bytes)
    }

    /// Text as documents may carry it: without control characters.
    static func plain(_ text: String) -> String {
        String(
            String.UnicodeScalarView(
                text.unicodeScalars.filter {
                    $0 == "\n" || $0.properties.generalCategory != .control
                }))
    }
}

extension JSONValue {
    /// An object of the members that have a value.
    static func document(_ members: KeyValuePairs<String, JSONValue?>) -> JSONValue {
        .sorted(members.compactMap { key, value in value.map { Member(key, $0) } })
    }

    /// A text without control characters; `nil` if nothing is left.
    static func words(_ text: String) -> JSONValue? {
        let plain = ExportNames.plain(text)
        return plain.isEmpty ? nil : .string(plain)
    }

    /// A list, or nothing where it has no elements.
    static func list(_ values: [JSONValue]) -> JSONValue? {
        values.isEmpty ? nil : .array(values)
    }
}

extension LocalizedText {
    /// The English text, or the Chinese one where there is none.
    var mainText: String { english.isEmpty ? chinese : english }
    /// The other language's text, where there are two.
    var otherText: String? { english.isEmpty || chinese.isEmpty ? nil : chinese }
}

extension DataUse {
    /// The number of the term in the Data Use Ontology (EBISPOT/DUO `duo.csv`).
    var ontologyNumber: Int {
        switch self {
        case .noRestriction: 4
        case .healthResearch: 6
        case .diseaseSpecific: 7
        case .ancestryResearch: 11
        case .researchSpecific: 12
        case .noMethodsResearch: 15
        case .geneticStudies: 16
        case .notForProfitNonCommercial: 18
        case .publicationRequired: 19
        case .collaborationRequired: 20
        case .ethicsApproval: 21
        case .geographical: 22
        case .publicationMoratorium: 24
        case .timeLimit: 25
        case .userSpecific: 26
        case .projectSpecific: 27
        case .institutionSpecific: 28
        case .returnResults: 29
        case .generalResearch: 42
        case .clinicalCare: 43
        case .ancestryProhibited: 44
        case .notForProfit: 45
        case .nonCommercial: 46
        }
    }

    /// The term's identifier: `DUO_0000042`.
    var ontologyTerm: String {
        let digits = String(ontologyNumber)
        return "DUO_" + String(repeating: "0", count: 7 - digits.count) + digits
    }

    /// The term as a FHIR coding.
    var coding: JSONValue {
        .document([
            "code": .string(ontologyTerm), "display": .string(rawValue),
            "system": .string(DataUse.ontology),
        ])
    }

    /// The ontology.
    static let ontology = "http://purl.obolibrary.org/obo/duo.owl"
}

extension UsePurpose {
    /// The purpose as FHIR codings.
    func codings(_ names: ExportNames) -> [JSONValue] {
        switch self {
        case .review:
            [
                .document([
                    "code": .string("review"), "system": .string(names.system("purposes")),
                ])
            ]
        case .research(let use): [use.coding]
        case .disease(let term): [DataUse.diseaseSpecific.coding, term.coding]
        case .linkage(let project):
            [
                .document([
                    "code": .string("link"), "display": .string("link \(project.text)"),
                    "system": .string(names.system("purposes")),
                ])
            ]
        }
    }
}

extension DiseaseTerm {
    /// The term as a FHIR coding; ontologies of diseases stand under one namespace.
    var coding: JSONValue {
        .document([
            "code": .string(text), "system": .string("http://purl.obolibrary.org/obo/"),
        ])
    }
}

extension RecordKind {
    /// The kind as a FHIR coding.
    func coding(_ names: ExportNames) -> JSONValue {
        .document(["code": .string(rawValue), "system": .string(names.system("kinds"))])
    }
}
