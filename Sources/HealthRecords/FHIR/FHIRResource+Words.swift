extension FHIRResource {
    /// What a row says.
    struct Words {
        var what: String
        var code: String?
        var value = ""
        var unit = ""
    }

    /// What the resource is about and what it found, in words fit for a table.
    var words: Words {
        var words =
            switch type {
            case "Observation": observation
            case "Patient", "RelatedPerson", "Person", "Practitioner": person
            case "Organization", "Location", "HealthcareService", "Endpoint": named
            case "Claim", "ExplanationOfBenefit", "ClaimResponse": claim
            case "Immunization": about(element["vaccineCode"], value: status)
            case "MedicationRequest", "MedicationStatement", "MedicationAdministration",
                "MedicationDispense":
                medication
            case "Encounter", "EpisodeOfCare": encounter
            case "CarePlan": carePlan
            case "CareTeam": careTeam
            case "Goal": about(element["description"], value: goalState)
            case "DiagnosticReport": about(element["code"], value: conclusion)
            case "AllergyIntolerance": about(element["code"], value: allergy)
            case "Condition": about(element["code"], value: conditionState)
            case "Device": device
            case "ImagingStudy": imagingStudy
            case "SupplyDelivery": supplyDelivery
            case "Provenance": provenance
            case "FamilyMemberHistory": familyHistory
            case "MolecularSequence": sequence
            case "QuestionnaireResponse": answers
            default: anyOther
            }
        if words.what.isEmpty { words.what = words.code ?? typeInWords }
        if let warning {
            words.value += words.value.isEmpty ? warning : " (\(warning))"
        }
        return words
    }
}

// MARK: - Parts that many types share

extension FHIRResource {
    private func about(_ concept: JSONElement?, value: String) -> Words {
        Words(what: text(concept), code: code(concept), value: value)
    }

    /// Text of a CodeableConcept (or the first of several), Coding, Reference or string.
    private func text(_ concept: JSONElement?) -> String {
        guard let concept else { return "" }
        if concept.isArray { return text(concept.first) }
        if let string = concept.string ?? concept["text"]?.string ?? concept["display"]?.string {
            return string
        }
        let codings = concept["coding"]?.elements ?? []
        return codings.lazy.compactMap { $0["display"]?.string }.first
            ?? code(concept) ?? ""
    }

    private func code(_ concept: JSONElement?) -> String? {
        guard let concept else { return nil }
        if concept.isArray { return code(concept.first) }
        return (concept["coding"]?.elements ?? []).lazy.compactMap { $0["code"]?.string }.first
            ?? concept["code"]?.string
    }

    private func list(_ element: JSONElement?, _ text: (JSONElement) -> String) -> String {
        (element?.elements ?? []).map(text).filter { !$0.isEmpty }.joined(separator: ", ")
    }

    private func counted(_ count: Int, _ noun: String) -> String {
        count == 0 ? "" : count == 1 ? "1 \(noun)" : "\(count) \(noun)s"
    }

    /// A status code as words: "entered-in-error" becomes "entered in error".
    private func spaced(_ code: String?) -> String {
        String((code ?? "").map { $0 == "-" ? " " : $0 })
    }

    private var status: String { spaced(element["status"]?.string) }

    /// What the reader must know before believing the value.
    private var warning: String? {
        guard type == "Observation" || type == "DiagnosticReport",
            let status = element["status"]?.string,
            ["entered-in-error", "cancelled", "preliminary"].contains(status)
        else { return nil }
        return spaced(status)
    }

    /// "ImagingStudy" as "Imaging study".
    private var typeInWords: String {
        var words = ""
        for (position, letter) in type.enumerated() {
            if position > 0, letter.isUppercase { words.append(" ") }
            words += position > 0 ? letter.lowercased() : String(letter)
        }
        return words
    }

    private var anyOther: Words {
        for member in ["code", "type", "category", "title", "name", "description"] as [StaticString]
        {
            let about = about(element[member], value: status)
            if !about.what.isEmpty { return about }
        }
        return Words(what: "", value: status)
    }
}

// MARK: - Observations

extension FHIRResource {
    private var observation: Words {
        var words = about(element["code"], value: "")
        let own = value(of: element)
        let parts = element["component"]?.elements ?? []
        if parts.isEmpty {
            (words.value, words.unit) = own
        } else {
            (words.value, words.unit) = panel(parts)
            if !own.value.isEmpty {
                words.value = joined(own) + "; " + joined((words.value, words.unit))
                words.unit = ""
            }
        }
        if words.value.isEmpty {
            words.value =
                element["dataAbsentReason"].map { text($0) }
                ?? counted(element["hasMember"]?.elements.count ?? 0, "result")
        }
        return words
    }

    /// Systolic and diastolic pressure as "120/80"; everything else as "name value unit".
    private func panel(_ parts: [JSONElement]) -> (value: String, unit: String) {
        func part(_ wanted: String) -> Int? {
            parts.firstIndex { part in
                (part["code"]?["coding"]?.elements ?? []).contains { coding in
                    coding["code"]?.string == wanted
                }
            }
        }
        var pressure: (value: String, unit: String)?
        var used: Set<Int> = []
        if let systolic = part("8480-6"), let diastolic = part("8462-4") {
            let upper = value(of: parts[systolic])
            let lower = value(of: parts[diastolic])
            if upper.unit == lower.unit, !upper.value.isEmpty, !lower.value.isEmpty {
                pressure = ("\(upper.value)/\(lower.value)", upper.unit)
                used = [systolic, diastolic]
            }
        }
        let others = parts.indices.filter { !used.contains($0) }.map { position in
            let finding = joined(value(of: parts[position]))
            let name = text(parts[position]["code"])
            return finding.isEmpty ? name : name.isEmpty ? finding : "\(name) \(finding)"
        }
        guard let pressure else { return (others.joined(separator: "; "), "") }
        if others.isEmpty { return pressure }
        return (([joined(pressure)] + others).joined(separator: "; "), "")
    }

    private func joined(_ finding: (value: String, unit: String)) -> String {
        finding.unit.isEmpty ? finding.value : "\(finding.value) \(finding.unit)"
    }

    /// The value[x] of an observation or of one of its components.
    private func value(of element: JSONElement) -> (value: String, unit: String) {
        for (name, value) in element.members where name.hasPrefix("value") {
            switch name {
            case "valueQuantity": return quantity(value)
            case "valueCodeableConcept": return (text(value), "")
            case "valueBoolean": return (value.bool.map { $0 ? "yes" : "no" } ?? "", "")
            case "valueRange":
                let low = quantity(value["low"])
                let high = quantity(value["high"])
                return ("\(low.value)–\(high.value)", low.unit.isEmpty ? high.unit : low.unit)
            case "valueRatio":
                return (
                    joined(quantity(value["numerator"])) + " : "
                        + joined(quantity(value["denominator"])), ""
                )
            case "valuePeriod":
                return (
                    (value["start"]?.string ?? "") + " – " + (value["end"]?.string ?? ""), ""
                )
            case "valueSampledData":
                let samples = value["data"]?.string?.split(separator: " ").count ?? 0
                return (counted(samples, "sample"), "")
            default: return (value.string ?? value.number ?? "", "")
            }
        }
        return (element["dataAbsentReason"].map { text($0) } ?? "", "")
    }

    private func quantity(_ quantity: JSONElement?) -> (value: String, unit: String) {
        guard let quantity, let number = quantity["value"]?.number else { return ("", "") }
        let comparator = quantity["comparator"]?.string ?? ""
        let unit = quantity["unit"]?.string ?? quantity["code"]?.string ?? ""
        return (comparator + number, FHIRResource.plainUnit(unit))
    }

    /// UCUM codes that people write otherwise; any other unit stays as it is.
    static func plainUnit(_ unit: String) -> String {
        switch unit {
        case "mm[Hg]": return "mmHg"
        case "Cel": return "°C"
        case "[degF]": return "°F"
        case "[lb_av]": return "lb"
        case "[in_i]": return "in"
        case "1", "{nominal}": return ""
        default: break
        }
        // A UCUM annotation: "{score}" is a score.
        if unit.hasPrefix("{"), unit.hasSuffix("}") { return String(unit.dropFirst().dropLast()) }
        return unit
    }
}

// MARK: - Other types

extension FHIRResource {
    private var person: Words {
        let name = element["name"]
        let first = name?.isArray == true ? name?.first : name
        let parts =
            (first?["given"]?.elements ?? []).compactMap(\.string)
            + [first?["family"]?.string].compactMap(\.self)
        let born = element["birthDate"]?.string.map { "born \($0)" }
        let facts = [element["gender"]?.string, born].compactMap(\.self)
        let spelled = first?["text"]?.string ?? parts.joined(separator: " ")
        return Words(
            what: spelled.isEmpty ? typeInWords : "\(typeInWords): \(spelled)",
            value: facts.joined(separator: ", "))
    }

    private var named: Words {
        let name = element["name"]?.string
        return Words(
            what: name.map { "\(typeInWords): \($0)" } ?? typeInWords,
            code: code(element["type"]), value: text(element["type"]))
    }

    private var medication: Words {
        let medicine = element["medicationCodeableConcept"] ?? element["medicationReference"]
        let instructions = element["dosageInstruction"] ?? element["dosage"]
        let dose = instructions?.isArray == true ? instructions?.first : instructions
        return about(medicine, value: dose?["text"]?.string ?? status)
    }

    private var encounter: Words {
        let about = about(element["type"], value: status)
        return about.what.isEmpty ? self.about(element["class"], value: status) : about
    }

    private var claim: Words {
        let items = (element["item"]?.elements ?? []).lazy.compactMap { item in
            item["productOrService"]
        }
        let about = items.first.map { self.about($0, value: "") }
        let type = text(element["type"])
        let name = self.type == "Claim" ? "Claim" : "Benefit"
        let subject = about?.what ?? ""
        let money = amount
        return Words(
            what: "\(name): \(subject.isEmpty ? type : subject)",
            code: about?.code ?? code(element["type"]),
            value: money.value.isEmpty ? status : money.value, unit: money.unit)
    }

    private var amount: (value: String, unit: String) {
        let total = element["total"]
        let sum =
            total?.isArray == true
            ? total?.first?["amount"] : total ?? element["payment"]?["amount"]
        guard let sum, let value = sum["value"]?.number else { return ("", "") }
        return (value, sum["currency"]?.string ?? sum["code"]?.string ?? "")
    }

    private var carePlan: Words {
        let category = (element["category"]?.elements ?? []).last
        let title = element["title"] ?? category ?? element["description"]
        let activities = list(element["activity"]) { text($0["detail"]?["code"]) }
        return Words(
            what: text(title), code: code(category),
            value: activities.isEmpty ? status : "\(status): \(activities)")
    }

    private var careTeam: Words {
        let about = about(element["name"] ?? element["category"], value: "")
        let members = counted(element["participant"]?.elements.count ?? 0, "member")
        return Words(
            what: about.what, code: about.code, value: members.isEmpty ? status : members)
    }

    private var goalState: String {
        [spaced(element["lifecycleStatus"]?.string), spaced(code(element["achievementStatus"]))]
            .filter { !$0.isEmpty }.joined(separator: ", ")
    }

    private var conclusion: String {
        if let conclusion = element["conclusion"]?.string { return conclusion }
        let coded = list(element["conclusionCode"]) { text($0) }
        if !coded.isEmpty { return coded }
        let results = counted(element["result"]?.elements.count ?? 0, "result")
        return results.isEmpty ? status : results
    }

    private var conditionState: String {
        let state = spaced(code(element["clinicalStatus"]))
        let certainty = spaced(code(element["verificationStatus"]))
        return [state, certainty == "confirmed" ? "" : certainty].filter { !$0.isEmpty }
            .joined(separator: ", ")
    }

    private var allergy: String {
        let reactions = list(element["reaction"]) { text($0["manifestation"]) }
        return [conditionState, reactions].filter { !$0.isEmpty }.joined(separator: ": ")
    }

    private var device: Words {
        let name = element["deviceName"]?.first?["name"] ?? element["type"]
        return Words(
            what: text(name), code: code(element["type"]), value: text(element["type"]))
    }

    private var imagingStudy: Words {
        let series = element["series"]?.elements ?? []
        let modality = text(series.first?["modality"] ?? element["modality"])
        let site = text(series.first?["bodySite"])
        let described = element["description"]?.string ?? text(element["procedureCode"])
        let pictured = site.isEmpty ? modality : "\(modality) of \(site)"
        let images = element["numberOfInstances"]?.number ?? ""
        let count = images.isEmpty ? "" : images == "1" ? "1 image" : "\(images) images"
        return Words(
            what: described.isEmpty ? pictured : described,
            code: code(element["procedureCode"]) ?? code(series.first?["modality"]),
            value: count.isEmpty ? counted(series.count, "series") : count)
    }

    private var supplyDelivery: Words {
        let item = element["suppliedItem"]
        let about = about(item?["itemCodeableConcept"] ?? item?["itemReference"], value: "")
        let amount = quantity(item?["quantity"])
        return Words(
            what: about.what, code: about.code, value: amount.value.isEmpty ? status : amount.value,
            unit: amount.unit)
    }

    private var provenance: Words {
        let about = about(element["activity"], value: "")
        return Words(
            what: about.what, code: about.code,
            value: counted(element["target"]?.elements.count ?? 0, "resource"))
    }

    private var familyHistory: Words {
        let conditions = list(element["condition"]) { text($0["code"]) }
        let relation = text(element["relationship"])
        return Words(
            what: relation.isEmpty ? "" : "Family history: \(relation)",
            code: code(element["relationship"]), value: conditions.isEmpty ? status : conditions)
    }

    private var sequence: Words {
        let kind = element["type"]?.string ?? ""
        let reference = element["referenceSeq"]?["referenceSeqId"]
        let variants = element["variant"]?.elements ?? []
        let change = variants.first.map { variant in
            let reference = variant["referenceAllele"]?.string ?? ""
            let observed = variant["observedAllele"]?.string ?? ""
            let start = variant["start"]?.number ?? ""
            return "\(reference)>\(observed) at \(start)"
        }
        let named = text(reference)
        return Words(
            what: "Sequence \(kind) \(named)", code: code(reference),
            value: variants.count > 1
                ? counted(variants.count, "variant") : change ?? "")
    }

    private var answers: Words {
        let name = element["questionnaire"]?.string.map { address in
            String(address.split(separator: "/").last ?? "")
        }
        let items = counted(element["item"]?.elements.count ?? 0, "item")
        return Words(
            what: name.map { "Questionnaire: \($0)" } ?? "", value: items.isEmpty ? status : items)
    }
}
