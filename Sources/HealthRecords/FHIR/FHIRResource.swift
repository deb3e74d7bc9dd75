import LedgerCore

/// One FHIR resource, as far as its row needs it: kind, date, and whom it names.
///
/// What it says in words is in `FHIRResource+Words.swift`.
struct FHIRResource {
    let element: JSONElement
    let type: String

    func row(id: Int) -> FHIRRow {
        let words = words
        let when = when
        let unit = words.unit.isEmpty ? "" : PlainText.line(words.unit, limit: 24)
        return FHIRRow(
            id: id, kind: kind, resourceType: type, what: PlainText.line(words.what),
            code: words.code.map { PlainText.line($0, limit: 64) },
            when: PlainText.line(when, limit: 40), whenMilliseconds: FHIRDate.milliseconds(when),
            value: PlainText.line(words.value), unit: unit, identifies: identifies,
            namesPerson: namesPerson)
    }
}

// MARK: - Who

extension FHIRResource {
    /// Types that tell about health and not, by themselves, about who and where.
    ///
    /// A list of what is known to be fit, not of what is unfit: a type nobody has thought of is
    /// struck until the person keeps it. Free text (documents, messages) is not in it on purpose.
    private static let healthTypes: Set<String> = [
        "AdverseEvent", "AllergyIntolerance", "BodyStructure", "CarePlan", "Claim",
        "ClaimResponse", "ClinicalImpression", "Condition", "DetectedIssue", "Device",
        "DeviceMetric", "DeviceRequest", "DeviceUseStatement", "DiagnosticReport", "Encounter",
        "EpisodeOfCare", "ExplanationOfBenefit", "FamilyMemberHistory", "Flag", "Goal",
        "ImagingStudy", "Immunization", "ImmunizationEvaluation", "ImmunizationRecommendation",
        "List", "Media", "Medication", "MedicationAdministration", "MedicationDispense",
        "MedicationRequest", "MedicationStatement", "MolecularSequence", "NutritionOrder",
        "Observation", "Procedure", "QuestionnaireResponse", "RiskAssessment", "ServiceRequest",
        "Specimen", "Substance", "SupplyDelivery", "SupplyRequest", "VisionPrescription",
    ]

    private static let personTypes: Set<String> = [
        "Patient", "RelatedPerson", "Person", "Practitioner", "Group",
    ]

    var identifies: Bool {
        if !FHIRResource.healthTypes.contains(type) { return true }
        // The serial number of an implant leads to its bearer.
        if type == "Device", element["serialNumber"] != nil || element["udiCarrier"] != nil {
            return true
        }
        return (element["contained"]?.elements ?? []).contains { contained in
            contained["resourceType"]?.string.map(FHIRResource.personTypes.contains) ?? false
        }
    }

    var namesPerson: Bool {
        if identifies { return true }
        guard let person = element["subject"] ?? element["patient"] else { return false }
        return person["display"] != nil || person["identifier"] != nil
    }
}

// MARK: - When

extension FHIRResource {
    /// Members that hold the date, the most telling first: when it was so, then when it was
    /// written down.
    private static let dates: [StaticString] = [
        "effectiveDateTime", "effectivePeriod", "effectiveInstant", "onsetDateTime",
        "onsetPeriod", "performedDateTime", "performedPeriod", "occurrenceDateTime",
        "occurrencePeriod", "started", "period", "billablePeriod", "collection", "startDate",
        "authoredOn", "authored", "dateAsserted", "date", "whenHandedOver", "createdDateTime",
        "occurredDateTime", "occurredPeriod", "recorded", "recordedDate", "issued", "created",
        "dateWritten", "timestamp",
    ]
    private static let dateNames = Dictionary(
        uniqueKeysWithValues: dates.enumerated().map { ($0.element.description, $0.offset) })

    /// The date as written; empty if the resource has none.
    var when: String {
        var best: (rank: Int, text: String)?
        for (name, value) in element.members {
            guard let rank = FHIRResource.dateNames[name], rank < best?.rank ?? .max,
                let text = value.string ?? value["start"]?.string ?? value["end"]?.string
                    ?? value["collectedDateTime"]?.string
                    ?? value["collectedPeriod"]?["start"]?.string
            else { continue }
            best = (rank, text)
        }
        return best?.text ?? ""
    }
}

// MARK: - Kind

extension FHIRResource {
    /// DiagnosticReport categories of HL7 table 0074 and others that mean pictures.
    private static let imagingCategories: Set<String> = [
        "imaging", "RAD", "IMG", "CT", "CUS", "NMR", "NMS", "OUS", "RUS", "RX", "VUS", "XRC",
        "LP29684-5", "363679005",
    ]
    /// HL7 table 0074 and its successors: genetics.
    private static let geneticCategories: Set<String> = [
        "GE", "genetics", "genomics", "LP7824-8", "LP32747-5",
    ]
    /// LOINC codes of genetic findings outside such a category: master panel, gene studied,
    /// variant assessment, change in DNA and protein, region, genotype, haplotype, full report.
    private static let geneticCodes: Set<String> = [
        "81247-9", "55233-1", "48018-6", "69548-6", "48004-6", "48005-3", "81290-9", "51963-7",
        "53041-0", "84413-4", "84414-1", "51969-4", "81300-6", "53037-8", "48013-7",
    ]
    /// LOINC codes that in practice a worn device reports: steps, distance, energy, sleep and its
    /// stages, resting heart rate, its variability.
    private static let wearableCodes: Set<String> = [
        "55423-8", "41950-7", "41953-1", "66334-4", "55430-3", "41981-2", "55424-6", "93832-4",
        "93831-6", "93830-8", "93829-0", "93828-2", "103215-0", "40443-4", "80404-7", "76475-3",
        "82290-8", "73985-4", "87705-0",
    ]

    var kind: RecordKind {
        switch type {
        case "ImagingStudy", "ImagingSelection": return .imaging
        case "MolecularSequence", "GenomicStudy": return .genomic
        case "Observation", "DiagnosticReport", "Media": break
        default: return .clinical
        }
        let categories = codes(element["category"]) + codes(element["type"])
        let codes = codes(element["code"])
        if categories.contains(where: FHIRResource.geneticCategories.contains)
            || codes.contains(where: FHIRResource.geneticCodes.contains) || hasGenomicProfile
        {
            return .genomic
        }
        if type == "Observation",
            categories.contains("activity")
                || codes.contains(where: FHIRResource.wearableCodes.contains)
        {
            return .wearable
        }
        if categories.contains(where: FHIRResource.imagingCategories.contains) { return .imaging }
        return type == "Media" && categories.contains("image") ? .imaging : .clinical
    }

    private var hasGenomicProfile: Bool {
        (element["meta"]?["profile"]?.elements ?? []).contains { profile in
            guard let address = profile.string else { return false }
            return address.contains("genomics") || address.contains("genetics")
        }
    }

    /// Every code of a CodeableConcept or of a list of them.
    private func codes(_ concept: JSONElement?) -> [String] {
        guard let concept else { return [] }
        let concepts = concept.isArray ? concept.elements : [concept]
        return concepts.flatMap { concept in
            (concept["coding"]?.elements ?? []).compactMap { $0["code"]?.string }
        }
    }
}
